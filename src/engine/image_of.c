/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the image below said is in the container's configuration already. What that has no place for
 * (volumes, health) stays as it was; what was left to a build is done, and goes.
 */
#include "engine/image_of.h"

#include "engine/net_view.h"
#include "oci/list.h"

/* What is published is exposed, too; images have each port by itself. */
static struct oci_strings ports_of(const struct config *config, struct arena *arena)
{
	struct oci_strings ports = {};
	struct net_view view;

	net_view_asked(config, arena, &view);
	for (size_t k = 0; k < view.exposed.n; k++)
		for (unsigned i = 0; i < view.exposed.v[k].n; i++) {
			char *text = arena_printf(arena, "%u/%s", view.exposed.v[k].port + i,
						  port_proto_name(view.exposed.v[k].proto));

			if (!strings_have(&ports, text))
				strings_add(&ports, arena, text);
		}
	return ports;
}

void image_of(const struct config *config, struct image_process *process, struct arena *arena)
{
	process->env = config->env;
	process->entrypoint = config->entrypoint;
	process->cmd = config->command;
	process->user = config->user;
	process->working_dir = config->workdir;
	process->labels = config->labels;
	process->exposed_ports = ports_of(config, arena);
	process->on_build = (struct oci_strings){};
	if (config->stop_signal)
		process->stop_signal = config->stop_signal;
}
