/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platforms by the names that Go gives them, which the image specification has taken over. Other
 * names are looked up in a table, for what is compared as well: an index is foreign.
 *
 * Variants of amd64, arm and arm64 are numbers, "v8.2", of which a processor runs its own and those
 * below. Those of other architectures are words, which are equal or not. A machine that can run
 * programs of an older architecture takes these when there is nothing better.
 */
#include "image/platform.h"


#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

#define N(table) (sizeof(table) / sizeof((table)[0]))

static const struct schema_field platform_fields[] = {
	{ "architecture", SCHEMA_STRING, .offset = offsetof(struct platform, architecture) },
	{ "os", SCHEMA_STRING, .offset = offsetof(struct platform, os) },
	{ "os.version", SCHEMA_STRING, .offset = offsetof(struct platform, os_version) },
	{ "variant", SCHEMA_STRING, .offset = offsetof(struct platform, variant) },
};
const struct schema platform_schema = SCHEMA(struct platform, platform_fields);

/* ------------------------------------------------------------------------------- names */

static const char *const systems[] = {
	"aix",   "android", "darwin", "dragonfly", "freebsd", "illumos", "ios",
	"linux", "netbsd",  "openbsd", "plan9",    "solaris", "wasi",    "wasip1",
	"windows",
};

static const char *const architectures[] = {
	"386",  "amd64",    "arm",     "arm64",   "loong64", "mips",  "mips64", "mips64le",
	"mipsle", "ppc64", "ppc64le", "riscv64", "s390x",   "wasm",
};

/* As the kernel, Debian and others say it. */
static const struct {
	const char *name, *architecture, *variant;
} other_names[] = {
	{ "x86_64", "amd64" },       { "x86-64", "amd64" },
	{ "i386", "386" },           { "i486", "386" },
	{ "i586", "386" },           { "i686", "386" },
	{ "aarch64", "arm64" },      { "armel", "arm", "v6" },
	{ "armhf", "arm", "v7" },    { "armv5tel", "arm", "v5" },
	{ "armv5tejl", "arm", "v5" }, { "armv6l", "arm", "v6" },
	{ "armv7l", "arm", "v7" },   { "armv8l", "arm", "v8" },
	{ "loongarch64", "loong64" },
};

static bool is_among(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(words[i], word) == 0)
			return true;
	return false;
}

struct processor {
	const char *architecture, *variant; /* variant: "" when it has none */
};

/* By the names that are compared; either may be NULL. */
static struct processor processor_named(const char *architecture, const char *variant)
{
	struct processor p = { architecture ? architecture : "", variant ? variant : "" };

	for (size_t i = 0; i < N(other_names); i++) {
		if (strcasecmp(other_names[i].name, p.architecture) != 0)
			continue;
		p.architecture = other_names[i].architecture;
		if (other_names[i].variant)
			p.variant = other_names[i].variant;
		break;
	}
	return p;
}

/* ------------------------------------------------------------------------------- variants */

struct level {
	unsigned major, minor;
};

/* Where variants are numbers: which one it is when none is said. */
static const struct {
	const char *architecture;
	struct level usual;
} numbered[] = {
	{ "amd64", { 1, 0 } },
	{ "arm", { 7, 0 } },
	{ "arm64", { 8, 0 } },
};

#define MAX_LEVEL 99

/* "v8.2", "v8", "8" */
static bool parse_level(const char *variant, struct level *ret)
{
	struct level level = {};
	int end = 0;

	variant += *variant == 'v' || *variant == 'V';
	if (variant[strspn(variant, "0123456789.")] != '\0')
		return false;
	if (sscanf(variant, "%2u%n.%2u%n", &level.major, &end, &level.minor, &end) < 1 ||
	    variant[end] != '\0')
		return false;
	*ret = level;
	return true;
}

/* False: its variant is a word, or it has none. */
static bool get_level(const struct processor *p, struct level *ret)
{
	for (size_t i = 0; i < N(numbered); i++) {
		if (strcasecmp(numbered[i].architecture, p->architecture) != 0)
			continue;
		*ret = numbered[i].usual;
		return !*p->variant || parse_level(p->variant, ret);
	}
	return false;
}

/* Does a processor of `wanted` run programs for `offered`? ARMv9.x has what ARMv8.(x+5) has. */
static bool level_runs(struct level wanted, struct level offered)
{
	if (offered.major == wanted.major)
		return offered.minor <= wanted.minor;
	if (wanted.major == 9 && offered.major == 8)
		return offered.minor <= wanted.minor + 5;
	return offered.major < wanted.major && offered.minor == 0;
}

static unsigned rank(struct level level)
{
	return 1 + level.major * (MAX_LEVEL + 1) + level.minor;
}

/* 0: not at all. */
static unsigned match_processor(const struct processor *wanted, const struct processor *offered)
{
	struct level want, offer;
	bool has_level;

	if (strcasecmp(wanted->architecture, offered->architecture) != 0)
		return 0;
	has_level = get_level(wanted, &want) && get_level(offered, &offer);
	if (has_level)
		return level_runs(want, offer) ? rank(offer) : 0;
	if (strcasecmp(wanted->variant, offered->variant) == 0)
		return 2;
	return !*offered->variant;
}

/* ------------------------------------------------------------------------------- match */

static const struct {
	const char *architecture;
	struct processor also;
} older[] = {
	{ "amd64", { "386", "" } },
	{ "arm64", { "arm", "v8" } },
};

/* What the same architecture adds, so that the worst of it is better than the best of an older. */
#define SAME_ARCHITECTURE ((MAX_LEVEL + 1) * (MAX_LEVEL + 1))

unsigned platform_match(const struct platform *wanted, const struct platform *offered)
{
	struct processor want = processor_named(wanted->architecture, wanted->variant);
	struct processor offer = processor_named(offered->architecture, offered->variant);
	unsigned match;

	if (!wanted->os || !offered->os || strcasecmp(wanted->os, offered->os) != 0)
		return 0;
	match = match_processor(&want, &offer);
	if (match > 0)
		return SAME_ARCHITECTURE + match;
	for (size_t i = 0; i < N(older); i++)
		if (strcasecmp(older[i].architecture, want.architecture) == 0)
			return match_processor(&older[i].also, &offer);
	return 0;
}

/* ------------------------------------------------------------------------------- text */

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

/* Write the architecture and the variant as Go does. */
static void normalize(struct platform *platform, struct arena *arena)
{
	struct processor p = processor_named(platform->architecture, platform->variant);
	struct level level;

	platform->architecture = arena_strdup(arena, p.architecture);
	platform->variant = *p.variant ? arena_strdup(arena, p.variant) : NULL;
	if (*p.variant >= '0' && *p.variant <= '9' && get_level(&p, &level))
		platform->variant = arena_printf(arena, "v%s", p.variant);
}

void platform_host(struct arena *arena, struct platform *ret)
{
	struct utsname name = {};

	(void)uname(&name);
	*ret = (struct platform){ .os = arena_strdup(arena, "linux"),
				  .architecture = arena_strdup(arena, name.machine) };
	normalize(ret, arena);
}

/* The words of `text`, at most `max`; 0: there are more, or one has other characters. */
static size_t split(char *text, char **words, size_t max)
{
	size_t n = 0;

	for (char *word; (word = strsep(&text, "/"));) {
		size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_.-");

		if (n == max || len == 0 || word[len] != '\0')
			return 0;
		words[n++] = word;
	}
	return n;
}

static bool is_architecture(const char *word)
{
	return is_among(architectures, N(architectures), processor_named(word, NULL).architecture);
}

/* [OS] [ARCHITECTURE [VARIANT]], in words. */
static void fill(char **word, size_t n_words, struct arena *arena, struct platform *ret)
{
	platform_host(arena, ret);
	if (n_words == 3 || !is_architecture(word[0])) {
		ret->os = *word++;
		n_words--;
	}
	if (n_words == 0)
		return;
	ret->architecture = word[0];
	ret->variant = n_words == 2 ? word[1] : NULL;
	normalize(ret, arena);
}

int platform_parse(const char *text, struct arena *arena, struct platform *ret, struct err *err)
{
	char *copy = arena_strdup(arena, text), *words[3];
	struct platform platform;
	size_t n;

	lower(copy);
	n = split(copy, words, N(words));
	if (n == 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.160s' is no platform, such as linux/amd64 or linux/arm/v7",
			       text);
	fill(words, n, arena, &platform);
	if (strcmp(platform.os, "macos") == 0)
		platform.os = arena_strdup(arena, "darwin");
	if (!is_among(systems, N(systems), platform.os))
		return err_set(err, ERR_USAGE, EINVAL, "platform '%.160s': '%.40s' is %s", text,
			       platform.os,
			       n < 3 ? "neither an operating system nor an architecture"
				     : "no operating system");
	*ret = platform;
	return 0;
}

char *platform_format(const struct platform *platform, struct arena *arena)
{
	return arena_printf(arena, "%s/%s%s%s", platform->os ? platform->os : "unknown",
			    platform->architecture ? platform->architecture : "unknown",
			    platform->variant ? "/" : "",
			    platform->variant ? platform->variant : "");
}
