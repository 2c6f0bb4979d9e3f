/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files only ever move to higher numbers, so whoever looks from `log` upwards misses none; but he
 * may meet one twice, or one that is newer than those before it. If `log` is the same afterwards,
 * no rotation was completed meanwhile and the order is right; else all is looked at again.
 */
#include "engine/log_chain.h"

#include "base/cleanup.h"

#include <string.h>
#include <sys/stat.h>

#define MAX_ATTEMPTS 100

void log_chain_done(struct log_chain *chain)
{
	while (chain->n)
		closep(&chain->fds[--chain->n]);
}

void log_chain_shift(struct log_chain *chain)
{
	closep(&chain->fds[0]);
	chain->n--;
	memmove(chain->fds, chain->fds + 1, chain->n * sizeof(chain->fds[0]));
}

static bool is_same(int a_fd, int b_fd)
{
	struct stat a, b;

	return a_fd >= 0 && b_fd >= 0 && fstat(a_fd, &a) == 0 && fstat(b_fd, &b) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static int last_of(const struct log_chain *chain)
{
	return chain->n ? chain->fds[chain->n - 1] : -1;
}

/* All that are newer than `known_fd`, the newest first. Returns 1 when that was met. */
static int find_newer(int dir_fd, unsigned max_files, bool make, int known_fd,
		      struct log_chain *found, struct err *err)
{
	for (unsigned i = 0; i == 0 || i < max_files; i++) {
		auto_close int fd = -1;
		int r = log_files_open(dir_fd, i, make && i == 0, &fd, err);

		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		if (is_same(fd, known_fd))
			return 1;
		if (!is_same(fd, last_of(found)))
			found->fds[found->n++] = take_fd(&fd);
	}
	return 0;
}

/* One that was removed meanwhile has no `log`, and no newer one. */
static bool is_in_order(int dir_fd, const struct log_chain *found)
{
	return found->n == 0 || log_files_is_newest(dir_fd, found->fds[0]) != 0;
}

static int take_newer(struct log_chain *chain, struct log_chain *found, bool was_met)
{
	bool is_gap = chain->n > 0 && found->n > 0 && !was_met;

	while (found->n)
		chain->fds[chain->n++] = found->fds[--found->n];
	return is_gap;
}

int log_chain_look(struct log_chain *chain, int dir_fd, unsigned max_files, bool make,
		   struct err *err)
{
	int r;

	if (chain->n > LOG_CHAIN_MAX - max_files)
		return 0;
	if (chain->n && log_files_is_newest(dir_fd, last_of(chain)) != 0)
		return 0;
	for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		auto_cleanup(log_chain_done) struct log_chain found = {};

		r = find_newer(dir_fd, max_files, make && !chain->n, last_of(chain), &found, err);
		if (r < 0)
			return r;
		if (is_in_order(dir_fd, &found))
			return take_newer(chain, &found, r == 1);
	}
	return 0;
}
