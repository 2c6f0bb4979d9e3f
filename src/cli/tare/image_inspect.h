/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An image as JSON, with docker's member names. */

#include "cli/tare/verb.h"

/* Append it, in lines. ERR_NOT_FOUND: there is no such image. */
int image_inspect(const struct call *call, const char *who, struct buf *out, struct err *err);
