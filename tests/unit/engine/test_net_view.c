/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown of networks and ports, of one that runs and of others. */
#include "engine/net_view.h"

#include "tap.h"

#define STR(text)  ((char *)(uintptr_t)(text))
#define WORDS(...) { (char **)(const char *[]){ __VA_ARGS__, NULL }, \
		     sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *) }

/* "NETWORK ...|PORTS": the names, and the column. */
static const char *shown(const struct config *config, enum status_kind kind,
			 struct net_record *net)
{
	static char text[512];
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	struct status status = { .kind = kind };
	struct engine_container container = { (struct config *)(uintptr_t)config, &status, net };
	struct net_view view;

	net_view_make(&container, &arena, &view);
	for (size_t i = 0; i < view.networks.n; i++)
		buf_printf(&out, "%s%s", i ? " " : "", view.networks.v[i]);
	buf_puts(&out, "|");
	port_format_list(view.published.v, view.published.n, view.exposed.v, view.exposed.n, &out);
	snprintf(text, sizeof(text), "%s", buf_str(&out));
	return text;
}

static struct config_network two[] = { { .name = STR("back") }, { .name = STR("front") } };
static const struct config config = {
	.network = STR("back"), .networks = { two, 2 }, .expose = WORDS("443"),
	.publish = WORDS("127.0.0.1:8080:80", "53/udp"),
};

static bool one_that_does_not_run_has_what_it_asked_for(void)
{
	return CHECK_STR(shown(&config, STATUS_CREATED, NULL),
			 "back front|53/udp, 127.0.0.1:8080->80/tcp, 443/tcp") &&
	       CHECK_STR(shown(&(struct config){ .network = STR("host"), .expose = WORDS("80") },
			       STATUS_EXITED, NULL), "host|80/tcp") &&
	       CHECK_STR(shown(&(struct config){}, STATUS_CREATED, NULL), "none|");
}

static bool one_that_runs_has_what_is_recorded(void)
{
	struct net_endpoint endpoints[] = { { .network = STR("front") },
					    { .network = STR("side") }, {} };
	struct net_port ports[] = {
		{ STR("tcp"), STR("127.0.0.1"), 8080, 80, 1 },
		{ STR("udp"), NULL, 40000, 53, 1 },
		{ STR("icmp"), NULL, 1, 1, 1 },
		{ NULL, NULL, 1, 1, 1 },
		{ STR("tcp"), STR("nowhere"), 1, 1, 1 },
	};
	struct net_record net = { .endpoints = { endpoints, 3 }, .ports = { ports, 5 } };

	return CHECK_STR(shown(&config, STATUS_RUNNING, &net),
			 "front side|0.0.0.0:40000->53/udp, :::40000->53/udp, "
			 "127.0.0.1:8080->80/tcp, 443/tcp") &&
	       CHECK_STR(shown(&config, STATUS_PAUSED, &(struct net_record){}),
			 "|53/udp, 80/tcp, 443/tcp") &&
	       CHECK_STR(shown(&config, STATUS_RUNNING, NULL),
			 "back front|53/udp, 80/tcp, 443/tcp");
}

static bool all_that_is_exposed_may_be_published(void)
{
	const struct config all = { .publish = WORDS("80"), .expose = WORDS("443", "7-9/udp"),
				    .publish_all = true };
	auto_arena struct arena arena = {};
	struct net_view view;

	net_view_asked(&all, &arena, &view);
	return CHECK(view.published.n == 3) && CHECK(view.exposed.n == 3) &&
	       CHECK(view.published.v[2].port == 7 && view.published.v[2].n == 3) &&
	       CHECK(view.published.v[1].host_port == 0);
}

int main(void)
{
	TEST(one_that_does_not_run_has_what_it_asked_for);
	TEST(one_that_runs_has_what_is_recorded);
	TEST(all_that_is_exposed_may_be_published);
	return tap_done();
}
