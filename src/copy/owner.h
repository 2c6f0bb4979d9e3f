/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose a copy is. Without `keep` all of it is one user's, and so loses what lets a program act as
 * its owner: set-id bits and capabilities.
 */

#include "copy/item.h"
#include "copy/plant.h"
#include "layer/attributes.h"

struct copy_owner {
	bool keep;           /* who it was, in the terms of inside */
	struct copy_ids ids; /* of where it goes */
	uint32_t uid, gid;   /* whose it is otherwise, as the host counts */
	bool is_rootless;    /* what we are not allowed to set is left out */
};

/* Of what this process makes: root's in a container, else its own. */
struct copy_owner copy_owner_here(const struct copy_ids *ids, bool keep);

/* What a file or directory `fd` gets that was made of `item`. */
int copy_owner_apply(const struct copy_owner *owner, const struct copy_item *item, int fd,
		     struct err *err);

/* The same of a link or fifo, which is known by its name only: it is not followed. */
int copy_owner_apply_name(const struct copy_owner *owner, const struct copy_item *item,
			  const struct plant *plant, struct err *err);
