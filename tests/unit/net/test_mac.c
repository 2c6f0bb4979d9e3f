/* SPDX-License-Identifier: Apache-2.0 */
#include "net/mac.h"
#include "tap.h"

#include <string.h>

static bool reads_as(const char *given, const char *expected)
{
	struct mac mac = {};
	char text[MAC_BYTES];
	struct err err;

	return CHECK(mac_parse(given, &mac, &err) == 0) &&
	       CHECK(strcmp(mac_format(&mac, text), expected) == 0);
}

static bool it_is_read_as_people_write_it(void)
{
	return reads_as("02:42:0a:58:00:02", "02:42:0a:58:00:02") &&
	       reads_as("92-D0-C6-0A-29-33", "92:d0:c6:0a:29:33");
}

static bool what_is_none_is_refused(void)
{
	static const char *const bad[] = { "", "02:42:0a:58:00", "02:42:0a:58:00:02:03",
					   "02-42:0a:58:00:02", "02:42:0a:58:00:0g",
					   "2:42:0a:58:00:02", "0242.0a58.0002",
					   "00:00:00:00:00:00", "01:00:5e:00:00:01",
					   "ff:ff:ff:ff:ff:ff" };
	struct mac kept = { .bytes = { 2, 3, 4, 5, 6, 7 } };
	const struct mac before = kept;
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(mac_parse(bad[i], &kept, &err) < 0) || !CHECK(err.kind == ERR_USAGE))
			return false;
	return CHECK(memcmp(&kept, &before, sizeof(kept)) == 0);
}

static bool an_address_has_one_of_its_own(void)
{
	struct ip v4 = {}, v6 = {};
	struct err err;
	struct mac of_v4, of_v6;
	char text[MAC_BYTES];

	if (!CHECK(ip_parse("10.88.0.2", &v4, &err) == 0) ||
	    !CHECK(ip_parse("fd00::1:2", &v6, &err) == 0))
		return false;
	of_v4 = mac_of(&v4);
	of_v6 = mac_of(&v6);
	return CHECK(strcmp(mac_format(&of_v4, text), "02:42:0a:58:00:02") == 0) &&
	       CHECK(strcmp(mac_format(&of_v6, text), "02:42:00:01:00:02") == 0);
}

static bool none_is_written_as_nothing(void)
{
	const struct mac none = {};
	char text[MAC_BYTES];

	return CHECK(!mac_is_set(&none)) && CHECK(strcmp(mac_format(&none, text), "") == 0);
}

int main(void)
{
	TEST(it_is_read_as_people_write_it);
	TEST(what_is_none_is_refused);
	TEST(an_address_has_one_of_its_own);
	TEST(none_is_written_as_nothing);
	return tap_done();
}
