/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks for a server's certificates. The first directory that exists is the one; its authorities
 * come in addition to the system's. What is in the files is for OpenSSL to read.
 */
#include "registry/certs.h"

#include "base/buf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES ((size_t)1 << 20)

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && *name != '.' && strcmp(name + len - n, suffix) == 0;
}

static int is_of_tls(const struct dirent *entry)
{
	return has_suffix(entry->d_name, ".crt") || has_suffix(entry->d_name, ".cert");
}

static int add_authority(const char *path, struct buf *out, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	r = buf_read_fd(out, fd, MAX_BYTES, path, err);
	buf_puts(out, "\n");
	return r;
}

static int take_client(const char *cert_path, struct arena *arena, struct certs *certs,
		       struct err *err)
{
	size_t stem = strlen(cert_path) - strlen("cert");
	char *key_path = arena_printf(arena, "%.*skey", (int)stem, cert_path);

	if (access(key_path, F_OK) < 0)
		return err_set(err, ERR_USAGE, EINVAL, "'%s' has no key: there is no '%s'",
			       cert_path, key_path);
	if (certs->cert_path)
		return 0;
	certs->cert_path = arena_strdup(arena, cert_path);
	certs->key_path = key_path;
	return 0;
}

static int read_dir(const char *dir, struct arena *arena, struct certs *certs, struct err *err)
{
	auto_buf struct buf authorities = {};
	struct dirent **entries = NULL;
	int r = 0, n = scandir(dir, &entries, is_of_tls, alphasort);

	if (n < 0)
		return errno == ENOENT ? -ENOENT : err_sys(err, errno, "open '%s'", dir);
	for (int i = 0; i < n; i++) {
		char *path = arena_printf(arena, "%s/%s", dir, entries[i]->d_name);

		if (r == 0 && has_suffix(path, ".crt"))
			r = add_authority(path, &authorities, err);
		else if (r == 0)
			r = take_client(path, arena, certs, err);
		free(entries[i]);
	}
	free(entries);
	if (r == 0 && authorities.len)
		certs->authorities = arena_strdup(arena, buf_str(&authorities));
	return r;
}

int certs_find(const char *dir, const char *host, struct arena *arena, struct certs *ret,
	       struct err *err)
{
	const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");
	const char *user = config && *config ? config
					     : arena_printf(arena, "%s/.config", home ? home : "");
	const char *const places[] = {
		dir ? dir : arena_printf(arena, "%s/containers/certs.d/%s", user, host),
		dir ? NULL : arena_printf(arena, "/etc/containers/certs.d/%s", host),
		arena_printf(arena, "%s/docker/certs.d/%s", user, host),
		arena_printf(arena, "/etc/docker/certs.d/%s", host),
		NULL,
	};
	struct certs certs = {};
	int r = -ENOENT;

	for (size_t i = 0; places[i] && r == -ENOENT && *host != '.'; i++)
		r = read_dir(places[i], arena, &certs, err);
	if (r < 0 && r != -ENOENT)
		return r;
	*ret = certs;
	return 0;
}
