/* SPDX-License-Identifier: Apache-2.0 */
/* What every container has, and what the process's options change in it. */
#include "spec_of.h"

#include "mounts.h"
#include "sys/rlimit.h"

#include <sys/resource.h>

static bool what_was_not_asked_for_is_as_documented(void)
{
	auto_made struct made made = spec_of(CONFIG());
	struct oci_spec *spec = made.spec;

	return CHECK(spec) && CHECK_STR(spec->root->path, made.root.path) &&
	       CHECK(!spec->root->readonly) && CHECK_STR(spec->hostname, "0123456789ab") &&
	       CHECK_STR(joined(&spec->process->args), "sh") &&
	       CHECK_STR(spec->process->cwd, "/") && CHECK(!spec->process->terminal) &&
	       CHECK_STR(joined(&spec->process->env),
			 "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "
			 "HOSTNAME=0123456789ab") &&
	       CHECK(!spec->process->no_new_privileges) && CHECK(spec->process->rlimits.n == 2) &&
	       CHECK(!spec->process->apparmor_profile) && CHECK(!spec->process->selinux_label) &&
	       CHECK(!spec->linux_->seccomp) && CHECK(spec->linux_->devices.n == 0) &&
	       CHECK_STR(spec->linux_->cgroups_path, "/tare/" ID);
}

static bool a_specification_that_was_made_is_valid_and_can_be_written(void)
{
	auto_made struct made made = spec_of(CONFIG(.tty = true, .init = true, .privileged = true));
	auto_arena struct arena arena = {};
	auto_buf struct buf text = {};
	struct oci_spec *again = NULL;
	struct err err = {};

	if (!CHECK(made.spec) || !CHECK(oci_spec_validate(made.spec, &err) == 0))
		return false;
	oci_spec_format(made.spec, &text);
	return CHECK(oci_spec_parse(text.data, text.len, &arena, &again, &err) == 0) &&
	       CHECK(oci_spec_validate(again, &err) == 0) &&
	       CHECK(again->mounts.n == made.spec->mounts.n);
}

/* ------------------------------------------------------------------------------- namespaces */

static unsigned kinds_of(const struct config *config)
{
	auto_made struct made made = spec_of(config);
	unsigned kinds = 0;

	for (size_t i = 0; made.spec && i < made.spec->linux_->namespaces.n; i++)
		kinds |= 1u << made.spec->linux_->namespaces.v[i].kind;
	return kinds;
}

#define ALL_KINDS \
	(1u << NS_MOUNT | 1u << NS_PID | 1u << NS_NET | 1u << NS_IPC | 1u << NS_UTS | \
	 1u << NS_CGROUP)

static bool namespaces_are_its_own_but_for_those_of_the_host(void)
{
	return CHECK(kinds_of(CONFIG()) == ALL_KINDS) &&
	       CHECK(kinds_of(CONFIG(.network = STR("none"))) == ALL_KINDS) &&
	       CHECK(kinds_of(CONFIG(.network = STR("host"))) ==
		     (ALL_KINDS & ~(1u << NS_NET))) &&
	       CHECK(kinds_of(CONFIG(.pid = STR("host"))) ==
		     (ALL_KINDS & ~(1u << NS_PID))) &&
	       REFUSED("--network: 'bridge' is not one of none|host|container:NAME|ns:PATH",
		       .network = STR("bridge")) &&
	       REFUSED("--pid: 'x' is not one of private|host|container:NAME",
		       .pid = STR("x"));
}

static bool who_shares_the_hosts_network_has_the_hosts_name(void)
{
	auto_made struct made made = spec_of(CONFIG(.network = STR("host")));
	auto_made struct made named = spec_of(CONFIG(.network = STR("host"),
						     .hostname = STR("web")));
	char name[256] = "";

	return CHECK(gethostname(name, sizeof(name) - 1) == 0) && CHECK(made.spec && named.spec) &&
	       CHECK_STR(made.spec->hostname, name) && CHECK_STR(named.spec->hostname, "web");
}

/* ------------------------------------------------------------------------------- process */

static bool the_command_follows_the_entrypoint(void)
{
	auto_made struct made made = spec_of(CONFIG(.entrypoint = WORDS("/entry", "-x")));
	auto_made struct made alone = spec_of(&(struct config){ .id = STR(ID),
								.entrypoint = WORDS("/entry") });

	return CHECK(made.spec && alone.spec) &&
	       CHECK_STR(joined(&made.spec->process->args), "/entry -x sh") &&
	       CHECK(made.spec->process->args.v[3] == NULL) &&
	       CHECK_STR(joined(&alone.spec->process->args), "/entry") &&
	       CHECK_STR(refusal_of(&(struct config){ .id = STR(ID) }),
			 "COMMAND is missing");
}

static bool init_runs_the_command_and_is_mounted_read_only(void)
{
	auto_made struct made made = spec_of(CONFIG(.init = true));
	struct oci_mount *last;

	if (!CHECK(made.spec))
		return false;
	last = &made.spec->mounts.v[made.spec->mounts.n - 1];
	return CHECK_STR(joined(&made.spec->process->args), "/dev/tare-init -- sh") &&
	       CHECK_STR(last->destination, "/dev/tare-init") &&
	       CHECK_STR(last->source, "/lib/tare-init") &&
	       CHECK_STR(joined(&last->options), "bind ro nosuid nodev rprivate");
}

static bool what_a_person_sets_replaces_the_environments_defaults(void)
{
	auto_made struct made made = spec_of(CONFIG(.tty = true, .env = WORDS("PATH=/bin", "A=b=c",
									     "PATHS=x")));
	auto_made struct made term = spec_of(CONFIG(.tty = true, .env = WORDS("TERM=dumb",
									     "HOSTNAME=")));

	return CHECK(made.spec && term.spec) &&
	       CHECK_STR(joined(&made.spec->process->env),
			 "HOSTNAME=0123456789ab TERM=xterm PATH=/bin A=b=c PATHS=x") &&
	       CHECK_STR(joined(&term.spec->process->env),
			 "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "
			 "TERM=dumb HOSTNAME=");
}

static bool other_options_reach_the_process(void)
{
	auto_made struct made made = spec_of(CONFIG(.tty = true,
						    .no_new_privileges = { true, true },
						    .workdir = STR("/srv/x"),
						    .apparmor_profile = STR("mine"),
						    .selinux_label = STR("u:r:t:s0"),
						    .read_only = true));

	return CHECK(made.spec) && CHECK(made.spec->process->terminal) &&
	       CHECK(made.spec->process->no_new_privileges) &&
	       CHECK_STR(made.spec->process->cwd, "/srv/x") &&
	       CHECK_STR(made.spec->process->apparmor_profile, "mine") &&
	       CHECK_STR(made.spec->process->selinux_label, "u:r:t:s0") &&
	       CHECK(made.spec->root->readonly) &&
	       REFUSED("--workdir: 'srv' is not absolute", .workdir = STR("srv"));
}

/* ------------------------------------------------------------------------------- user */

/* "uid:gid group group" */
static const char *user_of(char *who)
{
	static char line[512];
	auto_made struct made made = spec_of(CONFIG(.user = who));
	struct oci_user *user;
	int len;

	if (!made.spec) {
		(void)snprintf(line, sizeof(line), "%s", made.err.msg);
		return line;
	}
	user = &made.spec->process->user;
	len = snprintf(line, sizeof(line), "%u:%u", user->uid, user->gid);
	for (size_t i = 0; i < user->additional_gids.n; i++)
		len += snprintf(line + len, sizeof(line) - (size_t)len, " %u",
				user->additional_gids.v[i]);
	return line;
}

static bool the_user_is_the_roots_own_and_brings_its_groups(void)
{
	return CHECK_STR(user_of(NULL), "0:0 0 4 6") &&
	       CHECK_STR(user_of(STR("")), "0:0 0 4 6") &&
	       CHECK_STR(user_of(STR("web")), "33:34 34 6") &&
	       CHECK_STR(user_of(STR("33")), "33:34 34 6") &&
	       CHECK_STR(user_of(STR("web:adm")), "33:4 4") &&
	       CHECK_STR(user_of(STR("1234:5678")), "1234:5678 5678") &&
	       CHECK(strstr(user_of(STR("nobody")), "--user 'nobody': ")) &&
	       CHECK(strstr(user_of(STR("4294967295")), "--user '4294967295': "));
}

/* The image's files may be links: they stay below its root. */
static bool a_passwd_that_leads_out_of_the_root_is_not_followed(void)
{
	auto_tmpdir struct tmpdir root = { .fd = -1 };
	auto_arena struct arena arena = {};
	struct spec_place place = { .cgroup_path = "/x", .init_path = "/x" };
	struct oci_spec *spec = NULL;
	struct err err = {};

	tmpdir_make(&root);
	place.rootfs = root.path;
	return CHECK(mkdirat(root.fd, "etc", 0755) == 0) &&
	       CHECK(symlinkat("/etc/passwd", root.fd, "etc/passwd") == 0) &&
	       CHECK(spec_make(CONFIG(.user = STR("daemon")), &place, &arena, &spec, &err) <
		     0);
}

/* When the specification is made, the view is an empty directory still. */
static bool the_users_of_a_view_are_the_hosts(void)
{
	auto_tmpdir struct tmpdir root = { .fd = -1 };
	auto_arena struct arena arena = {};
	struct spec_place place = { .cgroup_path = "/x", .init_path = "/x", .is_view = true };
	struct oci_spec *spec = NULL;
	struct err err = {};

	tmpdir_make(&root);
	place.rootfs = root.path;
	return CHECK(spec_make(CONFIG(.user = STR("root")), &place, &arena, &spec, &err) == 0) &&
	       CHECK(spec->process->user.uid == 0) && CHECK_STR(spec->root->path, root.path);
}

static bool a_root_without_users_has_root(void)
{
	auto_tmpdir struct tmpdir root = { .fd = -1 };
	auto_arena struct arena arena = {};
	struct spec_place place = { .cgroup_path = "/x", .init_path = "/x" };
	struct oci_spec *spec = NULL;
	struct err err = {};

	tmpdir_make(&root);
	place.rootfs = root.path;
	return CHECK(spec_make(CONFIG(), &place, &arena, &spec, &err) == 0) &&
	       CHECK(spec->process->user.uid == 0) &&
	       CHECK(spec->process->user.additional_gids.n == 1);
}

/* ------------------------------------------------------------------------------- limits */

static bool ulimits_are_passed_on_exactly_or_refused(void)
{
	struct config_ulimit nofile[] = { { STR("nofile"), 1024, 2048 },
					  { STR("core"), 0, -1 } };
	struct config_ulimit above[] = { { STR("nproc"), -1, 5 } };
	struct config_ulimit unknown[] = { { STR("nosuch"), 1, 1 } };
	auto_made struct made made = spec_of(CONFIG(.ulimits = { nofile, 2 }));
	struct oci_rlimit *limits;

	if (!CHECK(made.spec && made.spec->process->rlimits.n == 3)) /* and nproc of ours */
		return false;
	limits = made.spec->process->rlimits.v;
	return CHECK_STR(limits[0].type, "RLIMIT_NOFILE") && CHECK(limits[0].soft == 1024) &&
	       CHECK(limits[0].hard == 2048) && CHECK_STR(limits[1].type, "RLIMIT_CORE") &&
	       CHECK(limits[1].soft == 0) && CHECK(limits[1].hard == UINT64_MAX) &&
	       REFUSED("--ulimit 'nproc': soft limit of 'RLIMIT_NPROC' is above its hard limit",
		       .ulimits = { above, 1 }) &&
	       REFUSED("--ulimit 'nosuch': unknown rlimit 'RLIMIT_NOSUCH'",
		       .ulimits = { unknown, 1 });
}

/* The filter that goes along with the specification, or NULL; it is as long as `made` lives. */
static const struct sock_fprog *filter_of(struct made *made, const struct config *config)
{
	return spec_filter(config, made->spec, &made->arena);
}

static bool our_filter_is_for_who_has_no_other(void)
{
	auto_made struct made made = spec_of(CONFIG(.seccomp_profile = STR("unconfined")));
	auto_made struct made asked = spec_of(CONFIG(.seccomp_profile = STR("builtin")));

	return CHECK(made.spec && !made.spec->linux_->seccomp) &&
	       CHECK(asked.spec && !asked.spec->linux_->seccomp) &&
	       CHECK(filter_of(&made, CONFIG())) &&
	       CHECK(filter_of(&made, CONFIG(.seccomp_profile = STR("builtin")))) &&
	       CHECK(!filter_of(&made, CONFIG(.privileged = true))) &&
	       CHECK(filter_of(&made, CONFIG(.privileged = true,
					     .seccomp_profile = STR("builtin")))) &&
	       CHECK(!filter_of(&made, CONFIG(.seccomp_profile = STR("unconfined")))) &&
	       CHECK(!filter_of(&made, CONFIG(.seccomp_profile = STR("{}"))));
}

static bool our_filter_is_for_the_containers_capabilities(void)
{
	auto_made struct made few = spec_of(CONFIG(.cap_drop = WORDS("ALL")));
	auto_made struct made usual = spec_of(CONFIG());
	const struct sock_fprog *one, *other;

	if (!CHECK(few.spec && usual.spec))
		return false;
	one = filter_of(&few, CONFIG());
	other = filter_of(&usual, CONFIG());
	return CHECK(one->len == other->len) &&
	       CHECK(memcmp(one->filter, other->filter, one->len * sizeof(*one->filter)) != 0);
}

/* Whether it can be raised or not: what is asked of the kernel it will take. */
static bool limits_are_the_defaults_as_far_as_we_may(void)
{
	struct rlimit_value files = { .resource = RLIMIT_NOFILE };
	auto_made struct made made = spec_of(CONFIG());
	const struct oci_rlimit *limit;

	if (!CHECK(made.spec && made.spec->process->rlimits.n == 2) ||
	    !CHECK(rlimit_get(&files) == 0))
		return false;
	limit = &made.spec->process->rlimits.v[0];
	return CHECK_STR(limit->type, "RLIMIT_NOFILE") && CHECK(limit->soft == limit->hard) &&
	       CHECK(limit->hard == (files.hard < 1048576 ? files.hard : 1048576)) &&
	       CHECK_STR(made.spec->process->rlimits.v[1].type, "RLIMIT_NPROC");
}

static const char *sysctls_of(const struct config *config)
{
	static char text[256];
	auto_made struct made made = spec_of(config);
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; made.spec && i < made.spec->linux_->sysctl.n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s=%s;",
					made.spec->linux_->sysctl.v[i].key,
					made.spec->linux_->sysctl.v[i].value);
	return text;
}

static bool a_network_of_its_own_is_everybodys(void)
{
	return CHECK_STR(sysctls_of(CONFIG()), "net.ipv4.ip_unprivileged_port_start=0;"
					       "net.ipv4.ping_group_range=0 2147483647;") &&
	       CHECK_STR(sysctls_of(CONFIG(.ids_start = 0x70000000, .ids_size = 65536)),
			 "net.ipv4.ip_unprivileged_port_start=0;"
			 "net.ipv4.ping_group_range=0 65535;") &&
	       CHECK_STR(sysctls_of(CONFIG(.network = STR("host"))), "");
}

/* What the machine's administrator wants counts where a person said nothing. */
static bool no_new_privileges_are_the_settings_or_a_persons(void)
{
	static const struct {
		struct oci_bool asked;
		bool setting, is;
	} rows[] = {
		{ { false, false }, false, false }, { { false, false }, true, true },
		{ { true, false }, true, false },   { { true, true }, false, true },
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_arena struct arena arena = {};
		const struct spec_place place = { .rootfs = "/", .cgroup_path = "/tare/" ID,
						  .no_new_privs = rows[i].setting };
		struct oci_spec *spec = NULL;
		struct err err;

		ok &= CHECK(spec_make(CONFIG(.no_new_privileges = rows[i].asked), &place, &arena,
				      &spec, &err) == 0) &&
		      CHECK(spec->process->no_new_privileges == rows[i].is);
	}
	return ok;
}

/* A stand-in for the machine's processors: guests have no such counters. */
static bool counters_of_throttling_are_masked(void)
{
	static const char *const dirs[] = { "cpu0", "cpu0/thermal_throttle", "cpu1",
					    "cpu1/thermal_throttle" };
	auto_made struct made made = {};
	const char *masks;
	int fd;

	if (!CHECK(mount("none", "/sys/devices/system/cpu", "tmpfs", 0, NULL) == 0))
		return false;
	fd = open("/sys/devices/system/cpu", O_PATH | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdirat(fd, dirs[i], 0755);
	(void)tmpdir_put(fd, "possible", "0-1");
	(void)close(fd);
	made = spec_of(CONFIG());
	if (!CHECK(made.spec))
		return false;
	masks = joined(&made.spec->linux_->masked_paths);
	return CHECK(strstr(masks, "/sys/devices/system/cpu/cpu0/thermal_throttle")) &&
	       CHECK(strstr(masks, "/sys/devices/system/cpu/cpu1/thermal_throttle"));
}

static bool a_seccomp_profile_is_read_for_the_containers_capabilities(void)
{
	static char profile[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
		"{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\","
		"\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}},"
		"{\"names\":[\"chown\"],\"action\":\"SCMP_ACT_ALLOW\","
		"\"includes\":{\"caps\":[\"CAP_CHOWN\"]}}]}";
	auto_made struct made made = spec_of(CONFIG(.seccomp_profile = profile));

	return CHECK(made.spec) && CHECK(made.spec->linux_->seccomp->syscalls.n == 1) &&
	       CHECK_STR(made.spec->linux_->seccomp->syscalls.v[0].names.v[0], "chown") &&
	       CHECK(strstr(refusal_of(CONFIG(.seccomp_profile = STR("{"))),
			    "--security-opt seccomp: ")) &&
	       REFUSED("--security-opt seccomp: defaultAction: is missing",
		       .seccomp_profile = STR("{\"syscalls\":[{\"names\":[\"read\"],"
						    "\"action\":\"SCMP_ACT_ALLOW\"}]}"));
}

int main(void)
{
	TEST(what_was_not_asked_for_is_as_documented);
	TEST(a_specification_that_was_made_is_valid_and_can_be_written);
	TEST(namespaces_are_its_own_but_for_those_of_the_host);
	TEST(who_shares_the_hosts_network_has_the_hosts_name);
	TEST(the_command_follows_the_entrypoint);
	TEST(init_runs_the_command_and_is_mounted_read_only);
	TEST(what_a_person_sets_replaces_the_environments_defaults);
	TEST(other_options_reach_the_process);
	TEST(the_user_is_the_roots_own_and_brings_its_groups);
	TEST(a_passwd_that_leads_out_of_the_root_is_not_followed);
	TEST(the_users_of_a_view_are_the_hosts);
	TEST(a_root_without_users_has_root);
	TEST(ulimits_are_passed_on_exactly_or_refused);
	TEST(our_filter_is_for_who_has_no_other);
	TEST(our_filter_is_for_the_containers_capabilities);
	TEST(limits_are_the_defaults_as_far_as_we_may);
	TEST(a_network_of_its_own_is_everybodys);
	TEST(no_new_privileges_are_the_settings_or_a_persons);
	TEST_MOUNTS(counters_of_throttling_are_masked);
	TEST(a_seccomp_profile_is_read_for_the_containers_capabilities);
	return tap_done();
}
