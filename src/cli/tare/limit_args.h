/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The options that say how much a container may use, docker's. Which of them go together, and what
 * the kernel takes, is the engine's to say: who comes by another way than this must hear it too.
 */

#include "base/opt.h"
#include "engine/config.h"

struct limit_args {
	struct opt_i64 memory, memory_swap, memory_reservation, memory_swappiness;
	struct opt_i64 cpu_shares, cpu_period, cpu_quota;
	struct opt_i64 pids_limit, blkio_weight, oom_score_adj, shm_size;
	const char *cpus, *cpuset_cpus, *cpuset_mems;
	struct opt_strings weight_devices, read_bps, write_bps, read_iops, write_iops, ulimits;
	bool oom_kill_disable, ignore_missing;
};

/* The rows, for a verb whose struct `type` has a struct limit_args `in`. */
#define LIMIT_OPTIONS(type, in)                                                                 \
	LIMIT_MEMORY_OPTIONS(type, in), LIMIT_CPU_OPTIONS(type, in),                            \
	LIMIT_DEVICE_OPTIONS(type, in), LIMIT_PROCESS_OPTIONS(type, in)

#define LIMIT_MEMORY_OPTIONS(type, in)                                                          \
	LIMIT_SIZE_OPTIONS(type, in),                                                           \
	OPT_FLAG(type, in.oom_kill_disable, "oom-kill-disable", 0,                              \
		 "who needs more memory waits and is not killed; cgroup v1 only"),              \
	OPT_I64(type, in.oom_score_adj, "oom-score-adj", 0, "N",                                \
		"how soon it is killed when memory runs out, -1000 to 1000"),                   \
	OPT_SIZE(type, in.shm_size, "shm-size", 0, "the size of /dev/shm; 64m by default")

#define LIMIT_SIZE_OPTIONS(type, in)                                                            \
	OPT_SIZE(type, in.memory, "memory", 'm', "memory, as 512m"),                            \
	OPT_SIZE(type, in.memory_swap, "memory-swap", 0,                                        \
		 "memory and swap together; twice the memory by default, -1 is no limit"),      \
	OPT_SIZE(type, in.memory_reservation, "memory-reservation", 0,                          \
		 "memory that is left to it when the machine runs short"),                      \
	OPT_I64(type, in.memory_swappiness, "memory-swappiness", 0, "N",                        \
		"how readily it is swapped out, 0 to 100; cgroup v1 only")

#define LIMIT_CPU_OPTIONS(type, in)                                                             \
	OPT_STRING(type, in.cpus, "cpus", 0, "NUMBER", "time of that many processors, as 1.5"), \
	OPT_I64(type, in.cpu_shares, "cpu-shares", 'c', "N",                                    \
		"its share where many want to run; others have 1024"),                          \
	OPT_I64(type, in.cpu_quota, "cpu-quota", 0, "MICROSECONDS",                             \
		"processor time of each period; in place of --cpus"),                           \
	OPT_I64(type, in.cpu_period, "cpu-period", 0, "MICROSECONDS",                           \
		"the length of a period; 100000 by default"),                                   \
	OPT_STRING(type, in.cpuset_cpus, "cpuset-cpus", 0, "LIST",                              \
		   "the processors that it may run on, as 0-3,7"),                              \
	OPT_STRING(type, in.cpuset_mems, "cpuset-mems", 0, "LIST",                              \
		   "the memory nodes that it may use, as 0,1")

#define LIMIT_DEVICE_OPTIONS(type, in)                                                          \
	OPT_I64(type, in.blkio_weight, "blkio-weight", 0, "N",                                  \
		"its share of busy disks, 10 to 1000; 0 is none of its own"),                   \
	OPT_STRINGS(type, in.weight_devices, "blkio-weight-device", 0, "DISK:WEIGHT",           \
		    "the same for one disk, as /dev/sda:200"),                                  \
	OPT_STRINGS(type, in.read_bps, "device-read-bps", 0, "DISK:BYTES",                      \
		    "bytes a second that it may read of a disk, as /dev/sda:10m"),              \
	OPT_STRINGS(type, in.write_bps, "device-write-bps", 0, "DISK:BYTES",                    \
		    "bytes a second that it may write"),                                        \
	OPT_STRINGS(type, in.read_iops, "device-read-iops", 0, "DISK:N",                        \
		    "how often a second it may read of a disk, as /dev/sda:500"),               \
	OPT_STRINGS(type, in.write_iops, "device-write-iops", 0, "DISK:N",                      \
		    "how often a second it may write")

#define LIMIT_PIDS_OPTION(type, in, text) \
	OPT_I64(type, in.pids_limit, "pids-limit", 0, "N", text)

#define LIMIT_PROCESS_OPTIONS(type, in)                                                         \
	LIMIT_PIDS_OPTION(type, in, "processes; 2048 by default, -1 is no limit"),              \
	OPT_STRINGS(type, in.ulimits, "ulimit", 0, "NAME=SOFT[:HARD]",                          \
		    "a limit of each process, as nofile=1024"),                                 \
	OPT_FLAG(type, in.ignore_missing, "ignore-missing-limits", 0,                           \
		 "warn of limits that this machine can't set, and run without them")

/* What they ask for, into `config`; strings are copied to `arena`. */
int limit_args_fill(const struct limit_args *args, struct arena *arena, struct config *config,
		    struct err *err);
