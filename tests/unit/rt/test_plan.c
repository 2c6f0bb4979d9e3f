/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/plan.h"

#include "tap.h"

#include <fcntl.h>

static int op_nothing(struct child *child, const struct op *op)
{
	(void)child;
	(void)op;
	return 0;
}

static bool operations_keep_their_order_while_it_grows(void)
{
	auto_plan struct plan plan;
	static int args[1000];
	char want[32];

	plan_init(&plan);
	for (int i = 0; i < 1000; i++)
		plan_add(&plan, op_nothing, &args[i], "operation %d", i);
	if (!CHECK(plan.n == 1000))
		return false;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(want, sizeof(want), "operation %d", i);
		if (!CHECK_STR(plan.ops[i].what, want) || !CHECK(plan.ops[i].arg == &args[i]) ||
		    !CHECK(plan.ops[i].run == op_nothing))
			return false;
	}
	return true;
}

static bool descriptions_are_copied_where_they_are_made(void)
{
	auto_plan struct plan plan;
	char name[8] = "data", longest[1000];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	plan_init(&plan);
	plan_add(&plan, op_nothing, NULL, "mount '%s'", name);
	plan_add(&plan, op_nothing, NULL, "100%%");
	plan_add(&plan, op_nothing, NULL, "plain");
	plan_add(&plan, op_nothing, NULL, "%s", longest);
	strcpy(name, "other");
	return CHECK_STR(plan.ops[0].what, "mount 'data'") && CHECK_STR(plan.ops[1].what, "100%") &&
	       CHECK_STR(plan.ops[2].what, "plain") && CHECK(strlen(plan.ops[3].what) > 100) &&
	       CHECK(strncmp(plan.ops[3].what, longest, strlen(plan.ops[3].what)) == 0);
}

static bool a_plan_closes_what_it_owns(void)
{
	struct plan plan;
	int fds[300];

	plan_init(&plan);
	for (int i = 0; i < 300; i++) {
		fds[i] = fcntl(0, F_DUPFD_CLOEXEC, 3);
		if (!CHECK(plan_own_fd(&plan, fds[i]) == fds[i]))
			return false;
	}
	for (int i = 0; i < 300; i++)
		if (!CHECK(fcntl(fds[i], F_GETFD) == FD_CLOEXEC))
			return false;
	plan_done(&plan);
	for (int i = 0; i < 300; i++)
		if (!CHECK(fcntl(fds[i], F_GETFD) < 0))
			return false;
	plan_done(&plan);
	return CHECK(plan.n == 0) && CHECK(plan.n_fds == 0);
}

static bool arguments_are_zeroed_and_stay(void)
{
	auto_plan struct plan plan;
	struct { char bytes[512]; } *first, *last = NULL;

	plan_init(&plan);
	first = arena_alloc(&plan.arena, sizeof(*first));
	memset(first, 7, sizeof(*first));
	for (int i = 0; i < 500; i++) {
		last = arena_alloc(&plan.arena, sizeof(*last));
		plan_add(&plan, op_nothing, last, "%d", i);
	}
	return CHECK(first->bytes[511] == 7) && CHECK(last->bytes[0] == 0) &&
	       CHECK(plan.ops[499].arg == last);
}

static const struct op_mount *planned(struct plan *plan, const char *type, const char *option)
{
	char *options[] = { (char *)(uintptr_t)option };
	const struct oci_mount mount = {
		.destination = (char *)(uintptr_t)"/mnt",
		.type = (char *)(uintptr_t)type,
		.options = { .v = options, .n = 1 },
	};
	struct err err = {};

	return plan_mount(plan, &mount, "mounts[0]", &err) < 0 ? NULL : plan->ops[plan->n - 1].arg;
}

static bool a_mount_label_goes_to_filesystems_that_take_one(void)
{
	static const char label[] = "system_u:object_r:container_file_t:s0:c1,c2";
	auto_plan struct plan plan;
	const struct op_mount *tmpfs, *proc, *overlay;
	char longest[300] = "lowerdir=";

	while (strlen(longest) < 290)
		strcat(longest, "/");
	plan_init(&plan);
	plan.mount_label = label;
	tmpfs = planned(&plan, "tmpfs", "size=1m");
	proc = planned(&plan, "proc", "nosuid");
	overlay = planned(&plan, "overlay", longest);
	return CHECK(tmpfs && proc && overlay) && CHECK(tmpfs->fs.n_params == 2) &&
	       CHECK_STR(tmpfs->fs.params[1].key, "context") &&
	       CHECK_STR(tmpfs->fs.params[1].value, label) && CHECK(proc->fs.n_params == 0) &&
	       CHECK(overlay->data && strstr(overlay->data, "/,context=\"system_u:object_r:"
							    "container_file_t:s0:c1,c2\""));
}

int main(void)
{
	TEST(operations_keep_their_order_while_it_grows);
	TEST(descriptions_are_copied_where_they_are_made);
	TEST(a_plan_closes_what_it_owns);
	TEST(arguments_are_zeroed_and_stay);
	TEST(a_mount_label_goes_to_filesystems_that_take_one);
	return tap_done();
}
