/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * resolv.conf(5): what the host's says, and what a container's is to say.
 *
 * It is a value without pointers. What is foreign is read as libc does: lines that it does not know
 * are skipped, and nothing is an error; what does not fit is left out, word by word.
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESOLV_SERVERS_MAX   8 /* libc asks the first three */
#define RESOLV_SEARCH_BYTES  2048
#define RESOLV_OPTIONS_BYTES 512

struct resolv_server {
	struct ip ip;
	char scope[IF_NAMESIZE]; /* "eth0" of "fe80::1%eth0", or "" */
};

struct resolv_conf {
	struct resolv_server servers[RESOLV_SERVERS_MAX];
	unsigned n_servers;
	char search[RESOLV_SEARCH_BYTES];   /* domains with blanks between them */
	char options[RESOLV_OPTIONS_BYTES]; /* "ndots:2 edns0", as they were written */
	/* Of the options, what who asks servers himself heeds; libc's defaults and bounds. */
	unsigned timeout_s, attempts;
	bool has_timeout, is_rotating;
};

void resolv_conf_parse(const char *text, size_t len, struct resolv_conf *ret);

/* The file at `path`; where there is none it is as an empty one. */
int resolv_conf_load(const char *path, struct resolv_conf *ret, struct err *err);

/*
 * What the host at `root_fd` has for containers with a network of their own that ask its servers
 * themselves. Where /etc/resolv.conf only names servers at loopback addresses, which are others
 * inside, that of systemd-resolved's servers is taken, /run/systemd/resolve/resolv.conf; servers at
 * such addresses are left out. 1: no server is left; search and options are there.
 */
int resolv_conf_of_host(int root_fd, struct resolv_conf *ret, struct err *err);

/* What was asked for on a command line; none of a kind: the host's stays. */
struct resolv_wishes {
	const struct ip *servers; /* --dns */
	size_t n_servers;
	const char *const *search; /* --dns-search; "." alone: no search at all */
	size_t n_search;
	const char *const *options; /* --dns-option */
	size_t n_options;
};

/* Put the wishes in place of what `conf` says. ERR_USAGE: a word that can't stand in the file, or
 * more of them than go in; `conf` is left alone then. */
int resolv_conf_wish(struct resolv_conf *conf, const struct resolv_wishes *wishes, struct err *err);

/* Let it name one server only, ours. A name without a dot may be a container's, so that it is asked
 * for as it is before domains are searched: "ndots:0", where the options say nothing of it. */
void resolv_conf_serve(struct resolv_conf *conf, const struct ip *server);

void resolv_conf_format(const struct resolv_conf *conf, struct buf *buf);
