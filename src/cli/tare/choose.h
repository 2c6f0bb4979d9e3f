/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which containers a verb is for: those that its operands name, or those that podman's options
 * choose. A verb has them by a struct choose_args in its own and by these rows:
 *
 *	CHOOSE_ALL(struct kill_args, choose, "all that run"),
 *	CHOOSE_OPTIONS(struct kill_args, choose),
 */

#include "cli/tare/verb.h"

struct choose_args {
	bool all, latest, ignore;
	struct opt_strings cidfiles, filters;
};

#define CHOOSE_ALL(type, in, text) OPT_FLAG(type, in.all, "all", 'a', text)
#define CHOOSE_LATEST(type, in) \
	OPT_FLAG(type, in.latest, "latest", 'l', "the one that was made last")
#define CHOOSE_CIDFILE(type, in)                        \
	OPT_STRINGS(type, in.cidfiles, "cidfile", 0, "FILE", "the one whose id the file holds")
#define CHOOSE_FILTER(type, in, letter)                                 \
	OPT_STRINGS(type, in.filters, "filter", letter, "KEY=VALUE", \
		    "those of --all that ps would show with this filter")
#define CHOOSE_IGNORE(type, in, letter) \
	OPT_FLAG(type, in.ignore, "ignore", letter, "one that is not there is no error")

/* Sets of enum status_kind, for --all. */
#define CHOOSE_EVERY	((1u << STATUS_KIND_MAX_) - 1)
#define CHOOSE_PAUSED	(1u << STATUS_PAUSED)
#define CHOOSE_RUNNING	(1u << STATUS_RUNNING)

struct chosen {
	char **who; /* NULL-terminated, in the call's arena */
	size_t n;
	bool ignore;
};

/* `all`: what --all stands for. ERR_USAGE: operands and options together, or neither. */
int choose(const struct call *call, const struct choose_args *args, unsigned all,
	   struct chosen *ret, struct err *err);

/* For a verb that is for one, and has other operands behind it: --latest, or else the first of
 * *words, which is then the next. */
int choose_first(const struct call *call, const struct choose_args *args, char ***words,
		 const char **ret_who, struct err *err);
