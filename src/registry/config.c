/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads registries.conf; registry/names.c answers from it. Each file is read into its own TOML
 * tree, of which the tables are copied into the configuration; one that is there already, by its
 * prefix or its name, is replaced.
 */
#include "registry/config.h"

#include "base/buf.h"
#include "base/toml.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEM_DIR "/etc/containers"
#define MAX_BYTES  ((size_t)1 << 20)

/* What names and locations are made of: they become parts of URLs. */
#define LOCATION "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:/[]"

/* ------------------------------------------------------------------------------ locations */

/* "[*.]host[:port][/path]", without a slash at its end. */
static int read_location(const struct toml *table, const char *key, struct arena *arena, char **ret,
			 struct err *err)
{
	const char *text = NULL, *host;
	size_t len;
	int r = toml_read_string(table, key, &text, err);

	if (r < 0 || !text || !*text)
		return r;
	if (strstr(text, "://"))
		return err_set(err, ERR_USAGE, EINVAL,
			       "line %u: %s '%.160s': a host comes first, without 'https://'",
			       table->line, key, text);
	host = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
	len = strlen(host);
	while (len && host[len - 1] == '/')
		len--;
	if (!len || strchr("/:", *host) || strspn(host, LOCATION) < len)
		return err_set(err, ERR_USAGE, EINVAL,
			       "line %u: %s '%.160s' is no host[:port][/path]", table->line, key,
			       text);
	*ret = arena_strndup(arena, text, len + (size_t)(host - text));
	return 0;
}

/* A wildcard stands for hosts alone, and a prefix has no tag. */
static int check_prefix(const struct toml *table, const char *prefix, struct err *err)
{
	const char *host_end = strchr(prefix, '/'), *colon = strrchr(prefix, ':');

	if (*prefix == '*' && (host_end || colon))
		return err_set(err, ERR_USAGE, EINVAL,
			       "line %u: prefix '%.160s': only a host may follow '*.'",
			       table->line, prefix);
	if (host_end && colon > host_end)
		return err_set(err, ERR_USAGE, EINVAL,
			       "line %u: prefix '%.160s': one with a tag is not supported",
			       table->line, prefix);
	return 0;
}

/* ------------------------------------------------------------------------------ tables */

static int read_mirror(const struct toml *table, bool digest_only, struct arena *arena,
		       struct mirror *mirror, struct err *err)
{
	static const char *const uses[] = {
		[MIRROR_ALL] = "all", [MIRROR_DIGEST_ONLY] = "digest-only",
		[MIRROR_TAG_ONLY] = "tag-only",
	};
	const char *use = "";
	int r = read_location(table, "location", arena, &mirror->location, err);

	if (r == 0)
		r = toml_read_boolean(table, "insecure", &mirror->is_insecure, err);
	if (r == 0)
		r = toml_read_string(table, "pull-from-mirror", &use, err);
	if (r < 0)
		return r;
	if (!mirror->location || *mirror->location == '*')
		return err_set(err, ERR_USAGE, EINVAL, "line %u: a mirror needs a location",
			       table->line);
	if (!*use) {
		mirror->use = digest_only ? MIRROR_DIGEST_ONLY : MIRROR_ALL;
		return 0;
	}
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++)
		if (strcmp(use, uses[i]) == 0 && !digest_only) {
			mirror->use = (enum mirror_use)i;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "line %u: pull-from-mirror '%.64s' is %s",
		       table->line, use,
		       digest_only ? "not for a registry with mirror-by-digest-only"
				   : "neither all, digest-only nor tag-only");
}

static size_t count(const struct toml *first)
{
	size_t n = 0;

	for (; first; first = first->next)
		n++;
	return n;
}

static int read_mirrors(const struct toml *table, struct arena *arena, struct registry_rule *rule,
			struct err *err)
{
	const struct toml *first = NULL;
	bool digest_only = false;
	int r = toml_read_boolean(table, "mirror-by-digest-only", &digest_only, err);

	if (r == 0)
		r = toml_read_array(table, "mirror", TOML_TABLE, &first, err);
	if (r < 0)
		return r;
	rule->mirrors.v = arena_array(arena, struct mirror, count(first));
	for (; first; first = first->next) {
		r = read_mirror(first, digest_only, arena, &rule->mirrors.v[rule->mirrors.n++],
				err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_rule(const struct toml *table, struct arena *arena, struct registry_rule *rule,
		     struct err *err)
{
	int r = read_location(table, "prefix", arena, &rule->prefix, err);

	if (r == 0)
		r = read_location(table, "location", arena, &rule->location, err);
	if (r == 0)
		r = toml_read_boolean(table, "insecure", &rule->is_insecure, err);
	if (r == 0)
		r = toml_read_boolean(table, "blocked", &rule->is_blocked, err);
	if (r == 0)
		r = read_mirrors(table, arena, rule, err);
	if (r < 0)
		return r;
	if (!rule->prefix)
		rule->prefix = rule->location;
	if (!rule->prefix || (!rule->location && *rule->prefix != '*'))
		return err_set(err, ERR_USAGE, EINVAL, "line %u: a registry needs a location",
			       table->line);
	if (rule->location && *rule->location == '*')
		return err_set(err, ERR_USAGE, EINVAL,
			       "line %u: a location has no wildcard; a prefix may", table->line);
	return check_prefix(table, rule->prefix, err);
}

/* The rule of that prefix, or a new one: the arena has room for one more than there are. */
static struct registry_rule *rule_place(struct registry_config *config, const char *prefix)
{
	for (size_t i = 0; i < config->rules.n; i++)
		if (strcmp(config->rules.v[i].prefix, prefix) == 0)
			return &config->rules.v[i];
	return &config->rules.v[config->rules.n++];
}

static int add_rules(struct registry_config *config, const struct toml *root, struct err *err)
{
	const struct toml *table = NULL;
	struct registry_rule *grown;
	int r = toml_read_array(root, "registry", TOML_TABLE, &table, err);

	if (r < 0 || !table)
		return r;
	grown = arena_array(config->arena, struct registry_rule, config->rules.n + count(table));
	if (config->rules.n)
		memcpy(grown, config->rules.v, config->rules.n * sizeof(*grown));
	config->rules.v = grown;
	for (; table; table = table->next) {
		struct registry_rule rule = {};

		r = read_rule(table, config->arena, &rule, err);
		if (r < 0)
			return r;
		*rule_place(config, rule.prefix) = rule;
	}
	return 0;
}

/* An alias that is empty takes away one of a file before. */
static int add_aliases(struct registry_config *config, const struct toml *root, struct err *err)
{
	const struct toml *aliases, *member;
	struct oci_pair *grown;
	size_t i;
	int r = toml_find_kind(root, "aliases", TOML_TABLE, &aliases, err);

	if (r < 0 || !aliases)
		return r;
	grown = arena_array(config->arena, struct oci_pair,
			    config->aliases.n + count(aliases->first));
	if (config->aliases.n)
		memcpy(grown, config->aliases.v, config->aliases.n * sizeof(*grown));
	config->aliases.v = grown;
	for (member = aliases->first; member; member = member->next) {
		const char *value = "";

		r = toml_read_string(aliases, member->key, &value, err);
		if (r < 0)
			return r;
		for (i = 0; i < config->aliases.n; i++)
			if (strcmp(grown[i].key, member->key) == 0)
				break;
		grown[i] = (struct oci_pair){ member->key, arena_strdup(config->arena, value) };
		config->aliases.n += i == config->aliases.n;
	}
	return 0;
}

static int read_strings(struct registry_config *config, const struct toml *root, const char *key,
			struct oci_strings *list, struct err *err)
{
	const struct toml *item = NULL;
	int r;

	if (!toml_find(root, key))
		return 0;
	r = toml_read_array(root, key, TOML_STRING, &item, err);
	if (r < 0)
		return r;
	list->v = arena_array(config->arena, char *, count(item) + 1);
	list->n = 0;
	for (; item; item = item->next)
		list->v[list->n++] = item->string;
	return 0;
}

static int read_mode(struct registry_config *config, const struct toml *root, struct err *err)
{
	const char *mode = NULL;
	int r = toml_read_string(root, "short-name-mode", &mode, err);

	if (r == 0 && mode)
		config->is_enforcing = strcmp(mode, "enforcing") == 0;
	return r;
}

int registry_config_add(struct registry_config *config, const char *text, size_t len,
			struct err *err)
{
	struct toml *root;
	int r = toml_parse(text, len, config->arena, &root, err);

	if (r < 0)
		return r;
	if (toml_find(root, "registries"))
		return err_set(err, ERR_USAGE, EINVAL,
			       "line %u: version 1 of registries.conf is not supported",
			       toml_find(root, "registries")->line);
	r = add_rules(config, root, err);
	if (r == 0)
		r = add_aliases(config, root, err);
	if (r == 0)
		r = read_strings(config, root, "unqualified-search-registries", &config->search,
				 err);
	if (r == 0)
		r = read_strings(config, root, "credential-helpers", &config->helpers, err);
	return r < 0 ? r : read_mode(config, root, err);
}

/* ------------------------------------------------------------------------------ files */

static int add_file(struct registry_config *config, int dir_fd, const char *name, const char *path,
		    struct err *err)
{
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	auto_buf struct buf text = {};
	int r;

	if (fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	r = buf_read_fd(&text, fd, MAX_BYTES, path, err);
	if (r < 0)
		return r;
	r = registry_config_add(config, buf_str(&text), text.len, err);
	return r < 0 ? err_wrap(err, "%s", path) : 0;
}

static int is_drop_in(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && *entry->d_name != '.' && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

static int add_drop_ins(struct registry_config *config, const char *path, struct err *err)
{
	auto_close int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries = NULL;
	int n, r = 0;

	if (dir_fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, errno, "open '%s'", path);
	n = scandir(path, &entries, is_drop_in, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (r == 0)
			r = add_file(config, dir_fd, name,
				     arena_printf(config->arena, "%s/%s", path, name), err);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* The directory of a user's configuration; NULL: there is none. */
static const char *user_dir(struct arena *arena)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config)
		return arena_printf(arena, "%s/containers", config);
	return home && *home ? arena_printf(arena, "%s/.config/containers", home) : NULL;
}

static int load_usual(struct registry_config *config, struct err *err)
{
	const char *user = user_dir(config->arena), *path = SYSTEM_DIR "/registries.conf";
	int r;

	if (user) {
		const char *own = arena_printf(config->arena, "%s/registries.conf", user);

		if (access(own, F_OK) == 0)
			path = own;
	}
	r = add_file(config, AT_FDCWD, path, path, err);
	if (r == -ENOENT)
		r = 0;
	if (r == 0)
		r = add_drop_ins(config, SYSTEM_DIR "/registries.conf.d", err);
	if (r == 0 && user)
		r = add_drop_ins(config, arena_printf(config->arena, "%s/registries.conf.d", user),
				 err);
	return r;
}

int registry_config_load(const char *file, struct arena *arena, struct registry_config *ret,
			 struct err *err)
{
	struct registry_config config = { .arena = arena };
	int r;

	if (!file)
		file = getenv("CONTAINERS_REGISTRIES_CONF");
	r = file && *file ? add_file(&config, AT_FDCWD, file, file, err)
			  : load_usual(&config, err);
	if (r == 0)
		*ret = config;
	return r;
}
