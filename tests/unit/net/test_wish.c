/* SPDX-License-Identifier: Apache-2.0 */
#include "net/wish.h"
#include "base/buf.h"
#include "tap.h"

#include <string.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Words with a space between them. */
static int parse(const char *text, struct arena *arena, struct wish *ret, struct err *err)
{
	struct oci_strings words = { arena_array(arena, char *, 16), 0 };
	char *rest = arena_strdup(arena, text), *word;

	while ((word = strsep(&rest, " ")))
		if (*word)
			words.v[words.n++] = word;
	return wish_parse(&words, arena, ret, err);
}

static void put(struct buf *buf, const char *name, const char *value)
{
	if (value)
		buf_printf(buf, " %s=%s", name, value);
}

static const char *text_of(const struct wish *wish, struct buf *buf)
{
	static const char *const names[] = { "networks", "none", "host", "container", "ns",
					     "private" };

	buf_puts(buf, names[wish->mode]);
	put(buf, "target", wish->target);
	for (size_t i = 0; i < wish->networks.n; i++) {
		const struct wish_network *net = &wish->networks.v[i];

		buf_printf(buf, " [%s", net->name);
		for (size_t k = 0; k < net->aliases.n; k++)
			put(buf, "alias", net->aliases.v[k]);
		put(buf, "ip", net->ip);
		put(buf, "ip6", net->ip6);
		put(buf, "mac", net->mac);
		put(buf, "if", net->interface_name);
		put(buf, "host", net->host_interface_name);
		buf_puts(buf, "]");
	}
	return buf_str(buf);
}

static bool words_mean_modes_and_networks(void)
{
	static const struct {
		const char *words, *want;
	} rows[] = {
		{ "", "networks [bridge]" },
		{ "default", "networks [bridge]" },
		{ "bridge", "networks [bridge]" },
		{ "none", "none" },
		{ "name=none", "none" },
		{ "host", "host" },
		{ "private", "private" },
		{ "container:web", "container target=web" },
		{ "ns:/run/netns/a:b", "ns target=/run/netns/a:b" },
		{ "front", "networks [front]" },
		{ "front back.2", "networks [front] [back.2]" },
		{ "bridge:ip=10.88.0.10,mac=44-33-22-11-00-99",
		  "networks [bridge ip=10.88.0.10 mac=44:33:22:11:00:99]" },
		{ "front:alias=a,alias=b,alias=a,ip6=FD00:0::5,interface_name=net0,"
		  "host_interface_name=veth-web",
		  "networks [front alias=a alias=b ip6=fd00::5 if=net0 host=veth-web]" },
		{ "name=front,alias=a,alias=b,ip=10.1.0.2,ip6=fd00::2,"
		  "mac-address=02:42:00:00:00:01",
		  "networks [front alias=a alias=b ip=10.1.0.2 ip6=fd00::2 "
		  "mac=02:42:00:00:00:01]" },
		{ "alias=a,name=front back:alias=b", "networks [front alias=a] [back alias=b]" },
		{ "name=front,driver-opt=com.docker.network.endpoint.ifname=net7",
		  "networks [front if=net7]" },
	};

	for (size_t i = 0; i < N(rows); i++) {
		auto_arena struct arena arena = {};
		auto_buf struct buf buf = {};
		struct wish wish;
		struct err err = {};

		if (!CHECK(parse(rows[i].words, &arena, &wish, &err) == 0))
			return (printf("# %s\n", err.msg), false);
		if (!CHECK_STR(text_of(&wish, &buf), rows[i].want))
			return false;
	}
	return true;
}

static bool what_is_wrong_is_said(void)
{
	static const struct {
		const char *words, *want;
	} rows[] = {
		{ "host front", "--network: 'host' cannot be combined with 'front'" },
		{ "front none", "--network: 'none' cannot be combined with 'front'" },
		{ "none none", "--network: 'none' cannot be combined with 'none'" },
		{ "front container:web",
		  "--network: 'container:web' cannot be combined with 'front'" },
		{ "front back front", "--network 'front': the network 'front' is given twice" },
		{ "default bridge", "--network 'bridge': the network 'bridge' is given twice" },
		{ "a:interface_name=x b:interface_name=x",
		  "--network 'b:interface_name=x': the networks 'a' and 'b' want the same "
		  "interface 'x'" },
		{ "host:ip=1.2.3.4", "--network 'host:ip=1.2.3.4': 'host' takes no options" },
		{ "name=host,ip=1.2.3.4",
		  "--network 'name=host,ip=1.2.3.4': 'host' takes no options" },
		{ "container:", "--network 'container:': the container is missing" },
		{ "container", "--network 'container': the container is missing" },
		{ "ns:run", "--network 'ns:run': the path is not absolute" },
		{ "pasta", "--network 'pasta': rootless networking is not there yet, and it is "
			   "only for that" },
		{ "slirp4netns:mtu=1", "--network 'slirp4netns:mtu=1': rootless networking is not "
				       "there yet, and it is only for that" },
		{ "a:ip=fd00::1", "--network 'a:ip=fd00::1': ip: 'fd00::1' is no IPv4 address" },
		{ "a:ip6=1.2.3.4", "--network 'a:ip6=1.2.3.4': ip6: '1.2.3.4' is no IPv6 address" },
		{ "a:mac=1", "--network 'a:mac=1': mac: '1' is no MAC address" },
		{ "a:interface_name=lo", "--network 'a:interface_name=lo': interface_name: 'lo' is "
					 "no name that an interface can have" },
		{ "a:interface_name=eth%d", "--network 'a:interface_name=eth%d': interface_name: "
					    "'eth%d' is no name that an interface can have" },
		{ "a:interface_name=sixteen-letters-",
		  "--network 'a:interface_name=sixteen-letters-': interface_name: "
		  "'sixteen-letters-' is no name that an interface can have" },
		{ "a:alias=b/c", "--network 'a:alias=b/c': alias: 'b/c' is no name that others "
				 "could find it by" },
		{ "a:ip=1.2.3.4,ip=1.2.3.5",
		  "--network 'a:ip=1.2.3.4,ip=1.2.3.5': ip: is given twice" },
		{ "a:", "--network 'a:': there is no option ''" },
		{ "a:ip", "--network 'a:ip': ip: the value is missing" },
		{ "a:foo=1", "--network 'a:foo=1': there is no option 'foo'" },
		{ "../a", "--network '../a': '../a' is no name of a network" },
		{ "a,b", "--network 'a,b': 'a,b' is no name of a network" },
		{ "ip=1.2.3.4", "--network 'ip=1.2.3.4': name is missing" },
		{ "name=a,gw-priority=1", "--network 'name=a,gw-priority=1': gw-priority is not "
					  "there yet" },
		{ "name=a,driver-opt=x=y", "--network 'name=a,driver-opt=x=y': driver-opt is not "
					   "there yet" },
		{ "name=", "--network 'name=': name: '' is no name of a network" },
	};

	for (size_t i = 0; i < N(rows); i++) {
		auto_arena struct arena arena = {};
		struct wish wish = { .mode = WISH_NS };
		struct err err = {};

		if (!CHECK(parse(rows[i].words, &arena, &wish, &err) < 0) ||
		    !CHECK(err.kind == ERR_USAGE) || !CHECK(wish.mode == WISH_NS) ||
		    !CHECK_STR(err.msg, rows[i].want))
			return false;
	}
	return true;
}

static bool options_are_those_of_the_only_network(void)
{
	char *names[] = { (char *)"web", (char *)"db", NULL };
	const struct wish_network given = { .aliases = { names, 2 },
					    .ip = (char *)"10.0.0.5",
					    .ip6 = (char *)"fd00::5",
					    .mac = (char *)"02:00:00:00:00:05" };
	auto_arena struct arena arena = {};
	auto_buf struct buf buf = {};
	struct wish wish;
	struct err err = {};

	return CHECK(parse("front:alias=www", &arena, &wish, &err) == 0) &&
	       CHECK(wish_apply(&wish, &given, &arena, &err) == 0) &&
	       CHECK_STR(text_of(&wish, &buf),
			 "networks [front alias=www alias=web alias=db ip=10.0.0.5 ip6=fd00::5 "
			 "mac=02:00:00:00:00:05]");
}

static bool options_without_a_network_of_their_own_are_refused(void)
{
	static const struct {
		const char *words, *want;
	} rows[] = {
		{ "host", "--ip cannot be combined with --network host" },
		{ "container:web", "--ip cannot be combined with --network container" },
		{ "a b", "--ip is for one network, and there are 'a' and 'b'" },
		{ "a:ip=10.0.0.4", "--ip '10.0.0.5': the network 'a' has ip '10.0.0.4' already" },
	};
	const struct wish_network given = { .ip = (char *)"10.0.0.5" }, none = {};
	const struct wish_network bad = { .ip = (char *)"10.0.0.999" };
	auto_arena struct arena arena = {};
	struct wish wish;
	struct err err = {};

	for (size_t i = 0; i < N(rows); i++)
		if (!CHECK(parse(rows[i].words, &arena, &wish, &err) == 0) ||
		    !CHECK(wish_apply(&wish, &none, &arena, &err) == 0) ||
		    !CHECK(wish_apply(&wish, &given, &arena, &err) == -EINVAL) ||
		    !CHECK_STR(err.msg, rows[i].want))
			return false;
	return CHECK(parse("a", &arena, &wish, &err) == 0) &&
	       CHECK(wish_apply(&wish, &bad, &arena, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "--ip: '10.0.0.999' is no IPv4 address") &&
	       CHECK(!wish.networks.v[0].ip);
}

int main(void)
{
	TEST(words_mean_modes_and_networks);
	TEST(what_is_wrong_is_said);
	TEST(options_are_those_of_the_only_network);
	TEST(options_without_a_network_of_their_own_are_refused);
	return tap_done();
}
