/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An address that was given back is not given again at once: neighbours and connection tracking
 * still know whose it was. So the choice goes on behind the last one and round at the end. Of any
 * n + 1 addresses in a row one is free if n are taken, so a window of that many bits is enough,
 * however large the subnet is.
 */
#include "net/member_choice.h"

#include <string.h>

/* So many addresses of one subnet are looked at, at most. */
struct window {
	struct ip first;
	uint64_t size;  /* of the range; UINT64_MAX: that or more */
	uint64_t start; /* where in the range the window begins */
	uint64_t n;     /* bits of it */
	uint8_t *bits;
	uint64_t n_barred, n_taken; /* of the range */
};

static bool is_reserved(const struct network_subnet *subnet, const struct ip *ip)
{
	struct err ignored;

	for (size_t i = 0; i < subnet->reserved.n; i++) {
		struct ip reserved;

		if (ip_parse(subnet->reserved.v[i].value, &reserved, &ignored) == 0 &&
		    ip_compare(&reserved, ip) == 0)
			return true;
	}
	return false;
}

int member_check_ip(const struct network *network, const struct ip *ip, struct err *err)
{
	const struct network_subnet *subnet = network_find_subnet(network, ip);
	char text[IP_BYTES];
	const char *why = NULL;
	struct ip first, last;

	ip_format(ip, text);
	if (!subnet)
		return err_set(err, ERR_USAGE, EINVAL, "%s is in none of its subnets", text);
	first = ip_net_first(&subnet->net);
	last = ip_net_last(&subnet->net);
	if (ip_compare(ip, &first) == 0)
		why = "the address of the subnet itself";
	else if (ip->family == AF_INET && ip_compare(ip, &last) == 0)
		why = "the subnet's broadcast address";
	else if (ip_compare(ip, &subnet->gateway_ip) == 0)
		why = "the gateway's";
	else if (is_reserved(subnet, ip))
		why = "reserved";
	return why ? err_set(err, ERR_USAGE, EINVAL, "%s is %s", text, why) : 0;
}

/* Returns whether it is in the range. */
static bool mark(struct window *window, const struct network_subnet *subnet, const struct ip *ip)
{
	uint64_t at;

	if (ip->family != window->first.family || ip_compare(ip, &window->first) < 0 ||
	    ip_compare(ip, &subnet->last) > 0)
		return false;
	at = ip_distance(&window->first, ip);
	at = at >= window->start ? at - window->start : at + (window->size - window->start);
	if (at < window->n)
		window->bits[at / 8] |= (uint8_t)(1 << at % 8);
	return true;
}

static void mark_barred(struct window *window, const struct network_subnet *subnet)
{
	const struct ip first = ip_net_first(&subnet->net), last = ip_net_last(&subnet->net);
	struct err ignored;
	struct ip ip;

	window->n_barred += mark(window, subnet, &first);
	if (first.family == AF_INET)
		window->n_barred += mark(window, subnet, &last);
	window->n_barred += mark(window, subnet, &subnet->gateway_ip);
	for (size_t i = 0; i < subnet->reserved.n; i++)
		if (ip_parse(subnet->reserved.v[i].value, &ip, &ignored) == 0)
			window->n_barred += mark(window, subnet, &ip);
}

static void mark_members(struct window *window, const struct network_subnet *subnet,
			 const struct member_table *table, const char *id)
{
	const bool is_v4 = window->first.family == AF_INET;

	for (size_t i = 0; i < table->n; i++)
		if (table->v[i].id[0] != id[0] || strcmp(table->v[i].id, id) != 0)
			window->n_taken += mark(window, subnet,
						is_v4 ? &table->v[i].ip : &table->v[i].ip6);
}

static bool find_clear(const struct window *window, uint64_t *ret)
{
	for (uint64_t i = 0; i < window->n; i++)
		if (!(window->bits[i / 8] & 1 << i % 8)) {
			*ret = i;
			return true;
		}
	return false;
}

static void window_done(struct window *window)
{
	free(window->bits);
}

/* 1: chosen, 0: all of them are taken. */
static int choose_in(const struct network_subnet *subnet, const struct member_table *table,
		     const char *id, struct window *window, struct ip *ret)
{
	const struct ip *last = subnet->net.ip.family == AF_INET ? &table->last : &table->last6;
	const uint64_t far = ip_distance(&subnet->first, &subnet->last);
	uint64_t at;

	*window = (struct window){ .first = subnet->first, .size = far + (far != UINT64_MAX) };
	if (last->family == subnet->first.family && ip_compare(&subnet->first, last) <= 0 &&
	    ip_compare(last, &subnet->last) < 0)
		window->start = ip_distance(&subnet->first, last) + 1;
	window->n = table->n + subnet->reserved.n + 4;
	if (window->n > window->size)
		window->n = window->size;
	window->bits = calloc(1, window->n / 8 + 1);
	if (!window->bits)
		return -ENOMEM;
	mark_barred(window, subnet);
	mark_members(window, subnet, table, id);
	if (!find_clear(window, &at))
		return 0;
	at = at < window->size - window->start ? at + window->start
					       : at - (window->size - window->start);
	*ret = ip_add(&subnet->first, (int64_t)at);
	return 1;
}

int member_choose(const struct network *network, const struct member_table *table, uint8_t family,
		  const char *id, struct ip *ret, struct err *err)
{
	const struct network_subnet *full = NULL;
	uint64_t usable = 0, taken = 0;

	*ret = (struct ip){};
	for (size_t i = 0; i < network->subnets.n; i++) {
		auto_cleanup(window_done) struct window window = {};
		int r;

		if (network->subnets.v[i].net.ip.family != family)
			continue;
		full = &network->subnets.v[i];
		r = choose_in(full, table, id, &window, ret);
		if (r < 0)
			return err_sys(err, -r, "choose an address");
		if (r > 0)
			return 0;
		usable += window.size - window.n_barred;
		taken += window.n_taken;
	}
	if (!full)
		return 0;
	(void)err_set(err, ERR_CONFLICT, EADDRNOTAVAIL,
		      "no address is left in %s (%llu of %llu in use)", full->subnet,
		      (unsigned long long)taken, (unsigned long long)usable);
	return err_hint(err, "stop containers that are on it, or make a network with a larger "
			     "subnet");
}
