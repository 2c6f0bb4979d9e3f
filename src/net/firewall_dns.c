/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Port 53 of 127.0.0.11, led to a resolver that listens on other ports there. Four rules rewrite
 * the port of a packet on its way out, and of an answer on its way back; being stateless they need
 * no tracking of connections, which would cost every packet of the container something.
 */
#include "net/firewall.h"

#include <netinet/in.h>

#define DPORT_AT    2
#define SPORT_AT    0
#define SADDR_AT    12
#define DADDR_AT    16
#define UDP_CSUM_AT 6
#define TCP_CSUM_AT 16
#define DNS_PORT    53
#define RAW	    (-300)

static const struct nft_table table = { NFPROTO_IPV4, "tare-dns" };

struct rewrite {
	uint8_t proto;
	uint32_t addr_at, port_at;
	uint16_t from, to; /* ports */
};

static void add_rewrite(struct nft_batch *b, const struct rewrite *rewrite)
{
	static const uint8_t resolver[4] = { 127, 0, 0, 11 };
	const uint16_t from = htons(rewrite->from), to = htons(rewrite->to);

	nft_rule_begin(b, "output");
	nft_payload(b, NFT_PAYLOAD_NETWORK_HEADER, rewrite->addr_at, 4, NFT_REG_1);
	nft_cmp(b, NFT_REG_1, NFT_CMP_EQ, resolver, sizeof(resolver));
	nft_meta(b, NFT_META_L4PROTO, NFT_REG_1);
	nft_cmp(b, NFT_REG_1, NFT_CMP_EQ, &rewrite->proto, 1);
	nft_payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, rewrite->port_at, 2, NFT_REG_1);
	nft_cmp(b, NFT_REG_1, NFT_CMP_EQ, &from, sizeof(from));
	nft_immediate(b, NFT_REG_1, &to, sizeof(to));
	nft_payload_write_port(b, NFT_REG_1, rewrite->port_at,
			       rewrite->proto == IPPROTO_UDP ? UDP_CSUM_AT : TCP_CSUM_AT);
	nft_rule_end(b, NULL);
}

static int make(struct nft *inside, const struct rewrite rewrites[4], bool is_again,
		struct err *err)
{
	const struct nft_chain output = { "output", "filter", NF_INET_LOCAL_OUT, RAW, NF_ACCEPT,
					  NULL };
	auto_nft_batch struct nft_batch batch = {};

	nft_batch_init(&batch, &table);
	if (is_again)
		nft_del_table(&batch);
	nft_new_table(&batch, NLM_F_EXCL, NULL);
	nft_new_chain(&batch, NLM_F_EXCL, &output);
	for (int i = 0; i < 4; i++)
		add_rewrite(&batch, &rewrites[i]);
	return nft_commit(inside, &batch, err);
}

int firewall_redirect_dns(struct nft *inside, uint16_t udp_port, uint16_t tcp_port,
			  struct err *err)
{
	const struct rewrite rewrites[] = {
		{ IPPROTO_UDP, DADDR_AT, DPORT_AT, DNS_PORT, udp_port },
		{ IPPROTO_TCP, DADDR_AT, DPORT_AT, DNS_PORT, tcp_port },
		{ IPPROTO_UDP, SADDR_AT, SPORT_AT, udp_port, DNS_PORT },
		{ IPPROTO_TCP, SADDR_AT, SPORT_AT, tcp_port, DNS_PORT },
	};
	int r = make(inside, rewrites, false, err);

	if (r == -EEXIST)
		r = make(inside, rewrites, true, err);
	return r < 0 ? err_wrap(err, "lead DNS to the container's resolver") : 0;
}
