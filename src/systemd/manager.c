/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to systemd. Root on a machine that boots without a bus, and users without a session bus,
 * still reach their manager by its private socket, which speaks the same messages directly.
 */
#include "systemd/scope.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define SYSTEM_SOCKET "/run/systemd/private"

/* "252.39-1", "v255": the number that it begins with. */
static unsigned parse_version(const char *text)
{
	unsigned version = 0;

	text += *text == 'v';
	for (; *text >= '0' && *text <= '9' && version < 100000; text++)
		version = version * 10 + (unsigned)(*text - '0');
	return version;
}

static void read_version(struct manager *manager)
{
	char *text = NULL;
	int r = sd_bus_get_property_string(manager->bus, "org.freedesktop.systemd1",
					   "/org/freedesktop/systemd1",
					   "org.freedesktop.systemd1.Manager", "Version", NULL,
					   &text);

	if (r >= 0)
		manager->version = parse_version(text);
	free(text);
}

static void private_address(bool user, struct buf *ret)
{
	const char *runtime_dir = secure_getenv("XDG_RUNTIME_DIR");

	if (!user)
		buf_puts(ret, "unix:path=" SYSTEM_SOCKET);
	else if (runtime_dir && *runtime_dir == '/' && !strpbrk(runtime_dir, ",;%"))
		buf_printf(ret, "unix:path=%s/systemd/private", runtime_dir);
}

static int open_private(bool user, sd_bus **ret)
{
	auto_buf struct buf address = {};
	sd_bus *bus = NULL;
	int r;

	private_address(user, &address);
	if (address.len == 0)
		return -ENOENT;
	r = sd_bus_new(&bus);
	if (r >= 0)
		r = sd_bus_set_address(bus, buf_str(&address));
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r < 0)
		sd_bus_unref(bus);
	else
		*ret = bus;
	return r;
}

/* Where the bus was looked for, for people. */
static const char *bus_place(bool user, struct buf *place)
{
	const char *given = secure_getenv(user ? "DBUS_SESSION_BUS_ADDRESS"
					       : "DBUS_SYSTEM_BUS_ADDRESS");
	const char *runtime_dir = secure_getenv("XDG_RUNTIME_DIR");

	if (given && *given)
		buf_printf(place, "'%.200s'", given);
	else if (!user)
		buf_puts(place, "/run/dbus/system_bus_socket");
	else if (runtime_dir)
		buf_printf(place, "%.200s/bus", runtime_dir);
	else
		buf_puts(place, "$XDG_RUNTIME_DIR, which is not set");
	return buf_str(place);
}

int manager_open(struct manager *manager, bool user, struct err *err)
{
	auto_buf struct buf place = {};
	int r, r_private;

	*manager = (struct manager){ .user = user };
	r = user ? sd_bus_open_user(&manager->bus) : sd_bus_open_system(&manager->bus);
	if (r < 0) {
		r_private = open_private(user, &manager->bus);
		if (r_private < 0)
			return err_sys(err, -r,
				       "the systemd cgroup driver was asked for, but there "
				       "is no D-Bus at %s",
				       bus_place(user, &place));
	}
	read_version(manager);
	return 0;
}

void manager_close(struct manager *manager)
{
	manager->bus = sd_bus_flush_close_unref(manager->bus);
}
