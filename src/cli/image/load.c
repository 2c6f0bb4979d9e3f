/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: take images from an archive or a directory, whatever made it.
 */
#include "cli/words/load.h"

#include "cli/image/verb.h"
#include "image/reference.h"
#include "transfer/load.h"

#include <string.h>

static int tell(const struct call *call, const struct store_image *image,
		const struct oci_strings *names, struct err *err)
{
	const struct load_args *args = call->args;
	auto_buf struct buf out = {};

	for (size_t i = 0; i < names->n; i++) {
		struct reference reference;
		int r = reference_parse(names->v[i], call->arena, &reference, err);

		if (r < 0)
			return r;
		buf_printf(&out, "%s%s\n", args->quiet ? "" : "Loaded image: ",
			   reference_familiar(&reference, call->arena));
	}
	if (!names->n)
		buf_printf(&out, "%s%s\n", args->quiet ? "" : "Loaded image ID: ",
			   image->config_text);
	return print_buf(&out, err);
}

static int load_all(const struct call *call, const struct load_request *request, struct err *err)
{
	size_t n = 0;
	const struct transport_image *images = transport_images(request->source, &n);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct store_image image;
		struct oci_strings names;

		r = load_image(request, &images[i], call->arena, &image, &names, err);
		if (r == 0)
			r = tell(call, &image, &names, err);
	}
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct load_args *args = call->args;
	const char *from = args->input && strcmp(args->input, "-") != 0 ? args->input
									 : "/dev/stdin";
	auto_transport_source struct transport_source *source = NULL;
	struct platform platform;
	struct load_request request = {
		.store = call_store(call),
		.platform = &platform,
		.progress_fd = !args->quiet && isatty(STDERR_FILENO) ? STDERR_FILENO : -1,
	};
	int r = 0;

	if (!args->input && isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, EINVAL,
			       "standard input is a terminal: name an archive with --input");
	r = platform_from_args(call, &args->platform, &platform, err);
	if (r == 0)
		r = transport_open(from, NULL, &source, err);
	if (r < 0)
		return r;
	request.source = source;
	return load_all(call, &request, err);
}

const struct verb verb_load = {
	.command = LOAD_WORDS,
	.args_size = sizeof(struct load_args),
	.run = run,
};
