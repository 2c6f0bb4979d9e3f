/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a network namespace has received and sent: /proc/PID/net/dev of a process in it. proc(5). */

#include <stdint.h>

struct netstat {
	uint64_t received_bytes, sent_bytes;
};

/* The sum of all interfaces but the loopback. Lines that are none of an interface do not count. */
void netstat_parse(const char *text, struct netstat *ret);
