/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/log_reader.h"

#include "engine/log_chain.h"
#include "log_of.h"

#include <stdlib.h>
#include <sys/wait.h>

static bool what_is_not_there_reads_as_nothing(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_buf struct buf text = {};

	tmpdir_make(&dir);
	return CHECK_STR(log_text(&dir, 3, -1, &text), "") &&
	       CHECK_STR(log_text(&dir, 3, 5, &text), "") && CHECK(log_size(&dir, "log") == -1);
}

/* The last `n` of lines 1 to `last`. */
static void expect(struct buf *out, unsigned n, unsigned last)
{
	out->len = 0;
	buf_puts(out, "");
	for (unsigned i = n < last ? last - n + 1 : 1; i <= last; i++)
		buf_printf(out, "line %u\n", i);
}

/* Files of 10 records are smaller than one look backwards, files of 2,000 are larger. */
static bool the_last_lines_are_found_over_all_files(void)
{
	static const int64_t sizes[] = { 800, 160000, -1 };

	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		auto_tmpdir struct tmpdir dir;
		auto_writer struct log_writer writer;
		auto_buf struct buf text = {}, want = {};

		tmpdir_make(&dir);
		writer = log_of(&dir, sizes[k], 100);
		for (unsigned i = 1; i <= 900; i++)
			say_number(&writer, i);
		for (unsigned n = 0; n <= 901; n++) {
			expect(&want, n, 900);
			if (!CHECK_STR(log_text(&dir, 100, n, &text), buf_str(&want))) {
				printf("# the last %u\n", n);
				return false;
			}
		}
	}
	return true;
}

static bool an_unfinished_line_is_a_line_of_the_tail(void)
{
	static char piece[20000];
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_buf struct buf text = {};

	tmpdir_make(&dir);
	writer = log_of(&dir, -1, 1);
	memset(piece, 'x', sizeof(piece));
	say(&writer, "one\n");
	log_writer_write(&writer, LOG_STDOUT, piece, sizeof(piece));
	say(&writer, "\nthree");
	log_writer_finish(&writer, LOG_STDOUT);
	return CHECK_STR(log_text(&dir, 1, 1, &text), "three") &&
	       CHECK(strlen(log_text(&dir, 1, 2, &text)) == sizeof(piece) + 6) &&
	       CHECK(strlen(log_text(&dir, 1, 3, &text)) == sizeof(piece) + 10);
}

/* What comes after that place, in the same file and in newer ones, is not read. */
static bool a_reader_may_end_at_a_place_of_before(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_buf struct buf text = {}, want = {};
	struct log_place place;

	tmpdir_make(&dir);
	writer = log_of(&dir, 800, 5);
	for (unsigned i = 1; i <= 15; i++)
		say_number(&writer, i);
	place = log_writer_place(&writer);
	expect(&want, 15, 15);
	for (unsigned i = 16; i <= 35; i++) {
		auto_reader struct log_reader *reader = NULL;
		struct err err;

		say_number(&writer, i);
		text.len = 0;
		if (!CHECK(log_reader_new(dir.fd, 5, LOG_ONCE, &reader, &err) == 0))
			return false;
		log_reader_end_at(reader, &place);
		if (!CHECK(drain(reader, &text) == 15) ||
		    !CHECK_STR(buf_str(&text), buf_str(&want)) ||
		    !CHECK(log_reader_losses(reader).gaps == 0))
			return false;
	}
	return true;
}

static bool what_is_damaged_is_left_out_and_counted(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_buf struct buf log = {}, text = {};
	auto_reader struct log_reader *reader = NULL;
	struct err err;

#define GOOD(text) \
	"{\"log\":\"" text "\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-27T11:03:21Z\"}\n"
	tmpdir_make(&dir);
	buf_puts(&log, GOOD("one") "{\"log\":\"half\n\n" GOOD("two"));
	for (int i = 0; i < 400000; i++)
		buf_puts(&log, "x");
	buf_puts(&log, "\n" GOOD("three") "{\"log\":\"end");
	return CHECK(tmpdir_put(dir.fd, "log", log.data)) &&
	       CHECK(log_reader_new(dir.fd, 1, LOG_ONCE, &reader, &err) == 0) &&
	       CHECK(drain(reader, &text) == 3) && CHECK_STR(text.data, "one\ntwo\nthree\n") &&
	       CHECK(log_reader_losses(reader).damaged == 3) && CHECK(log_reader_is_torn(reader)) &&
	       CHECK_STR(log_text(&dir, 1, 2, &text), "two\nthree\n") &&
	       CHECK_STR(log_text(&dir, 1, 3, &text), "one\ntwo\nthree\n");
}

static bool once_is_what_is_written_now(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_reader struct log_reader *reader = NULL;
	auto_buf struct buf text = {};
	struct err err;

	tmpdir_make(&dir);
	writer = log_of(&dir, 100, 3);
	say(&writer, "1\n2\n");
	if (!CHECK(log_reader_new(dir.fd, 3, LOG_ONCE, &reader, &err) == 0))
		return false;
	say(&writer, "3\n4\n5\n6\n");
	return CHECK(drain(reader, &text) == 2) && CHECK_STR(text.data, "1\n2\n");
}

static bool a_follower_sees_what_comes_later(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_reader struct log_reader *reader = NULL;
	auto_buf struct buf text = {};
	struct err err;

	tmpdir_make(&dir);
	writer = log_of(&dir, 100, 3);
	if (!CHECK(log_reader_new(dir.fd, 3, LOG_FOLLOW, &reader, &err) == 0) ||
	    !CHECK(log_size(&dir, "log") == 0) || !CHECK(drain(reader, &text) == 0))
		return false;
	say(&writer, "1\n");
	if (!CHECK(drain(reader, &text) == 1))
		return false;
	say(&writer, "2\n3\n");
	return CHECK(drain(reader, &text) == 2) && CHECK_STR(text.data, "1\n2\n3\n") &&
	       CHECK(log_reader_losses(reader).gaps == 0);
}

static bool a_follower_keeps_what_is_removed(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_reader struct log_reader *reader = NULL;
	auto_buf struct buf text = {};
	struct err err;

	tmpdir_make(&dir);
	writer = log_of(&dir, 100, 3);
	say(&writer, "1\n2\n");
	if (!CHECK(log_reader_new(dir.fd, 3, LOG_FOLLOW, &reader, &err) == 0))
		return false;
	say(&writer, "");
	return CHECK(log_files_remove(dir.fd) == 0) && CHECK(drain(reader, &text) == 2) &&
	       CHECK(drain(reader, &text) == 0) && CHECK_STR(text.data, "1\n2\n") &&
	       CHECK(log_size(&dir, "log") == -1);
}

static bool a_log_that_somebody_emptied_is_read_anew(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_reader struct log_reader *reader = NULL;
	auto_buf struct buf text = {};
	struct err err;

	tmpdir_make(&dir);
	writer = log_of(&dir, -1, 1);
	say(&writer, "one\ntwo\n");
	if (!CHECK(log_reader_new(dir.fd, 1, LOG_FOLLOW, &reader, &err) == 0) ||
	    !CHECK(drain(reader, &text) == 2) || !CHECK(ftruncate(writer.fd, 0) == 0))
		return false;
	say(&writer, "three\n");
	return CHECK(drain(reader, &text) == 1) && CHECK_STR(text.data, "one\ntwo\nthree\n");
}

/* ------------------------------------------------------------------------------- races */

/* Reads on, and holds the numbers against those before: one more each, unless there was a gap. */
struct count {
	struct log_reader *reader;
	unsigned last;
	uint64_t gaps;
};

/* At most `n` of them. False: a number is there twice, or is missing and nobody said so. */
static bool go_on(struct count *count, unsigned n)
{
	struct log_line line;
	struct err err;

	for (; n > 0 && log_reader_next(count->reader, &line, &err) > 0; n--) {
		unsigned number = (unsigned)strtoul(line.bytes + strlen("line "), NULL, 10);
		uint64_t gaps = log_reader_losses(count->reader).gaps;

		if (!CHECK(line.len > 6) || !CHECK(number > count->last) ||
		    !CHECK(number == count->last + 1 || gaps > 0)) {
			printf("# %u after %u\n", number, count->last);
			return false;
		}
		count->last = number;
		count->gaps = gaps;
	}
	return CHECK(log_reader_losses(count->reader).damaged == 0);
}

static unsigned draw(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 8) % below;
}

/* Writer and reader take turns of lengths drawn by `seed`: no writer's is as long as all files. */
static bool take_turns(unsigned seed)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_reader struct log_reader *reader = NULL;
	struct count count = {};
	unsigned written = 0, files = 2 + draw(&seed, 3);
	struct err err;

	tmpdir_make(&dir);
	writer = log_of(&dir, 80 * (1 + draw(&seed, 4)), files);
	if (!CHECK(log_reader_new(dir.fd, files, LOG_FOLLOW, &reader, &err) == 0))
		return false;
	count.reader = reader;
	for (int turn = 0; turn < 60; turn++) {
		for (unsigned n = draw(&seed, files); n > 0; n--)
			say_number(&writer, ++written);
		if (!go_on(&count, draw(&seed, 3) ? UINT32_MAX : draw(&seed, 3)))
			return false;
	}
	return go_on(&count, UINT32_MAX) && CHECK(count.last == written);
}

static bool no_turn_of_a_rotation_loses_or_doubles_a_line(void)
{
	for (unsigned seed = 1; seed <= 60; seed++)
		if (!take_turns(seed)) {
			printf("# seed %u\n", seed);
			return false;
		}
	return true;
}

static bool who_is_too_slow_is_told(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_reader struct log_reader *reader = NULL;
	struct count count = {};
	struct err err;

	tmpdir_make(&dir);
	writer = log_of(&dir, 800, 3);
	say_number(&writer, 1);
	if (!CHECK(log_reader_new(dir.fd, 3, LOG_FOLLOW, &reader, &err) == 0))
		return false;
	count.reader = reader;
	for (unsigned i = 2; i <= 1000; i++)
		say_number(&writer, i);
	return go_on(&count, UINT32_MAX) && CHECK(count.last == 1000) && CHECK(count.gaps == 1);
}

static pid_t fork_writer(const struct tmpdir *dir, int64_t max_bytes, int64_t max_files,
			 unsigned lines)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct log_writer writer = log_of(dir, max_bytes, max_files);

		for (unsigned i = 1; i <= lines; i++)
			say_number(&writer, i);
		_exit(0);
	}
	return pid;
}

/* Beside one who writes as fast as he can. */
static bool keep_up(int64_t max_bytes, int64_t max_files, unsigned lines, uint64_t *ret_gaps)
{
	auto_tmpdir struct tmpdir dir;
	auto_reader struct log_reader *reader = NULL;
	struct count count = {};
	bool ok, has_ended = false;
	struct err err;
	pid_t pid;

	tmpdir_make(&dir);
	ok = CHECK(log_reader_new(dir.fd, (unsigned)max_files, LOG_FOLLOW, &reader, &err) == 0);
	pid = ok ? fork_writer(&dir, max_bytes, max_files, lines) : -1;
	count.reader = reader;
	while (ok && !has_ended) {
		has_ended = pid < 0 || waitpid(pid, NULL, WNOHANG) == pid;
		ok = go_on(&count, UINT32_MAX);
	}
	if (!has_ended && pid > 0)
		(void)waitpid(pid, NULL, 0);
	*ret_gaps = count.gaps;
	return ok && CHECK(count.last == lines);
}

/* All fits into the files that are kept, so however slow the reader is nothing may be missing. */
static bool beside_a_fast_writer_nothing_is_lost_or_doubled(void)
{
	uint64_t gaps;

	return keep_up(100000, 100, 100000, &gaps) && CHECK(gaps == 0);
}

/* Each line rotates: whatever is missing was said to be. */
static bool a_rotation_at_any_moment_mixes_no_order(void)
{
	uint64_t gaps;

	return keep_up(80, 5, 1000, &gaps) && keep_up(80, 1, 500, &gaps);
}

/* One who comes while each line rotates: what he finds is in order, and nothing is missing. */
static bool who_comes_amid_rotations_finds_the_order(void)
{
	auto_tmpdir struct tmpdir dir;
	bool ok = true;
	pid_t pid;

	tmpdir_make(&dir);
	pid = fork_writer(&dir, 80, 40, 1500);
	while (ok && waitpid(pid, NULL, WNOHANG) == 0) {
		auto_reader struct log_reader *reader = NULL;
		struct log_line line;
		struct err err;
		struct count count = {};

		ok = CHECK(log_reader_new(dir.fd, 40, LOG_ONCE, &reader, &err) == 0);
		count.reader = reader;
		if (ok && log_reader_next(reader, &line, &err) > 0) {
			count.last = (unsigned)strtoul(line.bytes + strlen("line "), NULL, 10);
			ok = go_on(&count, UINT32_MAX);
		}
	}
	if (!ok)
		(void)waitpid(pid, NULL, 0);
	return ok;
}

int main(void)
{
	TEST(what_is_not_there_reads_as_nothing);
	TEST(the_last_lines_are_found_over_all_files);
	TEST(an_unfinished_line_is_a_line_of_the_tail);
	TEST(a_reader_may_end_at_a_place_of_before);
	TEST(what_is_damaged_is_left_out_and_counted);
	TEST(once_is_what_is_written_now);
	TEST(a_follower_sees_what_comes_later);
	TEST(a_follower_keeps_what_is_removed);
	TEST(a_log_that_somebody_emptied_is_read_anew);
	TEST(no_turn_of_a_rotation_loses_or_doubles_a_line);
	TEST(who_is_too_slow_is_told);
	TEST(beside_a_fast_writer_nothing_is_lost_or_doubled);
	TEST(a_rotation_at_any_moment_mixes_no_order);
	TEST(who_comes_amid_rotations_finds_the_order);
	return tap_done();
}
