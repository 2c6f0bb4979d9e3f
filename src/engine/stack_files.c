/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each text is made from the configuration and the networks alone, so that what was written once
 * can be made again: where a network comes or goes, the lines of the one text that are not in the
 * other are those that change, and nothing need be remembered of what is ours.
 *
 * Files belong to whoever is root inside, by the host's name for him. That works on any file system
 * and costs one system call, where a mount that maps ids costs a mount's worth of them.
 */
#include "engine/stack_files.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/sharing.h"
#include "engine/spec_parts.h"
#include "engine/stack_hosts.h"
#include "engine/stack_resolv.h"
#include "net/hosts.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------- whose they are */

/* NULL: it is its own. */
typedef const char *next_fn(const struct config *config);

static const char *next_of_network(const struct config *config)
{
	return sharing_container(config->network);
}

/* Who is on another's network goes by the other's name, unless he was given one. */
static const char *next_of_name(const struct config *config)
{
	if (sharing_container(config->uts))
		return sharing_container(config->uts);
	return config->hostname || config_is_host(config->uts) ? NULL : next_of_network(config);
}

/* The container at the end of the row, opened if it is another. Returns 1 when one in between is
 * gone, though what it shared is not. */
static int follow(const struct engine *engine, next_fn *next, const struct config **config,
		  struct arena *arena, struct entry *entry, struct err *err)
{
	const char *id;

	while ((id = next(*config))) {
		struct config *other = NULL;
		int r;

		entry_done(entry);
		r = entry_open_id(engine, id, entry, err);
		if (r == 0)
			r = entry_read_config(entry, arena, &other, err);
		if (r < 0)
			return r == -ENOENT ? 1 : r;
		*config = other;
	}
	return 0;
}

/* NULL: another one's that is not there. It may have been started when nobody wrote any. */
static const char *path_of(const struct engine *engine, const struct config *config,
			   const struct entry *other, const char *name, struct arena *arena)
{
	if (other->dir_fd >= 0 && faccessat(other->dir_fd, name, F_OK, 0) < 0)
		return NULL;
	return arena_printf(arena, "%s/containers/%s/%s", engine->root, config->id, name);
}

static int find_network(const struct engine *engine, const struct config *config,
			struct arena *arena, struct spec_place *place, struct err *err)
{
	auto_entry struct entry other = ENTRY_NONE;
	bool has_hosts = !config->no_hosts;
	int r = follow(engine, next_of_network, &config, arena, &other, err);

	if (r != 0)
		return r < 0 ? r : 0;
	if (has_hosts && !config->no_hosts)
		place->hosts_path = path_of(engine, config, &other, ENTRY_HOSTS_FILE, arena);
	place->resolv_path = path_of(engine, config, &other, ENTRY_RESOLV_FILE, arena);
	return 0;
}

static int find_name(const struct engine *engine, const struct config *config, struct arena *arena,
		     struct spec_place *place, struct err *err)
{
	auto_entry struct entry other = ENTRY_NONE;
	bool shares_name = sharing_container(config->uts);
	int r = follow(engine, next_of_name, &config, arena, &other, err);

	if (r != 0)
		return r < 0 ? r : 0;
	place->hostname_path = path_of(engine, config, &other, ENTRY_HOSTNAME_FILE, arena);
	if (!shares_name)
		place->hostname = spec_hostname(config, arena);
	return 0;
}

int stack_files_find(const struct engine *engine, const struct config *config, struct arena *arena,
		     struct spec_place *place, struct err *err)
{
	int r = find_network(engine, config, arena, place, err);

	if (r == 0)
		r = find_name(engine, config, arena, place, err);
	return r < 0 ? err_wrap(err, "find the files of its network") : 0;
}

/* ------------------------------------------------------------------------------- writing */

static int put(const struct entry *entry, const struct config *config, const char *name,
	       const struct buf *text, struct err *err)
{
	return entry_write_shown(entry, name, text, config->ids_size ? config->ids_start : 0, err);
}

static int write_hostname(const struct entry *entry, const struct config *config, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf text = {};

	buf_printf(&text, "%s\n", spec_hostname(config, &arena));
	return put(entry, config, ENTRY_HOSTNAME_FILE, &text, err);
}

static int write_hosts(const struct entry *entry, const struct config *config,
		       const struct stack_view *view, struct err *err)
{
	auto_buf struct buf text = {};
	int r = stack_hosts_format(config, view->record, &text, err);

	return r < 0 ? r : put(entry, config, ENTRY_HOSTS_FILE, &text, err);
}

static int write_resolv(const struct entry *entry, const struct config *config,
			const struct stack_view *view, struct err *err)
{
	auto_buf struct buf text = {};
	int r = stack_resolv_format(config, view->has_resolver, &text, err);

	if (r == 1 && view->record) {
		log_warn("the host has no name servers but at loopback addresses, which are its "
			 "own: the container has none");
		log_hint("'--dns ADDRESS' names one");
	}
	return r < 0 ? r : put(entry, config, ENTRY_RESOLV_FILE, &text, err);
}

int stack_files_write(const struct entry *entry, const struct config *config,
		      const struct stack_view *view, struct err *err)
{
	int r = next_of_name(config) ? 0 : write_hostname(entry, config, err);

	if (next_of_network(config))
		return r;
	if (r == 0 && !config->no_hosts)
		r = write_hosts(entry, config, view, err);
	return r < 0 ? r : write_resolv(entry, config, view, err);
}

/* ------------------------------------------------------------------------------- changing */

/* What can't be read any more is written anew. 1: there is none, and it is shown none. */
static int read_shown(const struct entry *entry, const char *name, struct buf *ret)
{
	struct err unread = {};
	int r = entry_read_shown(entry, name, ret, &unread);

	if (r < 0)
		ret->len = 0;
	return r == -ENOENT ? 1 : 0;
}

static int change_hosts(const struct entry *entry, const struct config *config,
			const struct stack_view *before, const struct stack_view *after,
			struct err *err)
{
	auto_buf struct buf text = {}, changed = {}, old = {}, new = {};
	int r = read_shown(entry, ENTRY_HOSTS_FILE, &text);

	if (r != 0)
		return 0;
	r = stack_hosts_format(config, before->record, &old, err);
	if (r == 0)
		r = stack_hosts_format(config, after->record, &new, err);
	if (r < 0)
		return r;
	hosts_merge(&text, &old, &new, &changed);
	return put(entry, config, ENTRY_HOSTS_FILE, &changed, err);
}

static int change_resolv(const struct entry *entry, const struct config *config, bool has_resolver,
			 struct err *err)
{
	auto_buf struct buf text = {}, changed = {};
	int r = read_shown(entry, ENTRY_RESOLV_FILE, &text);

	if (r == 0)
		r = stack_resolv_exchange(config, has_resolver, &text, &changed, err);
	else
		return 0;
	return r < 0 ? r : put(entry, config, ENTRY_RESOLV_FILE, &changed, err);
}

int stack_files_change(const struct entry *entry, const struct config *config,
		       const struct stack_view *before, const struct stack_view *after,
		       struct err *err)
{
	int r = 0;

	if (next_of_network(config))
		return 0;
	if (!config->no_hosts)
		r = change_hosts(entry, config, before, after, err);
	if (r == 0 && before->has_resolver != after->has_resolver)
		r = change_resolv(entry, config, after->has_resolver, err);
	return r;
}
