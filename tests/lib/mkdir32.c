/* SPDX-License-Identifier: Apache-2.0 */
/* A program for 32 bits that makes a directory, for filters of that architecture. */
#include <sys/stat.h>

int main(void)
{
	return mkdir("/x", 0700) < 0;
}
