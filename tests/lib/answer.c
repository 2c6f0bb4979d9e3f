/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	answer serve NAME PORT...	at these ports, by TCP and UDP: who asks is told "NAME
 *					ADDRESS", where ADDRESS is the one that he is seen by
 *	answer ask tcp|udp ADDRESS PORT [FROM]
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

static int listen_at(int type, const char *port)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(atoi(port)) };
	int fd = socket(AF_INET6, type, 0), on = 1, off = 0;

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
		fds[2 * i] = (struct pollfd){ listen_at(SOCK_STREAM, ports[i]), POLLIN, 0 };
		fds[2 * i + 1] = (struct pollfd){ listen_at(SOCK_DGRAM, ports[i]), POLLIN, 0 };
	}
	puts("ready");
	fflush(stdout);
	while (poll(fds, 2 * n, -1) > 0)
		for (int i = 0; i < 2 * n; i++)
			if (fds[i].revents)
				answer(fds[i].fd, i % 2 ? SOCK_DGRAM : SOCK_STREAM, name);
	return 1;
}

static int connect_to(int type, const char *address, const char *port, const char *from)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(atoi(from)) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = v4.sin_port };
	int is_v6 = strchr(address, ':') != NULL;
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, type, 0);

	if (inet_pton(is_v6 ? AF_INET6 : AF_INET, address,
		      is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1)
		die(address);
	if (!is_v6 && bind(fd, (void *)&own, sizeof(own)) < 0)
		die("bind");
	if (connect(fd, is_v6 ? (void *)&v6 : (void *)&v4, is_v6 ? sizeof(v6) : sizeof(v4)) < 0)
		die("connect");
	return fd;
}

static int ask(int type, const char *address, const char *port, const char *from)
{
	int fd = connect_to(type, address, port, from ? from : "0");
	char text[256];
	ssize_t n;

	if (type == SOCK_DGRAM && send(fd, "?", 1, 0) < 0)
		die("send");
	n = recv(fd, text, sizeof(text), 0);
	if (n <= 0)
		die("recv");
	return fwrite(text, 1, n, stdout) != (size_t)n;
}

static int tell(const char *address, const char *port)
{
	int fd = connect_to(SOCK_DGRAM, address, port, "0");

	return send(fd, "?", 1, 0) != 1;
}

int main(int argc, char **argv)
{
	if (argc > 3 && argc <= 3 + PORTS_MAX && strcmp(argv[1], "serve") == 0)
		return serve(argv[2], argv + 3, argc - 3);
	if ((argc == 5 || argc == 6) && strcmp(argv[1], "ask") == 0)
		return ask(strcmp(argv[2], "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM, argv[3], argv[4],
			   argv[5]);
	if (argc == 4 && strcmp(argv[1], "tell") == 0)
		return tell(argv[2], argv[3]);
	return 2;
}
