/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default profile. It lets programs do what docker's newest lets them do; where it differs from
 * docker's or podman's, tests/peers/seccomp.bats has the difference by name.
 *
 * Three kinds of groups: what everyone may, what goes with a capability (the kernel asks for it as
 * well, but code that is never reached has no holes), and what nobody may. A call that existed when
 * this was written and is refused answers EPERM. One that is not here answers ENOSYS: programs
 * have something older to fall back on, as they do on an older kernel. So does every call of x32,
 * which most kernels don't have and nobody builds images for.
 */
#include "profile/table.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/socket.h>

#define EQ(arg, n)	  { .index = (arg), .op = CMP_EQ, .value = (n) }
#define NE(arg, n)	  { .index = (arg), .op = CMP_NE, .value = (n) }
#define LT(arg, n)	  { .index = (arg), .op = CMP_LT, .value = (n) }
#define HAS_NONE(arg, of) { .index = (arg), .op = CMP_MASKED_EQ, .mask = (of) }

#define WHEN(...)                   \
	.conds = { __VA_ARGS__ },   \
	.n_conds = sizeof((struct seccomp_cond[]){ __VA_ARGS__ }) / sizeof(struct seccomp_cond)
#define IF(...) { WHEN(__VA_ARGS__), .who = EVERYONE }
#define CASES(list) .cases = (list), .n_cases = sizeof(list) / sizeof((list)[0])

/* A namespace of one's own is a way to code of the kernel's that was written for root. */
#define NEW_NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
			CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

static const struct profile_case clone_cases[] = {
	IF(HAS_NONE(0, NEW_NAMESPACES)),
};

/* Linux itself, 32-bit programs, a version number that old programs understand, and the question
 * which it is. What else there is turns protections of memory off. */
static const struct profile_case personality_cases[] = {
	IF(EQ(0, PER_LINUX)),		    IF(EQ(0, PER_LINUX32)),
	IF(EQ(0, UNAME26)),		    IF(EQ(0, UNAME26 | PER_LINUX32)),
	IF(EQ(0, 0xffffffff)),
};

/*
 * The families of sockets that kernels have, but AF_ALG (the kernel's own ciphers, which nobody
 * needs and which had holes) and AF_VSOCK (no network namespace bounds it, so it leads to the host
 * and to its virtual machines). By socketcall(2), which 32-bit programs of long ago use, the
 * arguments are in memory, where no filter sees them.
 *
 * Who may not write to the audit system is told that there is none: libaudit goes on then, and with
 * it login, su and sshd, which give up when a message is refused.
 */
static const struct profile_case socket_cases[] = {
	IF(LT(0, AF_DECnet)),
	IF(EQ(0, AF_NETBEUI)), IF(EQ(0, AF_SECURITY)),	 IF(EQ(0, AF_KEY)),
	IF(EQ(0, AF_PACKET)),  IF(EQ(0, AF_ASH)),	 IF(EQ(0, AF_RDS)),
	IF(EQ(0, AF_SNA)),     IF(EQ(0, AF_PPPOX)),	 IF(EQ(0, AF_LLC)),
	IF(EQ(0, AF_IB)),      IF(EQ(0, AF_MPLS)),	 IF(EQ(0, AF_CAN)),
	IF(EQ(0, AF_TIPC)),    IF(EQ(0, AF_BLUETOOTH)),	 IF(EQ(0, AF_IUCV)),
	IF(EQ(0, AF_RXRPC)),   IF(EQ(0, AF_PHONET)),	 IF(EQ(0, AF_IEEE802154)),
	IF(EQ(0, AF_NFC)),     IF(EQ(0, AF_KCM)),	 IF(EQ(0, AF_QIPCRTR)),
	IF(EQ(0, AF_SMC)),     IF(EQ(0, AF_XDP)),	 IF(EQ(0, AF_MCTP)),
	IF(EQ(0, AF_NETLINK), NE(2, NETLINK_AUDIT)),
	{ WHEN(EQ(0, AF_NETLINK), EQ(2, NETLINK_AUDIT)),
	  .who = CAP(AUDIT_WRITE), .refusal = EINVAL },
};

const struct profile_group profile_groups[] = {
	/* -------------------------------------------------------------------- everyone */
	{ "open and close files", .who = EVERYONE, .names =
	  "open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 flock "
	  "name_to_handle_at" },
	{ "read and write them", .who = EVERYONE, .names =
	  "read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek "
	  "_llseek sendfile sendfile64 copy_file_range splice tee vmsplice readahead fadvise64 "
	  "fadvise64_64 arm_fadvise64_64 cachestat truncate truncate64 ftruncate ftruncate64 "
	  "fallocate sync fsync fdatasync syncfs sync_file_range sync_file_range2 "
	  "arm_sync_file_range ioctl" },
	{ "look at them", .who = EVERYONE, .names =
	  "stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx access faccessat "
	  "faccessat2 readlink readlinkat getdents getdents64 readdir statfs statfs64 fstatfs "
	  "fstatfs64 getcwd" },
	{ "name them, and change what they are", .who = EVERYONE, .names =
	  "link linkat symlink symlinkat unlink unlinkat rename renameat renameat2 mkdir "
	  "mkdirat rmdir mknod mknodat chmod fchmod fchmodat fchmodat2 chown chown32 fchown "
	  "fchown32 lchown lchown32 fchownat utime utimes futimesat utimensat utimensat_time64 "
	  "umask chdir fchdir" },
	{ "their attributes", .who = EVERYONE, .names =
	  "setxattr lsetxattr fsetxattr setxattrat getxattr lgetxattr fgetxattr getxattrat "
	  "listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr "
	  "removexattrat" },
	{ "mounts, to look at", .who = EVERYONE, .names = "statmount listmount" },
	{ "watch files", .who = EVERYONE, .names =
	  "inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark" },
	{ "wait for descriptors", .who = EVERYONE, .names =
	  "poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create "
	  "epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait "
	  "epoll_pwait2 eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime "
	  "timerfd_settime64 timerfd_gettime timerfd_gettime64" },
	{ "asynchronous input and output, the older kind", .who = EVERYONE, .names =
	  "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents "
	  "io_pgetevents_time64" },
	{ "sockets and pipes", .who = EVERYONE, .names =
	  "pipe pipe2 socketpair bind listen accept accept4 connect shutdown getsockname "
	  "getpeername getsockopt setsockopt send sendto sendmsg sendmmsg recv recvfrom recvmsg "
	  "recvmmsg recvmmsg_time64 socketcall" },
	{ "memory of one's own", .who = EVERYONE, .names =
	  "brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall "
	  "munlock munlockall mseal remap_file_pages pkey_alloc pkey_free pkey_mprotect "
	  "memfd_create memfd_secret map_shadow_stack membarrier" },
	{ "memory shared with others, and their messages", .who = EVERYONE, .names =
	  "ipc shmget shmat shmctl shmdt semget semop semctl semtimedop semtimedop_time64 "
	  "msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedsend_time64 "
	  "mq_timedreceive mq_timedreceive_time64 mq_notify mq_getsetattr" },
	{ "processes: birth and death", .who = EVERYONE, .names =
	  "fork vfork execve execveat exit exit_group wait4 waitid waitpid pidfd_open "
	  "pidfd_send_signal process_mrelease" },
	{ "threads", .who = EVERYONE, .names =
	  "futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue set_robust_list "
	  "get_robust_list set_tid_address gettid rseq getcpu set_thread_area get_thread_area "
	  "arch_prctl modify_ldt set_tls" },
	{ "signals", .who = EVERYONE, .names =
	  "kill tkill tgkill signal sigaltstack sigaction sigprocmask sigpending sigsuspend "
	  "sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend rt_sigtimedwait "
	  "rt_sigtimedwait_time64 rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn "
	  "restart_syscall pause alarm" },
	{ "who one is", .who = EVERYONE, .names =
	  "getpid getppid getpgid getpgrp getsid setpgid setsid getuid getuid32 geteuid "
	  "geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid "
	  "getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid "
	  "setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32 setfsuid "
	  "setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget capset" },
	{ "fewer rights for oneself", .who = EVERYONE, .names =
	  "prctl seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self" },
	{ "turns of the processor, and limits", .who = EVERYONE, .names =
	  "sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr "
	  "sched_getparam sched_setparam sched_getscheduler sched_setscheduler "
	  "sched_get_priority_max sched_get_priority_min sched_rr_get_interval "
	  "sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set getrlimit "
	  "ugetrlimit setrlimit prlimit64 getrusage times" },
	{ "time, which adjtimex sets only for who may", .who = EVERYONE, .names =
	  "time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 "
	  "clock_nanosleep clock_nanosleep_time64 nanosleep adjtimex clock_adjtime "
	  "clock_adjtime64 getitimer setitimer timer_create timer_settime timer_settime64 "
	  "timer_gettime timer_gettime64 timer_getoverrun timer_delete" },
	{ "the machine", .who = EVERYONE, .names = "uname sysinfo getrandom" },
	{ "what processors need to be told", .who = EVERYONE, .names =
	  "breakpoint cacheflush riscv_flush_icache riscv_hwprobe swapcontext" },
	{ "other processes; since Linux 4.8 none gets round a filter by it", .who = EVERYONE,
	  .names =
	  "ptrace process_vm_readv process_vm_writev" },
	{ "what the kernel itself puts into traced programs, and now asks no filter about",
	  .who = EVERYONE, .names = "uprobe uretprobe" },

	/* ----------------------------------------------------------------- by arguments */
	{ "processes in namespaces of their own", .who = CAP(SYS_ADMIN), CASES(clone_cases),
	  .names = "clone" },
	{ "its flags are in memory, where no filter sees them; C libraries go on with clone",
	  .who = CAP(SYS_ADMIN), .refusal = ENOSYS, .names = "clone3" },
	{ "protections of memory", .who = NOBODY, CASES(personality_cases),
	  .names = "personality" },
	{ "sockets that lead out", .who = NOBODY, CASES(socket_cases), .names = "socket" },

	/* -------------------------------------------------------------- by capabilities */
	{ "namespaces, mounts and roots", .who = CAP(SYS_ADMIN), .names =
	  "unshare setns mount umount umount2 pivot_root fsopen fsconfig fsmount fspick "
	  "open_tree open_tree_attr move_mount mount_setattr" },
	{ "of the whole machine", .who = CAP(SYS_ADMIN), .names =
	  "sethostname setdomainname quotactl quotactl_fd fanotify_init lookup_dcookie "
	  "lsm_get_self_attr lsm_set_self_attr lsm_list_modules" },
	{ "programs in the kernel", .who = CAP(SYS_ADMIN) | CAP(BPF), .names = "bpf" },
	{ "the kernel's counters, with a long history of holes",
	  .who = CAP(SYS_ADMIN) | CAP(PERFMON), .names = "perf_event_open" },
	{ "the kernel's log", .who = CAP(SYS_ADMIN) | CAP(SYSLOG), .names = "syslog" },
	{ "files that no path leads to", .who = CAP(DAC_READ_SEARCH), .names =
	  "open_by_handle_at" },
	{ "reboot", .who = CAP(SYS_BOOT), .names = "reboot" },
	{ "another root", .who = CAP(SYS_CHROOT), .names = "chroot" },
	{ "modules of the kernel", .who = CAP(SYS_MODULE), .names =
	  "init_module finit_module delete_module" },
	{ "accounting", .who = CAP(SYS_PACCT), .names = "acct" },
	{ "what other processes hold", .who = CAP(SYS_PTRACE), .names =
	  "kcmp pidfd_getfd process_madvise" },
	{ "ports of devices", .who = CAP(SYS_RAWIO), .names = "iopl ioperm" },
	{ "set the time", .who = CAP(SYS_TIME), .names =
	  "settimeofday stime clock_settime clock_settime64" },
	{ "hang up terminals", .who = CAP(SYS_TTY_CONFIG), .names = "vhangup" },
	{ "on which node memory lies", .who = CAP(SYS_NICE), .names =
	  "get_mempolicy mbind set_mempolicy set_mempolicy_home_node" },

	/* ---------------------------------------------------------------------- nobody */
	{ "keys are not told apart by namespaces", .who = NOBODY, .names =
	  "add_key request_key keyctl" },
	{ "goes round filters like this one, and had more holes than any other", .who = NOBODY,
	  .names = "io_uring_setup io_uring_enter io_uring_register" },
	{ "stops the kernel in the middle of its work, which exploits need", .who = NOBODY,
	  .names = "userfaultfd" },
	{ "another kernel", .who = NOBODY, .names = "kexec_load kexec_file_load" },
	{ "swap", .who = NOBODY, .names = "swapon swapoff" },
	{ "memory of other processes, between nodes", .who = NOBODY, .names =
	  "migrate_pages move_pages" },
	{ "of long ago; nothing calls them", .who = NOBODY, .names =
	  "bdflush nfsservctl nice oldfstat oldlstat oldolduname oldstat olduname sgetmask "
	  "ssetmask sysfs uselib ustat vm86 vm86old" },
	{ "no kernel has them any more", .who = NOBODY, .names =
	  "_sysctl afs_syscall break create_module ftime get_kernel_syms getpmsg gtty idle lock "
	  "mpx prof profil putpmsg query_module security stty tuxcall ulimit vserver" },
	{ "the bus's configuration", .who = NOBODY, .names =
	  "pciconfig_iobase pciconfig_read pciconfig_write" },
};

const size_t profile_n_groups = sizeof(profile_groups) / sizeof(profile_groups[0]);
