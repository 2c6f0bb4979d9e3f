/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids are random, so nobody has to be asked whether one is free. Names are made from the id by two
 * tables; whether one is free is known to engine/names.c.
 */
#include "engine/ident.h"

#include "sys/random.h"

#include <string.h>

static const char moods[][10] = {
	"able",	 "airy",  "amber", "apt",   "bold",  "brave", "brisk", "calm",	"clear", "clever",
	"cosy",	 "crisp", "deft",  "eager", "early", "easy",  "fair",  "fast",	"fine",	 "fit",
	"fond",	 "frank", "fresh", "glad",  "gold",  "good",  "grand", "great", "green", "happy",
	"hardy", "keen",  "kind",  "light", "lucid", "lucky", "merry", "mild",	"neat",	 "new",
	"nimble", "noble", "open", "plain", "proud", "quick", "quiet", "rapid", "ready", "rosy",
	"sharp", "silver", "smart", "snug", "sound", "spry",  "still", "sunny", "swift", "tidy",
	"true",	 "vivid", "warm",  "wise",
};

static const char things[][10] = {
	"acorn", "anchor", "apple", "aspen", "badger", "barge", "basket", "beacon", "beaver",
	"birch", "bottle", "brook", "bucket", "candle", "cedar", "chest", "clover", "coracle",
	"crane", "crate", "creek", "cup", "dinghy", "dove", "falcon", "fern", "ferry", "finch",
	"flask", "fox", "goose", "hamper", "harbour", "hare", "hazel", "heron", "jar", "kayak",
	"kettle", "lark", "linden", "lynx", "maple", "marten", "meadow", "otter", "owl", "parcel",
	"pebble", "pine", "plover", "pouch", "raft", "raven", "robin", "rowan", "sack", "sail",
	"scale", "sloop", "sparrow", "trunk", "willow", "wren",
};

#define N_MOODS  (sizeof(moods) / sizeof(moods[0]))
#define N_THINGS (sizeof(things) / sizeof(things[0]))

int ident_new_id(char ret_id[IDENT_ID_LEN + 1], struct err *err)
{
	int r = random_hex(ret_id, IDENT_ID_LEN, err);

	return r < 0 ? err_wrap(err, "make an id") : 0;
}

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

char *ident_new_name(const char *id, unsigned attempt, struct arena *arena)
{
	const char *mood = moods[(digit(id[0]) * 16 + digit(id[1])) % N_MOODS];
	const char *thing = things[(digit(id[2]) * 16 + digit(id[3])) % N_THINGS];

	if (attempt == 0)
		return arena_printf(arena, "%s_%s", mood, thing);
	return arena_printf(arena, "%s_%s%.*s", mood, thing, (int)attempt + 1, id + 4);
}

bool ident_is_id(const char *word)
{
	size_t len = strlen(word);

	return len > 0 && len <= IDENT_ID_LEN && strspn(word, "0123456789abcdef") == len;
}

int ident_check_name(const char *name, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t len = strlen(name);

	if (len == 0 || len > 128 || strspn(name, allowed) != len || strchr("_.-", name[0]))
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.64s' is no name for a container: up to 128 letters, digits, "
			       "'_', '.' and '-', the first a letter or a digit", name);
	return 0;
}
