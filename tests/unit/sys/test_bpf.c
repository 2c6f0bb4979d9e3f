/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs attached to a group of the v2 tree, which is made for it and removed: who attached what
 * is asked of the kernel.
 */
#include "sys/bpf.h"

#include "base/cleanup.h"
#include "tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct bpf_insn allow[] = {
	{ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
	{ .code = BPF_JMP | BPF_EXIT },
};

#define N_INSNS (sizeof(allow) / sizeof(*allow))

struct group {
	char path[64];
	int fd;
};

static bool group_make(struct group *group)
{
	const char *root = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
				   ? "/sys/fs/cgroup"
				   : "/sys/fs/cgroup/unified";

	(void)snprintf(group->path, sizeof(group->path), "%s/tare-test-%d", root, (int)getpid());
	group->fd = mkdir(group->path, 0755) == 0
			    ? open(group->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			    : -1;
	return CHECK(group->fd >= 0);
}

static void group_remove(struct group *group)
{
	closep(&group->fd);
	(void)rmdir(group->path);
}
#define auto_group auto_cleanup(group_remove)

/* As another program would: without our name, beside what there is. */
static bool attach_anothers(const struct group *group, uint32_t *ret_id)
{
	union bpf_attr attr;
	uint32_t ids[8];
	long fd, r;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)allow;
	attr.insn_cnt = N_INSNS;
	attr.license = (uintptr_t) "Apache-2.0";
	fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)group->fd;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	r = syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr));
	(void)close((int)fd);
	if (!CHECK(fd >= 0) || !CHECK(r == 0) ||
	    !CHECK(bpf_device_query(group->fd, ids, 8) == 1))
		return false;
	*ret_id = ids[0];
	return true;
}

static bool attach_ours(const struct group *group)
{
	auto_close int fd = -1;

	return CHECK(bpf_device_load(allow, N_INSNS, &fd) == 0) &&
	       CHECK(bpf_device_attach(group->fd, fd) == 0);
}

static bool ours_is_replaced(void)
{
	auto_group struct group group = { .fd = -1 };
	uint32_t first[8], second[8];

	return group_make(&group) && attach_ours(&group) &&
	       CHECK(bpf_device_query(group.fd, first, 8) == 1) && attach_ours(&group) &&
	       CHECK(bpf_device_query(group.fd, second, 8) == 1) && CHECK(first[0] != second[0]);
}

static bool anothers_stays(void)
{
	auto_group struct group group = { .fd = -1 };
	uint32_t theirs, ids[8];

	return group_make(&group) && attach_anothers(&group, &theirs) && attach_ours(&group) &&
	       attach_ours(&group) && CHECK(bpf_device_query(group.fd, ids, 8) == 2) &&
	       CHECK(ids[0] == theirs || ids[1] == theirs);
}

int main(void)
{
	TEST(ours_is_replaced);
	TEST(anothers_stays);
	return tap_done();
}
