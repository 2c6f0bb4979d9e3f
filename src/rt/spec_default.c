/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config.json that `spec` writes: a shell in a terminal, with few capabilities, in namespaces
 * of its own. What a user who is not root can't have is other: there is a user namespace in which
 * they are root, the host's network, a view of the host's /sys, no group of terminals, no limits.
 */
#include "rt/rt.h"

static const char head[] =
	"{\n"
	"\t\"ociVersion\": \"1.3.0\",\n"
	"\t\"process\": {\n"
	"\t\t\"terminal\": true,\n"
	"\t\t\"user\": { \"uid\": 0, \"gid\": 0 },\n"
	"\t\t\"args\": [ \"sh\" ],\n"
	"\t\t\"env\": [\n"
	"\t\t\t\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\",\n"
	"\t\t\t\"TERM=xterm\"\n"
	"\t\t],\n"
	"\t\t\"cwd\": \"/\",\n";

#define CAPS "[ \"CAP_AUDIT_WRITE\", \"CAP_KILL\", \"CAP_NET_BIND_SERVICE\" ]"

static const char rights[] =
	"\t\t\"capabilities\": {\n"
	"\t\t\t\"bounding\": " CAPS ",\n"
	"\t\t\t\"effective\": " CAPS ",\n"
	"\t\t\t\"permitted\": " CAPS "\n"
	"\t\t},\n"
	"\t\t\"rlimits\": [\n"
	"\t\t\t{ \"type\": \"RLIMIT_NOFILE\", \"hard\": 1024, \"soft\": 1024 }\n"
	"\t\t],\n"
	"\t\t\"noNewPrivileges\": true\n"
	"\t},\n"
	"\t\"root\": { \"path\": \"rootfs\", \"readonly\": true },\n"
	"\t\"hostname\": \"tare\",\n";

static void add_mount(struct buf *out, const char *destination, const char *type,
		      const char *source, const char *options)
{
	buf_printf(out,
		   "\t\t{\n"
		   "\t\t\t\"destination\": \"%s\",\n"
		   "\t\t\t\"type\": \"%s\",\n"
		   "\t\t\t\"source\": \"%s\"",
		   destination, type, source);
	if (*options)
		buf_printf(out, ",\n\t\t\t\"options\": [ %s ]", options);
	buf_puts(out, "\n\t\t}");
}

#define SAFE "\"nosuid\", \"noexec\", \"nodev\""

static void add_mounts(bool rootless, struct buf *out)
{
	buf_puts(out, "\t\"mounts\": [\n");
	add_mount(out, "/proc", "proc", "proc", "");
	buf_puts(out, ",\n");
	add_mount(out, "/dev", "tmpfs", "tmpfs",
		  "\"nosuid\", \"strictatime\", \"mode=755\", \"size=65536k\"");
	buf_puts(out, ",\n");
	add_mount(out, "/dev/pts", "devpts", "devpts",
		  rootless ? "\"nosuid\", \"noexec\", \"newinstance\", \"ptmxmode=0666\", "
			     "\"mode=0620\"" :
			     "\"nosuid\", \"noexec\", \"newinstance\", \"ptmxmode=0666\", "
			     "\"mode=0620\", \"gid=5\"");
	buf_puts(out, ",\n");
	add_mount(out, "/dev/shm", "tmpfs", "shm", SAFE ", \"mode=1777\", \"size=65536k\"");
	buf_puts(out, ",\n");
	add_mount(out, "/dev/mqueue", "mqueue", "mqueue", SAFE);
	buf_puts(out, ",\n");
	if (rootless)
		add_mount(out, "/sys", "none", "/sys", "\"rbind\", " SAFE ", \"rro\"");
	else
		add_mount(out, "/sys", "sysfs", "sysfs", SAFE ", \"ro\"");
	if (!rootless) {
		buf_puts(out, ",\n");
		add_mount(out, "/sys/fs/cgroup", "cgroup", "cgroup",
			  SAFE ", \"relatime\", \"ro\"");
	}
	buf_puts(out, "\n\t],\n");
}

/* Root inside is who calls, outside. */
static void add_mappings(struct buf *out)
{
	buf_printf(out,
		   "\t\t\"uidMappings\": [\n"
		   "\t\t\t{ \"containerID\": 0, \"hostID\": %u, \"size\": 1 }\n"
		   "\t\t],\n"
		   "\t\t\"gidMappings\": [\n"
		   "\t\t\t{ \"containerID\": 0, \"hostID\": %u, \"size\": 1 }\n"
		   "\t\t],\n",
		   (unsigned)geteuid(), (unsigned)getegid());
}

static void add_limits(struct buf *out)
{
	buf_puts(out, "\t\t\"resources\": {\n"
		      "\t\t\t\"devices\": [\n"
		      "\t\t\t\t{ \"allow\": false, \"access\": \"rwm\" }\n"
		      "\t\t\t]\n"
		      "\t\t},\n");
}

static const char paths[] =
	"\t\t\"maskedPaths\": [\n"
	"\t\t\t\"/proc/acpi\",\n"
	"\t\t\t\"/proc/asound\",\n"
	"\t\t\t\"/proc/interrupts\",\n"
	"\t\t\t\"/proc/kcore\",\n"
	"\t\t\t\"/proc/keys\",\n"
	"\t\t\t\"/proc/latency_stats\",\n"
	"\t\t\t\"/proc/sched_debug\",\n"
	"\t\t\t\"/proc/scsi\",\n"
	"\t\t\t\"/proc/timer_list\",\n"
	"\t\t\t\"/proc/timer_stats\",\n"
	"\t\t\t\"/sys/devices/virtual/powercap\",\n"
	"\t\t\t\"/sys/firmware\"\n"
	"\t\t],\n"
	"\t\t\"readonlyPaths\": [\n"
	"\t\t\t\"/proc/bus\",\n"
	"\t\t\t\"/proc/fs\",\n"
	"\t\t\t\"/proc/irq\",\n"
	"\t\t\t\"/proc/sys\",\n"
	"\t\t\t\"/proc/sysrq-trigger\"\n"
	"\t\t]\n"
	"\t}\n"
	"}\n";

void rt_spec_format(bool rootless, struct buf *out)
{
	buf_puts(out, head);
	buf_puts(out, rights);
	add_mounts(rootless, out);
	buf_puts(out, "\t\"linux\": {\n");
	if (rootless)
		add_mappings(out);
	else
		add_limits(out);
	buf_puts(out, "\t\t\"namespaces\": [\n"
		      "\t\t\t{ \"type\": \"pid\" },\n"
		      "\t\t\t{ \"type\": \"ipc\" },\n"
		      "\t\t\t{ \"type\": \"uts\" },\n"
		      "\t\t\t{ \"type\": \"mount\" },\n"
		      "\t\t\t{ \"type\": \"cgroup\" },\n");
	buf_printf(out, "\t\t\t{ \"type\": \"%s\" }\n\t\t],\n", rootless ? "user" : "network");
	buf_puts(out, paths);
}
