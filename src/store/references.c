/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What images are called: a small file for each reference, replaced whole. An image that lost its
 * last name has a file that is called by its manifest's digest, so none is forgotten. After each
 * change the index of the OCI layout is made anew from these files.
 */
#include "base/cleanup.h"
#include "base/log.h"
#include "oci/schema.h"
#include "store/index.h"
#include "store/layout.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_REFERENCE_BYTES ((size_t)1 << 20)

#define ROW(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct store_image, member), __VA_ARGS__ }

static const struct schema_field image_fields[] = {
	ROW(reference, "reference", STRING, .flags = SCHEMA_REQUIRED | SCHEMA_NONEMPTY),
	ROW(media_type, "mediaType", STRING),
	ROW(manifest_text, "manifest", STRING, .flags = SCHEMA_REQUIRED),
	ROW(manifest_bytes, "manifestBytes", U64),
	ROW(config_text, "config", STRING, .flags = SCHEMA_REQUIRED),
	ROW(index_text, "index", STRING),
	ROW(created, "created", STRING),
	ROW(bytes, "bytes", U64),
	ROW(max_id, "maxID", U32),
	ROW(max_id_path, "maxIDPath", STRING),
	ROW(blob_texts, "blobs", STRINGS),
	ROW(layer_texts, "layers", STRINGS),
};
static const struct schema image_schema = SCHEMA(struct store_image, image_fields);

bool store_image_is_named(const struct store_image *image)
{
	return image->reference[0] != '@';
}

void store_image_fill(struct store_image *image, struct arena *arena)
{
	image->manifest_text = arena_strdup(arena, image->manifest.text);
	image->config_text = arena_strdup(arena, image->config.text);
	if (image->index.text[0])
		image->index_text = arena_strdup(arena, image->index.text);
}

/* ------------------------------------------------------------------------------- reading */

static int check_list(const struct oci_strings *texts, struct err *err)
{
	struct digest digest;
	int r = 0;

	for (size_t i = 0; r == 0 && i < texts->n; i++)
		r = digest_parse(texts->v[i], &digest, err);
	return r;
}

static int check_digests(struct store_image *image, struct err *err)
{
	int r = digest_parse(image->manifest_text, &image->manifest, err);

	if (r == 0)
		r = digest_parse(image->config_text, &image->config, err);
	if (r == 0 && image->index_text)
		r = digest_parse(image->index_text, &image->index, err);
	if (r == 0)
		r = check_list(&image->blob_texts, err);
	return r < 0 ? r : check_list(&image->layer_texts, err);
}

/* A file that was put under another's name would be found by what it is not. */
static int check_name(const struct store_image *image, const char *file, struct err *err)
{
	char name[NAME_MAX + 1];
	int r = layout_reference_name(image->reference, name, err);

	if (r == 0 && strcmp(name, file) != 0)
		r = err_set(err, ERR_USAGE, EINVAL, "it is that of '%.200s'", image->reference);
	return r;
}

/* -ENOENT has no words. */
static int read_image(int dir_fd, const char *name, struct arena *arena, struct store_image **ret,
		      struct err *err)
{
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_buf struct buf text = {};
	void *object = NULL;
	int r;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return err_sys(err, errno, "open the reference '%s'", name);
	r = buf_read_fd(&text, fd, MAX_REFERENCE_BYTES, name, err);
	if (r == 0)
		r = schema_parse(&image_schema, buf_str(&text), text.len, arena, &object, err);
	if (r == 0)
		r = check_digests(object, err);
	if (r == 0)
		r = check_name(object, name, err);
	if (r < 0)
		return err_wrap(err, "reference '%s'", name);
	*ret = object;
	return 0;
}

static int find(const struct store *store, const char *reference, struct arena *arena,
		struct store_image **ret, struct err *err)
{
	char name[NAME_MAX + 1];
	auto_close int dir_fd = -1;
	int r = layout_reference_name(reference, name, err);

	if (r == 0)
		r = layout_find_dir(store, LAYOUT_REFERENCES, &dir_fd, err);
	return r < 0 ? r : read_image(dir_fd, name, arena, ret, err);
}

int store_find(const struct store *store, const char *reference, struct arena *arena,
	       struct store_image **ret, struct err *err)
{
	int r = find(store, reference, arena, ret, err);

	if (r == -ENOENT)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no image '%.200s'", reference);
	return r;
}

static int compare_images(const void *a, const void *b)
{
	struct store_image *const *x = a, *const *y = b;

	return strcmp((*x)->reference, (*y)->reference);
}

static void warn(void *data, const char *file, const struct err *why)
{
	(void)data;
	(void)file;
	log_warn("%s", why->msg);
}

static void collect_images(DIR *stream, store_unread_fn *tell, void *data, struct arena *arena,
			   struct store_image ***ret, size_t *ret_n)
{
	struct store_image **list = NULL, **wider;
	size_t n = 0, cap = 0;
	struct dirent *item;

	while ((item = readdir(stream))) {
		struct err err = {};
		struct store_image *image = NULL;

		if (item->d_name[0] == '.')
			continue;
		if (read_image(dirfd(stream), item->d_name, arena, &image, &err) < 0) {
			if (err.no)
				tell(data, item->d_name, &err);
			continue;
		}
		if (n == cap) {
			cap = cap ? 2 * cap : 64;
			wider = arena_array(arena, struct store_image *, cap);
			if (n)
				memcpy(wider, list, n * sizeof(*list));
			list = wider;
		}
		list[n++] = image;
	}
	if (n)
		qsort(list, n, sizeof(*list), compare_images);
	*ret = list;
	*ret_n = n;
}

int store_list_telling(const struct store *store, store_unread_fn *tell, void *data,
		       struct arena *arena, struct store_image ***ret, size_t *ret_n,
		       struct err *err)
{
	int fd = -1, r = layout_find_dir(store, LAYOUT_REFERENCES, &fd, err);
	DIR *stream;

	*ret = NULL;
	*ret_n = 0;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	stream = fdopendir(fd);
	if (!stream) {
		r = err_sys(err, errno, "read '%s/%s'", store->root, LAYOUT_REFERENCES);
		closep(&fd);
		return r;
	}
	collect_images(stream, tell, data, arena, ret, ret_n);
	(void)closedir(stream);
	return 0;
}

int store_list(const struct store *store, struct arena *arena, struct store_image ***ret,
	       size_t *ret_n, struct err *err)
{
	return store_list_telling(store, warn, NULL, arena, ret, ret_n, err);
}

/* ------------------------------------------------------------------------------- writing */

static int put_image(const struct store *store, const struct store_image *image, struct err *err)
{
	char name[NAME_MAX + 1];
	auto_buf struct buf text = {};
	int r = layout_reference_name(image->reference, name, err);

	if (r < 0)
		return r;
	schema_format(&image_schema, image, &text);
	return layout_put_file(store, LAYOUT_REFERENCES, name, text.data, text.len, err);
}

/* -ENOENT has no words. */
static int remove_name(const struct store *store, const char *reference, struct err *err)
{
	char name[NAME_MAX + 1];
	auto_close int dir_fd = -1;
	int r = layout_reference_name(reference, name, err);

	if (r == 0)
		r = layout_find_dir(store, LAYOUT_REFERENCES, &dir_fd, err);
	if (r < 0)
		return r;
	if (unlinkat(dir_fd, name, 0) < 0)
		return errno == ENOENT ? -ENOENT
				       : err_sys(err, errno, "remove the reference '%s'",
						 reference);
	return fsync(dir_fd) < 0 ? err_sys(err, errno, "sync '%s/%s'", store->root,
					   LAYOUT_REFERENCES)
				 : 0;
}

/* Has it a name besides `reference`? */
static int has_other_name(const struct store *store, const struct store_image *image,
			  const char *reference, struct arena *arena, struct err *err)
{
	struct store_image **list = NULL;
	size_t n = 0;
	int r = store_list(store, arena, &list, &n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (digest_is_equal(&list[i]->manifest, &image->manifest) &&
		    strcmp(list[i]->reference, reference) != 0)
			return 1;
	return 0;
}

static char *nameless(const struct store_image *image, struct arena *arena)
{
	return arena_printf(arena, "@%s", image->manifest.text);
}

static int put_nameless(const struct store *store, const struct store_image *image,
			struct arena *arena, struct err *err)
{
	struct store_image copy = *image;

	copy.reference = nameless(image, arena);
	return put_image(store, &copy, err);
}

/* The one that had the name before, if that was another, stays without one. *ret: that one, as it
 * was; NULL: there was none. */
static int keep_former(const struct store *store, const struct store_image *image,
		       struct arena *arena, struct store_image **ret, struct err *err)
{
	struct store_image *former = NULL;
	int r = find(store, image->reference, arena, &former, err);

	if (r == -ENOENT)
		return 0;
	*ret = former;
	if (r < 0 || digest_is_equal(&former->manifest, &image->manifest))
		return r;
	r = has_other_name(store, former, image->reference, arena, err);
	if (r != 0)
		return r < 0 ? r : 0;
	return put_nameless(store, former, arena, err);
}

/* One that has a name needs the other file no more. *ret_had: it had that. */
static int replace(const struct store *store, const struct store_image *image,
		   struct arena *arena, bool *ret_had, struct err *err)
{
	int r = put_image(store, image, err);

	if (r < 0 || !store_image_is_named(image))
		return r;
	r = remove_name(store, nameless(image, arena), err);
	*ret_had = r == 0;
	return r == -ENOENT ? 0 : r;
}

/* What failed half-way is as it was before, as far as that can be had. */
static void take_back(const struct store *store, const struct store_image *image,
		      const struct store_image *former, bool was_nameless, struct arena *arena)
{
	struct err ignored;

	if (was_nameless)
		(void)put_nameless(store, image, arena, &ignored);
	if (!former)
		(void)remove_name(store, image->reference, &ignored);
	else if (put_image(store, former, &ignored) == 0 &&
		 !digest_is_equal(&former->manifest, &image->manifest))
		(void)remove_name(store, nameless(former, arena), &ignored);
}

int store_tag(const struct store *store, const struct store_image *image, struct arena *arena,
	      struct err *err)
{
	auto_close int lock_fd = -1, index_fd = -1;
	struct store_image *former = NULL;
	bool was_nameless = false;
	int r = store_lock(store, STORE_REFERENCE, image->reference, STORE_EXCLUSIVE, &lock_fd,
			   err);

	if (r == 0)
		r = index_lock(store, &index_fd, err);
	if (r == 0)
		r = keep_former(store, image, arena, &former, err);
	if (r < 0)
		return r;
	r = replace(store, image, arena, &was_nameless, err);
	if (r == 0)
		r = index_write(store, arena, err);
	if (r < 0)
		take_back(store, image, former, was_nameless, arena);
	return r;
}

int store_untag(const struct store *store, const char *reference, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_close int lock_fd = -1, index_fd = -1;
	struct err why = {};
	int r = store_lock(store, STORE_REFERENCE, reference, STORE_EXCLUSIVE, &lock_fd, err);

	if (r == 0)
		r = index_lock(store, &index_fd, err);
	if (r == 0)
		r = remove_name(store, reference, err);
	if (lock_fd >= 0 && (r == 0 || r == -ENOENT))
		store_drop_lock(store, STORE_REFERENCE, reference);
	if (r == -ENOENT)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no image '%.200s'", reference);
	if (r < 0)
		return r;
	r = index_write(store, &arena, &why);
	if (r == -ENOSPC || r == -EDQUOT) /* the removal may be for room: it is made anew later */
		return 0;
	if (r < 0)
		*err = why;
	return r;
}
