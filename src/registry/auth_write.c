/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps and forgets logins. Other programs keep more in these files than we know of, so what is not
 * ours is written back as it was read; the new file, for its owner alone, takes the place of the
 * old one at once. Of two of us the second waits, by a lock of the directory.
 */
#include "registry/auth_file.h"

#include "base/buf.h"
#include "oci/json_text.h"
#include "registry/keychain.h"
#include "registry/login.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* ------------------------------------------------------------------------------ files */

/* The directories above it, for their owner alone. */
static int make_parents(const char *path, struct arena *arena, struct err *err)
{
	char *dir = arena_strdup(arena, path);

	for (char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(dir, 0700) < 0 && errno != EEXIST)
			return err_sys(err, errno, "make directory '%s'", dir);
		*slash = '/';
	}
	return 0;
}

/* A file that is a symbolic link stays one: what it points to is replaced. */
static const char *follow(const char *path, struct arena *arena)
{
	auto_free char *real = realpath(path, NULL);

	return real ? arena_strdup(arena, real) : path;
}

static int replace_file(const char *path, const struct buf *text, struct arena *arena,
			struct err *err)
{
	char *temporary = arena_printf(arena, "%s.XXXXXX", path);
	auto_close int fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */
	int r;

	if (fd < 0)
		return err_sys(err, errno, "create '%s'", temporary);
	r = buf_write_fd(text, fd, temporary, err);
	if (r == 0 && fsync(fd) < 0)
		r = err_sys(err, errno, "write '%s'", temporary);
	if (r == 0 && rename(temporary, path) < 0)
		r = err_sys(err, errno, "rename to '%s'", path);
	if (r < 0)
		(void)unlink(temporary);
	return r;
}

static int lock_directory(const char *path, struct arena *arena, int *ret_fd, struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *dir = slash ? arena_strndup(arena, path, (size_t)(slash - path) + 1) : ".";
	auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "open '%s'", dir);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "lock '%s'", dir);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* ------------------------------------------------------------------------------ the document */

static struct json_object *parse(const struct buf *text)
{
	size_t members;
	struct err ignored;

	if (text->len == 0)
		return json_object_new_object();
	if (json_text_check(buf_str(text), text->len, &members, &ignored) < 0)
		return NULL;
	return json_tokener_parse(buf_str(text));
}

static struct json_object *ensure_auths(struct json_object *root)
{
	struct json_object *auths = NULL;

	if (json_object_object_get_ex(root, "auths", &auths) &&
	    json_object_is_type(auths, json_type_object))
		return auths;
	auths = json_object_new_object();
	json_object_object_add(root, "auths", auths);
	return auths;
}

static void set_login(struct json_object *root, const char *key,
		      const struct registry_login *login, struct arena *arena)
{
	struct json_object *entry = json_object_new_object();
	struct registry_login shown = { login->user ? login->user : (char *)"", (char *)"", NULL };

	if (login->identity_token)
		json_object_object_add(entry, "identitytoken",
				       json_object_new_string(login->identity_token));
	json_object_object_add(entry, "auth", json_object_new_string(
		login_encode(login->identity_token ? &shown : login, arena)));
	json_object_object_add(ensure_auths(root), key, entry);
}

/* The key itself, what docker wrote for it, and its namespaces. */
static bool is_of_host(const char *key, const char *host)
{
	const char *scheme = strstr(key, "://");
	size_t len = strlen(host);

	if (strcmp(key, auth_server(host)) == 0)
		return true;
	key = scheme ? scheme + 3 : key;
	return strncmp(key, host, len) == 0 && (!key[len] || key[len] == '/');
}

static bool remove_logins(struct json_object *root, const char *host)
{
	struct json_object *auths = ensure_auths(root);
	bool found = false;

	/* json-c allows to delete the member one is at. */
	json_object_object_foreach(auths, key, value) {
		(void)value;
		if (!is_of_host(key, host))
			continue;
		json_object_object_del(auths, key);
		found = true;
	}
	return found;
}

/* ------------------------------------------------------------------------------ changes */

/* One of the two: a login to keep, or NULL to forget. 1: something changed. */
static int change(const char *path, const char *host, const struct registry_login *login,
		  struct arena *arena, struct err *err)
{
	auto_close int lock_fd = -1;
	auto_buf struct buf text = {}, out = {};
	struct json_object *root;
	bool is_changed = true;
	int r = lock_directory(path, arena, &lock_fd, err);

	if (r == 0)
		r = auth_read(path, &text, err);
	if (r < 0 && r != -ENOENT)
		return r;
	root = parse(&text);
	if (!root || !json_object_is_type(root, json_type_object)) {
		json_object_put(root);
		return err_set(err, ERR_SYSTEM, EINVAL, "'%s' is no JSON object", path);
	}
	if (login)
		set_login(root, auth_server(host), login, arena);
	else
		is_changed = remove_logins(root, host);
	buf_printf(&out, "%s\n", json_object_to_json_string_ext(
		root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_PRETTY_TAB |
			      JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_SPACED));
	json_object_put(root);
	r = is_changed ? replace_file(path, &out, arena, err) : 0;
	return r < 0 ? r : is_changed;
}

/* The program that keeps logins instead of the file; NULL: none. */
static int helper_for(const struct auth_places *places, const char *path, const char *host,
		      struct arena *arena, const char **ret, struct err *err)
{
	auto_buf struct buf text = {};
	int r;

	*ret = NULL;
	if (places->helpers->n && !auth_is_files(places->helpers->v[0])) {
		*ret = places->helpers->v[0];
		return 0;
	}
	r = auth_read(path, &text, err);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = auth_helper_of(buf_str(&text), text.len, host, arena, ret, err);
	return r < 0 ? err_wrap(err, "%s", path) : 0;
}

int auth_keep(const struct auth_places *places, const char *host,
	      const struct registry_login *login, struct err *err)
{
	auto_arena struct arena arena = {};
	const char *path = auth_first_path(places, &arena), *helper;
	int r = helper_for(places, path, host, &arena, &helper, err);

	if (r < 0)
		return r;
	if (helper)
		return keychain_store(helper, auth_server(host), login, err);
	r = make_parents(path, &arena, err);
	if (r == 0)
		r = change(follow(path, &arena), host, login, &arena, err);
	return r < 0 ? r : 0;
}

int auth_forget(const struct auth_places *places, const char *host, struct err *err)
{
	auto_arena struct arena arena = {};
	const char *path = auth_first_path(places, &arena), *helper;
	struct registry_login login;
	int r = helper_for(places, path, host, &arena, &helper, err), found = 0;

	if (r < 0)
		return r;
	if (helper) {
		found = keychain_get(helper, auth_server(host), &arena, &login, err);
		if (found >= 0)
			r = keychain_erase(helper, auth_server(host), err);
		if (found < 0 || r < 0)
			return found < 0 ? found : r;
	}
	if (access(path, F_OK) < 0)
		return found;
	r = change(follow(path, &arena), host, NULL, &arena, err);
	return r < 0 ? r : r || found;
}
