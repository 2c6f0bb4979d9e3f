/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens and closes the client, and keeps what is known of each server. Whether a server may be
 * asked by plain http is decided here and nowhere else.
 */
#include "registry/client.h"

#include "registry/certs.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PARALLEL 4
#define DEFAULT_STALL    30
#define DEFAULT_ATTEMPTS 5

static void set_default(unsigned *value, unsigned usual)
{
	if (*value == 0)
		*value = usual;
}

int registry_open(const struct registry_options *options, struct registry **ret, struct err *err)
{
	auto_registry struct registry *registry = calloc(1, sizeof(*registry));
	int r;

	if (!registry)
		return err_set(err, ERR_SYSTEM, ENOMEM, "out of memory");
	registry->options = *options;
	set_default(&registry->options.max_parallel, DEFAULT_PARALLEL);
	set_default(&registry->options.stall_seconds, DEFAULT_STALL);
	set_default(&registry->options.max_attempts, DEFAULT_ATTEMPTS);
	r = registry_config_load(options->config_file, &registry->arena, &registry->config, err);
	if (r == 0)
		r = http_open(&registry->http, err);
	if (r < 0)
		return r;
	*ret = take_ptr(registry);
	return 0;
}

void registry_close(struct registry *registry)
{
	if (!registry)
		return;
	http_close(registry->http);
	arena_done(&registry->arena);
	free(registry);
}

int registry_expand(const struct registry *registry, const char *text, struct arena *arena,
		    struct oci_strings *ret, struct err *err)
{
	return registry_config_expand(&registry->config, text, arena, ret, err);
}

/* ------------------------------------------------------------------------------ hosts */

/* "localhost", 127.0.0.0/8, [::1], with or without a port. */
static bool is_this_machine(const char *name)
{
	size_t n = *name == '[' ? strcspn(name, "]") + 1 : strcspn(name, ":");
	struct in_addr address;
	char host[64] = "";

	if (n >= sizeof(host))
		return false;
	memcpy(host, name, strnlen(name, n));
	if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

/* Docker Hub's API is not at the address that its images have. */
static const char *server_of(const char *name)
{
	return strcmp(name, "docker.io") == 0 ? "registry-1.docker.io" : name;
}

static void set_security(const struct registry *registry, const struct endpoint *endpoint,
			 struct host *host)
{
	enum registry_tls tls = registry->options.tls;
	bool is_insecure = tls == REGISTRY_TLS_INSECURE ||
			   (tls == REGISTRY_TLS_CONFIGURED && endpoint->is_insecure);

	host->tls.is_insecure = is_insecure;
	host->may_be_plain = is_insecure ||
			     (tls == REGISTRY_TLS_CONFIGURED && is_this_machine(host->name));
}

static int make_host(struct registry *registry, const struct endpoint *endpoint,
		     struct host **ret, struct err *err)
{
	struct arena *arena = &registry->arena;
	struct host *host = arena_new(arena, struct host);
	struct certs certs;
	int r = certs_find(registry->options.cert_dir, endpoint->host, arena, &certs, err);

	if (r < 0)
		return r;
	host->name = arena_strdup(arena, endpoint->host);
	host->base = arena_printf(arena, "https://%s", server_of(endpoint->host));
	host->tls.authorities = certs.authorities;
	host->tls.cert_path = certs.cert_path;
	host->tls.key_path = certs.key_path;
	set_security(registry, endpoint, host);
	host->next = registry->hosts;
	registry->hosts = host;
	*ret = host;
	return 0;
}

/* One server may be insecure under one prefix and not so under another: those are two. */
int registry_host(struct registry *registry, const struct endpoint *endpoint, struct host **ret,
		  struct err *err)
{
	for (struct host *host = registry->hosts; host; host = host->next) {
		struct host wanted = { .name = host->name };

		set_security(registry, endpoint, &wanted);
		if (strcmp(host->name, endpoint->host) == 0 &&
		    host->tls.is_insecure == wanted.tls.is_insecure) {
			*ret = host;
			return 0;
		}
	}
	return make_host(registry, endpoint, ret, err);
}
