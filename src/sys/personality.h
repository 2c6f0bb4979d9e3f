/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which machine uname(2) shows. personality(2); linux.personality. */

#include "base/err.h"

#include <stddef.h>

/* `domain` is "LINUX" or "LINUX32". The specification defines no flags yet: any is refused. */
int personality_parse(const char *domain, char *const *flags, size_t n_flags,
		      unsigned long *ret_persona, struct err *err);

/* Of the calling process. Callable after fork. 0 or -errno. */
int personality_set(unsigned long persona);
