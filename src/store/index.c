/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index is derived: nothing here reads it, and one that was lost or spoilt is whole again after
 * the next change. A reference is told as the annotation that skopeo and others look for.
 */
#include "store/index.h"

#include "base/cleanup.h"
#include "image/manifest.h"
#include "oci/json_text.h"
#include "store/layout.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

static void add_descriptor(struct buf *out, const struct store_image *image)
{
	buf_puts(out, "{\"mediaType\":");
	json_text_quote(out, image->media_type ? image->media_type : "");
	buf_printf(out, ",\"digest\":\"%s\",\"size\":%" PRIu64, image->manifest.text,
		   image->manifest_bytes);
	if (store_image_is_named(image)) {
		buf_puts(out, ",\"annotations\":{\"org.opencontainers.image.ref.name\":");
		json_text_quote(out, image->reference);
		buf_puts(out, "}");
	}
	buf_puts(out, "}");
}

/* Returns how many images are in it. */
static ssize_t format(const struct store *store, struct arena *arena, struct buf *text,
		      struct err *err)
{
	struct store_image **list = NULL;
	size_t n = 0;
	int r = store_list(store, arena, &list, &n, err);

	if (r < 0)
		return r;
	buf_printf(text, "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[",
		   MEDIA_OCI_INDEX);
	for (size_t i = 0; i < n; i++) {
		buf_puts(text, i ? "," : "");
		add_descriptor(text, list[i]);
	}
	buf_puts(text, "]}");
	return (ssize_t)n;
}

int index_lock(const struct store *store, int *ret_fd, struct err *err)
{
	return store_lock(store, STORE_INDEX, LAYOUT_INDEX, STORE_EXCLUSIVE, ret_fd, err);
}

int index_write(const struct store *store, struct arena *arena, struct err *err)
{
	auto_buf struct buf text = {};
	ssize_t n = format(store, arena, &text, err);

	return n < 0 ? (int)n : layout_put_file(store, LAYOUT_IMAGES, LAYOUT_INDEX, text.data,
						text.len, err);
}

int index_prove(const struct store *store, struct arena *arena, struct err *err)
{
	auto_close int fd = openat(store->root_fd, LAYOUT_IMAGES "/" LAYOUT_INDEX,
				   O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_buf struct buf text = {}, found = {};
	ssize_t n = format(store, arena, &text, err);
	int r;

	if (n <= 0 && fd < 0)
		return (int)n;
	if (fd < 0)
		return err_set(err, ERR_USAGE, EBADMSG, "it is not there");
	r = n < 0 ? (int)n : buf_read_fd(&found, fd, text.len, LAYOUT_INDEX, err);
	if (r < 0 && r != -EFBIG)
		return r;
	if (r < 0 || found.len != text.len || memcmp(found.data, text.data, text.len) != 0)
		return err_set(err, ERR_USAGE, EBADMSG, "it is not what the references say");
	return 0;
}
