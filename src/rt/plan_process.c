/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of `process`, one function each, in an order that the kernel dictates: what needs
 * capabilities before they go, the identity, what must be seen with the final identity. While it
 * waits for `start` the process can do no more than its program will. But a filter without
 * no_new_privs needs CAP_SYS_ADMIN, so then the capabilities are dropped after it was loaded; with
 * no_new_privs it comes last, and has to allow only execve.
 */
#include "rt/plan_process.h"

#include "base/log.h"
#include "sys/affinity.h"
#include "sys/caps.h"
#include "sys/ioprio.h"
#include "sys/lsm.h"
#include "sys/personality.h"
#include "sys/proc.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define DEFAULT_PATH  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define DEFAULT_UMASK 0022

/* We open files ourselves until the end. A limit that only goes down needs no right, and waits. */
static bool defer_nofile(struct plan *plan, const struct op_rlimits *limits)
{
	struct rlimit_value now = { .resource = RLIMIT_NOFILE };

	if (rlimit_get(&now) < 0 || limits->v->soft > limits->v->hard ||
	    limits->v->hard > now.hard)
		return false;
	plan->nofile = limits;
	return true;
}

static int add_rlimits(struct plan *plan, const struct oci_process *process, struct err *err)
{
	struct op_rlimits *arg = plan_new(plan, struct op_rlimits);
	struct rlimit_value *values;

	if (!process->rlimits.n)
		return 0;
	values = arena_array(&plan->arena, struct rlimit_value, process->rlimits.n);
	for (size_t i = 0; i < process->rlimits.n; i++) {
		const struct oci_rlimit *limit = &process->rlimits.v[i];
		int r = rlimit_parse(limit->type, limit->soft, limit->hard, &values[i], err);

		if (r < 0)
			return err_wrap(err, "process.rlimits[%zu]", i);
		arg = plan_new(plan, struct op_rlimits);
		*arg = (struct op_rlimits){ .v = &values[i], .n = 1 };
		if (plan->in_userns)
			(void)rlimit_raise(&values[i]); /* or the child fails, and says so */
		if (values[i].resource == RLIMIT_NOFILE && defer_nofile(plan, arg))
			continue;
		plan_add(plan, op_set_rlimits, arg, "process.rlimits[%zu]: set %s to %ju, %ju", i,
			 limit->type, (uintmax_t)limit->soft, (uintmax_t)limit->hard);
	}
	return 0;
}

static int check_oom_score(const struct oci_process *process, struct err *err)
{
	int64_t score = process->oom_score_adj.value;

	if (score < -1000 || score > 1000)
		return err_set(err, ERR_USAGE, EINVAL,
			       "process.oomScoreAdj: %jd is not between -1000 and 1000",
			       (intmax_t)score);
	return 0;
}

/* By the parent: a process that is not dumpable, in a user namespace, may not write its own. */
int plan_process_set_oom_score(const struct oci_process *process, int proc_fd, pid_t host_pid,
			       struct err *err)
{
	char path[48], score[24];
	int r;

	if (!process->oom_score_adj.is_set)
		return 0;
	(void)snprintf(path, sizeof(path), "%d/oom_score_adj", (int)host_pid);
	(void)snprintf(score, sizeof(score), "%jd", (intmax_t)process->oom_score_adj.value);
	r = proc_write(proc_fd, path, score);
	return r < 0 ? err_sys(err, -r, "process.oomScoreAdj: set it to %s", score) : 0;
}

static int add_scheduler(struct plan *plan, const struct oci_process *process, struct err *err)
{
	const struct oci_scheduler *s = process->scheduler;
	struct sched_params *params;
	int r;

	if (!s)
		return 0;
	params = plan_new(plan, struct sched_params);
	r = sched_parse(&(struct sched_request){ .policy = s->policy, .nice = s->nice,
						 .priority = s->priority, .flags = s->flags.v,
						 .n_flags = s->flags.n, .runtime_ns = s->runtime_ns,
						 .deadline_ns = s->deadline_ns,
						 .period_ns = s->period_ns },
			params, err);
	if (r < 0)
		return err_wrap(err, "process.scheduler");
	plan_add(plan, op_set_scheduler, params, "process.scheduler: set %s", s->policy);
	return 0;
}

static int add_io_priority(struct plan *plan, const struct oci_process *process, struct err *err)
{
	const struct oci_io_priority *io = process->io_priority;
	struct op_number *arg;
	int r, value;

	if (!io)
		return 0;
	r = ioprio_parse(io->class_name, io->priority, &value, err);
	if (r < 0)
		return err_wrap(err, "process.ioPriority");
	arg = plan_new(plan, struct op_number);
	arg->value = (unsigned long)value;
	plan_add(plan, op_set_io_priority, arg, "process.ioPriority: set %s %d", io->class_name,
		 io->priority);
	return 0;
}

/* Checked for all, used by exec: the container's first process has the whole cpuset. */
static int add_affinity(struct plan *plan, const char *list, const char *member, bool is_used,
			struct err *err)
{
	struct bitlist *cpus;
	int r;

	if (!list || !*list)
		return 0;
	cpus = plan_new(plan, struct bitlist);
	r = affinity_parse(list, cpus, err);
	if (r < 0)
		return err_wrap(err, "process.execCPUAffinity.%s", member);
	if (is_used)
		plan_add(plan, op_set_affinity, cpus, "process.execCPUAffinity.%s: set it to '%s'",
			 member, list);
	return 0;
}

int plan_process_first_affinity(struct plan *plan, const struct oci_process *process,
				struct err *err)
{
	const struct oci_cpu_affinity *cpus = process->exec_cpu_affinity;

	return cpus ? add_affinity(plan, cpus->initial, "initial", true, err) : 0;
}

static int add_memory_policy(struct plan *plan, const struct oci_linux *linux_, struct err *err)
{
	const struct oci_memory_policy *m = linux_ ? linux_->memory_policy : NULL;
	struct mempolicy *policy;
	int r;

	if (!m)
		return 0;
	policy = plan_new(plan, struct mempolicy);
	r = mempolicy_parse(m->mode, m->nodes, m->flags.v, m->flags.n, policy, err);
	if (r < 0)
		return err_wrap(err, "linux.memoryPolicy");
	plan_add(plan, op_set_memory_policy, policy, "linux.memoryPolicy: set %s", m->mode);
	return 0;
}

static int add_personality(struct plan *plan, const struct oci_linux *linux_, struct err *err)
{
	const struct oci_personality *p = linux_ ? linux_->personality : NULL;
	struct op_number *arg;
	int r;

	if (!p)
		return 0;
	arg = plan_new(plan, struct op_number);
	r = personality_parse(p->domain, p->flags.v, p->flags.n, &arg->value, err);
	if (r < 0)
		return err_wrap(err, "linux.personality");
	plan_add(plan, op_set_personality, arg, "linux.personality: set %s", p->domain);
	return 0;
}

static int add_label(struct plan *plan, const struct plan_process *p, enum lsm lsm,
		     const char *label, struct err *err)
{
	const char *member = lsm == LSM_APPARMOR ? "process.apparmorProfile"
						 : "process.selinuxLabel";
	struct op_label *arg = plan_new(plan, struct op_label);
	int r;

	if (!label || !*label)
		return 0;
	r = lsm_check(p->proc_fd, lsm, label, err);
	if (r < 0)
		return err_wrap(err, "%s", member);
	*arg = (struct op_label){ .lsm = lsm, .label = label };
	plan_add(plan, op_set_label, arg, "%s: set '%s'", member, label);
	return 0;
}

/* ------------------------------------------------------------------------------ capabilities */

/* Whoever makes or joins a user namespace has all of them there. */
static uint64_t caps_to_give(const struct plan_process *p, uint64_t known)
{
	uint64_t held;

	return p->has_user_ns || caps_held(&held) < 0 ? known : known & held;
}

/* The specification wants a capability warned about and left out that the kernel lacks, or that we
 * cannot give because we do without it ourselves. */
static uint64_t caps_mask(const struct oci_strings *names, uint64_t given, const char *set)
{
	uint64_t mask = 0, bit;

	for (size_t i = 0; i < names->n; i++) {
		if (caps_parse_name(names->v[i], given, &bit) == 0)
			mask |= bit;
		else
			log_warn("process.capabilities.%s[%zu]: '%.64s' is not there to be given, "
				 "left out", set, i, names->v[i]);
	}
	return mask;
}

/* The kernel takes as ambient only what is permitted and inheritable too: the rest is no error in
 * other runtimes, whose users rely on that. */
static struct caps parse_caps(const struct oci_capabilities *c, uint64_t given)
{
	struct caps caps;

	if (!c)
		return (struct caps){};
	caps = (struct caps){
		.bounding = caps_mask(&c->bounding, given, "bounding"),
		.effective = caps_mask(&c->effective, given, "effective"),
		.inheritable = caps_mask(&c->inheritable, given, "inheritable"),
		.permitted = caps_mask(&c->permitted, given, "permitted"),
		.ambient = caps_mask(&c->ambient, given, "ambient"),
	};
	if (caps.ambient & ~(caps.permitted & caps.inheritable))
		log_info("process.capabilities.ambient: some are not permitted and inheritable, "
			 "left out");
	caps.ambient &= caps.permitted & caps.inheritable;
	return caps;
}

static void add_identity(struct plan *plan, const struct plan_process *p)
{
	const struct oci_user *user = &p->process->user;
	struct op_identity *id = plan_new(plan, struct op_identity);
	struct op_number *mask = plan_new(plan, struct op_number);
	uint64_t known = caps_known();

	plan->caps = parse_caps(p->process->capabilities, caps_to_give(p, known));
	*id = (struct op_identity){
		.uid = user->uid,
		.gid = user->gid,
		.gids = user->additional_gids.v,
		.n_gids = user->additional_gids.n,
		.bounding = plan->caps.bounding,
		.known = known,
		.may_keep_groups = p->may_keep_groups,
		.needs_admin = p->seccomp && !p->process->no_new_privileges,
	};
	mask->value = user->umask.is_set ? user->umask.value & 0777 : DEFAULT_UMASK;
	plan_add(plan, op_set_identity, id, "process.user: become uid %u, gid %u", id->uid,
		 id->gid);
	plan_add(plan, op_set_umask, mask, "process.user.umask: set it");
}

/* Loading a filter without no_new_privs takes a capability. */
static bool is_filtered_first(const struct plan_process *p)
{
	return p->seccomp && !p->process->no_new_privileges;
}

static void add_caps(struct plan *plan, const struct plan_process *p)
{
	struct op_caps *caps = plan_new(plan, struct op_caps);

	*caps = (struct op_caps){ .caps = plan->caps,
				  .no_new_privs = p->process->no_new_privileges };
	plan_add(plan, op_set_caps, caps, "process.capabilities: set them");
}

/* ------------------------------------------------------------------------------ program */

static const char *find_env(const struct oci_strings *env, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, len) == 0 && env->v[i][len] == '=')
			return env->v[i] + len + 1;
	return NULL;
}

static void add_program(struct plan *plan, const struct oci_process *process)
{
	struct op_program *program = plan_new(plan, struct op_program);
	const char *paths = find_env(&process->env, "PATH");

	*program = (struct op_program){ .name = process->args.v[0],
					.paths = paths ? paths : DEFAULT_PATH };
	plan_add(plan, op_find_program, program, "process.args[0]: exec '%s'", program->name);
}

void plan_process_stdio(struct plan *plan, const int *stdio_fds)
{
	struct op_stdio *stdio = plan_new(plan, struct op_stdio);

	if (!stdio_fds)
		return;
	memcpy(stdio->fds, stdio_fds, sizeof(stdio->fds));
	plan_add(plan, op_set_stdio, stdio, "take standard input, output and error");
}

/* process.env, what the caller adds, and HOME if nobody gave one. */
static char **make_env(struct plan *plan, const struct plan_process *p)
{
	const struct oci_strings *env = &p->process->env;
	size_t n_more = 0, n = 0;
	char **all;

	while (p->more_env && p->more_env[n_more])
		n_more++;
	all = arena_array(&plan->arena, char *, env->n + n_more + 2);
	for (size_t i = 0; i < env->n; i++)
		all[n++] = env->v[i];
	for (size_t i = 0; i < n_more; i++)
		all[n++] = p->more_env[i];
	if (p->home)
		all[n++] = p->home;
	return all;
}

static struct op_cwd *add_cwd(struct plan *plan, const struct plan_process *p)
{
	struct op_cwd *cwd = plan_new(plan, struct op_cwd);

	*cwd = (struct op_cwd){ .path = p->process->cwd, .make = !p->is_exec };
	plan_add(plan, op_set_cwd, cwd, "process.cwd: change to '%s'", cwd->path);
	return cwd;
}

static int add_attributes(struct plan *plan, const struct plan_process *p, struct err *err)
{
	const struct oci_cpu_affinity *cpus = p->process->exec_cpu_affinity;
	int r = check_oom_score(p->process, err);

	if (r == 0)
		r = add_scheduler(plan, p->process, err);
	if (r == 0)
		r = add_io_priority(plan, p->process, err);
	if (r == 0 && cpus)
		r = add_affinity(plan, cpus->initial, "initial", false, err);
	if (r == 0 && cpus)
		r = add_affinity(plan, cpus->final, "final", p->is_exec, err);
	if (r == 0)
		r = add_memory_policy(plan, p->linux_, err);
	if (r == 0)
		r = add_personality(plan, p->linux_, err);
	if (r == 0)
		r = add_rlimits(plan, p->process, err);
	return r;
}

int plan_process_begin(struct plan *plan, const struct plan_process *p, struct err *err)
{
	struct op_number *preserve = plan_new(plan, struct op_number);
	struct op_text *keyring = plan_new(plan, struct op_text);
	struct op_cwd *cwd;
	int r;

	if (p->process->cwd[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL, "process.cwd: '%s' is not absolute",
			       p->process->cwd);
	if (p->keyring) {
		keyring->text = p->keyring;
		plan_add(plan, op_join_keyring, keyring, "join a session keyring of its own");
	}
	r = add_attributes(plan, p, err);
	if (r < 0)
		return r;
	plan_add(plan, op_reset_signals, NULL, "reset the signals");
	cwd = add_cwd(plan, p);
	add_identity(plan, p);
	plan_add(plan, op_check_cwd, cwd, "process.cwd: change to '%s'", cwd->path);
	add_program(plan, p->process);
	r = add_label(plan, p, LSM_APPARMOR, p->process->apparmor_profile, err);
	if (r == 0)
		r = add_label(plan, p, LSM_SELINUX, p->process->selinux_label, err);
	preserve->value = p->preserve_fds;
	plan_add(plan, op_close_fds, preserve, "keep %u descriptors", p->preserve_fds);
	if (!is_filtered_first(p))
		add_caps(plan, p);
	return r;
}

static void add_seccomp(struct plan *plan, const struct seccomp_program *program)
{
	struct op_seccomp *arg = plan_new(plan, struct op_seccomp);

	*arg = (struct op_seccomp){ .insns = program->insns,
				    .n = program->n,
				    .flags = program->flags,
				    .has_listener = program->has_listener };
	plan_add(plan, op_load_seccomp, arg, "linux.seccomp: load the filter");
}

void plan_process_end(struct plan *plan, const struct plan_process *p)
{
	struct op_exec *exec = plan_new(plan, struct op_exec);

	if (plan->nofile)
		plan_add(plan, op_set_rlimits, plan->nofile,
			 "process.rlimits: set RLIMIT_NOFILE to %ju, %ju",
			 (uintmax_t)plan->nofile->v->soft, (uintmax_t)plan->nofile->v->hard);
	if (p->seccomp)
		add_seccomp(plan, p->seccomp);
	if (is_filtered_first(p))
		add_caps(plan, p);
	*exec = (struct op_exec){ .args = p->process->args.v, .env = make_env(plan, p) };
	plan_add(plan, op_exec_program, exec, "process.args[0]: exec '%s'", p->process->args.v[0]);
}
