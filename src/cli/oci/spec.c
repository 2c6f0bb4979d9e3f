/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci spec: a config.json to start from. It never overwrites one.
 */
#include "cli/oci/verb.h"

#include <fcntl.h>

struct spec_args {
	const char *bundle, *file;
	bool rootless;
};

static const struct opt options[] = {
	OPT_STRING(struct spec_args, bundle, "bundle", 'b', "DIR",
		   "where to write it; the working directory by default"),
	OPT_STRING(struct spec_args, file, "file", 'f', "FILE",
		   "what to call it; config.json by default"),
	OPT_FLAG(struct spec_args, rootless, "rootless", 0,
		 "for a user who is not root: with a user namespace, without limits"),
};

static int spec(const struct call *call, struct err *err)
{
	const struct spec_args *args = call->args;
	const char *dir = args->bundle ? args->bundle : ".";
	const char *file = args->file ? args->file : "config.json";
	auto_close int dir_fd = -1, fd = -1;
	auto_buf struct buf text = {};

	dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return err_sys(err, errno, "bundle '%s'", dir);
	fd = openat(dir_fd, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return err_set(err, ERR_CONFLICT, EEXIST, "'%s' exists; remove it first", file);
	if (fd < 0)
		return err_sys(err, errno, "create '%s'", file);
	rt_spec_format(args->rootless, &text);
	return buf_write_fd(&text, fd, file, err);
}

const struct verb verb_spec = {
	.command = {
		.name = "spec",
		.summary = "Write a config.json to start from",
		OPT_ROWS(options),
	},
	.flags = VERB_STATELESS,
	.args_size = sizeof(struct spec_args),
	.run = spec,
};
