/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Groups of this machine for a claim to work on, below `base` of `fs`, and a process in them.
 */

#include "rt/cgroup.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct cgroupfs fs;
static struct err err;
static char base[64];

/* A group below ours, that ends with the claim. */
struct fixture {
	struct cgroup cg;
	char path[128];
	pid_t child;
};

static void fixture_done(struct fixture *f)
{
	struct err ignored = {};

	if (!f->cg.fs)
		return;
	if (f->child > 0) {
		(void)kill(f->child, SIGKILL);
		(void)cgroup_freeze(&f->cg, false, &ignored);
		(void)waitpid(f->child, NULL, 0);
	}
	(void)cgroup_remove(&f->cg, &ignored);
	cgroup_done(&f->cg);
}
#define auto_fixture auto_cleanup(fixture_done)

static bool make(struct fixture *f, const char *name, const struct oci_resources *res)
{
	cgroup_init(&f->cg, &fs, 0);
	(void)snprintf(f->path, sizeof(f->path), "%s/%s", base, name);
	if (cgroup_create(&f->cg, f->path, res, 0, &err) == 0)
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static void wait_forever(void)
{
	for (;;)
		(void)pause();
}

/* A child that joins as the container's first process does, and then runs `fn`. */
static bool spawn_inside(struct fixture *f, void (*fn)(void))
{
	int fds[CGROUPFS_TREES_MAX], ready[2];
	int n = cgroup_open_tasks(&f->cg, fds, CGROUPFS_TREES_MAX, &err);
	char byte = 0;

	if (n < 0 || pipe2(ready, O_CLOEXEC) < 0)
		return false;
	fflush(stdout);
	f->child = fork();
	if (f->child == 0) {
		bool ok = true;

		for (int i = 0; i < n; i++)
			ok &= write(fds[i], "0", 1) == 1;
		if (cgroup_v2_fd(&f->cg) >= 0)
			ok &= cgroupfs_write(cgroup_v2_fd(&f->cg), "cgroup.procs", "0") == 0;
		(void)!write(ready[1], ok ? "y" : "n", 1);
		fn();
		_exit(0);
	}
	for (int i = 0; i < n; i++)
		(void)close(fds[i]);
	(void)close(ready[1]);
	(void)!read(ready[0], &byte, 1);
	(void)close(ready[0]);
	return f->child > 0 && byte == 'y';
}
