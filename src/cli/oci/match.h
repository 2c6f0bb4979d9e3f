/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/oci/verb.h"

/*
 * Do something to the containers that the first operand names: to one, or with `regex` to all whose
 * id it is found in. All are tried; the first failure is returned.
 */
typedef int match_fn(const struct call *call, const char *id, struct err *err);

int match_each(const struct call *call, bool regex, match_fn *act, struct err *err);
