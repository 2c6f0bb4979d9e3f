/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gets tokens. With a name and a password, or as nobody, that is a GET of the service's address;
 * with an identity token, which stands for a login, it is OAuth 2's POST (RFC 6749, section 6). The
 * scopes of one call are separated by blanks, as several scopes of OAuth 2 are; the GET has each in
 * a parameter of its own.
 */
#include "registry/token.h"

#include "base/clock.h"
#include "base/buf.h"
#include "oci/schema.h"
#include "registry/auth_file.h"
#include "registry/call.h"
#include "registry/login.h"

#include <string.h>

#define MAX_TOKEN_BYTES  ((size_t)64 << 10)
#define MIN_LIFE_SECONDS 60 /* also what is meant when none is said */
#define MAX_LIFE_SECONDS 3600
#define EARLY_MS         10000 /* a token is not used that is about to expire */

struct answer {
	char *token, *access_token;
	struct oci_i64 expires_in;
};

#define FIELD(name, kind, member) \
	{ name, kind, 0, offsetof(struct answer, member), NULL, NULL, NULL }

static const struct schema_field answer_fields[] = {
	FIELD("token", SCHEMA_STRING, token),
	FIELD("access_token", SCHEMA_STRING, access_token),
	FIELD("expires_in", SCHEMA_OPT_I64, expires_in),
};

static const struct schema answer_schema = SCHEMA(struct answer, answer_fields);

/* ------------------------------------------------------------------------------ logins */

/* 1: there is one. */
static int find_login(struct registry *registry, const struct host *host, const char *path,
		      struct arena *arena, struct registry_login *ret, struct err *err)
{
	const struct auth_places places = { registry->options.auth_file,
					    &registry->config.helpers };
	const struct registry_login *given = host->login ? host->login : registry->options.login;

	if (given) {
		*ret = *given;
		return 1;
	}
	return auth_find(&places, host->name, path ? path : "", arena, ret, err);
}

/* ------------------------------------------------------------------------------ the question */

static void add_parameter(struct buf *out, const char *name, const char *value)
{
	auto_arena struct arena arena = {};

	if (value && *value)
		buf_printf(out, "%s%s=%s", out->len ? "&" : "", name, call_encode(value, &arena));
}

static void add_scopes(struct buf *out, const char *scope, struct arena *arena)
{
	char *rest = arena_strdup(arena, scope ? scope : ""), *one;

	while ((one = strsep(&rest, " ")))
		add_parameter(out, "scope", one);
}

static void ask_by_get(struct call *call, const struct token *token,
		       const struct registry_login *login)
{
	auto_buf struct buf query = {};

	add_parameter(&query, "service", token->service);
	add_scopes(&query, token->scope, &call->arena);
	if (login) {
		add_parameter(&query, "account", login->user);
		call->authorization = arena_printf(&call->arena, "Basic %s",
						   login_encode(login, &call->arena));
	}
	call_reset(call, HTTP_GET,
		   arena_printf(&call->arena, "%s%s%s", token->realm,
				!query.len ? "" : strchr(token->realm, '?') ? "&" : "?",
				buf_str(&query)));
}

static void ask_by_post(struct call *call, const struct token *token,
			const struct registry_login *login)
{
	auto_buf struct buf form = {};

	add_parameter(&form, "grant_type", "refresh_token");
	add_parameter(&form, "service", token->service);
	add_parameter(&form, "client_id", "tare");
	add_parameter(&form, "scope", token->scope);
	add_parameter(&form, "refresh_token", login->identity_token);
	call_reset(call, HTTP_POST, token->realm);
	call->content_type = "application/x-www-form-urlencoded";
	call->transfer.body = arena_strdup(&call->arena, buf_str(&form));
	call->transfer.body_bytes = form.len;
}

/* ------------------------------------------------------------------------------ the answer */

/* It becomes part of a header. */
static bool is_sound(const char *token)
{
	const char *p = token;

	while (*p > ' ' && *p < 0x7f)
		p++;
	return p > token && !*p;
}

static int read_answer(const struct call *call, struct arena *arena, struct token *token,
		       struct err *err)
{
	const struct transfer *transfer = &call->transfer;
	struct answer *answer;
	int64_t life_s = MIN_LIFE_SECONDS;
	int r = schema_parse(&answer_schema, buf_str(&transfer->kept), transfer->kept.len, arena,
			     (void **)&answer, err);

	if (r < 0)
		return err_wrap(err, "the answer of '%s'", token->realm);
	token->value = answer->token && *answer->token ? answer->token : answer->access_token;
	if (!token->value || !is_sound(token->value))
		return err_set(err, ERR_SYSTEM, EPROTO, "the answer of '%s' has no token",
			       token->realm);
	if (answer->expires_in.is_set && answer->expires_in.value > life_s)
		life_s = answer->expires_in.value;
	if (life_s > MAX_LIFE_SECONDS)
		life_s = MAX_LIFE_SECONDS;
	token->expires_ms = clock_ms() + life_s * 1000 - EARLY_MS;
	return 0;
}

/* Passwords go nowhere unencrypted that the server itself is not. */
static int check_realm(const struct host *host, const char *realm, struct err *err)
{
	if (strncasecmp(realm, "https://", 8) == 0 ||
	    (strncasecmp(realm, "http://", 7) == 0 && strncmp(host->base, "http://", 7) == 0))
		return 0;
	return err_set(err, ERR_SYSTEM, EPROTO,
		       "%s wants a token of '%.200s', which is not encrypted", host->name, realm);
}

static int fetch(struct registry *registry, struct host *host, const char *path,
		 struct token *token, struct err *err)
{
	auto_call struct call call;
	struct registry_login login;
	int r, has_login;

	call_init(&call, registry, NULL);
	call.tls = &host->tls;
	call.transfer.max_bytes = MAX_TOKEN_BYTES;
	r = check_realm(host, token->realm, err);
	if (r < 0)
		return r;
	has_login = find_login(registry, host, path, &call.arena, &login, err);
	if (has_login < 0)
		return has_login;
	if (has_login && login.identity_token)
		ask_by_post(&call, token, &login);
	else
		ask_by_get(&call, token, has_login ? &login : NULL);
	r = call_run(&call, err);
	if (r == 0 && call.transfer.status != 200)
		r = call_refuse(&call, err);
	if (r == -EACCES && has_login)
		return err_hint(err, "the login for %s is not accepted: 'tare login %s'",
				host->name, host->name);
	return r < 0 ? r : read_answer(&call, &registry->arena, token, err);
}

/* ------------------------------------------------------------------------------ what is kept */

static bool is_equal(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static struct token *find_token(struct registry *registry, const struct host *host,
				const char *scope)
{
	for (struct token *token = registry->tokens; token; token = token->next)
		if (token->host == host && is_equal(token->realm, host->challenge.realm) &&
		    is_equal(token->service, host->challenge.service) &&
		    is_equal(token->scope, scope) && clock_ms() < token->expires_ms)
			return token;
	return NULL;
}

void token_forget(struct registry *registry, const struct host *host, const char *authorization)
{
	for (struct token *token = registry->tokens; token; token = token->next)
		if (token->host == host && strncmp(authorization, "Bearer ", 7) == 0 &&
		    strcmp(authorization + 7, token->value) == 0)
			token->expires_ms = 0;
}

static int get_bearer(struct registry *registry, struct host *host, const char *path,
		      const char *scope, struct arena *arena, char **ret, struct err *err)
{
	struct token *token;
	int r;

	if (!scope)
		scope = host->challenge.scope;
	token = host->login ? NULL : find_token(registry, host, scope);
	if (!token) {
		token = arena_new(&registry->arena, struct token);
		token->host = host;
		token->realm = host->challenge.realm;
		token->service = host->challenge.service;
		token->scope = arena_strdup(&registry->arena, scope ? scope : "");
		r = fetch(registry, host, path, token, err);
		if (r < 0)
			return err_wrap(err, "a token for %s", host->name);
		token->next = registry->tokens;
		registry->tokens = token;
	}
	*ret = arena_printf(arena, "Bearer %s", token->value);
	return 0;
}

int token_get(struct registry *registry, struct host *host, const char *path, const char *scope,
	      struct arena *arena, char **ret, struct err *err)
{
	struct registry_login login;
	int r;

	*ret = NULL;
	if (host->challenge.scheme == CHALLENGE_BEARER)
		return get_bearer(registry, host, path, scope, arena, ret, err);
	r = find_login(registry, host, path, arena, &login, err);
	if (r < 0)
		return r;
	if (r == 1 && login.user)
		*ret = arena_printf(arena, "Basic %s", login_encode(&login, arena));
	return 0;
}
