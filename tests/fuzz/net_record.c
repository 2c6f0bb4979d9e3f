/* SPDX-License-Identifier: Apache-2.0 */
/* network.json of a container: it is refused, or says whatever it says again in the same words. */
#include "engine/net_record.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	size_t len;
	auto_free char *json = input_bytes(&in, &len);
	auto_arena struct arena arena = {};
	auto_buf struct buf once = {}, twice = {};
	struct net_record *record = NULL;
	struct err err = {};

	if (net_record_parse(json, len, &arena, &record, &err) < 0) {
		CLAIM(err.msg[0]);
		return 0;
	}
	for (size_t i = 0; i < record->endpoints.n; i++)
		CLAIM(record->endpoints.v[i].network && record->endpoints.v[i].interface);
	net_record_format(record, &once);
	CLAIM(net_record_parse(buf_str(&once), once.len, &arena, &record, &err) == 0);
	net_record_format(record, &twice);
	CLAIM(strcmp(buf_str(&once), buf_str(&twice)) == 0);
	return 0;
}
