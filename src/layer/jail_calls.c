/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls of whoever unpacks: files, memory, one more thread. All others are as if the
 * kernel had none of them, which the C library knows how to go on from (clone3 becomes clone).
 * CAP_SYS_ADMIN, without which the attributes that overlayfs trusts can't be set, is so good for
 * nothing else.
 */
#include "layer/jail.h"

#include "sys/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define NATIVE_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__)
#define NATIVE_ARCH AUDIT_ARCH_PPC64LE
#else
#error "which architecture is that to seccomp(2)?"
#endif

/* Allowed; with a mask, if what it leaves of an argument (its lower half) is `value`. */
struct call {
	int nr;
	unsigned char arg;
	uint32_t mask, value;
};

static const struct call calls[] = {
	/* What is called for each file comes first. */
	{ SYS_pwrite64 }, { SYS_openat }, { SYS_close }, { SYS_utimensat }, { SYS_fstat },
	{ SYS_newfstatat }, { SYS_futex },

	{ SYS_openat2 }, { SYS_mkdirat }, { SYS_symlinkat }, { SYS_linkat }, { SYS_mknodat },
	{ SYS_unlinkat }, { SYS_readlinkat }, { SYS_getdents64 }, { SYS_statx }, { SYS_fcntl },
	{ SYS_fchown }, { SYS_fchownat }, { SYS_fchmod }, { SYS_fchmodat }, { SYS_fsetxattr },
	{ SYS_lsetxattr }, { SYS_fstatfs }, { SYS_fchdir }, { SYS_ftruncate }, { SYS_umask },

	{ SYS_read }, { SYS_pread64 }, { SYS_write }, { SYS_lseek }, { SYS_ppoll },
#ifdef SYS_poll
	{ SYS_poll },
#endif
	{ SYS_eventfd2 },

	{ SYS_brk }, { SYS_munmap }, { SYS_mremap }, { SYS_madvise },
	{ SYS_mmap, 2, PROT_EXEC, 0 }, { SYS_mprotect, 2, PROT_EXEC, 0 },

	{ SYS_clone, 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM },
	{ SYS_set_robust_list }, { SYS_rseq }, { SYS_sched_getaffinity }, { SYS_sched_yield },
	{ SYS_rt_sigprocmask }, { SYS_rt_sigreturn }, { SYS_sigaltstack }, { SYS_restart_syscall },
	{ SYS_getpid }, { SYS_gettid }, { SYS_getrandom }, { SYS_clock_gettime },
	{ SYS_clock_nanosleep },
	{ SYS_exit }, { SYS_exit_group },
};

#define N_CALLS (sizeof(calls) / sizeof(calls[0]))
#define MAX_INSNS (5 + 6 * N_CALLS)

struct program {
	struct sock_filter insns[MAX_INSNS];
	unsigned short n;
};

static void add(struct program *program, struct sock_filter insn)
{
	program->insns[program->n++] = insn;
}

#define LOAD(offset) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset)))
#define SKIP_UNLESS(value, n) \
	((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, (n)))
#define SKIP_IF(value, n) \
	((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), (n), 0))
#define MASK(bits) ((struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (bits)))
#define RETURN(action) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (action)))

#define REFUSE (SECCOMP_RET_ERRNO | ENOSYS)

/* The lower half of the argument. */
static size_t offset_of_arg(unsigned arg)
{
	const bool is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	return offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t) + 4 * is_big_endian;
}

static void add_call(struct program *program, const struct call *call)
{
	if (!call->mask) {
		add(program, SKIP_UNLESS(call->nr, 1));
		add(program, RETURN(SECCOMP_RET_ALLOW));
		return;
	}
	add(program, SKIP_UNLESS(call->nr, 5));
	add(program, LOAD(offset_of_arg(call->arg)));
	add(program, MASK(call->mask));
	add(program, SKIP_UNLESS(call->value, 1));
	add(program, RETURN(SECCOMP_RET_ALLOW));
	add(program, RETURN(REFUSE));
}

int jail_restrict_calls(void)
{
	struct program program = { .n = 0 };

	add(&program, LOAD(offsetof(struct seccomp_data, arch)));
	add(&program, SKIP_IF(NATIVE_ARCH, 1));
	add(&program, RETURN(SECCOMP_RET_KILL_PROCESS));
	add(&program, LOAD(offsetof(struct seccomp_data, nr)));
	for (size_t i = 0; i < N_CALLS; i++)
		add_call(&program, &calls[i]);
	add(&program, RETURN(REFUSE));
	return seccomp_filter_load(program.insns, program.n, 0);
}
