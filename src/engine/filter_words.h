/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The words of --filter, KEY=VALUE, as far as they are the same for all that can be filtered. An
 * error (ERR_USAGE) of a value is the reason alone: filter_words_refuse puts the word in front.
 */

#include "base/opt.h"
#include "oci/types.h"

#include <regex.h>
#include <time.h>

/*
 * Put the values to their keys: ret[i] lists those of keys[i] and ends with NULL, or is NULL where
 * there is none. A key may end with '!', and values may be empty. ERR_USAGE: no such key; the words
 * name those there are.
 */
int filter_words_sort(const struct opt_strings *words, const char *const *keys, size_t n_keys,
		      struct arena *arena, const char ***ret, struct err *err);

/* Puts "--filter 'KEY=VALUE'" before the reason, and returns its errno. */
int filter_words_refuse(const char *key, const char *value, struct err *err);

/* "true" or "1", "false" or "0" */
int filter_words_bool(const char *value, bool *ret, struct err *err);

/* What base/moment.h takes, counted from now. */
int filter_words_moment(const char *value, struct timespec *ret, struct err *err);

/* A regular expression (regex(7), extended), which the caller frees. */
int filter_words_pattern(const char *value, regex_t *ret, struct err *err);

/* Does it match anywhere in `text`? 1, 0 or a negative errno. */
int filter_words_is_like(const char *value, const char *text, struct err *err);

/* NAME: is there such a label; NAME=VALUE: and has it that value? */
bool filter_words_is_label(const char *value, const struct oci_pairs *labels);
