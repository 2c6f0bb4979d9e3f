/* SPDX-License-Identifier: Apache-2.0 */
#include "net/network_words.h"

#include "tap.h"

#include <string.h>

typedef int add_fn(struct network *network, const char *word, struct arena *arena,
		   struct err *err);

#define NETWORK                             \
	auto_arena struct arena arena = {}; \
	struct network network = {};        \
	struct err err = {}

static bool refused(struct network *network, add_fn *add, const char *word, const char *why)
{
	auto_arena struct arena arena = {};
	struct err err = {};

	if (add(network, word, &arena, &err) < 0 && err.kind == ERR_USAGE &&
	    strcmp(err.msg, why) == 0)
		return true;
	return printf("# '%s': \"%s\", not \"%s\"\n", word, err.msg, why), false;
}

/* Two subnets, one of each family. */
static bool begin(struct network *network, struct arena *arena, struct err *err)
{
	return CHECK(network_add_subnet(network, "10.5.0.0/16", arena, err) == 0) &&
	       CHECK(network_add_subnet(network, "FD00:5::/64", arena, err) == 0);
}

static bool each_goes_to_the_subnet_that_it_is_in(void)
{
	NETWORK;

	return begin(&network, &arena, &err) &&
	       CHECK(network_add_gateway(&network, "fd00:5:0::9", &arena, &err) == 0) &&
	       CHECK(network_add_gateway(&network, "10.5.0.9", &arena, &err) == 0) &&
	       CHECK(network_add_range(&network, "10.5.1.0/24", &arena, &err) == 0) &&
	       CHECK(network_add_range(&network, "fd00:5::10-fd00:5::1f", &arena, &err) == 0) &&
	       CHECK(network_add_reserved(&network, "router=10.5.1.7", &arena, &err) == 0) &&
	       CHECK_STR(network.subnets.v[1].subnet, "fd00:5::/64") &&
	       CHECK_STR(network.subnets.v[0].gateway, "10.5.0.9") &&
	       CHECK_STR(network.subnets.v[1].gateway, "fd00:5::9") &&
	       CHECK_STR(network.subnets.v[0].range_start, "10.5.1.0") &&
	       CHECK_STR(network.subnets.v[0].range_end, "10.5.1.255") &&
	       CHECK_STR(network.subnets.v[1].range_start, "fd00:5::10") &&
	       CHECK_STR(network.subnets.v[1].range_end, "fd00:5::1f") &&
	       CHECK_STR(network.subnets.v[0].reserved.v[0].key, "router") &&
	       CHECK_STR(network.subnets.v[0].reserved.v[0].value, "10.5.1.7");
}

static bool what_is_in_no_subnet_is_refused(void)
{
	static const char no_subnet[] = "the network's subnet has to be given too";
	static const char elsewhere[] = "it is in no subnet of the network";
	NETWORK;

	return CHECK(refused(&network, network_add_gateway, "10.5.0.1", no_subnet)) &&
	       CHECK(refused(&network, network_add_range, "10.5.0.0/24", no_subnet)) &&
	       begin(&network, &arena, &err) &&
	       CHECK(refused(&network, network_add_gateway, "10.6.0.1", elsewhere)) &&
	       CHECK(refused(&network, network_add_reserved, "a=10.6.0.1", elsewhere)) &&
	       CHECK(refused(&network, network_add_range, "10.5.0.0/8", elsewhere)) &&
	       CHECK(refused(&network, network_add_range, "10.5.255.0-10.6.0.1",
			     "it is larger than subnet '10.5.0.0/16'"));
}

static bool a_subnet_has_one_gateway_and_one_range(void)
{
	NETWORK;

	return begin(&network, &arena, &err) &&
	       CHECK(network_add_gateway(&network, "10.5.0.1", &arena, &err) == 0) &&
	       CHECK(network_add_range(&network, "10.5.1.0/24", &arena, &err) == 0) &&
	       CHECK(refused(&network, network_add_gateway, "10.5.0.2",
			     "subnet '10.5.0.0/16' has gateway '10.5.0.1' already")) &&
	       CHECK(refused(&network, network_add_range, "10.5.2.0/24",
			     "subnet '10.5.0.0/16' has a range already"));
}

static bool the_last_value_of_an_option_counts(void)
{
	NETWORK;

	return CHECK(network_add_option(&network, "mtu=1400", &arena, &err) == 0) &&
	       CHECK(network_add_option(&network, "isolate=", &arena, &err) == 0) &&
	       CHECK(network_add_option(&network, "com.docker.network.driver.mtu=1300", &arena,
					&err) == 0) &&
	       CHECK(network.options.n == 2) && CHECK_STR(network.options.v[0].value, "1300") &&
	       CHECK_STR(network.options.v[1].value, "") &&
	       CHECK(refused(&network, network_add_option, "mtu", "it is not NAME=VALUE")) &&
	       CHECK(refused(&network, network_add_option, "=1", "it is not NAME=VALUE"));
}

static bool a_route_has_two_or_three_parts(void)
{
	static const char form[] = "it is not DESTINATION,GATEWAY[,METRIC]";
	NETWORK;

	return CHECK(network_add_route(&network, "10.9.0.0/16,10.5.0.7", &arena, &err) == 0) &&
	       CHECK(network_add_route(&network, "fd09::/64,fd00:5::7,50", &arena, &err) == 0) &&
	       CHECK(network.routes.n == 2) &&
	       CHECK_STR(network.routes.v[0].destination, "10.9.0.0/16") &&
	       CHECK_STR(network.routes.v[0].gateway, "10.5.0.7") &&
	       CHECK(network.routes.v[0].metric == 0) && CHECK(network.routes.v[1].metric == 50) &&
	       CHECK(refused(&network, network_add_route, "10.9.0.0/16", form)) &&
	       CHECK(refused(&network, network_add_route, "a,b,1,2", form)) &&
	       CHECK(refused(&network, network_add_route, "a,b,x",
			     "the metric 'x' is no number above 0"));
}

static bool servers_come_and_go(void)
{
	NETWORK;

	return CHECK(network_add_dns(&network, "1.1.1.1,FD00::1", &arena, &err) == 0) &&
	       CHECK(network_add_dns(&network, "1.1.1.1", &arena, &err) == 0) &&
	       CHECK(network_add_dns(&network, "9.9.9.9", &arena, &err) == 0) &&
	       CHECK(network.dns_servers.n == 3) &&
	       CHECK_STR(network.dns_servers.v[1], "fd00::1") &&
	       CHECK(network_drop_dns(&network, "1.1.1.1,fd00:0::1", &err) == 0) &&
	       CHECK(network.dns_servers.n == 1) &&
	       CHECK_STR(network.dns_servers.v[0], "9.9.9.9") &&
	       CHECK(network.dns_servers.v[1] == NULL) &&
	       CHECK(network_drop_dns(&network, "1.1.1.1", &err) < 0) &&
	       CHECK_STR(err.msg, "'1.1.1.1' is no server of the network") &&
	       CHECK(network_add_dns(&network, "", &arena, &err) < 0) &&
	       CHECK(network_add_dns(&network, "1.1.1.1,,", &arena, &err) < 0);
}

static bool a_list_that_was_read_can_grow(void)
{
	char *servers[] = { (char[]){ "1.1.1.1" }, (char[]){ "2.2.2.2" }, NULL };
	NETWORK;

	network.dns_servers.v = servers;
	network.dns_servers.n = 2;
	return CHECK(network_add_dns(&network, "3.3.3.3", &arena, &err) == 0) &&
	       CHECK(network.dns_servers.v != servers) && CHECK(servers[2] == NULL) &&
	       CHECK_STR(network.dns_servers.v[2], "3.3.3.3") &&
	       CHECK(network.dns_servers.v[3] == NULL);
}

int main(void)
{
	TEST(each_goes_to_the_subnet_that_it_is_in);
	TEST(what_is_in_no_subnet_is_refused);
	TEST(a_subnet_has_one_gateway_and_one_range);
	TEST(the_last_value_of_an_option_counts);
	TEST(a_route_has_two_or_three_parts);
	TEST(servers_come_and_go);
	TEST(a_list_that_was_read_can_grow);
	return tap_done();
}
