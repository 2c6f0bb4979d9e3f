/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What containers use, look after look. The kernel counts processor time; how much of it that is
 * per second is known from the second look on, so what each container had used is remembered.
 */
#include "engine/stats.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>

struct sample {
	char id[IDENT_ID_LEN + 1];
	int64_t taken_ns;
	uint64_t cpu_ns;
};

struct engine_stats {
	const struct engine *engine;
	struct arena arena;
	struct oci_strings ids; /* of those that were named; none: all there are */
	struct oci_strings names; /* as they were named, in the same order */
	bool is_named, all;
	struct sample *samples;
	size_t n_samples;
};

double stats_cpu_pct(uint64_t before_ns, uint64_t now_ns, int64_t span_ns)
{
	if (span_ns <= 0 || now_ns < before_ns)
		return 0;
	return 100 * (double)(now_ns - before_ns) / (double)span_ns;
}

int engine_stats_new(const struct engine *engine, char *const *names, bool all,
		     struct engine_stats **ret, struct err *err)
{
	struct engine_stats *stats = calloc(1, sizeof(*stats));
	int r = 0;

	if (!stats)
		return err_sys(err, ENOMEM, "look at containers");
	stats->engine = engine;
	stats->all = all || *names;
	stats->is_named = *names;
	for (; *names; names++) {
		auto_entry struct entry entry = ENTRY_NONE;

		r = entry_open(engine, *names, &entry, err);
		if (r < 0)
			break;
		strings_add(&stats->ids, &stats->arena, arena_strdup(&stats->arena, entry.id));
		strings_add(&stats->names, &stats->arena, arena_strdup(&stats->arena, *names));
	}
	if (r < 0)
		engine_stats_free(stats);
	else
		*ret = stats;
	return r;
}

void engine_stats_free(struct engine_stats *stats)
{
	if (!stats)
		return;
	arena_done(&stats->arena);
	free(stats->samples);
	free(stats);
}

/* ------------------------------------------------------------------------------- one look */

static void list_named(const struct engine_stats *stats, struct arena *arena,
		       struct engine_container **ret, size_t *ret_n)
{
	*ret_n = 0;
	*ret = arena_array(arena, struct engine_container, stats->ids.n);
	for (size_t i = 0; i < stats->ids.n; i++) {
		struct engine_container *next = &(*ret)[*ret_n];
		struct err removed;

		if (engine_get(stats->engine, stats->ids.v[i], arena, next, &removed) == 0)
			(*ret_n)++;
	}
}

static const struct sample *find_sample(const struct engine_stats *stats, const char *id)
{
	for (size_t i = 0; i < stats->n_samples; i++)
		if (strcmp(stats->samples[i].id, id) == 0)
			return &stats->samples[i];
	return NULL;
}

static const char *find_name(const struct engine_stats *stats, const char *id)
{
	for (size_t i = 0; i < stats->ids.n; i++)
		if (strcmp(stats->ids.v[i], id) == 0)
			return stats->names.v[i];
	return NULL;
}

/* One that ends while we look has ended. */
static void measure(const struct engine_stats *stats, const struct engine_container *container,
		    struct engine_usage *ret)
{
	const struct config *config = container->config;
	const struct sample *before = find_sample(stats, config->id);
	struct err ignored;

	*ret = (struct engine_usage){ .config = config, .who = find_name(stats, config->id) };
	if (container->status->kind != STATUS_RUNNING && container->status->kind != STATUS_PAUSED)
		return;
	if (rt_usage_get(&stats->engine->rt, config->id, &ret->now, &ignored) < 0)
		return;
	ret->is_running = true;
	ret->has_network = !config->network || strcmp(config->network, "host") != 0;
	if (before)
		ret->cpu_pct = stats_cpu_pct(before->cpu_ns, ret->now.cpu_ns,
					     ret->now.taken_ns - before->taken_ns);
}

static void remember(struct engine_stats *stats, const struct engine_usage *list, size_t n)
{
	struct sample *samples = calloc(n + 1, sizeof(*samples));

	stats->n_samples = 0;
	free(stats->samples);
	stats->samples = samples;
	for (size_t i = 0; samples && i < n; i++) {
		struct sample *sample = &samples[stats->n_samples];

		if (!list[i].is_running)
			continue;
		sample->taken_ns = list[i].now.taken_ns;
		sample->cpu_ns = list[i].now.cpu_ns;
		memcpy(sample->id, list[i].config->id,
		       strnlen(list[i].config->id, IDENT_ID_LEN));
		stats->n_samples++;
	}
}

int engine_stats_look(struct engine_stats *stats, struct arena *arena, struct engine_usage **ret,
		      size_t *ret_n, struct err *err)
{
	struct engine_container *list = NULL;
	size_t n = 0;
	int r = 0;

	if (stats->is_named)
		list_named(stats, arena, &list, &n);
	else
		r = engine_list(stats->engine, arena, &list, &n, err);
	if (r < 0)
		return r;
	*ret_n = 0;
	*ret = arena_array(arena, struct engine_usage, n + 1);
	for (size_t i = 0; i < n; i++) {
		measure(stats, &list[i], &(*ret)[*ret_n]);
		if (stats->all || (*ret)[*ret_n].is_running)
			(*ret_n)++;
	}
	remember(stats, *ret, *ret_n);
	return 0;
}
