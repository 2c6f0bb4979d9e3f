/* SPDX-License-Identifier: Apache-2.0 */
#include "spec_of.h"

#include "engine/submounts.h"

static const struct oci_mount *find(const struct made *made, const char *target)
{
	for (size_t i = 0; made->spec && i < made->spec->mounts.n; i++)
		if (strcmp(made->spec->mounts.v[i].destination, target) == 0)
			return &made->spec->mounts.v[i];
	return NULL;
}

/* "type source options" of the mount at `target`; "" when there is none. */
static const char *mount_at(const struct made *made, const char *target)
{
	const struct oci_mount *mount = find(made, target);
	static char line[1024];

	line[0] = '\0';
	if (mount)
		(void)snprintf(line, sizeof(line), "%s %s %s", mount->type, mount->source,
			       joined(&mount->options));
	return line;
}

/* The targets in their order. */
static const char *order_of(const struct made *made)
{
	static char line[1024];
	size_t len = 0;

	line[0] = '\0';
	for (size_t i = 0; made->spec && i < made->spec->mounts.n; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s", i ? " " : "",
					made->spec->mounts.v[i].destination);
	return line;
}

#define BIND(from, to, ...) \
	{ .type = STR("bind"), .source = STR(from), .target = STR(to), \
	  __VA_ARGS__ }
#define TMPFS(to, ...) { .type = STR("tmpfs"), .target = STR(to), __VA_ARGS__ }
#define MOUNTS(...)                                                                   \
	.mounts = { (struct config_mount[]){ __VA_ARGS__ },                           \
		    sizeof((struct config_mount[]){ __VA_ARGS__ }) /                  \
			    sizeof(struct config_mount) }

static bool seven_are_there_unasked(void)
{
	auto_made struct made made = spec_of(CONFIG());

	return CHECK_STR(order_of(&made),
			 "/proc /dev /sys /dev/pts /dev/shm /dev/mqueue /sys/fs/cgroup") &&
	       CHECK_STR(mount_at(&made, "/proc"), "proc proc nosuid noexec nodev") &&
	       CHECK_STR(mount_at(&made, "/dev"),
			 "tmpfs tmpfs nosuid strictatime mode=755 size=65536k") &&
	       CHECK_STR(mount_at(&made, "/dev/pts"),
			 "devpts devpts nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5") &&
	       CHECK_STR(mount_at(&made, "/dev/shm"),
			 "tmpfs shm nosuid noexec nodev mode=1777 size=65536k") &&
	       CHECK_STR(mount_at(&made, "/dev/mqueue"), "mqueue mqueue nosuid noexec nodev") &&
	       CHECK_STR(mount_at(&made, "/sys"), "sysfs sysfs nosuid noexec nodev ro") &&
	       CHECK_STR(mount_at(&made, "/sys/fs/cgroup"),
			 "cgroup cgroup nosuid noexec nodev relatime ro");
}

static bool a_bind_is_recursive_and_private_unless_it_says_otherwise(void)
{
	auto_made struct made made = spec_of(CONFIG(MOUNTS(
		BIND("/srv", "/a"), BIND("/srv", "/b", .options = WORDS("rro", "rslave")),
		BIND("/srv", "/c", .options = WORDS("bind", "nosuid")))));

	return CHECK_STR(mount_at(&made, "/a"), "bind /srv rbind rprivate") &&
	       CHECK_STR(mount_at(&made, "/b"), "bind /srv rbind rro rslave") &&
	       CHECK_STR(mount_at(&made, "/c"), "bind /srv rprivate bind nosuid");
}

static bool a_tmpfs_is_safe_unless_it_says_otherwise(void)
{
	auto_made struct made made = spec_of(CONFIG(
		MOUNTS(TMPFS("/t"), TMPFS("/u", .options = WORDS("exec", "size=1m")))));

	return CHECK_STR(mount_at(&made, "/t"), "tmpfs tmpfs nosuid noexec nodev") &&
	       CHECK_STR(mount_at(&made, "/u"), "tmpfs tmpfs nosuid noexec nodev exec size=1m");
}

static bool what_lies_deeper_comes_later_and_a_persons_after_ours(void)
{
	auto_made struct made made =
		spec_of(CONFIG(MOUNTS(TMPFS("/sys/fs"), TMPFS("/a/b/c"), TMPFS("/a"),
				      TMPFS("/dev/x"), TMPFS("/0"))));

	return CHECK_STR(order_of(&made), "/proc /dev /sys /a /0 /dev/pts /dev/shm /dev/mqueue "
					  "/sys/fs /dev/x /sys/fs/cgroup /a/b/c");
}

/* Nothing of a bind lies over what a person put there, however deep it was on the host. */
static bool what_is_mounted_below_a_bind_comes_with_it(void)
{
	struct config_mount binds[] = {
		{ STR("bind"), STR("/srv"), STR("/t"), WORDS("rro", "idmap"), false },
		{ STR("bind"), STR("/mine"), STR("/t/a"), WORDS("idmap"), false },
	};
	struct submount subs[] = {
		{ SUBMOUNT_OF_ROOT, STR("/root/x/y"), STR("/x/y"), true, false, false },
		{ 0, STR("/srv/a"), STR("/t/a"), true, false, false },
		{ 0, STR("/srv/a/nfs"), STR("/t/a/nfs"), false, true, true },
	};
	const struct submounts submounts = { subs, 3 };
	const struct spec_place place = { .rootfs = "/", .cgroup_path = "/tare/" ID,
					  .submounts = &submounts };
	auto_made struct made made = {};

	tmpdir_make(&made.root);
	return CHECK(spec_make(CONFIG(.mounts = { binds, 2 }, .ids_size = 65536), &place,
			       &made.arena, &made.spec, &made.err) == 0) &&
	       CHECK_STR(order_of(&made), "/x/y /proc /dev /sys /t /t/a /t/a/nfs /dev/pts "
					  "/dev/shm /dev/mqueue /t/a /sys/fs/cgroup") &&
	       CHECK_STR(mount_at(&made, "/x/y"), "bind /root/x/y bind rprivate idmap") &&
	       CHECK_STR(mount_at(&made, "/t"), "bind /srv bind rprivate rro idmap") &&
	       CHECK_STR(mount_at(&made, "/t/a/nfs"), "bind /srv/a/nfs rbind rprivate rro rro");
}

static bool a_persons_mount_replaces_ours_in_its_place(void)
{
	auto_made struct made shm = spec_of(CONFIG(MOUNTS(BIND("/dev/shm", "/dev/shm"))));
	auto_made struct made proc = spec_of(CONFIG(MOUNTS(BIND("/proc", "/proc"))));
	auto_made struct made dev = spec_of(CONFIG(MOUNTS(BIND("/dev", "/dev"))));

	return CHECK_STR(mount_at(&shm, "/dev/shm"), "bind /dev/shm rbind rprivate") &&
	       CHECK(shm.spec->mounts.n == 7) &&
	       CHECK_STR(mount_at(&proc, "/proc"), "bind /proc rbind rprivate") &&
	       CHECK_STR(order_of(&dev), "/proc /sys /dev /sys/fs/cgroup");
}

static bool shared_memory_has_the_size_that_was_asked_for(void)
{
	auto_made struct made made = spec_of(CONFIG(.shm_size_bytes = 4096));

	return CHECK_STR(mount_at(&made, "/dev/shm"),
			 "tmpfs shm nosuid noexec nodev mode=1777 size=65536k size=4096") &&
	       REFUSED("--shm-size: -1 is below 0", .shm_size_bytes = -1);
}

static bool an_image_is_bound_from_the_stage_in_its_turn(void)
{
	auto_made struct made made = spec_of(CONFIG(MOUNTS(
		TMPFS("/t"), { .type = STR("image"), .source = STR("box:1"), .target = STR("/a"),
			       .options = WORDS("ro") })));

	return CHECK_STR(mount_at(&made, "/a"), "bind /stage/image-1 bind rprivate ro");
}

static bool what_makes_no_sense_is_refused_by_its_target(void)
{
	return REFUSED("mount '/': the target is no place below the root", MOUNTS(TMPFS("/"))) &&
	       REFUSED("mount 'a': the target is no place below the root", MOUNTS(TMPFS("a"))) &&
	       REFUSED("mount '/a': the target is given twice",
		       MOUNTS(TMPFS("/a"), TMPFS("/b"), BIND("/x", "/a"))) &&
	       REFUSED("mount '/a': the source 'x' is not absolute", MOUNTS(BIND("x", "/a"))) &&
	       REFUSED("mount '/a': the source '' is not absolute",
		       MOUNTS({ .type = STR("bind"), .target = STR("/a") })) &&
	       REFUSED("mount '/a': the type 'nfs' is neither bind, tmpfs nor image",
		       MOUNTS({ .type = STR("nfs"), .target = STR("/a") }));
}

static bool relabelling_is_nothing_without_selinux_and_refused_with_it(void)
{
	auto_made struct made made =
		spec_of(CONFIG(MOUNTS(BIND("/srv", "/a", .options = WORDS("Z", "ro")))));

	if (access("/sys/fs/selinux/enforce", F_OK) == 0)
		return CHECK_STR(made.err.msg, "mount '/a': to relabel the source for SELinux "
					       "(z, Z) is not there yet");
	return CHECK_STR(mount_at(&made, "/a"), "bind /srv rbind rprivate ro");
}

/* ------------------------------------------------------------------------------- masks */

static bool kernel_files_are_hidden_or_read_only(void)
{
	auto_made struct made made = spec_of(CONFIG());

	return CHECK(made.spec) &&
	       CHECK_STR(joined(&made.spec->linux_->masked_paths),
			 "/proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/keys "
			 "/proc/latency_stats /proc/sched_debug /proc/scsi /proc/timer_list "
			 "/proc/timer_stats /sys/devices/virtual/powercap /sys/firmware") &&
	       CHECK_STR(joined(&made.spec->linux_->readonly_paths),
			 "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger");
}

static bool a_person_can_mask_more_and_except_some(void)
{
	auto_made struct made made =
		spec_of(CONFIG(.mask = WORDS("/etc/shadow"), .unmask = WORDS("/proc/k*",
									     "/proc/sys")));
	auto_made struct made all = spec_of(CONFIG(.mask = WORDS("/x"), .unmask = WORDS("ALL")));

	return CHECK(made.spec && all.spec) &&
	       CHECK(!strstr(joined(&made.spec->linux_->masked_paths), "/proc/k")) &&
	       CHECK(strstr(joined(&made.spec->linux_->masked_paths),
			    "/proc/acpi /proc/asound /proc/interrupts /proc/latency_stats")) &&
	       CHECK(strstr(joined(&made.spec->linux_->masked_paths),
			    "/sys/firmware /etc/shadow")) &&
	       CHECK_STR(joined(&made.spec->linux_->readonly_paths),
			 "/proc/bus /proc/fs /proc/irq /proc/sysrq-trigger") &&
	       CHECK_STR(joined(&all.spec->linux_->masked_paths), "/x") &&
	       CHECK(all.spec->linux_->readonly_paths.n == 0) &&
	       REFUSED("--security-opt mask: 'x' is not absolute", .mask = WORDS("x"));
}

static bool nothing_is_hidden_from_who_is_privileged(void)
{
	auto_made struct made made = spec_of(CONFIG(.privileged = true));

	return CHECK(made.spec) && CHECK(made.spec->linux_->masked_paths.n == 0) &&
	       CHECK(made.spec->linux_->readonly_paths.n == 0) &&
	       CHECK_STR(mount_at(&made, "/sys"), "sysfs sysfs nosuid noexec nodev") &&
	       CHECK_STR(mount_at(&made, "/sys/fs/cgroup"),
			 "cgroup cgroup nosuid noexec nodev relatime");
}

static struct made with_files(const struct config *config)
{
	struct spec_place place = no_place;

	place.hosts_path = "/box/hosts";
	place.hostname_path = "/box/hostname";
	place.resolv_path = "/box/resolv.conf";
	place.hostname = "front";
	return spec_at(config, place);
}

static bool files_of_the_network_come_before_what_is_asked_for(void)
{
	auto_made struct made made =
		with_files(CONFIG(MOUNTS(TMPFS("/run"), BIND("/a", "/etc/b"))));
	auto_made struct made sealed = with_files(CONFIG(.read_only = true));

	return CHECK_STR(order_of(&made),
			 "/proc /dev /sys /run /dev/pts /dev/shm /dev/mqueue /etc/hosts "
			 "/etc/hostname /etc/resolv.conf /etc/b /sys/fs/cgroup") &&
	       CHECK_STR(mount_at(&made, "/etc/hosts"), "bind /box/hosts bind rprivate") &&
	       CHECK_STR(mount_at(&made, "/etc/resolv.conf"),
			 "bind /box/resolv.conf bind rprivate") &&
	       CHECK_STR(mount_at(&sealed, "/etc/hostname"),
			 "bind /box/hostname bind rprivate ro") &&
	       CHECK_STR(made.spec->hostname, "front");
}

static bool who_puts_something_in_their_place_has_that(void)
{
	auto_made struct made one = with_files(CONFIG(MOUNTS(BIND("/a", "/etc/hosts"))));
	auto_made struct made all = with_files(CONFIG(MOUNTS(BIND("/a", "/etc"))));

	return CHECK_STR(mount_at(&one, "/etc/hosts"), "bind /a rbind rprivate") &&
	       CHECK_STR(mount_at(&one, "/etc/hostname"),
			 "bind /box/hostname bind rprivate") &&
	       CHECK_STR(mount_at(&all, "/etc/hosts"), "") &&
	       CHECK_STR(mount_at(&all, "/etc/hostname"), "") &&
	       CHECK_STR(mount_at(&all, "/etc/resolv.conf"), "");
}

int main(void)
{
	TEST(seven_are_there_unasked);
	TEST(a_bind_is_recursive_and_private_unless_it_says_otherwise);
	TEST(a_tmpfs_is_safe_unless_it_says_otherwise);
	TEST(what_lies_deeper_comes_later_and_a_persons_after_ours);
	TEST(what_is_mounted_below_a_bind_comes_with_it);
	TEST(a_persons_mount_replaces_ours_in_its_place);
	TEST(shared_memory_has_the_size_that_was_asked_for);
	TEST(an_image_is_bound_from_the_stage_in_its_turn);
	TEST(what_makes_no_sense_is_refused_by_its_target);
	TEST(relabelling_is_nothing_without_selinux_and_refused_with_it);
	TEST(kernel_files_are_hidden_or_read_only);
	TEST(a_person_can_mask_more_and_except_some);
	TEST(nothing_is_hidden_from_who_is_privileged);
	TEST(files_of_the_network_come_before_what_is_asked_for);
	TEST(who_puts_something_in_their_place_has_that);
	return tap_done();
}
