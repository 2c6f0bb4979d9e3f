/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci: the OCI runtime command line. What its options before the verb mean, and what can be
 * done about a failure. Exit status 1 is ours; run and exec return the container's.
 *
 * Callers write for runc or for crun; where the two differ, both spellings are taken.
 */
#include "base/log.h"
#include "cli/oci/verb.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SPEC_VERSION "1.3.0"
#define FEATURES     "+SYSTEMD +SELINUX +APPARMOR +CAP +SECCOMP +EBPF"

enum { ROOTLESS_TRUE = 1, ROOTLESS_FALSE, ROOTLESS_AUTO };
enum { LEVEL_ERROR = 1, LEVEL_WARNING, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

struct globals {
	const char *root, *log;
	int log_format, log_level, cgroup_manager, rootless;
	bool debug, systemd_cgroup, version;
};

static const struct opt global_options[] = {
	OPT_STRING(struct globals, root, "root", 0, "DIR",
		   "where containers are kept; below /run or $XDG_RUNTIME_DIR by default"),
	OPT_STRING(struct globals, log, "log", 0, "FILE",
		   "append messages to FILE; errors go to standard error as well"),
	OPT_CHOICE(struct globals, log_format, "log-format", 0, "text|json",
		   "shape of the messages"),
	OPT_CHOICE(struct globals, log_level, "log-level", 0, "error|warning|warn|info|debug",
		   "least severity that is logged; warning by default"),
	OPT_FLAG(struct globals, debug, "debug", 0, "the same as --log-level debug"),
	OPT_CHOICE(struct globals, cgroup_manager, "cgroup-manager", 0, "cgroupfs|systemd|disabled",
		   "who makes the control groups; cgroupfs by default"),
	OPT_FLAG(struct globals, systemd_cgroup, "systemd-cgroup", 0,
		 "the same as --cgroup-manager systemd"),
	OPT_MAYBE(struct globals, rootless, "rootless", "true|false|auto",
		  "leave out the limits that we have no right to set; auto by default"),
	OPT_FLAG(struct globals, version, "version", 'v', "print the version and what is built in"),
	OPT_REFUSED("criu", "checkpoint and restore are not supported"),
};

static const struct opt_command global_command = {
	.name = PROGRAM,
	.summary = "Run containers as the OCI runtime specification describes them",
	.operands = "COMMAND",
	.max_operands = OPT_OPERANDS_ANY,
	.in_order = true,
	OPT_ROWS(global_options),
};

static int print_version(struct err *err)
{
	static const char text[] = PROGRAM " version " TARE_VERSION "\n"
					   "spec: " SPEC_VERSION "\n" FEATURES "\n";
	auto_buf struct buf out = {};

	buf_add(&out, text, sizeof(text) - 1);
	return print_buf(&out, err);
}

static int apply_log_options(const struct globals *globals, struct err *err)
{
	static const unsigned char levels[] = {
		[LEVEL_ERROR] = LOG_LEVEL_ERROR,  [LEVEL_WARNING] = LOG_LEVEL_WARNING,
		[LEVEL_WARN] = LOG_LEVEL_WARNING, [LEVEL_INFO] = LOG_LEVEL_INFO,
		[LEVEL_DEBUG] = LOG_LEVEL_DEBUG,
	};

	if (globals->log_format)
		log_set_format(globals->log_format == 2 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
	if (globals->debug)
		log_set_level(LOG_LEVEL_DEBUG);
	else if (globals->log_level)
		log_set_level(levels[globals->log_level]);
	return globals->log && globals->log[0] ? log_open(globals->log, err) : 0;
}

/* Whether our ids are mapped: root of a user namespace lacks rights that root has. */
static bool in_user_namespace(void)
{
	static const char all_ids[] = " 0 0 4294967295";
	auto_close int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	char map[64], *out = map;
	ssize_t n = fd < 0 ? -1 : read(fd, map, sizeof(map) - 1);

	if (n <= 0)
		return false;
	map[n] = '\0';
	for (char *in = map; *in; in++)
		if (*in != '\n' && !(*in == ' ' && in[1] == ' '))
			*out++ = *in;
	*out = '\0';
	return strcmp(map, all_ids) != 0;
}

static bool is_rootless(const struct globals *globals)
{
	if (globals->rootless == ROOTLESS_TRUE || globals->rootless == ROOTLESS_FALSE)
		return globals->rootless == ROOTLESS_TRUE;
	return geteuid() != 0 || in_user_namespace();
}

static int prepare(struct call *call, struct err *err)
{
	const struct globals *globals = call->globals;
	struct rt *rt = arena_new(call->arena, struct rt);
	auto_buf struct buf root = {};
	int r;

	call->state = rt;
	rt->rootless = is_rootless(globals);
	if (globals->systemd_cgroup && globals->cgroup_manager > 0 &&
	    globals->cgroup_manager - 1 != RT_SYSTEMD)
		return err_set(err, ERR_USAGE, EINVAL,
			       "--systemd-cgroup contradicts --cgroup-manager");
	if (globals->systemd_cgroup)
		rt->cgroup_manager = RT_SYSTEMD;
	else if (globals->cgroup_manager)
		rt->cgroup_manager = (enum rt_cgroup_manager)(globals->cgroup_manager - 1);
	rt->root = globals->root;
	if (globals->root && globals->root[0])
		return 0;
	r = rt_default_root(&root, err);
	if (r < 0)
		return r;
	rt->root = arena_strdup(call->arena, buf_str(&root));
	return 0;
}

/* ------------------------------------------------------------------------------- errors */

static void hint(const struct call *call, const struct err *err)
{
	const struct verb *verb = call->verb;
	bool named = call_names_container(call);

	if (err->kind == ERR_NOT_FOUND && named && !(verb->flags & VERB_MAKES))
		log_hint("'" PROGRAM " --root %s list' shows the containers there are",
			 call_rt(call)->root);
	else if (err->kind == ERR_CONFLICT && named && strcmp(verb->command.name, "delete") == 0)
		log_hint("'" PROGRAM " delete --force %s' kills it first", call->operands[0]);
	else if (err->kind == ERR_CONFLICT && named && !(verb->flags & VERB_MAKES))
		log_hint("'" PROGRAM " state %s' shows what it is doing", call->operands[0]);
	else if (err->kind == ERR_CONFLICT && err->no == EEXIST && named)
		log_hint("'" PROGRAM " delete %s' frees the name", call->operands[0]);
	else if ((err->no == EPERM || err->no == EACCES) && geteuid() != 0 &&
		 err->kind == ERR_SYSTEM)
		log_hint("without root, a container needs a user namespace of its own");
}

static int status(const struct call *call, const struct err *err)
{
	(void)call;
	(void)err;
	return EXIT_FAILURE;
}

/* ------------------------------------------------------------------------------- main */

static int begin(const struct call *call, struct err *err)
{
	const struct globals *globals = call->globals;
	int r = apply_log_options(globals, err);

	if (r < 0 || !globals->version)
		return r;
	r = print_version(err);
	return r < 0 ? r : 1;
}

static const struct verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/oci/verbs.def"
#undef VERB
};

static const struct program tare_oci = {
	.global = &global_command,
	.globals_size = sizeof(struct globals),
	.verbs = verbs,
	.n_verbs = sizeof(verbs) / sizeof(verbs[0]),
	.lister = "list -q",
	.usage_status = EXIT_FAILURE,
	.begin = begin,
	.prepare = prepare,
	.status = status,
	.hint = hint,
};

int main(int argc, char **argv)
{
	return program_main(&tare_oci, argc, argv);
}
