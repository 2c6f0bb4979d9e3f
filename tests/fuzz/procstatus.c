/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text of /proc/PID/status. What is made of it is within its bounds and stands in a line.
 */
#include "sys/procstatus.h"

#include "base/buf.h"
#include "fuzz.h"

/* Where the first line begins that begins so, or NULL. */
static const char *find_line(const char *text, const char *start)
{
	const char *at = strstr(text, start);

	while (at && at != text && at[-1] != '\n')
		at = strstr(at + 1, start);
	return at;
}

static void claim_pids(const char *text, const char *member, const struct procstatus_pids *pids)
{
	const char *line = find_line(text, member);
	unsigned n = 0;

	for (; line && *line != '\n'; line++)
		n += *line == '\t';
	CLAIM(n == pids->n && n <= PROCSTATUS_PIDS_MAX);
	for (unsigned i = 0; i < n; i++)
		CLAIM(pids->v[i] >= 0);
}

static void claim_caps(const char *text, const char *member, uint64_t caps)
{
	auto_buf struct buf line = {};

	buf_printf(&line, "%s:\t%016jx\n", member, (uintmax_t)caps);
	CLAIM(find_line(text, line.data));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *text = input_text(&in);
	struct procstatus s = { .pid = -1 };
	struct err err = {};
	int r = procstatus_parse(text, &s, &err);

	if (r != 0) {
		claim_refused(r, EINVAL, ERR_SYSTEM, &err);
		CLAIM(s.pid == -1);
		return 0;
	}
	CLAIM(memchr(s.name, '\0', sizeof(s.name)));
	CLAIM(s.pid >= 0 && s.tgid >= 0 && s.parent_pid >= 0);
	claim_pids(text, "NSpid:", &s.ns_pid);
	claim_pids(text, "NStgid:", &s.ns_tgid);
	claim_caps(text, "CapInh", s.caps.inheritable);
	claim_caps(text, "CapPrm", s.caps.permitted);
	claim_caps(text, "CapEff", s.caps.effective);
	claim_caps(text, "CapBnd", s.caps.bounding);
	claim_caps(text, "CapAmb", s.caps.ambient);
	CLAIM(find_line(text, s.no_new_privs ? "NoNewPrivs:\t1\n" : "NoNewPrivs:\t0\n"));
	return 0;
}
