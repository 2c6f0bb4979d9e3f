/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Block I/O: weights and throttles by device; and what was done (blkio on v1, io on v2).
 *
 * Weights belong to the I/O scheduler, so which file there is depends on it: plain ones of the old
 * CFQ or of iocost, or BFQ's, with a range of their own. The first that exists is taken.
 */
#include "rt/cg.h"

#include <stdio.h>
#include <string.h>

#define IO "linux.resources.blockIO."

static bool given(struct oci_u64 v)
{
	return v.is_set && v.value != 0;
}

/* The four lists of throttles, with their files. */
static const struct {
	size_t offset; /* of struct oci_throttle_devices */
	const char *member, *v1, *v2_key;
} throttles[] = {
	{ offsetof(struct oci_block_io, throttle_read_bps), IO "throttleReadBpsDevice",
	  "blkio.throttle.read_bps_device", "rbps" },
	{ offsetof(struct oci_block_io, throttle_write_bps), IO "throttleWriteBpsDevice",
	  "blkio.throttle.write_bps_device", "wbps" },
	{ offsetof(struct oci_block_io, throttle_read_iops), IO "throttleReadIOPSDevice",
	  "blkio.throttle.read_iops_device", "riops" },
	{ offsetof(struct oci_block_io, throttle_write_iops), IO "throttleWriteIOPSDevice",
	  "blkio.throttle.write_iops_device", "wiops" },
};

#define N_THROTTLES (sizeof(throttles) / sizeof(*throttles))

static const struct oci_throttle_devices *throttle_list(const struct oci_block_io *io, size_t i)
{
	return (const struct oci_throttle_devices *)((const char *)io + throttles[i].offset);
}

static const char *asks(const struct oci_resources *res)
{
	const struct oci_block_io *io = res->block_io;

	if (!io)
		return NULL;
	if (given(io->weight))
		return IO "weight";
	if (given(io->leaf_weight))
		return IO "leafWeight";
	if (io->weight_device.n)
		return IO "weightDevice";
	for (size_t i = 0; i < N_THROTTLES; i++)
		if (throttle_list(io, i)->n)
			return throttles[i].member;
	return NULL;
}

static int apply_throttles(int dir_fd, const struct oci_block_io *io, bool v2, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < N_THROTTLES; i++) {
		const struct oci_throttle_devices *list = throttle_list(io, i);

		for (size_t k = 0; k < list->n && r == 0; k++) {
			struct cg_dev_value dev = {
				.major = list->v[k].major,
				.minor = list->v[k].minor,
				.key = v2 ? throttles[i].v2_key : NULL,
				.value = list->v[k].rate,
			};

			r = cg_put_dev(dir_fd, v2 ? "io.max" : throttles[i].v1, &dev,
				       throttles[i].member, err);
		}
	}
	return r;
}

/* ------------------------------------------------------------------------------- v1 */

static int put_weight_v1(int dir_fd, uint64_t weight, struct err *err)
{
	int r = cg_put_u64(dir_fd, "blkio.weight", weight, IO "weight", err);

	if (r == -ENOENT)
		r = cg_put_u64(dir_fd, "blkio.bfq.weight", weight, IO "weight", err);
	return r;
}

static int put_device_v1(int dir_fd, const struct oci_weight_device *device, struct err *err)
{
	struct cg_dev_value dev = { .major = device->major, .minor = device->minor };
	int r = 0;

	if (given(device->weight)) {
		dev.value = device->weight.value;
		r = cg_put_dev(dir_fd, "blkio.weight_device", &dev, IO "weightDevice", err);
		if (r == -ENOENT)
			r = cg_put_dev(dir_fd, "blkio.bfq.weight_device", &dev, IO "weightDevice",
				       err);
	}
	if (r == 0 && given(device->leaf_weight)) {
		dev.value = device->leaf_weight.value;
		r = cg_put_dev(dir_fd, "blkio.leaf_weight_device", &dev, IO "weightDevice", err);
	}
	return r;
}

static int apply_v1(int dir_fd, const struct oci_resources *res, struct err *err)
{
	const struct oci_block_io *io = res->block_io;
	int r = given(io->weight) ? put_weight_v1(dir_fd, io->weight.value, err) : 0;

	if (r == 0 && given(io->leaf_weight))
		r = cg_put_u64(dir_fd, "blkio.leaf_weight", io->leaf_weight.value, IO "leafWeight",
			       err);
	for (size_t i = 0; i < io->weight_device.n && r == 0; i++)
		r = put_device_v1(dir_fd, &io->weight_device.v[i], err);
	return r < 0 ? r : apply_throttles(dir_fd, io, false, err);
}

/* ------------------------------------------------------------------------------- v2 */

/* 10..1000 onto 1..10000, ends onto ends. */
uint64_t cg_blkio_to_io_weight(uint64_t weight)
{
	if (weight <= 10)
		return 1;
	if (weight >= 1000)
		return 10000;
	return 1 + (weight - 10) * 9999 / 990;
}

static int put_weight_v2(int dir_fd, uint64_t weight, struct err *err)
{
	int r = cg_put_u64(dir_fd, "io.bfq.weight", weight, IO "weight", err);

	if (r == -ENOENT)
		r = cg_put_u64(dir_fd, "io.weight", cg_blkio_to_io_weight(weight), IO "weight",
			       err);
	return r;
}

static int put_device_v2(int dir_fd, const struct oci_weight_device *device, struct err *err)
{
	struct cg_dev_value dev = { .major = device->major, .minor = device->minor };
	int r;

	if (given(device->leaf_weight))
		return cg_no_v2(IO "weightDevice.leafWeight", err);
	if (!given(device->weight))
		return 0;
	dev.value = device->weight.value;
	r = cg_put_dev(dir_fd, "io.bfq.weight", &dev, IO "weightDevice", err);
	if (r != -ENOENT)
		return r;
	dev.value = cg_blkio_to_io_weight(dev.value);
	return cg_put_dev(dir_fd, "io.weight", &dev, IO "weightDevice", err);
}

static int apply_v2(int dir_fd, const struct oci_resources *res, struct err *err)
{
	const struct oci_block_io *io = res->block_io;
	int r = 0;

	if (given(io->leaf_weight))
		return cg_no_v2(IO "leafWeight", err);
	if (given(io->weight))
		r = put_weight_v2(dir_fd, io->weight.value, err);
	for (size_t i = 0; i < io->weight_device.n && r == 0; i++)
		r = put_device_v2(dir_fd, &io->weight_device.v[i], err);
	return r < 0 ? r : apply_throttles(dir_fd, io, true, err);
}

/* ------------------------------------------------------------------------------- statistics */

static void add(struct cgroup_stats *stats, enum cgroup_io_kind kind,
		const struct cgroup_io_entry *entry)
{
	struct cgroup_io_list *list = &stats->io[kind];

	/* grown by doubling; the arena keeps the old ones, which are small */
	if ((list->n & (list->n - 1)) == 0) {
		size_t cap = list->n ? 2 * list->n : 1;
		struct cgroup_io_entry *v = arena_array(stats->arena, struct cgroup_io_entry, cap);

		if (list->n)
			memcpy(v, list->v, list->n * sizeof(*v));
		list->v = v;
	}
	list->v[list->n++] = *entry;
}

/* Lines of "8:0 Read 4096" or "8:0 4096"; the sum of all devices at the end is left out. */
static bool read_v1(int dir_fd, const char *file, enum cgroup_io_kind kind,
		    struct cgroup_stats *stats)
{
	auto_buf struct buf text = {};
	char *rest, *line;

	if (cgroupfs_read_buf(dir_fd, file, &text) < 0)
		return false;
	rest = text.data;
	while (rest && (line = strsep(&rest, "\n"))) {
		unsigned long long major, minor, value;
		struct cgroup_io_entry entry;
		char op[16] = "";

		if (sscanf(line, "%llu:%llu %15[A-Za-z] %llu", &major, &minor, op, &value) != 4) {
			op[0] = '\0';
			if (sscanf(line, "%llu:%llu %llu", &major, &minor, &value) != 3)
				continue;
		}
		entry = (struct cgroup_io_entry){ major, minor, arena_strdup(stats->arena, op),
						  value };
		add(stats, kind, &entry);
	}
	return stats->io[kind].n > 0;
}

static void stats_v1(int dir_fd, struct cgroup_stats *stats)
{
	/* in order of preference: BFQ's, CFQ's, and what the throttling layer counts */
	static const struct {
		enum cgroup_io_kind kind;
		const char *files[3];
	} sources[] = {
		{ CGROUP_IO_BYTES,
		  { "blkio.bfq.io_service_bytes_recursive", "blkio.io_service_bytes_recursive",
		    "blkio.throttle.io_service_bytes_recursive" } },
		{ CGROUP_IO_SERVICED,
		  { "blkio.bfq.io_serviced_recursive", "blkio.io_serviced_recursive",
		    "blkio.throttle.io_serviced_recursive" } },
		{ CGROUP_IO_QUEUED,
		  { "blkio.bfq.io_queued_recursive", "blkio.io_queued_recursive" } },
		{ CGROUP_IO_SERVICE_TIME,
		  { "blkio.bfq.io_service_time_recursive", "blkio.io_service_time_recursive" } },
		{ CGROUP_IO_WAIT_TIME,
		  { "blkio.bfq.io_wait_time_recursive", "blkio.io_wait_time_recursive" } },
		{ CGROUP_IO_MERGED,
		  { "blkio.bfq.io_merged_recursive", "blkio.io_merged_recursive" } },
		{ CGROUP_IO_TIME, { "blkio.bfq.time_recursive", "blkio.time_recursive" } },
		{ CGROUP_IO_SECTORS,
		  { "blkio.bfq.sectors_recursive", "blkio.sectors_recursive" } },
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		for (size_t k = 0; k < 3 && sources[i].files[k]; k++)
			if (read_v1(dir_fd, sources[i].files[k], sources[i].kind, stats))
				break;
}

/* "rbytes=1459200" of a line of io.stat. */
static void add_v2(struct cgroup_stats *stats, const char *word, struct cgroup_io_entry *entry)
{
	static const struct {
		const char *key, *op;
		enum cgroup_io_kind kind;
	} keys[] = {
		{ "rbytes=", "Read",    CGROUP_IO_BYTES },
		{ "wbytes=", "Write",   CGROUP_IO_BYTES },
		{ "dbytes=", "Discard", CGROUP_IO_BYTES },
		{ "rios=",   "Read",    CGROUP_IO_SERVICED },
		{ "wios=",   "Write",   CGROUP_IO_SERVICED },
		{ "dios=",   "Discard", CGROUP_IO_SERVICED },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		size_t len = strlen(keys[i].key);

		if (strncmp(word, keys[i].key, len) != 0)
			continue;
		entry->op = keys[i].op;
		entry->value = strtoull(word + len, NULL, 10);
		add(stats, keys[i].kind, entry);
	}
}

static void stats_v2(int dir_fd, struct cgroup_stats *stats)
{
	auto_buf struct buf text = {};
	char *rest, *line, *word;

	cg_stat_psi(dir_fd, "io.pressure", &stats->io_psi);
	if (cgroupfs_read_buf(dir_fd, "io.stat", &text) < 0)
		return;
	rest = text.data;
	while (rest && (line = strsep(&rest, "\n"))) {
		unsigned long long major, minor;
		struct cgroup_io_entry entry = {};

		if (sscanf(line, "%llu:%llu", &major, &minor) != 2)
			continue;
		entry.major = major;
		entry.minor = minor;
		while ((word = strsep(&line, " ")))
			add_v2(stats, word, &entry);
	}
}

const struct cg_controller cg_blkio = {
	.controller = CGROUP_IO,
	.asks = asks,
	.apply_v1 = apply_v1,
	.apply_v2 = apply_v2,
	.stats_v1 = stats_v1,
	.stats_v2 = stats_v2,
};
