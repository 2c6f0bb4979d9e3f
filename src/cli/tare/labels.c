/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of a row: all of them, and one.
 */
#include "cli/tare/labels.h"

#include "base/buf.h"

#include <string.h>

const char *labels_text(const struct oci_pairs *labels, struct arena *arena)
{
	auto_buf struct buf text = {};

	for (size_t i = 0; i < labels->n; i++)
		buf_printf(&text, "%s%s=%s", i ? "," : "", labels->v[i].key, labels->v[i].value);
	return arena_strdup(arena, buf_str(&text));
}

const char *labels_find(const struct oci_pairs *labels, const char *key)
{
	for (size_t i = 0; i < labels->n; i++)
		if (strcmp(labels->v[i].key, key) == 0)
			return labels->v[i].value;
	return "";
}
