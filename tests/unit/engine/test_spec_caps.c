/* SPDX-License-Identifier: Apache-2.0 */
#include "spec_of.h"

#include "sys/caps.h"

#include <linux/capability.h>

#define ELEVEN                                                                         \
	"CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID " \
	"CAP_SETPCAP CAP_NET_BIND_SERVICE CAP_SYS_CHROOT CAP_SETFCAP"

static const char *caps_of(const struct config *config)
{
	auto_made struct made made = spec_of(config);
	static char refusal[512];

	(void)snprintf(refusal, sizeof(refusal), "%s", made.err.msg);
	return made.spec ? joined(&made.spec->process->capabilities->bounding) : refusal;
}

/* All that we have, as one line. */
static const char *ours(uint64_t without)
{
	static char line[4096];
	size_t len = 0;

	line[0] = '\0';
	for (unsigned cap = 0; caps_name(cap); cap++)
		if ((caps_permitted() & ~without) >> cap & 1)
			len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
						len ? " " : "", caps_name(cap));
	return line;
}

static bool eleven_are_given_and_none_is_inherited(void)
{
	auto_made struct made made = spec_of(CONFIG());
	struct oci_capabilities *sets = made.spec ? made.spec->process->capabilities : NULL;

	return CHECK(sets) && CHECK_STR(joined(&sets->bounding), ELEVEN) &&
	       CHECK_STR(joined(&sets->effective), ELEVEN) &&
	       CHECK_STR(joined(&sets->permitted), ELEVEN) && CHECK(sets->inheritable.n == 0) &&
	       CHECK(sets->ambient.n == 0);
}

static bool a_user_who_is_not_root_has_the_same_bound(void)
{
	return CHECK_STR(caps_of(CONFIG(.user = STR("web"))), ELEVEN);
}

static bool names_are_taken_with_and_without_prefix_in_any_case(void)
{
	return CHECK_STR(caps_of(CONFIG(.cap_drop = WORDS("ALL"),
					.cap_add = WORDS("chown", "CAP_KILL", "cap_SETuid"))),
			 "CAP_CHOWN CAP_KILL CAP_SETUID") &&
	       CHECK_STR(caps_of(CONFIG(.cap_drop = WORDS("all"))), "");
}

static bool what_is_dropped_and_added_is_there(void)
{
	return CHECK_STR(caps_of(CONFIG(.cap_drop = WORDS("CHOWN"), .cap_add = WORDS("CHOWN"))),
			 ELEVEN) &&
	       CHECK(!strstr(caps_of(CONFIG(.cap_drop = WORDS("CHOWN", "KILL"))), "CAP_CHOWN")) &&
	       CHECK(strstr(caps_of(CONFIG(.cap_drop = WORDS("CHOWN", "KILL"))), "CAP_SETPCAP"));
}

static bool all_are_those_that_we_have_without_what_is_dropped(void)
{
	uint64_t kill = UINT64_C(1) << CAP_KILL;

	return CHECK_STR(caps_of(CONFIG(.cap_add = WORDS("ALL"))), ours(0)) &&
	       CHECK_STR(caps_of(CONFIG(.cap_add = WORDS("ALL"), .cap_drop = WORDS("KILL"))),
			 ours(kill)) &&
	       CHECK_STR(caps_of(CONFIG(.cap_add = WORDS("ALL"), .cap_drop = WORDS("ALL"))),
			 ours(0));
}

static bool privileged_is_all_but_what_is_dropped(void)
{
	uint64_t kill = UINT64_C(1) << CAP_KILL;

	return CHECK_STR(caps_of(CONFIG(.privileged = true)), ours(0)) &&
	       CHECK_STR(caps_of(CONFIG(.privileged = true, .cap_drop = WORDS("KILL"))),
			 ours(kill)) &&
	       CHECK_STR(caps_of(CONFIG(.privileged = true, .cap_drop = WORDS("ALL"),
					.cap_add = WORDS("KILL"))),
			 "CAP_KILL");
}

static bool what_is_no_capability_is_refused_by_its_option(void)
{
	return REFUSED("--cap-add: there is no capability 'NET'", .cap_add = WORDS("NET")) &&
	       REFUSED("--cap-drop: there is no capability ''", .cap_drop = WORDS("")) &&
	       REFUSED("--cap-add: there is no capability 'CAP_CAP_KILL'",
		       .cap_add = WORDS("CAP_CAP_KILL")) &&
	       REFUSED("--cap-add: there is no capability 'KILL,CHOWN'",
		       .cap_add = WORDS("KILL,CHOWN"));
}

/* Of those that we lack, one by its name; NULL when we have all. */
static const char *lacking(void)
{
	for (unsigned cap = 0; caps_name(cap); cap++)
		if (!(caps_permitted() >> cap & 1))
			return caps_name(cap);
	return NULL;
}

static bool what_we_lack_can_not_be_given_on(void)
{
	char name[64], words[128];

	(void)snprintf(name, sizeof(name), "%s", lacking());
	(void)snprintf(words, sizeof(words),
		       "--cap-add: we do not have %s ourselves, to give it on", name);
	return REFUSED(words, .cap_add = WORDS(name));
}

static bool a_right_over_the_host_needs_the_hosts_ids(void)
{
	return CHECK(!spec_needs_host_ids(CONFIG())) &&
	       CHECK(!spec_needs_host_ids(CONFIG(.cap_add = WORDS("NET_ADMIN", "SYS_ADMIN")))) &&
	       CHECK(!spec_needs_host_ids(CONFIG(.network = STR("host")))) &&
	       CHECK(!spec_needs_host_ids(CONFIG(.cap_drop = WORDS("ALL")))) &&
	       CHECK(spec_needs_host_ids(CONFIG(.cap_add = WORDS("cap_sys_time")))) &&
	       CHECK(spec_needs_host_ids(CONFIG(.cap_add = WORDS("all")))) &&
	       CHECK(spec_needs_host_ids(CONFIG(.network = STR("host"),
						.cap_add = WORDS("NET_RAW")))) &&
	       CHECK(spec_needs_host_ids(CONFIG(.pid = STR("host"),
						.cap_add = WORDS("SYS_PTRACE"))));
}

int main(void)
{
	TEST(eleven_are_given_and_none_is_inherited);
	TEST(a_user_who_is_not_root_has_the_same_bound);
	TEST(names_are_taken_with_and_without_prefix_in_any_case);
	TEST(what_is_dropped_and_added_is_there);
	TEST(all_are_those_that_we_have_without_what_is_dropped);
	TEST(privileged_is_all_but_what_is_dropped);
	TEST(what_is_no_capability_is_refused_by_its_option);
	TEST(a_right_over_the_host_needs_the_hosts_ids);
	if (lacking())
		TEST(what_we_lack_can_not_be_given_on);
	else
		SKIP(what_we_lack_can_not_be_given_on, "we have all capabilities");
	return tap_done();
}
