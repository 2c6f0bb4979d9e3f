/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners, modes, attributes and times of what was made. In a container that runs, a name may mean
 * another thing by now: what is done by name follows nothing, and chmod(2), which would, is not.
 */
#include "copy/owner.h"

#include "base/arena.h"

#include <endian.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#define CAPABILITY  "security.capability"
#define SET_ID_BITS (S_ISUID | S_ISGID)

struct copy_owner copy_owner_here(const struct copy_ids *ids, bool keep)
{
	struct copy_owner owner = { keep, *ids, geteuid(), getegid(), geteuid() != 0 };

	if (ids->size)
		owner.uid = owner.gid = ids->start;
	return owner;
}

static int id_outside(const struct copy_owner *owner, uint32_t id, uint32_t *ret, struct err *err)
{
	const struct copy_ids *ids = &owner->ids;

	if (!ids->size) {
		*ret = id;
		return 0;
	}
	if (id >= ids->size)
		return err_set(err, ERR_USAGE, EINVAL,
			       "it belongs to id %u, and the container has ids below %u", id,
			       ids->size);
	*ret = ids->start + id;
	return 0;
}

/* Whose it is to be. */
static int find_owner(const struct copy_owner *owner, const struct copy_item *item,
		      uint32_t *ret_uid, uint32_t *ret_gid, struct err *err)
{
	int r;

	if (!owner->keep) {
		*ret_uid = owner->uid;
		*ret_gid = owner->gid;
		return 0;
	}
	r = id_outside(owner, item->st.st_uid, ret_uid, err);
	return r < 0 ? r : id_outside(owner, item->st.st_gid, ret_gid, err);
}

/* A capability is written as one that counts where root is who it is there: in the user namespace
 * of the container, if it has one (v3), else as it is (v2). */
static void own_capability(const struct copy_owner *owner, struct arena *arena,
			   struct tar_xattr *xattr)
{
	struct vfs_ns_cap_data *data = arena_new(arena, struct vfs_ns_cap_data);

	if (!owner->ids.size || strcmp(xattr->name, CAPABILITY) != 0 ||
	    xattr->len != XATTR_CAPS_SZ_2)
		return;
	memcpy(data, xattr->value, xattr->len);
	data->magic_etc = htole32((le32toh(data->magic_etc) & VFS_CAP_FLAGS_MASK) |
				  VFS_CAP_REVISION_3);
	data->rootid = htole32(owner->ids.start);
	xattr->value = data;
	xattr->len = XATTR_CAPS_SZ_3;
}

/* People's own attributes, and with `keep` what the program may do. */
static void choose_xattrs(const struct copy_owner *owner, const struct copy_item *item,
			  struct arena *arena, struct attributes *attributes)
{
	struct tar_xattr *list = arena_array(arena, struct tar_xattr, item->n_xattrs + 1);

	attributes->xattrs = list;
	for (size_t i = 0; i < item->n_xattrs; i++)
		if (owner->keep || strncmp(item->xattrs[i].name, "user.", 5) == 0) {
			list[attributes->n_xattrs] = item->xattrs[i];
			own_capability(owner, arena, &list[attributes->n_xattrs++]);
		}
}

int copy_owner_apply(const struct copy_owner *owner, const struct copy_item *item, int fd,
		     struct err *err)
{
	auto_arena struct arena arena = {};
	struct attributes_left_out left_out = { .is_rootless = owner->is_rootless };
	struct attributes attributes = { .mode = item->st.st_mode & 07777,
					 .mtime = item->st.st_mtim };
	const struct made made = { .fd = fd };
	int r = find_owner(owner, item, &attributes.uid, &attributes.gid, err);

	if (r < 0)
		return r;
	if (!owner->keep)
		attributes.mode &= ~(mode_t)SET_ID_BITS;
	choose_xattrs(owner, item, &arena, &attributes);
	return attributes_apply(&attributes, &made, &left_out, err);
}

int copy_owner_apply_name(const struct copy_owner *owner, const struct copy_item *item,
			  const struct plant *plant, struct err *err)
{
	const struct timespec times[2] = { item->st.st_mtim, item->st.st_mtim };
	uint32_t uid, gid;
	int r = find_owner(owner, item, &uid, &gid, err);

	if (r < 0)
		return r;
	if (fchownat(plant->dir_fd, plant->name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "give it to %u:%u", uid, gid);
	if (utimensat(plant->dir_fd, plant->name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "set its times");
	return 0;
}
