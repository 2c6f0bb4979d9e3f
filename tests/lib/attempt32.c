/* SPDX-License-Identifier: Apache-2.0 */
/* The same by a program for 32 bits. */
#include "attempt.c"
