/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the kernel's files a container does not see, or can't write. A person may name more, and
 * except some: --security-opt mask=PATH:PATH, unmask=PATH or unmask=ALL.
 */
#include "engine/spec_parts.h"

#include "oci/list.h"

#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#define THERMAL "/sys/devices/system/cpu/cpu%ld/thermal_throttle"

static const char *const masked[] = {
	"/proc/acpi",	     "/proc/asound",	 "/proc/interrupts",  "/proc/kcore",
	"/proc/keys",	     "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
	"/proc/timer_list",  "/proc/timer_stats", "/sys/devices/virtual/powercap",
	"/sys/firmware",     NULL,
};

static const char *const read_only[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", NULL,
};

static bool is_excepted(const struct config *config, const char *path)
{
	for (size_t i = 0; i < config->unmask.n; i++)
		if (strcmp(config->unmask.v[i], "ALL") == 0 ||
		    fnmatch(config->unmask.v[i], path, FNM_PATHNAME) == 0)
			return true;
	return false;
}

static void add_path(const struct draft *draft, char *path, struct oci_strings *list)
{
	if (!is_excepted(draft->config, path))
		strings_add(list, draft->arena, path);
}

static void add_paths(const struct draft *draft, const char *const *paths, struct oci_strings *list)
{
	for (; *paths; paths++)
		add_path(draft, arena_strdup(draft->arena, *paths), list);
}

/* How often each processor was slowed down tells what others compute. */
static void add_thermal(const struct draft *draft)
{
	char *path = arena_printf(draft->arena, THERMAL, 0L);
	long n;

	if (access(path, F_OK) < 0)
		return; /* the first is always there: the machine has no such counters */
	n = sysconf(_SC_NPROCESSORS_CONF);
	for (long cpu = 0; cpu < n; cpu++) {
		path = arena_printf(draft->arena, THERMAL, cpu);
		if (access(path, F_OK) == 0)
			add_path(draft, path, &draft->spec->linux_->masked_paths);
	}
}

int spec_add_masks(const struct draft *draft, struct err *err)
{
	struct oci_linux *linux_ = draft->spec->linux_;
	const struct oci_strings *more = &draft->config->mask;

	if (!draft->config->privileged) {
		add_paths(draft, masked, &linux_->masked_paths);
		add_thermal(draft);
		add_paths(draft, read_only, &linux_->readonly_paths);
	}
	for (size_t i = 0; i < more->n; i++) {
		if (more->v[i][0] != '/')
			return err_set(err, ERR_USAGE, EINVAL,
				       "--security-opt mask: '%s' is not absolute", more->v[i]);
		strings_add(&linux_->masked_paths, draft->arena, more->v[i]);
	}
	return 0;
}
