/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The text of a container's hosts(5): net/hosts.h, with what is known of it here. */

#include "base/buf.h"
#include "engine/config.h"
#include "engine/net_record.h"

/* `record` NULL: it is on no network. ERR_USAGE: what was asked for can't stand there. */
int stack_hosts_format(const struct config *config, const struct net_record *record,
		       struct buf *ret, struct err *err);
