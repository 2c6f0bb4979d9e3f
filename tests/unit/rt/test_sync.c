/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/sync.h"

#include "base/cleanup.h"
#include "sys/sock.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/socket.h>

struct ends {
	int child, parent;
};

#define auto_ends auto_cleanup(ends_done)

static void ends_done(struct ends *ends)
{
	closep(&ends->child);
	closep(&ends->parent);
}

static struct ends ends_make(void)
{
	int fds[2] = { -1, -1 };

	(void)socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds);
	return (struct ends){ fds[0], fds[1] };
}

static int lowest_free(void)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 3);

	(void)close(fd);
	return fd;
}

static bool each_step_is_heard_as_itself_only(void)
{
	for (int said = 0; said < SYNC_STEP_MAX_; said++) {
		for (int wanted = 0; wanted < SYNC_STEP_MAX_; wanted++) {
			auto_ends struct ends e = ends_make();
			struct err err = {};
			int r = said == wanted ? 0 : -EPROTO;

			if (!CHECK(sync_send(e.child, (enum sync_step)said, -1) == 0) ||
			    !CHECK(sync_wait(e.parent, (enum sync_step)wanted, NULL, &err) == r) ||
			    !CHECK(sync_send(e.parent, (enum sync_step)said, -1) == 0) ||
			    !CHECK(sync_expect(e.child, (enum sync_step)wanted) == r))
				return false;
		}
	}
	return true;
}

static bool a_wrong_step_names_both(void)
{
	auto_ends struct ends e = ends_make();
	struct err err = {};

	return CHECK(sync_send(e.child, SYNC_READY, -1) == 0) &&
	       CHECK(sync_wait(e.parent, SYNC_MOUNTED, NULL, &err) == -EPROTO) &&
	       CHECK_STR(err.msg,
			 "expected MOUNTED, not READY, from the container's first process");
}

static bool a_descriptor_comes_with_its_step(void)
{
	auto_ends struct ends e = ends_make();
	auto_close int fd = -1, none_fd = 5;
	struct err err = {};
	int before, after;

	if (!CHECK(sync_send(e.child, SYNC_MOUNTED, 0) == 0) ||
	    !CHECK(sync_wait(e.parent, SYNC_MOUNTED, &fd, &err) == 0) || !CHECK(fd > 0) ||
	    !CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC) ||
	    !CHECK(sync_send(e.child, SYNC_MOUNTED, -1) == 0) ||
	    !CHECK(sync_wait(e.parent, SYNC_MOUNTED, &none_fd, &err) == 0) || !CHECK(none_fd == -1))
		return false;
	before = lowest_free();
	(void)sync_send(e.child, SYNC_MOUNTED, 0); /* unwanted */
	(void)sync_send(e.child, SYNC_MOUNTED, 0); /* with the wrong step */
	(void)sync_send(e.parent, SYNC_PIVOT, 0);  /* to who never takes one */
	(void)sync_wait(e.parent, SYNC_MOUNTED, NULL, &err);
	(void)sync_wait(e.parent, SYNC_READY, &none_fd, &err);
	(void)sync_expect(e.child, SYNC_PIVOT);
	after = lowest_free();
	return CHECK(none_fd == -1) && CHECK(before == after);
}

static bool a_failure_ends_any_step_with_its_words(void)
{
	const struct err failure = { .no = ENOENT, .kind = ERR_NOT_FOUND, .msg = "execute 'sh'" };

	for (int step = 0; step < SYNC_STEP_MAX_; step++) {
		auto_ends struct ends e = ends_make();
		struct err err = {};

		sync_send_failure(e.child, &failure);
		sync_send_failure(e.parent, &failure);
		if (!CHECK(sync_wait(e.parent, (enum sync_step)step, NULL, &err) == -ENOENT) ||
		    !CHECK(err.kind == ERR_NOT_FOUND) ||
		    !CHECK_STR(err.msg, "execute 'sh': no such file or directory") ||
		    !CHECK(sync_expect(e.child, (enum sync_step)step) == -EPROTO))
			return false;
	}
	return true;
}

static bool the_childs_words_need_not_end(void)
{
	auto_ends struct ends e = ends_make();
	struct err failure = { .no = EPERM, .kind = (enum err_kind)77 }, err = {};

	memset(failure.msg, 'x', sizeof(failure.msg));
	sync_send_failure(e.child, &failure);
	return CHECK(sync_wait(e.parent, SYNC_READY, NULL, &err) == -EPERM) &&
	       CHECK(memchr(err.msg, '\0', sizeof(err.msg))) && CHECK(err.kind == ERR_SYSTEM);
}

static bool an_end_is_a_death_before_the_step(void)
{
	for (int step = 0; step < SYNC_STEP_MAX_; step++) {
		auto_ends struct ends e = ends_make(), f = ends_make();
		struct err err = {};

		closep(&e.child);
		closep(&f.parent);
		e.child = f.parent = -1;
		if (!CHECK(sync_wait(e.parent, (enum sync_step)step, NULL, &err) == -ECONNRESET) ||
		    !CHECK(strstr(err.msg, "died before it could say '")) ||
		    !CHECK(sync_expect(f.child, (enum sync_step)step) == -ECONNRESET) ||
		    !CHECK(sync_send(e.parent, (enum sync_step)step, -1) == -EPIPE))
			return false;
	}
	return true;
}

static bool an_end_after_go_is_success(void)
{
	auto_ends struct ends e = ends_make();
	struct err err = {};
	int number = -1;

	closep(&e.child);
	e.child = -1;
	return CHECK(sync_wait_running(e.parent, &number, &err) == 0) && CHECK(number == -1);
}

/* The peer closes with our GO unread: it never started because of us. */
static bool an_end_that_never_read_go_is_no_success(void)
{
	auto_ends struct ends e = ends_make();
	struct err err = {};
	int number;

	if (!CHECK(sync_send(e.parent, SYNC_GO, -1) == 0))
		return false;
	closep(&e.child);
	e.child = -1;
	return CHECK(sync_wait_running(e.parent, &number, &err) == -ECONNRESET) &&
	       CHECK(err.kind == ERR_CONFLICT);
}

static bool after_go_only_a_listener_or_a_failure_is_heard(void)
{
	const struct err failure = { .no = EACCES, .kind = ERR_SYSTEM, .msg = "execute '/x'" };
	auto_ends struct ends e = ends_make();
	struct err err = {};
	int number = -1;

	if (!CHECK(sync_send_listener(e.child, 17) == 0) ||
	    !CHECK(sync_wait_running(e.parent, &number, &err) == 1) || !CHECK(number == 17) ||
	    !CHECK(sync_send(e.child, SYNC_READY, -1) == 0) ||
	    !CHECK(sync_wait_running(e.parent, &number, &err) == -EPROTO))
		return false;
	sync_send_failure(e.child, &failure);
	return CHECK(sync_wait_running(e.parent, &number, &err) == -EACCES) &&
	       CHECK_STR(err.msg, "execute '/x': permission denied");
}

static bool garbage_is_refused_whatever_its_size(void)
{
	auto_ends struct ends e = ends_make();
	unsigned char bytes[sizeof(struct sync_msg)];
	int before = lowest_free();

	memset(bytes, 0xee, sizeof(bytes));
	for (size_t len = 1; len <= sizeof(bytes); len++) {
		struct err err = {};
		int number;

		for (int i = 0; i < 2; i++)
			if (!CHECK(sock_send(e.child, bytes, len, 0) == 0))
				return false;
		if (!CHECK(sock_send(e.parent, bytes, len, 0) == 0) ||
		    !CHECK(sync_wait(e.parent, SYNC_READY, NULL, &err) == -EPROTO) ||
		    !CHECK(strstr(err.msg, "not an unknown step, from")) ||
		    !CHECK(sync_wait_running(e.parent, &number, &err) == -EPROTO) ||
		    !CHECK(sync_expect(e.child, SYNC_GO) == -EPROTO))
			return false;
	}
	return CHECK(lowest_free() == before);
}

/* A message of the right size and step counts only if nothing else is odd about it. */
static bool a_step_of_another_size_is_no_step(void)
{
	const struct sync_msg ready = { .step = SYNC_READY }, go = { .step = SYNC_GO };
	struct { struct sync_msg msg; char more; } longer = { ready, 'x' };
	auto_ends struct ends e = ends_make();
	struct err err = {};

	return CHECK(sock_send(e.child, &ready, 4, -1) == 0) &&
	       CHECK(sync_wait(e.parent, SYNC_READY, NULL, &err) == -EPROTO) &&
	       CHECK(sock_send(e.parent, &go, sizeof(go) - 1, -1) == 0) &&
	       CHECK(sync_expect(e.child, SYNC_GO) == -EPROTO) &&
	       CHECK(sock_send(e.child, &longer, sizeof(longer), -1) == 0) &&
	       CHECK(sync_wait(e.parent, SYNC_READY, NULL, &err) == -EMSGSIZE);
}

static bool last_words_are_heard_though_ours_were_not(void)
{
	auto_ends struct ends e = ends_make();
	struct err failure = { .no = ELOOP, .kind = ERR_SYSTEM, .msg = "mount" }, err = {};

	sync_send_failure(e.child, &failure);
	if (!CHECK(sync_send(e.parent, SYNC_ENTER, -1) == 0))
		return false;
	(void)close(take_fd(&e.child));
	return CHECK(sync_wait(e.parent, SYNC_READY, NULL, &err) == -ELOOP) &&
	       CHECK(strncmp(err.msg, "mount: ", 7) == 0);
}

int main(void)
{
	TEST(each_step_is_heard_as_itself_only);
	TEST(a_wrong_step_names_both);
	TEST(a_descriptor_comes_with_its_step);
	TEST(a_failure_ends_any_step_with_its_words);
	TEST(the_childs_words_need_not_end);
	TEST(an_end_is_a_death_before_the_step);
	TEST(an_end_after_go_is_success);
	TEST(an_end_that_never_read_go_is_no_success);
	TEST(after_go_only_a_listener_or_a_failure_is_heard);
	TEST(garbage_is_refused_whatever_its_size);
	TEST(a_step_of_another_size_is_no_step);
	TEST(last_words_are_heard_though_ours_were_not);
	return tap_done();
}
