/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/tare/verb.h"
#include "engine/info.h"
#include "template/value.h"

/* The machine and the engine in docker's shape, and for templates in podman's too: Host, Store and
 * Version. */
struct value *info_shape(const struct call *call, const struct info *info);
