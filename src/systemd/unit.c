/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From config.json to properties of a unit. systemd must know the limits that it has a property
 * for: it writes all of them again whenever it touches the group. The rest is the runtime's to
 * write, which Delegate= allows.
 *
 * One function per part of the resources, in the order of the specification; `add` drops what this
 * systemd is too old for.
 */
#include "systemd/unit.h"

#include "base/num.h"
#include "rt/cg.h"
#include "rt/cg_devices.h"
#include "sys/bitlist.h"

#include <ctype.h>
#include <string.h>

#define NO_LIMIT	  UINT64_MAX
#define CPU_PERIOD_US	  100000 /* the kernel's own */
#define USEC_PER_SEC	  1000000
#define QUOTA_STEP_US	  10000 /* systemd rounds to whole per cents, and down */
#define CPUS_PER_BYTE	  8

struct builder {
	const struct cg_systemd_request *request;
	const struct unit_host *host;
	struct arena *arena;
	struct unit_properties *props;
	struct err *err;
};

/* From which version a property exists, where that matters. */
static const struct {
	const char *name;
	unsigned version;
} since[] = {
	{ "CPUQuotaPeriodUSec", 242 }, { "AllowedCPUs", 244 },	    { "AllowedMemoryNodes", 244 },
	{ "MemoryMin", 240 },	       { "MemoryZSwapMax", 253 },
};

static bool is_known(const struct unit_host *host, const char *name)
{
	for (size_t i = 0; i < sizeof(since) / sizeof(*since); i++)
		if (strcmp(since[i].name, name) == 0)
			return host->version >= since[i].version;
	return true;
}

static void append(struct builder *b, const char *name, struct gvariant *value)
{
	struct unit_properties *props = b->props;

	if (props->n < UNIT_PROPERTIES_MAX)
		props->v[props->n++] = (struct unit_property){ name, value };
}

/* A later value of the same name replaces the earlier one. */
static void add(struct builder *b, const char *name, struct gvariant *value)
{
	struct unit_properties *props = b->props;

	for (size_t i = 0; i < props->n; i++)
		if (strcmp(props->v[i].name, name) == 0) {
			props->v[i].value = value;
			return;
		}
	if (is_known(b->host, name))
		append(b, name, value);
}

static void add_bool(struct builder *b, const char *name, bool value)
{
	add(b, name, gvariant_bool(b->arena, value));
}

static void add_u64(struct builder *b, const char *name, uint64_t value)
{
	add(b, name, gvariant_u64(b->arena, value));
}

static void add_string(struct builder *b, const char *name, const char *value)
{
	add(b, name, gvariant_string(b->arena, value));
}

/* Negative is no limit. */
static void add_limit(struct builder *b, const char *name, int64_t value)
{
	add_u64(b, name, value < 0 ? NO_LIMIT : (uint64_t)value);
}

/* ------------------------------------------------------------------------------------ memory */

static void add_swap(struct builder *b, const struct oci_memory *mem)
{
	if (mem->swap.value < 0)
		add_u64(b, "MemorySwapMax", NO_LIMIT);
	else if (mem->limit.is_set && mem->limit.value >= 0 && mem->swap.value >= mem->limit.value)
		add_u64(b, "MemorySwapMax", (uint64_t)(mem->swap.value - mem->limit.value));
}

/* 0 is left out, as when the runtime writes limits itself. */
static int add_memory(struct builder *b, const struct oci_resources *res)
{
	const struct oci_memory *mem = res->memory;

	if (!mem)
		return 0;
	if (mem->limit.is_set && mem->limit.value)
		add_limit(b, b->request->unified ? "MemoryMax" : "MemoryLimit", mem->limit.value);
	if (!b->request->unified)
		return 0;
	if (mem->reservation.is_set && mem->reservation.value)
		add_limit(b, "MemoryLow", mem->reservation.value);
	if (mem->swap.is_set && mem->swap.value)
		add_swap(b, mem);
	return 0;
}

/* --------------------------------------------------------------------------------------- cpu */

static void add_quota(struct builder *b, int64_t quota_us, uint64_t period_us)
{
	uint64_t per_sec_us = NO_LIMIT;

	if (period_us)
		add_u64(b, "CPUQuotaPeriodUSec", period_us);
	else
		period_us = CPU_PERIOD_US;
	if (quota_us > 0 && !__builtin_mul_overflow((uint64_t)quota_us, (uint64_t)USEC_PER_SEC,
						    &per_sec_us)) {
		per_sec_us /= period_us;
		per_sec_us = (per_sec_us + QUOTA_STEP_US - 1) / QUOTA_STEP_US * QUOTA_STEP_US;
	} else {
		per_sec_us = NO_LIMIT;
	}
	add_u64(b, "CPUQuotaPerSecUSec", per_sec_us);
}

/* "0-3,7" -> an array of bytes, the first for 0 to 7. */
static int add_mask(struct builder *b, const char *name, const char *list)
{
	struct gvariant *bytes = gvariant_array(b->arena, "y");
	struct bitlist bits;
	unsigned n = BITLIST_MAX;
	int r = bitlist_parse(list, BITLIST_MAX, &bits, b->err);

	if (r < 0)
		return err_wrap(b->err, "%s", name);
	while (n > 0 && !bitlist_has(&bits, n - 1))
		n--;
	for (unsigned i = 0; i < n; i += CPUS_PER_BYTE) {
		unsigned byte = 0;

		for (unsigned k = 0; k < CPUS_PER_BYTE; k++)
			byte |= (unsigned)bitlist_has(&bits, i + k) << k;
		gvariant_add(bytes, gvariant_byte(b->arena, (uint8_t)byte));
	}
	add(b, name, bytes);
	return 0;
}

static int add_cpuset(struct builder *b, const struct oci_cpu *cpu)
{
	int r = 0;

	if (!b->request->unified)
		return 0;
	if (cpu->cpus && *cpu->cpus)
		r = add_mask(b, "AllowedCPUs", cpu->cpus);
	if (r == 0 && cpu->mems && *cpu->mems)
		r = add_mask(b, "AllowedMemoryNodes", cpu->mems);
	return r;
}

/* From version 252 a weight of 0 means idle. Where a group is idle, its weight says nothing. */
static void add_cpu_weight(struct builder *b, const struct oci_cpu *cpu)
{
	bool idle = b->request->unified && cpu->idle.is_set && cpu->idle.value == 1;

	if (idle && b->host->version >= 252)
		add_u64(b, "CPUWeight", 0);
	else if (!idle && cpu->shares.is_set && cpu->shares.value && b->request->unified)
		add_u64(b, "CPUWeight", cg_shares_to_weight(cpu->shares.value));
	else if (!idle && cpu->shares.is_set && cpu->shares.value)
		add_u64(b, "CPUShares", cpu->shares.value);
}

static int add_cpu(struct builder *b, const struct oci_resources *res)
{
	const struct oci_cpu *cpu = res->cpu;

	if (!cpu)
		return 0;
	add_cpu_weight(b, cpu);
	if ((cpu->quota.is_set && cpu->quota.value) || (cpu->period.is_set && cpu->period.value))
		add_quota(b, cpu->quota.is_set ? cpu->quota.value : -1,
			  cpu->period.is_set ? cpu->period.value : 0);
	return add_cpuset(b, cpu);
}

/* ----------------------------------------------------------------------------- pids, blockIO */

/* systemd has no 0, and one process there is. */
static int add_pids(struct builder *b, const struct oci_resources *res)
{
	if (res->pids && res->pids->limit.is_set)
		add_limit(b, "TasksMax", res->pids->limit.value ? res->pids->limit.value : 1);
	return 0;
}

static int add_block_io(struct builder *b, const struct oci_resources *res)
{
	const struct oci_block_io *io = res->block_io;

	if (!io || !io->weight.is_set || !io->weight.value)
		return 0;
	if (b->request->unified)
		add_u64(b, "IOWeight", cg_blkio_to_io_weight(io->weight.value));
	else
		add_u64(b, "BlockIOWeight", io->weight.value);
	return 0;
}

/* ----------------------------------------------------------------------------------- devices */

/* ("/dev/char/1:3", "rwm"), ("char-136", "rw"), ("block-*", "m"); NULL: not sayable. */
static struct gvariant *device_entry(struct builder *b, const struct dev_rule *rule)
{
	const char *kind = rule->type == 'b' ? "block" : "char";
	struct gvariant *entry = gvariant_tuple(b->arena);
	char access[4], *p = access;
	const char *node;

	if (rule->major < 0 && rule->minor >= 0)
		return NULL;
	if (rule->major < 0)
		node = arena_printf(b->arena, "%s-*", kind);
	else if (rule->minor < 0)
		node = arena_printf(b->arena, "%s-%d", kind, rule->major);
	else
		node = arena_printf(b->arena, "/dev/%s/%d:%d", kind, rule->major, rule->minor);
	if (rule->access & BPF_DEVCG_ACC_READ)
		*p++ = 'r';
	if (rule->access & BPF_DEVCG_ACC_WRITE)
		*p++ = 'w';
	if (rule->access & BPF_DEVCG_ACC_MKNOD)
		*p++ = 'm';
	*p = '\0';
	gvariant_add(entry, gvariant_string(b->arena, node));
	gvariant_add(entry, gvariant_string(b->arena, access));
	return entry;
}

/*
 * systemd knows only what is allowed. Rules that it can't hold it must not know half of: then it
 * allows everything, and the runtime's own filter alone decides, as it always does besides.
 */
static struct gvariant *device_list(struct builder *b, const struct oci_resources *res)
{
	struct gvariant *list = gvariant_array(b->arena, "(ss)");
	struct dev_rules rules;
	struct err ignored;

	if (dev_rules_parse(res, b->arena, &rules, &ignored) < 0)
		return NULL;
	cg_devices_defaults(&rules);
	if (dev_rules_flatten(&rules, &ignored) < 0 || rules.allow_rest)
		return NULL;
	for (size_t i = 0; i < rules.n; i++) {
		struct gvariant *entry = device_entry(b, &rules.v[i]);

		if (!entry)
			return NULL;
		gvariant_add(list, entry);
	}
	return list;
}

static void add_devices(struct builder *b, const struct oci_resources *res)
{
	struct gvariant *list = b->host->user ? NULL : device_list(b, res);

	if (b->host->user)
		return;
	/* Lists are added to; an empty one takes away what was there. */
	add_string(b, "DevicePolicy", list ? "strict" : "auto");
	append(b, "DeviceAllow", gvariant_array(b->arena, "(ss)"));
	if (list)
		append(b, "DeviceAllow", list);
}

/* ----------------------------------------------------------------------------------- unified */

/* The files of the unified hierarchy that systemd has a property for. */
enum unified_kind { UNIFIED_LIMIT, UNIFIED_MASK, UNIFIED_CPU_MAX, UNIFIED_WEIGHT };

static const struct {
	const char *file, *property;
	enum unified_kind kind;
} unified_files[] = {
	{ "cpu.max",		"",		      UNIFIED_CPU_MAX },
	{ "cpu.weight",		"CPUWeight",	      UNIFIED_WEIGHT },
	{ "cpuset.cpus",	"AllowedCPUs",	      UNIFIED_MASK },
	{ "cpuset.mems",	"AllowedMemoryNodes", UNIFIED_MASK },
	{ "memory.min",		"MemoryMin",	      UNIFIED_LIMIT },
	{ "memory.low",		"MemoryLow",	      UNIFIED_LIMIT },
	{ "memory.high",	"MemoryHigh",	      UNIFIED_LIMIT },
	{ "memory.max",		"MemoryMax",	      UNIFIED_LIMIT },
	{ "memory.swap.max",	"MemorySwapMax",      UNIFIED_LIMIT },
	{ "memory.zswap.max",	"MemoryZSwapMax",     UNIFIED_LIMIT },
	{ "pids.max",		"TasksMax",	      UNIFIED_LIMIT },
};

static int parse_limit(const char *text, uint64_t *ret)
{
	if (strcmp(text, "max") != 0)
		return num_parse_u64(text, ret);
	*ret = NO_LIMIT;
	return 0;
}

/* "max", "5000", "5000 100000" */
static int add_cpu_max(struct builder *b, const char *value)
{
	uint64_t quota_us, period_us = 0;
	char text[64], *blank;

	if (strlen(value) >= sizeof(text))
		return -EINVAL;
	memcpy(text, value, strlen(value) + 1);
	blank = strchr(text, ' ');
	if (blank)
		*blank++ = '\0';
	if (parse_limit(text, &quota_us) < 0 || (blank && num_parse_u64(blank, &period_us) < 0))
		return -EINVAL;
	add_quota(b, quota_us > INT64_MAX ? -1 : (int64_t)quota_us, period_us);
	return 0;
}

static int add_unified_file(struct builder *b, const char *property, enum unified_kind kind,
			    const char *value)
{
	uint64_t number;

	if (kind == UNIFIED_CPU_MAX)
		return add_cpu_max(b, value);
	if (kind == UNIFIED_MASK)
		return *value ? add_mask(b, property, value) : 0;
	if (kind == UNIFIED_WEIGHT ? num_parse_u64(value, &number) < 0
				   : parse_limit(value, &number) < 0)
		return -EINVAL;
	add_u64(b, property, number);
	return 0;
}

static int add_unified(struct builder *b, const struct oci_resources *res)
{
	for (size_t i = 0; i < res->unified.n && b->request->unified; i++) {
		const struct oci_pair *pair = &res->unified.v[i];

		for (size_t k = 0; k < sizeof(unified_files) / sizeof(*unified_files); k++)
			if (strcmp(unified_files[k].file, pair->key) == 0 &&
			    add_unified_file(b, unified_files[k].property, unified_files[k].kind,
					     pair->value) < 0)
				return err_set(b->err, ERR_USAGE, EINVAL,
					       "unified: '%.64s' is no value for %s", pair->value,
					       pair->key);
	}
	return 0;
}

/* ------------------------------------------------------------------------------- annotations */

/* Properties of times are told to systemd in microseconds, and known to people in seconds. */
static int to_usec(struct gvariant *value)
{
	double seconds;

	if (value->type == 'd')
		seconds = value->real;
	else if (strchr("nix", value->type))
		seconds = (double)value->number;
	else if (strchr("yqut", value->type))
		seconds = (double)value->natural;
	else
		return -EINVAL;
	if (!(seconds >= 0 && seconds < 1e12))
		return -EINVAL;
	value->type = 't';
	value->natural = (uint64_t)(seconds * USEC_PER_SEC);
	return 0;
}

static bool is_property_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!isalpha((unsigned char)name[i]))
			return false;
	return len >= 3 && len < 64;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static int add_annotation(struct builder *b, const struct oci_pair *pair)
{
	const char *name = pair->key;
	struct gvariant *value;
	int r;

	if (!is_property_name(name))
		return err_set(b->err, ERR_USAGE, EINVAL, "'%.64s' is no name of a property", name);
	r = gvariant_parse(pair->value, b->arena, &value, b->err);
	if (r == 0 && ends_with(name, "Sec") && !ends_with(name, "USec")) {
		name = arena_printf(b->arena, "%.*sUSec", (int)(strlen(name) - 3), name);
		if (to_usec(value) < 0)
			r = err_set(b->err, ERR_USAGE, EINVAL, "'%.64s' is no number of seconds",
				    pair->value);
	}
	if (r < 0)
		return err_wrap(b->err, "annotation org.systemd.property.%s", pair->key);
	add(b, name, value);
	return 0;
}

/* -------------------------------------------------------------------------------------- front */

static int add_limits(struct builder *b, const struct oci_resources *res)
{
	static int (*const parts[])(struct builder *b, const struct oci_resources *res) = {
		add_memory, add_cpu, add_pids, add_block_io, add_unified,
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && r == 0; i++)
		r = parts[i](b, res);
	return r;
}

static void add_scope(struct builder *b)
{
	struct gvariant *pids = gvariant_array(b->arena, "u");

	if (b->request->description)
		add_string(b, "Description", b->request->description);
	if (b->request->slice)
		add_string(b, "Slice", b->request->slice);
	gvariant_add(pids, gvariant_u32(b->arena, b->request->host_pid));
	add(b, "PIDs", pids);
	add_bool(b, "Delegate", true);
	add_bool(b, "DefaultDependencies", false);
	add_bool(b, "CPUAccounting", true);
	add_bool(b, "MemoryAccounting", true);
	add_bool(b, b->request->unified ? "IOAccounting" : "BlockIOAccounting", true);
	add_bool(b, "TasksAccounting", true);
}

int unit_properties_start(const struct cg_systemd_request *request, const struct unit_host *host,
			  struct arena *arena, struct unit_properties *ret, struct err *err)
{
	static const struct oci_resources nothing;
	const struct oci_resources *res = request->resources ? request->resources : &nothing;
	struct builder b = { request, host, arena, ret, err };
	int r;

	ret->n = 0;
	if (request->host_pid == 0)
		return err_set(err, ERR_USAGE, EINVAL, "a scope needs a process");
	if (request->properties.n > UNIT_PROPERTIES_MAX / 2)
		return err_set(err, ERR_USAGE, E2BIG, "%zu annotations org.systemd.property",
			       request->properties.n);
	add_scope(&b);
	add_devices(&b, res);
	r = add_limits(&b, res);
	for (size_t i = 0; i < request->properties.n && r == 0; i++)
		r = add_annotation(&b, &request->properties.v[i]);
	return r;
}

int unit_properties_update(const struct cg_systemd_request *request, const struct unit_host *host,
			   struct arena *arena, struct unit_properties *ret, struct err *err)
{
	struct builder b = { request, host, arena, ret, err };

	ret->n = 0;
	if (!request->resources)
		return 0;
	if (request->resources->devices.n)
		add_devices(&b, request->resources);
	return add_limits(&b, request->resources);
}
