/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Add the path of a program that other programs of ours execute: where it was installed, or in the
 * directory that TARE_LIBEXEC names. A program of elevated rights is not told another place. */

#include "base/buf.h"

void libexec_path(const char *name, struct buf *out);
