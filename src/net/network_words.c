/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker finds the subnet of a gateway or a range by their addresses, podman by their order; where
 * both make sense they say the same. Addresses are kept in their one spelling.
 */
#include "net/network_words.h"

#include "base/num.h"
#include "oci/list.h"

#include <string.h>

/* ------------------------------------------------------------------------------- subnets */

int network_add_subnet(struct network *network, const char *word, struct arena *arena,
		       struct err *err)
{
	char text[IP_NET_BYTES];
	struct ip_net net;
	int r = ip_net_parse(word, &net, err);

	if (r < 0)
		return r;
	*list_add(&network->subnets, arena) = (struct network_subnet){
		.subnet = arena_strdup(arena, ip_net_format(&net, text)),
		.net = net,
	};
	return 0;
}

/* The subnet that an address is in. */
static int find_subnet(struct network *network, const struct ip *ip, struct network_subnet **ret,
		       struct err *err)
{
	const struct network_subnet *found = network_find_subnet(network, ip);

	if (found) {
		*ret = &network->subnets.v[found - network->subnets.v];
		return 0;
	}
	if (network->subnets.n)
		return err_set(err, ERR_USAGE, EINVAL, "it is in no subnet of the network");
	return err_set(err, ERR_USAGE, EINVAL, "the network's subnet has to be given too");
}

static char *spell(const struct ip *ip, struct arena *arena)
{
	char text[IP_BYTES];

	return arena_strdup(arena, ip_format(ip, text));
}

int network_add_gateway(struct network *network, const char *word, struct arena *arena,
			struct err *err)
{
	struct network_subnet *subnet;
	struct ip ip;
	int r = ip_parse(word, &ip, err);

	if (r == 0)
		r = find_subnet(network, &ip, &subnet, err);
	if (r < 0)
		return r;
	if (subnet->gateway)
		return err_set(err, ERR_USAGE, EINVAL, "subnet '%s' has gateway '%s' already",
			       subnet->subnet, subnet->gateway);
	subnet->gateway = spell(&ip, arena);
	return 0;
}

/* START-END, or a subnet. */
static int parse_range(const char *word, struct arena *arena, struct ip *first, struct ip *last,
		       struct err *err)
{
	const char *dash = strchr(word, '-');
	struct ip_net net;
	int r;

	if (!dash) {
		r = ip_net_parse(word, &net, err);
		if (r < 0)
			return r;
		*first = ip_net_first(&net);
		*last = ip_net_last(&net);
		return 0;
	}
	r = ip_parse(arena_strndup(arena, word, (size_t)(dash - word)), first, err);
	return r < 0 ? r : ip_parse(dash + 1, last, err);
}

int network_add_range(struct network *network, const char *word, struct arena *arena,
		      struct err *err)
{
	struct network_subnet *subnet;
	struct ip first, last;
	int r = parse_range(word, arena, &first, &last, err);

	if (r == 0)
		r = find_subnet(network, &first, &subnet, err);
	if (r < 0)
		return r;
	if (!ip_net_has(&subnet->net, &last))
		return err_set(err, ERR_USAGE, EINVAL, "it is larger than subnet '%s'",
			       subnet->subnet);
	if (subnet->range_start)
		return err_set(err, ERR_USAGE, EINVAL, "subnet '%s' has a range already",
			       subnet->subnet);
	subnet->range_start = spell(&first, arena);
	subnet->range_end = spell(&last, arena);
	return 0;
}

/* ------------------------------------------------------------------------------- pairs */

static int parse_pair(const char *word, struct arena *arena, struct oci_pair *ret, struct err *err)
{
	const char *equals = strchr(word, '=');

	if (!equals || equals == word)
		return err_set(err, ERR_USAGE, EINVAL, "it is not NAME=VALUE");
	ret->key = arena_strndup(arena, word, (size_t)(equals - word));
	ret->value = arena_strdup(arena, equals + 1);
	return 0;
}

int network_add_reserved(struct network *network, const char *word, struct arena *arena,
			 struct err *err)
{
	struct network_subnet *subnet;
	struct oci_pair pair;
	struct ip ip;
	int r = parse_pair(word, arena, &pair, err);

	if (r == 0)
		r = ip_parse(pair.value, &ip, err);
	if (r == 0)
		r = find_subnet(network, &ip, &subnet, err);
	if (r < 0)
		return r;
	pair.value = spell(&ip, arena);
	*list_add(&subnet->reserved, arena) = pair;
	return 0;
}

/* The key under which it is kept: two names of one option are one. */
static const char *kept_name(const char *key)
{
	const char *name = network_option_name(key);

	return name ? name : key;
}

int network_add_option(struct network *network, const char *word, struct arena *arena,
		       struct err *err)
{
	struct oci_pair pair;
	int r = parse_pair(word, arena, &pair, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < network->options.n; i++)
		if (strcmp(kept_name(network->options.v[i].key), kept_name(pair.key)) == 0) {
			network->options.v[i] = pair;
			return 0;
		}
	*list_add(&network->options, arena) = pair;
	return 0;
}

/* ------------------------------------------------------------------------------- routes */

int network_add_route(struct network *network, const char *word, struct arena *arena,
		      struct err *err)
{
	char *fields[4] = {}, *rest = arena_strdup(arena, word);
	struct network_route route = {};
	size_t n = 0;

	while (rest && n < 4)
		fields[n++] = strsep(&rest, ",");
	if (n < 2 || n > 3)
		return err_set(err, ERR_USAGE, EINVAL,
			       "it is not DESTINATION,GATEWAY[,METRIC]");
	if (n == 3 && (num_parse_u32(fields[2], &route.metric) < 0 || route.metric == 0))
		return err_set(err, ERR_USAGE, EINVAL, "the metric '%s' is no number above 0",
			       fields[2]);
	route.destination = fields[0];
	route.gateway = fields[1];
	*list_add(&network->routes, arena) = route;
	return 0;
}

/* ------------------------------------------------------------------------------- servers */

/* The next address of ADDRESS[,ADDRESS]..., in its one spelling; *word is what follows it. */
static int next_address(const char **word, char ret[static IP_BYTES], struct err *err)
{
	size_t len = strcspn(*word, ",");
	char text[IP_BYTES + 1] = "";
	struct ip ip;
	int r;

	memcpy(text, *word, len < IP_BYTES ? len : IP_BYTES);
	r = ip_parse(text, &ip, err);
	if (r < 0)
		return r;
	ip_format(&ip, ret);
	*word += len + ((*word)[len] == ',');
	return 0;
}

/* The list may be one that was read, which has no room. */
static void add_server(struct oci_strings *servers, const char *text, struct arena *arena)
{
	char **v = arena_array(arena, char *, servers->n + 2);

	if (servers->n)
		memcpy(v, servers->v, servers->n * sizeof(*v));
	v[servers->n] = arena_strdup(arena, text);
	*servers = (struct oci_strings){ v, servers->n + 1 };
}

int network_add_dns(struct network *network, const char *word, struct arena *arena,
		    struct err *err)
{
	char text[IP_BYTES];
	int r;

	do {
		r = next_address(&word, text, err);
		if (r == 0 && !strings_have(&network->dns_servers, text))
			add_server(&network->dns_servers, text, arena);
	} while (r == 0 && *word);
	return r;
}

int network_drop_dns(struct network *network, const char *word, struct err *err)
{
	struct oci_strings *servers = &network->dns_servers;
	char text[IP_BYTES];
	int r;

	do {
		size_t kept = 0, n = servers->n;

		r = next_address(&word, text, err);
		for (size_t i = 0; r == 0 && i < n; i++)
			if (strcmp(servers->v[i], text) != 0)
				servers->v[kept++] = servers->v[i];
		if (r == 0 && kept == n)
			r = err_set(err, ERR_USAGE, EINVAL, "'%s' is no server of the network",
				    text);
		if (r == 0) {
			servers->v[kept] = NULL;
			servers->n = kept;
		}
	} while (r == 0 && *word);
	return r;
}
