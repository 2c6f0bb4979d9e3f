/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What profile/make leaves for profile/filter.c.
 */

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* This return lets the call pass for who has one of `caps`. */
struct profile_key {
	uint16_t at;
	uint64_t caps;
};

extern const struct sock_filter profile_insns[];
extern const struct profile_key profile_keys[];
extern const size_t profile_n_insns, profile_n_keys;
