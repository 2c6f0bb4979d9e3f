/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config.json, and the documents that are read by parts of its tables. What is accepted is the
 * same after it was written and read again.
 */
#include "fuzz.h"
#include "oci/spec.h"

static bool is_accepted(const char *json, size_t len, struct arena *arena, struct oci_spec **spec)
{
	struct err err = {};
	int r = oci_spec_parse(json, len, arena, spec, &err);

	if (r == 0)
		r = oci_spec_validate(*spec, &err);
	if (r != 0)
		claim_refused(r, EINVAL, ERR_USAGE, &err);
	return r == 0;
}

static void read_spec(const char *json, size_t len)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf once = {}, twice = {};
	struct oci_spec *spec;

	if (!is_accepted(json, len, &arena, &spec))
		return;
	oci_spec_format(spec, &once);
	for (size_t i = 0; i < once.len; i++)
		CLAIM((unsigned char)once.data[i] >= ' '); /* RFC 8259, 7 */
	CLAIM(is_accepted(once.data, once.len, &arena, &spec));
	oci_spec_format(spec, &twice);
	CLAIM(strcmp(once.data, twice.data) == 0);
}

static void read_parts(const char *json, size_t len)
{
	auto_arena struct arena arena = {};
	struct oci_resources *resources;
	struct oci_process *process;
	struct oci_spec *mounts;
	struct err err = {};
	int r;

	r = oci_process_parse(json, len, &arena, &process, &err);
	if (r != 0)
		claim_refused(r, EINVAL, ERR_USAGE, &err);
	r = oci_resources_parse(json, len, &arena, &resources, &err);
	if (r != 0)
		claim_refused(r, EINVAL, ERR_USAGE, &err);
	r = oci_mounts_parse(json, len, &arena, &mounts, &err);
	if (r != 0)
		claim_refused(r, EINVAL, ERR_USAGE, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_spec((const char *)data, size);
	read_parts((const char *)data, size);
	return 0;
}
