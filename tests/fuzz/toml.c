/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file. It is refused with its line, or becomes a tree in which no table has a key
 * twice and none is deeper than is said.
 */
#include "base/toml.h"

#include "fuzz.h"

static void claim_tree(const struct toml *value, unsigned depth)
{
	CLAIM(depth <= 2 * TOML_MAX_DEPTH);
	CLAIM(value->line > 0);
	CLAIM(value->kind != TOML_STRING || value->string);
	if (value->kind != TOML_TABLE && value->kind != TOML_ARRAY) {
		CLAIM(!value->first);
		return;
	}
	for (const struct toml *child = value->first; child; child = child->next) {
		CLAIM((child->key != NULL) == (value->kind == TOML_TABLE));
		CLAIM(!child->key || toml_find(value, child->key) == child);
		claim_tree(child, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = {};
	struct toml *root = NULL;
	struct err err = {};
	int r = toml_parse((const char *)data, size, &arena, &root, &err);

	if (r == 0)
		claim_tree(root, 0);
	else
		claim_refused(r, EINVAL, ERR_USAGE, &err);
	return 0;
}
