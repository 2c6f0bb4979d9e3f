/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certificates of one server's own (containers-certs.d(5)): HOST[:PORT]/ in a directory certs.d of
 * the user's or of /etc, containers' before docker's.
 */

#include "base/arena.h"
#include "base/err.h"

struct certs {
	char *authorities; /* *.crt, PEM, one after the other; NULL: none */
	char *cert_path, *key_path; /* of a client: NAME.cert and NAME.key; NULL: none */
};

/* For `host`, or of `dir` if that is not NULL. No directory: nothing. -EINVAL: a certificate has no
 * key. */
int certs_find(const char *dir, const char *host, struct arena *arena, struct certs *ret,
	       struct err *err);
