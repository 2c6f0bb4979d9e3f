/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the parent does between clone3 and ENTER: things that need the child's namespaces to exist,
 * and rights that the child does not have.
 */

#include "rt/birth.h"
#include "sys/idmap.h"
#include "sys/resctrl.h"

/* Is there any of it? If not, the child does not wait. */
bool furnish_is_needed(const struct birth *b);

/* Is the network to be furnished before ENTER? The child writes settings of its interfaces. */
bool furnish_network_is_first(const struct birth *b);

/* Do it, and say ENTER. */
int furnish(struct birth *b, struct err *err);

/* Mappings as sys/idmap.h takes them, in `arena`. */
struct idmap furnish_idmap(const struct oci_id_mappings *mappings, struct arena *arena);

/* linux.intelRdt as sys/resctrl.h takes it. Borrows from both. */
struct resctrl_group furnish_rdt(const struct oci_intel_rdt *rdt, const char *id);
