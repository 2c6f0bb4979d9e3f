/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logout: forget the login at a registry.
 */
#include "cli/words/login.h"

#include "cli/image/verb.h"

#define DEFAULT_HOST "docker.io"

static int run(const struct call *call, struct err *err)
{
	const struct login_args *args = call->args;
	const char *host = call->operands[0] ? call->operands[0] : DEFAULT_HOST;
	auto_registry struct registry *registry = NULL;
	auto_buf struct buf out = {};
	int r = registry_from_args(call, &args->registry, &registry, err);

	if (r == 0)
		r = registry_log_out(registry, host, err);
	if (r < 0)
		return err_wrap(err, "%s", host);
	buf_printf(&out, "Removed login credentials for %s\n", host);
	return print_buf(&out, err);
}

const struct verb verb_logout = {
	.command = LOGOUT_WORDS,
	.args_size = sizeof(struct login_args),
	.run = run,
};
