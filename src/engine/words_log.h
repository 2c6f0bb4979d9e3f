/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How large a file of a log may get, as --log-opt and tare.conf both write it. */

#include <stdint.h>

/* "10m"; "-1": as large as it will. 0 or -EINVAL. */
int log_size_parse(const char *word, int64_t *ret_bytes);
