/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sock.h"

#include "tap.h"
#include "tmpdir.h"

#include <sys/socket.h>
#include <sys/un.h>

struct pair {
	int a, b;
};

#define auto_pair auto_cleanup(pair_done)

static void pair_done(struct pair *pair)
{
	closep(&pair->a);
	closep(&pair->b);
}

static struct pair pair_make(int type)
{
	int fds[2] = { -1, -1 };

	(void)socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds);
	return (struct pair){ fds[0], fds[1] };
}

/* The lowest free descriptor: rises when one is lost. */
static int lowest_free(void)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 3);

	(void)close(fd);
	return fd;
}

static bool a_message_arrives_with_its_descriptor(void)
{
	auto_pair struct pair pair = pair_make(SOCK_SEQPACKET);
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = -1;
	char bytes[16] = "";

	tmpdir_make(&dir);
	return CHECK(sock_send(pair.a, "hello", 5, dir.fd) == 0) &&
	       CHECK(sock_receive(pair.b, bytes, sizeof(bytes), &fd) == 5) &&
	       CHECK_STR(bytes, "hello") && CHECK(fd != dir.fd) &&
	       CHECK(tmpdir_is(fd, AT_FDCWD, dir.path)) && CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
}

static bool a_message_without_one_says_so(void)
{
	auto_pair struct pair pair = pair_make(SOCK_SEQPACKET);
	char bytes[16];
	int fd = 77;

	return CHECK(sock_send(pair.a, "one", 3, -1) == 0) &&
	       CHECK(sock_send(pair.a, "other", 5, -1) == 0) &&
	       CHECK(sock_receive(pair.b, bytes, sizeof(bytes), &fd) == 3) && CHECK(fd == -1) &&
	       CHECK(sock_receive(pair.b, bytes, sizeof(bytes), &fd) == 5) && CHECK(fd == -1);
}

/* Send `n` copies of standard input at once. */
static bool send_many(int sock_fd, size_t n)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(16 * sizeof(int))] = "";
	int fds[16] = { 0 };
	char byte = 'x';
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);

	*header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n * sizeof(int)),
				    .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(header), fds, n * sizeof(int));
	return sendmsg(sock_fd, &msg, MSG_NOSIGNAL) == 1;
}

static bool more_descriptors_than_wanted_are_refused_and_none_leaks(void)
{
	auto_pair struct pair pair = pair_make(SOCK_SEQPACKET);
	int before = lowest_free();

	for (size_t n = 1; n <= 16; n++) {
		char byte;
		int fd = -1;

		if (!CHECK(send_many(pair.a, n)) ||
		    !CHECK(sock_receive(pair.b, &byte, 1, &fd) == (n == 1 ? 1 : -EMSGSIZE)) ||
		    !CHECK((fd >= 0) == (n == 1)))
			return false;
		closep(&fd);
		if (!CHECK(lowest_free() == before))
			return false;
	}
	return true;
}

static bool several_descriptors_come_in_order(void)
{
	auto_pair struct pair pair = pair_make(SOCK_SEQPACKET);
	int sent[SOCK_FDS_MAX], got[SOCK_FDS_MAX], before = lowest_free();
	bool ok = true;
	char byte;

	for (int i = 0; i < SOCK_FDS_MAX; i++)
		sent[i] = i % 2 ? pair.a : pair.b;
	if (!CHECK(sock_send_fds(pair.a, "x", 1, sent, SOCK_FDS_MAX) == 0) ||
	    !CHECK(sock_receive_fds(pair.b, &byte, 1, got, SOCK_FDS_MAX) == 1))
		return false;
	for (int i = 0; i < SOCK_FDS_MAX; i++) {
		struct stat want, have;

		ok = ok && CHECK(fstat(sent[i], &want) == 0) && CHECK(fstat(got[i], &have) == 0) &&
		     CHECK(want.st_ino == have.st_ino) &&
		     CHECK(fcntl(got[i], F_GETFD) == FD_CLOEXEC);
		closep(&got[i]);
	}
	return ok && CHECK(sock_send_fds(pair.a, "x", 1, sent, 3) == 0) &&
	       CHECK(sock_receive_fds(pair.b, &byte, 1, got, 2) == -EMSGSIZE) &&
	       CHECK(got[0] == -1 && got[1] == -1) && CHECK(lowest_free() == before);
}

static bool a_message_longer_than_wanted_is_refused_not_cut(void)
{
	auto_pair struct pair pair = pair_make(SOCK_SEQPACKET);
	int fd = 7, before = lowest_free();
	char bytes[4];

	return CHECK(sock_send(pair.a, "12345", 5, 0) == 0) &&
	       CHECK(sock_receive(pair.b, bytes, sizeof(bytes), &fd) == -EMSGSIZE) &&
	       CHECK(fd == -1) && CHECK(lowest_free() == before) &&
	       CHECK(sock_send(pair.a, "1234", 4, -1) == 0) &&
	       CHECK(sock_receive(pair.b, bytes, sizeof(bytes), &fd) == 4);
}

static bool the_end_is_zero_bytes_and_sending_to_it_no_signal(void)
{
	auto_pair struct pair pair = pair_make(SOCK_SEQPACKET);
	char byte;
	int fd = 5;

	closep(&pair.a);
	pair.a = -1;
	return CHECK(sock_receive(pair.b, &byte, 1, &fd) == 0) && CHECK(fd == -1) &&
	       CHECK(sock_send(pair.b, "x", 1, -1) == -EPIPE) &&
	       CHECK(sock_receive(-1, &byte, 1, &fd) == -EBADF) &&
	       CHECK(sock_send(-1, "x", 1, -1) == -EBADF);
}

/* A directory whose path is far longer than a socket's address. */
static int deep_dir(const struct tmpdir *dir, char path[600])
{
	(void)snprintf(path, 600, "%s", dir->path);
	for (int i = 0; i < 8; i++) {
		strcat(path, "/a-directory-with-a-rather-long-name-for-a-socket");
		if (mkdir(path, 0755) < 0)
			return -1;
	}
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool is_connected(int listen_fd, int fd)
{
	auto_close int accepted_fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	char byte = 0;
	int cargo;

	return accepted_fd >= 0 && sock_send(fd, "!", 1, -1) == 0 &&
	       sock_receive(accepted_fd, &byte, 1, &cargo) == 1 && byte == '!';
}

static bool paths_longer_than_an_address_work(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int dir_fd = -1, listen_fd = -1, by_dir = -1, by_path = -1;
	struct err err = {};
	char path[600];

	tmpdir_make(&dir);
	dir_fd = deep_dir(&dir, path);
	strcat(path, "/start.sock");
	return CHECK(dir_fd >= 0) && CHECK(strlen(path) > sizeof(struct sockaddr_un)) &&
	       CHECK(sock_listen_at(dir_fd, "start.sock", SOCK_SEQPACKET, &listen_fd, &err) == 0) &&
	       CHECK(fcntl(listen_fd, F_GETFD) == FD_CLOEXEC) &&
	       CHECK(sock_connect_at(dir_fd, "start.sock", SOCK_SEQPACKET, &by_dir, &err) == 0) &&
	       CHECK(is_connected(listen_fd, by_dir)) &&
	       CHECK(sock_connect(path, SOCK_SEQPACKET, &by_path, &err) == 0) &&
	       CHECK(fcntl(by_path, F_GETFD) == FD_CLOEXEC) &&
	       CHECK(is_connected(listen_fd, by_path));
}

static bool paths_may_be_relative(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int old_fd = open(".", O_PATH | O_CLOEXEC);
	auto_close int listen_fd = -1, fd = -1, other_fd = -1;
	struct err err = {};
	bool ok;

	tmpdir_make(&dir);
	ok = CHECK(sock_listen_at(dir.fd, "s", SOCK_STREAM, &listen_fd, &err) == 0) &&
	     CHECK(fchdir(dir.fd) == 0) && CHECK(sock_connect("s", SOCK_STREAM, &fd, &err) == 0) &&
	     CHECK(sock_connect("./s", SOCK_STREAM, &other_fd, &err) == 0);
	return CHECK(fchdir(old_fd) == 0) && ok;
}

static bool failures_say_which_socket(void)
{
	auto_tmpdir struct tmpdir dir;
	struct err err = {};
	int listen_fd = -1, fd = -1;

	tmpdir_make(&dir);
	if (!CHECK(sock_connect_at(dir.fd, "s", SOCK_STREAM, &fd, &err) == -ENOENT) ||
	    !CHECK_STR(err.msg, "connect to socket 's': no such file or directory") ||
	    !CHECK(sock_listen_at(dir.fd, "s", SOCK_STREAM, &listen_fd, &err) == 0) ||
	    !CHECK(sock_listen_at(dir.fd, "s", SOCK_STREAM, &fd, &err) == -EADDRINUSE) ||
	    !CHECK(sock_connect_at(dir.fd, "s", SOCK_SEQPACKET, &fd, &err) == -EPROTOTYPE))
		return false;
	(void)close(listen_fd);
	return CHECK(sock_connect_at(dir.fd, "s", SOCK_STREAM, &fd, &err) == -ECONNREFUSED) &&
	       CHECK(sock_connect("/no/such/dir/s", SOCK_STREAM, &fd, &err) == -ENOENT) &&
	       CHECK_STR(err.msg, "open '/no/such/dir': no such file or directory") &&
	       CHECK(fd == -1);
}

static bool names_too_long_are_refused_not_cut(void)
{
	auto_tmpdir struct tmpdir dir;
	struct err err = {};
	char name[200];
	int fd = -1, before;

	tmpdir_make(&dir);
	before = lowest_free();
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	return CHECK(sock_listen_at(dir.fd, name, SOCK_STREAM, &fd, &err) == -ENAMETOOLONG) &&
	       CHECK(sock_connect_at(dir.fd, name, SOCK_STREAM, &fd, &err) == -ENAMETOOLONG) &&
	       CHECK(fd == -1) && CHECK(lowest_free() == before);
}

int main(void)
{
	TEST(a_message_arrives_with_its_descriptor);
	TEST(a_message_without_one_says_so);
	TEST(more_descriptors_than_wanted_are_refused_and_none_leaks);
	TEST(several_descriptors_come_in_order);
	TEST(a_message_longer_than_wanted_is_refused_not_cut);
	TEST(the_end_is_zero_bytes_and_sending_to_it_no_signal);
	TEST(paths_longer_than_an_address_work);
	TEST(paths_may_be_relative);
	TEST(failures_say_which_socket);
	TEST(names_too_long_are_refused_not_cut);
	return tap_done();
}
