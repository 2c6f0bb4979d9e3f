/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * nf_tables by raw nfnetlink: batches of changes, which the kernel makes whole or not at all, and
 * what stands. netlink(7), nft(8), <linux/netfilter/nf_tables.h>.
 *
 *	auto_nft_batch struct nft_batch batch = {};
 *	nft_batch_init(&batch, &(struct nft_table){ NFPROTO_INET, "tare" });
 *	nft_new_table(&batch, NLM_F_EXCL, NULL);
 *	nft_rule_begin(&batch, "forward");
 *	nft_meta(&batch, NFT_META_L4PROTO, NFT_REG_1);
 *	nft_cmp(&batch, NFT_REG_1, NFT_CMP_EQ, &(uint8_t){ IPPROTO_TCP }, 1);
 *	nft_verdict(&batch, NF_DROP, NULL);
 *	nft_rule_end(&batch, "no TCP");
 *	r = nft_commit(&nft, &batch, err);
 *
 * Building can't fail: what does not fit is refused by nft_commit. What a commit takes away is
 * thrown away by the kernel later, after a grace period of RCU; who closes a socket of netfilter
 * meanwhile, any one in that network namespace, waits for that, 5 to 30 ms, and others' commits
 * wait for him.
 */

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nft {
	int fd; /* -1: closed */
	uint32_t seq;
};

/* A socket in the network namespace that the caller is in now; it stays there. */
int nft_open(struct nft *nft, struct err *err);
void nft_close(struct nft *nft);
#define auto_nft auto_cleanup(nft_close)

/* ----------------------------------------------------------------------------------- batches */

struct nft_table {
	uint8_t family; /* NFPROTO_INET... */
	const char *name;
};

/* Changes of one table. All that is given is copied, but the table's name: it must outlive them. */
struct nft_batch {
	struct buf bytes;
	struct buf notes; /* what each message is about, for errors; see nft_note */
	struct nft_table table;
	uint32_t genid;	   /* 0: any; else -ERESTART if the rules changed since nft_get_genid */
	uint32_t n, n_sets; /* messages; sets that were made */
	size_t message;	   /* where the newest begins */
	size_t list, exprs; /* of that message: its list of elements, or of expressions; or 0 */
	bool overflow;	   /* an attribute grew beyond what its length can say */
};

void nft_batch_init(struct nft_batch *batch, const struct nft_table *table);
void nft_batch_done(struct nft_batch *batch);
#define auto_nft_batch auto_cleanup(nft_batch_done)

/* Say what the newest message is about, at most 63 bytes: "the element of port 8080". */
__attribute__((format(printf, 2, 3))) void nft_note(struct nft_batch *batch, const char *fmt, ...);

/* One sendmsg. On failure nothing has changed, and the error is that of the first message that was
 * refused, with its note. -EEXIST, -ENOENT, -EBUSY and -ERESTART are what callers branch on. The
 * batch can be sent again. */
int nft_commit(struct nft *nft, struct nft_batch *batch, struct err *err);

/* ------------------------------------------------------------- tables, chains, sets, elements */

/* `flags` here and below: NLM_F_EXCL: it must not be there yet; else 0. `comment` may be NULL. */
/* One that stands keeps its comment. */
void nft_new_table(struct nft_batch *batch, uint16_t flags, const char *comment);
void nft_del_table(struct nft_batch *batch);

struct nft_chain {
	const char *name;
	const char *type; /* "filter", "nat"; NULL: it has no hook and is only jumped to */
	uint32_t hook;	  /* NF_INET_FORWARD... */
	int32_t priority;
	uint32_t policy; /* NF_ACCEPT or NF_DROP */
	const char *comment; /* or NULL */
};

void nft_new_chain(struct nft_batch *batch, uint16_t flags, const struct nft_chain *chain);
void nft_flush_chain(struct nft_batch *batch, const char *name);
void nft_del_chain(struct nft_batch *batch, const char *name); /* its rules go with it */

/* What a key is made of: the numbers that nft(8) gives its types. */
enum nft_type {
	NFT_TYPE_NONE = 0,
	NFT_TYPE_IPV4 = 7,
	NFT_TYPE_IPV6 = 8,
	NFT_TYPE_PROTO = 12,
	NFT_TYPE_PORT = 13,
	NFT_TYPE_IFNAME = 41,
	NFT_TYPE_VERDICT = 255, /* of data only */
};

#define NFT_FIELDS	4
#define NFT_KEY_BYTES	64
#define NFT_IFNAME_LEN	16
#define NFT_COMMENT_MAX 128 /* bytes without the NUL; what is longer is cut */

struct nft_set {
	const char *name;
	uint8_t key[NFT_FIELDS];  /* enum nft_type; several: concatenated, see nft_key_add */
	uint8_t data[NFT_FIELDS]; /* of a map */
	bool is_interval;
};

void nft_new_set(struct nft_batch *batch, uint16_t flags, const struct nft_set *set);
void nft_flush_set(struct nft_batch *batch, const char *name);
void nft_del_set(struct nft_batch *batch, const char *name);

/* Bytes as a register holds them: each field is padded with zeros to a multiple of four. A key that
 * is a single field of less has its `len` set to that by the caller. */
struct nft_key {
	uint8_t bytes[NFT_KEY_BYTES];
	uint8_t len;
};

void nft_key_add(struct nft_key *key, const void *field, size_t len);
void nft_key_add_ifname(struct nft_key *key, const char *name);

/*
 * Intervals: where the key is one field, an interval is two elements, its first value and, with
 * `is_interval_end`, the one behind its last; where fields are concatenated, it is one element
 * with a `key_end`, the last value.
 */
struct nft_element {
	struct nft_key key;
	struct nft_key key_end; /* len 0: none */
	bool is_interval_end;
	struct nft_key data;  /* len 0: none */
	int32_t verdict;      /* of verdict maps */
	const char *chain;    /* of NFT_JUMP and NFT_GOTO; NULL */
	bool has_verdict;
	const char *comment; /* or NULL */
};

/* Elements of one set that are given one after the other share a message, as many as fit. */
void nft_add_element(struct nft_batch *batch, uint16_t flags, const char *set,
		     const struct nft_element *element);
void nft_del_element(struct nft_batch *batch, const char *set, const struct nft_element *element);

/* -------------------------------------------------------------------------------------- rules */

/* Between begin and end the functions below add expressions, in order, to a rule at the end of
 * `chain`. `reg` is NFT_REG_1... or NFT_REG32_00...: NFT_REG_1 is four of the latter. */
void nft_rule_begin(struct nft_batch *batch, const char *chain);
void nft_rule_end(struct nft_batch *batch, const char *comment);

void nft_meta(struct nft_batch *batch, uint32_t key, uint32_t reg);
void nft_ct(struct nft_batch *batch, uint32_t key, uint32_t reg);
void nft_fib_daddr_type(struct nft_batch *batch, uint32_t reg);
void nft_payload(struct nft_batch *batch, uint32_t base, uint32_t offset, uint32_t len,
		 uint32_t reg);
void nft_bitwise(struct nft_batch *batch, uint32_t reg, const void *mask, uint32_t len);
void nft_cmp(struct nft_batch *batch, uint32_t reg, uint32_t op, const void *data, size_t len);
void nft_lookup(struct nft_batch *batch, const char *set, uint32_t reg, bool inverted);
void nft_lookup_map(struct nft_batch *batch, const char *map, uint32_t reg, uint32_t to_reg);
void nft_immediate(struct nft_batch *batch, uint32_t reg, const void *data, size_t len);
void nft_counter(struct nft_batch *batch);

/* Two bytes of the transport header; its checksum at `csum_offset` is kept right. */
void nft_payload_write_port(struct nft_batch *batch, uint32_t reg, uint32_t offset,
			    uint32_t csum_offset);

/* NF_ACCEPT, NF_DROP, NFT_RETURN; NFT_JUMP and NFT_GOTO to `chain`. */
void nft_verdict(struct nft_batch *batch, int32_t code, const char *chain);

/* `type`: NFT_NAT_DNAT or NFT_NAT_SNAT; `family`: NFPROTO_IPV4 or NFPROTO_IPV6. */
void nft_nat(struct nft_batch *batch, uint32_t type, uint32_t family, uint32_t addr_reg,
	     uint32_t port_reg);
void nft_masquerade(struct nft_batch *batch);

/* --------------------------------------------------------------------------------- what stands */

struct nft_table_state {
	uint32_t flags, n_users;	   /* NFT_TABLE_F_*; its chains and sets */
	char comment[NFT_COMMENT_MAX + 1]; /* "": none */
};

/* -ENOENT: there is none. */
int nft_get_table(struct nft *nft, const struct nft_table *table, struct nft_table_state *ret,
		  struct err *err);

struct nft_chain_state {
	char name[NFT_NAME_MAXLEN];
	bool has_hook;
	uint32_t n_users;		   /* its rules, and the jumps to it */
	char comment[NFT_COMMENT_MAX + 1]; /* "": none */
};

/* Look at `n` chains at once, whose names are given; one that is not there has n_users 0. */
int nft_get_chains(struct nft *nft, const struct nft_table *table, struct nft_chain_state *chains,
		   size_t n, struct err *err);

/* One with a hook, of any table. */
struct nft_base_chain {
	uint8_t family; /* NFPROTO_INET... */
	char table[NFT_NAME_MAXLEN], name[NFT_NAME_MAXLEN];
	uint32_t hook;	 /* NF_INET_LOCAL_IN... */
	uint32_t policy; /* of what no rule of it decides: NF_ACCEPT or NF_DROP */
};

/* Append those of all tables of all families to `ret`, an array. */
int nft_list_base_chains(struct nft *nft, struct buf *ret, struct err *err);

/* Does its last rule drop or reject each packet that comes so far? false if there is no rule, or no
 * such chain. */
int nft_ends_in_drop(struct nft *nft, const struct nft_base_chain *chain, bool *ret,
		     struct err *err);

/* The number of the present state of all rules. */
int nft_get_genid(struct nft *nft, uint32_t *ret, struct err *err);

struct nft_set_state {
	char name[NFT_NAME_MAXLEN];
	uint32_t flags, key_type, key_len, data_type, data_len;
};

struct nft_element_state {
	struct nft_key key, key_end, data;
	bool is_interval_end;
	char comment[NFT_COMMENT_MAX + 1]; /* "": none */
};

/* Append all of them to `ret`, an array. Of no such table or set: nothing, or -ENOENT. */
int nft_list_chains(struct nft *nft, const struct nft_table *table, struct buf *ret,
		    struct err *err);
int nft_list_sets(struct nft *nft, const struct nft_table *table, struct buf *ret,
		  struct err *err);
int nft_list_elements(struct nft *nft, const struct nft_table *table, const char *set,
		      struct buf *ret, struct err *err);
int nft_count_rules(struct nft *nft, const struct nft_table *table, size_t *ret, struct err *err);

/* Is what stands what `set` asks for? */
bool nft_set_is(const struct nft_set_state *state, const struct nft_set *set);
