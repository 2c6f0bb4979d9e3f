/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a container: the specification is made from its configuration, a monitor is forked that
 * does the rest, and we wait beside it as whoever is attached. It is the same for one that was just
 * made and for one that ended a year ago; what the one before left half-done is cleaned up first.
 */
#include "engine/launch.h"

#include "base/cleanup.h"
#include "base/libexec.h"
#include "engine/container.h"
#include "engine/joined.h"
#include "engine/monitor.h"
#include "engine/sources.h"
#include "engine/stack.h"
#include "engine/stack_files.h"
#include "sys/signals.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct birth {
	struct launch *launch;
	struct root root;
	struct spec_place place;
	struct joined joined;
	struct monitor_request request;
};

void launch_done(struct launch *launch)
{
	attach_done(&launch->attach);
}

int launch_check(struct launch *launch, const char *detach_keys, struct err *err)
{
	const struct config *config = launch->config;

	if (launch->streams && config->tty && launch->attach.has_stdin && !isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, ENOTTY,
			       "--tty: standard input is not a terminal; leave out --tty, or "
			       "--interactive");
	return detach_keys_parse(detach_keys, &launch->attach.keys, err);
}

/* ------------------------------------------------------------------------------- plan */

static const char *find_init(struct arena *arena)
{
	auto_buf struct buf path = {};

	libexec_path("tare-init", &path);
	return arena_strdup(arena, buf_str(&path));
}

/* Who the users of an image are is known when its layers are put together, and what is mounted
 * below a bind when it is bound: where one of both counts, the monitor makes the specification. */
static int plan(struct birth *b, struct err *err)
{
	const struct launch *launch = b->launch;
	const struct config *config = launch->config;
	struct arena *arena = launch->arena;
	int r = root_find(launch->engine, launch->entry, config, arena, &b->root, err);

	if (r < 0)
		return r;
	b->place.rootfs = b->root.path;
	b->place.volumes_path = arena_printf(arena, "%s/containers/%s/%s", launch->engine->root,
					     config->id, ENTRY_VOLUMES_DIR);
	b->place.stage_path = b->root.stage_path;
	b->place.is_view = b->root.kind == ROOT_VIEW;
	b->place.no_new_privs = launch->engine->no_new_privs;
	b->place.cgroup_path = arena_printf(arena, "%s/%s",
					    config->cgroup_parent ? config->cgroup_parent
								  : launch->engine->cgroup_parent,
					    config->id);
	b->place.init_path = config->init ? find_init(arena) : NULL;
	r = joined_open(launch->engine, config, &b->joined, &b->place, arena, err);
	if (r == 0)
		r = stack_files_find(launch->engine, config, arena, &b->place, err);
	if (r < 0 || b->root.kind == ROOT_IMAGE || b->root.kind == ROOT_MAPPED)
		return r;
	r = spec_make(config, &b->place, arena, &b->request.spec, err);
	return r < 0 ? r : sources_prepare(config, b->request.spec->process, err);
}

/* A monitor that was killed took nothing apart, and its container may go on without it. */
static int clear_former(const struct launch *launch, struct err *err)
{
	struct status *status = NULL;
	int r = entry_read_status(launch->entry, launch->arena, &status, err);

	if (r < 0)
		return r;
	/* One that was killed before it wrote that it runs took its first process with it. */
	if (status->kind == STATUS_CREATED ||
	    !container_outlives_monitor(launch->engine, launch->entry)) {
		r = rt_delete(&launch->engine->rt, launch->entry->id, true, err);
		/* Not before: what is left of its processes has its addresses. */
		if (r == 0)
			stack_clear(launch->engine, launch->entry, NULL);
		return r;
	}
	(void)err_set(err, ERR_CONFLICT, EBUSY, "it runs without its monitor, which was killed");
	return err_hint(err, "stop it first: what it writes is lost as it is");
}

/* ------------------------------------------------------------------------------- monitor */

/* Signals are ours to pass on from here, and the monitor inherits that they do not end it. */
static int prepare_attach(struct launch *launch, struct err *err)
{
	launch->attach.has_tty = launch->config->tty;
	return launch->streams ? signals_open(&launch->attach.signal_fd, err) : 0;
}

static int fork_monitor(struct birth *b, struct err *err)
{
	struct launch *launch = b->launch;
	const char *group = arena_printf(launch->arena, "%s/monitors",
					 launch->engine->cgroup_parent);
	auto_close int pidfd = -1, its_fd = -1;
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_sys(err, errno, "make a pair of sockets");
	launch->attach.sock_fd = fds[0];
	its_fd = fds[1];
	pid = rt_clone_into(&launch->engine->rt, group, &pidfd, err);
	if (pid == 0) {
		(void)close(launch->attach.sock_fd);
		closep(&launch->attach.signal_fd);
		b->request.sock_fd = take_fd(&its_fd);
		monitor_run(&b->request);
	}
	return pid < 0 ? pid : 0;
}

static int give_birth(struct birth *b, struct err *err)
{
	int r = plan(b, err);

	if (r == 0)
		r = prepare_attach(b->launch, err);
	return r < 0 ? r : fork_monitor(b, err);
}

/* Whatever goes wrong is told by who is at fault: a monitor does so itself. */
static int begin(struct birth *b, struct err *err)
{
	const struct launch *launch = b->launch;
	int r = entry_begin(launch->entry, &b->request.lock_fd, err);

	if (r == -EBUSY)
		return r;
	if (r == 0 && !launch->is_new) {
		r = clear_former(launch, err);
		if (r < 0)
			return r;
	}
	if (r == 0)
		r = give_birth(b, err);
	if (r < 0)
		monitor_give_up(&b->request, err);
	return r;
}

int launch_container(struct launch *launch, int *ret_in_fd, struct err *err)
{
	struct birth b = {
		.launch = launch,
		.request = {
			.engine = launch->engine,
			.entry = launch->entry,
			.config = launch->config,
			.root = &b.root,
			.place = &b.place,
			.lock_fd = -1,
			.streams = launch->streams,
			.is_new = launch->is_new,
			.preserve_fds = launch->preserve_fds,
		},
	};
	int r;

	joined_init(&b.joined);
	r = begin(&b, err);
	joined_close(&b.joined);
	closep(&b.request.lock_fd);
	return r < 0 ? r : attach_wait_started(launch->attach.sock_fd, ret_in_fd, NULL, err);
}

int launch_attend(const struct launch *launch, int in_fd, struct ending *ret, struct err *err)
{
	int r;

	*ret = (struct ending){};
	if (!launch->streams) {
		closep(&in_fd);
		return 0;
	}
	r = attach_run(&launch->attach, in_fd, ret, err);
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------------------- again */

/* One that runs is started: so be it, unless somebody wants to be there from the beginning. */
static int runs_already(const struct engine *engine, const struct engine_start *request,
			struct ending *ret, struct err *err)
{
	auto_arena struct arena arena = {};
	struct engine_container container;
	int r = engine_get(engine, request->how.who, &arena, &container, err);

	if (r < 0)
		return r;
	if (container.status->kind == STATUS_PAUSED)
		return err_set(err, ERR_CONFLICT, EBUSY, "the container is paused: unpause it");
	*ret = (struct ending){};
	return request->attach ? engine_attach(engine, &request->how, ret, err) : 0;
}

int engine_start(const struct engine *engine, const struct engine_start *request,
		 struct ending *ret, struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_arena struct arena arena = {};
	struct config *config = NULL;
	auto_cleanup(launch_done) struct launch launch = {
		.engine = engine,
		.entry = &entry,
		.arena = &arena,
		.streams = request->attach ? ATTACH_ALL : 0,
		.attach = ATTACH_NONE,
	};
	int in_fd = -1, r = entry_open(engine, request->how.who, &entry, err);

	if (r == 0)
		r = entry_read_config(&entry, &arena, &config, err);
	if (r < 0)
		return r;
	launch.config = config;
	launch.attach.has_stdin = config->open_stdin && !request->how.no_stdin;
	launch.attach.sig_proxy = request->how.sig_proxy;
	r = launch_check(&launch, request->how.detach_keys, err);
	if (r == 0)
		r = launch_container(&launch, &in_fd, err);
	if (r == -EBUSY && err->kind == ERR_NONE)
		return runs_already(engine, request, ret, err);
	return r < 0 ? r : launch_attend(&launch, in_fd, ret, err);
}
