/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Published ports as words and as values: -p and --expose, as docker and podman write them, and the
 * texts in which `port` and `ps` show them.
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"
#include "oci/types.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port {
	uint8_t proto;      /* IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP */
	struct ip host_ip;  /* family 0: all of the host's; 0.0.0.0 and :: are those of a family */
	uint16_t host_port; /* 0: a free one is chosen, for each of the `n` */
	uint16_t port;      /* in the container */
	uint16_t n;         /* how many in a row from both, >= 1 */
	uint16_t host_end;  /* of "8000-9000:80": one free one from host_port to here; 0: no such */
};

/* ------------------------------------------------------------------------------- words */

/*
 * -p [[ADDRESS:][HOST]:]PORT[/tcp|/udp|/sctp]: "80", "8080:80", "127.0.0.1::80",
 * "[::1]:8080:80/udp", "8080-8090:80-90", "8000-9000:80". An IPv6 address may do without brackets,
 * and HOST may be 0. ERR_USAGE, with the word in front; *ret is left alone then.
 */
int port_parse(const char *word, struct port *ret, struct err *err);

/* --expose, and an image's ExposedPorts: "80", "80/udp", "8000-8010/tcp". host_port is 0. */
int port_parse_exposed(const char *word, struct port *ret, struct err *err);

/* Do two of the ports, of which words->v[i] is how it was given, want the same port of the host?
 * ERR_CONFLICT, which names both words. Those that take any free one never do. */
int port_check_list(const struct port *ports, const struct oci_strings *words, struct err *err);

/* ------------------------------------------------------------------------------- values */

/* "tcp", "udp", "sctp" */
const char *port_proto_name(uint8_t proto);
int port_proto_parse(const char *name, uint8_t *ret, struct err *err); /* ERR_USAGE */

/* Is there an address of the host that both mean? */
bool port_addresses_overlap(const struct ip *a, const struct ip *b);

/* ------------------------------------------------------------------------------- texts */

/* For `port`: "80/tcp -> 0.0.0.0:8080" and a newline, for each of its ports; of all addresses also
 * "80/tcp -> [::]:8080". The host's ports are known. */
void port_format_binding(const struct port *port, struct buf *ret);

/* The same of one of the container's ports, without it: "0.0.0.0:8080". Nothing if it is none of
 * those. */
void port_format_host(const struct port *port, uint16_t wanted, struct buf *ret);

/*
 * The column PORTS of `ps`: "0.0.0.0:8080->80/tcp, :::8080->80/tcp, 90/tcp": sorted by the
 * container's port, what is in a row on both sides in one: "0.0.0.0:8000-8010->8000-8010/tcp". What
 * is exposed and not published stands alone. Published ones whose host port is not known yet (the
 * container has not run) are shown as exposed.
 */
void port_format_list(const struct port *published, size_t n_published, const struct port *exposed,
		      size_t n_exposed, struct buf *ret);
