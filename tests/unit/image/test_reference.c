/* SPDX-License-Identifier: Apache-2.0 */
#include "image/reference.h"

#include "tap.h"

#include <stdlib.h>

#define HEX64  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA256 "sha256:" HEX64

static bool is_whole(const char *text, const char *want)
{
	auto_arena struct arena arena = {};
	struct reference ref = {};
	struct err err = {};

	if (!CHECK(reference_parse(text, &arena, &ref, &err) == 0)) {
		printf("# %s\n", err.msg);
		return false;
	}
	return CHECK_STR(reference_format(&ref, &arena), want);
}

static bool what_is_left_out_is_dockers(void)
{
	return is_whole("busybox", "docker.io/library/busybox") &&
	       is_whole("busybox:1.36", "docker.io/library/busybox:1.36") &&
	       is_whole("localhost:5000", "docker.io/library/localhost:5000") &&
	       is_whole("a.b", "docker.io/library/a.b") &&
	       is_whole("user/app", "docker.io/user/app") &&
	       is_whole("docker.io/busybox", "docker.io/library/busybox") &&
	       is_whole("index.docker.io/busybox", "docker.io/library/busybox") &&
	       is_whole("docker.io/user/app:v1", "docker.io/user/app:v1");
}

static bool hosts_are_told_from_paths(void)
{
	return is_whole("localhost/app", "localhost/app") &&
	       is_whole("localhost:5000/a/b/c:t", "localhost:5000/a/b/c:t") &&
	       is_whole("example.com/app", "example.com/app") &&
	       is_whole("Registry/app", "Registry/app") &&
	       is_whole("EXAMPLE.com:80/app", "EXAMPLE.com:80/app") &&
	       is_whole("host:1/app", "host:1/app") &&
	       is_whole("[::1]:5000/app", "[::1]:5000/app") &&
	       is_whole("[2001:DB8::1]/app", "[2001:DB8::1]/app") &&
	       is_whole("192.168.0.1/app", "192.168.0.1/app") &&
	       is_whole("xn--n3h.com/app", "xn--n3h.com/app");
}

static bool separators_are_the_grammars(void)
{
	return is_whole("x/a.b_c__d-e--f---g", "docker.io/x/a.b_c__d-e--f---g") &&
	       is_whole("a__b--c/d", "docker.io/a__b--c/d");
}

static bool tags_and_digests_are_taken(void)
{
	return is_whole("a:V1.2-x_Y", "docker.io/library/a:V1.2-x_Y") &&
	       is_whole("a:_", "docker.io/library/a:_") &&
	       is_whole("a@" SHA256, "docker.io/library/a@" SHA256) &&
	       is_whole("h.io/a:t@" SHA256, "h.io/a:t@" SHA256);
}

static bool is_refused(const char *text, const char *why)
{
	auto_arena struct arena arena = {};
	struct reference ref = { .tag = (char *)"untouched" };
	struct err err = {};

	if (!CHECK(reference_parse(text, &arena, &ref, &err) == -EINVAL) ||
	    !CHECK(err.kind == ERR_USAGE) || !CHECK_STR(ref.tag, "untouched")) {
		printf("# '%s'\n", text);
		return false;
	}
	if (!CHECK(strstr(err.msg, why)))
		printf("# %s\n", err.msg);
	return strstr(err.msg, why);
}

static bool the_reason_is_told(void)
{
	static const char *const bad[][2] = {
		{ "", "it has no path" },
		{ ":tag", "it has no path" },
		{ "@" SHA256, "it has no path" },
		{ "h.io/", "it has no path" },
		{ HEX64, "an image's ID" },
		{ "Busybox", "lower case" },
		{ "user/App:t", "lower case" },
		{ "h.io/A", "lower case" },
		{ "docker.io/library/A", "lower case" },
		{ "a/", "is empty" },
		{ "/a", "is empty" },
		{ "a//b", "is empty" },
		{ "h.io//b", "is empty" },
		{ "a..b", "a path has" },
		{ "a___b", "a path has" },
		{ "a._b", "a path has" },
		{ "-a", "a path has" },
		{ "a-", "a path has" },
		{ "a b", "a path has" },
		{ "a/b\n", "a path has" },
		{ "a\xc3\xa9", "a path has" },
		{ "a/../b", "is empty, or begins" },
		{ "a:", "a tag has" },
		{ "a:-t", "a tag has" },
		{ "a:.t", "a tag has" },
		{ "a:t/b", "port is a number" },
		{ "a:b:c", "a tag has" },
		{ "h.io/a:b:c", "a tag has" },
		{ "a@", "is no digest" },
		{ "a@sha256:00", "is no digest" },
		{ "a@md5:900150983cd24fb0d6963f7d28e17f72", "is no digest" },
		{ "a@" SHA256 "x", "is no digest" },
		{ "-h.io/a", "a host has" },
		{ "h-.io/a", "a host has" },
		{ "h..io/a", "a host has" },
		{ "h_x.io/a", "a host has" },
		{ ".io/a", "a host has" },
		{ "[::1/a", "a host has" },
		{ "[]:1/a", "a host has" },
		{ "[::g]/a", "a host has" },
		{ "h.io:/a", "port is a number" },
		{ "h.io:8x/a", "port is a number" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!is_refused(bad[i][0], bad[i][1]))
			return false;
	return true;
}

static bool a_url_gets_a_hint(void)
{
	auto_arena struct arena arena = {};
	struct reference ref;
	struct err err = {};

	return CHECK(reference_parse("https://h.io/a", &arena, &ref, &err) == -EINVAL) &&
	       CHECK_STR(err.hint, "a name begins with the host, without 'https://'");
}

/* A name of `len` characters, and a tag of `tag_len`, in the caller's memory. */
static char *long_name(size_t len, size_t tag_len)
{
	char *name = malloc(len + tag_len + 2);

	memset(name, 'a', len);
	memcpy(name, "h.io/", 5);
	name[len] = ':';
	memset(name + len + 1, 't', tag_len);
	name[len + 1 + tag_len] = '\0';
	return name;
}

static bool lengths_are_limited(void)
{
	auto_free char *fits = long_name(REFERENCE_NAME_MAX, REFERENCE_TAG_MAX);
	auto_free char *name = long_name(REFERENCE_NAME_MAX + 1, 1);
	auto_free char *tag = long_name(10, REFERENCE_TAG_MAX + 1);
	auto_free char *implied = long_name(REFERENCE_NAME_MAX - 12, 1);

	memset(implied, 'a', 5);
	return is_whole(fits, fits) && is_refused(name, "255 characters") &&
	       is_refused(tag, "128 characters") && is_refused(implied, "255 characters");
}

static bool is_familiar(const char *text, const char *want)
{
	auto_arena struct arena arena = {};
	struct reference ref = {};
	struct err err = {};

	return CHECK(reference_parse(text, &arena, &ref, &err) == 0) &&
	       CHECK_STR(reference_familiar(&ref, &arena), want);
}

static bool the_familiar_form_is_dockers(void)
{
	return is_familiar("docker.io/library/busybox:latest", "busybox:latest") &&
	       is_familiar("docker.io/user/app@" SHA256, "user/app@" SHA256) &&
	       is_familiar("docker.io/library/a/b", "library/a/b") &&
	       is_familiar("h.io/library/a", "h.io/library/a");
}

/* Where docker's shortening would name another image. */
static bool the_familiar_form_means_the_same(void)
{
	return is_familiar("docker.io/a.b/c", "docker.io/a.b/c") &&
	       is_familiar("docker.io/localhost/c", "docker.io/localhost/c") &&
	       is_familiar("docker.io/library/" HEX64, "library/" HEX64);
}

static bool latest_is_for_those_without_a_version(void)
{
	auto_arena struct arena arena = {};
	struct reference bare, tagged, digested;
	struct err err = {};

	if (!CHECK(reference_parse("a", &arena, &bare, &err) == 0) ||
	    !CHECK(reference_parse("a:t", &arena, &tagged, &err) == 0) ||
	    !CHECK(reference_parse("a@" SHA256, &arena, &digested, &err) == 0))
		return false;
	reference_default(&bare, &arena);
	reference_default(&tagged, &arena);
	reference_default(&digested, &arena);
	return CHECK_STR(bare.tag, "latest") && CHECK_STR(tagged.tag, "t") &&
	       CHECK(digested.tag == NULL) &&
	       CHECK_STR(reference_repository(&bare, &arena), "docker.io/library/a") &&
	       CHECK_STR(reference_familiar_repository(&bare, &arena), "a");
}

int main(void)
{
	TEST(what_is_left_out_is_dockers);
	TEST(hosts_are_told_from_paths);
	TEST(separators_are_the_grammars);
	TEST(tags_and_digests_are_taken);
	TEST(the_reason_is_told);
	TEST(a_url_gets_a_hint);
	TEST(lengths_are_limited);
	TEST(the_familiar_form_is_dockers);
	TEST(the_familiar_form_means_the_same);
	TEST(latest_is_for_those_without_a_version);
	return tap_done();
}
