/* SPDX-License-Identifier: Apache-2.0 */
/* A directory stands in for the filesystem, which few machines have. It makes no files by itself.
 */
#include "sys/resctrl.h"

#include "base/cleanup.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/tare-test-resctrl.XXXXXX";
static int root_fd = -1;

static bool put(const char *path, const char *text)
{
	auto_close int fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return CHECK(fd >= 0) && CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static bool says(const char *path, const char *want)
{
	auto_close int fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC);
	char text[256] = "";

	return CHECK(fd >= 0) && CHECK(read(fd, text, sizeof(text) - 1) >= 0) &&
	       CHECK_STR(text, want);
}

static bool exists(const char *path)
{
	return faccessat(root_fd, path, F_OK, 0) == 0;
}

static bool make_class(void)
{
	(void)mkdirat(root_fd, "gold", 0700);
	(void)mkdirat(root_fd, "gold/mon_groups", 0700);
	return put("gold/tasks", "") &&
	       put("gold/schemata", "    L3:0=00ff;1=0f0\n    MB:0= 20;1=100\n");
}

static bool a_class_that_agrees_is_joined(void)
{
	char *lines[] = { (char *)"L3:1=f0" };
	const struct resctrl_group group = { .clos_id = "gold",
					     .container_id = "c1",
					     .l3_cache_schema = "L3:0=ff;1=0f0",
					     .schemata = lines,
					     .n_schemata = 1 };
	struct resctrl_made made;
	struct err err = {};

	return make_class() && CHECK(resctrl_create(root_fd, &group, &made, &err) == 0) &&
	       CHECK(!made.clos && !made.monitor) &&
	       CHECK(resctrl_add_pid(root_fd, &group, 4711, &err) == 0) &&
	       says("gold/tasks", "4711\n") &&
	       CHECK(resctrl_remove(root_fd, &group, made, &err) == 0) && CHECK(exists("gold"));
}

static bool refuses(const char *l3, const char *mb, const char *words)
{
	const struct resctrl_group group = { .clos_id = "gold",
					     .container_id = "c1",
					     .l3_cache_schema = l3,
					     .mem_bw_schema = mb };
	struct resctrl_made made;
	struct err err = {};

	return CHECK(resctrl_create(root_fd, &group, &made, &err) == -EEXIST) &&
	       CHECK_STR(err.msg, words);
}

static bool a_class_that_has_something_else_is_refused(void)
{
	return make_class() &&
	       refuses("L3:0=f", NULL,
		       "l3CacheSchema: the class exists and has something else than 'L3:0=f'") &&
	       refuses("L3:2=ff", NULL,
		       "l3CacheSchema: the class exists and has something else than 'L3:2=ff'") &&
	       refuses(NULL, "MB:0=2",
		       "memBwSchema: the class exists and has something else than 'MB:0=2'") &&
	       refuses(NULL, "MB",
		       "memBwSchema: the class exists and has something else than 'MB'");
}

static bool without_schemas_the_class_must_exist(void)
{
	const struct resctrl_group group = { .clos_id = "none", .container_id = "c1" };
	struct resctrl_made made;
	struct err err = {};

	return CHECK(resctrl_create(root_fd, &group, &made, &err) == -ENOENT) &&
	       CHECK_STR(err.msg,
			 "closID: there is no class 'none', and no schema to make it with");
}

static bool a_class_that_cannot_be_filled_is_removed(void)
{
	const struct resctrl_group group = { .container_id = "c2", .mem_bw_schema = "MB:0=10" };
	struct resctrl_made made = {};
	struct err err = {};

	(void)mkdirat(root_fd, "info", 0700);
	return put("info/last_cmd_status", "unknown schema\n") &&
	       CHECK(resctrl_create(root_fd, &group, &made, &err) == -ENOENT) &&
	       CHECK_STR(err.msg, "write the schema 'MB:0=10': the kernel says 'unknown schema': "
				  "no such file or directory") &&
	       CHECK(!made.clos) && CHECK(!exists("c2"));
}

static bool a_class_without_schemas_bears_the_containers_name(void)
{
	const struct resctrl_group group = { .container_id = "c3" };
	struct resctrl_made made;
	struct err err = {};

	return CHECK(resctrl_create(root_fd, &group, &made, &err) == 0) && CHECK(made.clos) &&
	       CHECK(exists("c3")) && CHECK(resctrl_remove(root_fd, &group, made, &err) == 0) &&
	       CHECK(!exists("c3")) && CHECK(resctrl_remove(root_fd, &group, made, &err) == 0);
}

static bool monitoring_groups_come_and_go(void)
{
	const struct resctrl_group group = { .clos_id = "gold",
					     .container_id = "c4",
					     .l3_cache_schema = "L3:0=ff",
					     .monitor = true };
	struct resctrl_made made;
	struct err err = {};

	return make_class() && CHECK(resctrl_create(root_fd, &group, &made, &err) == 0) &&
	       CHECK(!made.clos && made.monitor) && CHECK(exists("gold/mon_groups/c4")) &&
	       put("gold/mon_groups/c4/tasks", "") &&
	       CHECK(resctrl_add_pid(root_fd, &group, 7, &err) == 0) &&
	       says("gold/mon_groups/c4/tasks", "7\n") &&
	       CHECK(unlinkat(root_fd, "gold/mon_groups/c4/tasks", 0) == 0) &&
	       CHECK(resctrl_remove(root_fd, &group, made, &err) == 0) &&
	       CHECK(!exists("gold/mon_groups/c4")) && CHECK(exists("gold"));
}

static bool names_that_are_none_are_refused(void)
{
	static const char *const bad[] = { ".", "..", "a/b", "/a", "info", "mon_groups", "a\nb" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct resctrl_group group = { .clos_id = bad[i], .container_id = "c" };
		struct resctrl_made made;
		struct err err = {};

		if (!CHECK(resctrl_create(root_fd, &group, &made, &err) == -EINVAL))
			return false;
	}
	return true;
}

static bool a_machine_without_resctrl_says_so(void)
{
	auto_close int fd = -1;
	struct err err = {};

	return CHECK(resctrl_open(&fd, &err) == -ENOTSUP) &&
	       CHECK_STR(err.msg, "no resctrl filesystem is mounted on this kernel");
}

static void clean(void)
{
	static const char *const files[] = { "gold/tasks", "gold/schemata",
					     "info/last_cmd_status" };
	static const char *const dirs[] = { "gold/mon_groups", "gold", "info" };

	for (size_t i = 0; i < 3; i++)
		(void)unlinkat(root_fd, files[i], 0);
	for (size_t i = 0; i < 3; i++)
		(void)unlinkat(root_fd, dirs[i], AT_REMOVEDIR);
	(void)rmdir(dir);
}

int main(void)
{
	struct err err = {};
	int fd = -1;

	if (!mkdtemp(dir) || (root_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return 1;
	TEST(a_class_that_agrees_is_joined);
	TEST(a_class_that_has_something_else_is_refused);
	TEST(without_schemas_the_class_must_exist);
	TEST(a_class_that_cannot_be_filled_is_removed);
	TEST(a_class_without_schemas_bears_the_containers_name);
	TEST(monitoring_groups_come_and_go);
	TEST(names_that_are_none_are_refused);
	if (resctrl_open(&fd, &err) == 0)
		SKIP(a_machine_without_resctrl_says_so, "this machine has it");
	else
		TEST(a_machine_without_resctrl_says_so);
	closep(&fd);
	clean();
	return tap_done();
}
