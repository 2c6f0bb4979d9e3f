/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A block of 512 bytes that stands before each member of an archive: V7, POSIX ustar, GNU and star.
 * tar(5), pax(1) "ustar Interchange Format". Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAR_BLOCK ((size_t)512)

/* Who wrote it, as its magic says: what lies behind the names of the owner depends on it. */
enum tar_format { TAR_V7, TAR_USTAR, TAR_GNU, TAR_STAR };

struct tar_header {
	enum tar_format format;
	char type;                   /* '0', 'L', 'x' ...; '\0' is an old '0' */
	char path[155 + 1 + 100 + 1];
	char target[100 + 1];        /* of a link */
	char uname[32 + 1], gname[32 + 1];
	int64_t mode, uid, gid;
	int64_t bytes;               /* of what follows the header; >= 0 */
	int64_t mtime;
	int64_t major, minor;        /* of a device; else 0 */
};

/* 0, or -EBADMSG; *ret_reason says why. */
int tar_header_parse(const unsigned char block[TAR_BLOCK], struct tar_header *ret,
		     const char **ret_reason);

/* Nothing but zeros, as at the end of an archive. */
bool tar_block_is_zero(const unsigned char block[TAR_BLOCK]);

/* A numeric field: octal digits, or base 256 where a number does not fit. 0, or -EBADMSG. */
int tar_number(const unsigned char *field, size_t n, int64_t *ret);
