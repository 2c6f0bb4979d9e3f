/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses as numbers of 32 or 128 bits, the first byte the highest. Sums are made byte by byte
 * from the end, so that both families take one path; nobody adds often enough to mind.
 */
#include "base/ip.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------- text */

int ip_parse(const char *str, struct ip *ret, struct err *err)
{
	struct ip ip = { .family = strchr(str, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(ip.family, str, ip.bytes) != 1)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no IP address", str);
	*ret = ip;
	return 0;
}

static int no_net(const char *str, struct err *err)
{
	return err_set(err, ERR_USAGE, EINVAL,
		       "'%.64s' is no network: an IP address, '/' and how many of its bits count",
		       str);
}

int ip_net_parse(const char *str, struct ip_net *ret, struct err *err)
{
	const char *slash = strchr(str, '/');
	char address[IP_BYTES];
	struct ip_net net;
	struct err reason;
	uint32_t bits;

	if (!slash || (size_t)(slash - str) >= sizeof(address))
		return no_net(str, err);
	(void)snprintf(address, sizeof(address), "%.*s", (int)(slash - str), str);
	if (ip_parse(address, &net.ip, &reason) < 0 || num_parse_u32(slash + 1, &bits) < 0 ||
	    bits > 8 * ip_len(&net.ip))
		return no_net(str, err);
	net.bits = (uint8_t)bits;
	*ret = net;
	return 0;
}

const char *ip_format(const struct ip *ip, char ret[static IP_BYTES])
{
	ret[0] = '\0';
	if (ip_is_set(ip))
		(void)inet_ntop(ip->family, ip->bytes, ret, IP_BYTES);
	return ret;
}

const char *ip_net_format(const struct ip_net *net, char ret[static IP_NET_BYTES])
{
	char address[IP_BYTES];

	ret[0] = '\0';
	if (ip_is_set(&net->ip))
		(void)snprintf(ret, IP_NET_BYTES, "%s/%u", ip_format(&net->ip, address), net->bits);
	return ret;
}

/* ------------------------------------------------------------------------------- values */

bool ip_is_any(const struct ip *ip)
{
	static const struct ip none;

	return memcmp(ip->bytes, none.bytes, sizeof(ip->bytes)) == 0;
}

unsigned ip_len(const struct ip *ip)
{
	return ip->family == AF_INET ? 4 : ip->family == AF_INET6 ? 16 : 0;
}

int ip_compare(const struct ip *a, const struct ip *b)
{
	if (ip_len(a) != ip_len(b))
		return ip_len(a) < ip_len(b) ? -1 : 1;
	return memcmp(a->bytes, b->bytes, ip_len(a));
}

struct ip ip_add(const struct ip *ip, int64_t n)
{
	struct ip sum = *ip;
	int64_t carry = n;

	for (unsigned i = ip_len(ip); i-- > 0;) {
		/* What is shifted out of a negative number stays negative: it is borrowed. */
		int64_t digit = (carry & 0xff) + sum.bytes[i];

		carry = (carry >> 8) + (digit >> 8);
		sum.bytes[i] = (uint8_t)digit;
	}
	return sum;
}

uint64_t ip_distance(const struct ip *from, const struct ip *ip)
{
	unsigned len = ip_len(ip);
	uint8_t difference[16] = {};
	uint64_t distance = 0;
	int borrow = 0;

	for (unsigned i = len; i-- > 0;) {
		int digit = ip->bytes[i] - from->bytes[i] - borrow;

		borrow = digit < 0;
		difference[i] = (uint8_t)digit;
	}
	for (unsigned i = 0; i < len; i++) {
		if (distance >> 56)
			return UINT64_MAX;
		distance = distance << 8 | difference[i];
	}
	return distance;
}

/* ------------------------------------------------------------------------------- networks */

/* Of byte `i`, those bits that are behind the network's. */
static uint8_t host_mask(const struct ip_net *net, unsigned i)
{
	unsigned before = i * 8;

	if (net->bits <= before)
		return 0xff;
	return net->bits >= before + 8 ? 0 : (uint8_t)(0xff >> (net->bits - before));
}

struct ip ip_net_first(const struct ip_net *net)
{
	struct ip ip = net->ip;

	for (unsigned i = 0; i < ip_len(&ip); i++)
		ip.bytes[i] &= (uint8_t)~host_mask(net, i);
	return ip;
}

struct ip ip_net_last(const struct ip_net *net)
{
	struct ip ip = net->ip;

	for (unsigned i = 0; i < ip_len(&ip); i++)
		ip.bytes[i] |= host_mask(net, i);
	return ip;
}

bool ip_net_has(const struct ip_net *net, const struct ip *ip)
{
	const struct ip first = ip_net_first(net), last = ip_net_last(net);

	return ip->family == net->ip.family && ip_compare(&first, ip) <= 0 &&
	       ip_compare(ip, &last) <= 0;
}

bool ip_net_overlaps(const struct ip_net *a, const struct ip_net *b)
{
	const struct ip a_first = ip_net_first(a), b_first = ip_net_first(b);

	return ip_net_has(a, &b_first) || ip_net_has(b, &a_first);
}
