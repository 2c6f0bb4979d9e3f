/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How the OCI documents' JSON types look in C. Everything lives in the arena of its document.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers and booleans whose absence means something else than 0 or false. */
struct oci_i64 {
	bool is_set;
	int64_t value;
};

struct oci_u64 {
	bool is_set;
	uint64_t value;
};

struct oci_bool {
	bool is_set;
	bool value;
};

/* An array: `n` items at `v`. An array that was absent and one that was empty are the same. */
#define OCI_LIST(type)    \
	struct {          \
		type *v;  \
		size_t n; \
	}

/* An array of strings: v[n] is NULL once n > 0, so that execve can take it. */
struct oci_strings {
	char **v;
	size_t n;
};

/* A member of an object whose names are free: sysctl, annotations, unified. */
struct oci_pair {
	char *key, *value;
};

struct oci_pairs {
	struct oci_pair *v;
	size_t n;
};
