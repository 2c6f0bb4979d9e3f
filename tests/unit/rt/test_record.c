/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/record.h"

#include "child.h"
#include "sys/proc.h"
#include "sys/sock.h"
#include "tmpdir.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define CLOSED { .root_fd = -1, .dir_fd = -1, .pid_fd = -1 }

struct place {
	struct tmpdir dir;
	char root[300];
	struct rt rt;
};

#define auto_place auto_cleanup(place_done)

static bool place_make(struct place *place)
{
	tmpdir_make(&place->dir);
	(void)snprintf(place->root, sizeof(place->root), "%s/state/below", place->dir.path);
	place->rt = (struct rt){ .root = place->root };
	return place->dir.fd >= 0;
}

static void place_done(struct place *place)
{
	tmpdir_done(&place->dir);
}

static int create(const struct rt *rt, const char *id)
{
	auto_record_dir struct record_dir dir = CLOSED;
	struct err err = {};

	return record_create(rt, id, &dir, &err);
}

static bool an_id_is_taken_once(void)
{
	auto_place struct place p;
	auto_record_dir struct record_dir first = CLOSED;
	auto_record_dir struct record_dir second = CLOSED;
	auto_record_dir struct record_dir third = CLOSED;
	struct err err = {};

	return CHECK(place_make(&p)) && CHECK(record_create(&p.rt, "web", &first, &err) == 0) &&
	       CHECK(record_create(&p.rt, "web", &second, &err) == -EEXIST) &&
	       CHECK(err.kind == ERR_CONFLICT) &&
	       CHECK_STR(err.msg, "a container of that id exists already") &&
	       CHECK(record_remove(&first, &err) == 0) &&
	       CHECK(record_create(&p.rt, "web", &third, &err) == 0);
}

/* A process that tries each of `n` ids and says which it got. */
static pid_t start_creating(const struct rt *rt, int n, int go_fd, int won_fd)
{
	pid_t pid = fork();
	char id[16], won[512];
	char byte;

	if (pid != 0)
		return pid;
	(void)!read(go_fd, &byte, 1);
	for (int i = 0; i < n; i++) {
		(void)snprintf(id, sizeof(id), "c%d", i);
		won[i] = create(rt, id) == 0;
	}
	_exit(write(won_fd, won, (size_t)n) == n ? 0 : 1);
}

static bool of_two_that_create_at_once_one_wins(void)
{
	enum { N_IDS = 400 };
	auto_place struct place p;
	char won[2][N_IDS] = {};
	int go[2], out[2][2];
	int firsts = 0;
	pid_t pids[2];

	if (!CHECK(place_make(&p)) || !CHECK(pipe(go) == 0))
		return false;
	for (int i = 0; i < 2; i++) {
		if (!CHECK(pipe(out[i]) == 0))
			return false;
		pids[i] = start_creating(&p.rt, N_IDS, go[0], out[i][1]);
	}
	(void)!write(go[1], "gg", 2);
	for (int i = 0; i < 2; i++)
		if (!CHECK(read(out[i][0], won[i], N_IDS) == N_IDS) ||
		    !CHECK(waitpid(pids[i], NULL, 0) == pids[i]))
			return false;
	for (int i = 0; i < N_IDS; i++) {
		if (!CHECK(won[0][i] + won[1][i] == 1))
			return false;
		firsts += won[0][i];
	}
	printf("# one process won %d of %d\n", firsts, N_IDS);
	return true;
}

static bool ids_that_could_be_paths_are_refused(void)
{
	static const char *const bad[] = { "", ".", "..", "../x", "a/b", "/", ".hidden", "a b",
					   "a\nb", "a:b", "é", "a\\b", "*", ".seccomp" };
	static const char *const good[] = { "a", "A.b-c_d+e", "0", "a..b", "-x", "+", "_" };
	char longest[1026];
	struct err err = {};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!CHECK(rt_id_check(bad[i], &err) == -EINVAL) || !CHECK(err.kind == ERR_USAGE))
			return printf("# '%s'\n", bad[i]), false;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!CHECK(rt_id_check(good[i], &err) == 0))
			return printf("# '%s'\n", good[i]), false;
	memset(longest, 'x', 1025);
	longest[1025] = '\0';
	if (!CHECK(rt_id_check(longest, &err) == -EINVAL))
		return false;
	longest[1024] = '\0';
	return CHECK(rt_id_check(longest, &err) == 0);
}

static bool a_bad_id_touches_nothing(void)
{
	auto_place struct place p;
	auto_record_dir struct record_dir made = CLOSED;
	auto_record_dir struct record_dir opened = CLOSED;
	struct err err = {};

	return CHECK(place_make(&p)) &&
	       CHECK(record_create(&p.rt, "../x", &made, &err) == -EINVAL) &&
	       CHECK(record_open(&p.rt, "..", &opened, &err) == -EINVAL) &&
	       CHECK(access(p.root, F_OK) < 0) && CHECK(faccessat(p.dir.fd, "x", F_OK, 0) < 0);
}

static bool the_directories_are_for_their_owner_alone(void)
{
	auto_place struct place p;
	struct stat root, dir;

	return CHECK(place_make(&p)) && CHECK(create(&p.rt, "web") == 0) &&
	       CHECK(fstatat(p.dir.fd, "state/below", &root, 0) == 0) &&
	       CHECK(fstatat(p.dir.fd, "state/below/web", &dir, 0) == 0) &&
	       CHECK((root.st_mode & 0777) == 0700) && CHECK((dir.st_mode & 0777) == 0700);
}

static bool a_link_is_no_container(void)
{
	auto_place struct place p;
	auto_record_dir struct record_dir dir = CLOSED;
	struct err err = {};

	return CHECK(place_make(&p)) && CHECK(create(&p.rt, "web") == 0) &&
	       CHECK(symlinkat("web", p.dir.fd, "state/below/link") == 0) &&
	       CHECK(record_open(&p.rt, "link", &dir, &err) < 0) &&
	       CHECK(create(&p.rt, "link") == -EEXIST);
}

static bool what_is_not_there_is_not_found(void)
{
	auto_place struct place p;
	auto_record_dir struct record_dir dir = CLOSED;
	auto_record_dir struct record_dir other = CLOSED;
	auto_arena struct arena arena = {};
	struct err err = {};
	char **ids;
	size_t n = 7;

	return CHECK(place_make(&p)) && CHECK(record_open(&p.rt, "web", &dir, &err) == -ENOENT) &&
	       CHECK(err.kind == ERR_NOT_FOUND) &&
	       CHECK(record_list(&p.rt, &arena, &ids, &n, &err) == 0) && CHECK(n == 0) &&
	       CHECK(create(&p.rt, "other") == 0) &&
	       CHECK(record_open(&p.rt, "web", &other, &err) == -ENOENT) &&
	       CHECK(err.kind == ERR_NOT_FOUND);
}

#define RECORD(it)                                                                           \
	auto_place struct place p;                                                           \
	auto_record_dir struct record_dir it = CLOSED;                                       \
	struct err err = {};                                                                 \
	if (!CHECK(place_make(&p)) || !CHECK(record_create(&p.rt, "web", &it, &err) == 0))   \
	return false

static bool what_is_written_is_read(void)
{
	auto_arena struct arena arena = {};
	struct record *got = NULL;
	static char id[] = "web", bundle[] = "/b\"\n\\u", key[] = "k", value[] = "v\xc3\xa9";
	struct oci_pair pair = { key, value };
	const struct record record = { .id = id, .bundle = bundle, .uid = 4294967294u,
				       .has_poststop = true, .host_pid = 1234,
				       .pid_identity = UINT64_MAX,
				       .annotations = { &pair, 1 } };

	RECORD(dir);
	return CHECK(record_write(&dir, &record, &err) == 0) &&
	       CHECK(record_write_pid(&dir, &record, &err) == 0) &&
	       CHECK(record_read(&dir, &arena, &got, &err) == 0) && CHECK_STR(got->id, "web") &&
	       CHECK_STR(got->bundle, bundle) && CHECK(got->uid == 4294967294u) &&
	       CHECK(got->has_poststop && got->is_creating) &&
	       CHECK(!got->rootfs) && CHECK(got->annotations.n == 1) &&
	       CHECK_STR(got->annotations.v[0].value, value) && CHECK(got->host_pid == 1234) &&
	       CHECK(got->pid_identity == UINT64_MAX);
}

static bool a_directory_without_a_record_is_one_being_created(void)
{
	auto_arena struct arena arena = {};
	struct record *got = NULL;

	RECORD(dir);
	return CHECK(record_read(&dir, &arena, &got, &err) == 0) && CHECK_STR(got->id, "web") &&
	       CHECK(got->is_creating) && CHECK(got->host_pid == 0);
}

static bool one_is_created_once_it_is_complete(void)
{
	auto_arena struct arena arena = {};
	const struct record record = { .host_pid = 1234, .pid_identity = 5 };
	struct record *got = NULL;
	static const char whole[] = "1234 5\ncomplete\n";

	RECORD(dir);
	if (!CHECK(record_write(&dir, &record, &err) == 0) ||
	    !CHECK(record_write_pid(&dir, &record, &err) == 0) ||
	    !CHECK(record_complete(&dir, &err) == 0) ||
	    !CHECK(record_read(&dir, &arena, &got, &err) == 0) || !CHECK(!got->is_creating) ||
	    !CHECK(got->host_pid == 1234 && got->pid_identity == 5))
		return false;
	for (size_t len = 0; len < sizeof(whole); len++) {
		char text[32] = "";

		memcpy(text, whole, len);
		(void)unlinkat(dir.dir_fd, "pid", 0);
		if (!CHECK(tmpdir_put(dir.dir_fd, "pid", text)) ||
		    !CHECK(record_read(&dir, &arena, &got, &err) == 0) ||
		    !CHECK(got->is_creating == (len < sizeof(whole) - 1)))
			return printf("# \"%s\"\n", text), false;
	}
	return CHECK(record_complete(&dir, &err) == -EBADF);
}

static bool a_pid_file_that_was_cut_is_as_good_as_none(void)
{
	auto_arena struct arena arena = {};
	struct record *got = NULL;
	static const char whole[] = "1234 567890\n";
	static const char *const odd[] = { "0 5\n", "-3 5\n", "x 5\n", "1234\n", "1234 x\n", "\n",
					   "99999999999999 5\n", "1234 5 6\n", "+1234 5\n",
					   "1234 -5\n", " 1234 5\n", "1234  5\n",
					   "1234 18446744073709551616\n", "1234 5\n\n" };

	RECORD(dir);
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		char text[32] = "";

		memcpy(text, whole, len);
		(void)unlinkat(dir.dir_fd, "pid", 0);
		if (!CHECK(tmpdir_put(dir.dir_fd, "pid", text)) ||
		    !CHECK(record_read(&dir, &arena, &got, &err) == 0) ||
		    !CHECK(got->host_pid == 0 && got->pid_identity == 0))
			return printf("# \"%s\"\n", text), false;
	}
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		(void)unlinkat(dir.dir_fd, "pid", 0);
		if (!CHECK(tmpdir_put(dir.dir_fd, "pid", odd[i])) ||
		    !CHECK(record_read(&dir, &arena, &got, &err) == 0) ||
		    !CHECK(got->host_pid == 0))
			return printf("# \"%s\"\n", odd[i]), false;
	}
	return true;
}

static bool a_damaged_record_says_so(void)
{
	auto_arena struct arena arena = {};
	struct record *got = NULL;
	static const char whole[] = "{\"id\":\"web\",\"bundle\":\"/b\",\"uid\":7}";

	RECORD(dir);
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		char text[64] = "";

		memcpy(text, whole, len);
		(void)unlinkat(dir.dir_fd, "state.json", 0);
		if (!CHECK(tmpdir_put(dir.dir_fd, "state.json", text)) ||
		    !CHECK(record_read(&dir, &arena, &got, &err) < 0) ||
		    !CHECK(strncmp(err.msg, "the state of 'web' is damaged: ", 31) == 0))
			return printf("# \"%s\": %s\n", text, err.msg), false;
	}
	return true;
}

static bool a_large_record_is_not_read(void)
{
	auto_arena struct arena arena = {};
	struct record *got = NULL;
	auto_close int fd = -1;

	RECORD(dir);
	fd = openat(dir.dir_fd, "state.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return CHECK(ftruncate(fd, (off_t)1 << 32) == 0) &&
	       CHECK(record_read(&dir, &arena, &got, &err) == -EFBIG);
}

/* Replace the record with one of two, again and again, until killed. */
static pid_t start_writing(const struct record_dir *dir)
{
	static char a[2000], b[10];
	struct record one = { .id = a, .bundle = a }, two = { .id = b, .bundle = b };
	struct err err = {};
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	memset(a, 'a', sizeof(a) - 1);
	memset(b, 'b', sizeof(b) - 1);
	for (;;) {
		(void)record_write(dir, &one, &err);
		(void)record_write(dir, &two, &err);
	}
}

static bool a_reader_sees_a_whole_record(void)
{
	auto_arena struct arena arena = {};
	struct record *got = NULL;
	struct record first = {};
	bool ok = true;
	pid_t pid;

	RECORD(dir);
	if (!CHECK(record_write(&dir, &first, &err) == 0))
		return false;
	pid = start_writing(&dir);
	for (int i = 0; i < 2000 && ok; i++) {
		ok = CHECK(record_read(&dir, &arena, &got, &err) == 0);
		if (ok && got->bundle)
			ok = CHECK_STR(got->id, got->bundle) &&
			     CHECK(strlen(got->id) == 1999 || strlen(got->id) == 9);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return ok || (printf("# %s\n", err.msg), false);
}

static bool the_list_is_sorted_and_of_containers_only(void)
{
	auto_place struct place p;
	auto_arena struct arena arena = {};
	struct err err = {};
	char id[16], **ids;
	size_t n;

	if (!CHECK(place_make(&p)))
		return false;
	for (int i = 0; i < 300; i++) {
		(void)snprintf(id, sizeof(id), "c%03d", i * 7 % 300);
		if (!CHECK(create(&p.rt, id) == 0))
			return false;
	}
	if (!CHECK(mkdirat(p.dir.fd, "state/below/.seccomp", 0700) == 0) ||
	    !CHECK(tmpdir_put(p.dir.fd, "state/below/a file", "")) ||
	    !CHECK(record_list(&p.rt, &arena, &ids, &n, &err) == 0) || !CHECK(n == 300))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!CHECK(strcmp(ids[i - 1], ids[i]) < 0))
			return false;
	return true;
}

static bool removing_takes_all_and_follows_no_link(void)
{
	RECORD(dir);
	return CHECK(tmpdir_put(p.dir.fd, "kept", "words")) &&
	       CHECK(mkdirat(dir.dir_fd, "notify", 0700) == 0) &&
	       CHECK(tmpdir_put(dir.dir_fd, "notify/x", "")) &&
	       CHECK(tmpdir_put(dir.dir_fd, "state.json.new", "{")) &&
	       CHECK(symlinkat("../../../kept", dir.dir_fd, "link") == 0) &&
	       CHECK(symlinkat("../../..", dir.dir_fd, "up") == 0) &&
	       CHECK(record_remove(&dir, &err) == 0) &&
	       CHECK(faccessat(dir.root_fd, "web", F_OK, 0) < 0) &&
	       CHECK(faccessat(p.dir.fd, "kept", F_OK, 0) == 0) &&
	       CHECK(record_remove(&dir, &err) == 0);
}

static bool created_is_who_listens_on_the_start_socket(void)
{
	auto_close int listen_fd = -1, other_fd = -1;

	RECORD(dir);
	if (!CHECK(!record_is_created(&dir)) ||
	    !CHECK(sock_listen_at(dir.dir_fd, RECORD_START_SOCKET, SOCK_SEQPACKET, &listen_fd,
				  &err) == 0) ||
	    !CHECK(record_is_created(&dir)))
		return false;
	record_mark_started(&dir);
	return CHECK(!record_is_created(&dir)) &&
	       CHECK(sock_listen_at(dir.dir_fd, RECORD_START_SOCKET, SOCK_SEQPACKET, &other_fd,
				    &err) == 0) &&
	       (closep(&other_fd), other_fd = -1, CHECK(!record_is_created(&dir)));
}

static bool a_process_is_the_same_only_with_its_identity(void)
{
	auto_close int proc_fd = -1, pidfd = -1, own_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct record record = { .host_pid = getpid() }, none = {};
	struct err err = {};

	if (!CHECK(proc_open(&proc_fd, &err) == 0) ||
	    !CHECK(proc_identity(proc_fd, own_fd, getpid(), &record.pid_identity) == 0))
		return false;
	pidfd = record_open_process(&record, proc_fd);
	if (!CHECK(pidfd >= 0) || !CHECK(fcntl(pidfd, F_GETFD) == FD_CLOEXEC))
		return false;
	record.pid_identity++;
	return CHECK(record_open_process(&record, proc_fd) == -ESRCH) &&
	       CHECK(record_open_process(&none, proc_fd) == -ESRCH);
}

static bool the_root_of_a_user_is_its_own(void)
{
	auto_buf struct buf path = {}, user = {};
	struct err err = {};

	if (!CHECK(setenv("XDG_RUNTIME_DIR", "/run/user/7", 1) == 0))
		return false;
	(void)unsetenv("_CONTAINERS_ROOTLESS_UID");
	if (geteuid() == 0 && (!CHECK(rt_default_root(&path, &err) == 0) ||
			       !CHECK_STR(buf_str(&path), "/run/tare-oci")))
		return false;
	(void)setenv("_CONTAINERS_ROOTLESS_UID", "7", 1);
	if (!CHECK(rt_default_root(&user, &err) == 0) ||
	    !CHECK_STR(buf_str(&user), "/run/user/7/tare-oci"))
		return false;
	(void)setenv("XDG_RUNTIME_DIR", "relative", 1);
	return CHECK(rt_default_root(&user, &err) == -ENOENT) && CHECK(err.kind == ERR_USAGE);
}

/* Another boot gives the same numbers to others. */
static bool a_process_is_of_its_boot_alone(void)
{
	struct record record = { .host_pid = getpid() };
	const struct rt kept = { .root = "/var/lib/x" }, cleared = { .root = "/run/x" };
	struct err err = {};
	int proc_fd = -1, pidfd = proc_open_pidfd(getpid()), found;

	if (!CHECK(proc_open(&proc_fd, &err) == 0) ||
	    !CHECK(proc_identity(proc_fd, pidfd, getpid(), &record.pid_identity) == 0) ||
	    !CHECK(record_find_boot(&cleared, proc_fd, &record, &err) == 0) ||
	    !CHECK(!record.boot_id[0]) ||
	    !CHECK(record_find_boot(&kept, proc_fd, &record, &err) == 0) ||
	    !CHECK(strlen(record.boot_id) == PROC_BOOT_ID_BYTES - 1))
		return false;
	found = record_open_process(&record, proc_fd);
	record.boot_id[0] ^= 1;
	return CHECK(found >= 0) && CHECK(record_open_process(&record, proc_fd) == -ESRCH) &&
	       CHECK(close(found) == 0 && close(pidfd) == 0 && close(proc_fd) == 0);
}

static bool a_filter_is_read_as_it_was_written(void)
{
	struct sock_filter insns[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
				       BPF_STMT(BPF_RET | BPF_K, 7) };
	const struct sock_fprog filter = { 2, insns };
	auto_place struct place p;
	auto_record_dir struct record_dir dir = CLOSED;
	auto_arena struct arena arena = {};
	struct sock_fprog read = {};
	struct err err = {};

	if (!CHECK(place_make(&p)) || !CHECK(record_create(&p.rt, "web", &dir, &err) == 0) ||
	    !CHECK(record_read_filter(&dir, &arena, &read, &err) == 0) ||
	    !CHECK(record_write_filter(&dir, &filter, &err) == 0) ||
	    !CHECK(record_read_filter(&dir, &arena, &read, &err) == 1))
		return false;
	return CHECK(read.len == 2) && CHECK(memcmp(read.filter, insns, sizeof(insns)) == 0) &&
	       CHECK(unlinkat(dir.dir_fd, "filter", 0) == 0) &&
	       CHECK(tmpdir_put(dir.dir_fd, "filter", "1234567")) &&
	       CHECK(record_read_filter(&dir, &arena, &read, &err) < 0) &&
	       CHECK_STR(err.msg, "'filter' in the state of 'web' is damaged") &&
	       CHECK(record_remove(&dir, &err) == 0);
}

int main(void)
{
	TEST(an_id_is_taken_once);
	TEST(of_two_that_create_at_once_one_wins);
	TEST(ids_that_could_be_paths_are_refused);
	TEST(a_bad_id_touches_nothing);
	TEST(the_directories_are_for_their_owner_alone);
	TEST(a_link_is_no_container);
	TEST(what_is_not_there_is_not_found);
	TEST(what_is_written_is_read);
	TEST(a_directory_without_a_record_is_one_being_created);
	TEST(one_is_created_once_it_is_complete);
	TEST(a_pid_file_that_was_cut_is_as_good_as_none);
	TEST(a_damaged_record_says_so);
	TEST(a_large_record_is_not_read);
	TEST(a_reader_sees_a_whole_record);
	TEST(the_list_is_sorted_and_of_containers_only);
	TEST(removing_takes_all_and_follows_no_link);
	TEST(created_is_who_listens_on_the_start_socket);
	TEST(a_process_is_the_same_only_with_its_identity);
	TEST(a_filter_is_read_as_it_was_written);
	TEST_IN_CHILD(the_root_of_a_user_is_its_own);
	TEST(a_process_is_of_its_boot_alone);
	return tap_done();
}
