/* SPDX-License-Identifier: Apache-2.0 */
/* A word of --add-host: it is refused, or becomes one line of the file. */
#include "net/hosts.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *word = input_text(&in);
	auto_arena struct arena arena = {};
	auto_buf struct buf buf = {};
	struct hosts_extra extra = {};
	struct hosts hosts = { .extra = &extra, .n_extra = 1, .has_no_ipv6 = true,
			       .gateway = { AF_INET, { 10, 88, 0, 1 } } };
	struct err err = {};
	int r = hosts_extra_parse(word, &arena, &extra, &err);
	unsigned lines = 0;

	if (r < 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return 0;
	}
	CLAIM(hosts_format(&hosts, &buf, &err) == 0);
	for (const char *p = buf_str(&buf); *p; p++)
		lines += *p == '\n';
	CLAIM(lines == 2 || lines == 3);
	return 0;
}
