/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stack_servers.h"

static int add(const struct oci_strings *words, struct stack_servers *ret, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < words->n && ret->n < RESOLV_SERVERS_MAX && r == 0; i++)
		r = ip_parse(words->v[i], &ret->v[ret->n++], err);
	return r;
}

int stack_servers_choose(const struct config *config, const struct network *const *networks,
			 size_t n, struct stack_servers *ret, struct err *err)
{
	int r;

	*ret = (struct stack_servers){};
	r = add(&config->dns, ret, err);
	for (size_t i = 0; i < n; i++)
		ret->has_way_out |= !networks[i]->internal;
	for (size_t i = 0; i < n && r == 0 && !config->dns.n; i++)
		r = add(&networks[i]->dns_servers, ret, err);
	return r;
}

int stack_servers_of(int networks_fd, const struct config *config,
		     const struct net_record *record, struct stack_servers *ret, struct err *err)
{
	auto_arena struct arena arena = {};
	const size_t n_endpoints = record->endpoints.n;
	const struct network **networks =
		arena_array(&arena, const struct network *, n_endpoints + 1);
	struct network *network = NULL;
	struct err ignored;
	size_t n = 0;

	for (size_t i = 0; i < n_endpoints; i++)
		if (network_open(networks_fd, record->endpoints.v[i].network, &arena, &network,
				 &ignored) == 0)
			networks[n++] = network;
	return stack_servers_choose(config, networks, n, ret, err);
}
