/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/unpack_process.h"

#include "world.h"

#include "child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

static bool starts(struct world *w, const struct layer_unpack *request,
		   struct layer_unpacking *unpacking)
{
	int r = layer_unpack_start(request, unpacking, &w->err);

	if (r < 0)
		printf("# %s\n", w->err.msg);
	return CHECK(r == 0);
}

static bool the_same_comes_to_be_as_in_one_process(void)
{
	auto_world struct world w, here;
	auto_buf struct buf a = {};
	auto_close int fd = -1;
	struct layer_unpacking unpacking = LAYER_UNPACKING_NONE;
	struct layer_unpack request;
	struct stat st;
	int r;

	archive_add(&a, .path = "d/", .type = '5', .mode = 0700, .uid = 5);
	archive_pax(&a, "SCHILY.xattr.trusted.x", "y");
	archive_add(&a, .path = "d/f", .mode = 04755, .uid = 7, .gid = 70000, .data = "contents");
	archive_add(&a, .path = "d/.wh..wh..opq");
	archive_add(&a, .path = ".wh.gone");
	archive_add(&a, .path = "l", .type = '2', .target = "/d");
	archive_pax(&a, "SCHILY.xattr.trusted.x", "y");
	archive_add(&a, .path = "l/null", .type = '3', .major = 1, .minor = 3);
	archive_add(&a, .path = "h", .type = '1', .target = "d/f");
	fd = packed_file(&a);
	if (!CHECK(world_make(&w)) || !CHECK(world_make(&here)) || !world_unpacks(&here, &a))
		return false;
	request = world_request(&w, fd, 0);
	if (!starts(&w, &request, &unpacking))
		return false;
	r = layer_unpack_wait(&unpacking, &w.facts, &w.err);
	if (r < 0)
		printf("# %s\n", w.err.msg);
	if (!CHECK(r == 0) || !CHECK(w.facts.seen.names == here.facts.seen.names) ||
	    !CHECK(w.facts.seen.file_bytes == here.facts.seen.file_bytes))
		return false;
	w.facts.seen = here.facts.seen; /* whiteouts have no time of the archive's */
	return CHECK(memcmp(&w.facts, &here.facts, sizeof(w.facts)) == 0) &&
	       world_has(&w, "d/f", S_IFREG | 04755) && world_has_file(&w, "h", "contents") &&
	       CHECK_STR(world_xattr(&w, "d/f", "trusted.x"), "y") &&
	       CHECK_STR(world_xattr(&w, "d/null", "trusted.x"), "y") &&
	       CHECK(world_is_opaque(&w, "d")) && world_has_whiteout(&w, "gone") &&
	       world_has_link(&w, "l", "/d") && CHECK(world_stat(&w, "d/f", &st)) &&
	       CHECK(st.st_uid == 7 && st.st_gid == 70000) && world_is_outside_untouched(&w);
}

static bool errors_come_back_whole(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	auto_close int fd = -1;
	struct layer_unpacking unpacking = LAYER_UNPACKING_NONE;
	struct layer_unpack request;

	archive_add(&a, .path = "../f");
	fd = packed_file(&a);
	if (!CHECK(world_make(&w)))
		return false;
	request = world_request(&w, fd, 0);
	return starts(&w, &request, &unpacking) &&
	       CHECK(layer_unpack_wait(&unpacking, &w.facts, &w.err) == -EINVAL) &&
	       CHECK(w.err.kind == ERR_USAGE) &&
	       CHECK_STR(w.err.msg, "entry '../f' has '..' in its name") &&
	       CHECK(unpacking.pidfd == -1 && unpacking.result_fd == -1);
}

static bool it_unpacks_while_the_download_goes_on(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, text = {};
	struct layer_unpacking unpacking = LAYER_UNPACKING_NONE;
	struct layer_unpack request;
	int fds[2], file_fd = memfd_create("blob", MFD_CLOEXEC);
	struct pollfd ended;
	bool ok = true;

	packed_text(&text, 3000000);
	archive_add(&a, .path = "f", .data = text.data, .bytes = text.len);
	if (!CHECK(world_make(&w)) || !CHECK(pipe2(fds, O_CLOEXEC) == 0))
		return false;
	request = world_request(&w, file_fd, 0);
	request.source.progress_fd = fds[0];
	ok = starts(&w, &request, &unpacking);
	(void)close(fds[0]);
	ended = (struct pollfd){ .fd = unpacking.result_fd, .events = POLLIN };
	for (size_t at = 0; ok && at < a.len; at += 10000) {
		size_t n = a.len - at < 10000 ? a.len - at : 10000;

		ok = CHECK(write(file_fd, a.data + at, n) == (ssize_t)n) &&
		     CHECK(poll(&ended, 1, 0) == 0) &&
		     CHECK(layer_source_tell(fds[1], at + n, at + n == a.len) == 0);
	}
	(void)close(fds[1]);
	(void)close(file_fd);
	return ok && CHECK(layer_unpack_wait(&unpacking, &w.facts, &w.err) == 0) &&
	       CHECK(w.facts.file_bytes == 3000000);
}

/* The lowest numbers are moved out of the way of those that it has not. */
static bool any_descriptor_will_do(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	struct layer_unpacking unpacking = LAYER_UNPACKING_NONE;
	struct layer_unpack request;

	archive_add(&a, .path = "f", .data = "x");
	if (!CHECK(world_make(&w)))
		return false;
	if (dup2(packed_file(&a), 0) < 0 || dup2(w.root_fd, 2) < 0)
		return false;
	request = world_request(&w, 0, 0);
	request.root_fd = 2;
	return starts(&w, &request, &unpacking) &&
	       CHECK(layer_unpack_wait(&unpacking, &w.facts, &w.err) == 0) &&
	       world_has_file(&w, "f", "x");
}

static bool one_that_waits_can_be_killed(void)
{
	auto_world struct world w;
	struct layer_unpacking unpacking = LAYER_UNPACKING_NONE;
	struct layer_unpack request;
	int fds[2], file_fd = memfd_create("blob", MFD_CLOEXEC);
	pid_t pid;
	bool ok;

	if (!CHECK(world_make(&w)) || !CHECK(pipe2(fds, O_CLOEXEC) == 0))
		return false;
	request = world_request(&w, file_fd, 0);
	request.source.progress_fd = fds[0];
	ok = starts(&w, &request, &unpacking);
	pid = unpacking.host_pid;
	layer_unpack_kill(&unpacking);
	layer_unpack_kill(&unpacking);
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(file_fd);
	return ok && CHECK(kill(pid, 0) < 0 && errno == ESRCH) && CHECK(unpacking.pidfd == -1);
}

static bool one_that_dies_is_an_error(void)
{
	auto_world struct world w;
	struct layer_unpacking unpacking = LAYER_UNPACKING_NONE;
	struct layer_unpack request;
	int fds[2], file_fd = memfd_create("blob", MFD_CLOEXEC);

	if (!CHECK(world_make(&w)) || !CHECK(pipe2(fds, O_CLOEXEC) == 0))
		return false;
	request = world_request(&w, file_fd, 0);
	request.source.progress_fd = fds[0];
	return starts(&w, &request, &unpacking) &&
	       CHECK(kill(unpacking.host_pid, SIGKILL) == 0) &&
	       CHECK(layer_unpack_wait(&unpacking, &w.facts, &w.err) == -ECHILD) &&
	       CHECK_STR(w.err.msg, "the process that unpacks was killed: Killed");
}

int main(void)
{
	if (geteuid() != 0) {
		SKIP(the_same_comes_to_be_as_in_one_process, "needs root");
		return tap_done();
	}
	TEST(the_same_comes_to_be_as_in_one_process);
	TEST(errors_come_back_whole);
	TEST(it_unpacks_while_the_download_goes_on);
	TEST_IN_CHILD(any_descriptor_will_do);
	TEST(one_that_waits_can_be_killed);
	TEST(one_that_dies_is_an_error);
	return tap_done();
}
