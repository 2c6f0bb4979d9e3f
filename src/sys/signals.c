/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signal names, and the clean slate for a new program: who starts us under nohup, or from a
 * language that ignores SIGPIPE, must not hand that on to a container.
 *
 * Resetting costs one call for each signal, about 7 us in all. Asking first which are ignored would
 * cost as much, by any way there is: the same number of calls, or /proc/self/status, which for a
 * process as young as ours takes some 30 us.
 */
#include "sys/signals.h"

#include "base/num.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's: the C library keeps the first two real-time signals for itself. */
#define RTMIN_FOR_PROGRAMS 34

static const char *const names[] = {
	[SIGHUP]    = "SIGHUP",	   [SIGINT]  = "SIGINT",  [SIGQUIT]   = "SIGQUIT",
	[SIGILL]    = "SIGILL",	   [SIGTRAP] = "SIGTRAP", [SIGABRT]   = "SIGABRT",
	[SIGBUS]    = "SIGBUS",	   [SIGFPE]  = "SIGFPE",  [SIGKILL]   = "SIGKILL",
	[SIGUSR1]   = "SIGUSR1",   [SIGSEGV] = "SIGSEGV", [SIGUSR2]   = "SIGUSR2",
	[SIGPIPE]   = "SIGPIPE",   [SIGALRM] = "SIGALRM", [SIGTERM]   = "SIGTERM",
	[SIGSTKFLT] = "SIGSTKFLT", [SIGCHLD] = "SIGCHLD", [SIGCONT]   = "SIGCONT",
	[SIGSTOP]   = "SIGSTOP",   [SIGTSTP] = "SIGTSTP", [SIGTTIN]   = "SIGTTIN",
	[SIGTTOU]   = "SIGTTOU",   [SIGURG]  = "SIGURG",  [SIGXCPU]   = "SIGXCPU",
	[SIGXFSZ]   = "SIGXFSZ",   [SIGPROF] = "SIGPROF", [SIGVTALRM] = "SIGVTALRM",
	[SIGWINCH]  = "SIGWINCH",  [SIGIO]   = "SIGIO",	  [SIGPWR]    = "SIGPWR",
	[SIGSYS]    = "SIGSYS",
};

static const struct {
	const char *name;
	int number;
} synonyms[] = {
	{ "IOT", SIGABRT }, { "CLD", SIGCHLD }, { "POLL", SIGIO },
	{ "RTMIN", RTMIN_FOR_PROGRAMS }, { "RTMAX", SIGNALS_MAX },
};

static int find_name(const char *name)
{
	for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] && strcasecmp(names[i] + strlen("SIG"), name) == 0)
			return (int)i;
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (strcasecmp(synonyms[i].name, name) == 0)
			return synonyms[i].number;
	return -EINVAL;
}

/* "RTMIN+3", "RTMAX-1". */
static int parse_realtime(const char *name)
{
	uint32_t offset;

	if (num_parse_u32(name + strlen("RTMIN+"), &offset) < 0 ||
	    offset > SIGNALS_MAX - RTMIN_FOR_PROGRAMS)
		return -EINVAL;
	if (strncasecmp(name, "RTMIN+", strlen("RTMIN+")) == 0)
		return RTMIN_FOR_PROGRAMS + (int)offset;
	return SIGNALS_MAX - (int)offset;
}

int signals_parse(const char *text)
{
	uint32_t number;

	if (num_parse_u32(text, &number) == 0)
		return number <= SIGNALS_MAX ? (int)number : -EINVAL;
	if (strncasecmp(text, "SIG", strlen("SIG")) == 0)
		text += strlen("SIG");
	if (strncasecmp(text, "RTMIN+", strlen("RTMIN+")) == 0 ||
	    strncasecmp(text, "RTMAX-", strlen("RTMAX-")) == 0)
		return parse_realtime(text);
	return find_name(text);
}

const char *signals_name(int number)
{
	if (number < 1 || number >= (int)(sizeof(names) / sizeof(names[0])))
		return NULL;
	return names[number];
}

/* What rt_sigaction takes; the C library's sigaction refuses the signals it keeps to itself. */
struct kernel_sigaction {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

int signals_reset(void)
{
	const struct kernel_sigaction def = {};
	const uint64_t none = 0;

	for (int number = 1; number <= SIGNALS_MAX; number++) {
		if (number == SIGKILL || number == SIGSTOP)
			continue;
		if (syscall(SYS_rt_sigaction, number, &def, NULL, sizeof(def.mask)) < 0)
			return -errno;
	}
	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none)) < 0)
		return -errno;
	return 0;
}

int signals_open(int *ret_fd, struct err *err)
{
	static const int kept[] = { SIGCHLD, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
				    SIGTTIN, SIGTTOU, SIGTSTP, SIGPIPE };
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		sigdelset(&all, kept[i]);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return err_sys(err, errno, "block signals");
	*ret_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_fd < 0 ? err_sys(err, errno, "make a signal descriptor") : 0;
}
