/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in use is put in order once; then the candidate goes up through it and jumps behind
 * whatever it meets. So a thousand networks cost one sort, and nothing is tried twice. A candidate
 * is aligned to its size: pools begin at multiples of it, and so does every place behind a jump.
 */
#include "net/subnet.h"

#include "base/cleanup.h"

#include <string.h>
#include <sys/random.h>

#define IP4(a, b, c, d) { .family = AF_INET, .bytes = { a, b, c, d } }

static const struct subnet_pool default_pools[] = {
	{ IP4(10, 80, 0, 0), IP4(10, 86, 255, 0), 24 },
	{ IP4(10, 90, 0, 0), IP4(10, 255, 255, 0), 24 },
};

static const struct subnet_pool bridge_pools[] = {
	{ IP4(10, 87, 0, 0), IP4(10, 87, 0, 0), 16 },
	{ IP4(172, 17, 0, 0), IP4(172, 31, 0, 0), 16 },
	{ IP4(10, 0, 0, 0), IP4(10, 79, 0, 0), 16 },
};

const struct subnet_pools subnet_pools_default = { default_pools, 2 };
const struct subnet_pools subnet_pools_of_bridge = { bridge_pools, 3 };

/* What is in use, from one address to another. */
struct span {
	struct ip first, last;
};

static int compare_spans(const void *a, const void *b)
{
	return ip_compare(&((const struct span *)a)->first, &((const struct span *)b)->first);
}

static struct span *sort_uses(const struct subnet_uses *uses)
{
	struct span *spans = calloc(uses->n + 1, sizeof(*spans));

	if (!spans)
		return NULL;
	for (size_t i = 0; i < uses->n; i++)
		spans[i] = (struct span){ ip_net_first(&uses->v[i].net),
					  ip_net_last(&uses->v[i].net) };
	qsort(spans, uses->n, sizeof(*spans), compare_spans);
	return spans;
}

/* The first subnet of that size that begins behind `ip`. */
static struct ip_net next_behind(const struct ip *ip, uint8_t bits)
{
	struct ip_net net = { *ip, bits };
	const struct ip last = ip_net_last(&net);

	net.ip = ip_add(&last, 1);
	return net;
}

/* Spans are in order of their beginnings: what the candidate has passed cannot meet it again. */
static bool find_in_pool(const struct subnet_pool *pool, const struct span *spans, size_t n,
			 struct ip_net *ret)
{
	struct ip_net net = { pool->first, pool->bits };

	for (size_t i = 0; i < n; i++) {
		const struct ip last = ip_net_last(&net);

		if (spans[i].first.family != net.ip.family ||
		    ip_compare(&spans[i].last, &net.ip) < 0)
			continue;
		if (ip_compare(&spans[i].first, &last) > 0)
			break;
		net = next_behind(&spans[i].last, pool->bits);
		if (ip_compare(&net.ip, &spans[i].last) < 0)
			return false; /* it went round */
	}
	if (ip_compare(&net.ip, &pool->last) > 0)
		return false;
	*ret = net;
	return true;
}

int subnet_find_free(const struct subnet_pools *pools, const struct subnet_uses *uses,
		     struct ip_net *ret, struct err *err)
{
	auto_free struct span *spans = sort_uses(uses);

	if (!spans)
		return err_sys(err, ENOMEM, "look for a free subnet");
	for (size_t i = 0; i < pools->n; i++)
		if (find_in_pool(&pools->v[i], spans, uses->n, ret))
			return 0;
	(void)err_set(err, ERR_CONFLICT, EADDRNOTAVAIL,
		      "no subnet is left for a network: all are in use");
	return err_hint(err, "remove networks that nobody uses, or choose one with --subnet");
}

/* RFC 4193 wants 40 random bits; the 16 behind them are random too. */
int subnet_find_free6(const struct subnet_uses *uses, struct ip_net *ret, struct err *err)
{
	for (int attempt = 0; attempt < 64; attempt++) {
		struct ip_net net = { { .family = AF_INET6, .bytes = { 0xfd } }, 64 };

		if (getrandom(net.ip.bytes + 1, 7, 0) != 7)
			return err_sys(err, errno, "choose an IPv6 subnet");
		if (subnet_find_clash(&net, uses))
			continue;
		*ret = net;
		return 0;
	}
	(void)err_set(err, ERR_CONFLICT, EADDRNOTAVAIL, "no IPv6 subnet of fd00::/8 is left");
	return err_hint(err, "choose one with --subnet");
}

const struct subnet_use *subnet_find_clash(const struct ip_net *wanted,
					   const struct subnet_uses *uses)
{
	for (size_t i = 0; i < uses->n; i++)
		if (uses->v[i].net.ip.family == wanted->ip.family &&
		    ip_net_overlaps(wanted, &uses->v[i].net))
			return &uses->v[i];
	return NULL;
}

int subnet_check_clash(const struct ip_net *wanted, const struct subnet_uses *uses,
		       struct err *err)
{
	const struct subnet_use *use = subnet_find_clash(wanted, uses);
	char ours[IP_NET_BYTES], theirs[IP_NET_BYTES];

	if (!use)
		return 0;
	return err_set(err, ERR_CONFLICT, EEXIST, "subnet '%s' clashes with %s (%s)",
		       ip_net_format(wanted, ours), use->by, ip_net_format(&use->net, theirs));
}
