/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of units, and what they say about where a unit lies: each dash in a slice's name is a level
 * of the tree.
 */
#include "rt/cg_systemd.h"

#include <stdio.h>
#include <string.h>

static const char suffix[] = ".slice";

static bool is_unit_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789:-_.\\@";

	return strspn(name, allowed) == strlen(name);
}

/* Is this a slice's name, of which every part between dashes says something? */
static bool is_slice_name(const char *slice)
{
	size_t len = strlen(slice), stem = len - strlen(suffix);

	if (strcmp(slice, "-.slice") == 0)
		return true;
	if (len <= strlen(suffix) || len >= CG_SYSTEMD_NAME_MAX || !is_unit_name(slice) ||
	    strcmp(slice + stem, suffix) != 0)
		return false;
	return slice[0] != '-' && slice[stem - 1] != '-' && !strstr(slice, "--");
}

static int bad_slice(const char *slice, struct err *err)
{
	return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no name of a slice", slice);
}

int cg_systemd_expand(const char *slice, struct buf *ret, struct err *err)
{
	size_t stem = strlen(slice) - strlen(suffix);

	if (!is_slice_name(slice))
		return bad_slice(slice, err);
	if (strcmp(slice, "-.slice") == 0)
		return 0;
	for (size_t i = 1; i <= stem; i++)
		if (slice[i] == '-' || i == stem)
			buf_printf(ret, "/%.*s%s", (int)i, slice, suffix);
	return 0;
}

/* Takes the part up to the next colon off *path, into `ret`. */
static int take_part(const char **path, char ret[CG_SYSTEMD_NAME_MAX])
{
	size_t len = strcspn(*path, ":");

	if (len >= CG_SYSTEMD_NAME_MAX)
		return -EINVAL;
	memcpy(ret, *path, len);
	ret[len] = '\0';
	*path += len;
	return 0;
}

static int split(const char *path, char slice[CG_SYSTEMD_NAME_MAX],
		 char prefix[CG_SYSTEMD_NAME_MAX], char name[CG_SYSTEMD_NAME_MAX])
{
	if (take_part(&path, slice) < 0 || *path++ != ':')
		return -EINVAL;
	if (take_part(&path, prefix) < 0 || *path++ != ':')
		return -EINVAL;
	if (take_part(&path, name) < 0 || *path != '\0' || !*name)
		return -EINVAL;
	return 0;
}

static int set_slice(struct cg_systemd_scope *scope, const char *slice, struct err *err)
{
	if (!*slice)
		slice = scope->user ? "user.slice" : "system.slice";
	else if (strcmp(slice, "-") == 0)
		slice = "-.slice";
	if (!is_slice_name(slice))
		return bad_slice(slice, err);
	(void)snprintf(scope->slice, sizeof(scope->slice), "%s", slice);
	return 0;
}

static int set_unit(struct cg_systemd_scope *scope, const char *prefix, const char *name,
		    struct err *err)
{
	size_t name_len = strlen(name);
	int n = snprintf(scope->unit, sizeof(scope->unit), "%s%s%s.scope", prefix,
			 *prefix ? "-" : "", name);

	if (name_len > strlen(suffix) && strcmp(name + name_len - strlen(suffix), suffix) == 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.64s' is a slice, which holds no processes", name);
	if (n < 0 || (size_t)n >= sizeof(scope->unit))
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
			       "the unit's name would be longer than %d bytes",
			       CG_SYSTEMD_NAME_MAX - 1);
	if (!is_unit_name(scope->unit))
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.64s' has a letter that no unit's name may have", scope->unit);
	return 0;
}

int cg_systemd_parse(const char *cgroups_path, const char *id, bool user,
		     struct cg_systemd_scope *ret, struct err *err)
{
	char slice[CG_SYSTEMD_NAME_MAX] = "", prefix[CG_SYSTEMD_NAME_MAX] = "tare";
	char name[CG_SYSTEMD_NAME_MAX];
	struct cg_systemd_scope scope = { .user = user };
	int r;

	if (!cgroups_path || !*cgroups_path)
		(void)snprintf(name, sizeof(name), "%s", id);
	else if (split(cgroups_path, slice, prefix, name) < 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.128s' is not of the form slice:prefix:name, which the systemd "
			       "cgroup driver needs", cgroups_path);
	r = set_slice(&scope, slice, err);
	if (r == 0)
		r = set_unit(&scope, prefix, name, err);
	if (r == 0)
		*ret = scope;
	return r;
}
