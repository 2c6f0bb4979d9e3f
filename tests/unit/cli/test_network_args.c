/* SPDX-License-Identifier: Apache-2.0 */
/* The options for networks as people type them, and the configuration that comes of them. */
#include "cli/tare/network_args.h"
#include "tap.h"

struct args {
	struct network_args network;
};

static const struct opt rows[] = { NETWORK_OPTIONS(struct args, network) };

static const struct opt_command command = {
	.name = "run", .in_order = true, .max_operands = OPT_OPERANDS_ANY, OPT_ROWS(rows),
};

#define MAX_WORDS 48

struct line {
	struct arena arena;
	struct config config;
	struct err err;
	int r;
};

#define auto_line auto_cleanup(line_done)

static void line_done(struct line *line)
{
	arena_done(&line->arena);
}

static struct line parse(const char *const *words)
{
	char *operands[MAX_WORDS] = {};
	struct line line = {};
	struct args args = {};

	for (size_t i = 0; words[i]; i++)
		operands[i] = (char *)(uintptr_t)words[i];
	line.r = opt_parse(&command, &args, operands, &line.arena, &line.err);
	if (line.r == 0)
		line.r = network_args_fill(&args.network, &line.arena, &line.config, &line.err);
	return line;
}

#define LINE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

static const char *refusal(struct line line)
{
	static struct err err;

	err = line.r < 0 ? line.err : (struct err){};
	arena_done(&line.arena);
	return err.msg;
}

#define REFUSED(want, ...) CHECK_STR(refusal(LINE(__VA_ARGS__)), want)

static const char *joined(const struct oci_strings *list)
{
	static char text[512];

	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, list->v[i]);
	}
	return text;
}

static bool nothing_is_said_of_networks(void)
{
	auto_line struct line line = LINE(NULL), private = LINE("--network", "private");
	const struct config *c = &line.config;

	return CHECK(line.r == 0) && CHECK(!c->publish.n && !c->expose.n && !c->dns.n) &&
	       CHECK(!c->publish_all && !c->no_hosts && !c->add_hosts.n) &&
	       CHECK_STR(private.config.network, c->network) &&
	       CHECK(private.config.networks.n == c->networks.n);
}

static bool each_option_has_its_member(void)
{
	auto_line struct line line = LINE(
		"--net", "back:alias=x", "--ip", "10.0.0.2", "--ip6=fd00::2", "--mac-address",
		"02:00:00:00:00:01", "--network-alias", "y", "--net-alias", "z", "--dns",
		"9.9.9.9", "--dns-search", "a.org", "--dns-option", "ndots:2", "--dns-opt",
		"edns0", "--add-host", "db:10.0.0.7", "--expose", "53/udp", "-p", "8080:80",
		"--publish=443", "-P");
	const struct config *c = &line.config;

	return CHECK(line.r == 0) && CHECK_STR(c->network, "back") && CHECK(c->networks.n == 1) &&
	       CHECK_STR(joined(&c->networks.v[0].aliases), "x y z") &&
	       CHECK_STR(c->networks.v[0].ip, "10.0.0.2") &&
	       CHECK_STR(c->networks.v[0].ip6, "fd00::2") &&
	       CHECK_STR(c->networks.v[0].mac, "02:00:00:00:00:01") &&
	       CHECK_STR(joined(&c->dns), "9.9.9.9") &&
	       CHECK_STR(joined(&c->dns_search), "a.org") &&
	       CHECK_STR(joined(&c->dns_options), "ndots:2 edns0") &&
	       CHECK_STR(joined(&c->add_hosts), "db:10.0.0.7") &&
	       CHECK_STR(joined(&c->expose), "53/udp") &&
	       CHECK_STR(joined(&c->publish), "8080:80 443") && CHECK(c->publish_all);
}

static bool several_networks_are_kept_in_order(void)
{
	auto_line struct line line = LINE("--network", "b", "--network", "a", "--no-hosts");
	const struct config *c = &line.config;

	return CHECK(line.r == 0) && CHECK(c->networks.n == 2) && CHECK_STR(c->network, "b") &&
	       CHECK_STR(c->networks.v[1].name, "a") && CHECK(c->no_hosts);
}

static bool what_is_refused_names_the_option(void)
{
	return REFUSED("--network '': '' is no name of a network", "--network", "") &&
	       REFUSED("--network 'container:': the container is missing", "--net", "container:") &&
	       REFUSED("--network 'ns:a': the path is not absolute", "--network", "ns:a") &&
	       REFUSED("--network: 'host' cannot be combined with 'a'", "--network", "a",
		       "--network", "host") &&
	       REFUSED("--ip is for one network, and there are 'a' and 'b'", "--network", "a",
		       "--network", "b", "--ip", "10.0.0.1") &&
	       REFUSED("--publish: 'x': a port is 1 to 65535", "-p", "x") &&
	       REFUSED("--expose: '80/icmp': the protocol is one of tcp, udp and sctp",
		       "--expose", "80/icmp") &&
	       REFUSED("--dns: 'x' is no IP address", "--dns", "x") &&
	       REFUSED("--dns-search: 'a b' can't stand in a resolv.conf", "--dns-search", "a b") &&
	       REFUSED("--dns-option: '' can't stand in a resolv.conf", "--dns-opt", "") &&
	       REFUSED("--add-host: host 'a' has no address", "--add-host", "a") &&
	       REFUSED("--dns cannot be combined with --network 'container:web'", "--network",
		       "container:web", "--dns", "9.9.9.9");
}

int main(void)
{
	TEST(nothing_is_said_of_networks);
	TEST(each_option_has_its_member);
	TEST(several_networks_are_kept_in_order);
	TEST(what_is_refused_names_the_option);
	return tap_done();
}
