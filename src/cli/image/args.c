/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What options mean that several verbs have.
 */
#include "cli/image/verb.h"

#include <string.h>

/* USER[:PASSWORD] */
static int parse_creds(const struct call *call, const char *creds, struct registry_login *ret,
		       struct err *err)
{
	size_t len = strcspn(creds, ":");

	if (len == 0)
		return err_set(err, ERR_USAGE, EINVAL, "--creds: there is no user in it");
	ret->user = arena_strndup(call->arena, creds, len);
	ret->password = arena_strdup(call->arena, creds[len] ? creds + len + 1 : "");
	return 0;
}

int registry_from_args(const struct call *call, const struct registry_args *args,
		       struct registry **ret, struct err *err)
{
	static const enum registry_tls tls[] = {
		[0] = REGISTRY_TLS_CONFIGURED,
		[TLS_VERIFY_TRUE] = REGISTRY_TLS_VERIFY,
		[TLS_VERIFY_FALSE] = REGISTRY_TLS_INSECURE,
	};
	struct registry_login *login = arena_new(call->arena, struct registry_login);
	struct registry_options options = {
		.auth_file = args->auth_file,
		.cert_dir = args->cert_dir,
		.tls = tls[args->tls_verify],
	};
	int r = 0;

	if (args->creds) {
		r = parse_creds(call, args->creds, login, err);
		options.login = login;
	}
	return r < 0 ? r : registry_open(&options, ret, err);
}

int platform_from_args(const struct call *call, const struct platform_args *args,
		       struct platform *ret, struct err *err)
{
	const char *word = args->platform ? args->platform : args->arch;
	int r = 0;

	platform_host(call->arena, ret);
	if (word)
		r = platform_parse(word, call->arena, ret, err);
	if (r < 0)
		return err_wrap(err, args->platform ? "--platform" : "--arch");
	if (args->os)
		ret->os = arena_strdup(call->arena, args->os);
	if (args->variant)
		ret->variant = arena_strdup(call->arena, args->variant);
	return 0;
}
