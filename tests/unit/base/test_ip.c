/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ip.h"
#include "tap.h"

#include <string.h>

static struct ip ip(const char *str)
{
	struct ip parsed = {};
	struct err err;

	(void)ip_parse(str, &parsed, &err);
	return parsed;
}

static struct ip_net net(const char *str)
{
	struct ip_net parsed = {};
	struct err err;

	(void)ip_net_parse(str, &parsed, &err);
	return parsed;
}

static bool reads_as(const struct ip *ip, const char *expected)
{
	char text[IP_BYTES];

	return CHECK(strcmp(ip_format(ip, text), expected) == 0);
}

static bool net_reads_as(const char *given, const char *expected)
{
	const struct ip_net parsed = net(given);
	char text[IP_NET_BYTES];

	return CHECK(strcmp(ip_net_format(&parsed, text), expected) == 0);
}

static bool addresses_are_read_strictly(void)
{
	static const char *const bad[] = { "",	       "10.0.0",   "10.0.0.256", "10.0.0.1 ",
					   " 10.0.0.1", "010.0.0.1", "fd00::1::2", "fe80::1%eth0",
					   "10.0.0.1/8", "localhost" };
	struct ip kept = ip("10.0.0.1");
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(ip_parse(bad[i], &kept, &err) < 0) || !CHECK(err.kind == ERR_USAGE))
			return false;
	return reads_as(&kept, "10.0.0.1");
}

static bool addresses_are_written_as_people_know_them(void)
{
	const struct ip v4 = ip("192.168.0.1"), v6 = ip("FD00:0:0:0:0:0:0:1"), none = {};

	return reads_as(&v4, "192.168.0.1") && reads_as(&v6, "fd00::1") && reads_as(&none, "");
}

static bool networks_are_read_strictly(void)
{
	static const char *const bad[] = { "",	   "10.0.0.0",	  "10.0.0.0/", "10.0.0.0/33",
					   "/8",   "10.0.0.0/-1", "fd00::/129", "10.0.0.0/08x",
					   "x/24", "10.0.0.0/8/8" };
	struct ip_net kept = net("10.0.0.0/8");
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(ip_net_parse(bad[i], &kept, &err) < 0) || !CHECK(err.kind == ERR_USAGE))
			return false;
	return CHECK(kept.bits == 8) && net_reads_as("10.1.2.3/24", "10.1.2.3/24") &&
	       net_reads_as("fd00::/64", "fd00::/64") && net_reads_as("0.0.0.0/0", "0.0.0.0/0");
}

static bool addresses_are_counted(void)
{
	const struct ip low = ip("10.0.0.255"), high = ip("255.255.255.255");
	const struct ip v6 = ip("fd00::ffff:ffff:ffff:ffff");
	struct ip next = ip_add(&low, 1);
	bool ok = reads_as(&next, "10.0.1.0");

	next = ip_add(&next, -1);
	ok &= reads_as(&next, "10.0.0.255");
	next = ip_add(&low, -256);
	ok &= reads_as(&next, "9.255.255.255");
	next = ip_add(&low, 70000);
	ok &= reads_as(&next, "10.1.18.111");
	next = ip_add(&high, 1);
	ok &= reads_as(&next, "0.0.0.0");
	next = ip_add(&v6, 1);
	ok &= reads_as(&next, "fd00:0:0:1::");
	next = ip_add(&next, -1);
	return ok && reads_as(&next, "fd00::ffff:ffff:ffff:ffff");
}

static bool distances_undo_sums(void)
{
	static const int64_t steps[] = { 0, 1, 255, 256, 65537, 0xfffffff };
	const struct ip v4 = ip("10.255.255.250"), v6 = ip("fd00::ffff"), far = ip("fd00:1::");

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		const struct ip a = ip_add(&v4, steps[i]), b = ip_add(&v6, steps[i]);

		if (!CHECK(ip_distance(&v4, &a) == (uint64_t)steps[i]) ||
		    !CHECK(ip_distance(&v6, &b) == (uint64_t)steps[i]))
			return false;
	}
	return CHECK(ip_distance(&v6, &far) == UINT64_MAX);
}

static bool networks_have_both_ends(void)
{
	static const struct {
		const char *net, *first, *last;
	} cases[] = {
		{ "10.1.2.3/8", "10.0.0.0", "10.255.255.255" },
		{ "10.1.2.3/23", "10.1.2.0", "10.1.3.255" },
		{ "10.1.2.3/32", "10.1.2.3", "10.1.2.3" },
		{ "10.1.2.3/0", "0.0.0.0", "255.255.255.255" },
		{ "fd00:1::5/60", "fd00:1::", "fd00:1:0:f:ffff:ffff:ffff:ffff" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct ip_net n = net(cases[i].net);
		const struct ip first = ip_net_first(&n), last = ip_net_last(&n);

		if (!reads_as(&first, cases[i].first) || !reads_as(&last, cases[i].last))
			return false;
	}
	return true;
}

static bool has(const char *of, const char *address)
{
	const struct ip_net n = net(of);
	const struct ip a = ip(address);

	return ip_net_has(&n, &a);
}

static bool overlap(const char *one, const char *other)
{
	const struct ip_net a = net(one), b = net(other);

	return ip_net_overlaps(&a, &b) && ip_net_overlaps(&b, &a);
}

static bool networks_know_what_is_theirs(void)
{
	return CHECK(has("10.0.0.0/24", "10.0.0.255")) && CHECK(!has("10.0.0.0/24", "10.0.1.0")) &&
	       CHECK(has("fd00::/64", "fd00::1")) && CHECK(!has("::/0", "10.0.0.1")) &&
	       CHECK(overlap("10.0.0.0/8", "10.5.0.0/16")) &&
	       CHECK(overlap("10.5.0.0/16", "10.5.0.7/16")) &&
	       CHECK(!overlap("10.5.0.0/16", "10.6.0.0/16")) &&
	       CHECK(!overlap("::/0", "0.0.0.0/0"));
}

static bool ipv4_comes_before_ipv6(void)
{
	const struct ip low = ip("10.0.0.1"), high = ip("10.0.0.2"), v6 = ip("::1");

	return CHECK(ip_compare(&low, &high) < 0) && CHECK(ip_compare(&high, &low) > 0) &&
	       CHECK(ip_compare(&low, &low) == 0) && CHECK(ip_compare(&high, &v6) < 0);
}

static bool what_means_any_address_is_known(void)
{
	const struct ip any4 = ip("0.0.0.0"), any6 = ip("::"), none = {}, some = ip("0.0.0.1"),
			loopback = ip("::1");

	return CHECK(ip_is_any(&any4)) && CHECK(ip_is_any(&any6)) && CHECK(ip_is_any(&none)) &&
	       CHECK(!ip_is_any(&some)) && CHECK(!ip_is_any(&loopback));
}

int main(void)
{
	TEST(addresses_are_read_strictly);
	TEST(addresses_are_written_as_people_know_them);
	TEST(networks_are_read_strictly);
	TEST(addresses_are_counted);
	TEST(distances_undo_sums);
	TEST(networks_have_both_ends);
	TEST(networks_know_what_is_theirs);
	TEST(ipv4_comes_before_ipv6);
	TEST(what_means_any_address_is_known);
	return tap_done();
}
