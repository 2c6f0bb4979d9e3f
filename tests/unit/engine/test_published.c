/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/published.h"

#include "engine/networks.h"
#include "net/firewall.h"
#include "oci/list.h"

#define GONE "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void add_endpoint(struct net_record *record, struct arena *arena, const char *network,
			 const char *host_interface, const char *ip, const char *ip6)
{
	struct net_endpoint *endpoint = list_add(&record->endpoints, arena);

	endpoint->network = arena_strdup(arena, network);
	endpoint->host_interface = arena_strdup(arena, host_interface);
	endpoint->ip = ip ? arena_strdup(arena, ip) : NULL;
	endpoint->ip6 = ip6 ? arena_strdup(arena, ip6) : NULL;
}

static void add_port(struct net_record *record, struct arena *arena, const char *host_ip,
		     uint32_t host_port, uint32_t port, uint32_t count)
{
	*list_add(&record->ports, arena) = (struct net_port){
		.protocol = arena_strdup(arena, "tcp"),
		.host_ip = host_ip ? arena_strdup(arena, host_ip) : NULL,
		.host_port = host_port,
		.port = port,
		.count = count,
	};
}

static void list_port(const struct firewall_port *port, const char *id, void *arg)
{
	char host_ip[IP_BYTES], to[IP_BYTES];

	buf_printf(arg, "%.4s %s:%u>%s:%u ", id, ip_format(&port->host_ip, host_ip),
		   port->host_port, ip_format(&port->to, to), port->to_port);
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is published, in the order of its text. */
static bool are_published(struct nft *nft, const char *expected)
{
	auto_buf struct buf found = {}, sorted = {};
	char *words[64], *text, *save = NULL;
	struct err err = {};
	size_t n = 0;

	if (!CHECK(firewall_each_port(nft, list_port, &found, &err) == 0))
		return false;
	text = strdup(buf_str(&found));
	for (char *word = strtok_r(text, " ", &save); word && n < 64;
	     word = strtok_r(NULL, " ", &save))
		if (strchr(word, '>'))
			words[n++] = word;
	qsort(words, n, sizeof(*words), compare_words);
	for (size_t i = 0; i < n; i++)
		buf_printf(&sorted, "%s%s", i ? " " : "", words[i]);
	n = CHECK_STR(buf_str(&sorted), expected);
	free(text);
	return n;
}

static bool open_firewall(struct nft *nft)
{
	struct err err = {};

	return CHECK(nft_open(nft, &err) == 0) && CHECK(firewall_ensure(nft, &err) == 1);
}

/* An entry with a monitor, which is whoever holds *ret_lock_fd. */
static bool begin(const struct engine *engine, struct arena *arena, struct entry *ret,
		  int *ret_lock_fd)
{
	struct config config = {};
	struct err err = {};

	return CHECK(entry_create(engine, &config, arena, ret, &err) == 0) &&
	       CHECK(entry_begin(ret, ret_lock_fd, &err) == 0);
}

static bool ports_lead_to_the_addresses_of_their_family(void)
{
	auto_nft struct nft nft = { .fd = -1 };
	struct net_record record = {};
	ENGINE;

	add_endpoint(&record, &arena, "a", "veth1", "10.1.0.2/24", "fd00::2/64");
	add_port(&record, &arena, NULL, 8080, 80, 2);
	add_port(&record, &arena, "0.0.0.0", 9000, 90, 1);
	add_port(&record, &arena, "::", 9001, 91, 1);
	add_port(&record, &arena, "127.0.0.1", 9002, 92, 1);
	return open_firewall(&nft) &&
	       CHECK(published_add(&engine, &nft, GONE, &record, &err) == 0) &&
	       are_published(&nft, "127.0.0.1:9002>10.1.0.2:92 :8080>10.1.0.2:80 "
				   ":8080>fd00::2:80 :8081>10.1.0.2:81 :8081>fd00::2:81 "
				   ":9000>10.1.0.2:90 :9001>fd00::2:91") &&
	       CHECK(firewall_withdraw(&nft, GONE, &err) == 0) && are_published(&nft, "");
}

static bool ports_that_there_are_not_are_left_out(void)
{
	auto_nft struct nft nft = { .fd = -1 };
	struct net_record record = {};
	ENGINE;

	add_endpoint(&record, &arena, "a", "veth1", "10.1.0.2/24", NULL);
	add_port(&record, &arena, NULL, 8080, 80, UINT32_MAX);
	add_port(&record, &arena, NULL, 65535, 80, 2);
	add_port(&record, &arena, NULL, 8080, 65536 + 80, 1);
	add_port(&record, &arena, "nowhere", 8080, 80, 1);
	add_port(&record, &arena, NULL, 65534, 80, 2);
	return open_firewall(&nft) &&
	       CHECK(published_add(&engine, &nft, GONE, &record, &err) == 0) &&
	       are_published(&nft, ":65534>10.1.0.2:80 :65535>10.1.0.2:81");
}

static bool the_first_bridge_that_is_not_internal_is_the_way_in(void)
{
	struct net_record record = {};
	auto_arena struct arena arena = {};
	struct ip to[2];
	char text[IP_BYTES];

	add_endpoint(&record, &arena, "lan", "", "192.0.2.5/24", NULL);
	add_endpoint(&record, &arena, "inner", "veth1", "10.1.0.2/24", NULL);
	record.endpoints.v[1].is_internal = true;
	published_targets(&record, to);
	if (!CHECK_STR(ip_format(&to[0], text), "10.1.0.2") || !CHECK(!ip_is_set(&to[1])))
		return false;
	add_endpoint(&record, &arena, "outer", "veth2", "10.2.0.2/24", NULL);
	published_targets(&record, to);
	return CHECK_STR(ip_format(&to[0], text), "10.2.0.2");
}

static bool ports_move_with_the_networks(void)
{
	struct net_record before = {}, both = {}, after = {}, none = {};
	auto_nft struct nft nft = { .fd = -1 };
	ENGINE;

	add_endpoint(&before, &arena, "a", "veth1", "10.1.0.2/24", NULL);
	add_endpoint(&both, &arena, "a", "veth1", "10.1.0.2/24", NULL);
	add_endpoint(&both, &arena, "b", "veth2", "10.2.0.2/24", "fd00::2/64");
	add_endpoint(&after, &arena, "b", "veth2", "10.2.0.2/24", "fd00::2/64");
	add_port(&before, &arena, NULL, 8080, 80, 1);
	both.ports = after.ports = none.ports = before.ports;
	return open_firewall(&nft) &&
	       CHECK(published_add(&engine, &nft, GONE, &before, &err) == 0) &&
	       CHECK(published_move(&engine, &nft, GONE, &before, &both, &err) == 0) &&
	       are_published(&nft, ":8080>10.1.0.2:80 :8080>fd00::2:80") &&
	       CHECK(published_move(&engine, &nft, GONE, &both, &after, &err) == 0) &&
	       are_published(&nft, ":8080>10.2.0.2:80 :8080>fd00::2:80") &&
	       CHECK(published_move(&engine, &nft, GONE, &after, &none, &err) == 0) &&
	       are_published(&nft, "") &&
	       CHECK(published_move(&engine, &nft, GONE, &none, &before, &err) == 0) &&
	       are_published(&nft, ":8080>10.1.0.2:80");
}

static bool what_others_took_away_or_changed_is_restored(void)
{
	struct net_record record = {}, wrong = {};
	auto_nft struct nft nft = { .fd = -1 };
	ENGINE;

	add_endpoint(&record, &arena, "a", "veth1", "10.1.0.2/24", NULL);
	add_endpoint(&wrong, &arena, "a", "veth1", "10.1.0.9/24", NULL);
	add_port(&record, &arena, NULL, 8080, 80, 2);
	add_port(&wrong, &arena, NULL, 8080, 80, 1);
	return open_firewall(&nft) &&
	       CHECK(published_restore(&engine, &nft, GONE, &record, &err) == 0) &&
	       are_published(&nft, ":8080>10.1.0.2:80 :8081>10.1.0.2:81") &&
	       CHECK(published_restore(&engine, &nft, GONE, &record, &err) == 0) &&
	       are_published(&nft, ":8080>10.1.0.2:80 :8081>10.1.0.2:81") &&
	       CHECK(firewall_withdraw(&nft, GONE, &err) == 0) &&
	       CHECK(published_add(&engine, &nft, GONE, &wrong, &err) == 0) &&
	       CHECK(published_restore(&engine, &nft, GONE, &record, &err) == 0) &&
	       are_published(&nft, ":8080>10.1.0.2:80 :8081>10.1.0.2:81");
}

static bool who_has_ended_is_in_nobodys_way_and_who_runs_is(void)
{
	auto_entry struct entry web = ENTRY_NONE, two = ENTRY_NONE;
	auto_close int web_fd = -1, two_fd = -1;
	auto_nft struct nft nft = { .fd = -1 };
	struct net_record before = {}, record = {};
	ENGINE;

	add_endpoint(&before, &arena, "a", "veth1", "10.1.0.2/24", NULL);
	add_endpoint(&record, &arena, "a", "veth2", "10.1.0.3/24", NULL);
	add_port(&before, &arena, NULL, 8080, 80, 1);
	add_port(&record, &arena, NULL, 8080, 80, 1);
	if (!open_firewall(&nft) || !begin(&engine, &arena, &web, &web_fd) ||
	    !begin(&engine, &arena, &two, &two_fd) ||
	    !CHECK(published_add(&engine, &nft, web.id, &before, &err) == 0) ||
	    !CHECK(published_add(&engine, &nft, two.id, &record, &err) == -EEXIST) ||
	    !are_published(&nft, ":8080>10.1.0.2:80"))
		return false;
	entry_unlock(web_fd, 0); /* it has ended, and is still being taken apart */
	err = (struct err){};
	return CHECK(published_add(&engine, &nft, two.id, &record, &err) == 0) &&
	       are_published(&nft, ":8080>10.1.0.3:80");
}

static bool its_own_ports_from_before_are_replaced(void)
{
	auto_nft struct nft nft = { .fd = -1 };
	struct net_record before = {}, record = {};
	ENGINE;

	add_endpoint(&before, &arena, "a", "veth1", "10.1.0.2/24", NULL);
	add_endpoint(&record, &arena, "a", "veth2", "10.1.0.3/24", NULL);
	add_port(&before, &arena, NULL, 8080, 80, 2);
	add_port(&record, &arena, NULL, 8080, 80, 1);
	return open_firewall(&nft) &&
	       CHECK(published_add(&engine, &nft, GONE, &before, &err) == 0) &&
	       CHECK(published_add(&engine, &nft, GONE, &record, &err) == 0) &&
	       are_published(&nft, ":8080>10.1.0.3:80");
}

static bool after_a_flush_those_who_run_get_theirs_again(void)
{
	auto_entry struct entry web = ENTRY_NONE, over = ENTRY_NONE;
	auto_close int web_fd = -1, over_fd = -1;
	auto_nft struct nft nft = { .fd = -1 };
	struct net_record record = {}, other = {};
	ENGINE;

	add_endpoint(&record, &arena, "a", "veth1", "10.1.0.2/24", NULL);
	add_endpoint(&other, &arena, "a", "veth2", "10.1.0.3/24", NULL);
	add_port(&record, &arena, NULL, 8080, 80, 1);
	add_port(&other, &arena, NULL, 8081, 80, 1);
	if (!open_firewall(&nft) || !begin(&engine, &arena, &web, &web_fd) ||
	    !begin(&engine, &arena, &over, &over_fd) ||
	    !CHECK(entry_write_network(&web, &record, &err) == 0) ||
	    !CHECK(entry_write_network(&over, &other, &err) == 0))
		return false;
	entry_unlock(over_fd, 0);
	return CHECK(published_add_all(&engine, &nft, &err) == 0) &&
	       are_published(&nft, ":8080>10.1.0.2:80") &&
	       CHECK(published_add_all(&engine, &nft, &err) == 0) &&
	       are_published(&nft, ":8080>10.1.0.2:80");
}

int main(void)
{
	if (!is_possible()) {
		SKIP(published, "it takes root, and ip(8)");
		return tap_done();
	}
	TEST_IN_CHILD(ports_lead_to_the_addresses_of_their_family);
	TEST_IN_CHILD(ports_that_there_are_not_are_left_out);
	TEST_IN_CHILD(the_first_bridge_that_is_not_internal_is_the_way_in);
	TEST_IN_CHILD(ports_move_with_the_networks);
	TEST_IN_CHILD(what_others_took_away_or_changed_is_restored);
	TEST_IN_CHILD(who_has_ended_is_in_nobodys_way_and_who_runs_is);
	TEST_IN_CHILD(its_own_ports_from_before_are_replaced);
	TEST_IN_CHILD(after_a_flush_those_who_run_get_theirs_again);
	return tap_done();
}
