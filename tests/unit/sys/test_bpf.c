/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs attached to a group of the v2 tree, which is made for it and removed: who attached what
 * is asked of the kernel.
 */
#include "sys/bpf.h"

#include "base/cleanup.h"
#include "tap.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct bpf_insn allow[] = {
	{ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
	{ .code = BPF_JMP | BPF_EXIT },
};

/* All but /dev/full, which is 1:7; struct bpf_cgroup_dev_ctx has the minor number at 8. */
static const struct bpf_insn deny_full[] = {
	{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_1, .off = 8 },
	{ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
	{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_2, .imm = 7, .off = 1 },
	{ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

struct program {
	const struct bpf_insn *insns;
	size_t n;
};

#define PROGRAM(insns) (&(struct program){ insns, sizeof(insns) / sizeof((insns)[0]) })

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
static bool attach_anothers(const struct group *group, const struct program *program,
			    uint32_t *ret_id)
{
	union bpf_attr attr;
	uint32_t ids[8];
	long fd, r;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)program->insns;
	attr.insn_cnt = (uint32_t)program->n;
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

static bool attach_ours(const struct group *group, const struct program *program)
{
	auto_close int fd = -1;

	return CHECK(bpf_device_load(program->insns, program->n, &fd) == 0) &&
	       CHECK(bpf_device_attach(group->fd, fd) == 0);
}

static bool ours_is_replaced(void)
{
	auto_group struct group group = { .fd = -1 };
	uint32_t first[8], second[8];

	return group_make(&group) && attach_ours(&group, PROGRAM(allow)) &&
	       CHECK(bpf_device_query(group.fd, first, 8) == 1) &&
	       attach_ours(&group, PROGRAM(allow)) &&
	       CHECK(bpf_device_query(group.fd, second, 8) == 1) && CHECK(first[0] != second[0]);
}

static bool anothers_stays(void)
{
	auto_group struct group group = { .fd = -1 };
	uint32_t theirs, ids[8];

	return group_make(&group) && attach_anothers(&group, PROGRAM(allow), &theirs) &&
	       attach_ours(&group, PROGRAM(allow)) && attach_ours(&group, PROGRAM(allow)) &&
	       CHECK(bpf_device_query(group.fd, ids, 8) == 2) &&
	       CHECK(ids[0] == theirs || ids[1] == theirs);
}

/* What a process in the group has seen, written by it. */
struct seen {
	atomic_uint tries, opened;
	atomic_bool ends;
};

/* A process in the group that opens /dev/full again and again. */
static pid_t start_opener(const struct group *group, struct seen *seen)
{
	int procs_fd = openat(group->fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	pid_t pid = fork();

	if (pid == 0 && write(procs_fd, "0", 1) != 1)
		_exit(1);
	while (pid == 0 && !seen->ends) {
		int fd = open("/dev/full", O_RDONLY | O_CLOEXEC);

		seen->opened += fd >= 0;
		seen->tries++;
		closep(&fd);
	}
	if (pid == 0)
		_exit(0);
	closep(&procs_fd);
	return pid;
}

/* Let it try so many times more. False: it ended. */
static bool wait_tries(struct seen *seen, unsigned n)
{
	unsigned until = seen->tries + n;

	for (unsigned waits = 0; seen->tries < until; waits++)
		if (waits == 10000 || usleep(1000) < 0)
			return false;
	return true;
}

/* Runs `claim` beside such a process. */
static bool beside_opener(bool (*claim)(const struct group *group, struct seen *seen))
{
	auto_group struct group group = { .fd = -1 };
	struct seen *seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool ok = group_make(&group) && CHECK(seen != MAP_FAILED);
	pid_t pid;

	if (!ok)
		return false;
	pid = start_opener(&group, seen);
	ok = CHECK(wait_tries(seen, 1)) && claim(&group, seen);
	seen->ends = true;
	(void)waitpid(pid, NULL, 0);
	(void)munmap(seen, sizeof(*seen));
	return ok;
}

static bool allow_all_beside_anothers(const struct group *group, struct seen *seen)
{
	uint32_t theirs;
	unsigned opened;

	if (!CHECK(seen->opened > 0) || !attach_anothers(group, PROGRAM(deny_full), &theirs) ||
	    !attach_ours(group, PROGRAM(allow)) || !CHECK(wait_tries(seen, 2)))
		return false;
	opened = seen->opened;
	return CHECK(wait_tries(seen, 10)) && CHECK(seen->opened == opened);
}

static bool what_another_denies_stays_denied(void)
{
	return beside_opener(allow_all_beside_anothers);
}

static bool replace_often(const struct group *group, struct seen *seen)
{
	unsigned opened;

	if (!attach_ours(group, PROGRAM(deny_full)) || !CHECK(wait_tries(seen, 2)))
		return false;
	opened = seen->opened;
	for (unsigned i = 0; i < 300; i++)
		if (!attach_ours(group, PROGRAM(deny_full)))
			return false;
	return CHECK(wait_tries(seen, 2)) && CHECK(seen->opened == opened);
}

static bool a_replacement_leaves_no_moment_without_rules(void)
{
	return beside_opener(replace_often);
}

int main(void)
{
	TEST(ours_is_replaced);
	TEST(anothers_stays);
	TEST(what_another_denies_stays_denied);
	TEST(a_replacement_leaves_no_moment_without_rules);
	return tap_done();
}
