/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each option means is written here a second time, as mount(8) and the runtime specification
 * say it, and compared with the table; an option that is only there fails the test.
 */
#include "rt/mount_options.h"

#include "mounts.h"

#include <linux/mount.h>
#include <sys/statvfs.h>

#define MAX_OPTIONS 8

static bool parse(struct arena *arena, const char *const *words, struct mount_options *ret)
{
	struct oci_strings list = { .v = arena_array(arena, char *, MAX_OPTIONS + 1) };
	struct err err = {};

	for (; words[list.n]; list.n++)
		list.v[list.n] = arena_strdup(arena, words[list.n]);
	return CHECK(mount_options_parse(&list, arena, ret, &err) == 0);
}

#define PARSE(ret, ...) parse(&arena, (const char *const[]){ __VA_ARGS__, NULL }, ret)

/* An attribute that an option switches on, and the option that switches it off. */
static const struct {
	const char *on, *off;
	uint64_t attr;
} switches[] = {
	{ "ro", "rw", MOUNT_ATTR_RDONLY },
	{ "nosuid", "suid", MOUNT_ATTR_NOSUID },
	{ "nodev", "dev", MOUNT_ATTR_NODEV },
	{ "noexec", "exec", MOUNT_ATTR_NOEXEC },
	{ "nodiratime", "diratime", MOUNT_ATTR_NODIRATIME },
	{ "nosymfollow", "symfollow", MOUNT_ATTR_NOSYMFOLLOW },
};

static const struct {
	const char *name;
	uint64_t attr;
} atimes[] = {
	{ "noatime", MOUNT_ATTR_NOATIME },	   { "atime", MOUNT_ATTR_RELATIME },
	{ "relatime", MOUNT_ATTR_RELATIME },	   { "norelatime", MOUNT_ATTR_STRICTATIME },
	{ "strictatime", MOUNT_ATTR_STRICTATIME }, { "nostrictatime", MOUNT_ATTR_RELATIME },
};

static const struct {
	const char *name;
	uint64_t flag;
} propagations[] = {
	{ "shared", MS_SHARED },
	{ "slave", MS_SLAVE },
	{ "private", MS_PRIVATE },
	{ "unbindable", MS_UNBINDABLE },
};

/* The superblock's own, which the kernel knows by name, and what changes nothing. */
static const char *const flags[] = { "sync", "async", "dirsync", "lazytime", "nolazytime" };
static const char *const others[] = { "defaults", "bind",  "rbind",  "tmpcopyup",  "idmap",
				      "ridmap",	  "mand",  "nomand", "silent",	   "loud",
				      "iversion", "noiversion" };

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* The same for options of the mount itself and, with an "r" before, of those below it as well. */
static bool check_attr(const char *name, bool rec, uint64_t set, uint64_t clear)
{
	auto_arena struct arena arena = {};
	struct mount_options o;

	return PARSE(&o, arena_printf(&arena, "%s%s", rec ? "r" : "", name)) &&
	       CHECK((rec ? o.set_rec : o.set) == set) && CHECK((rec ? o.set : o.set_rec) == 0) &&
	       CHECK((rec ? o.clear_rec : o.clear) == clear) &&
	       CHECK((rec ? o.clear : o.clear_rec) == 0) && CHECK(o.n_params == 0) &&
	       CHECK(!o.propagation && !o.is_bind && !o.copy_up && !o.idmap);
}

static bool switches_set_or_clear_their_attribute(void)
{
	for (size_t i = 0; i < 2 * N(switches); i++)
		if (!check_attr(switches[i / 2].on, i % 2, switches[i / 2].attr, 0) ||
		    !check_attr(switches[i / 2].off, i % 2, 0, switches[i / 2].attr))
			return false;
	return true;
}

/* The kernel wants the whole field cleared before any of its values, relatime being 0, is set. */
static bool access_times_are_one_field(void)
{
	for (size_t i = 0; i < 2 * N(atimes); i++)
		if (!check_attr(atimes[i / 2].name, i % 2, atimes[i / 2].attr, MOUNT_ATTR__ATIME))
			return false;
	return true;
}

static bool the_later_access_time_wins(void)
{
	for (size_t i = 0; i < N(atimes) * N(atimes); i++) {
		auto_arena struct arena arena = {};
		struct mount_options o;

		if (!PARSE(&o, atimes[i / N(atimes)].name, atimes[i % N(atimes)].name) ||
		    !CHECK(o.set == atimes[i % N(atimes)].attr) ||
		    !CHECK((o.clear | o.set) == MOUNT_ATTR__ATIME))
			return false;
	}
	return true;
}

static bool the_later_switch_wins_and_leaves_the_others(void)
{
	for (size_t i = 0; i < N(switches); i++) {
		const char *on = switches[i].on, *off = switches[i].off;
		uint64_t attr = switches[i].attr;
		auto_arena struct arena arena = {};
		struct mount_options o;

		if (!PARSE(&o, "noatime", on, off) || !CHECK(!(o.set & attr)) ||
		    !CHECK(o.clear & attr) || !CHECK(o.set == MOUNT_ATTR_NOATIME) ||
		    !PARSE(&o, "noatime", off, on) || !CHECK(o.set & attr) ||
		    !CHECK(!(o.clear & attr)) || !PARSE(&o, on, on, off, on) ||
		    !CHECK(o.set == attr) || !CHECK(o.clear == 0))
			return false;
	}
	return true;
}

static bool a_mount_and_what_is_below_it_are_apart(void)
{
	auto_arena struct arena arena = {};
	struct mount_options o;

	return PARSE(&o, "rro", "rw", "nosuid") && CHECK(o.set_rec == MOUNT_ATTR_RDONLY) &&
	       CHECK(o.clear == MOUNT_ATTR_RDONLY) && CHECK(o.set == MOUNT_ATTR_NOSUID) &&
	       CHECK(o.clear_rec == 0);
}

static bool the_last_propagation_is_taken(void)
{
	for (size_t i = 0; i < 2 * N(propagations); i++) {
		auto_arena struct arena arena = {};
		struct mount_options o;
		const char *name = arena_printf(&arena, "%s%s", i % 2 ? "r" : "",
						propagations[i / 2].name);

		if (!PARSE(&o, "rslave", "shared", name) ||
		    !CHECK(o.propagation == propagations[i / 2].flag) ||
		    !CHECK(o.propagation_rec == i % 2) || !CHECK(o.n_params == 0))
			return false;
	}
	return true;
}

static bool binds_copies_and_maps_are_marked(void)
{
	auto_arena struct arena arena = {};
	struct mount_options o;

	return PARSE(&o, "bind") && CHECK(o.is_bind && !o.is_recursive) && PARSE(&o, "rbind") &&
	       CHECK(o.is_bind && o.is_recursive) && PARSE(&o, "tmpcopyup") && CHECK(o.copy_up) &&
	       CHECK(!o.is_bind) && PARSE(&o, "idmap") && CHECK(o.idmap == MOUNT_IDMAP) &&
	       PARSE(&o, "ridmap") && CHECK(o.idmap == MOUNT_RIDMAP) && PARSE(&o, "rw") &&
	       CHECK(o.idmap == MOUNT_IDMAP_NONE);
}

static bool what_is_not_known_is_the_filesystems(void)
{
	auto_arena struct arena arena = {};
	struct mount_options o;

	return PARSE(&o, "size=64m", "ro", "mode=0755", "noswap", "empty=", "a=b=c", "RO") &&
	       CHECK(o.n_params == 6) && CHECK_STR(o.params[0].key, "size") &&
	       CHECK_STR(o.params[0].value, "64m") && CHECK_STR(o.params[1].key, "mode") &&
	       CHECK_STR(o.params[2].key, "noswap") && CHECK(!o.params[2].value) &&
	       CHECK_STR(o.params[3].key, "empty") && CHECK_STR(o.params[3].value, "") &&
	       CHECK_STR(o.params[4].value, "b=c") && CHECK_STR(o.params[5].key, "RO") &&
	       CHECK(o.set == MOUNT_ATTR_RDONLY);
}

static bool an_empty_option_is_refused(void)
{
	char ro[] = "ro", none[] = "", *words[] = { ro, none };
	const struct oci_strings list = { .v = words, .n = 2 }, empty = {};
	auto_arena struct arena arena = {};
	struct mount_options o;
	struct err err = {};

	return CHECK(mount_options_parse(&list, &arena, &o, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "options[1]: must not be empty") &&
	       CHECK(mount_options_parse(&empty, &arena, &o, &err) == 0) && CHECK(o.n_params == 0);
}

static bool is_in(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

static bool is_listed_here(const char *name)
{
	for (size_t r = 0; r < 2; r++) {
		const char *rest = name + r;

		if (r == 1 && name[0] != 'r')
			break;
		for (size_t i = 0; i < N(switches); i++)
			if (strcmp(rest, switches[i].on) == 0 || strcmp(rest, switches[i].off) == 0)
				return true;
		for (size_t i = 0; i < N(atimes); i++)
			if (strcmp(rest, atimes[i].name) == 0)
				return true;
		for (size_t i = 0; i < N(propagations); i++)
			if (strcmp(rest, propagations[i].name) == 0)
				return true;
	}
	return is_in(name, flags, N(flags)) || is_in(name, others, N(others));
}

static bool every_option_of_the_table_is_tested_here(void)
{
	size_t n = 0;

	for (; mount_options_name(n); n++) {
		if (!CHECK(is_listed_here(mount_options_name(n))))
			return printf("# %s\n", mount_options_name(n)), false;
		for (size_t i = 0; i < n; i++)
			if (!CHECK(strcmp(mount_options_name(i), mount_options_name(n)) != 0))
				return false;
	}
	return CHECK(n == 4 * N(switches) + 2 * N(atimes) + 2 * N(propagations) + N(flags) +
			      N(others));
}

/* ------------------------------------------------------------------- as the kernel sees it */

static int make_tmpfs(const struct mount_options *o)
{
	return mount_make(&(struct mount_fs){ .type = "tmpfs", .source = "tmpfs",
					      .params = o->params, .n_params = o->n_params,
					      .attr = o->set | o->set_rec });
}

static bool a_tmpfs_takes_every_option_that_has_no_value(void)
{
	for (size_t i = 0; mount_options_name(i); i++) {
		auto_arena struct arena arena = {};
		auto_close int fd = -1;
		struct mount_options o;

		if (!PARSE(&o, mount_options_name(i)))
			return false;
		fd = make_tmpfs(&o);
		if (!CHECK(fd >= 0))
			return printf("# %s: %s\n", mount_options_name(i), strerror(-fd)), false;
	}
	return true;
}

static bool is_sync(const char *first, const char *second)
{
	auto_arena struct arena arena = {};
	auto_close int fd = -1;
	struct mount_options o;
	struct statvfs fs = {};

	if (!PARSE(&o, first, second))
		return false;
	fd = make_tmpfs(&o);
	return CHECK(fd >= 0) && CHECK(fstatvfs(fd, &fs) == 0) && (fs.f_flag & ST_SYNCHRONOUS);
}

static bool the_later_of_sync_and_async_wins(void)
{
	return CHECK(is_sync("async", "sync")) && CHECK(!is_sync("sync", "async"));
}

int main(void)
{
	TEST(switches_set_or_clear_their_attribute);
	TEST(access_times_are_one_field);
	TEST(the_later_access_time_wins);
	TEST(the_later_switch_wins_and_leaves_the_others);
	TEST(a_mount_and_what_is_below_it_are_apart);
	TEST(the_last_propagation_is_taken);
	TEST(binds_copies_and_maps_are_marked);
	TEST(what_is_not_known_is_the_filesystems);
	TEST(an_empty_option_is_refused);
	TEST(every_option_of_the_table_is_tested_here);
	TEST_MOUNTS(a_tmpfs_takes_every_option_that_has_no_value);
	TEST_MOUNTS(the_later_of_sync_and_async_wins);
	return tap_done();
}
