/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the rooms of the resolver share, nobody else's: resolver.c has the sockets of UDP and the
 * turns, resolver_local.c answers, resolver_forward.c asks others, resolver_tcp.c has its clients.
 */

#include "net/dns.h"
#include "net/resolv_conf.h"
#include "net/resolver.h"
#include "sys/sock_address.h"

#include <sys/stat.h>

enum {
	QUERY_BYTES = 512,   /* the longest query; a name has 255 bytes, a cookie 40 */
	PREFIX_BYTES = 2,    /* how long a message is, on TCP */
	SERVER_MS = 2000,    /* how long one server has, unless resolv.conf says */
	CLIENT_MS = 10000,   /* how long a TCP client may be idle, or take to send or receive */
	LOCAL_BYTES = 4096,  /* room for an answer of ours; 128 addresses take 3584 of IPv6 */
};

/* A query that another server was asked. */
struct flight {
	bool is_used;
	int fd;             /* towards that server */
	unsigned poll_at;   /* where it stood among what was polled; 0: nowhere */
	struct client *client; /* whose it is by TCP; NULL: `peer`'s by UDP */
	union sock_address peer;
	socklen_t peer_len;
	int64_t deadline_ms;
	unsigned tries;     /* servers that were asked */
	uint16_t client_id, udp_bytes, question_end;
	size_t sent, received; /* TCP: bytes of the exchange, prefixes included */
	size_t len;
	uint8_t query[PREFIX_BYTES + QUERY_BYTES]; /* with an identifier of ours */
};

/* A client by TCP. It has one query at a time: those behind it wait in the socket. */
struct client {
	bool is_used;
	int fd;
	unsigned poll_at;
	struct flight *flight; /* what it waits for; NULL: it sends, or receives */
	int64_t deadline_ms;
	size_t in_len, out_len, out_done; /* out_len > 0: there is an answer to send */
	uint8_t in[PREFIX_BYTES + QUERY_BYTES];
	uint8_t out[PREFIX_BYTES + DNS_MESSAGE_BYTES];
};

/* What only exists while someone waits for another server, or is there by TCP. Pages that nobody
 * touched take no memory. */
struct work {
	struct flight flights[RESOLVER_FLIGHTS];
	struct client clients[RESOLVER_TCP_CLIENTS];
	uint8_t answer[DNS_MESSAGE_BYTES];
};

struct upstream {
	struct resolv_server servers[RESOLV_SERVERS_MAX];
	unsigned n_servers;
	unsigned attempts, first; /* `first` server to ask; it moves where they are to rotate */
	int timeout_ms;
	bool is_rotating;
	const char *path; /* NULL: the servers were given */
	struct stat seen; /* of the file when it was read */
};

struct resolver {
	int udp_fd, tcp_fd;
	struct resolver_names names;
	struct upstream upstream;
	const char *host_conf;
	bool no_forward;
	const char *domain;
	unsigned turn;       /* where the next answer's addresses begin */
	unsigned n_busy;     /* flights and clients in use; 0: there is no work */
	struct work *work;
	int64_t now_ms;      /* of the present step */
};

/* Whose query it is. */
struct origin {
	struct client *client;
	union sock_address peer;
	socklen_t peer_len;
};

/* Memory for what waits, if it is not there. NULL: there is none. */
struct work *work_ensure(struct resolver *resolver);
void work_release(struct resolver *resolver); /* one of `n_busy` less */

/* Answer a query, ask someone else, or drop it. Returns the length of an answer at `ret`, which has
 * room for LOCAL_BYTES; 0: there is none now. */
size_t resolver_query(struct resolver *resolver, const uint8_t *bytes, size_t len,
		      const struct origin *origin, uint8_t *ret);

/* Returns the length of the answer, or 0: it is not ours to answer. */
size_t local_answer(struct resolver *resolver, const struct dns_query *query, const uint8_t *bytes,
		    size_t cap, uint8_t *ret);
size_t local_refusal(const struct dns_query *query, const uint8_t *bytes, enum dns_rcode rcode,
		     uint8_t *ret);

/* 0, or -errno: it can't be asked. */
int forward_query(struct resolver *resolver, const struct dns_query *query, const uint8_t *bytes,
		  size_t len, const struct origin *origin);
void forward_step(struct resolver *resolver, struct flight *flight, short revents);
void forward_end(struct resolver *resolver, struct flight *flight);

void tcp_accept(struct resolver *resolver);
bool tcp_has_room(const struct resolver *resolver);
void tcp_step(struct resolver *resolver, struct client *client, short revents);
void tcp_close(struct resolver *resolver, struct client *client);

/* An answer for a client that waited; it lies at client->out + PREFIX_BYTES already. */
void tcp_deliver(struct resolver *resolver, struct client *client, size_t len);
