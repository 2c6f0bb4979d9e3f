/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execution domains. Only the two of the specification: the kernel's flags (a fixed address layout,
 * readable implies executable) take away protections, and no configuration can ask for them.
 */
#include "sys/personality.h"

#include <linux/personality.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int personality_parse(const char *domain, char *const *flags, size_t n_flags,
		      unsigned long *ret_persona, struct err *err)
{
	if (n_flags > 0)
		return err_set(err, ERR_USAGE, EINVAL, "unknown flag '%.64s'", flags[0]);
	if (strcmp(domain, "LINUX") == 0)
		*ret_persona = PER_LINUX;
	else if (strcmp(domain, "LINUX32") == 0)
		*ret_persona = PER_LINUX32;
	else
		return err_set(err, ERR_USAGE, EINVAL, "unknown domain '%.64s'", domain);
	return 0;
}

int personality_set(unsigned long persona)
{
	return syscall(SYS_personality, persona) < 0 ? -errno : 0;
}
