/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The classic BPF that seccomp filters are made of, interpreted: what would the kernel answer to a
 * call? The checks are the kernel's own (an instruction it would refuse ends in BPF_RUN_BROKEN).
 */

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BPF_RUN_BROKEN 0x12345678u

/* Would the kernel take the program? Every jump must land inside, and a return be the end. */
static inline bool bpf_is_valid(const struct sock_filter *insns, unsigned n)
{
	for (unsigned pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &insns[pc];
		unsigned left = n - pc - 1;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k >= sizeof(struct seccomp_data) || i->k % 4)
				return false;
			break;
		case BPF_JMP | BPF_JA:
			if (i->k >= left)
				return false;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (i->jt >= left || i->jf >= left)
				return false;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
		case BPF_RET | BPF_K:
			break;
		default:
			return false;
		}
	}
	return n > 0 && n <= BPF_MAXINSNS && insns[n - 1].code == (BPF_RET | BPF_K);
}

static inline bool bpf_compare(unsigned op, uint32_t a, uint32_t k)
{
	switch (op) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default:
		return a & k; /* BPF_JSET */
	}
}

/* *ret_steps, unless NULL: instructions executed. */
static inline uint32_t bpf_run(const struct sock_filter *insns, unsigned n,
			       const struct seccomp_data *data, unsigned *ret_steps)
{
	uint32_t a = 0;
	unsigned steps = 0;

	for (unsigned pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &insns[pc];

		steps++;
		if (i->code == (BPF_LD | BPF_W | BPF_ABS)) {
			if (i->k > sizeof(*data) - sizeof(a) || i->k % sizeof(a))
				return BPF_RUN_BROKEN;
			memcpy(&a, (const char *)data + i->k, sizeof(a));
		} else if (i->code == (BPF_ALU | BPF_AND | BPF_K)) {
			a &= i->k;
		} else if (i->code == (BPF_JMP | BPF_JA)) {
			pc += i->k;
		} else if (BPF_CLASS(i->code) == BPF_JMP && BPF_SRC(i->code) == BPF_K) {
			pc += bpf_compare(BPF_OP(i->code), a, i->k) ? i->jt : i->jf;
		} else if (i->code == (BPF_RET | BPF_K)) {
			if (ret_steps)
				*ret_steps = steps;
			return i->k;
		} else {
			return BPF_RUN_BROKEN;
		}
	}
	return BPF_RUN_BROKEN;
}
