/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A view of the host's own root, for `--rootfs /`: an overlay above it whose changes stay in memory
 * and are gone with the container. So a container can be had on any machine, without an image.
 *
 * What is mounted below / on the host is no part of an overlay. Shown in the view, read-only, are
 * the file systems that hold files for keeps (engine/view.c has the list); not shown is what the
 * kernel makes up (proc, sysfs, cgroup, ...), what lives in memory (tmpfs: /run and /tmp hold the
 * sockets and secrets of what runs now), and what another program answers for (fuse, autofs).
 * The engine's own directory is hidden: it holds what other containers were told.
 */

#include "base/err.h"

/*
 * Mount the view at `dir`, in a mount namespace that nobody else sees. `hidden` is the engine's
 * directory. overlayfs needs no more than Linux 5.2 for this.
 */
int view_mount(const char *dir, const char *hidden, struct err *err);
