/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rtnetlink: a message is built, sent, and its answer waited for. netlink(7), rtnetlink(7).
 *
 *	struct netlink_msg msg;
 *	netlink_msg_init(&msg, RTM_GETLINK, 0, &(struct ifinfomsg){}, sizeof(struct ifinfomsg));
 *	netlink_msg_put_str(&msg, IFLA_IFNAME, "eth0");
 *	r = netlink_ask(&nl, &msg, on_link, &link, err);
 */

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink {
	int fd; /* -1: closed */
	uint32_t seq;
};

/* A socket in the network namespace that the caller is in now; it stays there. */
int netlink_open(struct netlink *nl, struct err *err);

/* The same for netfilter, but not for nf_tables: that has a room of its own, sys/nft.h. */
int netlink_open_netfilter(struct netlink *nl, struct err *err);

/* netlink_open in the network namespace `netns_fd`. The calling process must be single-threaded: it
 * goes there for a moment. */
int netlink_open_in(struct netlink *nl, int netns_fd, struct err *err);

void netlink_close(struct netlink *nl);
#define auto_netlink auto_cleanup(netlink_close)

struct netlink_msg {
	union {
		struct nlmsghdr head;
		char bytes[2048];
	};
	bool overflow; /* something did not fit: netlink_ask refuses it */
};

/* `flags`: NLM_F_DUMP, NLM_F_CREATE and such; NLM_F_REQUEST and NLM_F_ACK are added. `body` is the
 * structure that the type wants. */
void netlink_msg_init(struct netlink_msg *msg, uint16_t type, uint16_t flags, const void *body,
		      size_t body_len);
void netlink_msg_put(struct netlink_msg *msg, uint16_t attr, const void *data, size_t len);
void netlink_msg_put_str(struct netlink_msg *msg, uint16_t attr, const char *str);
void netlink_msg_put_u8(struct netlink_msg *msg, uint16_t attr, uint8_t value);
void netlink_msg_put_u16(struct netlink_msg *msg, uint16_t attr, uint16_t value);
void netlink_msg_put_u32(struct netlink_msg *msg, uint16_t attr, uint32_t value);

/* What is put between these two is inside of `attr`; `nest` is what the first one returned. A
 * structure that comes before the attributes there is put by netlink_msg_put_struct. */
size_t netlink_msg_begin(struct netlink_msg *msg, uint16_t attr);
void netlink_msg_end(struct netlink_msg *msg, size_t nest);
void netlink_msg_put_struct(struct netlink_msg *msg, const void *data, size_t len);

/* Called for each message of an answer, which is valid during the call. */
typedef void netlink_answer_fn(const struct nlmsghdr *answer, void *arg);

/*
 * Send `msg`, hand each answer to `on_answer` (NULL: there is none), and return when the kernel has
 * said that it is done, or -errno in the kernel's own words where it has any. -ENODEV and -EEXIST
 * are what callers mostly branch on.
 */
int netlink_ask(struct netlink *nl, struct netlink_msg *msg, netlink_answer_fn *on_answer,
		void *arg, struct err *err);

/* All links (RTM_GETLINK, without their statistics), addresses (RTM_GETADDR) or routes
 * (RTM_GETROUTE) of both families. */
int netlink_dump(struct netlink *nl, uint16_t type, netlink_answer_fn *on_answer, void *arg,
		 struct err *err);

/*
 * Several messages that travel together: one send, one answer if all is well. The kernel takes
 * them one after the other, and those behind one that failed as well.
 */
struct netlink_batch {
	struct buf messages, words; /* what each is for, NUL-terminated */
	uint32_t n;
	size_t last_at; /* where the last message begins */
	bool overflow;
};

void netlink_batch_done(struct netlink_batch *batch);
#define auto_netlink_batch auto_cleanup(netlink_batch_done)

/* Append a copy of `msg`, which asks for no answer, and say what it is for: "add address '...'". */
__attribute__((format(printf, 3, 4))) void netlink_batch_add(struct netlink_batch *batch,
							     const struct netlink_msg *msg,
							     const char *fmt, ...);

/* Send them all, and return when the kernel has done them all. `err` tells of the first that
 * failed, by its words. Of none: 0. The batch is spent. */
int netlink_batch_send(struct netlink *nl, struct netlink_batch *batch, struct err *err);

/* Attribute `attr` after the `body_len` bytes of an answer's structure, at least `min_len` long; or
 * NULL. */
const struct rtattr *netlink_find_attr(const struct nlmsghdr *answer, size_t body_len,
				       uint16_t attr, size_t min_len);

/* Its number, of 32 bits; `otherwise`: there is none. */
uint32_t netlink_find_u32(const struct nlmsghdr *answer, size_t body_len, uint16_t attr,
			  uint32_t otherwise);

/* Attributes inside of `outer`. */
const struct rtattr *netlink_find_inner(const struct rtattr *outer, uint16_t attr, size_t min_len);

/* Among `len` bytes of attributes, which are those behind a nested structure. */
const struct rtattr *netlink_find_in(const void *attrs, size_t len, uint16_t attr, size_t min_len);
