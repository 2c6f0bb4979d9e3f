/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message from a container: it is no query, is refused, or can be answered; the answer is one to
 * the very question, in no more bytes than the requester takes. And the same bytes as a server's.
 */
#include "net/dns.h"

#include "fuzz.h"

static void claim_answer(const uint8_t *asked, const struct dns_query *query, enum dns_rcode rcode)
{
	const struct ip ip = { AF_INET6, { 0xfd } };
	uint8_t bytes[DNS_UDP_BYTES];
	struct dns_answer answer;
	size_t len;

	dns_answer_begin(&answer, query, asked, bytes, sizeof(bytes));
	for (int i = 0; rcode == DNS_NOERROR && i < 20; i++)
		dns_answer_ip(&answer, &ip);
	if (rcode == DNS_NOERROR)
		dns_answer_ptr(&answer, query->name);
	len = dns_answer_end(&answer, rcode);
	CLAIM(len >= DNS_HEADER_BYTES && len <= sizeof(bytes));
	CLAIM(rcode != DNS_NOERROR || dns_is_answer_to(bytes, len, asked, query->question_end));
	CLAIM(dns_rcode_of(bytes) == (rcode & 0xf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t asked[] = "\1\2\1\0\0\1\0\0\0\0\0\0\2db\0\0\x1c\0\1";
	uint8_t *bytes = malloc(size ? size : 1);
	struct dns_query query;
	struct ip ip;
	int r;

	CLAIM(bytes);
	if (size > 0)
		memcpy(bytes, data, size);
	r = dns_query_parse(bytes, size, &query);
	CLAIM(r >= 0 || r == -EBADMSG);
	if (r >= 0) {
		CLAIM(query.question_end <= size && strlen(query.name) < DNS_NAME_BYTES);
		CLAIM(query.udp_bytes >= DNS_UDP_BYTES);
		CLAIM(r > 0 || query.question_end > DNS_HEADER_BYTES);
		(void)dns_name_to_ip(query.name, &ip);
		claim_answer(bytes, &query, (enum dns_rcode)r);
	}
	if (dns_is_answer_to(bytes, size, asked, sizeof(asked) - 1))
		CLAIM(dns_truncate(bytes, size, sizeof(asked) - 1) <= size);
	free(bytes);
	return 0;
}
