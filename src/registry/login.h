/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A name and its password in the form that HTTP (RFC 7617) and the files of logins have them in:
 * "user:password" as base64. */

#include "registry/registry.h"

/* "dXNlcjpwYXNzd29yZA==" */
char *login_encode(const struct registry_login *login, struct arena *arena);

/* -EINVAL: that is no login. NUL after the password, which docker once wrote, is dropped. */
int login_decode(const char *text, struct arena *arena, struct registry_login *ret,
		 struct err *err);
