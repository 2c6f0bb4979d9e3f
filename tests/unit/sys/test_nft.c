/* SPDX-License-Identifier: Apache-2.0 */
/* All tables live in network namespaces that each claim makes for itself; nft(8) tells what is in
 * them. */
#include "sys/nft.h"

#include "child.h"
#include "sh.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdlib.h>

static const struct nft_table table = { NFPROTO_INET, "probe" };
static struct nft nft = { .fd = -1 };
static struct nft_batch batch;
static struct err err;

static bool begin(void)
{
	nft_batch_done(&batch);
	nft_batch_init(&batch, &table);
	return nft.fd >= 0 ||
	       (CHECK(unshare(CLONE_NEWNET) == 0) && CHECK(nft_open(&nft, &err) == 0));
}

static int commit(void)
{
	int r = nft_commit(&nft, &batch, &err);

	if (r < 0)
		printf("# %s\n", err.msg);
	return r;
}

static struct nft_key number_key(uint16_t port)
{
	const uint16_t sent = htons(port);
	struct nft_key key = {};

	nft_key_add(&key, &sent, sizeof(sent));
	key.len = 2; /* a single field is not padded */
	return key;
}

static const struct nft_set ports = { "ports", { NFT_TYPE_PORT }, {}, false };
static const struct nft_set pairs = { "pairs", { NFT_TYPE_PROTO, NFT_TYPE_PORT }, {}, false };

static void make_sets(void)
{
	nft_new_table(&batch, NLM_F_EXCL, "a comment");
	nft_new_set(&batch, NLM_F_EXCL, &ports);
	nft_new_set(&batch, NLM_F_EXCL, &pairs);
}

static void add_port(uint16_t flags, uint16_t port, const char *comment)
{
	const struct nft_element element = { .key = number_key(port), .comment = comment };

	nft_add_element(&batch, flags, "ports", &element);
}

static bool tables_chains_and_sets_come_and_go(void)
{
	const struct nft_chain base = { "base", "filter", NF_INET_FORWARD, -5, NF_DROP, "of mine" };
	const struct nft_chain plain = { .name = "plain" };
	struct nft_table_state state;
	struct nft_chain_state chains[] = { { .name = "base" }, { .name = "none" } };

	if (!begin() || !CHECK(nft_get_table(&nft, &table, &state, &err) == -ENOENT))
		return false;
	make_sets();
	nft_new_chain(&batch, NLM_F_EXCL, &plain);
	nft_new_chain(&batch, NLM_F_EXCL, &base);
	nft_rule_begin(&batch, "base");
	nft_verdict(&batch, NFT_JUMP, "plain");
	nft_rule_end(&batch, NULL);
	if (!CHECK(commit() == 0) || !CHECK(nft_get_table(&nft, &table, &state, &err) == 0) ||
	    !CHECK_STR(state.comment, "a comment") || !CHECK(state.n_users == 4) ||
	    !CHECK(nft_get_chains(&nft, &table, chains, 2, &err) == 0) ||
	    !CHECK(chains[0].has_hook && chains[0].n_users == 1) ||
	    !CHECK_STR(chains[0].comment, "of mine") || !CHECK(chains[1].n_users == 0) ||
	    !sh("nft list chain inet probe base | grep -q "
		"'type filter hook forward priority filter - 5; policy drop'") ||
	    !begin())
		return false;
	nft_flush_chain(&batch, "base");
	nft_del_chain(&batch, "plain");
	nft_del_chain(&batch, "base");
	nft_del_set(&batch, "ports");
	if (!CHECK(commit() == 0) || !CHECK(nft_get_table(&nft, &table, &state, &err) == 0) ||
	    !CHECK(state.n_users == 1) || !begin())
		return false;
	nft_del_table(&batch);
	return CHECK(commit() == 0) && sh("[ -z \"$(nft list ruleset)\" ]");
}

static bool every_expression_is_read_by_nft(void)
{
	const struct nft_chain out = { "out", "nat", NF_INET_LOCAL_OUT, -100, NF_ACCEPT, NULL };
	const struct nft_chain late = { "late", "nat", NF_INET_POST_ROUTING, 100, NF_ACCEPT, NULL };
	static const struct nft_set map = {
		"to", { NFT_TYPE_PROTO, NFT_TYPE_PORT }, { NFT_TYPE_IPV4, NFT_TYPE_PORT }, false
	};
	static const struct nft_set verdicts = {
		"what", { NFT_TYPE_PROTO }, { NFT_TYPE_VERDICT }, false
	};
	struct nft_element element = { .key = { { IPPROTO_UDP }, 1 },
				       .has_verdict = true,
				       .verdict = NFT_JUMP,
				       .chain = "plain",
				       .comment = "jumps" };
	static const uint8_t addr[4] = { 10, 0, 0, 1 };

	if (!begin())
		return false;
	nft_new_table(&batch, NLM_F_EXCL, NULL);
	nft_new_set(&batch, 0, &ports);
	nft_new_set(&batch, 0, &map);
	nft_new_set(&batch, 0, &verdicts);
	nft_new_chain(&batch, 0, &(struct nft_chain){ .name = "plain" });
	nft_add_element(&batch, 0, "what", &element);
	nft_new_chain(&batch, 0, &out);
	nft_new_chain(&batch, 0, &late);
	nft_rule_begin(&batch, "out");
	nft_meta(&batch, NFT_META_NFPROTO, NFT_REG_1);
	nft_cmp(&batch, NFT_REG_1, NFT_CMP_EQ, &(uint8_t){ NFPROTO_IPV4 }, 1);
	nft_meta(&batch, NFT_META_L4PROTO, NFT_REG_1);
	nft_payload(&batch, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, NFT_REG32_01);
	nft_lookup_map(&batch, "to", NFT_REG_1, NFT_REG_1);
	nft_nat(&batch, NFT_NAT_DNAT, NFPROTO_IPV4, NFT_REG_1, NFT_REG32_01);
	nft_rule_end(&batch, "with a comment");
	nft_rule_begin(&batch, "out");
	nft_meta(&batch, NFT_META_L4PROTO, NFT_REG_1);
	nft_lookup_map(&batch, "what", NFT_REG_1, NFT_REG_VERDICT);
	nft_rule_end(&batch, NULL);
	nft_rule_begin(&batch, "late");
	nft_meta(&batch, NFT_META_L4PROTO, NFT_REG_1);
	nft_cmp(&batch, NFT_REG_1, NFT_CMP_EQ, &(uint8_t){ IPPROTO_TCP }, 1);
	nft_payload(&batch, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, NFT_REG_1);
	nft_lookup(&batch, "ports", NFT_REG_1, true);
	nft_counter(&batch);
	nft_masquerade(&batch);
	nft_rule_end(&batch, NULL);
	nft_rule_begin(&batch, "late");
	nft_meta(&batch, NFT_META_NFPROTO, NFT_REG_1);
	nft_cmp(&batch, NFT_REG_1, NFT_CMP_EQ, &(uint8_t){ NFPROTO_IPV4 }, 1);
	nft_meta(&batch, NFT_META_L4PROTO, NFT_REG_1);
	nft_cmp(&batch, NFT_REG_1, NFT_CMP_EQ, &(uint8_t){ IPPROTO_TCP }, 1);
	nft_immediate(&batch, NFT_REG_1, addr, sizeof(addr));
	nft_immediate(&batch, NFT_REG_2, &(uint16_t){ htons(77) }, 2);
	nft_nat(&batch, NFT_NAT_SNAT, NFPROTO_IPV4, NFT_REG_1, NFT_REG_2);
	nft_rule_end(&batch, NULL);
	return CHECK(commit() == 0) &&
	       sh("nft list ruleset | tr -d '\\n\\t' | grep -q "
		  "'dnat ip to meta l4proto . th dport map @to comment \"with a comment\"'") &&
	       sh("nft list ruleset | grep -q 'udp comment \"jumps\" : jump plain'") &&
	       sh("nft list ruleset | grep -q 'meta l4proto vmap @what'") &&
	       sh("nft list ruleset | grep -q 'tcp dport != @ports counter packets 0 bytes 0 "
		  "masquerade'") &&
	       sh("nft list ruleset | grep -q 'snat ip to 10.0.0.1:77'");
}

static bool all_or_nothing_and_the_first_error_is_told(void)
{
	if (!begin())
		return false;
	make_sets();
	add_port(NLM_F_EXCL, 80, "first");
	if (!CHECK(commit() == 0) || !begin())
		return false;
	add_port(NLM_F_EXCL, 81, NULL);
	nft_flush_chain(&batch, "none");
	nft_note(&batch, "the rules of %s", "nobody");
	add_port(NLM_F_EXCL, 80, NULL);
	nft_note(&batch, "the element of port %d", 80);
	if (!CHECK(commit() == -ENOENT) ||
	    !CHECK_STR(err.msg, "nf_tables: table 'probe': the rules of nobody: no such file or "
				"directory") ||
	    !sh("nft list ruleset | grep -q 'elements = { 80 comment \"first\" }'") || !begin())
		return false;
	add_port(0, 82, NULL);
	add_port(NLM_F_EXCL, 80, NULL);
	nft_note(&batch, "the element of port %d", 80);
	return CHECK(commit() == -EEXIST) &&
	       CHECK_STR(err.msg,
			 "nf_tables: table 'probe': the element of port 80: file exists") &&
	       sh("! nft list ruleset | grep -q 82");
}

static void add_pair(uint16_t port, const char *comment)
{
	struct nft_element element = { .comment = comment };
	const uint16_t sent = htons(port);

	nft_key_add(&element.key, &(uint8_t){ IPPROTO_TCP }, 1);
	nft_key_add(&element.key, &sent, sizeof(sent));
	nft_add_element(&batch, NLM_F_EXCL, "pairs", &element);
}

static bool many_elements_go_in_one_batch(void)
{
	auto_buf struct buf list = {};
	const struct nft_element_state *states;
	char comment[NFT_COMMENT_MAX + 40];
	const int n = 60000;
	size_t n_right = 0;

	memset(comment, 'c', sizeof(comment) - 1);
	comment[sizeof(comment) - 1] = '\0';
	if (!begin())
		return false;
	make_sets();
	for (int i = 1; i <= n; i++)
		add_pair((uint16_t)i, comment);
	if (!CHECK(batch.n > 10) || !CHECK(commit() == 0) ||
	    !CHECK(nft_list_elements(&nft, &table, "pairs", &list, &err) == 0) ||
	    !CHECK(list.len == (size_t)n * sizeof(*states)))
		return false;
	states = (const void *)list.data;
	comment[NFT_COMMENT_MAX] = '\0';
	for (int i = 0; i < n; i++)
		n_right += strcmp(states[i].comment, comment) == 0 && states[i].key.len == 8;
	return CHECK(n_right == (size_t)n);
}

static bool a_batch_of_another_state_is_refused(void)
{
	uint32_t genid = 0;

	if (!begin() || !CHECK(nft_get_genid(&nft, &genid, &err) == 0))
		return false;
	make_sets();
	batch.genid = genid;
	if (!CHECK(commit() == 0) || !begin())
		return false;
	add_port(0, 1, NULL);
	batch.genid = genid;
	if (!CHECK(commit() == -ERESTART) || !CHECK(nft_get_genid(&nft, &batch.genid, &err) == 0))
		return false;
	return CHECK(commit() == 0) && sh("nft list ruleset | grep -q 'elements = { 1 }'");
}

static bool intervals_hold_what_lies_between(void)
{
	static const struct nft_set nets = { "nets", { NFT_TYPE_IPV4 }, {}, true };
	static const struct nft_set both = { "both", { NFT_TYPE_IPV4, NFT_TYPE_IFNAME }, {}, true };
	static const uint8_t first[4] = { 10, 1, 0, 0 }, last[4] = { 10, 1, 255, 255 },
			     behind[4] = { 10, 2, 0, 0 };
	struct nft_element from = {}, to = { .is_interval_end = true }, pair = {};
	auto_buf struct buf list = {}, sets = {};

	nft_key_add(&from.key, first, 4);
	nft_key_add(&to.key, behind, 4);
	nft_key_add(&pair.key, first, 4);
	nft_key_add_ifname(&pair.key, "tare0");
	nft_key_add(&pair.key_end, last, 4);
	nft_key_add_ifname(&pair.key_end, "tare0");
	if (!begin())
		return false;
	nft_new_table(&batch, 0, NULL);
	nft_new_set(&batch, 0, &nets);
	nft_new_set(&batch, 0, &both);
	nft_add_element(&batch, 0, "nets", &from);
	nft_add_element(&batch, 0, "nets", &to);
	nft_add_element(&batch, 0, "both", &pair);
	if (!CHECK(commit() == 0) || !sh("nft list set inet probe nets | grep -q '10.1.0.0/16'") ||
	    !sh("nft list set inet probe both | grep -q '10.1.0.0/16 . \"tare0\"'") ||
	    !CHECK(nft_list_elements(&nft, &table, "both", &list, &err) == 0) ||
	    !CHECK(list.len == sizeof(struct nft_element_state)) ||
	    !CHECK(((struct nft_element_state *)(void *)list.data)->key_end.len == 20) ||
	    !CHECK(nft_list_sets(&nft, &table, &sets, &err) == 0) ||
	    !CHECK(sets.len == 2 * sizeof(struct nft_set_state)) ||
	    !CHECK(nft_set_is((void *)sets.data, &nets)) ||
	    !CHECK(!nft_set_is((void *)sets.data, &both)) || !begin())
		return false;
	nft_del_element(&batch, "nets", &from);
	nft_del_element(&batch, "nets", &to);
	nft_flush_set(&batch, "both");
	return CHECK(commit() == 0) && sh("! nft list ruleset | grep -q elements");
}

static bool what_stands_is_listed(void)
{
	auto_buf struct buf chains = {};
	size_t n = 0;

	return begin() &&
	       sh("nft 'table inet other { chain c { accept; }; }; table inet probe { "
		  "chain a { drop; accept; }; chain b { type filter hook input priority 0; }; "
		  "}'") &&
	       CHECK(nft_count_rules(&nft, &table, &n, &err) == 0) && CHECK(n == 2) &&
	       CHECK(nft_list_chains(&nft, &table, &chains, &err) == 0) &&
	       CHECK(chains.len == 2 * sizeof(struct nft_chain_state)) &&
	       CHECK_STR(((struct nft_chain_state *)(void *)chains.data)->name, "a") &&
	       CHECK(nft_list_elements(&nft, &table, "none", &chains, &err) == -ENOENT);
}

int main(void)
{
	if (geteuid() != 0 || system("nft --version >/dev/null") != 0) {
		SKIP(tables_chains_and_sets_come_and_go, "needs root and nft");
		return tap_done();
	}
	TEST_IN_CHILD(tables_chains_and_sets_come_and_go);
	TEST_IN_CHILD(every_expression_is_read_by_nft);
	TEST_IN_CHILD(all_or_nothing_and_the_first_error_is_told);
	TEST_IN_CHILD(many_elements_go_in_one_batch);
	TEST_IN_CHILD(a_batch_of_another_state_is_refused);
	TEST_IN_CHILD(intervals_hold_what_lies_between);
	TEST_IN_CHILD(what_stands_is_listed);
	return tap_done();
}
