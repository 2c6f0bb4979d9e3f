/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A directory of ours, and all that is missing above it: mkdir(2), each 0700. For paths that the
 * caller answers for, never for one below a root that is foreign. 0 or -errno. */
int makedirs(const char *path);
