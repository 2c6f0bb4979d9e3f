/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients by TCP. Each has one query at a time, and the next is read when its answer has left: who
 * sends many waits for himself only. Who neither sends nor takes is dropped after CLIENT_MS; when
 * all places are taken, whoever has been sending for longest makes room for who comes.
 */
#include "net/resolver_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void tcp_close(struct resolver *resolver, struct client *client)
{
	struct flight *flight = client->flight;

	(void)close(client->fd);
	client->fd = -1;
	client->is_used = false;
	if (flight)
		forward_end(resolver, flight);
	work_release(resolver);
}

static bool is_idle(const struct client *client)
{
	return client->is_used && !client->flight && client->out_len == 0;
}

/* A free place, or the idle client whose time is up first; NULL: all are being served. */
static struct client *find_place(struct work *work)
{
	struct client *idle = NULL;

	for (int i = 0; i < RESOLVER_TCP_CLIENTS; i++) {
		struct client *client = &work->clients[i];

		if (!client->is_used)
			return client;
		if (is_idle(client) && (!idle || client->deadline_ms < idle->deadline_ms))
			idle = client;
	}
	return idle;
}

bool tcp_has_room(const struct resolver *resolver)
{
	return !resolver->work || find_place(resolver->work);
}

void tcp_accept(struct resolver *resolver)
{
	int fd = accept4(resolver->tcp_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct work *work = fd >= 0 ? work_ensure(resolver) : NULL;
	struct client *client = work ? find_place(work) : NULL;

	if (!client) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	resolver->n_busy++;
	if (client->is_used)
		tcp_close(resolver, client);
	client->is_used = true;
	client->fd = fd;
	client->poll_at = 0;
	client->flight = NULL;
	client->in_len = client->out_len = client->out_done = 0;
	client->deadline_ms = resolver->now_ms + CLIENT_MS;
}

/* Send what is left of an answer. False: the client is gone. */
static bool send_answer(struct resolver *resolver, struct client *client)
{
	ssize_t n = send(client->fd, client->out + client->out_done,
			 client->out_len - client->out_done, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		tcp_close(resolver, client);
		return false;
	}
	client->out_done += n > 0 ? (size_t)n : 0;
	if (client->out_done == client->out_len) {
		client->in_len = client->out_len = client->out_done = 0;
		client->deadline_ms = resolver->now_ms + CLIENT_MS;
	}
	return true;
}

void tcp_deliver(struct resolver *resolver, struct client *client, size_t len)
{
	client->out[0] = (uint8_t)(len >> 8);
	client->out[1] = (uint8_t)len;
	client->out_len = PREFIX_BYTES + len;
	client->out_done = 0;
	client->deadline_ms = resolver->now_ms + CLIENT_MS;
	(void)send_answer(resolver, client);
}

/* The whole query is there. */
static void take_query(struct resolver *resolver, struct client *client)
{
	const struct origin origin = { .client = client };
	size_t len = resolver_query(resolver, client->in + PREFIX_BYTES,
				    client->in_len - PREFIX_BYTES, &origin,
				    client->out + PREFIX_BYTES);

	if (len > 0)
		tcp_deliver(resolver, client, len);
	else if (client->is_used && !client->flight && client->out_len == 0 && client->in_len > 0)
		tcp_close(resolver, client);
}

static void receive_query(struct resolver *resolver, struct client *client)
{
	size_t want = PREFIX_BYTES;
	ssize_t n;

	if (client->in_len >= PREFIX_BYTES)
		want += (size_t)(client->in[0] << 8 | client->in[1]);
	n = recv(client->fd, client->in + client->in_len, want - client->in_len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		tcp_close(resolver, client);
		return;
	}
	client->in_len += (size_t)n;
	if (client->in_len < PREFIX_BYTES)
		return;
	want = PREFIX_BYTES + (size_t)(client->in[0] << 8 | client->in[1]);
	if (want < PREFIX_BYTES + DNS_HEADER_BYTES || want > sizeof(client->in))
		tcp_close(resolver, client);
	else if (client->in_len == want)
		take_query(resolver, client);
}

void tcp_step(struct resolver *resolver, struct client *client, short revents)
{
	if (client->flight) {
		if (revents & (POLLERR | POLLHUP))
			tcp_close(resolver, client);
		return; /* the flight has a deadline of its own */
	}
	if (revents && client->out_len > 0)
		(void)send_answer(resolver, client);
	else if (revents)
		receive_query(resolver, client);
	/* A byte now and then gives nobody more time. */
	if (client->is_used && !client->flight && resolver->now_ms >= client->deadline_ms)
		tcp_close(resolver, client);
}
