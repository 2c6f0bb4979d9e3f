/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the options for devices to a configuration. Whether there is such a device is asked when the
 * container is started: they come and go.
 */
#include "cli/tare/device_args.h"

#include "engine/words.h"
#include "oci/list.h"

int device_args_fill(const struct device_args *args, struct arena *arena, struct config *config,
		     struct err *err)
{
	for (size_t i = 0; i < args->devices.n; i++)
		if (device_parse(args->devices.v[i], arena, list_add(&config->devices, arena),
				 err) < 0)
			return err_wrap(err, "--device '%.128s'", args->devices.v[i]);
	for (size_t i = 0; i < args->rules.n; i++)
		if (device_rule_parse(args->rules.v[i], arena,
				      list_add(&config->device_rules, arena), err) < 0)
			return err_wrap(err, "--device-cgroup-rule '%.128s'", args->rules.v[i]);
	return 0;
}
