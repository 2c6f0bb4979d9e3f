/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Messages and attributes of nf_tables, for the rooms of sys/nft.h alone. Numbers are sent in
 * network order. A nest is closed by the offset that was returned. */

#include "sys/nft.h"

#include <linux/netfilter/nfnetlink.h>

/* Begin a message of NFT_MSG_*; it goes on until the next one. */
void nft_message(struct nft_batch *batch, uint16_t type, uint16_t flags);

void nft_put(struct nft_batch *batch, uint16_t attr, const void *data, size_t len);
void nft_put_str(struct nft_batch *batch, uint16_t attr, const char *str);
void nft_put_u32(struct nft_batch *batch, uint16_t attr, uint32_t value);
size_t nft_nest(struct nft_batch *batch, uint16_t attr);
void nft_nest_end(struct nft_batch *batch, size_t nest);

/* nft(8)'s form of a comment in user data, of `type`. */
void nft_put_comment(struct nft_batch *batch, uint16_t attr, uint8_t type, const char *comment);

/* An attribute NFTA_DATA_VALUE, or a verdict, in a nest. */
void nft_put_value(struct nft_batch *batch, uint16_t attr, const void *data, size_t len);
void nft_put_verdict(struct nft_batch *batch, uint16_t attr, int32_t code, const char *chain);

/* The message is whole: nothing can be added to it. */
void nft_message_end(struct nft_batch *batch);

/* Types of what user data holds: enum nftnl_udata_*_types. */
#define NFT_UDATA_TABLE_COMMENT 0
#define NFT_UDATA_CHAIN_COMMENT 0
#define NFT_UDATA_RULE_COMMENT	0
#define NFT_UDATA_ELEM_COMMENT	0
#define NFT_UDATA_SET_KEY_ORDER	0
#define NFT_UDATA_SET_DATA_ORDER 1

/* What a type is in one number, and how long it is in a register. */
uint32_t nft_type_number(const uint8_t fields[NFT_FIELDS]);
uint32_t nft_type_len(const uint8_t fields[NFT_FIELDS]);
