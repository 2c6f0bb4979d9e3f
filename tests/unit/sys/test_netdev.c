/* SPDX-License-Identifier: Apache-2.0 */
/* All devices live in network namespaces that each claim makes for itself. */
#include "sys/netdev.h"

#include "base/cleanup.h"
#include "child.h"
#include "sh.h"
#include "sys/clone.h"
#include "sys/netlink.h"
#include "sys/ns.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int home_fd = -1;

/* Two new namespaces: *ret_away, and the one that we are left in. Both live as long as the child:
 * with a namespace its devices vanish, and with one end of a veth pair the other. */
static bool two_namespaces(int *ret_away_fd)
{
	return CHECK(unshare(CLONE_NEWNET) == 0) &&
	       CHECK((*ret_away_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) >= 0) &&
	       CHECK(unshare(CLONE_NEWNET) == 0) &&
	       CHECK((home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) >= 0);
}

static bool enter(int ns_fd)
{
	return CHECK(setns(ns_fd, CLONE_NEWNET) == 0);
}

static bool a_device_keeps_its_addresses_mac_and_mtu(void)
{
	auto_close int away_fd = -1;
	struct err err = {};

	return two_namespaces(&away_fd) &&
	       sh("ip link add v0 type veth peer name v1 && ip link set v0 mtu 1400 "
		  "address 02:00:00:00:00:01 up && ip link set v1 up && "
		  "ip addr add 10.9.8.7/24 brd 10.9.8.255 dev v0 && "
		  "ip addr add 10.9.9.1 peer 10.9.9.2/32 dev v0 && "
		  "ip addr add 10.7.7.8/24 scope link dev v0 && "
		  "ip addr add fd00::5/64 nodad dev v0") &&
	       CHECK(netdev_move("v0", away_fd, "eth7", &err) == 0) &&
	       sh("! ip link show v0 2>/dev/null") && enter(away_fd) &&
	       sh("ip link show eth7 | grep -q 'mtu 1400' && ip link show eth7 | grep -q ',UP' && "
		  "ip link show eth7 | grep -q 02:00:00:00:00:01") &&
	       sh("ip addr show eth7 | grep -q 'inet 10.9.8.7/24 brd 10.9.8.255 scope global' && "
		  "ip addr show eth7 | grep -q 'inet 10.9.9.1 peer 10.9.9.2/32' && "
		  "ip addr show eth7 | grep -q 'inet6 fd00::5/64 scope global'") &&
	       sh("! ip addr show eth7 | grep -q 10.7.7.8") &&
	       sh("! ip addr show eth7 | grep global | grep -q tentative");
}

static bool a_device_that_was_down_comes_up(void)
{
	auto_close int away_fd = -1;
	struct err err = {};

	return two_namespaces(&away_fd) && sh("ip link add d0 type veth peer name d9") &&
	       CHECK(netdev_move("d0", away_fd, NULL, &err) == 0) && enter(away_fd) &&
	       sh("ip link show d0 | grep -q ',UP'");
}

static bool a_template_takes_the_first_free_name(void)
{
	auto_close int away_fd = -1;
	struct err err = {};

	return two_namespaces(&away_fd) &&
	       sh("ip link add d0 type veth peer name d1 && "
		  "ip addr add 10.1.1.1/8 dev d1") &&
	       CHECK(netdev_move("d0", away_fd, "eth%d", &err) == 0) &&
	       CHECK(netdev_move("d1", away_fd, "eth%d", &err) == 0) && enter(away_fd) &&
	       sh("ip link show eth0 | grep -q ',UP' && ip addr show eth1 | grep -q 10.1.1.1/8 && "
		  "ip link show eth1 | grep -q ',UP'");
}

/* As a container with a user namespace of its own has it: nobody inside maps to us. */
static bool a_device_moves_into_a_namespace_of_other_users(void)
{
	const struct clone_request request = { .flags = CLONE_NEWUSER | CLONE_NEWNET,
					       .cgroup_fd = -1 };
	auto_close int pidfd = -1, away_fd = -1, own_fd = -1;
	struct err err = {};
	int fds[2];
	char byte;
	pid_t pid;

	if (!CHECK(unshare(CLONE_NEWNET) == 0) || !CHECK(pipe2(fds, O_CLOEXEC) == 0))
		return false;
	pid = clone_process(&request, &pidfd);
	if (pid == 0) {
		close(fds[1]);
		(void)!read(fds[0], &byte, 1);
		_exit(0);
	}
	/* the other end of the pair stays at home, and when that goes both do */
	return CHECK(pid > 0) && CHECK(ns_open(pid, NS_NET, &away_fd, &err) == 0) &&
	       CHECK(ns_open(getpid(), NS_NET, &own_fd, &err) == 0) &&
	       sh("ip link add d0 type veth peer name d9 && ip addr add 10.1.1.1/8 dev d0") &&
	       CHECK(netdev_move("d0", away_fd, "eth0", &err) == 0) && enter(away_fd) &&
	       sh("ip addr show eth0 | grep -q 10.1.1.1/8 && ip link show eth0 | grep -q ',UP'");
}

static bool a_name_that_is_taken_leaves_the_device_alone(void)
{
	auto_close int away_fd = -1;
	struct err err = {};

	return two_namespaces(&away_fd) &&
	       sh("ip link add d0 type veth peer name d9 && ip link set d0 up && ip addr add "
		  "10.1.1.1/8 dev d0") &&
	       CHECK(netdev_move("d0", away_fd, "lo", &err) == -EEXIST) &&
	       CHECK(err.kind == ERR_CONFLICT) &&
	       CHECK_STR(err.msg, "move network device 'd0': the container has a network device "
				  "'lo' already") &&
	       sh("ip addr show d0 | grep -q 10.1.1.1/8");
}

static bool what_cannot_move_is_refused(void)
{
	auto_close int away_fd = -1;
	struct err err = {};

	return two_namespaces(&away_fd) &&
	       CHECK(netdev_move("nope", away_fd, NULL, &err) == -ENODEV) &&
	       CHECK(err.kind == ERR_NOT_FOUND) &&
	       CHECK_STR(err.msg, "move network device 'nope': no network device 'nope'") &&
	       CHECK(netdev_move("lo", away_fd, "lo2", &err) == -EINVAL) &&
	       CHECK(netdev_move("", away_fd, NULL, &err) == -EINVAL) &&
	       CHECK(netdev_move("a/b", away_fd, NULL, &err) == -EINVAL) &&
	       CHECK(netdev_move("lo", away_fd, "sixteen-letters-", &err) == -EINVAL);
}

/* Where IPv6 is off for new devices, the kernel refuses to give one an address. */
static bool what_fails_on_the_other_side_is_brought_back(void)
{
	auto_close int away_fd = -1;
	struct err err = {};

	return two_namespaces(&away_fd) && enter(away_fd) &&
	       sh("echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6") && enter(home_fd) &&
	       sh("ip link add d0 type veth peer name d9 && ip link set d0 mtu 1400 up && "
		  "ip addr add 10.1.1.1/8 dev d0 && ip addr add fd00::1/64 nodad dev d0") &&
	       CHECK(netdev_move("d0", away_fd, "eth0", &err) < 0) &&
	       CHECK(strncmp(err.msg, "move network device 'd0': netlink: ", 35) == 0) &&
	       sh("ip link show d0 | grep -q 'mtu 1400' && ip link show d0 | grep -q ',UP' && "
		  "ip addr show d0 | grep -q 10.1.1.1/8 && ip addr show d0 | grep -q fd00::1/64") &&
	       enter(away_fd) && sh("! ip link show eth0 2>/dev/null");
}

static bool loopback_comes_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	auto_close int fd = -1;

	return CHECK(unshare(CLONE_NEWNET) == 0) && CHECK(netdev_loopback_up() == 0) &&
	       CHECK((fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) >= 0) &&
	       CHECK(ioctl(fd, SIOCGIFFLAGS, &request) == 0) &&
	       CHECK(request.ifr_flags & IFF_UP) && CHECK(request.ifr_flags & IFF_LOOPBACK);
}

static bool the_kernels_words_are_passed_on(void)
{
	const struct ifinfomsg info = { .ifi_index = 1 };
	auto_netlink struct netlink nl = { .fd = -1 };
	struct netlink_msg msg;
	struct err err = {};

	netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_msg_put_u32(&msg, IFLA_MTU, 1);
	return CHECK(unshare(CLONE_NEWNET) == 0) && CHECK(netlink_open(&nl, &err) == 0) &&
	       CHECK(netlink_ask(&nl, &msg, NULL, NULL, &err) < 0 ||
		     (netlink_msg_init(&msg, RTM_NEWLINK, 0, &info, sizeof(info)),
		      netlink_msg_put(&msg, IFLA_MTU, "", 0),
		      netlink_ask(&nl, &msg, NULL, NULL, &err) < 0)) &&
	       CHECK(strncmp(err.msg, "netlink: ", 9) == 0) && (printf("# %s\n", err.msg), true);
}

static bool a_request_that_is_too_long_is_refused(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	static const char big[3000];
	struct netlink_msg msg;
	struct err err = {};

	netlink_msg_init(&msg, RTM_NEWLINK, 0, big, 16);
	netlink_msg_put(&msg, IFLA_IFALIAS, big, sizeof(big));
	netlink_msg_put_u32(&msg, IFLA_MTU, 1);
	return CHECK(netlink_ask(&nl, &msg, NULL, NULL, &err) == -EMSGSIZE);
}

int main(void)
{
	TEST(a_request_that_is_too_long_is_refused);
	if (geteuid() != 0) {
		SKIP(a_device_keeps_its_addresses_mac_and_mtu, "needs root");
		return tap_done();
	}
	TEST_IN_CHILD(loopback_comes_up);
	TEST_IN_CHILD(the_kernels_words_are_passed_on);
	if (system("ip link show lo >/dev/null 2>&1") != 0) {
		SKIP(a_device_keeps_its_addresses_mac_and_mtu, "needs ip of iproute2");
		return tap_done();
	}
	TEST_IN_CHILD(a_device_keeps_its_addresses_mac_and_mtu);
	TEST_IN_CHILD(a_device_that_was_down_comes_up);
	TEST_IN_CHILD(a_template_takes_the_first_free_name);
	TEST_IN_CHILD(a_device_moves_into_a_namespace_of_other_users);
	TEST_IN_CHILD(a_name_that_is_taken_leaves_the_device_alone);
	TEST_IN_CHILD(what_cannot_move_is_refused);
	TEST_IN_CHILD(what_fails_on_the_other_side_is_brought_back);
	return tap_done();
}
