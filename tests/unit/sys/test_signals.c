/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/signals.h"

#include "child.h"

#include <errno.h>
#include <signal.h>

static bool names_come_in_all_spellings(void)
{
	return CHECK(signals_parse("KILL") == SIGKILL) &&
	       CHECK(signals_parse("SIGKILL") == SIGKILL) &&
	       CHECK(signals_parse("sigkill") == SIGKILL) && CHECK(signals_parse("9") == SIGKILL) &&
	       CHECK(signals_parse("0") == 0) && CHECK(signals_parse("IOT") == SIGABRT) &&
	       CHECK(signals_parse("SIGPOLL") == SIGIO) && CHECK(signals_parse("64") == 64);
}

static bool realtime_signals_count_from_both_ends(void)
{
	return CHECK(signals_parse("RTMIN") == 34) && CHECK(signals_parse("SIGRTMIN+3") == 37) &&
	       CHECK(signals_parse("rtmax") == 64) && CHECK(signals_parse("SIGRTMAX-14") == 50) &&
	       CHECK(signals_parse("RTMIN+30") == 64) && CHECK(signals_parse("RTMIN+31") < 0) &&
	       CHECK(signals_parse("RTMIN-1") < 0) && CHECK(signals_parse("RTMAX+1") < 0) &&
	       CHECK(signals_parse("RTMIN+") < 0);
}

static bool what_is_no_signal_is_refused(void)
{
	static const char *const bad[] = { "",	   "SIG",  "65",  "-9",	 " 9",
					   "9x",   "0x9",  "SIGSIGKILL", "KILL ", "4294967305" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(signals_parse(bad[i]) == -EINVAL))
			return false;
	return CHECK_STR(signals_name(15), "SIGTERM") && CHECK(!signals_name(0)) &&
	       CHECK(!signals_name(34)) && CHECK(!signals_name(-1));
}

static bool reset_leaves_nothing_ignored_or_blocked(void)
{
	struct sigaction sa;
	sigset_t set;

	sigfillset(&set);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGRTMIN, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return CHECK(signals_reset() == 0) && CHECK(sigprocmask(0, NULL, &set) == 0) &&
	       CHECK(!sigismember(&set, SIGTERM) && !sigismember(&set, SIGRTMAX)) &&
	       CHECK(sigaction(SIGPIPE, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL) &&
	       CHECK(sigaction(SIGHUP, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL) &&
	       CHECK(sigaction(SIGRTMIN, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL);
}

int main(void)
{
	TEST(names_come_in_all_spellings);
	TEST(realtime_signals_count_from_both_ends);
	TEST(what_is_no_signal_is_refused);
	TEST_IN_CHILD(reset_leaves_nothing_ignored_or_blocked);
	return tap_done();
}
