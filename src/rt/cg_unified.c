/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources.unified: files of the v2 tree and what to write to them, as the caller gave it.
 * A key is one file of the container's own group, never a path.
 */
#include "rt/cg.h"

#include <string.h>

#define MEMBER "linux.resources.unified"

int cg_unified_check(const struct oci_resources *res, struct err *err)
{
	for (size_t i = 0; res && i < res->unified.n; i++) {
		const char *key = res->unified.v[i].key;

		if (strchr(key, '/') || !strchr(key, '.') || key[0] == '.')
			return err_set(err, ERR_USAGE, EINVAL,
				       MEMBER ": '%s' is no name of a file of a cgroup", key);
	}
	return 0;
}

/* One write for each line, as the kernel wants it. */
int cg_unified_apply(int dir_fd, const struct oci_resources *res, struct err *err)
{
	int r = cg_unified_check(res, err);

	for (size_t i = 0; i < res->unified.n && r == 0; i++) {
		const char *line = res->unified.v[i].value;

		do {
			size_t len = strcspn(line, "\n");
			auto_free char *text = strndup(line, len);

			r = cg_put(dir_fd, res->unified.v[i].key, text ? text : "", MEMBER, err);
			line += len + (line[len] == '\n');
		} while (*line && r == 0);
	}
	return r;
}
