/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Is the store whole? What is written down is compared with what there is: references with their
 * documents, blobs with their digests, unpacked layers with what they were when they were made, and
 * all that lies there with what anybody has a use for.
 *
 * It may be looked through while others pull, remove and run: what somebody works on, he holds the
 * lock of, and it is left alone. What is found broken is looked at again under its lock before it
 * is told.
 */

#include "store/store.h"

enum check_state {
	CHECK_RUBBISH, /* of no use to anybody, or out of date, and no harm */
	CHECK_BROKEN,
	CHECK_MENDED,  /* it was broken, and is no longer, or is no longer there */
};

struct check_finding {
	enum check_state state;
	const char *what;    /* "image", "blob", "layer", ... */
	const char *which;   /* a name or a digest */
	const char *problem;
	const char *done;    /* what was done, or what can be; NULL: nothing */
};

struct check_request {
	const struct store *store;
	const struct store_keep *used;    /* layers that containers count on */
	const struct store_keep *running; /* of these, the ones that can't be taken away now */
	bool repair;
	bool quick; /* the sizes of blobs alone, and nothing of what is in layers */
	void (*tell)(void *data, const struct check_finding *finding); /* as they are found */
	void *data;
};

struct check_result {
	size_t n_images, n_blobs, n_layers; /* that are whole */
	uint64_t blob_bytes;
	size_t n_found[3]; /* findings by enum check_state */
};

/* Fails only where it can't go on; what is broken is told, and counted. In a process that has a
 * single thread: layers that are mended are unpacked by copies of it. */
int check_store(const struct check_request *request, struct arena *arena,
		struct check_result *ret, struct err *err);
