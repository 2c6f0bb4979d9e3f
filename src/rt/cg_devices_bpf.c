/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules as a BPF program, which the kernel asks at each open and mknod of a device.
 *
 * The program walks the rules from the last to the first and keeps, in one register, the accesses
 * (read, write, mknod) of the request that no rule has spoken of so far. A rule that matches the
 * device and denies any of them ends with "no"; one that allows takes away those that it allows,
 * and when none is left that ends with "yes". So every access is decided by the last rule that
 * speaks of it, even when a request has several and the rules each name but one.
 */
#include "rt/cg_devices.h"

#define R0_VERDICT BPF_REG_0
#define R1_CONTEXT BPF_REG_1
#define R2_TYPE    BPF_REG_2
#define R3_OPEN    BPF_REG_3 /* accesses still undecided */
#define R4_MAJOR   BPF_REG_4
#define R5_MINOR   BPF_REG_5
#define R6_SCRATCH BPF_REG_6

#define RULE_INSNS_MAX 8
#define FRAME_INSNS    9

struct program {
	struct bpf_insn *v;
	size_t n;
};

static void emit(struct program *p, uint8_t code, uint8_t dst, int16_t off, int32_t imm)
{
	p->v[p->n++] =
		(struct bpf_insn){ .code = code, .dst_reg = dst & 15, .off = off, .imm = imm };
}

static void emit_move(struct program *p, uint8_t dst, uint8_t src)
{
	p->v[p->n++] = (struct bpf_insn){ .code = BPF_ALU | BPF_MOV | BPF_X,
					  .dst_reg = dst & 15,
					  .src_reg = src & 15 };
}

static void emit_load(struct program *p, uint8_t dst, size_t offset)
{
	p->v[p->n++] = (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
					  .dst_reg = dst & 15,
					  .src_reg = R1_CONTEXT,
					  .off = (int16_t)offset };
}

static void emit_verdict(struct program *p, bool allow)
{
	emit(p, BPF_ALU | BPF_MOV | BPF_K, R0_VERDICT, 0, allow);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0);
}

/* The type is in the lower half of a word, the accesses in the upper. */
static void emit_head(struct program *p)
{
	emit_load(p, R2_TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit_load(p, R4_MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	emit_load(p, R5_MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	emit_move(p, R3_OPEN, R2_TYPE);
	emit(p, BPF_ALU | BPF_RSH | BPF_K, R3_OPEN, 0, 16);
	emit(p, BPF_ALU | BPF_AND | BPF_K, R2_TYPE, 0, 0xffff);
}

/* Leave the rule unless `reg` is `value`; the distance is filled in at the rule's end. */
static void emit_unless(struct program *p, uint8_t reg, int32_t value)
{
	emit(p, BPF_JMP | BPF_JNE | BPF_K, reg, 0, value);
}

static void emit_rule(struct program *p, const struct dev_rule *rule)
{
	size_t start = p->n, matched;

	emit_unless(p, R2_TYPE, rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (rule->major >= 0)
		emit_unless(p, R4_MAJOR, rule->major);
	if (rule->minor >= 0)
		emit_unless(p, R5_MINOR, rule->minor);
	matched = p->n;
	if (rule->allow) {
		emit(p, BPF_ALU | BPF_AND | BPF_K, R3_OPEN, 0, (int32_t)~rule->access);
		emit(p, BPF_JMP | BPF_JNE | BPF_K, R3_OPEN, 2, 0);
	} else {
		emit_move(p, R6_SCRATCH, R3_OPEN);
		emit(p, BPF_ALU | BPF_AND | BPF_K, R6_SCRATCH, 0, (int32_t)rule->access);
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, R6_SCRATCH, 2, 0);
	}
	emit_verdict(p, rule->allow);
	for (size_t i = start; i < matched; i++)
		p->v[i].off = (int16_t)(p->n - i - 1);
}

size_t dev_rules_compile(const struct dev_rules *rules, struct arena *arena,
			 struct bpf_insn **ret_insns)
{
	struct program p = {
		.v = arena_array(arena, struct bpf_insn,
				 rules->n * RULE_INSNS_MAX + FRAME_INSNS),
	};

	emit_head(&p);
	for (size_t i = rules->n; i-- > 0;)
		emit_rule(&p, &rules->v[i]);
	emit_verdict(&p, rules->allow_rest);
	*ret_insns = p.v;
	return p.n;
}
