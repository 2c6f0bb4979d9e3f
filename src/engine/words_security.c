/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of --security-opt, docker's and podman's. A row for each name; of a label a value that
 * means "off" is the same as never to have been asked, so that scripts which say so run on every
 * machine.
 */
#include "engine/words.h"

#include "oci/list.h"

#include <string.h>

struct wish {
	struct config *config;
	struct arena *arena;
	struct err *err;
};

static int take_no_new_privileges(const struct wish *wish, const char *value)
{
	bool is_true = !*value || strcmp(value, "true") == 0 || strcmp(value, "1") == 0;

	if (!is_true && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
		return err_set(wish->err, ERR_USAGE, EINVAL, "'%.64s' is neither true nor false",
			       value);
	wish->config->no_new_privileges = (struct oci_bool){ true, is_true };
	return 0;
}

static int take_seccomp(const struct wish *wish, const char *value)
{
	wish->config->seccomp_profile = arena_strdup(wish->arena, value);
	return 0;
}

static int take_apparmor(const struct wish *wish, const char *value)
{
	wish->config->apparmor_profile =
		strcmp(value, "unconfined") == 0 ? NULL : arena_strdup(wish->arena, value);
	return 0;
}

static int take_label(const struct wish *wish, const char *value)
{
	if (strcmp(value, "disable") != 0)
		return err_set(wish->err, ERR_USAGE, ENOTSUP,
			       "'%.64s': only 'disable' is there yet", value);
	wish->config->selinux_label = NULL;
	return 0;
}

static int add_paths(const struct wish *wish, struct oci_strings *list, const char *paths)
{
	for (; *paths; paths += *paths == ':') {
		size_t n = strcspn(paths, ":");

		if (*paths != '/' && !(list == &wish->config->unmask && n == 3 &&
				       strncasecmp(paths, "ALL", 3) == 0))
			return err_set(wish->err, ERR_USAGE, EINVAL, "'%.*s' is not absolute",
				       (int)(n < 64 ? n : 64), paths);
		strings_add(list, wish->arena,
			    *paths == '/' ? arena_strndup(wish->arena, paths, n)
					  : arena_strdup(wish->arena, "ALL"));
		paths += n;
	}
	return 0;
}

static int take_mask(const struct wish *wish, const char *value)
{
	return add_paths(wish, &wish->config->mask, value);
}

static int take_unmask(const struct wish *wish, const char *value)
{
	return add_paths(wish, &wish->config->unmask, value);
}

static int take_systempaths(const struct wish *wish, const char *value)
{
	if (strcmp(value, "unconfined") != 0)
		return err_set(wish->err, ERR_USAGE, EINVAL, "'%.64s' is not 'unconfined'", value);
	return add_paths(wish, &wish->config->unmask, "ALL");
}

static const struct {
	const char *name;
	int (*take)(const struct wish *wish, const char *value);
	bool alone; /* needs no value */
} rows[] = {
	{ "no-new-privileges", take_no_new_privileges, true },
	{ "seccomp", take_seccomp },
	{ "apparmor", take_apparmor },
	{ "label", take_label },
	{ "mask", take_mask },
	{ "unmask", take_unmask },
	{ "systempaths", take_systempaths },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* docker took ":" for "=" once, and still does where there is no "=". */
static size_t find_end(const char *word)
{
	size_t len = strcspn(word, "=");

	return word[len] ? len : strcspn(word, ":");
}

int security_opt_add(struct config *config, const char *word, struct arena *arena, struct err *err)
{
	const struct wish wish = { config, arena, err };
	size_t len = find_end(word), i = 0;
	const char *value = word[len] ? word + len + 1 : "";
	int r;

	while (i < N_ROWS && (strlen(rows[i].name) != len || memcmp(rows[i].name, word, len) != 0))
		i++;
	if (i == N_ROWS)
		return err_set(err, ERR_USAGE, EINVAL, "there is no option '%.*s'",
			       (int)(len < 64 ? len : 64), word);
	if (!*value && !rows[i].alone)
		return err_set(err, ERR_USAGE, EINVAL, "%s: the value is missing", rows[i].name);
	r = rows[i].take(&wish, value);
	return r < 0 ? err_wrap(err, "%s", rows[i].name) : 0;
}
