/* SPDX-License-Identifier: Apache-2.0 */
/* --label-file, --unsetenv, --sysctl, --umask and --tz. */
#include "engine/words.h"
#include "tap.h"

static char line[512];

static const char *refused(const struct err *err)
{
	(void)snprintf(line, sizeof(line), "%s", err->msg);
	return err->kind == ERR_USAGE ? line : "not a usage error";
}

static const char *pairs_text(const struct oci_pairs *pairs)
{
	size_t len = 0;

	line[0] = '\0';
	for (size_t i = 0; i < pairs->n; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s=%s", i ? " " : "",
					pairs->v[i].key, pairs->v[i].value);
	return line;
}

static const char *labels(const char *text)
{
	auto_arena struct arena arena = {};
	struct oci_pairs labels = {};
	struct err err = {};

	return label_add_text(&labels, text, strlen(text), &arena, &err) < 0
		       ? refused(&err) : pairs_text(&labels);
}

static bool a_file_has_a_label_a_line(void)
{
	return CHECK_STR(labels(""), "") &&
	       CHECK_STR(labels("# no label\na=1\r\n\n  b\na=2"), "a=2 b=") &&
	       CHECK_STR(labels("HOME\n"), "HOME=") &&
	       CHECK_STR(labels("a=1\n=2\n"), "line 2: the name is missing");
}

static bool what_is_unset_is_known_by_its_name(void)
{
	char *names[] = { (char *)"PATH", (char *)"A" };
	const struct config config = { .unset_env = { names, 2 } }, none = {};
	const struct config all = { .unset_all_env = true };

	return CHECK(env_is_unset(&config, "PATH=/bin")) && CHECK(env_is_unset(&config, "A=")) &&
	       CHECK(!env_is_unset(&config, "AB=")) && CHECK(!env_is_unset(&config, "PAT=x")) &&
	       CHECK(!env_is_unset(&none, "PATH=/bin")) && CHECK(env_is_unset(&all, "A=1"));
}

static const char *sysctl(const char *word)
{
	auto_arena struct arena arena = {};
	struct oci_pairs sysctls = {};
	struct err err = {};

	return sysctl_add(&sysctls, word, &arena, &err) < 0 ? refused(&err) : pairs_text(&sysctls);
}

static bool a_sysctl_is_a_name_and_a_value(void)
{
	return CHECK_STR(sysctl("net.core.somaxconn=9"), "net.core.somaxconn=9") &&
	       CHECK_STR(sysctl("net/ipv4/ping_group_range=0 1"),
			 "net/ipv4/ping_group_range=0 1") &&
	       CHECK_STR(sysctl("a=b=c"), "a=b=c") && CHECK_STR(sysctl("a="), "a=") &&
	       CHECK_STR(sysctl("a"), "is not of the form NAME=VALUE") &&
	       CHECK_STR(sysctl("=a"), "is not of the form NAME=VALUE") &&
	       CHECK_STR(sysctl("a b=c"), "the name 'a b' has a blank in it");
}

static bool a_umask_is_octal(void)
{
	struct oci_u64 mask = {};
	struct err err = {};

	return CHECK(umask_parse("027", &mask, &err) == 0) && CHECK(mask.is_set) &&
	       CHECK(mask.value == 027) && CHECK(umask_parse("0", &mask, &err) == 0) &&
	       CHECK(umask_parse("0777", &mask, &err) == 0) && CHECK(mask.value == 0777) &&
	       CHECK(umask_parse("1000", &mask, &err) < 0) &&
	       CHECK_STR(err.msg, "'1000' is no octal mode up to 777") &&
	       CHECK(umask_parse("", &mask, &err) < 0) && CHECK(umask_parse("8", &mask, &err) < 0);
}

static const char *zone(const char *word)
{
	auto_arena struct arena arena = {};
	struct config_mount mount;
	struct err err = {};

	if (timezone_parse(word, &arena, &mount, &err) < 0)
		return refused(&err);
	(void)snprintf(line, sizeof(line), "%s %s %s %s", mount.type, mount.source, mount.target,
		       mount.options.v[0]);
	return line;
}

static bool a_time_zone_is_a_file_over_localtime(void)
{
	return CHECK_STR(zone("Europe/Vienna"),
			 "bind /usr/share/zoneinfo/Europe/Vienna /etc/localtime ro") &&
	       CHECK_STR(zone("Etc/GMT+1"),
			 "bind /usr/share/zoneinfo/Etc/GMT+1 /etc/localtime ro") &&
	       CHECK_STR(zone("local"), "bind /etc/localtime /etc/localtime ro");
}

static bool what_is_no_time_zone_is_refused(void)
{
	static const char *const words[] = { "", "/etc/passwd", "../../../etc/passwd", "a b" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!CHECK_STR(zone(words[i]), "is neither local nor the name of a time zone"))
			return false;
	return true;
}

int main(void)
{
	TEST(a_file_has_a_label_a_line);
	TEST(what_is_unset_is_known_by_its_name);
	TEST(a_sysctl_is_a_name_and_a_value);
	TEST(a_umask_is_octal);
	TEST(a_time_zone_is_a_file_over_localtime);
	TEST(what_is_no_time_zone_is_refused);
	return tap_done();
}
