/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-systemd: does one thing to one scope and says how it went. The request comes on standard
 * input, the answer goes to standard output; the protocol is told in rt/cg_systemd.h. It is
 * executed by tare-oci and tare, not by people.
 */
#include "base/cleanup.h"
#include "rt/cg_systemd.h"
#include "systemd/scope.h"

#include <stdio.h>
#include <string.h>

#define REQUEST_MAX (4 * 1024 * 1024)

typedef int verb_fn(struct manager *manager, const struct cg_systemd_request *request,
		    struct buf *answer, struct err *err);

static int do_start(struct manager *manager, const struct cg_systemd_request *request,
		    struct buf *answer, struct err *err)
{
	return scope_start(manager, request, answer, err);
}

static int do_attach(struct manager *manager, const struct cg_systemd_request *request,
		     struct buf *answer, struct err *err)
{
	(void)answer;
	return scope_attach(manager, request, err);
}

static int do_set(struct manager *manager, const struct cg_systemd_request *request,
		  struct buf *answer, struct err *err)
{
	(void)answer;
	return scope_set(manager, request, err);
}

static int do_stop(struct manager *manager, const struct cg_systemd_request *request,
		   struct buf *answer, struct err *err)
{
	(void)answer;
	return scope_stop(manager, request->unit, err);
}

static const struct {
	const char *name;
	verb_fn *run;
} verbs[] = {
	{ "start", do_start },
	{ "attach", do_attach },
	{ "set", do_set },
	{ "stop", do_stop },
};

static verb_fn *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return verbs[i].run;
	return NULL;
}

static int serve(verb_fn *verb, bool user, struct buf *answer, struct err *err)
{
	auto_manager struct manager manager = {};
	auto_arena struct arena arena = {};
	auto_buf struct buf json = {};
	struct cg_systemd_request *request;
	int r = buf_read_fd(&json, STDIN_FILENO, REQUEST_MAX, "the request", err);

	if (r == 0)
		r = cg_systemd_request_parse(buf_str(&json), json.len, &arena, &request, err);
	if (r == 0)
		r = manager_open(&manager, user, err);
	return r < 0 ? r : verb(&manager, request, answer, err);
}

int main(int argc, char **argv)
{
	bool user = argc == 3 && strcmp(argv[1], "--user") == 0;
	verb_fn *verb = argc == 2 + user ? find_verb(argv[1 + user]) : NULL;
	auto_buf struct buf answer = {};
	struct err err = {};

	if (!verb) {
		(void)fputs("usage: tare-systemd [--user] start|attach|set|stop <request\n",
			    stderr);
		return 2;
	}
	if (serve(verb, user, &answer, &err) < 0) {
		(void)printf("%s\n", err.msg);
		return 1;
	}
	if (answer.len > 0)
		(void)printf("%s\n", buf_str(&answer));
	return fflush(stdout) == 0 ? 0 : 1;
}
