/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An archive as a sequence of entries: V7, ustar, PAX, GNU and star, as tar(5) and pax(1) describe
 * them. A pull parser, which knows nothing of where its bytes come from nor what becomes of them:
 *
 *	struct tar_reader reader;
 *
 *	tar_init(&reader, &input);
 *	while ((r = tar_next(&reader, &entry, err)) > 0)
 *		while ((r = tar_data(&reader, &piece, err)) > 0)
 *			pwrite(fd, piece.bytes, piece.n, piece.at);
 *	tar_done(&reader);
 *
 * What is doubtful is an error, and never skipped: two readers of one archive must not see two
 * different trees. Global PAX headers are checked and otherwise ignored, as docker and containerd
 * do; they hold comments.
 */

#include "base/err.h"
#include "layer/tar_header.h"
#include "layer/tar_pax.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* Where the bytes come from: the next piece, which is valid until the next call. Its length, 0 at
 * the end, or -errno. */
struct tar_input {
	ssize_t (*next)(void *context, const void **ret_bytes, struct err *err);
	void *context;
	/* Pass over `n` bytes that nobody wants to see: 1, 0 when there are fewer, or -errno. NULL:
	 * they are asked for like all others. */
	int (*skip)(void *context, uint64_t n, struct err *err);
};

enum tar_kind {
	TAR_FILE, TAR_DIR, TAR_SYMLINK, TAR_HARDLINK, TAR_CHAR, TAR_BLOCK_DEVICE, TAR_FIFO
};

/* Texts and attributes are valid until the next call of tar_next. Neither text is empty, or has a
 * NUL in it, or more than PATH_MAX - 1 bytes; otherwise they are as they were written: with "..",
 * absolute, or with a slash at the end. */
struct tar_entry {
	enum tar_kind kind;
	const char *path;
	const char *target;        /* of a link; NULL: it is none */
	mode_t mode;               /* 07777 */
	uint32_t uid, gid;         /* never UINT32_MAX */
	const char *uname, *gname; /* "": not said */
	uint64_t bytes;            /* of a file, with its holes */
	uint64_t stored_bytes;     /* of a file, without */
	dev_t rdev;                /* of a device */
	struct timespec mtime;
	const struct tar_xattr *xattrs;
	size_t n_xattrs;
};

/* A part of a file's contents. Between two of them, and after the last, are holes. */
struct tar_piece {
	uint64_t at;
	const void *bytes;
	size_t n;
};

struct tar_reader {
	struct tar_input input;
	const unsigned char *at;   /* what is left of the input's piece: */
	size_t left;
	uint64_t offset;           /* in the archive, of `at` */
	unsigned char block[TAR_BLOCK]; /* one that lies across two pieces */
	bool has_ended;

	struct tar_header header;  /* of the current entry */
	struct tar_pax pax;
	struct buf pax_bytes, long_path, long_target, global;
	bool is_sparse;
	uint64_t data_left, padding; /* of the current entry, in the archive */
	uint64_t data_at;            /* in the file */
	size_t extent;               /* of which this is */
	uint64_t extent_left;
};

/* `input` is copied. */
void tar_init(struct tar_reader *reader, const struct tar_input *input);
void tar_done(struct tar_reader *reader);
#define auto_tar auto_cleanup(tar_done)

/* The next entry: 1, or 0 at the end of the archive, be it marked or not. What is left of the
 * current one is skipped. -EBADMSG: this is no archive, or it is damaged or breaks off; what the
 * input returns. After an error, nothing more can be read. */
int tar_next(struct tar_reader *reader, struct tar_entry *ret, struct err *err);

/* The next part of the current entry's contents: 1, or 0 when there is no more. */
int tar_data(struct tar_reader *reader, struct tar_piece *ret, struct err *err);

/* Read on to the end of the input, whatever follows the archive. */
int tar_drain(struct tar_reader *reader, struct err *err);
