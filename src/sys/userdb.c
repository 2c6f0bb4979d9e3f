/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of fields with colons between them. Whoever filled the image wrote these files, so: a bound
 * on their size, ids that are numbers from end to end, and lines that are not of the form are as if
 * they weren't there - but when the very user asked for has an id that is none, that is an error,
 * never user 0.
 */
#include "sys/userdb.h"

#include "base/buf.h"
#include "base/num.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX (1024 * 1024)
#define GIDS_MAX 65536 /* the kernel's NGROUPS_MAX */

/* passwd has 7 fields, group 4 */
enum { PASSWD_NAME, PASSWD_PASSWORD, PASSWD_UID, PASSWD_GID, PASSWD_GECOS, PASSWD_HOME };
enum { GROUP_NAME, GROUP_PASSWORD, GROUP_GID, GROUP_MEMBERS };

/* Part of a text; not terminated. */
struct slice {
	const char *p;
	size_t len;
};

static int load(int fd, const char *what, struct arena *arena, const char **ret, struct err *err)
{
	auto_buf struct buf text = {};
	struct stat st;
	int r;

	*ret = "";
	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "examine '%s'", what);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, EINVAL, "'%s' is no regular file", what);
	r = buf_read_fd(&text, fd, FILE_MAX, what, err);
	if (r == 0)
		*ret = arena_strndup(arena, buf_str(&text), text.len);
	return r;
}

int userdb_load(int passwd_fd, int group_fd, struct arena *arena, struct userdb *ret,
		struct err *err)
{
	int r = load(passwd_fd, "/etc/passwd", arena, &ret->passwd, err);

	return r < 0 ? r : load(group_fd, "/etc/group", arena, &ret->group, err);
}

/* Takes the next line off *text; false at the end. */
static bool next_line(const char **text, struct slice *ret)
{
	if (**text == '\0')
		return false;
	*ret = (struct slice){ *text, strcspn(*text, "\n") };
	*text += ret->len;
	*text += **text == '\n';
	return true;
}

/* Field `number`, counted from 0, of a line; empty where there are fewer. */
static struct slice field(struct slice line, unsigned number)
{
	const char *end = line.p + line.len, *p = line.p, *colon;

	for (; number > 0; number--) {
		colon = memchr(p, ':', (size_t)(end - p));
		if (!colon)
			return (struct slice){ end, 0 };
		p = colon + 1;
	}
	colon = memchr(p, ':', (size_t)(end - p));
	return (struct slice){ p, (size_t)((colon ? colon : end) - p) };
}

static bool slice_is(struct slice slice, struct slice want)
{
	return slice.len == want.len && memcmp(slice.p, want.p, want.len) == 0;
}

static int slice_id(struct slice slice, uint32_t *ret)
{
	char text[16];

	if (slice.len >= sizeof(text))
		return -EINVAL;
	memcpy(text, slice.p, slice.len);
	text[slice.len] = '\0';
	return num_parse_id(text, ret);
}

static bool find_by_name(const char *text, struct slice name, struct slice *ret_line)
{
	while (next_line(&text, ret_line))
		if (slice_is(field(*ret_line, PASSWD_NAME), name))
			return true;
	return false;
}

static bool find_by_uid(const char *text, uint32_t uid, struct slice *ret_line)
{
	uint32_t got;

	while (next_line(&text, ret_line))
		if (slice_id(field(*ret_line, PASSWD_UID), &got) == 0 && got == uid)
			return true;
	return false;
}

static bool lists_member(struct slice members, struct slice name)
{
	const char *p = members.p, *end = members.p + members.len;

	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		struct slice member = { p, (size_t)((comma ? comma : end) - p) };

		if (slice_is(member, name))
			return true;
		p += member.len + 1;
	}
	return false;
}

/* The next group that lists `name`; false when there is none left. */
static bool next_group_of(const char **text, struct slice name, uint32_t *ret_gid)
{
	struct slice line;

	while (next_line(text, &line))
		if (lists_member(field(line, GROUP_MEMBERS), name) &&
		    slice_id(field(line, GROUP_GID), ret_gid) == 0)
			return true;
	return false;
}

static int collect_groups(const struct userdb *db, struct slice name, struct arena *arena,
			  struct userdb_user *user, struct err *err)
{
	const char *text = db->group;
	uint32_t gid;
	size_t n = 0;

	while (next_group_of(&text, name, &gid))
		n++;
	if (n == 0)
		return 0;
	if (n > GIDS_MAX)
		return err_set(err, ERR_USAGE, E2BIG, "user '%.*s' is in %zu groups",
			       (int)name.len, name.p, n);
	user->gids = arena_array(arena, uint32_t, n);
	for (text = db->group; next_group_of(&text, name, &gid);)
		user->gids[user->n_gids++] = gid;
	return 0;
}

static bool is_number(struct slice s)
{
	return s.len > 0 && strspn(s.p, "0123456789") >= s.len;
}

static int resolve_user(const struct userdb *db, struct slice who, struct slice *ret_line,
			struct userdb_user *user, struct err *err)
{
	bool found;

	if (is_number(who)) {
		if (slice_id(who, &user->uid) < 0)
			return err_set(err, ERR_USAGE, ERANGE, "user '%.*s' is out of range",
				       (int)who.len, who.p);
		found = find_by_uid(db->passwd, user->uid, ret_line);
	} else {
		found = find_by_name(db->passwd, who, ret_line);
		if (!found)
			return err_set(err, ERR_NOT_FOUND, ENOENT, "no user '%.*s' in /etc/passwd",
				       (int)who.len, who.p);
	}
	if (!found) {
		*ret_line = (struct slice){ "", 0 };
		return 0;
	}
	if (slice_id(field(*ret_line, PASSWD_UID), &user->uid) < 0 ||
	    slice_id(field(*ret_line, PASSWD_GID), &user->gid) < 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "user '%.*s' has no valid ids in /etc/passwd", (int)who.len, who.p);
	return 0;
}

static int resolve_group(const struct userdb *db, struct slice who, uint32_t *ret_gid,
			 struct err *err)
{
	struct slice line;

	if (is_number(who)) {
		if (slice_id(who, ret_gid) < 0)
			return err_set(err, ERR_USAGE, ERANGE, "group '%.*s' is out of range",
				       (int)who.len, who.p);
		return 0;
	}
	if (!find_by_name(db->group, who, &line))
		return err_set(err, ERR_NOT_FOUND, ENOENT, "no group '%.*s' in /etc/group",
			       (int)who.len, who.p);
	if (slice_id(field(line, GROUP_GID), ret_gid) < 0)
		return err_set(err, ERR_USAGE, EINVAL, "group '%.*s' has no valid id in /etc/group",
			       (int)who.len, who.p);
	return 0;
}

int userdb_resolve(const struct userdb *db, const char *who, struct arena *arena,
		   struct userdb_user *ret, struct err *err)
{
	struct slice user_part = { who, strcspn(who, ":") }, line, name;
	struct slice group_part = { who + user_part.len, 0 };
	bool has_group = *group_part.p == ':';
	struct userdb_user user = {};
	int r;

	if (has_group)
		group_part = (struct slice){ group_part.p + 1, strlen(group_part.p + 1) };
	if (user_part.len == 0 || (has_group && group_part.len == 0) || strchr(group_part.p, ':'))
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is not of the form USER[:GROUP]",
			       who);
	r = resolve_user(db, user_part, &line, &user, err);
	if (r < 0)
		return r;
	name = field(line, PASSWD_NAME);
	if (has_group)
		r = resolve_group(db, group_part, &user.gid, err);
	else if (name.len > 0)
		r = collect_groups(db, name, arena, &user, err);
	if (r < 0)
		return r;
	if (line.len > 0) {
		struct slice home = field(line, PASSWD_HOME);

		user.name = arena_strndup(arena, name.p, name.len);
		user.home = arena_strndup(arena, home.p, home.len);
	}
	*ret = user;
	return 0;
}

int userdb_find_group(const struct userdb *db, const char *group, uint32_t *ret_gid,
		      struct err *err)
{
	if (!*group)
		return err_set(err, ERR_USAGE, EINVAL, "a group has a name or a number");
	return resolve_group(db, (struct slice){ group, strlen(group) }, ret_gid, err);
}
