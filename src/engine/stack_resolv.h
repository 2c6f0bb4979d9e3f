/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The text of a container's resolv.conf(5): net/resolv_conf.h, with what was asked for. */

#include "base/buf.h"
#include "engine/config.h"
#include "net/resolv_conf.h"

/* With `has_resolver` 127.0.0.11 is its only server. 1: it has none. ERR_USAGE: what was asked for
 * can't stand there. */
int stack_resolv_format(const struct config *config, bool has_resolver, struct buf *ret,
			struct err *err);

/* Of `text` make in `ret` what is to stand there where it has a resolver now, and had none, or the
 * other way round. Servers that others wrote instead of the resolver stay. */
int stack_resolv_exchange(const struct config *config, bool has_resolver, const struct buf *text,
			  struct buf *ret, struct err *err);

/* Is 127.0.0.11 its only server? */
bool stack_resolv_is_served(const struct resolv_conf *conf);
