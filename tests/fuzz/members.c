/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journal of members, as somebody who was killed, or an editor, may have left it. Whatever it is,
 * each member has an id and sound names, ids are there once, and all are found by what they have.
 */
#include "net/members.h"

#include "fuzz.h"

static void claim_found(const struct member_table *table, const struct member *m, const char *name)
{
	const struct member **found = calloc(table->n, sizeof(*found));
	size_t n, hits = 0;

	CLAIM(found);
	n = member_table_find_name(table, name, found, table->n);
	for (size_t i = 0; i < n; i++)
		hits += found[i] == m;
	CLAIM(hits == 1);
	free(found);
}

static void claim_member(const struct member_table *table, const struct member *m)
{
	CLAIM(strlen(m->id) == MEMBER_ID_LEN);
	CLAIM(member_table_find_id(table, m->id) == m);
	CLAIM(!ip_is_set(&m->ip) || m->ip.family == AF_INET);
	CLAIM(!ip_is_set(&m->ip6) || m->ip6.family == AF_INET6);
	CLAIM(!m->interface || strlen(m->interface) <= 15);
	if (ip_is_set(&m->ip))
		CLAIM(member_table_find_ip(table, &m->ip) != NULL);
	for (size_t i = 0; i < m->n_names; i++) {
		CLAIM(member_name_is_sound(m->names[i]));
		claim_found(table, m, m->names[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_member_table struct member_table table = {};
	char *text = malloc(size + 1);
	struct err err = {};
	int r;

	CLAIM(text);
	memcpy(text, data, size);
	r = member_table_parse(&table, text, size, &err);
	if (r < 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return 0;
	}
	CLAIM(member_table_index(&table, &err) == 0);
	for (size_t i = 0; i < table.n; i++)
		claim_member(&table, &table.v[i]);
	return 0;
}
