/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few rules of netlink: requests are numbered, attributes are padded to four bytes, an answer
 * may come in several datagrams and ends with an acknowledgement or with the end of a dump. Lengths
 * that come back are checked although the kernel is the only one who can send them to this socket.
 *
 * Of a batch only the last message asks to be acknowledged: failures are always told, in order, and
 * before it. So one that goes well costs one send and one receive, however long it is.
 */
#include "sys/netlink.h"

#include "sys/ns.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* The kernel fills what it is given; less than this makes dumps slow. */
#define ANSWER_BYTES 16384

static int open_protocol(struct netlink *nl, int protocol, const char *name, struct err *err)
{
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	const int on = 1;

	if (fd < 0)
		return err_sys(err, errno, "open a %s netlink socket", name);
	/* Words with the errors, short acknowledgements, and dumps of what was asked for only. Old
	 * kernels do without. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*nl = (struct netlink){ .fd = take_fd(&fd) };
	return 0;
}

int netlink_open(struct netlink *nl, struct err *err)
{
	return open_protocol(nl, NETLINK_ROUTE, "route", err);
}

int netlink_open_netfilter(struct netlink *nl, struct err *err)
{
	return open_protocol(nl, NETLINK_NETFILTER, "netfilter", err);
}

int netlink_open_in(struct netlink *nl, int netns_fd, struct err *err)
{
	auto_netlink struct netlink there = { .fd = -1 };
	auto_close int home_fd = -1;
	int r = ns_net_visit(netns_fd, &home_fd, err);

	if (r < 0)
		return r;
	r = netlink_open(&there, err);
	if (ns_net_leave(&home_fd, err) < 0)
		return -err->no;
	if (r < 0)
		return r;
	*nl = (struct netlink){ .fd = take_fd(&there.fd) };
	return 0;
}

void netlink_close(struct netlink *nl)
{
	closep(&nl->fd);
	nl->fd = -1;
}

/* Room for `len` bytes at the end, padded, or NULL. */
static void *msg_extend(struct netlink_msg *msg, size_t len)
{
	size_t at = NLMSG_ALIGN(msg->head.nlmsg_len);

	if (msg->overflow || len > sizeof(msg->bytes) - at) {
		msg->overflow = true;
		return NULL;
	}
	msg->head.nlmsg_len = (uint32_t)(at + len);
	return msg->bytes + at;
}

void netlink_msg_init(struct netlink_msg *msg, uint16_t type, uint16_t flags, const void *body,
		      size_t body_len)
{
	void *at;

	memset(msg, 0, sizeof(*msg));
	msg->head.nlmsg_len = NLMSG_HDRLEN;
	msg->head.nlmsg_type = type;
	msg->head.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST | NLM_F_ACK);
	at = msg_extend(msg, body_len);
	if (at)
		memcpy(at, body, body_len);
}

void netlink_msg_put(struct netlink_msg *msg, uint16_t attr, const void *data, size_t len)
{
	struct rtattr *at = msg_extend(msg, RTA_LENGTH(len));

	if (!at)
		return;
	at->rta_type = attr;
	at->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(at), data, len);
}

void netlink_msg_put_str(struct netlink_msg *msg, uint16_t attr, const char *str)
{
	netlink_msg_put(msg, attr, str, strlen(str) + 1);
}

void netlink_msg_put_u8(struct netlink_msg *msg, uint16_t attr, uint8_t value)
{
	netlink_msg_put(msg, attr, &value, sizeof(value));
}

void netlink_msg_put_u16(struct netlink_msg *msg, uint16_t attr, uint16_t value)
{
	netlink_msg_put(msg, attr, &value, sizeof(value));
}

void netlink_msg_put_u32(struct netlink_msg *msg, uint16_t attr, uint32_t value)
{
	netlink_msg_put(msg, attr, &value, sizeof(value));
}

size_t netlink_msg_begin(struct netlink_msg *msg, uint16_t attr)
{
	size_t at = NLMSG_ALIGN(msg->head.nlmsg_len);

	netlink_msg_put(msg, attr | NLA_F_NESTED, NULL, 0);
	return at;
}

void netlink_msg_end(struct netlink_msg *msg, size_t nest)
{
	struct rtattr *outer = (void *)(msg->bytes + nest);

	if (!msg->overflow)
		outer->rta_len = (unsigned short)(msg->head.nlmsg_len - nest);
}

void netlink_msg_put_struct(struct netlink_msg *msg, const void *data, size_t len)
{
	void *at = msg_extend(msg, len);

	if (at)
		memcpy(at, data, len);
}

const struct rtattr *netlink_find_in(const void *attrs, size_t len, uint16_t attr, size_t min_len)
{
	const char *p = attrs;

	while (len >= sizeof(struct rtattr)) {
		const struct rtattr *a = (const void *)p;
		size_t step;

		if (a->rta_len < sizeof(*a) || a->rta_len > len)
			return NULL;
		if ((a->rta_type & NLA_TYPE_MASK) == attr)
			return RTA_PAYLOAD(a) >= min_len ? a : NULL;
		step = RTA_ALIGN(a->rta_len);
		if (step >= len)
			return NULL;
		p += step;
		len -= step;
	}
	return NULL;
}

const struct rtattr *netlink_find_attr(const struct nlmsghdr *answer, size_t body_len,
				       uint16_t attr, size_t min_len)
{
	size_t skip = NLMSG_SPACE(body_len);

	if (answer->nlmsg_len < skip)
		return NULL;
	return netlink_find_in((const char *)answer + skip, answer->nlmsg_len - skip, attr,
			       min_len);
}

uint32_t netlink_find_u32(const struct nlmsghdr *answer, size_t body_len, uint16_t attr,
			  uint32_t otherwise)
{
	const struct rtattr *a = netlink_find_attr(answer, body_len, attr, sizeof(otherwise));

	if (a)
		memcpy(&otherwise, RTA_DATA(a), sizeof(otherwise));
	return otherwise;
}

const struct rtattr *netlink_find_inner(const struct rtattr *outer, uint16_t attr, size_t min_len)
{
	return netlink_find_in(RTA_DATA(outer), RTA_PAYLOAD(outer), attr, min_len);
}

/* --------------------------------------------------------------------------------- exchange */

/* What was sent, by its numbers, and how it goes. */
struct exchange {
	uint32_t first, last;
	netlink_answer_fn *on_answer;
	void *arg;
	bool is_complete;
	int result; /* of the first that failed */
	uint32_t failed;
};

/* An acknowledgement, which is an error whose number may be 0. */
static int finish(const struct nlmsghdr *h, struct err *err)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	const struct rtattr *words = NULL;
	int no;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
		return err_set(err, ERR_SYSTEM, EPROTO, "netlink: a cut answer");
	no = -e->error;
	if (no == 0)
		return 0;
	if (h->nlmsg_flags & NLM_F_ACK_TLVS && h->nlmsg_flags & NLM_F_CAPPED)
		words = netlink_find_attr(h, sizeof(*e), NLMSGERR_ATTR_MSG, 2);
	if (!words)
		return err_sys(err, no, "netlink");
	return err_sys(err, no, "netlink: %.*s", (int)RTA_PAYLOAD(words),
		       (const char *)RTA_DATA(words));
}

static void take_message(struct exchange *x, const struct nlmsghdr *h, struct err *err)
{
	if (h->nlmsg_type != NLMSG_ERROR && h->nlmsg_type != NLMSG_DONE) {
		if (x->on_answer)
			x->on_answer(h, x->arg);
		return;
	}
	if (x->result == 0) {
		x->result = finish(h, err);
		x->failed = h->nlmsg_seq;
	}
	x->is_complete = h->nlmsg_seq == x->last;
}

/* One datagram. */
static void take(struct exchange *x, const char *bytes, size_t len, struct err *err)
{
	const struct nlmsghdr *h = (const void *)bytes;

	for (; !x->is_complete && NLMSG_OK(h, len); h = NLMSG_NEXT(h, len))
		if (h->nlmsg_seq - x->first <= x->last - x->first)
			take_message(x, h, err);
}

static int exchange(struct netlink *nl, struct exchange *x, const void *bytes, size_t len,
		    struct err *err)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_BYTES];
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (sendto(nl->fd, bytes, len, 0, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return err_sys(err, errno, "netlink: send");
	while (!x->is_complete) {
		ssize_t n = recv(nl->fd, answer, sizeof(answer), MSG_TRUNC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "netlink: receive");
		if ((size_t)n > sizeof(answer))
			return err_set(err, ERR_SYSTEM, EMSGSIZE, "netlink: a cut answer");
		take(x, answer, (size_t)n, err);
	}
	return x->result;
}

int netlink_ask(struct netlink *nl, struct netlink_msg *msg, netlink_answer_fn *on_answer,
		void *arg, struct err *err)
{
	struct exchange x = { .on_answer = on_answer, .arg = arg };

	if (msg->overflow)
		return err_set(err, ERR_USAGE, EMSGSIZE, "netlink: the request is too long");
	msg->head.nlmsg_seq = x.first = x.last = ++nl->seq;
	return exchange(nl, &x, msg->bytes, msg->head.nlmsg_len, err);
}

int netlink_dump(struct netlink *nl, uint16_t type, netlink_answer_fn *on_answer, void *arg,
		 struct err *err)
{
	/* The longest of the structures that the three types want; all of it means "any". */
	static const struct ifinfomsg any;
	const size_t len = type == RTM_GETLINK	 ? sizeof(struct ifinfomsg)
			   : type == RTM_GETADDR ? sizeof(struct ifaddrmsg)
						 : sizeof(struct rtmsg);
	struct netlink_msg msg;

	netlink_msg_init(&msg, type, NLM_F_DUMP, &any, len);
	if (type == RTM_GETLINK)
		netlink_msg_put_u32(&msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return netlink_ask(nl, &msg, on_answer, arg, err);
}

/* ------------------------------------------------------------------------------------ batch */

void netlink_batch_done(struct netlink_batch *batch)
{
	buf_done(&batch->messages);
	buf_done(&batch->words);
	*batch = (struct netlink_batch){};
}

void netlink_batch_add(struct netlink_batch *batch, const struct netlink_msg *msg, const char *fmt,
		       ...)
{
	static const char padding[NLMSG_ALIGNTO];
	size_t len = msg->head.nlmsg_len;
	char words[128];
	va_list ap;

	batch->overflow |= msg->overflow;
	if (batch->overflow)
		return;
	batch->last_at = batch->messages.len;
	buf_add(&batch->messages, msg->bytes, len);
	buf_add(&batch->messages, padding, NLMSG_ALIGN(len) - len);
	va_start(ap, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	buf_add(&batch->words, words, strlen(words) + 1);
	batch->n++;
}

static struct nlmsghdr *message_at(struct netlink_batch *batch, size_t at)
{
	return (void *)(batch->messages.data + at);
}

/* Give them their numbers; only the last one is to be acknowledged. */
static void number(struct netlink_batch *batch, uint32_t first)
{
	struct nlmsghdr *h;

	for (size_t at = 0; at < batch->messages.len; at += NLMSG_ALIGN(h->nlmsg_len)) {
		h = message_at(batch, at);
		h->nlmsg_seq = first++;
		if (at != batch->last_at)
			h->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
	}
}

static const char *words_of(const struct netlink_batch *batch, uint32_t i)
{
	const char *words = buf_str(&batch->words);

	while (i--)
		words += strlen(words) + 1;
	return words;
}

int netlink_batch_send(struct netlink *nl, struct netlink_batch *batch, struct err *err)
{
	struct exchange x = { .first = nl->seq + 1, .last = nl->seq + batch->n };
	int r;

	if (batch->overflow)
		return err_set(err, ERR_USAGE, EMSGSIZE, "netlink: the request is too long");
	if (batch->n == 0)
		return 0;
	number(batch, x.first);
	nl->seq = x.last;
	r = exchange(nl, &x, batch->messages.data, batch->messages.len, err);
	if (r < 0 && x.result < 0)
		r = err_wrap(err, "%s", words_of(batch, x.failed - x.first));
	netlink_batch_done(batch);
	return r;
}
