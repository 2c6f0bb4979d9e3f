/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stopping: each is asked first, then one loop attends them all, so that several take as long as
 * the slowest of them. Who has not ended in his time is killed. What is kept of one meanwhile is
 * two descriptors: a pidfd that says when it has ended, and its monitor's lock that says when that
 * is recorded.
 */
#include "engine/container.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <poll.h>
#include <signal.h>

#define DEFAULT_STOP_S 10
#define AT_ONCE	       256 /* no more descriptors than twice that */

struct stopping {
	struct engine_stop *request;
	int pidfd;	    /* -1: nothing is left to wait for */
	int monitor_fd;	    /* -1: it never had one */
	int64_t kill_at_ms; /* -1: never */
};

/* ------------------------------------------------------------------------------- asking */

/* What the request leaves open is the container's own. */
static int complete(const struct engine_stop *request, const struct entry *entry, int *ret_signal,
		    int64_t *ret_timeout_s, struct err *err)
{
	auto_arena struct arena arena = {};
	struct config *config = NULL;
	int r;

	*ret_signal = request->signal;
	*ret_timeout_s = request->timeout_s;
	if (request->signal > 0 && request->timeout_s != ENGINE_STOP_TIMEOUT)
		return 0;
	r = entry_read_config(entry, &arena, &config, err);
	if (r < 0)
		return r;
	if (request->signal <= 0)
		*ret_signal = container_stop_signal(config);
	if (*ret_signal <= 0)
		return err_set(err, ERR_USAGE, EINVAL, "'%s' is no signal", config->stop_signal);
	if (request->timeout_s == ENGINE_STOP_TIMEOUT)
		*ret_timeout_s = config->stop_timeout.is_set ? config->stop_timeout.value
							     : DEFAULT_STOP_S;
	return 0;
}

/* 1: it is on its way; 0: it does not run. */
static int ask(const struct engine *engine, const struct entry *entry, struct stopping *one,
	       struct err *err)
{
	int64_t timeout_s = -1;
	int signal = 0, r = complete(one->request, entry, &signal, &timeout_s, err);

	if (r < 0)
		return r;
	r = container_open_process(engine, entry, &one->pidfd, err);
	if (r < 0)
		return err->kind == ERR_CONFLICT ? 0 : r;
	r = entry_open_monitor(entry, &one->monitor_fd, err);
	if (r == 0 || r == -ENOENT)
		r = container_signal(one->pidfd, signal, err);
	if (r < 0)
		return r;
	container_go_on(engine, entry);
	one->kill_at_ms = timeout_s < 0 ? -1 : clock_ms() + timeout_s * 1000;
	return 1;
}

static void begin(const struct engine *engine, struct stopping *one)
{
	struct engine_stop *request = one->request;
	auto_entry struct entry entry = ENTRY_NONE;

	request->err = (struct err){};
	request->r = entry_open(engine, request->who, &entry, &request->err);
	if (request->r == 0)
		request->r = ask(engine, &entry, one, &request->err);
	if (request->r > 0)
		return;
	closep(&one->pidfd);
	one->pidfd = -1;
}

/* ------------------------------------------------------------------------------- waiting */

static void end(struct stopping *one, int r)
{
	struct engine_stop *request = one->request;

	/* Until its monitor has recorded the end; one that was killed records none. */
	if (r == 0 && one->monitor_fd >= 0)
		r = entry_await(one->monitor_fd, &request->err);
	if (r < 0 && r != -ESRCH)
		request->r = r;
	closep(&one->pidfd);
	one->pidfd = -1;
}

/* It may have been paused again since it was asked. */
static void kill_late(const struct engine *engine, struct stopping *one)
{
	auto_entry struct entry entry = ENTRY_NONE;
	struct err ignored;
	int r = container_signal(one->pidfd, SIGKILL, &one->request->err);

	one->kill_at_ms = -1;
	if (r < 0)
		end(one, r);
	else if (entry_open(engine, one->request->who, &entry, &ignored) == 0)
		container_go_on(engine, &entry);
}

/* How long poll may wait: until the first is to be killed. *ret_n: how many still run. */
static int time_left(const struct stopping *list, size_t n, size_t *ret_n)
{
	int64_t now = clock_ms(), first = -1;

	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		if (list[i].pidfd < 0)
			continue;
		++*ret_n;
		if (list[i].kill_at_ms >= 0 && (first < 0 || list[i].kill_at_ms < first))
			first = list[i].kill_at_ms;
	}
	if (first < 0)
		return -1;
	first = first > now ? first - now : 0;
	return first > INT32_MAX ? INT32_MAX : (int)first;
}

static void step(const struct engine *engine, struct stopping *one, bool has_ended)
{
	if (one->pidfd < 0)
		return;
	if (has_ended)
		end(one, 0);
	else if (one->kill_at_ms >= 0 && clock_ms() >= one->kill_at_ms)
		kill_late(engine, one);
}

static void attend(const struct engine *engine, struct stopping *list, size_t n)
{
	struct pollfd fds[AT_ONCE];
	size_t n_running;
	int timeout_ms;

	while (timeout_ms = time_left(list, n, &n_running), n_running) {
		for (size_t i = 0; i < n; i++)
			fds[i] = (struct pollfd){ .fd = list[i].pidfd, .events = POLLIN };
		if (poll(fds, n, timeout_ms) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < n; i++)
			step(engine, &list[i], fds[i].revents);
	}
}

/* ------------------------------------------------------------------------------- all of it */

static void stop_part(const struct engine *engine, struct engine_stop *stops, size_t n)
{
	struct stopping list[AT_ONCE];

	for (size_t i = 0; i < n; i++) {
		list[i] = (struct stopping){ &stops[i], -1, -1, -1 };
		begin(engine, &list[i]);
	}
	attend(engine, list, n);
	for (size_t i = 0; i < n; i++) {
		closep(&list[i].pidfd);
		closep(&list[i].monitor_fd);
	}
}

void engine_stop_all(const struct engine *engine, struct engine_stop *stops, size_t n)
{
	for (size_t i = 0; i < n; i += AT_ONCE)
		stop_part(engine, stops + i, n - i < AT_ONCE ? n - i : AT_ONCE);
}
