/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the image below said is in the container's configuration already. What that has no place for
 * (ports, volumes, health) stays as it was; what was left to a build is done, and goes.
 */
#include "engine/image_of.h"

void image_of(const struct config *config, struct image_process *process)
{
	process->env = config->env;
	process->entrypoint = config->entrypoint;
	process->cmd = config->command;
	process->user = config->user;
	process->working_dir = config->workdir;
	process->labels = config->labels;
	process->on_build = (struct oci_strings){};
	if (config->stop_signal)
		process->stop_signal = config->stop_signal;
}
