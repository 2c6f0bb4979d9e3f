/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine keeps of a container: container.json, a line "%", and status.json. Each is
 * refused, or is the same after it was written and read again.
 */
#include "engine/config.h"
#include "engine/status.h"
#include "fuzz.h"

static void read_config(const char *json, size_t len)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf once = {}, twice = {};
	struct config *config;
	struct err err = {};
	int r = config_parse(json, len, &arena, &config, &err);

	if (r != 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return;
	}
	config_format(config, &once);
	CLAIM(config_parse(once.data, once.len, &arena, &config, &err) == 0);
	config_format(config, &twice);
	CLAIM(strcmp(once.data, twice.data) == 0);
}

static void read_status(const char *json, size_t len)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf once = {}, twice = {};
	struct status *status;
	struct err err = {};
	int r = status_parse(json, len, &arena, &status, &err);

	if (r != 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return;
	}
	CLAIM(status_name(status->kind));
	status_format(status, &once);
	CLAIM(status_parse(once.data, once.len, &arena, &status, &err) == 0);
	status_format(status, &twice);
	CLAIM(strcmp(once.data, twice.data) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	size_t config_len, status_len;
	auto_free char *config = input_bytes(&in, &config_len);
	auto_free char *status = input_bytes(&in, &status_len);

	read_config(config, config_len);
	read_status(status, status_len);
	return 0;
}
