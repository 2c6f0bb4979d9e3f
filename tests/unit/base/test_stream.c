/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stream.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

struct pair {
	int in[2], out[2];
	struct stream s;
};

static bool begin(struct pair *p)
{
	bool ok = pipe2(p->in, O_CLOEXEC) == 0 && pipe2(p->out, O_CLOEXEC) == 0;

	stream_init(&p->s, p->in[0], p->out[1]);
	return ok;
}

static void end(struct pair *p)
{
	(void)close(p->in[0]);
	(void)close(p->out[0]);
	(void)close(p->out[1]);
}

static bool what_goes_in_comes_out(void)
{
	struct pair p;
	char got[16] = "";
	bool ok = CHECK(begin(&p)) && CHECK(write(p.in[1], "some words", 10) == 10);

	(void)close(p.in[1]);
	stream_drain(&p.s);
	ok = ok && CHECK(stream_has_ended(&p.s)) &&
	     CHECK(read(p.out[0], got, sizeof(got)) == 10) && CHECK_STR(got, "some words");
	end(&p);
	return ok;
}

static bool it_waits_for_its_reader(void)
{
	static char much[1 << 20];
	struct pair p;
	struct pollfd fd;
	bool ok = CHECK(begin(&p)) && CHECK(fcntl(p.out[1], F_SETFL, O_NONBLOCK) == 0);

	while (write(p.out[1], much, sizeof(much)) > 0)
		;
	ok = ok && CHECK(fcntl(p.out[1], F_SETFL, 0) == 0) &&
	     CHECK(write(p.in[1], "x", 1) == 1) && CHECK(stream_read(&p.s) == 1);
	fd = stream_poll(&p.s);
	ok = ok && CHECK(fd.fd == p.out[1]) && CHECK(fd.events == POLLOUT) &&
	     CHECK(poll(&fd, 1, 0) == 0);
	(void)close(p.in[1]);
	end(&p);
	return ok;
}

static bool a_reader_that_is_gone_stops_nothing(void)
{
	struct pair p;
	bool ok = CHECK(begin(&p)) && CHECK(write(p.in[1], "first", 5) == 5);

	(void)close(p.out[0]);
	stream_drain(&p.s);
	ok = ok && CHECK(p.s.is_refused) && CHECK(write(p.in[1], "second", 6) == 6);
	(void)close(p.in[1]);
	stream_drain(&p.s);
	ok = ok && CHECK(stream_has_ended(&p.s));
	(void)close(p.in[0]);
	(void)close(p.out[1]);
	return ok;
}

static bool no_source_is_an_end(void)
{
	struct stream s;

	stream_init(&s, -1, STDOUT_FILENO);
	return CHECK(stream_has_ended(&s)) && CHECK(stream_poll(&s).fd == -1);
}

int main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	TEST(what_goes_in_comes_out);
	TEST(it_waits_for_its_reader);
	TEST(a_reader_that_is_gone_stops_nothing);
	TEST(no_source_is_an_end);
	return tap_done();
}
