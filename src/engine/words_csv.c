/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values, for --mount. A quote is only allowed where it means something. */
#include "engine/words_csv.h"

#include <string.h>

/* From behind the opening quote to behind the closing one. */
static const char *take_quoted(const char *p, char *field)
{
	for (; *p; p++) {
		if (*p == '"' && *++p != '"')
			return p;
		*field++ = *p;
	}
	return NULL;
}

int csv_next(const char **rest, struct arena *arena, char **ret_field, struct err *err)
{
	const char *p = *rest;
	char *field = arena_alloc(arena, strlen(p) + 1);

	if (*p == '"') {
		p = take_quoted(p + 1, field);
		if (!p)
			return err_set(err, ERR_USAGE, EINVAL, "a quote is not closed");
	} else {
		size_t n = strcspn(p, ",\"");

		memcpy(field, p, n);
		p += n;
	}
	if (*p && *p != ',')
		return err_set(err, ERR_USAGE, EINVAL, "a quote stands within a field");
	*rest = *p ? p + 1 : NULL;
	*ret_field = field;
	return 0;
}
