/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose namespaces a container has, its own, the host's, another container's or that of a path: the
 * words of --network, --pid, --ipc, --uts, --cgroupns and --userns.
 */

#include "engine/config.h"
#include "sys/ns.h"

#include <stddef.h>

struct sharing_row {
	char option[12];
	char words[48]; /* what may be said, with "|" between */
	unsigned short offset; /* of the word in struct config */
	unsigned char kind;    /* enum ns_kind */
};

#define SHARING_ROWS 6
extern const struct sharing_row sharing_rows[SHARING_ROWS];

/* The word in a configuration; NULL: nothing was said. */
char *sharing_word(const struct config *config, const struct sharing_row *row);
void sharing_set_word(struct config *config, const struct sharing_row *row, char *word);

/* The word of a namespace of that kind; NULL also where there is none for it. */
const char *sharing_word_of(const struct config *config, enum ns_kind kind);

/* Of "container:NAME", NAME; or NULL. */
const char *sharing_container(const char *word);

/* Of "ns:PATH", which --network knows, PATH; or NULL. */
const char *sharing_path(const char *word);

/* Is its network one that no container brought: the host's, or that of a path? */
bool sharing_has_foreign_network(const struct config *config);

/* ERR_USAGE: a word that none of the options knows; the error names the option. */
int sharing_check(const struct config *config, struct err *err);
