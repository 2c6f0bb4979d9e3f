/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking other servers. Each query has a socket of its own, connected, so that the kernel chooses
 * its port and takes answers from that server only; with an identifier of ours, drawn at random,
 * and the question held against what was asked, nobody who does not see the query can answer it.
 *
 * Servers are asked one after another: the next one when time is up, or when one can't be reached,
 * fails or refuses, round after round as resolv.conf has it. What came by TCP is asked for by TCP.
 */
#include "net/resolver_parts.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

enum { DNS_PORT = 53, DATAGRAMS_MAX = 16 };

/* ------------------------------------------------------------------------------- servers */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Without a file, or a server in it, there is one on this host: resolv.conf(5). */
static void read_servers(struct upstream *upstream)
{
	struct resolv_conf conf;
	struct err unread;

	if (resolv_conf_load(upstream->path, &conf, &unread) < 0)
		resolv_conf_parse("", 0, &conf);
	if (conf.n_servers == 0)
		conf.servers[conf.n_servers++].ip = (struct ip){ AF_INET, { 127, 0, 0, 1 } };
	memcpy(upstream->servers, conf.servers, sizeof(conf.servers));
	upstream->n_servers = conf.n_servers;
	upstream->attempts = conf.attempts;
	upstream->timeout_ms = conf.has_timeout ? (int)conf.timeout_s * 1000 : SERVER_MS;
	upstream->is_rotating = conf.is_rotating;
	upstream->first = 0;
}

static void ensure_servers(struct upstream *upstream)
{
	struct stat now = {};

	if (!upstream->path)
		return;
	(void)stat(upstream->path, &now);
	if (upstream->n_servers > 0 && is_same_file(&now, &upstream->seen))
		return;
	upstream->seen = now;
	read_servers(upstream);
}

static int connect_server(const struct resolv_server *server, int type)
{
	union sock_address to;
	const socklen_t len = sock_address_fill(&server->ip, DNS_PORT, &to);
	auto_close int fd = socket(server->ip.family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (server->scope[0])
		to.ip6.sin6_scope_id = if_nametoindex(server->scope);
	if (connect(fd, &to.any, len) < 0 && errno != EINPROGRESS)
		return -errno;
	return take_fd(&fd);
}

/* ------------------------------------------------------------------------------- flights */

static void hang_up(struct flight *flight)
{
	if (flight->fd >= 0)
		(void)close(flight->fd);
	flight->fd = -1;
	flight->poll_at = 0;
	flight->sent = flight->received = 0;
}

static uint8_t *message_of(struct flight *flight)
{
	return flight->query + PREFIX_BYTES;
}

void forward_end(struct resolver *resolver, struct flight *flight)
{
	hang_up(flight);
	if (flight->client)
		flight->client->flight = NULL;
	flight->is_used = false;
	work_release(resolver);
}

/* The answer goes to whom it belongs. By TCP it lies where the client's answers are sent from. */
static void deliver(struct resolver *resolver, struct flight *flight, uint8_t *bytes, size_t len)
{
	struct client *client = flight->client;

	dns_set_id(bytes, flight->client_id);
	if (!client && len > flight->udp_bytes)
		len = dns_truncate(bytes, len, flight->question_end);
	if (!client) {
		(void)sendto(resolver->udp_fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL,
			     &flight->peer.any, flight->peer_len);
		forward_end(resolver, flight);
		return;
	}
	/* The client keeps the memory that both are in. */
	forward_end(resolver, flight);
	tcp_deliver(resolver, client, len);
}

static void fail(struct resolver *resolver, struct flight *flight)
{
	uint8_t bytes[LOCAL_BYTES];
	uint8_t *at = flight->client ? flight->client->out + PREFIX_BYTES : bytes;
	struct dns_query query;

	if (dns_query_parse(message_of(flight), flight->len, &query) != 0) {
		forward_end(resolver, flight);
		return;
	}
	deliver(resolver, flight, at,
		local_refusal(&query, message_of(flight), DNS_SERVFAIL, at));
}

/* Ask one server. UDP's query leaves at once; TCP's when the connection is there. */
static int ask(struct resolver *resolver, struct flight *flight, const struct resolv_server *server)
{
	uint16_t id;

	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		return -EAGAIN;
	dns_set_id(message_of(flight), id);
	flight->fd = connect_server(server, flight->client ? SOCK_STREAM : SOCK_DGRAM);
	if (flight->fd < 0)
		return flight->fd;
	flight->deadline_ms = resolver->now_ms + resolver->upstream.timeout_ms;
	if (!flight->client &&
	    send(flight->fd, message_of(flight), flight->len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

/* Ask the next server that can be asked; when none is left, say so. */
static void ask_next(struct resolver *resolver, struct flight *flight)
{
	const struct upstream *upstream = &resolver->upstream;

	hang_up(flight);
	while (flight->tries < upstream->n_servers * upstream->attempts) {
		unsigned at = (upstream->first + flight->tries++) % upstream->n_servers;

		if (ask(resolver, flight, &upstream->servers[at]) == 0)
			return;
		hang_up(flight);
	}
	fail(resolver, flight);
}

static struct flight *find_free(struct work *work)
{
	for (int i = 0; i < RESOLVER_FLIGHTS; i++)
		if (!work->flights[i].is_used)
			return &work->flights[i];
	return NULL;
}

int forward_query(struct resolver *resolver, const struct dns_query *query, const uint8_t *bytes,
		  size_t len, const struct origin *origin)
{
	struct work *work;
	struct flight *flight;

	if (resolver->no_forward)
		return -ENETUNREACH;
	work = work_ensure(resolver);
	flight = work ? find_free(work) : NULL;
	if (!flight)
		return -EBUSY;
	ensure_servers(&resolver->upstream);
	resolver->n_busy++;
	*flight = (struct flight){
		.is_used = true,
		.fd = -1,
		.client = origin->client,
		.peer = origin->peer,
		.peer_len = origin->peer_len,
		.client_id = query->id,
		.udp_bytes = query->udp_bytes,
		.question_end = query->question_end,
		.len = len,
	};
	flight->query[0] = (uint8_t)(len >> 8);
	flight->query[1] = (uint8_t)len;
	memcpy(message_of(flight), bytes, len);
	if (flight->client)
		flight->client->flight = flight;
	ask_next(resolver, flight);
	if (resolver->upstream.is_rotating)
		resolver->upstream.first = (resolver->upstream.first + 1) %
					   resolver->upstream.n_servers;
	return 0;
}

/* ------------------------------------------------------------------------------- their answers */

/* True: this server's answer is the one; what fails is tried elsewhere while there is somewhere. */
static bool is_good(const struct resolver *resolver, const struct flight *flight,
		    const uint8_t *bytes)
{
	enum dns_rcode rcode = dns_rcode_of(bytes);

	return (rcode != DNS_SERVFAIL && rcode != DNS_REFUSED) ||
	       flight->tries >= resolver->upstream.n_servers;
}

static void take_answer(struct resolver *resolver, struct flight *flight, uint8_t *bytes,
			size_t len)
{
	if (is_good(resolver, flight, bytes))
		deliver(resolver, flight, bytes, len);
	else
		ask_next(resolver, flight);
}

/* What does not answer the question is dropped: the true answer may still come. */
static void receive_datagrams(struct resolver *resolver, struct flight *flight)
{
	uint8_t *bytes = resolver->work->answer;

	for (int i = 0; i < DATAGRAMS_MAX; i++) {
		ssize_t n = recv(flight->fd, bytes, DNS_MESSAGE_BYTES, MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			ask_next(resolver, flight);
		if (n < 0)
			return;
		if (!dns_is_answer_to(bytes, (size_t)n, message_of(flight), flight->question_end))
			continue;
		take_answer(resolver, flight, bytes, (size_t)n);
		return;
	}
}

/* Send what is left of the query. 1: all of it is sent; 0: not yet; or -errno. */
static int send_stream(struct flight *flight)
{
	size_t len = PREFIX_BYTES + flight->len;
	ssize_t n;

	if (flight->sent == len)
		return 1;
	n = send(flight->fd, flight->query + flight->sent, len - flight->sent,
		 MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	flight->sent += (size_t)n;
	return flight->sent == len;
}

/* Read towards a whole answer. 1: it is there; 0: not yet; or -errno. */
static int receive_stream(struct flight *flight, uint8_t *out)
{
	size_t want = PREFIX_BYTES;
	ssize_t n;

	if (flight->received >= PREFIX_BYTES)
		want += (size_t)(out[0] << 8 | out[1]);
	n = recv(flight->fd, out + flight->received, want - flight->received, MSG_DONTWAIT);
	if (n == 0)
		return -ECONNRESET;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	flight->received += (size_t)n;
	if (flight->received < PREFIX_BYTES)
		return 0;
	want = PREFIX_BYTES + (size_t)(out[0] << 8 | out[1]);
	return want == PREFIX_BYTES ? -EBADMSG : flight->received == want;
}

static void step_stream(struct resolver *resolver, struct flight *flight)
{
	uint8_t *out = flight->client->out;
	int r = send_stream(flight);

	if (r > 0)
		r = receive_stream(flight, out);
	if (r > 0 && !dns_is_answer_to(out + PREFIX_BYTES, flight->received - PREFIX_BYTES,
				       message_of(flight), flight->question_end))
		r = -EBADMSG;
	if (r < 0)
		ask_next(resolver, flight);
	else if (r > 0)
		take_answer(resolver, flight, out + PREFIX_BYTES, flight->received - PREFIX_BYTES);
}

void forward_step(struct resolver *resolver, struct flight *flight, short revents)
{
	if (revents && flight->client)
		step_stream(resolver, flight);
	else if (revents)
		receive_datagrams(resolver, flight);
	/* Bytes that are no answer give nobody more time. */
	if (flight->is_used && resolver->now_ms >= flight->deadline_ms)
		ask_next(resolver, flight);
}
