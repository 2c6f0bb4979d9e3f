/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All file systems that a container writes to as root must be ones whose ids can be mapped: that of
 * its root, which is the engine's directory for an image, as for one that it is shown, and those of
 * its binds. What is mounted below these decides nothing: engine/submounts.h.
 *
 * Who shares the host's network, processes or ipc has ids of his own all the same, and sees of
 * /sys, /proc and mqueue what the host has, read-only. But a right over what is shared counts for
 * the host's ids alone: a low port of the host's network, or a capability that was asked for. So
 * that what is asked for works, it brings the host's ids.
 */
#include "engine/userns.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/ids.h"
#include "engine/mappable.h"
#include "engine/sharing.h"
#include "engine/spec.h"
#include "oci/list.h"
#include "sys/makedirs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the host's network, whatever its administrator made of ip_unprivileged_port_start. */
#define FIRST_UNPRIVILEGED_PORT 1024

struct choice {
	const struct engine *engine;
	struct config *config;
	struct arena *arena;
	int root_fd;
	struct mappable_answers answers;
	bool *is_mapped; /* a bind, by its index */
};

static void choice_done(struct choice *choice)
{
	mappable_close(&choice->answers);
	closep(&choice->root_fd);
}

/* "80/tcp", as the image exposes it. */
static bool is_low(const char *port)
{
	unsigned long number = strtoul(port, NULL, 10);

	return number > 0 && number < FIRST_UNPRIVILEGED_PORT;
}

static bool has_low_port(const struct config *config, const struct oci_strings *ports)
{
	if (!sharing_has_foreign_network(config))
		return false;
	for (size_t i = 0; ports && i < ports->n; i++)
		if (is_low(ports->v[i]))
			return true;
	return false;
}

/* The root of a view is an overlay over the host's, and overlays can't be mapped. */
static bool is_view(const struct config *config)
{
	return config->rootfs && strcmp(config->rootfs, "/") == 0;
}

/* Who may do all has the host's ids too; who is no root has no ids to give. */
static bool wants_own(const struct config *config, const struct oci_strings *ports)
{
	if (geteuid() != 0 || config_is_host(config->userns) || config->privileged ||
	    is_view(config))
		return false;
	if (!spec_needs_host_ids(config) && !has_low_port(config, ports))
		return true;
	log_info("what was asked for is a right over the host: the container has its ids");
	return false;
}

/* ------------------------------------------------------------------------------- how many */

/* As many as its files need; nobody has counted those of a directory. */
static int count_ids(const struct store_image *image, uint32_t *ret, struct err *err)
{
	uint64_t n = image ? (uint64_t)image->max_id + 1 : IDS_RANGE;

	if (n > IDS_MOST) {
		(void)err_set(err, ERR_USAGE, ERANGE,
			      "'/%s' belongs to id %u, and a container has ids below %u",
			      image->max_id_path ? image->max_id_path : "", image->max_id,
			      IDS_MOST);
		return err_hint(err, "'--userns host' runs it with the host's ids");
	}
	*ret = n > IDS_RANGE ? (uint32_t)((n + IDS_RANGE - 1) / IDS_RANGE) * IDS_RANGE : IDS_RANGE;
	return 0;
}

/* ------------------------------------------------------------------------------- can it be */

/* Told once: 0, the host's ids it is. */
static int fall_back(const struct choice *choice, const char *path, enum mappable answer,
		     struct err *err)
{
	if (choice->engine->refuses_host_ids) {
		(void)err_set(err, ERR_USAGE, EOPNOTSUPP,
			      "the file system of '%s' can't have its ids mapped on this kernel",
			      path);
		return err_hint(err, "'--userns host' runs it with the host's ids; so does "
				     "userns_fallback = \"host\" in tare.conf, whenever it must");
	}
	if (answer == MAPPABLE_NEWLY_NOT)
		log_warn("the file system of '%s' can't have its ids mapped on this kernel: "
			 "containers that use it have the host's ids", path);
	return 0;
}

/* 1, or 0: the host's ids it is. */
static int ask(struct choice *choice, int fd, const char *path, enum mappable_use use,
	       bool *ret_is_mapped, struct err *err)
{
	int r = mappable_ask(&choice->answers, fd, use, err);

	if (r < 0)
		return err_wrap(err, "'%s'", path);
	*ret_is_mapped = r == MAPPABLE;
	return r == MAPPABLE || r == MAPPABLE_NEEDLESS
		       ? 1
		       : fall_back(choice, path, (enum mappable)r, err);
}

/* One that is not there yet will be where its parent is. One that can't be opened is refused when
 * it is mounted, in better words. */
static int open_source(const struct choice *choice, const char *path)
{
	char *name = arena_strdup(choice->arena, path);
	int fd;

	while ((fd = open(name, O_PATH | O_CLOEXEC)) < 0 && errno == ENOENT) {
		char *slash = strrchr(name, '/');

		if (!slash || !slash[1])
			return -ENOENT;
		slash[slash == name] = '\0';
	}
	return fd < 0 ? -errno : fd;
}

static int ask_mount(struct choice *choice, size_t i, struct err *err)
{
	const struct config_mount *mount = &choice->config->mounts.v[i];
	auto_close int fd = -1;
	bool ignored;

	if (config_mount_is_image(mount))
		return ask(choice, choice->root_fd, choice->engine->root, MAPPABLE_BELOW_OVERLAY,
			   &ignored, err);
	if (strcmp(mount->type, "bind") != 0)
		return 1;
	fd = open_source(choice, mount->source);
	return fd < 0 ? 1
		      : ask(choice, fd, mount->source, MAPPABLE_ALONE, &choice->is_mapped[i],
			    err);
}

static int ask_root(struct choice *choice, struct err *err)
{
	const char *rootfs = choice->config->rootfs;
	auto_close int fd = -1;
	bool ignored;

	if (!rootfs)
		return ask(choice, choice->root_fd, choice->engine->root, MAPPABLE_BELOW_OVERLAY,
			   &ignored, err);
	fd = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_sys(err, errno, "root filesystem '%s'", rootfs)
		      : ask(choice, fd, rootfs, MAPPABLE_ALONE, &ignored, err);
}

static int ask_all(struct choice *choice, struct err *err)
{
	int r = ask_root(choice, err);

	for (size_t i = 0; r == 1 && i < choice->config->mounts.n; i++)
		r = ask_mount(choice, i, err);
	return r;
}

/* ------------------------------------------------------------------------------- the choice */

static bool has_idmap(const struct config_mount *mount)
{
	for (size_t i = 0; i < mount->options.n; i++)
		if (strcmp(mount->options.v[i], "idmap") == 0 ||
		    strcmp(mount->options.v[i], "ridmap") == 0)
			return true;
	return false;
}

/* Root inside writes as root there, as people know it. */
static void map_binds(const struct choice *choice)
{
	struct config *config = choice->config;

	for (size_t i = 0; i < config->mounts.n; i++)
		if (choice->is_mapped[i] && !has_idmap(&config->mounts.v[i]))
			strings_add(&config->mounts.v[i].options, choice->arena,
				    arena_strdup(choice->arena, "idmap"));
}

/* A first container of an engine may be one without an image. */
static int open_root(struct choice *choice, struct err *err)
{
	const char *root = choice->engine->root;

	choice->root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (choice->root_fd < 0 && errno == ENOENT) {
		int r = makedirs(root);

		if (r < 0)
			return err_sys(err, -r, "make '%s'", root);
		choice->root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return choice->root_fd < 0 ? err_sys(err, errno, "open '%s'", root) : 0;
}

/* Those of another container are as many as they are. */
static int take_ids(struct config *config, uint32_t needed, struct err *err)
{
	if (config->ids_of && needed > config->ids_size)
		return err_set(err, ERR_USAGE, ERANGE,
			       "the image needs %u ids, and container %.12s, whose ids it shares, "
			       "has %u", needed, config->ids_of, config->ids_size);
	if (!config->ids_of)
		config->ids_size = needed;
	return 0;
}

static int have_host_ids(struct config *config)
{
	config->ids_of = NULL;
	config->ids_size = 0;
	return 0;
}

int userns_choose(const struct engine *engine, struct config *config,
		  const struct userns_image *image, struct arena *arena, struct err *err)
{
	auto_cleanup(choice_done) struct choice choice = {
		engine, config, arena, -1, MAPPABLE_ANSWERS_NONE, NULL,
	};
	uint32_t n = 0;
	int r;

	if (!wants_own(config, image->ports))
		return have_host_ids(config);
	choice.is_mapped = arena_array(arena, bool, config->mounts.n + 1);
	r = open_root(&choice, err);
	if (r == 0)
		r = mappable_open(choice.root_fd, &choice.answers, err);
	if (r == 0)
		r = ask_all(&choice, err);
	if (r == 1)
		r = count_ids(image->image, &n, err) < 0 ? -err->no : 1;
	if (r <= 0)
		return r < 0 ? r : have_host_ids(config);
	map_binds(&choice);
	return take_ids(config, n, err);
}
