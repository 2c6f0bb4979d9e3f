/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One image: whether its reference, its documents and its parts agree; for check.c. */

#include "upkeep/parts.h"

/* Write down how large its blobs should be, as its manifest says, if that can be read. */
void image_expect(struct check *check, const struct store_image *image);

/* Prove its parts and compare; mend it, if that is wanted. What is wrong is told. */
int image_check(struct check *check, const struct store_image *image, struct err *err);
