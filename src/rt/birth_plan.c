/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a birth, from the child's side: namespaces, what belongs to them, the root
 * filesystem, the process. Every line here is one step that the child takes; its parts are in
 * rt/plan_*.c.
 *
 * Which namespaces clone3 itself can give: new ones, all but time (whose offsets must be written
 * before anyone is in) and, on v1, cgroup (which must be unshared after the cgroups were joined).
 * With a user namespace, what is joined is joined by a process in between, which then clones the
 * child: what belongs to the host could not be joined from inside, and what is new must be owned by
 * the user namespace.
 */
#include "rt/birth_plan.h"

#include "base/cleanup.h"
#include "rt/furnish.h"
#include "rt/home.h"
#include "rt/join.h"
#include "rt/notify.h"
#include "rt/plan_process.h"
#include "rt/sync.h"
#include "sys/lsm.h"
#include "sys/selfexe.h"
#include "sys/sock.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <linux/sched.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static uint64_t new_namespaces(const struct oci_spec *spec)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < spec->linux_->namespaces.n; i++)
		if (!spec->linux_->namespaces.v[i].path)
			flags |= ns_types[spec->linux_->namespaces.v[i].kind].clone_flag;
	return flags;
}

static bool is_joined(const struct oci_spec *spec, enum ns_kind kind)
{
	const struct oci_namespace *ns = oci_spec_find_ns(spec, kind);

	return ns && ns->path;
}

/* ------------------------------------------------------------------------------ namespaces */

static int open_namespace(struct birth *b, size_t i, int *ret_fd, struct err *err)
{
	const struct oci_namespace *ns = &b->spec->linux_->namespaces.v[i];
	int fd = open(ns->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "linux.namespaces[%zu].path: open '%s'", i, ns->path);
	*ret_fd = plan_own_fd(&b->plan, fd);
	if (!ns_is_kind(fd, (enum ns_kind)ns->kind))
		return err_set(err, ERR_USAGE, EINVAL,
			       "linux.namespaces[%zu].path: '%s' is no %s namespace", i, ns->path,
			       ns_types[ns->kind].oci_name);
	return 0;
}

/* A pid namespace is for the children of who joins it. The process in between joins its own: born
 * inside it would tell us the child's pid as it is there. */
static bool is_joined_here(const struct birth *b, const struct oci_namespace *ns)
{
	return ns->kind == NS_PID && !b->plan.in_userns;
}

/* Our own pid can't change: we join for our children, and go back later. */
static int join_pid_namespace(struct birth *b, int pidns_fd, struct err *err)
{
	b->parent_pidns_fd = openat(b->c.proc_fd, "self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (b->parent_pidns_fd < 0)
		return err_sys(err, errno, "open our own pid namespace");
	if (setns(pidns_fd, CLONE_NEWPID) < 0)
		return err_sys(err, errno, "linux.namespaces: join the pid namespace");
	return 0;
}

static int add_joins(struct birth *b, struct err *err)
{
	struct op_join *join = plan_new(&b->plan, struct op_join);
	bool any = false;
	int r;

	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		join->fds[kind] = -1;
	for (size_t i = 0; i < b->spec->linux_->namespaces.n; i++) {
		const struct oci_namespace *ns = &b->spec->linux_->namespaces.v[i];
		int fd = -1;

		if (!ns->path)
			continue;
		r = open_namespace(b, i, &fd, err);
		if (r == 0 && is_joined_here(b, ns))
			r = join_pid_namespace(b, fd, err);
		if (r < 0)
			return r;
		if (is_joined_here(b, ns))
			continue;
		join->fds[ns->kind] = fd;
		any = true;
	}
	if (any && b->plan.in_userns)
		b->join_first = join;
	else if (any)
		plan_add(&b->plan, op_join_namespaces, join, "linux.namespaces: join");
	return 0;
}

static void add_unshare(struct plan *plan, uint64_t flags, const char *what)
{
	struct op_flags *arg = plan_new(plan, struct op_flags);

	arg->flags = flags;
	if (flags)
		plan_add(plan, op_unshare, arg, "linux.namespaces: make %s", what);
}

static const char *time_offsets_text(struct plan *plan, const struct oci_time_offsets *offsets)
{
	const char *text = "";

	if (!offsets)
		return NULL;
	if (offsets->monotonic)
		text = arena_printf(&plan->arena, "monotonic %jd %u\n",
				    (intmax_t)offsets->monotonic->secs,
				    offsets->monotonic->nanosecs);
	if (offsets->boottime)
		text = arena_printf(&plan->arena, "%sboottime %jd %u\n", text,
				    (intmax_t)offsets->boottime->secs,
				    offsets->boottime->nanosecs);
	return *text ? text : NULL;
}

/* Wait for the parent; join what it made of cgroups, and only then take the cgroup namespace, which
 * shows as its root where we are. */
static void add_enter(struct birth *b)
{
	if (b->enter)
		return;
	b->enter = plan_new(&b->plan, struct op_wait);
	plan_add(&b->plan, op_sync_enter, b->enter, "wait for the namespaces to be furnished");
	if (b->wants_cgroup)
		plan_add(&b->plan, op_enter_cgroups, NULL, "join the cgroup '%s'",
			 b->record.cgroup_path);
	add_unshare(&b->plan, b->late_flags & CLONE_NEWCGROUP, "a new cgroup namespace");
}

/*
 * clone3 gives what it can. A network namespace takes the kernel as long as all others together:
 * the child makes it itself, while the parent makes cgroups, unless somebody is to furnish it.
 */
static void choose_flags(struct birth *b)
{
	uint64_t flags = new_namespaces(b->spec), late = flags & CLONE_NEWTIME;

	if (!b->c.has_cgroup)
		late |= flags & CLONE_NEWCGROUP;
	if (!b->plan.in_userns && !b->spec->linux_->net_devices.n && !b->create->on_network)
		late |= flags & CLONE_NEWNET;
	b->clone_flags = flags & ~late;
	b->late_flags = late;
}

static int add_namespaces(struct birth *b, struct err *err)
{
	struct op_time *time = plan_new(&b->plan, struct op_time);
	struct op_ids *ids = plan_new(&b->plan, struct op_ids);
	int r;

	choose_flags(b);
	r = add_joins(b, err);
	if (r < 0)
		return r;
	if (b->plan.in_userns) {
		add_enter(b);
		*ids = join_ids(b->spec);
		plan_add(&b->plan, op_settle, ids, "become uid %u of the user namespace", ids->uid);
	}
	add_unshare(&b->plan, b->late_flags & ~(uint64_t)(CLONE_NEWTIME | CLONE_NEWCGROUP),
		    "new ones");
	if (b->spec->linux_->net_devices.n)
		add_enter(b);
	if (b->late_flags & CLONE_NEWTIME) {
		time->offsets = time_offsets_text(&b->plan, b->spec->linux_->time_offsets);
		plan_add(&b->plan, op_enter_time_namespace, time,
			 "linux.timeOffsets: enter a new time namespace");
	}
	return 0;
}

/* ------------------------------------------------------------------------------ furnishing */

static void add_text(struct plan *plan, op_fn *run, const char *text, const char *what)
{
	struct op_text *arg = plan_new(plan, struct op_text);

	arg->text = text;
	plan_add(plan, run, arg, "%s: set '%s'", what, text);
}

static void add_sysctls(struct plan *plan, const struct oci_linux *linux_)
{
	for (size_t i = 0; i < linux_->sysctl.n; i++) {
		struct op_sysctl *arg = plan_new(plan, struct op_sysctl);
		char *path = arena_printf(&plan->arena, "sys/%s", linux_->sysctl.v[i].key);

		/* "net.ipv4.conf.a/b" is net/ipv4/conf/a.b; with slashes first it is a
		 * path as is. */
		if (!strchr(path + 4, '/') || strchr(path + 4, '.') < strchr(path + 4, '/'))
			for (char *p = path + 4; *p && strchr(path + 4, '.'); p++)
				*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
		*arg = (struct op_sysctl){ .path = path, .value = linux_->sysctl.v[i].value };
		plan_add(plan, op_set_sysctl, arg, "linux.sysctl: set '%s' to '%s'",
			 linux_->sysctl.v[i].key, arg->value);
	}
}

static void add_names(struct birth *b)
{
	const struct oci_namespace *net = oci_spec_find_ns(b->spec, NS_NET);

	if (b->spec->hostname && *b->spec->hostname)
		add_text(&b->plan, op_set_hostname, b->spec->hostname, "hostname");
	if (b->spec->domainname && *b->spec->domainname)
		add_text(&b->plan, op_set_domainname, b->spec->domainname, "domainname");
	if (net && !net->path)
		plan_add(&b->plan, op_loopback_up, NULL, "bring up the loopback interface");
}

/* ------------------------------------------------------------------------------ executable */

/* Inside a user namespace that does not map its owner, nobody can write our executable. */
static bool is_executable_exposed(const struct oci_spec *spec)
{
	const struct oci_id_mappings *maps = &spec->linux_->uid_mappings;
	struct stat st;

	if (!oci_spec_find_ns(spec, NS_USER) || is_joined(spec, NS_USER) ||
	    stat("/proc/self/exe", &st) < 0)
		return true;
	for (size_t i = 0; i < maps->n; i++)
		if (st.st_uid - maps->v[i].host_id < maps->v[i].size)
			return true;
	return st.st_mode & (S_IWGRP | S_IWOTH);
}

static int add_executable(struct birth *b, struct err *err)
{
	struct op_executable *arg = plan_new(&b->plan, struct op_executable);
	char path[PATH_MAX];
	int r;

	if (!selfexe_is_supported() || !is_executable_exposed(b->spec))
		return 0;
	/* Who is in that namespace sees the child from the first moment. */
	if (is_joined(b->spec, NS_PID))
		return join_hide_executable(err);
	*arg = (struct op_executable){ .exe_fd = -1 };
	arg->exe_fd = selfexe_open(NULL);
	if (arg->exe_fd >= 0) {
		plan_own_fd(&b->plan, arg->exe_fd);
	} else if (arg->exe_fd != -EPERM) {
		return err_sys(err, -arg->exe_fd, "open our own executable");
	} else {
		r = selfexe_path(path, sizeof(path));
		if (r < 0)
			return err_sys(err, -r, "find our own executable");
		arg->path = arena_strdup(&b->plan.arena, path);
	}
	plan_add(&b->plan, op_seal_executable, arg, "take our own executable out of reach");
	return 0;
}

/* ------------------------------------------------------------------------------ all of it */

/* The child goes as far as it gets without the parent: to a mount that the parent has to map, or to
 * the cgroups. */
static bool waits_for_parent(const struct oci_mount *mount)
{
	if (mount->uid_mappings.n || (mount->type && strcmp(mount->type, "cgroup") == 0))
		return true;
	for (size_t i = 0; i < mount->options.n; i++)
		if (strcmp(mount->options.v[i], "idmap") == 0 ||
		    strcmp(mount->options.v[i], "ridmap") == 0)
			return true;
	return false;
}

static int add_mounts(struct birth *b, struct err *err)
{
	for (size_t i = 0; i < b->spec->mounts.n; i++) {
		const struct oci_mount *mount = &b->spec->mounts.v[i];
		char member[32];
		int r;

		if (waits_for_parent(mount))
			add_enter(b);
		(void)snprintf(member, sizeof(member), "mounts[%zu]", i);
		r = plan_mount(&b->plan, mount, member, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Whoever started us as a service wants to hear from the container that it is ready. */
static int add_notify_mount(struct birth *b, struct err *err)
{
	struct oci_mount mount;
	int r;

	if (!notify_host_socket() || !b->plan.has_mount_ns)
		return 0;
	r = notify_make_dir(b->c.dir.dir_fd, err);
	if (r < 0)
		return r;
	mount = notify_mount(arena_printf(&b->plan.arena, "%s/%s", b->c.rt->root, b->create->id),
			     &b->plan.arena);
	return plan_mount(&b->plan, &mount, "NOTIFY_SOCKET", err);
}

static int check_mount_label(struct birth *b, struct err *err)
{
	const char *label = b->spec->linux_->mount_label;
	int r;

	if (!label || !*label)
		return 0;
	r = lsm_check(b->c.proc_fd, LSM_SELINUX, label, err);
	if (r < 0)
		return err_wrap(err, "linux.mountLabel");
	b->plan.mount_label = label;
	return 0;
}

static int add_filesystem(struct birth *b, struct err *err)
{
	const struct oci_hooks *h = b->spec->hooks;
	int r = plan_root(&b->plan, b->spec, b->record.rootfs, err);

	if (r == 0)
		r = check_mount_label(b, err);
	if (r == 0)
		r = add_mounts(b, err);
	if (r == 0)
		r = add_notify_mount(b, err);
	if (r < 0)
		return r;
	if (furnish_network_is_first(b))
		add_enter(b);
	add_sysctls(&b->plan, b->spec->linux_);
	plan_devices(&b->plan, b->spec);
	plan_masks(&b->plan, b->spec);
	add_enter(b);
	if (h && (h->prestart.n || h->create_runtime.n || h->create_container.n))
		plan_add(&b->plan, op_sync_mounted, NULL, "wait for the hooks");
	plan_root_end(&b->plan, b->spec);
	return 0;
}

static int add_filter(struct birth *b, struct plan_process *p, struct err *err)
{
	const struct oci_seccomp *profile = b->spec->linux_->seccomp;
	auto_close int cache_fd = -1;

	if (!profile && !b->create->filter)
		return 0;
	p->seccomp = &b->filter;
	if (b->create->filter) {
		b->filter = seccomp_given(b->create->filter);
		return 0;
	}
	cache_fd = record_open_seccomp_cache(&b->c.dir);
	return seccomp_compile_cached(profile, cache_fd, &b->plan.arena, &b->filter, err);
}

/* Engines mount an /etc/passwd of their own over the image's. */
static const char *mounted_passwd(const struct birth *b, struct arena *arena)
{
	for (size_t i = b->spec->mounts.n; i-- > 0;) {
		const struct oci_mount *mount = &b->spec->mounts.v[i];

		if (strcmp(mount->destination, "/etc/passwd") != 0 || !mount->source)
			continue;
		return mount->source[0] == '/' ? mount->source
					       : arena_printf(arena, "%s/%s", b->record.bundle,
							      mount->source);
	}
	return NULL;
}

static int add_environment(struct birth *b, struct plan_process *p, struct err *err)
{
	auto_close int root_fd = open(b->record.rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct home home = { .root_fd = root_fd, .proc_fd = b->c.proc_fd,
				   .passwd = mounted_passwd(b, &b->plan.arena) };
	char **env = arena_array(&b->plan.arena, char *, 4);
	int listen = b->create->listen_fds ? notify_listen_fds(err) : 0;
	size_t n = 0;

	if (listen < 0)
		return listen;
	if (listen)
		for (char **listed = notify_listen_env(listen, &b->plan.arena); *listed; listed++)
			env[n++] = *listed;
	if (notify_host_socket() && b->plan.has_mount_ns)
		env[n++] = arena_strdup(&b->plan.arena, NOTIFY_ENV);
	p->more_env = env;
	p->preserve_fds = b->create->preserve_fds + (unsigned)listen;
	p->home = home_env(&home, p->process, &b->plan.arena);
	p->has_user_ns = oci_spec_find_ns(b->spec, NS_USER) != NULL;
	p->may_keep_groups = join_keeps_groups(b->spec);
	return 0;
}

static int add_process(struct birth *b, bool waits_on_socket, struct err *err)
{
	struct plan_process p = {
		.process = b->spec->process,
		.linux_ = b->spec->linux_,
		.proc_fd = b->c.proc_fd,
	};
	int r = 0;

	r = add_environment(b, &p, err);
	if (r < 0)
		return r;
	plan_process_stdio(&b->plan, b->create->stdio_fds);
	if (!b->create->no_new_keyring)
		p.keyring = arena_printf(&b->plan.arena, "_ses.%s", b->create->id);
	r = add_filter(b, &p, err);
	if (r == 0)
		r = plan_process_begin(&b->plan, &p, err);
	if (r == 0 && waits_on_socket)
		r = sock_listen_at(b->c.dir.dir_fd, RECORD_START_SOCKET, SOCK_SEQPACKET,
				   &b->child.listen_fd, err);
	if (r < 0)
		return r;
	plan_add(&b->plan, op_sync_ready, NULL, "report that all is ready");
	plan_add(&b->plan, op_sync_start, NULL, "wait for the start");
	plan_process_end(&b->plan, &p);
	return 0;
}

/* Which namespaces are the host's, so that a user namespace of the container does not own them. One
 * that is joined along with the user namespace is taken to be owned by that. */
static unsigned host_views(const struct oci_spec *spec)
{
	unsigned kinds = 0;

	if (!oci_spec_find_ns(spec, NS_USER))
		return 0;
	for (int kind = 0; kind < NS_KIND_MAX_; kind++) {
		const struct oci_namespace *ns = oci_spec_find_ns(spec, (enum ns_kind)kind);

		if (!ns || (ns->path && !is_joined(spec, NS_USER)))
			kinds |= 1u << kind;
	}
	return kinds;
}

int birth_plan(struct birth *b, bool waits_on_socket, struct err *err)
{
	struct op_number *mask = plan_new(&b->plan, struct op_number);
	int r;

	b->plan.bundle = b->record.bundle;
	b->plan.no_pivot = b->create->no_pivot;
	b->plan.in_userns = oci_spec_find_ns(b->spec, NS_USER) != NULL;
	b->plan.host_views = host_views(b->spec);
	b->plan.has_mount_ns = oci_spec_find_ns(b->spec, NS_MOUNT) != NULL;
	b->plan.cg = b->wants_cgroup ? &b->c.cg : NULL;
	b->plan.is_privileged = true; /* until the kernel says otherwise: plan_root */
	plan_add(&b->plan, op_set_umask, mask, "clear the umask");
	plan_add(&b->plan, op_new_session, NULL, "start a session");
	r = add_namespaces(b, err);
	if (r == 0)
		r = add_executable(b, err);
	if (r < 0)
		return r;
	add_names(b);
	r = add_filesystem(b, err);
	if (r == 0)
		r = add_process(b, waits_on_socket, err);
	if (r == 0)
		b->enter->needed = furnish_is_needed(b);
	return r;
}
