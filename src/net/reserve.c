/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port of all addresses is held by one socket on [::] that is of IPv4 too. It must not listen: of
 * what arrives there, only connections to [::1] are for us, and all others are to be refused as if
 * there was nobody. So a second socket listens at [::1]. The kernel lets both stand while they
 * share their addresses (SO_REUSEADDR) and the first one does not listen; then the first one stops
 * sharing, and nobody else can take the port.
 *
 * Binding without SO_REUSEADDR is also refused for what is left of a server's connections. Only
 * whether somebody listens counts: that is found by listening, with SO_REUSEADDR, for a moment.
 */
#include "net/reserve.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "net/firewall.h"
#include "sys/proc.h"
#include "sys/procstat.h"
#include "sys/rlimit.h"
#include "sys/sock_address.h"
#include "sys/sockets.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define BACKLOG	  128
#define SPARE_FDS 256 /* below the soft limit, for everything else */
#define TEXT_BYTES (IP_BYTES + 32)

/* What is being made. */
struct making {
	struct buf ports, listeners, fds; /* arrays of struct port, struct reserve_listener, int */
	const struct ip *host_ip;
	int lowest_fd; /* 0: any */
	struct port at; /* what is being tried, for errors */
};

/* ------------------------------------------------------------------------------- addresses */

static bool is_loopback6(const struct ip *ip)
{
	return ip->family == AF_INET6 && memcmp(ip->bytes, &in6addr_loopback, 16) == 0;
}

/* "8080", "[::1]:8080/udp", "8000-9000" */
static const char *format(const struct port *port, char ret[static TEXT_BYTES])
{
	const bool is_v6 = port->host_ip.family == AF_INET6, is_tcp = port->proto == IPPROTO_TCP;
	char ip[IP_BYTES], end[8] = "";

	if (port->host_end)
		(void)snprintf(end, sizeof(end), "-%u", port->host_end);
	(void)snprintf(ret, TEXT_BYTES, "%s%s%s%s%u%s%s%s", is_v6 ? "[" : "",
		       ip_format(&port->host_ip, ip), is_v6 ? "]" : "",
		       ip_is_set(&port->host_ip) ? ":" : "", port->host_port, end,
		       is_tcp ? "" : "/", is_tcp ? "" : port_proto_name(port->proto));
	return ret;
}

/* ", by 'nginx' (process 1234)", if that can be found. */
static void add_holder_name(const struct port *port, struct buf *out)
{
	auto_close int proc_fd = -1, pid_dir_fd = -1;
	struct procstat stat;
	struct err ignored;
	pid_t pid;

	if (proc_open(&proc_fd, &ignored) < 0 ||
	    sockets_find_process(proc_fd, port->proto, &port->host_ip, port->host_port, &pid,
				 &ignored) != 1 ||
	    proc_open_pid(proc_fd, pid, &pid_dir_fd) < 0 ||
	    procstat_read_at(pid_dir_fd, &stat) < 0)
		return;
	buf_puts(out, ", by '");
	(void)utf8_add_printable(out, stat.name, 32);
	buf_printf(out, "' (process %d)", pid);
}

static int explain_used(const struct port *port, struct err *err)
{
	auto_buf struct buf by = {};
	char text[TEXT_BYTES];

	if (!port->host_port)
		return err_set(err, ERR_CONFLICT, EADDRINUSE, "no port of %s is free on the host",
			       port_proto_name(port->proto));
	if (port->host_end)
		return err_set(err, ERR_CONFLICT, EADDRINUSE,
			       "all ports of %s are used on the host", format(port, text));
	add_holder_name(port, &by);
	return err_set(err, ERR_CONFLICT, EADDRINUSE, "port %s is already used on the host%s",
		       format(port, text), buf_str(&by));
}

static int explain(int no, const struct port *port, struct err *err)
{
	char text[TEXT_BYTES], ip[IP_BYTES];

	format(port, text);
	if (no == EADDRINUSE)
		return explain_used(port, err);
	if (no == EADDRNOTAVAIL)
		return err_set(err, ERR_NOT_FOUND, no, "port %s: the host has no address '%s'",
			       text, ip_format(&port->host_ip, ip));
	if (no == EPROTONOSUPPORT)
		return err_set(err, ERR_USAGE, no,
			       "no free port of %s can be chosen, for this kernel does not know it",
			       port_proto_name(port->proto));
	(void)err_sys(err, no, "reserve port %s", text);
	if (no == EACCES)
		return err_hint(err, "net.ipv4.ip_unprivileged_port_start says which ports are "
				     "free for all");
	if (no == EMFILE)
		return err_hint(err, "each port takes one or two descriptors: raise the hard limit "
				     "of open files (ulimit -Hn)");
	return -no;
}

/* ------------------------------------------------------------------------------- sockets */

static void set_option(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* Out of the way of the others, if that is wanted. Takes *fd. (Where the hard limit allows no such
 * number at all, fcntl(2) says EINVAL.) */
static int settle(const struct making *m, int *fd)
{
	int low = take_fd(fd), high;

	if (low < m->lowest_fd) {
		high = fcntl(low, F_DUPFD_CLOEXEC, m->lowest_fd);
		closep(&low);
		if (high < 0)
			return errno == EINVAL ? -EMFILE : -errno;
		return high;
	}
	return low;
}

static int open_socket(int family, uint8_t proto)
{
	const int type = proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);

	if (fd < 0)
		return errno == ESOCKTNOSUPPORT ? -EPROTONOSUPPORT : -errno;
	/* What gets to it is never read: the kernel is to keep as little of it as it can. */
	if (proto == IPPROTO_UDP)
		set_option(fd, SOL_SOCKET, SO_RCVBUF, 0);
	return fd;
}

/* No one else can have it then, and nobody listens. */
static int bind_alone(int fd, uint8_t proto, const union sock_address *to, socklen_t len)
{
	if (bind(fd, &to->any, len) == 0)
		return 0;
	if (errno != EADDRINUSE || proto != IPPROTO_TCP)
		return -errno;
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, &to->any, len) < 0 || listen(fd, 0) < 0 || shutdown(fd, SHUT_RD) < 0)
		return -errno;
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 0);
	return 0;
}

static int find_port(int fd, uint16_t *ret)
{
	union sock_address at;
	socklen_t len = sizeof(at);

	if (getsockname(fd, &at.any, &len) < 0)
		return -errno;
	*ret = sock_address_port(&at);
	return 0;
}

/* *port 0: any. -EAFNOSUPPORT: there is no IPv6. */
static int hold(const struct ip *ip, bool is_dual, uint8_t proto, uint16_t *port)
{
	union sock_address to;
	const socklen_t len = sock_address_fill(ip, *port, &to);
	auto_close int fd = open_socket(ip->family, proto);
	int r = 0;

	if (fd < 0)
		return take_fd(&fd);
	if (ip->family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !is_dual);
	r = bind_alone(fd, proto, &to, len);
	if (r == 0 && *port == 0)
		r = find_port(fd, port);
	return r < 0 ? r : take_fd(&fd);
}

static int listen_loopback6(uint16_t *port)
{
	const union sock_address to = { .ip6 = { .sin6_family = AF_INET6,
					    .sin6_port = htons(*port),
					    .sin6_addr = IN6ADDR_LOOPBACK_INIT } };
	auto_close int fd = open_socket(AF_INET6, IPPROTO_TCP);

	if (fd < 0)
		return take_fd(&fd);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, &to.any, sizeof(to.ip6)) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	if (*port == 0 && find_port(fd, port) < 0)
		return -errno;
	return take_fd(&fd);
}

static int add_listener(struct making *m, int *fd, uint16_t port)
{
	const struct reserve_listener listener = { .fd = settle(m, fd), .port = port };

	if (listener.fd < 0)
		return listener.fd;
	buf_add(&m->listeners, &listener, sizeof(listener));
	return 0;
}

static int add_holder(struct making *m, int *fd)
{
	const int settled = settle(m, fd);

	if (settled < 0)
		return settled;
	buf_add(&m->fds, &settled, sizeof(settled));
	return 0;
}

/* Beside `holder`, which has the port of [::] already. A host whose loopback device has no IPv6
 * needs none. */
static int listen_beside(struct making *m, int holder, uint16_t host_port, uint16_t port)
{
	auto_close int fd = -1;

	set_option(holder, SOL_SOCKET, SO_REUSEADDR, 1);
	fd = listen_loopback6(&host_port);
	set_option(holder, SOL_SOCKET, SO_REUSEADDR, 0);
	if (fd == -EADDRNOTAVAIL)
		return 0;
	return fd < 0 ? fd : add_listener(m, &fd, port);
}

/* One port; `port->host_port` 0: any, and it is set. Returns -errno without words. */
static int reserve_one(struct making *m, struct port *port)
{
	static const struct ip any4 = { .family = AF_INET }, any6 = { .family = AF_INET6 };
	const bool is_dual = !ip_is_set(&port->host_ip), is_tcp = port->proto == IPPROTO_TCP;
	const struct ip *ip = is_dual ? &any6 : &port->host_ip;
	auto_close int fd = -1;
	int r = 0;

	if (is_tcp && is_loopback6(ip)) {
		fd = listen_loopback6(&port->host_port);
		return fd < 0 ? fd : add_listener(m, &fd, port->port);
	}
	fd = hold(ip, is_dual, port->proto, &port->host_port);
	if (fd == -EAFNOSUPPORT && is_dual)
		fd = hold(ip = &any4, false, port->proto, &port->host_port);
	/* Where the kernel has no such protocol no server can be in the way. */
	if (fd == -EPROTONOSUPPORT && port->host_port)
		return 0;
	if (fd < 0)
		return fd;
	if (is_tcp && ip->family == AF_INET6 && ip_is_any(ip))
		r = listen_beside(m, fd, port->host_port, port->port);
	return r < 0 ? r : add_holder(m, &fd);
}

/* ------------------------------------------------------------------------------- ports */

static bool is_fixed(const struct port *port)
{
	return port->host_port && !port->host_end;
}

static bool is_range(const struct port *port)
{
	return port->host_end;
}

static bool is_free(const struct port *port)
{
	return !port->host_port;
}

static void add_port(struct making *m, const struct port *port)
{
	struct port *last = NULL;

	if (m->ports.len)
		last = (void *)(m->ports.data + m->ports.len - sizeof(*last));
	if (last && last->proto == port->proto &&
	    ip_compare(&last->host_ip, &port->host_ip) == 0 &&
	    last->host_port + last->n == port->host_port && last->port + last->n == port->port)
		last->n++;
	else
		buf_add(&m->ports, port, sizeof(*port));
}

/* One that is free of a range, or the only one. */
static int reserve_first(struct making *m, const struct port *port, struct err *err)
{
	const unsigned last = port->host_end ? port->host_end : port->host_port;
	struct port one = *port;
	int r = -EADDRINUSE;

	one.host_end = 0;
	for (unsigned i = port->host_port; i <= last && r == -EADDRINUSE; i++) {
		one.host_port = (uint16_t)i;
		r = reserve_one(m, &one);
	}
	if (r < 0) {
		m->at = *port;
		return explain(-r, port, err);
	}
	add_port(m, &one);
	return 0;
}

static int reserve_row(struct making *m, const struct port *port, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; i < port->n && r == 0; i++) {
		struct port one = *port;

		one.n = 1;
		one.port = (uint16_t)(port->port + i);
		if (is_fixed(port))
			one.host_port = (uint16_t)(port->host_port + i);
		if (!ip_is_set(&one.host_ip))
			one.host_ip = *m->host_ip;
		r = reserve_first(m, &one, err);
	}
	return r;
}

static int reserve_all(struct making *m, const struct port *ports, size_t n, struct err *err)
{
	static bool (*const turns[])(const struct port *) = { is_fixed, is_range, is_free };
	int r = 0;

	for (size_t turn = 0; turn < sizeof(turns) / sizeof(turns[0]); turn++)
		for (size_t i = 0; i < n && r == 0; i++)
			if (turns[turn](&ports[i]))
				r = reserve_row(m, &ports[i], err);
	return r;
}

/* ------------------------------------------------------------------------------- the whole */

/* How many sockets there can be. */
static uint64_t count_sockets(const struct port *ports, size_t n)
{
	uint64_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += ports[i].n * (ports[i].proto == IPPROTO_TCP ? 2U : 1U);
	return count;
}

/* Numbers that were given stay good when the limit is lowered again. */
static void make_room(struct making *m, uint64_t count, const struct rlimit_value *limit)
{
	struct rlimit_value more = *limit;

	if (count + SPARE_FDS <= limit->soft || limit->soft > INT32_MAX)
		return;
	more.soft += count + 1;
	if (more.soft > more.hard)
		more.soft = more.hard;
	if (rlimit_set(&more) == 0)
		m->lowest_fd = (int)limit->soft;
}

int reserve_open(struct reserve *ret, const struct port *ports, size_t n, const struct ip *host_ip,
		 struct err *err)
{
	struct rlimit_value limit = { .resource = RLIMIT_NOFILE };
	struct making m = { .host_ip = host_ip };
	struct reserve made;
	int r = rlimit_get(&limit);

	if (r < 0)
		return err_sys(err, -r, "read RLIMIT_NOFILE");
	make_room(&m, count_sockets(ports, n), &limit);
	r = reserve_all(&m, ports, n, err);
	if (m.lowest_fd)
		(void)rlimit_set(&limit);
	made = (struct reserve){
		.ports = (void *)m.ports.data,
		.n_ports = m.ports.len / sizeof(*made.ports),
		.listeners = (void *)m.listeners.data,
		.n_listeners = m.listeners.len / sizeof(*made.listeners),
		.fds = (void *)m.fds.data,
		.n_fds = m.fds.len / sizeof(*made.fds),
	};
	if (r < 0) {
		reserve_close(&made);
		ret->taken = m.at;
		return r;
	}
	*ret = made;
	return 0;
}

void reserve_release(struct reserve *reserve)
{
	for (size_t i = 0; i < reserve->n_fds; i++)
		closep(&reserve->fds[i]);
	for (size_t i = 0; i < reserve->n_listeners; i++)
		closep(&reserve->listeners[i].fd);
	reserve->n_fds = reserve->n_listeners = 0;
}

void reserve_close(struct reserve *reserve)
{
	reserve_release(reserve);
	free(reserve->ports);
	free(reserve->listeners);
	free(reserve->fds);
	*reserve = (struct reserve){};
}

/* ------------------------------------------------------------------------------- holders */

struct search {
	const struct port *taken;
	char *id;
	bool is_found;
};

static void compare(const struct firewall_port *stands, const char *container_id, void *arg)
{
	struct search *search = arg;
	const struct port *taken = search->taken;
	const unsigned last = taken->host_end ? taken->host_end : taken->host_port + taken->n - 1U;

	if (search->is_found || stands->proto != taken->proto ||
	    stands->host_port < taken->host_port || stands->host_port > last ||
	    !port_addresses_overlap(&stands->host_ip, &taken->host_ip))
		return;
	(void)snprintf(search->id, NFT_COMMENT_MAX + 1, "%s", container_id);
	search->is_found = true;
}

int reserve_find_holder(struct nft *nft, const struct port *taken,
			char ret_id[static NFT_COMMENT_MAX + 1], struct err *err)
{
	struct search search = { .taken = taken, .id = ret_id };
	int r = firewall_each_port(nft, compare, &search, err);

	if (r < 0 && r != -ENOENT)
		return r;
	return search.is_found;
}
