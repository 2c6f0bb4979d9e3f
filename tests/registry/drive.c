/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client of registries as a program, for tests against registries that run. An image lies in a
 * directory: manifest.json, and each blob in a file that is named by its digest's digits.
 *
 *	registry_drive manifest|head NAME
 *	registry_drive pull NAME DIRECTORY
 *	registry_drive push NAME DIRECTORY [MOUNT-FROM]
 *	registry_drive tags NAME [MAX]
 *	registry_drive search HOST TERM
 *	registry_drive login HOST USER PASSWORD
 *	registry_drive logout|whoami HOST
 *
 * Options come from the environment, as DRIVE_NAME.
 */
#include "base/log.h"
#include "base/num.h"
#include "image/hash.h"
#include "image/manifest.h"
#include "registry/registry.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *option(const char *name)
{
	char variable[64];

	(void)snprintf(variable, sizeof(variable), "DRIVE_%s", name);
	return getenv(variable);
}

static uint64_t number(const char *name)
{
	const char *text = option(name);
	uint64_t value = 0;

	if (text)
		(void)num_parse_u64(text, &value);
	return value;
}

static enum registry_tls tls(void)
{
	const char *text = option("TLS");

	if (!text)
		return REGISTRY_TLS_CONFIGURED;
	return strcmp(text, "verify") == 0 ? REGISTRY_TLS_VERIFY : REGISTRY_TLS_INSECURE;
}

/* The first name that `text` may stand for. */
static int find_reference(const struct registry *registry, const char *text, struct arena *arena,
			  struct reference *ret, struct err *err)
{
	struct oci_strings names;
	int r = registry_expand(registry, text, arena, &names, err);

	if (r == 0)
		r = reference_parse(names.v[0], arena, ret, err);
	if (r == 0)
		reference_default(ret, arena);
	return r;
}

static int open_blob(const char *dir, const struct digest *digest, int flags, struct err *err)
{
	auto_arena struct arena arena = {};
	const char *path = arena_printf(&arena, "%s/%s", dir, digest_hex(digest));
	int fd = open(path, flags | O_CLOEXEC, 0644);

	return fd < 0 ? err_sys(err, errno, "open '%s'", path) : fd;
}

/* What an image has: the layers, and the config behind them. */
static const struct descriptor *part(const struct manifest *manifest, size_t i)
{
	return i < manifest->layers.n ? &manifest->layers.v[i] : manifest->config;
}

/* ------------------------------------------------------------------------------ pull */

static void print_manifest(const struct registry_manifest *manifest)
{
	printf("%s %s %llu\n", manifest->digest.text,
	       manifest->media_type ? manifest->media_type : "-",
	       (unsigned long long)manifest->size);
}

static bool has_gone_back;

static bool show(const struct registry_fetch *fetch)
{
	uint64_t *most = fetch->data, stop = number("STOP_AT");

	if (fetch->bytes < *most && fetch->restarts == 0)
		has_gone_back = true;
	*most = fetch->bytes;
	return !stop || fetch->bytes < stop;
}

static int fetch_parts(struct registry *registry, const struct reference *reference,
		       const struct manifest *manifest, const char *dir, struct err *err)
{
	auto_arena struct arena arena = {};
	size_t n = manifest->layers.n + 1;
	struct registry_fetch *fetches = arena_array(&arena, struct registry_fetch, n);
	uint64_t *seen = arena_array(&arena, uint64_t, n);
	int r;

	for (size_t i = 0; i < n; i++) {
		fetches[i] = (struct registry_fetch){ .what = part(manifest, i), .progress = show,
						      .data = &seen[i] };
		r = open_blob(dir, &fetches[i].what->digest, O_RDWR | O_CREAT, err);
		if (r < 0)
			return r;
		fetches[i].fd = r;
	}
	r = registry_fetch_all(registry, reference, fetches, n, err);
	for (size_t i = 0; i < n; i++) {
		printf("%.12s %s %llu restarts=%u%s\n", digest_hex(&fetches[i].what->digest),
		       fetches[i].is_whole ? "whole" : "partial",
		       (unsigned long long)fetches[i].bytes, fetches[i].restarts,
		       has_gone_back ? " went back without a restart" : "");
		(void)close(fetches[i].fd);
	}
	return r;
}

static int pull(struct registry *registry, char **args, struct arena *arena, struct err *err)
{
	struct registry_manifest got = {};
	struct reference reference;
	struct manifest *manifest;
	int r = find_reference(registry, args[0], arena, &reference, err);

	if (r == 0)
		r = registry_get_manifest(registry, &reference, arena, &got, err);
	if (r == 0)
		r = manifest_parse(got.json, got.size, got.media_type, arena, &manifest, err);
	if (r == 0)
		r = fetch_parts(registry, &reference, manifest, args[1], err);
	return r;
}

static int show_manifest(struct registry *registry, char **args, struct arena *arena,
			 struct err *err)
{
	struct registry_manifest got = {};
	struct reference reference;
	int r = find_reference(registry, args[0], arena, &reference, err);

	if (r == 0)
		r = registry_get_manifest(registry, &reference, arena, &got, err);
	if (r == 0)
		print_manifest(&got);
	return r;
}

static int show_head(struct registry *registry, char **args, struct arena *arena, struct err *err)
{
	struct registry_manifest got = {};
	struct reference reference;
	int r = find_reference(registry, args[0], arena, &reference, err);

	if (r == 0)
		r = registry_head_manifest(registry, &reference, arena, &got, err);
	if (r == 0)
		print_manifest(&got);
	return r;
}

/* ------------------------------------------------------------------------------ push */

static int push_parts(struct registry *registry, const struct reference *reference,
		      const struct manifest *manifest, char **args, struct err *err)
{
	static const char *const outcomes[] = {
		[REGISTRY_PENDING] = "pending", [REGISTRY_EXISTED] = "existed",
		[REGISTRY_MOUNTED] = "mounted", [REGISTRY_UPLOADED] = "uploaded",
	};
	auto_arena struct arena arena = {};
	size_t n = manifest->layers.n + 1;
	struct registry_push *pushes = arena_array(&arena, struct registry_push, n);
	int r;

	for (size_t i = 0; i < n; i++) {
		pushes[i] = (struct registry_push){ .what = part(manifest, i),
						    .mount_from = args[2] };
		r = open_blob(args[1], &pushes[i].what->digest, O_RDONLY, err);
		if (r < 0)
			return r;
		pushes[i].fd = r;
	}
	r = registry_push_blobs(registry, reference, pushes, n, err);
	for (size_t i = 0; i < n; i++) {
		printf("%.12s %s %llu\n", digest_hex(&pushes[i].what->digest),
		       outcomes[pushes[i].outcome], (unsigned long long)pushes[i].bytes);
		(void)close(pushes[i].fd);
	}
	return r;
}

static int push(struct registry *registry, char **args, struct arena *arena, struct err *err)
{
	const char *path = arena_printf(arena, "%s/manifest.json", args[1]);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_buf struct buf json = {};
	struct reference reference;
	struct manifest *manifest;
	int r = find_reference(registry, args[0], arena, &reference, err);

	if (r == 0)
		r = buf_read_fd(&json, fd, MANIFEST_MAX_BYTES, path, err);
	if (r == 0)
		r = manifest_parse(buf_str(&json), json.len, NULL, arena, &manifest, err);
	if (r == 0)
		r = push_parts(registry, &reference, manifest, args, err);
	if (r == 0)
		r = registry_push_manifest(registry, &reference, manifest->media_type,
					   buf_str(&json), json.len, err);
	return r;
}

/* ------------------------------------------------------------------------------ lists */

static int tags(struct registry *registry, char **args, struct arena *arena, struct err *err)
{
	struct reference reference;
	struct oci_strings list;
	uint64_t max = 1000;
	int r = find_reference(registry, args[0], arena, &reference, err);

	if (r == 0 && args[1])
		r = num_parse_u64(args[1], &max);
	if (r == 0)
		r = registry_list_tags(registry, &reference, max, arena, &list, err);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		puts(list.v[i]);
	return r;
}

static int search(struct registry *registry, char **args, struct arena *arena, struct err *err)
{
	struct registry_findings found = {};
	int r = registry_search(registry, args[0], args[1], 1000, arena, &found, err);

	for (size_t i = 0; i < found.n; i++)
		puts(found.v[i].name);
	return r;
}

/* ------------------------------------------------------------------------------ logins */

static int login(struct registry *registry, char **args, struct arena *arena, struct err *err)
{
	const struct registry_login login = { args[1], args[2], NULL };

	(void)arena;
	return registry_log_in(registry, args[0], &login, err);
}

static int logout(struct registry *registry, char **args, struct arena *arena, struct err *err)
{
	(void)arena;
	return registry_log_out(registry, args[0], err);
}

static int whoami(struct registry *registry, char **args, struct arena *arena, struct err *err)
{
	struct registry_login found = {};
	int r = registry_find_login(registry, args[0], arena, &found, err);

	if (r == 0)
		puts(found.user ? found.user : "(token)");
	return r;
}

static const struct {
	const char *name;
	int least; /* operands */
	int (*run)(struct registry *registry, char **args, struct arena *arena, struct err *err);
} verbs[] = {
	{ "manifest", 1, show_manifest }, { "head", 1, show_head }, { "pull", 2, pull },
	{ "push", 2, push },              { "tags", 1, tags },      { "search", 2, search },
	{ "login", 3, login },            { "logout", 1, logout },  { "whoami", 1, whoami },
};

int main(int argc, char **argv)
{
	const char *config = option("CREDS_USER");
	struct registry_login creds = { (char *)config, (char *)option("CREDS_PASSWORD"), NULL };
	struct registry_options options = {
		.cert_dir = option("CERTS"), .tls = tls(), .login = config ? &creds : NULL,
		.max_parallel = (unsigned)number("PARALLEL"),
		.stall_seconds = (unsigned)number("STALL"),
		.max_attempts = (unsigned)number("ATTEMPTS"), .chunk_bytes = number("CHUNK"),
	};
	auto_registry struct registry *registry = NULL;
	auto_arena struct arena arena = {};
	struct err err = {};
	int r;

	log_init("registry_drive");
	r = registry_open(&options, &registry, &err);
	for (size_t i = 0; r == 0 && i < sizeof(verbs) / sizeof(*verbs); i++)
		if (argc > 1 && strcmp(argv[1], verbs[i].name) == 0 && argc - 2 >= verbs[i].least) {
			r = verbs[i].run(registry, argv + 2, &arena, &err);
			goto done;
		}
	if (r == 0)
		r = err_set(&err, ERR_USAGE, EINVAL, "no such verb");
done:
	(void)fflush(stdout);
	if (r < 0) {
		log_error("%s", err.msg);
		if (err.hint[0])
			log_hint("%s", err.hint);
	}
	return r < 0;
}
