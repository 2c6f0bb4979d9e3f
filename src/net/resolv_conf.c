/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As in libc, the last `search` or `domain` line counts, options of several lines are joined, and
 * a comment is a line that begins with '#' or ';'. Words are kept as text, because what we do not
 * know may mean something to the resolver in the container; only those bytes that could end a line
 * or a word never get in.
 */
#include "net/resolv_conf.h"

#include "base/cleanup.h"
#include "base/num.h"
#include "sys/resolve.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum {
	FILE_BYTES_MAX = 1 << 16,
	WORD_BYTES = 256,
	TIMEOUT_S = 5, TIMEOUT_S_MAX = 30,
	ATTEMPTS = 2, ATTEMPTS_MAX = 5,
};

/* ------------------------------------------------------------------------------- reading */

struct words {
	const char *p, *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* The next word, if it is one that can be kept; others are skipped. */
static bool next_word(struct words *words, char ret[static WORD_BYTES])
{
	while (words->p < words->end) {
		const char *start;
		bool is_sound = true;
		size_t len;

		while (words->p < words->end && is_blank(*words->p))
			words->p++;
		start = words->p;
		for (; words->p < words->end && !is_blank(*words->p); words->p++)
			is_sound &= *words->p > ' ' && *words->p < 0x7f;
		len = (size_t)(words->p - start);
		if (len == 0 || len >= WORD_BYTES || !is_sound)
			continue;
		memcpy(ret, start, len);
		ret[len] = '\0';
		return true;
	}
	return false;
}

/* Put a word behind those in `list`. False: there is no room, and it is as it was. */
static bool append(char *list, size_t cap, const char *word)
{
	size_t len = strlen(list), more = strlen(word) + (len > 0);

	if (len + more >= cap)
		return false;
	(void)snprintf(list + len, cap - len, "%s%s", len > 0 ? " " : "", word);
	return true;
}

static void add_server(struct resolv_conf *conf, char *word)
{
	char *scope = strchr(word, '%');
	struct resolv_server server = {};
	struct err err;

	if (scope)
		*scope++ = '\0';
	if (conf->n_servers >= RESOLV_SERVERS_MAX || ip_parse(word, &server.ip, &err) < 0)
		return;
	if (scope && (server.ip.family != AF_INET6 || !*scope ||
		      strlen(scope) >= sizeof(server.scope)))
		return;
	(void)snprintf(server.scope, sizeof(server.scope), "%s", scope ? scope : "");
	conf->servers[conf->n_servers++] = server;
}

static unsigned number_of(const char *text, unsigned most, unsigned otherwise)
{
	uint32_t n;

	if (num_parse_u32(text, &n) < 0)
		return otherwise;
	return n > most ? most : n < 1 ? 1 : n;
}

/* Take from an option what concerns who asks servers. */
static void heed_option(struct resolv_conf *conf, const char *word)
{
	if (strncmp(word, "timeout:", 8) == 0) {
		conf->timeout_s = number_of(word + 8, TIMEOUT_S_MAX, conf->timeout_s);
		conf->has_timeout = true;
	} else if (strncmp(word, "attempts:", 9) == 0) {
		conf->attempts = number_of(word + 9, ATTEMPTS_MAX, conf->attempts);
	} else if (strcmp(word, "rotate") == 0) {
		conf->is_rotating = true;
	}
}

static void heed_options(struct resolv_conf *conf)
{
	struct words words = { conf->options, conf->options + strlen(conf->options) };
	char word[WORD_BYTES];

	conf->timeout_s = TIMEOUT_S;
	conf->attempts = ATTEMPTS;
	conf->has_timeout = conf->is_rotating = false;
	while (next_word(&words, word))
		heed_option(conf, word);
}

static void parse_line(const char *line, const char *end, struct resolv_conf *conf)
{
	struct words words = { line, end };
	char keyword[WORD_BYTES], word[WORD_BYTES];

	/* Like libc: a keyword stands at the very start of its line. */
	if (line == end || is_blank(*line) || *line == '#' || *line == ';' ||
	    !next_word(&words, keyword))
		return;
	if (strcmp(keyword, "nameserver") == 0) {
		if (next_word(&words, word))
			add_server(conf, word);
	} else if (strcmp(keyword, "domain") == 0) {
		conf->search[0] = '\0';
		if (next_word(&words, word))
			(void)append(conf->search, sizeof(conf->search), word);
	} else if (strcmp(keyword, "search") == 0) {
		conf->search[0] = '\0';
		while (next_word(&words, word))
			(void)append(conf->search, sizeof(conf->search), word);
	} else if (strcmp(keyword, "options") == 0) {
		while (next_word(&words, word))
			(void)append(conf->options, sizeof(conf->options), word);
	}
}

void resolv_conf_parse(const char *text, size_t len, struct resolv_conf *ret)
{
	const char *end = text + len;

	memset(ret, 0, sizeof(*ret));
	for (const char *line = text; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *line_end = newline ? newline : end;

		parse_line(line, line_end, ret);
		line = newline ? newline + 1 : end;
	}
	heed_options(ret);
}

/* ------------------------------------------------------------------------------- files */

static int load_fd(int fd, const char *path, struct resolv_conf *ret, struct err *err)
{
	auto_buf struct buf text = {};
	int r = buf_read_fd(&text, fd, FILE_BYTES_MAX, path, err);

	if (r < 0)
		return r;
	resolv_conf_parse(buf_str(&text), text.len, ret);
	return 0;
}

/* O_NONBLOCK: what waits for a writer, or for a terminal, is no configuration. */
int resolv_conf_load(const char *path, struct resolv_conf *ret, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0)
		return load_fd(fd, path, ret, err);
	if (errno != ENOENT)
		return err_sys(err, errno, "open '%s'", path);
	resolv_conf_parse("", 0, ret);
	return 0;
}

static int load_at(int root_fd, const char *path, struct resolv_conf *ret, struct err *err)
{
	auto_close int fd = resolve_open(root_fd, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0)
		return load_fd(fd, path, ret, err);
	if (fd != -ENOENT)
		return err_sys(err, -fd, "open '%s'", path);
	resolv_conf_parse("", 0, ret);
	return 0;
}

static bool is_loopback(const struct ip *ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	return ip->family == AF_INET ? ip->bytes[0] == 127 : memcmp(ip->bytes, one, 16) == 0;
}

static void drop_loopback(struct resolv_conf *conf)
{
	unsigned n = 0;

	for (unsigned i = 0; i < conf->n_servers; i++)
		if (!is_loopback(&conf->servers[i].ip))
			conf->servers[n++] = conf->servers[i];
	conf->n_servers = n;
}

int resolv_conf_of_host(int root_fd, struct resolv_conf *ret, struct err *err)
{
	struct resolv_conf conf, behind;
	struct err unread;
	int r = load_at(root_fd, "etc/resolv.conf", &conf, err);

	if (r < 0)
		return r;
	drop_loopback(&conf);
	if (conf.n_servers == 0 &&
	    load_at(root_fd, "run/systemd/resolve/resolv.conf", &behind, &unread) == 0) {
		drop_loopback(&behind);
		if (behind.n_servers > 0)
			conf = behind;
	}
	*ret = conf;
	return conf.n_servers == 0 ? 1 : 0;
}

/* ------------------------------------------------------------------------------- wishes */

/* Of '#' and ';' libc says that they begin comments within a line, too. */
static bool can_stand(const char *word)
{
	size_t len = strlen(word);

	if (len == 0 || len >= WORD_BYTES || strpbrk(word, "#;"))
		return false;
	for (const char *p = word; *p; p++)
		if (*p <= ' ' || *p >= 0x7f)
			return false;
	return true;
}

static int put_words(char *list, size_t cap, const char *const *words, size_t n, struct err *err)
{
	list[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (!can_stand(words[i]))
			return err_set(err, ERR_USAGE, EINVAL,
				       "'%.64s' can't stand in a resolv.conf", words[i]);
		if (!append(list, cap, words[i]))
			return err_set(err, ERR_USAGE, E2BIG,
				       "more than a resolv.conf holds, from '%.64s' on", words[i]);
	}
	return 0;
}

static int put_search(struct resolv_conf *conf, const struct resolv_wishes *wishes, struct err *err)
{
	bool is_none = wishes->n_search == 1 && strcmp(wishes->search[0], ".") == 0;

	return put_words(conf->search, sizeof(conf->search), wishes->search,
			 is_none ? 0 : wishes->n_search, err);
}

int resolv_conf_wish(struct resolv_conf *conf, const struct resolv_wishes *wishes, struct err *err)
{
	struct resolv_conf wished = *conf;
	int r = 0;

	if (wishes->n_servers > RESOLV_SERVERS_MAX)
		return err_set(err, ERR_USAGE, E2BIG, "%zu name servers; %d is the most",
			       wishes->n_servers, RESOLV_SERVERS_MAX);
	for (size_t i = 0; i < wishes->n_servers; i++)
		wished.servers[i] = (struct resolv_server){ .ip = wishes->servers[i] };
	if (wishes->n_servers > 0)
		wished.n_servers = (unsigned)wishes->n_servers;
	if (wishes->n_search > 0)
		r = put_search(&wished, wishes, err);
	if (r == 0 && wishes->n_options > 0)
		r = put_words(wished.options, sizeof(wished.options), wishes->options,
			      wishes->n_options, err);
	if (r < 0)
		return r;
	heed_options(&wished);
	*conf = wished;
	return 0;
}

void resolv_conf_serve(struct resolv_conf *conf, const struct ip *server)
{
	struct words words = { conf->options, conf->options + strlen(conf->options) };
	char word[WORD_BYTES];
	bool has_ndots = false;

	conf->servers[0] = (struct resolv_server){ .ip = *server };
	conf->n_servers = 1;
	while (next_word(&words, word))
		has_ndots |= strncmp(word, "ndots:", 6) == 0;
	if (!has_ndots)
		(void)append(conf->options, sizeof(conf->options), "ndots:0");
}

void resolv_conf_format(const struct resolv_conf *conf, struct buf *buf)
{
	char text[IP_BYTES];

	for (unsigned i = 0; i < conf->n_servers; i++) {
		const struct resolv_server *server = &conf->servers[i];

		buf_printf(buf, "nameserver %s%s%s\n", ip_format(&server->ip, text),
			   server->scope[0] ? "%" : "", server->scope);
	}
	if (conf->search[0])
		buf_printf(buf, "search %s\n", conf->search);
	if (conf->options[0])
		buf_printf(buf, "options %s\n", conf->options);
}
