/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits of each process. What a person asks for is passed on exactly, and works or is refused.
 * What every container has should not depend on the shell that it was started from: as many files
 * as the kernel allows by itself, and processes without end, since those are counted by the cgroup.
 * Who may not raise his own limits so far, as root without CAP_SYS_RESOURCE, gives what he has.
 */
#include "engine/spec_parts.h"

#include "base/log.h"
#include "oci/list.h"
#include "sys/rlimit.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	uint64_t value;
} defaults[] = {
	{ "nofile", 1048576 }, /* fs.nr_open, unless the machine's administrator changed it */
	{ "nproc", 4194304 },  /* as many as there can be at all: PID_MAX_LIMIT */
};

static char *make_type(const char *name, struct arena *arena)
{
	char *type = arena_printf(arena, "RLIMIT_%s", name);

	for (char *c = type; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return type;
}

static uint64_t limit_value(int64_t asked)
{
	return asked < 0 ? UINT64_MAX : (uint64_t)asked;
}

static int add_asked(const struct draft *draft, const struct config_ulimit *asked, struct err *err)
{
	struct oci_rlimit *limit = list_add(&draft->spec->process->rlimits, draft->arena);
	struct rlimit_value ignored;
	int r;

	*limit = (struct oci_rlimit){ .type = make_type(asked->name, draft->arena),
				      .soft = limit_value(asked->soft),
				      .hard = limit_value(asked->hard) };
	r = rlimit_parse(limit->type, limit->soft, limit->hard, &ignored, err);
	return r < 0 ? err_wrap(err, "--ulimit '%s'", asked->name) : 0;
}

static bool is_asked(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->ulimits.n; i++)
		if (strcasecmp(config->ulimits.v[i].name, name) == 0)
			return true;
	return false;
}

static int clamp(struct oci_rlimit *limit, struct err *err)
{
	struct rlimit_value most;
	int r = rlimit_parse(limit->type, limit->soft, limit->hard, &most, err);

	if (r < 0 || rlimit_raise(&most) == 0 || rlimit_get(&most) < 0)
		return r;
	log_info("%s is %ju and not %ju: it can't be raised", limit->type, (uintmax_t)most.hard,
		 (uintmax_t)limit->hard);
	limit->hard = most.hard;
	limit->soft = limit->soft < most.hard ? limit->soft : most.hard;
	return 0;
}

static int add_default(const struct draft *draft, const char *name, uint64_t value,
		       struct err *err)
{
	struct oci_rlimit *limit = list_add(&draft->spec->process->rlimits, draft->arena);

	*limit = (struct oci_rlimit){ .type = make_type(name, draft->arena),
				      .soft = value,
				      .hard = value };
	return clamp(limit, err);
}

int spec_add_rlimits(const struct draft *draft, struct err *err)
{
	const struct config *config = draft->config;
	int r = 0;

	for (size_t i = 0; i < config->ulimits.n && r == 0; i++)
		r = add_asked(draft, &config->ulimits.v[i], err);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]) && r == 0; i++)
		if (!is_asked(config, defaults[i].name))
			r = add_default(draft, defaults[i].name, defaults[i].value, err);
	return r;
}

int spec_clamp_rlimits(const struct config *config, struct oci_process *process, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < process->rlimits.n && r == 0; i++)
		if (!is_asked(config, process->rlimits.v[i].type + strlen("RLIMIT_")))
			r = clamp(&process->rlimits.v[i], err);
	return r;
}
