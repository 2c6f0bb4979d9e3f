/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Networks and published ports, as elements of the table's sets and maps. Adding is one batch that
 * waits for nothing. What is to be taken away is looked up first, since the kernel refuses to take
 * away what is not there; if somebody else was faster, it is looked up again.
 *
 * A published port carries the id of its container as comment: that is all that is known about who
 * has it, and enough to take all of a container's ports away.
 */
#include "net/firewall.h"

#include "net/firewall_layout.h"
#include "net/port.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define TRIES	 64
#define N_OF(array) (sizeof(array) / sizeof(*(array)))

/* ------------------------------------------------------------------------------------ layout */

/* 1: it was made; 2: it stood, guarded. Whoever was disturbed looks again. */
static int ensure(struct nft *nft, bool is_reset, struct err *err)
{
	int r = -ERESTART;

	for (int i = 0; i < TRIES && r == -ERESTART; i++) {
		r = is_reset ? 0 : firewall_layout_stands(nft, err);
		if (r > 0)
			return r == 2 ? 2 : 0;
		if (r == 0)
			r = firewall_layout_make(nft, is_reset, err);
	}
	return r < 0 ? err_wrap(err, "set up the firewall") : 1;
}

int firewall_ensure(struct nft *nft, struct err *err)
{
	return ensure(nft, false, err);
}

int firewall_reset(struct nft *nft, struct err *err)
{
	int r = ensure(nft, true, err);

	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------------------------- guard */

/* Emptied in any case: of several who do it at the same time the last one leaves one rule. */
int firewall_guard(struct nft *nft, bool is_on, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	int r;

	nft_batch_init(&batch, &firewall_table);
	nft_flush_chain(&batch, FIREWALL_GUARD);
	if (is_on)
		firewall_layout_guard(&batch);
	r = nft_commit(nft, &batch, err);
	return r < 0 ? err_wrap(err, "guard published ports") : 0;
}

static bool is_on_input(const struct nft_base_chain *chain)
{
	return chain->hook == NF_INET_LOCAL_IN &&
	       (chain->family == NFPROTO_INET || chain->family == NFPROTO_IPV4 ||
		chain->family == NFPROTO_IPV6) &&
	       (chain->family != firewall_table.family ||
		strcmp(chain->table, firewall_table.name) != 0);
}

int firewall_input_is_dropped(struct nft *nft, bool *ret_is_dropped, struct err *err)
{
	auto_buf struct buf list = {};
	const struct nft_base_chain *chains;
	bool is_dropped = false;
	int r = nft_list_base_chains(nft, &list, err);

	chains = (const void *)list.data;
	for (size_t i = 0; i < list.len / sizeof(*chains) && r == 0 && !is_dropped; i++) {
		if (!is_on_input(&chains[i]))
			continue;
		is_dropped = chains[i].policy == NF_DROP;
		if (!is_dropped)
			r = nft_ends_in_drop(nft, &chains[i], &is_dropped, err);
	}
	if (r < 0)
		return err_wrap(err, "see whether input is dropped");
	*ret_is_dropped = is_dropped;
	return 0;
}

/* ---------------------------------------------------------------------------------- networks */

/* All that a network puts into sets: five elements, and five for each subnet. */
struct member {
	const char *set;
	struct nft_element element;
};

struct members {
	struct member list[5 + 5 * FIREWALL_NETS];
	size_t n;
};

static struct nft_element *add_member(struct members *members, const char *set)
{
	struct member *member = &members->list[members->n++];

	*member = (struct member){ .set = set };
	return &member->element;
}

static void add_interval(struct members *members, const char *set, const struct ip_net *net)
{
	const struct ip first = ip_net_first(net), last = ip_net_last(net);
	const struct ip behind = ip_add(&last, 1);
	struct nft_element *end;

	nft_key_add(&add_member(members, set)->key, first.bytes, ip_len(&first));
	if (ip_compare(&behind, &last) < 0)
		return; /* nothing is behind it */
	end = add_member(members, set);
	end->is_interval_end = true;
	nft_key_add(&end->key, behind.bytes, ip_len(&behind));
}

static void add_subnet(struct members *members, const struct firewall_network *network,
		       const struct ip_net *net)
{
	const bool is_v4 = net->ip.family == AF_INET;
	const struct ip first = ip_net_first(net), last = ip_net_last(net);
	struct nft_element *own = add_member(members, is_v4 ? FIREWALL_OWN4 : FIREWALL_OWN6);

	nft_key_add(&own->key, first.bytes, ip_len(&first));
	nft_key_add_ifname(&own->key, network->bridge);
	nft_key_add(&own->key_end, last.bytes, ip_len(&last));
	nft_key_add_ifname(&own->key_end, network->bridge);
	add_interval(members, is_v4 ? FIREWALL_SUBNETS4 : FIREWALL_SUBNETS6, net);
	if (network->routed)
		add_interval(members, is_v4 ? FIREWALL_ROUTED4 : FIREWALL_ROUTED6, net);
}

static void add_way(struct members *members, const char *set, const char *from, const char *to)
{
	struct nft_key *key = &add_member(members, set)->key;

	nft_key_add_ifname(key, from);
	nft_key_add_ifname(key, to);
}

static void list_members(const struct firewall_network *network, struct members *ret)
{
	ret->n = 0;
	nft_key_add_ifname(&add_member(ret, FIREWALL_BRIDGES)->key, network->bridge);
	if (network->internal)
		nft_key_add_ifname(&add_member(ret, FIREWALL_INTERNAL)->key, network->bridge);
	if (network->open)
		nft_key_add_ifname(&add_member(ret, FIREWALL_OPEN)->key, network->bridge);
	add_way(ret, FIREWALL_SAME, network->bridge, network->bridge);
	if (network->apart)
		add_way(ret, FIREWALL_APART, network->bridge, network->bridge);
	for (size_t i = 0; i < network->n_nets && i < FIREWALL_NETS; i++)
		add_subnet(ret, network, &network->nets[i]);
}

int firewall_add_network(struct nft *nft, const struct firewall_network *network, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	struct members members;
	int r;

	nft_batch_init(&batch, &firewall_table);
	list_members(network, &members);
	for (size_t i = 0; i < members.n; i++)
		nft_add_element(&batch, 0, members.list[i].set, &members.list[i].element);
	r = nft_commit(nft, &batch, err);
	return r < 0 ? err_wrap(err, "add bridge '%.15s' to the firewall", network->bridge) : 0;
}

static bool is_same_key(const struct nft_key *a, const struct nft_key *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* 1: it is there. */
static int stands(struct nft *nft, const struct member *member, struct err *err)
{
	auto_buf struct buf list = {};
	const struct nft_element_state *states;
	int r = nft_list_elements(nft, &firewall_table, member->set, &list, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	states = (const void *)list.data;
	for (size_t i = 0; i < list.len / sizeof(*states); i++)
		if (is_same_key(&states[i].key, &member->element.key) &&
		    states[i].is_interval_end == member->element.is_interval_end)
			return 1;
	return 0;
}

static int remove_members(struct nft *nft, const struct members *members, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};

	nft_batch_init(&batch, &firewall_table);
	for (size_t i = 0; i < members->n; i++) {
		int r = stands(nft, &members->list[i], err);

		if (r < 0)
			return r;
		if (r == 1)
			nft_del_element(&batch, members->list[i].set, &members->list[i].element);
	}
	return nft_commit(nft, &batch, err);
}

int firewall_remove_network(struct nft *nft, const struct firewall_network *network,
			    struct err *err)
{
	struct firewall_network whole = *network;
	struct members members;
	int r = -ENOENT;

	whole.internal = whole.open = whole.apart = whole.routed = true;
	list_members(&whole, &members);
	for (int i = 0; i < TRIES && r == -ENOENT; i++)
		r = remove_members(nft, &members, err);
	return r < 0 ? err_wrap(err, "remove bridge '%.15s' from the firewall", network->bridge) :
		       0;
}

/* ------------------------------------------------------------------------------------- ports */

/* Each map, and what it holds. */
static const struct port_map {
	const char *name;
	uint8_t family;
	bool has_address;
} maps[] = {
	{ FIREWALL_ADDRESS4, AF_INET, true },
	{ FIREWALL_ADDRESS6, AF_INET6, true },
	{ FIREWALL_PORTS4, AF_INET, false },
	{ FIREWALL_PORTS6, AF_INET6, false },
};

/* "192.0.2.1:8080/tcp", "[fd00::1]:8080/udp", "8080/tcp" */
#define PORT_BYTES (IP_BYTES + 24)

static const char *format_port(const struct firewall_port *port, char ret[static PORT_BYTES])
{
	bool is_v6 = port->host_ip.family == AF_INET6;
	char ip[IP_BYTES];

	(void)snprintf(ret, PORT_BYTES, "%s%s%s%s%u/%s", is_v6 ? "[" : "",
		       ip_format(&port->host_ip, ip), is_v6 ? "]" : "",
		       ip_is_set(&port->host_ip) ? ":" : "", port->host_port,
		       port_proto_name(port->proto));
	return ret;
}

static const struct port_map *find_map(const struct firewall_port *port)
{
	for (size_t i = 0; i < N_OF(maps); i++)
		if (maps[i].family == port->to.family &&
		    maps[i].has_address == ip_is_set(&port->host_ip))
			return &maps[i];
	return NULL;
}

static int check_port(const struct firewall_port *port, struct err *err)
{
	char text[PORT_BYTES];

	if (!port->host_port || !port->to_port)
		return err_set(err, ERR_USAGE, EINVAL, "a port can't be 0");
	if (!find_map(port) ||
	    (ip_is_set(&port->host_ip) && port->host_ip.family != port->to.family))
		return err_set(err, ERR_USAGE, EINVAL,
			       "port '%s' can't lead to an address of another family",
			       format_port(port, text));
	return 0;
}

static void fill_element(const struct firewall_port *port, struct nft_element *ret)
{
	const uint16_t host_port = htons(port->host_port), to_port = htons(port->to_port);

	if (ip_is_set(&port->host_ip))
		nft_key_add(&ret->key, port->host_ip.bytes, ip_len(&port->host_ip));
	nft_key_add(&ret->key, &port->proto, 1);
	nft_key_add(&ret->key, &host_port, 2);
	nft_key_add(&ret->data, port->to.bytes, ip_len(&port->to));
	nft_key_add(&ret->data, &to_port, 2);
}

/* false: it is not one of ours. */
static bool read_element(const struct port_map *map, const struct nft_element_state *state,
			 struct firewall_port *ret)
{
	const size_t len = map->family == AF_INET ? 4 : 16, skip = map->has_address ? len : 0;
	uint16_t host_port, to_port;

	if (state->key.len != skip + 8 || state->data.len < len + 2)
		return false;
	*ret = (struct firewall_port){ .to.family = map->family };
	if (map->has_address)
		ret->host_ip.family = map->family;
	memcpy(ret->host_ip.bytes, state->key.bytes, skip);
	ret->proto = state->key.bytes[skip];
	memcpy(&host_port, state->key.bytes + skip + 4, 2);
	memcpy(ret->to.bytes, state->data.bytes, len);
	memcpy(&to_port, state->data.bytes + len, 2);
	ret->host_port = ntohs(host_port);
	ret->to_port = ntohs(to_port);
	return true;
}

int firewall_each_port(struct nft *nft,
		       void (*fn)(const struct firewall_port *port, const char *container_id,
				  void *arg),
		       void *arg, struct err *err)
{
	for (size_t i = 0; i < N_OF(maps); i++) {
		auto_buf struct buf list = {};
		int r = nft_list_elements(nft, &firewall_table, maps[i].name, &list, err);
		const struct nft_element_state *states = (const void *)list.data;
		struct firewall_port port;

		if (r < 0)
			return r;
		for (size_t j = 0; j < list.len / sizeof(*states); j++)
			if (read_element(&maps[i], &states[j], &port))
				fn(&port, states[j].comment, arg);
	}
	return 0;
}

/* ---------------------------------------------------------------------------------- publishing */

struct conflict {
	const struct firewall_port *ports;
	size_t n;
	const struct firewall_port *taken; /* or NULL */
	char by[NFT_COMMENT_MAX + 1];
};

static bool is_same_place(const struct firewall_port *a, const struct firewall_port *b)
{
	return a->proto == b->proto && a->host_port == b->host_port &&
	       a->to.family == b->to.family && ip_compare(&a->host_ip, &b->host_ip) == 0;
}

static void compare(const struct firewall_port *stands, const char *container_id, void *arg)
{
	struct conflict *conflict = arg;

	for (size_t i = 0; i < conflict->n && !conflict->taken; i++)
		if (is_same_place(&conflict->ports[i], stands)) {
			conflict->taken = &conflict->ports[i];
			(void)snprintf(conflict->by, sizeof(conflict->by), "%s", container_id);
		}
}

/* What the kernel found to be there already. Always fails. */
static int find_conflict(struct nft *nft, const struct firewall_port *ports, size_t n,
			 struct err *err)
{
	struct conflict conflict = { ports, n, NULL, "" };
	char text[PORT_BYTES];
	int r = firewall_each_port(nft, compare, &conflict, err);

	if (r < 0)
		return r;
	if (conflict.taken)
		return err_set(err, ERR_CONFLICT, EEXIST,
			       "port '%s' is published by container '%.12s' already",
			       format_port(conflict.taken, text), conflict.by);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (is_same_place(&ports[i], &ports[j]))
				return err_set(err, ERR_USAGE, EEXIST,
					       "port '%s' is to be published twice",
					       format_port(&ports[i], text));
	return err_set(err, ERR_CONFLICT, EEXIST, "a port was published by another container");
}

int firewall_publish(struct nft *nft, const char *container_id, const struct firewall_port *ports,
		     size_t n, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	int r = 0;

	nft_batch_init(&batch, &firewall_table);
	for (size_t i = 0; i < n && r == 0; i++)
		r = check_port(&ports[i], err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < N_OF(maps); i++)
		for (size_t j = 0; j < n; j++) {
			struct nft_element element = { .comment = container_id };

			if (find_map(&ports[j]) != &maps[i])
				continue;
			fill_element(&ports[j], &element);
			nft_add_element(&batch, NLM_F_EXCL, maps[i].name, &element);
		}
	r = nft_commit(nft, &batch, err);
	if (r == -EEXIST)
		return find_conflict(nft, ports, n, err);
	return r < 0 ? err_wrap(err, "publish ports") : 0;
}

/* Put what takes the container's ports out of `map` into `batch`. */
static int unpublish(struct nft *nft, const char *map, const char *container_id,
		     struct nft_batch *batch, struct err *err)
{
	auto_buf struct buf list = {};
	const struct nft_element_state *states;
	int r = nft_list_elements(nft, &firewall_table, map, &list, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	states = (const void *)list.data;
	for (size_t i = 0; i < list.len / sizeof(*states); i++) {
		const struct nft_element element = { .key = states[i].key };

		if (strcmp(states[i].comment, container_id) == 0)
			nft_del_element(batch, map, &element);
	}
	return 0;
}

int firewall_withdraw(struct nft *nft, const char *container_id, struct err *err)
{
	int r = -ENOENT;

	for (int i = 0; i < TRIES && r == -ENOENT; i++) {
		auto_nft_batch struct nft_batch batch = {};

		nft_batch_init(&batch, &firewall_table);
		r = 0;
		for (size_t j = 0; j < N_OF(maps) && r == 0; j++)
			r = unpublish(nft, maps[j].name, container_id, &batch, err);
		if (r == 0)
			r = nft_commit(nft, &batch, err);
	}
	return r < 0 ? err_wrap(err, "withdraw published ports") : 0;
}
