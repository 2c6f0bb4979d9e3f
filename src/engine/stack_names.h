/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who a container's resolver knows: the members of the networks that the container is on, but for
 * those without names (--disable-dns). Its networks are those of network.json, and their members
 * those of the networks' own files; both are looked at by each question and read again when they
 * have changed, so nobody has to tell us of those that come and go.
 */

#include "engine/entry.h"
#include "net/members.h"
#include "net/resolver.h"

/* What network.json looks like from outside: another stamp, another content. */
void stack_record_stamp(const struct entry *entry, struct members_stamp *ret);
bool stack_stamp_is_same(const struct members_stamp *a, const struct members_stamp *b);

struct stack_names;

/* Both are borrowed until it is closed. */
int stack_names_open(struct stack_names **ret, const struct entry *entry, int networks_dir_fd,
		     struct err *err);
void stack_names_close(struct stack_names **names); /* NULL is allowed */

/* For a resolver, which must not outlive them. */
struct resolver_names stack_names_of(struct stack_names *names);
