/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of a batch, one behind the other in a buffer. An attribute that holds others gets
 * its length when it is closed; since the buffer may move while it grows, places in it are offsets.
 * A length has 16 bits: of the elements of a set, those that no longer fit begin a message of their
 * own, and anything else that grows so long makes the batch invalid.
 */
#include "sys/nft_build.h"

#include <arpa/inet.h>
#include <string.h>

#define LIST_MAX	60000 /* bytes of elements in a message: one more always fits */
#define NESTED(attr)	((uint16_t)((attr) | NLA_F_NESTED))
#define BITS_OF_TYPE	6 /* of each field in the number of a concatenation */

/* ------------------------------------------------------------------------------- attributes */

void nft_batch_init(struct nft_batch *batch, const struct nft_table *table)
{
	*batch = (struct nft_batch){ .table = *table };
}

void nft_batch_done(struct nft_batch *batch)
{
	buf_done(&batch->bytes);
	buf_done(&batch->notes);
}

static void pad(struct buf *buf)
{
	static const char zeros[NLMSG_ALIGNTO];

	buf_add(buf, zeros, NLMSG_ALIGN(buf->len) - buf->len);
}

void nft_put(struct nft_batch *batch, uint16_t attr, const void *data, size_t len)
{
	const struct nlattr head = { (uint16_t)(NLA_HDRLEN + len), attr };

	batch->overflow |= len > UINT16_MAX - NLA_HDRLEN;
	buf_add(&batch->bytes, &head, sizeof(head));
	buf_add(&batch->bytes, data, len);
	pad(&batch->bytes);
}

void nft_put_str(struct nft_batch *batch, uint16_t attr, const char *str)
{
	nft_put(batch, attr, str, strlen(str) + 1);
}

void nft_put_u32(struct nft_batch *batch, uint16_t attr, uint32_t value)
{
	const uint32_t sent = htonl(value);

	nft_put(batch, attr, &sent, sizeof(sent));
}

size_t nft_nest(struct nft_batch *batch, uint16_t attr)
{
	const struct nlattr head = { 0, NESTED(attr) };
	size_t nest = batch->bytes.len;

	buf_add(&batch->bytes, &head, sizeof(head));
	return nest;
}

void nft_nest_end(struct nft_batch *batch, size_t nest)
{
	size_t len = batch->bytes.len - nest;

	batch->overflow |= len > UINT16_MAX;
	((struct nlattr *)(void *)(batch->bytes.data + nest))->nla_len = (uint16_t)len;
}

void nft_put_comment(struct nft_batch *batch, uint16_t attr, uint8_t type, const char *comment)
{
	uint8_t bytes[2 + NFT_COMMENT_MAX + 1] = { type };
	size_t len = strnlen(comment, NFT_COMMENT_MAX);

	bytes[1] = (uint8_t)(len + 1);
	memcpy(bytes + 2, comment, len);
	nft_put(batch, attr, bytes, 2 + len + 1);
}

void nft_put_value(struct nft_batch *batch, uint16_t attr, const void *data, size_t len)
{
	size_t nest = nft_nest(batch, attr);

	nft_put(batch, NFTA_DATA_VALUE, data, len);
	nft_nest_end(batch, nest);
}

void nft_put_verdict(struct nft_batch *batch, uint16_t attr, int32_t code, const char *chain)
{
	size_t nest = nft_nest(batch, attr);
	size_t verdict = nft_nest(batch, NFTA_DATA_VERDICT);

	nft_put_u32(batch, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		nft_put_str(batch, NFTA_VERDICT_CHAIN, chain);
	nft_nest_end(batch, verdict);
	nft_nest_end(batch, nest);
}

/* --------------------------------------------------------------------------------- messages */

void nft_message_end(struct nft_batch *batch)
{
	if (batch->n == 0)
		return;
	if (batch->list)
		nft_nest_end(batch, batch->list);
	batch->list = 0;
	((struct nlmsghdr *)(void *)(batch->bytes.data + batch->message))->nlmsg_len =
		(uint32_t)(batch->bytes.len - batch->message);
}

void nft_message(struct nft_batch *batch, uint16_t type, uint16_t flags)
{
	const struct nlmsghdr head = {
		.nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
	};
	const struct nfgenmsg body = { .nfgen_family = batch->table.family };

	nft_message_end(batch);
	batch->message = batch->bytes.len;
	batch->n++;
	buf_add(&batch->bytes, &head, sizeof(head));
	buf_add(&batch->bytes, &body, sizeof(body));
}

void nft_new_table(struct nft_batch *batch, uint16_t flags, const char *comment)
{
	nft_message(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE | flags);
	nft_put_str(batch, NFTA_TABLE_NAME, batch->table.name);
	nft_put_u32(batch, NFTA_TABLE_FLAGS, 0);
	if (comment)
		nft_put_comment(batch, NFTA_TABLE_USERDATA, NFT_UDATA_TABLE_COMMENT, comment);
}

void nft_del_table(struct nft_batch *batch)
{
	nft_message(batch, NFT_MSG_DELTABLE, 0);
	nft_put_str(batch, NFTA_TABLE_NAME, batch->table.name);
}

void nft_new_chain(struct nft_batch *batch, uint16_t flags, const struct nft_chain *chain)
{
	size_t hook;

	nft_message(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE | flags);
	nft_put_str(batch, NFTA_CHAIN_TABLE, batch->table.name);
	nft_put_str(batch, NFTA_CHAIN_NAME, chain->name);
	nft_note(batch, "chain '%.40s'", chain->name);
	if (chain->comment)
		nft_put_comment(batch, NFTA_CHAIN_USERDATA, NFT_UDATA_CHAIN_COMMENT,
				chain->comment);
	if (!chain->type)
		return;
	hook = nft_nest(batch, NFTA_CHAIN_HOOK);
	nft_put_u32(batch, NFTA_HOOK_HOOKNUM, chain->hook);
	nft_put_u32(batch, NFTA_HOOK_PRIORITY, (uint32_t)chain->priority);
	nft_nest_end(batch, hook);
	nft_put_u32(batch, NFTA_CHAIN_POLICY, chain->policy);
	nft_put_str(batch, NFTA_CHAIN_TYPE, chain->type);
}

void nft_flush_chain(struct nft_batch *batch, const char *name)
{
	nft_message(batch, NFT_MSG_DELRULE, 0);
	nft_put_str(batch, NFTA_RULE_TABLE, batch->table.name);
	nft_put_str(batch, NFTA_RULE_CHAIN, name);
	nft_note(batch, "the rules of chain '%.40s'", name);
}

void nft_del_chain(struct nft_batch *batch, const char *name)
{
	nft_message(batch, NFT_MSG_DELCHAIN, 0);
	nft_put_str(batch, NFTA_CHAIN_TABLE, batch->table.name);
	nft_put_str(batch, NFTA_CHAIN_NAME, name);
	nft_note(batch, "chain '%.40s'", name);
}

/* ------------------------------------------------------------------------------------- sets */

static uint32_t field_len(uint8_t type)
{
	switch (type) {
	case NFT_TYPE_IPV4:
		return 4;
	case NFT_TYPE_IPV6:
	case NFT_TYPE_IFNAME:
		return 16;
	case NFT_TYPE_PROTO:
		return 1;
	default:
		return 2;
	}
}

static unsigned n_fields(const uint8_t fields[NFT_FIELDS])
{
	unsigned n = 0;

	while (n < NFT_FIELDS && fields[n] != NFT_TYPE_NONE)
		n++;
	return n;
}

uint32_t nft_type_number(const uint8_t fields[NFT_FIELDS])
{
	uint32_t number = 0;

	if (fields[0] == NFT_TYPE_VERDICT)
		return NFT_DATA_VERDICT;
	for (unsigned i = 0; i < n_fields(fields); i++)
		number = number << BITS_OF_TYPE | fields[i];
	return number;
}

uint32_t nft_type_len(const uint8_t fields[NFT_FIELDS])
{
	unsigned n = n_fields(fields);
	uint32_t len = 0;

	if (n == 1)
		return fields[0] == NFT_TYPE_VERDICT ? 0 : field_len(fields[0]);
	for (unsigned i = 0; i < n; i++)
		len += NLMSG_ALIGN(field_len(fields[i]));
	return len;
}

/* How nft(8) is to read the bytes: 1: as the host does, 2: network order; 0: each field's own. */
static uint32_t byte_order(const uint8_t fields[NFT_FIELDS])
{
	if (n_fields(fields) != 1 || fields[0] == NFT_TYPE_VERDICT)
		return 0;
	return fields[0] == NFT_TYPE_IFNAME ? 1 : 2;
}

static void put_set_userdata(struct nft_batch *batch, const struct nft_set *set)
{
	const uint32_t key = byte_order(set->key), data = byte_order(set->data);
	uint8_t bytes[12] = { NFT_UDATA_SET_KEY_ORDER, 4, [6] = NFT_UDATA_SET_DATA_ORDER, 4 };

	memcpy(bytes + 2, &key, 4);
	memcpy(bytes + 8, &data, 4);
	nft_put(batch, NFTA_SET_USERDATA, bytes, set->data[0] ? 12 : 6);
}

static uint32_t set_flags(const struct nft_set *set)
{
	return (set->data[0] ? NFT_SET_MAP : 0) | (set->is_interval ? NFT_SET_INTERVAL : 0) |
	       (set->is_interval && n_fields(set->key) > 1 ? NFT_SET_CONCAT : 0);
}

/* Intervals of concatenations want to know where each field ends. */
static void put_set_fields(struct nft_batch *batch, const struct nft_set *set)
{
	size_t desc = nft_nest(batch, NFTA_SET_DESC);
	size_t concat = nft_nest(batch, NFTA_SET_DESC_CONCAT);

	for (unsigned i = 0; i < n_fields(set->key); i++) {
		size_t field = nft_nest(batch, NFTA_LIST_ELEM);

		nft_put_u32(batch, NFTA_SET_FIELD_LEN, field_len(set->key[i]));
		nft_nest_end(batch, field);
	}
	nft_nest_end(batch, concat);
	nft_nest_end(batch, desc);
}

void nft_new_set(struct nft_batch *batch, uint16_t flags, const struct nft_set *set)
{
	nft_message(batch, NFT_MSG_NEWSET, NLM_F_CREATE | flags);
	nft_put_str(batch, NFTA_SET_TABLE, batch->table.name);
	nft_put_str(batch, NFTA_SET_NAME, set->name);
	nft_put_u32(batch, NFTA_SET_FLAGS, set_flags(set));
	nft_put_u32(batch, NFTA_SET_KEY_TYPE, nft_type_number(set->key));
	nft_put_u32(batch, NFTA_SET_KEY_LEN, nft_type_len(set->key));
	nft_put_u32(batch, NFTA_SET_ID, ++batch->n_sets);
	if (set->data[0])
		nft_put_u32(batch, NFTA_SET_DATA_TYPE, nft_type_number(set->data));
	if (set->data[0] && set->data[0] != NFT_TYPE_VERDICT)
		nft_put_u32(batch, NFTA_SET_DATA_LEN, nft_type_len(set->data));
	if (set_flags(set) & NFT_SET_CONCAT)
		put_set_fields(batch, set);
	put_set_userdata(batch, set);
	nft_note(batch, "set '%.40s'", set->name);
}

bool nft_set_is(const struct nft_set_state *state, const struct nft_set *set)
{
	return strcmp(state->name, set->name) == 0 && state->flags == set_flags(set) &&
	       state->key_type == nft_type_number(set->key) &&
	       state->key_len == nft_type_len(set->key) &&
	       (!set->data[0] || (state->data_type == nft_type_number(set->data) &&
				  state->data_len == nft_type_len(set->data)));
}

void nft_flush_set(struct nft_batch *batch, const char *name)
{
	nft_message(batch, NFT_MSG_DELSETELEM, 0);
	nft_put_str(batch, NFTA_SET_ELEM_LIST_TABLE, batch->table.name);
	nft_put_str(batch, NFTA_SET_ELEM_LIST_SET, name);
	nft_note(batch, "the elements of set '%.30s'", name);
}

void nft_del_set(struct nft_batch *batch, const char *name)
{
	nft_message(batch, NFT_MSG_DELSET, 0);
	nft_put_str(batch, NFTA_SET_TABLE, batch->table.name);
	nft_put_str(batch, NFTA_SET_NAME, name);
	nft_note(batch, "set '%.40s'", name);
}

/* --------------------------------------------------------------------------------- elements */

void nft_key_add(struct nft_key *key, const void *field, size_t len)
{
	size_t padded = NLMSG_ALIGN(len);

	if (key->len + padded > sizeof(key->bytes))
		return;
	memcpy(key->bytes + key->len, field, len);
	memset(key->bytes + key->len + len, 0, padded - len);
	key->len = (uint8_t)(key->len + padded);
}

void nft_key_add_ifname(struct nft_key *key, const char *name)
{
	char bytes[NFT_IFNAME_LEN] = {};

	memcpy(bytes, name, strnlen(name, sizeof(bytes) - 1));
	nft_key_add(key, bytes, sizeof(bytes));
}

/* Does the newest message hold elements of this set, with room for more? */
static bool list_goes_on(const struct nft_batch *batch, uint16_t type, uint16_t flags,
			 const char *set)
{
	const struct nlmsghdr *head = (const void *)(batch->bytes.data + batch->message);
	size_t at = batch->message + NLMSG_SPACE(sizeof(struct nfgenmsg)) +
		    NLA_ALIGN(NLA_HDRLEN + strlen(batch->table.name) + 1) + NLA_HDRLEN;

	return batch->list && batch->bytes.len - batch->list < LIST_MAX &&
	       head->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | type) &&
	       head->nlmsg_flags == (NLM_F_REQUEST | flags) &&
	       strcmp(batch->bytes.data + at, set) == 0;
}

static void begin_list(struct nft_batch *batch, uint16_t type, uint16_t flags, const char *set)
{
	if (list_goes_on(batch, type, flags, set))
		return;
	nft_message(batch, type, flags);
	nft_put_str(batch, NFTA_SET_ELEM_LIST_TABLE, batch->table.name);
	nft_put_str(batch, NFTA_SET_ELEM_LIST_SET, set);
	nft_note(batch, "elements of set '%.40s'", set);
	batch->list = nft_nest(batch, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static void put_key(struct nft_batch *batch, const struct nft_element *element)
{
	nft_put_value(batch, NFTA_SET_ELEM_KEY, element->key.bytes, element->key.len);
	if (element->key_end.len)
		nft_put_value(batch, NFTA_SET_ELEM_KEY_END, element->key_end.bytes,
			      element->key_end.len);
	if (element->is_interval_end)
		nft_put_u32(batch, NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
}

void nft_add_element(struct nft_batch *batch, uint16_t flags, const char *set,
		     const struct nft_element *element)
{
	size_t nest;

	begin_list(batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE | flags, set);
	nest = nft_nest(batch, NFTA_LIST_ELEM);
	put_key(batch, element);
	if (element->has_verdict)
		nft_put_verdict(batch, NFTA_SET_ELEM_DATA, element->verdict, element->chain);
	else if (element->data.len)
		nft_put_value(batch, NFTA_SET_ELEM_DATA, element->data.bytes, element->data.len);
	if (element->comment)
		nft_put_comment(batch, NFTA_SET_ELEM_USERDATA, NFT_UDATA_ELEM_COMMENT,
				element->comment);
	nft_nest_end(batch, nest);
}

void nft_del_element(struct nft_batch *batch, const char *set, const struct nft_element *element)
{
	size_t nest;

	begin_list(batch, NFT_MSG_DELSETELEM, 0, set);
	nest = nft_nest(batch, NFTA_LIST_ELEM);
	put_key(batch, element);
	nft_nest_end(batch, nest);
}
