/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Quantities as people say them. Each adds to `out`, without a blank or a newline around. */

#include "base/buf.h"
#include "sys/idmap.h"

#include <stdint.h>

/* "3.1 MiB", "64 MiB", "512 B" */
void quantity_bytes(struct buf *out, uint64_t bytes);

/* "3.14MB", "187MB", "512B": as docker says how large an image is, by thousands */
void quantity_size(struct buf *out, uint64_t bytes);

/* "40 seconds", "1 minute", "3 days": the largest unit, rounded down */
void quantity_age(struct buf *out, uint64_t seconds);

/* "1.2 s", "850 ms", "12 min", "3.5 h": a time that was used up */
void quantity_cpu_time(struct buf *out, uint64_t ns);

/* "half of one cpu", "1.5 cpus" */
void quantity_cpus(struct buf *out, uint64_t quota_us, uint64_t period_us);

/* "7 others", "1 other" */
void quantity_count(struct buf *out, uint64_t n, const char *one, const char *many);

/* "uids 0-65535 inside are 100000-165535 outside", "uid 0 inside is 1000 outside" */
void quantity_range(struct buf *out, const char *what, const struct idmap_range *range);
