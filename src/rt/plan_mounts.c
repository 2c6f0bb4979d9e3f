/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the mounts of config.json to operations of the child. Sources of the host are opened here,
 * where their paths mean what the caller meant and where we have the right to; that is also what
 * keeps the propagation of a source: a clone made in the host's mount namespace is of its peer
 * group.
 */
#include "rt/plan.h"

#include "base/cleanup.h"
#include "rt/mount_options.h"
#include "rt/plan_cgroup.h"
#include "rt/plan_idmap.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* fsconfig(2) takes strings of up to 255 bytes. */
#define FSCONFIG_STRING_MAX 255

static bool is_long(const struct mount_param *param)
{
	return param->value && strlen(param->value) > FSCONFIG_STRING_MAX;
}

/* All parameters as mount(2) wants them, when one is too long for fsconfig; else NULL. */
static const char *legacy_data(struct plan *plan, const struct mount_options *options)
{
	char *data = arena_strdup(&plan->arena, "");
	bool needed = false;

	for (size_t i = 0; i < options->n_params; i++) {
		const struct mount_param *p = &options->params[i];

		/* A label may have commas. */
		const char *quote = p->value && p->value == plan->mount_label ? "\"" : "";

		needed |= is_long(p);
		data = arena_printf(&plan->arena, "%s%s%s%s%s%s%s", data, i ? "," : "", p->key,
				    p->value ? "=" : "", quote, p->value ? p->value : "", quote);
	}
	return needed ? data : NULL;
}

/* What masks and read-only paths go into: a link could lead them elsewhere when it is exchanged. */
static bool is_kernel_view(const char *type)
{
	return strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0;
}

/* linux.mountLabel: whose files have labels of their own, or can have none, are left alone. */
static void label_mount(struct plan *plan, const struct oci_mount *mount,
			struct mount_options *options)
{
	if (!plan->mount_label || is_kernel_view(mount->type) || strcmp(mount->type, "mqueue") == 0)
		return;
	options->params[options->n_params++] =
		(struct mount_param){ .key = "context", .value = plan->mount_label };
}

/* In an empty filesystem that is read-only nothing can be mounted, and no device made: it becomes
 * so when all else is done. */
static void seal_later(struct plan *plan, struct op_mount *arg)
{
	struct plan_sealed *note = plan_new(plan, struct plan_sealed);

	*note = (struct plan_sealed){ .next = plan->sealed, .target = arg->target, .fd = -1 };
	plan->sealed = note;
	arg->keep_fd = &note->fd;
	arg->fs.attr &= ~(uint64_t)MOUNT_ATTR_RDONLY;
}

void plan_seal_mounts(struct plan *plan)
{
	for (const struct plan_sealed *note = plan->sealed; note; note = note->next)
		plan_add(plan, op_seal_mount, &note->fd, "make '%s' read-only", note->target);
}

/* For a new filesystem: attributes come at its making. */
static void plan_filesystem(struct plan *plan, const struct oci_mount *mount,
			    const struct mount_options *options, struct op_mount *arg)
{
	arg->fs = (struct mount_fs){
		.type = mount->type,
		.source = mount->source && *mount->source ? mount->source : mount->type,
		.params = options->params,
		.n_params = options->n_params,
		.attr = options->set | options->set_rec,
	};
	arg->data = legacy_data(plan, options);
	if (is_kernel_view(mount->type))
		arg->flags |= OP_MOUNT_PLAIN;
	if (options->copy_up)
		arg->flags |= OP_MOUNT_COPY_UP;
	if ((arg->fs.attr & MOUNT_ATTR_RDONLY) && !arg->data && strcmp(mount->type, "tmpfs") == 0)
		seal_later(plan, arg);
}

/* Open the source of a bind. Its kind, directory or not, is that of the target. */
static int plan_bind(struct plan *plan, const struct oci_mount *mount,
		     const struct mount_options *options, struct op_mount *arg, struct err *err)
{
	struct stat st;

	if (!mount->source || !*mount->source)
		return err_set(err, ERR_USAGE, EINVAL, "source: is missing");
	arg->source = mount->source;
	if (mount->source[0] != '/' && plan->bundle)
		arg->source = arena_printf(&plan->arena, "%s/%s", plan->bundle, mount->source);
	if (stat(arg->source, &st) < 0)
		return err_sys(err, errno, "source '%s'", arg->source);
	if (!S_ISDIR(st.st_mode))
		arg->flags |= OP_MOUNT_FILE;
	if (options->is_recursive)
		arg->flags |= OP_MOUNT_RECURSIVE;
	if (plan->is_privileged) {
		int fd = mount_clone(AT_FDCWD, arg->source, options->is_recursive);

		if (fd < 0)
			return err_sys(err, -fd, "source '%s'", arg->source);
		arg->tree_fd = plan_own_fd(plan, fd);
	}
	arg->change = (struct mount_change){ .set = options->set, .clear = options->clear };
	arg->change_rec =
		(struct mount_change){ .set = options->set_rec, .clear = options->clear_rec };
	return plan_idmap(plan, mount, options, arg, err);
}

/*
 * In a user namespace these can be mounted anew only for a namespace that it owns. Of the host's a
 * container sees what the host has, and can't change it.
 */
static const char *host_view(const struct plan *plan, const struct oci_mount *mount)
{
	static const struct {
		const char *type, *path;
		enum ns_kind kind;
	} rows[] = {
		{ "proc", "/proc", NS_PID },
		{ "sysfs", "/sys", NS_NET },
		{ "mqueue", "/dev/mqueue", NS_IPC },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].type, mount->type) == 0 && plan->host_views >> rows[i].kind & 1)
			return rows[i].path;
	return NULL;
}

/* We are in the host's namespaces, so we can mount it; who may not shows what is there already. */
static void plan_host_view(struct plan *plan, const struct oci_mount *mount,
			   const struct mount_options *options, struct op_mount *arg)
{
	const struct mount_fs fs = { .type = mount->type, .source = mount->type };
	int fd = plan->is_privileged ? mount_make(&fs) : -EPERM;

	if (fd >= 0)
		arg->tree_fd = plan_own_fd(plan, fd);
	arg->source = host_view(plan, mount);
	arg->flags |= OP_MOUNT_RECURSIVE;
	arg->change = (struct mount_change){ .set = options->set | options->set_rec };
	arg->change_rec = (struct mount_change){ .set = MOUNT_ATTR_RDONLY };
}

/* The specification's default: nothing travels between the container's mounts and the host's. */
static void plan_propagation(const struct mount_options *options, struct op_mount *arg)
{
	arg->propagation = options->propagation ? options->propagation : MS_PRIVATE;
	arg->propagation_rec = options->propagation ? options->propagation_rec : true;
	if (!arg->source && !options->propagation)
		arg->propagation = 0; /* a new filesystem is private as it is */
}

static int plan_one(struct plan *plan, const struct oci_mount *mount, struct err *err)
{
	struct op_mount *arg = plan_new(plan, struct op_mount);
	struct mount_options options;
	int r;

	*arg = (struct op_mount){ .target = mount->destination, .tree_fd = -1 };
	r = mount_options_parse(&mount->options, &plan->arena, &options, err);
	if (r < 0)
		return r;
	if (strspn(mount->destination, "/.") == strlen(mount->destination))
		return err_set(err, ERR_USAGE, EINVAL, "destination: '%s' is the root filesystem",
			       mount->destination);
	if (mount->type && strcmp(mount->type, "cgroup") == 0)
		return plan_cgroup_mount(plan, mount, &options, err);
	if (options.is_bind || (mount->type && strcmp(mount->type, "bind") == 0)) {
		r = plan_bind(plan, mount, &options, arg, err);
		if (r < 0)
			return r;
	} else if (!mount->type || !*mount->type) {
		return err_set(err, ERR_USAGE, EINVAL, "type: is missing, and it is no bind mount");
	} else if (options.idmap || mount->uid_mappings.n) {
		return err_set(err, ERR_USAGE, ENOTSUP, "uidMappings: only for bind mounts");
	} else if (host_view(plan, mount)) {
		plan_host_view(plan, mount, &options, arg);
	} else {
		label_mount(plan, mount, &options);
		plan_filesystem(plan, mount, &options, arg);
	}
	plan_propagation(&options, arg);
	plan_add(plan, op_mount, arg, "mount %s%s%s on '%s'",
		 arg->source ? "'" : "", arg->source ? arg->source : mount->type,
		 arg->source ? "'" : "", mount->destination);
	return 0;
}

int plan_mount(struct plan *plan, const struct oci_mount *mount, const char *member,
	       struct err *err)
{
	int r = plan_one(plan, mount, err);

	return r < 0 ? err_wrap(err, "%s: mount '%s'", member, mount->destination) : 0;
}
