/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes sense of a network. Each check also sets what it parsed, so that nobody parses again.
 * Options are the rows of a table: how people name them, how we keep them, which drivers have them,
 * and who reads their value. What tare cannot do is refused by name, not ignored.
 */
#include "net/network.h"

#include "base/num.h"

#include <string.h>

enum { BRIDGE = 1, MACVLAN = 2, IPVLAN = 4, ALL = 7 };

typedef int option_fn(struct network *network, const char *value);

/* ------------------------------------------------------------------------------- values */

static int parse_bool(const char *value, bool *ret)
{
	static const char *const words[] = { "false", "true", "0", "1", "no", "yes" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(value, words[i]) == 0) {
			*ret = i % 2;
			return 0;
		}
	return -EINVAL;
}

static int read_mtu(struct network *network, const char *value)
{
	uint32_t mtu;

	if (num_parse_u32(value, &mtu) < 0 || (mtu != 0 && mtu < 68) || mtu > 65535)
		return -EINVAL;
	network->settings.mtu = mtu;
	return 0;
}

static int read_metric(struct network *network, const char *value)
{
	return num_parse_u32(value, &network->settings.metric);
}

static int read_no_default_route(struct network *network, const char *value)
{
	return parse_bool(value, &network->settings.no_default_route);
}

static int read_inverted(const char *value, bool *ret)
{
	int r = parse_bool(value, ret);

	if (r == 0)
		*ret = !*ret;
	return r;
}

static int read_isolate(struct network *network, const char *value)
{
	if (strcmp(value, "strict") == 0)
		return 0;
	return read_inverted(value, &network->settings.not_isolated);
}

static int read_icc(struct network *network, const char *value)
{
	return read_inverted(value, &network->settings.is_apart);
}

static int read_masquerade(struct network *network, const char *value)
{
	return read_inverted(value, &network->settings.is_routed);
}

static int read_vlan(struct network *network, const char *value)
{
	uint32_t vlan;

	if (num_parse_u32(value, &vlan) < 0 || vlan == 0 || vlan > 4094)
		return -EINVAL;
	network->settings.vlan = (uint16_t)vlan;
	return 0;
}

static int read_host_ip(struct network *network, const char *value)
{
	struct err ignored;

	return ip_parse(value, &network->settings.host_ip, &ignored);
}

static int read_mode(struct network *network, const char *value)
{
	static const char *const macvlan[] = { "bridge", "private", "vepa", "passthru", NULL };
	static const char *const ipvlan[] = { "l2", "l3", "l3s", NULL };
	const char *const *modes = strcmp(network->driver, "macvlan") == 0 ? macvlan : ipvlan;

	for (; *modes; modes++)
		if (strcmp(*modes, value) == 0) {
			network->settings.mode = *modes;
			return 0;
		}
	return -EINVAL;
}

/* It is the interface by now, if people gave it. */
static int read_interface(struct network *network, const char *value)
{
	return network->interface && strcmp(network->interface, value) == 0 ? 0 : -EINVAL;
}

static const struct option {
	const char *key, *name;
	unsigned drivers;
	option_fn *read;
} options[] = {
	{ "mtu", "mtu", ALL, read_mtu },
	{ "com.docker.network.driver.mtu", "mtu", ALL, read_mtu },
	{ "metric", "metric", ALL, read_metric },
	{ "no_default_route", "no_default_route", ALL, read_no_default_route },
	{ "isolate", "isolate", BRIDGE, read_isolate },
	{ "icc", "icc", BRIDGE, read_icc },
	{ "com.docker.network.bridge.enable_icc", "icc", BRIDGE, read_icc },
	{ "masquerade", "masquerade", BRIDGE, read_masquerade },
	{ "com.docker.network.bridge.enable_ip_masquerade", "masquerade", BRIDGE,
	  read_masquerade },
	{ "host_ip", "host_ip", BRIDGE, read_host_ip },
	{ "com.docker.network.bridge.host_binding_ipv4", "host_ip", BRIDGE, read_host_ip },
	{ "name", "name", BRIDGE, read_interface },
	{ "com.docker.network.bridge.name", "name", BRIDGE, read_interface },
	{ "parent", "parent", MACVLAN | IPVLAN, read_interface },
	{ "mode", "mode", MACVLAN | IPVLAN, read_mode },
	{ "macvlan_mode", "mode", MACVLAN, read_mode },
	{ "ipvlan_mode", "mode", IPVLAN, read_mode },
	{ "vlan", "vlan", BRIDGE, read_vlan },
	/* Known, but not to us. */
	{ "vrf", "vrf", 0, NULL },
	{ "bclim", "bclim", 0, NULL },
};
#define N_OPTIONS (sizeof(options) / sizeof(*options))

static const struct option *find_option(const char *key)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (strcmp(options[i].key, key) == 0)
			return &options[i];
	return NULL;
}

const char *network_option_name(const char *key)
{
	const struct option *option = find_option(key);

	return option ? option->name : NULL;
}

static unsigned driver_bit(const char *driver)
{
	return strcmp(driver, "bridge") == 0	? BRIDGE
	       : strcmp(driver, "macvlan") == 0 ? MACVLAN
	       : strcmp(driver, "ipvlan") == 0	? IPVLAN
						: 0;
}

static int check_option(struct network *network, const struct oci_pair *pair, struct err *err)
{
	const struct option *option = find_option(pair->key);
	int r;

	if (!option)
		return err_set(err, ERR_USAGE, EINVAL, "there is no option '%.64s'", pair->key);
	if (!option->read)
		return err_set(err, ERR_USAGE, ENOTSUP, "option '%s' is not supported",
			       pair->key);
	if (!(option->drivers & driver_bit(network->driver)))
		return err_set(err, ERR_USAGE, EINVAL, "driver '%s' has no option '%s'",
			       network->driver, pair->key);
	r = option->read(network, pair->value);
	if (r < 0)
		return err_set(err, ERR_USAGE, EINVAL, "option '%s': '%.64s' makes no sense",
			       pair->key, pair->value);
	return 0;
}

/* ------------------------------------------------------------------------------- names */

static int check_name(const char *name, struct err *err)
{
	static const char *const reserved[] = { "host", "none", "container", "ns", "private",
						"default", "slirp4netns", "pasta" };
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789_.-");

	if (!*name || name[len] || strchr("_.-", *name) || len > 128)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.128s' is no name for a network: it begins with a letter or a "
			       "digit, and '_', '.' and '-' may follow, 128 in all", name);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (strcmp(name, reserved[i]) == 0)
			return err_set(err, ERR_USAGE, EINVAL,
				       "'%s' is no name for a network: it means something else "
				       "after --network", name);
	return 0;
}

static int check_interface(const char *interface, struct err *err)
{
	bool is_sound = *interface && strlen(interface) <= 15 && strcmp(interface, ".") != 0 &&
			strcmp(interface, "..") != 0;

	for (const char *p = interface; *p; p++)
		is_sound &= *p > ' ' && *p < 0x7f && *p != '/' && *p != ':' && *p != '%';
	return is_sound ? 0
			: err_set(err, ERR_USAGE, EINVAL, "'%.32s' is no name of an interface",
				  interface);
}

/* ------------------------------------------------------------------------------- subnets */

static int parse_within(const struct network_subnet *subnet, const char *what, const char *text,
			struct ip *ret, struct err *err)
{
	int r = ip_parse(text, ret, err);

	if (r < 0)
		return err_wrap(err, "%s", what);
	if (!ip_net_has(&subnet->net, ret))
		return err_set(err, ERR_USAGE, EINVAL, "%s '%s' is not in subnet '%s'", what, text,
			       subnet->subnet);
	return 0;
}

static int check_range(struct network_subnet *subnet, struct err *err)
{
	int r = 0;

	subnet->first = ip_net_first(&subnet->net);
	subnet->last = ip_net_last(&subnet->net);
	if (subnet->range_start)
		r = parse_within(subnet, "the range's start", subnet->range_start, &subnet->first,
				 err);
	if (r == 0 && subnet->range_end)
		r = parse_within(subnet, "the range's end", subnet->range_end, &subnet->last, err);
	if (r == 0 && ip_compare(&subnet->first, &subnet->last) > 0)
		r = err_set(err, ERR_USAGE, EINVAL, "the range of subnet '%s' ends before it "
			    "begins", subnet->subnet);
	return r;
}

static int check_subnet(struct network_subnet *subnet, struct err *err)
{
	int r = ip_net_parse(subnet->subnet, &subnet->net, err);
	struct ip ip, first;

	if (r < 0)
		return err_wrap(err, "subnet");
	first = ip_net_first(&subnet->net);
	if (ip_compare(&first, &subnet->net.ip) != 0)
		return err_set(err, ERR_USAGE, EINVAL, "subnet '%s' has bits behind the network's",
			       subnet->subnet);
	subnet->gateway_ip = (struct ip){};
	if (subnet->gateway)
		r = parse_within(subnet, "gateway", subnet->gateway, &subnet->gateway_ip, err);
	if (r == 0)
		r = check_range(subnet, err);
	for (size_t i = 0; r == 0 && i < subnet->reserved.n; i++)
		r = parse_within(subnet, "reserved address", subnet->reserved.v[i].value, &ip,
				 err);
	return r;
}

static int check_subnets(struct network *network, struct err *err)
{
	if (network->subnets.n > NETWORK_SUBNETS_MAX)
		return err_set(err, ERR_USAGE, EINVAL, "a network has at most %d subnets",
			       NETWORK_SUBNETS_MAX);
	for (size_t i = 0; i < network->subnets.n; i++) {
		struct network_subnet *subnet = &network->subnets.v[i];
		int r = check_subnet(subnet, err);

		if (r < 0)
			return r;
		for (size_t k = 0; k < i; k++)
			if (network->subnets.v[k].net.ip.family == subnet->net.ip.family &&
			    ip_net_overlaps(&network->subnets.v[k].net, &subnet->net))
				return err_set(err, ERR_USAGE, EINVAL,
					       "subnets '%s' and '%s' overlap",
					       network->subnets.v[k].subnet, subnet->subnet);
		network->ip6 |= subnet->net.ip.family == AF_INET6;
	}
	return 0;
}

static int check_route(struct network_route *route, struct err *err)
{
	int r = ip_net_parse(route->destination, &route->net, err);

	if (r == 0)
		r = ip_parse(route->gateway, &route->gateway_ip, err);
	if (r < 0)
		return err_wrap(err, "route");
	if (route->net.ip.family != route->gateway_ip.family)
		return err_set(err, ERR_USAGE, EINVAL, "route '%s': gateway '%s' is of another "
			       "family", route->destination, route->gateway);
	return 0;
}

static int check_ipam(const struct network *network, struct err *err)
{
	const char *driver = network->ipam_driver;

	if (driver && strcmp(driver, "dhcp") == 0)
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "IPAM driver 'dhcp' is not supported: there is no DHCP client");
	if (driver && strcmp(driver, "host-local") != 0 && strcmp(driver, "none") != 0)
		return err_set(err, ERR_USAGE, EINVAL, "there is no IPAM driver '%.64s'", driver);
	if (!network_gives_addresses(network) && network->subnets.n)
		return err_set(err, ERR_USAGE, EINVAL,
			       "IPAM driver 'none' goes with no subnet");
	return 0;
}

/* Who would ask them for the containers is not there where names are off. */
static int check_dns(const struct network *network, struct err *err)
{
	struct ip ip;
	int r = 0;

	if (network->dns_disabled && network->dns_servers.n)
		return err_set(err, ERR_USAGE, EINVAL, "a network without names (--disable-dns) "
			       "has no name servers (--dns)");
	for (size_t i = 0; r == 0 && i < network->dns_servers.n; i++)
		r = ip_parse(network->dns_servers.v[i], &ip, err);
	return r;
}

int network_check(struct network *network, struct err *err)
{
	int r = check_name(network->name, err);

	if (r == 0 && !driver_bit(network->driver))
		r = err_set(err, ERR_USAGE, EINVAL, "there is no network driver '%.64s'",
			    network->driver);
	if (r == 0 && network->interface)
		r = check_interface(network->interface, err);
	if (r == 0)
		r = check_ipam(network, err);
	if (r == 0)
		r = check_subnets(network, err);
	for (size_t i = 0; r == 0 && i < network->routes.n; i++)
		r = check_route(&network->routes.v[i], err);
	if (r == 0)
		r = check_dns(network, err);
	if (r < 0)
		return r;
	network->settings = (struct network_settings){};
	if (!network_is_bridge(network))
		network->settings.mode = strcmp(network->driver, "macvlan") == 0 ? "bridge" : "l2";
	for (size_t i = 0; r == 0 && i < network->options.n; i++)
		r = check_option(network, &network->options.v[i], err);
	return r;
}

bool network_is_bridge(const struct network *network)
{
	return strcmp(network->driver, "bridge") == 0;
}

bool network_gives_addresses(const struct network *network)
{
	return !network->ipam_driver || strcmp(network->ipam_driver, "none") != 0;
}

const struct network_subnet *network_find_subnet(const struct network *network,
						 const struct ip *ip)
{
	for (size_t i = 0; i < network->subnets.n; i++)
		if (ip_net_has(&network->subnets.v[i].net, ip))
			return &network->subnets.v[i];
	return NULL;
}
