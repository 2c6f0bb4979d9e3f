/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a container: its entry is made, the specification is made from its configuration, a
 * monitor is forked that does the rest, and we wait beside it as whoever is attached.
 */
#include "engine/engine.h"

#include "base/cleanup.h"
#include "base/libexec.h"
#include "engine/attach.h"
#include "engine/image_use.h"
#include "engine/joined.h"
#include "engine/monitor.h"
#include "engine/volumes_from.h"
#include "sys/signals.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

struct run {
	const struct engine *engine;
	const struct engine_run *request;
	struct arena *arena;
	struct entry entry;
	struct root root;
	struct spec_place place;
	struct joined joined;
	struct oci_spec *spec; /* NULL: the monitor makes it */
	struct attach_request attach;
};

static void run_done(struct run *r)
{
	joined_close(&r->joined);
	attach_done(&r->attach);
	entry_done(&r->entry);
}

/* Whether what was asked can be had from where we stand. */
static int check(struct run *run, struct err *err)
{
	const struct config *config = run->request->config;
	const char *keys = run->request->detach_keys;

	if (!run->request->detach && config->tty && config->open_stdin && !isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, ENOTTY,
			       "--tty: standard input is not a terminal; leave out --tty, or "
			       "--interactive");
	return detach_keys_parse(keys ? keys : DETACH_KEYS_DEFAULT, &run->attach.keys, err);
}

/* ------------------------------------------------------------------------------- plan */

static const char *find_init(struct arena *arena)
{
	auto_buf struct buf path = {};

	libexec_path("tare-init", &path);
	return arena_strdup(arena, buf_str(&path));
}

/* Who the users of an image are is known when its layers are put together, so its monitor makes
 * the specification then. */
static int plan(struct run *run, struct err *err)
{
	struct config *config = run->request->config;
	int r = root_find(run->engine, &run->entry, config, run->arena, &run->root, err);

	if (r < 0)
		return r;
	run->place.rootfs = run->root.path;
	run->place.volumes_path = arena_printf(run->arena, "%s/containers/%s/%s",
					       run->engine->root, config->id,
					       ENTRY_VOLUMES_DIR);
	run->place.stage_path = run->root.stage_path;
	run->place.is_view = run->root.kind == ROOT_VIEW;
	run->place.cgroup_path = arena_printf(run->arena, "%s/%s",
					      config->cgroup_parent ? config->cgroup_parent
								    : run->engine->cgroup_parent,
					      config->id);
	run->place.init_path = config->init ? find_init(run->arena) : NULL;
	r = joined_open(run->engine, config, &run->joined, &run->place, run->arena, err);
	if (r < 0 || run->root.kind == ROOT_IMAGE)
		return r;
	r = spec_make(config, &run->place, run->arena, &run->spec, err);
	return r < 0 ? r : spec_make_sources(config, err);
}

/* ------------------------------------------------------------------------------- monitor */

/* Signals are ours to pass on from here, and the monitor inherits that they do not end it. */
static int prepare_attach(struct run *run, struct err *err)
{
	const struct config *config = run->request->config;

	run->attach.has_stdin = config->open_stdin;
	run->attach.has_tty = config->tty;
	run->attach.sig_proxy = run->request->sig_proxy;
	return run->request->detach ? 0 : signals_open(&run->attach.signal_fd, err);
}

static int start_monitor(struct run *run, struct err *err)
{
	const char *group = arena_printf(run->arena, "%s/monitors", run->engine->cgroup_parent);
	struct monitor_request request = {
		.engine = run->engine,
		.entry = &run->entry,
		.config = run->request->config,
		.root = &run->root,
		.place = &run->place,
		.spec = run->spec,
		.arena = run->arena,
		.is_attached = !run->request->detach,
	};
	auto_close int pidfd = -1, its_fd = -1;
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_sys(err, errno, "make a pair of sockets");
	run->attach.sock_fd = fds[0];
	its_fd = fds[1];
	pid = rt_clone_into(&run->engine->rt, group, &pidfd, err);
	if (pid == 0) {
		(void)close(run->attach.sock_fd);
		closep(&run->attach.signal_fd);
		request.sock_fd = take_fd(&its_fd);
		monitor_run(&request);
	}
	return pid < 0 ? pid : 0;
}

/* What the image says counts where a person said nothing. Its layers are held until the entry says
 * that they are used. */
static int create_entry(struct run *run, struct err *err)
{
	struct config *config = run->request->config;
	auto_cleanup(image_use_done) struct image_use use = {};
	int r = joined_choose(run->engine, config, run->arena, err);

	if (r == 0)
		r = volumes_from_choose(run->engine, config, run->arena, err);
	if (r == 0 && config->image)
		r = image_use(run->engine, config, run->arena, &use, err);
	else if (r == 0)
		config->ids_size = 0; /* files of a directory have the host's ids */
	return r < 0 ? r : entry_create(run->engine, config, run->arena, &run->entry, err);
}

static int write_id(const struct run *run, struct err *err)
{
	const char *id = run->request->config->id;

	if (run->request->id_fd <= 0 ||
	    write(run->request->id_fd, id, strlen(id)) == (ssize_t)strlen(id))
		return 0;
	return err_sys(err, errno, "--cidfile: write the id");
}

static int make(struct run *run, struct err *err)
{
	struct config *config = run->request->config;
	struct err ignored;
	int r = create_entry(run, err);

	if (r < 0)
		return r;
	r = write_id(run, err);
	if (r == 0)
		r = plan(run, err);
	if (r == 0)
		r = prepare_attach(run, err);
	if (r == 0)
		r = start_monitor(run, err);
	if (r < 0)
		(void)entry_remove(&run->entry, config, &ignored);
	return r;
}

int engine_run(const struct engine *engine, const struct engine_run *request, struct arena *arena,
	       struct ending *ret, struct err *err)
{
	auto_cleanup(run_done) struct run run = {
		.engine = engine,
		.request = request,
		.arena = arena,
		.entry = ENTRY_NONE,
		.attach = ATTACH_NONE,
	};
	int in_fd = -1, r;

	joined_init(&run.joined);
	r = check(&run, err);

	if (r == 0)
		r = make(&run, err);
	if (r == 0)
		r = attach_wait_started(run.attach.sock_fd, &in_fd, err);
	if (r < 0)
		return r;
	*ret = (struct ending){};
	if (request->detach) {
		closep(&in_fd);
		return 0;
	}
	r = attach_run(&run.attach, in_fd, ret, err);
	return r < 0 ? r : 0;
}
