/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of images: docker's reference grammar, read from left to right. Each take_ function moves
 * *p over its piece and fills it in, or says why it can't; a name is taken whole or not at all.
 * What was taken has no character in it but those of the grammar, so a path is fit to be part of a
 * URL or of a file's name.
 */
#include "image/reference.h"

#include <string.h>

#define DIGITS "0123456789"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define WORD   DIGITS LOWER UPPER "_"

#define DEFAULT_HOST "docker.io"
#define LEGACY_HOST  "index.docker.io" /* the same, as old versions of docker wrote it */
#define OFFICIAL     "library/"
#define DEFAULT_TAG  "latest"

#define ID_DIGITS 64

/* ------------------------------------------------------------------------------- host */

/* Letters, digits and, within, '-'; parts that a '.' joins. NULL: there is none at `p`. */
static const char *skip_host_name(const char *p)
{
	for (;;) {
		size_t len = strspn(p, DIGITS LOWER UPPER "-");

		if (len == 0 || p[0] == '-' || p[len - 1] == '-')
			return NULL;
		p += len;
		if (*p != '.')
			return p;
		p++;
	}
}

static const char *skip_ipv6(const char *p)
{
	size_t len = strspn(p + 1, DIGITS "abcdefABCDEF:");

	return len > 0 && p[len + 1] == ']' ? p + len + 2 : NULL;
}

static const char *check_host(const char *host)
{
	const char *p = host[0] == '[' ? skip_ipv6(host) : skip_host_name(host);

	if (p && *p == ':') {
		size_t len = strspn(p + 1, DIGITS);

		if (len == 0 || p[len + 1] != '\0')
			return "a host's port is a number";
		return NULL;
	}
	if (!p || *p != '\0')
		return "a host has letters, digits, '-' and '.' in its name";
	return NULL;
}

/* What distinguishes a host from the first component of a path. */
static bool is_host(const char *word, size_t len)
{
	return memchr(word, '.', len) || memchr(word, ':', len) ||
	       strcspn(word, UPPER) < len ||
	       (len == strlen("localhost") && strncmp(word, "localhost", len) == 0);
}

static const char *take_host(const char **p, struct arena *arena, struct reference *ref)
{
	const char *slash = strchr(*p, '/');
	bool is_given = slash && is_host(*p, (size_t)(slash - *p));

	ref->host = is_given ? arena_strndup(arena, *p, (size_t)(slash - *p)) : NULL;
	if (is_given)
		*p = slash + 1;
	if (!is_given || strcmp(ref->host, LEGACY_HOST) == 0)
		ref->host = arena_strdup(arena, DEFAULT_HOST);
	return check_host(ref->host);
}

/* ------------------------------------------------------------------------------- path */

/* The length of what may stand between two runs of letters and digits; 0: nothing does. */
static size_t separator_len(const char *p)
{
	if (*p == '.')
		return 1;
	if (*p == '_')
		return p[1] == '_' ? 2 : 1;
	return strspn(p, "-");
}

/* Where the component ends that begins at `p`; `p` itself: none does. */
static const char *skip_component(const char *p)
{
	const char *end = p;
	size_t len;

	while ((len = strspn(p, DIGITS LOWER)) > 0) {
		end = p + len;
		p = end + separator_len(end);
		if (p == end)
			break;
	}
	return end;
}

static const char *skip_path(const char *p)
{
	for (;;) {
		const char *end = skip_component(p);

		if (end == p || *end != '/')
			return end;
		p = end + 1;
	}
}

static const char *explain_path(const char *path, const char *end)
{
	size_t len = strcspn(path, ":@");

	if (len == 0)
		return "it has no path";
	if (strcspn(path, UPPER) < len)
		return "its path must be in lower case";
	if (path[0] == '/' || (end > path && end[-1] == '/'))
		return "a component of its path is empty, or begins with neither a letter nor a "
		       "digit";
	return "a path has lower-case letters and digits, and between them '.', '_', '__', '-' "
	       "or '/'";
}

static const char *take_path(const char **p, struct arena *arena, struct reference *ref)
{
	const char *path = *p, *end = skip_path(path);
	size_t len = (size_t)(end - path);
	bool is_official = strcmp(ref->host, DEFAULT_HOST) == 0 && !memchr(path, '/', len);

	if (len == 0 || end[-1] == '/' || (*end && *end != ':' && *end != '@'))
		return explain_path(path, end);
	if (strlen(ref->host) + 1 + (is_official ? strlen(OFFICIAL) : 0) + len >
	    REFERENCE_NAME_MAX)
		return "it is too long: without tag and digest, 255 characters are the most";
	ref->path = arena_printf(arena, "%s%.*s", is_official ? OFFICIAL : "", (int)len, path);
	*p = end;
	return NULL;
}

/* ------------------------------------------------------------------------------- tag, digest */

static const char *take_tag(const char **p, struct arena *arena, struct reference *ref)
{
	size_t len;

	if (**p != ':')
		return NULL;
	++*p;
	len = strspn(*p, WORD ".-");
	if (len == 0 || **p == '.' || **p == '-' || ((*p)[len] && (*p)[len] != '@'))
		return "a tag has letters, digits, '_', '.' and '-', and begins with none of the "
		       "last two";
	if (len > REFERENCE_TAG_MAX)
		return "its tag is too long: 128 characters are the most";
	ref->tag = arena_strndup(arena, *p, len);
	*p += len;
	return NULL;
}

/* 64 digits alone could be the ID of an image as well as its name. */
static bool is_id(const char *text)
{
	return strspn(text, DIGITS "abcdef") == ID_DIGITS && text[ID_DIGITS] == '\0';
}

static const char *take_name(const char **p, struct arena *arena, struct reference *ref)
{
	const char *why;

	if (is_id(*p))
		return "64 hexadecimal digits are an image's ID";
	why = take_host(p, arena, ref);
	if (!why)
		why = take_path(p, arena, ref);
	if (!why)
		why = take_tag(p, arena, ref);
	return why;
}

int reference_parse(const char *text, struct arena *arena, struct reference *ret, struct err *err)
{
	struct reference ref = {};
	const char *p = text, *why = take_name(&p, arena, &ref);
	int r;

	if (why) {
		r = err_set(err, ERR_USAGE, EINVAL, "'%.160s' is no name of an image: %s", text,
			    why);
		if (strstr(text, "://"))
			(void)err_hint(err, "a name begins with the host, without 'https://'");
		return r;
	}
	if (*p == '@') {
		r = digest_parse(p + 1, &ref.digest, err);
		if (r < 0)
			return err_wrap(err, "'%.80s' is no name of an image", text);
	}
	*ret = ref;
	return 0;
}

/* ------------------------------------------------------------------------------- text */

void reference_default(struct reference *reference, struct arena *arena)
{
	if (!reference->tag && !reference->digest.text[0])
		reference->tag = arena_strdup(arena, DEFAULT_TAG);
}

char *reference_repository(const struct reference *reference, struct arena *arena)
{
	return arena_printf(arena, "%s/%s", reference->host, reference->path);
}

/* What is left out must be what reading it would add: the path of "docker.io/a.b/c" begins with
 * what would be taken for a host. */
char *reference_familiar_repository(const struct reference *reference, struct arena *arena)
{
	const char *path = reference->path, *slash = strchr(path, '/');

	if (strcmp(reference->host, DEFAULT_HOST) != 0 ||
	    (slash && is_host(path, (size_t)(slash - path))))
		return reference_repository(reference, arena);
	if (strncmp(path, OFFICIAL, strlen(OFFICIAL)) == 0 &&
	    !strchr(path + strlen(OFFICIAL), '/') && !is_id(path + strlen(OFFICIAL)))
		path += strlen(OFFICIAL);
	return arena_strdup(arena, path);
}

static char *add_version(const struct reference *reference, const char *repository,
			 struct arena *arena)
{
	return arena_printf(arena, "%s%s%s%s%s", repository, reference->tag ? ":" : "",
			    reference->tag ? reference->tag : "",
			    reference->digest.text[0] ? "@" : "", reference->digest.text);
}

char *reference_format(const struct reference *reference, struct arena *arena)
{
	return add_version(reference, reference_repository(reference, arena), arena);
}

char *reference_familiar(const struct reference *reference, struct arena *arena)
{
	return add_version(reference, reference_familiar_repository(reference, arena), arena);
}
