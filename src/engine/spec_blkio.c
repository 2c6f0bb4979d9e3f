/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container may do with disks. A person names one by its path; the kernel knows it by its
 * number, which the path has now: where it is another after a restart, that is found then.
 */
#include "engine/spec_parts.h"

#include "oci/list.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#define MIN_WEIGHT 10
#define MAX_WEIGHT 1000

static int find_disk(const struct config_device_limit *limit, dev_t *ret, struct err *err)
{
	struct stat st;

	if (stat(limit->path, &st) < 0)
		return err_sys(err, errno, "look at '%s'", limit->path);
	if (!S_ISBLK(st.st_mode))
		return err_set(err, ERR_USAGE, ENOTBLK, "'%s' is no block device", limit->path);
	*ret = st.st_rdev;
	return 0;
}

static int add_weights(const struct draft *draft, struct oci_block_io *io, struct err *err)
{
	const struct config_device_limits *asked = &draft->config->weight_devices;
	dev_t disk = 0;

	for (size_t i = 0; i < asked->n; i++) {
		if (find_disk(&asked->v[i], &disk, err) < 0)
			return err_wrap(err, "--blkio-weight-device");
		*list_add(&io->weight_device, draft->arena) = (struct oci_weight_device){
			.major = major(disk), .minor = minor(disk),
			.weight = { true, (uint64_t)asked->v[i].value },
		};
	}
	return 0;
}

static int add_rates(const struct draft *draft, const struct config_device_limits *asked,
		     struct oci_throttle_devices *rates, struct err *err)
{
	dev_t disk = 0;

	for (size_t i = 0; i < asked->n; i++) {
		int r = find_disk(&asked->v[i], &disk, err);

		if (r < 0)
			return r;
		*list_add(rates, draft->arena) = (struct oci_throttle_device){
			.major = major(disk), .minor = minor(disk),
			.rate = (uint64_t)asked->v[i].value,
		};
	}
	return 0;
}

static int add_all_rates(const struct draft *draft, struct oci_block_io *io, struct err *err)
{
	const struct config *config = draft->config;
	const struct {
		const char *option;
		const struct config_device_limits *asked;
		struct oci_throttle_devices *rates;
	} lists[] = {
		{ "--device-read-bps", &config->read_bps, &io->throttle_read_bps },
		{ "--device-write-bps", &config->write_bps, &io->throttle_write_bps },
		{ "--device-read-iops", &config->read_iops, &io->throttle_read_iops },
		{ "--device-write-iops", &config->write_iops, &io->throttle_write_iops },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (add_rates(draft, lists[i].asked, lists[i].rates, err) < 0)
			return err_wrap(err, "%s", lists[i].option);
	return 0;
}

int spec_add_blkio(const struct draft *draft, struct err *err)
{
	const struct config *config = draft->config;
	int64_t weight = config->blkio_weight;
	struct oci_block_io *io;
	int r;

	if (weight && (weight < MIN_WEIGHT || weight > MAX_WEIGHT))
		return err_set(err, ERR_USAGE, ERANGE,
			       "--blkio-weight: %jd is not between %d and %d",
			       (intmax_t)weight, MIN_WEIGHT, MAX_WEIGHT);
	if (!weight && !config->weight_devices.n && !config->read_bps.n && !config->write_bps.n &&
	    !config->read_iops.n && !config->write_iops.n)
		return 0;
	io = arena_new(draft->arena, struct oci_block_io);
	io->weight = (struct oci_u64){ weight != 0, (uint64_t)weight };
	r = add_weights(draft, io, err);
	if (r == 0)
		r = add_all_rates(draft, io, err);
	draft->spec->linux_->resources->block_io = io;
	return r;
}
