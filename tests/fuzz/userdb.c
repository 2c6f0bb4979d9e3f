/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "USER[:GROUP]", a line "%", an /etc/passwd, a line "%" and an /etc/group, as an image may have
 * them. Whoever is not found is an error, and above all never user 0.
 */
#include "sys/userdb.h"

#include "fuzz.h"

#include <limits.h>

#define NO_ID UINT32_MAX

static bool is_number(const char *text, size_t len)
{
	return len > 0 && strspn(text, "0123456789") >= len;
}

/* The third field of the first line that begins with `name` and a colon, or NULL. */
static const char *find_id(const char *text, const char *name, size_t len)
{
	for (; *text; text += *text == '\n') {
		if (strncmp(text, name, len) == 0 && text[len] == ':') {
			text += len + 1;
			text += strcspn(text, ":\n");
			return *text == ':' ? text + 1 : NULL;
		}
		text = strchrnul(text, '\n');
	}
	return NULL;
}

/* The digits at `text`, to their end, are `id`. */
static void claim_id(const char *text, uint32_t id)
{
	size_t len = text ? strspn(text, "0123456789") : 0;

	CLAIM(len > 0 && (text[len] == '\0' || text[len] == ':' || text[len] == '\n'));
	CLAIM(strtoul(text, NULL, 10) == id);
}

static void claim_user(const struct userdb *db, const char *who, const struct userdb_user *user)
{
	size_t len = strcspn(who, ":");
	const char *group = who[len] ? who + len + 1 : NULL;

	CLAIM(len > 0 && user->uid != NO_ID && user->gid != NO_ID);
	claim_id(is_number(who, len) ? who : find_id(db->passwd, who, len), user->uid);
	CLAIM(is_number(who, len) ||
	      (strlen(user->name) == len && memcmp(user->name, who, len) == 0));
	if (group)
		claim_id(is_number(group, strlen(group)) ? group
							 : find_id(db->group, group, strlen(group)),
			 user->gid);
	else if (!user->name)
		CLAIM(user->gid == 0);
	CLAIM(user->n_gids == 0 || (!group && user->n_gids <= NGROUPS_MAX));
	for (size_t i = 0; i < user->n_gids; i++)
		CLAIM(user->gids[i] != NO_ID);
	CLAIM(!user->name == !user->home);
}

static void claim_error(int r, const struct err *err)
{
	if (r == -ENOENT)
		claim_refused(r, ENOENT, ERR_NOT_FOUND, err);
	else
		claim_refused(r, r == -ERANGE ? ERANGE : r == -E2BIG ? E2BIG : EINVAL, ERR_USAGE,
			      err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *who = input_text(&in), *passwd = input_text(&in), *group = input_text(&in);
	struct userdb db = { .passwd = passwd, .group = group };
	auto_arena struct arena arena = {};
	struct userdb_user user = { .uid = NO_ID };
	struct err err = {};
	int r;

	who[strcspn(who, "\n")] = '\0';
	r = userdb_resolve(&db, who, &arena, &user, &err);
	if (r == 0) {
		claim_user(&db, who, &user);
	} else {
		claim_error(r, &err);
		CLAIM(user.uid == NO_ID);
	}
	return 0;
}
