/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker's HostConfig from what was asked of a container: words are written as docker writes them,
 * whatever form they were given in, and where nothing was asked for there stands what holds. What
 * needs no such thing goes from the configuration to its member by container_shape.c alone.
 */
#include "cli/tare/container_inspect.h"

#include "engine/sharing.h"
#include "engine/spec_parts.h"
#include "oci/list.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_SHM_BYTES ((int64_t)64 << 20)

/* ------------------------------------------------------------------------------- the log */

/* "10m", as --log-opt takes it. */
static char *size_text(int64_t bytes, struct arena *arena)
{
	static const struct {
		unsigned shift;
		char unit;
	} units[] = { { 30, 'g' }, { 20, 'm' }, { 10, 'k' } };

	for (size_t i = 0; bytes > 0 && i < sizeof(units) / sizeof(units[0]); i++)
		if (bytes % (INT64_C(1) << units[i].shift) == 0)
			return arena_printf(arena, "%" PRId64 "%c", bytes >> units[i].shift,
					    units[i].unit);
	return arena_printf(arena, "%" PRId64, bytes);
}

static char *names_text(const struct oci_strings *names, struct arena *arena)
{
	auto_buf struct buf text = {};

	for (size_t i = 0; i < names->n; i++)
		buf_printf(&text, "%s%s", i ? "," : "", names->v[i]);
	return text.len ? arena_strdup(arena, buf_str(&text)) : NULL;
}

/* Of one that keeps none there is nothing to say. */
static void fill_log(struct container_inspect *in, struct arena *arena)
{
	const struct config *config = &in->config;
	const struct {
		const char *name;
		char *value;
	} options[] = {
		{ "env", names_text(&config->log_env, arena) },
		{ "labels", names_text(&config->log_labels, arena) },
		{ "max-file", arena_printf(arena, "%" PRId64, config->log_max_files) },
		{ "max-size", size_text(config->log_max_size_bytes, arena) },
	};

	in->log_type = config->log_driver ? config->log_driver : "json-file";
	for (size_t i = 0; config_has_log(config) && i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].value)
			*list_add(&in->log_options, arena) = (struct oci_pair){
				arena_strdup(arena, options[i].name), options[i].value };
}

/* ------------------------------------------------------------------------------- rights */

/* "CAP_NET_ADMIN", or "ALL". */
static void add_caps(const struct oci_strings *words, struct oci_strings *ret, struct arena *arena)
{
	for (size_t i = 0; i < words->n; i++) {
		const char *word = words->v[i];
		bool is_bare = strcasecmp(word, "all") == 0 || strncasecmp(word, "cap_", 4) == 0;
		char *name = arena_printf(arena, "%s%s", is_bare ? "" : "CAP_", word);

		for (char *c = name; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		strings_add(ret, arena, name);
	}
}

static char *number_text(int64_t number, struct arena *arena)
{
	return number < 0 ? arena_strdup(arena, "*") : arena_printf(arena, "%" PRId64, number);
}

static void fill_device_rules(struct container_inspect *in, struct arena *arena)
{
	for (size_t i = 0; i < in->config.device_rules.n; i++) {
		const struct config_device_rule *rule = &in->config.device_rules.v[i];

		strings_add(&in->device_rules, arena,
			    arena_printf(arena, "%s %s:%s %s", rule->type,
					 number_text(rule->major, arena),
					 number_text(rule->minor, arena), rule->access));
	}
}

static void add_security(struct container_inspect *in, const char *name, const char *value,
			 struct arena *arena)
{
	if (value)
		strings_add(&in->security, arena, arena_printf(arena, "%s=%s", name, value));
}

static void fill_security(struct container_inspect *in, struct arena *arena)
{
	struct oci_linux linux_ = {};
	struct oci_spec spec = { .linux_ = &linux_ };
	const struct draft draft = { .config = &in->config, .arena = arena, .spec = &spec };
	struct err ignored;

	if (in->config.no_new_privileges.is_set)
		strings_add(&in->security, arena,
			    arena_strdup(arena, in->config.no_new_privileges.value
							? "no-new-privileges"
							: "no-new-privileges=false"));
	add_security(in, "apparmor", in->config.apparmor_profile, arena);
	add_security(in, "label", in->config.selinux_label, arena);
	add_security(in, "seccomp", in->config.seccomp_profile, arena);
	(void)spec_add_masks(&draft, &ignored);
	in->masked = linux_.masked_paths;
	in->read_only = linux_.readonly_paths;
	add_caps(&in->config.cap_add, &in->cap_add, arena);
	add_caps(&in->config.cap_drop, &in->cap_drop, arena);
}

/* ------------------------------------------------------------------------------- namespaces */

/* docker has no word for one of its own, where it is so by default. */
static const char *shared_word(const char *word)
{
	return config_is_host(word) || sharing_container(word) ? word : "";
}

/* The host's ids may have been asked for by another option, or be all that can be had. */
static void fill_namespaces(struct container_inspect *in)
{
	const struct config *config = &in->config;

	in->cgroupns = config->cgroupns ? config->cgroupns : "private";
	in->ipc = config->ipc ? config->ipc : "shareable";
	in->pid = shared_word(config->pid);
	in->uts = shared_word(config->uts);
	in->userns = config->ids_size ? shared_word(config->userns) : "host";
}

/* ------------------------------------------------------------------------------- what holds */

static void fill_limits(struct config *config)
{
	if (!config->shm_size_bytes)
		config->shm_size_bytes = DEFAULT_SHM_BYTES;
	if (!config->memory_swap_bytes)
		config->memory_swap_bytes = spec_swap(config).value;
	config->pids_limit = spec_pids(config);
	config->memory_swappiness.is_set &= config->memory_swappiness.value >= 0;
}

void container_host_fill(struct container_inspect *in, struct arena *arena)
{
	struct config *config = &in->config;

	if (!config->network)
		config->network = arena_strdup(arena, "none");
	config->hostname = spec_hostname(config, arena);
	fill_limits(config);
	fill_log(in, arena);
	fill_device_rules(in, arena);
	fill_security(in, arena);
	fill_namespaces(in);
}
