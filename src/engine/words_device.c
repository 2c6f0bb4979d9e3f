/* SPDX-License-Identifier: Apache-2.0 */
/* The words for devices of the host: --device and --device-cgroup-rule, as docker has them. */
#include "engine/words.h"

#include "base/num.h"

#include <string.h>

/* Some of "rwm", each once. */
static bool is_access(const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < len; i++)
		if (!strchr("rwm", word[i]) || strchr(word + i + 1, word[i]))
			return false;
	return len > 0;
}

/* "/dev/a", "/dev/a:r", "/dev/a:/dev/b", "/dev/a:/dev/b:rw" */
int device_parse(const char *word, struct arena *arena, struct config_device *ret, struct err *err)
{
	const char *colon = strchrnul(word, ':'), *second = *colon ? colon + 1 : NULL;
	const char *source = arena_strndup(arena, word, (size_t)(colon - word));
	const char *target = source, *access = "rwm";

	if (source[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no absolute path", source);
	if (second && is_access(second)) {
		access = second;
	} else if (second) {
		colon = strchrnul(second, ':');
		target = arena_strndup(arena, second, (size_t)(colon - second));
		access = *colon ? colon + 1 : access;
	}
	if (target[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.64s' is neither an absolute path nor some of 'rwm'", target);
	if (!is_access(access))
		return err_set(err, ERR_USAGE, EINVAL, "the access '%.64s' is not some of 'rwm'",
			       access);
	*ret = (struct config_device){ .source = path_clean(source, arena),
				       .target = path_clean(target, arena),
				       .access = arena_strdup(arena, access) };
	return 0;
}

/* ------------------------------------------------------------------------------- rules */

/* *word: from behind it. -1 is all. */
static bool take_number(const char **word, int64_t *ret)
{
	size_t len = strspn(*word, "0123456789");
	char digits[12] = "";
	uint32_t number;

	if (**word == '*') {
		*ret = -1;
		(*word)++;
		return true;
	}
	if (len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, *word, len);
	if (num_parse_u32(digits, &number) < 0)
		return false;
	*ret = number;
	*word += len;
	return true;
}

int device_rule_parse(const char *word, struct arena *arena, struct config_device_rule *ret,
		      struct err *err)
{
	struct config_device_rule rule = { .type = arena_strndup(arena, word, 1) };
	const char *rest = *word ? word + 1 : word;

	if (*word && strchr("abc", *word) && *rest++ == ' ' && take_number(&rest, &rule.major) &&
	    *rest++ == ':' && take_number(&rest, &rule.minor) && *rest++ == ' ' &&
	    is_access(rest)) {
		rule.access = arena_strdup(arena, rest);
		*ret = rule;
		return 0;
	}
	return err_set(err, ERR_USAGE, EINVAL,
		       "is not of the form 'a|b|c MAJOR:MINOR ACCESS', as 'c 13:* rwm'");
}
