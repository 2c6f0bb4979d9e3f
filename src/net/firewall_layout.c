/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table, its rules in the order in which a packet meets them. They never change, but that the
 * chain `guard` has its one rule or none: networks and published ports are elements of sets and
 * maps. The comment of the chain `forward` says which layout it is, so that a newer tare finds an
 * older one and makes it anew.
 *
 * Making it anew must not lose the chain `user`, nor what its rules name: a chain with a hook is
 * deleted and made again, one without is emptied, and a set that is what it should be is emptied.
 * The batch holds only for the state of the rules that was looked at: whoever comes second between
 * two processes is told to look again.
 */
#include "net/firewall_layout.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define LAYOUT	"tare's layout 3; rules of your own belong in chain 'user'"
#define FORWARD "forward"

#define N_OF(array) (sizeof(array) / sizeof(*(array)))

const struct nft_table firewall_table = { NFPROTO_INET, "tare" };

static const struct nft_set sets[] = {
	{ FIREWALL_BRIDGES, { NFT_TYPE_IFNAME }, {}, false },
	{ FIREWALL_INTERNAL, { NFT_TYPE_IFNAME }, {}, false },
	{ FIREWALL_OPEN, { NFT_TYPE_IFNAME }, {}, false },
	{ FIREWALL_SAME, { NFT_TYPE_IFNAME, NFT_TYPE_IFNAME }, {}, false },
	{ FIREWALL_APART, { NFT_TYPE_IFNAME, NFT_TYPE_IFNAME }, {}, false },
	{ FIREWALL_SUBNETS4, { NFT_TYPE_IPV4 }, {}, true },
	{ FIREWALL_SUBNETS6, { NFT_TYPE_IPV6 }, {}, true },
	{ FIREWALL_ROUTED4, { NFT_TYPE_IPV4 }, {}, true },
	{ FIREWALL_ROUTED6, { NFT_TYPE_IPV6 }, {}, true },
	{ FIREWALL_OWN4, { NFT_TYPE_IPV4, NFT_TYPE_IFNAME }, {}, true },
	{ FIREWALL_OWN6, { NFT_TYPE_IPV6, NFT_TYPE_IFNAME }, {}, true },
	{ FIREWALL_ADDRESS4, { NFT_TYPE_IPV4, NFT_TYPE_PROTO, NFT_TYPE_PORT },
	  { NFT_TYPE_IPV4, NFT_TYPE_PORT }, false },
	{ FIREWALL_ADDRESS6, { NFT_TYPE_IPV6, NFT_TYPE_PROTO, NFT_TYPE_PORT },
	  { NFT_TYPE_IPV6, NFT_TYPE_PORT }, false },
	{ FIREWALL_PORTS4, { NFT_TYPE_PROTO, NFT_TYPE_PORT }, { NFT_TYPE_IPV4, NFT_TYPE_PORT },
	  false },
	{ FIREWALL_PORTS6, { NFT_TYPE_PROTO, NFT_TYPE_PORT }, { NFT_TYPE_IPV6, NFT_TYPE_PORT },
	  false },
};

/* ----------------------------------------------------------------------------- parts of rules */

/* Where the two families differ. */
struct family {
	uint8_t nfproto;
	uint32_t saddr_at, daddr_at, addr_len;
	uint32_t second_reg; /* the one behind an address in NFT_REG_1 */
	const char *subnets, *routed, *own, *address_ports, *ports;
};

static const struct family v4 = { NFPROTO_IPV4,	     12,	       16,
				  4,		     NFT_REG32_01,     FIREWALL_SUBNETS4,
				  FIREWALL_ROUTED4,  FIREWALL_OWN4,    FIREWALL_ADDRESS4,
				  FIREWALL_PORTS4 };
static const struct family v6 = { NFPROTO_IPV6,	     8,		       24,
				  16,		     NFT_REG_2,	       FIREWALL_SUBNETS6,
				  FIREWALL_ROUTED6,  FIREWALL_OWN6,    FIREWALL_ADDRESS6,
				  FIREWALL_PORTS6 };

static void is_family(struct nft_batch *b, const struct family *f)
{
	nft_meta(b, NFT_META_NFPROTO, NFT_REG_1);
	nft_cmp(b, NFT_REG_1, NFT_CMP_EQ, &f->nfproto, 1);
}

static void is_in(struct nft_batch *b, uint32_t meta, const char *set)
{
	nft_meta(b, meta, NFT_REG_1);
	nft_lookup(b, set, NFT_REG_1, false);
}

/* A whole byte of prefix is compared without a mask, as nft(8) has it. */
static void is_loopback4(struct nft_batch *b, uint32_t addr_at)
{
	static const uint8_t loopback = 127;

	is_family(b, &v4);
	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, addr_at, 1, NFT_REG_1);
	nft_cmp(b, NFT_REG_1, NFT_CMP_EQ, &loopback, 1);
}

static void compare_ct_bits(struct nft_batch *b, uint32_t key, uint32_t bits, uint32_t op)
{
	static const uint32_t none;

	nft_ct(b, key, NFT_REG_1);
	nft_bitwise(b, NFT_REG_1, &bits, sizeof(bits));
	nft_cmp(b, NFT_REG_1, op, &none, sizeof(none));
}

static void is_led(struct nft_batch *b)
{
	compare_ct_bits(b, NFT_CT_STATUS, 1 << 5 /* IPS_DST_NAT */, NFT_CMP_NEQ);
}

/* op: NFT_CMP_NEQ: it is of a connection that was let in, or NFT_CMP_EQ: it is not. */
static void goes_on(struct nft_batch *b, uint32_t op)
{
	compare_ct_bits(b, NFT_CT_STATE, 2 | 4 /* established, related */, op);
}

static void is_not_for_us(struct nft_batch *b)
{
	static const uint32_t local = 2; /* RTN_LOCAL */

	nft_fib_daddr_type(b, NFT_REG_1);
	nft_cmp(b, NFT_REG_1, NFT_CMP_NEQ, &local, sizeof(local));
}

/* Does it go back out by the bridge of the subnet that it comes from? */
static void goes_out_by_own(struct nft_batch *b, const struct family *f)
{
	is_family(b, f);
	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, f->saddr_at, f->addr_len, NFT_REG_1);
	nft_meta(b, NFT_META_OIFNAME, f->second_reg);
	nft_lookup(b, f->own, NFT_REG_1, false);
}

static void port_key(struct nft_batch *b, uint32_t first_reg, uint32_t second_reg)
{
	nft_meta(b, NFT_META_L4PROTO, first_reg);
	nft_payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, second_reg);
}

/* What a map gives for the key in NFT_REG_1, an address and a port, is where the packet goes. */
static void send_to(struct nft_batch *b, const struct family *f, const char *map)
{
	nft_lookup_map(b, map, NFT_REG_1, NFT_REG_1);
	nft_nat(b, NFT_NAT_DNAT, f->nfproto, NFT_REG_1, f->second_reg);
}

/* ------------------------------------------------------------------------------------- rules */

/* route_localnet lets in from a bridge what is of the host alone. */
static void add_raw_prerouting(struct nft_batch *b, const char *chain)
{
	const uint32_t addr_at[] = { v4.daddr_at, v4.saddr_at };

	for (size_t i = 0; i < N_OF(addr_at); i++) {
		nft_rule_begin(b, chain);
		is_in(b, NFT_META_IIFNAME, FIREWALL_BRIDGES);
		is_loopback4(b, addr_at[i]);
		nft_verdict(b, NF_DROP, NULL);
		nft_rule_end(b, NULL);
	}
}

static void add_published(struct nft_batch *b, const char *chain, const struct family *f)
{
	nft_rule_begin(b, chain);
	is_family(b, f);
	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, f->daddr_at, f->addr_len, NFT_REG_1);
	port_key(b, f->second_reg, f->second_reg == NFT_REG_2 ? NFT_REG32_05 : NFT_REG32_02);
	send_to(b, f, f->address_ports);
	nft_rule_end(b, NULL);

	nft_rule_begin(b, chain);
	is_family(b, f);
	port_key(b, NFT_REG_1, NFT_REG32_01);
	send_to(b, f, f->ports);
	nft_rule_end(b, NULL);
}

/* What claims to be for 127.0.0.1 and arrives by a wire is translated for nobody: the translation
 * would come before the kernel's own check and make it good. */
static void add_prerouting(struct nft_batch *b, const char *chain)
{
	nft_rule_begin(b, chain);
	is_not_for_us(b);
	nft_verdict(b, NF_ACCEPT, NULL);
	nft_rule_end(b, NULL);

	nft_rule_begin(b, chain);
	is_loopback4(b, v4.daddr_at);
	nft_verdict(b, NF_ACCEPT, NULL);
	nft_rule_end(b, NULL);

	add_published(b, chain, &v4);
	add_published(b, chain, &v6);
}

/* Packets to ::1 can't leave by a bridge, whatever their addresses become. */
static void add_output(struct nft_batch *b, const char *chain)
{
	nft_rule_begin(b, chain);
	is_not_for_us(b);
	nft_verdict(b, NF_ACCEPT, NULL);
	nft_rule_end(b, NULL);

	nft_rule_begin(b, chain);
	is_family(b, &v6);
	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, v6.daddr_at, v6.addr_len, NFT_REG_1);
	nft_cmp(b, NFT_REG_1, NFT_CMP_EQ, &in6addr_loopback, sizeof(in6addr_loopback));
	nft_verdict(b, NF_ACCEPT, NULL);
	nft_rule_end(b, NULL);

	add_published(b, chain, &v4);
	add_published(b, chain, &v6);
}

static void is_no_multicast(struct nft_batch *b, const struct family *f)
{
	static const uint8_t mask4[4] = { 0xf0 }, groups4[4] = { 0xe0 }, groups6 = 0xff;

	if (f == &v4) {
		nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, f->daddr_at, 4, NFT_REG_1);
		nft_bitwise(b, NFT_REG_1, mask4, 4);
		nft_cmp(b, NFT_REG_1, NFT_CMP_NEQ, groups4, 4);
	} else {
		nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, f->daddr_at, 1, NFT_REG_1);
		nft_cmp(b, NFT_REG_1, NFT_CMP_NEQ, &groups6, 1);
	}
}

static void add_postrouting_of(struct nft_batch *b, const char *chain, const struct family *f)
{
	nft_rule_begin(b, chain);
	is_led(b);
	goes_out_by_own(b, f);
	nft_masquerade(b);
	nft_rule_end(b, "a container reaches its own network by a published port");

	nft_rule_begin(b, chain);
	goes_out_by_own(b, f);
	nft_verdict(b, NF_ACCEPT, NULL);
	nft_rule_end(b, NULL);

	nft_rule_begin(b, chain);
	is_family(b, f);
	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, f->saddr_at, f->addr_len, NFT_REG_1);
	nft_lookup(b, f->subnets, NFT_REG_1, false);
	nft_lookup(b, f->routed, NFT_REG_1, true);
	is_no_multicast(b, f);
	nft_masquerade(b);
	nft_rule_end(b, NULL);
}

static void add_postrouting(struct nft_batch *b, const char *chain)
{
	nft_rule_begin(b, chain);
	is_in(b, NFT_META_OIFNAME, FIREWALL_BRIDGES);
	is_loopback4(b, v4.saddr_at);
	nft_masquerade(b);
	nft_rule_end(b, "the host reaches a published port by 127.0.0.1");

	add_postrouting_of(b, chain, &v4);
	add_postrouting_of(b, chain, &v6);
}

static void add_forward(struct nft_batch *b, const char *chain)
{
	nft_rule_begin(b, chain);
	nft_verdict(b, NFT_JUMP, "user");
	nft_rule_end(b, NULL);

	nft_rule_begin(b, chain);
	is_in(b, NFT_META_IIFNAME, FIREWALL_BRIDGES);
	nft_verdict(b, NFT_GOTO, "networks");
	nft_rule_end(b, NULL);

	nft_rule_begin(b, chain);
	nft_verdict(b, NFT_JUMP, FIREWALL_GUARD);
	nft_rule_end(b, NULL);

	nft_rule_begin(b, chain);
	is_in(b, NFT_META_OIFNAME, FIREWALL_BRIDGES);
	nft_verdict(b, NFT_GOTO, "networks");
	nft_rule_end(b, NULL);
}

/* It is empty until it is asked for. What it sees comes from outside: what comes from a bridge goes
 * another way, and what the host itself sends is not forwarded. */
static void add_guard(struct nft_batch *b, const char *chain)
{
	(void)b;
	(void)chain;
}

void firewall_layout_guard(struct nft_batch *b)
{
	nft_rule_begin(b, FIREWALL_GUARD);
	goes_on(b, NFT_CMP_EQ);
	is_led(b);
	is_in(b, NFT_META_OIFNAME, FIREWALL_BRIDGES);
	nft_verdict(b, NF_DROP, NULL);
	nft_rule_end(b, "published ports of a host that drops input");
}

static void is_from_to(struct nft_batch *b, const char *set)
{
	nft_meta(b, NFT_META_IIFNAME, NFT_REG_1);
	nft_meta(b, NFT_META_OIFNAME, NFT_REG_2);
	nft_lookup(b, set, NFT_REG_1, false);
}

/* Bridges whose ports are filtered one by one (br_netfilter) show their own packets here too. */
static void accept_same_bridge(struct nft_batch *b, const char *chain)
{
	nft_rule_begin(b, chain);
	is_from_to(b, FIREWALL_SAME);
	nft_verdict(b, NF_ACCEPT, NULL);
	nft_rule_end(b, NULL);
}

/* Not by published ports either: br_netfilter makes of those packets what the bridge itself
 * carries, and its ports are isolated. So it is the same with it and without. */
static void drop_apart(struct nft_batch *b, const char *chain)
{
	nft_rule_begin(b, chain);
	is_from_to(b, FIREWALL_APART);
	nft_verdict(b, NF_DROP, NULL);
	nft_rule_end(b, NULL);
}

/* With an address of another network as sender the packet's answer would be let in there, and what
 * follows it, as that of a connection which that network has begun. */
static void drop_forged(struct nft_batch *b, const char *chain, const struct family *f)
{
	nft_rule_begin(b, chain);
	is_family(b, f);
	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, f->saddr_at, f->addr_len, NFT_REG_1);
	nft_lookup(b, f->subnets, NFT_REG_1, false);
	nft_meta(b, NFT_META_IIFNAME, f->second_reg);
	nft_lookup(b, f->own, NFT_REG_1, true);
	nft_verdict(b, NF_DROP, NULL);
	nft_rule_end(b, "another network's address as sender");
}

static void goto_internal(struct nft_batch *b, const char *chain, uint32_t meta)
{
	nft_rule_begin(b, chain);
	is_in(b, meta, FIREWALL_INTERNAL);
	nft_verdict(b, NFT_GOTO, "internal");
	nft_rule_end(b, NULL);
}

static void add_networks(struct nft_batch *b, const char *chain)
{
	nft_rule_begin(b, chain);
	goes_on(b, NFT_CMP_NEQ);
	nft_verdict(b, NF_ACCEPT, NULL);
	nft_rule_end(b, NULL);

	drop_forged(b, chain, &v4);
	drop_forged(b, chain, &v6);
	drop_apart(b, chain);
	goto_internal(b, chain, NFT_META_IIFNAME);
	goto_internal(b, chain, NFT_META_OIFNAME);

	nft_rule_begin(b, chain);
	is_led(b);
	nft_verdict(b, NF_ACCEPT, NULL);
	nft_rule_end(b, "published ports");

	accept_same_bridge(b, chain);

	nft_rule_begin(b, chain);
	is_in(b, NFT_META_IIFNAME, FIREWALL_OPEN);
	is_in(b, NFT_META_OIFNAME, FIREWALL_OPEN);
	nft_verdict(b, NF_ACCEPT, NULL);
	nft_rule_end(b, NULL);

	nft_rule_begin(b, chain);
	is_in(b, NFT_META_OIFNAME, FIREWALL_BRIDGES);
	nft_verdict(b, NF_DROP, NULL);
	nft_rule_end(b, "other networks, and ports that are not published");
}

static void add_internal(struct nft_batch *b, const char *chain)
{
	accept_same_bridge(b, chain);
	nft_rule_begin(b, chain);
	nft_verdict(b, NF_DROP, NULL);
	nft_rule_end(b, NULL);
}

/* ------------------------------------------------------------------------------------ chains */

struct chain {
	struct nft_chain chain;
	void (*add_rules)(struct nft_batch *b, const char *chain); /* NULL: they are not ours */
	uint32_t n_users; /* its rules, and the jumps to it, at the least */
};

#define GUARD_USERS 1 /* more: its rule is there */

/* Those that are jumped to come first. */
static const struct chain chains[] = {
	{ { .name = "user" }, NULL, 1 },
	{ { .name = FIREWALL_GUARD }, add_guard, GUARD_USERS },
	{ { .name = "internal" }, add_internal, 2 + 2 },
	{ { .name = "networks" }, add_networks, 10 + 2 },
	{ { FORWARD, "filter", NF_INET_FORWARD, 0, NF_ACCEPT, LAYOUT }, add_forward, 4 },
	{ { "raw_prerouting", "filter", NF_INET_PRE_ROUTING, -300, NF_ACCEPT, NULL },
	  add_raw_prerouting, 2 },
	{ { "prerouting", "nat", NF_INET_PRE_ROUTING, -100, NF_ACCEPT, NULL }, add_prerouting, 6 },
	{ { "output", "nat", NF_INET_LOCAL_OUT, -100, NF_ACCEPT, NULL }, add_output, 6 },
	{ { "postrouting", "nat", NF_INET_POST_ROUTING, 100, NF_ACCEPT, NULL }, add_postrouting,
	  7 },
};

int firewall_layout_stands(struct nft *nft, struct err *err)
{
	struct nft_chain_state states[N_OF(chains)];
	struct nft_table_state table;
	bool is_guarded = false;
	int r = nft_get_table(nft, &firewall_table, &table, err);

	if (r == -ENOENT || (r == 0 && table.flags & NFT_TABLE_F_DORMANT))
		return 0;
	for (size_t i = 0; i < N_OF(chains); i++)
		(void)snprintf(states[i].name, sizeof(states[i].name), "%s", chains[i].chain.name);
	if (r == 0)
		r = nft_get_chains(nft, &firewall_table, states, N_OF(chains), err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < N_OF(chains); i++) {
		if (states[i].n_users < chains[i].n_users ||
		    states[i].has_hook != (chains[i].chain.type != NULL) ||
		    (chains[i].chain.comment &&
		     strcmp(states[i].comment, chains[i].chain.comment) != 0))
			return 0;
		if (chains[i].add_rules == add_guard)
			is_guarded = states[i].n_users > GUARD_USERS;
	}
	return is_guarded ? 2 : 1;
}

static const struct chain *find_chain(const char *name)
{
	for (size_t i = 0; i < N_OF(chains); i++)
		if (strcmp(chains[i].chain.name, name) == 0)
			return &chains[i];
	return NULL;
}

/* Take away what is in the way. Rules go first, since they hold chains and sets. */
static int clear_chains(struct nft *nft, struct nft_batch *batch, struct err *err)
{
	auto_buf struct buf list = {};
	const struct nft_chain_state *states;
	size_t n;
	int r = nft_list_chains(nft, &firewall_table, &list, err);

	states = (const void *)list.data;
	n = list.len / sizeof(*states);
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct chain *ours = find_chain(states[i].name);

		if (states[i].has_hook || (ours && ours->add_rules))
			nft_flush_chain(batch, states[i].name);
	}
	for (size_t i = 0; i < n && r == 0; i++)
		if (states[i].has_hook)
			nft_del_chain(batch, states[i].name);
	return r;
}

static int clear_sets(struct nft *nft, struct nft_batch *batch, struct err *err)
{
	auto_buf struct buf list = {};
	const struct nft_set_state *states;
	int r = nft_list_sets(nft, &firewall_table, &list, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	states = (const void *)list.data;
	for (size_t i = 0; i < list.len / sizeof(*states); i++)
		for (size_t j = 0; j < N_OF(sets); j++) {
			if (strcmp(states[i].name, sets[j].name) != 0)
				continue;
			if (nft_set_is(&states[i], &sets[j]))
				nft_flush_set(batch, sets[j].name);
			else
				nft_del_set(batch, sets[j].name);
		}
	return 0;
}

/* A table that sleeps takes no new hooks: it is woken by a batch of its own. */
static int wake(struct nft *nft, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	struct nft_table_state table;
	int r = nft_get_table(nft, &firewall_table, &table, err);

	if (r < 0 || !(table.flags & NFT_TABLE_F_DORMANT))
		return r == -ENOENT ? 0 : r;
	nft_batch_init(&batch, &firewall_table);
	nft_new_table(&batch, 0, NULL);
	return nft_commit(nft, &batch, err);
}

int firewall_layout_make(struct nft *nft, bool is_reset, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	uint32_t genid = 0;
	int r = wake(nft, err);

	if (r == 0)
		r = nft_get_genid(nft, &genid, err);
	/* From here on who changes anything disturbs us; somebody may have made it before. */
	if (r == 0 && !is_reset && (r = firewall_layout_stands(nft, err)) > 0)
		return -ERESTART;
	nft_batch_init(&batch, &firewall_table);
	batch.genid = genid;
	nft_new_table(&batch, 0, NULL);
	if (r == 0)
		r = clear_chains(nft, &batch, err);
	if (r == 0)
		r = clear_sets(nft, &batch, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < N_OF(sets); i++)
		nft_new_set(&batch, 0, &sets[i]);
	for (size_t i = 0; i < N_OF(chains); i++)
		nft_new_chain(&batch, 0, &chains[i].chain);
	for (size_t i = 0; i < N_OF(chains); i++)
		if (chains[i].add_rules)
			chains[i].add_rules(&batch, chains[i].chain.name);
	return nft_commit(nft, &batch, err);
}
