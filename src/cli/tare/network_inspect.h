/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/tare/verb.h"
#include "template/value.h"

/* All that is known of a network, in docker's shape, with the containers that are on it.
 * ERR_NOT_FOUND. */
int network_inspect(const struct call *call, const char *who, struct value **ret, struct err *err);
