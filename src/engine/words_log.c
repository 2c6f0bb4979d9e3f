/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --log-driver and --log-opt. A row for each option of docker's json-file; what we have no use for
 * is refused with the reason, since a log that is not where somebody looks for it is lost.
 */
#include "engine/words_log.h"

#include "base/num.h"
#include "engine/log_files.h"
#include "engine/words.h"
#include "oci/list.h"

#include <string.h>

int log_driver_parse(const char *word, struct arena *arena, struct config *config, struct err *err)
{
	if (strcmp(word, "json-file") != 0 && strcmp(word, "none") != 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "there is no such log driver yet: it is json-file or none");
	config->log_driver = arena_strdup(arena, word);
	return 0;
}

int log_size_parse(const char *word, int64_t *ret_bytes)
{
	int64_t bytes;

	if (num_parse_size(word, &bytes) < 0 || bytes == 0)
		return -EINVAL;
	*ret_bytes = bytes;
	return 0;
}

/* ------------------------------------------------------------------------------- options */

static int set_size(struct config *config, const char *value, struct arena *arena, struct err *err)
{
	(void)arena;
	if (log_size_parse(value, &config->log_max_size_bytes) < 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "is no size such as 10m, or -1 for any");
	return 0;
}

static int set_count(struct config *config, const char *value, struct arena *arena,
		     struct err *err)
{
	int64_t n;

	(void)arena;
	if (num_parse_i64(value, &n) < 0 || n < 1 || n > LOG_FILES_MAX)
		return err_set(err, ERR_USAGE, EINVAL, "is no number from 1 to %d", LOG_FILES_MAX);
	config->log_max_files = n;
	return 0;
}

/* "a,b": what was given before is forgotten, as docker does. */
static void set_names(struct oci_strings *names, const char *value, struct arena *arena)
{
	*names = (struct oci_strings){};
	for (size_t len; *value; value += len + (value[len] == ',')) {
		len = strcspn(value, ",");
		if (len)
			strings_add(names, arena, arena_strndup(arena, value, len));
	}
}

static int set_labels(struct config *config, const char *value, struct arena *arena,
		      struct err *err)
{
	(void)err;
	set_names(&config->log_labels, value, arena);
	return 0;
}

static int set_env(struct config *config, const char *value, struct arena *arena, struct err *err)
{
	(void)err;
	set_names(&config->log_env, value, arena);
	return 0;
}

static int check_compress(struct config *config, const char *value, struct arena *arena,
			  struct err *err)
{
	(void)config;
	(void)arena;
	if (strcmp(value, "false") == 0)
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "files of a log are not compressed");
}

static int check_mode(struct config *config, const char *value, struct arena *arena,
		      struct err *err)
{
	(void)config;
	(void)arena;
	if (strcmp(value, "blocking") == 0)
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "a log is a file: nothing waits for its reader");
}

static int refuse_regex(struct config *config, const char *value, struct arena *arena,
			struct err *err)
{
	(void)config;
	(void)value;
	(void)arena;
	return err_set(err, ERR_USAGE, EINVAL,
		       "there are no patterns yet: labels=A,B and env=A,B name them");
}

static int refuse_tag(struct config *config, const char *value, struct arena *arena,
		      struct err *err)
{
	(void)config;
	(void)value;
	(void)arena;
	return err_set(err, ERR_USAGE, EINVAL, "there are no tags yet: labels=A,B names labels");
}

static const struct {
	const char *name;
	int (*set)(struct config *config, const char *value, struct arena *arena, struct err *err);
} options[] = {
	{ "compress", check_compress },
	{ "env", set_env },
	{ "env-regex", refuse_regex },
	{ "labels", set_labels },
	{ "labels-regex", refuse_regex },
	{ "max-file", set_count },
	{ "max-size", set_size },
	{ "mode", check_mode },
	{ "tag", refuse_tag },
};

int log_opt_add(struct config *config, const char *word, struct arena *arena, struct err *err)
{
	size_t len = strcspn(word, "=");

	if (!word[len])
		return err_set(err, ERR_USAGE, EINVAL, "is not NAME=VALUE");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strlen(options[i].name) == len && memcmp(options[i].name, word, len) == 0)
			return options[i].set(config, word + len + 1, arena, err);
	return err_set(err, ERR_USAGE, EINVAL,
		       "there is no such option: max-size, max-file, labels and env are");
}
