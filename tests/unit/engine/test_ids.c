/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ids.h"
#include "engine/names.h"

#include "tap.h"
#include "tmpdir.h"

#include <dirent.h>

static const char a_id[] = "0000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char b_id[] = "0000000abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static int count_names(const struct tmpdir *dir)
{
	DIR *stream = opendir(dir->path);
	struct dirent *item;
	int n = 0;

	while (stream && (item = readdir(stream)))
		n += item->d_name[0] != '.';
	if (stream)
		(void)closedir(stream);
	return n;
}

static bool nobody_has_anothers_ids(void)
{
	auto_tmpdir struct tmpdir dir;
	uint32_t a = 0, b = 0, again = 0;
	struct err err = {};

	tmpdir_make(&dir);
	if (!CHECK(ids_take(dir.fd, a_id, IDS_RANGE, &a, &err) == 0) ||
	    !CHECK(ids_take(dir.fd, b_id, IDS_RANGE, &b, &err) == 0) || !CHECK(a != b) ||
	    !CHECK(a >= 0x70000000 && a % IDS_RANGE == 0))
		return false;
	ids_release(dir.fd, a_id, a, IDS_RANGE);
	return CHECK(count_names(&dir) == 1) &&
	       CHECK(ids_take(dir.fd, a_id, IDS_RANGE, &again, &err) == 0) && CHECK(again == a);
}

static bool many_ids_are_in_one_row(void)
{
	auto_tmpdir struct tmpdir dir;
	uint32_t a = 0, b = 0;
	struct err err = {};

	tmpdir_make(&dir);
	if (!CHECK(ids_take(dir.fd, a_id, 4 * IDS_RANGE, &a, &err) == 0) ||
	    !CHECK(count_names(&dir) == 4) ||
	    !CHECK(ids_take(dir.fd, b_id, 2 * IDS_RANGE, &b, &err) == 0) ||
	    !CHECK(b >= a + 4 * IDS_RANGE || b + 2 * IDS_RANGE <= a))
		return false;
	ids_release(dir.fd, a_id, a, 4 * IDS_RANGE);
	return CHECK(count_names(&dir) == 2);
}

static bool ids_of_another_are_not_released(void)
{
	auto_tmpdir struct tmpdir dir;
	struct err err = {};
	uint32_t a = 0;

	tmpdir_make(&dir);
	if (!CHECK(ids_take(dir.fd, a_id, IDS_RANGE, &a, &err) == 0))
		return false;
	ids_release(dir.fd, b_id, a, IDS_RANGE);
	ids_release(dir.fd, b_id, 0, 0);
	return CHECK(count_names(&dir) == 1);
}

static bool when_none_are_left_that_is_said(void)
{
	auto_tmpdir struct tmpdir dir;
	struct err err = {};
	uint32_t start;
	int r = 0;

	tmpdir_make(&dir);
	for (unsigned i = 0; r == 0 && i < 100000; i++)
		r = ids_take(dir.fd, a_id, IDS_MOST, &start, &err);
	return CHECK(r == -EAGAIN) && CHECK(count_names(&dir) >= 4000) &&
	       CHECK(strstr(err.msg, "no ids are left for a user namespace") == err.msg);
}

static bool ids_that_are_shared_are_nobody_elses(void)
{
	auto_tmpdir struct tmpdir dir;
	uint32_t a = 0, b = 0, again = 0;
	struct err err = {};

	tmpdir_make(&dir);
	if (!CHECK(ids_take(dir.fd, a_id, 2 * IDS_RANGE, &a, &err) == 0) ||
	    !CHECK(ids_share(dir.fd, b_id, a, 2 * IDS_RANGE, &err) == 0) ||
	    !CHECK(ids_share(dir.fd, b_id, a, 2 * IDS_RANGE, &err) == 0))
		return false;
	ids_release(dir.fd, a_id, a, 2 * IDS_RANGE);
	if (!CHECK(ids_take(dir.fd, a_id, IDS_RANGE, &b, &err) == 0) ||
	    !CHECK(b >= a + 2 * IDS_RANGE || b + IDS_RANGE <= a))
		return false;
	ids_leave(dir.fd, b_id, a, 2 * IDS_RANGE);
	ids_release(dir.fd, a_id, b, IDS_RANGE);
	return CHECK(count_names(&dir) == 0) &&
	       CHECK(ids_take(dir.fd, a_id, IDS_RANGE, &again, &err) == 0) && CHECK(again == a);
}

int main(void)
{
	TEST(ids_that_are_shared_are_nobody_elses);
	TEST(nobody_has_anothers_ids);
	TEST(many_ids_are_in_one_row);
	TEST(ids_of_another_are_not_released);
	TEST(when_none_are_left_that_is_said);
	return tap_done();
}
