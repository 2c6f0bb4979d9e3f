/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/userdb.h"

#include "base/cleanup.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const struct userdb db = {
	.passwd = "root:x:0:0:root:/root:/bin/sh\n"
		  "+::::::\n"
		  "\n"
		  "short\n"
		  "web:x:1000:1001:Web,,,:/srv/web:/bin/sh\n"
		  "1000:x:0:0::/:\n"
		  "evil:x:-1:0::/:\n"
		  "huge:x:4294967295:0::/:\n"
		  "hex:x:0x10:0::/:\n"
		  "nogid:x:7\n"
		  "last:x:9:9::/last",
	.group = "root:x:0:\n"
		 "web:x:1001:\n"
		 "audio:x:29:other,web\n"
		 "bad:x:zero:web\n"
		 "video:x:44:web\n"
		 "webby:x:45:webby,we\n"
		 "27:x:0:\n"
		 "disk:x:6:last",
};

static bool names_bring_their_groups_and_home(void)
{
	auto_arena struct arena arena = {};
	struct userdb_user u;
	struct err err = {};

	return CHECK(userdb_resolve(&db, "web", &arena, &u, &err) == 0) &&
	       CHECK(u.uid == 1000 && u.gid == 1001) && CHECK_STR(u.home, "/srv/web") &&
	       CHECK_STR(u.name, "web") && CHECK(u.n_gids == 2) &&
	       CHECK(u.gids[0] == 29 && u.gids[1] == 44) &&
	       CHECK(userdb_resolve(&db, "last", &arena, &u, &err) == 0) &&
	       CHECK(u.uid == 9 && u.n_gids == 1 && u.gids[0] == 6) && CHECK_STR(u.home, "/last");
}

static bool numbers_are_never_names(void)
{
	auto_arena struct arena arena = {};
	struct userdb_user u;
	struct err err = {};

	return CHECK(userdb_resolve(&db, "1000", &arena, &u, &err) == 0) &&
	       CHECK(u.uid == 1000 && u.gid == 1001) && CHECK_STR(u.name, "web") &&
	       CHECK(u.n_gids == 2) && CHECK(userdb_resolve(&db, "5:27", &arena, &u, &err) == 0) &&
	       CHECK(u.uid == 5 && u.gid == 27 && u.n_gids == 0 && !u.name);
}

static bool unknown_numbers_stand_for_themselves(void)
{
	static const struct userdb none = { "", "" };
	auto_arena struct arena arena = {};
	struct userdb_user u;
	struct err err = {};

	return CHECK(userdb_resolve(&none, "4294967294", &arena, &u, &err) == 0) &&
	       CHECK(u.uid == 4294967294u && u.gid == 0 && u.n_gids == 0) && CHECK(!u.home);
}

static bool a_given_group_replaces_the_others(void)
{
	auto_arena struct arena arena = {};
	struct userdb_user u;
	struct err err = {};

	return CHECK(userdb_resolve(&db, "web:audio", &arena, &u, &err) == 0) &&
	       CHECK(u.uid == 1000 && u.gid == 29 && u.n_gids == 0) &&
	       CHECK(userdb_resolve(&db, "root:44", &arena, &u, &err) == 0) &&
	       CHECK(u.uid == 0 && u.gid == 44);
}

static bool what_is_no_user_is_refused(void)
{
	static const char *const bad[] = {
		"",	      ":",	    ":0",	    "web:",   "web:audio:x",
		"4294967295", "4294967296", "0:4294967295", "nobody", "web:nogroup",
		"evil",	      "huge",	    "hex",	    "nogid",  "web:bad",
		"-1",	      "+",	    "short",	    "web\n",
	};
	auto_arena struct arena arena = {};
	struct userdb_user u = { .uid = 77 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err err = {};

		if (!CHECK(userdb_resolve(&db, bad[i], &arena, &u, &err) < 0)) {
			printf("# it was '%s'\n", bad[i]);
			return false;
		}
	}
	return CHECK(u.uid == 77);
}

static bool errors_say_what_is_missing(void)
{
	auto_arena struct arena arena = {};
	struct userdb_user u;
	struct err err = {};

	return CHECK(userdb_resolve(&db, "nobody", &arena, &u, &err) == -ENOENT) &&
	       CHECK(err.kind == ERR_NOT_FOUND) &&
	       CHECK_STR(err.msg, "no user 'nobody' in /etc/passwd") &&
	       CHECK(userdb_resolve(&db, "evil", &arena, &u, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "user 'evil' has no valid ids in /etc/passwd");
}

static bool only_regular_files_of_bounded_size_are_read(void)
{
	auto_close int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	auto_close int big_fd = memfd_create("passwd", MFD_CLOEXEC);
	auto_close int good_fd = memfd_create("passwd", MFD_CLOEXEC);
	auto_arena struct arena arena = {};
	struct userdb_user u;
	struct userdb got;
	struct err err = {};

	return CHECK(ftruncate(big_fd, 1024 * 1024 + 1) == 0) &&
	       CHECK(write(good_fd, "a:x:1:2::/:\n", 12) == 12 &&
		     lseek(good_fd, 0, SEEK_SET) == 0) &&
	       CHECK(userdb_load(null_fd, -1, &arena, &got, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "'/etc/passwd' is no regular file") &&
	       CHECK(userdb_load(-1, big_fd, &arena, &got, &err) == -EFBIG) &&
	       CHECK(userdb_load(good_fd, -1, &arena, &got, &err) == 0) &&
	       CHECK(userdb_resolve(&got, "a", &arena, &u, &err) == 0 && u.gid == 2);
}

int main(void)
{
	TEST(names_bring_their_groups_and_home);
	TEST(numbers_are_never_names);
	TEST(unknown_numbers_stand_for_themselves);
	TEST(a_given_group_replaces_the_others);
	TEST(what_is_no_user_is_refused);
	TEST(errors_say_what_is_missing);
	TEST(only_regular_files_of_bounded_size_are_read);
	return tap_done();
}
