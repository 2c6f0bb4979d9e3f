/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of members as a table. The text is cut into strings where it lies; a member's fields
 * point into it. Ids are found by a table of hashes, which is there while lines are read, since
 * each may speak of one before it; names and addresses by lists that hang from buckets, in the
 * order of the members.
 */
#include "net/members.h"

#include <string.h>
#include <strings.h>

#define FIRST_LINE "tare-members 1"
#define NO_LINK    UINT32_MAX

struct member_link {
	uint32_t hash, next, member;
	const char *name; /* NULL: of an address */
};

/* While lines are read. */
struct reading {
	struct member_table *table;
	const char **next_name;
	uint32_t *ids, mask; /* of the ids: an index into v, + 1 */
};

static void reading_done(struct reading *reading)
{
	free(reading->ids);
}

void member_table_done(struct member_table *table)
{
	free(table->v);
	free(table->text);
	free(table->names);
	free(table->shorts);
	free(table->links);
	free(table->ip_links);
	free(table->heads);
	free(table->ip_heads);
	*table = (struct member_table){};
}

static uint32_t hash_bytes(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 16777619u;
	return hash ^ hash >> 15;
}

static uint8_t lower(char c)
{
	return (uint8_t)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static uint32_t hash_name(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ lower(*name)) * 16777619u;
	return hash ^ hash >> 15;
}

/* A power of two that leaves room, less 1. */
static uint32_t mask_for(size_t n)
{
	uint32_t size = 16;

	while (size < 2 * n)
		size *= 2;
	return size - 1;
}

/* ------------------------------------------------------------------------------- fields */

/* 1: a lower-case hexadecimal digit, 2: another letter or digit, 4: what may stand between. */
static const uint8_t kinds[256] = {
	['0' ... '9'] = 1, ['a' ... 'f'] = 1, ['g' ... 'z'] = 2, ['A' ... 'Z'] = 2,
	['_'] = 4,	   ['.'] = 4,	      ['-'] = 4,
};

/* All 64 are looked at, whatever they are: so it is done by sixteens. */
static bool is_id(const char *word)
{
	uint8_t bad = 0;

	if (strnlen(word, MEMBER_ID_LEN + 1) != MEMBER_ID_LEN)
		return false;
	for (int i = 0; i < MEMBER_ID_LEN; i++) {
		const uint8_t c = (uint8_t)word[i];

		bad |= ((uint8_t)(c - '0') > 9) & ((uint8_t)(c - 'a') > 5);
	}
	return !bad;
}

bool member_name_is_sound(const char *name)
{
	size_t len = 0;

	if (kinds[(uint8_t)*name] == 4)
		return false;
	while (kinds[(uint8_t)name[len]])
		len++;
	if (name[len])
		return false;
	return len > 0 && len <= 253;
}

/* The next word of a line, which is cut off behind it; NULL: there is none. */
static char *next_word(char **rest)
{
	char *word = *rest, *blank;

	if (!word || !*word)
		return NULL;
	blank = strchr(word, ' ');
	*rest = blank ? blank + 1 : NULL;
	if (blank)
		*blank = '\0';
	return word;
}

/* "10.89.0.2", as ip_format writes it; a tenth of what inet_pton(3) takes. */
static bool read_ip4(const char *word, struct ip *ret)
{
	struct ip ip = { .family = AF_INET };

	for (int i = 0; i < 4; i++) {
		unsigned number = 0;
		int digits = 0;

		for (; *word >= '0' && *word <= '9' && digits < 4; word++, digits++)
			number = number * 10 + (unsigned)(*word - '0');
		if (digits == 0 || number > 255 || *word++ != (i < 3 ? '.' : '\0'))
			return false;
		ip.bytes[i] = (uint8_t)number;
	}
	*ret = ip;
	return true;
}

/* Returns false if it is neither "-" nor an address of that family. */
static bool read_ip(char **rest, uint8_t family, struct ip *ret)
{
	const char *word = next_word(rest);
	struct err ignored;

	*ret = (struct ip){};
	if (!word || strcmp(word, "-") == 0)
		return word != NULL;
	if (family == AF_INET)
		return read_ip4(word, ret);
	return ip_parse(word, ret, &ignored) == 0 && ret->family == family;
}

static bool read_mac(char **rest, struct mac *ret)
{
	const char *word = next_word(rest);
	struct err ignored;

	if (!word || strcmp(word, "-") == 0)
		return word != NULL;
	return mac_parse(word, ret, &ignored) == 0;
}

static bool read_interface(char **rest, const char **ret)
{
	const char *word = next_word(rest);

	if (!word || strlen(word) > 15)
		return false;
	*ret = strcmp(word, "-") == 0 ? NULL : word;
	return true;
}

static bool read_names(struct reading *reading, char **rest, struct member *m)
{
	const char **first = reading->next_name;
	const char *word;

	while ((word = next_word(rest))) {
		if (!member_name_is_sound(word))
			return false;
		*reading->next_name++ = word;
	}
	m->names = first;
	m->n_names = (size_t)(reading->next_name - first);
	return !*rest;
}

/* ------------------------------------------------------------------------------- lines */

/* Ids are random: a part of one is as good as all of it. */
static uint32_t hash_id(const char *id)
{
	uint64_t head, tail;

	memcpy(&head, id, sizeof(head));
	memcpy(&tail, id + MEMBER_ID_LEN - sizeof(tail), sizeof(tail));
	return (uint32_t)((head * 0x9e3779b97f4a7c15u ^ tail) * 0x9e3779b97f4a7c15u >> 32);
}

/* Where the id stands, or would. */
static uint32_t *find_slot(const struct reading *reading, const char *id)
{
	uint32_t at = hash_id(id) & reading->mask;

	while (reading->ids[at] &&
	       memcmp(reading->table->v[reading->ids[at] - 1].id, id, MEMBER_ID_LEN) != 0)
		at = (at + 1) & reading->mask;
	return &reading->ids[at];
}

/* One that left keeps its place until all is read, since others are found behind it: only its
 * number of names says that it is gone. */
#define GONE SIZE_MAX

static void take_member(struct reading *reading, char *rest, bool was_chosen)
{
	struct member_table *table = reading->table;
	struct member m = { .id = next_word(&rest) };
	uint32_t *slot;

	if (!m.id || !is_id(m.id) || !read_ip(&rest, AF_INET, &m.ip) ||
	    !read_ip(&rest, AF_INET6, &m.ip6) || !read_mac(&rest, &m.mac) ||
	    !read_interface(&rest, &m.interface) || !read_names(reading, &rest, &m))
		return;
	slot = find_slot(reading, m.id);
	if (*slot)
		table->v[*slot - 1].n_names = GONE;
	table->v[table->n++] = m;
	*slot = (uint32_t)table->n;
	if (was_chosen && ip_is_set(&m.ip))
		table->last = m.ip;
	if (was_chosen && ip_is_set(&m.ip6))
		table->last6 = m.ip6;
}

static void take_leave(struct reading *reading, char *rest)
{
	const char *id = next_word(&rest);
	uint32_t *slot;

	if (!id || rest || !is_id(id))
		return;
	slot = find_slot(reading, id);
	if (*slot)
		reading->table->v[*slot - 1].n_names = GONE;
}

static void take_last(struct reading *reading, char *rest)
{
	struct ip ip, ip6;

	if (read_ip(&rest, AF_INET, &ip) && read_ip(&rest, AF_INET6, &ip6) && !rest) {
		reading->table->last = ip;
		reading->table->last6 = ip6;
	}
}

static void take_line(struct reading *reading, char *line)
{
	if (line[0] == '\0' || line[1] != ' ')
		return;
	if (line[0] == '+' || line[0] == '=')
		take_member(reading, line + 2, line[0] == '+');
	else if (line[0] == '-')
		take_leave(reading, line + 2);
	else if (line[0] == '@')
		take_last(reading, line + 2);
}

static void drop_gone(struct member_table *table)
{
	size_t n = 0;

	for (size_t i = 0; i < table->n; i++)
		if (table->v[i].n_names != GONE)
			table->v[n++] = table->v[i];
	table->n = n;
}

/* The first line says what the file is; one that is not whole is of who was killed. */
static int check_first(char *text, char *newline, struct err *err)
{
	*newline = '\0';
	if (strcmp(text, FIRST_LINE) == 0)
		return 0;
	(void)err_set(err, ERR_USAGE, EINVAL, "'members' begins with '%.32s', not with '%s'", text,
		      FIRST_LINE);
	return err_hint(err, "remove it when no container is on the network");
}

/* The shortest lines that say something: "- ID", and "+ ID - - - -". */
#define MIN_LINE	(MEMBER_ID_LEN + 3)
#define MIN_MEMBER_LINE (MEMBER_ID_LEN + 11)

/* As much as a text of `len` bytes can fill: counting what is in it takes longer. Of the names,
 * what isn't filled is never touched. */
static int make_room(struct reading *reading, size_t len, struct err *err)
{
	struct member_table *table = reading->table;

	reading->mask = mask_for(len / MIN_LINE + 1);
	reading->ids = calloc(reading->mask + 1, sizeof(*reading->ids));
	table->v = malloc((len / MIN_MEMBER_LINE + 1) * sizeof(*table->v));
	table->names = malloc((len / 2 + 1) * sizeof(*table->names));
	reading->next_name = table->names;
	return reading->ids && table->v && table->names ? 0
							: err_sys(err, ENOMEM, "read 'members'");
}

int member_table_parse(struct member_table *ret, char *text, size_t len, struct err *err)
{
	auto_cleanup(reading_done) struct reading reading = { .table = ret };
	char *end, *line, *newline;
	int r;

	*ret = (struct member_table){ .text = text };
	text[len] = '\0';
	end = memrchr(text, '\n', len);
	ret->is_cut = len > 0 && end != text + len - 1;
	if (!end)
		return 0;
	newline = memchr(text, '\n', len);
	r = check_first(text, newline, err);
	if (r == 0)
		r = make_room(&reading, len, err);
	if (r < 0)
		return r;
	for (line = newline + 1; line <= end; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line) + 1);
		*newline = '\0';
		ret->n_lines++;
		if (!memchr(line, '\0', (size_t)(newline - line)))
			take_line(&reading, line);
	}
	ret->n_lines++;
	drop_gone(ret);
	return 0;
}

/* ------------------------------------------------------------------------------- finding */

static void hang(struct member_link *links, uint32_t *n, uint32_t *head, struct member_link link)
{
	link.next = *head;
	links[*n] = link;
	*head = (*n)++;
}

static void index_member(struct member_table *table, uint32_t i, uint32_t *n, uint32_t *n_ips)
{
	const struct member *m = &table->v[i];
	const struct ip *ips[] = { &m->ip6, &m->ip };
	const uint32_t mask = table->mask;
	uint32_t hash;

	memcpy(table->shorts[i], m->id, MEMBER_SHORT_LEN);
	table->shorts[i][MEMBER_SHORT_LEN] = '\0';
	for (size_t k = 0; k <= m->n_names; k++) {
		const char *name = k < m->n_names ? m->names[k] : table->shorts[i];

		hash = hash_name(name);
		hang(table->links, n, &table->heads[hash & mask],
		     (struct member_link){ .hash = hash, .member = i, .name = name });
	}
	for (size_t k = 0; k < 2; k++) {
		if (!ip_is_set(ips[k]))
			continue;
		hash = hash_bytes(ips[k]->bytes, 16);
		hang(table->ip_links, n_ips, &table->ip_heads[hash & mask],
		     (struct member_link){ .hash = hash, .member = i });
	}
}

int member_table_index(struct member_table *table, struct err *err)
{
	size_t n = table->n;
	uint32_t n_links = 0, n_ips = 0;

	for (size_t i = 0; i < table->n; i++)
		n += table->v[i].n_names;
	table->mask = mask_for(n);
	table->links = malloc((n + 1) * sizeof(*table->links));
	table->ip_links = malloc((2 * table->n + 1) * sizeof(*table->ip_links));
	table->heads = malloc((table->mask + 1) * sizeof(uint32_t));
	table->ip_heads = malloc((table->mask + 1) * sizeof(uint32_t));
	table->shorts = malloc((table->n + 1) * sizeof(*table->shorts));
	if (!table->links || !table->ip_links || !table->heads || !table->ip_heads ||
	    !table->shorts)
		return err_sys(err, ENOMEM, "read 'members'");
	memset(table->heads, 0xff, (table->mask + 1) * sizeof(uint32_t));
	memset(table->ip_heads, 0xff, (table->mask + 1) * sizeof(uint32_t));
	/* Each is hung before the others: so the first comes last. */
	for (size_t i = table->n; i-- > 0;)
		index_member(table, (uint32_t)i, &n_links, &n_ips);
	return 0;
}

size_t member_table_find_name(const struct member_table *table, const char *name,
			      const struct member **ret, size_t max)
{
	const uint32_t hash = hash_name(name);
	size_t n = 0;

	if (!table->heads)
		return 0;
	for (uint32_t at = table->heads[hash & table->mask]; at != NO_LINK && n < max;
	     at = table->links[at].next) {
		const struct member_link *link = &table->links[at];
		const struct member *m = &table->v[link->member];

		/* One that has a name twice is there once: what is its hangs together. */
		if (link->hash == hash && (n == 0 || ret[n - 1] != m) &&
		    strcasecmp(link->name, name) == 0)
			ret[n++] = m;
	}
	return n;
}

const struct member *member_table_find_ip(const struct member_table *table, const struct ip *ip)
{
	const uint32_t hash = hash_bytes(ip->bytes, 16);

	if (!table->ip_heads || !ip_is_set(ip))
		return NULL;
	for (uint32_t at = table->ip_heads[hash & table->mask]; at != NO_LINK;
	     at = table->ip_links[at].next) {
		const struct member *m = &table->v[table->ip_links[at].member];

		if (ip_compare(&m->ip, ip) == 0 || ip_compare(&m->ip6, ip) == 0)
			return m;
	}
	return NULL;
}

const struct member *member_table_find_id(const struct member_table *table, const char *id)
{
	for (size_t i = 0; i < table->n; i++)
		if (table->v[i].id[0] == id[0] && table->v[i].id[1] == id[1] &&
		    strcmp(table->v[i].id, id) == 0)
			return &table->v[i];
	return NULL;
}
