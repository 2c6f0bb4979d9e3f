/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of the host that a container has, and the rules that let it use them. */
#include "spec_of.h"

#include <sys/sysmacros.h>

static const struct oci_device *find_device(const struct made *made, const char *path)
{
	for (size_t i = 0; i < made->spec->linux_->devices.n; i++)
		if (strcmp(made->spec->linux_->devices.v[i].path, path) == 0)
			return &made->spec->linux_->devices.v[i];
	return NULL;
}

static bool who_is_privileged_has_the_devices_of_the_host(void)
{
	auto_made struct made made = spec_of(CONFIG(.privileged = true));
	const struct oci_device *null;
	struct stat st;

	if (!CHECK(made.spec))
		return false;
	null = find_device(&made, "/dev/null");
	return CHECK(made.spec->linux_->resources->devices.n == 1) &&
	       CHECK(made.spec->linux_->resources->devices.v[0].allow) &&
	       CHECK(stat("/dev/null", &st) == 0) &&
	       CHECK(null) && CHECK_STR(null->type, "c") &&
	       CHECK(null->major == major(st.st_rdev)) &&
	       CHECK(null->minor == minor(st.st_rdev)) &&
	       CHECK(null->file_mode.value == (st.st_mode & 07777)) &&
	       CHECK(!find_device(&made, "/dev/ptmx")) &&
	       CHECK(!find_device(&made, "/dev/console"));
}

static bool a_dev_of_a_persons_own_is_left_as_it_is(void)
{
	struct config_mount dev = { .type = STR("bind"), .source = STR("/dev"),
				    .target = STR("/dev") };
	auto_made struct made made = spec_of(CONFIG(.privileged = true, .mounts = { &dev, 1 }));

	return CHECK(made.spec) && CHECK(made.spec->linux_->devices.n == 0);
}

static const char *rule_text(const struct made *made, size_t i)
{
	const struct oci_device_rule *rule = &made->spec->linux_->resources->devices.v[i];
	static char line[64];

	(void)snprintf(line, sizeof(line), "%d %s %jd:%jd %s", rule->allow, rule->type,
		       rule->major.is_set ? (intmax_t)rule->major.value : -1,
		       rule->minor.is_set ? (intmax_t)rule->minor.value : -1, rule->access);
	return line;
}

static bool a_device_is_a_node_and_a_rule(void)
{
	struct config_device zero = { STR("/dev/zero"), STR("/dev/naught"), STR("r") };
	auto_made struct made made = spec_of(CONFIG(.devices = { &zero, 1 }));
	const struct oci_device *naught;

	if (!CHECK(made.spec))
		return false;
	naught = find_device(&made, "/dev/naught");
	return CHECK(naught && naught->major == 1 && naught->minor == 5) &&
	       CHECK(made.spec->linux_->devices.n == 1) &&
	       CHECK(made.spec->linux_->resources->devices.n == 2) &&
	       CHECK_STR(rule_text(&made, 1), "1 c 1:5 r");
}

static bool where_ids_are_mapped_a_device_is_a_mount(void)
{
	struct config_device zero = { STR("/dev/zero"), STR("/dev/naught"), STR("rw") };
	auto_made struct made made =
		spec_of(CONFIG(.devices = { &zero, 1 }, .ids_size = 65536, .ids_start = 65536));
	const struct oci_mount *last;

	if (!CHECK(made.spec))
		return false;
	last = &made.spec->mounts.v[made.spec->mounts.n - 1];
	return CHECK(made.spec->linux_->devices.n == 0) &&
	       CHECK_STR(last->destination, "/dev/naught") && CHECK_STR(last->type, "bind") &&
	       CHECK_STR(last->source, "/stage/c1:5") &&
	       CHECK_STR(rule_text(&made, 1), "1 c 1:5 rw");
}

static bool rules_are_added_as_they_are(void)
{
	struct config_device_rule rules[] = { { STR("b"), 8, -1, STR("rm") },
					      { STR("a"), -1, -1, STR("r") } };
	auto_made struct made made = spec_of(CONFIG(.device_rules = { rules, 2 }));

	return CHECK(made.spec) && CHECK_STR(rule_text(&made, 1), "1 b 8:-1 rm") &&
	       CHECK_STR(rule_text(&made, 2), "1 a -1:-1 r");
}

static bool what_is_no_device_is_refused(void)
{
	struct config_device file = { STR("/etc/passwd"), STR("/dev/a"), STR("r") };
	struct config_device none = { STR("/nowhere"), STR("/dev/a"), STR("r") };

	return REFUSED("--device '/etc/passwd': '/etc/passwd' is neither a device nor a directory "
		       "of them", .devices = { &file, 1 }) &&
	       REFUSED("--device '/nowhere': look at '/nowhere': no such file or directory",
		       .devices = { &none, 1 });
}

int main(void)
{
	TEST(who_is_privileged_has_the_devices_of_the_host);
	TEST(a_dev_of_a_persons_own_is_left_as_it_is);
	TEST(a_device_is_a_node_and_a_rule);
	TEST(where_ids_are_mapped_a_device_is_a_mount);
	TEST(rules_are_added_as_they_are);
	TEST(what_is_no_device_is_refused);
	return tap_done();
}
