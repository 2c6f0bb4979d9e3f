/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Numbers as people and files write them, strictly: decimal digits from end to end, no sign where
 * none is possible, no blanks, no overflow. Each returns 0, or -EINVAL and leaves *ret alone.
 */

#include <stdint.h>

int num_parse_u64(const char *str, uint64_t *ret);
int num_parse_i64(const char *str, int64_t *ret); /* a leading '-' is allowed */
int num_parse_u32(const char *str, uint32_t *ret);

/* A user or group id: a u32 that is not 4294967295, which the kernel reads as "leave it". */
int num_parse_id(const char *str, uint32_t *ret);

/* "512m", "2G", "1024": powers of 1024; -1 is passed through as "unlimited". */
int num_parse_size(const char *str, int64_t *ret_bytes);
