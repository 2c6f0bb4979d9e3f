/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/tare/verb.h"
#include "template/value.h"

/* All that is known of an image, in docker's shape. ERR_NOT_FOUND. */
int image_inspect(const struct call *call, const char *who, struct value **ret, struct err *err);
