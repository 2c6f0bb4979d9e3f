/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few rules of netlink: requests are numbered, attributes are padded to four bytes, an answer
 * may come in several datagrams and ends with an acknowledgement or with the end of a dump. Lengths
 * that come back are checked although the kernel is the only one who can send them to this socket.
 */
#include "sys/netlink.h"

#include <string.h>
#include <sys/socket.h>

/* The kernel fills what it is given; less than this makes dumps slow. */
#define ANSWER_BYTES 16384

int netlink_open(struct netlink *nl, struct err *err)
{
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const int on = 1;

	if (fd < 0)
		return err_sys(err, errno, "open a route netlink socket");
	/* Words with the errors, and short acknowledgements. Old kernels do without. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	*nl = (struct netlink){ .fd = take_fd(&fd) };
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

void netlink_msg_put_u32(struct netlink_msg *msg, uint16_t attr, uint32_t value)
{
	netlink_msg_put(msg, attr, &value, sizeof(value));
}

static const struct rtattr *find_attr(const char *p, size_t len, uint16_t attr, size_t min_len)
{
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
	return find_attr((const char *)answer + skip, answer->nlmsg_len - skip, attr, min_len);
}

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

/* One datagram. 1: the answer is complete, 0: more will come. */
static int take(struct netlink *nl, const char *bytes, size_t len, netlink_answer_fn *on_answer,
		void *arg, struct err *err)
{
	const struct nlmsghdr *h = (const void *)bytes;

	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		int r;

		if (h->nlmsg_seq != nl->seq)
			continue;
		if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
			r = finish(h, err);
			return r < 0 ? r : 1;
		}
		if (on_answer)
			on_answer(h, arg);
	}
	return 0;
}

int netlink_ask(struct netlink *nl, struct netlink_msg *msg, netlink_answer_fn *on_answer,
		void *arg, struct err *err)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_BYTES];
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int r = 0;

	if (msg->overflow)
		return err_set(err, ERR_USAGE, EMSGSIZE, "netlink: the request is too long");
	msg->head.nlmsg_seq = ++nl->seq;
	if (sendto(nl->fd, msg->bytes, msg->head.nlmsg_len, 0, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return err_sys(err, errno, "netlink: send");
	while (r == 0) {
		ssize_t n = recv(nl->fd, answer, sizeof(answer), MSG_TRUNC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "netlink: receive");
		if ((size_t)n > sizeof(answer))
			return err_set(err, ERR_SYSTEM, EMSGSIZE, "netlink: a cut answer");
		r = take(nl, answer, (size_t)n, on_answer, arg, err);
	}
	return r < 0 ? r : 0;
}
