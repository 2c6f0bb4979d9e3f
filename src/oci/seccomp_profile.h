/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A seccomp profile as docker and podman keep it in a file: linux.seccomp of config.json, but that
 * architectures come as a map (archMap), and that a rule can say when it counts (includes,
 * excludes). linux.seccomp itself is read as well: it is a profile without these.
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/spec.h"

/* What the conditions of a profile are about. */
struct oci_seccomp_machine {
	const char *go_arch;   /* as `arches` have it: "amd64" */
	const char *scmp_arch; /* as `archMap` has it: "SCMP_ARCH_X86_64" */
	const char *kernel;    /* uname -r: "6.1.0-18-amd64" */
	const struct oci_strings *caps; /* the bounding set: "CAP_SYS_ADMIN" */
};

/*
 * Read the profile and settle its conditions. *ret_seccomp is NULL for a profile that has neither
 * an action nor a rule, which asks for no filter. ERR_USAGE, with the member's name.
 */
int oci_seccomp_profile_parse(const char *json, size_t len,
			      const struct oci_seccomp_machine *machine, struct arena *arena,
			      struct oci_seccomp **ret_seccomp, struct err *err);
