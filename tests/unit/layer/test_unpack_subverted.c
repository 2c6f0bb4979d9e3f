/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes that unpack, turned against us: this program brings a layer_unpack_here and a
 * copy_extract_here of its own, which the linker finds before the libraries'. They try what an
 * intruder would, and report what worked. In a plain child all of it works, so the trials are none
 * that fail anyway.
 */
#include "copy/extract.h"
#include "layer/unpack_process.h"

#include "child.h"
#include "tmpdir.h"

#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

static char canary_path[300];
static int leaked_fd = -1; /* a directory outside, which the parent has open */
static pid_t parent_pid;

/* ------------------------------------------------------------------------------- trials */

static bool opened(int fd)
{
	closep(&fd);
	return fd >= 0;
}

static bool read_by_its_path(void)
{
	return opened(open(canary_path, O_RDONLY | O_CLOEXEC));
}

static bool read_by_leaked_descriptor(void)
{
	return opened(openat(leaked_fd, "canary", O_RDONLY | O_CLOEXEC));
}

/* Up from each directory that it has. */
static bool read_by_going_up(void)
{
	char up[400];

	(void)snprintf(up, sizeof(up), "../../../../../../../../..%s", canary_path);
	for (int fd = 0; fd < 1024; fd++)
		if (opened(openat(fd, up, O_RDONLY | O_CLOEXEC)))
			return true;
	return false;
}

static bool write_by_its_path(void)
{
	return opened(open(canary_path, O_WRONLY | O_CLOEXEC));
}

static bool read_by_old_chroot_trick(void)
{
	(void)mkdirat(AT_FDCWD, "trick", 0700);
	if (chroot("trick") < 0)
		return false;
	for (int i = 0; i < 64; i++)
		(void)!chdir("..");
	return chroot(".") == 0 && read_by_its_path();
}

static bool connect_to_the_network(void)
{
	struct sockaddr_in loopback = { .sin_family = AF_INET, .sin_port = htons(9) };
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd >= 0 && connect(fd, (struct sockaddr *)&loopback, sizeof(loopback)) == 0;
}

static bool make_a_local_socket(void)
{
	return opened(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static bool signal_the_parent(void)
{
	return kill(parent_pid, 0) == 0 || (getppid() > 0 && kill(getppid(), 0) == 0);
}

static bool trace_the_parent(void)
{
	return ptrace(PTRACE_SEIZE, parent_pid, 0, 0) == 0;
}

static bool make_a_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static bool run_a_program(void)
{
	pid_t pid = vfork();
	int status = -1;

	if (pid == 0) {
		(void)execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool mount_something(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", "/", "tmpfs", 0, NULL) == 0;
}

static bool open_a_device(void)
{
	return mknodat(AT_FDCWD, "zero", S_IFCHR | 0600, makedev(1, 5)) == 0 &&
	       opened(open("zero", O_RDONLY | O_CLOEXEC));
}

static bool map_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page != MAP_FAILED;
}

static bool reach_bpf(void)
{
	char attributes[120] = "";

	return syscall(SYS_bpf, 0, attributes, sizeof(attributes)) >= 0 || errno == EINVAL;
}

static bool write_to_the_terminal(void)
{
	struct stat st;

	return fstat(2, &st) == 0 && st.st_rdev != makedev(1, 3);
}

static const struct trial {
	const char *name;
	bool (*try)(void);
} trials[] = {
#define TRIAL(fn) { #fn, fn }
	TRIAL(read_by_its_path),
	TRIAL(read_by_leaked_descriptor),
	TRIAL(read_by_going_up),
	TRIAL(write_by_its_path),
	TRIAL(connect_to_the_network),
	TRIAL(make_a_local_socket),
	TRIAL(signal_the_parent),
	TRIAL(trace_the_parent),
	TRIAL(make_a_process),
	TRIAL(run_a_program),
	TRIAL(open_a_device),
	TRIAL(map_code),
	TRIAL(reach_bpf),
	TRIAL(write_to_the_terminal),
	TRIAL(read_by_old_chroot_trick),
	TRIAL(mount_something),
#undef TRIAL
};

#define N_TRIALS (sizeof(trials) / sizeof(trials[0]))

/* ------------------------------------------------------------------------------- the intruder */

/* A bit for each trial that worked. */
static uint64_t try_all(void)
{
	uint64_t worked = 0;

	for (size_t i = 0; i < N_TRIALS; i++)
		if (trials[i].try())
			worked |= UINT64_C(1) << i;
	return worked;
}

/* Both stand for the libraries'. */
int copy_extract_here(const struct copy_extract *request, struct copy_seen *ret, struct err *err)
{
	(void)request;
	(void)err;
	ret->left_out = try_all();
	return 0;
}

int layer_unpack_here(const struct layer_unpack *request, struct layer_facts *ret,
		      struct err *err)
{
	(void)request;
	(void)err;
	ret->entries = try_all();
	(void)snprintf(ret->diff_id.text, sizeof(ret->diff_id.text), "sha256:%064d", 0);
	return 0;
}

static bool report(uint64_t worked, bool want)
{
	for (size_t i = 0; i < N_TRIALS; i++)
		if ((worked >> i & 1) != want)
			printf("# %s: %s\n", trials[i].name, want ? "failed" : "worked");
	return worked == (want ? (UINT64_C(1) << N_TRIALS) - 1 : 0);
}

static bool set_up(struct tmpdir *dir)
{
	tmpdir_make(dir);
	(void)snprintf(canary_path, sizeof(canary_path), "%s/canary", dir->path);
	leaked_fd = dup(dir->fd);
	parent_pid = getpid();
	return mkdirat(dir->fd, "root", 0755) == 0 && tmpdir_put(dir->fd, "canary", "sings");
}

static bool a_subverted_process_reaches_nothing(void)
{
	auto_tmpdir struct tmpdir dir;
	struct layer_unpacking unpacking = LAYER_UNPACKING_NONE;
	struct layer_unpack request = { .source = { -1, -1 } };
	auto_close int file_fd = memfd_create("blob", MFD_CLOEXEC), root_fd = -1;
	struct layer_facts facts = {};
	struct err err = {};
	int r;

	if (!CHECK(set_up(&dir)))
		return false;
	root_fd = openat(dir.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	request.source.file_fd = file_fd;
	request.root_fd = root_fd;
	r = layer_unpack_start(&request, &unpacking, &err);
	if (r == 0)
		r = layer_unpack_wait(&unpacking, &facts, &err);
	closep(&leaked_fd);
	if (r < 0)
		printf("# %s\n", err.msg);
	return CHECK(r == 0) && CHECK(report(facts.entries, false));
}

/* The same where the directory is no mount of its own. */
static bool a_subverted_process_in_place_reaches_nothing(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int file_fd = memfd_create("archive", MFD_CLOEXEC), root_fd = -1;
	struct copy_extract request = { .file_fd = file_fd };
	struct copy_seen seen = {};
	struct err err = {};
	int r;

	if (!CHECK(set_up(&dir)))
		return false;
	root_fd = openat(dir.fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	request.dir_fd = root_fd;
	r = copy_extract(&request, &seen, &err);
	closep(&leaked_fd);
	if (r < 0)
		printf("# %s\n", err.msg);
	return CHECK(r == 0) && CHECK(report(seen.left_out, false));
}

/* Without a jail, but in a mount namespace of its own and on a file system that has devices. */
static bool prepare_unjailed(const struct tmpdir *dir)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && chdir(dir->path) == 0 &&
	       mount("tmpfs", "root", "tmpfs", 0, NULL) == 0 && chdir("root") == 0;
}

/* The proof that the trials are worth something. */
static bool the_same_process_without_a_jail_reaches_it_all(void)
{
	auto_tmpdir struct tmpdir dir;
	uint64_t *worked = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
				0);
	pid_t pid;

	if (!CHECK(set_up(&dir)))
		return false;
	pid = fork();
	if (pid == 0) {
		struct layer_facts facts = {};
		struct err err;

		if (!prepare_unjailed(&dir))
			_exit(1);
		(void)layer_unpack_here(NULL, &facts, &err);
		*worked = facts.entries;
		_exit(0);
	}
	(void)waitpid(pid, NULL, 0);
	closep(&leaked_fd);
	return CHECK(report(*worked, true));
}

int main(void)
{
	/* Whoever runs the tests may have no use for what stands there. */
	if (dup2(memfd_create("standard error", MFD_CLOEXEC), STDERR_FILENO) < 0)
		return 1;
	if (geteuid() == 0) {
		TEST(a_subverted_process_reaches_nothing);
		TEST(a_subverted_process_in_place_reaches_nothing);
		TEST(the_same_process_without_a_jail_reaches_it_all);
	} else {
		SKIP(a_subverted_process_reaches_nothing, "needs root");
	}
	return tap_done();
}
