/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words are read from behind: the protocol, the container's ports, the host's, and what is left
 * is an address. So the colons of an IPv6 address need no brackets. An inner function says only
 * what is wrong; the word is put in front once. How they are shown is in net/port_text.c.
 */
#include "net/port.h"

#include "base/num.h"

#include <string.h>
#include <strings.h>

#define WORD_BYTES 128

/* First and last of what a word says, both 0 when it says nothing. */
struct range {
	uint16_t first, last;
};

static const struct {
	const char *name;
	uint8_t proto;
} protos[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "sctp", IPPROTO_SCTP },
};

const char *port_proto_name(uint8_t proto)
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (protos[i].proto == proto)
			return protos[i].name;
	return "?";
}

int port_proto_parse(const char *name, uint8_t *ret, struct err *err)
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (strcasecmp(protos[i].name, name) == 0) {
			*ret = protos[i].proto;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "the protocol is one of tcp, udp and sctp");
}

static int parse_number(const char *text, uint16_t *ret, struct err *err)
{
	uint32_t number;

	if (num_parse_u32(text, &number) < 0 || number < 1 || number > UINT16_MAX)
		return err_set(err, ERR_USAGE, EINVAL, "a port is 1 to 65535");
	*ret = (uint16_t)number;
	return 0;
}

/* Writes into `text`. */
static int parse_range(char *text, struct range *ret, struct err *err)
{
	char *dash = strchr(text, '-');
	struct range range = {};
	int r;

	if (dash)
		*dash = '\0';
	r = parse_number(text, &range.first, err);
	if (r == 0)
		r = parse_number(dash ? dash + 1 : text, &range.last, err);
	if (r == 0 && range.last < range.first)
		r = err_set(err, ERR_USAGE, EINVAL, "a range ends before it begins");
	if (r == 0)
		*ret = range;
	return r;
}

/* "80/udp", "80-90", the end of every word: container's ports and protocol. */
static int parse_container(char *text, struct port *port, struct err *err)
{
	char *slash = strchr(text, '/');
	struct range range = {};
	int r = 0;

	port->proto = IPPROTO_TCP;
	if (slash) {
		*slash = '\0';
		r = port_proto_parse(slash + 1, &port->proto, err);
	}
	if (r == 0 && !*text)
		r = err_set(err, ERR_USAGE, EINVAL, "the container's port is missing");
	if (r == 0)
		r = parse_range(text, &range, err);
	if (r < 0)
		return r;
	port->n = (uint16_t)(range.last - range.first + 1); /* 65535 at the most */
	port->port = range.first;
	return 0;
}

/* "", "0", "8080", "8080-8090", for the port->n of the container. */
static int parse_host(char *text, struct port *port, struct err *err)
{
	struct range range = {};
	uint32_t n;
	int r;

	if (!*text || strcmp(text, "0") == 0)
		return 0;
	r = parse_range(text, &range, err);
	if (r < 0)
		return r;
	n = (uint32_t)(range.last - range.first) + 1;
	if (n != port->n && port->n != 1)
		return err_set(err, ERR_USAGE, EINVAL, "ranges of different lengths");
	port->host_port = range.first;
	port->host_end = n != port->n ? range.last : 0;
	return 0;
}

static int parse_address(char *text, struct port *port, struct err *err)
{
	size_t len = strlen(text);

	if (len == 0)
		return 0;
	if (text[0] == '[' && text[len - 1] == ']' && strchr(text, ':')) {
		text[len - 1] = '\0';
		text++;
	}
	if (ip_parse(text, &port->host_ip, err) < 0)
		return err_set(err, ERR_USAGE, EINVAL, "'%s' is no address", text);
	return 0;
}

/* Cut off what is behind the last colon. NULL: there is none. */
static char *cut_last(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int parse_whole(char *text, struct port *port, struct err *err)
{
	char *container = cut_last(text), *host = container ? cut_last(text) : NULL;
	int r = parse_container(container ? container : text, port, err);

	if (r < 0 || !container)
		return r;
	r = parse_host(host ? host : text, port, err);
	return r < 0 || !host ? r : parse_address(text, port, err);
}

static int parse(const char *word, int (*fn)(char *, struct port *, struct err *),
		 struct port *ret, struct err *err)
{
	struct port port = {};
	char text[WORD_BYTES];
	size_t len = strlen(word);
	int r;

	if (len >= sizeof(text))
		r = err_set(err, ERR_USAGE, EINVAL, "that is too long");
	else
		r = fn(memcpy(text, word, len + 1), &port, err);
	if (r < 0)
		return err_wrap(err, "'%.128s'", word);
	*ret = port;
	return 0;
}

int port_parse(const char *word, struct port *ret, struct err *err)
{
	return parse(word, parse_whole, ret, err);
}

int port_parse_exposed(const char *word, struct port *ret, struct err *err)
{
	return parse(word, parse_container, ret, err);
}

/* ------------------------------------------------------------------------------- the list */

bool port_addresses_overlap(const struct ip *a, const struct ip *b)
{
	if (!ip_is_set(a) || !ip_is_set(b))
		return true;
	return a->family == b->family && (ip_is_any(a) || ip_is_any(b) || ip_compare(a, b) == 0);
}

static bool collide(const struct port *a, const struct port *b)
{
	if (a->proto != b->proto || !a->host_port || !b->host_port || a->host_end || b->host_end)
		return false;
	return a->host_port < b->host_port + b->n && b->host_port < a->host_port + a->n &&
	       port_addresses_overlap(&a->host_ip, &b->host_ip);
}

int port_check_list(const struct port *ports, const struct oci_strings *words, struct err *err)
{
	for (size_t i = 0; i < words->n; i++)
		for (size_t k = 0; k < i; k++)
			if (collide(&ports[k], &ports[i]))
				return err_set(err, ERR_CONFLICT, EINVAL,
					       "'%.99s' and '%.99s' want the same host port",
					       words->v[k], words->v[i]);
	return 0;
}
