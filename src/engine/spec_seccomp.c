/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp profile. Our own, which containers have unless a person says otherwise, was compiled
 * when tare was built, and goes to the runtime as it is, beside the specification; one that was
 * given is part of that, read for this machine and for the capabilities that the container has.
 */
#include "engine/spec_parts.h"

#include "oci/seccomp_profile.h"
#include "profile/filter.h"
#include "sys/caps.h"

#include <string.h>
#include <sys/utsname.h>

/* How Go, which docker's profiles are written for, calls what the kernel calls so. */
static const struct {
	const char *machine, *go_arch, *scmp_arch;
} arches[] = {
	{ "x86_64", "amd64", "SCMP_ARCH_X86_64" },
	{ "aarch64", "arm64", "SCMP_ARCH_AARCH64" },
	{ "riscv64", "riscv64", "SCMP_ARCH_RISCV64" },
	{ "ppc64le", "ppc64le", "SCMP_ARCH_PPC64LE" },
	{ "s390x", "s390x", "SCMP_ARCH_S390X" },
	{ "armv7l", "arm", "SCMP_ARCH_ARM" },
	{ "i686", "x86", "SCMP_ARCH_X86" },
};

static void find_machine(const struct utsname *uts, struct oci_seccomp_machine *machine)
{
	machine->kernel = uts->release;
	machine->go_arch = uts->machine;
	machine->scmp_arch = "";
	for (size_t i = 0; i < sizeof(arches) / sizeof(arches[0]); i++)
		if (strcmp(arches[i].machine, uts->machine) == 0) {
			machine->go_arch = arches[i].go_arch;
			machine->scmp_arch = arches[i].scmp_arch;
		}
}

int spec_add_seccomp(const struct draft *draft, struct err *err)
{
	const char *profile = draft->config->seccomp_profile;
	struct oci_seccomp_machine machine = {
		.caps = &draft->spec->process->capabilities->bounding,
	};
	struct utsname uts;
	int r;

	if (!profile || strcmp(profile, SECCOMP_BUILTIN) == 0 ||
	    strcmp(profile, SECCOMP_UNCONFINED) == 0)
		return 0;
	if (uname(&uts) < 0)
		return err_sys(err, errno, "uname");
	find_machine(&uts, &machine);
	r = oci_seccomp_profile_parse(profile, strlen(profile), &machine, draft->arena,
				      &draft->spec->linux_->seccomp, err);
	return r < 0 ? err_wrap(err, "--security-opt seccomp") : 0;
}

const struct sock_fprog *spec_filter(const struct config *config, const struct oci_spec *spec,
				     struct arena *arena)
{
	const struct oci_strings *names = &spec->process->capabilities->bounding;
	const char *profile = config->seccomp_profile;
	struct sock_fprog *filter;
	uint64_t caps = 0, bit;

	if (profile ? strcmp(profile, SECCOMP_BUILTIN) != 0 : config->privileged)
		return NULL;
	for (size_t i = 0; i < names->n; i++)
		if (caps_parse_name(names->v[i], UINT64_MAX, &bit) == 0)
			caps |= bit;
	filter = arena_new(arena, struct sock_fprog);
	profile_filter(caps, arena, filter);
	return filter;
}
