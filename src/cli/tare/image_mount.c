/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare image mount, tare image unmount: look into an image without a container, as podman has it.
 */
#include "cli/tare/each.h"
#include "engine/image_mount.h"
#include "image/reference.h"
#include "oci/json_text.h"

#include <string.h>

enum { FORMAT_TABLE = 1, FORMAT_JSON };

struct mount_args {
	int format;
};

static const struct opt mount_options[] = {
	OPT_CHOICE(struct mount_args, format, "format", 0, "table|json", "shape of the output"),
};

struct unmount_args {
	bool all, force;
};

static const struct opt unmount_options[] = {
	OPT_FLAG(struct unmount_args, all, "all", 'a', "all that are mounted"),
	OPT_FLAG(struct unmount_args, force, "force", 'f', "even if somebody is in it"),
};

/* ------------------------------------------------------------------------------- names */

/* As people write them; an image that has none, or is gone, has its ID alone. */
static void find_names(const struct call *call, const char *id, struct oci_strings *ret)
{
	struct store_found found;
	struct err ignored;

	*ret = (struct oci_strings){};
	if (engine_image_find(call_engine(call), id, call->arena, &found, &ignored) < 0)
		return;
	ret->v = arena_array(call->arena, char *, found.n_names + 1);
	for (size_t i = 0; i < found.n_names; i++) {
		struct reference name;

		if (reference_parse(found.names[i], call->arena, &name, &ignored) == 0)
			ret->v[ret->n++] = reference_familiar(&name, call->arena);
	}
}

static const char *hex_of(const struct image_mounted *mounted)
{
	return strchr(mounted->id, ':') + 1;
}

/* ------------------------------------------------------------------------------- mount */

static void add_line(const struct call *call, const struct image_mounted *mounted, struct buf *out)
{
	struct oci_strings names;

	find_names(call, mounted->id, &names);
	for (size_t i = 0; i < names.n; i++)
		buf_printf(out, "%s %s\n", names.v[i], mounted->path);
	if (!names.n)
		buf_printf(out, "%s %s\n", hex_of(mounted), mounted->path);
}

static void add_object(const struct call *call, const struct image_mounted *mounted,
		       struct buf *out)
{
	struct oci_strings names;

	find_names(call, mounted->id, &names);
	buf_printf(out, "{\"id\":\"%s\",\"Repositories\":[", hex_of(mounted));
	for (size_t i = 0; i < names.n; i++) {
		buf_puts(out, i ? "," : "");
		json_text_quote(out, names.v[i]);
	}
	buf_puts(out, "],\"mountpoint\":");
	json_text_quote(out, mounted->path);
	buf_puts(out, "}");
}

static int print_json(const struct call *call, const struct image_mounted *list, size_t n,
		      struct err *err)
{
	auto_buf struct buf text = {}, out = {};

	buf_puts(&text, "[");
	for (size_t i = 0; i < n; i++) {
		buf_puts(&text, i ? "," : "");
		add_object(call, &list[i], &text);
	}
	buf_puts(&text, "]");
	json_text_indent(&out, buf_str(&text));
	buf_puts(&out, "\n");
	return print_buf(&out, err);
}

static int list_mounts(const struct call *call, struct err *err)
{
	const struct mount_args *args = call->args;
	struct image_mounted *list = NULL;
	auto_buf struct buf out = {};
	size_t n = 0;
	int r = image_mounts(call_engine(call), call->arena, &list, &n, err);

	if (r < 0)
		return r;
	if (args->format == FORMAT_JSON)
		return print_json(call, list, n, err);
	for (size_t i = 0; i < n; i++)
		add_line(call, &list[i], &out);
	return print_buf(&out, err);
}

static int mount_one(const struct call *call, const char *who, struct err *err)
{
	const struct mount_args *args = call->args;
	struct image_mounted mounted;
	int r = image_mount(call_engine(call), who, call->arena, &mounted, err);

	if (r < 0)
		return r;
	if (args->format == FORMAT_JSON)
		return print_json(call, &mounted, 1, err);
	each_print(mounted.path);
	return 0;
}

static int run_mount(const struct call *call, struct err *err)
{
	return call->operands[0] ? each_container(call, mount_one) : list_mounts(call, err);
}

const struct verb verb_image_mount = {
	.command = {
		.name = "mount",
		.operands = "[IMAGE]...",
		.summary = "Mount images read-only, or list those that are mounted",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(mount_options),
	},
	.args_size = sizeof(struct mount_args),
	.run = run_mount,
};

/* ------------------------------------------------------------------------------- unmount */

static int unmount_one(const struct call *call, const char *who, struct err *err)
{
	const struct unmount_args *args = call->args;
	struct image_mounted mounted;
	int r = image_unmount(call_engine(call), who, args->force, call->arena, &mounted, err);

	if (r == 0)
		each_print(hex_of(&mounted));
	return r;
}

/* Of those that fail the first is told; the others go. */
static int unmount_all(const struct call *call, struct err *err)
{
	const struct unmount_args *args = call->args;
	struct image_mounted *list = NULL;
	size_t n = 0;
	int first = image_mounts(call_engine(call), call->arena, &list, &n, err);

	for (size_t i = 0; i < n; i++) {
		struct digest id;
		struct err its = {};
		int r = digest_parse(list[i].id, &id, &its);

		if (r == 0)
			r = image_take_off(call_engine(call), &id, args->force, &its);
		if (r == 0)
			each_print(hex_of(&list[i]));
		if (r < 0 && first == 0) {
			first = r;
			*err = its;
		}
	}
	return first;
}

static int run_unmount(const struct call *call, struct err *err)
{
	const struct unmount_args *args = call->args;

	if (args->all && call->operands[0])
		return err_set(err, ERR_USAGE, EINVAL, "--all takes no IMAGE");
	if (!args->all && !call->operands[0])
		return err_set(err, ERR_USAGE, EINVAL, "IMAGE is missing, or --all");
	return args->all ? unmount_all(call, err) : each_container(call, unmount_one);
}

const struct verb verb_image_unmount = {
	.command = {
		.name = "unmount",
		.operands = "[IMAGE]...",
		.summary = "Unmount images",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(unmount_options),
	},
	.args_size = sizeof(struct unmount_args),
	.run = run_unmount,
};
