/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registries.conf and a name. What it says of the name is a list of hosts with paths, none of which
 * can become anything else in a URL.
 */
#include "registry/config.h"

#include "fuzz.h"

static void claim_endpoints(const struct registry_config *config, struct arena *arena)
{
	struct reference reference = { .host = arena_strdup(arena, "a.example.com:5000"),
				       .path = arena_strdup(arena, "foo/bar") };
	struct endpoints list = {};
	struct err err = {};
	int r = registry_config_endpoints(config, &reference, true, arena, &list, &err);

	if (r < 0) {
		claim_refused(r, EPERM, ERR_USAGE, &err);
		return;
	}
	CLAIM(list.n > 0);
	for (size_t i = 0; i < list.n; i++) {
		CLAIM(list.v[i].host[0] && !strpbrk(list.v[i].host, "/@?#% \t\r\n"));
		CLAIM(!strpbrk(list.v[i].path, "@?#% \t\r\n"));
		CLAIM(list.v[i].is_mirror == (i + 1 < list.n));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *text = input_text(&in), *name = input_text(&in);
	auto_arena struct arena arena = {};
	struct registry_config config = { .arena = &arena };
	struct oci_strings names = {};
	struct err err = {};
	int r = registry_config_add(&config, text, strlen(text), &err);

	if (r < 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return 0;
	}
	claim_endpoints(&config, &arena);
	r = registry_config_expand(&config, name, &arena, &names, &err);
	if (r < 0)
		claim_refused(r, EINVAL, ERR_USAGE, &err);
	else
		CLAIM(names.n > 0 && names.v[names.n] == NULL);
	return 0;
}
