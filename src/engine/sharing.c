/* SPDX-License-Identifier: Apache-2.0 */
/* The words of who shares what. A row for each option; "container:" is followed by a name, "ns:"
 * by a path. */
#include "engine/sharing.h"

#include <string.h>

#define ROW(option_, member, kind_, words_) \
	{ .option = option_, .words = words_, .kind = kind_, \
	  .offset = offsetof(struct config, member) }

const struct sharing_row sharing_rows[SHARING_ROWS] = {
	ROW("--network", network, NS_NET, "none|host|container:NAME|ns:PATH"),
	ROW("--pid", pid, NS_PID, "private|host|container:NAME"),
	ROW("--ipc", ipc, NS_IPC, "none|private|shareable|host|container:NAME"),
	ROW("--uts", uts, NS_UTS, "private|host|container:NAME"),
	ROW("--cgroupns", cgroupns, NS_CGROUP, "private|host"),
	ROW("--userns", userns, NS_USER, "private|auto|host|container:NAME"),
};

char *sharing_word(const struct config *config, const struct sharing_row *row)
{
	return *(char *const *)((const char *)config + row->offset);
}

void sharing_set_word(struct config *config, const struct sharing_row *row, char *word)
{
	*(char **)((char *)config + row->offset) = word;
}

const char *sharing_word_of(const struct config *config, enum ns_kind kind)
{
	for (size_t i = 0; i < SHARING_ROWS; i++)
		if (sharing_rows[i].kind == kind)
			return sharing_word(config, &sharing_rows[i]);
	return NULL;
}

const char *sharing_container(const char *word)
{
	return word && strncmp(word, "container:", 10) == 0 ? word + 10 : NULL;
}

const char *sharing_path(const char *word)
{
	return word && strncmp(word, "ns:", 3) == 0 ? word + 3 : NULL;
}

bool sharing_has_foreign_network(const struct config *config)
{
	return config_is_host(config->network) || sharing_path(config->network);
}

/* What a colon ends is followed by something. */
static bool is_known(const char *words, const char *word)
{
	while (*words) {
		size_t n = strcspn(words, "|");
		const char *colon = memchr(words, ':', n);
		size_t len = colon ? (size_t)(colon + 1 - words) : n;

		if (strncmp(words, word, len) == 0 && (colon != NULL) == (word[len] != '\0'))
			return true;
		words += n + (words[n] == '|');
	}
	return false;
}

/* Of networks, the word is the name of the first. */
static bool is_network(const struct config *config, const struct sharing_row *row)
{
	return row->kind == NS_NET && config->networks.n;
}

int sharing_check(const struct config *config, struct err *err)
{
	for (size_t i = 0; i < SHARING_ROWS; i++) {
		const char *word = sharing_word(config, &sharing_rows[i]);

		if (word && !is_network(config, &sharing_rows[i]) &&
		    !is_known(sharing_rows[i].words, word))
			return err_set(err, ERR_USAGE, EINVAL, "%s: '%.128s' is not one of %s",
				       sharing_rows[i].option, word, sharing_rows[i].words);
	}
	return 0;
}
