/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second bit of the first byte says "locally administered", the first one "a group". Of an
 * IPv6 address the last four bytes are taken: within a network they tell its addresses apart.
 */
#include "net/mac.h"

#include <stdio.h>
#include <string.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two digits, and behind them `separator`, or the end. Returns the byte or -1. */
static int read_byte(const char *str, char separator)
{
	int high = digit(str[0]), low = high < 0 ? -1 : digit(str[1]);

	return low < 0 || str[2] != separator ? -1 : high << 4 | low;
}

int mac_parse(const char *str, struct mac *ret, struct err *err)
{
	const char separator = strlen(str) == MAC_BYTES - 1 && str[2] == '-' ? '-' : ':';
	struct mac mac = {};
	bool is_sound = strlen(str) == MAC_BYTES - 1;

	for (int i = 0; i < 6 && is_sound; i++) {
		int byte = read_byte(str + 3 * i, i < 5 ? separator : '\0');

		is_sound = byte >= 0;
		mac.bytes[i] = (uint8_t)byte;
	}
	if (!is_sound)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no MAC address", str);
	if (mac.bytes[0] & 1 || !mac_is_set(&mac))
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%s' is no MAC address that an interface can have", str);
	*ret = mac;
	return 0;
}

const char *mac_format(const struct mac *mac, char ret[static MAC_BYTES])
{
	const uint8_t *b = mac->bytes;

	ret[0] = '\0';
	if (mac_is_set(mac))
		(void)snprintf(ret, MAC_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2],
			       b[3], b[4], b[5]);
	return ret;
}

bool mac_is_set(const struct mac *mac)
{
	static const struct mac none;

	return memcmp(mac, &none, sizeof(none)) != 0;
}

struct mac mac_of(const struct ip *ip)
{
	struct mac mac = { .bytes = { 0x02, 0x42 } };

	memcpy(mac.bytes + 2, ip->bytes + ip_len(ip) - 4, 4);
	return mac;
}
