/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What became of a container: status.json, written by its monitor when it has started and when it
 * has ended, each time whole.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum status_kind { STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_EXITED, STATUS_KIND_MAX_ };

/* "running" */
const char *status_name(enum status_kind kind);

struct status {
	enum status_kind kind;
	int32_t host_pid;     /* of the first process; 0 when it is gone */
	int32_t exit_code;    /* 0..255, 128+n for signal n */
	uint32_t oom_kills;   /* processes that the kernel killed for lack of memory */
	char *started, *finished; /* RFC 3339, or NULL */
	char *error;          /* why it did not start or was killed, or what became of its monitor;
			       * NULL */
};

/* How a container ended, as whoever attended it is told. */
struct ending {
	int exit_code;
	uint32_t oom_kills;
};

/* The exit code of one that could not be started: 127 and 126 for its program, else 125. */
int status_of_failure(const struct err *failure);

int status_parse(const char *json, size_t len, struct arena *arena, struct status **ret_status,
		 struct err *err);
void status_format(const struct status *status, struct buf *out);
