/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in and out. A login is tried at the registry's front door, GET /v2/, before it is kept.
 */
#include "registry/call.h"

#include "registry/auth_file.h"

#include <string.h>

static struct auth_places places_of(const struct registry *registry)
{
	return (struct auth_places){ registry->options.auth_file, &registry->config.helpers };
}

static int find_host(struct registry *registry, const char *name, struct host **ret,
		     struct err *err)
{
	const struct reference all = { .host = arena_strdup(&registry->arena, name),
				       .path = (char *)"" };
	struct endpoints endpoints;
	int r = registry_config_endpoints(&registry->config, &all, false, &registry->arena,
					  &endpoints, err);

	return r < 0 ? r : registry_host(registry, endpoints.v, ret, err);
}

static int knock(struct registry *registry, struct host *host, struct err *err)
{
	auto_call struct call call = {};
	int r;

	call_init(&call, registry, host);
	call.scope = "";
	call_reset(&call, HTTP_GET, "/v2/");
	r = call_run(&call, err);
	if (r == 0 && call.transfer.status != 200)
		r = call_refuse(&call, err);
	return r;
}

int registry_log_in(struct registry *registry, const char *host,
		    const struct registry_login *login, struct err *err)
{
	const struct auth_places places = places_of(registry);
	struct registry_login tried = *login;
	struct host *server;
	int r = find_host(registry, host, &server, err);

	if (r < 0)
		return r;
	server->login = &tried;
	r = knock(registry, server, err);
	server->login = NULL;
	if (r == -EACCES)
		err->hint[0] = '\0';
	return r < 0 ? r : auth_keep(&places, host, login, err);
}

int registry_log_out(struct registry *registry, const char *host, struct err *err)
{
	const struct auth_places places = places_of(registry);
	int r = auth_forget(&places, host, err);

	if (r == 0)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no login for '%.200s'", host);
	return r < 0 ? r : 0;
}

int registry_find_login(struct registry *registry, const char *host, struct arena *arena,
			struct registry_login *ret, struct err *err)
{
	const struct auth_places places = places_of(registry);
	int r = auth_find(&places, host, "", arena, ret, err);

	if (r == 0)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no login for '%.200s'", host);
	return r < 0 ? r : 0;
}
