/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How somebody is at a container: docker's options, for each verb that stays with one. */

#include "cli/tare/verb.h"

struct attach_args {
	const char *detach_keys;
	int sig_proxy; /* enum */
};

enum { SIG_PROXY_TRUE = 1, SIG_PROXY_FALSE };

/* `attach` is a member of the verb's struct. */
#define ATTACH_OPTIONS(type)                                                                   \
	OPT_STRING(type, attach.detach_keys, "detach-keys", 0, "KEYS",                         \
		   "what leaves its terminal and lets it run; ctrl-p,ctrl-q by default"),      \
	OPT_MAYBE(type, attach.sig_proxy, "sig-proxy", "true|false",                           \
		  "pass signals on to it; true by default")
