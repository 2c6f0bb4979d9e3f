/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An interface on which nobody wants IPv6 has it all the same unless it is told: a neighbour on the
 * bridge could give it an address and a default route by advertising itself as a router. Netlink
 * knows no message for that, so these are files, which show the network namespace of the process
 * that opens them.
 *
 * While the kernel looks for a duplicate of a link-local address, up to two seconds, it looks for
 * no neighbour on behalf of others: nobody behind a new bridge would be reached through it. These
 * follow from MAC addresses that we choose.
 */
#include "net/ip6.h"

#include "base/cleanup.h"
#include "sys/ns.h"
#include "sys/proc.h"

#include <stdio.h>

static int put(int proc_fd, const char *interface, const char *key, const char *value)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "sys/net/ipv6/conf/%.15s/%s", interface, key);
	return proc_write(proc_fd, path, value);
}

static int set(int proc_fd, const char *interface, bool is_on, struct err *err)
{
	int r = put(proc_fd, interface, "disable_ipv6", is_on ? "0" : "1");

	if (r == 0 && is_on)
		r = put(proc_fd, interface, "accept_ra", "0");
	if (r == 0 && is_on)
		r = put(proc_fd, interface, "accept_dad", "0");
	if (r == -ENOENT && !is_on)
		return 0;
	if (r == -ENOENT)
		return err_set(err, ERR_USAGE, EAFNOSUPPORT, "this kernel has no IPv6");
	return r < 0 ? err_sys(err, -r, "turn IPv6 %s on '%s'", is_on ? "on" : "off", interface)
		     : 0;
}

int ip6_set(const char *interface, bool is_on, struct err *err)
{
	auto_close int proc_fd = -1;
	int r = proc_open(&proc_fd, err);

	return r < 0 ? r : set(proc_fd, interface, is_on, err);
}

int ip6_set_in(int netns_fd, const char *interface, bool is_on, struct err *err)
{
	auto_close int home_fd = -1, proc_fd = -1;
	int r = proc_open(&proc_fd, err);

	if (r == 0)
		r = ns_net_visit(netns_fd, &home_fd, err);
	if (r < 0)
		return r;
	r = set(proc_fd, interface, is_on, err);
	return ns_net_leave(&home_fd, err) < 0 ? -err->no : r;
}
