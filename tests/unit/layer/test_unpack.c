/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an archive says comes to be, whatever its order and its oddities. That nothing else does is
 * claimed in test_unpack_hostile.c.
 */
#include "world.h"

#include "image/hash.h"

#include <sys/sysmacros.h>
#include <sys/wait.h>

static bool all_kinds_come_to_be(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	struct stat st, other;

	archive_add(&a, .path = "./", .type = '5', .mode = 0711, .mtime = 9);
	archive_add(&a, .path = "d/", .type = '5', .mode = 0750, .uid = 3, .gid = 4, .mtime = 5);
	archive_add(&a, .path = "d/f", .mode = 0640, .uid = 1, .gid = 2, .mtime = 1000,
		    .data = "contents");
	archive_add(&a, .path = "d/l", .type = '2', .target = "/absolute", .uid = 7, .mtime = 11);
	archive_add(&a, .path = "h", .type = '1', .target = "d/f");
	archive_add(&a, .path = "null", .type = '3', .mode = 0666, .major = 1, .minor = 3);
	archive_add(&a, .path = "disk", .type = '4', .major = 7, .minor = 9);
	archive_add(&a, .path = "pipe", .type = '6', .mode = 0600, .uid = 5);
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has(&w, ".", S_IFDIR | 0711) && world_has(&w, "d", S_IFDIR | 0750) &&
	       world_has_file(&w, "d/f", "contents") && world_has(&w, "d/f", S_IFREG | 0640) &&
	       world_has_link(&w, "d/l", "/absolute") && world_has(&w, "null", S_IFCHR | 0666) &&
	       world_has(&w, "disk", S_IFBLK | 0644) && world_has(&w, "pipe", S_IFIFO | 0600) &&
	       CHECK(world_stat(&w, "d", &st)) && CHECK(st.st_uid == 3 && st.st_gid == 4) &&
	       CHECK(st.st_mtim.tv_sec == 5) && CHECK(world_stat(&w, ".", &st)) &&
	       CHECK(st.st_mtim.tv_sec == 9) && CHECK(world_stat(&w, "d/l", &st)) &&
	       CHECK(st.st_uid == 7 && st.st_mtim.tv_sec == 11) &&
	       CHECK(world_stat(&w, "null", &st)) && CHECK(st.st_rdev == makedev(1, 3)) &&
	       CHECK(world_stat(&w, "d/f", &st)) && CHECK(world_stat(&w, "h", &other)) &&
	       CHECK(st.st_ino == other.st_ino) && CHECK(st.st_uid == 1 && st.st_gid == 2) &&
	       CHECK(st.st_mtim.tv_sec == 1000);
}

static bool facts_are_what_was_unpacked(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, gzip = {};
	struct digest digest;

	archive_add(&a, .path = "d/", .type = '5', .uid = 70000);
	archive_add(&a, .path = "d/f", .gid = 80000, .data = "contents");
	archive_add(&a, .path = "h", .type = '1', .target = "d/f", .uid = 90000);
	archive_add(&a, .path = ".wh.gone", .uid = 90000);
	archive_end(&a);
	while (a.len < 1000000)
		buf_puts(&a, "what follows the end is part of the layer's identity");
	hash_bytes(DIGEST_SHA256, a.data, a.len, &digest);
	(void)packed_gzip(&gzip, a.data, a.len, NULL);
	return CHECK(world_make(&w)) && world_unpacks(&w, &gzip) &&
	       CHECK_STR(w.facts.diff_id.text, digest.text) && CHECK(w.facts.tar_bytes == a.len) &&
	       CHECK(w.facts.file_bytes == 8) && CHECK(w.facts.entries == 4) &&
	       CHECK(w.facts.max_id == 80000) && CHECK_STR(w.facts.max_id_path, "d/f") &&
	       CHECK(w.facts.left_out == 0);
}

static bool an_empty_archive_is_an_empty_layer(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_end(&a);
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && CHECK(w.facts.entries == 0) &&
	       world_has(&w, ".", S_IFDIR | 0755);
}

static bool large_files_and_many_arrive_whole(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, text = {}, zstd = {};
	auto_close int fd = -1;
	auto_free char *back = malloc(3000000);
	char name[32];

	packed_text(&text, 3000000);
	archive_add(&a, .path = "large", .data = text.data, .bytes = text.len);
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(name, sizeof(name), "d%d/f%d", i % 100, i);
		archive_add(&a, .path = name, .data = name);
	}
	(void)packed_zstd(&zstd, a.data, a.len);
	if (!CHECK(world_make(&w)) || !world_unpacks(&w, &zstd))
		return false;
	fd = openat(w.root_fd, "large", O_RDONLY | O_CLOEXEC);
	return CHECK(pread(fd, back, 3000000, 0) == 3000000) &&
	       CHECK(memcmp(back, text.data, text.len) == 0) &&
	       world_has_file(&w, "d99/f1999", "d99/f1999") && CHECK(w.facts.entries == 2001);
}

static bool holes_of_sparse_files_stay_holes(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, records = {};
	struct stat st;

	archive_record(&records, "GNU.sparse.size", "100000000");
	archive_record(&records, "GNU.sparse.map", "0,3,50000000,4");
	archive_extend(&a, 'x', &records);
	archive_add(&a, .path = "f", .data = "abcdefg");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && CHECK(world_stat(&w, "f", &st)) &&
	       CHECK(st.st_size == 100000000) && CHECK(st.st_blocks < 1000) &&
	       CHECK(w.facts.file_bytes == 7);
}

/* ------------------------------------------------------------------------------- attributes */

/* chown takes set-uid bits and capabilities away; what follows must bring them. */
static bool set_uid_bits_and_capabilities_survive_the_owner(void)
{
	static const unsigned char capability[20] = { 1, 0, 0, 2, 0, 0x20 };
	auto_world struct world w;
	auto_buf struct buf a = {}, records = {};

	archive_record_bytes(&records, "SCHILY.xattr.security.capability", capability,
			     sizeof(capability));
	archive_extend(&a, 'x', &records);
	archive_add(&a, .path = "ping", .mode = 06755, .uid = 5, .gid = 6, .data = "x");
	archive_add(&a, .path = "su", .mode = 04755, .data = "x");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has(&w, "ping", S_IFREG | 06755) && world_has(&w, "su", S_IFREG | 04755) &&
	       CHECK(world_xattr(&w, "ping", "security.capability")[3] == 2);
}

static bool modes_do_not_depend_on_the_umask(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	mode_t mask = umask(077);
	bool ok;

	archive_add(&a, .path = "f", .mode = 0777);
	archive_add(&a, .path = "p", .type = '6', .mode = 0666);
	ok = CHECK(world_make(&w)) && CHECK(world_unpack(&w, &a, 0) == 0) &&
	     world_has(&w, "f", S_IFREG | 0777) && world_has(&w, "p", S_IFIFO | 0666) &&
	     CHECK(umask(mask) == 077);
	(void)umask(mask);
	return ok;
}

static bool times_may_be_odd(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	struct stat st;

	archive_pax(&a, "mtime", "-7.25");
	archive_add(&a, .path = "early");
	archive_pax(&a, "mtime", "1234567890.987654321");
	archive_add(&a, .path = "fine");
	archive_pax(&a, "mtime", "99999999999999");
	archive_add(&a, .path = "late");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       CHECK(world_stat(&w, "early", &st)) && CHECK(st.st_mtim.tv_sec == -8) &&
	       CHECK(st.st_mtim.tv_nsec == 750000000) && CHECK(world_stat(&w, "fine", &st)) &&
	       CHECK(st.st_mtim.tv_nsec == 987654321);
}

static bool directories_get_modes_and_times_at_the_end(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	struct stat st;

	archive_add(&a, .path = "a/", .type = '5', .mode = 0555, .mtime = 100);
	archive_add(&a, .path = "a/b/", .type = '5', .mode = 02000, .gid = 7, .mtime = 200);
	archive_add(&a, .path = "a/b/f", .data = "x");
	archive_add(&a, .path = "a/b/d/", .type = '5');
	archive_add(&a, .path = "a/g", .data = "x");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has(&w, "a", S_IFDIR | 0555) &&
	       world_has(&w, "a/b", S_IFDIR | 02000) && CHECK(world_stat(&w, "a", &st)) &&
	       CHECK(st.st_mtim.tv_sec == 100) && CHECK(world_stat(&w, "a/b", &st)) &&
	       CHECK(st.st_mtim.tv_sec == 200) && CHECK(st.st_gid == 7) &&
	       CHECK(world_stat(&w, "a/b/f", &st)) && CHECK(st.st_gid == 0) &&
	       world_has(&w, "a/b/d", S_IFDIR | 0755);
}

/* A group or an ACL that a directory would hand down is not what the archive said. */
static bool nothing_is_inherited(void)
{
	static const char acl[] = "\2\0\0\0"
				  "\1\0\7\0\xff\xff\xff\xff" "\4\0\7\0\xff\xff\xff\xff"
				  "\x20\0\0\0\xff\xff\xff\xff";
	auto_world struct world w;
	auto_buf struct buf a = {}, records = {};
	struct stat st;

	archive_record_bytes(&records, "SCHILY.xattr.system.posix_acl_default", acl,
			     sizeof(acl) - 1);
	archive_extend(&a, 'x', &records);
	archive_add(&a, .path = "d/", .type = '5', .mode = 02777, .gid = 9);
	archive_add(&a, .path = "d/f", .mode = 0666);
	archive_add(&a, .path = "d/sub/", .type = '5', .mode = 0777);
	if (!CHECK(world_make(&w)) || !CHECK(fchown(w.root_fd, 0, 8) == 0) ||
	    !CHECK(fchmod(w.root_fd, 02777) == 0) || !world_unpacks(&w, &a))
		return false;
	return world_has(&w, "d/f", S_IFREG | 0666) && CHECK(world_stat(&w, "d/f", &st)) &&
	       CHECK(st.st_gid == 0) && world_has(&w, "d/sub", S_IFDIR | 0777) &&
	       CHECK(world_stat(&w, "d/sub", &st)) && CHECK(st.st_gid == 0) &&
	       CHECK_STR(world_xattr(&w, "d/sub", "system.posix_acl_default"), "") &&
	       CHECK(*world_xattr(&w, "d", "system.posix_acl_default") == 2);
}

static bool attributes_of_all_kinds_of_entries_are_set(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_pax(&a, "SCHILY.xattr.user.a", "file");
	archive_add(&a, .path = "f");
	archive_pax(&a, "LIBARCHIVE.xattr.trusted.b", "ZGly");
	archive_add(&a, .path = "d/", .type = '5');
	archive_pax(&a, "SCHILY.xattr.trusted.c", "link");
	archive_add(&a, .path = "l", .type = '2', .target = "nowhere");
	archive_pax(&a, "SCHILY.xattr.trusted.d", "fifo");
	archive_add(&a, .path = "d/p", .type = '6');
	archive_pax(&a, "SCHILY.xattr.user.e", "which links can't have");
	archive_add(&a, .path = "m", .type = '2', .target = "f");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       CHECK_STR(world_xattr(&w, "f", "user.a"), "file") &&
	       CHECK_STR(world_xattr(&w, "d", "trusted.b"), "dir") &&
	       CHECK_STR(world_xattr(&w, "l", "trusted.c"), "link") &&
	       CHECK_STR(world_xattr(&w, "d/p", "trusted.d"), "fifo") &&
	       CHECK_STR(world_xattr(&w, "f", "user.e"), "") && CHECK(w.facts.left_out == 1);
}

/* ------------------------------------------------------------------------------- order */

static bool missing_parents_are_made_and_described_later(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	struct stat st;

	archive_add(&a, .path = "a/b/c/f", .data = "x");
	archive_add(&a, .path = "a/b", .type = '5', .mode = 0700, .uid = 5, .mtime = 77);
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has(&w, "a", S_IFDIR | 0755) &&
	       world_has(&w, "a/b", S_IFDIR | 0700) && world_has(&w, "a/b/c", S_IFDIR | 0755) &&
	       CHECK(world_stat(&w, "a/b", &st)) && CHECK(st.st_uid == 5) &&
	       CHECK(st.st_mtim.tv_sec == 77) && world_has_file(&w, "a/b/c/f", "x");
}

static bool names_mean_the_same_however_they_are_written(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "/absolute//d/", .type = '5');
	archive_add(&a, .path = "./absolute/./d/f", .data = "x");
	archive_add(&a, .path = ".", .type = '5', .mode = 0700);
	archive_add(&a, .path = "//", .type = '5', .mode = 0711);
	archive_add(&a, .path = "h", .type = '1', .target = "/absolute/d//f");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has_file(&w, "absolute/d/f", "x") && world_has(&w, ".", S_IFDIR | 0711) &&
	       world_has_file(&w, "h", "x");
}

static bool the_last_of_two_wins(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "f", .data = "first, and longer");
	archive_add(&a, .path = "g", .type = '1', .target = "f");
	archive_add(&a, .path = "f", .data = "second", .mode = 0600);
	archive_add(&a, .path = "d/", .type = '5', .mode = 0700);
	archive_add(&a, .path = "d/kept");
	archive_add(&a, .path = "d/", .type = '5', .mode = 0755);
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has_file(&w, "f", "second") &&
	       world_has(&w, "f", S_IFREG | 0600) && world_has_file(&w, "g", "first, and longer") &&
	       world_has(&w, "d", S_IFDIR | 0755) && world_has(&w, "d/kept", S_IFREG | 0644);
}

static bool kinds_replace_each_other(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	static const char kinds[] = "052160";

	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 6; k++) {
			char path[8];

			(void)snprintf(path, sizeof(path), "%d%d", i, k);
			archive_add(&a, .path = "target");
			archive_add(&a, .path = path, .type = kinds[i], .target = "target");
			if (kinds[i] == '5') {
				char below[16];

				(void)snprintf(below, sizeof(below), "%s/deep/f", path);
				archive_add(&a, .path = below);
			}
			archive_add(&a, .path = path, .type = kinds[k], .target = "target",
				    .mtime = 1);
		}
	if (!CHECK(world_make(&w)) || !world_unpacks(&w, &a))
		return false;
	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 6; k++) {
			static const mode_t types[] = { S_IFREG, S_IFDIR, S_IFLNK,
							S_IFREG, S_IFIFO, S_IFREG };
			char path[8];
			struct stat st;

			(void)snprintf(path, sizeof(path), "%d%d", i, k);
			if (!CHECK(world_stat(&w, path, &st)) ||
			    !CHECK((st.st_mode & S_IFMT) == types[k]))
				return false;
		}
	return true;
}

/* A directory that was replaced and made again is not what it was to be at first. */
static bool a_directory_made_again_forgets_the_first(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "d/", .type = '5', .mode = 0700);
	archive_add(&a, .path = "d/sub/", .type = '5', .mode = 0700);
	archive_add(&a, .path = "d", .data = "file");
	archive_add(&a, .path = "d/", .type = '5', .mode = 0711);
	archive_add(&a, .path = "d/sub/f", .data = "x");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has(&w, "d", S_IFDIR | 0711) &&
	       world_has(&w, "d/sub", S_IFDIR | 0755);
}

/* ------------------------------------------------------------------------------- links */

static bool parents_that_are_links_are_followed_inside(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "usr/lib/", .type = '5');
	archive_add(&a, .path = "lib", .type = '2', .target = "usr/lib");
	archive_add(&a, .path = "abs", .type = '2', .target = "/usr/lib");
	archive_add(&a, .path = "lib/one", .data = "1");
	archive_add(&a, .path = "abs/two", .data = "2");
	archive_add(&a, .path = "lib/sub/", .type = '5', .mode = 0700);
	archive_add(&a, .path = "usr/lib/sub/", .type = '5', .mode = 0711);
	archive_add(&a, .path = "three", .type = '1', .target = "lib/one");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has_file(&w, "usr/lib/one", "1") && world_has_file(&w, "usr/lib/two", "2") &&
	       world_has(&w, "usr/lib/sub", S_IFDIR | 0711) && world_has_file(&w, "three", "1");
}

/* What the link leads to may be in a lower layer: a directory that overlayfs merges with it. */
static bool parents_that_dangle_are_made_where_they_lead(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "lib", .type = '2', .target = "usr/lib");
	archive_add(&a, .path = "usr/lib64", .type = '2', .target = "../deep/../lib/");
	archive_add(&a, .path = "lib/one", .data = "1");
	archive_add(&a, .path = "usr/lib64/two", .data = "2");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has_file(&w, "usr/lib/one", "1") && world_has_file(&w, "usr/lib/two", "2") &&
	       world_has_link(&w, "lib", "usr/lib");
}

/* As docker does: usrmerge the wrong way round. */
static bool a_directory_replaces_a_link_to_one(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "usr/lib/", .type = '5');
	archive_add(&a, .path = "lib", .type = '2', .target = "usr/lib");
	archive_add(&a, .path = "lib/one", .data = "1");
	archive_add(&a, .path = "lib/", .type = '5');
	archive_add(&a, .path = "lib/two", .data = "2");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has_file(&w, "usr/lib/one", "1") && world_has_not(&w, "usr/lib/two") &&
	       world_has_file(&w, "lib/two", "2");
}

static bool links_can_have_hard_links(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "l", .type = '2', .target = "nowhere");
	archive_add(&a, .path = "m", .type = '1', .target = "l");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && world_has_link(&w, "m", "nowhere");
}

static bool a_hard_link_changes_nothing_of_its_target(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	struct stat st;

	archive_add(&a, .path = "f", .mode = 04755, .uid = 3, .mtime = 100, .data = "x");
	archive_add(&a, .path = "g", .type = '1', .target = "f", .mode = 0600, .uid = 9);
	archive_add(&a, .path = "f", .type = '1', .target = "f");
	archive_add(&a, .path = "g", .type = '1', .target = "f");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has(&w, "g", S_IFREG | 04755) && CHECK(world_stat(&w, "f", &st)) &&
	       CHECK(st.st_nlink == 2) && CHECK(st.st_uid == 3) && CHECK(st.st_mtim.tv_sec == 100);
}

/* ------------------------------------------------------------------------------- whiteouts */

static bool whiteouts_become_devices_0_0(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "d/.wh.gone");
	archive_add(&a, .path = "d/.wh.gone");
	archive_add(&a, .path = ".wh..hidden", .type = '5');
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && world_has_whiteout(&w, "d/gone") &&
	       world_has_not(&w, "d/.wh.gone") && world_has_whiteout(&w, ".hidden");
}

static bool opaque_directories_are_marked(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "d/f", .data = "stays");
	archive_add(&a, .path = "d/.wh..wh..opq");
	archive_add(&a, .path = "e/.wh..wh..opq");
	archive_add(&a, .path = "e/", .type = '5', .mode = 0700);
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && CHECK(world_is_opaque(&w, "d")) &&
	       world_has_file(&w, "d/f", "stays") && CHECK(world_is_opaque(&w, "e")) &&
	       world_has(&w, "e", S_IFDIR | 0700) && world_has_not(&w, "d/.wh..wh..opq");
}

static bool what_the_layer_itself_has_wins_over_its_whiteout(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "before", .data = "x");
	archive_add(&a, .path = ".wh.before");
	archive_add(&a, .path = ".wh.after");
	archive_add(&a, .path = "after", .data = "x");
	archive_add(&a, .path = ".wh.link");
	archive_add(&a, .path = "link", .type = '2', .target = "x");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has_file(&w, "before", "x") &&
	       world_has_file(&w, "after", "x") && world_has_link(&w, "link", "x");
}

/* Removed and made again: what lower layers have in it must not shine through. */
static bool a_directory_with_a_whiteout_is_opaque(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "before/", .type = '5');
	archive_add(&a, .path = ".wh.before");
	archive_add(&a, .path = ".wh.after");
	archive_add(&a, .path = "after/", .type = '5', .mode = 0700);
	archive_add(&a, .path = ".wh.implied");
	archive_add(&a, .path = "implied/f", .data = "x");
	archive_add(&a, .path = "plain/", .type = '5');
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       CHECK(world_is_opaque(&w, "before")) && CHECK(world_is_opaque(&w, "after")) &&
	       CHECK(world_is_opaque(&w, "implied")) && CHECK(!world_is_opaque(&w, "plain")) &&
	       world_has_file(&w, "implied/f", "x") && world_has(&w, "after", S_IFDIR | 0700);
}

static bool notes_of_aufs_are_skipped(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = ".wh..wh.aufs");
	archive_add(&a, .path = ".wh..wh.plnk/", .type = '5');
	archive_add(&a, .path = ".wh..wh.plnk/123.4", .data = "x");
	archive_add(&a, .path = "f", .data = "x");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) &&
	       world_has_not(&w, ".wh..wh.plnk") && world_has_not(&w, ".wh..wh.aufs") &&
	       world_has_file(&w, "f", "x");
}

static bool without_root_overlayfs_is_told_by_user_attributes(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "d/.wh..wh..opq");
	return CHECK(world_make(&w)) && CHECK(world_unpack(&w, &a, LAYER_ROOTLESS) == 0) &&
	       CHECK_STR(world_xattr(&w, "d", "user.overlay.opaque"), "y") &&
	       CHECK_STR(world_xattr(&w, "d", "trusted.overlay.opaque"), "");
}

/* ------------------------------------------------------------------------------- downloads */

static bool a_download_that_breaks_off_is_told(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	struct layer_unpack request;
	int fds[2];
	int file_fd;
	bool ok;

	archive_add(&a, .path = "f", .data = "x");
	if (!CHECK(world_make(&w)) || !CHECK(pipe2(fds, O_CLOEXEC) == 0))
		return false;
	file_fd = packed_file(&a);
	request = world_request(&w, file_fd, 0);
	request.source.progress_fd = fds[0];
	(void)layer_source_tell(fds[1], 512, false);
	(void)close(fds[1]);
	ok = CHECK(layer_unpack_here(&request, &w.facts, &w.err) == -ECONNRESET) &&
	     CHECK_STR(w.err.msg, "the download broke off after 512 bytes");
	(void)close(fds[0]);
	(void)close(file_fd);
	return ok;
}

/* Nobody waits for a download whose beginning is wrong already. The mistake is found while the
 * other thread waits for more: it is at the end of what the ring passes on at once. */
static bool an_error_does_not_wait_for_the_download(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	struct layer_unpack request;
	int fds[2];
	int file_fd;
	bool ok;

	while (a.len < (256 << 10) - 512)
		archive_add(&a, .path = "f");
	archive_add(&a, .path = "../f");
	buf_puts(&a, "the beginning of more");
	if (!CHECK(world_make(&w)) || !CHECK(pipe2(fds, O_CLOEXEC) == 0))
		return false;
	file_fd = packed_file(&a);
	request = world_request(&w, file_fd, 0);
	request.source.progress_fd = fds[0];
	(void)layer_source_tell(fds[1], a.len, false);
	(void)alarm(60);
	ok = CHECK(layer_unpack_here(&request, &w.facts, &w.err) == -EINVAL);
	(void)alarm(0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(file_fd);
	return ok;
}

int main(void)
{
	if (geteuid() != 0) {
		SKIP(all_kinds_come_to_be, "needs root");
		return tap_done();
	}
	TEST(all_kinds_come_to_be);
	TEST(facts_are_what_was_unpacked);
	TEST(an_empty_archive_is_an_empty_layer);
	TEST(large_files_and_many_arrive_whole);
	TEST(holes_of_sparse_files_stay_holes);
	TEST(set_uid_bits_and_capabilities_survive_the_owner);
	TEST(modes_do_not_depend_on_the_umask);
	TEST(times_may_be_odd);
	TEST(directories_get_modes_and_times_at_the_end);
	TEST(nothing_is_inherited);
	TEST(attributes_of_all_kinds_of_entries_are_set);
	TEST(missing_parents_are_made_and_described_later);
	TEST(names_mean_the_same_however_they_are_written);
	TEST(the_last_of_two_wins);
	TEST(kinds_replace_each_other);
	TEST(a_directory_made_again_forgets_the_first);
	TEST(parents_that_are_links_are_followed_inside);
	TEST(parents_that_dangle_are_made_where_they_lead);
	TEST(a_directory_replaces_a_link_to_one);
	TEST(links_can_have_hard_links);
	TEST(a_hard_link_changes_nothing_of_its_target);
	TEST(whiteouts_become_devices_0_0);
	TEST(opaque_directories_are_marked);
	TEST(what_the_layer_itself_has_wins_over_its_whiteout);
	TEST(a_directory_with_a_whiteout_is_opaque);
	TEST(notes_of_aufs_are_skipped);
	TEST(without_root_overlayfs_is_told_by_user_attributes);
	TEST(a_download_that_breaks_off_is_told);
	TEST(an_error_does_not_wait_for_the_download);
	return tap_done();
}
