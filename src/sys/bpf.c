/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bpf(2) calls for device programs of cgroups. What the programs say is made in rt.
 */
#include "sys/bpf.h"

#include "base/cleanup.h"

#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>

#define NAME	     "tare_devices" /* by which ours are known */
#define ATTACHED_MAX 64 /* the kernel's own bound on programs of one kind in a group */

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

int bpf_device_load(const struct bpf_insn *insns, size_t n, int *ret_prog_fd)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = (uint32_t)n;
	attr.license = (uintptr_t) "Apache-2.0";
	memcpy(attr.prog_name, NAME, sizeof(NAME));
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		return fd;
	*ret_prog_fd = fd; /* close-on-exec: bpf(2) makes it so */
	return 0;
}

int bpf_device_query(int cgroup_fd, uint32_t *ret_ids, size_t cap)
{
	union bpf_attr attr;
	int r;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)cgroup_fd;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ret_ids;
	attr.query.prog_cnt = (uint32_t)cap;
	r = bpf(BPF_PROG_QUERY, &attr);
	return r < 0 ? r : (int)attr.query.prog_cnt;
}

static int open_by_id(uint32_t id)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	return bpf(BPF_PROG_GET_FD_BY_ID, &attr);
}

static int attach(int cgroup_fd, int prog_fd, int replaced_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)prog_fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (replaced_fd >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)replaced_fd;
	}
	return bpf(BPF_PROG_ATTACH, &attr);
}

static int detach(int cgroup_fd, int prog_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)prog_fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	return bpf(BPF_PROG_DETACH, &attr);
}

static bool is_ours(int prog_fd)
{
	struct bpf_prog_info info;
	union bpf_attr attr;

	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)prog_fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 && strcmp(info.name, NAME) == 0;
}

/* Our own of the programs `ids`, opened, into `ret_fds`. Returns how many. */
static int open_ours(const uint32_t *ids, int n, int *ret_fds)
{
	int found = 0;

	for (int i = 0; i < n; i++) {
		int fd = open_by_id(ids[i]);

		if (fd >= 0 && is_ours(fd))
			ret_fds[found++] = fd;
		else
			closep(&fd);
	}
	return found;
}

/* Put `prog_fd` in the place of `fds`; one of them that is gone by now is fine. */
static int replace(int cgroup_fd, int prog_fd, const int *fds, int n)
{
	int r;

	/* kernels before 5.6 can't replace, and -ENOENT means that it has just gone */
	if (n == 1 && attach(cgroup_fd, prog_fd, fds[0]) == 0)
		return 0;
	r = attach(cgroup_fd, prog_fd, -1);
	for (int i = 0; i < n && (r == 0 || r == -ENOENT); i++)
		r = detach(cgroup_fd, fds[i]);
	return r == -ENOENT ? 0 : r;
}

int bpf_device_attach(int cgroup_fd, int prog_fd)
{
	uint32_t ids[ATTACHED_MAX];
	int fds[ATTACHED_MAX];
	int n = bpf_device_query(cgroup_fd, ids, ATTACHED_MAX), r;

	if (n < 0)
		return n;
	n = open_ours(ids, n, fds);
	r = replace(cgroup_fd, prog_fd, fds, n);
	for (int i = 0; i < n; i++)
		closep(&fds[i]);
	return r;
}
