/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What images are made of, each part once; for the rooms of src/upkeep. */

#include "upkeep/check.h"

enum part_state {
	PART_UNSEEN,
	PART_WHOLE,
	PART_MISSING,
	PART_BROKEN,
	PART_MENDED, /* it was one of the two, and is whole now */
};

struct part {
	const char *text;
	struct digest digest;
	bool is_layer;
	bool is_running;     /* a layer that something runs on */
	int64_t bytes;       /* that a blob should have; -1: not known */
	enum part_state state;
	const char *problem; /* of one that is broken, or was */
};

struct check {
	const struct check_request *request;
	struct check_result *ret;
	struct arena *arena;
	struct part *parts; /* sorted, each once */
	size_t n;
};

/* `list` and what containers count on, taken apart. Nothing is looked at yet. */
int parts_gather(struct check *check, struct store_image *const *list, size_t n,
		 struct err *err);

/* NULL: there is none. */
struct part *parts_find(const struct check *check, const char *text, bool is_layer);

/* Look at one, if nobody did, and say whether it is whole. A blob that is broken is taken away if
 * that is wanted; a layer is not, since it may be mended. */
int parts_prove(struct check *check, struct part *part, struct err *err);
bool part_is_whole(const struct part *part);

__attribute__((format(printf, 6, 7))) void check_tell(struct check *check, enum check_state state,
						      const char *what, const char *which,
						      const char *done, const char *problem, ...);
