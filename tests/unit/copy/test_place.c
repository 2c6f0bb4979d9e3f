/* SPDX-License-Identifier: Apache-2.0 */
#include "copies.h"

/* In the container's root: a file, a directory with a file, links to both and to what is not. */
static bool fill(struct copies *c)
{
	return CHECK(copies_make(c)) && CHECK(tmpdir_put(c->root_fd, "file", "file")) &&
	       CHECK(mkdirat(c->root_fd, "dir", 0755) == 0) &&
	       CHECK(tmpdir_put(c->root_fd, "dir/in", "in")) &&
	       CHECK(mkdirat(c->root_fd, "to", 0755) == 0) &&
	       CHECK(tmpdir_put(c->root_fd, "to/file", "old")) &&
	       CHECK(symlinkat("/to", c->root_fd, "link") == 0) &&
	       CHECK(symlinkat("to/../to/file", c->root_fd, "filelink") == 0) &&
	       CHECK(symlinkat("/to/new", c->root_fd, "dangling") == 0) &&
	       CHECK(symlinkat("loop", c->root_fd, "loop") == 0) &&
	       CHECK(mkfifoat(c->root_fd, "fifo", 0600) == 0);
}

/* What docker's manual says of a source and a target, and where the copy then is. */
static const struct rule {
	const char *from, *to, *found, *text; /* found: NULL where it is refused: */
	int no;
} rules[] = {
	{ "/file", "/to/new", "to/new", "file" },
	{ "/file", "/to/new/", NULL, NULL, -ENOENT },
	{ "/file", "/no/new", NULL, NULL, -ENOENT },
	{ "/file", "/to/file", "to/file", "file" },
	{ "/file", "/to/file/", NULL, NULL, -ENOTDIR },
	{ "/file", "/dir", "dir/file", "file" },
	{ "/file", "/dir/", "dir/file", "file" },
	{ "/file", "/dir/.", "dir/file", "file" },
	{ "/file", "/", "file", "file" },
	{ "/file", "/link", "to/file", "file" },
	{ "/file", "/filelink", "to/file", "file" },
	{ "/file", "/dangling", "to/new", "file" },
	{ "/file", "/loop", NULL, NULL, -ELOOP },
	{ "/file", "/fifo", NULL, NULL, -EINVAL },
	{ "/file/", "/to", NULL, NULL, -ENOTDIR },
	{ "/file/.", "/to", NULL, NULL, -ENOTDIR },
	{ "/none", "/to", NULL, NULL, -ENOENT },
	{ "", "/to", NULL, NULL, -ENOENT },
	{ "/dir", "/to/new", "to/new/in", "in" },
	{ "/dir", "/to/new/", "to/new/in", "in" },
	{ "/dir/", "/to/new", "to/new/in", "in" },
	{ "/dir/.", "/to/new", "to/new/in", "in" },
	{ "/dir", "/no/new", NULL, NULL, -ENOENT },
	{ "/dir", "/to/file", NULL, NULL, -ENOTDIR },
	{ "/dir/.", "/to/file", NULL, NULL, -ENOTDIR },
	{ "/dir", "/to", "to/dir/in", "in" },
	{ "/dir/", "/to", "to/dir/in", "in" },
	{ "/dir/.", "/to", "to/in", "in" },
	{ "/dir/./", "/to/", "to/in", "in" },
	{ "/dir/../dir/.", "/link/", "to/in", "in" },
	{ "/../../dir", "/to", "to/dir/in", "in" },
	{ "dir", "to", "to/dir/in", "in" },
	{ "/link/", "/dir", "dir/link/file", "old" },
	{ "/link/.", "/dir", "dir/file", "old" },
	{ "/dir", "/dir", NULL, NULL, -EINVAL },
};

static bool is_right(const struct rule *rule)
{
	auto_copies struct copies c;
	int r;

	if (!fill(&c))
		return false;
	r = copies_copy(&c, rule->from, rule->to, false);
	if (!rule->found)
		return CHECK(r == rule->no) && CHECK(*c.err.msg);
	return CHECK(r == 0) && CHECK(copies_has(c.root_fd, rule->found, rule->text));
}

static bool dockers_rules_hold(void)
{
	bool ok = true;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!is_right(&rules[i])) {
			printf("# from '%s' to '%s'\n", rules[i].from, rules[i].to);
			ok = false;
		}
	return ok;
}

static bool a_link_is_copied_as_one(void)
{
	auto_copies struct copies c;
	char target[8] = "";

	return fill(&c) && CHECK(copies_copy(&c, "/link", "/dir", false) == 0) &&
	       CHECK(readlinkat(c.root_fd, "dir/link", target, sizeof(target) - 1) == 3) &&
	       CHECK_STR(target, "/to");
}

static bool a_followed_link_keeps_its_name(void)
{
	auto_copies struct copies c;
	auto_copy_place struct copy_place place = COPY_PLACE_NONE;
	char name[NAME_MAX + 1];

	return fill(&c) &&
	       CHECK(copy_find_source(&c.root, "/filelink", true, &place, name, &c.err) == 0) &&
	       CHECK(S_ISREG(place.st.st_mode)) && CHECK_STR(name, "filelink") &&
	       CHECK_STR(place.name, "file");
}

static bool overwrite_replaces_either_kind(void)
{
	auto_copies struct copies c;

	return fill(&c) && CHECK(copies_copy(&c, "/dir", "/to/file", true) == 0) &&
	       CHECK(copies_has(c.root_fd, "to/file/in", "in")) &&
	       CHECK(copies_copy(&c, "/file", "/to", false) == -EISDIR) &&
	       CHECK(copies_copy(&c, "/file", "/to", true) == 0) &&
	       CHECK(copies_has(c.root_fd, "to/file", "file"));
}

/* What a container's links say is said of its own root. */
static bool links_lead_nowhere_else(void)
{
	auto_copies struct copies c;
	char path[PATH_MAX];

	if (!fill(&c))
		return false;
	(void)snprintf(path, sizeof(path), "%s/outside", c.dir.path);
	return CHECK(symlinkat(path, c.root_fd, "absolute") == 0) &&
	       CHECK(symlinkat("../outside/new", c.root_fd, "relative") == 0) &&
	       CHECK(copies_copy(&c, "/file", "/absolute", false) == -ENOENT) &&
	       CHECK(copies_copy(&c, "/file", "/absolute/x", false) == -ENOENT) &&
	       CHECK(copies_copy(&c, "/file", "/relative", false) == -ENOENT) &&
	       CHECK(copies_copy(&c, "/absolute/", "/to", false) == -ENOENT) &&
	       CHECK(copies_lacks(c.out_fd, "x")) && CHECK(copies_lacks(c.out_fd, "new"));
}

int main(void)
{
	TEST(dockers_rules_hold);
	TEST(a_link_is_copied_as_one);
	TEST(a_followed_link_keeps_its_name);
	TEST(overwrite_replaces_either_kind);
	TEST(links_lead_nowhere_else);
	return tap_done();
}
