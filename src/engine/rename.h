/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names that change. The name of a container is the one in its container.json; the links of
 * engine/names.h lead there. A rename that was killed leaves two links, of which one is right.
 */

#include "engine/entry.h"

/* Free what a rename that was killed left of another name. One that is going on is waited for. */
void rename_mend(const struct entry *entry);

/* names_take, also of a name that is taken by such a leftover alone. */
int rename_take(const struct entry *entry, const char *name, struct err *err);
