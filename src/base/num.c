/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict numbers. strtoul accepts blanks, signs and "1x"; identities and limits must not.
 */
#include "base/num.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Digits up to the first other byte; *ret_end points at it. */
static int parse_digits(const char *str, uint64_t *ret, const char **ret_end)
{
	uint64_t value = 0;
	const char *p = str;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return -EINVAL;
	if (p == str)
		return -EINVAL;
	*ret = value;
	*ret_end = p;
	return 0;
}

int num_parse_u64(const char *str, uint64_t *ret)
{
	const char *end;
	uint64_t value;

	if (parse_digits(str, &value, &end) < 0 || *end)
		return -EINVAL;
	*ret = value;
	return 0;
}

int num_parse_i64(const char *str, int64_t *ret)
{
	bool negative = *str == '-';
	uint64_t value;

	if (num_parse_u64(str + negative, &value) < 0)
		return -EINVAL;
	if (value > (uint64_t)INT64_MAX + negative)
		return -EINVAL;
	*ret = negative ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}

int num_parse_u32(const char *str, uint32_t *ret)
{
	uint64_t value;

	if (num_parse_u64(str, &value) < 0 || value > UINT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)value;
	return 0;
}

int num_parse_id(const char *str, uint32_t *ret)
{
	uint32_t value;

	if (num_parse_u32(str, &value) < 0 || value == UINT32_MAX)
		return -EINVAL;
	*ret = value;
	return 0;
}

int num_parse_size(const char *str, int64_t *ret_bytes)
{
	static const char units[] = "bkmgtp";
	const char *end, *unit;
	uint64_t value;
	int shift = 0;

	if (strcmp(str, "-1") == 0) {
		*ret_bytes = -1;
		return 0;
	}
	if (parse_digits(str, &value, &end) < 0)
		return -EINVAL;
	if (*end) {
		unit = strchr(units, *end | 0x20);
		if (!unit)
			return -EINVAL;
		shift = 10 * (int)(unit - units);
		end++;
		if (shift && (*end == 'b' || *end == 'B'))
			end++;
	}
	if (*end || value > (uint64_t)INT64_MAX >> shift)
		return -EINVAL;
	*ret_bytes = (int64_t)(value << shift);
	return 0;
}
