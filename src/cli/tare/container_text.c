/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container in the cells of a table, in docker's words.
 */
#include "cli/tare/container_text.h"

#include "base/buf.h"
#include "cli/tare/age.h"
#include "cli/tare/ending.h"

#include <string.h>

#define SHORT_COMMAND 20

static const char *exited_text(const struct engine_container *container, struct arena *arena)
{
	const struct status *status = container->status;
	const struct ending ending = { status->exit_code, status->oom_kills };
	const char *reason = ending_reason(container->config, &ending, arena);
	const char *age = status->finished ? age_since(status->finished, arena) : NULL;

	return arena_printf(arena, "Exited (%d)%s%s%s%s%s", status->exit_code, age ? " " : "",
			    age ? age : "", age ? " ago" : "", reason ? ", " : "",
			    reason ? reason : "");
}

const char *container_status_text(const struct engine_container *container, struct arena *arena)
{
	const struct status *status = container->status;

	switch (status->kind) {
	case STATUS_RUNNING:
		return arena_printf(arena, "Up %s%s", age_since(status->started, arena),
				    status->error ? " (no monitor)" : "");
	case STATUS_PAUSED:
		return arena_printf(arena, "Up %s (Paused)", age_since(status->started, arena));
	case STATUS_EXITED:
		return exited_text(container, arena);
	default:
		return "Created";
	}
}

/* A word with a blank in it stands in quotes, but for the program's: as docker has it. */
static void add_word(struct buf *text, const char *word)
{
	const char *quote = text->len > 0 && strchr(word, ' ') ? "'" : "";

	buf_printf(text, "%s%s%s%s", text->len ? " " : "", quote, word, quote);
}

/* Control characters would move the cursor. */
const char *container_command_text(const struct config *config, bool whole, struct arena *arena)
{
	const struct oci_strings *parts[] = { &config->entrypoint, &config->command };
	auto_buf struct buf text = {};

	for (size_t p = 0; p < 2; p++)
		for (size_t i = 0; i < parts[p]->n; i++)
			add_word(&text, parts[p]->v[i]);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			text.data[i] = ' ';
	if (whole || text.len <= SHORT_COMMAND)
		return arena_printf(arena, "\"%s\"", buf_str(&text));
	return arena_printf(arena, "\"%.*s…\"", SHORT_COMMAND - 1, buf_str(&text));
}
