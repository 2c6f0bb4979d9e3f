/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blanks are tokens, since they part the arguments of a function: `.A.B` is one, `.A .B` are two.
 * A comment is no token, and trims as an action does.
 */
#include "template/lexer.h"

#include <string.h>

#define BLANKS " \t\r\n"

static bool is_blank(char c)
{
	return c && strchr(BLANKS, c);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Of a name; letters of other alphabets too. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
	       (c & 0x80);
}

static struct token bad(struct lexer *lexer, const char *start, const char *reason)
{
	lexer->reason = reason;
	lexer->at = start + strlen(start);
	lexer->is_inside = false;
	return (struct token){ TOKEN_BAD, start, 0 };
}

static struct token take(struct lexer *lexer, enum token_kind kind, size_t len)
{
	struct token token = { kind, lexer->at, len };

	lexer->at += len;
	return token;
}

/* How long the end of an action is here, with the mark that trims; 0: it is none. */
static size_t close_length(const char *at, bool *ret_trims)
{
	size_t blanks = strspn(at, BLANKS);

	*ret_trims = blanks && strncmp(at + blanks, "-}}", 3) == 0;
	if (*ret_trims)
		return blanks + 3;
	return strncmp(at, "}}", 2) == 0 ? 2 : 0;
}

/* ------------------------------------------------------------------------------- outside */

/* Behind a comment; NULL if it has no end. */
static const char *skip_comment(struct lexer *lexer, const char *at)
{
	const char *end = strstr(at + 2, "*/");
	size_t len = end ? close_length(end + 2, &lexer->trims) : 0;

	return len ? end + 2 + len : NULL;
}

static bool trims_left(const char *open)
{
	return open[2] == '-' && is_blank(open[3]);
}

static struct token lex_text(struct lexer *lexer)
{
	struct token text = { TOKEN_TEXT, lexer->at, 0 };
	const char *open = strstr(lexer->at, "{{");
	const char *end = open ? open : lexer->at + strlen(lexer->at);

	if (lexer->trims)
		text.start += strspn(text.start, BLANKS);
	lexer->trims = false;
	if (text.start > end)
		text.start = end;
	lexer->at = end;
	if (open && trims_left(open))
		while (end > text.start && is_blank(end[-1]))
			end--;
	text.len = (size_t)(end - text.start);
	return text;
}

/* At "{{", or at the end. */
static struct token lex_open(struct lexer *lexer)
{
	const char *open = lexer->at, *inside = open + 2;

	if (!*open)
		return take(lexer, TOKEN_END, 0);
	if (trims_left(open))
		inside += 1 + strspn(inside + 1, BLANKS);
	if (strncmp(inside, "/*", 2) == 0) {
		lexer->at = skip_comment(lexer, inside);
		return lexer->at ? lex_text(lexer)
				 : bad(lexer, open, "a comment ends with '*/}}' or '*/ -}}'");
	}
	lexer->is_inside = true;
	return take(lexer, TOKEN_OPEN, (size_t)(inside - open));
}

/* ------------------------------------------------------------------------------- inside */

static struct token lex_quoted(struct lexer *lexer, enum token_kind kind, char quote)
{
	const char *end = lexer->at + 1;

	while (*end && *end != quote && (*end != '\n' || kind == TOKEN_RAW))
		end += kind != TOKEN_RAW && *end == '\\' && end[1] ? 2 : 1;
	if (*end != quote)
		return bad(lexer, lexer->at, "a quote without its end");
	return take(lexer, kind, (size_t)(end + 1 - lexer->at));
}

static struct token lex_number(struct lexer *lexer)
{
	const char *end = lexer->at + (*lexer->at == '+' || *lexer->at == '-');
	bool is_hex = end[0] == '0' && (end[1] == 'x' || end[1] == 'X');

	while (is_letter(*end) || *end == '.' ||
	       ((*end == '+' || *end == '-') && !is_hex && strchr("eE", end[-1])))
		end++;
	return take(lexer, TOKEN_NUMBER, (size_t)(end - lexer->at));
}

static size_t name_length(const char *at)
{
	size_t n = 0;

	while (is_letter(at[n]))
		n++;
	return n;
}

/* A name, after the sign that says what it is a name of. What follows must not look like more. */
static struct token lex_name(struct lexer *lexer, enum token_kind kind, size_t sign)
{
	size_t len = sign + name_length(lexer->at + sign);
	char next = lexer->at[len];

	if (next && !is_blank(next) && !strchr(".,|:)(}", next))
		return bad(lexer, lexer->at + len,
			   "a name ends here; 'index' finds one that has other characters");
	return take(lexer, kind, len);
}

static struct token lex_sign(struct lexer *lexer)
{
	switch (*lexer->at) {
	case '|':
		return take(lexer, TOKEN_PIPE, 1);
	case ',':
		return take(lexer, TOKEN_COMMA, 1);
	case '(':
		return take(lexer, TOKEN_LEFT, 1);
	case ')':
		return take(lexer, TOKEN_RIGHT, 1);
	case '=':
		return take(lexer, TOKEN_ASSIGN, 1);
	case ':':
		if (lexer->at[1] == '=')
			return take(lexer, TOKEN_DECLARE, 2);
		return bad(lexer, lexer->at, "':' is followed by '='");
	case '"':
		return lex_quoted(lexer, TOKEN_STRING, '"');
	case '\'':
		return lex_quoted(lexer, TOKEN_CHAR, '\'');
	case '`':
		return lex_quoted(lexer, TOKEN_RAW, '`');
	case '\0':
		return bad(lexer, lexer->at, "an action without its '}}'");
	default:
		return bad(lexer, lexer->at, "this character has no meaning here");
	}
}

static struct token lex_inside(struct lexer *lexer)
{
	bool trims;
	size_t len = close_length(lexer->at, &trims);
	char c = *lexer->at;

	if (len) {
		lexer->trims = trims;
		lexer->is_inside = false;
		return take(lexer, TOKEN_CLOSE, len);
	}
	if (is_blank(c))
		return take(lexer, TOKEN_SPACE, strspn(lexer->at, BLANKS));
	if (c == '$')
		return lex_name(lexer, TOKEN_VARIABLE, 1);
	if (is_digit(c) || c == '+' || c == '-' || (c == '.' && is_digit(lexer->at[1])))
		return lex_number(lexer);
	if (c == '.' && is_letter(lexer->at[1]))
		return lex_name(lexer, TOKEN_FIELD, 1);
	if (c == '.')
		return take(lexer, TOKEN_DOT, 1);
	return is_letter(c) ? lex_name(lexer, TOKEN_WORD, 0) : lex_sign(lexer);
}

struct token lexer_next(struct lexer *lexer)
{
	if (lexer->is_inside)
		return lex_inside(lexer);
	if (*lexer->at && strncmp(lexer->at, "{{", 2) != 0)
		return lex_text(lexer);
	return lex_open(lexer);
}
