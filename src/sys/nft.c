/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a batch travels: the messages between a begin and an end, in one datagram, each numbered. The
 * kernel works on it within sendmsg: all its answers are there when that returns. Only the last
 * message asks to be acknowledged, but every one that is refused is answered, in order; the kernel
 * goes on with those behind it to say what is wrong with them too, and then takes all of it back.
 * What concerns the batch as a whole is an answer to its begin.
 */
#include "sys/nft_build.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_BYTES 8192
#define NOTE_BYTES   64
#define SPARE_BYTES  4096 /* what the kernel wants of a socket's buffer beside the datagram */

struct note {
	char text[NOTE_BYTES];
	uint32_t message; /* 1: the first */
};

int nft_open(struct nft *nft, struct err *err)
{
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	const int on = 1;

	if (fd < 0)
		return err_sys(err, errno, "open a netfilter netlink socket");
	/* Words with the errors, and not the whole message back. Old kernels do without. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	*nft = (struct nft){ .fd = take_fd(&fd) };
	return 0;
}

void nft_close(struct nft *nft)
{
	closep(&nft->fd);
	nft->fd = -1;
}

/* ------------------------------------------------------------------------------------ notes */

void nft_note(struct nft_batch *batch, const char *fmt, ...)
{
	struct note note = { .message = batch->n };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(note.text, sizeof(note.text), fmt, ap);
	va_end(ap);
	buf_add(&batch->notes, &note, sizeof(note));
}

/* Of message `message`, the last that was said; NULL: nothing. */
static const char *find_note(const struct nft_batch *batch, uint32_t message)
{
	const struct note *notes = (const void *)batch->notes.data;
	const char *found = NULL;

	for (size_t i = 0; i < batch->notes.len / sizeof(*notes); i++)
		if (notes[i].message == message)
			found = notes[i].text;
	return found;
}

/* ------------------------------------------------------------------------------------- send */

/* Begin and end: the subsystem's number stands in the header. */
static void add_mark(struct buf *buf, uint16_t type, uint32_t seq, uint32_t genid)
{
	const struct {
		struct nlmsghdr head;
		struct nfgenmsg body;
		struct nlattr attr;
		uint32_t genid;
	} mark = {
		.head = { sizeof(mark), type, NLM_F_REQUEST, seq, 0 },
		.body = { .res_id = htons(NFNL_SUBSYS_NFTABLES) },
		.attr = { sizeof(struct nlattr) + sizeof(uint32_t), NFNL_BATCH_GENID },
		.genid = htonl(genid),
	};
	struct nlmsghdr head = mark.head;

	_Static_assert(sizeof(mark) == 28, "no gaps");
	head.nlmsg_len = genid ? sizeof(mark) : NLMSG_LENGTH(sizeof(struct nfgenmsg));
	buf_add(buf, &head, sizeof(head));
	buf_add(buf, (const char *)&mark + sizeof(head), head.nlmsg_len - sizeof(head));
}

/* Number the messages from `seq` on; the last one is to be acknowledged. */
static void number(struct buf *bytes, uint32_t seq, uint32_t n)
{
	char *at = bytes->data;

	for (uint32_t i = 1; i <= n; i++) {
		struct nlmsghdr *head = (void *)at;

		head->nlmsg_seq = seq++;
		head->nlmsg_flags = (uint16_t)(head->nlmsg_flags & ~NLM_F_ACK);
		if (i == n)
			head->nlmsg_flags |= NLM_F_ACK;
		at += NLMSG_ALIGN(head->nlmsg_len);
	}
}

/* The datagram must fit into what the socket may send; root may have as much as it wants. */
static void make_room(int fd, size_t bytes)
{
	const int want = (int)(bytes + SPARE_BYTES);
	int have = 0;
	socklen_t len = sizeof(have);

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &have, &len) == 0 && have >= want)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &want, sizeof(want)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof(want));
}

static int send_batch(struct nft *nft, struct nft_batch *batch, uint32_t first_seq,
		      struct err *err)
{
	auto_buf struct buf begin = {}, end = {};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec parts[3];
	const struct msghdr message = { .msg_name = &kernel, .msg_namelen = sizeof(kernel),
					.msg_iov = parts, .msg_iovlen = 3 };
	ssize_t n;

	add_mark(&begin, NFNL_MSG_BATCH_BEGIN, first_seq, batch->genid);
	number(&batch->bytes, first_seq + 1, batch->n);
	add_mark(&end, NFNL_MSG_BATCH_END, first_seq + batch->n + 1, 0);
	parts[0] = (struct iovec){ begin.data, begin.len };
	parts[1] = (struct iovec){ batch->bytes.data, batch->bytes.len };
	parts[2] = (struct iovec){ end.data, end.len };
	make_room(nft->fd, begin.len + batch->bytes.len + end.len);
	do
		n = sendmsg(nft->fd, &message, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(err, errno, "nf_tables: send a batch of %u messages", batch->n) : 0;
}

/* ---------------------------------------------------------------------------------- answers */

struct verdict {
	uint32_t first_seq, last_seq;
	bool is_answered; /* the last message was */
	uint32_t message; /* the first that was refused; 0: the batch */
	int no;		  /* > 0: refused, and why */
	char words[128];  /* the kernel's own, or "" */
};

static void take_words(const struct nlmsghdr *h, char words[static 128])
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	const char *at = (const char *)(e + 1), *end = (const char *)h + h->nlmsg_len;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || !(h->nlmsg_flags & NLM_F_CAPPED))
		return;
	while (end - at >= (ptrdiff_t)sizeof(struct nlattr)) {
		const struct nlattr *a = (const void *)at;

		if (a->nla_len < sizeof(*a) || a->nla_len > end - at)
			return;
		if ((a->nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG)
			(void)snprintf(words, 128, "%.*s", (int)(a->nla_len - sizeof(*a)),
				       (const char *)(a + 1));
		at += NLA_ALIGN(a->nla_len);
	}
}

static void take_answer(const struct nlmsghdr *h, struct verdict *verdict)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);

	if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_len < NLMSG_LENGTH(sizeof(*e)) ||
	    h->nlmsg_seq - verdict->first_seq > verdict->last_seq - verdict->first_seq)
		return;
	verdict->is_answered |= h->nlmsg_seq == verdict->last_seq;
	if (e->error == 0 || verdict->no != 0)
		return;
	verdict->no = -e->error;
	verdict->message = h->nlmsg_seq - verdict->first_seq;
	take_words(h, verdict->words);
}

/* All that has come; when there is more than the socket could hold, the first of it is there. */
static int take_answers(int fd, struct verdict *verdict, struct err *err)
{
	_Alignas(struct nlmsghdr) char bytes[ANSWER_BYTES];

	for (;;) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		size_t left = n < 0 ? 0 : (size_t)n;

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR && errno != ENOBUFS)
			return err_sys(err, errno, "nf_tables: receive");
		for (const struct nlmsghdr *h = (const void *)bytes; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left))
			take_answer(h, verdict);
	}
}

static int describe(const struct nft_batch *batch, const struct verdict *verdict, struct err *err)
{
	const char *note = verdict->message ? find_note(batch, verdict->message) : NULL;
	char what[NOTE_BYTES];

	if (note)
		(void)snprintf(what, sizeof(what), "%s", note);
	else if (verdict->message)
		(void)snprintf(what, sizeof(what), "message %u of %u", verdict->message, batch->n);
	else
		(void)snprintf(what, sizeof(what), "the batch");
	return err_sys(err, verdict->no, "nf_tables: table '%.64s': %s%s%s", batch->table.name,
		       what, *verdict->words ? ": " : "", verdict->words);
}

int nft_commit(struct nft *nft, struct nft_batch *batch, struct err *err)
{
	struct verdict verdict = { .first_seq = nft->seq + 1,
				   .last_seq = nft->seq + 1 + batch->n };
	int r;

	if (batch->n == 0)
		return 0;
	nft_message_end(batch);
	if (batch->overflow)
		return err_set(err, ERR_USAGE, EMSGSIZE, "nf_tables: a message is too long");
	nft->seq += batch->n + 2;
	r = send_batch(nft, batch, verdict.first_seq, err);
	if (r == 0)
		r = take_answers(nft->fd, &verdict, err);
	if (r < 0)
		return r;
	if (verdict.no)
		return describe(batch, &verdict, err);
	if (!verdict.is_answered)
		return err_set(err, ERR_SYSTEM, EPROTO, "nf_tables: no answer to a batch");
	return 0;
}
