/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file with images, of whatever kind. Of each image that is found in it the manifest is there or
 * is refused; one that was made for it is sound. A blob lies within its file.
 */
#include "image/manifest.h"
#include "transport/transport.h"

#include "fuzz.h"

#include <sys/mman.h>
#include <sys/stat.h>

static void claim_within(const struct extent *extent)
{
	struct stat st;

	CLAIM(fstat(extent->fd, &st) == 0);
	CLAIM(extent->at <= (uint64_t)st.st_size);
	CLAIM(extent->bytes <= (uint64_t)st.st_size - extent->at);
}

static void claim_blob(const struct transport_source *source, const struct descriptor *what)
{
	auto_extent struct extent extent = EXTENT_NONE;
	auto_buf struct buf bytes = {};
	struct err err = {};

	if (transport_find_blob(source, what, &extent, &err) < 0) {
		CLAIM(err.msg[0] && err.kind != ERR_SYSTEM);
		return;
	}
	CLAIM(extent.bytes == (uint64_t)what->size);
	claim_within(&extent);
	if (transport_read_blob(source, what, 1 << 20, &bytes, &err) < 0)
		CLAIM(err.msg[0] && err.kind == ERR_USAGE);
	else
		CLAIM(bytes.len == (size_t)what->size);
}

static void claim_image(const struct transport_source *source, const struct transport_image *image)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf json = {};
	struct manifest *m;
	struct err err = {};

	for (size_t i = 0; i < image->names.n; i++)
		CLAIM(image->names.v[i]);
	claim_blob(source, &image->manifest);
	if (transport_read_blob(source, &image->manifest, MANIFEST_MAX_BYTES, &json, &err) < 0 ||
	    manifest_parse(json.data, json.len, image->manifest.media_type, &arena, &m, &err) < 0)
		return;
	if (m->config)
		claim_blob(source, m->config);
	for (size_t i = 0; i < m->layers.n; i++)
		claim_blob(source, &m->layers.v[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_transport_source struct transport_source *source = NULL;
	auto_close int fd = memfd_create("fuzz", MFD_CLOEXEC);
	const struct transport_image *images;
	struct err err = {};
	char path[32];
	size_t n;

	CLAIM(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (transport_open(path, NULL, &source, &err) < 0) {
		CLAIM(err.msg[0] && err.kind != ERR_SYSTEM && err.kind != ERR_NONE);
		return 0;
	}
	images = transport_images(source, &n);
	CLAIM(n > 0);
	for (size_t i = 0; i < n; i++)
		claim_image(source, &images[i]);
	return 0;
}
