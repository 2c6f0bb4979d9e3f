/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On the host's network the host's servers are the container's, loopback or not, and what its file
 * says otherwise holds, too: then it is copied as it is.
 */
#include "engine/stack_resolv.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>

#define RESOLV_FILE	 "/etc/resolv.conf"
#define RESOLV_BYTES_MAX ((size_t)1 << 16)

static const struct ip resolver = { AF_INET, { 127, 0, 0, 11 } };

/* ------------------------------------------------------------------------------- wishes */

static int read_servers(const struct oci_strings *words, struct ip *servers, struct err *err)
{
	for (size_t i = 0; i < words->n; i++)
		if (ip_parse(words->v[i], &servers[i], err) < 0)
			return err_wrap(err, "--dns");
	return 0;
}

/* Each kind by itself, so that the error can name the option. */
static int wish(const struct config *config, struct resolv_conf *conf, struct err *err)
{
	auto_arena struct arena arena = {};
	struct ip *servers = arena_array(&arena, struct ip, config->dns.n + 1);
	const struct {
		const char *option;
		struct resolv_wishes wishes;
	} rows[] = {
		{ "--dns", { .servers = servers, .n_servers = config->dns.n } },
		{ "--dns-search", { .search = (const char *const *)config->dns_search.v,
				    .n_search = config->dns_search.n } },
		{ "--dns-option", { .options = (const char *const *)config->dns_options.v,
				    .n_options = config->dns_options.n } },
	};
	int r = read_servers(&config->dns, servers, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (resolv_conf_wish(conf, &rows[i].wishes, err) < 0)
			return err_wrap(err, "%s", rows[i].option);
	return 0;
}

/* ------------------------------------------------------------------------------- the file */

static int copy_host_file(struct buf *ret, struct err *err)
{
	auto_close int fd = open(RESOLV_FILE, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, errno, "open '" RESOLV_FILE "'");
	return buf_read_fd(ret, fd, RESOLV_BYTES_MAX, RESOLV_FILE, err);
}

/* 1: the host has no server for it. */
static int load(const struct config *config, struct resolv_conf *ret, struct err *err)
{
	auto_close int root_fd = -1;

	if (config_is_host(config->network))
		return resolv_conf_load(RESOLV_FILE, ret, err);
	root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root_fd < 0 ? err_sys(err, errno, "open '/'")
			   : resolv_conf_of_host(root_fd, ret, err);
}

static int make(const struct config *config, bool has_resolver, struct resolv_conf *ret,
		struct err *err)
{
	int r = load(config, ret, err);

	if (r >= 0)
		r = wish(config, ret, err);
	if (r == 0 && has_resolver)
		resolv_conf_serve(ret, &resolver);
	return r;
}

int stack_resolv_format(const struct config *config, bool has_resolver, struct buf *ret,
			struct err *err)
{
	struct resolv_conf conf;
	int r;

	if (config_is_host(config->network) && !config->dns.n && !config->dns_search.n &&
	    !config->dns_options.n)
		return copy_host_file(ret, err);
	r = make(config, has_resolver, &conf, err);
	if (r < 0)
		return r;
	resolv_conf_format(&conf, ret);
	return conf.n_servers == 0;
}

/* ------------------------------------------------------------------------------- exchanging */

bool stack_resolv_is_served(const struct resolv_conf *conf)
{
	return conf->n_servers == 1 && ip_compare(&conf->servers[0].ip, &resolver) == 0;
}

int stack_resolv_exchange(const struct config *config, bool has_resolver, const struct buf *text,
			  struct buf *ret, struct err *err)
{
	struct resolv_conf conf, made;
	int r = 0;

	resolv_conf_parse(buf_str(text), text->len, &conf);
	if (has_resolver)
		resolv_conf_serve(&conf, &resolver);
	else if (stack_resolv_is_served(&conf) && (r = make(config, false, &made, err)) == 0) {
		memcpy(conf.servers, made.servers, sizeof(conf.servers));
		conf.n_servers = made.n_servers;
	}
	if (r == 0)
		resolv_conf_format(&conf, ret);
	return r;
}
