/* SPDX-License-Identifier: Apache-2.0 */
/* -v, --mount and --tmpfs: a line a word, with what it means or why it is refused. */
#include "engine/words.h"
#include "tap.h"

typedef int parse_fn(const char *word, struct arena *arena, struct config_mount *ret,
		     struct err *err);

/* "type source target option,option +" (+: the source is made), or the reason. */
static const char *meaning(parse_fn *parse, const char *word)
{
	static char line[1024];
	auto_arena struct arena arena = {};
	struct config_mount mount = {};
	struct err err = {};
	size_t len;

	if (parse(word, &arena, &mount, &err) < 0) {
		(void)snprintf(line, sizeof(line), "%s", err.msg);
		return err.kind == ERR_USAGE ? line : "not a usage error";
	}
	len = (size_t)snprintf(line, sizeof(line), "%s %s %s", mount.type,
			       mount.source ? mount.source : "-", mount.target);
	for (size_t i = 0; i < mount.options.n; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s", i ? "," : " ",
					mount.options.v[i]);
	if (mount.make_source)
		(void)snprintf(line + len, sizeof(line) - len, " +");
	return line;
}

#define VOLUME(word, want) CHECK_STR(meaning(volume_parse, word), want)
#define MOUNT(word, want) CHECK_STR(meaning(mount_parse, word), want)
#define TMPFS(word, want) CHECK_STR(meaning(tmpfs_parse, word), want)

/* ------------------------------------------------------------------------------- paths */

static const char *clean(const char *path)
{
	static char line[256];
	auto_arena struct arena arena = {};

	(void)snprintf(line, sizeof(line), "%s", path_clean(path, &arena));
	return line;
}

static bool paths_are_cleaned_by_their_letters(void)
{
	return CHECK_STR(clean("/"), "/") && CHECK_STR(clean("//"), "/") &&
	       CHECK_STR(clean("/a"), "/a") && CHECK_STR(clean("/a/"), "/a") &&
	       CHECK_STR(clean("//a///b//"), "/a/b") && CHECK_STR(clean("/a/./b/."), "/a/b") &&
	       CHECK_STR(clean("/a/../b"), "/b") && CHECK_STR(clean("/a/b/../.."), "/") &&
	       CHECK_STR(clean("/../../a"), "/a") && CHECK_STR(clean("/a/..."), "/a/...") &&
	       CHECK_STR(clean("/a/..b"), "/a/..b") && CHECK_STR(clean("/.a"), "/.a");
}

/* ------------------------------------------------------------------------------- -v */

static bool a_volume_is_a_bind(void)
{
	return VOLUME("/a:/b", "bind /a /b +") && VOLUME("/a:/b/", "bind /a /b +") &&
	       VOLUME("/a:/b:", "bind /a /b +") && VOLUME("/a:/b:rw", "bind /a /b +") &&
	       VOLUME("/a:/b:ro", "bind /a /b rro +") &&
	       VOLUME("/a:/b:ro,z,rslave", "bind /a /b rro,z,rslave +") &&
	       VOLUME("/a:/b:nosuid,nodev,noexec,bind", "bind /a /b nosuid,nodev,noexec,bind +") &&
	       VOLUME("/a:/b:cached", "bind /a /b +") &&
	       VOLUME("/a b/../c:/d e", "bind /a b/../c /d e +");
}

static bool a_volume_that_makes_no_sense_is_refused(void)
{
	return VOLUME("", "the source is missing") && VOLUME(":/b", "the source is missing") &&
	       VOLUME("/a", "volumes without a source are not there yet") &&
	       VOLUME("data:/b",
		      "'data' is no absolute path, and named volumes are not there yet") &&
	       VOLUME("../a:/b",
		      "'../a' is no absolute path, and named volumes are not there yet") &&
	       VOLUME("/a:", "the target '' is not absolute") &&
	       VOLUME("/a:b", "the target 'b' is not absolute") &&
	       VOLUME("/a:ro", "the target 'ro' is not absolute") &&
	       VOLUME("/a:/", "the target is the root filesystem") &&
	       VOLUME("/a:/b/..", "the target is the root filesystem");
}

static bool options_of_a_volume_are_known_and_do_not_contradict(void)
{
	return VOLUME("/a:/b:RO", "there is no option 'RO'") &&
	       VOLUME("/a:/b:ro:rw", "there is no option 'ro:rw'") &&
	       VOLUME("/a:/b:nocopy,idmap", "bind /a /b +") &&
	       VOLUME("/a:/b:,ro", "there is no option ''") &&
	       VOLUME("/a:/b:ro,", "an option is empty") &&
	       VOLUME("/a:/b:ro,,z", "there is no option ''") &&
	       VOLUME("/a:/b:ro,rw", "'rw' after an option that excludes it") &&
	       VOLUME("/a:/b:z,Z", "'Z' after an option that excludes it") &&
	       VOLUME("/a:/b:ro,ro", "'ro' after an option that excludes it") &&
	       VOLUME("/a:/b:shared,rslave", "'rslave' after an option that excludes it") &&
	       VOLUME("/a:/b:O", "the option 'O' is not there yet") &&
	       VOLUME("/a:/b:idmap=uids=0-1-10",
		      "the option 'idmap=uids=0-1-10' is not there yet") &&
	       VOLUME("/a:/b:size=1m", "there is no option 'size=1m'");
}

/* ------------------------------------------------------------------------------- --tmpfs */

static bool a_tmpfs_is_a_target_and_its_options(void)
{
	return TMPFS("/t", "tmpfs - /t") && TMPFS("/t/../u", "tmpfs - /u") &&
	       TMPFS("/t:", "tmpfs - /t") &&
	       TMPFS("/t:size=64k,mode=1770,exec", "tmpfs - /t size=64k,mode=1770,exec") &&
	       TMPFS("/t:mpol=bind:0-1,ro", "tmpfs - /t mpol=bind:0-1,ro") &&
	       TMPFS("", "the target '' is not absolute") &&
	       TMPFS("t", "the target 't' is not absolute") &&
	       TMPFS("/", "the target is the root filesystem") &&
	       TMPFS("/t:bind", "a tmpfs has no option 'bind'") &&
	       TMPFS("/t:size", "a tmpfs has no option 'size'") &&
	       TMPFS("/t:ro=1", "a tmpfs has no option 'ro=1'") &&
	       TMPFS("/t:lowerdir=/", "a tmpfs has no option 'lowerdir=/'") &&
	       TMPFS("/t:ro,,rw", "a tmpfs has no option ''");
}

/* ------------------------------------------------------------------------------- --mount */

static bool a_record_makes_a_bind(void)
{
	return MOUNT("type=bind,src=/a,dst=/b", "bind /a /b") &&
	       MOUNT("destination=/b,source=/a,type=bind", "bind /a /b") &&
	       MOUNT("type=bind,src=/a,target=/b,ro", "bind /a /b rro") &&
	       MOUNT("type=bind,src=/a,target=/b,readonly=true", "bind /a /b rro") &&
	       MOUNT("type=bind,src=/a,target=/b,readonly=0", "bind /a /b") &&
	       MOUNT("type=bind,src=/a,dst=/b,bind-propagation=rshared", "bind /a /b rshared") &&
	       MOUNT("type=bind,src=/a,dst=/b,bind-recursive=disabled,ro", "bind /a /b bind,rro") &&
	       MOUNT("type=bind,src=/a,dst=/b,bind-recursive=writable,ro", "bind /a /b ro") &&
	       MOUNT("type=bind,src=/a,dst=/b,bind-recursive=readonly,ro", "bind /a /b rro") &&
	       MOUNT("type=bind,src=/a,dst=/b,bind-nonrecursive", "bind /a /b bind") &&
	       MOUNT("type=bind,src=/a,dst=/b,bind-create-src", "bind /a /b +") &&
	       MOUNT("type=bind,src=/a,dst=/b,relabel=private", "bind /a /b Z") &&
	       MOUNT("type=bind,src=/a=b,dst=/b,consistency=cached", "bind /a=b /b");
}

static bool a_record_makes_a_tmpfs(void)
{
	return MOUNT("type=tmpfs,dst=/t", "tmpfs - /t") &&
	       MOUNT("type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1777,ro",
		     "tmpfs - /t size=1048576,mode=1777,ro") &&
	       MOUNT("type=tmpfs,src=/a,dst=/t", "a tmpfs has no source") &&
	       MOUNT("type=tmpfs,dst=/t,tmpfs-size=-1", "tmpfs-size: '-1' is not a size") &&
	       MOUNT("type=tmpfs,dst=/t,tmpfs-mode=9", "tmpfs-mode: '9' is no octal mode") &&
	       MOUNT("type=tmpfs,dst=/t,tmpfs-mode=", "tmpfs-mode: '' is no octal mode") &&
	       MOUNT("type=tmpfs,dst=/t,bind-propagation=slave",
		     "a tmpfs has no field of a bind") &&
	       MOUNT("type=bind,src=/a,dst=/t,tmpfs-mode=7", "a bind has no field of a tmpfs");
}

static bool fields_may_be_quoted(void)
{
	return MOUNT("type=bind,\"src=/a,b\",dst=/b", "bind /a,b /b") &&
	       MOUNT("\"type=bind\",src=/a,\"dst=/b\"\"c\"", "bind /a /b\"c") &&
	       MOUNT("type=bind,\"src=/a", "a quote is not closed") &&
	       MOUNT("type=bind,src=\"/a\",dst=/b", "a quote stands within a field") &&
	       MOUNT("\"type=bind\"x,src=/a,dst=/b", "a quote stands within a field");
}

static bool an_image_is_read_only_unless_asked_for(void)
{
	return MOUNT("type=image,source=box:1,destination=/b", "image box:1 /b ro") &&
	       MOUNT("type=image,src=box,dst=/b,ro", "image box /b ro") &&
	       MOUNT("type=image,src=box,dst=/b,rw=true", "image box /b") &&
	       MOUNT("type=image,src=box,dst=/b,readwrite", "image box /b") &&
	       MOUNT("type=image,src=box,dst=/b,rw=false", "image box /b ro") &&
	       MOUNT("type=image,src=box,dst=/b,subpath=etc", "image box /b ro") &&
	       MOUNT("type=image,src=box,dst=/b,image-subpath=etc", "image box /b ro") &&
	       MOUNT("type=image,src=box,dst=/b,subpath=", "subpath: is empty") &&
	       MOUNT("type=image,dst=/b", "the source is missing: an image") &&
	       MOUNT("type=image,src=box,dst=/b,rw,ro", "rw and readonly exclude each other") &&
	       MOUNT("type=image,src=box,dst=/b,tmpfs-mode=7",
		     "an image has no field of a tmpfs") &&
	       MOUNT("type=bind,src=/a,dst=/b,subpath=etc", "a bind has no field of an image") &&
	       MOUNT("type=tmpfs,dst=/b,rw", "a tmpfs has no field of an image");
}

static bool a_record_that_makes_no_sense_is_refused(void)
{
	return MOUNT("", "there is no field ''") && MOUNT("type=bind,", "there is no field ''") &&
	       MOUNT("type", "type: the value is missing") &&
	       MOUNT("src=/a,dst=/b",
		     "type: is missing, and named volumes are not there yet") &&
	       MOUNT("type=volume,src=a,dst=/b", "named volumes are not there yet") &&
	       MOUNT("type=nfs,src=/a,dst=/b", "type: 'nfs' is neither bind, tmpfs nor image") &&
	       MOUNT("type=bind,src=/a", "target: is missing") &&
	       MOUNT("type=bind,dst=/b", "the source is missing") &&
	       MOUNT("type=bind,src=a,dst=/b",
		     "'a' is no absolute path, and named volumes are not there yet") &&
	       MOUNT("type=bind,src=/a,dst=b", "the target 'b' is not absolute") &&
	       MOUNT("type=bind,src=/a,dst=/", "the target is the root filesystem") &&
	       MOUNT("type=bind,src=/a,dst=/b,ro=maybe",
		     "readonly: 'maybe' is neither true nor false") &&
	       MOUNT("type=bind,src=/a,dst=/b,bind-propagation=ro",
		     "bind-propagation: unknown value 'ro'") &&
	       MOUNT("type=bind,src=/a,dst=/b,bind-recursive=no",
		     "bind-recursive: unknown value 'no'") &&
	       MOUNT("type=bind,src=/a,dst=/b,bind-recursive=readonly",
		     "bind-recursive: 'readonly' needs readonly") &&
	       MOUNT("type=bind,src=/a,dst=/b,U=x", "U: 'x' is neither true nor false") &&
	       MOUNT("type=bind,src=/a,dst=/b,idmap=x", "idmap: is not there yet") &&
	       MOUNT("type=bind,src=/a,dst=/b,size=1", "there is no field 'size'");
}

int main(void)
{
	TEST(paths_are_cleaned_by_their_letters);
	TEST(a_volume_is_a_bind);
	TEST(a_volume_that_makes_no_sense_is_refused);
	TEST(options_of_a_volume_are_known_and_do_not_contradict);
	TEST(a_tmpfs_is_a_target_and_its_options);
	TEST(a_record_makes_a_bind);
	TEST(a_record_makes_a_tmpfs);
	TEST(an_image_is_read_only_unless_asked_for);
	TEST(fields_may_be_quoted);
	TEST(a_record_that_makes_no_sense_is_refused);
	return tap_done();
}
