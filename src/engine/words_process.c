/* SPDX-License-Identifier: Apache-2.0 */
/* The words for what a process meets: settings of its kernel, its umask, its time zone. */
#include "engine/words.h"

#include "oci/list.h"

#include <stdlib.h>
#include <string.h>

#define ZONES     "/usr/share/zoneinfo/"
#define LOCALTIME "/etc/localtime"

int sysctl_add(struct oci_pairs *sysctls, const char *word, struct arena *arena, struct err *err)
{
	size_t len = strcspn(word, "=");

	if (len == 0 || !word[len])
		return err_set(err, ERR_USAGE, EINVAL, "is not of the form NAME=VALUE");
	return label_add(sysctls, word, arena, err);
}

int umask_parse(const char *word, struct oci_u64 *ret, struct err *err)
{
	if (!*word || strlen(word) > 4 || strspn(word, "01234567") != strlen(word) ||
	    strtoul(word, NULL, 8) > 0777)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no octal mode up to 777", word);
	*ret = (struct oci_u64){ true, strtoul(word, NULL, 8) };
	return 0;
}

/* ------------------------------------------------------------------------------- time zone */

static bool is_zone(const char *word)
{
	return *word && *word != '/' && !strstr(word, "..") &&
	       strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-") ==
		       strlen(word);
}

int timezone_parse(const char *word, struct arena *arena, struct config_mount *ret,
		   struct err *err)
{
	if (strcmp(word, "local") != 0 && !is_zone(word))
		return err_set(err, ERR_USAGE, EINVAL,
			       "is neither local nor the name of a time zone");
	*ret = (struct config_mount){
		.type = arena_strdup(arena, "bind"),
		.source = strcmp(word, "local") == 0 ? arena_strdup(arena, LOCALTIME)
						     : arena_printf(arena, ZONES "%s", word),
		.target = arena_strdup(arena, LOCALTIME),
	};
	strings_add(&ret->options, arena, arena_strdup(arena, "ro"));
	return 0;
}
