/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare inspect, image inspect, network inspect: all that is known of containers, images and
 * networks, as an array in JSON with docker's member names, or as a template has it, a line each.
 */
#include "cli/format.h"
#include "cli/tare/container_inspect.h"
#include "cli/tare/image_inspect.h"
#include "cli/tare/network_inspect.h"
#include "cli/tare/verb.h"
#include "oci/json_text.h"

enum { TYPE_ANY, TYPE_CONTAINER, TYPE_IMAGE, TYPE_NETWORK, TYPE_MAX_ };

struct inspect_args {
	const char *format;
	int type;
	bool size;
};

static int find(const struct call *call, int type, const char *who, struct value **ret,
		struct err *err)
{
	const struct inspect_args *args = call->args;

	switch (type) {
	case TYPE_CONTAINER:
		return container_inspect(call, who, args->size, ret, err);
	case TYPE_IMAGE:
		return image_inspect(call, who, ret, err);
	default:
		return network_inspect(call, who, ret, err);
	}
}

/* A container, or if there is none of that name an image or a network, as docker has it. */
static int find_any(const struct call *call, const char *who, struct value **ret, struct err *err)
{
	struct err why = {};

	if (find(call, TYPE_CONTAINER, who, ret, err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -err->no;
	for (int type = TYPE_IMAGE; type < TYPE_MAX_; type++)
		if (find(call, type, who, ret, &why) == 0) {
			*err = (struct err){};
			return 0;
		}
	return -err->no;
}

/* As an array, for people too. */
static void add_pretty(const struct value *list, struct arena *arena, struct buf *out)
{
	auto_buf struct buf json = {};

	value_format(list, arena, &json);
	json_text_indent(out, buf_str(&json));
	buf_puts(out, "\n");
}

static int add_each(const char *format, const struct value *list, struct arena *arena,
		    struct buf *out, struct err *err)
{
	int r = 0;

	for (const struct value *one = list->first; r == 0 && one; one = one->next)
		r = format_value(format, one, arena, out, err);
	return r;
}

/* All that there are. *missing: about the first one that there is not. */
static struct value *find_all(const struct call *call, int type, struct err *missing)
{
	struct value *list = value_new(call->arena, VALUE_LIST);

	for (char **who = call->operands; *who; who++) {
		struct err why = {};
		struct value *one;

		if ((type == TYPE_ANY ? find_any(call, *who, &one, &why)
				      : find(call, type, *who, &one, &why)) == 0)
			value_add(list, NULL, one);
		else if (!missing->no)
			*missing = why;
	}
	return list;
}

static int inspect(const struct call *call, int type, struct err *err)
{
	const struct inspect_args *args = call->args;
	struct err missing = {};
	const struct value *list = find_all(call, type, &missing);
	auto_buf struct buf out = {};
	int r = 0;

	if (args->format && *args->format)
		r = add_each(args->format, list, call->arena, &out, err);
	else
		add_pretty(list, call->arena, &out);
	if (r == 0)
		r = print_buf(&out, err);
	if (r < 0 || !missing.no)
		return r;
	*err = missing;
	return -missing.no;
}

static int run(const struct call *call, struct err *err)
{
	return inspect(call, ((const struct inspect_args *)call->args)->type, err);
}

static int run_image(const struct call *call, struct err *err)
{
	return inspect(call, TYPE_IMAGE, err);
}

static int run_network(const struct call *call, struct err *err)
{
	return inspect(call, TYPE_NETWORK, err);
}

#define FORMAT_OPTION \
	OPT_STRING(struct inspect_args, format, "format", 'f', "json|TEMPLATE", \
		   "a line for each, as the template has it")

static const struct opt options[] = {
	FORMAT_OPTION,
	OPT_FLAG(struct inspect_args, size, "size", 's', "say what a container takes of the disk"),
	OPT_CHOICE(struct inspect_args, type, "type", 0, "container|image|network",
		   "what it is; any by default, a container first"),
};

static const struct opt image_options[] = { FORMAT_OPTION };

static const struct opt network_options[] = {
	FORMAT_OPTION,
	OPT_REFUSED_AS("verbose", 'v', "there is no swarm whose tasks it would show"),
};

const struct verb verb_inspect = {
	.command = {
		.name = "inspect",
		.operands = "CONTAINER|IMAGE|NETWORK...",
		.summary = "Print all that is known of containers, images and networks",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct inspect_args),
	.run = run,
};

const struct verb verb_image_inspect = {
	.command = {
		.name = "inspect",
		.operands = "IMAGE...",
		.summary = "Print all that is known of images, as JSON",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(image_options),
	},
	.args_size = sizeof(struct inspect_args),
	.run = run_image,
};

const struct verb verb_network_inspect = {
	.command = {
		.name = "inspect",
		.operands = "NETWORK...",
		.summary = "Print all that is known of networks, as JSON",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(network_options),
	},
	.args_size = sizeof(struct inspect_args),
	.run = run_network,
};
