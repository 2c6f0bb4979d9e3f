/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "registry/auth_file.h"
#include "registry/keychain.h"
#include "registry/login.h"

#include "tap.h"
#include "tmpdir.h"

static const struct oci_strings no_helpers;

/* "user:password" or "token TOKEN" of what is found in a text. */
static const char *find_in(const char *json, const char *host, const char *path,
			   struct arena *arena)
{
	struct registry_login login = {};
	struct err err = {};
	int r = auth_find_in(json, strlen(json), host, path, arena, &login, &err);

	if (r < 0)
		return arena_strdup(arena, err.msg);
	if (r == 0)
		return "none";
	return login.identity_token ? arena_printf(arena, "token %s", login.identity_token)
				    : arena_printf(arena, "%s:%s", login.user, login.password);
}

static const char *find(const char *file, const char *host, struct arena *arena)
{
	struct auth_places places = { file, &no_helpers };
	struct registry_login login = {};
	struct err err = {};
	int r = auth_find(&places, host, "", arena, &login, &err);

	if (r < 0)
		return arena_strdup(arena, err.msg);
	if (r == 0)
		return "none";
	return login.identity_token ? arena_printf(arena, "token %s", login.identity_token)
				    : arena_printf(arena, "%s:%s", login.user, login.password);
}

static bool the_longest_key_is_the_one(void)
{
	auto_arena struct arena arena = {};
	static const char *const json =
		"{\"auths\":{\"r.example\":{\"auth\":\"YTox\"},\"r.example/x\":{\"auth\":\"Yjoy\"},"
		"\"r.example/x/y\":{\"auth\":\"Yzoz\"},\"r.example/x/z\":{},"
		"\"r.example:5000\":{\"auth\":\"ZDo0\"}}}";

	return CHECK_STR(find_in(json, "r.example", "x/y", &arena), "c:3") &&
	       CHECK_STR(find_in(json, "r.example", "x/y/more", &arena), "c:3") &&
	       CHECK_STR(find_in(json, "r.example", "x/yy", &arena), "b:2") &&
	       CHECK_STR(find_in(json, "r.example", "x/z", &arena), "b:2") &&
	       CHECK_STR(find_in(json, "r.example", "q", &arena), "a:1") &&
	       CHECK_STR(find_in(json, "r.example", "", &arena), "a:1") &&
	       CHECK_STR(find_in(json, "r.example:5000", "x/y", &arena), "d:4") &&
	       CHECK_STR(find_in(json, "example", "x", &arena), "none");
}

static bool keys_that_docker_wrote_are_known(void)
{
	auto_arena struct arena arena = {};
	static const char *const hub =
		"{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"YTox\"},"
		"\"https://r.example/v1/\":{\"auth\":\"Yjoy\"}}}";

	return CHECK_STR(find_in(hub, "docker.io", "library/box", &arena), "a:1") &&
	       CHECK_STR(find_in(hub, "r.example", "x", &arena), "b:2") &&
	       CHECK_STR(find_in(hub, "r.example.evil", "x", &arena), "none") &&
	       CHECK_STR(find_in(hub, "index.docker.io.evil", "x", &arena), "none");
}

static bool tokens_and_plain_members_are_read(void)
{
	auto_arena struct arena arena = {};

	return CHECK_STR(find_in("{\"auths\":{\"a\":{\"auth\":\"YTo=\",\"identitytoken\":\"t\"}}}",
				 "a", "", &arena), "token t") &&
	       CHECK_STR(find_in("{\"auths\":{\"a\":{\"username\":\"u\",\"password\":\"p\"}}}",
				 "a", "", &arena), "u:p") &&
	       CHECK_STR(find_in("{\"auths\":{\"a\":{\"auth\":\"YTpwOnEA\"}}}", "a", "", &arena),
			 "a:p:q") &&
	       CHECK_STR(find_in("", "a", "", &arena), "none") &&
	       CHECK_STR(find_in("{\"auths\":{\"a\":{\"auth\":\"!\"}}}", "a", "", &arena),
			 "the login for 'a': that is no base64 of 'user:password'") &&
	       CHECK_STR(find_in("{\"auths\":1}", "a", "", &arena),
			 "auths: must be an object, not a number");
}

static bool a_login_is_the_same_after_base64(void)
{
	auto_arena struct arena arena = {};
	struct registry_login login = { (char *)"name", (char *)"p:\xc3\xa4 word", NULL }, again;
	struct err err = {};

	return CHECK_STR(login_encode(&login, &arena), "bmFtZTpwOsOkIHdvcmQ=") &&
	       CHECK(login_decode("bmFtZTpwOsOkIHdvcmQ=", &arena, &again, &err) == 0) &&
	       CHECK_STR(again.user, "name") && CHECK_STR(again.password, login.password) &&
	       CHECK(login_decode("bmFtZQ==", &arena, &again, &err) == -EINVAL);
}

static bool what_is_kept_leaves_the_rest_of_the_file(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	auto_arena struct arena arena = {};
	struct registry_login login = { (char *)"u", (char *)"p", NULL };
	struct auth_places places = { .helpers = &no_helpers };
	struct err err = {};
	auto_buf struct buf text = {};
	struct stat st;

	tmpdir_make(&dir);
	places.file = arena_printf(&arena, "%s/deep/er/auth.json", dir.path);
	if (!CHECK(auth_keep(&places, "r.example", &login, &err) == 0) ||
	    !CHECK_STR(find(places.file, "r.example", &arena), "u:p") ||
	    !CHECK(stat(places.file, &st) == 0 && (st.st_mode & 07777) == 0600))
		return false;
	places.file = arena_printf(&arena, "%s/config.json", dir.path);
	if (!CHECK(tmpdir_put(dir.fd, "config.json",
			      "{\"psFormat\":\"x/y\",\"n\":1.50,\"auths\":{\"o\":{\"auth\":"
			      "\"YTox\",\"email\":\"e\"},\"r.example/ns\":{\"auth\":\"YTox\"}"
			      "}}")) ||
	    !CHECK(auth_keep(&places, "r.example", &login, &err) == 0) ||
	    !CHECK(auth_keep(&places, "docker.io", &login, &err) == 0) ||
	    !CHECK(auth_read(places.file, &text, &err) == 0) ||
	    !CHECK(strstr(text.data, "\"psFormat\": \"x/y\"")) ||
	    !CHECK(strstr(text.data, "\"n\": 1.50")) ||
	    !CHECK(strstr(text.data, "\"email\": \"e\"")) ||
	    !CHECK(strstr(text.data, "\"https://index.docker.io/v1/\"")) ||
	    !CHECK_STR(find(places.file, "docker.io", &arena), "u:p"))
		return false;
	return CHECK(auth_forget(&places, "r.example", &err) == 1) &&
	       CHECK_STR(find(places.file, "r.example", &arena), "none") &&
	       CHECK_STR(find(places.file, "o", &arena), "a:1") &&
	       CHECK(auth_forget(&places, "docker.io", &err) == 1) &&
	       CHECK_STR(find(places.file, "docker.io", &arena), "none") &&
	       CHECK(auth_forget(&places, "docker.io", &err) == 0);
}

static bool a_file_that_is_no_json_is_left_alone(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	auto_arena struct arena arena = {};
	struct registry_login login = { (char *)"u", (char *)"p", NULL };
	struct auth_places places = { .helpers = &no_helpers };
	struct err err = {};
	auto_buf struct buf text = {};

	tmpdir_make(&dir);
	places.file = arena_printf(&arena, "%s/config.json", dir.path);
	return CHECK(tmpdir_put(dir.fd, "config.json", "{ my notes")) &&
	       CHECK(auth_keep(&places, "r", &login, &err) < 0) &&
	       CHECK(auth_read(places.file, &text, &err) == 0) &&
	       CHECK_STR(text.data, "{ my notes");
}

static bool files_are_looked_for_in_turn(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	auto_arena struct arena arena = {};

	tmpdir_make(&dir);
	(void)setenv("HOME", dir.path, 1);
	(void)setenv("XDG_RUNTIME_DIR", arena_printf(&arena, "%s/run", dir.path), 1);
	(void)unsetenv("XDG_CONFIG_HOME");
	(void)unsetenv("DOCKER_CONFIG");
	(void)unsetenv("REGISTRY_AUTH_FILE");
	if (!CHECK_STR(find(NULL, "r", &arena), "none") ||
	    !CHECK(mkdirat(dir.fd, ".docker", 0700) == 0 &&
		   tmpdir_put(dir.fd, ".docker/config.json",
			      "{\"auths\":{\"r\":{\"auth\":\"Yzoz\"}}}")) ||
	    !CHECK_STR(find(NULL, "r", &arena), "c:3") ||
	    !CHECK(mkdirat(dir.fd, ".config", 0700) == 0 &&
		   mkdirat(dir.fd, ".config/containers", 0700) == 0 &&
		   tmpdir_put(dir.fd, ".config/containers/auth.json",
			      "{\"auths\":{\"r\":{\"auth\":\"Yjoy\"}}}")) ||
	    !CHECK_STR(find(NULL, "r", &arena), "b:2") ||
	    !CHECK(mkdirat(dir.fd, "run", 0700) == 0 &&
		   mkdirat(dir.fd, "run/containers", 0700) == 0 &&
		   tmpdir_put(dir.fd, "run/containers/auth.json",
			      "{\"auths\":{\"r\":{\"auth\":\"YTox\"}}}")))
		return false;
	(void)setenv("REGISTRY_AUTH_FILE", "/nonexistent/auth.json", 1);
	if (!CHECK_STR(find(NULL, "r", &arena), "none"))
		return false;
	(void)unsetenv("REGISTRY_AUTH_FILE");
	return CHECK_STR(find(NULL, "r", &arena), "a:1");
}

/* A helper that keeps one login in a file and knows its protocol. */
static const char *const helper =
	"#!/bin/sh\n"
	"d=${0%/*}\n"
	"case $1 in\n"
	"store) cat >$d/secret ;;\n"
	"erase) cat >$d/erased; rm $d/secret ;;\n"
	"get) read -r server\n"
	"  [ -e $d/secret ] || { echo 'credentials not found in native keychain'; exit 1; }\n"
	"  [ $server = broken ] && { echo 'the keyring is locked'; exit 1; }\n"
	"  grep -q \"\\\"$server\\\"\" $d/secret || { echo 'credentials not found'; exit 1; }\n"
	"  cat $d/secret ;;\n"
	"esac\n";

static bool helpers_keep_logins_instead(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	auto_arena struct arena arena = {};
	struct registry_login login = { (char *)"u\"", (char *)"p\n", NULL };
	struct registry_login token = { NULL, NULL, (char *)"t" }, found = {};
	struct auth_places places = { .helpers = &no_helpers };
	auto_buf struct buf text = {};
	struct err err = {};

	tmpdir_make(&dir);
	places.file = arena_printf(&arena, "%s/config.json", dir.path);
	(void)setenv("PATH", arena_printf(&arena, "%s:%s", dir.path, getenv("PATH")), 1);
	return CHECK(tmpdir_put(dir.fd, "docker-credential-test", helper)) &&
	       CHECK(fchmodat(dir.fd, "docker-credential-test", 0755, 0) == 0) &&
	       CHECK(tmpdir_put(dir.fd, "config.json",
				"{\"credHelpers\":{\"r.example\":\"test\",\"evil\":\"../x\","
				"\"absent\":\"absent\"}}")) &&
	       CHECK(auth_keep(&places, "r.example", &login, &err) == 0) &&
	       CHECK_STR(find(places.file, "r.example", &arena), "u\":p\n") &&
	       CHECK(auth_read(places.file, &text, &err) == 0 && !strstr(text.data, "auths")) &&
	       CHECK(auth_keep(&places, "r.example", &token, &err) == 0) &&
	       CHECK_STR(find(places.file, "r.example", &arena), "token t") &&
	       CHECK(keychain_get("test", "broken", &arena, &found, &err) == -EIO) &&
	       CHECK_STR(err.msg, "docker-credential-test get: the keyring is locked") &&
	       CHECK(auth_forget(&places, "r.example", &err) == 1) &&
	       CHECK_STR(find(places.file, "r.example", &arena), "none") &&
	       CHECK_STR(find(places.file, "other", &arena), "none") &&
	       CHECK(strstr(find(places.file, "evil", &arena),
			    "'../x' is no name of a credential helper")) &&
	       CHECK(strstr(find(places.file, "absent", &arena),
			    "execute 'docker-credential-absent': no such file"));
}

int main(void)
{
	TEST(the_longest_key_is_the_one);
	TEST(keys_that_docker_wrote_are_known);
	TEST(tokens_and_plain_members_are_read);
	TEST(a_login_is_the_same_after_base64);
	TEST(what_is_kept_leaves_the_rest_of_the_file);
	TEST(a_file_that_is_no_json_is_left_alone);
	TEST(files_are_looked_for_in_turn);
	TEST(helpers_keep_logins_instead);
	return tap_done();
}
