/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare container: the verbs of containers by the names that they have in a group, as docker and
 * podman have both.
 */
#include "cli/tare/verb.h"

static const struct subverb subverbs[] = {
	{ "attach", &verb_attach },
	{ "commit", &verb_commit },
	{ "cp", &verb_cp },
	{ "create", &verb_create },
	{ "diff", &verb_diff },
	{ "exec", &verb_exec },
	{ "exists", &verb_container_exists },
	{ "export", &verb_export },
	{ "inspect", &verb_inspect },
	{ "kill", &verb_kill },
	{ "list", &verb_ps },
	{ "logs", &verb_logs },
	{ "ls", &verb_ps },
	{ "pause", &verb_pause },
	{ "port", &verb_port },
	{ "prune", &verb_container_prune },
	{ "ps", &verb_ps },
	{ "rename", &verb_rename },
	{ "restart", &verb_restart },
	{ "rm", &verb_rm },
	{ "run", &verb_run },
	{ "start", &verb_start },
	{ "stats", &verb_stats },
	{ "stop", &verb_stop },
	{ "top", &verb_top },
	{ "unpause", &verb_unpause },
	{ "update", &verb_update },
	{ "wait", &verb_wait },
};

const struct verb verb_container = {
	.command = {
		.name = "container",
		.operands = "COMMAND [ARGUMENT]...",
		.summary = "Commands for containers",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		.words = "attach|commit|cp|create|diff|exec|exists|export|inspect|kill|list|logs|"
			 "ls|pause|port|prune|ps|rename|restart|rm|run|start|stats|stop|top|"
			 "unpause|update|wait",
	},
	.subverbs = subverbs,
	.n_subverbs = sizeof(subverbs) / sizeof(subverbs[0]),
};
