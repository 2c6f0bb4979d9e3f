/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetches blobs into files. A fetch knows how much of the blob the file's beginning has (bytes) and
 * the hash of it, and asks for the rest; whenever that turns out to be wrong (the server ignores
 * the range, has another one, or the digest differs at the end) the file begins anew. What was
 * written before by somebody else is believed only as long as the digest agrees in the end, and
 * such a failure is no fault of the server's.
 *
 * What comes is gathered to larger pieces: libcurl hands on 16 KB at a time, and each piece costs a
 * write, a message to whoever unpacks, and its waking up. None waits longer than a moment, unless
 * nothing comes at all.
 *
 * Sources are asked in turn: the mirrors, the registry, and then the addresses that the descriptor
 * of a foreign layer names, by https and as nobody.
 */
#include "registry/work.h"

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/num.h"
#include "image/hash.h"
#include "registry/answer.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <sys/stat.h>

#define CHUNK_BYTES  ((size_t)128 << 10)
#define PIECE_BYTES  ((size_t)256 << 10)
#define PIECE_MS     100
#define MAX_RESTARTS 3
#define CHANCE_BYTES ((uint64_t)64 << 10) /* that many more, and the line is worth a new attempt */

struct fetch {
	struct work work;
	struct registry *registry;
	struct registry_fetch *what;
	const struct endpoints *endpoints;
	size_t source;       /* the endpoint, or behind these a url, that is asked */
	struct hash *hash;   /* of the file's first what->bytes */
	struct buf piece;    /* what follows them, and is not in the file yet */
	int64_t piece_ms;    /* when the one before was written */
	bool has_old;        /* some of these were there before */
	char *etag;          /* of the source's answer; NULL: not said */
	uint64_t bytes_then; /* when the call was started */
	struct err err;      /* why it was ended in the midst of an answer */
};

static int tell(const struct fetch *f, struct err *err)
{
	if (!f->what->progress || f->what->progress(f->what))
		return 0;
	return err_set(err, ERR_SYSTEM, ECANCELED, "interrupted");
}

/* ------------------------------------------------------------------------------ the file */

/* Nothing of it is worth anything. */
static int restart(struct fetch *f, struct err *err)
{
	if (ftruncate(f->what->fd, 0) < 0)
		return err_sys(err, errno, "truncate");
	hash_free(f->hash);
	f->hash = hash_new(digest_algorithm(&f->what->what->digest));
	f->piece.len = 0;
	f->what->bytes = 0;
	f->what->restarts++;
	f->has_old = false;
	return tell(f, err);
}

/* Hash what is there already. */
static int take_up(struct fetch *f, uint64_t size, struct err *err)
{
	auto_free char *chunk = malloc(CHUNK_BYTES);

	if (!chunk)
		return err_set(err, ERR_SYSTEM, ENOMEM, "out of memory");
	while (f->what->bytes < size) {
		ssize_t n = pread(f->what->fd, chunk, CHUNK_BYTES, (off_t)f->what->bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "read");
		if (n == 0)
			break;
		hash_add(f->hash, chunk, (size_t)n);
		f->what->bytes += (uint64_t)n;
	}
	f->has_old = f->what->bytes > 0;
	return 0;
}

static int write_piece(struct fetch *f, struct err *err)
{
	size_t n = f->piece.len;
	int r = io_write_at(f->what->fd, f->piece.data, n, (off_t)f->what->bytes);

	f->piece.len = 0;
	f->piece_ms = clock_ms();
	if (r < 0)
		return err_sys(err, -r, "write");
	if (n == 0)
		return 0;
	hash_add(f->hash, f->piece.data, n);
	/* On its way to the disk, which will be waited for in the end. */
	(void)sync_file_range(f->what->fd, (off_t)f->what->bytes, (off_t)n, SYNC_FILE_RANGE_WRITE);
	f->what->bytes += n;
	return tell(f, err);
}

/* ------------------------------------------------------------------------------ the answer */

static void refuse_size(struct fetch *f, uint64_t said)
{
	(void)err_set(&f->err, ERR_SYSTEM, EBADMSG,
		      "the registry sends %llu bytes, where the manifest says %lld",
		      (unsigned long long)said, (long long)f->what->what->size);
}

/* The length that is announced must lead to the blob's end, and not beyond. */
static void check_length(struct fetch *f)
{
	const char *header = transfer_find(&f->work.call.transfer, "Content-Length", 0);
	uint64_t length;

	if (header && num_parse_u64(header, &length) == 0 &&
	    f->what->bytes + length != (uint64_t)f->what->what->size)
		refuse_size(f, f->what->bytes + length);
}

/* 206 must be the range that was asked for. */
static bool is_our_range(const struct fetch *f)
{
	const char *header = transfer_find(&f->work.call.transfer, "Content-Range", 0);
	struct answer_range range;

	return header && answer_range(header, &range) && range.first == f->what->bytes &&
	       (range.total < 0 || range.total == f->what->what->size) &&
	       range.last < (uint64_t)f->what->what->size;
}

static void keep_etag(struct fetch *f)
{
	const char *etag = transfer_find(&f->work.call.transfer, "ETag", 0);

	/* A weak one does not promise the same bytes. */
	f->etag = etag && *etag == '"' ? arena_strdup(&f->work.call.arena, etag) : NULL;
}

static bool has_begun(struct transfer *transfer)
{
	struct fetch *f = transfer->data;

	if (transfer->status != 200 && transfer->status != 206)
		return false;
	if (transfer->status == 206 && (f->what->bytes == 0 || !is_our_range(f)))
		(void)err_set(&f->err, ERR_SYSTEM, ERANGE, "the registry sends another range");
	else if (transfer->status == 206 || f->what->bytes == 0 || restart(f, &f->err) == 0)
		check_length(f);
	keep_etag(f);
	return true;
}

static bool take(struct transfer *transfer, const char *bytes, size_t n)
{
	struct fetch *f = transfer->data;
	uint64_t said = f->what->bytes + f->piece.len + n;

	if (f->err.no)
		return false;
	if (said > (uint64_t)f->what->what->size) {
		refuse_size(f, said);
		return false;
	}
	buf_add(&f->piece, bytes, n);
	if (f->piece.len < PIECE_BYTES && clock_ms() < f->piece_ms + PIECE_MS)
		return true;
	return write_piece(f, &f->err) == 0;
}

/* ------------------------------------------------------------------------------ the request */

static bool has_grown(const struct fetch *f)
{
	return f->what->bytes >= f->bytes_then + CHANCE_BYTES;
}

static void ask_for_rest(struct call *call)
{
	struct fetch *f = (struct fetch *)call; /* its first member's first member */
	char range[40];

	f->err = (struct err){};
	(void)write_piece(f, &f->err);
	if (has_grown(f))
		call->attempts = 0;
	f->bytes_then = f->what->bytes;
	if (f->what->bytes == 0)
		return;
	(void)snprintf(range, sizeof(range), "bytes=%llu-", (unsigned long long)f->what->bytes);
	transfer_header(&call->transfer, "Range", range);
	if (f->etag)
		transfer_header(&call->transfer, "If-Range", f->etag);
}

static bool has_source(const struct fetch *f)
{
	return f->source < f->endpoints->n + f->what->what->urls.n;
}

static void ready(struct fetch *f, struct host *host)
{
	struct call *call = &f->work.call;
	struct arena arena = call->arena;

	transfer_done(f->registry->http, &call->transfer);
	call_init(call, f->registry, host);
	call->arena = arena;
	call->prepare = ask_for_rest;
	call->transfer.has_begun = has_begun;
	call->transfer.take = take;
	f->etag = NULL;
}

static int ask_endpoint(struct fetch *f, struct err *err)
{
	const struct endpoint *endpoint = &f->endpoints->v[f->source];
	struct call *call = &f->work.call;
	struct host *host;
	int r = registry_host(f->registry, endpoint, &host, err);

	if (r < 0)
		return r;
	if (host->is_down && endpoint->is_mirror) {
		f->source++;
		return ask_endpoint(f, err);
	}
	ready(f, host);
	call->path = endpoint->path;
	call->scope = arena_printf(&call->arena, "repository:%s:pull", endpoint->path);
	call->max_attempts = endpoint->is_mirror ? 1 : 0;
	call_reset(call, HTTP_GET, arena_printf(&call->arena, "/v2/%s/blobs/%s", endpoint->path,
						f->what->what->digest.text));
	return 1;
}

/* 1: the call is set up. */
static int ask_source(struct fetch *f, struct err *err)
{
	const char *url;

	if (f->source < f->endpoints->n)
		return ask_endpoint(f, err);
	url = f->what->what->urls.v[f->source - f->endpoints->n];
	if (strncasecmp(url, "https://", 8) != 0)
		return err_set(err, ERR_SYSTEM, EPROTO,
			       "the layer is to be had at '%.200s', which is not encrypted", url);
	ready(f, NULL);
	call_reset(&f->work.call, HTTP_GET, url);
	return 1;
}

/* ------------------------------------------------------------------------------ the end */

/* All bytes are there: are they the blob? 0: yes. 1: anew, since some of them were old. */
static int finish(struct fetch *f, struct err *err)
{
	const struct digest *wanted = &f->what->what->digest;
	bool had_old = f->has_old;
	struct digest got;
	int r;

	hash_digest(f->hash, &got);
	if (digest_is_equal(&got, wanted)) {
		f->what->is_whole = true;
		return 0;
	}
	r = restart(f, err);
	if (r < 0)
		return r;
	if (had_old)
		return 1;
	return err_set(err, ERR_SYSTEM, EBADMSG, "what came has the digest %s", got.text);
}

static int begin(struct work *work, struct err *err)
{
	struct fetch *f = (struct fetch *)work;
	uint64_t size = (uint64_t)f->what->what->size;
	struct stat st;
	int r = 0;

	if (fstat(f->what->fd, &st) < 0)
		return err_sys(err, errno, "stat");
	f->hash = hash_new(digest_algorithm(&f->what->what->digest));
	if ((uint64_t)st.st_size > size)
		r = restart(f, err);
	else
		r = take_up(f, (uint64_t)st.st_size, err);
	if (r == 0 && f->what->bytes > 0)
		r = tell(f, err);
	if (r == 0 && f->what->bytes == size) {
		r = finish(f, err);
		if (r <= 0)
			return r;
	}
	return r < 0 ? r : ask_source(f, err);
}

static int at_source(const struct fetch *f, struct err *err)
{
	const char *url = f->work.call.url;

	return err_wrap(err, "%.*s", transfer_url_length(url), url);
}

/* The source can't be used. Is there another? */
static int next_source(struct fetch *f, struct err *err)
{
	log_debug("blob %s: %s", f->what->what->digest.text, err->msg);
	f->source++;
	return has_source(f) ? ask_source(f, err) : -err->no;
}

/* From the beginning, at the same source; but not for ever. */
static int anew(struct fetch *f, struct err *err)
{
	if (f->what->restarts > MAX_RESTARTS)
		return next_source(f, err);
	return ask_source(f, err);
}

static int answered(struct fetch *f, struct err *err)
{
	int status = f->work.call.transfer.status, r;

	if (status == 416 && f->what->bytes > 0) {
		r = restart(f, err);
		return r < 0 ? r : anew(f, err);
	}
	if (status != 200 && status != 206) {
		(void)call_refuse(&f->work.call, err);
		return next_source(f, err);
	}
	if (f->what->bytes < (uint64_t)f->what->what->size) {
		(void)err_set(err, ERR_SYSTEM, EBADMSG, "it ends after %llu of %lld bytes",
			      (unsigned long long)f->what->bytes,
			      (long long)f->what->what->size);
		(void)at_source(f, err);
		return next_source(f, err);
	}
	r = finish(f, err);
	if (r == 1)
		return anew(f, err);
	if (r == -EBADMSG)
		(void)at_source(f, err);
	return r == -EBADMSG ? next_source(f, err) : r;
}

/* We ended it ourselves, in the midst of an answer. */
static int ended(struct fetch *f, struct err *err)
{
	int r;

	*err = f->err;
	(void)at_source(f, err);
	if (err->no == EBADMSG)
		return next_source(f, err);
	if (err->no != ERANGE)
		return -err->no;
	r = restart(f, err);
	return r < 0 ? r : anew(f, err);
}

static int step(struct work *work, int outcome, struct err *err)
{
	struct fetch *f = (struct fetch *)work;
	struct err late = {};

	if (write_piece(f, &late) < 0 && !f->err.no)
		f->err = late;
	if (f->err.no)
		return ended(f, err);
	if (outcome == 0)
		return answered(f, err);
	return has_grown(f) ? ask_source(f, err) : next_source(f, err);
}

/* ------------------------------------------------------------------------------ the door */

int registry_fetch_all(struct registry *registry, const struct reference *reference,
		       struct registry_fetch *fetches, size_t n, struct err *err)
{
	auto_arena struct arena arena = {};
	struct fetch *all = arena_array(&arena, struct fetch, n);
	struct work **work = arena_array(&arena, struct work *, n);
	struct endpoints endpoints;
	int r = registry_config_endpoints(&registry->config, reference, true, &arena, &endpoints,
					  err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		fetches[i].bytes = 0;
		fetches[i].restarts = 0;
		fetches[i].is_whole = false;
		all[i] = (struct fetch){ .registry = registry, .what = &fetches[i],
					 .endpoints = &endpoints,
					 .work = { .begin = begin, .step = step } };
		work[i] = &all[i].work;
	}
	r = work_all(registry, work, n, err);
	for (size_t i = 0; i < n; i++) {
		struct err ignored;

		(void)write_piece(&all[i], &ignored); /* of what was ended, to be gone on from */
		hash_free(all[i].hash);
		buf_done(&all[i].piece);
		arena_done(&all[i].work.call.arena);
	}
	return r;
}

int registry_get_blob(struct registry *registry, const struct reference *reference,
		      const struct descriptor *what, size_t max_bytes, struct arena *arena,
		      char **ret, struct err *err)
{
	auto_close int fd = memfd_create("blob", MFD_CLOEXEC);
	struct registry_fetch fetch = { .what = what, .fd = fd };
	auto_buf struct buf text = {};
	int r;

	if (fd < 0)
		return err_sys(err, errno, "memfd_create");
	if (what->size < 0 || (uint64_t)what->size > max_bytes)
		return err_set(err, ERR_SYSTEM, EFBIG, "%s has %lld bytes; %zu are allowed",
			       what->digest.text, (long long)what->size, max_bytes);
	r = registry_fetch_all(registry, reference, &fetch, 1, err);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = err_sys(err, errno, "lseek");
	if (r == 0)
		r = buf_read_fd(&text, fd, max_bytes, "the blob", err);
	if (r == 0)
		*ret = arena_strndup(arena, buf_str(&text), text.len);
	return r;
}
