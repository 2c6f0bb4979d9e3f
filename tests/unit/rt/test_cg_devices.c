/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What device rules mean: the flattened form of v1 and the program of v2 are asked about the same
 * accesses, the program by running it here. (The kernel is asked in test_cg_live.)
 */
#include "rt/cg_devices.h"
#include "tap.h"

#include <errno.h>

#define ANY { false, 0 }

static struct err err;

/* The few instructions that device programs are made of. -1: one that is unknown, or no end. */
static int run(const struct bpf_insn *insns, size_t n, const struct bpf_cgroup_dev_ctx *ctx)
{
	uint64_t reg[16] = {};

	for (size_t i = 0; i < n; i++) {
		const struct bpf_insn *in = &insns[i];
		uint64_t *dst = &reg[in->dst_reg];

		switch (in->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			*dst = *(const uint32_t *)((const char *)ctx + in->off);
			break;
		case BPF_ALU | BPF_MOV | BPF_X:
			*dst = (uint32_t)reg[in->src_reg];
			break;
		case BPF_ALU | BPF_MOV | BPF_K:
			*dst = (uint32_t)in->imm;
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			*dst = (uint32_t)*dst >> in->imm;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			*dst = (uint32_t)*dst & (uint32_t)in->imm;
			break;
		case BPF_JMP | BPF_JNE | BPF_K:
			i += *dst != (uint64_t)(int64_t)in->imm ? (size_t)in->off : 0;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			i += *dst == (uint64_t)(int64_t)in->imm ? (size_t)in->off : 0;
			break;
		case BPF_JMP | BPF_EXIT:
			return (int)reg[0];
		default:
			return -1;
		}
	}
	return -1;
}

/* As the kernel's v1 decides: one exception has to speak of all of it to allow, of any to deny. */
static int ask_v1(const struct dev_rules *rules, char type, uint32_t major, uint32_t minor,
		  unsigned access)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct dev_rule *r = &rules->v[i];
		unsigned both = r->access & access;

		if (r->type != type || (r->major >= 0 && (uint32_t)r->major != major) ||
		    (r->minor >= 0 && (uint32_t)r->minor != minor))
			continue;
		if (rules->allow_rest ? both != 0 : both == access)
			return !rules->allow_rest;
	}
	return rules->allow_rest;
}

static int ask_v2(const struct dev_rules *rules, char type, uint32_t major, uint32_t minor,
		  unsigned access)
{
	auto_arena struct arena arena = {};
	struct bpf_insn *insns;
	size_t n = dev_rules_compile(rules, &arena, &insns);
	struct bpf_cgroup_dev_ctx ctx = {
		.access_type = access << 16 | (type == 'b' ? BPF_DEVCG_DEV_BLOCK
							   : BPF_DEVCG_DEV_CHAR),
		.major = major,
		.minor = minor,
	};

	return run(insns, n, &ctx);
}

static int parse(struct arena *arena, struct oci_device_rule *v, size_t n, struct dev_rules *ret)
{
	struct oci_resources res = { .devices = { v, n } };

	err = (struct err){};
	return dev_rules_parse(&res, arena, ret, &err);
}

struct question {
	char type;
	uint32_t major, minor;
	unsigned access;
	int answer;
};

/* Both kinds answer each question as wanted. */
static bool answers(struct oci_device_rule *v, size_t n, const struct question *q, size_t n_q)
{
	auto_arena struct arena arena = {};
	struct dev_rules rules, flat;
	bool ok = true;

	if (!CHECK(parse(&arena, v, n, &rules) == 0) || !CHECK(parse(&arena, v, n, &flat) == 0))
		return false;
	cg_devices_defaults(&rules);
	cg_devices_defaults(&flat);
	if (!CHECK(dev_rules_flatten(&flat, &err) == 0))
		return false;
	for (size_t i = 0; i < n_q; i++) {
		int v1 = ask_v1(&flat, q[i].type, q[i].major, q[i].minor, q[i].access);
		int v2 = ask_v2(&rules, q[i].type, q[i].major, q[i].minor, q[i].access);

		if (v1 == q[i].answer && v2 == q[i].answer)
			continue;
		printf("# question %zu: v1 %d, v2 %d\n", i, v1, v2);
		ok = false;
	}
	return ok;
}
#define ANSWERS(v, n, q) answers(v, n, q, sizeof(q) / sizeof((q)[0]))

enum { RD = BPF_DEVCG_ACC_READ, WR = BPF_DEVCG_ACC_WRITE, MK = BPF_DEVCG_ACC_MKNOD };

static bool no_rules_leave_the_runtimes_own(void)
{
	static const struct question q[] = {
		{ 'c', 1, 3, RD | WR, 1 }, { 'c', 5, 2, RD | WR, 1 }, { 'c', 136, 9, RD, 1 },
		{ 'c', 1, 11, RD, 0 },	   { 'c', 1, 11, MK, 1 },     { 'b', 8, 0, MK, 1 },
		{ 'b', 8, 0, RD, 0 },	   { 'b', 1, 3, RD, 0 },
	};

	return ANSWERS(NULL, 0, q);
}

static bool the_last_rule_that_speaks_decides(void)
{
	struct oci_device_rule v[] = {
		{ true, (char *)"c", { true, 10 }, { true, 200 }, (char *)"rwm" },
		{ false, NULL, ANY, ANY, (char *)"rwm" },
		{ true, (char *)"c", { true, 10 }, { true, 229 }, (char *)"rw" },
		{ false, (char *)"c", { true, 10 }, { true, 229 }, (char *)"w" },
		{ true, (char *)"b", { true, 8 }, ANY, (char *)"r" },
		{ true, (char *)"b", { true, 8 }, ANY, (char *)"w" },
	};
	static const struct question q[] = {
		{ 'c', 10, 200, RD, 0 }, { 'c', 10, 229, RD, 1 },     { 'c', 10, 229, RD | WR, 0 },
		{ 'c', 10, 229, WR, 0 }, { 'b', 8, 77, RD | WR, 1 }, { 'b', 9, 0, RD, 0 },
	};

	return ANSWERS(v, sizeof(v) / sizeof(*v), q);
}

static bool all_allowed_but_some(void)
{
	struct oci_device_rule v[] = {
		{ .allow = true },
		{ false, (char *)"b", { true, 8 }, { true, 0 }, (char *)"w" },
		{ false, (char *)"c", { true, 10 }, ANY, NULL },
		{ true, (char *)"c", { true, -1 }, { true, -1 }, (char *)"m" },
	};
	static const struct question q[] = {
		{ 'b', 8, 0, RD, 1 },	   { 'b', 8, 0, RD | WR, 0 }, { 'b', 8, 1, WR, 1 },
		{ 'c', 10, 229, RD, 0 },   { 'c', 10, 229, MK, 1 },   { 'c', 4, 64, RD | WR, 1 },
		{ 'c', 1, 3, RD | WR, 1 },
	};

	return ANSWERS(v, sizeof(v) / sizeof(*v), q);
}

static bool a_rule_for_all_types_keeps_its_numbers(void)
{
	struct oci_device_rule v[] = {
		{ true, NULL, { true, 10 }, { true, 229 }, (char *)"r" },
	};
	static const struct question q[] = {
		{ 'c', 10, 229, RD, 1 }, { 'b', 10, 229, RD, 1 }, { 'b', 8, 0, RD, 0 },
	};

	return ANSWERS(v, 1, q);
}

static bool v1_refuses_what_it_would_get_wrong(void)
{
	struct oci_device_rule v[] = {
		{ true, (char *)"c", { true, 10 }, ANY, NULL },
		{ false, (char *)"c", { true, 10 }, { true, 229 }, NULL },
	};
	auto_arena struct arena arena = {};
	struct dev_rules rules;

	return CHECK(parse(&arena, v, 2, &rules) == 0) &&
	       CHECK(ask_v2(&rules, 'c', 10, 229, RD) == 0) &&
	       CHECK(ask_v2(&rules, 'c', 10, 200, RD) == 1) &&
	       CHECK(dev_rules_flatten(&rules, &err) == -EOPNOTSUPP) &&
	       CHECK(strncmp(err.msg, "linux.resources.devices: ", 25) == 0);
}

static bool senseless_rules_are_named(void)
{
	static const struct {
		struct oci_device_rule rule;
		const char *start;
	} bad[] = {
		{ { true, (char *)"x", ANY, ANY, NULL }, "linux.resources.devices[0].type: 'x'" },
		{ { true, (char *)"", ANY, ANY, NULL }, "linux.resources.devices[0].type: ''" },
		{ { true, (char *)"c", ANY, ANY, (char *)"rx" },
		  "linux.resources.devices[0].access: 'rx'" },
		{ { true, (char *)"c", { true, -2 }, ANY, NULL }, "linux.resources.devices[0]: " },
		{ { true, (char *)"c", ANY, { true, 1LL << 40 }, NULL },
		  "linux.resources.devices[0]: " },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_arena struct arena arena = {};
		struct oci_device_rule rule = bad[i].rule;
		struct dev_rules rules;

		if (!CHECK(parse(&arena, &rule, 1, &rules) < 0) || !CHECK(err.kind == ERR_USAGE) ||
		    !CHECK(strncmp(err.msg, bad[i].start, strlen(bad[i].start)) == 0))
			return false;
	}
	return true;
}

int main(void)
{
	TEST(no_rules_leave_the_runtimes_own);
	TEST(the_last_rule_that_speaks_decides);
	TEST(all_allowed_but_some);
	TEST(a_rule_for_all_types_keeps_its_numbers);
	TEST(v1_refuses_what_it_would_get_wrong);
	TEST(senseless_rules_are_named);
	return tap_done();
}
