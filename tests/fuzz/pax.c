/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of two PAX headers, one after the other. They are refused, or what they say can be
 * used as it is.
 */
#include "layer/tar_pax.h"

#include "fuzz.h"

static void claim_usable(const struct tar_pax *pax)
{
	const struct tar_xattr *xattrs = (const void *)pax->xattrs.data;

	CLAIM(!(pax->said & PAX_PATH) || *pax->path);
	CLAIM(!(pax->said & PAX_TARGET) || *pax->target);
	CLAIM(!(pax->said & PAX_BYTES) || pax->bytes <= INT64_MAX);
	CLAIM(!(pax->said & PAX_UID) || pax->uid != UINT32_MAX);
	CLAIM(!(pax->said & PAX_GID) || pax->gid != UINT32_MAX);
	CLAIM(!(pax->said & PAX_MTIME) ||
	      (pax->mtime.tv_nsec >= 0 && pax->mtime.tv_nsec < 1000000000));
	CLAIM(tar_sparse_count(&pax->map) <= TAR_MAX_EXTENTS);
	for (size_t i = 0; i < pax->xattrs.len / sizeof(*xattrs); i++) {
		auto_free char *value = malloc(xattrs[i].len ? xattrs[i].len : 1);

		CLAIM(*xattrs[i].name && value);
		memcpy(value, xattrs[i].value, xattrs[i].len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	struct tar_pax pax = {};

	for (int i = 0; i < 2; i++) {
		struct err err = {};
		size_t n;
		auto_free char *bytes = input_bytes(&in, &n);
		int r;

		tar_pax_reset(&pax);
		r = tar_pax_parse(&pax, bytes, n, &err);
		if (r < 0)
			claim_refused(r, EBADMSG, ERR_USAGE, &err);
		else
			claim_usable(&pax);
	}
	tar_pax_done(&pax);
	return 0;
}
