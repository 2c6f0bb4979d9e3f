/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Below the stack that is in use nothing is mapped for further than we reach: the kernel keeps a
 * gap there (256 pages). A part that is not mapped is passed over.
 */
#include "sys/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGE_BYTES  ((uintptr_t)4096)
#define FRAME_BYTES ((uintptr_t)8192) /* more than our own calls and a signal's frame take */
#define REACH_BYTES ((size_t)512 * 1024)

static void give_back_stack(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t end = (here - FRAME_BYTES) & ~(PAGE_BYTES - 1);

	(void)madvise((void *)(end - REACH_BYTES), REACH_BYTES, MADV_DONTNEED);
}

void memory_give_back(void)
{
	(void)malloc_trim(0);
	give_back_stack();
}
