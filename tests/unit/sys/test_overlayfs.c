/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/overlayfs.h"

#include "mounts.h"
#include "tmpdir.h"

/* An overlay of one empty directory over another, in a tmpfs: at "all". */
static bool mount_overlay(struct tmpdir *dir, int *ret_fd)
{
	static const char *const names[] = { "lower", "upper", "work", "all" };
	char options[1024], path[300];

	tmpdir_make(dir);
	if (!CHECK(mount("tmpfs", dir->path, "tmpfs", 0, NULL) == 0))
		return false;
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir->path, names[i]);
		if (!CHECK(mkdir(path, 0755) == 0))
			return false;
	}
	(void)snprintf(options, sizeof(options),
		       "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work", dir->path, dir->path,
		       dir->path);
	if (!CHECK(mount("overlay", path, "overlay", 0, options) == 0))
		return false;
	*ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return CHECK(*ret_fd >= 0);
}

static bool a_device_hides(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = -1;
	struct stat st;

	tmpdir_make(&dir);
	fd = openat(dir.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return CHECK(overlayfs_make_whiteout(dir.fd, "a") == 0) &&
	       CHECK(fstatat(dir.fd, "a", &st, AT_SYMLINK_NOFOLLOW) == 0) &&
	       CHECK(overlayfs_is_whiteout(&st)) && CHECK(!overlayfs_is_named(dir.fd)) &&
	       CHECK(overlayfs_make_opaque(dir.fd, ".", OVERLAYFS_TRUSTED) == 0) &&
	       CHECK(overlayfs_is_opaque(fd));
}

/* Whatever this kernel allows there, what was said is read again. */
static bool on_an_overlay_names_do(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = -1;

	if (!mount_overlay(&dir, &fd))
		return false;
	return CHECK(overlayfs_is_named(fd)) && CHECK(overlayfs_make_whiteout(fd, "a") == 1) &&
	       CHECK(faccessat(fd, ".wh.a", F_OK, 0) == 0) &&
	       CHECK(overlayfs_drop_named(fd, "a") == 1) &&
	       CHECK(overlayfs_drop_named(fd, "a") == 0) && CHECK(!overlayfs_is_opaque(fd)) &&
	       CHECK(overlayfs_make_opaque(fd, ".", OVERLAYFS_TRUSTED) == 0) &&
	       CHECK(overlayfs_is_opaque(fd));
}

/* Elsewhere a name is a name. */
static bool a_name_hides_on_an_overlay_only(void)
{
	auto_tmpdir struct tmpdir dir;

	tmpdir_make(&dir);
	return CHECK(tmpdir_put(dir.fd, ".wh..wh..opq", "")) &&
	       CHECK(!overlayfs_is_opaque(dir.fd)) && CHECK_STR(overlayfs_hidden(".wh.a"), "a") &&
	       CHECK_STR(overlayfs_hidden(".wh..wh..opq"), "") && CHECK(!overlayfs_hidden("a"));
}

int main(void)
{
	TEST(a_device_hides);
	TEST_MOUNTS(on_an_overlay_names_do);
	TEST(a_name_hides_on_an_overlay_only);
	return tap_done();
}
