/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line a rule: the smallest change of a valid config.json that breaks it, and the words. What
 * is just within a rule stands beside it and is accepted.
 */
#include "oci/spec.h"
#include "tap.h"

#define NAMESPACES "{\"type\":\"mount\"},{\"type\":\"pid\"}"

/* A config.json of parts that a claim may exchange. */
struct parts {
	const char *version, *process, *more, *namespaces, *linux_, *root;
};

#define OR(a, b) ((a) ? (a) : (b))

static const char *error_of(const struct parts *p)
{
	static struct err err;
	auto_arena struct arena arena = {};
	auto_buf struct buf json = {};
	struct oci_spec *spec = NULL;

	err = (struct err){};
	buf_printf(&json,
		   "{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"%s},"
		   "\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"%s}%s,"
		   "\"linux\":{\"namespaces\":[%s]%s}}",
		   OR(p->version, "1.0.2"), OR(p->root, ""), OR(p->process, ""), OR(p->more, ""),
		   OR(p->namespaces, NAMESPACES), OR(p->linux_, ""));
	if (oci_spec_parse(json.data, json.len, &arena, &spec, &err) == 0)
		(void)oci_spec_validate(spec, &err);
	return err.msg;
}

#define REFUSED(words, ...) CHECK_STR(error_of(&(struct parts){ __VA_ARGS__ }), words)
#define ACCEPTED(...) REFUSED("", __VA_ARGS__)

static bool versions_are_of_major_one(void)
{
	return ACCEPTED(.version = "1.0.0") && ACCEPTED(.version = "1.3.0-dev") &&
	       REFUSED("ociVersion: '2.0.0' is not a version 1 of the specification",
		       .version = "2.0.0") &&
	       REFUSED("ociVersion: '1' is not a version 1 of the specification", .version = "1") &&
	       REFUSED("ociVersion: '0.9.1' is not a version 1 of the specification",
		       .version = "0.9.1");
}

static bool a_namespace_is_given_once_and_by_absolute_path(void)
{
	return REFUSED("linux.namespaces[1].type: 'mount' is given twice",
		       .namespaces = "{\"type\":\"mount\"},{\"type\":\"mount\"}") &&
	       REFUSED("linux.namespaces[0].path: 'proc/1' is not absolute",
		       .namespaces = "{\"type\":\"pid\",\"path\":\"proc/1\"}") &&
	       REFUSED("linux.namespaces[0].type: unknown value 'net'",
		       .namespaces = "{\"type\":\"net\"}") &&
	       ACCEPTED(.namespaces = "{\"type\":\"pid\",\"path\":\"/proc/1/ns/pid\"}") &&
	       ACCEPTED(.namespaces = "{\"type\":\"pid\",\"path\":\"\"}");
}

#define USER NAMESPACES ",{\"type\":\"user\"}"
#define MAP(container, host, size)                                                         \
	"[{\"containerID\":" #container ",\"hostID\":" #host ",\"size\":" #size "}]"
#define MAPS(map) ",\"uidMappings\":" map ",\"gidMappings\":" map

static bool a_user_namespace_and_its_mappings_go_together(void)
{
	return ACCEPTED(.namespaces = USER, .linux_ = MAPS(MAP(0, 1000, 1))) &&
	       REFUSED("linux.uidMappings: need a user namespace in linux.namespaces",
		       .linux_ = MAPS(MAP(0, 1000, 1))) &&
	       REFUSED("linux.uidMappings: a new user namespace needs them", .namespaces = USER) &&
	       REFUSED("linux.gidMappings: a new user namespace needs them", .namespaces = USER,
		       .linux_ = ",\"uidMappings\":" MAP(0, 0, 1)) &&
	       ACCEPTED(.namespaces = "{\"type\":\"user\",\"path\":\"/u\"}");
}

static bool mappings_stay_within_the_ids(void)
{
	return ACCEPTED(.namespaces = USER, .linux_ = MAPS(MAP(0, 0, 4294967295))) &&
	       REFUSED("linux.uidMappings[0].size: must not be 0", .namespaces = USER,
		       .linux_ = MAPS(MAP(0, 0, 0))) &&
	       REFUSED("linux.uidMappings[0]: reaches past the largest id", .namespaces = USER,
		       .linux_ = MAPS(MAP(1, 0, 4294967295))) &&
	       REFUSED("linux.gidMappings[0]: reaches past the largest id", .namespaces = USER,
		       .linux_ = ",\"uidMappings\":" MAP(0, 0, 1) ",\"gidMappings\":" MAP(
			       0, 4294967295, 1)) &&
	       REFUSED("linux.uidMappings[0].size: is missing", .namespaces = USER,
		       .linux_ = ",\"uidMappings\":[{\"containerID\":0,\"hostID\":0}]");
}

static bool more_mappings_than_the_kernel_takes_are_refused(void)
{
	auto_buf struct buf maps = {}, both = {};

	for (int i = 0; i < 341; i++)
		buf_printf(&maps, "%s{\"containerID\":%d,\"hostID\":%d,\"size\":1}", i ? "," : "[",
			   2 * i, i);
	buf_printf(&both, MAPS("%s]"), maps.data, maps.data);
	return REFUSED("linux.uidMappings: has 341 entries, the kernel takes 340",
		       .namespaces = USER, .linux_ = buf_str(&both));
}

static bool names_need_a_namespace_of_their_own(void)
{
#define WITH(type) NAMESPACES ",{\"type\":\"" type "\"}"
	return REFUSED("hostname: needs a uts namespace in linux.namespaces",
		       .more = ",\"hostname\":\"h\"") &&
	       REFUSED("domainname: needs a uts namespace in linux.namespaces",
		       .more = ",\"domainname\":\"h\"") &&
	       ACCEPTED(.namespaces = WITH("uts"), .more = ",\"hostname\":\"h\"");
}

static bool time_offsets_need_a_new_time_namespace(void)
{
#define OFFSETS ",\"timeOffsets\":{\"boottime\":{\"secs\":5"
	return REFUSED("linux.timeOffsets: need a new time namespace in linux.namespaces",
		       .linux_ = OFFSETS "}}") &&
	       REFUSED("linux.timeOffsets: need a new time namespace in linux.namespaces",
		       .namespaces = "{\"type\":\"time\",\"path\":\"/t\"}",
		       .linux_ = OFFSETS "}}") &&
	       REFUSED("linux.timeOffsets: nanosecs must be below 1000000000",
		       .namespaces = WITH("time"),
		       .linux_ = OFFSETS ",\"nanosecs\":1000000000}}") &&
	       ACCEPTED(.namespaces = WITH("time"), .linux_ = OFFSETS ",\"nanosecs\":999999999}}");
}

static bool net_devices_need_a_network_namespace(void)
{
	return REFUSED("linux.netDevices: need a network namespace in linux.namespaces",
		       .linux_ = ",\"netDevices\":{\"eth0\":{}}") &&
	       ACCEPTED(.namespaces = WITH("network"), .linux_ = ",\"netDevices\":{\"eth0\":{}}");
}

static bool what_changes_mounts_needs_a_mount_namespace(void)
{
#define NO_MOUNT .namespaces = "{\"type\":\"pid\"}"
	return ACCEPTED(NO_MOUNT) &&
	       REFUSED("mounts: needs a mount namespace in linux.namespaces", NO_MOUNT,
		       .more = ",\"mounts\":[{\"destination\":\"/x\"}]") &&
	       REFUSED("linux.maskedPaths: needs a mount namespace in linux.namespaces", NO_MOUNT,
		       .linux_ = ",\"maskedPaths\":[\"/x\"]") &&
	       REFUSED("linux.readonlyPaths: needs a mount namespace in linux.namespaces", NO_MOUNT,
		       .linux_ = ",\"readonlyPaths\":[\"/x\"]") &&
	       REFUSED("linux.rootfsPropagation: needs a mount namespace in linux.namespaces",
		       NO_MOUNT, .linux_ = ",\"rootfsPropagation\":\"slave\"") &&
	       REFUSED("root.readonly: needs a mount namespace in linux.namespaces", NO_MOUNT,
		       .root = ",\"readonly\":true");
}

#define SYSCTL(key) ",\"sysctl\":{\"" key "\":\"1\"}"

static bool sysctls_of_the_whole_machine_are_refused(void)
{
#define MACHINE "' is not bound to a namespace: it would change the whole machine"
	return REFUSED("linux.sysctl: 'kernel.panic" MACHINE, .linux_ = SYSCTL("kernel.panic")) &&
	       REFUSED("linux.sysctl: 'vm.swappiness" MACHINE, .linux_ = SYSCTL("vm/swappiness")) &&
	       REFUSED("linux.sysctl: 'kernel.msgmaxx" MACHINE,
		       .linux_ = SYSCTL("kernel.msgmaxx")) &&
	       REFUSED("linux.sysctl: 'net" MACHINE, .linux_ = SYSCTL("net"));
}

static bool sysctls_of_a_namespace_need_it(void)
{
	return REFUSED("linux.sysctl: 'net.core.somaxconn' needs a network namespace of the "
		       "container's own", .linux_ = SYSCTL("net.core.somaxconn")) &&
	       REFUSED("linux.sysctl: 'kernel.sem' needs an ipc namespace of the container's own",
		       .linux_ = SYSCTL("kernel.sem")) &&
	       REFUSED("linux.sysctl: 'fs.mqueue.msg_max' needs an ipc namespace of the "
		       "container's own", .linux_ = SYSCTL("fs/mqueue/msg_max")) &&
	       REFUSED("linux.sysctl: 'kernel.hostname' needs a uts namespace of the container's "
		       "own", .linux_ = SYSCTL("kernel.hostname")) &&
	       ACCEPTED(.namespaces = WITH("network"), .linux_ = SYSCTL("net.core.somaxconn")) &&
	       ACCEPTED(.namespaces = WITH("ipc"), .linux_ = SYSCTL("kernel/sem")) &&
	       ACCEPTED(.namespaces = WITH("uts"), .linux_ = SYSCTL("kernel.domainname"));
}

/* sysctl.d(5): the first separator says which of the two it is. */
static bool interfaces_with_dots_have_slashes_for_them(void)
{
	return ACCEPTED(.namespaces = WITH("network"),
			.linux_ = SYSCTL("net.ipv4.conf.eth0/100.rp_filter")) &&
	       ACCEPTED(.namespaces = WITH("network"),
			.linux_ = SYSCTL("net/ipv4/conf/eth0.100/rp_filter"));
}

static bool sysctls_that_leave_their_directory_are_refused(void)
{
	return REFUSED("linux.sysctl: 'net/../kernel/panic' is no name of a sysctl",
		       .namespaces = WITH("network"), .linux_ = SYSCTL("net/../kernel/panic")) &&
	       REFUSED("linux.sysctl: 'net.//.kernel.panic' is no name of a sysctl",
		       .namespaces = WITH("network"), .linux_ = SYSCTL("net.//.kernel.panic")) &&
	       REFUSED("linux.sysctl: 'net..x' is no name of a sysctl",
		       .namespaces = WITH("network"), .linux_ = SYSCTL("net..x"));
}

static bool the_process_has_a_place_and_a_program(void)
{
	static const struct {
		const char *process, *words;
	} cases[] = {
		{ "\"args\":[\"sh\"],\"cwd\":\"tmp\"", "process.cwd: 'tmp' is not absolute" },
		{ "\"args\":[\"sh\"],\"cwd\":\"\"", "process.cwd: must not be empty" },
		{ "\"args\":[\"sh\"]", "process.cwd: is missing" },
		{ "\"args\":[\"\"],\"cwd\":\"/\"", "process.args[0]: must not be empty" },
		{ "\"args\":[],\"cwd\":\"/\"", "process.args: must not be empty" },
		{ "\"cwd\":\"/\"", "process.args: is missing" },
		{ "\"args\":null,\"cwd\":\"/\"", "process.args: is missing" },
		{ "\"args\":[null],\"cwd\":\"/\"", "process.args[0]: must be a string, not null" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_arena struct arena arena = {};
		struct oci_spec *spec = NULL;
		struct err err = {};
		char json[400];

		(void)snprintf(json, sizeof(json),
			       "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"linux\":{},"
			       "\"process\":{%s}}", cases[i].process);
		if (oci_spec_parse(json, strlen(json), &arena, &spec, &err) == 0)
			(void)oci_spec_validate(spec, &err);
		if (!CHECK_STR(err.msg, cases[i].words))
			return false;
	}
	return true;
}

#define LIMIT(soft, hard) "{\"type\":\"RLIMIT_CORE\",\"soft\":" #soft ",\"hard\":" #hard "}"

static bool limits_are_given_once_and_soft_below_hard(void)
{
	return REFUSED("process.rlimits[0].soft: is above hard",
		       .process = ",\"rlimits\":[" LIMIT(2, 1) "]") &&
	       REFUSED("process.rlimits[1].type: 'RLIMIT_CORE' is given twice",
		       .process = ",\"rlimits\":[" LIMIT(1, 1) "," LIMIT(1, 1) "]") &&
	       ACCEPTED(.process = ",\"rlimits\":[" LIMIT(1, 1) "]");
}

static bool hooks_are_absolute_and_have_time(void)
{
	static const char *const kinds[] = { "prestart",       "createRuntime", "createContainer",
					     "startContainer", "poststart",	"poststop" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char json[200], words[200];

		(void)snprintf(json, sizeof(json), ",\"hooks\":{\"%s\":[{\"path\":\"x\"}]}",
			       kinds[i]);
		(void)snprintf(words, sizeof(words), "hooks.%s[0].path: 'x' is not absolute",
			       kinds[i]);
		if (!REFUSED(words, .more = json))
			return false;
	}
	return REFUSED("hooks.poststop[1].timeout: must be greater than 0",
		       .more = ",\"hooks\":{\"poststop\":[{\"path\":\"/a\",\"timeout\":1},"
			       "{\"path\":\"/b\",\"timeout\":0}]}") &&
	       ACCEPTED(.more = ",\"hooks\":{\"poststop\":[{\"path\":\"/a\",\"timeout\":1}]}");
}

#define DEVICE(path, type, more)                                                           \
	.linux_ = ",\"devices\":[{\"path\":\"" path "\",\"type\":\"" type "\"" more "}]"

static bool devices_have_a_path_a_type_and_numbers(void)
{
	return ACCEPTED(DEVICE("/dev/x", "c", ",\"major\":4095,\"minor\":1048575")) &&
	       ACCEPTED(DEVICE("/dev/x", "p", "")) &&
	       REFUSED("linux.devices[0].path: 'x' is not absolute", DEVICE("x", "c", "")) &&
	       REFUSED("linux.devices[0].type: 'a' is none of c, u, b, p", DEVICE("/x", "a", "")) &&
	       REFUSED("linux.devices[0].type: 'cc' is none of c, u, b, p",
		       DEVICE("/x", "cc", "")) &&
	       REFUSED("linux.devices[0]: 4096:0 is no device number",
		       DEVICE("/x", "b", ",\"major\":4096")) &&
	       REFUSED("linux.devices[0]: 1:1048576 is no device number",
		       DEVICE("/x", "b", ",\"major\":1,\"minor\":1048576")) &&
	       REFUSED("linux.devices[0]: 1:-1 is no device number",
		       DEVICE("/x", "u", ",\"major\":1,\"minor\":-1"));
}

#define RULE(members) ",\"resources\":{\"devices\":[{\"allow\":true" members "}]}"

static bool device_rules_have_a_type_and_an_access(void)
{
	return ACCEPTED(.linux_ = RULE(",\"type\":\"a\",\"access\":\"mrw\"")) &&
	       REFUSED("linux.resources.devices[0].type: 'u' is none of a, b, c",
		       .linux_ = RULE(",\"type\":\"u\"")) &&
	       REFUSED("linux.resources.devices[0].type: 'ab' is none of a, b, c",
		       .linux_ = RULE(",\"type\":\"ab\"")) &&
	       REFUSED("linux.resources.devices[0].access: 'rx' has more than r, w and m",
		       .linux_ = RULE(",\"access\":\"rx\""));
}

static bool propagation_is_one_of_the_eight(void)
{
	static const char *const known[] = { "", "shared", "slave", "private", "unbindable",
					     "rshared", "rslave", "rprivate", "runbindable" };
	char json[100];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		(void)snprintf(json, sizeof(json), ",\"rootfsPropagation\":\"%s\"", known[i]);
		if (!ACCEPTED(.linux_ = json))
			return false;
	}
	return REFUSED("linux.rootfsPropagation: unknown value 'Shared'",
		       .linux_ = ",\"rootfsPropagation\":\"Shared\"");
}

static bool mappings_of_a_mount_go_together(void)
{
#define MOUNT(members) .more = ",\"mounts\":[{\"destination\":\"/x\"" members "}]"
	return ACCEPTED(MOUNT(MAPS(MAP(0, 5, 1)))) &&
	       REFUSED("mounts[0]: uidMappings and gidMappings go together",
		       MOUNT(",\"uidMappings\":" MAP(0, 5, 1))) &&
	       REFUSED("mounts[0].uidMappings[0].size: must not be 0", MOUNT(MAPS(MAP(0, 5, 0)))) &&
	       REFUSED("mounts[0].gidMappings[0]: reaches past the largest id",
		       MOUNT(",\"uidMappings\":" MAP(0, 5, 1) ",\"gidMappings\":" MAP(
			       4294967295, 5, 1)));
}

int main(void)
{
	TEST(versions_are_of_major_one);
	TEST(a_namespace_is_given_once_and_by_absolute_path);
	TEST(a_user_namespace_and_its_mappings_go_together);
	TEST(mappings_stay_within_the_ids);
	TEST(more_mappings_than_the_kernel_takes_are_refused);
	TEST(names_need_a_namespace_of_their_own);
	TEST(time_offsets_need_a_new_time_namespace);
	TEST(net_devices_need_a_network_namespace);
	TEST(what_changes_mounts_needs_a_mount_namespace);
	TEST(sysctls_of_the_whole_machine_are_refused);
	TEST(sysctls_of_a_namespace_need_it);
	TEST(interfaces_with_dots_have_slashes_for_them);
	TEST(sysctls_that_leave_their_directory_are_refused);
	TEST(the_process_has_a_place_and_a_program);
	TEST(limits_are_given_once_and_soft_below_hard);
	TEST(hooks_are_absolute_and_have_time);
	TEST(devices_have_a_path_a_type_and_numbers);
	TEST(device_rules_have_a_type_and_an_access);
	TEST(propagation_is_one_of_the_eight);
	TEST(mappings_of_a_mount_go_together);
	return tap_done();
}
