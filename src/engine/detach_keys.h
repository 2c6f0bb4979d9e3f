/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keys by which a person leaves a container's terminal and lets it run: "ctrl-p,ctrl-q", as
 * docker's --detach-keys. They are looked for in what is typed, which may come in any pieces.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define DETACH_KEYS_DEFAULT "ctrl-p,ctrl-q"
#define DETACH_KEYS_MAX     16

struct detach_keys {
	unsigned char keys[DETACH_KEYS_MAX];
	size_t n;    /* 0: there are none */
	size_t seen; /* of them, at the end of what was typed so far */
};

/* Keys parted by commas: a character, or ctrl- and a letter or one of @[\]^_. "": none.
 * NULL: DETACH_KEYS_DEFAULT. */
int detach_keys_parse(const char *text, struct detach_keys *ret, struct err *err);

/*
 * Take what was typed, and return how many bytes of `out` are to be passed on. Keys that may become
 * the sequence are held back until it is known that they do not; `out` has room for `len` and
 * DETACH_KEYS_MAX bytes. *ret_detach: the sequence is whole; what follows it is dropped.
 */
size_t detach_keys_filter(struct detach_keys *keys, const char *typed, size_t len, char *out,
			  bool *ret_detach);
