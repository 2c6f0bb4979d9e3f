/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The side of the systemd driver that lives in the runtime: it writes a request, executes the
 * helper that speaks D-Bus, and reads its answer. The request is a file in memory, so that neither
 * can wait for the other while it is handed over.
 */
#include "rt/cg_systemd.h"

#include "base/cleanup.h"
#include "base/libexec.h"
#include "oci/schema.h"
#include "sys/clone.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define ANSWER_MAX 4096

static const char annotation_prefix[] = "org.systemd.property.";

extern char **environ;

/* ---------------------------------------------------------------------------- the request */

#define FIELD(member, json, kind, ...)                                                  \
	{ json, SCHEMA_##kind, __VA_ARGS__, offsetof(struct cg_systemd_request, member) }

static const struct schema_field request_fields[] = {
	FIELD(unit, "unit", STRING, SCHEMA_REQUIRED | SCHEMA_NONEMPTY),
	FIELD(slice, "slice", STRING, 0),
	FIELD(description, "description", STRING, 0),
	FIELD(host_pid, "pid", U32, 0),
	FIELD(unified, "unified", BOOL, 0),
	FIELD(properties, "properties", PAIRS, 0),
	{ "resources", SCHEMA_OBJECT, 0, offsetof(struct cg_systemd_request, resources),
	  .sub = &oci_resources_schema },
};
static const struct schema request_schema = SCHEMA(struct cg_systemd_request, request_fields);

int cg_systemd_request_parse(const char *json, size_t len, struct arena *arena,
			     struct cg_systemd_request **ret, struct err *err)
{
	return schema_parse(&request_schema, json, len, arena, (void **)ret, err);
}

void cg_systemd_request_format(const struct cg_systemd_request *request, struct buf *out)
{
	schema_format(&request_schema, request, out);
}

/* ----------------------------------------------------------------------------- the helper */

static int request_file(const struct cg_systemd_request *request, int *ret_fd, struct err *err)
{
	auto_close int fd = memfd_create("tare-systemd request", MFD_CLOEXEC);
	auto_buf struct buf json = {};
	int r;

	if (fd < 0)
		return err_sys(err, errno, "make a file in memory");
	cg_systemd_request_format(request, &json);
	r = buf_write_fd(&json, fd, "the request to tare-systemd", err);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, errno, "rewind the request to tare-systemd");
	*ret_fd = take_fd(&fd);
	return 0;
}

static int spawn_helper(const char *verb, bool user, int in_fd, int out_fd, pid_t *ret_pid,
			struct err *err)
{
	char *args[] = { (char *)"tare-systemd", (char *)(user ? "--user" : verb),
			 (char *)(user ? verb : NULL), NULL };
	auto_buf struct buf path = {};
	posix_spawn_file_actions_t actions;
	int r;

	libexec_path("tare-systemd", &path);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	r = posix_spawn(ret_pid, buf_str(&path), &actions, NULL, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r == ENOENT)
		return err_set(err, ERR_SYSTEM, ENOENT,
			       "the systemd cgroup driver was asked for, but '%s' is not installed",
			       buf_str(&path));
	return r != 0 ? err_sys(err, r, "run '%s'", buf_str(&path)) : 0;
}

static int judge(int status, struct buf *answer, struct err *err)
{
	if (answer->len > 0 && answer->data[answer->len - 1] == '\n')
		answer->data[--answer->len] = '\0';
	if (status == 0)
		return 0;
	if (answer->len > 0)
		return err_set(err, ERR_SYSTEM, EIO, "%s", buf_str(answer));
	return err_set(err, ERR_SYSTEM, EIO, "tare-systemd ended with %s %d and said nothing",
		       status > 0 && WIFSIGNALED(status) ? "signal" : "status",
		       status > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static int ask(const char *verb, bool user, const struct cg_systemd_request *request,
	       struct buf *ret_answer, struct err *err)
{
	auto_close int in_fd = -1, read_fd = -1, write_fd = -1;
	int fds[2], r, status;
	pid_t pid;

	r = request_file(request, &in_fd, err);
	if (r < 0)
		return r;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	read_fd = fds[0];
	write_fd = fds[1];
	r = spawn_helper(verb, user, in_fd, write_fd, &pid, err);
	if (r < 0)
		return r;
	(void)close(take_fd(&write_fd));
	r = buf_read_fd(ret_answer, read_fd, ANSWER_MAX, "the answer of tare-systemd", err);
	(void)close(take_fd(&read_fd));
	status = clone_wait(pid);
	return r < 0 ? r : judge(status, ret_answer, err);
}

/* ---------------------------------------------------------------------------------- doing */

static void collect_properties(const struct oci_pairs *annotations, struct arena *arena,
			       struct oci_pairs *ret)
{
	if (!annotations || annotations->n == 0)
		return;
	ret->v = arena_array(arena, struct oci_pair, annotations->n);
	for (size_t i = 0; i < annotations->n; i++) {
		const struct oci_pair *pair = &annotations->v[i];

		if (strncmp(pair->key, annotation_prefix, strlen(annotation_prefix)) == 0)
			ret->v[ret->n++] = (struct oci_pair){
				pair->key + strlen(annotation_prefix), pair->value
			};
	}
}

int cg_systemd_start(const struct cg_systemd_scope *scope, const struct cg_systemd_start *start,
		     struct buf *ret_path, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf answer = {};
	struct cg_systemd_request request = {
		.unit = (char *)scope->unit,
		.slice = (char *)scope->slice,
		.description = arena_printf(&arena, "container %s", start->id),
		.host_pid = (uint32_t)start->host_pid,
		.unified = start->unified,
		.resources = (struct oci_resources *)start->resources,
	};
	int r;

	collect_properties(start->annotations, &arena, &request.properties);
	r = ask("start", scope->user, &request, &answer, err);
	if (r < 0)
		return r;
	if (buf_str(&answer)[0] != '/' || strstr(buf_str(&answer), "/../"))
		return err_set(err, ERR_SYSTEM, EPROTO,
			       "tare-systemd answered '%.128s', which is no control group",
			       buf_str(&answer));
	buf_puts(ret_path, buf_str(&answer));
	return 0;
}

int cg_systemd_attach(const struct cg_systemd_scope *scope, pid_t host_pid, struct err *err)
{
	const struct cg_systemd_request request = { .unit = (char *)scope->unit,
						    .host_pid = (uint32_t)host_pid };
	auto_buf struct buf answer = {};

	return ask("attach", scope->user, &request, &answer, err);
}

int cg_systemd_update(const struct cg_systemd_scope *scope, bool unified,
		      const struct oci_resources *resources, struct err *err)
{
	const struct cg_systemd_request request = {
		.unit = (char *)scope->unit,
		.unified = unified,
		.resources = (struct oci_resources *)resources,
	};
	auto_buf struct buf answer = {};

	return ask("set", scope->user, &request, &answer, err);
}

int cg_systemd_stop(const struct cg_systemd_scope *scope, struct err *err)
{
	const struct cg_systemd_request request = { .unit = (char *)scope->unit };
	auto_buf struct buf answer = {};

	return ask("stop", scope->user, &request, &answer, err);
}
