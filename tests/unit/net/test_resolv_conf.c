/* SPDX-License-Identifier: Apache-2.0 */
#include "net/resolv_conf.h"
#include "tap.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdlib.h>

static bool says(const struct resolv_conf *conf, const char *expected)
{
	auto_buf struct buf buf = {};

	resolv_conf_format(conf, &buf);
	return CHECK_STR(buf_str(&buf), expected);
}

static bool becomes(const char *text, const char *expected)
{
	struct resolv_conf conf;

	resolv_conf_parse(text, strlen(text), &conf);
	return says(&conf, expected);
}

static bool it_is_read_as_libc_reads_it(void)
{
	return becomes("# a comment\n; another\nnameserver 10.0.0.1\nnameserver\tfe80::1%eth0 #x\n"
		       "domain a.example\nsearch b.example  c.example\r\noptions ndots:2\n"
		       "options edns0 trust-ad\nsortlist 1.2.3.4\n",
		       "nameserver 10.0.0.1\nnameserver fe80::1%eth0\nsearch b.example c.example\n"
		       "options ndots:2 edns0 trust-ad\n") &&
	       becomes("nameserver 10.0.0.1", "nameserver 10.0.0.1\n") &&
	       becomes("search a\ndomain b\n", "search b\n") && becomes("", "");
}

static bool what_makes_no_sense_is_skipped(void)
{
	return becomes("nameserver\nnameserver x\nnameserver 1.2.3\n nameserver 10.0.0.1\n"
		       "nameserver 10.0.0.1%lo\nnameserver fe80::1%\n"
		       "nameserver fe80::1%aaaaaaaaaaaaaaaaaaaaaaa\noptions a\x01z b\xff c\n",
		       "options c\n");
}

static bool no_more_is_taken_than_there_is_room_for(void)
{
	auto_buf struct buf text = {};
	struct resolv_conf conf;

	for (int i = 0; i < 100; i++)
		buf_printf(&text, "nameserver 10.0.0.%d\n", i);
	buf_puts(&text, "search");
	for (int i = 0; i < 2000; i++)
		buf_printf(&text, " domain%d", i);
	resolv_conf_parse(buf_str(&text), text.len, &conf);
	return CHECK(conf.n_servers == RESOLV_SERVERS_MAX) &&
	       CHECK(strlen(conf.search) < RESOLV_SEARCH_BYTES) &&
	       CHECK(strlen(conf.search) > RESOLV_SEARCH_BYTES - 20);
}

static bool options_are_heeded_within_bounds(void)
{
	static const char text[] = "options timeout:99 attempts:0 rotate\n";
	struct resolv_conf conf;

	resolv_conf_parse(text, strlen(text), &conf);
	if (!CHECK(conf.timeout_s == 30) || !CHECK(conf.attempts == 1) || !CHECK(conf.is_rotating))
		return false;
	resolv_conf_parse("options timeout:x", 17, &conf);
	return CHECK(conf.timeout_s == 5) && CHECK(conf.attempts == 2) && CHECK(!conf.is_rotating);
}

static bool write_at(int dir_fd, const char *path, const char *text)
{
	auto_close int fd = openat(dir_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static bool behind_a_stub_are_its_servers(void)
{
	char dir[] = "/tmp/test_resolv_conf.XXXXXX", command[128];
	auto_close int fd = mkdtemp(dir) ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct resolv_conf conf;
	struct err err;
	bool ok;

	(void)snprintf(command, sizeof(command), "mkdir -p %s/etc %s/run/systemd/resolve", dir,
		       dir);
	ok = CHECK(system(command) == 0) && CHECK(resolv_conf_of_host(fd, &conf, &err) == 1) &&
	     write_at(fd, "etc/resolv.conf", "nameserver 127.0.0.53\nsearch a\n") &&
	     CHECK(resolv_conf_of_host(fd, &conf, &err) == 1) && says(&conf, "search a\n") &&
	     write_at(fd, "run/systemd/resolve/resolv.conf", "nameserver 10.0.0.1\nsearch b\n") &&
	     CHECK(resolv_conf_of_host(fd, &conf, &err) == 0) &&
	     says(&conf, "nameserver 10.0.0.1\nsearch b\n") &&
	     write_at(fd, "etc/resolv.conf", "nameserver ::1\nnameserver 10.0.0.2\n") &&
	     CHECK(resolv_conf_of_host(fd, &conf, &err) == 0) &&
	     says(&conf, "nameserver 10.0.0.2\n");
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	return CHECK(system(command) == 0) && ok;
}

static bool wishes_take_the_place_of_the_hosts(void)
{
	static const char host[] = "nameserver 10.0.0.1\nsearch a\noptions edns0\n";
	const struct ip server = { AF_INET, { 9, 9, 9, 9 } };
	const char *const none[] = { "." }, *const options[] = { "ndots:3" };
	const char *const broken[] = { "a\nnameserver 6.6.6.6" };
	const struct resolv_wishes wishes = { .servers = &server, .n_servers = 1, .search = none,
					      .n_search = 1, .options = options, .n_options = 1 };
	const struct resolv_wishes bad = { .search = broken, .n_search = 1 };
	struct resolv_conf conf, ours;
	struct err err;

	resolv_conf_parse(host, strlen(host), &conf);
	ours = conf;
	resolv_conf_serve(&ours, &server);
	return CHECK(resolv_conf_wish(&conf, &bad, &err) == -EINVAL) && says(&conf, host) &&
	       says(&ours, "nameserver 9.9.9.9\nsearch a\noptions edns0 ndots:0\n") &&
	       CHECK(resolv_conf_wish(&conf, &wishes, &err) == 0) &&
	       says(&conf, "nameserver 9.9.9.9\noptions ndots:3\n");
}

int main(void)
{
	TEST(it_is_read_as_libc_reads_it);
	TEST(what_makes_no_sense_is_skipped);
	TEST(no_more_is_taken_than_there_is_room_for);
	TEST(options_are_heeded_within_bounds);
	TEST(behind_a_stub_are_its_servers);
	TEST(wishes_take_the_place_of_the_hosts);
	return tap_done();
}
