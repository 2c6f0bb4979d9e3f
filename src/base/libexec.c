/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs below libexec: what links heavy libraries, or runs where nothing else of ours does.
 */
#include "base/libexec.h"

#include <stdlib.h>

void libexec_path(const char *name, struct buf *out)
{
	const char *dir = secure_getenv("TARE_LIBEXEC");

	buf_printf(out, "%s/%s", dir && *dir == '/' ? dir : TARE_LIBEXECDIR, name);
}
