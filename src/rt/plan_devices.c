/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device nodes: those that every container has (config-linux.md, "Default Devices"), those that
 * config.json lists, the links beside them, and the terminal.
 */
#include "rt/plan.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const struct {
	const char *path;
	unsigned major, minor;
} default_devices[] = {
	{ "/dev/null", 1, 3 },	 { "/dev/zero", 1, 5 },	   { "/dev/full", 1, 7 },
	{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};

static const char *const links[] = {
	"fd",	  "/proc/self/fd",   "stdin", "/proc/self/fd/0", "stdout", "/proc/self/fd/1",
	"stderr", "/proc/self/fd/2", "core",  "/proc/kcore",	 NULL,
};

static mode_t type_bits(const char *type)
{
	switch (type[0]) {
	case 'b':
		return S_IFBLK;
	case 'p':
		return S_IFIFO;
	default:
		return S_IFCHR;
	}
}

/* When the host's /dev is bound in, it is furnished already, and not ours to furnish. */
static bool is_dev_bound(const struct oci_spec *spec)
{
	for (size_t i = 0; i < spec->mounts.n; i++) {
		const struct oci_mount *m = &spec->mounts.v[i];
		const char *d = m->destination;
		size_t len = strlen(d);

		while (len > 1 && d[len - 1] == '/')
			len--;
		if (len != 4 || strncmp(d, "/dev", 4) != 0)
			continue;
		for (size_t k = 0; k < m->options.n; k++)
			if (strcmp(m->options.v[k], "bind") == 0 ||
			    strcmp(m->options.v[k], "rbind") == 0)
				return true;
		return m->type && strcmp(m->type, "bind") == 0;
	}
	return false;
}

static bool is_listed(const struct oci_spec *spec, const char *path)
{
	for (size_t i = 0; i < spec->linux_->devices.n; i++)
		if (strcmp(spec->linux_->devices.v[i].path, path) == 0)
			return true;
	return false;
}

static bool is_bound(const struct plan *plan, mode_t mode)
{
	return plan->in_userns && !S_ISFIFO(mode);
}

static void add_defaults(struct plan *plan, const struct oci_spec *spec)
{
	size_t n = sizeof(default_devices) / sizeof(default_devices[0]);
	struct op_device *devices = arena_array(&plan->arena, struct op_device, n);
	struct op_devices *arg = plan_new(plan, struct op_devices);

	*arg = (struct op_devices){ .v = devices, .links = links };
	for (size_t i = 0; i < n; i++) {
		if (is_listed(spec, default_devices[i].path))
			continue;
		devices[arg->n++] = (struct op_device){
			.path = default_devices[i].path,
			.mode = S_IFCHR | 0666,
			.rdev = makedev(default_devices[i].major, default_devices[i].minor),
			.bind = is_bound(plan, S_IFCHR),
		};
	}
	plan_add(plan, op_furnish_dev, arg, "make the default devices");
}

static void add_listed(struct plan *plan, const struct oci_spec *spec)
{
	for (size_t i = 0; i < spec->linux_->devices.n; i++) {
		const struct oci_device *d = &spec->linux_->devices.v[i];
		struct op_device *arg = plan_new(plan, struct op_device);
		bool is_fifo = d->type[0] == 'p';

		*arg = (struct op_device){
			.path = d->path,
			.mode = type_bits(d->type) |
				(mode_t)(d->file_mode.is_set ? d->file_mode.value & 07777 : 0666),
			.rdev = is_fifo ? 0 : makedev((unsigned)d->major, (unsigned)d->minor),
			.uid = (uid_t)d->uid.value,
			.gid = (gid_t)d->gid.value,
		};
		arg->bind = is_bound(plan, arg->mode);
		plan_add(plan, op_make_device, arg, "linux.devices[%zu]: make device '%s'", i,
			 d->path);
	}
}

static void add_console(struct plan *plan, const struct oci_process *process)
{
	struct op_console *console = plan_new(plan, struct op_console);

	*console = (struct op_console){ .uid = process->user.uid, .mount_console = true };
	if (process->console_size) {
		console->rows = (unsigned short)process->console_size->height;
		console->columns = (unsigned short)process->console_size->width;
	}
	plan_add(plan, op_open_console, console, "process.terminal: open the terminal");
}

void plan_devices(struct plan *plan, const struct oci_spec *spec)
{
	if (plan->has_mount_ns && !is_dev_bound(spec))
		add_defaults(plan, spec);
	add_listed(plan, spec);
	if (spec->process->terminal)
		add_console(plan, spec->process);
}
