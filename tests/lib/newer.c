/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What does the kernel, or a filter before it, say to a system call that is newer than any? Prints
 * the result and errno.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	long r = syscall(9999, 0);

	printf("%ld %d\n", r, errno);
	return 0;
}
