/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns.h"
#include "tap.h"

#include <errno.h>

/* "Web", A, IN; recursion desired. */
#define HEADER(arcount) "\x12\x34\1\0\0\1\0\0\0\0\0" arcount
#define WEB             "\3Web\0\0\1\0\1"
#define OPT             "\0\0\x29\x10\0\0\0\x80\0\0\0"

#define PARSE(bytes, ret) dns_query_parse((const uint8_t *)(bytes), sizeof(bytes) - 1, ret)

static bool a_query_is_read(void)
{
	struct dns_query query;

	return CHECK(PARSE(HEADER("\1") WEB OPT, &query) == 0) && CHECK(query.id == 0x1234) &&
	       CHECK_STR(query.name, "web") && CHECK(query.type == DNS_A) &&
	       CHECK(query.class == DNS_IN) && CHECK(query.is_recursive) && CHECK(query.has_edns) &&
	       CHECK(query.has_dnssec_ok) && CHECK(query.udp_bytes == 4096) &&
	       CHECK(query.question_end == 21);
}

static bool what_is_no_query_is_refused(void)
{
	struct dns_query query;

	return CHECK(PARSE("\1\2", &query) == -EBADMSG) &&
	       CHECK(PARSE("\x12\x34\x81\0\0\1\0\0\0\0\0\0" WEB, &query) == -EBADMSG) &&
	       CHECK(PARSE("\x12\x34\x29\0\0\1\0\0\0\0\0\0" WEB, &query) == DNS_NOTIMP) &&
	       CHECK(PARSE("\x12\x34\1\0\0\2\0\0\0\0\0\0" WEB WEB, &query) == DNS_FORMERR) &&
	       CHECK(PARSE(HEADER("\0") WEB "x", &query) == DNS_FORMERR) &&
	       CHECK(PARSE(HEADER("\0") "\3Web", &query) == DNS_FORMERR) &&
	       CHECK(PARSE(HEADER("\0") "\xc0\x0c\0\1\0\1", &query) == DNS_FORMERR) &&
	       CHECK(PARSE(HEADER("\1") WEB, &query) == DNS_FORMERR) &&
	       CHECK(PARSE(HEADER("\2") WEB OPT OPT, &query) == DNS_FORMERR) &&
	       CHECK(PARSE(HEADER("\1") WEB "\0\0\x29\x10\0\0\1\0\0\0\0", &query) == DNS_BADVERS);
}

static bool a_name_with_a_dot_within_is_no_text(void)
{
	struct dns_query query;

	return CHECK(PARSE(HEADER("\0") "\3w.b\0\0\1\0\1", &query) == 0) &&
	       CHECK(!query.is_text) && CHECK_STR(query.name, "");
}

/* Labels of 63 bytes; three and one of `last` make 1 + 3 * 64 + 1 + last bytes. */
static int parse_long(size_t last, struct dns_query *ret)
{
	uint8_t bytes[400] = { 1, 2, 1, 0, 0, 1 };
	size_t len = DNS_HEADER_BYTES;

	for (int i = 0; i < 4; i++) {
		size_t label = i < 3 ? 63 : last;

		bytes[len++] = (uint8_t)label;
		memset(bytes + len, 'a', label);
		len += label;
	}
	memcpy(bytes + len, "\0\0\1\0\1", 5);
	return dns_query_parse(bytes, len + 5, ret);
}

static bool names_have_255_bytes_at_most(void)
{
	struct dns_query query;

	return CHECK(parse_long(61, &query) == 0) && CHECK(strlen(query.name) == 253) &&
	       CHECK(parse_long(62, &query) == DNS_FORMERR);
}

static bool an_answer_is_built(void)
{
	static const char asked[] = HEADER("\0") WEB;
	static const char expected[] = "\x12\x34\x81\x80\0\1\0\1\0\0\0\0" WEB
				       "\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x0a\x58\0\2";
	const struct ip ip = { AF_INET, { 10, 88, 0, 2 } };
	struct dns_answer answer;
	struct dns_query query;
	uint8_t bytes[DNS_UDP_BYTES];

	if (!CHECK(PARSE(asked, &query) == 0))
		return false;
	dns_answer_begin(&answer, &query, (const uint8_t *)asked, bytes, sizeof(bytes));
	dns_answer_ip(&answer, &ip);
	return CHECK(dns_answer_end(&answer, DNS_NOERROR) == sizeof(expected) - 1) &&
	       CHECK(memcmp(bytes, expected, sizeof(expected) - 1) == 0);
}

static bool reverse_names_are_addresses(void)
{
	static const char six[] = "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f."
				  "ip6.arpa";
	static const char *const bad[] = { "", "2.0.88.10", "256.0.88.10.in-addr.arpa",
					   "02.0.88.10.in-addr.arpa", "0.88.10.in-addr.arpa",
					   "1.2.0.88.10.in-addr.arpa", "d.f.ip6.arpa" };
	char text[IP_BYTES];
	struct ip ip;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(!dns_name_to_ip(bad[i], &ip)))
			return false;
	return CHECK(dns_name_to_ip("2.0.88.10.in-addr.arpa", &ip)) &&
	       CHECK_STR(ip_format(&ip, text), "10.88.0.2") && CHECK(dns_name_to_ip(six, &ip)) &&
	       CHECK_STR(ip_format(&ip, text), "fd00::5");
}

static bool only_what_was_asked_is_answered(void)
{
	static const uint8_t asked[] = HEADER("\0") WEB;
	const size_t len = sizeof(asked) - 1;
	uint8_t answer[sizeof(asked)];

	memcpy(answer, asked, sizeof(answer));
	if (!CHECK(!dns_is_answer_to(answer, len, asked, len))) /* it is no answer */
		return false;
	answer[2] |= 0x80;
	answer[13] ^= 0x20;
	if (!CHECK(dns_is_answer_to(answer, len, asked, len)) ||
	    !CHECK(!dns_is_answer_to(answer, len - 1, asked, len)))
		return false;
	for (size_t at = 0; at < len; at++) {
		bool is_free = at == 3 || (at >= 6 && at < DNS_HEADER_BYTES);

		answer[at] ^= 0x40;
		if (!is_free && !CHECK(!dns_is_answer_to(answer, len, asked, len)))
			return false;
		answer[at] ^= 0x40;
	}
	answer[5] = 0;
	answer[3] = DNS_REFUSED;
	return CHECK(dns_is_answer_to(answer, DNS_HEADER_BYTES, asked, len)) &&
	       CHECK(!dns_is_answer_to(answer, len, asked, len));
}

int main(void)
{
	TEST(a_query_is_read);
	TEST(what_is_no_query_is_refused);
	TEST(a_name_with_a_dot_within_is_no_text);
	TEST(names_have_255_bytes_at_most);
	TEST(an_answer_is_built);
	TEST(reverse_names_are_addresses);
	TEST(only_what_was_asked_is_answered);
	return tap_done();
}
