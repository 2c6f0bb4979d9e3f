/* SPDX-License-Identifier: Apache-2.0 */
/* A resolv.conf: what is written of it is read as the same. */
#include "net/resolv_conf.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf once = {}, again = {};
	struct resolv_conf conf;

	resolv_conf_parse((const char *)data, size, &conf);
	CLAIM(conf.n_servers <= RESOLV_SERVERS_MAX);
	CLAIM(conf.attempts >= 1 && conf.timeout_s >= 1);
	resolv_conf_format(&conf, &once);
	resolv_conf_parse(buf_str(&once), once.len, &conf);
	resolv_conf_format(&conf, &again);
	CLAIM(strcmp(buf_str(&once), buf_str(&again)) == 0);
	return 0;
}
