/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci features: what this runtime can do, as the specification's features document.
 */
#include "cli/oci/verb.h"

static int features(const struct call *call, struct err *err)
{
	auto_buf struct buf out = {};
	int r;

	(void)call;
	r = rt_features_format(&out, err);
	if (r < 0)
		return r;
	return print_buf(&out, err);
}

const struct verb verb_features = {
	.command = {
		.name = "features",
		.summary = "Print what this runtime supports, as JSON",
	},
	.flags = VERB_STATELESS,
	.run = features,
};
