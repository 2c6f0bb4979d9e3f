/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacking as a line of two: one thread decompresses and watches over what that comes to, the
 * other hashes, reads the archive and makes files. Measured, that is half of the work each; a third
 * thread gains nothing, nor does io_uring. Nothing of the archive is ever in memory but what is in
 * the ring between them.
 */
#include "layer/unpack.h"

#include "image/hash.h"
#include "layer/inflate.h"
#include "layer/ring.h"
#include "layer/tar_read.h"
#include "layer/unpack_entry.h"

#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

const struct layer_limits layer_limits_default = {
	.max_bytes = (uint64_t)256 << 30,
	.max_entries = 8000000,
	.max_ratio = 200, /* text comes to 10, a file of zeros to 1000 */
	.ratio_bytes = (uint64_t)1 << 30,
	.max_depth = 256,
};

struct line {
	const struct layer_unpack *request;
	struct ring ring;
	struct inflate inflate;
	int stop_fd; /* wakes the first who waits for a download */
	struct hash *hash;
	struct layer_facts *facts;
};

/* ------------------------------------------------------------------------------- first */

static int check_size(const struct line *line, uint64_t bytes, struct err *err)
{
	const struct layer_limits *limits = &line->request->limits;
	uint64_t packed = inflate_in_bytes(&line->inflate);

	if (bytes > limits->max_bytes)
		return err_set(err, ERR_USAGE, E2BIG, "it unpacks to more than %llu bytes",
			       (unsigned long long)limits->max_bytes);
	if (bytes > limits->ratio_bytes && bytes / limits->max_ratio > packed)
		return err_set(err, ERR_USAGE, E2BIG,
			       "%llu bytes unpack to more than %u times as many",
			       (unsigned long long)packed, limits->max_ratio);
	return 0;
}

static int inflate_all(struct line *line, struct err *err)
{
	uint64_t bytes = 0;
	unsigned char *slot;

	while ((slot = ring_fill_begin(&line->ring))) {
		ssize_t n = inflate_read(&line->inflate, slot, RING_SLOT_BYTES, err);
		int r;

		if (n <= 0)
			return (int)n;
		bytes += (uint64_t)n;
		r = check_size(line, bytes, err);
		if (r < 0)
			return r;
		ring_fill_end(&line->ring, (size_t)n);
	}
	return 0;
}

static void *run_first(void *context)
{
	struct line *line = context;
	struct err err = {};
	int r = inflate_all(line, &err);

	ring_end(&line->ring, r, &err);
	return NULL;
}

/* ------------------------------------------------------------------------------- second */

static ssize_t next_piece(void *context, const void **ret_bytes, struct err *err)
{
	struct line *line = context;
	ssize_t n = ring_take(&line->ring, ret_bytes, err);

	if (n > 0) {
		hash_add(line->hash, *ret_bytes, (size_t)n);
		line->facts->tar_bytes += (uint64_t)n;
	}
	return n;
}

static int unpack_entries(struct line *line, struct tar_reader *reader, struct unpack_tree *tree,
			  struct err *err)
{
	uint64_t max = line->request->limits.max_entries;
	struct tar_entry entry;
	int r;

	while ((r = tar_next(reader, &entry, err)) > 0) {
		if (++line->facts->entries > max)
			return err_set(err, ERR_USAGE, E2BIG, "it has more than %llu entries",
				       (unsigned long long)max);
		r = unpack_entry(tree, reader, &entry, err);
		if (r < 0)
			return r;
	}
	if (r == 0)
		r = tar_drain(reader, err);
	return r < 0 ? r : unpack_tree_finish(tree, err);
}

static void fill_facts(const struct unpack_tree *tree, struct layer_facts *facts)
{
	facts->file_bytes = tree->file_bytes;
	facts->left_out = tree->left_out.n;
	facts->max_id = tree->max_id;
	memcpy(facts->max_id_path, tree->max_id_path, sizeof(facts->max_id_path));
}

static int run_second(struct line *line, struct err *err)
{
	const struct tar_input input = { next_piece, line };
	struct unpack_tree tree;
	struct tar_reader reader;
	int r;

	tar_init(&reader, &input);
	r = unpack_tree_init(&tree, line->request, err);
	if (r == 0)
		r = unpack_entries(line, &reader, &tree, err);
	if (r == 0)
		fill_facts(&tree, line->facts);
	unpack_tree_done(&tree);
	tar_done(&reader);
	return r;
}

/* ------------------------------------------------------------------------------- both */

static int run_both(struct line *line, struct err *err)
{
	mode_t mask = umask(0);
	pthread_t first;
	int r = pthread_create(&first, NULL, run_first, line);

	if (r > 0) {
		(void)umask(mask);
		return err_sys(err, r, "start a thread");
	}
	r = run_second(line, err);
	(void)umask(mask);
	ring_cancel(&line->ring);
	(void)eventfd_write(line->stop_fd, 1);
	(void)pthread_join(first, NULL);
	return r;
}

int layer_unpack_here(const struct layer_unpack *request, struct layer_facts *ret,
		      struct err *err)
{
	auto_close int stop_fd = eventfd(0, EFD_CLOEXEC);
	auto_hash struct hash *hash = hash_new(DIGEST_SHA256);
	struct layer_facts facts = {};
	struct line line = {
		.request = request, .stop_fd = stop_fd, .hash = hash, .facts = &facts,
	};
	int r;

	if (stop_fd < 0)
		return err_sys(err, errno, "make an event");
	ring_init(&line.ring);
	inflate_init(&line.inflate, &request->source, stop_fd);
	r = run_both(&line, err);
	inflate_done(&line.inflate);
	ring_done(&line.ring);
	if (r < 0)
		return r;
	hash_digest(hash, &facts.diff_id);
	r = measure_dir(request->root_fd, &facts.seen);
	if (r < 0)
		return err_sys(err, -r, "look through what was unpacked");
	*ret = facts;
	return 0;
}
