/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports as people read them. For `ps` a port of all addresses becomes one of each family; then
 * neighbours are joined, which are found by sorting by everything that must be equal first; and the
 * result is sorted by what people look for, the container's port. What is only exposed is a bit for
 * each port, so that ranges that overlap cost nothing.
 */
#include "net/port.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct ip any_v4 = { .family = AF_INET }, any_v6 = { .family = AF_INET6 };

/* ------------------------------------------------------------------------------- port */

static void host_line(const struct ip *ip, unsigned host_port, struct buf *ret)
{
	const bool is_v6 = ip->family == AF_INET6;
	char text[IP_BYTES];

	buf_printf(ret, "%s%s%s:%u\n", is_v6 ? "[" : "", ip_format(ip, text), is_v6 ? "]" : "",
		   host_port);
}

static void binding_line(const struct port *port, const struct ip *ip, unsigned i, struct buf *ret)
{
	buf_printf(ret, "%u/%s -> ", port->port + i, port_proto_name(port->proto));
	host_line(ip, port->host_port + i, ret);
}

void port_format_binding(const struct port *port, struct buf *ret)
{
	for (unsigned i = 0; i < port->n; i++) {
		if (ip_is_set(&port->host_ip)) {
			binding_line(port, &port->host_ip, i, ret);
			continue;
		}
		binding_line(port, &any_v4, i, ret);
		binding_line(port, &any_v6, i, ret);
	}
}

void port_format_host(const struct port *port, uint16_t wanted, struct buf *ret)
{
	const unsigned host_port = port->host_port + wanted - port->port;

	if (wanted < port->port || wanted >= port->port + port->n)
		return;
	if (ip_is_set(&port->host_ip)) {
		host_line(&port->host_ip, host_port, ret);
		return;
	}
	host_line(&any_v4, host_port, ret);
	host_line(&any_v6, host_port, ret);
}

/* ------------------------------------------------------------------------------- ps */

static int by_neighbour(const void *x, const void *y)
{
	const struct port *a = x, *b = y;
	int d = a->proto - b->proto;

	if (d == 0)
		d = ip_compare(&a->host_ip, &b->host_ip);
	/* what can be in one row has one distance between its two sides */
	if (d == 0)
		d = (a->host_port - a->port) - (b->host_port - b->port);
	return d ? d : a->port - b->port;
}

/* TCP before UDP, IPv4 before IPv6; what has no address is only exposed and comes last. */
static int by_port(const void *x, const void *y)
{
	const struct port *a = x, *b = y;
	int d = a->port - b->port;

	if (d == 0)
		d = a->proto - b->proto;
	if (d == 0)
		d = ip_is_set(&b->host_ip) - ip_is_set(&a->host_ip);
	if (d == 0)
		d = ip_compare(&a->host_ip, &b->host_ip);
	return d ? d : a->host_port - b->host_port;
}

/* Returns how many are left. */
static size_t join_neighbours(struct port *v, size_t n)
{
	size_t last = 0;

	qsort(v, n, sizeof(*v), by_neighbour);
	for (size_t i = 1; i < n; i++) {
		struct port *to = &v[last];
		const struct port *p = &v[i];

		if (p->proto == to->proto && ip_compare(&p->host_ip, &to->host_ip) == 0 &&
		    p->port == to->port + to->n && p->host_port == to->host_port + to->n)
			to->n = (uint16_t)(to->n + p->n);
		else
			v[++last] = *p;
	}
	return n ? last + 1 : 0;
}

#define N_PROTOS 3
static const uint8_t shown_protos[N_PROTOS] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

/* A bit for each port of a protocol. */
struct exposed {
	uint8_t bits[N_PROTOS][(UINT16_MAX + 1) / 8];
};

static void expose(struct exposed *exposed, const struct port *port, bool is_on)
{
	size_t k = 0;

	while (k < N_PROTOS && shown_protos[k] != port->proto)
		k++;
	if (k == N_PROTOS)
		return;
	for (uint32_t p = port->port; p < (uint32_t)port->port + port->n && p <= UINT16_MAX; p++) {
		uint8_t bit = (uint8_t)(1 << p % 8);

		if (is_on)
			exposed->bits[k][p / 8] |= bit;
		else
			exposed->bits[k][p / 8] &= (uint8_t)~bit;
	}
}

static bool is_exposed(const struct exposed *exposed, size_t k, uint32_t p)
{
	return p <= UINT16_MAX && exposed->bits[k][p / 8] & 1 << p % 8;
}

/* Each run of bits as a port without an address; `v` NULL: count only. */
static size_t collect_exposed(const struct exposed *exposed, struct port *v)
{
	size_t n = 0;

	for (size_t k = 0; k < N_PROTOS; k++)
		for (uint32_t p = 1; p <= UINT16_MAX; p++) {
			uint32_t first = p;

			while (is_exposed(exposed, k, p))
				p++;
			if (p == first)
				continue;
			if (v)
				v[n] = (struct port){ .proto = shown_protos[k],
						      .port = (uint16_t)first,
						      .n = (uint16_t)(p - first) };
			n++;
		}
	return n;
}

static void put_range(struct buf *ret, unsigned first, unsigned n)
{
	buf_printf(ret, n > 1 ? "%u-%u" : "%u", first, first + n - 1);
}

static void put_shown(struct buf *ret, const struct port *port)
{
	char text[IP_BYTES];

	if (ip_is_set(&port->host_ip)) {
		buf_printf(ret, "%s:", ip_format(&port->host_ip, text));
		put_range(ret, port->host_port, port->n);
		buf_puts(ret, "->");
	}
	put_range(ret, port->port, port->n);
	buf_printf(ret, "/%s", port_proto_name(port->proto));
}

/* All that have a port of the host, one for each family; the others are marked as exposed. */
static size_t collect_published(const struct port *published, size_t n, struct port *v,
				struct exposed *exposed)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		const struct port *port = &published[i];

		if (!port->host_port || port->host_end)
			continue;
		expose(exposed, port, false);
		v[len] = *port;
		if (!ip_is_set(&port->host_ip)) {
			v[len++].host_ip = any_v4;
			v[len] = *port;
			v[len].host_ip = any_v6;
		}
		len++;
	}
	return len;
}

static void expose_all(struct exposed *exposed, const struct port *ports, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!ports[i].host_port || ports[i].host_end)
			expose(exposed, &ports[i], true);
}

void port_format_list(const struct port *published, size_t n_published, const struct port *exposed,
		      size_t n_exposed, struct buf *ret)
{
	auto_arena struct arena arena = {};
	struct exposed *bits = arena_new(&arena, struct exposed);
	struct port *v = arena_array(&arena, struct port, 2 * n_published + 1), *all;
	size_t n;

	expose_all(bits, exposed, n_exposed);
	expose_all(bits, published, n_published);
	n = join_neighbours(v, collect_published(published, n_published, v, bits));
	all = arena_array(&arena, struct port, n + collect_exposed(bits, NULL) + 1);
	if (n)
		memcpy(all, v, n * sizeof(*v));
	n += collect_exposed(bits, all + n);
	qsort(all, n, sizeof(*all), by_port);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_puts(ret, ", ");
		put_shown(ret, &all[i]);
	}
}
