/* SPDX-License-Identifier: Apache-2.0 */
/* One word of each option for networks, and what does not go together. */
#include "engine/words_network.h"

#include "base/log.h"
#include "tap.h"

typedef int add_fn(struct config *config, const char *word, struct arena *arena, struct err *err);

struct kept {
	struct arena arena;
	struct config config;
	struct err err;
	int r;
};

static void kept_done(struct kept *kept)
{
	arena_done(&kept->arena);
}

#define auto_kept auto_cleanup(kept_done)

static void add(struct kept *kept, add_fn *fn, const char *const *words)
{
	for (; *words && kept->r == 0; words++)
		kept->r = fn(&kept->config, *words, &kept->arena, &kept->err);
}

#define ADD(kept, fn, ...) add(kept, fn, (const char *const[]){ __VA_ARGS__, NULL })

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

/* Why a word is refused; "" if it is not. */
static const char *reason(add_fn *fn, const char *word)
{
	static struct err err;
	auto_kept struct kept kept = {};

	ADD(&kept, fn, word);
	err = kept.err;
	return err.msg;
}

static bool networks(struct kept *kept, const char *const *words, const struct wish_network *given)
{
	struct oci_strings list = { (char **)(uintptr_t)words, 0 };

	while (words[list.n])
		list.n++;
	kept->r = network_add(&kept->config, &list, given ? given : &(struct wish_network){},
			      "usual:ip=10.0.0.9", &kept->arena, &kept->err);
	return kept->r == 0;
}

#define NETWORKS(kept, given, ...) \
	networks(kept, (const char *const[]){ __VA_ARGS__, NULL }, given)

static bool a_mode_is_the_word_of_the_network(void)
{
	static const char *const words[] = { "none", "host", "container:web", "ns:/run/netns/a" };
	bool ok = true;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		auto_kept struct kept kept = {};

		ok = ok && CHECK(NETWORKS(&kept, NULL, words[i])) &&
		     CHECK_STR(kept.config.network, words[i]) && CHECK(!kept.config.networks.n);
	}
	return ok;
}

static bool networks_have_what_is_wished_of_them(void)
{
	auto_kept struct kept kept = {};
	const struct config *c = &kept.config;

	return CHECK(NETWORKS(&kept, NULL, "a:alias=x,alias=y,ip=10.0.0.2,mac=02-00-00-00-00-01",
			      "b:ip6=fd00:0::1,interface_name=lan,host_interface_name=v0")) &&
	       CHECK_STR(c->network, "a") && CHECK(c->networks.n == 2) &&
	       CHECK_STR(c->networks.v[0].name, "a") &&
	       CHECK_STR(joined(&c->networks.v[0].aliases), "x y") &&
	       CHECK_STR(c->networks.v[0].ip, "10.0.0.2") &&
	       CHECK_STR(c->networks.v[0].mac, "02:00:00:00:00:01") &&
	       CHECK(!c->networks.v[0].ip6) && CHECK_STR(c->networks.v[1].ip6, "fd00::1") &&
	       CHECK_STR(c->networks.v[1].interface_name, "lan") &&
	       CHECK_STR(c->networks.v[1].host_interface_name, "v0");
}

static bool no_word_and_private_are_the_usual_one(void)
{
	auto_kept struct kept none = {}, private = {}, given = {};

	return CHECK(NETWORKS(&none, NULL, NULL)) && CHECK_STR(none.config.network, "usual") &&
	       CHECK_STR(none.config.networks.v[0].ip, "10.0.0.9") &&
	       CHECK(NETWORKS(&private, NULL, "private")) &&
	       CHECK_STR(private.config.network, "usual") &&
	       CHECK(private.config.networks.n == 1) &&
	       CHECK(NETWORKS(&given, &(struct wish_network){ .mac = (char *)"02:00:00:00:00:02" },
			      NULL)) &&
	       CHECK_STR(given.config.networks.v[0].mac, "02:00:00:00:00:02");
}

static bool an_address_is_for_one_network(void)
{
	const struct wish_network ip = { .ip = (char *)"10.0.0.2" };
	auto_kept struct kept one = {}, none = {}, private = {}, two = {};

	return CHECK(NETWORKS(&one, &ip, "a")) &&
	       CHECK_STR(one.config.networks.v[0].ip, "10.0.0.2") &&
	       CHECK(!NETWORKS(&none, &ip, "none")) &&
	       CHECK_STR(none.err.msg, "--ip cannot be combined with --network none") &&
	       CHECK(!NETWORKS(&private, &ip, "private")) &&
	       CHECK(!NETWORKS(&two, &ip, "a", "b")) && CHECK(!two.config.network);
}

static bool connects(struct kept *kept, const char *network, const char *const *fields,
		     struct config_network *ret)
{
	struct oci_strings list = { (char **)(uintptr_t)fields, 0 };

	while (fields[list.n])
		list.n++;
	kept->r = connect_parse(network, &list, &kept->arena, ret, &kept->err);
	return kept->r == 0;
}

#define CONNECTS(kept, ret, network, ...) \
	connects(kept, network, (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL }, ret)

static bool who_connects_says_the_same_in_fields(void)
{
	auto_kept struct kept plain = {}, rich = {}, mode = {}, comma = {}, twice = {}, option = {};
	struct config_network one = {}, two = {}, bad = {};

	return CHECK(CONNECTS(&plain, &one, "a")) && CHECK_STR(one.name, "a") && CHECK(!one.ip) &&
	       CHECK(CONNECTS(&rich, &two, "a", "alias=b", "alias=c", "ip=10.0.0.2",
			      "driver-opt=com.docker.network.endpoint.ifname=net0")) &&
	       CHECK_STR(two.name, "a") && CHECK_STR(joined(&two.aliases), "b c") &&
	       CHECK_STR(two.ip, "10.0.0.2") && CHECK_STR(two.interface_name, "net0") &&
	       CHECK(!CONNECTS(&mode, &bad, "host")) &&
	       CHECK_STR(mode.err.msg, "'host' is no network") &&
	       CHECK(!CONNECTS(&comma, &bad, "a", "alias=b,ip=10.0.0.2")) &&
	       CHECK(comma.err.kind == ERR_USAGE) &&
	       CHECK(!CONNECTS(&twice, &bad, "a", "ip=10.0.0.2", "ip=10.0.0.3")) &&
	       CHECK(!CONNECTS(&option, &bad, "a", "driver-opt=x=y")) && CHECK(!bad.name);
}

static bool ports_are_kept_as_they_are_written(void)
{
	auto_kept struct kept kept = {};

	ADD(&kept, publish_add, "80", "127.0.0.1::53/udp", "8000-8010:80-90", "target=9",
	    "published=8080,target=80,protocol=udp", "target=7,published=1-2,mode=host");
	return CHECK(kept.r == 0) &&
	       CHECK_STR(joined(&kept.config.publish),
			 "80 127.0.0.1::53/udp 8000-8010:80-90 9/tcp 8080:80/udp 1-2:7/tcp") &&
	       CHECK_STR(reason(publish_add, "80:x"), "'80:x': a port is 1 to 65535") &&
	       CHECK_STR(reason(publish_add, "published=80"),
			 "'published=80': target is missing") &&
	       CHECK_STR(reason(publish_add, "target=80,colour=red"),
			 "'target=80,colour=red': 'colour' is not published=, target= or "
			 "protocol=, each once") &&
	       CHECK(*reason(publish_add, "target=80,target=81")) &&
	       CHECK(*reason(publish_add, "target"));
}

static bool what_is_exposed_is_kept_once(void)
{
	static char *const image[] = { (char *)"80/tcp", (char *)"udp/80", (char *)"443/tcp" };
	const struct oci_strings ports = { (char **)(uintptr_t)image, 3 };
	auto_kept struct kept kept = {};

	ADD(&kept, expose_add, "80", "80/udp", "80/TCP", "8000-8010");
	expose_add_image(&kept.config, &ports, &kept.arena);
	return CHECK(kept.r == 0) &&
	       CHECK_STR(joined(&kept.config.expose), "80 80/udp 8000-8010 443/tcp") &&
	       CHECK_STR(reason(expose_add, "8080:80"), "'8080:80': a port is 1 to 65535");
}

static bool names_are_held_to_what_files_can_say(void)
{
	auto_kept struct kept kept = {};

	ADD(&kept, dns_add, "9.9.9.9", "fd00::1");
	ADD(&kept, dns_search_add, "example.org", ".");
	ADD(&kept, dns_option_add, "ndots:2");
	ADD(&kept, add_host_add, "a:10.0.0.1", "b;c=host-gateway");
	return CHECK(kept.r == 0) && CHECK_STR(joined(&kept.config.dns), "9.9.9.9 fd00::1") &&
	       CHECK_STR(joined(&kept.config.dns_search), "example.org .") &&
	       CHECK_STR(joined(&kept.config.dns_options), "ndots:2") &&
	       CHECK_STR(joined(&kept.config.add_hosts), "a:10.0.0.1 b;c=host-gateway") &&
	       CHECK(*reason(dns_add, "one")) && CHECK(*reason(add_host_add, "a")) &&
	       CHECK_STR(reason(dns_search_add, "a b"), "'a b' can't stand in a resolv.conf") &&
	       CHECK(*reason(dns_option_add, "a\nnameserver"));
}

#define STR(text)  ((char *)(uintptr_t)(text))
#define WORDS(...) { (char **)(const char *[]){ __VA_ARGS__, NULL }, \
		     sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *) }

static const char *together(struct config config)
{
	static struct err err;
	auto_arena struct arena arena = {};

	err = (struct err){};
	return network_words_check(&config, &arena, &err) < 0 ? err.msg : "";
}

#define TOGETHER(...) together((struct config){ __VA_ARGS__ })
#define JOINED(option, ...)                                                           \
	CHECK_STR(TOGETHER(.network = STR("container:web"), __VA_ARGS__),             \
		  option " cannot be combined with --network 'container:web'")

static bool what_is_anothers_is_not_changed(void)
{
	return JOINED("--publish", .publish = WORDS("80")) &&
	       JOINED("--publish-all", .publish_all = true) &&
	       JOINED("--expose", .expose = WORDS("80")) && JOINED("--dns", .dns = WORDS("::1")) &&
	       JOINED("--dns-search", .dns_search = WORDS("a")) &&
	       JOINED("--dns-option", .dns_options = WORDS("a")) &&
	       JOINED("--add-host", .add_hosts = WORDS("a:::1")) &&
	       JOINED("--hostname", .hostname = STR("a")) &&
	       CHECK_STR(TOGETHER(.network = STR("container:web"), .no_hosts = true), "") &&
	       CHECK_STR(TOGETHER(.network = STR("host"), .hostname = STR("a"),
				  .dns = WORDS("::1"), .add_hosts = WORDS("a:::1")), "");
}

static bool ports_of_no_network_are_discarded(void)
{
	struct config_network a = { .name = STR("a") };
	struct config host = { .network = STR("host"), .publish = WORDS("80"),
			       .publish_all = true };
	struct config own = { .network = STR("a"), .networks = { &a, 1 },
			      .publish = WORDS("80"), .publish_all = true };
	auto_arena struct arena arena = {};
	struct err err = {};

	return CHECK(network_words_check(&host, &arena, &err) == 0) &&
	       CHECK(!host.publish.n && !host.publish_all) &&
	       CHECK(network_words_check(&own, &arena, &err) == 0) &&
	       CHECK(own.publish.n == 1 && own.publish_all);
}

static bool words_that_exclude_each_other_are_told(void)
{
	struct config_network a = { .name = STR("a") };

	return CHECK_STR(TOGETHER(.network = STR("a"), .networks = { &a, 1 },
				  .publish = WORDS("80:80", "127.0.0.1:80:81")),
			 "--publish: '80:80' and '127.0.0.1:80:81' want the same host port") &&
	       CHECK_STR(TOGETHER(.no_hosts = true, .add_hosts = WORDS("a:::1")),
			 "--add-host cannot be combined with --no-hosts: there is no file to "
			 "write it to") &&
	       CHECK_STR(TOGETHER(.dns = WORDS("::1", "::2", "::3", "::4", "::5", "::6", "::7",
					       "::8", "::9")),
			 "--dns: 9 name servers; 8 is the most");
}

int main(void)
{
	TEST(a_mode_is_the_word_of_the_network);
	TEST(networks_have_what_is_wished_of_them);
	TEST(no_word_and_private_are_the_usual_one);
	TEST(an_address_is_for_one_network);
	TEST(who_connects_says_the_same_in_fields);
	TEST(ports_are_kept_as_they_are_written);
	TEST(what_is_exposed_is_kept_once);
	TEST(names_are_held_to_what_files_can_say);
	TEST(what_is_anothers_is_not_changed);
	TEST(ports_of_no_network_are_discarded);
	TEST(words_that_exclude_each_other_are_told);
	return tap_done();
}
