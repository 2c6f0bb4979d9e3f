/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare version: which version this is, in docker's shape. There is no daemon, so client and server
 * are the same program. What only a program written in Go has is empty.
 */
#include "cli/format.h"
#include "cli/tare/shape.h"
#include "cli/tare/verb.h"
#include "image/platform.h"

#include <sys/utsname.h>

struct version_args {
	const char *format;
};

/* What the tables are of. */
struct version {
	const char *name, *version, *os, *arch, *kernel, *context;
	struct shape_nothing none;
	OCI_LIST(struct version) components; /* the engine itself */
};

#define OF(member, json, what) SHAPE(version, member, json, what)

static const struct schema_field platform_fields[] = {
	OF(name, "Name", STRING),
};
static const struct schema name_schema = SCHEMA(struct version, platform_fields);

static const struct schema_field client_fields[] = {
	SHAPE_PART("Platform", name_schema),
	OF(version, "Version", STRING),
	OF(none, "ApiVersion", STRING),
	OF(none, "DefaultAPIVersion", STRING),
	OF(none, "GitCommit", STRING),
	OF(none, "GoVersion", STRING),
	OF(os, "Os", STRING),
	OF(arch, "Arch", STRING),
	OF(none, "BuildTime", STRING),
	OF(context, "Context", STRING),
};
static const struct schema client_schema = SCHEMA(struct version, client_fields);

static const struct schema_field component_fields[] = {
	OF(name, "Name", STRING),
	OF(version, "Version", STRING),
	OF(none, "Details", PAIRS),
};
static const struct schema component_schema = SCHEMA(struct version, component_fields);

static const struct schema_field server_fields[] = {
	SHAPE_PART("Platform", name_schema),
	SHAPE_OF(version, components, "Components", LIST, component_schema),
	OF(version, "Version", STRING),
	OF(none, "ApiVersion", STRING),
	OF(none, "MinAPIVersion", STRING),
	OF(none, "GitCommit", STRING),
	OF(none, "GoVersion", STRING),
	OF(os, "Os", STRING),
	OF(arch, "Arch", STRING),
	OF(kernel, "KernelVersion", STRING),
	OF(none, "Experimental", BOOL),
	OF(none, "BuildTime", STRING),
};
static const struct schema server_schema = SCHEMA(struct version, server_fields);

static const struct schema_field fields[] = {
	SHAPE_PART("Client", client_schema),
	SHAPE_PART("Server", server_schema),
};
static const struct schema schema = SCHEMA(struct version, fields);

/* ------------------------------------------------------------------------------- the verb */

static void fill(struct version *version, struct arena *arena)
{
	struct platform platform = {};
	struct utsname names;

	platform_host(arena, &platform);
	*version = (struct version){
		.name = PROGRAM,
		.version = TARE_VERSION,
		.os = platform.os,
		.arch = platform.architecture,
		.kernel = uname(&names) == 0 ? arena_strdup(arena, names.release) : "",
		.context = "default",
	};
	version->components.v = arena_new(arena, struct version);
	*version->components.v = *version;
	version->components.n = 1;
}

static void add_lines(const struct version *version, struct buf *out)
{
	static const char *const sides[] = { "Client", "Server" };

	for (size_t i = 0; i < 2; i++) {
		buf_printf(out, "%s%s: %s\n", i ? "\n" : "", sides[i], version->name);
		buf_printf(out, " Version:           %s\n", version->version);
		buf_printf(out, " OS/Arch:           %s/%s\n", version->os, version->arch);
	}
	buf_printf(out, " Kernel Version:    %s\n", version->kernel);
}

static int run(const struct call *call, struct err *err)
{
	const struct version_args *args = call->args;
	struct version version;
	auto_buf struct buf out = {};
	int r = 0;

	fill(&version, call->arena);
	if (args->format && *args->format)
		r = format_value(args->format, value_from(&schema, &version, call->arena),
				 call->arena, &out, err);
	else
		add_lines(&version, &out);
	return r < 0 ? r : print_buf(&out, err);
}

static const struct opt options[] = {
	OPT_STRING(struct version_args, format, "format", 'f', "json|TEMPLATE",
		   "print what the template makes of it"),
};

const struct verb verb_version = {
	.command = {
		.name = "version",
		.summary = "Show which version this is",
		OPT_ROWS(options),
	},
	.flags = VERB_STATELESS,
	.args_size = sizeof(struct version_args),
	.run = run,
};
