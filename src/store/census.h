/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What lies in the store, whoever put it there: for who looks it through. Nothing here waits.
 */

#include "store/store.h"

enum census_shelf { CENSUS_BLOBS, CENSUS_LAYERS, CENSUS_DOWNLOADS };

/* Digests, in order. What has another kind of name goes to *ret_foreign, as paths. */
int census_list(const struct store *store, enum census_shelf shelf, struct arena *arena,
		struct oci_strings *ret, struct oci_strings *ret_foreign, struct err *err);

/* Downloads that nobody goes on with, of those in `digests`; taken away if that is wanted. */
int census_idle_downloads(const struct store *store, const struct oci_strings *digests,
			  bool take_away, struct arena *arena, struct oci_strings *ret,
			  struct err *err);

/* The same of what is in staging/: the names there. */
int census_idle_stages(const struct store *store, bool take_away, struct arena *arena,
		       struct oci_strings *ret, struct err *err);

/* How many locks that nobody holds are of what is not there. */
int census_idle_locks(const struct store *store, bool take_away, size_t *ret_n, struct err *err);
