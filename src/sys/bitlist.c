/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of CPUs and memory nodes. Stricter than the kernel's own reader: no blanks, no empty parts,
 * no strides, since whoever writes such a list into config.json means something by every byte.
 */
#include "sys/bitlist.h"

#include "base/num.h"

#include <string.h>

/* "7" or "0-3" -> first and last. */
static int parse_range(const char *text, size_t len, unsigned *ret_first, unsigned *ret_last)
{
	char part[32], *dash;

	if (len == 0 || len >= sizeof(part))
		return -EINVAL;
	memcpy(part, text, len);
	part[len] = '\0';
	dash = strchr(part, '-');
	if (dash)
		*dash++ = '\0';
	if (num_parse_u32(part, ret_first) < 0 || num_parse_u32(dash ? dash : part, ret_last) < 0)
		return -EINVAL;
	return *ret_first <= *ret_last ? 0 : -EINVAL;
}

int bitlist_parse(const char *list, unsigned limit, struct bitlist *ret, struct err *err)
{
	struct bitlist bits = {};
	const char *p = list;

	for (;;) {
		size_t len = strcspn(p, ",");
		unsigned first, last;

		if (parse_range(p, len, &first, &last) < 0)
			return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no list such as '0-3,7'",
				       list);
		if (last >= limit)
			return err_set(err, ERR_USAGE, ERANGE, "'%.64s': %u is above %u", list,
				       last, limit - 1);
		for (unsigned i = first; i <= last; i++)
			bits.words[i / BITLIST_PER_WORD] |= 1ul << i % BITLIST_PER_WORD;
		if (p[len] == '\0')
			break;
		p += len + 1;
	}
	*ret = bits;
	return 0;
}

bool bitlist_has(const struct bitlist *list, unsigned number)
{
	return number < BITLIST_MAX &&
	       list->words[number / BITLIST_PER_WORD] >> number % BITLIST_PER_WORD & 1;
}
