/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection has two sockets, of the client and of the container, and two flows, each from one
 * socket to the other by way of a pipe. A flow takes from its socket only when its pipe is empty,
 * so there is never a doubt whether it was the socket or the pipe that had nothing to give or no
 * room. A pipe that is empty is given back: while all goes well one pipe serves all.
 *
 * There are two epoll instances, of the listeners and of the connections, so that a thousand
 * listeners cost nothing while they are silent, and all of them can be left alone at once when
 * there is no place. A socket from which nothing is wanted now is watched for nothing: that it has
 * hung up would be told again and again.
 */
#include "net/splices.h"

#include "base/cleanup.h"
#include "sys/sock_address.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define N_OF(array) (sizeof(array) / sizeof(*(array)))

enum {
	AT_CONNECTIONS = 0, AT_LISTENERS = 1,
	CLIENT = 0, CONTAINER = 1, /* the sides of a connection */
	CHUNK_BYTES = 65536,       /* what a pipe holds */
	MOVES_PER_STEP = 16,       /* so that others have their turn */
	EVENTS_PER_STEP = 64,
	ACCEPTS_PER_STEP = 16,
	CONNECT_MS = 10000, /* how long the container has to answer, at each address */
	PAUSE_MS = 1000,    /* no more is accepted for so long when descriptors have run out */
};

/* From the side of its number to the other one. */
struct flow {
	int pipe[2]; /* -1: it has none now */
	size_t held; /* bytes in the pipe */
	bool is_ended; /* nothing more comes */
	bool is_passed; /* and the other side knows */
};

struct connection {
	bool is_used, is_connecting;
	int fds[2];
	uint32_t watched[2]; /* events */
	struct flow flows[2];
	unsigned tries; /* addresses that were tried */
	uint16_t port;
	int64_t deadline_ms; /* of connecting */
};

struct splices {
	int epoll_fds[SPLICES_POLLS];
	const struct reserve_listener *listeners;
	struct ip ips[2];
	int spare[2]; /* an empty pipe; -1: none */
	bool is_paused;
	int64_t paused_until_ms, now_ms;
	unsigned n_used;
	struct connection connections[SPLICES_MAX];
};

/* ------------------------------------------------------------------------------- pipes */

static void close_pipe(int pipe[2])
{
	closep(&pipe[0]);
	closep(&pipe[1]);
	pipe[0] = pipe[1] = -1;
}

static int flow_take_pipe(struct splices *splices, struct flow *flow)
{
	if (flow->pipe[0] >= 0)
		return 0;
	if (splices->spare[0] < 0)
		return pipe2(flow->pipe, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0;
	memcpy(flow->pipe, splices->spare, sizeof(flow->pipe));
	splices->spare[0] = splices->spare[1] = -1;
	return 0;
}

static void flow_give_pipe(struct splices *splices, struct flow *flow)
{
	if (flow->pipe[0] < 0 || flow->held > 0)
		return;
	if (splices->spare[0] >= 0) {
		close_pipe(flow->pipe);
		return;
	}
	memcpy(splices->spare, flow->pipe, sizeof(flow->pipe));
	flow->pipe[0] = flow->pipe[1] = -1;
}

/* ------------------------------------------------------------------------------- flows */

/* Before urgent data splice(2) stops for good, though what is polled stays ready. Behind it, where
 * recv(2) gets us, it goes on. The pipe is empty, so it takes the whole. */
static ssize_t pass_urgent(const struct flow *flow, int fd)
{
	char bytes[256];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	return n > 0 ? write(flow->pipe[1], bytes, (size_t)n) : n;
}

static int flow_fill(struct splices *splices, struct flow *flow, int fd)
{
	int r = flow_take_pipe(splices, flow);
	ssize_t n;

	if (r < 0)
		return r;
	n = splice(fd, NULL, flow->pipe[1], NULL, CHUNK_BYTES,
		     SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n < 0 && errno == EAGAIN)
		n = pass_urgent(flow, fd);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	flow->held = (size_t)n;
	flow->is_ended = n == 0;
	return 0;
}

static int flow_drain(struct flow *flow, int fd)
{
	ssize_t n = splice(flow->pipe[0], NULL, fd, NULL, flow->held,
			     SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	flow->held -= (size_t)n;
	return 0;
}

/* Move what can be moved now. -errno: the connection is broken. */
static int flow_step(struct splices *splices, struct connection *c, int side)
{
	struct flow *flow = &c->flows[side];
	bool is_moving = true;
	int r = 0;

	for (int i = 0; i < MOVES_PER_STEP && is_moving && r == 0; i++) {
		if (flow->held == 0 && !flow->is_ended)
			r = flow_fill(splices, flow, c->fds[side]);
		is_moving = flow->held > 0;
		if (is_moving && r == 0)
			r = flow_drain(flow, c->fds[!side]);
		is_moving = is_moving && flow->held == 0;
	}
	flow_give_pipe(splices, flow);
	if (r == 0 && flow->is_ended && flow->held == 0 && !flow->is_passed) {
		flow->is_passed = true;
		r = shutdown(c->fds[!side], SHUT_WR) < 0 ? -errno : 0;
	}
	return r;
}

/* ------------------------------------------------------------------------------- watching */

static uint32_t wanted(const struct connection *c, int side)
{
	if (c->is_connecting)
		return side == CONTAINER ? EPOLLOUT : 0;
	return (c->flows[side].held == 0 && !c->flows[side].is_ended ? EPOLLIN : 0U) |
	       (c->flows[!side].held > 0 ? EPOLLOUT : 0U);
}

static int watch(struct splices *splices, struct connection *c, int side)
{
	const uint32_t events = wanted(c, side), before = c->watched[side];
	struct epoll_event event = {
		.events = events,
		.data.u32 = (uint32_t)(c - splices->connections) * 2 + (uint32_t)side,
	};
	const int op = !events ? EPOLL_CTL_DEL : !before ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (events == before)
		return 0;
	c->watched[side] = events;
	if (epoll_ctl(splices->epoll_fds[AT_CONNECTIONS], op, c->fds[side], &event) < 0)
		return -errno;
	return 0;
}

/* ------------------------------------------------------------------------------- connections */

/* A process that was forked meanwhile may have the socket too, so it would not leave the epoll by
 * itself. */
static void close_side(struct splices *splices, struct connection *c, int side, bool is_reset)
{
	const struct linger at_once = { .l_onoff = 1 };

	if (c->watched[side])
		(void)epoll_ctl(splices->epoll_fds[AT_CONNECTIONS], EPOLL_CTL_DEL, c->fds[side],
				NULL);
	if (is_reset)
		(void)setsockopt(c->fds[side], SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	closep(&c->fds[side]);
	c->fds[side] = -1;
	c->watched[side] = 0;
}

static void connection_end(struct splices *splices, struct connection *c, bool is_reset)
{
	for (int side = 0; side < 2; side++) {
		if (c->fds[side] >= 0)
			close_side(splices, c, side, is_reset);
		close_pipe(c->flows[side].pipe);
	}
	c->is_used = false;
	splices->n_used--;
}

static void set_on(int fd, int level, int option)
{
	const int on = 1;

	(void)setsockopt(fd, level, option, &on, sizeof(on));
}

static int start_connect(struct connection *c, const struct ip *ip)
{
	union sock_address to;
	const socklen_t len = sock_address_fill(ip, c->port, &to);
	auto_close int fd = socket(ip->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	set_on(fd, IPPROTO_TCP, TCP_NODELAY);
	set_on(fd, SOL_SOCKET, SO_OOBINLINE);
	set_on(fd, SOL_SOCKET, SO_KEEPALIVE);
	if (connect(fd, &to.any, len) < 0 && errno != EINPROGRESS)
		return -errno;
	c->fds[CONTAINER] = take_fd(&fd);
	return 0;
}

/* Go to the next of the container's addresses. -errno: there is none that answers. */
static int connect_next(struct splices *splices, struct connection *c)
{
	int r = -ECONNREFUSED;

	if (c->fds[CONTAINER] >= 0)
		close_side(splices, c, CONTAINER, false);
	while (r < 0 && c->tries < N_OF(splices->ips)) {
		const struct ip *ip = &splices->ips[c->tries++];

		if (ip_is_set(ip))
			r = start_connect(c, ip);
	}
	c->deadline_ms = splices->now_ms + CONNECT_MS;
	return r < 0 ? r : watch(splices, c, CONTAINER);
}

static int finish_connect(struct splices *splices, struct connection *c)
{
	int no = 0;
	socklen_t len = sizeof(no);

	if (getsockopt(c->fds[CONTAINER], SOL_SOCKET, SO_ERROR, &no, &len) < 0 || no)
		return connect_next(splices, c);
	c->is_connecting = false;
	return 0;
}

static int move_all(struct splices *splices, struct connection *c)
{
	int r = flow_step(splices, c, CLIENT);

	if (r == 0)
		r = flow_step(splices, c, CONTAINER);
	if (r == 0)
		r = watch(splices, c, CLIENT);
	return r < 0 ? r : watch(splices, c, CONTAINER);
}

static void connection_step(struct splices *splices, struct connection *c)
{
	int r = c->is_connecting ? finish_connect(splices, c) : 0;

	if (r == 0 && !c->is_connecting)
		r = move_all(splices, c);
	if (r < 0)
		connection_end(splices, c, true);
	else if (c->flows[CLIENT].is_passed && c->flows[CONTAINER].is_passed)
		connection_end(splices, c, false);
}

/* ------------------------------------------------------------------------------- coming in */

static struct connection *find_place(struct splices *splices)
{
	for (unsigned i = 0; i < SPLICES_MAX; i++)
		if (!splices->connections[i].is_used)
			return &splices->connections[i];
	return NULL;
}

/* Who comes is still there when we go on. */
static void pause_on(struct splices *splices, int no)
{
	if (no != EMFILE && no != ENFILE && no != ENOBUFS && no != ENOMEM)
		return;
	splices->is_paused = true;
	splices->paused_until_ms = splices->now_ms + PAUSE_MS;
}

static void accept_one(struct splices *splices, const struct reserve_listener *listener)
{
	struct connection *c = find_place(splices);
	int fd;

	if (!c || splices->is_paused)
		return;
	fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		pause_on(splices, errno);
		return;
	}
	set_on(fd, IPPROTO_TCP, TCP_NODELAY);
	set_on(fd, SOL_SOCKET, SO_OOBINLINE);
	*c = (struct connection){
		.is_used = true,
		.is_connecting = true,
		.fds = { fd, -1 },
		.flows = { { .pipe = { -1, -1 } }, { .pipe = { -1, -1 } } },
		.port = listener->port,
	};
	splices->n_used++;
	if (connect_next(splices, c) < 0)
		connection_end(splices, c, true);
}

static void accept_some(struct splices *splices)
{
	struct epoll_event events[ACCEPTS_PER_STEP];
	int n = epoll_wait(splices->epoll_fds[AT_LISTENERS], events, N_OF(events), 0);

	for (int i = 0; i < n; i++)
		accept_one(splices, &splices->listeners[events[i].data.u32]);
}

/* ------------------------------------------------------------------------------- life */

static int open_epolls(struct splices *splices, size_t n_listeners, struct err *err)
{
	for (int i = 0; i < SPLICES_POLLS; i++) {
		splices->epoll_fds[i] = epoll_create1(EPOLL_CLOEXEC);
		if (splices->epoll_fds[i] < 0)
			return err_sys(err, errno, "open an epoll instance");
	}
	for (size_t i = 0; i < n_listeners; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = (uint32_t)i };

		if (epoll_ctl(splices->epoll_fds[AT_LISTENERS], EPOLL_CTL_ADD,
			      splices->listeners[i].fd, &event) < 0)
			return err_sys(err, errno, "watch a socket at [::1]");
	}
	return 0;
}

int splices_open(struct splices **ret, const struct reserve_listener *listeners, size_t n,
		const struct ip ips[static 2], struct err *err)
{
	struct splices *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return err_sys(err, ENOMEM, "watch the ports at [::1]");
	*made = (struct splices){
		.epoll_fds = { -1, -1 },
		.listeners = listeners,
		.spare = { -1, -1 },
	};
	splices_set_ips(made, ips);
	r = open_epolls(made, n, err);
	if (r < 0)
		splices_close(&made);
	else
		*ret = made;
	return r;
}

void splices_set_ips(struct splices *splices, const struct ip ips[static 2])
{
	memcpy(splices->ips, ips, sizeof(splices->ips));
}

void splices_close(struct splices **splices)
{
	struct splices *old = *splices;

	*splices = NULL;
	if (!old)
		return;
	for (unsigned i = 0; i < SPLICES_MAX; i++)
		if (old->connections[i].is_used)
			connection_end(old, &old->connections[i], true);
	close_pipe(old->spare);
	for (int i = 0; i < SPLICES_POLLS; i++)
		closep(&old->epoll_fds[i]);
	free(old);
}

/* ------------------------------------------------------------------------------- turns */

size_t splices_poll(const struct splices *splices, struct pollfd *fds)
{
	const bool has_room = splices->n_used < SPLICES_MAX && !splices->is_paused;

	fds[AT_CONNECTIONS] = (struct pollfd){ .fd = splices->epoll_fds[AT_CONNECTIONS],
					       .events = POLLIN };
	fds[AT_LISTENERS] = (struct pollfd){ .fd = has_room ? splices->epoll_fds[AT_LISTENERS] : -1,
					     .events = POLLIN };
	return SPLICES_POLLS;
}

int splices_timeout_ms(const struct splices *splices, int64_t now_ms)
{
	int64_t first = splices->is_paused ? splices->paused_until_ms : INT64_MAX;

	for (unsigned i = 0; splices->n_used > 0 && i < SPLICES_MAX; i++) {
		const struct connection *c = &splices->connections[i];

		if (c->is_used && c->is_connecting && c->deadline_ms < first)
			first = c->deadline_ms;
	}
	if (first == INT64_MAX)
		return -1;
	return first <= now_ms ? 0 : (int)(first - now_ms);
}

static void step_connections(struct splices *splices)
{
	struct epoll_event events[EVENTS_PER_STEP];
	int n = epoll_wait(splices->epoll_fds[AT_CONNECTIONS], events, N_OF(events), 0);

	for (int i = 0; i < n; i++) {
		struct connection *c = &splices->connections[events[i].data.u32 / 2];

		if (c->is_used)
			connection_step(splices, c);
	}
}

static void give_up_late(struct splices *splices)
{
	for (unsigned i = 0; splices->n_used > 0 && i < SPLICES_MAX; i++) {
		struct connection *c = &splices->connections[i];

		if (c->is_used && c->is_connecting && splices->now_ms >= c->deadline_ms &&
		    connect_next(splices, c) < 0)
			connection_end(splices, c, true);
	}
}

void splices_step(struct splices *splices, const struct pollfd *fds, size_t n, int64_t now_ms)
{
	splices->now_ms = now_ms;
	if (now_ms >= splices->paused_until_ms)
		splices->is_paused = false;
	if (n > AT_CONNECTIONS && fds[AT_CONNECTIONS].revents)
		step_connections(splices);
	give_up_late(splices);
	if (n > AT_LISTENERS && fds[AT_LISTENERS].revents)
		accept_some(splices);
}
