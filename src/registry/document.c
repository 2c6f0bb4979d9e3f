/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests and indexes: small, so they are held in memory whole; and the documents that everything
 * else is reached from, so their digests are computed whatever the registry says they are.
 */
#include "registry/call.h"

#include "base/log.h"
#include "base/num.h"
#include "image/hash.h"
#include "image/manifest.h"

#include <string.h>

/* What is by that name, of each kind that there is of it here. */
static void accept_manifests(struct call *call)
{
	static const char *const types[] = { MEDIA_OCI_INDEX, MEDIA_OCI_MANIFEST, MEDIA_DOCKER_LIST,
					     MEDIA_DOCKER_MANIFEST };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		transfer_header(&call->transfer, "Accept", types[i]);
}

static char *media_type(const struct call *call, struct arena *arena)
{
	const char *type = transfer_find(&call->transfer, "Content-Type", 0);
	size_t len = type ? strcspn(type, "; \t") : 0;

	return len ? arena_strndup(arena, type, len) : NULL;
}

/* ------------------------------------------------------------------------------ verifying */

/* The digest that the header claims; "" without one. */
static int claimed_digest(const struct call *call, struct digest *ret, struct err *err)
{
	const char *claim = transfer_find(&call->transfer, "Docker-Content-Digest", 0);

	*ret = (struct digest){};
	return claim && *claim ? digest_parse(claim, ret, err) : 0;
}

static int check_equal(const struct digest *got, const struct digest *want, const char *who,
		       struct err *err)
{
	if (!want->text[0] || digest_is_equal(got, want))
		return 0;
	return err_set(err, ERR_SYSTEM, EBADMSG, "what came has the digest %s, not %s as %s says",
		       got->text, want->text, who);
}

/* Compute it by the algorithm of who asks, or of what is claimed. */
static int verify(const struct call *call, const struct digest *wanted, struct arena *arena,
		  struct registry_manifest *ret, struct err *err)
{
	const struct buf *body = &call->transfer.kept;
	struct digest claim, got;
	const struct digest *by;
	int r = claimed_digest(call, &claim, err);

	if (r < 0)
		return r;
	by = wanted->text[0] ? wanted : &claim;
	hash_bytes(by->text[0] ? digest_algorithm(by) : DIGEST_SHA256, buf_str(body), body->len,
		   &got);
	r = check_equal(&got, wanted, "its name", err);
	if (r == 0 && !wanted->text[0])
		r = check_equal(&got, &claim, "the registry", err);
	if (r < 0)
		return r;
	ret->media_type = media_type(call, arena);
	ret->digest = got;
	ret->json = arena_strndup(arena, buf_str(body), body->len);
	ret->size = body->len;
	return 0;
}

/* Without the document there is only the claim. */
static int read_head(const struct call *call, const struct digest *wanted, struct arena *arena,
		     struct registry_manifest *ret, struct err *err)
{
	const char *length = transfer_find(&call->transfer, "Content-Length", 0);
	struct digest claim;
	int r = claimed_digest(call, &claim, err);

	if (r == 0)
		r = check_equal(&claim, wanted, "its name", err);
	if (r < 0)
		return r;
	*ret = (struct registry_manifest){ .media_type = media_type(call, arena), .digest = claim };
	if (length)
		(void)num_parse_u64(length, &ret->size);
	return 0;
}

/* ------------------------------------------------------------------------------ asking */

struct question {
	struct registry *registry;
	enum http_method method;
	const struct reference *reference;
	struct arena *arena;
};

static const char *name_of(const struct reference *reference)
{
	if (reference->digest.text[0])
		return reference->digest.text;
	return reference->tag ? reference->tag : "latest";
}

static int read_answer(const struct question *q, const struct call *call,
		       struct registry_manifest *ret, struct err *err)
{
	int r;

	if (call->transfer.status != 200)
		return call_refuse(call, err);
	r = q->method == HTTP_HEAD ? read_head(call, &q->reference->digest, q->arena, ret, err)
				   : verify(call, &q->reference->digest, q->arena, ret, err);
	return r < 0 ? err_wrap(err, "%.*s", transfer_url_length(call->url), call->url) : 0;
}

/* At one server, which is asked once only if there are others. */
static int ask(const struct question *q, const struct endpoint *endpoint,
	       struct registry_manifest *ret, struct err *err)
{
	auto_call struct call call = {};
	struct host *host;
	int r = registry_host(q->registry, endpoint, &host, err);

	if (r < 0)
		return r;
	call_init(&call, q->registry, host);
	call.path = endpoint->path;
	call.scope = arena_printf(&call.arena, "repository:%s:pull", endpoint->path);
	call.prepare = accept_manifests;
	call.max_attempts = endpoint->is_mirror ? 1 : 0;
	call.transfer.max_bytes = MANIFEST_MAX_BYTES;
	call_reset(&call, q->method, arena_printf(&call.arena, "/v2/%s/manifests/%s",
						  endpoint->path, name_of(q->reference)));
	r = call_run(&call, err);
	return r < 0 ? r : read_answer(q, &call, ret, err);
}

/* At each server in turn, until one has it. */
static int ask_all(const struct question *q, struct registry_manifest *ret, struct err *err)
{
	struct endpoints endpoints;
	int r = registry_config_endpoints(&q->registry->config, q->reference, true, q->arena,
					  &endpoints, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < endpoints.n; i++) {
		r = ask(q, &endpoints.v[i], ret, err);
		if (r == 0)
			break;
		log_debug("%s: %s", endpoints.v[i].host, err->msg);
	}
	return r;
}

int registry_get_manifest(struct registry *registry, const struct reference *reference,
			  struct arena *arena, struct registry_manifest *ret, struct err *err)
{
	const struct question get = { registry, HTTP_GET, reference, arena };

	return ask_all(&get, ret, err);
}

/* Who does not answer that, or does not say the digest, is asked for the whole. */
int registry_head_manifest(struct registry *registry, const struct reference *reference,
			   struct arena *arena, struct registry_manifest *ret, struct err *err)
{
	const struct question head = { registry, HTTP_HEAD, reference, arena };
	struct registry_manifest manifest = {};
	int r = ask_all(&head, &manifest, err);

	if (r == -EOPNOTSUPP || (r == 0 && !manifest.digest.text[0]))
		r = registry_get_manifest(registry, reference, arena, &manifest, err);
	if (r == 0)
		*ret = manifest;
	return r;
}

/* ------------------------------------------------------------------------------ putting */

/* A registry computes the digest as well: if it says another one, something came over broken. */
static int check_put(const struct call *call, const struct digest *digest, struct err *err)
{
	struct digest claim;
	int r;

	if (call->transfer.status != 201)
		return call_refuse(call, err);
	r = claimed_digest(call, &claim, err);
	return r < 0 || !claim.text[0] ? r : check_equal(digest, &claim, "the registry", err);
}

int registry_push_manifest(struct registry *registry, const struct reference *reference,
			   const char *media_type, const char *json, size_t len, struct err *err)
{
	auto_call struct call call = {};
	struct endpoints endpoints;
	struct digest digest;
	struct host *host;
	int r = registry_config_endpoints(&registry->config, reference, false, &registry->arena,
					  &endpoints, err);

	if (r == 0)
		r = registry_host(registry, endpoints.v, &host, err);
	if (r < 0)
		return r;
	hash_bytes(reference->digest.text[0] ? digest_algorithm(&reference->digest) : DIGEST_SHA256,
		   json, len, &digest);
	r = check_equal(&digest, &reference->digest, "its name", err);
	if (r < 0)
		return r;
	call_init(&call, registry, host);
	call.path = endpoints.v->path;
	call.scope = arena_printf(&call.arena, "repository:%s:pull,push", call.path);
	call_reset(&call, HTTP_PUT,
		   arena_printf(&call.arena, "/v2/%s/manifests/%s", call.path,
				reference->tag ? reference->tag : digest.text));
	call.content_type = media_type;
	call.transfer.body = json;
	call.transfer.body_bytes = len;
	r = call_run(&call, err);
	return r < 0 ? r : check_put(&call, &digest, err);
}
