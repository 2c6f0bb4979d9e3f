/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives that want out of their directory, or more than is theirs. Beside the layer's root lives
 * a canary; what touches it in any way is found by world_is_outside_untouched.
 */
#include "world.h"

#include "mounts.h"

/* "outside" as a link would say it, by both ways. */
static const char *way_out(const struct world *w, int i)
{
	static char absolute[512];

	(void)snprintf(absolute, sizeof(absolute), "%s/outside", w->dir.path);
	return i == 0 ? "../outside" : absolute;
}

/* ------------------------------------------------------------------------------- names */

static bool names_that_lead_upwards_are_refused(void)
{
	static const char *const names[] = {
		"../outside/canary", "..", "d/../../outside/canary", "/../outside/canary",
		"./../outside/canary", "d/..", "d/../f",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		auto_world struct world w;
		auto_buf struct buf a = {};
		char message[128];

		archive_add(&a, .path = "d/", .type = '5');
		archive_add(&a, .path = names[i], .data = "overwritten");
		(void)snprintf(message, sizeof(message), "entry '%s' has '..' in its name",
			       names[i]);
		if (!CHECK(world_make(&w)) || !world_refuses(&w, &a, EINVAL, message))
			return false;
	}
	return true;
}

static bool absolute_names_are_below_the_root(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	char path[600];

	if (!CHECK(world_make(&w)))
		return false;
	(void)snprintf(path, sizeof(path), "%s/canary", way_out(&w, 1));
	archive_add(&a, .path = path, .data = "mine");
	return world_unpacks(&w, &a) && world_has_file(&w, path + 1, "mine");
}

static bool the_root_can_be_no_link_and_no_file(void)
{
	static const char *const names[] = { ".", "/", "./", "//." };

	for (int i = 0; i < 4; i++) {
		auto_world struct world w;
		auto_buf struct buf a = {}, b = {};
		char message[64];

		archive_add(&a, .path = names[i], .type = '2', .target = "../outside");
		archive_add(&a, .path = "canary", .data = "overwritten");
		archive_add(&b, .path = names[i], .data = "file");
		(void)snprintf(message, sizeof(message), "entry '%s': the root is no directory",
			       names[i]);
		if (!CHECK(world_make(&w)) || !world_refuses(&w, &a, EINVAL, message) ||
		    !world_refuses(&w, &b, EINVAL, message))
			return false;
	}
	return true;
}

static bool names_are_limited(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, name = {}, deep = {}, b = {};
	char message[256];

	for (int i = 0; i < 256; i++)
		buf_puts(&name, "n");
	for (int i = 0; i < 257; i++)
		buf_puts(&deep, "d/");
	archive_long(&a, 'L', name.data);
	archive_add(&a, .path = "x");
	archive_long(&b, 'L', deep.data);
	archive_add(&b, .path = "x");
	(void)snprintf(message, sizeof(message),
		       "entry '%.100s...' has a name of more than 255 bytes", name.data);
	if (!CHECK(world_make(&w)) || !world_refuses(&w, &a, ENAMETOOLONG, message))
		return false;
	(void)snprintf(message, sizeof(message), "entry '%.100s...' is nested more than 256 deep",
		       deep.data);
	return world_refuses(&w, &b, ELOOP, message);
}

/* ------------------------------------------------------------------------------- links */

/* All that can be done through a link whose target is outside. */
static bool nothing_is_done_through_a_link_to_outside(void)
{
	for (int i = 0; i < 2; i++) {
		auto_world struct world w;
		auto_buf struct buf a = {};

		if (!CHECK(world_make(&w)))
			return false;
		archive_add(&a, .path = "l", .type = '2', .target = way_out(&w, i));
		archive_add(&a, .path = "l/canary", .data = "overwritten", .mode = 0777, .uid = 7);
		archive_add(&a, .path = "l/new/dir/", .type = '5', .mode = 0777);
		archive_add(&a, .path = "l/.wh.canary");
		archive_add(&a, .path = "l/.wh.other");
		archive_add(&a, .path = "l/.wh..wh..opq");
		archive_add(&a, .path = "l/link", .type = '2', .target = "canary");
		archive_add(&a, .path = "l/fifo", .type = '6');
		archive_add(&a, .path = "hard", .type = '1', .target = "l/canary");
		if (!world_unpacks(&w, &a) || !world_has_file(&w, "hard", "overwritten"))
			return false;
	}
	return true;
}

static bool a_link_is_replaced_and_never_written_through(void)
{
	static const char kinds[] = "01567";

	for (size_t k = 0; k < sizeof(kinds) - 1; k++) {
		auto_world struct world w;
		auto_buf struct buf a = {};
		struct stat st;

		archive_add(&a, .path = "f");
		archive_add(&a, .path = "l", .type = '2', .target = "../outside/canary");
		archive_pax(&a, "SCHILY.xattr.user.a", "b");
		archive_add(&a, .path = "l", .type = kinds[k], .target = "f", .mode = 0777,
			    .uid = 7, .data = kinds[k] == '0' ? "overwritten" : NULL);
		if (!CHECK(world_make(&w)) || !world_unpacks(&w, &a) ||
		    !CHECK(world_stat(&w, "l", &st)) || !CHECK(!S_ISLNK(st.st_mode)))
			return false;
	}
	return true;
}

static bool attributes_of_a_link_are_its_own(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};
	struct stat st;

	archive_pax(&a, "SCHILY.xattr.trusted.a", "b");
	archive_add(&a, .path = "l", .type = '2', .target = "../outside/canary", .mode = 0777,
		    .uid = 7, .mtime = 1);
	archive_pax(&a, "SCHILY.xattr.trusted.a", "b");
	archive_add(&a, .path = "d", .type = '2', .target = "../outside", .mode = 0777, .uid = 7,
		    .mtime = 1);
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && CHECK(world_stat(&w, "l", &st)) &&
	       CHECK(st.st_uid == 7) && CHECK_STR(world_xattr(&w, "l", "trusted.a"), "b");
}

/* A directory that was held open, or is to get its mode at the end, is exchanged for a link. */
static bool a_directory_exchanged_for_a_link_is_not_remembered(void)
{
	for (int i = 0; i < 2; i++) {
		auto_world struct world w;
		auto_buf struct buf a = {};

		if (!CHECK(world_make(&w)))
			return false;
		archive_add(&a, .path = "d/", .type = '5', .mode = 0777, .uid = 7, .mtime = 1);
		archive_add(&a, .path = "d/sub/", .type = '5', .mode = 0777, .uid = 7);
		archive_add(&a, .path = "d/sub/f", .data = "x");
		archive_add(&a, .path = "d/f", .data = "x");
		archive_add(&a, .path = "d", .type = '2', .target = way_out(&w, i));
		archive_add(&a, .path = "d/canary", .data = "overwritten");
		archive_add(&a, .path = "d/sub/f", .data = "overwritten");
		archive_add(&a, .path = "d/.wh.canary");
		if (!world_unpacks(&w, &a) || !world_has_link(&w, "d", way_out(&w, i)))
			return false;
	}
	return true;
}

/* The link is exchanged: what it led to before is held open still. */
static bool a_link_exchanged_for_another_is_not_remembered(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "one/sub/", .type = '5');
	archive_add(&a, .path = "two/", .type = '5');
	archive_add(&a, .path = "l", .type = '2', .target = "one");
	archive_add(&a, .path = "l/f", .data = "1");
	archive_add(&a, .path = "l/sub/f", .data = "1");
	archive_add(&a, .path = "l", .type = '2', .target = "two");
	archive_add(&a, .path = "l/f", .data = "2");
	archive_add(&a, .path = "l/sub/f", .data = "2");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && world_has_file(&w, "one/f", "1") &&
	       world_has_file(&w, "two/f", "2") && world_has_file(&w, "one/sub/f", "1") &&
	       world_has_file(&w, "two/sub/f", "2");
}

static bool what_is_replaced_is_removed_without_following_links(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "d/sub/l", .type = '2', .target = "../../../outside");
	archive_add(&a, .path = "d/l", .type = '2', .target = "../../outside/canary");
	archive_add(&a, .path = "d", .data = "file");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && world_has_file(&w, "d", "file");
}

static bool links_in_a_circle_are_an_error(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, b = {};

	archive_add(&a, .path = "a", .type = '2', .target = "b");
	archive_add(&a, .path = "b", .type = '2', .target = "a");
	archive_add(&a, .path = "a/f", .data = "x");
	archive_add(&b, .path = "c", .type = '2', .target = "c/x");
	archive_add(&b, .path = "c/f", .data = "x");
	return CHECK(world_make(&w)) && CHECK(world_unpack(&w, &a, 0) == -ELOOP) &&
	       world_is_outside_untouched(&w) && CHECK(world_unpack(&w, &b, 0) < 0) &&
	       world_is_outside_untouched(&w);
}

static bool a_file_is_no_parent(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "f", .data = "x");
	archive_add(&a, .path = "f/g", .data = "x");
	return CHECK(world_make(&w)) &&
	       world_refuses(&w, &a, ENOTDIR, "entry 'f/g': open directory 'f': not a directory");
}

/* ------------------------------------------------------------------------------- hard links */

static bool hard_links_to_outside_are_refused(void)
{
	for (int i = 0; i < 2; i++) {
		auto_world struct world w;
		auto_buf struct buf a = {}, b = {}, c = {};
		char target[600], message[700];

		if (!CHECK(world_make(&w)))
			return false;
		(void)snprintf(target, sizeof(target), "%s/canary", way_out(&w, i));
		archive_add(&a, .path = "h", .type = '1', .target = target);
		archive_add(&a, .path = "h", .data = "overwritten");
		if (i == 0)
			(void)snprintf(message, sizeof(message),
				       "entry 'h': entry '%s' has '..' in its name", target);
		else
			(void)snprintf(message, sizeof(message),
				       "entry 'h': hard link to '%s', which is not in this layer",
				       target);
		if (!world_refuses(&w, &a, i == 0 ? EINVAL : ENOENT, message))
			return false;
		archive_add(&b, .path = "l", .type = '2', .target = way_out(&w, i));
		archive_add(&b, .path = "h", .type = '1', .target = "l/canary");
		if (!world_refuses(&w, &b, ENOENT, "entry 'h': hard link to 'l/canary', which is "
						   "not in this layer"))
			return false;
		/* To the link itself is no harm: it is replaced, not followed. */
		archive_add(&c, .path = "l", .type = '2', .target = target);
		archive_add(&c, .path = "h", .type = '1', .target = "l");
		archive_add(&c, .path = "h", .data = "overwritten");
		if (!world_unpacks(&w, &c) || !world_has_file(&w, "h", "overwritten"))
			return false;
	}
	return true;
}

static bool hard_links_to_what_the_layer_has_not_are_named(void)
{
	auto_world struct world w;
	auto_buf struct buf lower = {}, hidden = {}, dir = {}, itself = {};

	archive_add(&lower, .path = "h", .type = '1', .target = "usr/bin/perl");
	archive_add(&hidden, .path = ".wh.gone");
	archive_add(&hidden, .path = "h", .type = '1', .target = "gone");
	archive_add(&dir, .path = "d/", .type = '5');
	archive_add(&dir, .path = "h", .type = '1', .target = "d");
	archive_add(&itself, .path = "h", .type = '1', .target = "h");
	return CHECK(world_make(&w)) &&
	       world_refuses(&w, &lower, ENOENT, "entry 'h': hard link to 'usr/bin/perl', which is "
						 "not in this layer") &&
	       world_refuses(&w, &hidden, ENOENT,
			     "entry 'h': hard link to 'gone', which is not in this layer") &&
	       world_refuses(&w, &dir, EISDIR,
			     "entry 'h': hard link to 'd', which is a directory") &&
	       world_refuses(&w, &itself, ENOENT,
			     "entry 'h': hard link to 'h', which is not in this layer");
}

/* ------------------------------------------------------------------------------- overlayfs */

static bool overlayfs_is_told_nothing_by_the_archive(void)
{
	static const char *const names[] = {
		"trusted.overlay.opaque", "trusted.overlay.redirect", "trusted.overlay.metacopy",
		"user.overlay.opaque", "user.overlay.redirect", "trusted.overlay.origin",
	};
	auto_world struct world w;
	auto_buf struct buf a = {};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		auto_buf struct buf records = {}, key = {};

		buf_printf(&key, "SCHILY.xattr.%s", names[i]);
		archive_record(&records, key.data, "y");
		key.len = 0;
		buf_printf(&key, "LIBARCHIVE.xattr.%s", names[i]);
		archive_record(&records, key.data, "eQ==");
		archive_extend(&a, 'x', &records);
		archive_add(&a, .path = "d/", .type = '5');
		archive_extend(&a, 'x', &records);
		archive_add(&a, .path = "f");
	}
	if (!CHECK(world_make(&w)) || !world_unpacks(&w, &a))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!CHECK_STR(world_xattr(&w, "d", names[i]), "") ||
		    !CHECK_STR(world_xattr(&w, "f", names[i]), ""))
			return false;
	return true;
}

static bool devices_0_0_are_refused(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "c", .type = '3');
	return CHECK(world_make(&w)) &&
	       world_refuses(&w, &a, EINVAL, "entry 'c': device 0/0, by which overlayfs marks what "
					     "is removed");
}

static bool whiteouts_of_nothing_are_refused(void)
{
	static const char *const names[] = { ".wh.", ".wh..", ".wh...", "d/.wh...", ".wh./" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		auto_world struct world w;
		auto_buf struct buf a = {};
		char message[64];

		archive_add(&a, .path = names[i]);
		(void)snprintf(message, sizeof(message), "entry '%s': a whiteout of nothing",
			       names[i]);
		if (!CHECK(world_make(&w)) || !world_refuses(&w, &a, EINVAL, message))
			return false;
	}
	return true;
}

static bool nothing_is_below_a_whiteout(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "d/.wh.x/f", .data = "x");
	return CHECK(world_make(&w)) &&
	       world_refuses(&w, &a, EINVAL, "entry 'd/.wh.x/f' is below the whiteout '.wh.x'");
}

/* A device or a fifo that is in the way is not opened: that could act, or wait for ever. */
static bool devices_and_fifos_are_not_opened(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {};

	archive_add(&a, .path = "p", .type = '6');
	archive_add(&a, .path = "p", .data = "x");
	archive_add(&a, .path = "full", .type = '3', .major = 1, .minor = 7);
	archive_add(&a, .path = "full", .data = "x");
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && world_has_file(&w, "p", "x") &&
	       world_has_file(&w, "full", "x");
}

/* ------------------------------------------------------------------------------- limits */

static int unpack_limited(struct world *w, const struct buf *bytes, struct layer_limits limits)
{
	auto_close int fd = packed_file(bytes);
	struct layer_unpack request = world_request(w, fd, 0);

	request.limits = limits;
	return layer_unpack_here(&request, &w->facts, &w->err);
}

static bool what_a_layer_comes_to_is_limited(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, zeros = {}, bomb = {};
	struct layer_limits limits = layer_limits_default;

	for (int i = 0; i < 100; i++)
		archive_add(&a, .path = "f");
	for (int i = 0; i < 1000000; i++)
		buf_add(&zeros, "", 1);
	archive_add(&zeros, .path = "f");
	(void)packed_gzip(&bomb, zeros.data, zeros.len, NULL);
	if (!CHECK(world_make(&w)))
		return false;
	limits.max_entries = 99;
	if (!CHECK(unpack_limited(&w, &a, limits) == -E2BIG) ||
	    !CHECK_STR(w.err.msg, "it has more than 99 entries"))
		return false;
	limits.max_entries = 100;
	limits.max_bytes = a.len - 1;
	if (!CHECK(unpack_limited(&w, &a, limits) == -E2BIG) ||
	    !CHECK_STR(w.err.msg, "it unpacks to more than 51199 bytes"))
		return false;
	limits = layer_limits_default;
	limits.ratio_bytes = 100000;
	return CHECK(unpack_limited(&w, &bomb, limits) == -E2BIG) &&
	       CHECK(strstr(w.err.msg, " bytes unpack to more than 200 times as many")) &&
	       world_is_outside_untouched(&w);
}

static bool attributes_kept_for_the_end_are_limited(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, records = {}, value = {}, gzip = {};

	for (int i = 0; i < 65536; i++)
		buf_puts(&value, "v");
	for (int i = 0; i < 8; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "SCHILY.xattr.user.%d", i);
		archive_record(&records, key, value.data);
	}
	for (int i = 0; i < 200; i++) {
		archive_extend(&a, 'x', &records);
		archive_add(&a, .path = "d/", .type = '5');
	}
	(void)packed_zstd(&gzip, a.data, a.len);
	return CHECK(world_make(&w)) &&
	       world_refuses(&w, &gzip, E2BIG, "entry 'd/': directories have more than 67108864 "
					       "bytes of attributes");
}

/* No name is that long, but the directories are: each link stands for what is above it. */
static bool depth_is_limited_through_links_too(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, path = {};

	for (int i = 0; i < 100; i++)
		buf_puts(&path, "d/");
	for (int i = 0; i < 3; i++) {
		auto_buf struct buf below = {};

		buf_printf(&below, "%s%s", i ? "far/" : "", path.data);
		archive_long(&a, 'L', below.data);
		archive_add(&a, .path = "x", .type = '5');
		archive_long(&a, 'K', below.data);
		archive_add(&a, .path = "next", .type = '2', .target = "x");
		archive_add(&a, .path = "far", .type = '1', .target = "next");
	}
	return CHECK(world_make(&w)) && CHECK(world_unpack(&w, &a, 0) == -ELOOP) &&
	       world_is_outside_untouched(&w);
}

static bool a_full_disk_is_told(void)
{
	auto_world struct world w;
	auto_buf struct buf a = {}, text = {};
	int r;

	packed_text(&text, 2 << 20);
	archive_add(&a, .path = "f", .data = text.data, .bytes = text.len);
	if (!CHECK(world_make(&w)) || !CHECK(fchdir(w.dir.fd) == 0) ||
	    !CHECK(mount("tmpfs", "root", "tmpfs", 0, "size=1m") == 0))
		return false;
	closep(&w.root_fd);
	w.root_fd = openat(w.dir.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = world_unpack(&w, &a, 0);
	closep(&w.root_fd);
	(void)umount2("root", MNT_DETACH);
	return CHECK(r == -ENOSPC) &&
	       CHECK_STR(w.err.msg, "entry 'f': write: no space left on device");
}

int main(void)
{
	if (geteuid() != 0) {
		SKIP(names_that_lead_upwards_are_refused, "needs root");
		return tap_done();
	}
	TEST(names_that_lead_upwards_are_refused);
	TEST(absolute_names_are_below_the_root);
	TEST(the_root_can_be_no_link_and_no_file);
	TEST(names_are_limited);
	TEST(nothing_is_done_through_a_link_to_outside);
	TEST(a_link_is_replaced_and_never_written_through);
	TEST(attributes_of_a_link_are_its_own);
	TEST(a_directory_exchanged_for_a_link_is_not_remembered);
	TEST(a_link_exchanged_for_another_is_not_remembered);
	TEST(what_is_replaced_is_removed_without_following_links);
	TEST(links_in_a_circle_are_an_error);
	TEST(a_file_is_no_parent);
	TEST(hard_links_to_outside_are_refused);
	TEST(hard_links_to_what_the_layer_has_not_are_named);
	TEST(overlayfs_is_told_nothing_by_the_archive);
	TEST(devices_0_0_are_refused);
	TEST(whiteouts_of_nothing_are_refused);
	TEST(nothing_is_below_a_whiteout);
	TEST(devices_and_fifos_are_not_opened);
	TEST(what_a_layer_comes_to_is_limited);
	TEST(attributes_kept_for_the_end_are_limited);
	TEST(depth_is_limited_through_links_too);
	TEST_MOUNTS(a_full_disk_is_told);
	return tap_done();
}
