/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text of mountinfo. Each line is refused, or is the same when it is written and read again.
 */
#include "sys/mountinfo.h"

#include "fuzz.h"

static void add_escaped(struct buf *out, const char *name)
{
	for (; *name; name++)
		if (strchr(" \t\n\\#", *name))
			buf_printf(out, "\\%03o", (unsigned)*name);
		else
			buf_add(out, name, 1);
	buf_puts(out, " ");
}

static void add_group(struct buf *out, const char *tag, uint32_t group)
{
	if (group)
		buf_printf(out, "%s:%u ", tag, group);
}

static void format(const struct mountinfo *m, struct buf *out)
{
	buf_printf(out, "%u %u %u:%u ", m->id, m->parent_id, m->major, m->minor);
	add_escaped(out, m->root);
	add_escaped(out, m->point);
	buf_printf(out, "%s ", m->options);
	add_group(out, "shared", m->shared);
	add_group(out, "master", m->master);
	add_group(out, "propagate_from", m->propagate_from);
	buf_printf(out, "%s- ", m->is_unbindable ? "unbindable " : "");
	add_escaped(out, m->fs_type);
	add_escaped(out, m->source);
	buf_printf(out, "%s\n", m->super_options);
}

static void claim_read_back(const struct mountinfo *m)
{
	auto_buf struct buf once = {}, twice = {}, line = {};
	struct mountinfo again;
	const char *text;

	format(m, &once);
	text = once.data;
	CLAIM(mountinfo_next(&text, &line, &again) == 1 && !*text);
	format(&again, &twice);
	CLAIM(strcmp(once.data, twice.data) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *text = input_text(&in);
	auto_buf struct buf line = {};
	const char *rest = text;
	struct mountinfo m;
	size_t n = 0;
	int r;

	while ((r = mountinfo_next(&rest, &line, &m)) != 0) {
		n++;
		CLAIM(r == 1 || r == -EINVAL);
		CLAIM(rest == text + strlen(text) || rest[-1] == '\n');
		if (r == 1)
			claim_read_back(&m);
	}
	CLAIM(*rest == '\0' && n <= strlen(text));
	return 0;
}
