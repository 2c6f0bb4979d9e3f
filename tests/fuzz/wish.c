/* SPDX-License-Identifier: Apache-2.0 */
/* Two words of --network: they are refused, or wish for what each mode may have. */
#include "net/wish.h"

#include "fuzz.h"
#include "net/members.h"

static void claim_network(const struct wish_network *network)
{
	CLAIM(network->name && *network->name);
	for (size_t i = 0; i < network->aliases.n; i++)
		CLAIM(member_name_is_sound(network->aliases.v[i]));
	CLAIM(!network->interface_name || strlen(network->interface_name) < 16);
	CLAIM(!network->host_interface_name || strlen(network->host_interface_name) < 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *first = input_text(&in), *second = input_text(&in);
	const struct oci_strings words = { (char *[]){ first, second }, *second ? 2 : 1 };
	auto_arena struct arena arena = {};
	struct wish wish = {};
	struct err err = {};
	int r = wish_parse(&words, &arena, &wish, &err);

	if (r < 0) {
		CLAIM(err.kind == ERR_USAGE && err.msg[0] && r == -err.no);
		return 0;
	}
	CLAIM((wish.mode == WISH_NETWORKS) == (wish.networks.n > 0));
	CLAIM(wish.mode != WISH_CONTAINER || (wish.target && *wish.target));
	CLAIM(wish.mode != WISH_NS || (wish.target && *wish.target == '/'));
	for (size_t i = 0; i < wish.networks.n; i++)
		claim_network(&wish.networks.v[i]);
	return 0;
}
