/* SPDX-License-Identifier: Apache-2.0 */
/* Whose namespaces: words, and what the specification makes of them. */
#include "engine/sharing.h"
#include "spec_of.h"

static const char *checked(const struct config *config)
{
	static struct err err;

	err = (struct err){};
	return sharing_check(config, &err) < 0 ? err.msg : "";
}

static bool each_option_has_its_words(void)
{
	struct config_network backend = { .name = STR("backend") };

	return CHECK_STR(checked(&(struct config){}), "") &&
	       CHECK_STR(checked(&(struct config){ .network = STR("none"), .pid = STR("private"),
						   .ipc = STR("shareable"), .uts = STR("host"),
						   .cgroupns = STR("host"),
						   .userns = STR("auto") }), "") &&
	       CHECK_STR(checked(&(struct config){ .ipc = STR("container:a") }), "") &&
	       CHECK_STR(checked(&(struct config){ .network = STR("bridge") }),
			 "--network: 'bridge' is not one of none|host|container:NAME|ns:PATH") &&
	       CHECK_STR(checked(&(struct config){ .network = STR("ns:/a") }), "") &&
	       CHECK_STR(checked(&(struct config){ .network = STR("ns:") }),
			 "--network: 'ns:' is not one of none|host|container:NAME|ns:PATH") &&
	       CHECK_STR(checked(&(struct config){ .pid = STR("ns:/a") }),
			 "--pid: 'ns:/a' is not one of private|host|container:NAME") &&
	       CHECK_STR(checked(&(struct config){ .network = STR("backend"),
						   .networks = { &backend, 1 } }), "") &&
	       CHECK_STR(checked(&(struct config){ .pid = STR("container:") }),
			 "--pid: 'container:' is not one of private|host|container:NAME") &&
	       CHECK_STR(checked(&(struct config){ .pid = STR("container") }),
			 "--pid: 'container' is not one of private|host|container:NAME") &&
	       CHECK_STR(checked(&(struct config){ .pid = STR("") }),
			 "--pid: '' is not one of private|host|container:NAME") &&
	       CHECK_STR(checked(&(struct config){ .cgroupns = STR("container:a") }),
			 "--cgroupns: 'container:a' is not one of private|host");
}

static bool has_kind(const struct made *made, enum ns_kind kind)
{
	return oci_spec_find_ns(made->spec, kind) != NULL;
}

static bool what_is_the_hosts_is_not_made(void)
{
	auto_made struct made made = spec_of(CONFIG(.ipc = STR("host"), .uts = STR("host"),
						    .cgroupns = STR("host")));

	return CHECK(made.spec) && CHECK(!has_kind(&made, NS_IPC)) &&
	       CHECK(!has_kind(&made, NS_UTS)) && CHECK(!has_kind(&made, NS_CGROUP)) &&
	       CHECK(has_kind(&made, NS_PID)) && CHECK(!made.spec->hostname);
}

static bool what_is_private_is_made(void)
{
	auto_made struct made made = spec_of(CONFIG(.ipc = STR("private"), .uts = STR("private"),
						    .pid = STR("private")));

	return CHECK(made.spec) && CHECK(has_kind(&made, NS_IPC)) &&
	       CHECK(has_kind(&made, NS_UTS)) && CHECK(has_kind(&made, NS_PID)) &&
	       CHECK(made.spec->hostname);
}

static const struct oci_mount *find_mount(const struct made *made, const char *target)
{
	for (size_t i = 0; i < made->spec->mounts.n; i++)
		if (strcmp(made->spec->mounts.v[i].destination, target) == 0)
			return &made->spec->mounts.v[i];
	return NULL;
}

static bool memory_is_shared_with_whom_ipc_is(void)
{
	auto_made struct made host = spec_of(CONFIG(.ipc = STR("host")));
	auto_made struct made other = spec_of(CONFIG(.ipc = STR("container:" ID)));
	auto_made struct made none = spec_of(CONFIG(.ipc = STR("none")));

	return CHECK(host.spec && other.spec && none.spec) &&
	       CHECK_STR(find_mount(&host, "/dev/shm")->source, "/dev/shm") &&
	       CHECK_STR(find_mount(&host, "/dev/shm")->type, "bind") &&
	       CHECK_STR(find_mount(&other, "/dev/shm")->source, "/stage/shm") &&
	       CHECK(!find_mount(&none, "/dev/shm")) && CHECK(find_mount(&none, "/dev/mqueue"));
}

static bool a_name_that_is_shared_is_not_set(void)
{
	auto_made struct made made = spec_of(CONFIG(.uts = STR("container:" ID)));

	return CHECK(made.spec && !made.spec->hostname) &&
	       REFUSED("--hostname: the name is shared: --uts 'host' says so", .uts = STR("host"),
		       .hostname = STR("a")) &&
	       REFUSED("--domainname: the name is shared: --uts 'container:a' says so",
		       .uts = STR("container:a"), .domainname = STR("a"));
}

int main(void)
{
	TEST(each_option_has_its_words);
	TEST(what_is_the_hosts_is_not_made);
	TEST(what_is_private_is_made);
	TEST(memory_is_shared_with_whom_ipc_is);
	TEST(a_name_that_is_shared_is_not_set);
	return tap_done();
}
