/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every length is held against what is left before a byte is read: a message comes from whoever is
 * in the container, or pretends to be a server. Of a query all is read; of other servers' answers
 * only the header and the question, the rest is the requester's to judge.
 *
 * A name is only followed where it stands: a pointer ends it in records that we skip, and is no
 * part of a question. In our answers all records are of the name that was asked for, so that its
 * one place, behind the header, is what their pointers say.
 */
#include "net/dns.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum {
	FLAG_RESPONSE = 0x8000,
	FLAG_TRUNCATED = 0x0200,
	FLAG_RECURSION_DESIRED = 0x0100,
	FLAG_RECURSION_AVAILABLE = 0x0080,
	FLAG_CHECKING_DISABLED = 0x0010,

	LABEL_MAX = 63,
	NAME_MAX_WIRE = 255,
	OPT_BYTES = 11,       /* the root's name, and no options */
	OWNER_POINTER = 0xc000 | DNS_HEADER_BYTES,
	RECORD_BYTES = 12,    /* a record with a pointer as its name, without its data */
	EDNS_DNSSEC_OK = 0x8000,
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* ------------------------------------------------------------------------------- queries */

/* What hosts and services are called by. A dot within a label is none that stands between two. */
static bool is_plain(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != '.' && c != '\\';
}

/* The question's name at `at`. Returns where it ends, or 0: it is broken. */
static size_t read_name(const uint8_t *bytes, size_t len, size_t at, struct dns_query *query)
{
	const size_t start = at;
	size_t n = 0;

	query->is_text = true;
	while (at < len && bytes[at] != 0) {
		size_t label = bytes[at++];

		if (label > LABEL_MAX || label > len - at || at + label - start >= NAME_MAX_WIRE)
			return 0;
		if (n > 0)
			query->name[n++] = '.';
		for (size_t i = 0; i < label; i++) {
			query->is_text &= is_plain(bytes[at]);
			query->name[n++] = (char)tolower(bytes[at++]);
		}
	}
	query->name[query->is_text ? n : 0] = '\0';
	return at < len ? at + 1 : 0;
}

/* Behind the name of a record at `at`, compressed or not; 0: it is broken. */
static size_t skip_name(const uint8_t *bytes, size_t len, size_t at)
{
	while (at < len && bytes[at] != 0) {
		if (bytes[at] >= 0xc0)
			return at + 2 <= len ? at + 2 : 0;
		if (bytes[at] > LABEL_MAX)
			return 0;
		at += 1U + bytes[at];
	}
	return at < len ? at + 1 : 0;
}

/* An OPT record: its class is a size, its time to live are more bits. */
static enum dns_rcode read_opt(const uint8_t *record, struct dns_query *query)
{
	uint16_t udp_bytes = get16(record + 2);

	if (query->has_edns)
		return DNS_FORMERR;
	query->has_edns = true;
	query->has_dnssec_ok = get16(record + 6) & EDNS_DNSSEC_OK;
	query->udp_bytes = udp_bytes < DNS_UDP_BYTES ? DNS_UDP_BYTES : udp_bytes;
	return record[5] > 0 ? DNS_BADVERS : DNS_NOERROR;
}

/* The `n` records behind the question, up to the end. */
static enum dns_rcode read_additional(const uint8_t *bytes, size_t len, unsigned n,
				      struct dns_query *query)
{
	size_t at = query->question_end;
	enum dns_rcode rcode = DNS_NOERROR;

	for (; n > 0; n--) {
		size_t name = at;

		at = skip_name(bytes, len, at);
		if (at == 0 || len - at < 10 || get16(bytes + at + 8) > len - at - 10)
			return DNS_FORMERR;
		if (get16(bytes + at) == DNS_OPT && rcode != DNS_FORMERR)
			rcode = bytes[name] ? DNS_FORMERR : read_opt(bytes + at, query);
		at += 10U + get16(bytes + at + 8);
	}
	return at == len ? rcode : DNS_FORMERR;
}

int dns_query_parse(const uint8_t *bytes, size_t len, struct dns_query *ret)
{
	uint16_t flags;
	size_t at;

	if (len < DNS_HEADER_BYTES || (get16(bytes + 2) & FLAG_RESPONSE))
		return -EBADMSG;
	flags = get16(bytes + 2);
	memset(ret, 0, sizeof(*ret));
	ret->id = get16(bytes);
	ret->opcode = flags >> 11 & 0xf;
	ret->is_recursive = flags & FLAG_RECURSION_DESIRED;
	ret->has_checking_disabled = flags & FLAG_CHECKING_DISABLED;
	ret->udp_bytes = DNS_UDP_BYTES;
	if (ret->opcode != 0)
		return DNS_NOTIMP;
	if (get16(bytes + 4) != 1 || get16(bytes + 6) || get16(bytes + 8))
		return DNS_FORMERR;

	at = read_name(bytes, len, DNS_HEADER_BYTES, ret);
	if (at == 0 || len - at < 4)
		return DNS_FORMERR;
	ret->type = get16(bytes + at);
	ret->class = get16(bytes + at + 2);
	ret->question_end = (uint16_t)(at + 4);
	return (int)read_additional(bytes, len, get16(bytes + 10), ret);
}

/* ------------------------------------------------------------------------------- reverse names */

/* A number of at most three digits, and the dot behind it. Returns what follows, or NULL. */
static const char *read_octet(const char *p, uint8_t *ret)
{
	const char *start = p;
	unsigned value = 0;

	for (; isdigit((unsigned char)*p) && p - start < 3; p++)
		value = value * 10 + (unsigned)(*p - '0');
	if (p == start || *p != '.' || value > 255 || (*start == '0' && p - start > 1))
		return NULL;
	*ret = (uint8_t)value;
	return p + 1;
}

static bool name_to_ip4(const char *p, struct ip *ret)
{
	struct ip ip = { .family = AF_INET };

	for (int i = 3; i >= 0 && p; i--)
		p = read_octet(p, &ip.bytes[i]);
	if (!p || strcmp(p, "in-addr.arpa") != 0)
		return false;
	*ret = ip;
	return true;
}

static bool name_to_ip6(const char *p, struct ip *ret)
{
	static const char digits[] = "0123456789abcdef";
	struct ip ip = { .family = AF_INET6 };

	for (int i = 31; i >= 0; i--, p += 2) {
		const char *digit = *p ? strchr(digits, *p) : NULL;

		if (!digit || p[1] != '.')
			return false;
		ip.bytes[i / 2] |= (uint8_t)((digit - digits) << (i % 2 ? 0 : 4));
	}
	if (strcmp(p, "ip6.arpa") != 0)
		return false;
	*ret = ip;
	return true;
}

bool dns_name_to_ip(const char *name, struct ip *ret)
{
	return name_to_ip4(name, ret) || name_to_ip6(name, ret);
}

/* ------------------------------------------------------------------------------- answers */

void dns_answer_begin(struct dns_answer *answer, const struct dns_query *query,
		      const uint8_t *asked, uint8_t *bytes, size_t cap)
{
	size_t question = query->question_end ? query->question_end : DNS_HEADER_BYTES;

	/* The longest question has 271 bytes: it has room in the least that anyone takes. */
	*answer = (struct dns_answer){
		.bytes = bytes,
		.len = question,
		.cap = query->has_edns ? cap - OPT_BYTES : cap,
		.query = query,
	};
	memset(bytes, 0, DNS_HEADER_BYTES);
	memcpy(bytes + DNS_HEADER_BYTES, asked + DNS_HEADER_BYTES, question - DNS_HEADER_BYTES);
}

/* Room for a record with `len` bytes of data; NULL: there is none. */
static uint8_t *add_record(struct dns_answer *answer, unsigned type, size_t len)
{
	uint8_t *p = answer->bytes + answer->len;

	if (answer->is_truncated || RECORD_BYTES + len > answer->cap - answer->len) {
		answer->is_truncated = true;
		return NULL;
	}
	put16(p, OWNER_POINTER);
	put16(p + 2, type);
	put16(p + 4, DNS_IN);
	put16(p + 6, DNS_TTL_S >> 16);
	put16(p + 8, DNS_TTL_S & 0xffff);
	put16(p + 10, (unsigned)len);
	answer->len += RECORD_BYTES + len;
	answer->n_records++;
	return p + RECORD_BYTES;
}

void dns_answer_ip(struct dns_answer *answer, const struct ip *ip)
{
	uint8_t *data = add_record(answer, ip->family == AF_INET ? DNS_A : DNS_AAAA, ip_len(ip));

	if (data)
		memcpy(data, ip->bytes, ip_len(ip));
}

/* A name as it travels. Returns how long it is, or 0: it is none. */
static size_t write_name(const char *name, uint8_t wire[static NAME_MAX_WIRE])
{
	size_t len = 0;

	while (*name) {
		size_t label = strcspn(name, ".");

		if (label == 0 || label > LABEL_MAX || len + label + 2 > NAME_MAX_WIRE)
			return 0;
		wire[len++] = (uint8_t)label;
		memcpy(wire + len, name, label);
		len += label;
		name += label + (name[label] == '.');
	}
	wire[len++] = 0;
	return len;
}

void dns_answer_ptr(struct dns_answer *answer, const char *name)
{
	uint8_t wire[NAME_MAX_WIRE];
	size_t len = write_name(name, wire);
	uint8_t *data = len ? add_record(answer, DNS_PTR, len) : NULL;

	if (data)
		memcpy(data, wire, len);
}

static void add_opt(struct dns_answer *answer, unsigned rcode)
{
	uint8_t *p = answer->bytes + answer->len;

	p[0] = 0;
	put16(p + 1, DNS_OPT);
	put16(p + 3, DNS_EDNS_BYTES);
	put16(p + 5, (rcode >> 4) << 8);
	put16(p + 7, answer->query->has_dnssec_ok ? EDNS_DNSSEC_OK : 0);
	put16(p + 9, 0);
	answer->len += OPT_BYTES;
}

size_t dns_answer_end(struct dns_answer *answer, enum dns_rcode rcode)
{
	const struct dns_query *query = answer->query;

	put16(answer->bytes, query->id);
	put16(answer->bytes + 2, FLAG_RESPONSE | (unsigned)query->opcode << 11 |
				 FLAG_RECURSION_AVAILABLE | (rcode & 0xf) |
				 (query->is_recursive ? FLAG_RECURSION_DESIRED : 0) |
				 (query->has_checking_disabled ? FLAG_CHECKING_DISABLED : 0) |
				 (answer->is_truncated ? FLAG_TRUNCATED : 0));
	put16(answer->bytes + 4, query->question_end ? 1 : 0);
	put16(answer->bytes + 6, answer->n_records);
	put16(answer->bytes + 10, query->has_edns ? 1 : 0);
	if (query->has_edns)
		add_opt(answer, rcode);
	return answer->len;
}

/* ------------------------------------------------------------------------------- of others */

static bool is_same_question(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t name = len - 4;

	/* The lengths of labels are below 'A': to lower them leaves them as they are. */
	for (size_t i = 0; i < name; i++)
		if (tolower(a[i]) != tolower(b[i]))
			return false;
	return memcmp(a + name, b + name, 4) == 0;
}

bool dns_is_answer_to(const uint8_t *bytes, size_t len, const uint8_t *asked, size_t question_end)
{
	uint16_t flags;

	if (len < DNS_HEADER_BYTES || get16(bytes) != get16(asked))
		return false;
	flags = get16(bytes + 2);
	if (!(flags & FLAG_RESPONSE) || (flags >> 11 & 0xf) != (get16(asked + 2) >> 11 & 0xf))
		return false;
	if (len == DNS_HEADER_BYTES && get16(bytes + 4) == 0)
		return dns_rcode_of(bytes) != DNS_NOERROR && dns_rcode_of(bytes) != DNS_NXDOMAIN;
	return get16(bytes + 4) == 1 && len >= question_end &&
	       is_same_question(bytes + DNS_HEADER_BYTES, asked + DNS_HEADER_BYTES,
				question_end - DNS_HEADER_BYTES);
}

enum dns_rcode dns_rcode_of(const uint8_t *bytes)
{
	return (enum dns_rcode)(bytes[3] & 0xf);
}

uint16_t dns_id_of(const uint8_t *bytes)
{
	return get16(bytes);
}

void dns_set_id(uint8_t *bytes, uint16_t id)
{
	put16(bytes, id);
}

size_t dns_truncate(uint8_t *bytes, size_t len, size_t question_end)
{
	if (len > question_end && get16(bytes + 4) == 1)
		len = question_end;
	else if (len > question_end)
		len = DNS_HEADER_BYTES;
	put16(bytes + 2, get16(bytes + 2) | FLAG_TRUNCATED);
	memset(bytes + 6, 0, 6);
	return len;
}
