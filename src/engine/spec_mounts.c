/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is mounted in a container: what every one has, unless a person puts something else in that
 * place, and what a person asks for. Those that lie deeper come later, and at one depth a person's
 * after ours, so that no mount hides another that was asked for.
 */
#include "engine/spec_parts.h"

#include "engine/sharing.h"
#include "engine/shown_images.h"
#include "engine/submounts.h"
#include "oci/list.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SAFE "nosuid", "noexec", "nodev"
#define SHM  "/dev/shm"

struct row {
	const char *target, *type, *source;
	const char *options[8];
	bool hides_host; /* read-only, but for a privileged container */
};

static const struct row defaults[] = {
	{ "/proc", "proc", "proc", { SAFE } },
	{ "/dev", "tmpfs", "tmpfs", { "nosuid", "strictatime", "mode=755", "size=65536k" } },
	{ "/dev/pts", "devpts", "devpts",
	  { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" } },
	{ SHM, "tmpfs", "shm", { SAFE, "mode=1777", "size=65536k" } },
	{ "/dev/mqueue", "mqueue", "mqueue", { SAFE } },
	{ "/sys", "sysfs", "sysfs", { SAFE }, true },
	{ "/sys/fs/cgroup", "cgroup", "cgroup", { SAFE, "relatime" }, true },
};

/* What is seen of the network. */
static const struct shown {
	const char *target;
	size_t offset; /* of its source in struct spec_place */
} shown[SPEC_SHOWN_MAX] = {
	{ "/etc/hosts", offsetof(struct spec_place, hosts_path) },
	{ "/etc/hostname", offsetof(struct spec_place, hostname_path) },
	{ "/etc/resolv.conf", offsetof(struct spec_place, resolv_path) },
};

/* A sequence number beside each mount keeps the sorting stable. */
struct placed {
	struct oci_mount mount;
	size_t depth, number;
};

struct mounts {
	const struct draft *draft;
	OCI_LIST(struct placed) list;
};

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += *path == '/' && path[1] && path[1] != '/';
	return depth;
}

static void place_at(struct mounts *mounts, const struct oci_mount *mount, size_t depth)
{
	size_t number = mounts->list.n;

	*list_add(&mounts->list, mounts->draft->arena) = (struct placed){ *mount, depth, number };
}

static void place(struct mounts *mounts, const struct oci_mount *mount)
{
	place_at(mounts, mount, depth_of(mount->destination));
}

bool spec_is_target(const struct config *config, const char *target)
{
	for (size_t i = 0; i < config->mounts.n; i++)
		if (strcmp(config->mounts.v[i].target, target) == 0)
			return true;
	return false;
}

bool spec_is_mounted(const char *target)
{
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (strcmp(defaults[i].target, target) == 0)
			return true;
	for (size_t i = 0; i < SPEC_SHOWN_MAX; i++)
		if (strcmp(shown[i].target, target) == 0)
			return true;
	return false;
}

static void add_option(const struct draft *draft, struct oci_strings *options, const char *option)
{
	strings_add(options, draft->arena, arena_strdup(draft->arena, option));
}

/* Memory that is shared with whom the ipc namespace is shared; --ipc none has none at all. */
static const char *shared_shm(const struct draft *draft)
{
	if (config_is_host(draft->config->ipc))
		return SHM;
	return sharing_container(draft->config->ipc)
		       ? arena_printf(draft->arena, "%s/" SPEC_SHM_NAME, draft->place->stage_path)
		       : NULL;
}

static bool has_no_shm(const struct config *config)
{
	return config->ipc && strcmp(config->ipc, "none") == 0;
}

/* Who brings a /dev, or an /etc, brings all that is in it. */
static bool is_taken(const struct config *config, const char *target)
{
	return spec_is_target(config, target) ||
	       (strcmp(target, SHM) == 0 && has_no_shm(config)) ||
	       (strncmp(target, "/dev/", 5) == 0 && spec_is_target(config, "/dev")) ||
	       (strncmp(target, "/etc/", 5) == 0 && spec_is_target(config, "/etc"));
}

static void place_shared_shm(struct mounts *mounts, const char *source)
{
	static const char *const options[] = { "bind", SAFE, "rprivate" };
	struct arena *arena = mounts->draft->arena;
	struct oci_mount mount = { .destination = arena_strdup(arena, SHM),
				   .type = arena_strdup(arena, "bind"),
				   .source = arena_strdup(arena, source) };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		strings_add(&mount.options, arena, arena_strdup(arena, options[i]));
	place(mounts, &mount);
}

static void place_default(struct mounts *mounts, const struct row *row)
{
	struct arena *arena = mounts->draft->arena;
	int64_t shm_size = mounts->draft->config->shm_size_bytes;
	struct oci_mount mount = { .destination = arena_strdup(arena, row->target),
				   .type = arena_strdup(arena, row->type),
				   .source = arena_strdup(arena, row->source) };

	for (const char *const *option = row->options; *option; option++)
		strings_add(&mount.options, arena, arena_strdup(arena, *option));
	if (row->hides_host && !mounts->draft->config->privileged)
		strings_add(&mount.options, arena, arena_strdup(arena, "ro"));
	if (strcmp(row->target, SHM) == 0 && shm_size) /* the last of a kind prevails */
		strings_add(&mount.options, arena,
			    arena_printf(arena, "size=%jd", (intmax_t)shm_size));
	place(mounts, &mount);
}

size_t spec_shown(const struct config *config, const struct spec_place *place,
		  struct spec_shown ret[static SPEC_SHOWN_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < SPEC_SHOWN_MAX; i++) {
		const char *source =
			*(const char *const *)((const char *)place + shown[i].offset);

		if (source && !is_taken(config, shown[i].target))
			ret[n++] = (struct spec_shown){ source, shown[i].target };
	}
	return n;
}

/* Whoever writes there changes what is his own; of the host's files none is shown. */
static void place_shown(struct mounts *mounts)
{
	const struct draft *draft = mounts->draft;
	struct spec_shown files[SPEC_SHOWN_MAX];
	size_t n = spec_shown(draft->config, draft->place, files);

	for (size_t i = 0; i < n; i++) {
		struct oci_mount mount = {
			.destination = arena_strdup(draft->arena, files[i].target),
			.type = arena_strdup(draft->arena, "bind"),
			.source = arena_strdup(draft->arena, files[i].source),
		};

		add_option(draft, &mount.options, "bind");
		add_option(draft, &mount.options, "rprivate");
		if (draft->config->read_only)
			add_option(draft, &mount.options, "ro");
		place(mounts, &mount);
	}
}

/* ------------------------------------------------------------------------------- a person's */

static bool has_option(const struct oci_strings *options, const char *const *words)
{
	while (*words && !strings_have(options, *words))
		words++;
	return *words;
}

static const char *const propagations[] = {
	"shared",  "slave",  "private",	 "unbindable",
	"rshared", "rslave", "rprivate", "runbindable", NULL,
};
static const char *const relabels[] = { "z", "Z", NULL };
static const char *const binds[] = { "bind", "rbind", NULL };

/* Without SELinux there are no labels, and nothing to do. */
static bool is_selinux(void)
{
	return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

static int copy_options(const struct draft *draft, const struct config_mount *asked,
			struct oci_strings *options, struct err *err)
{
	if (has_option(&asked->options, relabels) && is_selinux())
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "to relabel the source for SELinux (z, Z) is not there yet");
	for (size_t i = 0; i < asked->options.n; i++)
		if (!has_option(&(struct oci_strings){ &asked->options.v[i], 1 }, relabels))
			strings_add(options, draft->arena, asked->options.v[i]);
	return 0;
}

static int make_bind(const struct draft *draft, const struct config_mount *asked,
		     struct oci_mount *mount, struct err *err)
{
	if (!asked->source || asked->source[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL, "the source '%s' is not absolute",
			       asked->source ? asked->source : "");
	mount->source = asked->source;
	if (!has_option(&asked->options, binds))
		add_option(draft, &mount->options, submounts_are_apart(asked) ? "bind" : "rbind");
	if (!has_option(&asked->options, propagations))
		add_option(draft, &mount->options, "rprivate");
	return copy_options(draft, asked, &mount->options, err);
}

/* The options asked for come last, and so prevail: "exec" over our "noexec". */
static int make_tmpfs(const struct draft *draft, const struct config_mount *asked,
		      struct oci_mount *mount, struct err *err)
{
	static const char *const safe[] = { SAFE };

	mount->source = arena_strdup(draft->arena, "tmpfs");
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		add_option(draft, &mount->options, safe[i]);
	return copy_options(draft, asked, &mount->options, err);
}

/* It has the container's ids already. */
static int make_image(const struct draft *draft, const struct config_mount *asked,
		      struct oci_mount *mount, struct err *err)
{
	size_t i = (size_t)(asked - draft->config->mounts.v);

	mount->type = arena_strdup(draft->arena, "bind");
	mount->source = shown_image_path(draft->place->stage_path, i, draft->arena);
	add_option(draft, &mount->options, "bind");
	add_option(draft, &mount->options, "rprivate");
	return copy_options(draft, asked, &mount->options, err);
}

static int make_mount(const struct draft *draft, const struct config_mount *asked,
		      struct oci_mount *mount, struct err *err)
{
	if (asked->target[0] != '/' || strspn(asked->target, "/") == strlen(asked->target))
		return err_set(err, ERR_USAGE, EINVAL, "the target is no place below the root");
	*mount = (struct oci_mount){ .destination = asked->target, .type = asked->type };
	if (strcmp(asked->type, "bind") == 0)
		return make_bind(draft, asked, mount, err);
	if (strcmp(asked->type, "tmpfs") == 0)
		return make_tmpfs(draft, asked, mount, err);
	if (config_mount_is_image(asked))
		return make_image(draft, asked, mount, err);
	return err_set(err, ERR_USAGE, EINVAL, "the type '%s' is neither bind, tmpfs nor image",
		       asked->type);
}

/* What is mounted below `top` belongs to it: what comes over the one comes over the other too. */
static void place_submounts(struct mounts *mounts, size_t bind, const struct oci_mount *top,
			    size_t depth)
{
	static const char *const own[] = { "bind", "rbind", "idmap", "ridmap", NULL };
	const struct submounts *submounts = mounts->draft->place->submounts;

	for (size_t i = 0; submounts && i < submounts->n; i++) {
		const struct submount *sub = &submounts->v[i];
		struct oci_mount mount = { .destination = sub->target, .source = sub->source,
					   .type = arena_strdup(mounts->draft->arena, "bind") };

		if (sub->bind != bind)
			continue;
		add_option(mounts->draft, &mount.options, sub->is_whole ? "rbind" : "bind");
		for (size_t k = 0; k < top->options.n; k++)
			if (!has_option(&(struct oci_strings){ &top->options.v[k], 1 }, own))
				add_option(mounts->draft, &mount.options, top->options.v[k]);
		if (sub->is_mapped)
			add_option(mounts->draft, &mount.options, "idmap");
		if (sub->is_shut)
			add_option(mounts->draft, &mount.options, "rro");
		place_at(mounts, &mount, depth);
	}
}

/* Those of the root come before all others. */
static void place_root_submounts(struct mounts *mounts)
{
	struct oci_mount root = {};

	add_option(mounts->draft, &root.options, "rprivate");
	place_submounts(mounts, SUBMOUNT_OF_ROOT, &root, 0);
}

static int place_asked(struct mounts *mounts, struct err *err)
{
	const struct config *config = mounts->draft->config;

	for (size_t i = 0; i < config->mounts.n; i++) {
		const struct config_mount *asked = &config->mounts.v[i];
		struct oci_mount mount;
		int r = make_mount(mounts->draft, asked, &mount, err);

		for (size_t k = 0; k < i && r == 0; k++)
			if (strcmp(config->mounts.v[k].target, asked->target) == 0)
				r = err_set(err, ERR_USAGE, EINVAL, "the target is given twice");
		if (r < 0)
			return err_wrap(err, "mount '%s'", asked->target);
		place(mounts, &mount);
		place_submounts(mounts, i, &mount, depth_of(mount.destination));
	}
	return 0;
}

/* Whoever has ids of his own sees them there, too. */
static void place_volumes(struct mounts *mounts)
{
	const struct draft *draft = mounts->draft;

	for (size_t i = 0; i < draft->config->volumes.n; i++) {
		struct oci_mount mount = {
			.destination = draft->config->volumes.v[i],
			.type = arena_strdup(draft->arena, "bind"),
			.source = arena_printf(draft->arena, "%s/%zu", draft->place->volumes_path,
					       i),
		};

		add_option(draft, &mount.options, "bind");
		add_option(draft, &mount.options, "rprivate");
		if (draft->config->ids_size)
			add_option(draft, &mount.options, "idmap");
		place(mounts, &mount);
	}
}

/* ------------------------------------------------------------------------------- all */

static int compare(const void *one, const void *other)
{
	const struct placed *a = one, *b = other;

	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void add_init(const struct draft *draft)
{
	struct arena *arena = draft->arena;
	struct oci_mount mount = { .destination = arena_strdup(arena, SPEC_INIT_PATH),
				   .source = arena_strdup(arena, draft->place->init_path),
				   .type = arena_strdup(arena, "bind") };
	static const char *const options[] = { "bind", "ro", "nosuid", "nodev", "rprivate" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		add_option(draft, &mount.options, options[i]);
	*list_add(&draft->spec->mounts, arena) = mount;
}

int spec_add_mounts(const struct draft *draft, struct err *err)
{
	struct mounts mounts = { .draft = draft };
	int r;

	if (draft->config->shm_size_bytes < 0)
		return err_set(err, ERR_USAGE, ERANGE, "--shm-size: %jd is below 0",
			       (intmax_t)draft->config->shm_size_bytes);
	place_root_submounts(&mounts);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		const char *target = defaults[i].target;

		if (is_taken(draft->config, target))
			continue;
		if (strcmp(target, SHM) == 0 && shared_shm(draft))
			place_shared_shm(&mounts, shared_shm(draft));
		else
			place_default(&mounts, &defaults[i]);
	}
	place_shown(&mounts);
	r = place_asked(&mounts, err);
	if (r < 0)
		return r;
	place_volumes(&mounts);
	if (mounts.list.n)
		qsort(mounts.list.v, mounts.list.n, sizeof(struct placed), compare);
	for (size_t i = 0; i < mounts.list.n; i++)
		*list_add(&draft->spec->mounts, draft->arena) = mounts.list.v[i].mount;
	if (draft->config->init)
		add_init(draft);
	return 0;
}
