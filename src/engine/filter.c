/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row for each key: how a value is read, once, and whether a container has it. What containers
 * do not have here (pods, health checks, restart policies) has its row too: its values are checked,
 * and match as they would for a container without it.
 */
#include "engine/filter.h"

#include "base/moment.h"
#include "base/num.h"
#include "base/timestamp.h"
#include "engine/filter_words.h"
#include "engine/images.h"
#include "net/port.h"

#include <string.h>

struct filter_value {
	unsigned key;
	const char *word;
	bool has_pattern;
	regex_t pattern;
	bool is_true;
	unsigned kinds;          /* bits of enum status_kind */
	uint32_t number;
	struct timespec moment;
	const char *image_id;    /* NULL: there is no such image (any more) */
	struct oci_strings layers;
	struct port port;        /* the container's; of host_port and the address nothing counts */
};

/* What is needed to read a value. */
struct reading {
	const struct engine *engine;
	struct arena *arena;
};

typedef int read_fn(const struct reading *reading, struct filter_value *value, struct err *err);
typedef bool match_fn(const struct filter_value *value, const struct engine_container *container);

/* ------------------------------------------------------------------------------- patterns */

static int read_pattern(const struct reading *reading, struct filter_value *value, struct err *err)
{
	int r = filter_words_pattern(value->word, &value->pattern, err);

	(void)reading;
	value->has_pattern = r == 0;
	return r;
}

static bool is_like(const struct filter_value *value, const char *text)
{
	return regexec(&value->pattern, text, 0, NULL, 0) == 0;
}

static bool match_id(const struct filter_value *value, const struct engine_container *container)
{
	return is_like(value, container->config->id);
}

/* docker writes names with a slash before them, and takes a pattern for either. */
static bool match_name(const struct filter_value *value, const struct engine_container *container)
{
	char name[160] = "/";

	strncat(name, container->config->name, sizeof(name) - 2);
	return is_like(value, name + 1) || is_like(value, name);
}

/* The program alone, not its arguments. */
static bool match_command(const struct filter_value *value,
			  const struct engine_container *container)
{
	const struct config *config = container->config;
	const struct oci_strings *argv = config->entrypoint.n ? &config->entrypoint
							      : &config->command;

	return argv->n && is_like(value, argv->v[0]);
}

/* ------------------------------------------------------------------------------- labels */

static bool match_label(const struct filter_value *value, const struct engine_container *container)
{
	return filter_words_is_label(value->word, &container->config->labels);
}

static bool match_no_label(const struct filter_value *value,
			   const struct engine_container *container)
{
	return !match_label(value, container);
}

/* ------------------------------------------------------------------------------- life */

static const struct status_word {
	const char *word;
	unsigned kinds;
} status_words[] = {
	{ "created", 1U << STATUS_CREATED },
	{ "configured", 1U << STATUS_CREATED },
	{ "initialized", 1U << STATUS_CREATED },
	{ "running", 1U << STATUS_RUNNING },
	{ "paused", 1U << STATUS_PAUSED },
	{ "exited", 1U << STATUS_EXITED },
	{ "stopped", 1U << STATUS_EXITED },
	{ "restarting", 0 },
	{ "removing", 0 },
	{ "stopping", 0 },
	{ "dead", 0 },
	{ "unknown", 0 },
};

static int read_status(const struct reading *reading, struct filter_value *value, struct err *err)
{
	(void)reading;
	for (size_t i = 0; i < sizeof(status_words) / sizeof(status_words[0]); i++)
		if (strcmp(value->word, status_words[i].word) == 0) {
			value->kinds = status_words[i].kinds;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL,
		       "it is not created, running, paused, restarting, removing, exited or dead");
}

static bool match_status(const struct filter_value *value, const struct engine_container *container)
{
	return value->kinds & 1U << container->status->kind;
}

static int read_exited(const struct reading *reading, struct filter_value *value, struct err *err)
{
	(void)reading;
	if (num_parse_u32(value->word, &value->number) == 0)
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "it is no exit status");
}

static bool match_exited(const struct filter_value *value, const struct engine_container *container)
{
	return container->status->kind == STATUS_EXITED &&
	       container->status->exit_code == (int64_t)value->number;
}

/* ------------------------------------------------------------------------------- age */

static int read_until(const struct reading *reading, struct filter_value *value, struct err *err)
{
	(void)reading;
	return filter_words_moment(value->word, &value->moment, err);
}

static int read_other(const struct reading *reading, struct filter_value *value, struct err *err)
{
	struct engine_container other;
	int r = engine_get(reading->engine, value->word, reading->arena, &other, err);

	if (r == 0)
		(void)timestamp_parse_any(other.config->created, &value->moment);
	return r;
}

/* < 0: it was made before that moment. */
static int compare_age(const struct filter_value *value, const struct engine_container *container)
{
	struct timespec made = {};

	(void)timestamp_parse_any(container->config->created, &made);
	return moment_compare(&made, &value->moment);
}

static bool match_before(const struct filter_value *value, const struct engine_container *container)
{
	return compare_age(value, container) < 0;
}

static bool match_since(const struct filter_value *value, const struct engine_container *container)
{
	return compare_age(value, container) > 0;
}

/* ------------------------------------------------------------------------------- images */

/* One that is not there any more is known by how it was named. */
static int read_ancestor(const struct reading *reading, struct filter_value *value, struct err *err)
{
	struct store_found found;
	int r = engine_image_find(reading->engine, value->word, reading->arena, &found, err);

	if (r < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : r;
	value->image_id = found.image->config_text;
	value->layers = found.image->layer_texts;
	return 0;
}

static bool begins_with(const struct oci_strings *layers, const struct oci_strings *lowest)
{
	if (!lowest->n || layers->n < lowest->n)
		return false;
	for (size_t i = 0; i < lowest->n; i++)
		if (strcmp(layers->v[i], lowest->v[i]) != 0)
			return false;
	return true;
}

/* Made from it, or from what was built on it. */
static bool match_ancestor(const struct filter_value *value,
			   const struct engine_container *container)
{
	const struct config *config = container->config;

	if (!value->image_id)
		return config->image && strcmp(config->image, value->word) == 0;
	return (config->image_id && strcmp(config->image_id, value->image_id) == 0) ||
	       begins_with(&config->layers, &value->layers);
}

/* ------------------------------------------------------------------------------- what it has */

static bool match_volume(const struct filter_value *value, const struct engine_container *container)
{
	const struct config *config = container->config;

	for (size_t i = 0; i < config->mounts.n; i++)
		if (strcmp(config->mounts.v[i].target, value->word) == 0 ||
		    (config->mounts.v[i].source &&
		     strcmp(config->mounts.v[i].source, value->word) == 0))
			return true;
	for (size_t i = 0; i < config->volumes.n; i++)
		if (strcmp(config->volumes.v[i], value->word) == 0)
			return true;
	return false;
}

/* ------------------------------------------------------------------------------- its networks */

#define SHORT_ID 12

/* By its name, or by what begins its id, if that is as long as ids are shown. */
static bool is_network(const char *word, const struct net_endpoint *endpoint)
{
	return strcmp(endpoint->network, word) == 0 ||
	       (strlen(word) >= SHORT_ID && endpoint->network_id &&
		strncmp(endpoint->network_id, word, strlen(word)) == 0);
}

static bool match_network(const struct filter_value *value,
			  const struct engine_container *container)
{
	const struct config *config = container->config;
	const struct net_record *net = container->net;

	for (size_t i = 0; net && i < net->endpoints.n; i++)
		if (net->endpoints.v[i].network && is_network(value->word, &net->endpoints.v[i]))
			return true;
	for (size_t i = 0; !net && i < config->networks.n; i++)
		if (strcmp(config->networks.v[i].name, value->word) == 0)
			return true;
	return !config->networks.n && config->network &&
	       strcmp(config->network, value->word) == 0;
}

/* PORT[-PORT][/PROTOCOL] */
static int read_ports(const struct reading *reading, struct filter_value *value, struct err *err)
{
	(void)reading;
	if (port_parse_exposed(value->word, &value->port, err) == 0)
		return 0;
	*err = (struct err){};
	return err_set(err, ERR_USAGE, EINVAL, "it is not PORT[-PORT][/PROTOCOL]");
}

static bool is_among(const struct port *wanted, const struct oci_strings *words,
		     int (*parse)(const char *word, struct port *ret, struct err *err))
{
	struct err ignored;
	struct port port;

	for (size_t i = 0; i < words->n; i++)
		if (parse(words->v[i], &port, &ignored) == 0 && port.proto == wanted->proto &&
		    port.port < wanted->port + wanted->n && wanted->port < port.port + port.n)
			return true;
	return false;
}

static bool match_publish(const struct filter_value *value,
			  const struct engine_container *container)
{
	const struct config *config = container->config;

	return is_among(&value->port, &config->publish, port_parse) ||
	       (config->publish_all &&
		is_among(&value->port, &config->expose, port_parse_exposed));
}

/* What is published is exposed, too. */
static bool match_expose(const struct filter_value *value, const struct engine_container *container)
{
	const struct config *config = container->config;

	return is_among(&value->port, &config->publish, port_parse) ||
	       is_among(&value->port, &config->expose, port_parse_exposed);
}

/* ------------------------------------------------------------------------------- what it lacks */

static int read_one_of(const char *const *words, const struct filter_value *value, struct err *err)
{
	auto_buf struct buf list = {};

	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], value->word) == 0)
			return 0;
		buf_printf(&list, "%s%s", i ? ", " : "", words[i]);
	}
	return err_set(err, ERR_USAGE, EINVAL, "it is none of %s", buf_str(&list));
}

static int read_health(const struct reading *reading, struct filter_value *value, struct err *err)
{
	static const char *const words[] = { "none", "starting", "healthy", "unhealthy", NULL };

	(void)reading;
	return read_one_of(words, value, err);
}

static int read_policy(const struct reading *reading, struct filter_value *value, struct err *err)
{
	static const char *const words[] = { "no", "always", "on-failure", "unless-stopped", NULL };

	(void)reading;
	return read_one_of(words, value, err);
}

static int read_isolation(const struct reading *reading, struct filter_value *value,
			  struct err *err)
{
	static const char *const words[] = { "default", "process", "hyperv", NULL };

	(void)reading;
	return read_one_of(words, value, err);
}

static int read_bool(const struct reading *reading, struct filter_value *value, struct err *err)
{
	(void)reading;
	return filter_words_bool(value->word, &value->is_true, err);
}

static bool match_absent(const struct filter_value *value, const struct engine_container *container)
{
	(void)container;
	return strcmp(value->word, "none") == 0 || strcmp(value->word, "no") == 0 ||
	       strcmp(value->word, "default") == 0;
}

static bool match_false(const struct filter_value *value, const struct engine_container *container)
{
	(void)container;
	return !value->is_true;
}

static bool match_never(const struct filter_value *value, const struct engine_container *container)
{
	(void)value;
	(void)container;
	return false;
}

/* ------------------------------------------------------------------------------- keys */

enum {
	KEY_ID, KEY_NAME, KEY_LABEL, KEY_NO_LABEL, KEY_STATUS, KEY_EXITED, KEY_ANCESTOR, KEY_BEFORE,
	KEY_SINCE, KEY_UNTIL, KEY_VOLUME, KEY_NETWORK, KEY_COMMAND, KEY_PUBLISH, KEY_EXPOSE,
	KEY_HEALTH, KEY_POD, KEY_RESTART, KEY_AT_BOOT, KEY_TASK, KEY_ISOLATION, KEYS,
};

static const char *const key_names[KEYS] = {
	[KEY_ID] = "id",	     [KEY_NAME] = "name",
	[KEY_LABEL] = "label",	     [KEY_NO_LABEL] = "label!",
	[KEY_STATUS] = "status",     [KEY_EXITED] = "exited",
	[KEY_ANCESTOR] = "ancestor", [KEY_BEFORE] = "before",
	[KEY_SINCE] = "since",	     [KEY_UNTIL] = "until",
	[KEY_VOLUME] = "volume",     [KEY_NETWORK] = "network",
	[KEY_COMMAND] = "command",   [KEY_PUBLISH] = "publish",
	[KEY_EXPOSE] = "expose",     [KEY_HEALTH] = "health",
	[KEY_POD] = "pod",	     [KEY_RESTART] = "restart-policy",
	[KEY_AT_BOOT] = "should-start-on-boot",
	[KEY_TASK] = "is-task",	     [KEY_ISOLATION] = "isolation",
};

static const struct key {
	read_fn *read; /* NULL: any word will do */
	match_fn *match;
	bool needs_all; /* of its values */
} keys[KEYS] = {
	[KEY_ID] = { read_pattern, match_id },
	[KEY_NAME] = { read_pattern, match_name },
	[KEY_LABEL] = { NULL, match_label, .needs_all = true },
	[KEY_NO_LABEL] = { NULL, match_no_label },
	[KEY_STATUS] = { read_status, match_status },
	[KEY_EXITED] = { read_exited, match_exited },
	[KEY_ANCESTOR] = { read_ancestor, match_ancestor },
	[KEY_BEFORE] = { read_other, match_before },
	[KEY_SINCE] = { read_other, match_since },
	[KEY_UNTIL] = { read_until, match_before },
	[KEY_VOLUME] = { NULL, match_volume },
	[KEY_NETWORK] = { NULL, match_network },
	[KEY_COMMAND] = { read_pattern, match_command },
	[KEY_PUBLISH] = { read_ports, match_publish },
	[KEY_EXPOSE] = { read_ports, match_expose },
	[KEY_HEALTH] = { read_health, match_absent },
	[KEY_POD] = { NULL, match_never },
	[KEY_RESTART] = { read_policy, match_absent },
	[KEY_AT_BOOT] = { read_bool, match_false },
	[KEY_TASK] = { read_bool, match_false },
	[KEY_ISOLATION] = { read_isolation, match_absent },
};

static int read_value(const struct reading *reading, struct filter_value *value, struct err *err)
{
	int r = keys[value->key].read ? keys[value->key].read(reading, value, err) : 0;

	return r < 0 ? filter_words_refuse(key_names[value->key], value->word, err) : 0;
}

int filter_parse(const struct engine *engine, const struct opt_strings *words, struct arena *arena,
		 struct filter *ret, struct err *err)
{
	const struct reading reading = { engine, arena };
	const char **sorted[KEYS] = {};
	int r = filter_words_sort(words, key_names, KEYS, arena, sorted, err);

	*ret = (struct filter)FILTER_NONE;
	if (r == 0 && words->n)
		ret->values = arena_array(arena, struct filter_value, words->n);
	for (unsigned key = 0; key < KEYS; key++)
		for (const char **word = sorted[key]; r == 0 && word && *word; word++) {
			ret->values[ret->n] = (struct filter_value){ .key = key, .word = *word };
			r = read_value(&reading, &ret->values[ret->n++], err);
		}
	if (r < 0)
		filter_done(ret);
	return r;
}

void filter_done(struct filter *filter)
{
	for (size_t i = 0; i < filter->n; i++)
		if (filter->values[i].has_pattern)
			regfree(&filter->values[i].pattern);
	*filter = (struct filter)FILTER_NONE;
}

/* ------------------------------------------------------------------------------- use */

unsigned filter_kinds(const struct filter *filter, unsigned otherwise)
{
	unsigned kinds = 0;
	bool is_said = false;

	for (size_t i = 0; i < filter->n; i++)
		if (filter->values[i].key == KEY_STATUS) {
			kinds |= filter->values[i].kinds;
			is_said = true;
		}
	return is_said ? kinds : otherwise;
}

/* Those of one key stand together. */
bool filter_matches(const struct filter *filter, const struct engine_container *container)
{
	for (size_t i = 0; i < filter->n;) {
		const unsigned key = filter->values[i].key;
		size_t n = 0, n_matched = 0;

		for (; i < filter->n && filter->values[i].key == key; i++, n++)
			n_matched += keys[key].match(&filter->values[i], container);
		if (keys[key].needs_all ? n_matched < n : !n_matched)
			return false;
	}
	return true;
}

void filter_apply(const struct filter *filter, struct engine_container *list, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (filter_matches(filter, &list[i]))
			list[kept++] = list[i];
	*n = kept;
}
