/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Labels as lists show them. */

#include "base/arena.h"
#include "oci/types.h"

/* "a=1,b=2" */
const char *labels_text(const struct oci_pairs *labels, struct arena *arena);

/* The value of one; "" if there is none. */
const char *labels_find(const struct oci_pairs *labels, const char *key);
