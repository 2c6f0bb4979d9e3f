/* SPDX-License-Identifier: Apache-2.0 */
/*
 * save: put images into an archive or a directory that other tools load.
 */
#include "cli/words/load.h"

#include "cli/image/verb.h"
#include "store/search.h"
#include "transfer/save.h"

/* Of one that was asked for by its ID no name is saved, as docker has it. */
static int find(const struct call *call, const char *who, struct store_found *ret,
		struct oci_strings *ret_names, struct err *err)
{
	int r = store_search(call_store(call), who, call->arena, ret, err);

	*ret_names = (struct oci_strings){};
	if (r == 0 && ret->name) {
		ret_names->v = arena_array(call->arena, char *, 2);
		ret_names->v[ret_names->n++] = ret->image->reference;
	}
	return r;
}

static int open_target(const struct call *call, struct transport_target **ret, struct err *err)
{
	static const char *const kinds[] = {
		[0] = "docker-archive",	      [SAVE_DOCKER] = "docker-archive",
		[SAVE_OCI] = "oci-archive",   [SAVE_OCI_DIR] = "oci",
		[SAVE_DIR] = "dir",
	};
	const struct save_args *args = call->args;

	if (!args->output && args->format > SAVE_OCI)
		return err_set(err, ERR_USAGE, EINVAL, "a directory is named with --output");
	if (!args->output && isatty(STDOUT_FILENO))
		return err_set(err, ERR_USAGE, EINVAL,
			       "standard output is a terminal: name a file with --output");
	return transport_create(arena_printf(call->arena, "%s:%s", kinds[args->format],
					     args->output ? args->output : "/dev/stdout"),
				ret, err);
}

static int run(const struct call *call, struct err *err)
{
	auto_transport_target struct transport_target *target = NULL;
	int r = open_target(call, &target, err);

	for (char **who = call->operands; r == 0 && *who; who++) {
		struct store_found found;
		struct oci_strings names;

		r = find(call, *who, &found, &names, err);
		if (r == 0)
			r = save_image(call_store(call), found.image, target, &names, call->arena,
				       err);
		if (r < 0)
			return err_wrap(err, "%s", *who);
	}
	return r < 0 ? r : transport_finish(target, err);
}

const struct verb verb_save = {
	.command = SAVE_WORDS,
	.args_size = sizeof(struct save_args),
	.run = run,
};
