/* SPDX-License-Identifier: Apache-2.0 */
#include "store/census.h"
#include "store/index.h"

#include "setup.h"

#include <sys/file.h>

static bool has(const struct oci_strings *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return true;
	return false;
}

static bool begin_download(struct setup *s, const struct digest *digest)
{
	auto_close int fd = -1;

	return CHECK(store_open_partial(&s->store, digest, &fd, &s->err) == 0) &&
	       CHECK(write(fd, "half", 4) == 4);
}

/* ------------------------------------------------------------------------------- claims */

static bool what_lies_on_a_shelf_is_told_from_what_is_foreign(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct oci_strings blobs, foreign;
	struct digest hello = digest_of("hello");

	return setup(&s) && CHECK(store_add_blob(&s.store, &hello, "hello", 5, &s.err) == 0) &&
	       CHECK(tmpdir_put(s.store.root_fd, "images/blobs/sha256/notes", "")) &&
	       CHECK(census_list(&s.store, CENSUS_BLOBS, &s.arena, &blobs, &foreign, &s.err) ==
		     0) &&
	       CHECK(blobs.n == 1) && CHECK_STR(blobs.v[0], hello.text) &&
	       CHECK(foreign.n == 1) && CHECK_STR(foreign.v[0], "images/blobs/sha256/notes") &&
	       CHECK(census_list(&s.store, CENSUS_LAYERS, &s.arena, &blobs, &foreign, &s.err) ==
		     0) &&
	       CHECK(blobs.n == 0) && CHECK(foreign.n == 0);
}

static bool a_download_that_somebody_goes_on_with_is_his(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct digest dead = digest_of("dead"), alive = digest_of("alive");
	struct oci_strings all, foreign, idle;
	auto_close int lock_fd = -1;

	return setup(&s) && begin_download(&s, &dead) && begin_download(&s, &alive) &&
	       CHECK(store_lock(&s.store, STORE_BLOB, alive.text, STORE_EXCLUSIVE, &lock_fd,
				&s.err) == 0) &&
	       CHECK(census_list(&s.store, CENSUS_DOWNLOADS, &s.arena, &all, &foreign, &s.err) ==
		     0) &&
	       CHECK(all.n == 2) &&
	       CHECK(census_idle_downloads(&s.store, &all, true, &s.arena, &idle, &s.err) == 0) &&
	       CHECK(idle.n == 1) && CHECK(has(&idle, dead.text)) &&
	       CHECK(census_list(&s.store, CENSUS_DOWNLOADS, &s.arena, &all, &foreign, &s.err) ==
		     0) &&
	       CHECK(all.n == 1) && CHECK(has(&all, alive.text));
}

static bool what_somebody_stages_is_his(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct store_stage mine = STORE_STAGE_NONE;
	struct oci_strings idle;
	bool ok;

	if (!setup(&s) || !CHECK(store_stage_layer(&s.store, &mine, &s.err) == 0))
		return false;
	ok = CHECK(tmpdir_put(s.store.root_fd, "staging/0000000000000001", "dead")) &&
	     CHECK(census_idle_stages(&s.store, false, &s.arena, &idle, &s.err) == 0) &&
	     CHECK(idle.n == 1) && CHECK(is_there(&s, "staging/0000000000000001")) &&
	     CHECK(census_idle_stages(&s.store, true, &s.arena, &idle, &s.err) == 0) &&
	     CHECK(idle.n == 1) && CHECK(!is_there(&s, "staging/0000000000000001")) &&
	     CHECK(faccessat(mine.dir_fd, "fs", F_OK, 0) == 0);
	store_drop_stage(&s.store, &mine);
	return ok;
}

static bool a_lock_stays_while_it_is_held_or_stands_for_something(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	struct digest hello = digest_of("hello");
	auto_close int hello_fd = -1, held_fd = -1, idle_fd = -1;
	size_t n = 0;

	if (!setup(&s) || !CHECK(store_add_blob(&s.store, &hello, "hello", 5, &s.err) == 0) ||
	    !CHECK(store_lock(&s.store, STORE_BLOB, hello.text, STORE_SHARED, &hello_fd,
			      &s.err) == 0) ||
	    !CHECK(store_lock(&s.store, STORE_REFERENCE, "a/held:1", STORE_SHARED, &held_fd,
			      &s.err) == 0) ||
	    !CHECK(store_lock(&s.store, STORE_REFERENCE, "a/idle:1", STORE_SHARED, &idle_fd,
			      &s.err) == 0))
		return false;
	closep(&hello_fd);
	closep(&idle_fd);
	hello_fd = idle_fd = -1;
	return CHECK(census_idle_locks(&s.store, true, &n, &s.err) == 0) && CHECK(n == 1) &&
	       CHECK(!is_there(&s, "locks/reference-a+idle:1")) &&
	       CHECK(is_there(&s, "locks/reference-a+held:1")) &&
	       CHECK(is_there(&s, arena_printf(&s.arena, "locks/blob-%s", hello.text)));
}

static bool an_index_that_is_out_of_date_is_told(void)
{
	auto_setup struct setup s = { .store = STORE_NONE };
	auto_close int lock_fd = -1, fd = -1;

	if (!setup(&s) || !CHECK(index_lock(&s.store, &lock_fd, &s.err) == 0) ||
	    !CHECK(index_prove(&s.store, &s.arena, &s.err) == 0) ||
	    !CHECK(index_write(&s.store, &s.arena, &s.err) == 0) ||
	    !CHECK(index_prove(&s.store, &s.arena, &s.err) == 0))
		return false;
	fd = openat(s.store.root_fd, "images/index.json", O_WRONLY | O_APPEND | O_CLOEXEC);
	return CHECK(write(fd, " ", 1) == 1) &&
	       CHECK(index_prove(&s.store, &s.arena, &s.err) == -EBADMSG) &&
	       CHECK(index_write(&s.store, &s.arena, &s.err) == 0) &&
	       CHECK(index_prove(&s.store, &s.arena, &s.err) == 0);
}

int main(void)
{
	TEST(what_lies_on_a_shelf_is_told_from_what_is_foreign);
	TEST(a_download_that_somebody_goes_on_with_is_his);
	TEST(what_somebody_stages_is_his);
	TEST(a_lock_stays_while_it_is_held_or_stands_for_something);
	TEST(an_index_that_is_out_of_date_is_told);
	return tap_done();
}
