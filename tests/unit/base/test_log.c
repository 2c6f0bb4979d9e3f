/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sink is the program's own, and a log file stays open once given: the claims stand in the
 * order in which a program would go.
 */
#include "base/buf.h"
#include "base/log.h"
#include "tap.h"

#include <fcntl.h>
#include <regex.h>
#include <sys/mman.h>
#include <sys/stat.h>

static char path[] = "/tmp/tare-test-log.XXXXXX";
static int stderr_fd = -1;

/* Standard error goes to a file while `say` speaks; what it said is in `ret`. */
static void catch_stderr(void (*say)(void), struct buf *ret)
{
	struct err err = {};
	int saved = dup(STDERR_FILENO);

	stderr_fd = memfd_create("stderr", MFD_CLOEXEC);
	(void)dup2(stderr_fd, STDERR_FILENO);
	say();
	(void)dup2(saved, STDERR_FILENO);
	(void)lseek(stderr_fd, 0, SEEK_SET);
	(void)buf_read_fd(ret, stderr_fd, 65536, "stderr", &err);
	closep(&stderr_fd);
	closep(&saved);
}

static void read_log(struct buf *ret)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err err = {};

	(void)buf_read_fd(ret, fd, 65536, path, &err);
}

static bool matches(const char *text, const char *pattern)
{
	regex_t regex;
	bool ok;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return CHECK(!"the pattern");
	ok = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	if (!ok)
		printf("# got: %s\n", text);
	return CHECK(ok);
}

#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{9}Z"

static void say_everything(void)
{
	log_error("it failed: %s", "why");
	log_hint("try again");
	log_warn("careful");
	log_debug("details");
}

static bool people_read_lines_that_name_the_program(void)
{
	auto_buf struct buf text = {};

	log_init("prog");
	catch_stderr(say_everything, &text);
	return CHECK_STR(buf_str(&text), "prog: it failed: why\nhint: try again\n"
					 "prog: warning: careful\n");
}

static bool debug_is_heard_when_asked_for(void)
{
	auto_buf struct buf text = {};

	log_set_level(LOG_LEVEL_DEBUG);
	catch_stderr(say_everything, &text);
	return CHECK(strstr(buf_str(&text), "prog: debug: details\n"));
}

static bool json_without_a_file_goes_to_stderr(void)
{
	auto_buf struct buf text = {};

	log_set_level(LOG_LEVEL_ERROR);
	log_set_format(LOG_FORMAT_JSON);
	catch_stderr(say_everything, &text);
	return matches(buf_str(&text),
		       "^\\{\"level\":\"error\",\"msg\":\"it failed: why\",\"time\":\"" TIME
		       "\"\\}\n$");
}

static bool a_file_gets_all_and_stderr_the_errors(void)
{
	auto_buf struct buf text = {}, file = {};
	struct err err = {};
	struct stat st;

	log_set_level(LOG_LEVEL_WARNING);
	if (!CHECK(log_open(path, &err) == 0))
		return false;
	catch_stderr(say_everything, &text);
	read_log(&file);
	return CHECK_STR(buf_str(&text), "prog: it failed: why\n") &&
	       matches(buf_str(&file), "\"msg\":\"it failed: why\".*\n.*\"level\":\"warning\"") &&
	       CHECK(!strstr(buf_str(&file), "try again")) && CHECK(stat(path, &st) == 0) &&
	       CHECK((st.st_mode & 0777) == 0600);
}

static void say_odd_bytes(void)
{
	log_error("a \"quote\", a \\, a\ttab,\na line");
}

static bool json_escapes_what_it_must(void)
{
	auto_buf struct buf text = {}, file = {};

	catch_stderr(say_odd_bytes, &text);
	read_log(&file);
	return CHECK(strstr(buf_str(&file),
			    "\"a \\\"quote\\\", a \\\\, a\\u0009tab,\\na line\""));
}

static bool text_in_a_file_is_key_value(void)
{
	auto_buf struct buf text = {}, file = {};

	log_set_format(LOG_FORMAT_TEXT);
	catch_stderr(say_everything, &text);
	read_log(&file);
	return matches(buf_str(&file), "time=\"" TIME "\" level=error msg=\"it failed: why\"\n");
}

static bool a_file_that_cannot_be_is_an_error(void)
{
	struct err err = {};

	return CHECK(log_open("/nonexistent/log", &err) == -ENOENT) &&
	       CHECK(strstr(err.msg, "open log file '/nonexistent/log': "));
}

int main(void)
{
	int fd = mkstemp(path);

	(void)unlink(path);
	closep(&fd);
	TEST(people_read_lines_that_name_the_program);
	TEST(debug_is_heard_when_asked_for);
	TEST(json_without_a_file_goes_to_stderr);
	TEST(a_file_gets_all_and_stderr_the_errors);
	TEST(json_escapes_what_it_must);
	TEST(text_in_a_file_is_key_value);
	TEST(a_file_that_cannot_be_is_an_error);
	(void)unlink(path);
	return tap_done();
}
