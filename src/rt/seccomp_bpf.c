/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From spans of syscall numbers to BPF.
 *
 * When a filter is loaded the kernel runs it once for every syscall number, to learn which are
 * always allowed. So what counts is the length of the path that a number takes. Profiles allow long
 * runs of neighbouring numbers; each table becomes a balanced tree of "number >= first of span",
 * whose leaves return, or go through the conditions of a span that has any.
 *
 * BPF jumps forward only. The program is therefore written from its end to its beginning, and a
 * place in it is called by its distance from the end (a `place`), which stays true as code is put
 * in front. Whatever an instruction jumps to is written already. A conditional jump reaches 255
 * instructions; branch() puts an unconditional one in between where that is too short.
 */
#include "rt/seccomp_plan.h"

#include <endian.h>
#include <linux/seccomp.h>
#include <string.h>

/* A jump of a conditional instruction, with room for the two helpers that may come between. */
#define REACH 250

/* Where a return is out of easy reach, another costs no more than a jump to it. */
#define NEAR 120

typedef size_t place;

struct code {
	struct sock_filter *insns; /* BPF_MAXINSNS of them, used from the end */
	size_t n;
	bool full;
	struct {
		uint32_t action;
		place at;
	} returns[16];
	size_t n_returns;
};

static place emit(struct code *code, unsigned op, size_t jt, size_t jf, uint32_t k)
{
	if (code->n == BPF_MAXINSNS) {
		code->full = true;
		return code->n;
	}
	code->n++;
	code->insns[BPF_MAXINSNS - code->n] = (struct sock_filter)BPF_JUMP(op, k, jt, jf);
	return code->n;
}

static place emit_within(struct code *code, place target, size_t reach)
{
	if (code->n - target <= reach)
		return target;
	return emit(code, BPF_JMP | BPF_JA, 0, 0, (uint32_t)(code->n - target));
}

/* Compare the accumulator with `k` by `op`, and go to `yes` or `no`. */
static place branch(struct code *code, unsigned op, uint32_t k, place yes, place no)
{
	if (yes == no)
		return yes;
	yes = emit_within(code, yes, REACH);
	no = emit_within(code, no, REACH);
	return emit(code, BPF_JMP | op | BPF_K, code->n - yes, code->n - no, k);
}

static place emit_load(struct code *code, size_t offset)
{
	return emit(code, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static place emit_return(struct code *code, uint32_t action)
{
	size_t i = 0;

	while (i < code->n_returns && code->returns[i].action != action)
		i++;
	if (i < code->n_returns && code->n - code->returns[i].at <= NEAR)
		return code->returns[i].at;
	if (i == sizeof(code->returns) / sizeof(*code->returns))
		i--;
	else if (i == code->n_returns)
		code->n_returns++;
	code->returns[i].action = action;
	code->returns[i].at = emit(code, BPF_RET | BPF_K, 0, 0, action);
	return code->returns[i].at;
}

/* ---------------------------------------------------------------------------- conditions */

static size_t low_half(unsigned index)
{
	return offsetof(struct seccomp_data, args) + index * sizeof(uint64_t) +
	       (__BYTE_ORDER == __BIG_ENDIAN ? sizeof(uint32_t) : 0);
}

static size_t high_half(unsigned index)
{
	return offsetof(struct seccomp_data, args) + index * sizeof(uint64_t) +
	       (__BYTE_ORDER == __BIG_ENDIAN ? 0 : sizeof(uint32_t));
}

static place emit_half_equal(struct code *code, size_t offset, uint32_t mask, uint32_t value,
			     place yes, place no)
{
	place at = yes;

	if (mask == 0)
		return yes;
	at = branch(code, BPF_JEQ, value & mask, yes, no);
	if (at == yes)
		return yes;
	if (mask != UINT32_MAX)
		emit(code, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
	return emit_load(code, offset);
}

static place emit_equal(struct code *code, const struct seccomp_cond *cond, bool is_32bit,
			place yes, place no)
{
	uint64_t mask = cond->op == CMP_MASKED_EQ ? cond->mask : UINT64_MAX;
	place at = emit_half_equal(code, low_half(cond->index), (uint32_t)mask,
				   (uint32_t)cond->value, yes, no);

	if (is_32bit)
		return at;
	return emit_half_equal(code, high_half(cond->index), (uint32_t)(mask >> 32),
			       (uint32_t)(cond->value >> 32), at, no);
}

/* `op` is BPF_JGT or BPF_JGE; the high halves decide unless they are equal. */
static place emit_order(struct code *code, unsigned op, const struct seccomp_cond *cond,
			bool is_32bit, place yes, place no)
{
	uint32_t high = (uint32_t)(cond->value >> 32);
	place at;

	if (yes == no)
		return yes;
	(void)branch(code, op, (uint32_t)cond->value, yes, no);
	at = emit_load(code, low_half(cond->index));
	if (is_32bit)
		return at;
	at = branch(code, BPF_JEQ, high, at, no);
	(void)branch(code, BPF_JGT, high, yes, at);
	return emit_load(code, high_half(cond->index));
}

static place emit_cond(struct code *code, const struct seccomp_cond *cond, bool is_32bit, place yes,
		       place no)
{
	switch (cond->op) {
	case CMP_EQ:
	case CMP_MASKED_EQ:
		return emit_equal(code, cond, is_32bit, yes, no);
	case CMP_NE:
		return emit_equal(code, cond, is_32bit, no, yes);
	case CMP_GT:
		return emit_order(code, BPF_JGT, cond, is_32bit, yes, no);
	case CMP_LE:
		return emit_order(code, BPF_JGT, cond, is_32bit, no, yes);
	case CMP_GE:
		return emit_order(code, BPF_JGE, cond, is_32bit, yes, no);
	case CMP_LT:
		return emit_order(code, BPF_JGE, cond, is_32bit, no, yes);
	}
	__builtin_unreachable();
}

/* How many cases, of `n` the last ones, ask for nothing but a word of one argument. */
static size_t count_list(const struct seccomp_case *cases, size_t n)
{
	const struct seccomp_cond *last = cases[n - 1].conds;
	size_t i = n;

	for (; i > 0; i--) {
		const struct seccomp_cond *cond = cases[i - 1].conds;

		if (cases[i - 1].n_conds != 1 || cond->op != CMP_EQ ||
		    cond->index != last->index || cond->value >> 32 != last->value >> 32)
			break;
	}
	return n - i;
}

/* Profiles list values, one a case: these are compared one after the other, loaded once. */
static place emit_list(struct code *code, const struct seccomp_case *cases, size_t n,
		       bool is_32bit, place no)
{
	const struct seccomp_cond *first = cases->conds;
	place at = no;

	for (size_t i = n; i-- > 0;)
		at = branch(code, BPF_JEQ, (uint32_t)cases[i].conds->value,
			    emit_return(code, cases[i].action), at);
	(void)emit_within(code, at, 0);
	at = emit_load(code, low_half(first->index));
	if (is_32bit)
		return at;
	at = branch(code, BPF_JEQ, (uint32_t)(first->value >> 32), at, no);
	(void)emit_within(code, at, 0);
	return emit_load(code, high_half(first->index));
}

static place emit_case(struct code *code, const struct seccomp_case *kase, bool is_32bit, place no)
{
	place yes = emit_return(code, kase->action);

	for (size_t i = kase->n_conds; i-- > 0;)
		yes = emit_cond(code, &kase->conds[i], is_32bit, yes, no);
	return yes;
}

static place emit_verdict(struct code *code, const struct seccomp_verdict *verdict)
{
	place next = emit_return(code, verdict->action);

	for (size_t n = verdict->n_cases, list; n > 0; n -= list ? list : 1) {
		list = count_list(verdict->cases, n);
		next = list ? emit_list(code, &verdict->cases[n - list], list, verdict->is_32bit,
					next)
			    : emit_case(code, &verdict->cases[n - 1], verdict->is_32bit, next);
	}
	return next;
}

/* ---------------------------------------------------------------------------- numbers */

static bool cases_equal(const struct seccomp_case *a, const struct seccomp_case *b)
{
	return a->action == b->action && a->n_conds == b->n_conds &&
	       (a->conds == b->conds ||
		memcmp(a->conds, b->conds, a->n_conds * sizeof(*a->conds)) == 0);
}

bool seccomp_verdict_equal(const struct seccomp_verdict *a, const struct seccomp_verdict *b)
{
	if (a->action != b->action || a->n_cases != b->n_cases)
		return false;
	if (a->n_cases > 0 && a->is_32bit != b->is_32bit)
		return false;
	for (size_t i = 0; i < a->n_cases; i++)
		if (!cases_equal(&a->cases[i], &b->cases[i]))
			return false;
	return true;
}

/* One number among others that share a verdict: a test for equality is enough. */
static bool is_island(const struct seccomp_span *spans, size_t n)
{
	return n == 3 && spans[2].first == spans[1].first + 1 &&
	       seccomp_verdict_equal(&spans[0].verdict, &spans[2].verdict);
}

static place emit_tree(struct code *code, const struct seccomp_span *spans, size_t n)
{
	size_t mid = n / 2;
	place low, high;

	if (n == 1)
		return emit_verdict(code, &spans[0].verdict);
	high = emit_tree(code, spans + mid, is_island(spans, n) ? 1 : n - mid);
	low = emit_tree(code, spans, mid);
	if (is_island(spans, n))
		return branch(code, BPF_JEQ, spans[mid].first, high, low);
	return branch(code, BPF_JGE, spans[mid].first, high, low);
}

int seccomp_generate(const struct seccomp_table *tables, size_t n_tables, struct arena *arena,
		     struct sock_fprog *ret_prog, struct err *err)
{
	struct code code = { .insns = arena_array(arena, struct sock_filter, BPF_MAXINSNS) };
	place next = emit_return(&code, SECCOMP_BAD_ARCH);

	for (size_t i = n_tables; i-- > 0;) {
		place numbers;

		/* A load goes on to what was written last. */
		numbers = emit_tree(&code, tables[i].spans, tables[i].n_spans);
		(void)emit_within(&code, numbers, 0);
		numbers = emit_load(&code, offsetof(struct seccomp_data, nr));
		next = branch(&code, BPF_JEQ, tables[i].audit_arch, numbers, next);
	}
	(void)emit_within(&code, next, 0);
	(void)emit_load(&code, offsetof(struct seccomp_data, arch));
	if (code.full)
		return err_set(err, ERR_USAGE, E2BIG,
			       "linux.seccomp: the filter has more than %d instructions",
			       BPF_MAXINSNS);

	ret_prog->filter = code.insns + BPF_MAXINSNS - code.n;
	ret_prog->len = (unsigned short)code.n;
	return 0;
}
