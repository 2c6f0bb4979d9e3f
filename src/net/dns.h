/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages of the domain name system as they travel: queries are read, answers are built, and the
 * answer of another server is held against what it was asked. RFC 1035; EDNS is RFC 6891, the case
 * of names RFC 4343. Nothing here allocates.
 */

#include "base/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_HEADER_BYTES  12
#define DNS_NAME_BYTES    256   /* a name as text with its NUL: the longest has 253 characters */
#define DNS_UDP_BYTES     512   /* what a requester takes by UDP that says nothing of it */
#define DNS_EDNS_BYTES    1232  /* what we send by UDP at most: it is never cut into fragments */
#define DNS_MESSAGE_BYTES 65535

/* Containers come and go, and to ask us again takes microseconds: nobody need remember. */
#define DNS_TTL_S 0

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_BADVERS = 16, /* of EDNS: it takes an OPT record to say so */
};

enum dns_type {
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_AAAA = 28,
	DNS_OPT = 41,
	DNS_ANY = 255,
};

enum dns_class {
	DNS_IN = 1,
	DNS_CLASS_ANY = 255,
};

struct dns_query {
	uint16_t id;
	uint16_t type, class;
	uint16_t question_end; /* how far header and question go; 0: there is no whole question */
	uint16_t udp_bytes;    /* what the requester takes by UDP, at least DNS_UDP_BYTES */
	uint8_t opcode;
	bool is_recursive; /* recursion is desired */
	bool has_checking_disabled;
	bool has_edns;
	bool has_dnssec_ok;
	/* In lower case, labels with dots between them and none at the end: "" is the root. A name
	 * with bytes that nobody's host is called by is no text, and "" as well. */
	bool is_text;
	char name[DNS_NAME_BYTES];
};

/* Read a query: one question, without compression, and nothing but whole records behind it. Returns
 * 0; an enum dns_rcode > 0 to answer it with, *ret being good for dns_answer_begin; or -EBADMSG: it
 * is no query at all, and gets no answer. */
int dns_query_parse(const uint8_t *bytes, size_t len, struct dns_query *ret);

/* "2.0.88.10.in-addr.arpa" and its like of ip6.arpa, in lower case: which address is meant? */
bool dns_name_to_ip(const char *name, struct ip *ret);

/* ------------------------------------------------------------------------------- answers */

/* An answer in the making, in the caller's bytes. */
struct dns_answer {
	uint8_t *bytes;
	size_t len, cap;
	uint16_t n_records;
	bool is_truncated;
	const struct dns_query *query;
};

/* The answer to `query`, whose bytes are at `asked`. The question goes back as it came. `cap` is
 * at least DNS_UDP_BYTES, and what the requester takes. */
void dns_answer_begin(struct dns_answer *answer, const struct dns_query *query,
		      const uint8_t *asked, uint8_t *bytes, size_t cap);

/* A record of the name that was asked for. What has no room marks the answer as truncated. */
void dns_answer_ip(struct dns_answer *answer, const struct ip *ip);
void dns_answer_ptr(struct dns_answer *answer, const char *name);

/* Returns how long the answer is. */
size_t dns_answer_end(struct dns_answer *answer, enum dns_rcode rcode);

/* ------------------------------------------------------------------------------- of others */

/* Is this an answer to the query, of which header and question are the `question_end` bytes at
 * `asked`? The identifier, the operation and the question are the same, case aside. A server that
 * refuses may leave the question out. */
bool dns_is_answer_to(const uint8_t *bytes, size_t len, const uint8_t *asked, size_t question_end);

/* Of a message that has at least a header. The response code is that without EDNS. */
enum dns_rcode dns_rcode_of(const uint8_t *bytes);
uint16_t dns_id_of(const uint8_t *bytes);
void dns_set_id(uint8_t *bytes, uint16_t id);

/* Cut an answer behind its question, and mark it as truncated. Returns how long it is now. */
size_t dns_truncate(uint8_t *bytes, size_t len, size_t question_end);
