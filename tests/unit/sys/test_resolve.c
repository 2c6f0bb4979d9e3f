/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory `outside` beside the directory `root` must stay empty whatever the root holds. That
 * the race below is one is shown by a naive walk, which loses it.
 */
#include "sys/resolve.h"

#include "tap.h"
#include "tmpdir.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

struct place {
	struct tmpdir dir;
	int root_fd, outside_fd;
};

#define auto_place auto_cleanup(place_done)

static bool place_make(struct place *place)
{
	place->root_fd = place->outside_fd = -1;
	tmpdir_make(&place->dir);
	if (place->dir.fd < 0 || mkdirat(place->dir.fd, "root", 0755) < 0 ||
	    mkdirat(place->dir.fd, "outside", 0755) < 0)
		return false;
	place->root_fd = openat(place->dir.fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	place->outside_fd = openat(place->dir.fd, "outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return place->root_fd >= 0 && place->outside_fd >= 0;
}

static void place_done(struct place *place)
{
	closep(&place->root_fd);
	closep(&place->outside_fd);
	tmpdir_done(&place->dir);
}

#define PLACE(it)                    \
	auto_place struct place it;  \
	if (!CHECK(place_make(&it))) \
	return false

static bool is_outside_empty(const struct place *place)
{
	DIR *stream = fdopendir(fcntl(place->outside_fd, F_DUPFD_CLOEXEC, 3));
	const struct dirent *entry;
	bool empty = stream != NULL;

	if (!stream)
		return false;
	rewinddir(stream);
	while ((entry = readdir(stream)))
		empty &= entry->d_name[0] == '.';
	(void)closedir(stream);
	return empty;
}

/* The result, closed again; does it lie at `name` in the root? */
static bool lies_at(const struct place *place, int fd, const char *name)
{
	bool ok = tmpdir_is(fd, place->root_fd, name);

	if (fd < 0)
		printf("# not '%s' but: %s\n", name, strerror(-fd));
	closep(&fd);
	return ok;
}

#define OPENS(path, name) CHECK(lies_at(&p, resolve_open(p.root_fd, path, O_PATH), name))
#define MAKES_DIR(path, name) CHECK(lies_at(&p, resolve_ensure_dir(p.root_fd, path), name))
#define MAKES_FILE(path, name) CHECK(lies_at(&p, resolve_ensure_file(p.root_fd, path), name))
#define LINK(name, target) CHECK(symlinkat(target, p.root_fd, name) == 0)
#define DIRECTORY(name) CHECK(mkdirat(p.root_fd, name, 0755) == 0)

static bool links_are_followed_as_inside_the_root(void)
{
	PLACE(p);
	return DIRECTORY("a") && DIRECTORY("a/b") && CHECK(tmpdir_put(p.root_fd, "a/f", "")) &&
	       LINK("absolute", "/a/b") && LINK("relative", "a/b") && LINK("a/up", "../a/f") &&
	       LINK("chain1", "chain2") && LINK("chain2", "/chain3") && LINK("chain3", "a/up") &&
	       OPENS("absolute", "a/b") && OPENS("/relative", "a/b") && OPENS("a/up", "a/f") &&
	       OPENS("chain1", "a/f") && OPENS("//a///b/.", "a/b") && OPENS("absolute/../f", "a/f");
}

static bool dots_end_at_the_root(void)
{
	PLACE(p);
	return DIRECTORY("a") && LINK("out", "../../../../../../outside") && LINK("up", "..") &&
	       LINK("abs", p.dir.path) && OPENS("..", ".") && OPENS("../../a", "a") &&
	       OPENS("up/up/up/a", "a") &&
	       CHECK(resolve_open(p.root_fd, "out", O_PATH) == -ENOENT) &&
	       CHECK(resolve_open(p.root_fd, "abs/outside", O_PATH) == -ENOENT) &&
	       CHECK(resolve_open(p.root_fd, "../outside", O_PATH) == -ENOENT);
}

static bool loops_are_refused(void)
{
	PLACE(p);
	return LINK("self", "self") && LINK("a", "b") && LINK("b", "/a") && LINK("x", "y/n") &&
	       LINK("y", "x/n") && CHECK(resolve_open(p.root_fd, "self", O_PATH) == -ELOOP) &&
	       CHECK(resolve_ensure_dir(p.root_fd, "a") == -ELOOP) &&
	       CHECK(resolve_ensure_file(p.root_fd, "a") == -ELOOP) &&
	       CHECK(resolve_ensure_dir(p.root_fd, "x/deeper") == -ELOOP) &&
	       CHECK(resolve_ensure_file(p.root_fd, "self/deeper") == -ELOOP);
}

static bool magic_links_are_refused(void)
{
	auto_close int self_fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return CHECK(self_fd >= 0) && CHECK(resolve_open(self_fd, "root", O_PATH) == -ELOOP) &&
	       CHECK(resolve_open(self_fd, "cwd/x", O_PATH) == -ELOOP) &&
	       CHECK(resolve_open(self_fd, "exe", O_RDONLY) == -ELOOP) &&
	       CHECK(resolve_open(self_fd, "fd/0", O_PATH) == -ELOOP) &&
	       CHECK(resolve_ensure_dir(self_fd, "root/tmp") == -ELOOP) &&
	       CHECK(resolve_ensure_file(self_fd, "cwd/x") == -ELOOP);
}

static bool missing_directories_are_made(void)
{
	PLACE(p);
	return MAKES_DIR("/a/b/c", "a/b/c") && MAKES_DIR("a/b/c", "a/b/c") && MAKES_DIR("/", ".") &&
	       MAKES_DIR("new/../other//x/", "other/x") && MAKES_DIR("../../up", "up") &&
	       CHECK(tmpdir_put(p.root_fd, "file", "")) &&
	       CHECK(resolve_ensure_dir(p.root_fd, "file") == -ENOTDIR) &&
	       CHECK(resolve_ensure_dir(p.root_fd, "file/x") == -ENOTDIR) &&
	       CHECK(is_outside_empty(&p));
}

static bool directories_behind_dangling_links_are_made_inside(void)
{
	char inside[300];

	PLACE(p);
	(void)snprintf(inside, sizeof(inside), "%s/outside", p.dir.path + 1);
	return DIRECTORY("d") && LINK("absolute", "/gone/deep") &&
	       LINK("d/relative", "../went/x") &&
	       LINK("chain", "/link2") && LINK("link2", "far/away") &&
	       LINK("out", "../../outside/x") && LINK("abs_out", p.dir.path) &&
	       MAKES_DIR("absolute", "gone/deep") && MAKES_DIR("d/relative/y", "went/x/y") &&
	       MAKES_DIR("chain/z", "far/away/z") && MAKES_DIR("out", "outside/x") &&
	       MAKES_DIR("abs_out/outside", inside) && CHECK(is_outside_empty(&p));
}

static bool files_behind_dangling_links_are_made_inside(void)
{
	PLACE(p);
	return DIRECTORY("etc") && LINK("etc/resolv.conf", "../run/systemd/stub.conf") &&
	       LINK("absolute", "/made") && LINK("deep", "/not/yet/made") &&
	       LINK("chain", "chain2") && LINK("chain2", "etc/chain3") &&
	       LINK("etc/chain3", "there") && LINK("out", "../../outside/file") &&
	       MAKES_FILE("absolute", "made") && MAKES_FILE("deep", "not/yet/made") &&
	       MAKES_FILE("chain", "etc/there") &&
	       MAKES_FILE("/etc/resolv.conf", "run/systemd/stub.conf") &&
	       MAKES_FILE("out", "outside/file") && CHECK(is_outside_empty(&p));
}

static bool missing_files_are_made_and_others_left_alone(void)
{
	struct stat st;

	PLACE(p);
	return MAKES_FILE("a/b/f", "a/b/f") && CHECK(fstatat(p.root_fd, "a/b/f", &st, 0) == 0) &&
	       CHECK(S_ISREG(st.st_mode) && st.st_size == 0) &&
	       CHECK(tmpdir_put(p.root_fd, "kept", "words")) && MAKES_FILE("kept", "kept") &&
	       CHECK(fstatat(p.root_fd, "kept", &st, 0) == 0) && CHECK(st.st_size == 5) &&
	       MAKES_FILE("a", "a") && CHECK(mkfifoat(p.root_fd, "fifo", 0600) == 0) &&
	       MAKES_FILE("fifo", "fifo") &&
	       CHECK(resolve_ensure_file(p.root_fd, "kept/x") == -ENOTDIR) &&
	       CHECK(resolve_ensure_file(p.root_fd, "new/") == -EINVAL);
}

static bool a_parent_has_a_last_name(void)
{
	const char *name = "";

	PLACE(p);
	return CHECK(lies_at(&p, resolve_ensure_parent(p.root_fd, "/dev/null", &name), "dev")) &&
	       CHECK_STR(name, "null") &&
	       CHECK(lies_at(&p, resolve_ensure_parent(p.root_fd, "plain", &name), ".")) &&
	       CHECK_STR(name, "plain") &&
	       CHECK(resolve_ensure_parent(p.root_fd, "/a/..", &name) == -EINVAL) &&
	       CHECK(resolve_ensure_parent(p.root_fd, "a/.", &name) == -EINVAL) &&
	       CHECK(resolve_ensure_parent(p.root_fd, "/", &name) == -EINVAL) &&
	       CHECK(resolve_ensure_parent(p.root_fd, "", &name) == -EINVAL);
}

static bool names_too_long_are_refused_not_cut(void)
{
	char fits[NAME_MAX + 1], name[NAME_MAX + 2], below[NAME_MAX + 32], path[PATH_MAX + 8];

	PLACE(p);
	memset(name, 'n', NAME_MAX + 1);
	name[NAME_MAX + 1] = '\0';
	memcpy(fits, name, NAME_MAX);
	fits[NAME_MAX] = '\0';
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 2 ? '/' : 'a';
	path[sizeof(path) - 1] = '\0';
	(void)snprintf(below, sizeof(below), "missing/%s/x", name);
	return MAKES_DIR(fits, fits) &&
	       CHECK(resolve_ensure_dir(p.root_fd, name) == -ENAMETOOLONG) &&
	       CHECK(resolve_ensure_dir(p.root_fd, below) == -ENAMETOOLONG) &&
	       CHECK(resolve_ensure_file(p.root_fd, below) == -ENAMETOOLONG) &&
	       CHECK(resolve_ensure_dir(p.root_fd, path) == -ENAMETOOLONG) &&
	       CHECK(resolve_ensure_file(p.root_fd, path) == -ENAMETOOLONG);
}

static bool descriptors_are_closed_on_exec_and_none_is_lost(void)
{
	int before, after, fd;

	PLACE(p);
	before = fcntl(p.root_fd, F_DUPFD_CLOEXEC, 3);
	(void)close(before);
	fd = resolve_ensure_file(p.root_fd, "a/b/c");
	if (!CHECK(fd >= 0) || !CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC) || !LINK("l", "l"))
		return false;
	(void)close(fd);
	fd = resolve_ensure_dir(p.root_fd, "x/y/z");
	(void)close(fd);
	(void)resolve_ensure_dir(p.root_fd, "l/y/z");
	(void)resolve_ensure_file(p.root_fd, "a/b/c/d");
	(void)resolve_ensure_file(p.root_fd, "l");
	after = fcntl(p.root_fd, F_DUPFD_CLOEXEC, 3);
	(void)close(after);
	return CHECK(after == before);
}

/* ------------------------------------------------------------------------------ the race */

/* A process that exchanges the directory `root/d` with the link `root/l` until it is killed. */
static pid_t start_exchanging(const struct place *place)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		(void)renameat2(place->root_fd, "d", place->root_fd, "l", RENAME_EXCHANGE);
}

static void stop_exchanging(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* On one CPU the other process would seldom come between two calls. */
static void give_way(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 1 }, NULL);
}

/* Looks whether it is a directory, then uses it: one make at "d/NAME". */
static void make_naively(const struct place *place, const char *name)
{
	struct stat st;

	if (fstatat(place->root_fd, "d", &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return;
	give_way();
	(void)mkdirat(place->root_fd, name, 0755);
	give_way();
}

static void make_resolved(const struct place *place, const char *name)
{
	char file[64];
	int fd = resolve_ensure_dir(place->root_fd, name);

	closep(&fd);
	(void)snprintf(file, sizeof(file), "d/deep/%s/file", name + 2);
	fd = resolve_ensure_file(place->root_fd, file);
	closep(&fd);
	fd = resolve_ensure_file(place->root_fd, "d/../d/file");
	closep(&fd);
}

/* Make things until something is outside, or `limit_s` is over. Returns whether nothing is. */
static bool race(const struct place *place, double limit_s,
		 void (*make)(const struct place *place, const char *name))
{
	double end = now_s() + limit_s;
	pid_t pid = start_exchanging(place);
	bool empty = pid > 0;
	char name[32];

	for (unsigned i = 0; pid > 0 && now_s() < end && empty; i++) {
		(void)snprintf(name, sizeof(name), "d/%u", i % 500);
		make(place, name);
		(void)unlinkat(place->root_fd, name, AT_REMOVEDIR);
		if (i % 64 == 0)
			empty = is_outside_empty(place);
	}
	if (pid > 0)
		stop_exchanging(pid);
	return empty && is_outside_empty(place);
}

static bool a_directory_exchanged_with_a_relative_link_leads_nowhere(void)
{
	PLACE(p);
	return DIRECTORY("d") && LINK("l", "../outside") && CHECK(race(&p, 0.7, make_resolved));
}

static bool a_directory_exchanged_with_an_absolute_link_leads_nowhere(void)
{
	char target[300];

	PLACE(p);
	(void)snprintf(target, sizeof(target), "%s/outside", p.dir.path);
	return DIRECTORY("d") && LINK("l", target) && CHECK(race(&p, 0.7, make_resolved));
}

static bool a_naive_walk_loses_the_race(void)
{
	PLACE(p);
	return DIRECTORY("d") && LINK("l", "../outside") && CHECK(!race(&p, 20, make_naively));
}

int main(void)
{
	TEST(links_are_followed_as_inside_the_root);
	TEST(dots_end_at_the_root);
	TEST(loops_are_refused);
	TEST(magic_links_are_refused);
	TEST(missing_directories_are_made);
	TEST(directories_behind_dangling_links_are_made_inside);
	TEST(files_behind_dangling_links_are_made_inside);
	TEST(missing_files_are_made_and_others_left_alone);
	TEST(a_parent_has_a_last_name);
	TEST(names_too_long_are_refused_not_cut);
	TEST(descriptors_are_closed_on_exec_and_none_is_lost);
	TEST(a_directory_exchanged_with_a_relative_link_leads_nowhere);
	TEST(a_directory_exchanged_with_an_absolute_link_leads_nowhere);
	TEST(a_naive_walk_loses_the_race);
	return tap_done();
}
