/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of drivers. The first that can is taken.
 */
#include "snapshot/snapshot.h"

#include "snapshot/drivers.h"

static const struct {
	const char *name;
	int (*mount)(const struct snapshot_request *request, int target_fd, struct err *err);
} drivers[] = {
	{ "overlay", snapshot_overlay },
};

int snapshot_mount(const struct snapshot_request *request, int target_fd, struct err *err)
{
	struct err why = {};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		struct err one = {};

		if (drivers[i].mount(request, target_fd, &one) == 0)
			return 0;
		(void)err_wrap(&one, "%s", drivers[i].name);
		if (!why.no)
			why = one;
	}
	*err = why;
	return -err->no;
}
