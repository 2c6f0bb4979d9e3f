/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What registries.conf says of a name: which whole names a short one stands for, and at which
 * servers, under which paths, what it names is to be had. Read by registry/config.c.
 */
#include "registry/config.h"

#include <string.h>

/* ------------------------------------------------------------------------------ names */

/* As the reference grammar has it: the first of several components may be a host. */
static bool has_host(const char *text)
{
	size_t n = strcspn(text, "/");

	return text[n] && (memchr(text, '.', n) || memchr(text, ':', n) ||
			   (n == strlen("localhost") && strncmp(text, "localhost", n) == 0));
}

/* The length of a name without its tag and digest. */
static size_t name_length(const char *text)
{
	size_t len = strcspn(text, "@"), colon = len;

	while (colon && text[colon] != '/' && (text[colon] != ':' || colon == len))
		colon--;
	return text[colon] == ':' && colon < len ? colon : len;
}

static const char *find_alias(const struct registry_config *config, const char *name, size_t len)
{
	for (size_t i = 0; i < config->aliases.n; i++) {
		const struct oci_pair *alias = &config->aliases.v[i];

		if (strncmp(alias->key, name, len) == 0 && !alias->key[len] && *alias->value)
			return alias->value;
	}
	return NULL;
}

static int search(const struct registry_config *config, const char *text, struct arena *arena,
		  struct oci_strings *ret, struct err *err)
{
	if (config->is_enforcing && config->search.n > 1) {
		(void)err_set(err, ERR_USAGE, EINVAL, "'%.200s' may be of any of %zu registries",
			      text, config->search.n);
		return err_hint(err, "say of which: %.160s/%.200s", config->search.v[0], text);
	}
	ret->v = arena_array(arena, char *, config->search.n + 1);
	for (ret->n = 0; ret->n < config->search.n; ret->n++)
		ret->v[ret->n] = arena_printf(arena, "%s/%s", config->search.v[ret->n], text);
	return 0;
}

int registry_config_expand(const struct registry_config *config, const char *text,
			   struct arena *arena, struct oci_strings *ret, struct err *err)
{
	size_t len = name_length(text);
	const char *alias;

	if (!has_host(text)) {
		alias = find_alias(config, text, len);
		if (!alias && config->search.n)
			return search(config, text, arena, ret, err);
		text = alias ? arena_printf(arena, "%s%s", alias, text + len)
			     : arena_printf(arena, "docker.io/%s", text);
	}
	ret->v = arena_array(arena, char *, 2);
	ret->v[0] = arena_strdup(arena, text);
	ret->n = 1;
	return 0;
}

/* ------------------------------------------------------------------------------ endpoints */

/* How much of `name` the prefix covers; 0: it does not fit. */
static size_t match(const char *prefix, const char *name)
{
	size_t host = strcspn(name, "/:"), len = strlen(prefix);

	if (*prefix == '*')
		return host > len - 1 && strncmp(name + host - (len - 1), prefix + 1, len - 1) == 0
			       ? host : 0;
	if (strncmp(name, prefix, len) != 0)
		return 0;
	return name[len] == '/' || !name[len] ? len : 0;
}

/* The longest prefix wins; an exact one before a wildcard. */
static const struct registry_rule *find_rule(const struct registry_config *config, const char *name,
					     size_t *ret_len)
{
	const struct registry_rule *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < config->rules.n; i++) {
		const struct registry_rule *rule = &config->rules.v[i];
		size_t len = strlen(rule->prefix);

		if (match(rule->prefix, name) && len > best_len) {
			best = rule;
			best_len = len;
		}
	}
	*ret_len = best ? match(best->prefix, name) : 0;
	return best;
}

static void add_endpoint(struct endpoints *list, const char *location, const char *rest,
			 bool is_insecure, struct arena *arena)
{
	struct endpoint *endpoint = &list->v[list->n++];
	char *name = arena_printf(arena, "%s%s", location, rest), *slash = strchr(name, '/');

	endpoint->host = name;
	endpoint->path = slash ? slash + 1 : name + strlen(name);
	endpoint->is_insecure = is_insecure;
	if (slash)
		*slash = '\0';
	if (strcmp(name, "docker.io") == 0 && !strchr(endpoint->path, '/'))
		endpoint->path = arena_printf(arena, "library/%s", endpoint->path);
}

static bool is_for(const struct mirror *mirror, const struct reference *reference)
{
	bool by_digest = reference->digest.text[0];

	return mirror->use == MIRROR_ALL || (mirror->use == MIRROR_DIGEST_ONLY) == by_digest;
}

int registry_config_endpoints(const struct registry_config *config,
			      const struct reference *reference, bool with_mirrors,
			      struct arena *arena, struct endpoints *ret, struct err *err)
{
	const char *name = arena_printf(arena, "%s/%s", reference->host, reference->path);
	size_t len;
	const struct registry_rule *rule = find_rule(config, name, &len);

	if (rule && rule->is_blocked)
		return err_set(err, ERR_USAGE, EPERM, "registries.conf blocks '%.200s'",
			       rule->prefix);
	*ret = (struct endpoints){};
	ret->v = arena_array(arena, struct endpoint, (rule ? rule->mirrors.n : 0) + 1);
	for (size_t i = 0; rule && with_mirrors && i < rule->mirrors.n; i++) {
		const struct mirror *mirror = &rule->mirrors.v[i];

		if (!is_for(mirror, reference))
			continue;
		add_endpoint(ret, mirror->location, name + len, mirror->is_insecure, arena);
		ret->v[ret->n - 1].is_mirror = true;
	}
	if (rule && rule->location)
		add_endpoint(ret, rule->location, name + len, rule->is_insecure, arena);
	else
		add_endpoint(ret, name, "", rule && rule->is_insecure, arena);
	return 0;
}
