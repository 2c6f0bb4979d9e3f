/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a word of --network means is net/wish.h's business, what one of -p means net/port.h's; here
 * is what becomes of them in a configuration, and what docker and podman do not let go together.
 * Words are kept in the form in which they were given, but for docker's long form of -p.
 */
#include "engine/words_network.h"

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/log.h"
#include "engine/sharing.h"
#include "net/hosts.h"
#include "net/port.h"
#include "net/resolv_conf.h"
#include "oci/list.h"

#include <string.h>

/* ------------------------------------------------------------------------------- --network */

static char *word_of(const struct wish *wish, struct arena *arena)
{
	switch (wish->mode) {
	case WISH_NETWORKS:
		return wish->networks.v[0].name;
	case WISH_HOST:
		return arena_strdup(arena, "host");
	case WISH_CONTAINER:
		return arena_printf(arena, "container:%s", wish->target);
	case WISH_NS:
		return arena_printf(arena, "ns:%s", wish->target);
	default:
		return arena_strdup(arena, "none");
	}
}

static struct config_network network_of(const struct wish_network *net)
{
	return (struct config_network){
		.name = net->name,
		.aliases = net->aliases,
		.ip = net->ip,
		.ip6 = net->ip6,
		.mac = net->mac,
		.interface_name = net->interface_name,
		.host_interface_name = net->host_interface_name,
	};
}

int network_add(struct config *config, const struct oci_strings *words,
		const struct wish_network *given, const char *usual, struct arena *arena,
		struct err *err)
{
	struct oci_strings list = {};
	struct wish wish = {};
	int r;

	strings_add(&list, arena, arena_strdup(arena, usual));
	r = wish_parse(words->n ? words : &list, arena, &wish, err);
	if (r == 0)
		r = wish_apply(&wish, given, arena, err);
	if (r == 0 && wish.mode == WISH_PRIVATE)
		r = wish_parse(&list, arena, &wish, err);
	if (r < 0)
		return r;
	config->network = word_of(&wish, arena);
	for (size_t i = 0; i < wish.networks.n; i++)
		*list_add(&config->networks, arena) = network_of(&wish.networks.v[i]);
	return 0;
}

int connect_parse(const char *network, const struct oci_strings *fields, struct arena *arena,
		  struct config_network *ret, struct err *err)
{
	auto_buf struct buf word = {};
	struct oci_strings words = {};
	struct wish wish = {};
	int r;

	buf_puts(&word, network);
	for (size_t i = 0; i < fields->n; i++) {
		if (strchr(fields->v[i], ','))
			return err_set(err, ERR_USAGE, EINVAL, "'%.64s': there is no ',' in it",
				       fields->v[i]);
		buf_printf(&word, "%c%s", strpbrk(buf_str(&word), ":=") ? ',' : ':', fields->v[i]);
	}
	strings_add(&words, arena, arena_strdup(arena, buf_str(&word)));
	r = wish_parse(&words, arena, &wish, err);
	if (r < 0)
		return r;
	if (wish.mode != WISH_NETWORKS)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no network", network);
	*ret = network_of(&wish.networks.v[0]);
	return 0;
}

/* ------------------------------------------------------------------------------- ports */

/* "published=8080,target=80,protocol=udp": the values of the keys, in the arena; NULL: not said. */
struct long_port {
	char *published, *target, *protocol, *mode;
};

static int take_field(struct long_port *port, char *text, struct err *err)
{
	const struct {
		const char *key;
		char **value;
	} fields[] = {
		{ "published", &port->published },
		{ "target", &port->target },
		{ "protocol", &port->protocol },
		{ "mode", &port->mode },
	};
	char *value = strchr(text, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].key, text) == 0 && value && !*fields[i].value) {
			*fields[i].value = value;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL,
		       "'%.64s' is not published=, target= or protocol=, each once", text);
}

/* Docker's long form becomes the short one; `mode` is for services. */
static int shorten(const char *word, struct arena *arena, const char **ret, struct err *err)
{
	char *rest = arena_strdup(arena, word), *text;
	struct long_port port = {};
	int r = 0;

	while (r == 0 && (text = strsep(&rest, ",")))
		r = take_field(&port, text, err);
	if (r == 0 && (!port.target || !*port.target))
		r = err_set(err, ERR_USAGE, EINVAL, "target is missing");
	if (r < 0)
		return err_wrap(err, "'%.128s'", word);
	*ret = arena_printf(arena, "%s%s%s/%s", port.published ? port.published : "",
			    port.published ? ":" : "", port.target,
			    port.protocol ? port.protocol : "tcp");
	return 0;
}

int publish_add(struct config *config, const char *word, struct arena *arena, struct err *err)
{
	struct port port;
	int r = strchr(word, '=') ? shorten(word, arena, &word, err) : 0;

	if (r == 0)
		r = port_parse(word, &port, err);
	if (r == 0)
		strings_add(&config->publish, arena, arena_strdup(arena, word));
	return r;
}

static bool is_exposed(const struct config *config, const struct port *port)
{
	struct err ignored;
	struct port other;

	for (size_t i = 0; i < config->expose.n; i++)
		if (port_parse_exposed(config->expose.v[i], &other, &ignored) == 0 &&
		    other.proto == port->proto && other.port == port->port && other.n == port->n)
			return true;
	return false;
}

int expose_add(struct config *config, const char *word, struct arena *arena, struct err *err)
{
	struct port port;
	int r = port_parse_exposed(word, &port, err);

	if (r == 0 && !is_exposed(config, &port))
		strings_add(&config->expose, arena, arena_strdup(arena, word));
	return r;
}

void expose_add_image(struct config *config, const struct oci_strings *ports, struct arena *arena)
{
	struct err ignored;

	for (size_t i = 0; i < ports->n; i++)
		(void)expose_add(config, ports->v[i], arena, &ignored);
}

/* ------------------------------------------------------------------------------- names */

int dns_add(struct config *config, const char *word, struct arena *arena, struct err *err)
{
	struct ip ip;
	int r = ip_parse(word, &ip, err);

	if (r == 0)
		strings_add(&config->dns, arena, arena_strdup(arena, word));
	return r;
}

/* One more of a kind, if a resolv.conf could say all of them. */
static int add_wish(struct oci_strings *list, const struct resolv_wishes *wishes,
		    struct arena *arena, const char *word, struct err *err)
{
	struct resolv_conf conf = {};
	int r = resolv_conf_wish(&conf, wishes, err);

	if (r == 0)
		strings_add(list, arena, arena_strdup(arena, word));
	return r;
}

int dns_search_add(struct config *config, const char *word, struct arena *arena, struct err *err)
{
	return add_wish(&config->dns_search,
			&(struct resolv_wishes){ .search = &word, .n_search = 1 }, arena, word,
			err);
}

int dns_option_add(struct config *config, const char *word, struct arena *arena, struct err *err)
{
	return add_wish(&config->dns_options,
			&(struct resolv_wishes){ .options = &word, .n_options = 1 }, arena, word,
			err);
}

int add_host_add(struct config *config, const char *word, struct arena *arena, struct err *err)
{
	struct hosts_extra extra;
	int r = hosts_extra_parse(word, arena, &extra, err);

	if (r == 0)
		strings_add(&config->add_hosts, arena, arena_strdup(arena, word));
	return r;
}

/* ------------------------------------------------------------------------------- together */

/* What is another container's, or what it lets find its names, is as that container has it. */
static int check_joined(const struct config *config, struct err *err)
{
	const struct {
		const char *option;
		bool is_given;
	} rows[] = {
		{ "--publish", config->publish.n },
		{ "--publish-all", config->publish_all },
		{ "--expose", config->expose.n },
		{ "--dns", config->dns.n },
		{ "--dns-search", config->dns_search.n },
		{ "--dns-option", config->dns_options.n },
		{ "--add-host", config->add_hosts.n },
		{ "--hostname", config->hostname },
	};

	for (size_t i = 0; sharing_container(config->network) && i < sizeof(rows) / sizeof(rows[0]);
	     i++)
		if (rows[i].is_given) {
			(void)err_set(err, ERR_USAGE, EINVAL,
				      "%s cannot be combined with --network '%.128s'",
				      rows[i].option, config->network);
			return err_hint(err, "say it of the container whose network it is");
		}
	return 0;
}

static void discard_ports(struct config *config)
{
	if (config->networks.n || (!config->publish.n && !config->publish_all))
		return;
	log_warn("%s: discarded: with --network '%.128s' no ports are published",
		 config->publish.n ? "--publish" : "--publish-all", config->network);
	config->publish = (struct oci_strings){};
	config->publish_all = false;
}

static int check_ports(const struct config *config, struct arena *arena, struct err *err)
{
	struct port *ports = arena_array(arena, struct port, config->publish.n + 1);
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->publish.n; i++)
		r = port_parse(config->publish.v[i], &ports[i], err);
	if (r == 0)
		r = port_check_list(ports, &config->publish, err);
	return r < 0 ? err_wrap(err, "--publish") : 0;
}

/* Each word can stand there; do all of them? */
static int check_resolv_conf(const struct config *config, struct err *err)
{
	const struct oci_strings *search = &config->dns_search, *options = &config->dns_options;
	const struct resolv_wishes wishes = {
		.search = (const char *const *)search->v,
		.n_search = search->n,
		.options = (const char *const *)options->v,
		.n_options = options->n,
	};
	struct resolv_conf conf = {};
	int r;

	if (config->dns.n > RESOLV_SERVERS_MAX)
		return err_set(err, ERR_USAGE, E2BIG, "--dns: %zu name servers; %d is the most",
			       config->dns.n, RESOLV_SERVERS_MAX);
	r = resolv_conf_wish(&conf, &wishes, err);
	return r < 0 ? err_wrap(err, "--dns-search and --dns-option") : 0;
}

int network_words_check(struct config *config, struct arena *arena, struct err *err)
{
	int r = check_joined(config, err);

	if (r == 0 && config->no_hosts && config->add_hosts.n)
		r = err_set(err, ERR_USAGE, EINVAL, "--add-host cannot be combined with "
			    "--no-hosts: there is no file to write it to");
	if (r < 0)
		return r;
	discard_ports(config);
	r = check_ports(config, arena, err);
	return r < 0 ? r : check_resolv_conf(config, err);
}
