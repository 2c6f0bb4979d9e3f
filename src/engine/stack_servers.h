/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom a container's resolver asks for names of no container: a person's servers; else those of its
 * networks; else the host's. Where none of its networks leads out, nobody.
 */

#include "engine/config.h"
#include "engine/net_record.h"
#include "net/network.h"
#include "net/resolv_conf.h"

struct stack_servers {
	struct ip v[RESOLV_SERVERS_MAX];
	size_t n; /* 0: the host's */
	bool has_way_out;
};

/* By the networks that it is on. */
int stack_servers_choose(const struct config *config, const struct network *const *networks,
			 size_t n, struct stack_servers *ret, struct err *err);

/* The same by its record; a network that can't be read counts for nothing. */
int stack_servers_of(int networks_fd, const struct config *config,
		     const struct net_record *record, struct stack_servers *ret, struct err *err);
