/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities: eleven by default, all that we have ourselves when privileged; from these what was
 * dropped goes, and then what was added comes. ALL added outweighs ALL dropped, as docker has it;
 * unlike there, what a privileged container drops is gone. Nothing is inheritable or ambient: a
 * user other than root loses all at exec and keeps the bound, which is what a setuid program gets.
 */
#include "engine/spec_parts.h"

#include "engine/sharing.h"
#include "oci/list.h"
#include "sys/caps.h"

#include <ctype.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BIT(cap) (UINT64_C(1) << (cap))
#define N_BITS	 64

static const uint64_t default_caps =
	BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) |
	BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SETFCAP) | BIT(CAP_SETGID) |
	BIT(CAP_SETPCAP) | BIT(CAP_SETUID) | BIT(CAP_SYS_CHROOT);

/* The kernel asks for these outside of all user namespaces, whatever is done with them. */
static const uint64_t host_caps =
	BIT(CAP_AUDIT_CONTROL) | BIT(CAP_AUDIT_READ) | BIT(CAP_BLOCK_SUSPEND) | BIT(CAP_BPF) |
	BIT(CAP_IPC_LOCK) | BIT(CAP_LINUX_IMMUTABLE) | BIT(CAP_MAC_ADMIN) | BIT(CAP_MAC_OVERRIDE) |
	BIT(CAP_MKNOD) | BIT(CAP_PERFMON) | BIT(CAP_SYSLOG) | BIT(CAP_SYS_MODULE) |
	BIT(CAP_SYS_NICE) | BIT(CAP_SYS_PACCT) | BIT(CAP_SYS_RAWIO) | BIT(CAP_SYS_RESOURCE) |
	BIT(CAP_SYS_TIME) | BIT(CAP_SYS_TTY_CONFIG) | BIT(CAP_WAKE_ALARM);

/* Of what is shared with the host these do something, and there for the host's ids alone. */
static const uint64_t network_caps = BIT(CAP_NET_ADMIN) | BIT(CAP_NET_BIND_SERVICE) |
				     BIT(CAP_NET_BROADCAST) | BIT(CAP_NET_RAW);
static const uint64_t process_caps = BIT(CAP_KILL) | BIT(CAP_SYS_PTRACE);

/* What one of the two options says. */
struct wish {
	bool all;
	uint64_t caps;
};

static int parse_cap(const char *option, const char *word, uint64_t *ret_bit, struct err *err)
{
	bool has_prefix = strncasecmp(word, "cap_", 4) == 0;
	char name[64];

	(void)snprintf(name, sizeof(name), "CAP_%s", has_prefix ? word + 4 : word);
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	if (caps_parse_name(name, UINT64_MAX, ret_bit) < 0)
		return err_set(err, ERR_USAGE, EINVAL, "%s: there is no capability '%.64s'", option,
			       word);
	return 0;
}

static int parse_wish(const char *option, const struct oci_strings *words, struct wish *ret,
		      struct err *err)
{
	*ret = (struct wish){};
	for (size_t i = 0; i < words->n; i++) {
		uint64_t bit = 0;
		int r = 0;

		if (strcasecmp(words->v[i], "all") == 0)
			ret->all = true;
		else
			r = parse_cap(option, words->v[i], &bit, err);
		if (r < 0)
			return r;
		ret->caps |= bit;
	}
	return 0;
}

/* A capability that was asked for by its name is given, or the container is refused. */
static int check_given(uint64_t asked, uint64_t ours, struct err *err)
{
	for (unsigned cap = 0; cap < N_BITS; cap++)
		if (asked & ~ours & BIT(cap))
			return err_set(err, ERR_USAGE, EPERM,
				       "--cap-add: we do not have %s ourselves, to give it on",
				       caps_name(cap));
	return 0;
}

static uint64_t combine(const struct wish *add, const struct wish *drop, uint64_t base,
			uint64_t ours)
{
	if (add->all)
		return ours & ~drop->caps;
	if (drop->all)
		return add->caps;
	return (base & ~drop->caps) | add->caps;
}

static struct oci_strings name_caps(uint64_t caps, struct arena *arena)
{
	struct oci_strings names = {};

	for (unsigned cap = 0; cap < N_BITS; cap++)
		if (caps & BIT(cap) && caps_name(cap))
			strings_add(&names, arena, arena_strdup(arena, caps_name(cap)));
	return names;
}

int spec_add_capabilities(const struct draft *draft, struct err *err)
{
	const struct config *config = draft->config;
	uint64_t ours = 0, base = default_caps;
	struct oci_capabilities *sets;
	struct wish add, drop;
	int r = parse_wish("--cap-add", &config->cap_add, &add, err);

	if (r == 0)
		r = parse_wish("--cap-drop", &config->cap_drop, &drop, err);
	if (r < 0)
		return r;
	if (config->privileged || add.all || add.caps)
		ours = caps_permitted();
	if (config->privileged)
		base = ours;
	r = check_given(add.caps & ~default_caps, ours, err);
	if (r < 0)
		return r;
	sets = arena_new(draft->arena, struct oci_capabilities);
	sets->bounding = name_caps(combine(&add, &drop, base, ours), draft->arena);
	sets->effective = sets->bounding;
	sets->permitted = sets->bounding;
	draft->spec->process->capabilities = sets;
	return 0;
}

/* What can't be read is refused later. */
bool spec_needs_host_ids(const struct config *config)
{
	uint64_t caps = host_caps;
	struct wish add;
	struct err ignored;

	if (parse_wish("--cap-add", &config->cap_add, &add, &ignored) < 0)
		return false;
	if (sharing_has_foreign_network(config))
		caps |= network_caps;
	if (config_is_host(config->pid))
		caps |= process_caps;
	return add.all || add.caps & caps;
}

struct oci_capabilities *spec_all_capabilities(struct arena *arena)
{
	struct oci_capabilities *sets = arena_new(arena, struct oci_capabilities);

	sets->bounding = name_caps(caps_permitted(), arena);
	sets->effective = sets->bounding;
	sets->permitted = sets->bounding;
	return sets;
}
