/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of `login` and `logout`. */

#include "cli/words/registry.h"

struct login_args {
	struct registry_args registry;
	const char *user, *password;
	bool password_stdin, get_login;
};

static const struct opt login_options[] = {
	OPT_STRING(struct login_args, user, "username", 'u', "USER", "who; asked for by default"),
	OPT_STRING(struct login_args, password, "password", 'p', "PASSWORD",
		   "seen by all in the list of processes: use --password-stdin"),
	OPT_FLAG(struct login_args, password_stdin, "password-stdin", 0,
		 "read the password from standard input"),
	OPT_FLAG(struct login_args, get_login, "get-login", 0, "print who is logged in"),
	REGISTRY_OPTIONS(struct login_args),
};

static const struct opt logout_options[] = {
	OPT_STRING(struct login_args, registry.auth_file, "authfile", 0, "FILE",
		   "where logins are kept, instead of the usual places"),
};

#define LOGIN_WORDS                                               \
	{                                                         \
		.name = "login", .operands = "[REGISTRY]",        \
		.summary = "Log in to a registry, and keep that", \
		.max_operands = 1,                                \
		OPT_ROWS(login_options),                          \
	}

#define LOGOUT_WORDS                                         \
	{                                                    \
		.name = "logout", .operands = "[REGISTRY]",  \
		.summary = "Forget the login at a registry", \
		.max_operands = 1,                           \
		OPT_ROWS(logout_options),                    \
	}
