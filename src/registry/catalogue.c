/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists: the tags of a repository, and the repositories of a registry. They come in pages, each of
 * which names the next in a Link header; a page that is not of the same server is not asked for.
 *
 * Docker Hub does not list its repositories but searches in them, in a protocol of its own that is
 * older than the specification. Other registries list theirs, if at all, and are searched here.
 */
#include "registry/call.h"

#include "oci/schema.h"
#include "registry/answer.h"

#include <string.h>

#define PAGE           100
#define MAX_PAGES      1000
#define MAX_PAGE_BYTES ((size_t)4 << 20)

/* ------------------------------------------------------------------------------ pages */

struct page {
	struct oci_strings tags, repositories;
};

static const struct schema_field page_fields[] = {
	{ "tags", SCHEMA_STRINGS, 0, offsetof(struct page, tags), NULL, NULL, NULL },
	{ "repositories", SCHEMA_STRINGS, 0, offsetof(struct page, repositories), NULL, NULL,
	  NULL },
};

static const struct schema page_schema = SCHEMA(struct page, page_fields);

/* The document that the target has. */
static int get(struct call *call, const char *target, const struct schema *schema,
	       struct arena *arena, void **ret, struct err *err)
{
	const struct buf *body = &call->transfer.kept;
	int r;

	call_reset(call, HTTP_GET, target);
	call->transfer.max_bytes = MAX_PAGE_BYTES;
	r = call_run(call, err);
	if (r < 0)
		return r;
	if (call->transfer.status != 200)
		return call_refuse(call, err);
	r = schema_parse(schema, buf_str(body), body->len, arena, ret, err);
	return r < 0 ? err_wrap(err, "%.*s", transfer_url_length(call->url), call->url) : 0;
}

/* The target of the page after this one; NULL: it was the last. */
static const char *next_target(const struct call *call, struct arena *arena)
{
	const char *header = transfer_find(&call->transfer, "Link", 0);
	const char *link = header ? answer_next_link(header, arena) : NULL;
	size_t base = strlen(call->host->base);

	if (link && strncmp(link, call->host->base, base) == 0)
		link += base;
	return link && link[0] == '/' && link[1] != '/' ? link : NULL;
}

/* Give each page to `take` until it returns false. */
static int each_page(struct call *call, const char *target, struct arena *arena,
		     bool (*take)(const struct page *page, void *data), void *data,
		     struct err *err)
{
	for (int i = 0; target && i < MAX_PAGES; i++) {
		struct page *page;
		int r = get(call, target, &page_schema, arena, (void **)&page, err);

		if (r < 0)
			return r;
		if (!take(page, data))
			break;
		target = next_target(call, arena);
	}
	return 0;
}

static int begin(struct call *call, struct registry *registry, const struct endpoint *endpoint,
		 struct err *err)
{
	struct host *host;
	int r = registry_host(registry, endpoint, &host, err);

	if (r == 0)
		call_init(call, registry, host);
	return r;
}

/* ------------------------------------------------------------------------------ tags */

struct names {
	struct arena *arena;
	struct oci_strings *list;
	size_t cap, max;
};

static void add_string(struct names *names, char *text)
{
	if (names->list->n + 1 >= names->cap) {
		char **grown;

		names->cap = names->cap ? 2 * names->cap : 64;
		grown = arena_array(names->arena, char *, names->cap);
		if (names->list->n)
			memcpy(grown, names->list->v, names->list->n * sizeof(*grown));
		names->list->v = grown;
	}
	names->list->v[names->list->n++] = text;
}

static bool take_tags(const struct page *page, void *data)
{
	struct names *names = data;

	for (size_t i = 0; i < page->tags.n && names->list->n < names->max; i++)
		add_string(names, page->tags.v[i]);
	return names->list->n < names->max && page->tags.n > 0;
}

int registry_list_tags(struct registry *registry, const struct reference *reference, size_t max,
		       struct arena *arena, struct oci_strings *ret, struct err *err)
{
	auto_call struct call call = {};
	struct oci_strings list = {};
	struct names names = { .arena = arena, .list = &list, .max = max };
	struct endpoints endpoints;
	int r = registry_config_endpoints(&registry->config, reference, false, arena, &endpoints,
					  err);

	if (r == 0)
		r = begin(&call, registry, endpoints.v, err);
	if (r < 0)
		return r;
	call.path = endpoints.v->path;
	call.scope = arena_printf(&call.arena, "repository:%s:pull", call.path);
	r = each_page(&call, arena_printf(&call.arena, "/v2/%s/tags/list?n=%d", call.path, PAGE),
		      arena, take_tags, &names, err);
	if (r == 0)
		*ret = list;
	return r;
}

/* ------------------------------------------------------------------------------ search */

struct hub_result {
	char *name, *description;
	int64_t stars;
	bool is_official;
};

struct hub_page {
	OCI_LIST(struct hub_result) results;
};

static const struct schema_field hub_result_fields[] = {
	{ "name", SCHEMA_STRING, 0, offsetof(struct hub_result, name), NULL, NULL, NULL },
	{ "description", SCHEMA_STRING, 0, offsetof(struct hub_result, description), NULL, NULL,
	  NULL },
	{ "star_count", SCHEMA_I64, 0, offsetof(struct hub_result, stars), NULL, NULL, NULL },
	{ "is_official", SCHEMA_BOOL, 0, offsetof(struct hub_result, is_official), NULL, NULL,
	  NULL },
};

static const struct schema hub_result_schema = SCHEMA(struct hub_result, hub_result_fields);

static const struct schema_field hub_page_fields[] = {
	{ "results", SCHEMA_LIST, 0, offsetof(struct hub_page, results), &hub_result_schema, NULL,
	  NULL },
};

static const struct schema hub_page_schema = SCHEMA(struct hub_page, hub_page_fields);

static int search_hub(struct registry *registry, const char *term, size_t max, struct arena *arena,
		      struct registry_findings *ret, struct err *err)
{
	auto_call struct call call = {};
	struct hub_page *page;
	int r;

	call_init(&call, registry, NULL);
	r = get(&call, arena_printf(arena, "https://index.docker.io/v1/search?q=%s&n=%zu",
				    call_encode(term, arena), max < PAGE ? max : PAGE),
		&hub_page_schema, arena, (void **)&page, err);
	if (r < 0)
		return r;
	ret->v = arena_array(arena, struct registry_found, page->results.n);
	for (ret->n = 0; ret->n < page->results.n && ret->n < max; ret->n++) {
		const struct hub_result *found = &page->results.v[ret->n];

		ret->v[ret->n] = (struct registry_found){ found->name, found->description,
							  found->stars, found->is_official };
	}
	return 0;
}

struct search {
	struct names names;
	const char *term;
};

static bool take_matching(const struct page *page, void *data)
{
	struct search *search = data;
	struct names *names = &search->names;

	for (size_t i = 0; i < page->repositories.n && names->list->n < names->max; i++)
		if (strstr(page->repositories.v[i], search->term))
			add_string(names, page->repositories.v[i]);
	return names->list->n < names->max && page->repositories.n > 0;
}

static int search_catalogue(struct registry *registry, const struct endpoint *endpoint,
			    struct search *search, struct arena *arena, struct err *err)
{
	auto_call struct call call = {};
	int r = begin(&call, registry, endpoint, err);

	if (r < 0)
		return r;
	call.scope = "registry:catalog:*";
	return each_page(&call, arena_printf(&call.arena, "/v2/_catalog?n=%d", PAGE), arena,
			 take_matching, search, err);
}

int registry_search(struct registry *registry, const char *host, const char *term, size_t max,
		    struct arena *arena, struct registry_findings *ret, struct err *err)
{
	const struct reference all = { .host = arena_strdup(arena, host), .path = (char *)"" };
	struct oci_strings found = {};
	struct search search = { { .arena = arena, .list = &found, .max = max }, term };
	struct endpoints endpoints;
	int r;

	if (strcmp(host, "docker.io") == 0)
		return search_hub(registry, term, max, arena, ret, err);
	r = registry_config_endpoints(&registry->config, &all, false, arena, &endpoints, err);
	if (r == 0)
		r = search_catalogue(registry, endpoints.v, &search, arena, err);
	if (r < 0)
		return r;
	ret->v = arena_array(arena, struct registry_found, found.n);
	for (ret->n = 0; ret->n < found.n; ret->n++)
		ret->v[ret->n].name = arena_printf(arena, "%s/%s", host, found.v[ret->n]);
	return 0;
}
