/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What every verb takes that speaks to registries. */

#include "base/opt.h"

enum { TLS_VERIFY_TRUE = 1, TLS_VERIFY_FALSE };

struct registry_args {
	const char *auth_file, *cert_dir, *creds;
	int tls_verify;
};

/* `registry` is a member of the verb's struct. */
#define REGISTRY_OPTIONS(type)                                                                 \
	OPT_STRING(type, registry.auth_file, "authfile", 0, "FILE",                            \
		   "where logins are kept, instead of the usual places"),                      \
	OPT_STRING(type, registry.cert_dir, "cert-dir", 0, "DIR",                              \
		   "where certificates are, instead of certs.d"),                              \
	OPT_STRING(type, registry.creds, "creds", 0, "USER[:PASSWORD]",                        \
		   "log in so, this time"),                                                    \
	OPT_MAYBE(type, registry.tls_verify, "tls-verify", "true|false",                       \
		  "ask for https and a certificate; as registries.conf says by default")
