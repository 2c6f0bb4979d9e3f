/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the words of a configuration and the record of one that runs to values. Both were checked
 * when they were made: what does not parse any more is left out.
 */
#include "engine/net_view.h"

#include "oci/list.h"

typedef int parse_fn(const char *word, struct port *ret, struct err *err);

static void add_words(const struct oci_strings *words, parse_fn *parse, struct net_view *view,
		      bool is_published, struct arena *arena)
{
	struct err ignored;
	struct port port;

	for (size_t i = 0; i < words->n; i++) {
		if (parse(words->v[i], &port, &ignored) < 0)
			continue;
		if (is_published)
			*list_add(&view->published, arena) = port;
		*list_add(&view->exposed, arena) = (struct port){
			.proto = port.proto, .port = port.port, .n = port.n,
		};
	}
}

void net_view_asked(const struct config *config, struct arena *arena, struct net_view *ret)
{
	*ret = (struct net_view){};
	add_words(&config->publish, port_parse, ret, true, arena);
	add_words(&config->expose, port_parse_exposed, ret, config->publish_all, arena);
}

static void add_record_port(const struct net_port *record, struct net_view *view,
			    struct arena *arena)
{
	struct port port;

	if (net_port_read(record, &port))
		*list_add(&view->published, arena) = port;
}

static void add_network(struct net_view *view, char *name, struct arena *arena)
{
	if (name && !strings_have(&view->networks, name))
		strings_add(&view->networks, arena, name);
}

static void add_networks(const struct engine_container *container, struct net_view *view,
			 struct arena *arena)
{
	const struct config *config = container->config;
	const struct net_record *net = container->net;

	for (size_t i = 0; net && i < net->endpoints.n; i++)
		add_network(view, net->endpoints.v[i].network, arena);
	for (size_t i = 0; !net && i < config->networks.n; i++)
		add_network(view, config->networks.v[i].name, arena);
	if (!net && !config->networks.n)
		add_network(view, config->network ? config->network
						  : arena_strdup(arena, "none"), arena);
}

/* What runs has what is recorded, and no more. */
void net_view_make(const struct engine_container *container, struct arena *arena,
		   struct net_view *ret)
{
	const struct net_record *net = container->net;

	net_view_asked(container->config, arena, ret);
	add_networks(container, ret, arena);
	if (!((ENGINE_ACTIVE >> container->status->kind) & 1))
		return;
	ret->published.n = 0;
	ret->published.v = NULL;
	for (size_t i = 0; net && i < net->ports.n; i++)
		add_record_port(&net->ports.v[i], ret, arena);
}
