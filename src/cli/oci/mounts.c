/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci mounts: mount something into a running container, or unmount it. The file holds what
 * config.json has under `mounts`: {"mounts": [...]}, or the array alone.
 */
#include "cli/oci/verb.h"

#include <string.h>

static int load_mounts(const struct call *call, struct oci_spec **ret_spec, struct err *err)
{
	auto_buf struct buf text = {}, object = {};
	const char *path = call->operands[2];
	int r;

	r = read_input(path, &text, err);
	if (r < 0)
		return r;
	if (buf_str(&text)[strspn(buf_str(&text), " \t\r\n")] == '[') {
		buf_puts(&object, "{\"mounts\":");
		buf_add(&object, text.data, text.len);
		buf_puts(&object, "}");
	} else {
		buf_add(&object, buf_str(&text), text.len);
	}
	r = oci_mounts_parse(object.data, object.len, call->arena, ret_spec, err);
	if (r == 0)
		r = oci_mounts_validate(*ret_spec, err);
	return r < 0 ? err_wrap(err, "'%s'", path) : 0;
}

static int mounts(const struct call *call, struct err *err)
{
	const char *id = call->operands[1];
	struct oci_spec *spec = NULL;
	bool add = strcmp(call->operands[0], "add") == 0;
	int r;

	if (!add && strcmp(call->operands[0], "remove") != 0)
		return err_set(err, ERR_USAGE, EINVAL, "'%s' is neither add nor remove",
			       call->operands[0]);
	r = rt_id_check(id, err);
	if (r == 0)
		r = load_mounts(call, &spec, err);
	if (r == 0)
		r = (add ? rt_mounts_add : rt_mounts_remove)(call_rt(call), id, spec->mounts.v,
							     spec->mounts.n, err);
	return r < 0 ? err_wrap(err, "%s %s", call->operands[0], id) : 0;
}

const struct verb verb_mounts = {
	.command = {
		.name = "mounts",
		.operands = "add|remove CONTAINER FILE",
		.summary = "Mount into, or unmount from, a running container",
		.min_operands = 3,
		.max_operands = 3,
	},
	.run = mounts,
};
