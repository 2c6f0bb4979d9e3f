/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare port: where on the host the published ports of containers are, as docker prints it. Of one
 * that does not run there are none.
 */
#include "cli/tare/choose.h"
#include "engine/net_view.h"

#include <string.h>

struct port_args {
	struct choose_args choose;
};

static const struct opt options[] = {
	CHOOSE_ALL(struct port_args, choose, "of all that run, after the id of each"),
	CHOOSE_LATEST(struct port_args, choose),
};

/* Each line of `text`, after the beginning of its id. */
static void add_marked(const struct config *config, const char *text, struct buf *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		buf_printf(out, "%.12s\t%.*s\n", config->id, (int)len, text);
		text += len + 1;
	}
}

static void add_all(const struct engine_container *container, struct arena *arena,
		    struct buf *out)
{
	struct net_view view;

	net_view_make(container, arena, &view);
	for (size_t i = 0; container->net && i < view.published.n; i++)
		port_format_binding(&view.published.v[i], out);
}

/* PORT[/PROTOCOL]: its addresses on the host alone. */
static int add_one(const struct engine_container *container, const char *word,
		   struct arena *arena, struct buf *out, struct err *err)
{
	const size_t before = out->len;
	struct net_view view;
	struct port wanted;
	int r = port_parse_exposed(word, &wanted, err);

	if (r == 0 && wanted.n != 1)
		r = err_set(err, ERR_USAGE, EINVAL, "'%.64s' is more than one port", word);
	if (r < 0)
		return r;
	net_view_make(container, arena, &view);
	for (size_t i = 0; container->net && i < view.published.n; i++)
		if (view.published.v[i].proto == wanted.proto)
			port_format_host(&view.published.v[i], wanted.port, out);
	if (out->len > before)
		return 0;
	(void)err_set(err, ERR_NOT_FOUND, ENOENT, "its port %u/%s is not published", wanted.port,
		      port_proto_name(wanted.proto));
	return err_hint(err, "without a port, all that are published are shown");
}

static int list_all(const struct call *call, struct buf *out, struct err *err)
{
	struct engine_container *list = NULL;
	size_t n = 0;
	int r;

	if (call->operands[0])
		return err_set(err, ERR_USAGE, EINVAL, "give one of CONTAINER and --all");
	r = engine_list_kinds(call_engine(call), ENGINE_ACTIVE, call->arena, &list, &n, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		auto_buf struct buf text = {};

		add_all(&list[i], call->arena, &text);
		add_marked(list[i].config, buf_str(&text), out);
	}
	return r;
}

static int list_chosen(const struct call *call, struct buf *out, struct err *err)
{
	const struct port_args *args = call->args;
	struct engine_container container;
	char **words = call->operands;
	const char *who = NULL;
	int r = choose_first(call, &args->choose, &words, &who, err);

	if (r == 0 && words[0] && words[1])
		r = err_set(err, ERR_USAGE, EINVAL, "'%s' is one word too many", words[1]);
	if (r == 0)
		r = engine_get(call_engine(call), who, call->arena, &container, err);
	if (r < 0)
		return r;
	if (words[0])
		return add_one(&container, words[0], call->arena, out, err);
	add_all(&container, call->arena, out);
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	const struct port_args *args = call->args;
	auto_buf struct buf out = {};
	int r = args->choose.all ? list_all(call, &out, err) : list_chosen(call, &out, err);

	return r < 0 ? r : print_buf(&out, err);
}

const struct verb verb_port = {
	.command = {
		.name = "port",
		.operands = "CONTAINER [PORT[/PROTOCOL]]",
		.summary = "Show where on the host the ports of a container are",
		.max_operands = 2,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct port_args),
	.run = run,
};
