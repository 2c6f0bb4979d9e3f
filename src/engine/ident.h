/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What containers are called: an id that is nobody else's, and a name that people can say. */

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

#define IDENT_ID_LEN    64 /* hexadecimal digits */
#define IDENT_SHORT_LEN 12 /* as many as people are shown */

/* 256 random bits. */
int ident_new_id(char ret_id[IDENT_ID_LEN + 1], struct err *err);

/* "brave_otter", chosen by the id; `attempt` > 0 adds a number, for when that is taken. */
char *ident_new_name(const char *id, unsigned attempt, struct arena *arena);

/* Could it be an id, or the beginning of one? */
bool ident_is_id(const char *word);

/* [A-Za-z0-9][A-Za-z0-9_.-]{0,127}; ERR_USAGE. */
int ident_check_name(const char *name, struct err *err);
