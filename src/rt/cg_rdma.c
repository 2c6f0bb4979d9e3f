/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RDMA handles and objects, by device: the same file on v1 and v2.
 */
#include "rt/cg.h"

#include <stdio.h>
#include <string.h>

#define MEMBER "linux.resources.rdma"

static const char *asks(const struct oci_resources *res)
{
	return res->rdma.n ? MEMBER : NULL;
}

static int put(int dir_fd, const struct oci_rdma *rdma, struct err *err)
{
	char text[160];
	int len;

	if (!rdma->device || !*rdma->device || strlen(rdma->device) > 63 ||
	    strpbrk(rdma->device, " \t\n"))
		return err_set(err, ERR_USAGE, EINVAL, MEMBER ": a key is no name of a device");
	len = snprintf(text, sizeof(text), "%s", rdma->device);
	if (rdma->hca_handles.is_set)
		len += snprintf(text + len, sizeof(text) - (size_t)len, " hca_handle=%llu",
				(unsigned long long)rdma->hca_handles.value);
	if (rdma->hca_objects.is_set)
		(void)snprintf(text + len, sizeof(text) - (size_t)len, " hca_object=%llu",
			       (unsigned long long)rdma->hca_objects.value);
	if (!rdma->hca_handles.is_set && !rdma->hca_objects.is_set)
		return 0;
	return cg_put(dir_fd, "rdma.max", text, MEMBER, err);
}

static int apply(int dir_fd, const struct oci_resources *res, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < res->rdma.n && r == 0; i++)
		r = put(dir_fd, &res->rdma.v[i], err);
	return r;
}

const struct cg_controller cg_rdma = {
	.controller = CGROUP_RDMA,
	.asks = asks,
	.apply_v1 = apply,
	.apply_v2 = apply,
};
