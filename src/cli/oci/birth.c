/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the options of create and run to the library's request.
 */
#include "cli/oci/birth.h"

int birth_load(const struct call *call, struct rt_create *create, struct err *err)
{
	const struct birth_args *args = call->args;
	const struct rt_create request = {
		.id = call->operands[0],
		.bundle = args->bundle ? args->bundle : ".",
		.pid_file = args->pid_file,
		.console_socket = args->console_socket,
		.preserve_fds = args->preserve_fds,
		.listen_fds = getenv("LISTEN_FDS") != NULL,
		.no_pivot = args->no_pivot,
		.no_new_keyring = args->no_new_keyring,
		.detach = args->detach,
		.keep = args->keep,
	};
	int r;

	*create = request;
	r = rt_id_check(create->id, err);
	if (r < 0)
		return r;
	return rt_load_config(create, args->config, call->arena, err);
}
