/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a container and starting it, as one: where the second fails nothing is left of the first.
 */
#include "engine/create.h"
#include "engine/launch.h"

static unsigned streams_of(const struct config *config)
{
	return (config->attach_stdin ? ATTACH_STDIN : 0) |
	       (config->attach_stdout ? ATTACH_STDOUT : 0) |
	       (config->attach_stderr ? ATTACH_STDERR : 0);
}

int engine_run(const struct engine *engine, const struct engine_run *request, struct arena *arena,
	       struct ending *ret, struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_cleanup(launch_done) struct launch launch = {
		.engine = engine,
		.entry = &entry,
		.config = request->config,
		.arena = arena,
		.streams = streams_of(request->config),
		.is_new = true,
		.preserve_fds = request->preserve_fds,
		.attach = ATTACH_NONE,
	};
	int in_fd = -1, r;

	request->config->stdin_once = request->config->attach_stdin;
	launch.attach.has_stdin = request->config->attach_stdin;
	launch.attach.has_stdin_only = launch.streams == ATTACH_STDIN;
	launch.attach.sig_proxy = request->sig_proxy;
	r = launch_check(&launch, request->detach_keys, err);
	if (r == 0)
		r = create_entry(engine, request->config, request->id_fd, arena, &entry, err);
	if (r == 0)
		r = launch_container(&launch, &in_fd, err);
	if (r == -EBUSY && err->kind == ERR_NONE)
		return err_set(err, ERR_CONFLICT, EBUSY, "somebody else started it first");
	return r < 0 ? r : launch_attend(&launch, in_fd, ret, err);
}
