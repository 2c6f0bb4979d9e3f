/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Why a group lacks a controller, and the lines that would bring it. The judgement is made from
 * what is known here alone, so that every machine's can be shown on any other.
 */

#include "rt/cgroup.h"

struct cg_lack {
	const struct cgroup *cg;
	enum cgroup_controller controller;
	int failure;              /* what kept it from being enabled: a negative errno, or 0 */
	const char *kernel_list;  /* /proc/cgroups; "" if it can't be read */
	const char *command_line; /* /proc/cmdline, the same */
	bool has_systemd;
	uid_t uid;
};

/* The error of a limit that `member` asked for, with its hint. -ENOENT, ERR_USAGE. */
int cg_lack_describe(const struct cg_lack *lack, const char *member, struct err *err);
