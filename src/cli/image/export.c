/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export: all files of a container, as an archive. What is mounted in it is not its own.
 */
#include "cli/words/commit.h"

#include "base/io.h"
#include "base/log.h"
#include "cli/image/verb.h"
#include "engine/peek.h"
#include "layer/pack.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct exporter {
	int fd;
	const char *path;
};

static int write_out(void *context, const void *bytes, size_t n, struct err *err)
{
	const struct exporter *exporter = context;
	int r = io_write(exporter->fd, bytes, n);

	return r < 0 ? err_sys(err, -r, "write '%s'", exporter->path) : 0;
}

static int open_output(const struct export_args *args, struct exporter *ret, struct err *err)
{
	const char *path = args->output && strcmp(args->output, "-") != 0 ? args->output : NULL;

	*ret = (struct exporter){ STDOUT_FILENO, "standard output" };
	if (!path && isatty(STDOUT_FILENO))
		return err_set(err, ERR_USAGE, EINVAL,
			       "standard output is a terminal: name a file with --output");
	if (!path)
		return 0;
	*ret = (struct exporter){ open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644),
				  path };
	return ret->fd < 0 ? err_sys(err, errno, "--output '%s'", path) : 0;
}

/* Half an archive is taken away; what is no file stays. */
static int close_output(const struct exporter *exporter, int r, struct err *err)
{
	struct stat st;

	if (exporter->fd <= STDERR_FILENO)
		return r;
	if (r < 0 && fstat(exporter->fd, &st) == 0 && S_ISREG(st.st_mode))
		(void)unlink(exporter->path);
	if (close(exporter->fd) < 0 && r == 0)
		return err_sys(err, errno, "write '%s'", exporter->path);
	return r;
}

static int pack(int root_fd, struct exporter *exporter, struct err *err)
{
	const struct layer_pack request = { .root_fd = root_fd, .max_mtime = -1,
					    .output = { write_out, exporter } };
	struct layer_packed packed;
	int r = layer_pack(&request, &packed, err);

	if (r == 0 && packed.left_out)
		log_warn("%llu sockets were left out", (unsigned long long)packed.left_out);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct export_args *args = call->args;
	auto_peek struct peek peek = PEEK_NONE;
	auto_close int root_fd = -1;
	struct exporter exporter = { -1, NULL };
	int r = peek_open(call_engine(call), call->operands[0], call->arena, &peek, err);

	if (r == 0)
		r = open_output(args, &exporter, err);
	if (r == 0)
		r = peek_open_root(&peek, &root_fd, err);
	if (r == 0)
		r = pack(root_fd, &exporter, err);
	return close_output(&exporter, r, err);
}

const struct verb verb_export = {
	.command = EXPORT_WORDS,
	.args_size = sizeof(struct export_args),
	.run = run,
};
