/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A tree of plain files that looks like a cgroup hierarchy, so that v1 and v2 can be shown on any
 * machine, by any user. A file that the tree lacks is one that the kernel lacks.
 */

#include "rt/cg.h"
#include "tap.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err err;

/* A directory that looks like a mounted hierarchy with the group /box in it. */
struct tree {
	char root[64], group[96];
	struct cgroupfs fs;
	struct cgroup cg;
};

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void tree_done(struct tree *t)
{
	cgroup_done(&t->cg);
	cgroupfs_done(&t->fs);
	(void)nftw(t->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
#define auto_tree auto_cleanup(tree_done)

static inline void put_file(const struct tree *t, const char *file, const char *text)
{
	char path[192];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", t->group, file);
	f = fopen(path, "w");
	if (!f)
		return;
	(void)fputs(text, f);
	(void)fclose(f);
}

/* The first 255 bytes of a file of the group; "-" when there is none. */
static inline const char *get_file(const struct tree *t, const char *file)
{
	static char text[256];
	char path[192];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", t->group, file);
	f = fopen(path, "r");
	if (!f)
		return "-";
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	return text;
}

/* A v2 tree, or with `controller` a v1 hierarchy of that name. */
static inline bool tree_make(struct tree *t, const char *controller)
{
	char dir[96];

	(void)snprintf(t->root, sizeof(t->root), "/tmp/tare-test-%d.XXXXXX", (int)getpid());
	if (!mkdtemp(t->root))
		return false;
	(void)snprintf(dir, sizeof(dir), "%s/%s", t->root, controller ? controller : ".");
	if (controller && mkdir(dir, 0755) < 0)
		return false;
	(void)snprintf(t->group, sizeof(t->group), "%.80s/box", dir);
	if (mkdir(t->group, 0755) < 0)
		return false;
	if (cgroupfs_open_at(&t->fs, controller ? CGROUP_V1 : CGROUP_V2, t->root, &err) < 0)
		return false;
	cgroup_init(&t->cg, &t->fs, 0);
	put_file(t, "cgroup.procs", "");
	put_file(t, "cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma");
	return cgroup_open(&t->cg, "/box", &err) == 0;
}
