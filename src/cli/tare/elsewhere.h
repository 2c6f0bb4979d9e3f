/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Verbs whose work is done by a program below libexec. Their words are known here too, for --help
 * and the shells, and are checked here; then that program gets them as they were given.
 */

#include "cli/tare/verb.h"

/* Become that program. Returns on failure only. */
int elsewhere_become(const struct call *call, struct err *err);

/* Have it do `words` (the verb and what follows; NULL-terminated) while we wait, its standard
 * output on our standard error. Returns its exit status. */
int elsewhere_run(const struct call *call, char *const *words, struct err *err);
