/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "bpf_run.h"
#include "rt/seccomp.h"
#include "rt/seccomp_plan.h"
#include "sys/seccomp.h"
#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

/* ---------------------------------------------------------------------------- profiles */

static struct oci_seccomp *parse(struct arena *arena, const char *seccomp)
{
	char *json = arena_printf(arena,
				  "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"rootfs\"},"
				  "\"process\":{\"cwd\":\"/\",\"args\":[\"true\"],\"user\":"
				  "{\"uid\":0,\"gid\":0}},\"linux\":{\"seccomp\":%s}}",
				  seccomp);
	struct oci_spec *spec = NULL;
	struct err err = {};

	if (oci_spec_parse(json, strlen(json), arena, &spec, &err) < 0) {
		printf("# %s: %s\n", seccomp, err.msg);
		exit(1);
	}
	return spec->linux_->seccomp;
}

static bool refused(const char *seccomp, const char *want)
{
	auto_arena struct arena arena = {};
	struct seccomp_program program = {};
	struct err err = {};
	int r = seccomp_compile(parse(&arena, seccomp), &arena, &program, &err);

	return CHECK(r == -EINVAL) && CHECK(err.kind == ERR_USAGE) && CHECK_STR(err.msg, want) &&
	       CHECK(program.insns == NULL);
}

/* The answer to a call of this machine. */
static uint32_t answer(const char *seccomp, const char *syscall_name, uint64_t arg0, uint64_t arg1)
{
	auto_arena struct arena arena = {};
	struct seccomp_program program = {};
	struct err err = {};
	struct seccomp_data data = { .nr = seccomp_number(seccomp_arch_native(), syscall_name),
				     .arch = seccomp_arch_native(),
				     .args = { arg0, arg1 } };

	if (seccomp_compile(parse(&arena, seccomp), &arena, &program, &err) < 0) {
		printf("# %s\n", err.msg);
		return BPF_RUN_BROKEN;
	}
	return bpf_run(program.insns, program.n, &data, NULL);
}

#define RULE(rule) "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" rule "]}"

static bool errors_name_the_member(void)
{
	return refused("{\"defaultAction\":\"SCMP_ACT_FOO\"}",
		       "linux.seccomp.defaultAction: unknown action 'SCMP_ACT_FOO'") &&
	       refused("{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}",
		       "linux.seccomp.defaultAction: can't be SCMP_ACT_NOTIFY") &&
	       refused("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4096}",
		       "linux.seccomp.defaultErrnoRet: 4096 is out of range") &&
	       refused("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":"
		       "[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_VAX\"]}",
		       "linux.seccomp.architectures[1]: unknown architecture 'SCMP_ARCH_VAX'") &&
	       refused("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_X\"]"
		       "}",
		       "linux.seccomp.flags[0]: unknown flag 'SECCOMP_FILTER_FLAG_X'") &&
	       refused(RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"},"
			    "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":["
			    "{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_FOO\"}]}"),
		       "linux.seccomp.syscalls[1].args[0].op: unknown operator 'SCMP_CMP_FOO'") &&
	       refused(RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":["
			    "{\"index\":6,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]}"),
		       "linux.seccomp.syscalls[0].args[0].index: 6 is more than 5") &&
	       refused(RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_KILL\",\"errnoRet\":1}"),
		       "linux.seccomp.syscalls[0].errnoRet: SCMP_ACT_KILL takes none") &&
	       refused(RULE("{\"names\":[\"write\"],\"action\":\"SCMP_ACT_NOTIFY\"}"),
		       "linux.seccomp.syscalls[0].action: SCMP_ACT_NOTIFY can't be used for "
		       "write") &&
	       refused(RULE("{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_NOTIFY\"}"),
		       "linux.seccomp.listenerPath: missing, and a rule has SCMP_ACT_NOTIFY");
}

static bool errno_is_eperm_unless_given(void)
{
	return CHECK(answer(RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\"}"), "read", 0,
			    0) == (SECCOMP_RET_ERRNO | EPERM)) &&
	       CHECK(answer(RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\","
				 "\"errnoRet\":38}"),
			    "read", 0, 0) == (SECCOMP_RET_ERRNO | 38)) &&
	       CHECK(answer(RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRACE\","
				 "\"errnoRet\":65535}"),
			    "read", 0, 0) == (SECCOMP_RET_TRACE | 65535)) &&
	       CHECK(answer(RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRACE\"}"), "read", 0,
			    0) == (SECCOMP_RET_TRACE | EPERM));
}

static bool conditions_on_one_argument_are_alternatives(void)
{
	static const char rule[] =
		RULE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_LOG\",\"args\":["
		     "{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},"
		     "{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_EQ\"},"
		     "{\"index\":1,\"value\":9,\"op\":\"SCMP_CMP_EQ\"}]}");

	return CHECK(answer(rule, "read", 1, 0) == SECCOMP_RET_LOG) &&
	       CHECK(answer(rule, "read", 2, 0) == SECCOMP_RET_LOG) &&
	       CHECK(answer(rule, "read", 5, 9) == SECCOMP_RET_LOG) &&
	       CHECK(answer(rule, "read", 5, 5) == SECCOMP_RET_ALLOW);
}

static bool new_syscalls_answer_enosys_unless_the_default_passes(void)
{
	static const char deny[] = "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":["
				   "{\"names\":[\"umask\",\"no_such_call\"],"
				   "\"action\":\"SCMP_ACT_ALLOW\"}]}";
	static const char trace[] = "{\"defaultAction\":\"SCMP_ACT_TRACE\",\"syscalls\":["
				    "{\"names\":[\"umask\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";

	return CHECK(answer(deny, "umask", 0, 0) == SECCOMP_RET_ALLOW) &&
	       CHECK(answer(deny, "read", 0, 0) == SECCOMP_RET_KILL_PROCESS) &&
	       CHECK(answer(deny, "statx", 0, 0) == (SECCOMP_RET_ERRNO | ENOSYS)) &&
	       CHECK(answer(trace, "statx", 0, 0) == (SECCOMP_RET_TRACE | EPERM));
}

/* libseccomp 2.5.4 ends before these. */
static bool calls_newer_than_libseccomp_have_their_number(void)
{
	static const char profile[] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
				      "{\"names\":[\"mseal\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";

	return CHECK(seccomp_number(SCMP_ARCH_X86_64, "mseal") == 462) &&
	       CHECK(seccomp_number(SCMP_ARCH_ARM, "mseal") == 462) &&
	       CHECK(seccomp_number(SCMP_ARCH_X32, "mseal") == (SECCOMP_X32_BIT | 462)) &&
	       CHECK(seccomp_number(SCMP_ARCH_MIPS, "mseal") == 4462) &&
	       CHECK(seccomp_number(SCMP_ARCH_X86, "uretprobe") < 0) &&
	       CHECK(seccomp_number(SCMP_ARCH_X86_64, "no_such_call") < 0) &&
	       CHECK(answer(profile, "mseal", 0, 0) == SECCOMP_RET_ALLOW) &&
	       CHECK(answer(profile, "statmount", 0, 0) == (SECCOMP_RET_ERRNO | EPERM));
}

/* `n` rules with `per_rule` conditions on as many syscalls as there are. */
static char *long_profile(struct arena *arena, int n, int per_rule)
{
	auto_buf struct buf json = {};

	buf_puts(&json, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[");
	for (int i = 0; i < n; i++) {
		auto_free char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i % 300);

		buf_printf(&json,
			   "%s{\"names\":[\"%s\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":%d,"
			   "\"args\":[",
			   i ? "," : "", name ? name : "read", 1 + i % 200);
		for (int j = 0; j < per_rule; j++)
			buf_printf(&json, "%s{\"index\":%d,\"value\":%d,\"op\":\"SCMP_CMP_GT\"}",
				   j ? "," : "", j, 1000 * i + j);
		buf_puts(&json, "]}");
	}
	buf_puts(&json, "]}");
	return arena_strdup(arena, buf_str(&json));
}

static bool long_programs_jump_far_enough(void)
{
	auto_arena struct arena arena = {};
	char *json = long_profile(&arena, 180, 3);
	struct seccomp_program program = {};
	struct err err = {};

	if (!CHECK(seccomp_compile(parse(&arena, json), &arena, &program, &err) == 0) ||
	    !CHECK(program.n > 2000))
		return false;
	for (int i = 0; i < 180; i++) {
		struct seccomp_data data = { .nr = i, .arch = seccomp_arch_native() };
		auto_free char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);

		if (!name)
			continue;
		for (int j = 0; j < 3; j++)
			data.args[j] = (uint64_t)(1000 * i + j + 1);
		if (!CHECK(bpf_run(program.insns, program.n, &data, NULL) ==
			   (SECCOMP_RET_ERRNO | (uint32_t)(1 + i))))
			return false;
		data.args[2]--;
		if (!CHECK(bpf_run(program.insns, program.n, &data, NULL) == SECCOMP_RET_ALLOW))
			return false;
	}
	return true;
}

static bool a_program_too_long_for_the_kernel_is_refused(void)
{
	auto_arena struct arena arena = {};
	char *json = long_profile(&arena, 600, 6);
	struct seccomp_program program = {};
	struct err err = {};

	return CHECK(seccomp_compile(parse(&arena, json), &arena, &program, &err) == -E2BIG) &&
	       CHECK_STR(err.msg, "linux.seccomp: the filter has more than 4096 instructions");
}

/* ---------------------------------------------------------------------------- loading */

static int in_child_under(const struct seccomp_program *program, int (*body)(int r))
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
			_exit(99);
		_exit(body(seccomp_filter_load(program->insns, program->n, program->flags)));
	}
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int body_getppid(int r)
{
	return r == 0 && syscall(SYS_getppid) == -1 && errno == 77 ? 0 : 1;
}

static int body_listener(int r)
{
	return r >= 0 && fcntl(r, F_GETFD) == FD_CLOEXEC ? 0 : 1;
}

static bool the_kernel_takes_the_program(void)
{
	auto_arena struct arena arena = {};
	struct seccomp_program errno77 = {}, notify = {}, longest = {};
	struct err err = {};
	struct oci_seccomp *profile =
		parse(&arena, RULE("{\"names\":[\"getppid\"],\"action\":\"SCMP_ACT_ERRNO\","
				   "\"errnoRet\":77}"));

	if (!CHECK(seccomp_compile(profile, &arena, &errno77, &err) == 0))
		return false;
	profile = parse(&arena,
			"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\","
			"\"flags\":[\"SECCOMP_FILTER_FLAG_TSYNC\",\"SECCOMP_FILTER_FLAG_LOG\","
			"\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"],\"syscalls\":["
			"{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}");
	if (!CHECK(seccomp_compile(profile, &arena, &notify, &err) == 0) ||
	    !CHECK(notify.has_listener) || !CHECK(!errno77.has_listener))
		return false;
	profile = parse(&arena, long_profile(&arena, 180, 3));
	if (!CHECK(seccomp_compile(profile, &arena, &longest, &err) == 0))
		return false;
	return CHECK(in_child_under(&errno77, body_getppid) == 0) &&
	       CHECK(in_child_under(&notify, body_listener) == 0) &&
	       CHECK(in_child_under(&longest, body_getppid) == 1);
}

static bool what_the_kernel_has_can_be_asked(void)
{
	return CHECK(seccomp_has_action(SECCOMP_RET_ALLOW)) &&
	       CHECK(!seccomp_has_action(0x12340000)) &&
	       CHECK(seccomp_has_flag(SECCOMP_FILTER_FLAG_LOG)) &&
	       CHECK(!seccomp_has_flag(1u << 30));
}

/* ---------------------------------------------------------------------------- the cache */

struct cache {
	char path[32];
	int fd;
};

static bool cache_open(struct cache *cache)
{
	*cache = (struct cache){ .path = "/tmp/tare-seccomp.XXXXXX", .fd = -1 };
	if (!mkdtemp(cache->path))
		return false;
	cache->fd = open(cache->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return cache->fd >= 0;
}

/* Calls `fn` with each file's name, and returns how many there were. */
static int cache_each(const struct cache *cache, void (*fn)(int dir_fd, const char *name))
{
	DIR *dir = opendir(cache->path);
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			n++;
			if (fn)
				fn(cache->fd, entry->d_name);
		}
	if (dir)
		closedir(dir);
	return n;
}

static void remove_one(int dir_fd, const char *name)
{
	(void)unlinkat(dir_fd, name, 0);
}

static void truncate_one(int dir_fd, const char *name)
{
	auto_close int fd = openat(dir_fd, name, O_WRONLY | O_CLOEXEC);
	struct stat st;

	if (fstat(fd, &st) == 0)
		(void)!ftruncate(fd, st.st_size - 1);
}

/* Turn the last instruction's answer into "allow". */
static void damage_one(int dir_fd, const char *name)
{
	auto_close int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC);
	unsigned char byte;

	if (pread(fd, &byte, 1, 40) == 1) {
		byte ^= 0x80;
		(void)!pwrite(fd, &byte, 1, 40);
	}
}

static void open_to_others(int dir_fd, const char *name)
{
	damage_one(dir_fd, name);
	(void)!fchmodat(dir_fd, name, 0666, 0);
}

static void cache_done(struct cache *cache)
{
	(void)cache_each(cache, remove_one);
	(void)close(cache->fd);
	(void)rmdir(cache->path);
}

static const char cached_profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],"
	"\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";

static bool cached_equals_compiled(const struct cache *cache, const char *json)
{
	auto_arena struct arena arena = {};
	struct oci_seccomp *profile = parse(&arena, json);
	struct seccomp_program fresh = {}, cached = {};
	struct err err = {};

	return CHECK(seccomp_compile(profile, &arena, &fresh, &err) == 0) &&
	       CHECK(seccomp_compile_cached(profile, cache->fd, &arena, &cached, &err) == 0) &&
	       CHECK(fresh.n == cached.n) && CHECK(fresh.flags == cached.flags) &&
	       CHECK(fresh.has_listener == cached.has_listener) &&
	       CHECK(memcmp(fresh.insns, cached.insns, fresh.n * sizeof(*fresh.insns)) == 0);
}

static bool a_cached_program_is_the_compiled_one(void)
{
	struct cache cache;
	bool ok = CHECK(cache_open(&cache)) && cached_equals_compiled(&cache, cached_profile) &&
		  CHECK(cache_each(&cache, NULL) == 1) &&
		  cached_equals_compiled(&cache, cached_profile) &&
		  CHECK(cache_each(&cache, NULL) == 1) &&
		  cached_equals_compiled(&cache, RULE("{\"names\":[\"read\"],"
						      "\"action\":\"SCMP_ACT_LOG\"}")) &&
		  CHECK(cache_each(&cache, NULL) == 2);

	cache_done(&cache);
	return ok;
}

static bool a_damaged_entry_is_not_believed_and_is_replaced(void)
{
	static void (*const harms[])(int, const char *) = { truncate_one, damage_one,
							    open_to_others };
	struct cache cache;
	bool ok = CHECK(cache_open(&cache)) && cached_equals_compiled(&cache, cached_profile);

	for (size_t i = 0; ok && i < sizeof(harms) / sizeof(*harms); i++) {
		ok = CHECK(cache_each(&cache, harms[i]) == 1) &&
		     cached_equals_compiled(&cache, cached_profile) &&
		     cached_equals_compiled(&cache, cached_profile) &&
		     CHECK(cache_each(&cache, NULL) == 1);
	}
	cache_done(&cache);
	return ok;
}

static bool a_directory_open_to_others_is_not_used(void)
{
	struct cache cache;
	bool ok = CHECK(cache_open(&cache)) && CHECK(fchmod(cache.fd, 0770) == 0) &&
		  cached_equals_compiled(&cache, cached_profile) &&
		  CHECK(cache_each(&cache, NULL) == 0);

	cache_done(&cache);
	return ok;
}

static bool the_number_of_entries_is_bounded(void)
{
	struct cache cache;
	bool ok = CHECK(cache_open(&cache));

	for (int i = 0; ok && i < 80; i++) {
		char json[160];

		(void)snprintf(json, sizeof(json),
			       "{\"defaultAction\":\"SCMP_ACT_ERRNO\","
			       "\"defaultErrnoRet\":%d}",
			       1 + i);
		ok = cached_equals_compiled(&cache, json);
	}
	ok = ok && CHECK(cache_each(&cache, NULL) == 64);
	cache_done(&cache);
	return ok;
}

/* ---------------------------------------------------------------------------- the listener */

/* An agent at `path`: a listening socket. Binding by a relative name has no limit of length. */
static int agent_listen(const char *dir)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "agent.sock" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	auto_close int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool ok = chdir(dir) == 0 &&
		  bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
		  listen(fd, 1) == 0;

	return fchdir(here) == 0 && ok ? fd : -1;
}

static bool agent_got(int listen_fd, const char *want, int want_fd)
{
	auto_close int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	char text[512] = "", control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { text, sizeof(text) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct stat got, sent;
	int got_fd;

	if (!CHECK(recvmsg(fd, &msg, MSG_CMSG_CLOEXEC) > 0) || !CHECK(CMSG_FIRSTHDR(&msg)))
		return false;
	memcpy(&got_fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(got_fd));
	return CHECK_STR(text, want) && CHECK(fstat(got_fd, &got) == 0) &&
	       CHECK(fstat(want_fd, &sent) == 0) && CHECK(got.st_ino == sent.st_ino) &&
	       CHECK(close(got_fd) == 0);
}

static bool agent_is_told(const char *dir)
{
	auto_close int listen_fd = agent_listen(dir),
		       null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct oci_seccomp profile = { .listener_metadata = (char *)"a \"b\"" };
	struct err err = {};
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/agent.sock", dir);
	profile.listener_path = path;
	return CHECK(listen_fd >= 0) &&
	       CHECK(seccomp_send_listener(&profile, "{\"id\":\"c1\"}", 42, null_fd, &err) == 0) &&
	       agent_got(listen_fd,
			 "{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":42,"
			 "\"metadata\":\"a \\\"b\\\"\",\"state\":{\"id\":\"c1\"}}",
			 null_fd) &&
	       CHECK(unlink(path) == 0);
}

static bool the_agent_gets_the_state_and_the_listener(void)
{
	char dir[] = "/tmp/tare-agent.XXXXXX", deep[300], missing[320];
	struct oci_seccomp profile = { .listener_path = missing };
	struct err err = {};
	bool ok = CHECK(mkdtemp(dir));

	(void)snprintf(deep, sizeof(deep), "%s/%0200d", dir, 0);
	(void)snprintf(missing, sizeof(missing), "%s/none", dir);
	ok = ok && CHECK(mkdir(deep, 0700) == 0) && agent_is_told(dir) && agent_is_told(deep) &&
	     CHECK(seccomp_send_listener(&profile, "{}", 1, 0, &err) == -ENOENT) &&
	     CHECK(strstr(err.msg, missing));
	(void)rmdir(deep);
	(void)rmdir(dir);
	return ok;
}

int main(void)
{
	TEST(errors_name_the_member);
	TEST(errno_is_eperm_unless_given);
	TEST(conditions_on_one_argument_are_alternatives);
	TEST(new_syscalls_answer_enosys_unless_the_default_passes);
	TEST(calls_newer_than_libseccomp_have_their_number);
	TEST(long_programs_jump_far_enough);
	TEST(a_program_too_long_for_the_kernel_is_refused);
	TEST(the_kernel_takes_the_program);
	TEST(what_the_kernel_has_can_be_asked);
	TEST(a_cached_program_is_the_compiled_one);
	TEST(a_damaged_entry_is_not_believed_and_is_replaced);
	TEST(a_directory_open_to_others_is_not_used);
	TEST(the_number_of_entries_is_bounded);
	TEST(the_agent_gets_the_state_and_the_listener);
	return tap_done();
}
