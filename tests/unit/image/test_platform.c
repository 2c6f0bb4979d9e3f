/* SPDX-License-Identifier: Apache-2.0 */
#include "image/platform.h"

#include "tap.h"

#include <sys/utsname.h>

static bool reads(const char *text, const char *want)
{
	auto_arena struct arena arena = {};
	struct platform p;
	struct err err = {};

	if (!CHECK(platform_parse(text, &arena, &p, &err) == 0)) {
		printf("# %s\n", err.msg);
		return false;
	}
	return CHECK_STR(platform_format(&p, &arena), want);
}

static bool names_become_gos(void)
{
	return reads("linux/amd64", "linux/amd64") && reads("linux/x86_64", "linux/amd64") &&
	       reads("Linux/X86-64", "linux/amd64") && reads("linux/aarch64", "linux/arm64") &&
	       reads("linux/i386", "linux/386") && reads("linux/armhf", "linux/arm/v7") &&
	       reads("linux/armel", "linux/arm/v6") && reads("linux/arm/7", "linux/arm/v7") &&
	       reads("linux/arm64/8", "linux/arm64/v8") && reads("macos/arm64", "darwin/arm64") &&
	       reads("linux/amd64/v3", "linux/amd64/v3") && reads("linux/sw64", "linux/sw64");
}

static bool what_is_left_out_is_the_hosts(void)
{
	auto_arena struct arena arena = {};
	struct platform host;

	platform_host(&arena, &host);
	return reads("arm64", "linux/arm64") && reads("arm/v6", "linux/arm/v6") &&
	       reads("armhf", "linux/arm/v7") && reads("386", "linux/386") &&
	       reads("linux", platform_format(&host, &arena)) && CHECK_STR(host.os, "linux");
}

static bool the_host_is_what_the_kernel_says(void)
{
	auto_arena struct arena arena = {};
	struct platform host, named;
	struct utsname name;
	struct err err = {};
	char *text;

	uname(&name);
	platform_host(&arena, &host);
	text = arena_printf(&arena, "linux/%s", name.machine);
	return CHECK(platform_parse(text, &arena, &named, &err) == 0) &&
	       CHECK_STR(platform_format(&host, &arena), platform_format(&named, &arena));
}

static bool other_words_are_refused(void)
{
	static const char *const bad[] = {
		"", "/", "linux/", "/amd64", "linux//v7", "linux/arm/v7/x", "nonsense", "linux/a b",
		"lunix/amd64", "arm/v7/x", "linux/\xc3\xa9", "*", "linux/../x\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_arena struct arena arena = {};
		struct platform p;
		struct err err = {};

		if (!CHECK(platform_parse(bad[i], &arena, &p, &err) == -EINVAL) ||
		    !CHECK(err.kind == ERR_USAGE)) {
			printf("# '%s'\n", bad[i]);
			return false;
		}
	}
	return true;
}

static unsigned match(const char *wanted, const char *offered)
{
	auto_arena struct arena arena = {};
	struct platform w, o;
	struct err err = {};

	if (platform_parse(wanted, &arena, &w, &err) != 0 ||
	    platform_parse(offered, &arena, &o, &err) != 0) {
		printf("# %s\n", err.msg);
		return 0;
	}
	return platform_match(&w, &o);
}

/* The offers, separated by blanks, each better than the next; the one after "!" and what follows it
 * not at all. */
static bool prefers(const char *wanted, const char *offers)
{
	char text[256], *rest = text;
	bool is_fit = true;
	unsigned last = ~0u;

	(void)snprintf(text, sizeof(text), "%s", offers);
	for (char *offer; (offer = strsep(&rest, " "));) {
		unsigned now;

		if (*offer == '!') {
			is_fit = false;
			continue;
		}
		now = match(wanted, offer);
		if (is_fit ? now == 0 || now >= last : now != 0) {
			printf("# for %s, %s: %u after %u\n", wanted, offer, now, last);
			return false;
		}
		last = now;
	}
	return true;
}

static bool the_closest_below_is_best(void)
{
	return prefers("arm/v7", "arm/v7 arm/v6 arm/v5 ! arm/v8 arm64 amd64") &&
	       prefers("arm", "arm/v7 arm/v6 ! arm/v8") &&
	       prefers("arm/v5", "arm/v5 ! arm/v6 arm") &&
	       prefers("amd64/v3", "amd64/v3 amd64/v2 amd64 386 ! amd64/v4 arm64") &&
	       prefers("amd64", "amd64/v1 386 ! amd64/v2 amd64/v3 arm") &&
	       prefers("arm64", "arm64/v8 arm/v8 arm/v7 arm/v6 ! arm64/v8.1 arm64/v9") &&
	       prefers("arm64/v8.2", "arm64/v8.2 arm64/v8.1 arm64 arm/v7 ! arm64/v8.3 arm64/v9") &&
	       prefers("arm64/v9", "arm64/v9 arm64/v8.5 arm64/v8 arm/v7 ! arm64/v8.6 arm64/v9.1");
}

static bool other_architectures_compare_words(void)
{
	return prefers("ppc64le/power9", "ppc64le/power9 ppc64le ! ppc64le/power8 ppc64") &&
	       prefers("riscv64", "riscv64 ! riscv64/rva22u64") &&
	       prefers("linux/amd64", "linux/amd64 ! windows/amd64 freebsd/amd64");
}

/* In an index, names are as someone wrote them, and may be missing. */
static bool what_is_offered_is_foreign(void)
{
	struct platform wanted = { .os = (char *)"linux", .architecture = (char *)"amd64" };
	struct platform alias = { .os = (char *)"Linux", .architecture = (char *)"x86_64" };
	struct platform unknown = { .os = (char *)"unknown", .architecture = (char *)"unknown" };
	struct platform odd = { .os = (char *)"linux", .architecture = (char *)"amd64",
				.variant = (char *)"v1.2.3" };
	struct platform huge = { .os = (char *)"linux", .architecture = (char *)"amd64",
				 .variant = (char *)"v999999999999" };

	return CHECK(platform_match(&wanted, &alias) > 0) &&
	       CHECK(platform_match(&wanted, &unknown) == 0) &&
	       CHECK(platform_match(&wanted, &(struct platform){}) == 0) &&
	       CHECK(platform_match(&wanted, &odd) == 0) &&
	       CHECK(platform_match(&wanted, &huge) == 0) &&
	       CHECK(platform_match(&huge, &huge) > 0);
}

int main(void)
{
	TEST(names_become_gos);
	TEST(what_is_left_out_is_the_hosts);
	TEST(the_host_is_what_the_kernel_says);
	TEST(other_words_are_refused);
	TEST(the_closest_below_is_best);
	TEST(other_architectures_compare_words);
	TEST(what_is_offered_is_foreign);
	return tap_done();
}
