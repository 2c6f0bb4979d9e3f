/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the config.json of a bundle: a foreign file, so what it may be is bounded before it is
 * read, and it is checked whole before anything is done.
 */
#include "rt/rt.h"

#include "base/cleanup.h"
#include "oci/json_text.h"

#include <fcntl.h>

static int open_config(const struct rt_create *create, const char *config_path, int *ret_fd,
		       struct err *err)
{
	auto_close int bundle_fd = open(create->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *name = config_path ? config_path : "config.json";

	if (bundle_fd < 0)
		return err_sys(err, errno, "bundle '%s'", create->bundle);
	*ret_fd = openat(bundle_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*ret_fd < 0)
		return err_sys(err, errno, "open '%s' in bundle '%s'", name, create->bundle);
	return 0;
}

int rt_load_config(struct rt_create *create, const char *config_path, struct arena *arena,
		   struct err *err)
{
	auto_close int fd = -1;
	struct oci_spec *spec = NULL;
	int r = open_config(create, config_path, &fd, err);

	if (r == 0)
		r = buf_read_fd(&create->config, fd, JSON_TEXT_MAX_BYTES, "config.json", err);
	if (r == 0)
		r = oci_spec_parse(buf_str(&create->config), create->config.len, arena, &spec, err);
	if (r == 0)
		r = oci_spec_validate(spec, err);
	create->spec = spec;
	return r;
}
