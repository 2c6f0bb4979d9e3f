/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The five capability sets of a process, as bit masks: bit N is capability N. capabilities(7).
 *
 * In the child: caps_drop_bounding while CAP_SETPCAP is still there, then the user ids (with
 * cred_keep_caps), then caps_set.
 */

#include <stdint.h>

struct caps {
	uint64_t bounding, effective, inheritable, permitted, ambient;
};

/* The capabilities that this kernel knows. Asks it with two system calls; keep the answer. */
uint64_t caps_known(void);

/* Those that this process may use, and so may leave to another. */
uint64_t caps_permitted(void);

/* The bit of "CAP_CHOWN" and its like, in capitals as the specification has them. -ENOENT: no such
 * name, or one that is not in `known`; the specification wants that warned about, not refused. */
int caps_parse_name(const char *name, uint64_t known, uint64_t *ret_bit);

/* What we may give away where there is no user namespace to own: our permitted set. Or -errno. */
int caps_held(uint64_t *ret_held);

/* The name of capability `number`, or NULL. */
const char *caps_name(unsigned number);

/*
 * The rest is callable after fork: 0 or -errno. Each reads back what it set; -EUCLEAN means that
 * the kernel said yes and did something else.
 */

/* Take everything that is in `known` and not in `keep` out of the bounding set. */
int caps_drop_bounding(uint64_t keep, uint64_t known);

/* Make all that is permitted effective, as after a change of user ids it is not. */
int caps_raise(void);

/* Set all but the bounding set. -EPERM: `caps` has more than we hold. */
int caps_set(const struct caps *caps);
