/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of features, and how each is asked for. A system call that is there fails over its
 * senseless arguments, one that is not with ENOSYS; a flag that is known gets further than one that
 * is not. What only shows in a mount is tried in a child with mounts of its own.
 */
#include "sys/probe.h"

#include "base/cleanup.h"
#include "sys/bpf.h"
#include "sys/cgroupfs.h"
#include "sys/clone.h"
#include "sys/idmap.h"
#include "sys/mount.h"
#include "sys/proc.h"
#include "sys/resctrl.h"
#include "sys/seccomp.h"
#include "sys/selfexe.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define NO_FD 1000000 /* a number that no descriptor of ours has */

static enum probe_answer yes_if(bool condition)
{
	return condition ? PROBE_YES : PROBE_NO;
}

/* The answer of a call that needs rights. */
static enum probe_answer by_errno(int no)
{
	return no == EPERM || no == EACCES ? PROBE_UNKNOWN : PROBE_NO;
}

/* ------------------------------------------------------------------------------- calls */

static enum probe_answer has_mount_api(void)
{
	return yes_if(syscall(SYS_move_mount, -1, "", -1, "", ~0u) == 0 || errno != ENOSYS);
}

static enum probe_answer has_mount_setattr(void)
{
	return yes_if(syscall(SYS_mount_setattr, -1, "", ~0u, NULL, 0) == 0 || errno != ENOSYS);
}

static enum probe_answer has_openat2(void)
{
	struct open_how how = { .flags = O_PATH, .resolve = RESOLVE_BENEATH };

	return yes_if(syscall(SYS_openat2, NO_FD, ".", &how, sizeof(how)) < 0 && errno == EBADF);
}

static enum probe_answer has_clone3(void)
{
	return yes_if(syscall(SYS_clone3, NULL, 0) < 0 && errno != ENOSYS);
}

/* No child comes of it: the group is looked for before. */
static enum probe_answer has_clone_into_cgroup(void)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD,
				   .cgroup = NO_FD };

	return yes_if(syscall(SYS_clone3, &args, sizeof(args)) < 0 && errno == EBADF);
}

static int open_own_pidfd(void)
{
	return (int)syscall(SYS_pidfd_open, getpid(), 0);
}

/* To our own UTS namespace, where we are. */
static enum probe_answer has_pidfd_setns(void)
{
	auto_close int pidfd = open_own_pidfd();

	return yes_if(pidfd >= 0 && (setns(pidfd, CLONE_NEWUTS) == 0 || errno == EPERM));
}

static enum probe_answer has_pidfd_inode(void)
{
	auto_close int pidfd = open_own_pidfd();

	return yes_if(pidfd >= 0 && proc_pidfd_has_inode(pidfd));
}

static enum probe_answer has_close_range(void)
{
	return yes_if(syscall(SYS_close_range, ~0U, ~0U, CLOSE_RANGE_CLOEXEC) == 0);
}

static enum probe_answer has_exe_exchange(void)
{
	return yes_if(selfexe_is_supported());
}

static enum probe_answer has_memfd_noexec(void)
{
	auto_close int fd = memfd_create("probe", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	return yes_if(fd >= 0);
}

static enum probe_answer has_keyrings(void)
{
	long r = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0);

	return yes_if(r >= 0 || errno != ENOSYS);
}

static enum probe_answer has_memory_policy(void)
{
	return yes_if(syscall(SYS_get_mempolicy, NULL, NULL, 0, NULL, 0) == 0 || errno != ENOSYS);
}

/* ------------------------------------------------------------------------------- a child */

/* Does `fn` return 0 in a child with these new namespaces? -errno: there is no such child. */
static int try_in_child(uint64_t flags, int (*fn)(void))
{
	const struct clone_request request = { .flags = flags, .cgroup_fd = -1 };
	auto_close int pidfd = -1;
	pid_t pid = clone_process(&request, &pidfd);
	int status;

	if (pid == 0)
		_exit(fn() == 0 ? 0 : 1);
	if (pid < 0)
		return pid;
	status = clone_wait(pid);
	return status == 0 ? 1 : 0;
}

static int nothing(void)
{
	return 0;
}

static enum probe_answer has_user_namespaces(void)
{
	return yes_if(try_in_child(CLONE_NEWUSER, nothing) > 0);
}

static enum probe_answer has_time_namespaces(void)
{
	auto_close int proc_fd = -1;
	struct err ignored;

	return yes_if(proc_open(&proc_fd, &ignored) == 0 &&
		      faccessat(proc_fd, "self/ns/time", F_OK, AT_SYMLINK_NOFOLLOW) == 0);
}

/* ------------------------------------------------------------------------------- mounts */

static int open_some_ids(void)
{
	static const struct idmap_range range = { .outside = 100000, .size = 65536 };
	static const struct idmap map = { &range, 1 };
	auto_close int proc_fd = -1;
	struct err ignored;
	int fd = -1, r = proc_open(&proc_fd, &ignored);

	if (r == 0)
		r = idmap_userns_fd(proc_fd, &map, &map, &fd, &ignored);
	return r < 0 ? r : fd;
}

/* What is at `path`, with other ids; detached. */
static int clone_idmapped(const char *path)
{
	auto_close int tree_fd = mount_clone(AT_FDCWD, path, false), userns_fd = -1;
	struct mount_change change = { .set = MOUNT_ATTR_IDMAP };
	int r;

	if (tree_fd < 0)
		return tree_fd;
	change.userns_fd = userns_fd = open_some_ids();
	if (userns_fd < 0)
		return userns_fd;
	r = mount_change(tree_fd, &change, false);
	return r < 0 ? r : take_fd(&tree_fd);
}

static enum probe_answer has_idmapped_mounts(void)
{
	auto_close int fd = clone_idmapped("/");

	return fd >= 0 ? PROBE_YES : by_errno(-fd);
}

/* A filesystem that is a module is loaded by this, as by its first mount. */
static enum probe_answer has_filesystem(const char *type)
{
	auto_close int fd = fsopen(type, FSOPEN_CLOEXEC), proc_fd = -1;
	auto_buf struct buf list = {};
	struct err ignored;
	char line[32];
	int no = errno;

	if (fd >= 0)
		return PROBE_YES;
	(void)snprintf(line, sizeof(line), "\t%s\n", type);
	if (proc_open(&proc_fd, &ignored) == 0 &&
	    proc_read_at(proc_fd, "filesystems", 65536, &list) == 0 && strstr(buf_str(&list), line))
		return PROBE_YES;
	return by_errno(no);
}

static enum probe_answer has_overlay(void)
{
	return has_filesystem("overlay");
}

static enum probe_answer has_fuse(void)
{
	return has_filesystem("fuse");
}

static int make_overlay(const char *layers)
{
	const struct mount_param lower = { "lowerdir", layers };
	const struct mount_fs overlay = { .type = "overlay", .source = "probe", .params = &lower,
					  .n_params = 1 };
	int fd = mount_make(&overlay);

	if (fd < 0)
		return fd;
	(void)close(fd);
	return 0;
}

/* Attached where only we see it: in a mount namespace of our own, which is private from here on. */
static int try_idmapped_layer(void)
{
	auto_close int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), tree_fd = -1;
	const struct mount_change apart = { .propagation = MS_PRIVATE };
	int r = root_fd < 0 ? -errno : mount_change(root_fd, &apart, true);

	if (r < 0)
		return r;
	tree_fd = clone_idmapped("/usr");
	r = tree_fd < 0 ? tree_fd : mount_attach_at(tree_fd, root_fd, "usr");
	return r < 0 ? r : make_overlay("/usr:/etc");
}

/* Of the kind of filesystem that holds /usr. */
static enum probe_answer has_overlay_idmapped(void)
{
	int r = try_in_child(CLONE_NEWNS, try_idmapped_layer);

	return r < 0 ? by_errno(-r) : yes_if(r);
}

static enum probe_answer has_overlay_detached(void)
{
	static const struct mount_fs layer = { .type = "tmpfs", .source = "probe" };
	auto_close int a_fd = mount_make(&layer), b_fd = mount_make(&layer);
	char layers[64];
	int r;

	if (a_fd < 0 || b_fd < 0)
		return by_errno(a_fd < 0 ? -a_fd : -b_fd);
	(void)snprintf(layers, sizeof(layers), "/proc/self/fd/%d:/proc/self/fd/%d", a_fd, b_fd);
	r = make_overlay(layers);
	return r == 0 ? PROBE_YES : by_errno(-r);
}

/* ------------------------------------------------------------------------------- rights */

static enum probe_answer has_seccomp(void)
{
	return yes_if(seccomp_has_action(SECCOMP_RET_ERRNO));
}

static enum probe_answer has_seccomp_notify(void)
{
	return yes_if(seccomp_has_action(SECCOMP_RET_USER_NOTIF));
}

static enum probe_answer has_seccomp_killable(void)
{
	return yes_if(seccomp_has_flag(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
}

static enum probe_answer has_bpf_devices(void)
{
	static const struct bpf_insn allow[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	auto_close int fd = -1;
	int r = bpf_device_load(allow, 2, &fd);

	return r == 0 ? PROBE_YES : by_errno(-r);
}

static enum probe_answer has_bpf_replace(void)
{
	union bpf_attr attr = {};

	attr.target_fd = NO_FD;
	attr.attach_bpf_fd = NO_FD;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI | BPF_F_REPLACE;
	attr.replace_bpf_fd = NO_FD;
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0 && errno != EBADF)
		return by_errno(errno);
	return PROBE_YES;
}

/* ------------------------------------------------------------------------------- limits */

#define GROUP_FILE(name, controller, v1, v2)                   \
	static enum probe_answer name(void)                    \
	{                                                      \
		return probe_group_file(controller, v1, v2);   \
	}

GROUP_FILE(has_cgroup_kill, -1, NULL, "cgroup.kill")
GROUP_FILE(has_memory_peak, CGROUP_MEMORY, "memory.max_usage_in_bytes", "memory.peak")
GROUP_FILE(has_swap_limit, CGROUP_MEMORY, "memory.memsw.limit_in_bytes", "memory.swap.max")
GROUP_FILE(has_cpu_burst, CGROUP_CPU, "cpu.cfs_burst_us", "cpu.max.burst")
GROUP_FILE(has_cpu_idle, CGROUP_CPU, "cpu.idle", "cpu.idle")
GROUP_FILE(has_io_throttle, CGROUP_IO, "blkio.throttle.read_bps_device", "io.max")
GROUP_FILE(has_io_weight_bfq, CGROUP_IO, "blkio.bfq.weight", "io.bfq.weight")
GROUP_FILE(has_io_weight, CGROUP_IO, "blkio.weight", "io.weight")
GROUP_FILE(has_hugetlb_reserved, CGROUP_HUGETLB, "hugetlb.2MB.rsvd.limit_in_bytes",
	   "hugetlb.2MB.rsvd.max")

/* The file is there where it was built; one that was not switched on refuses to be read. */
static enum probe_answer has_pressure(void)
{
	auto_buf struct buf text = {};
	auto_close int proc_fd = -1;
	struct err ignored;

	return yes_if(proc_open(&proc_fd, &ignored) == 0 &&
		      proc_read_at(proc_fd, "pressure/memory", 4096, &text) == 0);
}

static enum probe_answer has_resctrl(void)
{
	auto_close int fd = -1;
	struct err ignored;

	return yes_if(resctrl_open(&fd, &ignored) == 0);
}

/* ------------------------------------------------------------------------------- network */

/* What generation its rules are in. */
static enum probe_answer has_nftables(void)
{
	struct {
		struct nlmsghdr head;
		struct nfgenmsg body;
	} ask = { .head = { .nlmsg_len = sizeof(ask), .nlmsg_flags = NLM_F_REQUEST,
			    .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN } };
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	union {
		struct nlmsghdr head;
		char bytes[1024];
	} answer;
	const struct nlmsgerr *refusal = NLMSG_DATA(&answer.head);

	if (fd < 0)
		return PROBE_NO;
	if (send(fd, &ask, sizeof(ask), 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(*refusal))
		return by_errno(errno);
	return answer.head.nlmsg_type != NLMSG_ERROR ? PROBE_YES : by_errno(-refusal->error);
}

/* ------------------------------------------------------------------------------- the table */

#define NO_CONTAINER "no container can be made"
#define REFUSED	     "what asks for it is refused"

const struct probe_row probe_rows[PROBE_FEATURE_MAX_] = {
	[PROBE_MOUNT_API] = { "mount-api", "mounts as descriptors", "5.2", NO_CONTAINER,
			      has_mount_api },
	[PROBE_MOUNT_SETATTR] = { "mount-setattr", "read-only and the like, for whole trees",
				  "5.12", NO_CONTAINER, has_mount_setattr },
	[PROBE_OPENAT2] = { "openat2", "paths that stay below a root", "5.6", NO_CONTAINER,
			    has_openat2 },
	[PROBE_CLONE3] = { "clone3", "a process with all its namespaces", "5.3", NO_CONTAINER,
			   has_clone3 },
	[PROBE_CLONE_INTO_CGROUP] = { "clone-into-cgroup", "a process that begins in its cgroup",
				      "5.7", "no container on cgroup v2; v1 needs none",
				      has_clone_into_cgroup },
	[PROBE_PIDFD_SETNS] = { "pidfd-setns", "exec", "5.8", "exec fails", has_pidfd_setns },
	[PROBE_PIDFD_INODE] = { "pidfd-inode", "telling a process from a later one of its number",
				"6.9", "by the time when it started", has_pidfd_inode },
	[PROBE_CLOSE_RANGE] = { "close-range", "no descriptor is left to a container", "5.11",
				NO_CONTAINER, has_close_range },
	[PROBE_EXE_EXCHANGE] = { "exe-exchange", "our executable is out of reach", "3.18",
				 "executed once more, from a read-only mount", has_exe_exchange },
	[PROBE_MEMFD_NOEXEC] = { "memfd-noexec", "the state that a hook is given", "6.3",
				 "a file in memory that may be executable", has_memfd_noexec },
	[PROBE_KEYRINGS] = { "keyrings", "a session keyring for each container", "2.6.10",
			     "there is none to share", has_keyrings },
	[PROBE_USER_NAMESPACES] = { "user-namespaces", "ids of a container's own", "3.8", REFUSED,
				    has_user_namespaces },
	[PROBE_TIME_NAMESPACES] = { "time-namespaces", "clocks of a container's own", "5.6",
				    REFUSED, has_time_namespaces },
	[PROBE_IDMAPPED_MOUNTS] = { "idmapped-mounts", "uidMappings of a mount", "5.12", REFUSED,
				    has_idmapped_mounts },
	[PROBE_OVERLAY] = { "overlay", "images, and a view of the host's root", "3.18", REFUSED,
			    has_overlay },
	[PROBE_OVERLAY_IDMAPPED] = { "overlay-idmapped", "an image's container has its own ids",
				     "5.19", "the host's ids, or refused: tare.conf(5)",
				     has_overlay_idmapped },
	[PROBE_OVERLAY_DETACHED] = { "overlay-detached", "layers that are mounted nowhere", "6.15",
				     "not used yet", has_overlay_detached },
	[PROBE_FUSE] = { "fuse", "images, without root", "2.6.14", "not used yet", has_fuse },
	[PROBE_SECCOMP] = { "seccomp", "filters of system calls", "3.17", REFUSED, has_seccomp },
	[PROBE_SECCOMP_NOTIFY] = { "seccomp-notify", "SCMP_ACT_NOTIFY", "5.0", REFUSED,
				   has_seccomp_notify },
	[PROBE_SECCOMP_KILLABLE] = { "seccomp-killable", "its flag WAIT_KILLABLE_RECV", "5.19",
				     REFUSED, has_seccomp_killable },
	[PROBE_BPF_DEVICES] = { "bpf-devices", "rules of devices, on cgroup v2", "4.15",
				"no container on cgroup v2; v1 needs none", has_bpf_devices },
	[PROBE_BPF_REPLACE] = { "bpf-replace", "an update of them", "5.6",
				"the new beside the old, for a moment", has_bpf_replace },
	[PROBE_CGROUP_KILL] = { "cgroup-kill", "killing all at once, on cgroup v2", "5.14",
				"frozen, and killed one by one", has_cgroup_kill },
	[PROBE_MEMORY_PEAK] = { "memory-peak", "the most memory that was used", "5.19",
				"told as 0", has_memory_peak },
	[PROBE_SWAP_LIMIT] = { "swap-limit", "memory and swap", "2.6.29",
			       "refused; by default memory alone is limited", has_swap_limit },
	[PROBE_CPU_BURST] = { "cpu-burst", "linux.resources.cpu.burst", "5.14", REFUSED,
			      has_cpu_burst },
	[PROBE_CPU_IDLE] = { "cpu-idle", "linux.resources.cpu.idle", "5.15", REFUSED,
			     has_cpu_idle },
	[PROBE_IO_THROTTLE] = { "io-throttle", "limits of bytes and operations", "2.6.37", REFUSED,
				has_io_throttle },
	[PROBE_IO_WEIGHT_BFQ] = { "io-weight-bfq", "weights, by the scheduler bfq", "4.12",
				  "io-weight", has_io_weight_bfq },
	[PROBE_IO_WEIGHT] = { "io-weight", "weights, by the kernel's own model", "5.4", REFUSED,
			      has_io_weight },
	[PROBE_HUGETLB_RESERVED] = { "hugetlb-reserved", "huge pages that are promised", "5.7",
				     "those in use alone are limited", has_hugetlb_reserved },
	[PROBE_PRESSURE] = { "pressure", "how long who waits, in statistics", "4.20", "left out",
			     has_pressure },
	[PROBE_MEMORY_POLICY] = { "memory-policy", "linux.memoryPolicy", "2.6.7", REFUSED,
				  has_memory_policy },
	[PROBE_RESCTRL] = { "resctrl", "linux.intelRdt", "4.10", REFUSED, has_resctrl },
	[PROBE_NFTABLES] = { "nftables", "networks with a bridge", "3.13", REFUSED, has_nftables },
};

enum probe_answer probe(enum probe_feature feature)
{
	static struct {
		bool is_known;
		enum probe_answer answer;
	} cache[PROBE_FEATURE_MAX_];

	if (!cache[feature].is_known) {
		cache[feature].answer = probe_rows[feature].check();
		cache[feature].is_known = true;
	}
	return cache[feature].answer;
}
