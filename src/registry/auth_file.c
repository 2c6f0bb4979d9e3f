/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads logins. The keys of a file are "host[:port][/namespace...]", or what docker wrote before:
 * an address with https:// before and a path behind the host. docker.io's is of that kind.
 */
#include "registry/auth_file.h"

#include "base/buf.h"
#include "oci/schema.h"
#include "registry/keychain.h"
#include "registry/login.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES ((size_t)1 << 20)
#define DOCKER_SERVER "https://index.docker.io/v1/"

struct auth_entry {
	char *key;
	char *auth, *identity_token, *user, *password;
};

struct auth_document {
	OCI_LIST(struct auth_entry) auths;
	struct oci_pairs helpers; /* host: helper */
	char *store;              /* the helper of all others */
};

#define STRING(name, type, member) \
	{ name, SCHEMA_STRING, 0, offsetof(struct type, member), NULL, NULL, NULL }

static const struct schema_field entry_fields[] = {
	STRING("auth", auth_entry, auth),
	STRING("identitytoken", auth_entry, identity_token),
	STRING("username", auth_entry, user),
	STRING("password", auth_entry, password),
};

static const struct schema entry_schema = SCHEMA(struct auth_entry, entry_fields);

static const struct schema_field document_fields[] = {
	{ "auths", SCHEMA_MAP, 0, offsetof(struct auth_document, auths), &entry_schema, NULL,
	  NULL },
	{ "credHelpers", SCHEMA_PAIRS, 0, offsetof(struct auth_document, helpers), NULL, NULL,
	  NULL },
	STRING("credsStore", auth_document, store),
};

static const struct schema document_schema = SCHEMA(struct auth_document, document_fields);

/* ------------------------------------------------------------------------------ places */

char *auth_first_path(const struct auth_places *places, struct arena *arena)
{
	const char *file = places->file ? places->file : getenv("REGISTRY_AUTH_FILE");
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (file && *file)
		return arena_strdup(arena, file);
	if (runtime && *runtime)
		return arena_printf(arena, "%s/containers/auth.json", runtime);
	return arena_printf(arena, "/run/containers/%u/auth.json", (unsigned)geteuid());
}

/* The others, where they count; NULL ends them. */
static void other_paths(const struct auth_places *places, struct arena *arena, char *ret[3])
{
	const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");
	const char *docker = getenv("DOCKER_CONFIG"), *file = getenv("REGISTRY_AUTH_FILE");
	size_t n = 0;

	ret[0] = NULL;
	if (places->file || (file && *file))
		return;
	if (config && *config)
		ret[n++] = arena_printf(arena, "%s/containers/auth.json", config);
	else if (home && *home)
		ret[n++] = arena_printf(arena, "%s/.config/containers/auth.json", home);
	if (docker && *docker)
		ret[n++] = arena_printf(arena, "%s/config.json", docker);
	else if (home && *home)
		ret[n++] = arena_printf(arena, "%s/.docker/config.json", home);
	ret[n] = NULL;
}

int auth_read(const char *path, struct buf *out, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	if (fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	return buf_read_fd(out, fd, MAX_BYTES, path, err);
}

const char *auth_server(const char *host)
{
	return strcmp(host, "docker.io") == 0 ? DOCKER_SERVER : host;
}

bool auth_is_files(const char *helper)
{
	return strcmp(helper, "containers-auth.json") == 0;
}

/* ------------------------------------------------------------------------------ keys */

/* Does a key that docker wrote, with a scheme or a path of the protocol, mean the host? */
static bool is_old_key(const char *key, const char *host)
{
	static const char *const tails[] = { "", "/", "/v1", "/v1/", "/v2", "/v2/" };
	const char *scheme = strstr(key, "://");
	size_t len;

	if (scheme)
		key = scheme + 3;
	if (strcmp(host, "docker.io") == 0 &&
	    (strncmp(key, "index.docker.io", strlen("index.docker.io")) == 0 ||
	     strncmp(key, "registry-1.docker.io", strlen("registry-1.docker.io")) == 0))
		host = key[0] == 'i' ? "index.docker.io" : "registry-1.docker.io";
	len = strlen(host);
	if (strncmp(key, host, len) != 0)
		return false;
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++)
		if (strcmp(key + len, tails[i]) == 0)
			return true;
	return false;
}

static bool has_login(const struct auth_entry *entry)
{
	return (entry->auth && *entry->auth) || (entry->identity_token && *entry->identity_token) ||
	       (entry->user && *entry->user);
}

static const struct auth_entry *find_key(const struct auth_document *document, const char *key)
{
	for (size_t i = 0; i < document->auths.n; i++)
		if (strcmp(document->auths.v[i].key, key) == 0 && has_login(&document->auths.v[i]))
			return &document->auths.v[i];
	return NULL;
}

static const struct auth_entry *find_entry(const struct auth_document *document, const char *host,
					   const char *path, struct arena *arena)
{
	char *key = arena_printf(arena, "%s%s%s", host, *path ? "/" : "", path), *slash;
	const struct auth_entry *entry;

	while (!(entry = find_key(document, key)) && (slash = strrchr(key, '/')))
		*slash = '\0';
	for (size_t i = 0; !entry && i < document->auths.n; i++)
		if (is_old_key(document->auths.v[i].key, host) && has_login(&document->auths.v[i]))
			entry = &document->auths.v[i];
	return entry;
}

static int read_entry(const struct auth_entry *entry, struct arena *arena,
		      struct registry_login *ret, struct err *err)
{
	struct registry_login login = {};
	int r = 0;

	if (entry->identity_token && *entry->identity_token) {
		login.identity_token = entry->identity_token;
	} else if (entry->auth && *entry->auth) {
		r = login_decode(entry->auth, arena, &login, err);
	} else {
		login.user = entry->user;
		login.password = entry->password ? entry->password : arena_strdup(arena, "");
	}
	if (r < 0)
		return err_wrap(err, "the login for '%.200s'", entry->key);
	*ret = login;
	return 1;
}

/* ------------------------------------------------------------------------------ documents */

static int parse(const char *json, size_t len, struct arena *arena, struct auth_document **ret,
		 struct err *err)
{
	if (len == 0) {
		*ret = arena_new(arena, struct auth_document);
		return 0;
	}
	return schema_parse(&document_schema, json, len, arena, (void **)ret, err);
}

int auth_find_in(const char *json, size_t len, const char *host, const char *path,
		 struct arena *arena, struct registry_login *ret, struct err *err)
{
	struct auth_document *document;
	const struct auth_entry *entry;
	int r = parse(json, len, arena, &document, err);

	if (r < 0)
		return r;
	entry = find_entry(document, host, path, arena);
	return entry ? read_entry(entry, arena, ret, err) : 0;
}

int auth_helper_of(const char *json, size_t len, const char *host, struct arena *arena,
		   const char **ret, struct err *err)
{
	struct auth_document *document;
	int r = parse(json, len, arena, &document, err);

	if (r < 0)
		return r;
	*ret = document->store && *document->store ? document->store : NULL;
	for (size_t i = 0; i < document->helpers.n; i++)
		if (is_old_key(document->helpers.v[i].key, host))
			*ret = document->helpers.v[i].value;
	return 0;
}

/* A helper may know docker.io by either name. */
static int ask_helper(const char *helper, const char *host, struct arena *arena,
		      struct registry_login *ret, struct err *err)
{
	int r = keychain_get(helper, auth_server(host), arena, ret, err);

	if (r == 0 && auth_server(host) != host)
		r = keychain_get(helper, host, arena, ret, err);
	return r;
}

static int find_in_file(const char *file, const char *host, const char *path, struct arena *arena,
			struct registry_login *ret, struct err *err)
{
	auto_buf struct buf text = {};
	const char *helper;
	int r = auth_read(file, &text, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = auth_helper_of(buf_str(&text), text.len, host, arena, &helper, err);
	if (r == 0 && helper)
		r = ask_helper(helper, host, arena, ret, err);
	if (r == 0)
		r = auth_find_in(buf_str(&text), text.len, host, path, arena, ret, err);
	return r < 0 ? err_wrap(err, "%s", file) : r;
}

static int find_in_files(const struct auth_places *places, const char *host, const char *path,
			 struct arena *arena, struct registry_login *ret, struct err *err)
{
	char *others[3];
	int r = find_in_file(auth_first_path(places, arena), host, path, arena, ret, err);

	other_paths(places, arena, others);
	for (char **file = others; *file && r == 0; file++)
		r = find_in_file(*file, host, path, arena, ret, err);
	return r;
}

int auth_find(const struct auth_places *places, const char *host, const char *path,
	      struct arena *arena, struct registry_login *ret, struct err *err)
{
	int r = 0;

	if (places->helpers->n == 0)
		return find_in_files(places, host, path, arena, ret, err);
	for (size_t i = 0; i < places->helpers->n && r == 0; i++) {
		const char *helper = places->helpers->v[i];

		r = auth_is_files(helper) ? find_in_files(places, host, path, arena, ret, err)
					  : ask_helper(helper, host, arena, ret, err);
	}
	return r;
}
