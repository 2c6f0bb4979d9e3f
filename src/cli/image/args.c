/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What options mean that several verbs have.
 */
#include "cli/image/verb.h"

#include "base/num.h"
#include "base/timestamp.h"
#include "image/change.h"
#include "image/reference.h"

#include <fcntl.h>
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

int make_from_args(const struct call *call, const struct make_args *args,
		   struct image_config *config, struct err *err)
{
	int r = image_change(config->process, args->changes.v, args->changes.n, call->arena, err);

	return r < 0 ? err_wrap(err, "--change") : 0;
}

int made_when(const struct call *call, char **ret_created, int64_t *ret_epoch, struct err *err)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char text[TIMESTAMP_BYTES];
	struct timespec when = {};

	*ret_epoch = -1;
	timestamp_now(text);
	if (epoch && (num_parse_i64(epoch, ret_epoch) < 0 || *ret_epoch < 0))
		return err_set(err, ERR_USAGE, EINVAL,
			       "SOURCE_DATE_EPOCH: '%.64s' is no number of seconds", epoch);
	when.tv_sec = *ret_epoch;
	if (epoch)
		timestamp_format(&when, text);
	*ret_created = arena_strdup(call->arena, text);
	return 0;
}

int new_name(const struct call *call, const char *operand, char **ret, struct err *err)
{
	struct reference reference;
	int r;

	*ret = NULL;
	if (!operand)
		return 0;
	r = reference_parse(operand, call->arena, &reference, err);
	if (r < 0)
		return r;
	if (reference.digest.text[0])
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.200s' has a digest: an image can't be given one", operand);
	reference_default(&reference, call->arena);
	*ret = reference_format(&reference, call->arena);
	return 0;
}

int write_file(const char *option, const char *path, const char *text, struct err *err)
{
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	auto_buf struct buf out = {};

	if (fd < 0)
		return err_sys(err, errno, "--%s '%s'", option, path);
	buf_puts(&out, text);
	return buf_write_fd(&out, fd, path, err);
}
