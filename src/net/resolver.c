/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One turn: answers of other servers, clients by TCP, then new queries, of which one turn takes
 * only so many. What a container's own processes do to it can't grow: all places are counted, and
 * the memory for them is there only while one is taken.
 *
 * What was polled is told from what came since by poll_at, which resolver_poll sets and everything
 * new has as 0: a descriptor's number may be another's by then.
 */
#include "net/resolver_parts.h"

#include "base/cleanup.h"
#include "sys/netdev.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum { AT_UDP = 0, AT_TCP = 1, QUERIES_PER_STEP = 64, ACCEPTS_PER_STEP = 4 };

/* ------------------------------------------------------------------------------- memory */

struct work *work_ensure(struct resolver *resolver)
{
	struct work *work = resolver->work;

	if (work)
		return work;
	work = mmap(NULL, sizeof(*work), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (work == MAP_FAILED)
		return NULL;
	return resolver->work = work;
}

/* The memory goes at the end of a step: who called still looks at it. */
void work_release(struct resolver *resolver)
{
	resolver->n_busy--;
}

static void drop_idle_work(struct resolver *resolver)
{
	if (!resolver->work || resolver->n_busy > 0)
		return;
	(void)munmap(resolver->work, sizeof(*resolver->work));
	resolver->work = NULL;
}

/* ------------------------------------------------------------------------------- life */

void resolver_set_servers(struct resolver *resolver, const struct ip *servers, size_t n,
			  bool no_forward)
{
	struct upstream *upstream = &resolver->upstream;

	resolver->no_forward = no_forward;
	upstream->path = n ? NULL : resolver->host_conf;
	upstream->seen = (struct stat){ .st_dev = (dev_t)-1 };
	if (n == 0)
		return; /* those of the file, when they are asked for; until then as it was */
	upstream->n_servers = (unsigned)n;
	upstream->first = 0;
	upstream->is_rotating = false;
	upstream->attempts = 2;
	upstream->timeout_ms = SERVER_MS;
	for (size_t i = 0; i < n; i++)
		upstream->servers[i] = (struct resolv_server){ .ip = servers[i] };
}

int resolver_open(struct resolver **ret, const struct resolver_setup *setup, struct err *err)
{
	struct resolver *resolver;

	if (setup->n_servers > RESOLV_SERVERS_MAX)
		return err_set(err, ERR_USAGE, E2BIG, "%zu name servers; %d is the most",
			       setup->n_servers, RESOLV_SERVERS_MAX);
	resolver = calloc(1, sizeof(*resolver));
	if (!resolver)
		return err_sys(err, ENOMEM, "open a resolver");
	resolver->udp_fd = setup->udp_fd;
	resolver->tcp_fd = setup->tcp_fd;
	resolver->names = setup->names;
	resolver->domain = setup->domain ? setup->domain : "";
	resolver->host_conf = setup->host_conf ? setup->host_conf : "/etc/resolv.conf";
	resolver_set_servers(resolver, setup->servers, setup->n_servers, setup->no_forward);
	*ret = resolver;
	return 0;
}

void resolver_close(struct resolver **resolver)
{
	struct resolver *old = *resolver;

	*resolver = NULL;
	if (!old)
		return;
	for (int i = 0; old->work && i < RESOLVER_TCP_CLIENTS; i++)
		if (old->work->clients[i].is_used)
			tcp_close(old, &old->work->clients[i]);
	for (int i = 0; old->work && i < RESOLVER_FLIGHTS; i++)
		if (old->work->flights[i].is_used)
			forward_end(old, &old->work->flights[i]);
	drop_idle_work(old);
	closep(&old->udp_fd);
	closep(&old->tcp_fd);
	free(old);
}

/*
 * Until the loopback device is up, the kernel of a new namespace takes 127.0.0.11 for a broadcast
 * address when it is bound, and answers would leave from 127.0.0.1. So it is brought up first.
 */
static int raise_loopback(struct err *err)
{
	int r = netdev_loopback_up();

	return r < 0 ? err_sys(err, -r, "bring up the loopback device") : 0;
}

static int bind_one(int type, int *ret_fd, struct err *err)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_addr.s_addr = htonl(0x7f00000b) };
	auto_close int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_sys(err, errno, "open a socket for the resolver");
	if (bind(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, RESOLVER_TCP_CLIENTS) < 0))
		return err_sys(err, errno, "bind the resolver to 127.0.0.11");
	*ret_fd = take_fd(&fd);
	return 0;
}

int resolver_bind(int *ret_udp_fd, int *ret_tcp_fd, struct err *err)
{
	auto_close int udp_fd = -1;
	int r = raise_loopback(err);

	if (r == 0)
		r = bind_one(SOCK_DGRAM, &udp_fd, err);
	if (r == 0)
		r = bind_one(SOCK_STREAM, ret_tcp_fd, err);
	if (r == 0)
		*ret_udp_fd = take_fd(&udp_fd);
	return r;
}

/* ------------------------------------------------------------------------------- queries */

size_t resolver_query(struct resolver *resolver, const uint8_t *bytes, size_t len,
		      const struct origin *origin, uint8_t *ret)
{
	struct dns_query query;
	int rcode = dns_query_parse(bytes, len, &query);
	size_t cap = LOCAL_BYTES, n;

	if (rcode < 0)
		return 0;
	if (rcode > 0)
		return local_refusal(&query, bytes, (enum dns_rcode)rcode, ret);
	if (!origin->client)
		cap = query.udp_bytes < DNS_EDNS_BYTES ? query.udp_bytes : DNS_EDNS_BYTES;
	n = local_answer(resolver, &query, bytes, cap, ret);
	if (n > 0)
		return n;
	if (len > QUERY_BYTES || forward_query(resolver, &query, bytes, len, origin) < 0)
		return local_refusal(&query, bytes, DNS_SERVFAIL, ret);
	return 0;
}

static void step_udp(struct resolver *resolver)
{
	uint8_t bytes[DNS_EDNS_BYTES], answer[LOCAL_BYTES];

	for (int i = 0; i < QUERIES_PER_STEP; i++) {
		struct origin origin = { .peer_len = sizeof(origin.peer) };
		ssize_t n = recvfrom(resolver->udp_fd, bytes, sizeof(bytes),
				     MSG_DONTWAIT | MSG_TRUNC, &origin.peer.any, &origin.peer_len);
		size_t len;

		if (n < 0)
			return;
		if ((size_t)n > sizeof(bytes))
			continue;
		len = resolver_query(resolver, bytes, (size_t)n, &origin, answer);
		if (len > 0)
			(void)sendto(resolver->udp_fd, answer, len, MSG_DONTWAIT | MSG_NOSIGNAL,
				     &origin.peer.any, origin.peer_len);
	}
}

/* ------------------------------------------------------------------------------- turns */

static short client_events(const struct client *client)
{
	if (client->flight)
		return 0;
	return client->out_len > 0 ? POLLOUT : POLLIN;
}

static short flight_events(const struct flight *flight)
{
	bool is_sending = flight->client && flight->sent < PREFIX_BYTES + flight->len;

	return is_sending ? POLLOUT : POLLIN;
}

size_t resolver_poll(struct resolver *resolver, struct pollfd *fds)
{
	struct work *work = resolver->work;
	size_t n = 2;

	fds[AT_UDP] = (struct pollfd){ .fd = resolver->udp_fd, .events = POLLIN };
	fds[AT_TCP] = (struct pollfd){ .fd = tcp_has_room(resolver) ? resolver->tcp_fd : -1,
				       .events = POLLIN };
	for (int i = 0; work && i < RESOLVER_FLIGHTS; i++) {
		struct flight *flight = &work->flights[i];

		if (!flight->is_used)
			continue;
		flight->poll_at = (unsigned)n;
		fds[n++] = (struct pollfd){ flight->fd, flight_events(flight), 0 };
	}
	for (int i = 0; work && i < RESOLVER_TCP_CLIENTS; i++) {
		struct client *client = &work->clients[i];

		if (!client->is_used)
			continue;
		client->poll_at = (unsigned)n;
		fds[n++] = (struct pollfd){ client->fd, client_events(client), 0 };
	}
	return n;
}

int resolver_timeout_ms(const struct resolver *resolver, int64_t now_ms)
{
	const struct work *work = resolver->work;
	int64_t first = INT64_MAX;

	for (int i = 0; work && i < RESOLVER_FLIGHTS; i++)
		if (work->flights[i].is_used && work->flights[i].deadline_ms < first)
			first = work->flights[i].deadline_ms;
	for (int i = 0; work && i < RESOLVER_TCP_CLIENTS; i++)
		if (work->clients[i].is_used && !work->clients[i].flight &&
		    work->clients[i].deadline_ms < first)
			first = work->clients[i].deadline_ms;
	if (first == INT64_MAX)
		return -1;
	return first <= now_ms ? 0 : first - now_ms > 3600000 ? 3600000 : (int)(first - now_ms);
}

static short events_of(const struct pollfd *fds, size_t n, unsigned poll_at)
{
	return poll_at > 0 && poll_at < n ? fds[poll_at].revents : 0;
}

static void step_work(struct resolver *resolver, const struct pollfd *fds, size_t n)
{
	struct work *work = resolver->work;

	for (int i = 0; i < RESOLVER_FLIGHTS; i++) {
		struct flight *flight = &work->flights[i];

		if (flight->is_used)
			forward_step(resolver, flight, events_of(fds, n, flight->poll_at));
	}
	for (int i = 0; i < RESOLVER_TCP_CLIENTS; i++) {
		struct client *client = &work->clients[i];
		/* What it waited for may have been answered just now: that is not yet polled. */
		unsigned poll_at = client->poll_at;

		client->poll_at = 0;
		if (client->is_used)
			tcp_step(resolver, client, events_of(fds, n, poll_at));
	}
}

/* Who is root of the namespace may destroy sockets there, sock_diag(7): a listener that listens no
 * more would be ready for ever. */
static void step_tcp(struct resolver *resolver, short revents)
{
	if (revents & (POLLERR | POLLHUP | POLLNVAL)) {
		closep(&resolver->tcp_fd);
		resolver->tcp_fd = -1;
	}
	for (int i = 0; resolver->tcp_fd >= 0 && revents && i < ACCEPTS_PER_STEP; i++)
		if (tcp_has_room(resolver))
			tcp_accept(resolver);
}

void resolver_step(struct resolver *resolver, const struct pollfd *fds, size_t n, int64_t now_ms)
{
	resolver->now_ms = now_ms;
	if (resolver->work)
		step_work(resolver, fds, n);
	if (n > AT_UDP && fds[AT_UDP].revents)
		step_udp(resolver);
	if (n > AT_TCP)
		step_tcp(resolver, fds[AT_TCP].revents);
	drop_idle_work(resolver);
}
