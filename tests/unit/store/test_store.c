/* SPDX-License-Identifier: Apache-2.0 */
#include "store/search.h"

#include "child.h"
#include "setup.h"

#include <signal.h>
#include <sys/file.h>

static bool add(struct setup *s, const char *text, struct digest *ret)
{
	*ret = digest_of(text);
	return CHECK(store_add_blob(&s->store, ret, text, strlen(text), &s->err) == 0);
}

static bool add_layer(struct setup *s, const char *name)
{
	struct store_stage stage = STORE_STAGE_NONE;
	struct digest diff_id = digest_of(name);
	struct measure seen = {};
	struct store_layer layer = {
		.diff_id_text = diff_id.text,
		.tar_bytes = 10240,
		.max_id = 1000,
		.max_id_path = (char *)"home/user",
	};
	bool ok = CHECK(store_stage_layer(&s->store, &stage, &s->err) == 0) &&
		  CHECK(tmpdir_put(stage.fs_fd, name, "content")) &&
		  CHECK(measure_dir(stage.fs_fd, &seen) == 0) &&
		  CHECK(store_keep_layer(&s->store, &stage, &diff_id, &layer, &seen, &s->err) ==
			0);

	store_drop_stage(&s->store, &stage);
	return ok;
}

/* An image of two layers: one that all have, and `own`. */
static bool add_image(struct setup *s, const char *reference, const char *own,
		      struct store_image *ret)
{
	struct digest blobs[2], diff_ids[2] = { digest_of("common"), digest_of(own) };

	*ret = (struct store_image){
		.reference = arena_strdup(&s->arena, reference),
		.media_type = (char *)"application/vnd.oci.image.manifest.v1+json",
		.manifest_bytes = 7,
	};
	if (!add_layer(s, "common") || !add_layer(s, own) ||
	    !add(s, arena_printf(&s->arena, "manifest of %s", own), &ret->manifest) ||
	    !add(s, arena_printf(&s->arena, "config of %s", own), &ret->config) ||
	    !add(s, "blob of common", &blobs[0]) ||
	    !add(s, arena_printf(&s->arena, "blob of %s", own), &blobs[1]))
		return false;
	for (size_t i = 0; i < 2; i++) {
		char **v = arena_array(&s->arena, char *, 3);
		struct oci_strings *list = i ? &ret->blob_texts : &ret->layer_texts;
		const struct digest *of = i ? blobs : diff_ids;

		v[0] = arena_strdup(&s->arena, of[0].text);
		v[1] = arena_strdup(&s->arena, of[1].text);
		*list = (struct oci_strings){ v, 2 };
	}
	store_image_fill(ret, &s->arena);
	return CHECK(store_tag(&s->store, ret, &s->arena, &s->err) == 0);
}

/* "a b c": the references of all. */
static char *references(struct setup *s)
{
	struct store_image **list = NULL;
	size_t n = 0;
	char *all = arena_strdup(&s->arena, "");

	if (!CHECK(store_list(&s->store, &s->arena, &list, &n, &s->err) == 0))
		return all;
	for (size_t i = 0; i < n; i++)
		all = arena_printf(&s->arena, "%s%s%.20s", all, i ? " " : "", list[i]->reference);
	return all;
}

/* ------------------------------------------------------------------------------- claims */

static bool a_store_that_is_not_there_is_empty(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct digest none = digest_of("none");
	int fd = -1;

	tmpdir_make(&s.dir);
	(void)snprintf(s.root, sizeof(s.root), "%s/none", s.dir.path);
	return CHECK(store_open(s.root, false, &s.store, &s.err) == 0) &&
	       CHECK_STR(references(&s), "") && CHECK(!store_has_blob(&s.store, &none)) &&
	       CHECK(store_open_blob(&s.store, &none, &fd, NULL, &s.err) == -ENOENT) &&
	       CHECK(s.err.kind == ERR_NOT_FOUND) &&
	       CHECK(store_open_layer(&s.store, &none, NULL, NULL, NULL, &s.err) == -ENOENT) &&
	       CHECK(store_find(&s.store, "a:b", &s.arena, NULL, &s.err) == -ENOENT);
}

static bool a_blob_is_fetched_and_then_kept(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	auto_buf struct buf text = {};
	struct digest digest = digest_of("hello");
	auto_close int fd = -1, again_fd = -1;
	uint64_t bytes = 0;

	return setup(&s) &&
	       CHECK(store_open_partial(&s.store, &digest, &fd, &s.err) == 0) &&
	       CHECK(write(fd, "hel", 3) == 3) &&
	       CHECK(!store_has_blob(&s.store, &digest)) &&
	       CHECK(store_open_partial(&s.store, &digest, &again_fd, &s.err) == 0) &&
	       CHECK(lseek(again_fd, 0, SEEK_END) == 3) && CHECK(write(again_fd, "lo", 2) == 2) &&
	       CHECK(store_keep_partial(&s.store, &digest, again_fd, &s.err) == 0) &&
	       CHECK(store_read_blob(&s.store, &digest, 5, &text, &s.err) == 0) &&
	       CHECK_STR(buf_str(&text), "hello") &&
	       CHECK(is_there(&s, arena_printf(&s.arena, "images/blobs/sha256/%s",
					       digest_hex(&digest)))) &&
	       CHECK(is_there(&s, "images/oci-layout")) &&
	       CHECK((closep(&fd), fd = -1, store_open_blob(&s.store, &digest, &fd, &bytes,
							    &s.err)) == 0) &&
	       CHECK(bytes == 5);
}

static bool a_layer_keeps_what_is_known_of_it(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct digest diff_id = digest_of("base");
	struct store_layer *layer = NULL;
	auto_close int fs_fd = -1;

	return setup(&s) && add_layer(&s, "base") && CHECK(store_has_layer(&s.store, &diff_id)) &&
	       CHECK(store_open_layer(&s.store, &diff_id, &s.arena, &fs_fd, &layer, &s.err) ==
		     0) &&
	       CHECK(faccessat(fs_fd, "base", F_OK, 0) == 0) &&
	       CHECK_STR(layer->diff_id_text, diff_id.text) && CHECK(layer->max_id == 1000) &&
	       CHECK_STR(layer->max_id_path, "home/user") && CHECK(layer->tar_bytes == 10240);
}

static unsigned count_staged(const struct setup *s)
{
	char path[512];
	FILE *out;
	unsigned n = 0;

	(void)snprintf(path, sizeof(path), "ls '%s/staging' | wc -l", s->root);
	out = popen(path, "r");
	if (out && fscanf(out, "%u", &n) != 1)
		n = 1000;
	if (out)
		(void)pclose(out);
	return n;
}

/* Who is killed while he makes a layer leaves it in staging/ until the next one makes one. */
static bool what_a_dead_one_staged_is_swept_away(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct store_stage mine = STORE_STAGE_NONE, next = STORE_STAGE_NONE;
	pid_t pid;
	bool ok;

	if (!setup(&s) || !CHECK(store_stage_layer(&s.store, &mine, &s.err) == 0))
		return false;
	pid = fork();
	if (pid == 0) {
		struct store_stage stage;

		_exit(store_stage_layer(&s.store, &stage, &s.err) < 0 ||
		      !tmpdir_put(stage.fs_fd, "half", "ha"));
	}
	ok = CHECK(waitpid(pid, NULL, 0) == pid) && CHECK(count_staged(&s) == 2) &&
	     CHECK(store_stage_layer(&s.store, &next, &s.err) == 0) &&
	     CHECK(count_staged(&s) == 2) && CHECK(faccessat(mine.dir_fd, "fs", F_OK, 0) == 0);
	store_drop_stage(&s.store, &mine);
	store_drop_stage(&s.store, &next);
	return ok && CHECK(count_staged(&s) == 0);
}

/* A file too, and whoever writes the next one does it; one that somebody holds is his. */
static bool what_a_dead_one_wrote_is_swept_away(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	auto_close int held_fd = -1;
	struct digest hello;

	if (!setup(&s) ||
	    !CHECK(tmpdir_put(s.store.root_fd, "staging/0000000000000001", "dead")) ||
	    !CHECK(tmpdir_put(s.store.root_fd, "staging/0000000000000002", "alive")))
		return false;
	held_fd = openat(s.store.root_fd, "staging/0000000000000002", O_RDONLY | O_CLOEXEC);
	return CHECK(held_fd >= 0) && CHECK(flock(held_fd, LOCK_EX) == 0) &&
	       add(&s, "hello", &hello) && CHECK(count_staged(&s) == 1) &&
	       CHECK(is_there(&s, "staging/0000000000000002"));
}

static bool a_layer_that_was_changed_is_told_from_what_it_was(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct digest a = digest_of("a"), none = digest_of("none");
	const char *file;

	if (!setup(&s) || !add_layer(&s, "a"))
		return false;
	file = arena_printf(&s.arena, "layers/sha256/%s/fs/a", digest_hex(&a));
	return CHECK(store_prove_layer(&s.store, &a, &s.err) == 0) &&
	       CHECK(store_prove_layer(&s.store, &none, &s.err) == -ENOENT) &&
	       CHECK(fchmodat(s.store.root_fd, file, 0600, 0) == 0) &&
	       CHECK(store_prove_layer(&s.store, &a, &s.err) == -EBADMSG) &&
	       CHECK_STR(s.err.msg, "names, owners, modes or times in it are not what they were") &&
	       CHECK(unlinkat(s.store.root_fd, file, 0) == 0) &&
	       CHECK(store_prove_layer(&s.store, &a, &s.err) == -EBADMSG) &&
	       CHECK_STR(s.err.msg, "it has 0 files and directories, and had 1");
}

static bool a_lock_is_one_persons_or_many_peoples(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	auto_close int a_fd = -1, b_fd = -1, c_fd = -1;

	return setup(&s) &&
	       CHECK(store_lock(&s.store, STORE_BLOB, "x", STORE_SHARED, &a_fd, &s.err) == 0) &&
	       CHECK(store_lock(&s.store, STORE_BLOB, "x", STORE_SHARED, &b_fd, &s.err) == 0) &&
	       CHECK(store_lock(&s.store, STORE_BLOB, "x", STORE_TRY, &c_fd, &s.err) ==
		     -EWOULDBLOCK) &&
	       CHECK(store_lock(&s.store, STORE_LAYER, "x", STORE_TRY, &c_fd, &s.err) == 0);
}

/* Who waited for a lock whose file was removed meanwhile takes the new one. */
static bool a_lock_that_was_removed_is_nobodys(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	auto_close int old_fd = -1, new_fd = -1, third_fd = -1;

	if (!setup(&s) ||
	    !CHECK(store_lock(&s.store, STORE_BLOB, "x", STORE_EXCLUSIVE, &old_fd, &s.err) == 0))
		return false;
	store_drop_lock(&s.store, STORE_BLOB, "x");
	return CHECK(store_lock(&s.store, STORE_BLOB, "x", STORE_TRY, &new_fd, &s.err) == 0) &&
	       CHECK(store_lock(&s.store, STORE_BLOB, "x", STORE_TRY, &third_fd, &s.err) ==
		     -EWOULDBLOCK);
}

static bool a_reference_is_found_and_taken_away(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct store_image image, *found = NULL;

	return setup(&s) && add_image(&s, "docker.io/library/a:1", "a", &image) &&
	       CHECK(store_find(&s.store, "docker.io/library/a:1", &s.arena, &found, &s.err) ==
		     0) &&
	       CHECK(digest_is_equal(&found->config, &image.config)) &&
	       CHECK(found->layer_texts.n == 2) &&
	       CHECK(store_untag(&s.store, "docker.io/library/a:1", &s.err) == 0) &&
	       CHECK(store_untag(&s.store, "docker.io/library/a:1", &s.err) == -ENOENT) &&
	       CHECK_STR(s.err.msg, "there is no image 'docker.io/library/a:1'") &&
	       CHECK_STR(references(&s), "");
}

static bool an_image_that_lost_its_name_is_listed(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct store_image old, new;
	const char *both;

	if (!setup(&s) || !add_image(&s, "host/a:1", "old", &old) ||
	    !add_image(&s, "host/a:1", "new", &new))
		return false;
	both = arena_printf(&s.arena, "@%.19s host/a:1", old.manifest.text);
	if (!CHECK_STR(references(&s), both))
		return false;
	/* once more with a name of its own, it needs no other */
	old.reference = (char *)"host/b:1";
	return CHECK(store_tag(&s.store, &old, &s.arena, &s.err) == 0) &&
	       CHECK_STR(references(&s), "host/a:1 host/b:1") &&
	       add_image(&s, "host/b:1", "old", &old) &&
	       CHECK_STR(references(&s), "host/a:1 host/b:1");
}

static bool the_index_says_what_the_references_say(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	auto_buf struct buf text = {};
	auto_close int fd = -1;
	struct store_image image;
	const char *want;

	if (!setup(&s) || !add_image(&s, "host/a:1", "a", &image))
		return false;
	fd = openat(s.store.root_fd, "images/index.json", O_RDONLY | O_CLOEXEC);
	want = arena_printf(&s.arena,
			    "{\"schemaVersion\":2,\"mediaType\":"
			    "\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
			    "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
			    "\"digest\":\"%s\",\"size\":7,\"annotations\":"
			    "{\"org.opencontainers.image.ref.name\":\"host/a:1\"}}]}",
			    image.manifest.text);
	return CHECK(buf_read_fd(&text, fd, 4096, "index.json", &s.err) == 0) &&
	       CHECK_STR(buf_str(&text), want);
}

static bool a_name_that_is_too_long_is_refused(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	char name[400] = "host/";

	memset(name + 5, 'a', 300);
	return setup(&s) &&
	       CHECK(store_find(&s.store, name, &s.arena, NULL, &s.err) == -ENAMETOOLONG) &&
	       CHECK(s.err.kind == ERR_USAGE);
}

/* ------------------------------------------------------------------------------- collection */

static int find_kept(void *data, struct arena *arena, struct oci_strings *ret, struct err *err)
{
	(void)arena;
	(void)err;
	*ret = *(struct oci_strings *)data;
	return 0;
}

static bool collect(struct setup *s, const struct store_image *image, struct oci_strings *kept,
		    size_t layers, size_t blobs)
{
	const struct store_keep keep = { find_kept, kept };
	struct store_collected gone;

	return CHECK(store_untag(&s->store, image->reference, &s->err) == 0) &&
	       CHECK(store_collect(&s->store, image, &keep, &s->arena, &gone, &s->err) == 0) &&
	       CHECK(gone.layers.n == layers) && CHECK(gone.blobs.n == blobs);
}

static bool a_name_is_found_without_the_others(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct store_image one, other;
	struct store_found found;

	return setup(&s) && add_image(&s, "docker.io/library/a:latest", "one", &one) &&
	       add_image(&s, "localhost/b:2", "other", &other) &&
	       CHECK(store_search_one(&s.store, "a", &s.arena, &found, &s.err) == 0) &&
	       CHECK_STR(found.name, "docker.io/library/a:latest") && CHECK(found.n_names == 0) &&
	       CHECK(store_search_one(&s.store, "b:2", &s.arena, &found, &s.err) == 0) &&
	       CHECK_STR(found.name, "localhost/b:2") && CHECK(found.n_names == 0) &&
	       CHECK(store_search_one(&s.store, digest_hex(&one.config), &s.arena, &found,
				      &s.err) == 0) &&
	       CHECK(digest_is_equal(&found.image->manifest, &one.manifest)) &&
	       CHECK(store_search_one(&s.store, "c", &s.arena, &found, &s.err) == -ENOENT);
}

static bool what_another_image_has_is_not_collected(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct digest common = digest_of("common"), own = digest_of("a");
	struct oci_strings none = {};
	struct store_image a, b;

	return setup(&s) && add_image(&s, "host/a:1", "a", &a) &&
	       add_image(&s, "host/b:1", "b", &b) && collect(&s, &a, &none, 1, 3) &&
	       CHECK(store_has_layer(&s.store, &common)) &&
	       CHECK(!store_has_layer(&s.store, &own)) &&
	       CHECK(!store_has_blob(&s.store, &a.config)) &&
	       CHECK(store_has_blob(&s.store, &b.config)) && collect(&s, &b, &none, 2, 4) &&
	       CHECK(!store_has_layer(&s.store, &common)) && CHECK(count_staged(&s) == 0);
}

static bool what_somebody_counts_on_is_not_collected(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct digest common = digest_of("common"), own = digest_of("a");
	char *kept[] = { own.text, NULL };
	struct oci_strings keep = { kept, 1 };
	auto_close int lock_fd = -1;
	struct store_image a;

	return setup(&s) && add_image(&s, "host/a:1", "a", &a) &&
	       CHECK(store_lock(&s.store, STORE_LAYER, common.text, STORE_SHARED, &lock_fd,
				&s.err) == 0) &&
	       collect(&s, &a, &keep, 0, 4) && CHECK(store_has_layer(&s.store, &common)) &&
	       CHECK(store_has_layer(&s.store, &own)) &&
	       CHECK(!store_has_blob(&s.store, &a.config));
}

static bool a_blob_without_a_digest_waits_in_a_stage(void)
{
	struct store_stage stage = STORE_STAGE_NONE, dropped = STORE_STAGE_NONE;
	struct digest digest = digest_of("bytes");
	auto_setup struct setup s = {};
	auto_close int fd = -1, dropped_fd = -1;
	bool ok = setup(&s) && CHECK(store_stage_layer(&s.store, &stage, &s.err) == 0) &&
		  CHECK(store_stage_blob(&stage, &fd, &s.err) == 0) &&
		  CHECK(write(fd, "bytes", 5) == 5) &&
		  CHECK(store_keep_blob(&s.store, &stage, fd, &digest, &s.err) == 0) &&
		  CHECK(store_has_blob(&s.store, &digest)) &&
		  CHECK(store_stage_layer(&s.store, &dropped, &s.err) == 0) &&
		  CHECK(store_stage_blob(&dropped, &dropped_fd, &s.err) == 0);

	store_drop_stage(&s.store, &stage);
	store_drop_stage(&s.store, &dropped);
	return ok && CHECK(unlinkat(s.store.root_fd, "staging", AT_REMOVEDIR) == 0);
}

int main(void)
{
	TEST(a_store_that_is_not_there_is_empty);
	TEST(a_blob_is_fetched_and_then_kept);
	TEST(a_layer_keeps_what_is_known_of_it);
	TEST(what_a_dead_one_staged_is_swept_away);
	TEST(what_a_dead_one_wrote_is_swept_away);
	TEST(a_layer_that_was_changed_is_told_from_what_it_was);
	TEST(a_blob_without_a_digest_waits_in_a_stage);
	TEST(a_lock_is_one_persons_or_many_peoples);
	TEST(a_lock_that_was_removed_is_nobodys);
	TEST(a_reference_is_found_and_taken_away);
	TEST(an_image_that_lost_its_name_is_listed);
	TEST(the_index_says_what_the_references_say);
	TEST(a_name_that_is_too_long_is_refused);
	TEST(a_name_is_found_without_the_others);
	TEST(what_another_image_has_is_not_collected);
	TEST(what_somebody_counts_on_is_not_collected);
	return tap_done();
}
