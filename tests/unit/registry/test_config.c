/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/certs.h"
#include "registry/config.h"

#include "base/buf.h"
#include "tap.h"
#include "tmpdir.h"

static const char *const example =
	"unqualified-search-registries = ['first.example', 'second.example:5000']\n"
	"[[registry]]\n"
	"prefix = 'example.com/foo'\n"
	"location = 'internal.example.net/bar'\n"
	"[[registry.mirror]]\n"
	"location = 'mirror-0.example/mirror-for-foo'\n"
	"[[registry.mirror]]\n"
	"location = 'mirror-1.example:5000/mirrors/foo'\n"
	"insecure = true\n"
	"pull-from-mirror = 'digest-only'\n"
	"[[registry]]\n"
	"location = 'example.com/foo/blocked'\n"
	"blocked = true\n"
	"[[registry]]\n"
	"prefix = '*.wild.example'\n"
	"insecure = true\n"
	"[[registry]]\n"
	"prefix = 'docker.io'\n"
	"location = 'docker.io'\n"
	"mirror-by-digest-only = true\n"
	"mirror = [{ location = 'hub.example' }, { location = 'docker.io' }]\n"
	"[aliases]\n"
	"alpine = 'docker.io/library/alpine'\n"
	"'team/app' = 'apps.example/team/app'\n"
	"gone = ''\n";

static bool add(struct registry_config *config, const char *text)
{
	struct err err = {};
	int r = registry_config_add(config, text, strlen(text), &err);

	if (r < 0)
		printf("# %s\n", err.msg);
	return r == 0;
}

static const char *expand(const struct registry_config *config, const char *text)
{
	struct oci_strings names = {};
	struct err err = {};
	auto_buf struct buf all = {};

	if (registry_config_expand(config, text, config->arena, &names, &err) < 0)
		return arena_strdup(config->arena, err.msg);
	for (size_t i = 0; i < names.n; i++)
		buf_printf(&all, "%s%s", i ? " " : "", names.v[i]);
	return arena_strdup(config->arena, buf_str(&all));
}

/* "host/path" of each endpoint, with ! for insecure and ~ for a mirror. */
static const char *endpoints(const struct registry_config *config, const char *host,
			     const char *path, const char *digest)
{
	struct reference reference = { .host = arena_strdup(config->arena, host),
				       .path = arena_strdup(config->arena, path) };
	struct endpoints list = {};
	struct err err = {};
	auto_buf struct buf all = {};

	(void)snprintf(reference.digest.text, sizeof(reference.digest.text), "%s", digest);
	if (registry_config_endpoints(config, &reference, true, config->arena, &list, &err) < 0)
		return arena_strdup(config->arena, err.msg);
	for (size_t i = 0; i < list.n; i++)
		buf_printf(&all, "%s%s%s%s/%s", i ? " " : "", list.v[i].is_mirror ? "~" : "",
			   list.v[i].is_insecure ? "!" : "", list.v[i].host, list.v[i].path);
	return arena_strdup(config->arena, buf_str(&all));
}

static bool short_names_are_completed(void)
{
	auto_arena struct arena arena = {};
	struct registry_config c = { .arena = &arena }, none = { .arena = &arena };
	char *digest = arena_printf(&arena, "alpine:3@sha256:%064d", 0);

	return CHECK(add(&c, example)) &&
	       CHECK_STR(expand(&c, "x/y:1"), "first.example/x/y:1 second.example:5000/x/y:1") &&
	       CHECK_STR(expand(&c, "alpine"), "docker.io/library/alpine") &&
	       CHECK_STR(expand(&c, "alpine:3.19"), "docker.io/library/alpine:3.19") &&
	       CHECK_STR(expand(&c, digest),
			 arena_printf(&arena, "docker.io/library/%s", digest)) &&
	       CHECK_STR(expand(&c, "team/app:x"), "apps.example/team/app:x") &&
	       CHECK_STR(expand(&c, "gone"), "first.example/gone second.example:5000/gone") &&
	       CHECK_STR(expand(&c, "localhost/x"), "localhost/x") &&
	       CHECK_STR(expand(&c, "host:5000/alpine:1"), "host:5000/alpine:1") &&
	       CHECK_STR(expand(&none, "busybox"), "docker.io/busybox") &&
	       CHECK_STR(expand(&none, "alpine:3.19"), "docker.io/alpine:3.19");
}

static bool ambiguous_short_names_can_be_refused(void)
{
	auto_arena struct arena arena = {};
	struct registry_config c = { .arena = &arena };

	return CHECK(add(&c, example)) && CHECK(add(&c, "short-name-mode = 'enforcing'\n")) &&
	       CHECK_STR(expand(&c, "x"), "'x' may be of any of 2 registries") &&
	       CHECK_STR(expand(&c, "alpine"), "docker.io/library/alpine");
}

static bool the_longest_prefix_says_where(void)
{
	auto_arena struct arena arena = {};
	struct registry_config c = { .arena = &arena };
	static const char *const digest = "sha256:x";

	return CHECK(add(&c, example)) &&
	       CHECK_STR(endpoints(&c, "example.com", "foo/app", ""),
			 "~mirror-0.example/mirror-for-foo/app internal.example.net/bar/app") &&
	       CHECK_STR(endpoints(&c, "example.com", "foo", digest),
			 "~mirror-0.example/mirror-for-foo ~!mirror-1.example:5000/mirrors/foo "
			 "internal.example.net/bar") &&
	       CHECK_STR(endpoints(&c, "example.com", "foobar", ""), "example.com/foobar") &&
	       CHECK_STR(endpoints(&c, "example.com:5000", "foo", ""), "example.com:5000/foo") &&
	       CHECK_STR(endpoints(&c, "example.com", "foo/blocked/app", ""),
			 "registries.conf blocks 'example.com/foo/blocked'") &&
	       CHECK_STR(endpoints(&c, "a.b.wild.example:80", "x", ""), "!a.b.wild.example:80/x") &&
	       CHECK_STR(endpoints(&c, "wild.example", "x", ""), "wild.example/x") &&
	       CHECK_STR(endpoints(&c, "docker.io", "library/box", ""), "docker.io/library/box") &&
	       CHECK_STR(endpoints(&c, "docker.io", "library/box", digest),
			 "~hub.example/library/box ~docker.io/library/box docker.io/library/box");
}

static bool later_files_replace_what_they_name(void)
{
	auto_arena struct arena arena = {};
	struct registry_config c = { .arena = &arena };

	return CHECK(add(&c, example)) &&
	       CHECK(add(&c, "unqualified-search-registries = []\n"
			     "[[registry]]\nlocation = 'example.com/foo'\ninsecure = true\n"
			     "[[registry]]\nlocation = 'new.example'\n"
			     "[aliases]\nalpine = ''\nextra = 'e.example/x'\n")) &&
	       CHECK_STR(endpoints(&c, "example.com", "foo/app", ""), "!example.com/foo/app") &&
	       CHECK_STR(endpoints(&c, "a.wild.example", "x", ""), "!a.wild.example/x") &&
	       CHECK_STR(expand(&c, "alpine"), "docker.io/alpine") &&
	       CHECK_STR(expand(&c, "extra:1"), "e.example/x:1");
}

static bool what_is_wrong_is_refused(void)
{
	static const char *const bad[] = {
		"[[registry]]\ninsecure = true\n", "[[registry]]\nlocation = 'https://a'\n",
		"[[registry]]\nlocation = '/a'\n", "[[registry]]\nlocation = 'a?b'\n",
		"[[registry]]\nlocation = 'a@b'\n", "[[registry]]\nlocation = 1\n",
		"[[registry]]\nlocation = '*.a'\n", "[[registry]]\nprefix = 'a'\n",
		"[[registry]]\nprefix = '*.a/b'\nlocation='b'\n",
		"[[registry]]\nprefix = 'a.*.b'\nlocation='b'\n",
		"[[registry]]\nprefix = 'a/b:tag'\nlocation = 'c'\n",
		"[[registry]]\nlocation = 'a'\nblocked = 'yes'\n",
		"[[registry]]\nlocation = 'a'\n[[registry.mirror]]\ninsecure = true\n",
		"[[registry]]\nlocation = 'a'\nmirror-by-digest-only = true\n"
		"mirror = [{ location = 'b', pull-from-mirror = 'all' }]\n",
		"[[registry]]\nlocation = 'a'\n"
		"mirror = [{ location = 'b', pull-from-mirror = 'x' }]\n",
		"[registries.search]\nregistries = ['a']\n",
		"unqualified-search-registries = 'a'\n",
		"aliases = 1\n", "[aliases]\na = 1\n", "short-name-mode = true\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_arena struct arena arena = {};
		struct registry_config c = { .arena = &arena };
		struct err err = {};

		if (!CHECK(registry_config_add(&c, bad[i], strlen(bad[i]), &err) == -EINVAL) ||
		    !CHECK(strncmp(err.msg, "line ", 5) == 0)) {
			printf("# %s\n", bad[i]);
			return false;
		}
	}
	return true;
}

static bool a_users_file_comes_first_and_drop_ins_after_it(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	auto_arena struct arena arena = {};
	struct registry_config c = {};
	struct err err = {};
	int r;

	tmpdir_make(&dir);
	(void)setenv("XDG_CONFIG_HOME", dir.path, 1);
	if (!CHECK(mkdirat(dir.fd, "containers", 0700) == 0 &&
		   mkdirat(dir.fd, "containers/registries.conf.d", 0700) == 0) ||
	    !CHECK(tmpdir_put(dir.fd, "containers/registries.conf",
			      "[aliases]\na = 'one.example/a'\nb = 'one.example/b'\n")) ||
	    !CHECK(tmpdir_put(dir.fd, "containers/registries.conf.d/2.conf",
			      "[aliases]\na = 'three.example/a'\n")) ||
	    !CHECK(tmpdir_put(dir.fd, "containers/registries.conf.d/1.conf",
			      "[aliases]\na = 'two.example/a'\n")) ||
	    !CHECK(tmpdir_put(dir.fd, "containers/registries.conf.d/0.txt", "=")))
		return false;
	r = registry_config_load(NULL, &arena, &c, &err);
	if (r < 0)
		printf("# %s\n", err.msg);
	return CHECK(r == 0) && CHECK_STR(expand(&c, "a"), "three.example/a") &&
	       CHECK_STR(expand(&c, "b"), "one.example/b") &&
	       CHECK(tmpdir_put(dir.fd, "containers/registries.conf.d/3.conf", "\n=")) &&
	       CHECK(registry_config_load(NULL, &arena, &c, &err) == -EINVAL) &&
	       CHECK(strstr(err.msg, "registries.conf.d/3.conf: line 2: a key must stand here")) &&
	       CHECK(registry_config_load("/nonexistent", &arena, &c, &err) == -ENOENT);
}

static bool certificates_are_found_by_host(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	auto_arena struct arena arena = {};
	struct certs certs = {};
	struct err err = {};

	tmpdir_make(&dir);
	(void)setenv("XDG_CONFIG_HOME", dir.path, 1);
	if (!CHECK(mkdirat(dir.fd, "containers", 0700) == 0 &&
		   mkdirat(dir.fd, "containers/certs.d", 0700) == 0 &&
		   mkdirat(dir.fd, "containers/certs.d/reg.example:5000", 0700) == 0) ||
	    !CHECK(tmpdir_put(dir.fd, "containers/certs.d/reg.example:5000/b.crt", "two")) ||
	    !CHECK(tmpdir_put(dir.fd, "containers/certs.d/reg.example:5000/a.crt", "one")) ||
	    !CHECK(tmpdir_put(dir.fd, "containers/certs.d/reg.example:5000/client.cert", "c")))
		return false;
	return CHECK(certs_find(NULL, "reg.example:5000", &arena, &certs, &err) == -EINVAL) &&
	       CHECK(strstr(err.msg, "client.cert' has no key")) &&
	       CHECK(tmpdir_put(dir.fd, "containers/certs.d/reg.example:5000/client.key", "k")) &&
	       CHECK(certs_find(NULL, "reg.example:5000", &arena, &certs, &err) == 0) &&
	       CHECK_STR(certs.authorities, "one\ntwo\n") &&
	       CHECK(strstr(certs.key_path, "reg.example:5000/client.key")) &&
	       CHECK(certs_find(NULL, "reg.example", &arena, &certs, &err) == 0) &&
	       CHECK(!certs.authorities && !certs.cert_path) &&
	       CHECK(certs_find(NULL, "..", &arena, &certs, &err) == 0 && !certs.authorities);
}

int main(void)
{
	TEST(short_names_are_completed);
	TEST(ambiguous_short_names_can_be_refused);
	TEST(the_longest_prefix_says_where);
	TEST(later_files_replace_what_they_name);
	TEST(what_is_wrong_is_refused);
	TEST(a_users_file_comes_first_and_drop_ins_after_it);
	TEST(certificates_are_found_by_host);
	return tap_done();
}
