/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors, as every document of an image that names others has them. Sizes are compared with
 * what arrives later; here only those are refused that nothing could have.
 */
#include "image/descriptor.h"

#include <inttypes.h>

#define ROW(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct descriptor, member), __VA_ARGS__ }

static const struct schema_field descriptor_fields[] = {
	ROW(media_type, "mediaType", STRING),
	ROW(digest_text, "digest", STRING, .flags = SCHEMA_REQUIRED),
	ROW(size, "size", I64, .flags = SCHEMA_REQUIRED),
	ROW(urls, "urls", STRINGS),
	ROW(annotations, "annotations", PAIRS),
	ROW(artifact_type, "artifactType", STRING),
	ROW(platform, "platform", OBJECT, .sub = &platform_schema),
};
const struct schema descriptor_schema = SCHEMA(struct descriptor, descriptor_fields);

int descriptor_check(struct descriptor *descriptor, const char *what, struct err *err)
{
	if (digest_parse(descriptor->digest_text, &descriptor->digest, err) < 0)
		return err_wrap(err, "%s.digest", what);
	if (descriptor->size < 0 || descriptor->size > DESCRIPTOR_MAX_BYTES)
		return err_set(err, ERR_USAGE, EINVAL, "%s.size: %" PRId64 " is out of range", what,
			       descriptor->size);
	return 0;
}
