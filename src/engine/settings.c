/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of words. One that is misspelt is refused: what it was meant to forbid would be allowed.
 */
#include "engine/settings.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/toml.h"
#include "engine/log_files.h"
#include "engine/words_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_FILE "/etc/tare/tare.conf"

static int refuse(const struct toml *value, const char *want, struct err *err)
{
	return err_set(err, ERR_USAGE, EINVAL, "line %u: %s: '%s' is not %s", value->line,
		       value->key, value->string, want);
}

static int set_path(const struct toml *value, const char **ret, struct err *err)
{
	if (value->string[0] != '/')
		return refuse(value, "absolute", err);
	*ret = value->string;
	return 0;
}

static int set_root(const struct toml *value, struct settings *settings, struct err *err)
{
	return set_path(value, &settings->root, err);
}

static int set_cgroup_parent(const struct toml *value, struct settings *settings, struct err *err)
{
	return set_path(value, &settings->cgroup_parent, err);
}

static int set_userns_fallback(const struct toml *value, struct settings *settings,
			       struct err *err)
{
	settings->refuses_host_ids = strcmp(value->string, "refuse") == 0;
	if (settings->refuses_host_ids || strcmp(value->string, "host") == 0)
		return 0;
	return refuse(value, "\"host\" or \"refuse\"", err);
}

static int set_log_max_size(const struct toml *value, struct settings *settings, struct err *err)
{
	if (log_size_parse(value->string, &settings->log_max_size_bytes) < 0)
		return refuse(value, "a size such as \"10m\", or \"-1\" for any", err);
	return 0;
}

static int set_log_max_files(const struct toml *value, struct settings *settings,
			     struct err *err)
{
	if (value->integer < 1 || value->integer > LOG_FILES_MAX)
		return err_set(err, ERR_USAGE, EINVAL, "line %u: %s: %jd is not from 1 to %d",
			       value->line, value->key, (intmax_t)value->integer, LOG_FILES_MAX);
	settings->log_max_files = value->integer;
	return 0;
}

static const char *const kind_names[] = {
	[TOML_STRING] = "a string",
	[TOML_INTEGER] = "a whole number",
	[TOML_BOOLEAN] = "true or false",
};

static int set_no_new_privs(const struct toml *value, struct settings *settings, struct err *err)
{
	(void)err;
	settings->no_new_privs = value->boolean;
	return 0;
}

static int set_publish_address(const struct toml *value, struct settings *settings,
			       struct err *err)
{
	struct err ignored;

	if (ip_parse(value->string, &settings->publish_address, &ignored) < 0)
		return refuse(value, "an address of this machine, such as \"127.0.0.1\"", err);
	return 0;
}

static int set_respect_input_policy(const struct toml *value, struct settings *settings,
				    struct err *err)
{
	(void)err;
	settings->respects_input_policy = value->boolean;
	return 0;
}

static const struct {
	const char *key;
	enum toml_kind kind;
	int (*set)(const struct toml *value, struct settings *settings, struct err *err);
} words[] = {
	{ "cgroup_parent", TOML_STRING, set_cgroup_parent },
	{ "log_max_files", TOML_INTEGER, set_log_max_files },
	{ "log_max_size", TOML_STRING, set_log_max_size },
	{ "no_new_privs", TOML_BOOLEAN, set_no_new_privs },
	{ "publish_address", TOML_STRING, set_publish_address },
	{ "respect_input_policy", TOML_BOOLEAN, set_respect_input_policy },
	{ "root", TOML_STRING, set_root },
	{ "userns_fallback", TOML_STRING, set_userns_fallback },
};

static int add_word(struct settings *settings, const struct toml *value, struct err *err)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].key, value->key) != 0)
			continue;
		if (value->kind != words[i].kind)
			return err_set(err, ERR_USAGE, EINVAL, "line %u: %s is not %s",
				       value->line, value->key, kind_names[words[i].kind]);
		return words[i].set(value, settings, err);
	}
	(void)err_set(err, ERR_USAGE, EINVAL, "line %u: '%s' is no setting", value->line,
		      value->key);
	return err_hint(err, "tare.conf(5) has the settings there are");
}

int settings_add(struct settings *settings, const char *text, size_t len, struct arena *arena,
		 struct err *err)
{
	struct toml *table;
	int r = toml_parse(text, len, arena, &table, err);

	for (const struct toml *value = r == 0 ? table->first : NULL; value && r == 0;
	     value = value->next)
		r = add_word(settings, value, err);
	return r;
}

static int add_file(struct settings *settings, const char *path, bool must_be, struct arena *arena,
		    struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_buf struct buf text = {};
	int r;

	if (fd < 0 && !must_be && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	r = buf_read_fd(&text, fd, TOML_MAX_BYTES, path, err);
	if (r < 0)
		return r;
	r = settings_add(settings, buf_str(&text), text.len, arena, err);
	return r < 0 ? err_wrap(err, "'%s'", path) : 0;
}

/* NULL: there is none. */
static const char *own_file(struct arena *arena)
{
	const char *config = secure_getenv("XDG_CONFIG_HOME"), *home = secure_getenv("HOME");

	if (config && config[0] == '/')
		return arena_printf(arena, "%s/tare/tare.conf", config);
	return home ? arena_printf(arena, "%s/.config/tare/tare.conf", home) : NULL;
}

int settings_read(struct arena *arena, struct settings *ret, struct err *err)
{
	const char *other = secure_getenv("TARE_CONF"), *own;
	int r;

	*ret = (struct settings){ .log_max_size_bytes = 10 << 20, .log_max_files = 3 };
	if (other)
		return add_file(ret, other, true, arena, err);
	r = add_file(ret, SYSTEM_FILE, false, arena, err);
	own = geteuid() == 0 ? NULL : own_file(arena);
	return r == 0 && own ? add_file(ret, own, false, arena, err) : r;
}
