/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot/snapshot.h"

#include "mounts.h"
#include "tmpdir.h"

#include <sys/sysmacros.h>

#define MANY 120

/* A tmpfs with layers 0.. in it, and where they are put together. */
struct setup {
	struct tmpdir dir;
	int base_fd, target_fd, changes_fd;
	int layer_fds[MANY];
	size_t n;
	struct err err;
};

static void setup_done(struct setup *s)
{
	for (size_t i = 0; i < s->n; i++)
		closep(&s->layer_fds[i]);
	closep(&s->base_fd);
	closep(&s->target_fd);
	closep(&s->changes_fd);
	tmpdir_done(&s->dir);
}

#define auto_setup auto_cleanup(setup_done)

static int make_dir(int dir_fd, const char *name)
{
	return mkdirat(dir_fd, name, 0755) < 0
		       ? -1
		       : openat(dir_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Each layer has a file of its own, and `who` says which is the uppermost. */
static bool setup(struct setup *s, size_t n)
{
	tmpdir_make(&s->dir);
	if (!CHECK(mount("tmpfs", s->dir.path, "tmpfs", 0, NULL) == 0))
		return false;
	s->base_fd = open(s->dir.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->target_fd = make_dir(s->base_fd, "target");
	s->changes_fd = make_dir(s->base_fd, "changes");
	for (size_t i = 0; i < n; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%zu", i);
		s->layer_fds[i] = make_dir(s->base_fd, name);
		s->n++;
		if (!CHECK(tmpdir_put(s->layer_fds[i], name, "")) ||
		    !CHECK(tmpdir_put(s->layer_fds[i], "who", name)))
			return false;
	}
	return CHECK(s->target_fd >= 0) && CHECK(s->changes_fd >= 0);
}

static bool put_together(struct setup *s, bool read_only)
{
	const struct snapshot_request request = { s->layer_fds, s->n,
						  read_only ? -1 : s->changes_fd, 0, !read_only };
	int r = snapshot_mount(&request, s->target_fd, &s->err);

	if (r < 0)
		printf("# %s\n", s->err.msg);
	return CHECK(r == 0);
}

static bool reads(struct setup *s, const char *path, const char *want)
{
	auto_close int fd = openat(s->base_fd, path, O_RDONLY | O_CLOEXEC);
	char text[16] = "";

	return CHECK(fd >= 0) && CHECK(read(fd, text, sizeof(text) - 1) >= 0) &&
	       CHECK_STR(text, want);
}

static bool is_there(struct setup *s, const char *path)
{
	return faccessat(s->base_fd, path, F_OK, 0) == 0;
}

static bool the_uppermost_layer_wins(void)
{
	auto_setup struct setup s = { .base_fd = -1, .target_fd = -1, .changes_fd = -1 };

	return setup(&s, 3) && put_together(&s, false) && reads(&s, "target/who", "2") &&
	       CHECK(is_there(&s, "target/0")) && CHECK(is_there(&s, "target/2"));
}

static bool changes_go_to_their_place(void)
{
	auto_setup struct setup s = { .base_fd = -1, .target_fd = -1, .changes_fd = -1 };

	return setup(&s, 2) && put_together(&s, false) &&
	       CHECK(unlinkat(s.base_fd, "target/0", 0) == 0) &&
	       CHECK(mkdirat(s.base_fd, "target/new", 0755) == 0) &&
	       CHECK(is_there(&s, "changes/upper/new")) && CHECK(is_there(&s, "0/0")) &&
	       CHECK(!is_there(&s, "target/0"));
}

static bool without_a_place_nothing_changes(void)
{
	auto_setup struct setup s = { .base_fd = -1, .target_fd = -1, .changes_fd = -1 };

	return setup(&s, 2) && put_together(&s, true) && reads(&s, "target/who", "1") &&
	       CHECK(mkdirat(s.base_fd, "target/new", 0755) < 0) && CHECK(errno == EROFS);
}

static bool a_whiteout_hides(void)
{
	auto_setup struct setup s = { .base_fd = -1, .target_fd = -1, .changes_fd = -1 };

	return setup(&s, 2) &&
	       CHECK(mknodat(s.base_fd, "1/0", S_IFCHR | 0600, makedev(0, 0)) == 0) &&
	       put_together(&s, false) && CHECK(!is_there(&s, "target/0"));
}

/* More than an option of fsconfig(2) is long. */
static bool a_hundred_layers_are_no_obstacle(void)
{
	auto_setup struct setup s = { .base_fd = -1, .target_fd = -1, .changes_fd = -1 };

	return setup(&s, MANY) && put_together(&s, false) && reads(&s, "target/who", "119") &&
	       CHECK(is_there(&s, "target/0"));
}

/* overlayfs wants two. */
static bool one_alone_is_shown_as_it_is_but_read_only(void)
{
	auto_setup struct setup s = { .base_fd = -1, .target_fd = -1, .changes_fd = -1 };

	return setup(&s, 1) && put_together(&s, true) && reads(&s, "target/who", "0") &&
	       CHECK(mkdirat(s.base_fd, "target/new", 0755) < 0 && errno == EROFS);
}

static bool what_can_not_be_done_is_said(void)
{
	auto_setup struct setup s = { .base_fd = -1, .target_fd = -1, .changes_fd = -1 };
	struct snapshot_request request = { s.layer_fds, 2, -1, 0, false };

	if (!setup(&s, 2))
		return false;
	s.layer_fds[0] = open("/proc/self/status", O_PATH | O_CLOEXEC);
	return CHECK(snapshot_mount(&request, s.target_fd, &s.err) < 0) &&
	       CHECK(strstr(s.err.msg, "overlay: put the layers together: ") == s.err.msg);
}

int main(void)
{
	TEST_MOUNTS(the_uppermost_layer_wins);
	TEST_MOUNTS(changes_go_to_their_place);
	TEST_MOUNTS(without_a_place_nothing_changes);
	TEST_MOUNTS(a_whiteout_hides);
	TEST_MOUNTS(a_hundred_layers_are_no_obstacle);
	TEST_MOUNTS(one_alone_is_shown_as_it_is_but_read_only);
	TEST_MOUNTS(what_can_not_be_done_is_said);
	return tap_done();
}
