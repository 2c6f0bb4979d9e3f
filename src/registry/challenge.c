/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads WWW-Authenticate. Its grammar is a comma-separated list of challenges, each of which is a
 * scheme and a comma-separated list of parameters: what follows a comma is a parameter if there is
 * a '=' after its first word, and another scheme if there is none.
 */
#include "registry/challenge.h"

#include "base/buf.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* token of RFC 9110, section 5.6.2; and token68, which has more at its end. */
#define TOKEN "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define TOKEN68 "-._~+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

static const char *skip_commas(const char *p)
{
	return p + strspn(p, ", \t");
}

/* Having read the quote; *p is left behind the one at the end. NULL: there is none. */
static char *read_quoted(const char **p, struct arena *arena)
{
	auto_buf struct buf text = {};

	for (; **p != '"'; (*p)++) {
		if (**p == '\\')
			(*p)++;
		if ((unsigned char)**p < ' ' && **p != '\t')
			return NULL;
		buf_add(&text, *p, 1);
	}
	(*p)++;
	return arena_strdup(arena, buf_str(&text));
}

static char *read_word(const char **p, struct arena *arena)
{
	size_t n = strspn(*p, TOKEN);
	char *word = n ? arena_strndup(arena, *p, n) : NULL;

	*p += n;
	return word;
}

/* A scheme with its blanks may be followed by one token68 instead of parameters. */
static const char *skip_token68(const char *p)
{
	const char *end = p + strspn(p, TOKEN68);

	end += strspn(end, "=");
	end = skip_blanks(end);
	return *end == ',' || !*end ? end : p;
}

/* Is what stands at `p` a parameter, and not the scheme of the next challenge? */
static bool is_parameter(const char *p)
{
	size_t n = strspn(p, TOKEN);

	return n && *skip_blanks(p + n) == '=';
}

/* Of a parameter that is there twice the first counts. */
static void keep(struct challenge *challenge, const char *name, char *value)
{
	const struct { const char *name; char **place; } known[] = {
		{ "realm", &challenge->realm }, { "service", &challenge->service },
		{ "scope", &challenge->scope }, { "error", &challenge->error },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcasecmp(known[i].name, name) == 0 && !*known[i].place)
			*known[i].place = value;
}

static bool read_parameter(const char **p, struct arena *arena, struct challenge *challenge)
{
	const char *name = read_word(p, arena);
	char *value;

	*p = skip_blanks(*p);
	*p = skip_blanks(*p + 1);
	if (**p == '"') {
		(*p)++;
		value = read_quoted(p, arena);
	} else {
		value = read_word(p, arena);
	}
	*p = skip_blanks(*p);
	if (!value || (**p && **p != ','))
		return false;
	keep(challenge, name, value);
	return true;
}

static bool read_challenge(const char **p, struct arena *arena, struct challenge *challenge)
{
	const char *scheme = read_word(p, arena);

	if (!scheme || (**p && !strchr(" \t,", **p)))
		return false;
	if (strcasecmp(scheme, "basic") == 0)
		challenge->scheme = CHALLENGE_BASIC;
	else if (strcasecmp(scheme, "bearer") == 0)
		challenge->scheme = CHALLENGE_BEARER;
	*p = skip_token68(skip_blanks(*p));
	for (;;) {
		const char *next = skip_commas(*p);

		if (!is_parameter(next))
			break;
		*p = next;
		if (!read_parameter(p, arena, challenge))
			return false;
	}
	return !**p || **p == ',';
}

size_t challenge_parse(const char *header, struct arena *arena, struct challenge *challenges,
		       size_t n)
{
	const char *p = skip_commas(header);
	size_t found = 0;

	if (strnlen(header, CHALLENGE_MAX_BYTES + 1) > CHALLENGE_MAX_BYTES)
		return 0;
	while (*p && found < n) {
		struct challenge challenge = {};

		if (!read_challenge(&p, arena, &challenge))
			break;
		challenges[found++] = challenge;
		p = skip_commas(p);
	}
	return found;
}

const struct challenge *challenge_choose(const struct challenge *challenges, size_t n)
{
	const struct challenge *basic = NULL;

	for (size_t i = 0; i < n; i++) {
		if (challenges[i].scheme == CHALLENGE_BEARER && challenges[i].realm)
			return &challenges[i];
		if (challenges[i].scheme == CHALLENGE_BASIC && !basic)
			basic = &challenges[i];
	}
	return basic;
}
