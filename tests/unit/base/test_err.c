/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include "tap.h"

#include <stdlib.h>

static bool system_errors_end_with_the_reason(void)
{
	struct err err = {};

	return CHECK(err_sys(&err, EACCES, "open '%s'", "/srv/x") == -EACCES) &&
	       CHECK(err.no == EACCES) && CHECK(err.kind == ERR_SYSTEM) &&
	       CHECK_STR(err.msg, "open '/srv/x': permission denied");
}

static bool context_goes_in_front_and_keeps_kind_and_errno(void)
{
	struct err err = {};

	(void)err_set(&err, ERR_NOT_FOUND, ENOENT, "no such %s", "container");
	return CHECK(err_wrap(&err, "start '%s'", "web") == -ENOENT) &&
	       CHECK(err.kind == ERR_NOT_FOUND) && CHECK(err.no == ENOENT) &&
	       CHECK_STR(err.msg, "start 'web': no such container") &&
	       CHECK(err_wrap(&err, "all") == -ENOENT) &&
	       CHECK_STR(err.msg, "all: start 'web': no such container");
}

static bool a_hint_stays_with_its_error_and_no_other(void)
{
	struct err err = {};
	char word[600];

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	(void)err_set(&err, ERR_USAGE, ENOENT, "no memory");
	if (!CHECK(err_hint(&err, "mount %s", "it") == -ENOENT) ||
	    !CHECK(err_wrap(&err, "run") == -ENOENT) || !CHECK_STR(err.hint, "mount it"))
		return false;
	(void)err_hint(&err, "%s", word); /* half a command is no help */
	if (!CHECK_STR(err.hint, ""))
		return false;
	(void)err_hint(&err, "again");
	(void)err_set(&err, ERR_USAGE, EINVAL, "another");
	return CHECK_STR(err.hint, "");
}

static bool an_error_is_never_success(void)
{
	struct err err = {};

	return CHECK(err_set(&err, ERR_USAGE, 0, "odd") == -EIO) && CHECK(err.no == EIO) &&
	       CHECK(err_set(&err, ERR_USAGE, -EINVAL, "odd") == -EIO) && CHECK(err.no == EIO);
}

static bool ends_with_dots(const char *msg)
{
	size_t len = strlen(msg);

	return len >= 3 && strcmp(msg + len - 3, "...") == 0;
}

/* Is `part` whole in the message, or does the message say that it was cut? */
static bool is_whole_or_cut(const struct err *err, const char *part)
{
	return memchr(err->msg, '\0', sizeof(err->msg)) &&
	       (strstr(err->msg, part) || ends_with_dots(err->msg));
}

static bool what_is_too_long_is_cut_visibly(void)
{
	char word[1200];

	for (size_t len = 0; len < sizeof(word) - 1; len++) {
		struct err set = {}, sys = {}, wrapped = {};

		memset(word, 'x', len);
		word[len] = '\0';
		(void)err_set(&set, ERR_USAGE, EINVAL, "%s!", word);
		(void)err_sys(&sys, EINVAL, "%s", word);
		(void)err_set(&wrapped, ERR_USAGE, EINVAL, "inner");
		(void)err_wrap(&wrapped, "%s", word);
		if (!CHECK(is_whole_or_cut(&set, "!")) ||
		    !CHECK(is_whole_or_cut(&sys, ": invalid argument")) ||
		    !CHECK(is_whole_or_cut(&wrapped, ": inner"))) {
			printf("# with %zu bytes\n", len);
			return false;
		}
	}
	return true;
}

static bool an_error_of_a_stranger_is_sound_only_if_we_could_have_made_it(void)
{
	struct err err = {}, odd;

	(void)err_set(&err, ERR_USAGE, EINVAL, "no");
	(void)err_hint(&err, "write more");
	if (!CHECK(err_is_sound(&err, -EINVAL)) || !CHECK(!err_is_sound(&err, -ENOENT)))
		return false;
	odd = err;
	odd.kind = ERR_NONE;
	if (!CHECK(!err_is_sound(&odd, -EINVAL)))
		return false;
	odd.kind = ERR_KIND_MAX_;
	if (!CHECK(!err_is_sound(&odd, -EINVAL)))
		return false;
	odd = err;
	memset(odd.msg, 'x', sizeof(odd.msg));
	if (!CHECK(!err_is_sound(&odd, -EINVAL)))
		return false;
	odd = err;
	memset(odd.hint, 'x', sizeof(odd.hint));
	return CHECK(!err_is_sound(&odd, -EINVAL));
}

int main(void)
{
	TEST(system_errors_end_with_the_reason);
	TEST(context_goes_in_front_and_keeps_kind_and_errno);
	TEST(a_hint_stays_with_its_error_and_no_other);
	TEST(an_error_is_never_success);
	TEST(what_is_too_long_is_cut_visibly);
	TEST(an_error_of_a_stranger_is_sound_only_if_we_could_have_made_it);
	return tap_done();
}
