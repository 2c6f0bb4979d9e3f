/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: a list of expressions, each a name and attributes of its own, that pass values to each
 * other in registers. The kernel stops at the first comparison or lookup that does not hold.
 */
#include "sys/nft_build.h"

#include <string.h>

void nft_rule_begin(struct nft_batch *batch, const char *chain)
{
	nft_message(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	nft_put_str(batch, NFTA_RULE_TABLE, batch->table.name);
	nft_put_str(batch, NFTA_RULE_CHAIN, chain);
	nft_note(batch, "a rule of chain '%.40s'", chain);
	batch->exprs = nft_nest(batch, NFTA_RULE_EXPRESSIONS);
}

void nft_rule_end(struct nft_batch *batch, const char *comment)
{
	nft_nest_end(batch, batch->exprs);
	batch->exprs = 0;
	if (comment)
		nft_put_comment(batch, NFTA_RULE_USERDATA, NFT_UDATA_RULE_COMMENT, comment);
}

struct expr {
	size_t elem, data;
};

static struct expr begin(struct nft_batch *batch, const char *name)
{
	struct expr expr = { .elem = nft_nest(batch, NFTA_LIST_ELEM) };

	nft_put_str(batch, NFTA_EXPR_NAME, name);
	expr.data = nft_nest(batch, NFTA_EXPR_DATA);
	return expr;
}

static void end(struct nft_batch *batch, struct expr expr)
{
	nft_nest_end(batch, expr.data);
	nft_nest_end(batch, expr.elem);
}

/* An expression of two numbers, as many are. */
struct number {
	uint16_t attr;
	uint32_t value;
};

static void add(struct nft_batch *batch, const char *name, const struct number numbers[], size_t n)
{
	struct expr expr = begin(batch, name);

	for (size_t i = 0; i < n; i++)
		nft_put_u32(batch, numbers[i].attr, numbers[i].value);
	end(batch, expr);
}

#define ADD(batch, name, ...)                                             \
	do {                                                              \
		const struct number numbers_[] = { __VA_ARGS__ };         \
		add(batch, name, numbers_, sizeof(numbers_) / sizeof(*numbers_)); \
	} while (0)

void nft_meta(struct nft_batch *batch, uint32_t key, uint32_t reg)
{
	ADD(batch, "meta", { NFTA_META_KEY, key }, { NFTA_META_DREG, reg });
}

void nft_ct(struct nft_batch *batch, uint32_t key, uint32_t reg)
{
	ADD(batch, "ct", { NFTA_CT_KEY, key }, { NFTA_CT_DREG, reg });
}

void nft_fib_daddr_type(struct nft_batch *batch, uint32_t reg)
{
	ADD(batch, "fib", { NFTA_FIB_DREG, reg }, { NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE },
	    { NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR });
}

void nft_payload(struct nft_batch *batch, uint32_t base, uint32_t offset, uint32_t len,
		 uint32_t reg)
{
	ADD(batch, "payload", { NFTA_PAYLOAD_DREG, reg }, { NFTA_PAYLOAD_BASE, base },
	    { NFTA_PAYLOAD_OFFSET, offset }, { NFTA_PAYLOAD_LEN, len });
}

void nft_payload_write_port(struct nft_batch *batch, uint32_t reg, uint32_t offset,
			    uint32_t csum_offset)
{
	ADD(batch, "payload", { NFTA_PAYLOAD_SREG, reg },
	    { NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER }, { NFTA_PAYLOAD_OFFSET, offset },
	    { NFTA_PAYLOAD_LEN, 2 }, { NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET },
	    { NFTA_PAYLOAD_CSUM_OFFSET, csum_offset });
}

void nft_bitwise(struct nft_batch *batch, uint32_t reg, const void *mask, uint32_t len)
{
	static const uint8_t zeros[NFT_DATA_VALUE_MAXLEN];
	struct expr expr = begin(batch, "bitwise");

	batch->overflow |= len > sizeof(zeros);
	nft_put_u32(batch, NFTA_BITWISE_SREG, reg);
	nft_put_u32(batch, NFTA_BITWISE_DREG, reg);
	nft_put_u32(batch, NFTA_BITWISE_LEN, len);
	nft_put_value(batch, NFTA_BITWISE_MASK, mask, len);
	nft_put_value(batch, NFTA_BITWISE_XOR, zeros, len < sizeof(zeros) ? len : sizeof(zeros));
	end(batch, expr);
}

void nft_cmp(struct nft_batch *batch, uint32_t reg, uint32_t op, const void *data, size_t len)
{
	struct expr expr = begin(batch, "cmp");

	nft_put_u32(batch, NFTA_CMP_SREG, reg);
	nft_put_u32(batch, NFTA_CMP_OP, op);
	nft_put_value(batch, NFTA_CMP_DATA, data, len);
	end(batch, expr);
}

void nft_lookup(struct nft_batch *batch, const char *set, uint32_t reg, bool inverted)
{
	struct expr expr = begin(batch, "lookup");

	nft_put_str(batch, NFTA_LOOKUP_SET, set);
	nft_put_u32(batch, NFTA_LOOKUP_SREG, reg);
	if (inverted)
		nft_put_u32(batch, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	end(batch, expr);
}

void nft_lookup_map(struct nft_batch *batch, const char *map, uint32_t reg, uint32_t to_reg)
{
	struct expr expr = begin(batch, "lookup");

	nft_put_str(batch, NFTA_LOOKUP_SET, map);
	nft_put_u32(batch, NFTA_LOOKUP_SREG, reg);
	nft_put_u32(batch, NFTA_LOOKUP_DREG, to_reg);
	end(batch, expr);
}

void nft_immediate(struct nft_batch *batch, uint32_t reg, const void *data, size_t len)
{
	struct expr expr = begin(batch, "immediate");

	nft_put_u32(batch, NFTA_IMMEDIATE_DREG, reg);
	nft_put_value(batch, NFTA_IMMEDIATE_DATA, data, len);
	end(batch, expr);
}

void nft_verdict(struct nft_batch *batch, int32_t code, const char *chain)
{
	struct expr expr = begin(batch, "immediate");

	nft_put_u32(batch, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	nft_put_verdict(batch, NFTA_IMMEDIATE_DATA, code, chain);
	end(batch, expr);
}

void nft_nat(struct nft_batch *batch, uint32_t type, uint32_t family, uint32_t addr_reg,
	     uint32_t port_reg)
{
	ADD(batch, "nat", { NFTA_NAT_TYPE, type }, { NFTA_NAT_FAMILY, family },
	    { NFTA_NAT_REG_ADDR_MIN, addr_reg }, { NFTA_NAT_REG_PROTO_MIN, port_reg });
}

void nft_masquerade(struct nft_batch *batch)
{
	end(batch, begin(batch, "masq"));
}

void nft_counter(struct nft_batch *batch)
{
	end(batch, begin(batch, "counter"));
}
