/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.json is written as soon as it is known what it will say, before anything of it is made
 * but the places on networks: so who cleans up after us knows what there may be.
 *
 * After something was deleted from the packet filter the kernel throws it away by itself, in a
 * grace period of RCU; but who closes any socket of the packet filter meanwhile waits for that, up
 * to 30 ms, and whoever changes it waits for him. So no such socket is closed while a container
 * starts, and after ports were withdrawn, not before a moment is over.
 */
#include "engine/stack.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/endpoint.h"
#include "engine/marks.h"
#include "engine/published.h"
#include "engine/stack_names.h"
#include "engine/stack_servers.h"
#include "net/conntrack.h"
#include "net/firewall.h"
#include "net/reserve.h"
#include "net/resolver.h"
#include "net/splices.h"
#include "net/veth.h"
#include "oci/list.h"
#include "sys/ns.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct stack {
	const struct engine *engine;
	const struct entry *entry;
	const struct config *config;
	int networks_fd;
	struct nft nft; /* of the host; until stack_follow_up, and again in the end */
	struct reserve reserve;
	struct splices *splices; /* NULL: no port listens at [::1] */
	struct members_stamp stamp; /* of network.json, when it was last looked at */
	struct stack_names *names;
	struct resolver *resolver; /* NULL: there are no names */
	size_t n_resolver;         /* how many of what is polled are the resolver's */

	/* Until it runs. */
	struct arena birth;
	struct endpoint *endpoints;
	struct net_record *record; /* NULL: it is on the disk */
};

/* ------------------------------------------------------------------------------- giving back */

static void warn(const struct entry *entry, const struct err *err)
{
	log_warn("container %.12s: %s", entry->id, err->msg);
}

/* Who is in its network, too, would keep its interfaces, with addresses that another one gets next.
 * It takes its time, so it is left to the kernel where nobody is. */
static int detach(const struct entry *entry, const struct net_record *record, struct err *err)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	int r;

	if (!mark_is_set(entry->dir_fd, MARK_SHARED))
		return 0;
	r = netlink_open(&nl, err);
	for (size_t i = 0; i < record->endpoints.n && r == 0; i++) {
		const struct net_endpoint *endpoint = &record->endpoints.v[i];

		if (net_endpoint_is_bridged(endpoint))
			r = veth_detach(&nl, endpoint->host_interface, err);
	}
	if (r == 0)
		mark_clear(entry->dir_fd, MARK_SHARED);
	return r;
}

static int withdraw(const struct entry *entry, const struct net_record *record, struct nft *nft,
		    struct err *err)
{
	int r = 0;

	if (!record->ports.n)
		return 0;
	if (nft->fd < 0)
		r = nft_open(nft, err);
	return r < 0 ? r : firewall_withdraw(nft, entry->id, err);
}

/* Ports first: until then they lead to its address. */
static void give_back(const struct entry *entry, int networks_fd, const struct net_record *record,
		      struct nft *nft)
{
	struct err err = {};

	if (withdraw(entry, record, nft, &err) < 0)
		warn(entry, &err);
	if (detach(entry, record, &err) < 0)
		warn(entry, &err);
	for (size_t i = 0; i < record->endpoints.n; i++)
		if (endpoint_leave(networks_fd, record->endpoints.v[i].network, entry->id,
				   &err) < 0)
			warn(entry, &err);
	(void)entry_write_network(entry, NULL, &err);
}

/* Of one that was killed before it wrote what it has: it had a place, at most. */
static struct net_record *places_of(const struct config *config, struct arena *arena)
{
	struct net_record *record = arena_new(arena, struct net_record);

	for (size_t i = 0; i < config->networks.n; i++)
		list_add(&record->endpoints, arena)->network = config->networks.v[i].name;
	return config->networks.n ? record : NULL;
}

/* What is there to be given back. NULL: nothing, or nothing that is known. */
static struct net_record *find_record(const struct entry *entry, const struct config *config,
				      struct arena *arena)
{
	struct net_record *record = NULL;
	struct err err = {};

	if (entry_read_network(entry, arena, &record, &err) < 0) {
		warn(entry, &err);
		return NULL;
	}
	return !record && config ? places_of(config, arena) : record;
}

void stack_clear(const struct engine *engine, const struct entry *entry,
		 const struct config *config)
{
	auto_arena struct arena arena = {};
	const struct net_record *record = find_record(entry, config, &arena);
	auto_nft struct nft nft = { .fd = -1 };
	auto_close int networks_fd = -1;
	struct err err = {};

	if (!record)
		return;
	if (engine_networks_open(engine, &networks_fd, &err) < 0) {
		warn(entry, &err);
		return;
	}
	give_back(entry, networks_fd, record, &nft);
	published_forget_flows(record);
}

void stack_end(struct stack *stack)
{
	if (!stack)
		return;
	splices_close(&stack->splices);
	reserve_release(&stack->reserve);
	resolver_close(&stack->resolver);
	stack_names_close(&stack->names);
}

void stack_give_back(struct stack *stack)
{
	auto_arena struct arena arena = {};
	const struct net_record *record;

	if (!stack)
		return;
	stack_end(stack);
	record = stack->record ? stack->record : find_record(stack->entry, NULL, &arena);
	if (record)
		give_back(stack->entry, stack->networks_fd, record, &stack->nft);
}

void stack_free(struct stack *stack)
{
	if (!stack)
		return;
	if (stack->nft.fd >= 0 && stack->reserve.n_ports)
		(void)poll(NULL, 0, STACK_GRACE_MS);
	stack_follow_up(stack);
	reserve_close(&stack->reserve);
	closep(&stack->networks_fd);
	arena_done(&stack->birth);
	free(stack);
}

void stack_settle(struct stack *stack)
{
	if (!stack)
		return;
	stack->record = NULL;
	stack->endpoints = NULL;
	arena_done(&stack->birth);
}

void stack_follow_up(struct stack *stack)
{
	struct err ignored;

	if (!stack)
		return;
	nft_close(&stack->nft);
	(void)conntrack_flush(stack->reserve.ports, stack->reserve.n_ports, &ignored);
}

/* ------------------------------------------------------------------------------- taking */

static int join_all(struct stack *stack, struct err *err)
{
	const struct config *config = stack->config;
	struct endpoint_request request = { .engine = stack->engine,
					    .config = config,
					    .others = stack->record,
					    .networks_fd = stack->networks_fd };

	stack->endpoints = arena_array(&stack->birth, struct endpoint, config->networks.n);
	for (size_t i = 0; i < config->networks.n; i++) {
		int r;

		request.wish = &config->networks.v[i];
		r = endpoint_join(&request, &stack->birth, &stack->endpoints[i], err);
		if (r < 0)
			return r;
		*list_add(&stack->record->endpoints, &stack->birth) = stack->endpoints[i].record;
	}
	return 0;
}

/* The network whose bridge the ports are led over, or NULL. */
static const struct network *find_way_in(const struct stack *stack)
{
	for (size_t i = 0; i < stack->record->endpoints.n; i++)
		if (network_is_bridge(stack->endpoints[i].network) &&
		    !stack->endpoints[i].network->internal)
			return stack->endpoints[i].network;
	return NULL;
}

static int parse_ports(const struct config *config, struct arena *arena, struct port **ret,
		       size_t *ret_n, struct err *err)
{
	const size_t n_exposed = config->publish_all ? config->expose.n : 0;
	struct port *ports = arena_array(arena, struct port, config->publish.n + n_exposed);
	int r = 0;

	for (size_t i = 0; i < config->publish.n && r == 0; i++)
		r = port_parse(config->publish.v[i], &ports[i], err);
	for (size_t i = 0; i < n_exposed && r == 0; i++)
		r = port_parse_exposed(config->expose.v[i], &ports[config->publish.n + i], err);
	*ret = ports;
	*ret_n = config->publish.n + n_exposed;
	return r;
}

/* Is it a container's that has the port, say which one. (One that was killed left it in the packet
 * filter, but does not have it.) */
static int explain_taken(const struct stack *stack, struct err *err)
{
	const struct port *taken = &stack->reserve.taken;
	char id[NFT_COMMENT_MAX + 1];
	auto_nft struct nft nft = { .fd = -1 };
	auto_arena struct arena arena = {};
	struct err ignored;

	if (nft_open(&nft, &ignored) < 0 || reserve_find_holder(&nft, taken, id, &ignored) != 1 ||
	    engine_member_is_gone(id, (void *)(uintptr_t)stack->engine))
		return -err->no;
	return err_set(err, ERR_CONFLICT, EADDRINUSE, "port %u is already used by container %s",
		       taken->host_port, published_name(stack->engine, id, &arena));
}

static void record_ports(struct stack *stack)
{
	for (size_t i = 0; i < stack->reserve.n_ports; i++)
		*list_add(&stack->record->ports, &stack->birth) =
			net_port_of(&stack->reserve.ports[i], &stack->birth);
}

/* Where a port is published that is given no address: as its network says; else as tare.conf. */
static const struct ip *usual_address(const struct stack *stack, const struct network *way_in)
{
	return ip_is_set(&way_in->settings.host_ip) ? &way_in->settings.host_ip
						    : &stack->engine->publish_address;
}

static int take_ports(struct stack *stack, struct err *err)
{
	const struct network *way_in = find_way_in(stack);
	struct port *ports = NULL;
	size_t n = 0;
	int r = parse_ports(stack->config, &stack->birth, &ports, &n, err);

	if (r < 0 || n == 0)
		return r;
	if (!way_in) {
		log_warn("no port is published: none of the container's networks is a bridge to "
			 "the outside");
		return 0;
	}
	r = reserve_open(&stack->reserve, ports, n, usual_address(stack, way_in), err);
	if (r == -EADDRINUSE)
		return explain_taken(stack, err);
	if (r < 0)
		return r;
	record_ports(stack);
	published_warn(stack->record);
	return 0;
}

int stack_take(const struct engine *engine, const struct entry *entry, const struct config *config,
	       struct stack **ret, struct err *err)
{
	struct stack *stack;
	int r;

	*ret = NULL;
	if (!config->networks.n)
		return 0;
	stack = calloc(1, sizeof(*stack));
	if (!stack)
		return err_sys(err, ENOMEM, "remember the container's networks");
	stack->engine = engine;
	stack->entry = entry;
	stack->config = config;
	stack->networks_fd = stack->nft.fd = -1;
	stack->record = arena_new(&stack->birth, struct net_record);
	r = engine_networks_open(engine, &stack->networks_fd, err);
	if (r == 0)
		r = join_all(stack, err);
	if (r == 0)
		r = take_ports(stack, err);
	if (r == 0)
		r = entry_write_network(entry, stack->record, err);
	if (r < 0) {
		stack_give_back(stack);
		stack_free(stack);
		return r;
	}
	*ret = stack;
	return 0;
}

static bool has_names(const struct stack *stack)
{
	for (size_t i = 0; i < stack->record->endpoints.n; i++)
		if (!stack->endpoints[i].network->dns_disabled)
			return true;
	return false;
}

struct stack_view stack_view(const struct stack *stack)
{
	return (struct stack_view){ stack->record, has_names(stack) };
}

/* ------------------------------------------------------------------------------- attaching */

/* Where the interfaces go, and what is opened there. */
struct inner {
	struct netlink nl;
	struct nft nft;
	int udp_fd, tcp_fd;
};

static void inner_done(struct inner *inner)
{
	netlink_close(&inner->nl);
	nft_close(&inner->nft);
	closep(&inner->udp_fd);
	closep(&inner->tcp_fd);
}

static int open_inner(const struct stack *stack, int netns_fd, struct inner *ret, struct err *err)
{
	const bool with_names = has_names(stack);
	int home_fd = -1, left, r = ns_net_visit(netns_fd, &home_fd, err);
	struct err ignored;

	if (r < 0)
		return r;
	r = netlink_open(&ret->nl, err);
	if (r == 0 && with_names)
		r = nft_open(&ret->nft, err);
	if (r == 0 && with_names)
		r = resolver_bind(&ret->udp_fd, &ret->tcp_fd, err);
	left = ns_net_leave(&home_fd, r < 0 ? &ignored : err);
	return r < 0 ? r : left;
}

static int ensure_devices(const struct stack *stack, const struct network_place *place,
			  struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < stack->record->endpoints.n && r == 0; i++)
		r = published_ensure(stack->engine, place, stack->endpoints[i].network,
				     &stack->endpoints[i].mtu, err);
	return r;
}

static int attach_all(const struct stack *stack, const struct endpoint_place *place,
		      struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < stack->record->endpoints.n && r == 0; i++)
		r = endpoint_attach(&stack->endpoints[i], place, err);
	return r;
}

/* ------------------------------------------------------------------------------- the resolver */

static uint16_t port_of(int fd)
{
	struct sockaddr_in own = {};
	socklen_t len = sizeof(own);

	return getsockname(fd, (struct sockaddr *)&own, &len) == 0 ? ntohs(own.sin_port) : 0;
}

static int choose_servers(struct stack *stack, struct stack_servers *ret, struct err *err)
{
	const size_t n = stack->record->endpoints.n;
	const struct network **networks = arena_array(&stack->birth, const struct network *, n);

	for (size_t i = 0; i < n; i++)
		networks[i] = stack->endpoints[i].network;
	return stack_servers_choose(stack->config, networks, n, ret, err);
}

static int open_resolver(struct stack *stack, struct inner *inner, struct err *err)
{
	struct stack_servers servers;
	struct resolver_setup setup = { .udp_fd = inner->udp_fd, .tcp_fd = inner->tcp_fd,
					.servers = servers.v,
					.domain = "dns.podman" /* as people know it */ };
	int r;

	if (inner->udp_fd < 0)
		return 0;
	r = firewall_redirect_dns(&inner->nft, port_of(inner->udp_fd), port_of(inner->tcp_fd), err);
	if (r == 0)
		r = choose_servers(stack, &servers, err);
	if (r == 0)
		r = stack_names_open(&stack->names, stack->entry, stack->networks_fd, err);
	if (r < 0)
		return r;
	setup.n_servers = servers.n;
	setup.no_forward = !servers.has_way_out;
	setup.names = stack_names_of(stack->names);
	r = resolver_open(&stack->resolver, &setup, err);
	if (r == 0)
		inner->udp_fd = inner->tcp_fd = -1;
	return r;
}

/* ------------------------------------------------------------------------------- the ports */

static int open_ports(struct stack *stack, struct err *err)
{
	const struct reserve *reserve = &stack->reserve;
	struct ip ips[2];
	int r = published_add(stack->engine, &stack->nft, stack->entry->id, stack->record, err);

	stack_record_stamp(stack->entry, &stack->stamp);
	if (r < 0 || !reserve->n_listeners)
		return r;
	published_targets(stack->record, ips);
	return splices_open(&stack->splices, reserve->listeners, reserve->n_listeners, ips, err);
}

/* ------------------------------------------------------------------------------- all of it */

int stack_attach(int netns_fd, void *arg, struct err *err)
{
	struct stack *stack = arg;
	auto_netlink struct netlink nl = { .fd = -1 };
	auto_cleanup(inner_done) struct inner inner = { { .fd = -1 }, { .fd = -1 }, -1, -1 };
	const struct endpoint_place place = { { stack->networks_fd, &nl, &stack->nft,
						stack->engine->respects_input_policy },
					      netns_fd, &inner.nl };
	int r = netlink_open(&nl, err);

	if (r == 0)
		r = nft_open(&stack->nft, err);
	if (r == 0)
		r = ensure_devices(stack, &place.host, err);
	if (r == 0)
		r = open_inner(stack, netns_fd, &inner, err);
	if (r == 0)
		r = attach_all(stack, &place, err);
	if (r == 0)
		r = open_resolver(stack, &inner, err);
	return r < 0 ? r : open_ports(stack, err);
}

/* ------------------------------------------------------------------------------- while it runs */

size_t stack_poll(struct stack *stack, struct pollfd *fds)
{
	if (!stack)
		return 0;
	stack->n_resolver = stack->resolver ? resolver_poll(stack->resolver, fds) : 0;
	return stack->n_resolver +
	       (stack->splices ? splices_poll(stack->splices, fds + stack->n_resolver) : 0);
}

int stack_timeout_ms(const struct stack *stack, int64_t now_ms)
{
	int resolver_ms = -1, splices_ms = -1;

	if (stack && stack->resolver)
		resolver_ms = resolver_timeout_ms(stack->resolver, now_ms);
	if (stack && stack->splices)
		splices_ms = splices_timeout_ms(stack->splices, now_ms);
	if (resolver_ms < 0 || (splices_ms >= 0 && splices_ms < resolver_ms))
		return splices_ms;
	return resolver_ms;
}

static void aim_resolver(struct stack *stack, const struct net_record *record)
{
	struct stack_servers servers;
	struct err ignored;

	if (stack_servers_of(stack->networks_fd, stack->config, record, &servers, &ignored) == 0)
		resolver_set_servers(stack->resolver, servers.v, servers.n, !servers.has_way_out);
}

static void aim_splices(struct stack *stack, const struct net_record *record)
{
	struct ip ips[2];

	published_targets(record, ips);
	splices_set_ips(stack->splices, ips);
}

/* It may be on other networks by now. */
static void catch_up(struct stack *stack)
{
	auto_arena struct arena arena = {};
	struct net_record *record = NULL;
	struct members_stamp stamp;
	struct err ignored;

	stack_record_stamp(stack->entry, &stamp);
	if (stack_stamp_is_same(&stamp, &stack->stamp) ||
	    entry_read_network(stack->entry, &arena, &record, &ignored) < 0 || !record)
		return;
	stack->stamp = stamp;
	if (stack->resolver)
		aim_resolver(stack, record);
	if (stack->splices)
		aim_splices(stack, record);
}

static bool is_any_ready(const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i].revents)
			return true;
	return false;
}

void stack_step(struct stack *stack, const struct pollfd *fds, size_t n, int64_t now_ms)
{
	if (!stack)
		return;
	if (is_any_ready(fds, n))
		catch_up(stack);
	if (stack->resolver)
		resolver_step(stack->resolver, fds, stack->n_resolver, now_ms);
	if (stack->splices && n > stack->n_resolver)
		splices_step(stack->splices, fds + stack->n_resolver, n - stack->n_resolver,
			     now_ms);
}
