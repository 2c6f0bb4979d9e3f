/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Huge pages, by their size. The reservation limit beside each is set to the same: without it a
 * container may reserve what it may not touch and is killed by SIGBUS at the first access.
 */
#include "rt/cg.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define MEMBER "linux.resources.hugepageLimits"

static const char *asks(const struct oci_resources *res)
{
	return res->hugepage_limits.n ? MEMBER : NULL;
}

/* "64KB", "2MB", "1GB": it becomes part of a file's name. */
static bool is_page_size(const char *size)
{
	size_t digits = size ? strspn(size, "0123456789") : 0;

	return digits > 0 && digits < 12 && size[digits] && strchr("KMG", size[digits]) &&
	       strcmp(size + digits + 1, "B") == 0;
}

static int put(int dir_fd, const struct oci_hugepage_limit *limit, const char *suffix,
	       struct err *err)
{
	char file[64];
	int r;

	if (!is_page_size(limit->page_size))
		return err_set(err, ERR_USAGE, EINVAL, MEMBER ".pageSize: '%s' is no page size",
			       limit->page_size ? limit->page_size : "");
	(void)snprintf(file, sizeof(file), "hugetlb.%s.rsvd.%s", limit->page_size, suffix);
	r = cg_put_u64(dir_fd, file, limit->limit, MEMBER, err);
	if (r < 0 && r != -ENOENT)
		return r;
	(void)snprintf(file, sizeof(file), "hugetlb.%s.%s", limit->page_size, suffix);
	return cg_put_u64(dir_fd, file, limit->limit, MEMBER, err);
}

static int apply(int dir_fd, const struct oci_resources *res, const char *suffix, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < res->hugepage_limits.n && r == 0; i++)
		r = put(dir_fd, &res->hugepage_limits.v[i], suffix, err);
	return r;
}

static int apply_v1(int dir_fd, const struct oci_resources *res, struct err *err)
{
	return apply(dir_fd, res, "limit_in_bytes", err);
}

static int apply_v2(int dir_fd, const struct oci_resources *res, struct err *err)
{
	return apply(dir_fd, res, "max", err);
}

/* ------------------------------------------------------------------------------- statistics */

#define SIZES_MAX 16 /* no architecture has more */

/* The page size in "hugetlb.2MB.max", when that is what the name is. */
static const char *size_in(struct arena *arena, const char *name, const char *suffix)
{
	const char *size = name + 8, *end;
	char *copy;

	if (strncmp(name, "hugetlb.", 8) != 0)
		return NULL;
	end = strchr(size, '.');
	if (!end || strcmp(end + 1, suffix) != 0)
		return NULL;
	copy = arena_strndup(arena, size, (size_t)(end - size));
	return is_page_size(copy) ? copy : NULL;
}

static uint64_t value_of(int dir_fd, const char *size, const char *what)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "hugetlb.%s.%s", size, what);
	return cg_stat(dir_fd, file, 0);
}

static void add(int dir_fd, struct cgroup_stats *stats, const char *size, bool v2)
{
	struct cgroup_hugetlb_stats *entry = &stats->hugetlb[stats->n_hugetlb++];
	struct cgroup_named *events;
	char file[64];
	size_t n;

	entry->page_size = size;
	if (!v2) {
		entry->usage.usage = value_of(dir_fd, size, "usage_in_bytes");
		entry->usage.max = value_of(dir_fd, size, "max_usage_in_bytes");
		entry->usage.failcnt = value_of(dir_fd, size, "failcnt");
		return;
	}
	(void)snprintf(file, sizeof(file), "hugetlb.%s.events", size);
	n = cg_stat_named(dir_fd, file, stats->arena, &events);
	entry->usage.usage = value_of(dir_fd, size, "current");
	entry->usage.failcnt = cg_named(events, n, "max");
}

static void read_sizes(int dir_fd, struct cgroup_stats *stats, const char *suffix, bool v2)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return;
	stats->hugetlb = arena_array(stats->arena, struct cgroup_hugetlb_stats, SIZES_MAX);
	while ((entry = readdir(dir)) && stats->n_hugetlb < SIZES_MAX) {
		const char *size = size_in(stats->arena, entry->d_name, suffix);

		if (size)
			add(dir_fd, stats, size, v2);
	}
	(void)closedir(dir);
}

static void stats_v1(int dir_fd, struct cgroup_stats *stats)
{
	read_sizes(dir_fd, stats, "limit_in_bytes", false);
}

static void stats_v2(int dir_fd, struct cgroup_stats *stats)
{
	read_sizes(dir_fd, stats, "max", true);
}

const struct cg_controller cg_hugetlb = {
	.controller = CGROUP_HUGETLB,
	.asks = asks,
	.apply_v1 = apply_v1,
	.apply_v2 = apply_v2,
	.stats_v1 = stats_v1,
	.stats_v2 = stats_v2,
};
