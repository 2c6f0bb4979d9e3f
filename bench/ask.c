/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the first name server of /etc/resolv.conf for the IPv4 address of a name, so many times, one
 * question after another, and prints the median and the 90th percentile of the microseconds until
 * the answer. An answer without an address ends it. RFC 1035.
 *
 *	ask NAME TIMES
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER_BYTES = 12, TYPE_A = 1, CLASS_IN = 1, MAX_TIMES = 100000 };

static uint32_t took_ns[MAX_TIMES];

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

static int server_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53) };
	char line[256], address[64] = "";
	FILE *conf = fopen("/etc/resolv.conf", "re");
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	while (conf && !*address && fgets(line, sizeof(line), conf))
		if (sscanf(line, "nameserver %63s", address) != 1)
			*address = '\0';
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || fd < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("ask: no name server");
	return fd;
}

/* The question, with the recursion bit set; returns its length. */
static size_t question(const char *name, uint8_t out[static 512])
{
	uint8_t *end = out + HEADER_BYTES;

	memset(out, 0, HEADER_BYTES);
	out[2] = 1;
	out[5] = 1;
	while (*name) {
		size_t n = strcspn(name, ".");

		if (n == 0 || n > 63 || end + n > out + 400)
			exit(2);
		*end++ = (uint8_t)n;
		memcpy(end, name, n);
		end += n;
		name += n + (name[n] == '.');
	}
	memcpy(end, (uint8_t[]){ 0, 0, TYPE_A, 0, CLASS_IN }, 5);
	return (size_t)(end + 5 - out);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void ask(int fd, uint8_t *packet, size_t n, uint16_t id)
{
	uint8_t answer[512];
	ssize_t got;

	memcpy(packet, &id, sizeof(id));
	if (send(fd, packet, n, 0) < 0)
		die("ask: send");
	do
		got = recv(fd, answer, sizeof(answer), 0);
	while (got >= HEADER_BYTES && memcmp(answer, &id, sizeof(id)) != 0);
	if (got < HEADER_BYTES)
		die("ask: receive");
	if ((answer[3] & 15) != 0 || (answer[6] == 0 && answer[7] == 0)) {
		fprintf(stderr, "ask: no address (answer code %d)\n", answer[3] & 15);
		_exit(1);
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	uint8_t packet[512];
	int times = argc == 3 ? atoi(argv[2]) : 0;
	size_t n;
	int fd;

	if (times < 1 || times > MAX_TIMES)
		return 2;
	fd = server_connect();
	n = question(argv[1], packet);
	alarm(60);
	for (int i = 0; i < times; i++) {
		uint64_t began_ns = now_ns();

		ask(fd, packet, n, (uint16_t)i);
		took_ns[i] = (uint32_t)(now_ns() - began_ns);
	}
	qsort(took_ns, (size_t)times, sizeof(*took_ns), compare);
	printf("%.1f %.1f\n", took_ns[times / 2] / 1e3, took_ns[times * 9 / 10] / 1e3);
	return 0;
}
