/* SPDX-License-Identifier: Apache-2.0 */
/* A container's /etc/hosts, whatever it made of it: merged once it has what is new, and nothing of
 * the address that is gone; merged again it is the same. */
#include "net/hosts.h"

#include "fuzz.h"

static char old_text[] = "127.0.0.1\tlocalhost\n10.0.0.2\tweb\n";
static char new_text[] = "127.0.0.1\tlocalhost\n10.1.0.2\tweb\n";

static bool has_line(const struct buf *text, const char *line)
{
	size_t len = strlen(line);
	const char *at = buf_str(text);

	for (; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (strncmp(at, line, len) == 0)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct buf old = { old_text, sizeof(old_text) - 1, 0 };
	const struct buf new = { new_text, sizeof(new_text) - 1, 0 };
	auto_buf struct buf text = {}, once = {}, again = {};

	buf_add(&text, data, size);
	hosts_merge(&text, &old, &new, &once);
	CLAIM(has_line(&once, "127.0.0.1\tlocalhost\n") && has_line(&once, "10.1.0.2\tweb\n"));
	CLAIM(!has_line(&once, "10.0.0.2\t") && !has_line(&once, "10.0.0.2 "));
	hosts_merge(&once, &old, &new, &again);
	CLAIM(strcmp(buf_str(&once), buf_str(&again)) == 0);
	return 0;
}
