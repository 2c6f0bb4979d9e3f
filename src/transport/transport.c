/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of transports, and what is the same for all of them: which one a text means, how a
 * blob is found and verified, how one is put. Where a blob lies is told by its digest, unless the
 * transport has noted another place.
 */
#include "transport/transport.h"

#include "base/num.h"
#include "image/hash.h"
#include "image/reference.h"
#include "transport/driver.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which a path is tried: what docker writes may be a layout as well. */
static const struct transport {
	const char *name;
	const struct transport_driver *driver;
	bool is_archive, has_ref;
} transports[] = {
	{ "docker-archive", &docker_driver, true, true },
	{ "oci-archive", &layout_driver, true, true },
	{ "oci", &layout_driver, false, true },
	{ "dir", &dir_driver, false, false },
};

#define N_TRANSPORTS (sizeof(transports) / sizeof(transports[0]))

/* *ret_rest: what follows its name. NULL: it begins with none. */
static const struct transport *find_transport(const char *text, const char **ret_rest)
{
	for (size_t i = 0; i < N_TRANSPORTS; i++) {
		size_t len = strlen(transports[i].name);

		if (strncmp(text, transports[i].name, len) != 0 || text[len] != ':')
			continue;
		*ret_rest = text + len + 1;
		return &transports[i];
	}
	return NULL;
}

bool transport_is_named(const char *text)
{
	const char *rest;

	return find_transport(text, &rest) != NULL;
}

/* PATH[:REF] */
static int split(const struct transport *transport, const char *rest, struct arena *arena,
		 char **ret_path, char **ret_wanted)
{
	size_t len = transport->has_ref ? strcspn(rest, ":") : strlen(rest);

	*ret_path = arena_strndup(arena, rest, len);
	*ret_wanted = rest[len] && rest[len + 1] ? arena_strdup(arena, rest + len + 1) : NULL;
	return len > 0 ? 0 : -EINVAL;
}

static int refuse_text(const char *text, struct err *err)
{
	return err_set(err, ERR_USAGE, EINVAL, "'%.200s' names no place: a path must follow", text);
}

/* ------------------------------------------------------------------------------- names */

bool transport_is_same_name(const char *a, const char *b)
{
	auto_arena struct arena arena = {};
	struct reference left, right;
	struct err ignored = {};

	if (strcmp(a, b) == 0)
		return true;
	if (reference_parse(a, &arena, &left, &ignored) < 0 ||
	    reference_parse(b, &arena, &right, &ignored) < 0)
		return false;
	reference_default(&left, &arena);
	reference_default(&right, &arena);
	return strcmp(reference_format(&left, &arena), reference_format(&right, &arena)) == 0;
}

bool transport_wants(const struct transport_source *source, const struct oci_strings *names,
		     size_t place)
{
	uint64_t wanted_place;

	if (!source->wanted)
		return true;
	if (source->wanted[0] == '@')
		return num_parse_u64(source->wanted + 1, &wanted_place) == 0 &&
		       wanted_place == place;
	for (size_t i = 0; i < names->n; i++)
		if (transport_is_same_name(names->v[i], source->wanted))
			return true;
	return false;
}

void transport_add_name(struct oci_strings *names, const char *name, struct arena *arena)
{
	char **v = arena_array(arena, char *, names->n + 2);

	if (names->n)
		memcpy(v, names->v, names->n * sizeof(*v));
	v[names->n] = arena_strdup(arena, name);
	names->v = v;
	names->n++;
}

/* ------------------------------------------------------------------------------- source */

void transport_close(struct transport_source *source)
{
	if (!source)
		return;
	tree_done(&source->tree);
	closep(&source->made_fd);
	buf_done(&source->images);
	buf_done(&source->placed);
	arena_done(&source->arena);
	free(source);
}

void transport_add_image(struct transport_source *source, const struct transport_image *image)
{
	buf_add(&source->images, image, sizeof(*image));
}

void transport_place(struct transport_source *source, const struct placed_blob *blob)
{
	buf_add(&source->placed, blob, sizeof(*blob));
}

const struct transport_image *transport_images(const struct transport_source *source,
					       size_t *ret_n)
{
	*ret_n = source->images.len / sizeof(struct transport_image);
	return (const void *)source->images.data;
}

/* Of a path of which nothing else was said. */
static int recognize(struct transport_source *source, struct err *err)
{
	for (size_t i = 0; i < N_TRANSPORTS && !source->driver; i++)
		if (transports[i].driver->is_it(&source->tree))
			source->driver = transports[i].driver;
	if (source->driver)
		return 0;
	return err_set(err, ERR_USAGE, EBADMSG, "it holds no images: it has neither a "
		       "manifest.json nor an index.json");
}

static int list(struct transport_source *source, struct err *err)
{
	int r = source->driver ? 0 : recognize(source, err);

	if (r == 0)
		r = source->driver->list(source, err);
	if (r < 0 || source->images.len > 0)
		return r;
	if (source->wanted)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no image '%.200s' in it",
			       source->wanted);
	return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no image in it");
}

int transport_open(const char *text, const char *tmp_dir, struct transport_source **ret,
		   struct err *err)
{
	auto_transport_source struct transport_source *source = calloc(1, sizeof(*source));
	const struct transport *transport;
	const char *rest = text;
	int r;

	if (!source)
		return err_sys(err, ENOMEM, "open '%s'", text);
	source->tree = (struct tree)TREE_NONE;
	source->made_fd = -1;
	transport = find_transport(text, &rest);
	if (transport) {
		source->driver = transport->driver;
		if (split(transport, rest, &source->arena, &source->path, &source->wanted) < 0)
			return refuse_text(text, err);
	} else {
		source->path = arena_strdup(&source->arena, text);
	}
	r = tree_open(source->path, tmp_dir, &source->tree, err);
	if (r < 0)
		return r;
	r = list(source, err);
	if (r < 0)
		return err_wrap(err, "'%s'", source->path);
	*ret = take_ptr(source);
	return 0;
}

/* ------------------------------------------------------------------------------- blobs */

static const struct placed_blob *find_placed(const struct transport_source *source,
					     const struct digest *digest)
{
	const struct placed_blob *placed = (const void *)source->placed.data;

	for (size_t i = 0; i < source->placed.len / sizeof(*placed); i++)
		if (digest_is_equal(&placed[i].digest, digest))
			return &placed[i];
	return NULL;
}

static int find(const struct transport_source *source, const struct descriptor *what,
		struct extent *ret, struct err *err)
{
	const struct placed_blob *placed = find_placed(source, &what->digest);
	auto_buf struct buf name = {};
	int fd;

	if (placed && placed->name)
		return tree_find(&source->tree, placed->name, ret, err);
	if (!placed) {
		source->driver->name_blob(what, &name);
		return tree_find(&source->tree, name.data, ret, err);
	}
	fd = fcntl(source->made_fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return err_sys(err, errno, "duplicate a descriptor");
	*ret = (struct extent){ fd, placed->at, placed->bytes };
	return 0;
}

static int wrap(const struct transport_source *source, const struct descriptor *what,
		struct err *err)
{
	return err_wrap(err, "'%s': blob '%s'", source->path, what->digest.text);
}

int transport_find_blob(const struct transport_source *source, const struct descriptor *what,
			struct extent *ret, struct err *err)
{
	auto_extent struct extent extent = EXTENT_NONE;
	int r = find(source, what, &extent, err);

	if (r == 0 && extent.bytes != (uint64_t)what->size)
		r = err_set(err, ERR_USAGE, EBADMSG,
			    "it has %" PRIu64 " bytes, and should have %" PRId64, extent.bytes,
			    what->size);
	if (r < 0)
		return wrap(source, what, err);
	*ret = extent;
	extent.fd = -1;
	return 0;
}

int transport_copy_blob(const struct transport_source *source, const struct descriptor *what,
			int to_fd, struct err *err)
{
	auto_extent struct extent extent = EXTENT_NONE;
	int r = transport_find_blob(source, what, &extent, err);

	if (r < 0)
		return r;
	r = extent_copy(&extent, &what->digest, to_fd, err);
	return r < 0 ? wrap(source, what, err) : 0;
}

int transport_read_blob(const struct transport_source *source, const struct descriptor *what,
			size_t max_bytes, struct buf *ret, struct err *err)
{
	auto_extent struct extent extent = EXTENT_NONE;
	int r = transport_find_blob(source, what, &extent, err);

	if (r < 0)
		return r;
	r = extent_read(&extent, &what->digest, max_bytes, ret, err);
	return r < 0 ? wrap(source, what, err) : 0;
}

/* ------------------------------------------------------------------------------- target */

void transport_abandon(struct transport_target *target)
{
	if (!target)
		return;
	output_done(&target->output);
	buf_done(&target->images);
	buf_done(&target->adapted);
	arena_done(&target->arena);
	free(target);
}

const struct put_image *transport_put_images(const struct transport_target *target, size_t *ret_n)
{
	*ret_n = target->images.len / sizeof(struct put_image);
	return (const void *)target->images.data;
}

int transport_create(const char *text, struct transport_target **ret, struct err *err)
{
	auto_transport_target struct transport_target *target = calloc(1, sizeof(*target));
	const struct transport *transport;
	const char *rest = text;
	int r;

	if (!target)
		return err_sys(err, ENOMEM, "make '%s'", text);
	target->output = (struct output)OUTPUT_NONE;
	transport = find_transport(text, &rest);
	if (!transport)
		return err_set(err, ERR_USAGE, EINVAL, "'%.200s' does not begin with oci:, dir:, "
			       "oci-archive: or docker-archive:", text);
	target->driver = transport->driver;
	if (split(transport, rest, &target->arena, &target->path, &target->wanted) < 0)
		return refuse_text(text, err);
	r = output_open(target->path, transport->is_archive, &target->output, err);
	if (r < 0)
		return r;
	*ret = take_ptr(target);
	return 0;
}

int transport_put_blob(struct transport_target *target, const struct descriptor *what,
		       const struct extent *from, struct err *err)
{
	auto_buf struct buf name = {};
	int r;

	target->driver->name_blob(what, &name);
	if (output_has(&target->output, name.data))
		return 0;
	r = output_copy(&target->output, name.data, from, &what->digest, err);
	return r < 0 ? err_wrap(err, "'%s': blob '%s'", target->path, what->digest.text) : 0;
}

static int check_place(const struct transport_target *target, const struct manifest *manifest,
		       bool is_part, struct err *err)
{
	unsigned flags = target->driver->flags;
	bool is_second = !is_part && target->images.len > 0;

	if ((flags & TRANSPORT_NO_INDEX) && (is_part || manifest->kind == MANIFEST_INDEX))
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "'%s': it has no place for an image of several platforms",
			       target->path);
	if (is_second && ((flags & TRANSPORT_ONE_IMAGE) || target->wanted))
		return err_set(err, ERR_USAGE, ENOTSUP, "'%s': it has a place for one image only",
			       target->path);
	return 0;
}

static int put_document(struct transport_target *target, const struct put_image *image,
			struct err *err)
{
	auto_buf struct buf name = {};

	target->driver->name_blob(&image->manifest, &name);
	if (output_has(&target->output, name.data))
		return 0;
	return output_put(&target->output, name.data, image->json, (size_t)image->manifest.size,
			  err);
}

int transport_put_manifest(struct transport_target *target, const struct descriptor *what,
			   const char *json, const struct oci_strings *names, struct err *err)
{
	const struct transport_driver *driver = target->driver;
	struct put_image image = { .manifest = *what };
	size_t len = (size_t)what->size;
	int r = manifest_parse(json, len, what->media_type, &target->arena, &image.document, err);

	if (r == 0)
		r = check_place(target, image.document, !names, err);
	if (r < 0)
		return r;
	image.json = arena_strndup(&target->arena, json, len);
	if (driver->adapt)
		r = driver->adapt(target, &image, err);
	if (r == 0 && (!names || !(driver->flags & TRANSPORT_ONE_IMAGE)))
		r = put_document(target, &image, err);
	if (r < 0 || !names)
		return r;
	for (size_t i = 0; i < names->n; i++)
		transport_add_name(&image.names, names->v[i], &target->arena);
	buf_add(&target->images, &image, sizeof(image));
	return 0;
}

int transport_finish(struct transport_target *target, struct err *err)
{
	int r = target->driver->finish(target, err);

	return r < 0 ? r : output_finish(&target->output, err);
}
