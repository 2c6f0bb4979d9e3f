/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	answer serve NAME PORT...	at these ports, by TCP and UDP, or SCTP alone ("80/sctp"):
 *					who asks is told "NAME ADDRESS", where ADDRESS is the one
 *					that he is seen by
 *	answer ask tcp|udp|sctp ADDRESS PORT [FROM]
 *					ask there, from the port FROM, and print what is told
 *	answer tell ADDRESS PORT	send a datagram, and don't wait
 *
 * Who serves prints "ready", and then each ADDRESS.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORTS_MAX 16

static int die(const char *what)
{
	perror(what);
	exit(1);
}

static int type_of(int protocol)
{
	return protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
}

static int listen_at(int protocol, const char *port)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(atoi(port)) };
	int type = type_of(protocol), fd = socket(AF_INET6, type, protocol), on = 1, off = 0;

	if (fd < 0)
		die("socket");

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (void *)&at, sizeof(at)) < 0)
		die("bind");
	if (type == SOCK_STREAM && listen(fd, 64) < 0)
		die("listen");
	return fd;
}

static void answer(int fd, int type, const char *name)
{
	char who[INET6_ADDRSTRLEN], text[256];
	struct sockaddr_in6 from = {};
	socklen_t len = sizeof(from);
	const char *shown = who;
	int conn = fd, n;

	if (type == SOCK_STREAM)
		conn = accept(fd, (void *)&from, &len);
	else if (recvfrom(fd, text, sizeof(text), 0, (void *)&from, &len) < 0)
		return;
	if (conn < 0)
		return;
	inet_ntop(AF_INET6, &from.sin6_addr, who, sizeof(who));
	if (IN6_IS_ADDR_V4MAPPED(&from.sin6_addr))
		shown = strrchr(who, ':') + 1;
	n = snprintf(text, sizeof(text), "%s %s\n", name, shown);
	printf("%s\n", shown);
	fflush(stdout);
	sendto(conn, text, n, MSG_NOSIGNAL, type == SOCK_STREAM ? NULL : (void *)&from,
	       type == SOCK_STREAM ? 0 : len);
	if (type == SOCK_STREAM)
		close(conn);
}

static int serve(const char *name, char **ports, int n)
{
	struct pollfd fds[2 * PORTS_MAX];

	for (int i = 0; i < n; i++) {
		int is_sctp = strstr(ports[i], "/sctp") != NULL;
		int stream = listen_at(is_sctp ? IPPROTO_SCTP : IPPROTO_TCP, ports[i]);
		int datagrams = is_sctp ? -1 : listen_at(IPPROTO_UDP, ports[i]);

		fds[2 * i] = (struct pollfd){ stream, POLLIN, 0 };
		fds[2 * i + 1] = (struct pollfd){ datagrams, POLLIN, 0 };
	}
	puts("ready");
	fflush(stdout);
	while (poll(fds, 2 * n, -1) > 0)
		for (int i = 0; i < 2 * n; i++)
			if (fds[i].revents)
				answer(fds[i].fd, i % 2 ? SOCK_DGRAM : SOCK_STREAM, name);
	return 1;
}

static int connect_to(int protocol, const char *address, const char *port, const char *from)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(atoi(from)) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = v4.sin_port };
	int is_v6 = strchr(address, ':') != NULL;
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, type_of(protocol), protocol);

	if (fd < 0)
		die("socket");
	if (inet_pton(is_v6 ? AF_INET6 : AF_INET, address,
		      is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1)
		die(address);
	if (!is_v6 && bind(fd, (void *)&own, sizeof(own)) < 0)
		die("bind");
	if (connect(fd, is_v6 ? (void *)&v6 : (void *)&v4, is_v6 ? sizeof(v6) : sizeof(v4)) < 0)
		die("connect");
	return fd;
}

static int ask(int protocol, const char *address, const char *port, const char *from)
{
	int fd = connect_to(protocol, address, port, from ? from : "0");
	char text[256];
	ssize_t n;

	if (protocol == IPPROTO_UDP && send(fd, "?", 1, 0) < 0)
		die("send");
	n = recv(fd, text, sizeof(text), 0);
	if (n <= 0)
		die("recv");
	return fwrite(text, 1, n, stdout) != (size_t)n;
}

static int tell(const char *address, const char *port)
{
	int fd = connect_to(IPPROTO_UDP, address, port, "0");

	return send(fd, "?", 1, 0) != 1;
}

static int protocol_of(const char *name)
{
	return strcmp(name, "sctp") == 0  ? IPPROTO_SCTP
	       : strcmp(name, "tcp") == 0 ? IPPROTO_TCP
					  : IPPROTO_UDP;
}

int main(int argc, char **argv)
{
	if (argc > 3 && argc <= 3 + PORTS_MAX && strcmp(argv[1], "serve") == 0)
		return serve(argv[2], argv + 3, argc - 3);
	if ((argc == 5 || argc == 6) && strcmp(argv[1], "ask") == 0)
		return ask(protocol_of(argv[2]), argv[3], argv[4], argv[5]);
	if (argc == 4 && strcmp(argv[1], "tell") == 0)
		return tell(argv[2], argv[3]);
	return 2;
}
