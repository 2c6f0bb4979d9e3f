/* SPDX-License-Identifier: Apache-2.0 */
#include "net/port.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* "tcp 127.0.0.1 8080 80 x1 0": every field. */
static const char *fields(const struct port *p, char ret[static 128])
{
	char ip[IP_BYTES];

	snprintf(ret, 128, "%s %s %u %u x%u %u", port_proto_name(p->proto),
		 ip_is_set(&p->host_ip) ? ip_format(&p->host_ip, ip) : "all", p->host_port, p->port,
		 p->n, p->host_end);
	return ret;
}

static bool words_are_read_as_docker_and_podman_do(void)
{
	static const struct {
		const char *word, *want;
	} rows[] = {
		{ "80", "tcp all 0 80 x1 0" },
		{ ":80", "tcp all 0 80 x1 0" },
		{ "0:80", "tcp all 0 80 x1 0" },
		{ "::80", "tcp all 0 80 x1 0" },
		{ "8080:80", "tcp all 8080 80 x1 0" },
		{ "8080:80/UDP", "udp all 8080 80 x1 0" },
		{ "80/sctp", "sctp all 0 80 x1 0" },
		{ "127.0.0.1:8080:80", "tcp 127.0.0.1 8080 80 x1 0" },
		{ "127.0.0.1::80/udp", "udp 127.0.0.1 0 80 x1 0" },
		{ "0.0.0.0:8080:80", "tcp 0.0.0.0 8080 80 x1 0" },
		{ "[::1]:8080:80/udp", "udp ::1 8080 80 x1 0" },
		{ "::1:8080:80", "tcp ::1 8080 80 x1 0" },
		{ "[::]:8080:80", "tcp :: 8080 80 x1 0" },
		{ "[::]::80", "tcp :: 0 80 x1 0" },
		{ "8080-8090:80-90", "tcp all 8080 80 x11 0" },
		{ "8000-9000:80", "tcp all 8000 80 x1 9000" },
		{ "8000-8000:80", "tcp all 8000 80 x1 0" },
		{ "80-90", "tcp all 0 80 x11 0" },
		{ "1-65535:1-65535", "tcp all 1 1 x65535 0" },
		{ "65535:65535", "tcp all 65535 65535 x1 0" },
	};
	struct err err = {};
	char text[128];

	for (size_t i = 0; i < N(rows); i++) {
		struct port port;

		if (!CHECK(port_parse(rows[i].word, &port, &err) == 0) ||
		    !CHECK_STR(fields(&port, text), rows[i].want))
			return false;
	}
	return true;
}

static bool what_is_wrong_is_said_with_the_word(void)
{
	static const struct {
		const char *word, *want;
	} rows[] = {
		{ "", "'': the container's port is missing" },
		{ "8080:", "'8080:': the container's port is missing" },
		{ "/tcp", "'/tcp': the container's port is missing" },
		{ "8080:99999", "'8080:99999': a port is 1 to 65535" },
		{ "65536:80", "'65536:80': a port is 1 to 65535" },
		{ "0", "'0': a port is 1 to 65535" },
		{ "-80", "'-80': a port is 1 to 65535" },
		{ "+80", "'+80': a port is 1 to 65535" },
		{ "80-", "'80-': a port is 1 to 65535" },
		{ "0-5:80", "'0-5:80': a port is 1 to 65535" },
		{ "8080/tcp:80", "'8080/tcp:80': a port is 1 to 65535" },
		{ "http:80", "'http:80': a port is 1 to 65535" },
		{ "90-80", "'90-80': a range ends before it begins" },
		{ "8080-8081:80-90", "'8080-8081:80-90': ranges of different lengths" },
		{ "8080:80-90", "'8080:80-90': ranges of different lengths" },
		{ "80/icmp", "'80/icmp': the protocol is one of tcp, udp and sctp" },
		{ "80/", "'80/': the protocol is one of tcp, udp and sctp" },
		{ "80/tcp/udp", "'80/tcp/udp': the protocol is one of tcp, udp and sctp" },
		{ "localhost:8080:80", "'localhost:8080:80': 'localhost' is no address" },
		{ "[127.0.0.1]:8080:80", "'[127.0.0.1]:8080:80': '[127.0.0.1]' is no address" },
		{ "[::1:8080:80", "'[::1:8080:80': '[::1' is no address" },
		{ "::8080:80", "'::8080:80': ':' is no address" },
		{ "1.2.3.256:1:1", "'1.2.3.256:1:1': '1.2.3.256' is no address" },
	};
	struct port kept = { .port = 7 };
	struct err err = {};

	for (size_t i = 0; i < N(rows); i++)
		if (!CHECK(port_parse(rows[i].word, &kept, &err) == -EINVAL) ||
		    !CHECK(err.kind == ERR_USAGE) || !CHECK_STR(err.msg, rows[i].want))
			return false;
	return CHECK(kept.port == 7);
}

static bool a_word_of_any_length_is_refused(void)
{
	char word[4096];
	struct port port;
	struct err err = {};

	memset(word, '1', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	return CHECK(port_parse(word, &port, &err) == -EINVAL) &&
	       CHECK(strstr(err.msg, "that is too long"));
}

static bool what_is_exposed_has_no_port_of_the_host(void)
{
	struct port port;
	struct err err = {};
	char text[128];

	return CHECK(port_parse_exposed("8000-8010/tcp", &port, &err) == 0) &&
	       CHECK_STR(fields(&port, text), "tcp all 0 8000 x11 0") &&
	       CHECK(port_parse_exposed("53/udp", &port, &err) == 0) &&
	       CHECK_STR(fields(&port, text), "udp all 0 53 x1 0") &&
	       CHECK(port_parse_exposed("8080:80", &port, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "'8080:80': a port is 1 to 65535");
}

static bool are_fine_together(const char *a, const char *b, struct err *err)
{
	char *v[] = { (char *)a, (char *)b, NULL };
	const struct oci_strings words = { v, 2 };
	struct port ports[2];

	return port_parse(a, &ports[0], err) == 0 && port_parse(b, &ports[1], err) == 0 &&
	       port_check_list(ports, &words, err) == 0;
}

static bool what_wants_the_same_port_is_refused_with_both_words(void)
{
	static const char *const bad[][2] = {
		{ "8080:80", "8080:81" },	     { "8080:80", "127.0.0.1:8080:80" },
		{ "8080-8090:80-90", "8090:80" },    { "0.0.0.0:80:80", "10.0.0.1:80:80" },
		{ "[::]:80:80", "[::1]:80:80" },     { "80:80", "[::1]:80:80" },
		{ "10.0.0.1:80:80", "10.0.0.1:80:81" },
	};
	static const char *const good[][2] = {
		{ "8080:80", "8081:80" },	     { "8080:80/udp", "8080:80/tcp" },
		{ "8080-8089:80-89", "8090:80" },    { "10.0.0.2:80:80", "10.0.0.1:80:80" },
		{ "0.0.0.0:80:80", "[::]:80:80" },   { "80", "80" },
		{ "8000-9000:80", "8000-9000:81" },  { "8000-9000:80", "8000:81" },
	};
	struct err err = {};

	for (size_t i = 0; i < N(bad); i++)
		if (!CHECK(!are_fine_together(bad[i][0], bad[i][1], &err)) ||
		    !CHECK(err.kind == ERR_CONFLICT))
			return false;
	for (size_t i = 0; i < N(good); i++)
		if (!CHECK(are_fine_together(good[i][0], good[i][1], &err)))
			return (printf("# %s %s: %s\n", good[i][0], good[i][1], err.msg), false);
	return CHECK(!are_fine_together("8080:80", "127.0.0.1:8080:81", &err)) &&
	       CHECK_STR(err.msg, "'8080:80' and '127.0.0.1:8080:81' want the same host port");
}

static bool bindings_are_lines(void)
{
	auto_buf struct buf buf = {};
	struct port port;
	struct err err = {};

	if (!CHECK(port_parse("8080:80", &port, &err) == 0))
		return false;
	port_format_binding(&port, &buf);
	if (!CHECK(port_parse("[::1]:53-54:63-64/udp", &port, &err) == 0))
		return false;
	port_format_binding(&port, &buf);
	return CHECK_STR(buf_str(&buf), "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n"
					"63/udp -> [::1]:53\n64/udp -> [::1]:54\n");
}

static bool places_of_one_port_are_lines(void)
{
	auto_buf struct buf buf = {};
	struct port port;
	struct err err = {};

	if (!CHECK(port_parse("8080-8082:80-82", &port, &err) == 0))
		return false;
	port_format_host(&port, 79, &buf);
	port_format_host(&port, 83, &buf);
	port_format_host(&port, 82, &buf);
	if (!CHECK(port_parse("[::1]:53:63/udp", &port, &err) == 0))
		return false;
	port_format_host(&port, 63, &buf);
	return CHECK_STR(buf_str(&buf), "0.0.0.0:8082\n[::]:8082\n[::1]:53\n");
}

/* Words with a space between them. */
static size_t parse_all(const char *words, struct port *ret)
{
	char text[256], *rest = text, *word;
	struct err err = {};
	size_t n = 0;

	snprintf(text, sizeof(text), "%s", words);
	while ((word = strsep(&rest, " ")))
		if (*word && !CHECK(port_parse(word, &ret[n++], &err) == 0))
			printf("# %s\n", err.msg);
	return n;
}

static bool the_column_is_sorted_and_joined(void)
{
	static const struct {
		const char *published, *exposed, *want;
	} rows[] = {
		{ "", "", "" },
		{ "8080:80", "", "0.0.0.0:8080->80/tcp, :::8080->80/tcp" },
		{ "8080:80", "80", "0.0.0.0:8080->80/tcp, :::8080->80/tcp" },
		{ "", "443 80", "80/tcp, 443/tcp" },
		{ "", "81 80 80/udp 82", "80-82/tcp, 80/udp" },
		{ "0.0.0.0:8080:80", "79-81", "79/tcp, 0.0.0.0:8080->80/tcp, 81/tcp" },
		{ "8000-8010:8000-8010", "",
		  "0.0.0.0:8000-8010->8000-8010/tcp, :::8000-8010->8000-8010/tcp" },
		{ "127.0.0.1:2:2 127.0.0.1:1:1 127.0.0.1:3:3", "", "127.0.0.1:1-3->1-3/tcp" },
		{ "127.0.0.1:82:2 127.0.0.1:81:1", "", "127.0.0.1:81-82->1-2/tcp" },
		{ "127.0.0.1:81:2 127.0.0.1:82:1", "",
		  "127.0.0.1:82->1/tcp, 127.0.0.1:81->2/tcp" },
		{ "127.0.0.1:1:1 127.0.0.1:2:2/udp", "",
		  "127.0.0.1:1->1/tcp, 127.0.0.1:2->2/udp" },
		/* two ways to one, beside its neighbour */
		{ "127.0.0.1:1:1 127.0.0.1:5:1 127.0.0.1:2:2", "",
		  "127.0.0.1:1-2->1-2/tcp, 127.0.0.1:5->1/tcp" },
		{ "80 8000-9000:81", "", "80-81/tcp" },
		{ "1-65535:1-65535", "1-65535/udp",
		  "0.0.0.0:1-65535->1-65535/tcp, :::1-65535->1-65535/tcp, 1-65535/udp" },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct port published[8], exposed[8];
		size_t n = parse_all(rows[i].published, published);
		size_t m = parse_all(rows[i].exposed, exposed);
		auto_buf struct buf buf = {};

		port_format_list(published, n, exposed, m, &buf);
		if (!CHECK_STR(buf_str(&buf), rows[i].want))
			return false;
	}
	return true;
}

int main(void)
{
	TEST(words_are_read_as_docker_and_podman_do);
	TEST(what_is_wrong_is_said_with_the_word);
	TEST(a_word_of_any_length_is_refused);
	TEST(what_is_exposed_has_no_port_of_the_host);
	TEST(what_wants_the_same_port_is_refused_with_both_words);
	TEST(bindings_are_lines);
	TEST(places_of_one_port_are_lines);
	TEST(the_column_is_sorted_and_joined);
	return tap_done();
}
