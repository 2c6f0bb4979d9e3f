/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker's NetworkSettings, and what HostConfig and Config say of ports: what was asked for, and
 * what a container that runs has. Docker has an array for each of the container's ports, of the
 * places on the host that lead to it; so all places are sorted by the port, and an array is a part
 * of them.
 */
#include "cli/tare/container_inspect.h"

#include "engine/entry.h"
#include "engine/net_view.h"
#include "engine/sharing.h"
#include "net/network.h"
#include "oci/list.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------- ports */

struct places {
	OCI_LIST(struct container_inspect_place) list;
	struct arena *arena;
};

/* `host`: NULL: it is exposed only. */
static void add_place(struct places *places, const struct port *port, unsigned i, const char *ip,
		      const char *host)
{
	*list_add(&places->list, places->arena) = (struct container_inspect_place){
		.host_ip = ip,
		.host_port = host,
		.port = (uint16_t)(port->port + i),
		.proto = port->proto,
		.number = places->list.n,
	};
}

static void add_exposed(struct places *places, const struct net_view *view)
{
	for (size_t k = 0; k < view->exposed.n; k++)
		for (unsigned i = 0; i < view->exposed.v[k].n; i++)
			add_place(places, &view->exposed.v[k], i, NULL, NULL);
}

static const char *address_text(const struct ip *ip, struct arena *arena)
{
	char text[IP_BYTES];

	return arena_strdup(arena, ip_format(ip, text));
}

/* "8080"; of what takes any free one "", or "8000-9000". */
static const char *asked_text(const struct port *port, unsigned i, struct arena *arena)
{
	if (!port->host_port)
		return "";
	if (port->host_end)
		return arena_printf(arena, "%u-%u", port->host_port, port->host_end);
	return arena_printf(arena, "%u", port->host_port + i);
}

/* What -P adds to them has no place yet. */
static void add_asked(struct places *places, const struct config *config)
{
	const struct config words = { .publish = config->publish };
	struct net_view view;

	net_view_asked(&words, places->arena, &view);
	for (size_t k = 0; k < view.published.n; k++)
		for (unsigned i = 0; i < view.published.v[k].n; i++)
			add_place(places, &view.published.v[k], i,
				  address_text(&view.published.v[k].host_ip, places->arena),
				  asked_text(&view.published.v[k], i, places->arena));
}

/* One that is at all addresses is there twice, as docker has it. */
static void add_published(struct places *places, const struct net_view *view)
{
	for (size_t k = 0; k < view->published.n; k++) {
		const struct port *port = &view->published.v[k];

		for (unsigned i = 0; i < port->n; i++) {
			const char *host = arena_printf(places->arena, "%u", port->host_port + i);

			if (ip_is_set(&port->host_ip)) {
				add_place(places, port, i,
					  address_text(&port->host_ip, places->arena), host);
				continue;
			}
			add_place(places, port, i, "0.0.0.0", host);
			add_place(places, port, i, "::", host);
		}
	}
}

/* By the container's port, what is exposed only behind the others, and else as they came. */
static int compare_places(const void *a, const void *b)
{
	const struct container_inspect_place *x = a, *y = b;
	int d = x->port - y->port;

	if (d == 0)
		d = x->proto - y->proto;
	if (d == 0)
		d = (x->host_port == NULL) - (y->host_port == NULL);
	return d ? d : (x->number > y->number) - (x->number < y->number);
}

static bool is_same_port(const struct container_inspect_place *a,
			 const struct container_inspect_place *b)
{
	return a->port == b->port && a->proto == b->proto;
}

static struct container_inspect_ports group(struct places *places)
{
	struct container_inspect_place *v = places->list.v;
	struct container_inspect_ports ports = {};
	size_t next;

	if (places->list.n)
		qsort(v, places->list.n, sizeof(*v), compare_places);
	for (size_t i = 0; i < places->list.n; i = next) {
		struct schema_named_list *list = list_add(&ports, places->arena);

		list->key = arena_printf(places->arena, "%u/%s", v[i].port,
					 port_proto_name(v[i].proto));
		list->items.v = &v[i];
		for (next = i; next < places->list.n && is_same_port(&v[next], &v[i]); next++)
			list->items.n += v[next].host_port != NULL;
	}
	return ports;
}

static void fill_ports(struct container_inspect *in, const struct engine_container *container,
		       const struct net_view *view, struct arena *arena)
{
	struct places asked = { .arena = arena }, exposed = { .arena = arena },
		      now = { .arena = arena };
	struct container_inspect_ports all;

	add_asked(&asked, container->config);
	in->asked_ports = group(&asked);
	add_exposed(&exposed, view);
	all = group(&exposed);
	for (size_t i = 0; i < all.n; i++)
		list_add(&in->exposed, arena)->name = all.v[i].key;
	if (!container->net)
		return;
	add_exposed(&now, view);
	add_published(&now, view);
	in->ports = group(&now);
}

/* ------------------------------------------------------------------------------- networks */

/* "10.88.0.2/16" in two. */
static void split(const char *text, struct arena *arena, const char **ret_ip, int64_t *ret_bits)
{
	struct ip_net net;
	struct err ignored;

	if (!text || ip_net_parse(text, &net, &ignored) < 0)
		return;
	*ret_ip = address_text(&net.ip, arena);
	*ret_bits = net.bits;
}

static void fill_asked(struct container_inspect_endpoint *to, const struct config_network *asked,
		       struct arena *arena)
{
	to->aliases = asked->aliases;
	to->mac = asked->mac;
	if (!asked->ip && !asked->ip6)
		return;
	to->asked = arena_new(arena, struct container_inspect_addresses);
	to->asked->ip = asked->ip;
	to->asked->ip6 = asked->ip6;
}

static void fill_endpoint(struct container_inspect_endpoint *to, const struct net_endpoint *from,
			  struct arena *arena)
{
	to->network_id = from->network_id;
	to->mac = from->mac;
	to->gateway = from->gateway;
	to->gateway6 = from->gateway6;
	to->names = from->names;
	split(from->ip, arena, &to->ip, &to->ip_bits);
	split(from->ip6, arena, &to->ip6, &to->ip6_bits);
}

static const struct config_network *find_asked(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->networks.n; i++)
		if (strcmp(config->networks.v[i].name, name) == 0)
			return &config->networks.v[i];
	return NULL;
}

/* Of networks it is on as many as it has now; those it will have, while it does not run. A mode
 * has its name there, but where the namespace is another's. */
static void fill_networks(struct container_inspect *in, const struct engine_container *container,
			  const struct net_view *view, struct arena *arena)
{
	const struct config *config = container->config;
	const struct net_record *net = container->net;
	const bool is_shared = sharing_container(config->network) || sharing_path(config->network);

	for (size_t i = 0; i < view->networks.n && (net || !is_shared); i++) {
		struct container_inspect_endpoint *to = list_add(&in->networks, arena);
		const struct config_network *asked = find_asked(config, view->networks.v[i]);

		to->name = view->networks.v[i];
		if (asked)
			fill_asked(to, asked, arena);
		for (size_t k = 0; net && k < net->endpoints.n; k++)
			if (net->endpoints.v[k].network &&
			    strcmp(net->endpoints.v[k].network, to->name) == 0)
				fill_endpoint(to, &net->endpoints.v[k], arena);
		if (strcmp(to->name, NETWORK_DEFAULT) == 0)
			in->usual = *to;
	}
}

/* ------------------------------------------------------------------------------- files */

/* What it sees below /etc that is not the image's. */
static void fill_files(struct container_inspect *in, const char *root, struct arena *arena)
{
	const struct {
		const char *name, **path;
	} files[] = {
		{ ENTRY_HOSTS_FILE, &in->hosts_path },
		{ ENTRY_HOSTNAME_FILE, &in->hostname_path },
		{ ENTRY_RESOLV_FILE, &in->resolv_conf_path },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *path = arena_printf(arena, "%s/containers/%s/%s", root, in->config.id,
						files[i].name);

		*files[i].path = access(path, F_OK) == 0 ? path : NULL;
	}
}

void container_network_fill(struct container_inspect *in, const struct call *call,
			    const struct engine_container *container)
{
	struct arena *arena = call->arena;
	struct net_view view;

	net_view_make(container, arena, &view);
	if (in->running)
		in->sandbox = arena_printf(arena, "/proc/%d/ns/net", (int)in->host_pid);
	fill_ports(in, container, &view, arena);
	fill_networks(in, container, &view, arena);
	fill_files(in, call_engine(call)->root, arena);
}
