/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client, container and the splices between them share one process and one namespace: whoever waits
 * for something has the splices go on meanwhile.
 */
#include "net/splices.h"

#include "base/clock.h"
#include "net/sockets.h"
#include "net/world.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static struct err err;
static struct reserve reserve;
static struct splices *splices;

static bool world(const char *ip, const char *second_ip)
{
	const struct ip ips[2] = { ip_of(ip), ip_of(second_ip) }, all = {};
	struct port port;
	int fd;

	(void)signal(SIGPIPE, SIG_IGN);
	return new_namespace(&fd) && sh("ip link set lo up") &&
	       CHECK(port_parse("8080:9000", &port, &err) == 0) &&
	       CHECK(reserve_open(&reserve, &port, 1, &all, &err) == 0) &&
	       CHECK(reserve.n_listeners == 1) &&
	       CHECK(splices_open(&splices, reserve.listeners, 1, ips, &err) == 0);
}

/* One turn, which waits until there is something, or until `fd` has `events` (-1: nothing else).
 * Has it? */
static bool turn(int fd, short events, int timeout_ms)
{
	struct pollfd fds[1 + SPLICES_POLLS] = { { fd, events, 0 } };
	size_t n = splices_poll(splices, fds + 1);

	(void)poll(fds, 1 + n, timeout_ms);
	splices_step(splices, fds + 1, n, clock_ms());
	return fds[0].revents;
}

static void wait_for(int fd, short events)
{
	while (!turn(fd, events, splices_timeout_ms(splices, clock_ms())))
		;
}

/* All that can be done without anybody else is done. Returns in how many turns. */
static int settle(void)
{
	struct pollfd fds[SPLICES_POLLS];
	int n = 0;

	while (poll(fds, splices_poll(splices, fds), 20) > 0 && n++ < 10000)
		splices_step(splices, fds, SPLICES_POLLS, clock_ms());
	return n;
}

static int serve(const char *ip)
{
	const struct addr at = addr(ip, 9000);
	const int on = 1;
	int fd = socket(at.any.sa_family, SOCK_STREAM, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return CHECK(bind(fd, &at.any, at.len) == 0) && CHECK(listen(fd, 512) == 0) ? fd : -1;
}

/* A client; -errno. */
static int call(void)
{
	const struct addr to = addr("::1", 8080);
	auto_close int fd = socket(AF_INET6, SOCK_STREAM, 0);

	return connect(fd, &to.any, to.len) < 0 ? -errno : take_fd(&fd);
}

static int answer(int server)
{
	wait_for(server, POLLIN);
	return accept4(server, NULL, NULL, SOCK_NONBLOCK);
}

static bool is_heard(int from, int to)
{
	char text[8] = "";

	if (!CHECK(send(from, "hello", 5, 0) == 5))
		return false;
	wait_for(to, POLLIN);
	return CHECK(recv(to, text, sizeof(text), 0) == 5) && CHECK_STR(text, "hello");
}

static bool is_over(int fd)
{
	char c;

	wait_for(fd, POLLIN);
	return recv(fd, &c, 1, 0) == 0;
}

static bool is_broken(int fd)
{
	char c;

	wait_for(fd, POLLIN);
	return recv(fd, &c, 1, 0) < 0 && errno == ECONNRESET;
}

static void reset(int *fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	(void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	closep(fd);
	*fd = -1;
}

/* Send until nobody takes more. Returns how much it was. */
static size_t stuff(int fd)
{
	static const char bytes[65536];
	size_t sum = 0;
	ssize_t n;

	for (;;) {
		while ((n = send(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
			sum += (size_t)n;
		if (settle() == 0)
			return sum;
	}
}

/* Take what comes until the end; 0: it did not end, but break. */
static size_t drain(int fd)
{
	static char bytes[65536];
	size_t sum = 0;
	ssize_t n;

	do {
		wait_for(fd, POLLIN);
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		sum += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	return n == 0 ? sum : 0;
}

/* ------------------------------------------------------------------------------------- claims */

static bool both_sides_hear_each_other(void)
{
	auto_close int server = -1, client = -1, there = -1;

	return world("127.0.0.1", "") && (server = serve("127.0.0.1")) >= 0 &&
	       CHECK((client = call()) >= 0) && CHECK((there = answer(server)) >= 0) &&
	       is_heard(client, there) && is_heard(there, client) && is_heard(client, there);
}

static bool an_end_is_passed_on_and_the_other_way_stays_open(void)
{
	auto_close int server = -1, client = -1, there = -1;

	return world("127.0.0.1", "") && (server = serve("127.0.0.1")) >= 0 &&
	       CHECK((client = call()) >= 0) && CHECK((there = answer(server)) >= 0) &&
	       is_heard(client, there) && CHECK(shutdown(client, SHUT_WR) == 0) &&
	       CHECK(is_over(there)) && is_heard(there, client) && CHECK(settle() == 0) &&
	       CHECK(close(take_fd(&there)) == 0) && CHECK(is_over(client)) &&
	       CHECK(settle() == 0) &&
	       sh("ss -Htn state established '( sport = :8080 or dport = :9000 )' | wc -l | "
		  "grep -qx 0");
}

static bool what_was_sent_arrives_before_the_end(void)
{
	auto_close int server = -1, client = -1, there = -1;
	size_t sent;

	if (!world("127.0.0.1", "") || (server = serve("127.0.0.1")) < 0 ||
	    !CHECK((client = call()) >= 0) || !CHECK((there = answer(server)) >= 0))
		return false;
	sent = stuff(client);
	return CHECK(sent > 65536) && CHECK(shutdown(client, SHUT_WR) == 0) &&
	       CHECK(shutdown(there, SHUT_WR) == 0) && CHECK(is_over(client)) &&
	       /* nobody turns in circles while the container takes nothing */
	       (settle(), CHECK(settle() == 0)) && CHECK(drain(there) == sent) &&
	       CHECK(settle() == 0);
}

/* For its own sake, and so that nobody can have us turn in circles. */
static bool urgent_data_stops_nothing(void)
{
	auto_close int server = -1, client = -1, there = -1;
	char text[16] = "";

	return world("127.0.0.1", "") && (server = serve("127.0.0.1")) >= 0 &&
	       CHECK((client = call()) >= 0) && CHECK((there = answer(server)) >= 0) &&
	       is_heard(client, there) && CHECK(send(client, "!", 1, MSG_OOB) == 1) &&
	       CHECK(send(client, "after", 5, 0) == 5) && CHECK(settle() < 100) &&
	       CHECK(recv(there, text, sizeof(text), 0) == 6) && CHECK_STR(text, "!after") &&
	       CHECK(send(there, "!", 1, MSG_OOB) == 1) &&
	       CHECK(send(there, "back", 4, 0) == 4) && CHECK(settle() < 100) &&
	       CHECK(recv(client, text, sizeof(text), 0) == 5) && is_heard(there, client) &&
	       CHECK(shutdown(client, SHUT_WR) == 0) && CHECK(is_over(there));
}

static bool who_takes_nothing_holds_up_nobody(void)
{
	auto_close int server = -1, slow = -1, slow_there = -1, client = -1, there = -1;

	return world("127.0.0.1", "") && (server = serve("127.0.0.1")) >= 0 &&
	       CHECK((slow = call()) >= 0) && CHECK((slow_there = answer(server)) >= 0) &&
	       CHECK(stuff(slow_there) > 0) && CHECK(stuff(slow) > 0) &&
	       CHECK((client = call()) >= 0) && CHECK((there = answer(server)) >= 0) &&
	       is_heard(client, there) && is_heard(there, client) && CHECK(settle() == 0);
}

/* The container has not taken what the client sent before that. */
static bool who_resets_meanwhile_is_found_later(void)
{
	auto_close int server = -1, client = -1, there = -1;

	return world("127.0.0.1", "") && (server = serve("127.0.0.1")) >= 0 &&
	       CHECK((client = call()) >= 0) && CHECK((there = answer(server)) >= 0) &&
	       CHECK(stuff(client) > 0) && (reset(&client), settle(), CHECK(settle() == 0)) &&
	       CHECK(drain(there) == 0) && CHECK(settle() == 0);
}

static bool where_nobody_listens_the_client_is_reset(void)
{
	auto_close int client = -1;

	return world("127.0.0.1", "::1") && CHECK((client = call()) >= 0) &&
	       CHECK(is_broken(client));
}

static bool all_addresses_are_tried(void)
{
	const struct ip other[2] = { ip_of("127.0.0.3"), {} };
	auto_close int server = -1, second = -1, client = -1, there = -1, later = -1;

	return world("::1", "127.0.0.2") && (server = serve("127.0.0.2")) >= 0 &&
	       CHECK((client = call()) >= 0) && CHECK((there = answer(server)) >= 0) &&
	       is_heard(client, there) && (second = serve("127.0.0.3")) >= 0 &&
	       /* and others, when it has others */
	       (splices_set_ips(splices, other), CHECK((later = call()) >= 0)) &&
	       (wait_for(second, POLLIN), is_heard(client, there));
}

static bool who_does_not_answer_is_given_up(void)
{
	auto_close int server = -1, client = -1;
	struct pollfd fds[SPLICES_POLLS];
	int64_t now;

	/* what is sent there gets lost */
	if (!world("192.0.2.2", "127.0.0.1") ||
	    !sh("ip link add br0 type bridge && ip link set br0 up && "
		"ip addr add 192.0.2.1/24 dev br0 && "
		"ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev br0 nud permanent") ||
	    (server = serve("127.0.0.1")) < 0 || !CHECK((client = call()) >= 0))
		return false;
	settle();
	now = clock_ms();
	if (!CHECK(splices_timeout_ms(splices, now) > 5000) ||
	    !CHECK(splices_timeout_ms(splices, now + 10000) == 0))
		return false;
	memset(fds, 0, sizeof(fds));
	splices_step(splices, fds, SPLICES_POLLS, now + 10000);
	wait_for(server, POLLIN);
	return CHECK(splices_timeout_ms(splices, now) == -1 || settle() >= 0);
}

static bool what_breaks_on_one_side_is_reset_on_the_other(void)
{
	auto_close int server = -1, client = -1, there = -1, second = -1, second_there = -1;

	if (!world("127.0.0.1", "") || (server = serve("127.0.0.1")) < 0 ||
	    !CHECK((client = call()) >= 0) || !CHECK((there = answer(server)) >= 0) ||
	    !is_heard(client, there))
		return false;
	reset(&there);
	if (!CHECK(is_broken(client)) || !CHECK((second = call()) >= 0) ||
	    !CHECK((second_there = answer(server)) >= 0) || !is_heard(second, second_there))
		return false;
	reset(&second);
	return CHECK(is_broken(second_there)) && CHECK(settle() == 0);
}

static bool those_beyond_the_bound_wait_for_a_place(void)
{
	static int clients[SPLICES_MAX + 1], theirs[SPLICES_MAX];
	auto_close int server = -1;

	if (!world("127.0.0.1", "") || (server = serve("127.0.0.1")) < 0)
		return false;
	for (int i = 0; i < SPLICES_MAX; i++)
		if (!CHECK((clients[i] = call()) >= 0) || !CHECK((theirs[i] = answer(server)) >= 0))
			return false;
	clients[SPLICES_MAX] = call();
	settle();
	return CHECK(clients[SPLICES_MAX] >= 0) && CHECK(!turn(server, POLLIN, 20)) &&
	       CHECK(settle() == 0) && is_heard(clients[0], theirs[0]) &&
	       CHECK(close(clients[7]) == 0) && CHECK(is_over(theirs[7])) &&
	       CHECK(close(theirs[7]) == 0) && CHECK((theirs[7] = answer(server)) >= 0) &&
	       is_heard(clients[SPLICES_MAX], theirs[7]);
}

static bool without_descriptors_it_pauses_and_goes_on(void)
{
	auto_close int server = -1, client = -1, there = -1;
	struct rlimit limit, none;
	struct pollfd fds[SPLICES_POLLS];

	if (!world("127.0.0.1", "") || (server = serve("127.0.0.1")) < 0 ||
	    !CHECK((client = call()) >= 0) || !CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0))
		return false;
	none = limit;
	none.rlim_cur = 3;
	if (!CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0))
		return false;
	/* poll(2) itself takes no more than the limit: the splices' two */
	settle();
	if (!CHECK(settle() == 0) || !CHECK(splices_timeout_ms(splices, clock_ms()) > 0) ||
	    !CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0))
		return false;
	memset(fds, 0, sizeof(fds));
	splices_step(splices, fds, SPLICES_POLLS, clock_ms() + 1000);
	return CHECK((there = answer(server)) >= 0) && is_heard(client, there);
}

static bool at_the_end_clients_are_reset(void)
{
	auto_close int server = -1, client = -1, there = -1;
	struct pollfd pollfd = { .events = POLLIN };
	char c;

	if (!world("127.0.0.1", "") || (server = serve("127.0.0.1")) < 0 ||
	    !CHECK((client = call()) >= 0) || !CHECK((there = answer(server)) >= 0) ||
	    !is_heard(client, there))
		return false;
	splices_close(&splices);
	pollfd.fd = client;
	return CHECK(poll(&pollfd, 1, -1) == 1) && CHECK(recv(client, &c, 1, 0) < 0) &&
	       CHECK(errno == ECONNRESET) && CHECK((client = call()) >= 0) &&
	       (reserve_close(&reserve), CHECK(call() == -ECONNREFUSED));
}

static bool it_carries_gigabits(void)
{
	auto_close int server = -1, client = -1, there = -1;
	static char bytes[65536];
	size_t sum = 0;
	int64_t start;

	if (!world("127.0.0.1", "") || (server = serve("127.0.0.1")) < 0 ||
	    !CHECK((client = call()) >= 0) || !CHECK((there = answer(server)) >= 0))
		return false;
	start = clock_ns();
	while (sum < 256 << 20) {
		ssize_t n;

		(void)send(client, bytes, sizeof(bytes), MSG_DONTWAIT);
		(void)turn(-1, 0, 0);
		n = recv(there, bytes, sizeof(bytes), MSG_DONTWAIT);
		sum += n > 0 ? (size_t)n : 0;
	}
	printf("# %.1f Gbit/s in one thread with both ends\n",
	       (double)sum * 8 / (double)(clock_ns() - start));
	return true;
}

int main(void)
{
	if (!is_possible()) {
		SKIP(both_sides_hear_each_other, "needs root, and ip of iproute2");
		return tap_done();
	}
	TEST_IN_CHILD(both_sides_hear_each_other);
	TEST_IN_CHILD(an_end_is_passed_on_and_the_other_way_stays_open);
	TEST_IN_CHILD(what_was_sent_arrives_before_the_end);
	TEST_IN_CHILD(urgent_data_stops_nothing);
	TEST_IN_CHILD(who_takes_nothing_holds_up_nobody);
	TEST_IN_CHILD(who_resets_meanwhile_is_found_later);
	TEST_IN_CHILD(where_nobody_listens_the_client_is_reset);
	TEST_IN_CHILD(all_addresses_are_tried);
	TEST_IN_CHILD(who_does_not_answer_is_given_up);
	TEST_IN_CHILD(what_breaks_on_one_side_is_reset_on_the_other);
	TEST_IN_CHILD(those_beyond_the_bound_wait_for_a_place);
	TEST_IN_CHILD(without_descriptors_it_pauses_and_goes_on);
	TEST_IN_CHILD(at_the_end_clients_are_reset);
	TEST_IN_CHILD(it_carries_gigabits);
	return tap_done();
}
