/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the options for limits to a configuration. Of a list each word is parsed, and the error says
 * which option it was given with.
 */
#include "cli/tare/limit_args.h"

#include "engine/words.h"

static char *copy(struct arena *arena, const char *word)
{
	return word && *word ? arena_strdup(arena, word) : NULL;
}

/* Sizes below 0 are refused but for -1, and that is no limit: as if nothing was asked for. */
static int64_t size_or_none(const struct opt_i64 *size)
{
	return size->value == -1 ? 0 : size->value;
}

static void take_numbers(const struct limit_args *args, struct arena *arena, struct config *config)
{
	config->memory_bytes = size_or_none(&args->memory);
	config->memory_swap_bytes = args->memory_swap.value;
	config->memory_reservation_bytes = size_or_none(&args->memory_reservation);
	config->memory_swappiness =
		(struct oci_i64){ args->memory_swappiness.is_set, args->memory_swappiness.value };
	config->oom_kill_disable = args->oom_kill_disable;
	config->ignore_missing_limits = args->ignore_missing;
	config->oom_score_adj = args->oom_score_adj.value;
	config->shm_size_bytes = args->shm_size.value;
	config->cpu_shares = args->cpu_shares.value;
	config->cpu_period_us = args->cpu_period.value;
	config->cpu_quota_us = args->cpu_quota.value;
	config->cpuset_cpus = copy(arena, args->cpuset_cpus);
	config->cpuset_mems = copy(arena, args->cpuset_mems);
	config->blkio_weight = args->blkio_weight.value;
	config->pids_limit = (struct oci_i64){ args->pids_limit.is_set, args->pids_limit.value };
}

/* ------------------------------------------------------------------------------- lists */

static int take_devices(const struct limit_args *args, struct arena *arena, struct config *config,
			struct err *err)
{
	const struct {
		const char *option;
		const struct opt_strings *words;
		enum device_number number;
		struct config_device_limits *limits;
	} lists[] = {
		{ "--blkio-weight-device", &args->weight_devices, DEVICE_WEIGHT,
		  &config->weight_devices },
		{ "--device-read-bps", &args->read_bps, DEVICE_BYTES, &config->read_bps },
		{ "--device-write-bps", &args->write_bps, DEVICE_BYTES, &config->write_bps },
		{ "--device-read-iops", &args->read_iops, DEVICE_OPERATIONS, &config->read_iops },
		{ "--device-write-iops", &args->write_iops, DEVICE_OPERATIONS,
		  &config->write_iops },
	};

	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++)
		for (size_t i = 0; i < lists[k].words->n; i++) {
			const char *word = lists[k].words->v[i];

			if (device_limit_add(lists[k].limits, lists[k].number, word, arena,
					     err) < 0)
				return err_wrap(err, "%s '%.128s'", lists[k].option, word);
		}
	return 0;
}

static int take_ulimits(const struct limit_args *args, struct arena *arena, struct config *config,
			struct err *err)
{
	for (size_t i = 0; i < args->ulimits.n; i++)
		if (ulimit_add(config, args->ulimits.v[i], arena, err) < 0)
			return err_wrap(err, "--ulimit '%.128s'", args->ulimits.v[i]);
	return 0;
}

int limit_args_fill(const struct limit_args *args, struct arena *arena, struct config *config,
		    struct err *err)
{
	int r;

	take_numbers(args, arena, config);
	if (args->cpus && cpus_parse(args->cpus, &config->nano_cpus, err) < 0)
		return err_wrap(err, "--cpus '%s'", args->cpus);
	r = take_devices(args, arena, config, err);
	return r < 0 ? r : take_ulimits(args, arena, config, err);
}
