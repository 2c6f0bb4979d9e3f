/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/netlink.h"

#include "child.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>

static bool home(struct netlink *nl)
{
	struct err err;

	return CHECK(unshare(CLONE_NEWNET) == 0) && CHECK(netlink_open(nl, &err) == 0);
}

static void add_bridge(struct netlink_batch *batch, const char *name)
{
	const struct ifinfomsg info = {};
	struct netlink_msg msg;
	size_t nest;

	netlink_msg_init(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	netlink_msg_put_str(&msg, IFLA_IFNAME, name);
	nest = netlink_msg_begin(&msg, IFLA_LINKINFO);
	netlink_msg_put_str(&msg, IFLA_INFO_KIND, "bridge");
	netlink_msg_end(&msg, nest);
	netlink_batch_add(batch, &msg, "make bridge '%s'", name);
}

static void on_link(const struct nlmsghdr *answer, void *arg)
{
	const struct rtattr *outer, *kind;

	if (answer->nlmsg_type != RTM_NEWLINK)
		return;
	outer = netlink_find_attr(answer, sizeof(struct ifinfomsg), IFLA_LINKINFO, 1);
	kind = outer ? netlink_find_inner(outer, IFLA_INFO_KIND, 1) : NULL;
	if (kind && strcmp(RTA_DATA(kind), "bridge") == 0)
		++*(int *)arg;
}

static int count_bridges(struct netlink *nl)
{
	const struct ifinfomsg info = {};
	struct netlink_msg msg;
	struct err err;
	int n = 0;

	netlink_msg_init(&msg, RTM_GETLINK, NLM_F_DUMP, &info, sizeof(info));
	return netlink_ask(nl, &msg, on_link, &n, &err) < 0 ? -1 : n;
}

static bool a_batch_is_done_as_a_whole(void)
{
	auto_netlink_batch struct netlink_batch batch = {};
	auto_netlink struct netlink nl = { .fd = -1 };
	struct err err = {};

	if (!home(&nl))
		return false;
	for (int i = 0; i < 20; i++) {
		char name[IF_NAMESIZE];

		(void)snprintf(name, sizeof(name), "br%d", i);
		add_bridge(&batch, name);
	}
	return CHECK(netlink_batch_send(&nl, &batch, &err) == 0) && CHECK(batch.n == 0) &&
	       CHECK(count_bridges(&nl) == 20);
}

/* Of bridges with these names, that of "lo" fails first, and `n_made` are there afterwards. */
static bool fails_at_lo(const char *const *names, size_t n, int n_made)
{
	auto_netlink_batch struct netlink_batch batch = {};
	auto_netlink struct netlink nl = { .fd = -1 };
	struct err err = {};

	if (!home(&nl))
		return false;
	for (size_t i = 0; i < n; i++)
		add_bridge(&batch, names[i]);
	return CHECK(netlink_batch_send(&nl, &batch, &err) == -EEXIST) &&
	       CHECK(strncmp(err.msg, "make bridge 'lo': netlink", 25) == 0) &&
	       CHECK(count_bridges(&nl) == n_made);
}

static bool the_first_failure_is_told_by_name(void)
{
	return fails_at_lo((const char *[]){ "br0", "lo", "br0", "br1" }, 4, 2);
}

static bool a_failure_of_the_last_is_told(void)
{
	return fails_at_lo((const char *[]){ "br0", "lo" }, 2, 1);
}

static bool an_empty_batch_is_done(void)
{
	auto_netlink_batch struct netlink_batch batch = {};
	struct netlink nl = { .fd = -1 };
	struct err err = {};

	return CHECK(netlink_batch_send(&nl, &batch, &err) == 0);
}

static bool what_does_not_fit_is_refused(void)
{
	auto_netlink_batch struct netlink_batch batch = {};
	struct netlink nl = { .fd = -1 };
	static const char big[3000];
	struct netlink_msg msg;
	struct err err = {};
	size_t nest;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, big, 16);
	netlink_msg_put(&msg, IFLA_IFALIAS, big, 1990);
	nest = netlink_msg_begin(&msg, IFLA_LINKINFO);
	netlink_msg_put(&msg, IFLA_INFO_DATA, big, 100);
	netlink_msg_end(&msg, nest);
	netlink_batch_add(&batch, &msg, "ask too much");
	return CHECK(msg.overflow) && CHECK(netlink_batch_send(&nl, &batch, &err) == -EMSGSIZE);
}

static bool numbers_of_all_sizes_are_padded(void)
{
	struct netlink_msg msg;
	const struct rtattr *a;
	uint16_t value = 0;

	netlink_msg_init(&msg, RTM_NEWLINK, 0, "", 0);
	netlink_msg_put_u8(&msg, 1, 7);
	netlink_msg_put_u16(&msg, 2, 0x1234);
	netlink_msg_put_u32(&msg, 3, 5);
	a = netlink_find_attr(&msg.head, 0, 2, 2);
	if (a)
		memcpy(&value, RTA_DATA(a), 2);
	return CHECK(value == 0x1234) && CHECK(netlink_find_attr(&msg.head, 0, 3, 4)) &&
	       CHECK(!netlink_find_attr(&msg.head, 0, 1, 2));
}

static bool a_socket_lives_in_another_namespace(void)
{
	auto_netlink_batch struct netlink_batch batch = {};
	auto_netlink struct netlink here = { .fd = -1 }, there = { .fd = -1 };
	auto_close int there_fd = -1;
	struct err err = {};

	if (!CHECK(unshare(CLONE_NEWNET) == 0) ||
	    !CHECK((there_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) >= 0) ||
	    !home(&here) || !CHECK(netlink_open_in(&there, there_fd, &err) == 0))
		return false;
	add_bridge(&batch, "br0");
	return CHECK(netlink_batch_send(&there, &batch, &err) == 0) &&
	       CHECK(count_bridges(&there) == 1) && CHECK(count_bridges(&here) == 0) &&
	       CHECK(if_nametoindex("br0") == 0) &&
	       CHECK(netlink_open_in(&here, STDOUT_FILENO, &err) == -EINVAL) &&
	       CHECK(here.fd >= 0);
}

int main(void)
{
	TEST(an_empty_batch_is_done);
	TEST(what_does_not_fit_is_refused);
	TEST(numbers_of_all_sizes_are_padded);
	if (geteuid() != 0) {
		SKIP(a_batch_is_done_as_a_whole, "needs root");
		return tap_done();
	}
	TEST_IN_CHILD(a_batch_is_done_as_a_whole);
	TEST_IN_CHILD(the_first_failure_is_told_by_name);
	TEST_IN_CHILD(a_failure_of_the_last_is_told);
	TEST_IN_CHILD(a_socket_lives_in_another_namespace);
	return tap_done();
}
