/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * /etc/hosts of a container, hosts(5), and the words of --add-host. The image's file and the host's
 * have no part in it: who is near a container is not what they say.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"

#include <stdbool.h>
#include <stddef.h>

/* What --add-host said: names for an address, or for the gateway's. */
struct hosts_extra {
	const char *names; /* with blanks between them */
	struct ip ip;      /* none: the gateway's, "host-gateway" */
};

/* "name:10.0.0.1", "name=::1", "name:[::1]", "a;b:host-gateway". The names are in the arena.
 * ERR_USAGE; *ret is left alone then. */
int hosts_extra_parse(const char *word, struct arena *arena, struct hosts_extra *ret,
		      struct err *err);

struct hosts {
	const struct hosts_extra *extra;
	size_t n_extra;
	const struct ip *own; /* the container's addresses; each gets all of `names` */
	size_t n_own;
	const char *const *names; /* the hostname first */
	size_t n_names;
	struct ip gateway; /* the host, as containers reach it: host.containers.internal and
			    * host.docker.internal, unless an extra is called so; may be none */
	bool has_no_ipv6;
	bool has_no_localhost; /* another such file follows, which has that */
};

/* ERR_USAGE: a name can't stand in the file, or "host-gateway" was said where there is none; `buf`
 * is left alone then. */
int hosts_format(const struct hosts *hosts, struct buf *buf, struct err *err);

/* Of `text`, which began as `old`, make in `ret` what is to stand there where it is `new` now.
 * Lines of others stay, unless they are of an address that is gone. */
void hosts_merge(const struct buf *text, const struct buf *old, const struct buf *new,
		 struct buf *ret);
