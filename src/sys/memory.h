/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a process that did much, and has little left to do, still holds: the heap's free pages and
 * the stack below the caller. It gives them back to the kernel; what it needs again comes as zeros.
 *
 * malloc_trim(3), madvise(2) MADV_DONTNEED.
 */

void memory_give_back(void);
