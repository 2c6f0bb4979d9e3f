/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands. A dump that the rules changed under is begun anew, so its answers are gathered first
 * and read when it is whole. Several small questions go in one datagram, and are answered in order.
 * Lengths are checked although the kernel alone can send to this socket; user data and names in
 * tables were written by anybody who may.
 */
#include "sys/nft_build.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_BYTES 32768
#define TRIES	     64

/* ------------------------------------------------------------------------------- attributes */

struct span {
	const char *at;
	size_t len;
};

static struct span message_attrs(const struct nlmsghdr *h)
{
	size_t skip = NLMSG_SPACE(sizeof(struct nfgenmsg));

	if (h->nlmsg_len < skip)
		return (struct span){};
	return (struct span){ (const char *)h + skip, h->nlmsg_len - skip };
}

/* The next attribute, or NULL; *attrs moves behind it. */
static const struct nlattr *next_attr(struct span *attrs, struct span *ret_value)
{
	const struct nlattr *a = (const void *)attrs->at;
	size_t step;

	if (attrs->len < sizeof(*a) || a->nla_len < sizeof(*a) || a->nla_len > attrs->len)
		return NULL;
	*ret_value = (struct span){ (const char *)(a + 1), a->nla_len - sizeof(*a) };
	step = NLA_ALIGN(a->nla_len);
	if (step > attrs->len)
		step = attrs->len;
	attrs->at += step;
	attrs->len -= step;
	return a;
}

/* Empty if there is none. */
static struct span find(struct span attrs, uint16_t attr)
{
	const struct nlattr *a;
	struct span value;

	while ((a = next_attr(&attrs, &value)))
		if ((a->nla_type & NLA_TYPE_MASK) == attr)
			return value;
	return (struct span){};
}

static uint32_t find_u32(struct span attrs, uint16_t attr)
{
	struct span value = find(attrs, attr);
	uint32_t number = 0;

	if (value.len >= sizeof(number))
		memcpy(&number, value.at, sizeof(number));
	return ntohl(number);
}

static bool is_str(struct span attrs, uint16_t attr, const char *str)
{
	struct span value = find(attrs, attr);

	return value.len == strlen(str) + 1 && memcmp(value.at, str, value.len) == 0;
}

static void copy_str(struct span value, char *ret, size_t max)
{
	size_t len = value.len ? strnlen(value.at, value.len) : 0;

	if (len >= max)
		len = max - 1;
	if (len)
		memcpy(ret, value.at, len);
	ret[len] = '\0';
}

static void copy_key(struct span data, struct nft_key *ret)
{
	struct span value = find(data, NFTA_DATA_VALUE);

	ret->len = 0;
	if (value.len && value.len <= sizeof(ret->bytes)) {
		memcpy(ret->bytes, value.at, value.len);
		ret->len = (uint8_t)value.len;
	}
}

/* User data is a list of type, length, bytes; comments are type 0 wherever we read them. */
static void copy_comment(struct span data, char ret[static NFT_COMMENT_MAX + 1])
{
	ret[0] = '\0';
	while (data.len >= 2) {
		size_t len = (uint8_t)data.at[1];

		if (len > data.len - 2)
			return;
		if (data.at[0] == NFT_UDATA_ELEM_COMMENT) {
			copy_str((struct span){ data.at + 2, len }, ret, NFT_COMMENT_MAX + 1);
			return;
		}
		data.at += 2 + len;
		data.len -= 2 + len;
	}
}

/* ---------------------------------------------------------------------------------- asking */

/* Send the messages of `batch` as they are, not as a batch. */
static int send_questions(struct nft *nft, struct nft_batch *batch, struct err *err)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char *at;

	nft_message_end(batch);
	at = batch->bytes.data;
	for (uint32_t i = 0; i < batch->n; i++) {
		struct nlmsghdr *head = (void *)at;

		head->nlmsg_seq = ++nft->seq;
		at += NLMSG_ALIGN(head->nlmsg_len);
	}
	if (sendto(nft->fd, batch->bytes.data, batch->bytes.len, 0, (void *)&kernel,
		   sizeof(kernel)) < 0)
		return err_sys(err, errno, "nf_tables: send");
	return 0;
}

/* The number of a refusal, 0 if it is none. */
static int refusal(const struct nlmsghdr *h)
{
	int no = 0;

	if (h->nlmsg_type != NLMSG_ERROR && h->nlmsg_type != NLMSG_DONE)
		return 0;
	if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(no)))
		memcpy(&no, NLMSG_DATA(h), sizeof(no));
	return no < 0 ? -no : 0;
}

typedef void answer_fn(const struct nlmsghdr *h, void *arg);

/* One datagram of answers. Returns how many bytes, or -errno. */
static ssize_t receive(struct nft *nft, char *bytes, struct err *err)
{
	ssize_t n;

	do
		n = recv(nft->fd, bytes, ANSWER_BYTES, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, errno, "nf_tables: receive");
	if (n > ANSWER_BYTES)
		return err_set(err, ERR_SYSTEM, EMSGSIZE, "nf_tables: a cut answer");
	return n;
}

/* Of each message of `batch` one answer, be it a refusal, in their order. */
static int ask(struct nft *nft, struct nft_batch *batch, answer_fn *fn, void *arg, struct err *err)
{
	_Alignas(struct nlmsghdr) char bytes[ANSWER_BYTES];
	uint32_t first = nft->seq + 1, n_answered = 0;
	int r = send_questions(nft, batch, err);

	while (r == 0 && n_answered < batch->n) {
		ssize_t n = receive(nft, bytes, err);
		size_t left = (size_t)n;

		if (n < 0)
			return (int)n;
		for (const struct nlmsghdr *h = (void *)bytes; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_seq - first != n_answered)
				continue;
			fn(h, arg);
			n_answered++;
		}
	}
	return r;
}

/* One go of a dump. 1: it is in `ret`; 0: it was disturbed. */
static int dump_once(struct nft *nft, struct nft_batch *batch, struct buf *ret, struct err *err)
{
	_Alignas(struct nlmsghdr) char bytes[ANSWER_BYTES];
	bool is_disturbed = false;
	int r = send_questions(nft, batch, err);

	ret->len = 0;
	while (r == 0) {
		ssize_t n = receive(nft, bytes, err);
		size_t left = (size_t)n;

		if (n < 0)
			return (int)n;
		for (const struct nlmsghdr *h = (void *)bytes; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_seq != nft->seq)
				continue;
			is_disturbed |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
			if (refusal(h) && refusal(h) != EINTR)
				return err_sys(err, refusal(h), "nf_tables: list table '%.64s'",
					       batch->table.name);
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
				return !is_disturbed && !refusal(h);
			buf_add(ret, h, NLMSG_ALIGN(h->nlmsg_len));
		}
	}
	return r;
}

static int dump(struct nft *nft, struct nft_batch *batch, answer_fn *fn, void *arg,
		struct err *err)
{
	auto_buf struct buf answers = {};
	int r = 0;

	for (int i = 0; i < TRIES && r == 0; i++)
		r = dump_once(nft, batch, &answers, err);
	if (r < 0)
		return r;
	if (r == 0)
		return err_sys(err, EAGAIN, "nf_tables: list table '%.64s'", batch->table.name);
	for (size_t at = 0; at < answers.len;) {
		const struct nlmsghdr *h = (const void *)(answers.data + at);

		fn(h, arg);
		at += NLMSG_ALIGN(h->nlmsg_len);
	}
	return 0;
}

/* --------------------------------------------------------------------------- single objects */

struct table_answer {
	struct nft_table_state *state;
	int no;
};

static void on_table(const struct nlmsghdr *h, void *arg)
{
	struct table_answer *answer = arg;
	struct span attrs = message_attrs(h);

	answer->no = refusal(h);
	if (h->nlmsg_type == NLMSG_ERROR)
		return;
	answer->state->flags = find_u32(attrs, NFTA_TABLE_FLAGS);
	answer->state->n_users = find_u32(attrs, NFTA_TABLE_USE);
	copy_comment(find(attrs, NFTA_TABLE_USERDATA), answer->state->comment);
}

int nft_get_table(struct nft *nft, const struct nft_table *table, struct nft_table_state *ret,
		  struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	struct table_answer answer = { .state = ret };
	int r;

	*ret = (struct nft_table_state){};
	nft_batch_init(&batch, table);
	nft_message(&batch, NFT_MSG_GETTABLE, 0);
	nft_put_str(&batch, NFTA_TABLE_NAME, table->name);
	r = ask(nft, &batch, on_table, &answer, err);
	if (r == 0 && answer.no)
		return err_sys(err, answer.no, "nf_tables: look at table '%.64s'", table->name);
	return r;
}

static void read_chain(const struct nlmsghdr *h, struct nft_chain_state *ret)
{
	struct span attrs = message_attrs(h);

	ret->has_hook = find(attrs, NFTA_CHAIN_HOOK).len != 0;
	ret->n_users = find_u32(attrs, NFTA_CHAIN_USE);
	copy_comment(find(attrs, NFTA_CHAIN_USERDATA), ret->comment);
}

static void on_one_chain(const struct nlmsghdr *h, void *arg)
{
	struct nft_chain_state **at = arg;

	if (h->nlmsg_type != NLMSG_ERROR)
		read_chain(h, *at);
	(*at)++;
}

int nft_get_chains(struct nft *nft, const struct nft_table *table, struct nft_chain_state *chains,
		   size_t n, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	struct nft_chain_state *at = chains;

	nft_batch_init(&batch, table);
	for (size_t i = 0; i < n; i++) {
		chains[i].has_hook = false;
		chains[i].n_users = 0;
		chains[i].comment[0] = '\0';
		nft_message(&batch, NFT_MSG_GETCHAIN, 0);
		nft_put_str(&batch, NFTA_CHAIN_TABLE, table->name);
		nft_put_str(&batch, NFTA_CHAIN_NAME, chains[i].name);
	}
	return ask(nft, &batch, on_one_chain, &at, err);
}

static void on_genid(const struct nlmsghdr *h, void *arg)
{
	uint32_t *genid = arg;

	if (h->nlmsg_type != NLMSG_ERROR)
		*genid = find_u32(message_attrs(h), NFTA_GEN_ID);
}

int nft_get_genid(struct nft *nft, uint32_t *ret, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	uint32_t genid = 0;
	int r;

	nft_batch_init(&batch, &(struct nft_table){ NFPROTO_UNSPEC, "" });
	nft_message(&batch, NFT_MSG_GETGEN, 0);
	r = ask(nft, &batch, on_genid, &genid, err);
	if (r < 0)
		return r;
	if (genid == 0)
		return err_set(err, ERR_SYSTEM, EPROTO, "nf_tables: it does not count changes");
	*ret = genid;
	return 0;
}

/* -------------------------------------------------------------------------------- all there are */

struct listing {
	const char *table;
	struct buf *ret;
	size_t n;
};

static void on_chain(const struct nlmsghdr *h, void *arg)
{
	struct listing *listing = arg;
	struct span attrs = message_attrs(h);
	struct nft_chain_state state = {};

	if (!is_str(attrs, NFTA_CHAIN_TABLE, listing->table))
		return;
	read_chain(h, &state);
	copy_str(find(attrs, NFTA_CHAIN_NAME), state.name, sizeof(state.name));
	buf_add(listing->ret, &state, sizeof(state));
}

int nft_list_chains(struct nft *nft, const struct nft_table *table, struct buf *ret,
		    struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	struct listing listing = { table->name, ret, 0 };

	nft_batch_init(&batch, table);
	nft_message(&batch, NFT_MSG_GETCHAIN, NLM_F_DUMP);
	return dump(nft, &batch, on_chain, &listing, err);
}

/* A family is told in the head of the message alone. */
static uint8_t family_of(const struct nlmsghdr *h)
{
	const struct nfgenmsg *head = NLMSG_DATA(h);

	return h->nlmsg_len < NLMSG_LENGTH(sizeof(*head)) ? NFPROTO_UNSPEC : head->nfgen_family;
}

static void on_base_chain(const struct nlmsghdr *h, void *arg)
{
	struct span attrs = message_attrs(h), hook = find(attrs, NFTA_CHAIN_HOOK);
	struct listing *listing = arg;
	struct nft_base_chain chain = {
		.family = family_of(h),
		.hook = find_u32(hook, NFTA_HOOK_HOOKNUM),
		.policy = find_u32(attrs, NFTA_CHAIN_POLICY),
	};

	if (!find(hook, NFTA_HOOK_HOOKNUM).len)
		return;
	copy_str(find(attrs, NFTA_CHAIN_TABLE), chain.table, sizeof(chain.table));
	copy_str(find(attrs, NFTA_CHAIN_NAME), chain.name, sizeof(chain.name));
	buf_add(listing->ret, &chain, sizeof(chain));
}

int nft_list_base_chains(struct nft *nft, struct buf *ret, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	struct listing listing = { .ret = ret };

	nft_batch_init(&batch, &(struct nft_table){ NFPROTO_UNSPEC, "" });
	nft_message(&batch, NFT_MSG_GETCHAIN, NLM_F_DUMP);
	return dump(nft, &batch, on_base_chain, &listing, err);
}

static void on_set(const struct nlmsghdr *h, void *arg)
{
	struct listing *listing = arg;
	struct span attrs = message_attrs(h);
	struct nft_set_state state = {
		.flags = find_u32(attrs, NFTA_SET_FLAGS),
		.key_type = find_u32(attrs, NFTA_SET_KEY_TYPE),
		.key_len = find_u32(attrs, NFTA_SET_KEY_LEN),
		.data_type = find_u32(attrs, NFTA_SET_DATA_TYPE),
		.data_len = find_u32(attrs, NFTA_SET_DATA_LEN),
	};

	if (!is_str(attrs, NFTA_SET_TABLE, listing->table))
		return;
	copy_str(find(attrs, NFTA_SET_NAME), state.name, sizeof(state.name));
	buf_add(listing->ret, &state, sizeof(state));
}

int nft_list_sets(struct nft *nft, const struct nft_table *table, struct buf *ret,
		  struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	struct listing listing = { table->name, ret, 0 };

	nft_batch_init(&batch, table);
	nft_message(&batch, NFT_MSG_GETSET, NLM_F_DUMP);
	nft_put_str(&batch, NFTA_SET_TABLE, table->name);
	return dump(nft, &batch, on_set, &listing, err);
}

static void on_elements(const struct nlmsghdr *h, void *arg)
{
	struct span list = find(message_attrs(h), NFTA_SET_ELEM_LIST_ELEMENTS), element;
	struct listing *listing = arg;

	while (next_attr(&list, &element)) {
		struct nft_element_state state = {};

		copy_key(find(element, NFTA_SET_ELEM_KEY), &state.key);
		copy_key(find(element, NFTA_SET_ELEM_KEY_END), &state.key_end);
		copy_key(find(element, NFTA_SET_ELEM_DATA), &state.data);
		copy_comment(find(element, NFTA_SET_ELEM_USERDATA), state.comment);
		state.is_interval_end = find_u32(element, NFTA_SET_ELEM_FLAGS) &
					NFT_SET_ELEM_INTERVAL_END;
		buf_add(listing->ret, &state, sizeof(state));
	}
}

static int compare_elements(const void *one, const void *other)
{
	const struct nft_element_state *a = *(const void *const *)one;
	const struct nft_element_state *b = *(const void *const *)other;
	int order = a->key.len - b->key.len;

	if (order == 0)
		order = memcmp(a->key.bytes, b->key.bytes, a->key.len);
	return order ? order : a->is_interval_end - b->is_interval_end;
}

static bool is_told_twice(const struct nft_element_state *states, size_t n)
{
	auto_buf struct buf list = {};
	const struct nft_element_state **sorted;
	bool found = false;

	for (size_t i = 0; i < n; i++)
		buf_add(&list, &(const void *){ &states[i] }, sizeof(states));
	sorted = (void *)list.data;
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), compare_elements);
	for (size_t i = 1; i < n && !found; i++)
		found = compare_elements(&sorted[i - 1], &sorted[i]) == 0;
	return found;
}

/*
 * The kernel tells a part at a time, and finds its place again by counting. While a hash table that
 * has grown is put into a new order, which no number tells of, it so leaves out as many elements as
 * it tells twice, or fewer: a dump in which none is there twice is whole.
 */
int nft_list_elements(struct nft *nft, const struct nft_table *table, const char *set,
		      struct buf *ret, struct err *err)
{
	struct listing listing = { table->name, ret, 0 };
	const size_t start = ret->len;

	for (int i = 0; i < TRIES; i++) {
		auto_nft_batch struct nft_batch batch = {};
		int r;

		ret->len = start;
		nft_batch_init(&batch, table);
		nft_message(&batch, NFT_MSG_GETSETELEM, NLM_F_DUMP);
		nft_put_str(&batch, NFTA_SET_ELEM_LIST_TABLE, table->name);
		nft_put_str(&batch, NFTA_SET_ELEM_LIST_SET, set);
		r = dump(nft, &batch, on_elements, &listing, err);
		if (r < 0 || !is_told_twice((const void *)(ret->data + start),
					    (ret->len - start) / sizeof(struct nft_element_state)))
			return r;
	}
	return err_sys(err, EAGAIN, "nf_tables: list table '%.64s'", table->name);
}

static bool is_drop(struct span immediate)
{
	struct span data = find(immediate, NFTA_IMMEDIATE_DATA);
	struct span verdict = find(data, NFTA_DATA_VERDICT);

	return find(verdict, NFTA_VERDICT_CODE).len &&
	       find_u32(verdict, NFTA_VERDICT_CODE) == NF_DROP;
}

/* What is not known may be a condition. "target" is how iptables-nft(8) writes what has no
 * expression of its own. */
static bool drops_all(struct span rule)
{
	struct span list = find(rule, NFTA_RULE_EXPRESSIONS), expr;

	while (next_attr(&list, &expr)) {
		struct span data = find(expr, NFTA_EXPR_DATA);

		if (is_str(expr, NFTA_EXPR_NAME, "counter") || is_str(expr, NFTA_EXPR_NAME, "log"))
			continue;
		return is_str(expr, NFTA_EXPR_NAME, "reject") ||
		       (is_str(expr, NFTA_EXPR_NAME, "immediate") && is_drop(data)) ||
		       (is_str(expr, NFTA_EXPR_NAME, "target") &&
			is_str(data, NFTA_TARGET_NAME, "REJECT"));
	}
	return false;
}

struct ending {
	const struct nft_base_chain *chain;
	bool drops;
};

static void on_rule_of_chain(const struct nlmsghdr *h, void *arg)
{
	struct ending *ending = arg;
	struct span attrs = message_attrs(h);

	if (is_str(attrs, NFTA_RULE_TABLE, ending->chain->table) &&
	    is_str(attrs, NFTA_RULE_CHAIN, ending->chain->name))
		ending->drops = drops_all(attrs);
}

int nft_ends_in_drop(struct nft *nft, const struct nft_base_chain *chain, bool *ret,
		     struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	struct ending ending = { .chain = chain };
	int r;

	nft_batch_init(&batch, &(struct nft_table){ chain->family, chain->table });
	nft_message(&batch, NFT_MSG_GETRULE, NLM_F_DUMP);
	nft_put_str(&batch, NFTA_RULE_TABLE, chain->table);
	nft_put_str(&batch, NFTA_RULE_CHAIN, chain->name);
	r = dump(nft, &batch, on_rule_of_chain, &ending, err);
	if (r < 0 && r != -ENOENT)
		return r;
	*ret = ending.drops;
	return 0;
}

static void on_rule(const struct nlmsghdr *h, void *arg)
{
	struct listing *listing = arg;

	listing->n += is_str(message_attrs(h), NFTA_RULE_TABLE, listing->table);
}

int nft_count_rules(struct nft *nft, const struct nft_table *table, size_t *ret, struct err *err)
{
	auto_nft_batch struct nft_batch batch = {};
	struct listing listing = { .table = table->name };
	int r;

	nft_batch_init(&batch, table);
	nft_message(&batch, NFT_MSG_GETRULE, NLM_F_DUMP);
	nft_put_str(&batch, NFTA_RULE_TABLE, table->name);
	r = dump(nft, &batch, on_rule, &listing, err);
	if (r == 0)
		*ret = listing.n;
	return r;
}
