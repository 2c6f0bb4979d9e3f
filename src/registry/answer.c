/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what is said beside the content. What can't be understood is not there: nobody depends on
 * it, and the status says already how things stand.
 */
#include "registry/answer.h"

#include "base/num.h"
#include "base/utf8.h"
#include "oci/schema.h"
#include "oci/types.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#define MAX_WORDS 240

/* ------------------------------------------------------------------------------ headers */

static bool take_number(const char **p, uint64_t *ret)
{
	char digits[24] = "";
	size_t n = strspn(*p, "0123456789");

	if (n == 0 || n >= sizeof(digits))
		return false;
	memcpy(digits, *p, n);
	*p += n;
	return num_parse_u64(digits, ret) == 0;
}

bool answer_range(const char *header, struct answer_range *ret)
{
	struct answer_range range = { .total = -1 };
	const char *p = header;
	uint64_t total;

	if (strncasecmp(p, "bytes", 5) == 0)
		p += 5;
	p += strspn(p, " =");
	if (!take_number(&p, &range.first) || *p++ != '-' || !take_number(&p, &range.last) ||
	    range.first > range.last)
		return false;
	if (*p == '/' && strcmp(p, "/*") != 0) {
		p++;
		if (!take_number(&p, &total) || total > INT64_MAX || range.last >= total)
			return false;
		range.total = (int64_t)total;
	} else if (*p == '/') {
		p += 2;
	}
	if (*p)
		return false;
	*ret = range;
	return true;
}

int64_t answer_retry_after(const char *header, time_t now)
{
	uint64_t seconds;
	time_t date;

	if (num_parse_u64(header, &seconds) == 0)
		return seconds > INT32_MAX ? INT32_MAX : (int64_t)seconds;
	date = curl_getdate(header, NULL);
	if (date < 0)
		return -1;
	return date > now ? date - now : 0;
}

static bool is_next(const char *parameters, size_t len)
{
	auto_arena struct arena arena = {};
	const char *rel = strcasestr(arena_strndup(&arena, parameters, len), "rel=");

	if (!rel)
		return false;
	rel += strlen("rel=");
	return strncasecmp(rel, "\"next\"", 6) == 0 ||
	       (strncasecmp(rel, "next", 4) == 0 && strchr("; ,", rel[4]));
}

char *answer_next_link(const char *header, struct arena *arena)
{
	const char *start, *end, *link_end;

	for (const char *p = header; (start = strchr(p, '<')); p = link_end) {
		end = strchr(start, '>');
		if (!end)
			break;
		link_end = strchrnul(end, '<');
		if (is_next(end, (size_t)(link_end - end)))
			return arena_strndup(arena, start + 1, (size_t)(end - start) - 1);
	}
	return NULL;
}

/* ------------------------------------------------------------------------------ errors */

struct error {
	char *code, *message;
};

struct errors {
	OCI_LIST(struct error) errors;
	char *details, *message; /* of other services */
};

#define STRING(name, type, member) \
	{ name, SCHEMA_STRING, 0, offsetof(struct type, member), NULL, NULL, NULL }

static const struct schema_field error_fields[] = {
	STRING("code", error, code),
	STRING("message", error, message),
};

static const struct schema error_schema = SCHEMA(struct error, error_fields);

static const struct schema_field errors_fields[] = {
	{ "errors", SCHEMA_LIST, 0, offsetof(struct errors, errors), &error_schema, NULL, NULL },
	STRING("details", errors, details),
	STRING("message", errors, message),
};

static const struct schema errors_schema = SCHEMA(struct errors, errors_fields);

static void add_errors(const struct errors *errors, struct buf *text)
{
	for (size_t i = 0; i < errors->errors.n && i < 3; i++) {
		const struct error *error = &errors->errors.v[i];

		buf_printf(text, "%s%s%s%s", text->len ? "; " : "", error->code ? error->code : "",
			   error->code && error->message ? ": " : "",
			   error->message ? error->message : "");
	}
	if (!text->len && errors->details)
		buf_puts(text, errors->details);
	if (!text->len && errors->message)
		buf_puts(text, errors->message);
}

void answer_add_words(const char *body, size_t len, struct buf *out)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf text = {};
	struct errors *errors;
	struct err ignored;
	size_t blanks;

	if (schema_parse(&errors_schema, body, len, &arena, (void **)&errors, &ignored) == 0) {
		add_errors(errors, &text);
	} else {
		body = arena_strndup(&arena, body, len);
		blanks = strspn(body, " \t\r\n");
		/* A page of HTML says nothing to who reads a terminal. */
		if (body[blanks] != '<')
			buf_add(&text, body + blanks, strcspn(body + blanks, "\r\n"));
	}
	if (text.len)
		(void)utf8_add_printable(out, buf_str(&text), MAX_WORDS);
}
