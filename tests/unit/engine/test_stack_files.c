/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stack_files.h"
#include "tap.h"
#include "tmpdir.h"

#include "engine/stack_hosts.h"
#include "engine/stack_resolv.h"

#include <fcntl.h>
#include <signal.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define STR(text) ((char *)(text))
#define WORDS(...) { (char **)(const char *[]){ __VA_ARGS__, NULL }, \
		     sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *) }
#define CONFIG(...) (&(struct config){ .id = STR(ID), .name = STR("web"), .sysctls = NO_IPV6, \
				       __VA_ARGS__ })

/* So that the texts are the same on every machine. */
#define NO_IPV6 { &(struct oci_pair){ STR("net.ipv6.conf.all.disable_ipv6"), STR("1") }, 1 }

#define ENDPOINTS(...) \
	(&(struct net_record){ .endpoints = { (struct net_endpoint[]){ __VA_ARGS__ }, \
			sizeof((struct net_endpoint[]){ __VA_ARGS__ }) / \
				sizeof(struct net_endpoint) } })
#define BRIDGE(...) { .host_interface = STR("ve1"), __VA_ARGS__ }

static const struct net_record *on_a_bridge(void)
{
	static struct net_endpoint endpoint = { .host_interface = STR("ve1"),
						.ip = STR("10.88.0.2/16"),
						.gateway = STR("10.88.0.1") };
	static const struct net_record record = { .endpoints = { &endpoint, 1 } };

	return &record;
}

/* ------------------------------------------------------------------------------- hosts */

/* The lines behind localhost's; the error's words, if there is one. */
static const char *hosts_of(const struct config *config, const struct net_record *record)
{
	static const char localhost[] = "127.0.0.1\tlocalhost\n";
	static char text[4096];
	auto_buf struct buf buf = {};
	struct err err;

	if (stack_hosts_format(config, record, &buf, &err) < 0)
		(void)snprintf(text, sizeof(text), "%s", err.msg);
	else if (strncmp(buf_str(&buf), localhost, strlen(localhost)) == 0)
		(void)snprintf(text, sizeof(text), "%s", buf.data + strlen(localhost));
	else
		(void)snprintf(text, sizeof(text), "without localhost: %s", buf_str(&buf));
	return text;
}

static bool it_goes_by_its_names_on_each_of_its_networks(void)
{
	const struct net_record *two =
		ENDPOINTS(BRIDGE(.ip = STR("10.88.0.2/16"), .gateway = STR("10.88.0.1")),
			  BRIDGE(.ip = STR("10.89.0.7/24"), .ip6 = STR("fd00::7/64"),
				 .gateway = STR("10.89.0.1")));

	return CHECK_STR(hosts_of(CONFIG(.hostname = STR("front")), two),
			 "10.88.0.2\tfront web 0123456789ab\n"
			 "10.89.0.7\tfront web 0123456789ab\n"
			 "fd00::7\tfront web 0123456789ab\n"
			 "10.88.0.1\thost.containers.internal host.docker.internal\n");
}

static bool a_name_stands_there_once_and_its_domain_first(void)
{
	return CHECK_STR(hosts_of(CONFIG(.hostname = STR("web"), .domainname = STR("example.org")),
				  on_a_bridge()),
			 "10.88.0.2\tweb.example.org web 0123456789ab\n"
			 "10.88.0.1\thost.containers.internal host.docker.internal\n") &&
	       CHECK_STR(hosts_of(CONFIG(), on_a_bridge()),
			 "10.88.0.2\t0123456789ab web\n"
			 "10.88.0.1\thost.containers.internal host.docker.internal\n");
}

static bool without_a_network_its_name_is_loopbacks(void)
{
	return CHECK_STR(hosts_of(CONFIG(), NULL), "127.0.0.1\t0123456789ab web\n") &&
	       CHECK_STR(hosts_of(CONFIG(), &(struct net_record){}),
			 "127.0.0.1\t0123456789ab web\n");
}

static bool what_was_asked_for_comes_first(void)
{
	return CHECK_STR(hosts_of(CONFIG(.add_hosts = WORDS("db:10.0.0.5", "a;b:host-gateway",
							    "host.docker.internal:10.0.0.9")),
				  on_a_bridge()),
			 "10.0.0.5\tdb\n"
			 "10.88.0.1\ta b\n"
			 "10.0.0.9\thost.docker.internal\n"
			 "10.88.0.2\t0123456789ab web\n"
			 "10.88.0.1\thost.containers.internal\n");
}

static bool a_gateway_that_is_another_machine_is_not_the_host(void)
{
	const struct net_record *record =
		ENDPOINTS({ .host_interface = STR(""), .ip = STR("192.168.7.9/24"),
			    .gateway = STR("192.168.7.1") },
			  BRIDGE(.ip6 = STR("fd00::7/64"), .gateway6 = STR("fd00::1")));

	return CHECK_STR(hosts_of(CONFIG(), record),
			 "192.168.7.9\t0123456789ab web\n"
			 "fd00::7\t0123456789ab web\n"
			 "fd00::1\thost.containers.internal host.docker.internal\n");
}

static bool on_the_hosts_network_the_hosts_file_follows(void)
{
	const struct config *config = CONFIG(.network = STR("host"),
					     .add_hosts = WORDS("db:10.0.0.5"));
	auto_close int fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
	auto_buf struct buf text = {}, host = {};
	struct err err;

	return CHECK(fd < 0 || buf_read_fd(&host, fd, 1 << 20, "hosts", &err) == 0) &&
	       CHECK(stack_hosts_format(config, NULL, &text, &err) == 0) &&
	       CHECK(strncmp(text.data, "10.0.0.5\tdb\n", 12) == 0) &&
	       CHECK(strstr(text.data, "\thost.containers.internal host.docker.internal\n")) &&
	       CHECK(text.len > host.len) &&
	       CHECK_STR(text.data + text.len - host.len, buf_str(&host));
}

static bool what_cannot_stand_there_is_refused_by_its_option(void)
{
	return CHECK_STR(hosts_of(CONFIG(.add_hosts = WORDS("db")), NULL),
			 "--add-host: host 'db' has no address") &&
	       CHECK_STR(hosts_of(CONFIG(.hostname = STR("a b")), NULL),
			 "'/etc/hosts' of the container: 'a b' is no name of a host");
}

/* ------------------------------------------------------------------------------- resolv.conf */

static const char *resolv_of(const struct config *config, bool has_resolver)
{
	static char text[4096];
	auto_buf struct buf buf = {};
	struct err err;
	int r = stack_resolv_format(config, has_resolver, &buf, &err);

	(void)snprintf(text, sizeof(text), "%s", r < 0 ? err.msg : buf_str(&buf));
	return text;
}

#define DNS(...) .dns = WORDS(__VA_ARGS__), .dns_search = WORDS("a.org", "b.org"), \
		 .dns_options = WORDS("edns0")

static bool what_was_asked_for_is_there_instead_of_the_hosts(void)
{
	static const char text[] = "nameserver 9.9.9.9\nnameserver fd00::1\n"
				   "search a.org b.org\noptions edns0\n";

	return CHECK_STR(resolv_of(CONFIG(DNS("9.9.9.9", "fd00::1")), false), text) &&
	       CHECK_STR(resolv_of(CONFIG(.network = STR("host"), DNS("9.9.9.9", "fd00::1")),
				   false), text);
}

static bool a_resolver_is_the_only_server(void)
{
	return CHECK_STR(resolv_of(CONFIG(DNS("9.9.9.9")), true),
			 "nameserver 127.0.0.11\nsearch a.org b.org\noptions edns0 ndots:0\n");
}

static bool wishes_that_make_no_sense_are_refused_by_their_option(void)
{
	return CHECK_STR(resolv_of(CONFIG(.dns = WORDS("9.9.9")), false),
			 "--dns: '9.9.9' is no IP address") &&
	       CHECK_STR(resolv_of(CONFIG(.dns_search = WORDS("a b")), false),
			 "--dns-search: 'a b' can't stand in a resolv.conf") &&
	       CHECK_STR(resolv_of(CONFIG(.dns_options = WORDS("#")), true),
			 "--dns-option: '#' can't stand in a resolv.conf");
}

static const char *exchanged(bool has_resolver, const char *text)
{
	const struct buf now = { STR(text), strlen(text), 0 };
	static char result[4096];
	auto_buf struct buf buf = {};
	struct err err;
	int r = stack_resolv_exchange(CONFIG(DNS("9.9.9.9")), has_resolver, &now, &buf, &err);

	(void)snprintf(result, sizeof(result), "%s", r < 0 ? err.msg : buf_str(&buf));
	return result;
}

static bool servers_are_exchanged_and_the_rest_stays(void)
{
	return CHECK_STR(exchanged(true, "nameserver 1.1.1.1\nsearch its.own\n"),
			 "nameserver 127.0.0.11\nsearch its.own\noptions ndots:0\n") &&
	       CHECK_STR(exchanged(false, "nameserver 127.0.0.11\nsearch its.own\n"),
			 "nameserver 9.9.9.9\nsearch its.own\n") &&
	       CHECK_STR(exchanged(false, "nameserver 8.8.8.8\n"), "nameserver 8.8.8.8\n");
}

/* ------------------------------------------------------------------------------- files */

struct shelf {
	struct tmpdir dir;
	struct entry entry;
};

static void shelf_done(struct shelf *shelf)
{
	closep(&shelf->entry.dir_fd);
	tmpdir_done(&shelf->dir);
}

#define auto_shelf auto_cleanup(shelf_done)

static struct shelf shelf_new(void)
{
	struct shelf shelf = { .entry = { .containers_fd = -1, .names_fd = -1, .ids_fd = -1,
					  .id = ID } };

	tmpdir_make(&shelf.dir);
	shelf.entry.dir_fd = open(shelf.dir.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return shelf;
}

/* "": there is none. */
static const char *read_file(const struct shelf *shelf, const char *name)
{
	static char text[4096];
	auto_buf struct buf buf = {};
	struct err err;

	(void)entry_read_shown(&shelf->entry, name, &buf, &err);
	(void)snprintf(text, sizeof(text), "%s", buf_str(&buf));
	return text;
}

static bool writes(const struct shelf *shelf, const struct config *config)
{
	const struct stack_view view = { on_a_bridge(), true };
	struct err err;

	return stack_files_write(&shelf->entry, config, &view, &err) == 0;
}

static bool three_are_written_over_what_was_there(void)
{
	auto_shelf struct shelf shelf = shelf_new();
	struct stat st;

	return CHECK(tmpdir_put(shelf.entry.dir_fd, "hostname", "a name that was much longer\n")) &&
	       CHECK(fchmodat(shelf.entry.dir_fd, "hostname", 0600, 0) == 0) &&
	       CHECK(writes(&shelf, CONFIG(DNS("9.9.9.9")))) &&
	       CHECK_STR(read_file(&shelf, "hostname"), "0123456789ab\n") &&
	       CHECK(strstr(read_file(&shelf, "hosts"), "10.88.0.2\t0123456789ab web\n")) &&
	       CHECK(strstr(read_file(&shelf, "resolv.conf"), "nameserver 127.0.0.11\n")) &&
	       CHECK(fstatat(shelf.entry.dir_fd, "hostname", &st, 0) == 0) &&
	       CHECK((st.st_mode & 07777) == 0644);
}

static bool who_is_root_inside_owns_them(void)
{
	auto_shelf struct shelf shelf = shelf_new();
	struct stat st;

	if (geteuid() != 0)
		return true;
	return CHECK(writes(&shelf, CONFIG(.ids_start = 70000, .ids_size = 1000))) &&
	       CHECK(fstatat(shelf.entry.dir_fd, "hosts", &st, 0) == 0) &&
	       CHECK(st.st_uid == 70000 && st.st_gid == 70000);
}

static bool none_is_written_that_is_anothers_or_not_wanted(void)
{
	auto_shelf struct shelf shelf = shelf_new(), other = shelf_new();

	return CHECK(writes(&shelf, CONFIG(.network = STR("container:" ID)))) &&
	       CHECK_STR(read_file(&shelf, "hosts"), "") &&
	       CHECK_STR(read_file(&shelf, "hostname"), "") &&
	       CHECK_STR(read_file(&shelf, "resolv.conf"), "") &&
	       CHECK(writes(&shelf, CONFIG(.network = STR("container:" ID),
					   .hostname = STR("own")))) &&
	       CHECK_STR(read_file(&shelf, "hostname"), "own\n") &&
	       CHECK(writes(&other, CONFIG(.no_hosts = true))) &&
	       CHECK_STR(read_file(&other, "hosts"), "") &&
	       CHECK_STR(read_file(&other, "hostname"), "0123456789ab\n");
}

static bool append(const struct shelf *shelf, const char *name, const char *text)
{
	auto_close int fd = openat(shelf->entry.dir_fd, name, O_WRONLY | O_APPEND | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool a_network_more_and_less_leaves_the_file_as_it_was(void)
{
	const struct net_record *two =
		ENDPOINTS(BRIDGE(.ip = STR("10.88.0.2/16"), .gateway = STR("10.88.0.1")),
			  BRIDGE(.ip = STR("10.89.0.7/24"), .gateway = STR("10.89.0.1")));
	const struct stack_view one = { on_a_bridge(), true }, both = { two, true };
	const struct config *config = CONFIG(DNS("9.9.9.9"));
	auto_shelf struct shelf shelf = shelf_new();
	struct stat before, after;
	char text[4096];
	struct err err;

	if (!CHECK(stack_files_write(&shelf.entry, config, &one, &err) == 0) ||
	    !CHECK(append(&shelf, "hosts", "1.2.3.4\tits-own\n")) ||
	    !CHECK(fstatat(shelf.entry.dir_fd, "hosts", &before, 0) == 0))
		return false;
	(void)snprintf(text, sizeof(text), "%s", read_file(&shelf, "hosts"));
	return CHECK(stack_files_change(&shelf.entry, config, &one, &both, &err) == 0) &&
	       CHECK(strstr(read_file(&shelf, "hosts"), "\n10.89.0.7\t0123456789ab web\n")) &&
	       CHECK(stack_files_change(&shelf.entry, config, &both, &one, &err) == 0) &&
	       CHECK_STR(read_file(&shelf, "hosts"), text) &&
	       CHECK(fstatat(shelf.entry.dir_fd, "hosts", &after, 0) == 0) &&
	       CHECK(before.st_ino == after.st_ino);
}

static bool the_first_network_brings_the_resolver(void)
{
	const struct stack_view none = {}, one = { on_a_bridge(), true };
	const struct config *config = CONFIG(.dns = WORDS("9.9.9.9"), .dns_search = WORDS("."),
					     .dns_options = WORDS("edns0"));
	auto_shelf struct shelf shelf = shelf_new();
	struct err err;

	return CHECK(stack_files_write(&shelf.entry, config, &none, &err) == 0) &&
	       CHECK(stack_files_change(&shelf.entry, config, &none, &one, &err) == 0) &&
	       CHECK_STR(read_file(&shelf, "resolv.conf"),
			 "nameserver 127.0.0.11\noptions edns0 ndots:0\n") &&
	       CHECK(!strstr(read_file(&shelf, "hosts"), "127.0.0.1\t0123456789ab")) &&
	       CHECK(strstr(read_file(&shelf, "hosts"), "10.88.0.2\t0123456789ab web\n")) &&
	       CHECK(stack_files_change(&shelf.entry, config, &one, &none, &err) == 0) &&
	       CHECK(strstr(read_file(&shelf, "resolv.conf"), "nameserver 9.9.9.9\n")) &&
	       CHECK(strstr(read_file(&shelf, "hosts"), "127.0.0.1\t0123456789ab web\n"));
}

static bool files_that_are_not_there_are_not_made(void)
{
	const struct stack_view none = {}, one = { on_a_bridge(), true };
	auto_shelf struct shelf shelf = shelf_new();
	struct err err;

	return CHECK(stack_files_change(&shelf.entry, CONFIG(), &none, &one, &err) == 0) &&
	       CHECK(faccessat(shelf.entry.dir_fd, "hosts", F_OK, 0) < 0) &&
	       CHECK(faccessat(shelf.entry.dir_fd, "resolv.conf", F_OK, 0) < 0);
}

/* Who owns them inside may: a write lease on one, a read lease on the other. */
static bool whoever_holds_a_lease_holds_up_nobody(void)
{
	auto_shelf struct shelf shelf = shelf_new();
	auto_close int hosts = -1, resolv = -1;
	struct stat st;

	if (!CHECK(writes(&shelf, CONFIG(DNS("9.9.9.9")))))
		return false;
	hosts = openat(shelf.entry.dir_fd, "hosts", O_RDWR | O_CLOEXEC);
	resolv = openat(shelf.entry.dir_fd, "resolv.conf", O_RDONLY | O_CLOEXEC);
	(void)signal(SIGIO, SIG_IGN); /* "give it up" */
	return CHECK(fcntl(hosts, F_SETLEASE, F_WRLCK) == 0) &&
	       CHECK(fcntl(resolv, F_SETLEASE, F_RDLCK) == 0) &&
	       CHECK(writes(&shelf, CONFIG(DNS("9.9.9.10")))) &&
	       CHECK(fstat(hosts, &st) == 0 && st.st_nlink == 0) &&
	       CHECK(fstat(resolv, &st) == 0 && st.st_nlink == 0) &&
	       CHECK(strstr(read_file(&shelf, "hosts"), "10.88.0.2\t0123456789ab web\n")) &&
	       CHECK(strstr(read_file(&shelf, "resolv.conf"), "nameserver 127.0.0.11\n"));
}

int main(void)
{
	TEST(it_goes_by_its_names_on_each_of_its_networks);
	TEST(a_name_stands_there_once_and_its_domain_first);
	TEST(without_a_network_its_name_is_loopbacks);
	TEST(what_was_asked_for_comes_first);
	TEST(a_gateway_that_is_another_machine_is_not_the_host);
	TEST(on_the_hosts_network_the_hosts_file_follows);
	TEST(what_cannot_stand_there_is_refused_by_its_option);
	TEST(what_was_asked_for_is_there_instead_of_the_hosts);
	TEST(a_resolver_is_the_only_server);
	TEST(wishes_that_make_no_sense_are_refused_by_their_option);
	TEST(servers_are_exchanged_and_the_rest_stays);
	TEST(three_are_written_over_what_was_there);
	TEST(who_is_root_inside_owns_them);
	TEST(none_is_written_that_is_anothers_or_not_wanted);
	TEST(a_network_more_and_less_leaves_the_file_as_it_was);
	TEST(the_first_network_brings_the_resolver);
	TEST(files_that_are_not_there_are_not_made);
	TEST(whoever_holds_a_lease_holds_up_nobody);
	return tap_done();
}
