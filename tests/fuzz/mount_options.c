/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a mount, one a line. Each goes exactly one way: to the attributes of the mount, or
 * as it stands, and in its place, to the file system.
 */
#include "rt/mount_options.h"

#include "fuzz.h"

#include <linux/mount.h>

static bool is_known(const char *option)
{
	for (size_t i = 0; mount_options_name(i); i++)
		if (strcmp(mount_options_name(i), option) == 0)
			return true;
	return false;
}

static size_t split(char *text, struct arena *arena, struct oci_strings *ret)
{
	size_t n_empty = 0, n = 1;

	for (const char *p = text; *p; p++)
		n += *p == '\n';
	ret->v = arena_array(arena, char *, n + 1);
	for (char *option; (option = strsep(&text, "\n")) && text;) {
		ret->v[ret->n++] = option;
		n_empty += !*option;
	}
	return n_empty;
}

#define ATTRS                                                                                     \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |           \
	 MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)

/* The access times are one field, which is cleared as a whole before one of its values is set. */
static void claim_sound(uint64_t set, uint64_t clear)
{
	uint64_t cleared_times = clear & MOUNT_ATTR__ATIME;

	CLAIM((set & clear & ATTRS) == 0);
	CLAIM(cleared_times == MOUNT_ATTR__ATIME ||
	      (cleared_times == 0 && !(set & MOUNT_ATTR__ATIME)));
	CLAIM(((set | clear) & ~(uint64_t)(ATTRS | MOUNT_ATTR__ATIME)) == 0);
}

static bool param_is(const struct mount_param *param, const char *option)
{
	size_t len = strlen(param->key);

	if (!param->value)
		return strcmp(param->key, option) == 0 && !strchr(option, '=');
	return strncmp(param->key, option, len) == 0 && option[len] == '=' &&
	       !memchr(option, '=', len) && strcmp(param->value, option + len + 1) == 0;
}

static void claim_params(const struct mount_options *o, const struct oci_strings *options)
{
	size_t k = 0;

	for (size_t i = 0; i < options->n; i++) {
		if (k < o->n_params && param_is(&o->params[k], options->v[i]))
			k++;
		else
			CLAIM(is_known(options->v[i]));
	}
	CLAIM(k == o->n_params);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *text = input_text(&in);
	auto_arena struct arena arena = {};
	struct oci_strings options = {};
	size_t n_empty = split(text, &arena, &options);
	struct mount_options o;
	struct err err = {};
	int r = mount_options_parse(&options, &arena, &o, &err);

	CLAIM((r != 0) == (n_empty > 0));
	if (r != 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return 0;
	}
	claim_sound(o.set, o.clear);
	claim_sound(o.set_rec, o.clear_rec);
	claim_params(&o, &options);
	CLAIM(!o.is_recursive || o.is_bind);
	return 0;
}
