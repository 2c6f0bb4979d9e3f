/* SPDX-License-Identifier: Apache-2.0 */
#include "net/hosts.h"
#include "tap.h"

#include "base/cleanup.h"

#define N(list) (sizeof(list) / sizeof(*(list)))

static bool reads_as(const char *word, const char *names, const char *address)
{
	auto_arena struct arena arena = {};
	struct hosts_extra extra = {};
	char text[IP_BYTES];
	struct err err;

	return CHECK(hosts_extra_parse(word, &arena, &extra, &err) == 0) &&
	       CHECK_STR(extra.names, names) && CHECK_STR(ip_format(&extra.ip, text), address);
}

static bool words_are_read_as_people_write_them(void)
{
	return reads_as("db:10.0.0.1", "db", "10.0.0.1") && reads_as("db=::1", "db", "::1") &&
	       reads_as("db:::1", "db", "::1") && reads_as("db:[fd00::1]", "db", "fd00::1") &&
	       reads_as("a;b.c:10.0.0.1", "a b.c", "10.0.0.1") &&
	       reads_as("host.docker.internal:host-gateway", "host.docker.internal", "");
}

static bool what_is_no_word_is_refused(void)
{
	static const char *const bad[] = { "", "db", "db:", ":10.0.0.1", "db:10.0.0",
					   "a b:10.0.0.1", "a\n:10.0.0.1", "a;:10.0.0.1",
					   "db:[10.0.0.1]", "db:gateway", "#db:10.0.0.1",
					   "db:[]" };

	for (size_t i = 0; i < N(bad); i++) {
		auto_arena struct arena arena = {};
		struct hosts_extra extra = { .names = "kept" };
		struct err err;

		if (!CHECK(hosts_extra_parse(bad[i], &arena, &extra, &err) < 0) ||
		    !CHECK(err.kind == ERR_USAGE) || !CHECK_STR(extra.names, "kept"))
			return false;
	}
	return true;
}

static bool the_file_says_who_is_near(void)
{
	const struct ip own[] = { { AF_INET, { 10, 88, 0, 2 } } };
	const char *const names[] = { "4f1c", "web" };
	const struct hosts_extra extra[] = {
		{ "db", { AF_INET, { 10, 0, 0, 1 } } },
		{ "x host.docker.internal", {} },
	};
	const struct hosts hosts = { .extra = extra, .n_extra = 2, .own = own, .n_own = 1,
				     .names = names, .n_names = 2, .has_no_ipv6 = true,
				     .gateway = { AF_INET, { 10, 88, 0, 1 } } };
	auto_buf struct buf buf = {};
	struct err err;

	return CHECK(hosts_format(&hosts, &buf, &err) == 0) &&
	       CHECK_STR(buf_str(&buf), "127.0.0.1\tlocalhost\n"
					"10.0.0.1\tdb\n"
					"10.88.0.1\tx host.docker.internal\n"
					"10.88.0.2\t4f1c web\n"
					"10.88.0.1\thost.containers.internal\n");
}

static bool without_anything_there_is_localhost(void)
{
	const struct hosts hosts = {};
	auto_buf struct buf buf = {};
	struct err err;

	return CHECK(hosts_format(&hosts, &buf, &err) == 0) &&
	       CHECK_STR(buf_str(&buf), "127.0.0.1\tlocalhost\n"
					"::1\tlocalhost ip6-localhost ip6-loopback\n"
					"fe00::\tip6-localnet\n"
					"ff00::\tip6-mcastprefix\n"
					"ff02::1\tip6-allnodes\n"
					"ff02::2\tip6-allrouters\n");
}

static bool what_goes_before_another_file_leaves_localhost_to_it(void)
{
	const struct hosts hosts = { .gateway = { AF_INET, { 10, 0, 0, 1 } },
				     .has_no_localhost = true };
	auto_buf struct buf buf = {};
	struct err err;

	return CHECK(hosts_format(&hosts, &buf, &err) == 0) &&
	       CHECK_STR(buf_str(&buf),
			 "10.0.0.1\thost.containers.internal host.docker.internal\n");
}

static bool nothing_gets_in_that_breaks_a_line(void)
{
	const char *const names[] = { "a\n10.0.0.1 bank" };
	const struct hosts_extra extra[] = { { "db", {} } };
	const struct hosts broken = { .names = names, .n_names = 1 };
	const struct hosts without_gateway = { .extra = extra, .n_extra = 1 };
	auto_buf struct buf buf = {};
	struct err err;

	return CHECK(hosts_format(&broken, &buf, &err) == -EINVAL) &&
	       CHECK(hosts_format(&without_gateway, &buf, &err) == -EADDRNOTAVAIL) &&
	       CHECK(buf.len == 0);
}

static const char *merged(const char *text, const char *old, const char *new)
{
	const struct buf texts[] = { { (char *)text, strlen(text), 0 },
				     { (char *)old, strlen(old), 0 },
				     { (char *)new, strlen(new), 0 } };
	static char result[4096];
	auto_buf struct buf buf = {};

	hosts_merge(&texts[0], &texts[1], &texts[2], &buf);
	(void)snprintf(result, sizeof(result), "%s", buf_str(&buf));
	return result;
}

static bool lines_of_others_stay(void)
{
	return CHECK_STR(merged("127.0.0.1\tlocalhost\n# mine\n\n10.0.0.2\tweb\n1.2.3.4 other",
				"127.0.0.1\tlocalhost\n10.0.0.2\tweb\n",
				"127.0.0.1\tlocalhost\n10.0.0.2\tweb\n10.1.0.2\tweb\n"),
			 "127.0.0.1\tlocalhost\n# mine\n\n10.0.0.2\tweb\n1.2.3.4 other\n"
			 "10.1.0.2\tweb\n");
}

static bool an_address_goes_with_all_its_lines(void)
{
	return CHECK_STR(merged("10.0.0.2\tweb\n10.0.0.2\trenamed\n10.0.0.22\tother\n",
				"10.0.0.2\tweb\n", "10.1.0.2\tweb\n"),
			 "10.0.0.22\tother\n10.1.0.2\tweb\n");
}

static bool what_the_container_took_away_comes_back_at_most(void)
{
	return CHECK_STR(merged("", "a\tx\n", "a\tx\nb\tx\n"), "a\tx\nb\tx\n") &&
	       CHECK_STR(merged("c\ty\n", "a\tx\n", ""), "c\ty\n");
}

int main(void)
{
	TEST(words_are_read_as_people_write_them);
	TEST(what_is_no_word_is_refused);
	TEST(the_file_says_who_is_near);
	TEST(without_anything_there_is_localhost);
	TEST(what_goes_before_another_file_leaves_localhost_to_it);
	TEST(nothing_gets_in_that_breaks_a_line);
	TEST(lines_of_others_stay);
	TEST(an_address_goes_with_all_its_lines);
	TEST(what_the_container_took_away_comes_back_at_most);
	return tap_done();
}
