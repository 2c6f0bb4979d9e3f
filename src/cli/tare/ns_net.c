/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process has of networks, in words: a head, and a table each for interfaces, addresses,
 * routes, who listens, and published ports; then whom it asks for names. Names of interfaces and of
 * processes are strangers' (base/utf8.h). Addresses are never cut: where two long ones of IPv6 meet
 * in a row, it is wider than 80 columns.
 */
#include "base/ip.h"
#include "base/utf8.h"
#include "cli/table.h"
#include "cli/tare/ns.h"
#include "oci/list.h"

#include <stdint.h>
#include <string.h>

#define NAME_COLUMNS	15
#define NETWORK_COLUMNS 12 /* at least */

/* ------------------------------------------------------------------------------- cells */

/* A table in the making, row by row. */
struct sheet {
	struct arena *arena;
	struct oci_strings cells;
	size_t n_columns;
};

static void add(struct sheet *sheet, const char *text)
{
	strings_add(&sheet->cells, sheet->arena,
		    arena_strdup(sheet->arena, text && *text ? text : "-"));
}

static void add_foreign(struct sheet *sheet, const char *text, size_t columns)
{
	auto_buf struct buf out = {};

	if (text)
		(void)utf8_add_printable(&out, text, columns);
	add(sheet, buf_str(&out));
}

static void add_number(struct sheet *sheet, uint32_t n)
{
	add(sheet, n ? arena_printf(sheet->arena, "%u", n) : NULL);
}

static struct sheet sheet_begin(struct arena *arena, const char *const *heads, size_t n)
{
	struct sheet sheet = { .arena = arena, .n_columns = n };

	for (size_t i = 0; i < n; i++)
		add(&sheet, heads[i]);
	return sheet;
}

#define SHEET(arena, ...)                                                        \
	sheet_begin(arena, (const char *const[]){ __VA_ARGS__ },                  \
		    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* Nothing, where there is no row. */
static void sheet_end(const struct sheet *sheet, struct buf *out)
{
	const size_t n_rows = sheet->cells.n / sheet->n_columns;

	if (n_rows < 2)
		return;
	buf_puts(out, "\n");
	table_format((const char *const *)sheet->cells.v, sheet->n_columns, n_rows, 0, out);
}

/* ------------------------------------------------------------------------------- head */

static void add_head(const struct nsnet *view, struct buf *out)
{
	static const char *const whose[NS_WHOSE_MAX_] = {
		[NS_OF_HOST]    = ", the host's",
		[NS_OWN]        = ", not the host's",
		[NS_UNKNOWN]    = "",
		[NS_UNREADABLE] = "",
	};

	buf_printf(out, "process %u: ", view->host_pid);
	(void)utf8_add_printable(out, view->name, NAME_COLUMNS);
	if (view->ino)
		buf_printf(out, "\nnetwork namespace %llu%s\n", (unsigned long long)view->ino,
			   whose[view->whose]);
	else
		buf_puts(out, "\nnetwork namespace unreadable\n");
	for (size_t i = 0; i < view->containers.n; i++)
		buf_printf(out, "container %s\n", view->containers.v[i]);
	if (view->unreadable) {
		(void)utf8_add_printable(out, view->unreadable, SIZE_MAX);
		buf_puts(out, "\n");
	}
}

/* ------------------------------------------------------------------------------- interfaces */

static void add_interfaces(const struct look *look, struct arena *arena, struct buf *out)
{
	struct sheet sheet = SHEET(arena, "INTERFACE", "STATE", "MTU", "MAC", "OUTSIDE");

	for (size_t i = 0; i < look->interfaces.n; i++) {
		const struct look_interface *interface = &look->interfaces.v[i];

		add_foreign(&sheet, interface->name, NAME_COLUMNS);
		add(&sheet, interface->state);
		add_number(&sheet, interface->mtu);
		add(&sheet, interface->mac);
		add_foreign(&sheet, interface->outside, NAME_COLUMNS);
	}
	sheet_end(&sheet, out);
}

static size_t widest_address(const struct look *look)
{
	size_t widest = strlen("ADDRESS");

	for (size_t i = 0; i < look->interfaces.n; i++)
		for (size_t k = 0; k < look->interfaces.v[i].addresses.n; k++)
			if (strlen(look->interfaces.v[i].addresses.v[k]) > widest)
				widest = strlen(look->interfaces.v[i].addresses.v[k]);
	return widest;
}

/* One that has no address has a row for the network that it is on. */
static void add_addresses(const struct look *look, struct arena *arena, struct buf *out)
{
	struct sheet sheet = SHEET(arena, "ADDRESS", "INTERFACE", "NETWORK");
	const size_t used = widest_address(look) + NAME_COLUMNS + 2 * TABLE_GAP;
	const size_t columns = used + NETWORK_COLUMNS > NS_COLUMNS ? NETWORK_COLUMNS
								   : NS_COLUMNS - used;

	for (size_t i = 0; i < look->interfaces.n; i++) {
		const struct look_interface *interface = &look->interfaces.v[i];
		const size_t n = interface->addresses.n;

		for (size_t k = 0; k < n || (k == 0 && interface->network); k++) {
			add(&sheet, n ? interface->addresses.v[k] : NULL);
			add_foreign(&sheet, interface->name, NAME_COLUMNS);
			add_foreign(&sheet, interface->network, columns);
		}
	}
	sheet_end(&sheet, out);
}

/* ------------------------------------------------------------------------------- routes */

static bool is_default(const char *to)
{
	return strcmp(to, "0.0.0.0/0") == 0 || strcmp(to, "::/0") == 0;
}

static void add_routes(const struct look *look, struct arena *arena, struct buf *out)
{
	struct sheet sheet = SHEET(arena, "ROUTE TO", "VIA", "INTERFACE", "METRIC");

	for (size_t i = 0; i < look->routes.n; i++) {
		const struct look_route *route = &look->routes.v[i];

		add(&sheet, is_default(route->to) ? "default" : route->to);
		add(&sheet, route->kind ? route->kind : route->via);
		add_foreign(&sheet, route->interface, NAME_COLUMNS);
		add_number(&sheet, route->metric);
	}
	sheet_end(&sheet, out);
	if (look->routes.n == 0)
		buf_puts(out, "\nno routes\n");
}

/* ------------------------------------------------------------------------------- ports */

/* "10.0.0.1", "[fd00::1]"; of all addresses "*" */
static const char *host_of(const char *address, struct arena *arena)
{
	if (!address)
		return "*";
	return strchr(address, ':') ? arena_printf(arena, "[%s]", address) : address;
}

static void add_sockets(const struct nsnet *view, struct arena *arena, struct buf *out)
{
	struct sheet sheet = SHEET(arena, "LISTENS ON", "HOST PID", "PROCESS");

	for (size_t i = 0; i < view->listens.n; i++) {
		const struct nsnet_socket *socket = &view->listens.v[i];

		add(&sheet, arena_printf(arena, "%s %s:%u", socket->protocol,
					 host_of(socket->address, arena), socket->port));
		add_number(&sheet, socket->host_pid);
		add_foreign(&sheet, socket->name, NAME_COLUMNS);
	}
	sheet_end(&sheet, out);
	if (view->listens.n == 0)
		buf_puts(out, "\nnobody listens\n");
}

/* "8080", "8080-8089" */
static const char *range_of(uint32_t first, uint32_t count, struct arena *arena)
{
	return count > 1 ? arena_printf(arena, "%u-%u", first, first + count - 1)
			 : arena_printf(arena, "%u", first);
}

static void add_ports(const struct nsnet *view, struct arena *arena, struct buf *out)
{
	struct sheet sheet = SHEET(arena, "PUBLISHED AT", "LEADS TO");

	for (size_t i = 0; i < view->ports.n; i++) {
		const struct net_port *port = &view->ports.v[i];

		add(&sheet, arena_printf(arena, "%s:%s", host_of(port->host_ip, arena),
					 range_of(port->host_port, port->count, arena)));
		add(&sheet, arena_printf(arena, "%s/%s", range_of(port->port, port->count, arena),
					 port->protocol));
	}
	sheet_end(&sheet, out);
}

/* ------------------------------------------------------------------------------- names */

static void add_list(const struct oci_strings *list, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++) {
		buf_puts(out, i ? ", " : "");
		(void)utf8_add_printable(out, list->v[i], SIZE_MAX);
	}
}

static void add_names(const struct nsnet_names *names, struct buf *out)
{
	if (names->servers.n == 0)
		return;
	buf_puts(out, "\nNAME SERVERS\n");
	add_list(&names->servers, out);
	if (names->has_resolver) {
		buf_puts(out, ", which knows the containers of its networks\n");
		buf_puts(out, names->asked.n ? "and asks " : "and nobody else");
		add_list(&names->asked, out);
	}
	buf_puts(out, "\n");
}

/* ------------------------------------------------------------------------------- all */

void ns_net_format(const struct nsnet *view, struct arena *arena, struct buf *out)
{
	add_head(view, out);
	if (!view->unreadable) {
		add_interfaces(&view->look, arena, out);
		add_addresses(&view->look, arena, out);
		add_routes(&view->look, arena, out);
	}
	add_sockets(view, arena, out);
	add_ports(view, arena, out);
	add_names(&view->names, out);
	if (view->is_cut)
		buf_puts(out, "\nThere is more: of very many not all are shown.\n");
}
