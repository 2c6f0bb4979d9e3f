/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare ns: what the kernel shows in /proc/PID/ns, so that a person understands it: of a container,
 * of any process, or of the whole host. Only reads, and needs no rights for what is one's own.
 */
#include "base/num.h"
#include "cli/tare/ns.h"
#include "cli/tare/verb.h"
#include "sys/proc.h"

struct ns_args {
	bool json, net;
};

static const struct opt options[] = {
	OPT_FLAG(struct ns_args, json, "json", 0, "print JSON instead of tables"),
	OPT_FLAG(struct ns_args, net, "net", 0,
		 "show the interfaces, routes and ports of its network namespace"),
};

/* A number of a process that is there, or what names a container. */
static int find_pid(const struct call *call, const struct nsscan *scan, const char *who,
		    pid_t *ret_pid, struct err *err)
{
	auto_close int dir_fd = -1;
	uint32_t number = 0;
	bool is_number = num_parse_u32(who, &number) == 0 && number > 0 && number <= INT32_MAX;
	int r;

	if (is_number && proc_open_pid(scan->proc_fd, (pid_t)number, &dir_fd) == 0) {
		*ret_pid = (pid_t)number;
		return 0;
	}
	r = engine_find_pid(call_engine(call), who, ret_pid, err);
	if (r < 0 && is_number && err->kind != ERR_CONFLICT)
		return err_set(err, ERR_NOT_FOUND, ESRCH, "no process or container '%s'", who);
	return r;
}

static int show_net(const struct call *call, const struct nsscan *scan, pid_t host_pid,
		    struct buf *out, struct err *err)
{
	const struct ns_args *args = call->args;
	struct nsnet view;
	int r = nsnet_make(call_engine(call), scan, host_pid, call->arena, &view, err);

	if (r < 0)
		return r;
	if (args->json)
		ns_net_format_json(&view, out);
	else
		ns_net_format(&view, call->arena, out);
	return 0;
}

static int show_one(const struct call *call, const struct nsscan *scan, const char *who,
		    struct buf *out, struct err *err)
{
	const struct ns_args *args = call->args;
	struct nsview view;
	pid_t host_pid = 0;
	int r = find_pid(call, scan, who, &host_pid, err);

	if (r == 0 && args->net)
		return show_net(call, scan, host_pid, out, err);
	if (r == 0)
		r = nsview_make(scan, host_pid, call->arena, &view, err);
	if (r < 0)
		return r;
	if (args->json)
		ns_view_format_json(&view, out);
	else
		ns_view_format(&view, scan, call->arena, out);
	return 0;
}

static void show_all(const struct call *call, const struct nsscan *scan, struct buf *out)
{
	const struct ns_args *args = call->args;
	struct nstree tree;

	nstree_make(scan, call->arena, &tree);
	if (args->json) {
		nstree_name_all(scan, call->arena, &tree);
		ns_tree_format_json(&tree, out);
	} else {
		ns_tree_format(&tree, scan, call->arena, out);
	}
}

static int ns(const struct call *call, struct err *err)
{
	auto_nsscan struct nsscan scan = { .proc_fd = -1 };
	auto_buf struct buf out = {};
	const struct ns_args *args = call->args;
	int r;

	if (args->net && !call->operands[0])
		return err_set(err, ERR_USAGE, EINVAL, "--net needs a container or a process");
	r = nsscan_run(&scan, call->arena, err);
	if (r == 0 && call->operands[0])
		r = show_one(call, &scan, call->operands[0], &out, err);
	else if (r == 0)
		show_all(call, &scan, &out);
	return r < 0 ? r : print_buf(&out, err);
}

const struct verb verb_ns = {
	.command = {
		.name = "ns",
		.operands = "[CONTAINER|PID]",
		.summary = "Show the namespaces of a container or process, or all",
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct ns_args),
	.run = ns,
};
