/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What we know ourselves: names and addresses of containers, and "localhost". A name that exists
 * without what was asked for gets an answer without records: "there is no such name" would make
 * resolvers forget its addresses, too. Names that we do not know are someone else's to answer,
 * unless they are below our own domain.
 */
#include "net/resolver_parts.h"

#include <string.h>
#include <strings.h>

enum { ADDRESSES_MAX = 128 };

/* Is `name` `suffix`, or below it? *ret_len is what stands before it, without the dot. */
static bool is_below(const char *name, const char *suffix, size_t *ret_len)
{
	size_t len = strlen(name), tail = strlen(suffix);

	if (len < tail || strcasecmp(name + len - tail, suffix) != 0 ||
	    (len > tail && name[len - tail - 1] != '.'))
		return false;
	*ret_len = len > tail ? len - tail - 1 : 0;
	return true;
}

static bool asks_for(const struct dns_query *query, unsigned type)
{
	return query->type == type || query->type == DNS_ANY;
}

static size_t localhost_answer(const struct dns_query *query, struct dns_answer *answer)
{
	static const struct ip ip4 = { AF_INET, { 127, 0, 0, 1 } };
	static const struct ip ip6 = { AF_INET6, { [15] = 1 } };

	if (asks_for(query, DNS_A))
		dns_answer_ip(answer, &ip4);
	if (asks_for(query, DNS_AAAA))
		dns_answer_ip(answer, &ip6);
	return dns_answer_end(answer, DNS_NOERROR);
}

/* The addresses of one family. They begin with another one each time. Returns < 0: it can't be
 * said. */
static int add_addresses(struct resolver *resolver, const char *name, int family,
			 struct dns_answer *answer, bool *exists)
{
	struct ip ips[ADDRESSES_MAX];
	bool is_there = false;
	int n = resolver->names.find_name(name, family, ips, ADDRESSES_MAX, &is_there,
					  resolver->names.arg);

	if (n > ADDRESSES_MAX)
		n = ADDRESSES_MAX;
	*exists |= is_there || n > 0;
	for (int i = 0; i < n; i++)
		dns_answer_ip(answer, &ips[(resolver->turn + (unsigned)i) % (unsigned)n]);
	if (n > 1)
		resolver->turn++;
	return n < 0 ? n : 0;
}

/* Returns 1: the name exists, and the answer has its addresses; 0: it does not. */
static int add_name(struct resolver *resolver, const struct dns_query *query, const char *name,
		    struct dns_answer *answer)
{
	bool exists = false;
	int r = 0;

	if (asks_for(query, DNS_A))
		r = add_addresses(resolver, name, AF_INET, answer, &exists);
	if (r == 0 && asks_for(query, DNS_AAAA))
		r = add_addresses(resolver, name, AF_INET6, answer, &exists);
	if (!asks_for(query, DNS_A) && !asks_for(query, DNS_AAAA))
		r = resolver->names.find_name(name, AF_UNSPEC, NULL, 0, &exists,
					      resolver->names.arg);
	return r < 0 ? r : exists;
}

static int add_pointer(struct resolver *resolver, const struct dns_query *query,
		       struct dns_answer *answer)
{
	static const struct ip loopback6 = { AF_INET6, { [15] = 1 } };
	char name[RESOLVER_NAME_BYTES] = "localhost";
	struct ip ip;
	int r = 1;

	if (!asks_for(query, DNS_PTR) || !dns_name_to_ip(query->name, &ip))
		return 0;
	if (!(ip.family == AF_INET && ip.bytes[0] == 127) && ip_compare(&ip, &loopback6) != 0)
		r = resolver->names.find_ip(&ip, name, resolver->names.arg);
	if (r > 0)
		dns_answer_ptr(answer, name);
	return r;
}

size_t local_answer(struct resolver *resolver, const struct dns_query *query, const uint8_t *bytes,
		    size_t cap, uint8_t *ret)
{
	char name[DNS_NAME_BYTES];
	struct dns_answer answer;
	bool is_ours = false;
	size_t len;
	int r;

	if (!query->is_text || !query->name[0] ||
	    (query->class != DNS_IN && query->class != DNS_CLASS_ANY))
		return 0;
	dns_answer_begin(&answer, query, bytes, ret, cap);
	if (is_below(query->name, "localhost", &len))
		return localhost_answer(query, &answer);
	r = add_pointer(resolver, query, &answer);
	if (r == 0)
		r = add_name(resolver, query, query->name, &answer);
	if (r == 0 && *resolver->domain && is_below(query->name, resolver->domain, &len)) {
		is_ours = true;
		memcpy(name, query->name, len);
		name[len] = '\0';
		r = len > 0 ? add_name(resolver, query, name, &answer) : 1;
	}
	if (r == 0 && !is_ours)
		return 0;
	return dns_answer_end(&answer, r < 0 ? DNS_SERVFAIL : r > 0 ? DNS_NOERROR : DNS_NXDOMAIN);
}

size_t local_refusal(const struct dns_query *query, const uint8_t *bytes, enum dns_rcode rcode,
		     uint8_t *ret)
{
	struct dns_answer answer;

	dns_answer_begin(&answer, query, bytes, ret, DNS_UDP_BYTES);
	return dns_answer_end(&answer, rcode);
}
