/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel is asked first, and what it says stands. What the engine knows is put beside it: it is
 * in the entry of whichever container brought the namespace, so that who shares it sees the same. A
 * container is in a namespace if its first process was, when all processes were looked at.
 */
#include "engine/nsnet.h"

#include "base/cleanup.h"
#include "base/utf8.h"
#include "engine/container.h"
#include "engine/stack_resolv.h"
#include "engine/stack_servers.h"
#include "net/port.h"
#include "oci/list.h"
#include "sys/ns.h"
#include "sys/proc.h"
#include "sys/sockets.h"

#include <string.h>

#define NAME_MAX_BYTES 256

/* What the steps share. */
struct viewing {
	const struct engine *engine;
	const struct nsscan *scan;
	struct arena *arena;
	struct nsnet *view;
	struct net_record *record; /* NULL: no container that brought it was found */
};

static char *valid_text(struct arena *arena, const char *text)
{
	auto_buf struct buf out = {};

	utf8_add_valid(&out, text);
	return arena_strdup(arena, buf_str(&out));
}

/* ------------------------------------------------------------------------------- the kernel's */

static char *read_name(int pid_dir_fd, struct arena *arena)
{
	auto_buf struct buf comm = {};

	(void)proc_read_at(pid_dir_fd, "comm", NAME_MAX_BYTES, &comm);
	if (comm.len && comm.data[comm.len - 1] == '\n')
		comm.data[--comm.len] = '\0';
	return valid_text(arena, buf_str(&comm));
}

static int look_inside(struct viewing *viewing, int ns_dir_fd, struct err *err)
{
	struct nsnet *view = viewing->view;
	auto_close int netns_fd = -1;
	struct err why = {};
	ino_t ino = 0;
	int r;

	if (ns_read_ino(ns_dir_fd, NS_NET, &ino) == 0)
		view->ino = ino;
	view->whose = nsscan_whose(viewing->scan, NS_NET, ino);
	r = ns_open_at(ns_dir_fd, NS_NET, &netns_fd);
	if (r == -ENOENT || r == -ESRCH)
		return err_set(err, ERR_NOT_FOUND, ESRCH, "process %u has ended", view->host_pid);
	if (r < 0)
		(void)err_sys(&why, -r, "open its network namespace");
	else
		r = look_at(netns_fd, viewing->arena, &view->look, &why);
	if (r < 0)
		view->unreadable = valid_text(viewing->arena, why.msg);
	view->is_cut |= view->look.is_cut;
	return 0;
}

static void list_sockets(struct viewing *viewing, int pid_dir_fd)
{
	struct nsnet *view = viewing->view;
	struct sockets_list list = {};
	struct err ignored = {};

	(void)sockets_list(viewing->scan->proc_fd, pid_dir_fd, viewing->arena, &list, &ignored);
	for (size_t i = 0; i < list.n; i++) {
		const struct sockets_listener *found = &list.v[i];
		struct nsnet_socket *socket = list_add(&view->listens, viewing->arena);
		char ip[IP_BYTES];

		*socket = (struct nsnet_socket){
			.protocol = arena_strdup(viewing->arena, port_proto_name(found->proto)),
			.address = arena_strdup(viewing->arena, ip_format(&found->row.ip, ip)),
			.port = found->row.port,
			.host_pid = (uint32_t)found->host_pid,
			.name = found->name ? valid_text(viewing->arena, found->name) : NULL,
		};
	}
	view->is_cut |= list.is_cut;
}

/* ------------------------------------------------------------------------------- names */

static void add_servers(const struct resolv_conf *conf, struct arena *arena,
			struct oci_strings *ret)
{
	for (unsigned i = 0; i < conf->n_servers; i++) {
		const struct resolv_server *server = &conf->servers[i];
		char ip[IP_BYTES];

		strings_add(ret, arena,
			    arena_printf(arena, "%s%s%s", ip_format(&server->ip, ip),
					 *server->scope ? "%" : "", server->scope));
	}
}

static void find_asked(struct viewing *viewing, const struct config *config)
{
	struct oci_strings *ret = &viewing->view->names.asked;
	auto_close int networks_fd = -1;
	struct stack_servers servers;
	struct resolv_conf host = {};
	char ip[IP_BYTES];
	struct err ignored = {};

	if (engine_open_dir(viewing->engine, "networks", false, &networks_fd, &ignored) < 0 ||
	    stack_servers_of(networks_fd, config, viewing->record, &servers, &ignored) < 0 ||
	    !servers.has_way_out)
		return;
	for (size_t i = 0; i < servers.n; i++)
		strings_add(ret, viewing->arena,
			    arena_strdup(viewing->arena, ip_format(&servers.v[i], ip)));
	if (!servers.n && resolv_conf_load("/etc/resolv.conf", &host, &ignored) == 0)
		add_servers(&host, viewing->arena, ret);
}

static void read_names(struct viewing *viewing, const struct entry *entry,
		       const struct config *config)
{
	struct nsnet_names *names = &viewing->view->names;
	auto_buf struct buf text = {};
	struct resolv_conf conf;
	struct err ignored = {};

	if (entry_read_shown(entry, ENTRY_RESOLV_FILE, &text, &ignored) < 0)
		return;
	resolv_conf_parse(buf_str(&text), text.len, &conf);
	*names = (struct nsnet_names){};
	add_servers(&conf, viewing->arena, &names->servers);
	names->has_resolver = viewing->record && stack_resolv_is_served(&conf);
	if (names->has_resolver)
		find_asked(viewing, config);
}

/* ------------------------------------------------------------------------------- the engine's */

/* By what the kernel says of the other end, where it says anything: inside an interface may have
 * been given another name. */
static bool is_on(const struct look_interface *interface, const struct net_endpoint *endpoint)
{
	if (interface->outside && net_endpoint_is_bridged(endpoint))
		return strcmp(interface->outside, endpoint->host_interface) == 0;
	return endpoint->interface && strcmp(interface->name, endpoint->interface) == 0;
}

static void take_record(struct viewing *viewing, struct net_record *record)
{
	struct look *look = &viewing->view->look;

	viewing->record = record;
	viewing->view->ports.v = record->ports.v;
	viewing->view->ports.n = record->ports.n;
	for (size_t i = 0; i < look->interfaces.n; i++)
		for (size_t k = 0; k < record->endpoints.n; k++)
			if (is_on(&look->interfaces.v[i], &record->endpoints.v[k]))
				look->interfaces.v[i].network = record->endpoints.v[k].network;
}

/* Is it in the namespace that is looked at? */
static bool is_in_it(const struct viewing *viewing, const struct status *status)
{
	const struct nsscan_process *process = nsscan_find(viewing->scan, status->host_pid);

	return process && viewing->view->ino && process->ns[NS_NET] == viewing->view->ino;
}

static void on_entry(void *data, const struct entry *entry)
{
	struct viewing *viewing = data;
	struct net_record *record = NULL;
	struct config *config = NULL;
	struct status *status = NULL;
	struct err ignored = {};

	if (container_status(viewing->engine, entry, viewing->arena, &status, &ignored) < 0 ||
	    !is_in_it(viewing, status) ||
	    entry_read_config(entry, viewing->arena, &config, &ignored) < 0)
		return;
	strings_add(&viewing->view->containers, viewing->arena, config->name);
	if (!viewing->record &&
	    entry_read_network(entry, viewing->arena, &record, &ignored) == 0 && record)
		take_record(viewing, record);
	if (record || (!viewing->record && (uint32_t)status->host_pid == viewing->view->host_pid))
		read_names(viewing, entry, config);
}

/* ------------------------------------------------------------------------------- all of it */

int nsnet_make(const struct engine *engine, const struct nsscan *scan, pid_t host_pid,
	       struct arena *arena, struct nsnet *ret, struct err *err)
{
	struct viewing viewing = { engine, scan, arena, ret, NULL };
	auto_close int pid_dir_fd = -1, ns_dir_fd = -1;
	struct err ignored = {};
	int r = proc_open_pid(scan->proc_fd, host_pid, &pid_dir_fd);

	if (r == 0)
		r = ns_open_dir_at(pid_dir_fd, &ns_dir_fd);
	if (r < 0)
		return err_set(err, ERR_NOT_FOUND, ESRCH, "no process %d", (int)host_pid);
	*ret = (struct nsnet){ .host_pid = (uint32_t)host_pid };
	ret->name = read_name(pid_dir_fd, arena);
	r = look_inside(&viewing, ns_dir_fd, err);
	if (r < 0)
		return r;
	list_sockets(&viewing, pid_dir_fd);
	(void)entry_walk(engine, on_entry, &viewing, &ignored);
	return 0;
}
