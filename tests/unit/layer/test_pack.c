/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/pack.h"

#include "mounts.h"
#include "world.h"


static int add_bytes(void *context, const void *bytes, size_t n, struct err *err)
{
	(void)err;
	buf_add(context, bytes, n);
	return 0;
}

static int pack_dir(int dir_fd, int64_t max_mtime, struct buf *out, struct layer_packed *ret,
		    struct err *err)
{
	const struct layer_pack request = {
		.root_fd = dir_fd, .max_mtime = max_mtime, .output = { add_bytes, out },
	};

	return layer_pack(&request, ret, err);
}

static bool packs(struct world *w, struct buf *out, struct layer_packed *ret)
{
	int r = pack_dir(w->root_fd, -1, out, ret, &w->err);

	if (r < 0)
		printf("# %s\n", w->err.msg);
	return CHECK(r == 0);
}

static bool refuses(struct world *w, int no, const char *message)
{
	auto_buf struct buf out = {};
	struct layer_packed packed;

	return CHECK(pack_dir(w->root_fd, -1, &out, &packed, &w->err) == -no) &&
	       CHECK_STR(w->err.msg, message);
}

/* The archive as text: a line an entry, with its type, path, target and size. */
static void list(const struct buf *archive, struct buf *out)
{
	for (size_t at = 0; at < archive->len && archive->data[at];) {
		const char *block = archive->data + at;
		unsigned long bytes = strtoul(block + 124, NULL, 8);

		buf_printf(out, "%c %.100s%s%.100s %lu\n", block[156], block,
			   block[157] ? " -> " : "", block + 157, bytes);
		at += 512 + ((bytes + 511) & ~511UL);
	}
}

static bool is_list(const struct buf *archive, const char *want)
{
	auto_buf struct buf out = {};

	list(archive, &out);
	return CHECK_STR(buf_str(&out), want);
}

/* A line for the shell, in which '@' stands for the one world's directory, '#' for the other's. */
static bool run(const char *format, const struct world *at, const struct world *number)
{
	auto_buf struct buf line = {};

	for (const char *p = format; *p; p++)
		if (*p == '@' || *p == '#')
			buf_puts(&line, (*p == '@' ? at : number)->dir.path);
		else
			buf_add(&line, p, 1);
	if (system(line.data) == 0)
		return true;
	printf("# %s\n", line.data);
	return false;
}

/* ------------------------------------------------------------------------------- there and back */

/* Everything that a tree can have. */
static void make_everything(struct buf *a)
{
	auto_buf struct buf records = {}, text = {}, name = {};

	for (int i = 0; i < 50; i++)
		buf_puts(&name, "long/");
	buf_puts(&name, "name");
	packed_text(&text, 700000);
	archive_record_bytes(&records, "SCHILY.xattr.security.capability",
			     "\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
	archive_record(&records, "SCHILY.xattr.user.a", "b\nc");
	archive_record(&records, "SCHILY.xattr.user.empty", "");
	archive_record(&records, "mtime", "1234567890.123456789");
	archive_add(a, .path = "dir/", .type = '5', .mode = 03711, .uid = 5, .gid = 6, .mtime = 7);
	archive_extend(a, 'x', &records);
	archive_add(a, .path = "dir/capable", .mode = 06755, .uid = 7, .gid = 8, .data = "x");
	archive_pax(a, "uid", "3000000000");
	archive_add(a, .path = "dir/large", .data = text.data, .bytes = text.len);
	archive_add(a, .path = "dir/second", .type = '1', .target = "dir/large");
	archive_add(a, .path = "a third", .type = '1', .target = "dir/large");
	archive_long(a, 'K', name.data);
	archive_add(a, .path = "link", .type = '2', .target = "x", .uid = 9, .mtime = 5);
	archive_add(a, .path = "link2", .type = '1', .target = "link");
	archive_long(a, 'L', name.data);
	archive_add(a, .path = "x", .data = "long");
	archive_pax(a, "mtime", "-7.25");
	archive_add(a, .path = "early");
	archive_add(a, .path = "null", .type = '3', .major = 1, .minor = 3, .uid = 4);
	archive_add(a, .path = "disk", .type = '4', .major = 259, .minor = 300000);
	archive_add(a, .path = "fifo", .type = '6', .mode = 0600);
	archive_add(a, .path = ".wh.gone", .mtime = 77);
	archive_add(a, .path = "opaque/.wh..wh..opq");
	archive_add(a, .path = "opaque/f");
	archive_add(a, .path = "opaque/", .type = '5', .mode = 0700, .mtime = 88);
	archive_add(a, .path = "caf\xc3\xa9 \xff\n", .data = "odd");
}

/* All that find(1) tells, but of whiteouts, whose times and modes are nobody's business. */
#define DESCRIBE(dir)                                                                     \
	"(cd " dir "/root && find . -mindepth 1 ! -name 'gone*' -printf "                 \
	"'%P %y %m %U %G %T@ %l %n ' \\( -type d -printf '\\n' -o -printf '%s\\n' \\) | " \
	"LC_ALL=C sort)"

static bool is_same_tree(const struct world *a, const struct world *b)
{
	return CHECK(run(DESCRIBE("@") " >@/list; " DESCRIBE("#") " >#/list; test -s @/list && "
			 "diff @/list #/list && diff -r --no-dereference @/root #/root >@/diff || "
			 "! grep -v 'gone\\|special file\\|fifo' @/diff", a, b));
}

static bool what_is_packed_unpacks_to_the_same(void)
{
	auto_world struct world w, back;
	auto_buf struct buf a = {}, first = {}, second = {};
	struct layer_packed packed, again;

	make_everything(&a);
	return CHECK(world_make(&w)) && world_unpacks(&w, &a) && packs(&w, &first, &packed) &&
	       CHECK(world_make(&back)) && world_unpacks(&back, &first) &&
	       is_same_tree(&w, &back) && packs(&back, &second, &again) &&
	       CHECK(first.len == second.len) &&
	       CHECK(memcmp(first.data, second.data, first.len) == 0) &&
	       CHECK_STR(packed.diff_id.text, back.facts.diff_id.text) &&
	       CHECK_STR(packed.diff_id.text, again.diff_id.text) &&
	       CHECK(packed.tar_bytes == first.len) &&
	       CHECK(packed.file_bytes == back.facts.file_bytes) &&
	       CHECK(packed.entries == back.facts.entries) && CHECK(packed.left_out == 0) &&
	       world_has_whiteout(&back, "gone") && CHECK(world_is_opaque(&back, "opaque")) &&
	       CHECK_STR(world_xattr(&back, "dir/capable", "user.a"), "b\nc") &&
	       CHECK(world_xattr(&back, "dir/capable", "security.capability")[3] == 2);
}

static bool gnu_tar_unpacks_the_same(void)
{
	auto_world struct world w, back;
	auto_buf struct buf a = {}, packed = {};
	struct layer_packed facts;
	auto_close int fd = -1;

	make_everything(&a);
	if (!CHECK(world_make(&w)) || !world_unpacks(&w, &a) || !packs(&w, &packed, &facts) ||
	    !CHECK(world_make(&back)))
		return false;
	fd = openat(back.dir.fd, "a.tar", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return CHECK(buf_write_fd(&packed, fd, "a.tar", &w.err) == 0) &&
	       CHECK(run("tar --warning=no-timestamp --numeric-owner --xattrs "
			 "--xattrs-include='*' -xpf @/a.tar -C @/root &&"
			 "find @/root -name '.wh.*' -delete", &back, NULL)) &&
	       CHECK(utimensat(back.root_fd, "opaque",
			       (struct timespec[2]){ { 88, 0 }, { 88, 0 } }, 0) == 0) &&
	       is_same_tree(&w, &back) &&
	       CHECK_STR(world_xattr(&back, "dir/capable", "user.a"), "b\nc");
}

/* ------------------------------------------------------------------------------- overlayfs */

static bool whiteouts_and_opaque_directories_get_their_names(void)
{
	auto_world struct world w;
	auto_buf struct buf out = {};
	struct layer_packed packed;

	return CHECK(world_make(&w)) && CHECK(mkdirat(w.root_fd, "d", 0755) == 0) &&
	       CHECK(mknodat(w.root_fd, "gone", S_IFCHR, 0) == 0) &&
	       CHECK(mknodat(w.root_fd, "d/gone", S_IFCHR, 0) == 0) &&
	       CHECK(tmpdir_put(w.root_fd, "d/a", "x")) &&
	       CHECK(world_set_xattr(&w, "d", "trusted.overlay.opaque", "y")) &&
	       CHECK(world_set_xattr(&w, "d/a", "trusted.overlay.origin", "y")) &&
	       CHECK(world_set_xattr(&w, "d", "trusted.overlay.impure", "y")) &&
	       CHECK(pack_dir(w.root_fd, 5, &out, &packed, &w.err) == 0) &&
	       is_list(&out, "5 d/ 0\n0 d/.wh..wh..opq 0\n0 d/a 1\n0 d/.wh.gone 0\n"
			     "0 .wh.gone 0\n");
}

static bool what_overlayfs_keeps_elsewhere_is_refused(void)
{
	auto_world struct world w;

	return CHECK(world_make(&w)) && CHECK(mkdirat(w.root_fd, "d", 0755) == 0) &&
	       CHECK(world_set_xattr(&w, "d", "trusted.overlay.redirect", "/x")) &&
	       refuses(&w, EXDEV, "pack '/d': overlayfs has half of it elsewhere "
				  "('trusted.overlay.redirect')") &&
	       CHECK(unlinkat(w.root_fd, "d", AT_REMOVEDIR) == 0) &&
	       CHECK(tmpdir_put(w.root_fd, "f", "")) &&
	       CHECK(world_set_xattr(&w, "f", "user.overlay.metacopy", "")) &&
	       refuses(&w, EXDEV, "pack '/f': overlayfs has half of it elsewhere "
				  "('user.overlay.metacopy')");
}

static bool overlay(const struct world *w, const char *lower, const char *options, const char *to)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "lowerdir=%s%s", lower, options);
	return chdir(w->dir.path) == 0 && (mkdir(to, 0755) == 0 || errno == EEXIST) &&
	       mount("overlay", to, "overlay", 0, text) == 0;
}

/* All but the times of directories, which nobody set. */
#define SEEN                                                                             \
	"find . -type d -printf '%P %y %m %U %G %n\\n' -o -printf '%P %y %m %U %G %T@ "  \
	"%l %n\\n' | sort; find . -type f | sort | xargs sha256sum"

/* What a container changes, packed and unpacked, over the same layer below: the same is seen. */
static bool a_layer_of_changes_shows_what_the_container_saw(void)
{
	auto_world struct world w;
	auto_buf struct buf out = {};
	struct layer_packed packed;
	struct layer_unpack request;
	auto_close int upper_fd = -1, layer_fd = -1, file_fd = -1;
	int r;

	/* overlayfs takes no other as its upper directory than one that has attributes. */
	if (!CHECK(world_make(&w)) || !CHECK(mount("tmpfs", w.dir.path, "tmpfs", 0, NULL) == 0) ||
	    !CHECK(chdir(w.dir.path) == 0) ||
	    !CHECK(run("cd @ && mkdir root upper work layer && cd root && mkdir -p etc/old keep &&"
		       "echo a >etc/passwd && echo b >etc/old/f && echo c >keep/f &&"
		       "ln keep/f hard && ln -s keep link && echo d >file", &w, NULL)) ||
	    !CHECK(overlay(&w, "root", ",upperdir=upper,workdir=work", "merged")) ||
	    !CHECK(run("cd @/merged && rm -r etc/old && mkdir etc/old && echo new >etc/old/g &&"
		       "rm link && mkdir link && echo x >link/f && chmod 4711 keep/f &&"
		       "rm file && echo 2 >>etc/passwd && mkdir -p deep/er && echo y >deep/er/f &&"
		       "ln deep/er/f deep/hard && chown 7:8 keep && rm -r keep && ln -s etc keep",
		       &w, NULL)) ||
	    !CHECK(run("cd @/merged && { " SEEN "; } >@/seen", &w, NULL)))
		return false;
	upper_fd = open("upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	layer_fd = open("layer", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!CHECK(pack_dir(upper_fd, -1, &out, &packed, &w.err) == 0))
		return false;
	file_fd = packed_file(&out);
	request = world_request(&w, file_fd, 0);
	request.root_fd = layer_fd;
	r = layer_unpack_here(&request, &w.facts, &w.err);
	return CHECK(r == 0) && CHECK(overlay(&w, "layer:root", "", "again")) &&
	       CHECK(run("cd @/again && { " SEEN "; } | diff @/seen -", &w, NULL));
}

/* ------------------------------------------------------------------------------- the rest */

static bool the_order_of_the_file_system_does_not_matter(void)
{
	static const char *const names[] = { "b", "a", "B", "a.", "a-", "ab", "\xff", "0" };
	const size_t n = sizeof(names) / sizeof(*names);
	auto_world struct world w, other;
	auto_buf struct buf out = {}, again = {};
	struct layer_packed packed;

	if (!CHECK(world_make(&w)) || !CHECK(world_make(&other)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!CHECK(tmpdir_put(w.root_fd, names[i], "x")) ||
		    !CHECK(tmpdir_put(other.root_fd, names[n - 1 - i], "x")))
			return false;
	return CHECK(pack_dir(w.root_fd, 1000, &out, &packed, &w.err) == 0) &&
	       CHECK(pack_dir(other.root_fd, 1000, &again, &packed, &w.err) == 0) &&
	       CHECK(out.len == again.len) && CHECK(memcmp(out.data, again.data, out.len) == 0) &&
	       is_list(&out, "0 0 1\n0 B 1\n0 a 1\n0 a- 1\n0 a. 1\n0 ab 1\n0 b 1\n0 \xff 1\n");
}

static bool times_can_be_limited(void)
{
	auto_world struct world w;
	auto_buf struct buf out = {};
	struct layer_packed packed;

	return CHECK(world_make(&w)) && CHECK(tmpdir_put(w.root_fd, "new", "")) &&
	       CHECK(tmpdir_put(w.root_fd, "old", "")) &&
	       CHECK(utimensat(w.root_fd, "old", (struct timespec[2]){ { 5, 0 }, { 5, 0 } }, 0) ==
		     0) &&
	       CHECK(pack_dir(w.root_fd, 01000, &out, &packed, &w.err) == 0) &&
	       CHECK_STR(out.data + 136, "00000001000") &&
	       CHECK_STR(out.data + 512 + 136, "00000000005");
}

static bool names_like_a_whiteouts_are_refused(void)
{
	static const char *const names[] = { ".wh.passwd", ".wh..wh..opq", ".wh." };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		auto_world struct world w;
		char message[128];

		(void)snprintf(message, sizeof(message),
			       "pack '/d/%s': a name like this says in a layer that something is "
			       "removed", names[i]);
		if (!CHECK(world_make(&w)) || !CHECK(mkdirat(w.root_fd, "d", 0755) == 0) ||
		    !CHECK(fchdir(w.root_fd) == 0) || !CHECK(chdir("d") == 0) ||
		    !CHECK(tmpdir_put(AT_FDCWD, names[i], "x")) || !refuses(&w, EINVAL, message))
			return false;
	}
	return CHECK(chdir("/") == 0);
}

static bool links_and_fifos_are_not_followed_and_sockets_left_out(void)
{
	auto_world struct world w;
	auto_buf struct buf out = {};
	struct layer_packed packed;

	return CHECK(world_make(&w)) && CHECK(symlinkat("../outside", w.root_fd, "dir") == 0) &&
	       CHECK(symlinkat("../outside/canary", w.root_fd, "file") == 0) &&
	       CHECK(mkfifoat(w.root_fd, "pipe", 0644) == 0) &&
	       CHECK(mknodat(w.root_fd, "socket", S_IFSOCK | 0644, 0) == 0) &&
	       packs(&w, &out, &packed) && CHECK(packed.left_out == 1) &&
	       CHECK(!memmem(out.data, out.len, CANARY, strlen(CANARY))) &&
	       CHECK(!memmem(out.data, out.len, "socket", 6));
}

/* A name outside of the tree is none in the layer. */
static bool only_names_in_the_tree_are_linked(void)
{
	auto_world struct world w;
	auto_buf struct buf out = {};
	struct layer_packed packed;

	return CHECK(world_make(&w)) && CHECK(tmpdir_put(w.root_fd, "b", "x")) &&
	       CHECK(linkat(w.root_fd, "b", w.root_fd, "a", 0) == 0) &&
	       CHECK(linkat(w.root_fd, "b", w.dir.fd, "elsewhere", 0) == 0) &&
	       CHECK(tmpdir_put(w.root_fd, "c", "x")) &&
	       CHECK(linkat(w.root_fd, "c", w.dir.fd, "there", 0) == 0) &&
	       CHECK(pack_dir(w.root_fd, 5, &out, &packed, &w.err) == 0) &&
	       is_list(&out, "0 a 1\n1 b -> a 0\n0 c 1\n");
}

static bool labels_of_the_host_stay_there(void)
{
	auto_world struct world w;
	auto_buf struct buf out = {};
	struct layer_packed packed;

	return CHECK(world_make(&w)) && CHECK(tmpdir_put(w.root_fd, "f", "x")) &&
	       CHECK(world_set_xattr(&w, "f", "security.selinux", "label")) &&
	       CHECK(pack_dir(w.root_fd, 5, &out, &packed, &w.err) == 0) &&
	       is_list(&out, "0 f 1\n");
}

/* One that counts in a user namespace only is one that counts, in the layer. */
static bool capabilities_lose_their_namespace(void)
{
	static const char owned[24] = { [3] = 3, [5] = 0x20, [22] = 1 };
	static const char plain[] = "57 SCHILY.xattr.security.capability=\0\0\0\2\0\x20";
	auto_world struct world w;
	auto_buf struct buf out = {};
	struct layer_packed packed;
	char path[512];

	if (!CHECK(world_make(&w)) || !CHECK(tmpdir_put(w.root_fd, "f", "x")))
		return false;
	(void)snprintf(path, sizeof(path), "%s/root/f", w.dir.path);
	return CHECK(setxattr(path, "security.capability", owned, sizeof(owned), 0) == 0) &&
	       CHECK(pack_dir(w.root_fd, 5, &out, &packed, &w.err) == 0) &&
	       CHECK(memmem(out.data, out.len, plain, sizeof(plain) - 1));
}

static bool what_can_not_be_unpacked_again_is_refused(void)
{
	auto_world struct world w;
	auto_buf struct buf out = {};
	struct layer_packed packed;
	int fd;
	bool ok;

	if (!CHECK(world_make(&w)))
		return false;
	fd = dup(w.root_fd);
	for (int i = 0; i < 257; i++) {
		int next = mkdirat(fd, "d", 0755) == 0
				   ? openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

		(void)close(fd);
		fd = next;
	}
	ok = CHECK(pack_dir(w.root_fd, 5, &out, &packed, &w.err) == -ELOOP) &&
	     CHECK(strstr(w.err.msg, "nested more than 256 deep"));
	(void)close(fd);
	return ok;
}

static int fail(void *context, const void *bytes, size_t n, struct err *err)
{
	(void)context;
	(void)bytes;
	(void)n;
	return err_sys(err, ENOSPC, "write");
}

static bool an_output_that_fails_ends_it(void)
{
	auto_world struct world w;
	struct layer_packed packed;
	struct layer_pack request = { .max_mtime = -1, .output = { fail, NULL } };

	if (!CHECK(world_make(&w)) || !CHECK(tmpdir_put(w.root_fd, "f", "x")))
		return false;
	request.root_fd = w.root_fd;
	return CHECK(layer_pack(&request, &packed, &w.err) == -ENOSPC);
}

int main(void)
{
	if (geteuid() != 0) {
		SKIP(what_is_packed_unpacks_to_the_same, "needs root");
		return tap_done();
	}
	TEST(what_is_packed_unpacks_to_the_same);
	TEST(gnu_tar_unpacks_the_same);
	TEST(whiteouts_and_opaque_directories_get_their_names);
	TEST(what_overlayfs_keeps_elsewhere_is_refused);
	TEST_MOUNTS(a_layer_of_changes_shows_what_the_container_saw);
	TEST(the_order_of_the_file_system_does_not_matter);
	TEST(times_can_be_limited);
	TEST(names_like_a_whiteouts_are_refused);
	TEST(links_and_fifos_are_not_followed_and_sockets_left_out);
	TEST(only_names_in_the_tree_are_linked);
	TEST(labels_of_the_host_stay_there);
	TEST(capabilities_lose_their_namespace);
	TEST(what_can_not_be_unpacked_again_is_refused);
	TEST(an_output_that_fails_ends_it);
	return tap_done();
}
