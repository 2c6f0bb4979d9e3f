/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image configurations, read and written by one set of tables, under the names that docker gave the
 * members and OCI kept. Ports and volumes are objects there whose values are empty, for Go's sake;
 * here they are the keys. What is not in the tables is docker's memory of how the image was built
 * (container, container_config, ...), and it is not kept.
 */
#include "image/image_config.h"

#include "image/manifest.h"

#include <string.h>

/* An item of an object whose values are empty. */
struct key {
	char *name;
};

typedef OCI_LIST(struct key) key_list;

/* The document, with what has another shape in the C structs. */
struct process_document {
	struct image_process process;
	key_list exposed_ports, volumes;
};

struct document {
	struct image_config config;
	struct process_document *process;
};

/* ------------------------------------------------------------------------------- tables */

#define ROW(type, member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct type, member), __VA_ARGS__ }

static const struct schema key_schema = { sizeof(struct key), NULL, 0 };

static const struct schema_field health_fields[] = {
	ROW(image_health, test, "Test", STRINGS),
	ROW(image_health, interval_ns, "Interval", I64),
	ROW(image_health, timeout_ns, "Timeout", I64),
	ROW(image_health, start_period_ns, "StartPeriod", I64),
	ROW(image_health, start_interval_ns, "StartInterval", I64),
	ROW(image_health, retries, "Retries", I64),
};
static const struct schema health_schema = SCHEMA(struct image_health, health_fields);

static const struct schema_field process_fields[] = {
	ROW(process_document, process.user, "User", STRING),
	ROW(process_document, exposed_ports, "ExposedPorts", MAP, .sub = &key_schema),
	ROW(process_document, process.env, "Env", STRINGS),
	ROW(process_document, process.entrypoint, "Entrypoint", STRINGS),
	ROW(process_document, process.cmd, "Cmd", STRINGS),
	ROW(process_document, process.health, "Healthcheck", OBJECT, .sub = &health_schema),
	ROW(process_document, process.args_escaped, "ArgsEscaped", BOOL),
	ROW(process_document, volumes, "Volumes", MAP, .sub = &key_schema),
	ROW(process_document, process.working_dir, "WorkingDir", STRING),
	ROW(process_document, process.on_build, "OnBuild", STRINGS),
	ROW(process_document, process.labels, "Labels", PAIRS),
	ROW(process_document, process.stop_signal, "StopSignal", STRING),
	ROW(process_document, process.stop_timeout, "StopTimeout", OPT_I64),
	ROW(process_document, process.shell, "Shell", STRINGS),
};
const struct schema image_process_schema = SCHEMA(struct process_document, process_fields);

static const struct schema_field rootfs_fields[] = {
	ROW(document, config.rootfs_type, "type", STRING, .flags = SCHEMA_REQUIRED),
	ROW(document, config.diff_id_texts, "diff_ids", STRINGS),
};
static const struct schema rootfs_schema = SCHEMA(struct document, rootfs_fields);

static const struct schema_field history_fields[] = {
	ROW(image_history, created, "created", STRING),
	ROW(image_history, created_by, "created_by", STRING),
	ROW(image_history, author, "author", STRING),
	ROW(image_history, comment, "comment", STRING),
	ROW(image_history, empty_layer, "empty_layer", BOOL),
};
static const struct schema history_schema = SCHEMA(struct image_history, history_fields);

static const struct schema_field document_fields[] = {
	ROW(document, config.created, "created", STRING),
	ROW(document, config.author, "author", STRING),
	ROW(document, config.docker_version, "docker_version", STRING),
	ROW(document, config.platform.architecture, "architecture", STRING),
	ROW(document, config.platform.variant, "variant", STRING),
	ROW(document, config.platform.os, "os", STRING),
	ROW(document, config.platform.os_version, "os.version", STRING),
	ROW(document, process, "config", OBJECT, .sub = &image_process_schema),
	/* an object of its own in JSON, in C a part of the same struct */
	{ "rootfs", SCHEMA_EMBEDDED, .sub = &rootfs_schema, .flags = SCHEMA_REQUIRED },
	ROW(document, config.history, "history", LIST, .sub = &history_schema),
};
static const struct schema document_schema = SCHEMA(struct document, document_fields);

/* ------------------------------------------------------------------------------- parse */

static void take_keys(const key_list *keys, struct arena *arena, struct oci_strings *ret)
{
	if (!keys->n)
		return;
	ret->v = arena_array(arena, char *, keys->n + 1);
	for (size_t i = 0; i < keys->n; i++)
		ret->v[ret->n++] = keys->v[i].name;
}

static void take_process(struct document *document, struct arena *arena)
{
	struct process_document *from = document->process;

	if (!from)
		from = arena_new(arena, struct process_document);
	take_keys(&from->exposed_ports, arena, &from->process.exposed_ports);
	take_keys(&from->volumes, arena, &from->process.volumes);
	document->config.process = &from->process;
}

static int take_layers(struct image_config *config, struct arena *arena, struct err *err)
{
	size_t n = config->diff_id_texts.n;

	if (strcmp(config->rootfs_type, "layers") != 0)
		return err_set(err, ERR_USAGE, EINVAL, "rootfs.type: '%.64s' is not known",
			       config->rootfs_type);
	if (n > MANIFEST_MAX_LAYERS)
		return err_set(err, ERR_USAGE, EINVAL,
			       "rootfs.diff_ids: %zu are more than the %d that are read", n,
			       MANIFEST_MAX_LAYERS);
	config->diff_ids.v = arena_array(arena, struct digest, n);
	for (size_t i = 0; i < n; i++) {
		int r = digest_parse(config->diff_id_texts.v[i], &config->diff_ids.v[i], err);

		if (r < 0)
			return err_wrap(err, "rootfs.diff_ids[%zu]", i);
	}
	config->diff_ids.n = n;
	return 0;
}

/* Tools that add a layer may tell no history, but not the other way round. */
static int check_history(const struct image_config *config, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < config->history.n; i++)
		n += !config->history.v[i].empty_layer;
	if (n > config->diff_ids.n)
		return err_set(err, ERR_USAGE, EINVAL,
			       "history: tells of %zu layers, and rootfs has %zu", n,
			       config->diff_ids.n);
	return 0;
}

int image_config_parse(const char *json, size_t len, struct arena *arena,
		       struct image_config **ret, struct err *err)
{
	struct document *document = NULL;
	int r = schema_parse(&document_schema, json, len, arena, (void **)&document, err);

	if (r == 0)
		r = take_layers(&document->config, arena, err);
	if (r == 0)
		r = check_history(&document->config, err);
	if (r < 0)
		return r;
	take_process(document, arena);
	*ret = &document->config;
	return 0;
}

/* ------------------------------------------------------------------------------- format */

static void put_keys(const struct oci_strings *names, struct arena *arena, key_list *ret)
{
	*ret = (key_list){ .v = arena_array(arena, struct key, names->n), .n = names->n };
	for (size_t i = 0; i < names->n; i++)
		ret->v[i].name = names->v[i];
}

static void put_layers(const struct image_config *config, struct arena *arena,
		       struct oci_strings *ret)
{
	*ret = (struct oci_strings){ .v = arena_array(arena, char *, config->diff_ids.n + 1) };
	for (size_t i = 0; i < config->diff_ids.n; i++)
		ret->v[ret->n++] = arena_strdup(arena, config->diff_ids.v[i].text);
}

static struct process_document process_document(const struct image_process *process,
						 struct arena *arena)
{
	struct process_document document = { .process = *process };

	put_keys(&process->exposed_ports, arena, &document.exposed_ports);
	put_keys(&process->volumes, arena, &document.volumes);
	return document;
}

const void *image_process_object(const struct image_process *process, struct arena *arena)
{
	struct process_document *document = arena_new(arena, struct process_document);

	*document = process_document(process, arena);
	return document;
}

void image_config_format(const struct image_config *config, struct buf *out)
{
	auto_arena struct arena arena = {};
	struct process_document process = process_document(config->process, &arena);
	struct document document = { .config = *config, .process = &process };

	put_layers(config, &arena, &document.config.diff_id_texts);
	if (!document.config.rootfs_type)
		document.config.rootfs_type = arena_strdup(&arena, "layers");
	schema_format(&document_schema, &document, out);
}
