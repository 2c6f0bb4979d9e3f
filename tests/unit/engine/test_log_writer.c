/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/log_writer.h"

#include "engine/log_attrs.h"
#include "engine/log_files.h"
#include "log_of.h"

#include <signal.h>
#include <sys/resource.h>

/* {"log":"line 1\n","stream":"stdout","time":"2026-11-27T11:03:21.046172000Z"} and its newline */
#define RECORD_BYTES 77

static bool nothing_is_opened_for_nothing(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;

	tmpdir_make(&dir);
	writer = log_of(&dir, 1000, 3);
	say(&writer, "");
	log_writer_finish(&writer, LOG_STDOUT);
	if (!CHECK(log_size(&dir, "log") == -1))
		return false;
	say(&writer, "unfinished");
	return CHECK(log_size(&dir, "log") == -1);
}

static bool the_last_line_needs_no_newline(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_buf struct buf text = {};

	tmpdir_make(&dir);
	writer = log_of(&dir, -1, 1);
	say(&writer, "one\ntw");
	if (!CHECK_STR(log_text(&dir, 1, -1, &text), "one\n"))
		return false;
	log_writer_write(&writer, LOG_STDERR, "err", 3);
	say(&writer, "o\nthr");
	if (!CHECK_STR(log_text(&dir, 1, -1, &text), "one\ntwo\n"))
		return false;
	log_writer_finish(&writer, LOG_STDOUT);
	log_writer_finish(&writer, LOG_STDERR);
	return CHECK_STR(log_text(&dir, 1, -1, &text), "one\ntwo\nthrerr");
}

static bool a_long_line_goes_in_pieces(void)
{
	static const size_t lengths[] = { 16382, 16383, 16384, 32767, 32768, 100000 };
	static const int pieces[] = { 1, 1, 2, 2, 3, 7 };
	static char line[100001];

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (size_t step = 1000; step < 50000; step += 20000) {
			auto_tmpdir struct tmpdir dir;
			auto_writer struct log_writer writer;
			auto_reader struct log_reader *reader = NULL;
			auto_buf struct buf text = {};
			struct err err;

			tmpdir_make(&dir);
			writer = log_of(&dir, -1, 1);
			memset(line, 'x', lengths[i]);
			line[lengths[i]] = '\n';
			for (size_t at = 0; at <= lengths[i]; at += step)
				log_writer_write(&writer, LOG_STDOUT, line + at,
						 at + step <= lengths[i] ? step
									 : lengths[i] + 1 - at);
			if (!CHECK(log_reader_new(dir.fd, 1, LOG_ONCE, &reader, &err) == 0) ||
			    !CHECK(drain(reader, &text) == pieces[i]) ||
			    !CHECK(text.len == lengths[i] + 1) ||
			    !CHECK(memcmp(text.data, line, text.len) == 0)) {
				printf("# %zu in steps of %zu\n", lengths[i], step);
				return false;
			}
		}
	return true;
}

/* All in one record would be easier, but readers of other programs stop at some length. */
static bool pieces_have_the_time_of_the_first_and_cut_no_character(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_reader struct log_reader *reader = NULL;
	auto_buf struct buf text = {};
	struct log_line line;
	struct timespec first;
	struct err err;

	tmpdir_make(&dir);
	writer = log_of(&dir, -1, 1);
	say(&writer, "x");
	for (int i = 0; i < 8192; i++)
		say(&writer, "\xc3\xa9");
	(void)usleep(1000);
	say(&writer, "\n");
	if (!CHECK(log_reader_new(dir.fd, 1, LOG_ONCE, &reader, &err) == 0) ||
	    !CHECK(log_reader_next(reader, &line, &err) == 1) || !CHECK(line.len == 16383))
		return false;
	first = line.when;
	return CHECK(log_reader_next(reader, &line, &err) == 1) &&
	       CHECK(line.len == 3 && memcmp(line.bytes, "\xc3\xa9\n", 3) == 0) &&
	       CHECK(line.when.tv_sec == first.tv_sec && line.when.tv_nsec == first.tv_nsec) &&
	       CHECK(drain(reader, &text) == 0);
}

static bool a_file_is_never_larger_than_asked(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_buf struct buf text = {};

	tmpdir_make(&dir);
	writer = log_of(&dir, 2 * RECORD_BYTES, 3);
	say(&writer, "line 1\nline 2\n");
	if (!CHECK(log_size(&dir, "log") == 2 * RECORD_BYTES) ||
	    !CHECK(log_size(&dir, "log.1") == -1))
		return false;
	say(&writer, "line 3\n");
	if (!CHECK(log_size(&dir, "log") == RECORD_BYTES) ||
	    !CHECK(log_size(&dir, "log.1") == 2 * RECORD_BYTES))
		return false;
	say(&writer, "line 4\nline 5\nline 6\nline 7\n");
	return CHECK(log_size(&dir, "log") == RECORD_BYTES) &&
	       CHECK(log_size(&dir, "log.1") == 2 * RECORD_BYTES) &&
	       CHECK(log_size(&dir, "log.2") == 2 * RECORD_BYTES) &&
	       CHECK(log_size(&dir, "log.3") == -1) && CHECK(log_size(&dir, "log.new") == -1) &&
	       CHECK_STR(log_text(&dir, 3, -1, &text), "line 3\nline 4\nline 5\nline 6\nline 7\n");
}

static bool a_record_that_is_larger_has_a_file_of_its_own(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_buf struct buf text = {};

	tmpdir_make(&dir);
	writer = log_of(&dir, 1, 4);
	say(&writer, "a\nb\nc\n");
	return CHECK(log_size(&dir, "log.2") > 1) && CHECK(log_size(&dir, "log.3") == -1) &&
	       CHECK_STR(log_text(&dir, 4, -1, &text), "a\nb\nc\n");
}

static bool one_and_two_files_are_rotated_too(void)
{
	for (unsigned files = 1; files <= 2; files++) {
		auto_tmpdir struct tmpdir dir;
		auto_writer struct log_writer writer;
		auto_buf struct buf text = {};

		tmpdir_make(&dir);
		writer = log_of(&dir, RECORD_BYTES, files);
		for (unsigned i = 1; i <= 9; i++)
			say_number(&writer, i);
		if (!CHECK_STR(log_text(&dir, files, -1, &text),
			       files == 1 ? "line 9\n" : "line 8\nline 9\n") ||
		    !CHECK(log_size(&dir, files == 1 ? "log.1" : "log.2") == -1))
			return false;
	}
	return true;
}

/* A monitor of the container before went as far as this. */
static bool a_log_is_gone_on_with(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_buf struct buf text = {};

	tmpdir_make(&dir);
	for (unsigned i = 1; i <= 5; i++) {
		auto_writer struct log_writer writer = log_of(&dir, 2 * RECORD_BYTES, 3);

		say_number(&writer, i);
	}
	return CHECK(log_size(&dir, "log.2") == 2 * RECORD_BYTES) &&
	       CHECK(log_size(&dir, "log") == RECORD_BYTES) &&
	       CHECK_STR(log_text(&dir, 3, -1, &text),
			 "line 1\nline 2\nline 3\nline 4\nline 5\n");
}

/* Whoever rotated was killed: after each of its steps the next rotation finds its way, and no line
 * is there twice. */
static bool a_rotation_that_was_broken_off_is_mended(void)
{
	static const struct {
		const char *from, *to; /* what it had done: a new name, or a second one */
		bool is_second;
	} steps[] = { { "log.1", "log.2", false }, { "log", "log.1", true } };

	for (size_t done = 0; done <= 2; done++) {
		auto_tmpdir struct tmpdir dir;
		auto_writer struct log_writer writer = {}, next;
		auto_buf struct buf text = {};

		tmpdir_make(&dir);
		writer = log_of(&dir, RECORD_BYTES, 4);
		say(&writer, "line 1\nline 2\n");
		for (size_t i = 0; i < done; i++)
			(void)(steps[i].is_second ? linkat(dir.fd, steps[i].from, dir.fd,
							   steps[i].to, 0)
						  : renameat(dir.fd, steps[i].from, dir.fd,
							     steps[i].to));
		if (!CHECK(tmpdir_put(dir.fd, "log.new", "rubbish")) ||
		    !CHECK_STR(log_text(&dir, 4, -1, &text), "line 1\nline 2\n"))
			return false;
		next = log_of(&dir, RECORD_BYTES, 4);
		say(&next, "line 3\n");
		if (!CHECK_STR(log_text(&dir, 4, -1, &text), "line 1\nline 2\nline 3\n")) {
			printf("# after %zu steps\n", done);
			return false;
		}
		log_writer_done(&next);
		next = log_of(&dir, RECORD_BYTES, 4);
		say(&next, "line 4\n");
		/* A file that has two names takes the place of two. */
		if (!CHECK_STR(log_text(&dir, 4, -1, &text),
			       done == 2 ? "line 2\nline 3\nline 4\n"
					 : "line 1\nline 2\nline 3\nline 4\n"))
			return false;
	}
	return true;
}

static bool half_a_record_spoils_no_other(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_reader struct log_reader *reader = NULL;
	auto_buf struct buf text = {};
	struct err err;

	tmpdir_make(&dir);
	if (!CHECK(tmpdir_put(dir.fd, "log", "{\"log\":\"torn")))
		return false;
	writer = log_of(&dir, -1, 1);
	say(&writer, "whole\n");
	return CHECK(log_reader_new(dir.fd, 1, LOG_ONCE, &reader, &err) == 0) &&
	       CHECK(drain(reader, &text) == 1) && CHECK_STR(text.data, "whole\n") &&
	       CHECK(log_reader_losses(reader).damaged == 1);
}

/* The limit of a file's size, as a disk that is full and then is not. */
static bool a_full_disk_costs_what_is_written_meanwhile(void)
{
	struct rlimit old, full = { 2 * RECORD_BYTES + 10, RLIM_INFINITY };
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;
	auto_buf struct buf text = {};

	tmpdir_make(&dir);
	writer = log_of(&dir, -1, 1);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)getrlimit(RLIMIT_FSIZE, &old);
	full.rlim_max = old.rlim_max;
	(void)setrlimit(RLIMIT_FSIZE, &full);
	say(&writer, "line 1\nline 2\nline 3\n");
	say(&writer, "line 4\n");
	(void)setrlimit(RLIMIT_FSIZE, &old);
	say(&writer, "line 5\n");
	return CHECK_STR(log_text(&dir, 1, -1, &text), "line 1\nline 2\nline 5\n");
}

static bool without_a_directory_it_goes_on(void)
{
	const struct config config = { .log_max_size_bytes = 100, .log_max_files = 3 };
	auto_writer struct log_writer writer;

	log_writer_init(&writer, -1, &config);
	for (unsigned i = 0; i < 1000; i++)
		say_number(&writer, i);
	return CHECK(writer.out.len == 0);
}

static bool of_none_nothing_is_kept(void)
{
	const struct config config = { .log_driver = (char[]){ "none" } };
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;

	tmpdir_make(&dir);
	log_writer_init(&writer, dir.fd, &config);
	say(&writer, "hello\nunfinished");
	log_writer_finish(&writer, LOG_STDOUT);
	return CHECK(log_size(&dir, "log") == -1);
}

static bool labels_and_variables_go_along(void)
{
	static const char json[] =
		"{\"id\":\"x\",\"name\":\"x\",\"created\":\"x\",\"env\":[\"A=1\",\"AB=2 &\"],"
		"\"labels\":{\"tier\":\"web \\\"\",\"other\":\"x\"},"
		"\"logLabels\":[\"tier\",\"missing\"],\"logEnv\":[\"AB\",\"B\",\"tier\"]}";
	auto_arena struct arena arena = {};
	struct config *config = NULL;
	struct err err;
	auto_buf struct buf object = {}, shown = {};

	if (!CHECK(config_parse(json, strlen(json), &arena, &config, &err) == 0))
		return false;
	log_attrs_format(config, &object);
	return CHECK_STR(object.data, "{\"AB\":\"2 &\",\"tier\":\"web \\\"\"}") &&
	       CHECK(log_attrs_show(object.data, object.len, &shown) == 0) &&
	       CHECK_STR(shown.data, "AB=2+%26,tier=web+%22") &&
	       CHECK(log_attrs_show("{]", 2, &shown) < 0);
}

static bool all_files_are_removed(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_writer struct log_writer writer;

	tmpdir_make(&dir);
	writer = log_of(&dir, 1, 5);
	if (!CHECK(log_files_remove(dir.fd) == 0))
		return false;
	say(&writer, "a\nb\nc\nd\ne\nf\n");
	(void)renameat(dir.fd, "log.1", dir.fd, "log.new");
	return CHECK(log_size(&dir, "log.4") > 0) && CHECK(log_files_remove(dir.fd) == 0) &&
	       CHECK(rmdir(dir.path) == 0);
}

int main(void)
{
	TEST(nothing_is_opened_for_nothing);
	TEST(the_last_line_needs_no_newline);
	TEST(a_long_line_goes_in_pieces);
	TEST(pieces_have_the_time_of_the_first_and_cut_no_character);
	TEST(a_file_is_never_larger_than_asked);
	TEST(a_record_that_is_larger_has_a_file_of_its_own);
	TEST(one_and_two_files_are_rotated_too);
	TEST(a_log_is_gone_on_with);
	TEST(a_rotation_that_was_broken_off_is_mended);
	TEST(half_a_record_spoils_no_other);
	TEST(a_full_disk_costs_what_is_written_meanwhile);
	TEST(without_a_directory_it_goes_on);
	TEST(of_none_nothing_is_kept);
	TEST(labels_and_variables_go_along);
	TEST(all_files_are_removed);
	return tap_done();
}
