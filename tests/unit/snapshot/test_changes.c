/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was changed, as overlayfs itself leaves it: each claim changes a root that was put together
 * and compares what is read back from its upper directory.
 */
#include "snapshot/changes.h"

#include "base/buf.h"
#include "mounts.h"
#include "snapshot/snapshot.h"
#include "sys/overlayfs.h"
#include "tmpdir.h"

struct setup {
	struct tmpdir dir;
	int base_fd, changes_fd, layer_fds[2];
	struct err err;
};

static void setup_done(struct setup *s)
{
	(void)!chdir("/");
	closep(&s->base_fd);
	closep(&s->changes_fd);
	closep(&s->layer_fds[0]);
	closep(&s->layer_fds[1]);
	tmpdir_done(&s->dir);
}

#define auto_setup auto_cleanup(setup_done)

static int open_dir(int dir_fd, const char *name)
{
	return openat(dir_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool shell(const char *script)
{
	auto_buf struct buf line = {};

	buf_printf(&line, "set -e; %s", script);
	return system(line.data) == 0;
}

/* Two layers that `make` fills, in 0 and 1; a directory 1/opaque is. Then `change` is done in the
 * root. */
static bool changed(struct setup *s, const char *make, const char *change)
{
	struct snapshot_request request = { s->layer_fds, 2, -1, 0, true };
	auto_close int target_fd = -1;

	s->base_fd = s->changes_fd = s->layer_fds[0] = s->layer_fds[1] = -1;
	tmpdir_make(&s->dir);
	if (!CHECK(mount("tmpfs", s->dir.path, "tmpfs", 0, NULL) == 0) ||
	    !CHECK(chdir(s->dir.path) == 0) || !CHECK(shell("mkdir 0 1 changes root")) ||
	    !CHECK(shell(make)))
		return false;
	s->base_fd = open_dir(AT_FDCWD, s->dir.path);
	s->changes_fd = request.changes_fd = open_dir(s->base_fd, "changes");
	s->layer_fds[0] = open_dir(s->base_fd, "0");
	s->layer_fds[1] = open_dir(s->base_fd, "1");
	target_fd = open_dir(s->base_fd, "root");
	(void)overlayfs_make_opaque(s->layer_fds[1], "opaque", OVERLAYFS_TRUSTED);
	if (!CHECK(snapshot_mount(&request, target_fd, &s->err) == 0))
		return false;
	return CHECK(fchdir(s->base_fd) == 0) && CHECK(chdir("root") == 0) &&
	       CHECK(shell(change)) && CHECK(chdir("..") == 0);
}

static bool changes_are(struct setup *s, int changes_fd, const char *want)
{
	const struct changes_request request = { changes_fd, s->layer_fds, 2 };
	auto_arena struct arena arena = {};
	auto_buf struct buf text = {};
	struct changes changes = {};
	int r = changes_read(&request, &arena, &changes, &s->err);

	if (r < 0)
		printf("# %s\n", s->err.msg);
	for (size_t i = 0; i < changes.n; i++)
		buf_printf(&text, "%c %s\n", "CAD"[changes.v[i].kind], changes.v[i].path);
	return CHECK(r == 0) && CHECK_STR(buf_str(&text), want);
}

/* "C /etc\nA /etc/x\n"; a copy of the root says the same as the upper directory. */
static bool says(struct setup *s, const char *want)
{
	auto_close int copied_fd = -1;

	if (!changes_are(s, s->changes_fd, want) ||
	    !CHECK(shell("mkdir copied && cp -a root copied/copy")))
		return false;
	copied_fd = open_dir(s->base_fd, "copied");
	return changes_are(s, copied_fd, want);
}

static bool what_was_added_modified_and_deleted_is_told(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir -p 0/etc 0/bin 1/etc; echo a >0/etc/a; echo b >1/etc/b;"
			   "echo >0/bin/x",
		       "echo >etc/new; echo c >>etc/a; rm etc/b bin/x; mkdir -p srv/www") &&
	       says(&s, "C /bin\nD /bin/x\nC /etc\nC /etc/a\nD /etc/b\nA /etc/new\nA /srv\n"
			"A /srv/www\n");
}

static bool nothing_is_nothing(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir 0/etc", ":") && says(&s, "");
}

static bool one_never_mounted_has_no_changes(void)
{
	const struct changes_request request = { -1, NULL, 0 };
	struct changes changes = { NULL, 1 };
	auto_arena struct arena arena = {};
	struct err err = {};
	int fd = 0;

	return CHECK(changes_read(&request, &arena, &changes, &err) == 0) &&
	       CHECK(changes.n == 0) && CHECK(changes_open(-1, &fd, &err) == 0) && CHECK(fd == -1);
}

static bool what_came_and_went_is_no_change(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir -p 0/tmp/deep; touch -d @1000 0/tmp/deep",
		       "echo >tmp/deep/x; rm tmp/deep/x") &&
	       says(&s, "");
}

static bool what_was_opened_and_not_written_is_no_change(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir 0/d; echo >0/d/f; echo >0/d/g", ": >>d/f; touch -d @9 d/g") &&
	       says(&s, "C /d\nC /d/g\n");
}

static bool a_directory_changes_by_its_mode_and_owner(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir 0/a 0/b 1/a", "chmod 700 a; chown 7 b") &&
	       says(&s, "C /a\nC /b\n");
}

/* One layer's whiteout hides what the one below it has. */
static bool what_a_layer_hid_is_added_anew(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir -p 0/d 0/opaque 1/d 1/opaque; echo >0/d/x; echo >0/opaque/x;"
			   "mknod 1/d/x c 0 0",
		       "echo >d/x; echo >opaque/x") &&
	       says(&s, "C /d\nA /d/x\nC /opaque\nA /opaque/x\n");
}

static bool a_directory_made_again_tells_what_it_lost(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir -p 0/d/sub/deep 0/d/gone 1/d; echo >0/d/sub/x; echo >0/d/a;"
			   "echo >1/d/b; echo >1/d/c; echo >0/d/gone/x",
		       "rm -r d; mkdir -p d/sub; echo >d/b; echo >d/new; echo >d/sub/x") &&
	       says(&s, "C /d\nD /d/a\nC /d/b\nD /d/c\nD /d/gone\nA /d/new\nC /d/sub\n"
			"D /d/sub/deep\nC /d/sub/x\n");
}

/* Linux marks such a directory as opaque, to have less to look up. */
static bool a_new_directory_lost_nothing(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir 0/d", "mkdir -p d/new/sub; echo >d/new/x") &&
	       says(&s, "C /d\nA /d/new\nA /d/new/sub\nA /d/new/x\n");
}

static bool what_changed_its_kind_is_modified(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir -p 0/dir/sub; echo >0/file; ln -s dir 0/link",
		       "rm -r dir; echo >dir; rm file link; mkdir file link; echo >link/x") &&
	       says(&s, "C /dir\nC /file\nC /link\nA /link/x\n");
}

/* A link of a layer leads nowhere: neither out of it, nor to what is beside it. */
static bool links_of_layers_are_not_followed(void)
{
	auto_setup struct setup s = {};

	return changed(&s, "mkdir -p 0/real; echo >0/real/x; ln -s real 0/link; ln -s /etc 0/out",
		       "rm link out; mkdir link out; echo >link/x; echo >out/passwd") &&
	       says(&s, "C /link\nA /link/x\nC /out\nA /out/passwd\n");
}

static bool the_order_is_that_of_paths(void)
{
	auto_setup struct setup s = {};

	return changed(&s, ":", "mkdir a a-b; echo >a/x; echo >a-b/y; echo >a0") &&
	       says(&s, "A /a\nA /a-b\nA /a-b/y\nA /a/x\nA /a0\n");
}

int main(void)
{
	TEST(one_never_mounted_has_no_changes);
	TEST_MOUNTS(what_was_added_modified_and_deleted_is_told);
	TEST_MOUNTS(nothing_is_nothing);
	TEST_MOUNTS(what_came_and_went_is_no_change);
	TEST_MOUNTS(what_was_opened_and_not_written_is_no_change);
	TEST_MOUNTS(a_directory_changes_by_its_mode_and_owner);
	TEST_MOUNTS(what_a_layer_hid_is_added_anew);
	TEST_MOUNTS(a_directory_made_again_tells_what_it_lost);
	TEST_MOUNTS(a_new_directory_lost_nothing);
	TEST_MOUNTS(what_changed_its_kind_is_modified);
	TEST_MOUNTS(links_of_layers_are_not_followed);
	TEST_MOUNTS(the_order_is_that_of_paths);
	return tap_done();
}
