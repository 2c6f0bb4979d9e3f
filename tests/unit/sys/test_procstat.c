/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/procstat.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "tap.h"

#include "sys/proc.h"

#include <string.h>

#define HEAD "7 (a) S) S 6 5 4 34816 -1 4194304 1 2 3 4 "
#define TAIL "11 12 13 14 20 -5 1 0 99 4096 25 18446744073709551615"

static bool every_field_is_told(void)
{
	struct procstat s;

	return CHECK(procstat_parse(HEAD TAIL " 0 0\n", &s) == 0) && CHECK_STR(s.name, "a) S") &&
	       CHECK(s.pid == 7 && s.state == 'S' && s.parent_pid == 6 && s.group == 5) &&
	       CHECK(s.session == 4 && s.tty == 34816 && s.nice == -5) &&
	       CHECK(s.user_ticks == 11 && s.system_ticks == 12 && s.start_ticks == 99) &&
	       CHECK(s.vsize_bytes == 4096 && s.rss_pages == 25);
}

static bool what_is_not_of_its_form_is_refused(void)
{
	static const char *const bad[] = {
		"", "7", "7 (a", "7 (a)", "7 (a) ", "7 (a) S", "7 (a) S 6", "x (a) S 6 5 4",
		"7 (a) 3 6 5 4 0 0 0 0 0 0 0 " TAIL, "-7 (a) S 6 5 4 0 0 0 0 0 0 0 " TAIL,
		"7 (a) S  6 5 4 0 0 0 0 0 0 0 " TAIL, "7 (a) S six 5 4 0 0 0 0 0 0 0 " TAIL,
		"7 (a) S 4294967296 5 4 0 0 0 0 0 0 0 " TAIL,
		"4294967296 (a) S 6 5 4 0 0 0 0 0 0 0 " TAIL,
		HEAD "-1 12 13 14 20 0 1 0 99 4096 25 0", HEAD "11 12 13 14 20 0 1 0 99",
		"7 (0123456789012345678901234567890123456789012345678901234567890123) "
		"S 6 5 4 0 0 0 0 0 0 0 " TAIL,
		"7 )( S 6 5 4 0 0 0 0 0 0 0 " TAIL,
	};
	struct procstat s = { .pid = -1 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!CHECK(procstat_parse(bad[i], &s) == -EINVAL))
			return printf("# %s\n", bad[i]), false;
	return CHECK(s.pid == -1);
}

static bool we_are_there_ourselves(void)
{
	auto_close int proc_fd = -1, dir_fd = -1;
	struct procstat s;
	struct err err = {};

	return CHECK(proc_open(&proc_fd, &err) == 0) &&
	       CHECK(proc_open_pid(proc_fd, getpid(), &dir_fd) == 0) &&
	       CHECK(procstat_read_at(dir_fd, &s) == 0) && CHECK(s.pid == getpid()) &&
	       CHECK(s.parent_pid == getppid() && s.state == 'R' && s.rss_pages > 0) &&
	       CHECK(s.start_ticks <= procstat_now_ticks()) &&
	       CHECK(procstat_now_ticks() - s.start_ticks < 60 * procstat_ticks_per_s());
}

int main(void)
{
	TEST(every_field_is_told);
	TEST(what_is_not_of_its_form_is_refused);
	TEST(we_are_there_ourselves);
	return tap_done();
}
