/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: is the store whole? A line for each finding, for people, or as JSON; the exit status says
 * whether something is broken and stays so.
 */
#include "cli/words/check.h"

#include "base/log.h"
#include "cli/image/verb.h"
#include "engine/images.h"
#include "oci/json_text.h"
#include "upkeep/check.h"

#include <inttypes.h>

#define STATUS_BROKEN 1

static const char *const states[] = {
	[CHECK_RUBBISH] = "rubbish",
	[CHECK_BROKEN] = "broken",
	[CHECK_MENDED] = "mended",
};

/* ------------------------------------------------------------------------------- lines */

static void add_member(struct buf *out, const char *key, const char *text)
{
	buf_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", key);
	json_text_quote(out, text);
}

static void format_json(const struct check_finding *finding, struct buf *out)
{
	buf_puts(out, "{");
	add_member(out, "state", states[finding->state]);
	add_member(out, "what", finding->what);
	add_member(out, "which", finding->which);
	add_member(out, "problem", finding->problem);
	if (finding->done)
		add_member(out, "done", finding->done);
	buf_puts(out, "}\n");
}

/* One that can't be printed is told to nobody; the last line fails then, and says so. */
static void tell(void *data, const struct check_finding *finding)
{
	const struct call *call = data;
	const struct check_args *args = call->args;
	auto_buf struct buf out = {};
	struct err ignored;

	if (args->format == CHECK_JSON)
		format_json(finding, &out);
	else
		buf_printf(&out, "%s: %s %s: %s%s%s\n", states[finding->state], finding->what,
			   finding->which, finding->problem, finding->done ? ": " : "",
			   finding->done ? finding->done : "");
	(void)print_buf(&out, &ignored);
}

static void format_result(const struct check_args *args, const struct check_result *result,
			  struct buf *out)
{
	const size_t *n = result->n_found;

	if (args->format == CHECK_JSON) {
		buf_printf(out, "{\"images\":%zu,\"blobs\":%zu,\"blobBytes\":%" PRIu64
				",\"layers\":%zu,\"broken\":%zu,\"mended\":%zu,\"rubbish\":%zu}\n",
			   result->n_images, result->n_blobs, result->blob_bytes,
			   result->n_layers, n[CHECK_BROKEN], n[CHECK_MENDED], n[CHECK_RUBBISH]);
		return;
	}
	buf_printf(out, "%zu images, %zu blobs and %zu layers are whole; broken: %zu",
		   result->n_images, result->n_blobs, result->n_layers, n[CHECK_BROKEN]);
	if (args->repair)
		buf_printf(out, ", mended: %zu", n[CHECK_MENDED]);
	buf_printf(out, ", rubbish: %zu\n", n[CHECK_RUBBISH]);
}

/* ------------------------------------------------------------------------------- containers */

static int find_used(void *data, struct arena *arena, struct oci_strings *ret, struct err *err)
{
	return engine_layers_in_use(data, false, arena, ret, err);
}

static int find_running(void *data, struct arena *arena, struct oci_strings *ret, struct err *err)
{
	return engine_layers_in_use(data, true, arena, ret, err);
}

static int run(const struct call *call, struct err *err)
{
	const struct check_args *args = call->args;
	struct engine engine;
	const struct store_keep used = { find_used, &engine }, running = { find_running, &engine };
	const struct check_request request = {
		.store = call_store(call),
		.used = &used,
		.running = &running,
		.repair = args->repair,
		.quick = args->quick,
		.tell = tell,
		.data = (void *)(uintptr_t)call,
	};
	auto_buf struct buf out = {};
	struct check_result result;
	int r = engine_open(&engine, call_store(call)->root, NULL, call->arena, err);

	if (r == 0)
		r = check_store(&request, call->arena, &result, err);
	if (r < 0)
		return r;
	format_result(args, &result, &out);
	r = print_buf(&out, err);
	if (r == 0 && result.n_found[CHECK_BROKEN] && !args->repair)
		log_hint("'tare system check --repair' mends what can be had from what is there");
	return r < 0 ? r : result.n_found[CHECK_BROKEN] ? STATUS_BROKEN : 0;
}

const struct verb verb_check = {
	.command = CHECK_WORDS,
	.args_size = sizeof(struct check_args),
	.run = run,
};
