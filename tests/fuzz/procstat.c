/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of /proc/PID/stat. What is made of it stands in the line; what is refused leaves nothing.
 */
#include "sys/procstat.h"

#include "base/buf.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *text = input_text(&in);
	struct procstat s = { .pid = -1 };
	auto_buf struct buf head = {};
	int r = procstat_parse(text, &s);

	if (r != 0) {
		CLAIM(r == -EINVAL && s.pid == -1);
		return 0;
	}
	CLAIM(s.pid >= 0 && memchr(s.name, '\0', sizeof(s.name)));
	buf_printf(&head, " (%s) %c ", s.name, s.state);
	CLAIM(strstr(text, head.data));
	CLAIM(!strchr(strstr(text, head.data) + head.len - 3, ')'));
	return 0;
}
