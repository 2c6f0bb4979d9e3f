/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import: an archive of files becomes an image of one layer, which says of its program what is said
 * here.
 */
#include "cli/words/commit.h"

#include "cli/image/verb.h"
#include "transfer/foreign.h"
#include "transfer/make.h"

#include <fcntl.h>
#include <string.h>

static bool is_url(const char *file)
{
	const char *colon = strstr(file, "://");

	return colon && colon != file && !memchr(file, '/', (size_t)(colon - file));
}

static int open_input(const char *file, int *ret_fd, struct err *err)
{
	if (is_url(file)) {
		(void)err_set(err, ERR_USAGE, ENOTSUP, "it is not fetched: only a file is taken");
		return err_hint(err, "curl -L '%.200s' | tare import - NAME", file);
	}
	if (strcmp(file, "-") != 0) {
		*ret_fd = open(file, O_RDONLY | O_NOCTTY | O_CLOEXEC);
		return *ret_fd < 0 ? err_sys(err, errno, "open") : 0;
	}
	if (isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, EINVAL, "standard input is a terminal");
	*ret_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	return *ret_fd < 0 ? err_sys(err, errno, "open") : 0;
}

static int read_layer(const struct call *call, struct new_layer *ret, struct err *err)
{
	auto_close int fd = -1;
	int r = open_input(call->operands[0], &fd, err);

	if (r == 0)
		r = foreign_read(call_store(call), fd, ret, err);
	return r < 0 ? err_wrap(err, "%s", call->operands[0]) : 0;
}

static int make(const struct call *call, const struct image_config *config, const char *name,
		const char *created, struct store_image *ret, struct err *err)
{
	const struct import_args *args = call->args;
	auto_new_layer struct new_layer layer = NEW_LAYER_NONE;
	struct make_request request = {
		.store = call_store(call),
		.reference = name,
		.config = config,
		.layer = &layer,
		.step = {
			.created = arena_strdup(call->arena, created),
			.comment = arena_printf(call->arena, "Imported from %s",
						call->operands[0]),
		},
		.family = MEDIA_FAMILY_OCI,
	};
	int r = read_layer(call, &layer, err);

	if (args->make.message)
		request.step.comment = arena_strdup(call->arena, args->make.message);
	return r < 0 ? r : make_image(&request, call->arena, ret, err);
}

static int run(const struct call *call, struct err *err)
{
	const struct import_args *args = call->args;
	struct image_process *process = arena_new(call->arena, struct image_process);
	struct image_config config = { .process = process };
	char *name = NULL, *created = NULL;
	struct store_image image;
	auto_buf struct buf out = {};
	int64_t epoch;
	int r = new_name(call, call->operands[1], &name, err);

	if (r == 0)
		r = platform_from_args(call, &args->platform, &config.platform, err);
	if (r == 0)
		r = make_from_args(call, &args->make, &config, err);
	if (r == 0)
		r = made_when(call, &created, &epoch, err);
	if (r == 0)
		r = make(call, &config, name, created, &image, err);
	if (r < 0)
		return r;
	buf_printf(&out, "%s\n", image.config.text);
	return print_buf(&out, err);
}

const struct verb verb_import = {
	.command = IMPORT_WORDS,
	.args_size = sizeof(struct import_args),
	.run = run,
};
