/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where one looks first is made of its id, which is random: so it finds a free range at once, and
 * two engines with roots of their own hardly ever choose the same.
 */
#include "engine/ids.h"

#include "engine/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST    0x70000000u
#define N_RANGES ((0x7ffe0000u - FIRST) / IDS_RANGE)

static void format_name(unsigned range, char out[16])
{
	(void)snprintf(out, 16, "%u", FIRST + range * IDS_RANGE);
}

static void give_back(int ids_fd, const char *id, unsigned range, unsigned n)
{
	char name[16];

	for (unsigned i = 0; i < n; i++) {
		format_name(range + i, name);
		names_release(ids_fd, name, id);
	}
}

/* All `n` or none. -EEXIST: somebody has one of them. */
static int take_from(int ids_fd, const char *id, unsigned range, unsigned n, struct err *err)
{
	char name[16];

	for (unsigned i = 0; i < n; i++) {
		int r;

		format_name(range + i, name);
		r = names_take(ids_fd, name, id, err);
		if (r < 0) {
			give_back(ids_fd, id, range, i);
			return r;
		}
	}
	return 0;
}

int ids_take(int ids_fd, const char *id, uint32_t size, uint32_t *ret_start, struct err *err)
{
	unsigned n = (size + IDS_RANGE - 1) / IDS_RANGE;
	char digits[9] = "";
	unsigned first;

	memcpy(digits, id, 8);
	first = (unsigned)strtoul(digits, NULL, 16) % N_RANGES;
	for (unsigned tries = 0; tries < N_RANGES; tries++) {
		unsigned range = (first + tries) % N_RANGES;
		struct err other = {};
		int r;

		if (range + n > N_RANGES)
			continue;
		r = take_from(ids_fd, id, range, n, &other);
		if (r == 0) {
			*ret_start = FIRST + range * IDS_RANGE;
			return 0;
		}
		if (r != -EEXIST) {
			*err = other;
			return r;
		}
	}
	return err_set(err, ERR_SYSTEM, EAGAIN,
		       "no ids are left for a user namespace: %u ranges are taken", N_RANGES);
}

void ids_release(int ids_fd, const char *id, uint32_t start, uint32_t size)
{
	if (size && start >= FIRST)
		give_back(ids_fd, id, (start - FIRST) / IDS_RANGE, size / IDS_RANGE);
}
