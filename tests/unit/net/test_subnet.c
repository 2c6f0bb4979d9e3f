/* SPDX-License-Identifier: Apache-2.0 */
#include "net/subnet.h"
#include "tap.h"

#include <string.h>

static struct ip_net net(const char *text)
{
	struct ip_net ret = {};
	struct err err;

	(void)ip_net_parse(text, &ret, &err);
	return ret;
}

static bool finds(const struct subnet_pools *pools, const struct subnet_uses *uses,
		  const char *expected)
{
	char text[IP_NET_BYTES];
	struct err err = {};
	struct ip_net found = {};

	(void)subnet_find_free(pools, uses, &found, &err);
	ip_net_format(&found, text);
	return strcmp(text, expected) == 0 ? true : (printf("# %s\n", text), false);
}

static bool the_first_that_is_free_is_taken(void)
{
	const struct subnet_use v[] = { { net("10.80.2.0/23"), "b" }, { net("10.80.0.7/32"), "a" },
					{ net("fd00::/8"), "6" },    { net("10.80.1.0/24"), "c" },
					{ net("10.0.0.0/12"), "d" } };

	return CHECK(finds(&subnet_pools_default, &(struct subnet_uses){ v, 0 }, "10.80.0.0/24")) &&
	       CHECK(finds(&subnet_pools_default, &(struct subnet_uses){ v, 1 }, "10.80.0.0/24")) &&
	       CHECK(finds(&subnet_pools_default, &(struct subnet_uses){ v, 2 }, "10.80.1.0/24")) &&
	       CHECK(finds(&subnet_pools_default, &(struct subnet_uses){ v, 5 }, "10.80.4.0/24"));
}

static bool those_of_podman_are_passed_by(void)
{
	const struct subnet_use v[] = { { net("10.80.0.0/14"), "a" },
					{ net("10.84.0.0/15"), "b" },
					{ net("10.86.0.0/16"), "c" } };

	return CHECK(finds(&subnet_pools_default, &(struct subnet_uses){ v, 3 }, "10.90.0.0/24"));
}

static bool the_default_network_goes_elsewhere(void)
{
	const struct subnet_use v[] = { { net("10.0.0.0/8"), "vpn" },
					{ net("172.17.3.0/24"), "lan" },
					{ net("172.16.0.0/12"), "all" } };

	return CHECK(finds(&subnet_pools_of_bridge, &(struct subnet_uses){ v, 0 },
			   "10.87.0.0/16")) &&
	       CHECK(finds(&subnet_pools_of_bridge, &(struct subnet_uses){ v, 1 },
			   "172.17.0.0/16")) &&
	       CHECK(finds(&subnet_pools_of_bridge, &(struct subnet_uses){ v, 2 },
			   "172.18.0.0/16")) &&
	       CHECK(finds(&subnet_pools_of_bridge, &(struct subnet_uses){ v, 3 }, ""));
}

static bool when_none_is_left_it_is_said(void)
{
	const struct subnet_use all[] = { { net("0.0.0.0/1"), "a" }, { net("128.0.0.0/1"), "b" } };
	const struct subnet_uses uses = { all, 2 };
	struct ip_net found;
	struct err err = {};

	return CHECK(subnet_find_free(&subnet_pools_default, &uses, &found, &err) < 0) &&
	       CHECK(err.kind == ERR_CONFLICT) && CHECK(err.hint[0]);
}

static bool a_clash_is_named(void)
{
	const struct subnet_use v[] = { { net("10.80.0.0/16"), "network 'web'" } };
	const struct subnet_uses uses = { v, 1 };
	const struct ip_net wanted = net("10.80.0.0/24"), free = net("10.90.0.0/24");
	struct err err = {};

	return CHECK(subnet_check_clash(&free, &uses, &err) == 0) &&
	       CHECK(subnet_check_clash(&wanted, &uses, &err) < 0) &&
	       CHECK(strcmp(err.msg, "subnet '10.80.0.0/24' clashes with network 'web' "
				     "(10.80.0.0/16)") == 0);
}

static bool of_ipv6_one_is_drawn(void)
{
	const struct subnet_uses uses = {};
	struct ip_net a, b;
	struct err err = {};

	return CHECK(subnet_find_free6(&uses, &a, &err) == 0) &&
	       CHECK(subnet_find_free6(&uses, &b, &err) == 0) && CHECK(a.bits == 64) &&
	       CHECK(a.ip.bytes[0] == 0xfd) && CHECK(a.ip.bytes[8] == 0) &&
	       CHECK(ip_compare(&a.ip, &b.ip) != 0);
}

int main(void)
{
	TEST(the_first_that_is_free_is_taken);
	TEST(those_of_podman_are_passed_by);
	TEST(the_default_network_goes_elsewhere);
	TEST(when_none_is_left_it_is_said);
	TEST(a_clash_is_named);
	TEST(of_ipv6_one_is_drawn);
	return tap_done();
}
