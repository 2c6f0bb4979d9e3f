/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/cleanup.h"
#include "rt/hooks.h"
#include "sys/clone.h"
#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static char dir[] = "/tmp/tare-hooks.XXXXXX";

static char *script_path(const char *name)
{
	static char path[4][64];
	static int next;
	char *p = path[next++ % 4];

	(void)snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

/* A hook that is a shell script, working in the test's directory. */
static struct oci_hook script(const char *name, const char *text)
{
	struct oci_hook hook = { .path = script_path(name) };
	auto_close int fd = open(hook.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	auto_buf struct buf body = {};
	struct err err = {};

	buf_printf(&body, "#!/bin/sh\ncd %s || exit 99\n%s\n", dir, text);
	if (buf_write_fd(&body, fd, hook.path, &err) < 0)
		exit(1);
	return hook;
}

static bool has_text(const char *name, const char *want)
{
	auto_close int fd = open(script_path(name), O_RDONLY | O_CLOEXEC);
	auto_buf struct buf text = {};
	struct err err = {};

	if (fd < 0)
		return CHECK(want == NULL);
	return CHECK(want) && CHECK(buf_read_fd(&text, fd, 1 << 22, name, &err) == 0) &&
	       CHECK_STR(buf_str(&text), want);
}

static const struct hook_context plain = { .state_json = "{\"id\":\"c1\"}", .pidfd = -1 };

static int run_one(struct oci_hook *hook, struct err *err)
{
	const struct oci_hook_list list = { hook, 1 };

	*err = (struct err){};
	return hooks_run(&list, "createRuntime", &plain, err);
}

static bool says(const struct err *err, const char *name, const char *what)
{
	char want[512];

	(void)snprintf(want, sizeof(want), "createRuntime hook '%s/%s': %s", dir, name, what);
	return CHECK_STR(err->msg, want);
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---------------------------------------------------------------------------- what it gets */

static bool the_state_is_on_stdin(void)
{
	struct oci_hook hook = script("state", "cat > state.out");
	struct err err;

	return CHECK(run_one(&hook, &err) == 0) && has_text("state.out", "{\"id\":\"c1\"}");
}

static bool args_and_env_are_exactly_those_given(void)
{
	char *args[] = { (char *)"/bin/sh",
			 (char *)"-c",
			 (char *)"tr '\\0' '\\n' < /proc/self/environ > \"$0\"/env.out; "
				 "printf '%s' \"$*\" > \"$0\"/args.out",
			 dir,
			 (char *)"one",
			 (char *)"two three",
			 NULL };
	char *env[] = { (char *)"PATH=/usr/bin:/bin", (char *)"X=1", NULL };
	struct oci_hook hook = { .path = (char *)"/bin/sh",
				 .args = { args, 6 },
				 .env = { env, 2 } };
	struct err err;

	(void)setenv("TARE_TEST_LEAK", "1", 1);
	return CHECK(run_one(&hook, &err) == 0) && has_text("args.out", "one two three") &&
	       CHECK(system("cd /tmp && grep -q '^X=1$' \"$TARE_TEST_DIR\"/env.out") == 0) &&
	       CHECK(system("! grep -q TARE_TEST_LEAK \"$TARE_TEST_DIR\"/env.out") == 0);
}

static bool no_env_means_an_empty_one(void)
{
	char *args[] = { (char *)"cat", (char *)"/proc/self/environ", (char *)"/nonexistent",
			 NULL };
	struct oci_hook hook = { .path = (char *)"/bin/cat", .args = { args, 3 } };
	struct err err;

	/* What cat wrote before it failed is in the error. */
	return CHECK(run_one(&hook, &err) == -ECHILD) && CHECK(!strstr(err.msg, "TARE_TEST"));
}

static bool argv0_is_the_path_when_there_are_no_args(void)
{
	struct oci_hook hook = script("argv0", "printf '%s' \"$0 $#\" > argv0.out");
	char want[80];
	struct err err;

	(void)snprintf(want, sizeof(want), "%s 0", hook.path);
	return CHECK(run_one(&hook, &err) == 0) && has_text("argv0.out", want);
}

static bool no_descriptor_and_no_signal_setting_is_inherited(void)
{
	struct oci_hook hook = script("fds", "ls /proc/self/fd > fds.out\n"
					     "grep -E 'Sig(Blk|Ign)' /proc/self/status > sig.out");
	int leak = open("/dev/null", O_RDONLY); /* not close-on-exec */
	sigset_t usr1, before;
	struct err err;
	bool ok;

	(void)sigemptyset(&usr1);
	(void)sigaddset(&usr1, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &usr1, &before);
	(void)signal(SIGPIPE, SIG_IGN);
	/* 3 is the directory that ls reads. */
	ok = CHECK(run_one(&hook, &err) == 0) && has_text("fds.out", "0\n1\n2\n3\n") &&
	     has_text("sig.out", "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(leak);
	return ok;
}

/* ---------------------------------------------------------------------------- how it fails */

static bool a_failure_tells_status_and_last_words(void)
{
	struct oci_hook hook =
		script("status", "echo first >&2; printf 'no such \\033bridge\\n' >&2; "
				 "exit 3");
	struct oci_hook killed = script("killed", "kill -9 $$");
	struct err err;

	return CHECK(run_one(&hook, &err) == -ECHILD) &&
	       says(&err, "status", "exited with status 3: no such ?bridge") &&
	       CHECK(run_one(&killed, &err) == -ECHILD) &&
	       says(&err, "killed", "killed by signal 9");
}

static bool what_cannot_be_started_says_why(void)
{
	struct oci_hook absent = { .path = script_path("absent") };
	struct oci_hook relative = { .path = (char *)"bin/true" };
	struct oci_hook never = script("never", "echo ran > never.out");
	struct err err;

	never.timeout_s = (struct oci_i64){ .is_set = true, .value = 0 };
	return CHECK(run_one(&absent, &err) == -ENOENT) &&
	       says(&err, "absent", "exec: no such file or directory") &&
	       CHECK(run_one(&relative, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "createRuntime hook 'bin/true': the path is not absolute") &&
	       CHECK(run_one(&never, &err) == -EINVAL) &&
	       says(&err, "never", "the timeout 0 is not positive") && has_text("never.out", NULL);
}

static bool the_first_failure_stops_or_is_kept(void)
{
	struct oci_hook hooks[] = { script("a", "printf a >> order.out"),
				    script("b", "printf b >> order.out; exit 1"),
				    script("c", "printf c >> order.out; exit 2") };
	const struct oci_hook_list list = { hooks, 3 };
	struct err err = {};

	return CHECK(hooks_run(&list, "createRuntime", &plain, &err) == -ECHILD) &&
	       says(&err, "b", "exited with status 1") && has_text("order.out", "ab") &&
	       CHECK(hooks_run_all(&list, "createRuntime", &plain, &err) == -ECHILD) &&
	       says(&err, "b", "exited with status 1") && has_text("order.out", "ababc");
}

static bool endless_output_is_neither_kept_nor_in_the_way(void)
{
	struct oci_hook hook = script("loud", "head -c 3000000 /dev/zero | tr '\\0' x; "
					      "echo; echo last >&2; exit 1");
	struct oci_hook line = script("line", "head -c 3000000 /dev/zero | tr '\\0' x; exit 1");
	struct err err;

	return CHECK(run_one(&hook, &err) == -ECHILD) &&
	       says(&err, "loud", "exited with status 1: last") &&
	       CHECK(run_one(&line, &err) == -ECHILD) && CHECK(strstr(err.msg, "status 1: xxx"));
}

static bool a_hook_that_ignores_its_stdin_does_no_harm(void)
{
	struct oci_hook hook = script("deaf", "exec 0<&-; exit 0");
	const struct oci_hook_list list = { &hook, 1 };
	struct hook_context ctx = plain;
	auto_free char *state = malloc(1 << 20);
	struct err err = {};

	memset(state, ' ', 1 << 20);
	state[(1 << 20) - 1] = '\0';
	ctx.state_json = state;
	return CHECK(hooks_run(&list, "poststop", &ctx, &err) == 0);
}

/* ---------------------------------------------------------------------------- time */

static bool is_gone(const char *pid_file)
{
	char command[256];

	/* A zombie that nobody reaped yet is gone enough. */
	(void)snprintf(command, sizeof(command),
		       "i=0; while grep -q 'State:.[^Z]' /proc/$(cat %s/%s)/status 2>/dev/null; do "
		       "i=$((i+1)); [ $i -lt 50 ] || exit 1; sleep 0.1; done",
		       dir, pid_file);
	return system(command) == 0;
}

static bool the_timeout_kills_the_whole_group(void)
{
	struct oci_hook hook = script("slow", "sleep 60 & echo $! > slow.pid; wait");
	struct err err;
	double start = seconds();

	hook.timeout_s = (struct oci_i64){ .is_set = true, .value = 1 };
	return CHECK(run_one(&hook, &err) == -ETIMEDOUT) &&
	       says(&err, "slow", "killed at its timeout of 1 s") &&
	       CHECK(seconds() - start > 0.9) && CHECK(seconds() - start < 10) &&
	       CHECK(is_gone("slow.pid"));
}

static bool a_descendant_that_keeps_the_pipe_is_not_waited_for(void)
{
	struct oci_hook hook = script("fork", "sleep 60 & echo $! > fork.pid; exit 0");
	struct oci_hook writer = script("yes", "yes & echo $! > yes.pid; exit 7");
	struct err err;
	double start = seconds();

	hook.timeout_s = writer.timeout_s = (struct oci_i64){ .is_set = true, .value = 30 };
	return CHECK(run_one(&hook, &err) == 0) && CHECK(run_one(&writer, &err) == -ECHILD) &&
	       CHECK(strstr(err.msg, "exited with status 7")) && CHECK(seconds() - start < 10) &&
	       CHECK(system("kill $(cat $TARE_TEST_DIR/fork.pid)") == 0) &&
	       CHECK(is_gone("yes.pid"));
}

/* ---------------------------------------------------------------------------- where it runs */

static int refuse(void *arg)
{
	return *(int *)arg;
}

static bool before_exec_can_refuse(void)
{
	struct oci_hook hook = script("guard", "echo ran > guard.out");
	const struct oci_hook_list list = { &hook, 1 };
	int answer = -EPERM;
	struct hook_context ctx = {
		.state_json = "{}", .pidfd = -1, .before_exec = refuse, .before_exec_arg = &answer
	};
	struct err err = {};

	return CHECK(hooks_run(&list, "createRuntime", &ctx, &err) == -EPERM) &&
	       says(&err, "guard", "protect it: operation not permitted") &&
	       has_text("guard.out", NULL);
}

/* A process with namespaces of its own, that lives until the pipe's other end is closed. */
static pid_t container_start(uint64_t flags, int *ret_pidfd, int *ret_keep_fd)
{
	const struct clone_request request = { .flags = flags, .cgroup_fd = -1 };
	int keep[2], ready[2];
	char byte;
	pid_t pid;

	if (pipe2(keep, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0)
		return -errno;
	pid = clone_process(&request, ret_pidfd);
	if (pid == 0) {
		(void)close(keep[1]);
		(void)!sethostname("inside", 6);
		(void)!write(ready[1], "r", 1);
		(void)!read(keep[0], &byte, 1);
		_exit(0);
	}
	(void)close(ready[1]);
	(void)!read(ready[0], &byte, 1);
	(void)close(ready[0]);
	(void)close(keep[0]);
	*ret_keep_fd = keep[1];
	return pid;
}

static bool a_hook_runs_in_the_namespaces_of_the_container(void)
{
	const unsigned flags = CLONE_NEWUTS | CLONE_NEWPID;
	auto_close int pidfd = -1, keep_fd = -1;
	pid_t pid = container_start(flags, &pidfd, &keep_fd);
	struct hook_context ctx = { .state_json = "{}", .pidfd = pidfd, .ns_flags = flags };
	struct oci_hook hook = script("inside", "uname -n > inside.out; echo $$ > pid.out");
	struct oci_hook failing = script("failing", "echo bad >&2; exit 5");
	struct oci_hook slow = script("inside-slow", "sleep 60");
	const struct oci_hook_list list = { &hook, 1 }, bad = { &failing, 1 }, late = { &slow, 1 };
	struct err err = {};
	bool ok;

	slow.timeout_s = (struct oci_i64){ .is_set = true, .value = 1 };
	ok = CHECK(pid > 0) && CHECK(hooks_run(&list, "createRuntime", &ctx, &err) == 0) &&
	     has_text("inside.out", "inside\n") && has_text("pid.out", "2\n") &&
	     CHECK(hooks_run(&bad, "createRuntime", &ctx, &err) == -ECHILD) &&
	     says(&err, "failing", "exited with status 5: bad") &&
	     CHECK(hooks_run(&late, "createRuntime", &ctx, &err) == -ETIMEDOUT);
	if (keep_fd >= 0)
		(void)close(take_fd(&keep_fd));
	(void)clone_wait(pid);
	return ok;
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	(void)setenv("TARE_TEST_DIR", dir, 1);
	TEST(the_state_is_on_stdin);
	TEST(args_and_env_are_exactly_those_given);
	TEST(no_env_means_an_empty_one);
	TEST(argv0_is_the_path_when_there_are_no_args);
	TEST(no_descriptor_and_no_signal_setting_is_inherited);
	TEST(a_failure_tells_status_and_last_words);
	TEST(what_cannot_be_started_says_why);
	TEST(the_first_failure_stops_or_is_kept);
	TEST(endless_output_is_neither_kept_nor_in_the_way);
	TEST(a_hook_that_ignores_its_stdin_does_no_harm);
	TEST(the_timeout_kills_the_whole_group);
	TEST(a_descendant_that_keeps_the_pipe_is_not_waited_for);
	TEST(before_exec_can_refuse);
	if (geteuid() == 0)
		TEST(a_hook_runs_in_the_namespaces_of_the_container);
	else
		SKIP(a_hook_runs_in_the_namespaces_of_the_container, "needs root");
	(void)!system("rm -rf \"$TARE_TEST_DIR\"");
	return tap_done();
}
