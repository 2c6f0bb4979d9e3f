/* SPDX-License-Identifier: Apache-2.0 */
/* A word of -p, and of --expose: it is refused, or means ports that there are. */
#include "net/port.h"

#include "fuzz.h"

typedef int parse_fn(const char *word, struct port *ret, struct err *err);

static void claim_port(const struct port *port)
{
	auto_buf struct buf first = {}, last = {};
	struct err err;
	uint8_t proto;

	CLAIM(port_proto_parse(port_proto_name(port->proto), &proto, &err) == 0);
	CLAIM(proto == port->proto);
	CLAIM(port->n >= 1 && port->port >= 1 && port->port + port->n - 1 <= UINT16_MAX);
	CLAIM(port->host_port + port->n - 1 <= UINT16_MAX);
	CLAIM(!port->host_end || (port->host_port < port->host_end && port->n == 1));
	port_format_host(port, port->port, &first);
	port_format_host(port, (uint16_t)(port->port + port->n - 1), &last);
	CLAIM(first.len > 0 && last.len > 0);
}

static void claim(parse_fn *parse, const char *word)
{
	struct err err = {};
	struct port port;
	int r = parse(word, &port, &err);

	if (r < 0)
		claim_refused(r, EINVAL, ERR_USAGE, &err);
	else
		claim_port(&port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *word = input_text(&in);

	claim(port_parse, word);
	claim(port_parse_exposed, word);
	return 0;
}
