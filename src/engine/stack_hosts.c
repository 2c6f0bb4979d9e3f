/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has no address but loopback's goes by that, so that his own name means something to him. Who
 * has the host's network sees what the host's file says, behind what was asked for: the first line
 * that bears a name prevails.
 */
#include "engine/stack_hosts.h"

#include "base/cleanup.h"
#include "engine/ident.h"
#include "engine/spec_parts.h"
#include "net/address.h"
#include "net/hosts.h"
#include "net/uplink.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HOSTS_FILE     "/etc/hosts"
#define HOSTS_BYTES_MAX ((size_t)4 << 20) /* lists of who is to be blocked are long */

static const struct ip loopback = { AF_INET, { 127, 0, 0, 1 } };

struct draft_hosts {
	const struct config *config;
	const struct net_record *record;
	struct arena *arena;
	struct hosts hosts;
};

static bool has_networks(const struct net_record *record)
{
	return record && record->endpoints.n > 0;
}

/* ------------------------------------------------------------------------------- the host */

/* The address by which the internet would answer the host; none, whatever the reason is. */
static struct ip find_host(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	auto_buf struct buf list = {};
	const struct ip_net *nets;
	struct uplink uplink;
	struct err ignored;

	if (netlink_open(&nl, &ignored) < 0 || uplink_find(&nl, &uplink, &ignored) != 0 ||
	    address_list(&nl, uplink.index, &list, &ignored) < 0)
		return (struct ip){};
	nets = (const struct ip_net *)(const void *)list.data;
	for (size_t i = 0; i < list.len / sizeof(*nets); i++)
		if (nets[i].ip.family == uplink.family)
			return nets[i].ip;
	return (struct ip){};
}

/* The host's end of a bridge; of other networks the gateway is another machine. */
static struct ip find_bridge(const struct net_record *record)
{
	struct err ignored;
	struct ip ip = {};

	for (size_t i = 0; i < record->endpoints.n; i++) {
		const struct net_endpoint *endpoint = &record->endpoints.v[i];
		const char *gateway = endpoint->gateway ? endpoint->gateway : endpoint->gateway6;

		if (gateway && net_endpoint_is_bridged(endpoint) &&
		    ip_parse(gateway, &ip, &ignored) == 0)
			break;
	}
	return ip;
}

static void add_gateway(struct draft_hosts *draft)
{
	struct hosts *hosts = &draft->hosts;

	if (has_networks(draft->record))
		hosts->gateway = find_bridge(draft->record);
	if (!ip_is_set(&hosts->gateway) &&
	    (has_networks(draft->record) || config_is_host(draft->config->network)))
		hosts->gateway = find_host();
	if (!ip_is_set(&hosts->gateway) && config_is_host(draft->config->network))
		hosts->gateway = loopback;
}

/* ------------------------------------------------------------------------------- itself */

static void add_name(struct draft_hosts *draft, const char **names, const char *name)
{
	for (size_t i = 0; i < draft->hosts.n_names; i++)
		if (strcmp(names[i], name) == 0)
			return;
	names[draft->hosts.n_names++] = name;
}

static void add_names(struct draft_hosts *draft)
{
	const struct config *config = draft->config;
	const char *hostname = spec_hostname(config, draft->arena);
	const char **names = arena_array(draft->arena, const char *, 4);

	if (hostname && config->domainname)
		add_name(draft, names, arena_printf(draft->arena, "%s.%s", hostname,
						    config->domainname));
	if (hostname)
		add_name(draft, names, hostname);
	if (config->name)
		add_name(draft, names, config->name);
	add_name(draft, names, arena_strndup(draft->arena, config->id, IDENT_SHORT_LEN));
	draft->hosts.names = names;
}

static void add_addresses(struct ip *own, size_t *n, const struct net_endpoint *endpoint)
{
	struct ip ips[2];

	net_endpoint_ips(endpoint, ips);
	for (size_t i = 0; i < 2; i++)
		if (ip_is_set(&ips[i]))
			own[(*n)++] = ips[i];
}

/* The host's file has the host's names. */
static void add_own(struct draft_hosts *draft)
{
	size_t n = has_networks(draft->record) ? draft->record->endpoints.n : 0;
	struct ip *own = arena_array(draft->arena, struct ip, 2 * n + 1);
	struct hosts *hosts = &draft->hosts;

	for (size_t i = 0; i < n; i++)
		add_addresses(own, &hosts->n_own, &draft->record->endpoints.v[i]);
	if (!hosts->n_own && (draft->config->hostname || !config_is_host(draft->config->network)))
		own[hosts->n_own++] = loopback;
	hosts->own = own;
	add_names(draft);
}

/* A kernel may be without it, and a container may have said that it wants none. */
static bool has_no_ipv6(const struct config *config)
{
	for (size_t i = 0; i < config->sysctls.n; i++) {
		const struct oci_pair *sysctl = &config->sysctls.v[i];

		if (strcmp(sysctl->key, "net.ipv6.conf.all.disable_ipv6") == 0)
			return strcmp(sysctl->value, "0") != 0;
	}
	return access("/proc/sys/net/ipv6", F_OK) < 0;
}

/* ------------------------------------------------------------------------------- the file */

static int add_extra(struct draft_hosts *draft, struct err *err)
{
	const struct oci_strings *words = &draft->config->add_hosts;
	struct hosts_extra *extra = arena_array(draft->arena, struct hosts_extra, words->n + 1);
	int r = 0;

	for (size_t i = 0; i < words->n && r == 0; i++)
		r = hosts_extra_parse(words->v[i], draft->arena, &extra[i], err);
	draft->hosts.extra = extra;
	draft->hosts.n_extra = words->n;
	return r < 0 ? err_wrap(err, "--add-host") : 0;
}

static int add_hosts_file(struct buf *ret, struct err *err)
{
	auto_close int fd = open(HOSTS_FILE, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, errno, "open '" HOSTS_FILE "'");
	return buf_read_fd(ret, fd, HOSTS_BYTES_MAX, HOSTS_FILE, err);
}

int stack_hosts_format(const struct config *config, const struct net_record *record,
		       struct buf *ret, struct err *err)
{
	auto_arena struct arena arena = {};
	struct draft_hosts draft = { config, record, &arena, {} };
	int r = add_extra(&draft, err);

	if (r < 0)
		return r;
	add_own(&draft);
	add_gateway(&draft);
	draft.hosts.has_no_localhost = config_is_host(config->network);
	draft.hosts.has_no_ipv6 = has_no_ipv6(config);
	r = hosts_format(&draft.hosts, ret, err);
	if (r < 0)
		return err_wrap(err, "'" HOSTS_FILE "' of the container");
	return config_is_host(config->network) ? add_hosts_file(ret, err) : 0;
}
