/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attempt [NAME ...]: system calls that a container is refused, each with arguments for which the
 * kernel itself would answer something else than EPERM or ENOSYS, or let it pass. Prints a line for
 * each: its name, and the error's or "ok".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/fanotify.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_file_getattr
#define SYS_file_getattr 468
#endif
#define NOWHERE ((long)-1)

static const struct {
	const char *name;
	long number, args[5];
} attempts[] = {
	{ "unshare", SYS_unshare, { CLONE_NEWUSER } },
	{ "clone", SYS_clone, { CLONE_NEWUSER | SIGCHLD } },
	{ "clone3", SYS_clone3, { 0, 0 } },
	{ "setns", SYS_setns, { -1, 0 } },
	{ "mount", SYS_mount, { (long)"x", NOWHERE } },
	{ "umount2", SYS_umount2, { NOWHERE, 0 } },
	{ "open_tree", SYS_open_tree, { -1, NOWHERE } },
	{ "keyctl", SYS_keyctl, { KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1 } },
	{ "add_key", SYS_add_key, { NOWHERE } },
	{ "request_key", SYS_request_key, { NOWHERE } },
	{ "perf_event_open", SYS_perf_event_open, { NOWHERE } },
	{ "io_uring_setup", SYS_io_uring_setup, { 1, NOWHERE } },
	{ "io_uring_enter", SYS_io_uring_enter, { -1 } },
	{ "userfaultfd", SYS_userfaultfd, { 1 } },
	{ "personality", SYS_personality, { ADDR_NO_RANDOMIZE } },
	{ "AF_VSOCK", SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 } },
	{ "AF_ALG", SYS_socket, { AF_ALG, SOCK_SEQPACKET, 0 } },
	{ "kcmp", SYS_kcmp, { 1, 1, 99 } },
	{ "pidfd_getfd", SYS_pidfd_getfd, { -1 } },
	{ "process_madvise", SYS_process_madvise, { -1 } },
	{ "move_pages", SYS_move_pages, { 0, 0 } },
	{ "set_mempolicy", SYS_set_mempolicy, { 0, 0, 0 } },
	{ "fanotify_init", SYS_fanotify_init, { FAN_REPORT_FID } },
	{ "open_by_handle_at", SYS_open_by_handle_at, { -1, NOWHERE } },
	{ "file_getattr", SYS_file_getattr, { -1, NOWHERE } },
};

static const char *attempt(long number, const long *args)
{
	long r = syscall(number, args[0], args[1], args[2], args[3], args[4], 0L);

	if (r == 0 && number == SYS_clone)
		_exit(0);
	return r < 0 ? strerrorname_np(errno) : "ok";
}

static int is_asked(const char *name, char **names)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		if (argc > 1 && !is_asked(attempts[i].name, argv + 1))
			continue;
		if (fork() == 0) {
			printf("%s %s\n", attempts[i].name,
			       attempt(attempts[i].number, attempts[i].args));
			(void)fflush(stdout);
			_exit(0);
		}
		while (wait(NULL) > 0)
			;
	}
	return 0;
}
