/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers as the lower directories of an overlay. Each is named by its descriptor, so that neither
 * the number of layers nor what is in a path matters. Linux 6.5 takes them one by one; before, all
 * of them are one option, which is longer than fsconfig(2) takes when there are many, and goes
 * through mount(2) then.
 *
 * Features that would write down in the changes what only this overlay understands are switched
 * off: what is there must be fit to become a layer.
 */
#include "snapshot/drivers.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "sys/cred.h"
#include "sys/mount.h"
#include "sys/overlayfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define FD_PATH_BYTES 40
#define FSCONFIG_MAX  255

struct overlay {
	const struct snapshot_request *request;
	int target_fd;
	struct arena *arena;
	struct mount_param *params;
	size_t n;
};

static void add(struct overlay *overlay, const char *key, const char *value)
{
	overlay->params[overlay->n++] = (struct mount_param){ key, value };
}

static const char *fd_path(struct overlay *overlay, int fd, const char *below)
{
	return arena_printf(overlay->arena, "/proc/self/fd/%d%s", fd, below);
}

/* What is the same for both ways of naming the layers. */
static void add_rest(struct overlay *overlay)
{
	add(overlay, "redirect_dir", "off");
	add(overlay, "metacopy", "off");
	add(overlay, "index", "off");
	if (overlay->request->changes_fd < 0)
		return;
	add(overlay, "upperdir", fd_path(overlay, overlay->request->changes_fd, "/upper"));
	add(overlay, "workdir", fd_path(overlay, overlay->request->changes_fd, "/work"));
	if (overlay->request->is_volatile)
		add(overlay, "volatile", NULL);
}

/* Its mount, attached. */
static int mount_params(const struct overlay *overlay)
{
	const struct mount_fs fs = { .type = "overlay", .source = "tare",
				     .params = overlay->params, .n_params = overlay->n };
	auto_close int fd = mount_make(&fs);

	return fd < 0 ? fd : mount_attach(fd, overlay->target_fd);
}

/* The uppermost first. -EINVAL: this kernel may not take them so. Before Linux 6.5 it says that
 * only when all of the options are there. */
static int mount_one_by_one(struct overlay *overlay)
{
	const struct snapshot_request *request = overlay->request;

	overlay->n = 0;
	for (size_t i = request->n_layers; i-- > 0;)
		add(overlay, "lowerdir+", fd_path(overlay, request->layer_fds[i], ""));
	add_rest(overlay);
	return mount_params(overlay);
}

static char *join(struct overlay *overlay)
{
	const struct snapshot_request *request = overlay->request;
	char *all = arena_alloc(overlay->arena, request->n_layers * FD_PATH_BYTES + 1), *end = all;

	for (size_t i = request->n_layers; i-- > 0;)
		end += sprintf(end, "%s/proc/self/fd/%d", end == all ? "" : ":",
			       request->layer_fds[i]);
	return all;
}

static int mount_by_data(struct overlay *overlay)
{
	const struct mount_fs fs = { .type = "overlay", .source = "tare" };
	auto_buf struct buf data = {};

	for (size_t i = 0; i < overlay->n; i++) {
		const struct mount_param *param = &overlay->params[i];

		buf_printf(&data, "%s%s%s%s", i ? "," : "", param->key, param->value ? "=" : "",
			   param->value ? param->value : "");
	}
	return mount_legacy(&fs, overlay->target_fd, buf_str(&data));
}

static int mount_joined(struct overlay *overlay)
{
	const char *joined = join(overlay);

	overlay->n = 0;
	add(overlay, "lowerdir", joined);
	add_rest(overlay);
	return strlen(joined) > FSCONFIG_MAX ? mount_by_data(overlay)
					     : mount_params(overlay);
}

/* What layers hide by names would be seen, and the names too; the kernel does not refuse that. */
static bool says_by_names(const struct snapshot_request *request)
{
	/* As all of one store. */
	return overlayfs_is_named(request->layer_fds[request->n_layers - 1]);
}

/* Who mounts is who makes what is in upper and work. One that is not mapped there would get a mount
 * that can't be written, without a word. */
static int mount_all(struct overlay *overlay, struct err *err)
{
	const struct snapshot_request *request = overlay->request;
	int r = snapshot_make_places(request->changes_fd, err);

	if (r < 0)
		return r;
	overlay->params = arena_array(overlay->arena, struct mount_param, request->n_layers + 8);
	r = says_by_names(request) ? -EOPNOTSUPP : mount_one_by_one(overlay);
	if (r == -EINVAL)
		r = mount_joined(overlay);
	return r < 0 ? err_sys(err, -r, "put the layers together") : 0;
}

int snapshot_overlay(const struct snapshot_request *request, int target_fd, struct err *err)
{
	auto_arena struct arena arena = {};
	struct overlay overlay = { .request = request, .target_fd = target_fd, .arena = &arena };
	int r = request->maker ? cred_make_as(request->maker) : 0, back;

	if (r < 0)
		return err_sys(err, -r, "make files as id %u", request->maker);
	r = mount_all(&overlay, err);
	back = request->maker ? cred_make_as(0) : 0;
	return r == 0 && back < 0 ? err_sys(err, -back, "make files as root again") : r;
}
