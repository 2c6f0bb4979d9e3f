/* SPDX-License-Identifier: Apache-2.0 */
/* ip(8) makes what is to be seen, in a namespace of the claim's own. */
#include "net/look.h"

#include "net/world.h"

#include <signal.h>
#include <sys/prctl.h>

static const struct look_interface *find(const struct look *look, const char *name)
{
	for (size_t i = 0; i < look->interfaces.n; i++)
		if (strcmp(look->interfaces.v[i].name, name) == 0)
			return &look->interfaces.v[i];
	return NULL;
}

/* All addresses of it, with blanks between. */
static const char *addresses_of(const struct look_interface *interface, struct arena *arena)
{
	const char *all = "";

	for (size_t i = 0; i < interface->addresses.n; i++)
		all = arena_printf(arena, "%s%s%s", all, i ? " " : "", interface->addresses.v[i]);
	return all;
}

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

/* How many routes say "TO VIA INTERFACE METRIC". */
static size_t count_routes(const struct look *look, const char *text, struct arena *arena)
{
	size_t n = 0;

	for (size_t i = 0; i < look->routes.n; i++) {
		const struct look_route *route = &look->routes.v[i];
		const char *says = arena_printf(arena, "%s %s %s %u", route->to,
						or_none(route->kind ? route->kind : route->via),
						or_none(route->interface), route->metric);

		n += strcmp(says, text) == 0;
	}
	return n;
}

static bool see(int netns_fd, struct arena *arena, struct look *ret)
{
	struct err err = {};

	if (look_at(netns_fd, arena, ret, &err) == 0)
		return true;
	printf("# %s\n", err.msg);
	return CHECK(false);
}

/* ip(8), told where a namespace is that we hold. */
static bool ip_with(const char *words, int netns_fd)
{
	char command[160];

	(void)snprintf(command, sizeof(command), "ip %s netns /proc/%d/fd/%d", words, (int)getpid(),
		       netns_fd);
	return CHECK(sh(command));
}

static bool interfaces_are_seen_with_what_they_hang_on(void)
{
	auto_arena struct arena arena = {};
	auto_close int away_fd = -1, home_fd = -1;
	const struct look_interface *eth, *lo, *down, *alone;
	struct look look;

	if (!new_namespace(&away_fd) || !new_namespace(&home_fd) ||
	    !CHECK(sh("ip link add out0 type veth peer name in0 && ip link set out0 up")) ||
	    !ip_with("link set in0", away_fd) ||
	    !CHECK(sh_in(away_fd, "ip link set lo up && ip link add d0 type veth peer name d1 && "
				  "ip link set in0 name eth0 mtu 1400 address 02:00:00:00:00:07 && "
				  "ip addr add 10.9.8.7/24 dev eth0 && ip link set eth0 up && "
				  "ip -6 addr add fd12::5/64 dev eth0 nodad && "
				  "ip link set d1 up")) ||
	    !see(away_fd, &arena, &look))
		return false;
	eth = find(&look, "eth0");
	lo = find(&look, "lo");
	down = find(&look, "d0");
	alone = find(&look, "d1");
	return CHECK(eth && lo && down && alone) && CHECK(look.interfaces.n == 4) &&
	       CHECK_STR(eth->kind, "veth") && CHECK_STR(eth->state, "up") &&
	       CHECK(eth->mtu == 1400) && CHECK_STR(eth->mac, "02:00:00:00:00:07") &&
	       CHECK_STR(eth->outside, "out0") &&
	       CHECK(strncmp(addresses_of(eth, &arena), "10.9.8.7/24 fd12::5/64", 22) == 0) &&
	       CHECK_STR(addresses_of(lo, &arena), "127.0.0.1/8 ::1/128") &&
	       CHECK(!lo->mac && !lo->kind && !lo->outside) && CHECK_STR(lo->state, "up") &&
	       CHECK_STR(down->state, "down") && CHECK_STR(alone->state, "no carrier") &&
	       CHECK(!down->outside && !alone->outside) && CHECK(!look.is_cut);
}

static bool a_cable_to_a_third_place_hangs_on_nothing_of_ours(void)
{
	auto_arena struct arena arena = {};
	auto_close int away_fd = -1, third_fd = -1, home_fd = -1;
	struct look look;

	if (!new_namespace(&third_fd) || !new_namespace(&away_fd) ||
	    !ip_with("link add in0 type veth peer name out0", third_fd) ||
	    !new_namespace(&home_fd) || !see(away_fd, &arena, &look))
		return false;
	return CHECK(find(&look, "in0") && !find(&look, "in0")->outside) &&
	       CHECK_STR(find(&look, "in0")->state, "down");
}

static bool routes_are_seen_each_way_of_them(void)
{
	auto_arena struct arena arena = {};
	auto_close int away_fd = -1, home_fd = -1;
	struct look look;

	if (!new_namespace(&away_fd) ||
	    !CHECK(sh("ip link add d0 type veth peer name d1 && ip link set d1 up && "
		      "ip addr add 10.9.8.7/24 dev d0 && ip link set lo up && "
		      "ip -6 addr add fd12::5/64 dev d0 nodad && "
		      "ip link set d0 up && ip route add default via 10.9.8.1 metric 77 && "
		      "ip -6 route add default via fd12::1 && "
		      "ip route add 10.50.0.0/16 nexthop via 10.9.8.2 nexthop via 10.9.8.3 && "
		      "ip route add 10.51.0.0/16 via inet6 fd12::9 dev d0 && "
		      "ip route add unreachable 10.66.0.0/16 && "
		      "ip route add 10.67.0.0/16 dev d0 table 77")) ||
	    !new_namespace(&home_fd) || !see(away_fd, &arena, &look))
		return false;
	return CHECK(count_routes(&look, "0.0.0.0/0 10.9.8.1 d0 77", &arena) == 1) &&
	       CHECK(count_routes(&look, "::/0 fd12::1 d0 1024", &arena) == 1) &&
	       CHECK(count_routes(&look, "10.9.8.0/24 - d0 0", &arena) == 1) &&
	       CHECK(count_routes(&look, "fd12::/64 - d0 256", &arena) == 1) &&
	       CHECK(count_routes(&look, "10.50.0.0/16 10.9.8.2 d0 0", &arena) == 1) &&
	       CHECK(count_routes(&look, "10.50.0.0/16 10.9.8.3 d0 0", &arena) == 1) &&
	       CHECK(count_routes(&look, "10.51.0.0/16 fd12::9 d0 0", &arena) == 1) &&
	       CHECK(count_routes(&look, "10.66.0.0/16 unreachable - 0", &arena) == 1) &&
	       CHECK(count_routes(&look, "10.67.0.0/16 - d0 0", &arena) == 0) &&
	       CHECK(count_routes(&look, "127.0.0.0/8 - lo 0", &arena) == 0) &&
	       CHECK(count_routes(&look, "ff00::/8 - d0 256", &arena) == 0);
}

static bool ones_own_namespace_is_seen_too(void)
{
	auto_arena struct arena arena = {};
	auto_close int own_fd = -1;
	struct look look;

	return new_namespace(&own_fd) && see(own_fd, &arena, &look) &&
	       CHECK(look.interfaces.n == 1) && CHECK_STR(look.interfaces.v[0].state, "down") &&
	       CHECK(look.routes.n == 0);
}

static bool of_very_many_some_are_left_out(void)
{
	auto_arena struct arena arena = {};
	auto_close int own_fd = -1;
	struct look look;

	return new_namespace(&own_fd) &&
	       CHECK(sh("ip link set lo up; for i in $(seq 0 17); do for k in $(seq 0 255); do "
			"echo route add blackhole 10.1.$i.$k; done; done | ip -batch -")) &&
	       see(own_fd, &arena, &look) && CHECK(look.routes.n == 4096) && CHECK(look.is_cut);
}

static bool become_somebody(void)
{
	return CHECK(setuid(1234) == 0) && CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
}

static bool anybody_may_make_namespaces(void)
{
	return setuid(1234) == 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

/* An ordinary user's, who is not in it himself. */
static bool whose_it_is_needs_no_other_rights(void)
{
	auto_arena struct arena arena = {};
	auto_close int netns_fd = -1;
	struct look look = {};
	char path[48], byte;
	int pipe_fds[2];
	bool ok = false;
	pid_t pid;

	if (!CHECK(pipe(pipe_fds) == 0) || !become_somebody())
		return false;
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0)
			(void)!write(pipe_fds[1], "+", 1);
		closep(&pipe_fds[1]);
		(void)pause();
		_exit(0);
	}
	closep(&pipe_fds[1]);
	if (CHECK(pid > 0) && CHECK(read(pipe_fds[0], &byte, 1) == 1)) {
		(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
		netns_fd = open(path, O_RDONLY | O_CLOEXEC);
		ok = CHECK(netns_fd >= 0) && see(netns_fd, &arena, &look) &&
		     CHECK(look.interfaces.n == 1);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	return ok;
}

static bool what_one_may_not_enter_is_refused(void)
{
	auto_arena struct arena arena = {};
	auto_close int away_fd = -1, home_fd = -1;
	struct look look = {};
	struct err err = {};

	return new_namespace(&away_fd) && new_namespace(&home_fd) && become_somebody() &&
	       CHECK(look_at(away_fd, &arena, &look, &err) == -EPERM) &&
	       CHECK(look_at(home_fd, &arena, &look, &err) == 0);
}

int main(void)
{
	if (!is_possible()) {
		SKIP(interfaces_are_seen_with_what_they_hang_on, "needs root, and ip of iproute2");
		return tap_done();
	}
	TEST_IN_CHILD(interfaces_are_seen_with_what_they_hang_on);
	TEST_IN_CHILD(a_cable_to_a_third_place_hangs_on_nothing_of_ours);
	TEST_IN_CHILD(routes_are_seen_each_way_of_them);
	TEST_IN_CHILD(ones_own_namespace_is_seen_too);
	TEST_IN_CHILD(of_very_many_some_are_left_out);
	TEST_IN_CHILD(what_one_may_not_enter_is_refused);
	if (in_child(anybody_may_make_namespaces))
		TEST_IN_CHILD(whose_it_is_needs_no_other_rights);
	else
		SKIP(whose_it_is_needs_no_other_rights, "only root may make user namespaces here");
	return tap_done();
}
