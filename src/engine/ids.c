/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where one looks first is made of its id, which is random: so it finds a free range at once, and
 * two engines with roots of their own hardly ever choose the same.
 */
#include "engine/ids.h"

#include "engine/names.h"
#include "sys/each_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Whoever had them is gone, and others share them still. An empty directory is rubbish. */
static bool is_shared(int ids_fd, const char *name)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "%s.shared", name);
	return unlinkat(ids_fd, path, AT_REMOVEDIR) < 0 && errno != ENOENT;
}

/* All `n` or none. -EEXIST: somebody has one of them. */
static int take_from(int ids_fd, const char *id, unsigned range, unsigned n, struct err *err)
{
	char name[16];

	for (unsigned i = 0; i < n; i++) {
		int r;

		format_name(range + i, name);
		r = names_take(ids_fd, name, id, err);
		if (r == 0 && is_shared(ids_fd, name)) {
			names_release(ids_fd, name, id);
			r = -EEXIST;
		}
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

/* ------------------------------------------------------------------------------- sharing */

/* An empty directory may be taken away at any moment. */
static int mark(int ids_fd, const char *dir, const char *path)
{
	int r;

	do {
		if (mkdirat(ids_fd, dir, 0700) < 0 && errno != EEXIST)
			return -errno;
		r = mknodat(ids_fd, path, S_IFREG | 0600, 0) < 0 && errno != EEXIST ? -errno : 0;
	} while (r == -ENOENT);
	return r;
}

int ids_share(int ids_fd, const char *id, uint32_t start, uint32_t size, struct err *err)
{
	for (uint32_t at = start; at - start < size; at += IDS_RANGE) {
		char dir[32], path[32 + IDENT_ID_LEN + 1];
		int r;

		(void)snprintf(dir, sizeof(dir), "%u.shared", at);
		(void)snprintf(path, sizeof(path), "%s/%s", dir, id);
		r = mark(ids_fd, dir, path);
		if (r < 0)
			return err_sys(err, -r, "share the ids from %u on", at);
	}
	return 0;
}

static void leave(int ids_fd, const char *dir, const char *id)
{
	char path[32 + IDENT_ID_LEN + 1];

	(void)snprintf(path, sizeof(path), "%.31s/%s", dir, id);
	(void)unlinkat(ids_fd, path, 0);
	(void)unlinkat(ids_fd, dir, AT_REMOVEDIR);
}

void ids_leave(int ids_fd, const char *id, uint32_t start, uint32_t size)
{
	for (uint32_t at = start; at - start < size; at += IDS_RANGE) {
		char dir[32];

		(void)snprintf(dir, sizeof(dir), "%u.shared", at);
		leave(ids_fd, dir, id);
	}
}

static int leave_shared(void *data, int ids_fd, const char *name)
{
	const char *const *id = data;

	if (strstr(name, ".shared"))
		leave(ids_fd, name, *id);
	return 0;
}

void ids_release_all(int ids_fd, const char *id)
{
	names_release_all(ids_fd, id);
	(void)each_name(openat(ids_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), leave_shared,
			&id);
}
