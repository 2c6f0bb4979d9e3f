/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A resolver takes the first line that bears a name, so that what a user said stands before what we
 * say of ourselves. Names are held to the bytes that names of hosts are made of, and '_', which
 * many have: nothing gets into the file that could end a word or a line.
 */
#include "net/hosts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_LEN_MAX = 253 };

static bool is_name(const char *name, size_t len)
{
	if (len == 0 || len > NAME_LEN_MAX || name[0] == '-' || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-_.", name[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------- --add-host */

/* "10.0.0.1", "::1", "[::1]" or "host-gateway". */
static int parse_address(const char *text, const char *word, struct ip *ret, struct err *err)
{
	char address[IP_BYTES];
	size_t len = strlen(text);
	bool has_brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
	int r;

	if (strcmp(text, "host-gateway") == 0) {
		*ret = (struct ip){};
		return 0;
	}
	if (has_brackets && len - 2 < sizeof(address)) {
		(void)snprintf(address, sizeof(address), "%.*s", (int)(len - 2), text + 1);
		text = strchr(address, ':') ? address : text;
	}
	r = ip_parse(text, ret, err);
	if (r < 0) {
		r = err_wrap(err, "host '%.64s'", word);
		return err_hint(err, "what follows the name is an IP address, or host-gateway");
	}
	return r;
}

/* "a;b", of `len` bytes: checked, and with blanks instead. */
static int parse_names(const char *text, size_t len, struct arena *arena, const char **ret,
		       struct err *err)
{
	char *names = arena_strndup(arena, text, len);

	for (char *name = names;;) {
		size_t n = strcspn(name, ";");

		if (!is_name(name, n))
			return err_set(err, ERR_USAGE, EINVAL, "'%.*s' is no name of a host",
				       n > 64 ? 64 : (int)n, name);
		if (!name[n])
			break;
		name[n] = ' ';
		name += n + 1;
	}
	*ret = names;
	return 0;
}

int hosts_extra_parse(const char *word, struct arena *arena, struct hosts_extra *ret,
		      struct err *err)
{
	const char *separator = strchr(word, '=');
	struct hosts_extra extra = {};
	int r;

	if (!separator)
		separator = strchr(word, ':');
	if (!separator) {
		r = err_set(err, ERR_USAGE, EINVAL, "host '%.64s' has no address", word);
		return err_hint(err, "write a name and its address: name:10.0.0.1");
	}
	r = parse_names(word, (size_t)(separator - word), arena, &extra.names, err);
	if (r < 0)
		return err_wrap(err, "host '%.64s'", word);
	r = parse_address(separator + 1, word, &extra.ip, err);
	if (r < 0)
		return r;
	*ret = extra;
	return 0;
}

/* ------------------------------------------------------------------------------- the file */

static void add_localhost(const struct hosts *hosts, struct buf *buf)
{
	buf_puts(buf, "127.0.0.1\tlocalhost\n");
	if (!hosts->has_no_ipv6)
		buf_puts(buf, "::1\tlocalhost ip6-localhost ip6-loopback\n"
			      "fe00::\tip6-localnet\n"
			      "ff00::\tip6-mcastprefix\n"
			      "ff02::1\tip6-allnodes\n"
			      "ff02::2\tip6-allrouters\n");
}

/* Is `name` one of the words of `names`? */
static bool has_name(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = names; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (n == len && strncasecmp(p, name, len) == 0)
			return true;
		p += n;
	}
	return false;
}

static bool is_extra(const struct hosts *hosts, const char *name)
{
	for (size_t i = 0; i < hosts->n_extra; i++)
		if (has_name(hosts->extra[i].names, name))
			return true;
	return false;
}

static void add_gateway(const struct hosts *hosts, struct buf *buf)
{
	static const char *const names[] = { "host.containers.internal", "host.docker.internal" };
	char text[IP_BYTES];
	bool has_any = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!ip_is_set(&hosts->gateway) || is_extra(hosts, names[i]))
			continue;
		if (!has_any)
			buf_puts(buf, ip_format(&hosts->gateway, text));
		buf_printf(buf, "%c%s", has_any ? ' ' : '\t', names[i]);
		has_any = true;
	}
	if (has_any)
		buf_puts(buf, "\n");
}

static void add_own(const struct hosts *hosts, struct buf *buf)
{
	char text[IP_BYTES];

	for (size_t i = 0; i < hosts->n_own && hosts->n_names > 0; i++) {
		buf_puts(buf, ip_format(&hosts->own[i], text));
		for (size_t n = 0; n < hosts->n_names; n++)
			buf_printf(buf, "%c%s", n == 0 ? '\t' : ' ', hosts->names[n]);
		buf_puts(buf, "\n");
	}
}

static void add_extra(const struct hosts *hosts, struct buf *buf)
{
	char text[IP_BYTES];

	for (size_t i = 0; i < hosts->n_extra; i++) {
		const struct hosts_extra *extra = &hosts->extra[i];
		const struct ip *ip = ip_is_set(&extra->ip) ? &extra->ip : &hosts->gateway;

		buf_printf(buf, "%s\t%s\n", ip_format(ip, text), extra->names);
	}
}

static int check(const struct hosts *hosts, struct err *err)
{
	for (size_t i = 0; i < hosts->n_names; i++)
		if (!is_name(hosts->names[i], strlen(hosts->names[i])))
			return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no name of a host",
				       hosts->names[i]);
	for (size_t i = 0; i < hosts->n_extra; i++)
		if (!ip_is_set(&hosts->extra[i].ip) && !ip_is_set(&hosts->gateway))
			return err_set(err, ERR_USAGE, EADDRNOTAVAIL,
				       "host '%.64s': there is no gateway to be host-gateway",
				       hosts->extra[i].names);
	return 0;
}

int hosts_format(const struct hosts *hosts, struct buf *buf, struct err *err)
{
	int r = check(hosts, err);

	if (r < 0)
		return r;
	if (!hosts->has_no_localhost)
		add_localhost(hosts, buf);
	add_extra(hosts, buf);
	add_own(hosts, buf);
	add_gateway(hosts, buf);
	return 0;
}

/* ------------------------------------------------------------------------------- merging */

struct line {
	const char *text;
	size_t len;         /* without its end */
	size_t address_len; /* the first word's */
};

static bool next_line(const char **rest, struct line *ret)
{
	if (!**rest)
		return false;
	*ret = (struct line){ *rest, strcspn(*rest, "\n"), strcspn(*rest, " \t\n") };
	*rest += ret->len + ((*rest)[ret->len] == '\n');
	return true;
}

static bool has_line(const struct buf *text, const struct line *wanted)
{
	const char *rest = buf_str(text);
	struct line line;

	while (next_line(&rest, &line))
		if (line.len == wanted->len && memcmp(line.text, wanted->text, line.len) == 0)
			return true;
	return false;
}

static bool has_address(const struct buf *text, const struct line *wanted)
{
	const char *rest = buf_str(text);
	struct line line;

	while (next_line(&rest, &line))
		if (line.address_len == wanted->address_len &&
		    memcmp(line.text, wanted->text, line.address_len) == 0)
			return true;
	return false;
}

/* It may have got another name since, and so another line. */
static bool is_stale(const struct line *line, const struct buf *old, const struct buf *new)
{
	if (!line->address_len)
		return false;
	return (has_line(old, line) && !has_line(new, line)) ||
	       (has_address(old, line) && !has_address(new, line));
}

static void add_line(struct buf *ret, const struct line *line)
{
	buf_add(ret, line->text, line->len);
	buf_puts(ret, "\n");
}

void hosts_merge(const struct buf *text, const struct buf *old, const struct buf *new,
		 struct buf *ret)
{
	const char *rest = buf_str(text);
	struct line line;

	while (next_line(&rest, &line))
		if (!is_stale(&line, old, new))
			add_line(ret, &line);
	for (rest = buf_str(new); next_line(&rest, &line);)
		if (!has_line(ret, &line))
			add_line(ret, &line);
}
