/* SPDX-License-Identifier: Apache-2.0 */
#include "base/opt.h"
#include "base/opt_text.h"
#include "tap.h"

struct args {
	bool all, tty;
	const char *bundle;
	struct opt_strings env;
	uint32_t fds;
	struct opt_i64 quota, memory;
	int format, rootless;
};

static const struct opt rows[] = {
	OPT_FLAG(struct args, all, "all", 'a', "all of it"),
	OPT_FLAG(struct args, tty, "tty", 't', "a terminal"),
	OPT_STRING(struct args, bundle, "bundle", 'b', "DIR", "the bundle's directory"),
	OPT_STRINGS(struct args, env, "env", 'e', "NAME=VALUE", "a variable"),
	OPT_U32(struct args, fds, "preserve-fds", "N", "descriptors"),
	OPT_I64(struct args, quota, "cpu-quota", 0, "USEC", "time"),
	OPT_SIZE(struct args, memory, "memory", 'm', "limit"),
	OPT_CHOICE(struct args, format, "format", 'f', "table|json", "shape"),
	OPT_MAYBE(struct args, rootless, "rootless", "true|false|auto", "without rights"),
	OPT_REFUSED("criu", "not here"),
};

static const struct opt_command loose = {
	.name = "loose", .operands = "CONTAINER [SIGNAL]", .summary = "Do it",
	.max_operands = OPT_OPERANDS_ANY, OPT_ROWS(rows),
};
static const struct opt_command strict = {
	.name = "strict", .operands = "CONTAINER [SIGNAL]", .summary = "Do it too",
	.min_operands = 1, .max_operands = 2, OPT_ROWS(rows),
};
static const struct opt_command in_order = {
	.name = "exec", .operands = "CONTAINER [COMMAND]...", .summary = "Go", .in_order = true,
	.max_operands = OPT_OPERANDS_ANY, OPT_ROWS(rows),
};

#define MAX_WORDS 16

/* A command line that was parsed; words[] are its operands then. */
struct parsed {
	int r;
	struct args args;
	char *words[MAX_WORDS];
	struct err err;
	struct arena arena;
};

#define PARSE(command, ...) parse(command, (const char *const[]){ __VA_ARGS__, NULL })

static struct parsed parse(const struct opt_command *command, const char *const *words)
{
	struct parsed p = {};

	for (size_t i = 0; words[i] && i < MAX_WORDS - 1; i++)
		p.words[i] = (char *)(uintptr_t)words[i];
	p.r = opt_parse(command, &p.args, p.words, &p.arena, &p.err);
	return p;
}

static bool operands_are(const struct parsed *p, const char *want)
{
	char got[256] = "";

	for (size_t i = 0; p->words[i]; i++) {
		strcat(got, i ? " " : "");
		strcat(got, p->words[i]);
	}
	return CHECK_STR(got, want);
}

/* Whether the line was refused with these words. */
static bool refused(struct parsed p, const char *want)
{
	bool ok = CHECK(p.r == -EINVAL) && CHECK(p.err.kind == ERR_USAGE) &&
		  CHECK_STR(p.err.msg, want);

	arena_done(&p.arena);
	return ok;
}

static bool values_come_in_four_ways(void)
{
	static const char *const ways[][3] = {
		{ "--bundle", "/x" }, { "--bundle=/x" }, { "-b", "/x" }, { "-b/x" }, { "-b=/x" },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct parsed p = parse(&loose, ways[i]);

		if (!CHECK(p.r == 0) || !CHECK_STR(p.args.bundle, "/x") || !operands_are(&p, ""))
			return false;
	}
	return true;
}

static bool flags_bundle_and_can_be_denied(void)
{
	struct parsed p = PARSE(&loose, "-at", "--all=false", "web");
	struct parsed q = PARSE(&loose, "-ab", "/x", "--tty=true");

	return CHECK(p.r == 0) && CHECK(!p.args.all && p.args.tty) && operands_are(&p, "web") &&
	       CHECK(q.args.all && q.args.tty) && CHECK_STR(q.args.bundle, "/x") &&
	       refused(PARSE(&loose, "--all=maybe"), "--all: 'maybe' is neither true nor false");
}

static bool lists_keep_their_order(void)
{
	struct parsed p = PARSE(&loose, "-e", "A=1", "web", "--env=B=2", "-eC=3");
	bool ok = CHECK(p.r == 0) && CHECK(p.args.env.n == 3) &&
		  CHECK_STR(p.args.env.v[0], "A=1") && CHECK_STR(p.args.env.v[1], "B=2") &&
		  CHECK_STR(p.args.env.v[2], "C=3") && operands_are(&p, "web");

	arena_done(&p.arena);
	return ok;
}

static bool numbers_are_strict(void)
{
	struct parsed p = PARSE(&loose, "--preserve-fds", "2", "--cpu-quota", "-1", "--memory=5m");

	return CHECK(p.r == 0) && CHECK(p.args.fds == 2) &&
	       CHECK(p.args.quota.is_set && p.args.quota.value == -1) &&
	       CHECK(p.args.memory.value == 5 << 20) &&
	       refused(PARSE(&loose, "--preserve-fds=-1"),
		       "--preserve-fds: '-1' is not a number") &&
	       refused(PARSE(&loose, "--memory", "5q"), "--memory: '5q' is not a size");
}

static bool absence_is_not_zero(void)
{
	struct parsed p = PARSE(&loose, "web");

	return CHECK(p.r == 0) && CHECK(!p.args.quota.is_set) && CHECK(!p.args.bundle) &&
	       CHECK(p.args.format == 0) && CHECK(p.args.env.n == 0);
}

static bool choices_count_from_one(void)
{
	struct parsed p = PARSE(&loose, "--format", "json");

	return CHECK(p.r == 0) && CHECK(p.args.format == 2) &&
	       refused(PARSE(&loose, "--format=js"), "--format: 'js' is not one of table|json") &&
	       refused(PARSE(&loose, "--format="), "--format: '' is not one of table|json");
}

static bool a_value_that_may_be_absent_takes_only_its_own_words(void)
{
	struct parsed bare = PARSE(&loose, "--rootless", "create");
	struct parsed given = PARSE(&loose, "--rootless", "auto", "create");
	struct parsed joined = PARSE(&loose, "--rootless=false", "create");

	return CHECK(bare.args.rootless == 1) && operands_are(&bare, "create") &&
	       CHECK(given.args.rootless == 3) && operands_are(&given, "create") &&
	       CHECK(joined.args.rootless == 2);
}

static bool options_stand_anywhere_but_after_two_dashes(void)
{
	struct parsed p = PARSE(&loose, "web", "-a", "KILL", "--", "-t", "--");

	return CHECK(p.r == 0) && CHECK(p.args.all && !p.args.tty) &&
	       operands_are(&p, "web KILL -t --");
}

static bool what_follows_the_first_operand_is_the_commands(void)
{
	struct parsed p = PARSE(&in_order, "-t", "web", "ls", "-a", "--help", "--", "x");
	struct parsed q = PARSE(&in_order, "--", "-web", "ls", "-a");

	return CHECK(p.r == 0) && CHECK(p.args.tty && !p.args.all) &&
	       operands_are(&p, "web ls -a --help -- x") && CHECK(q.r == 0) &&
	       operands_are(&q, "-web ls -a");
}

static bool a_dash_alone_is_an_operand(void)
{
	struct parsed p = PARSE(&loose, "-", "-a");

	return CHECK(p.r == 0) && operands_are(&p, "-") && CHECK(p.args.all);
}

static bool what_is_unknown_is_named(void)
{
	return refused(PARSE(&loose, "--bogus=1"), "unknown option '--bogus'") &&
	       refused(PARSE(&loose, "--al"), "unknown option '--al'") &&
	       refused(PARSE(&loose, "-ax"), "unknown option '-x'") &&
	       refused(PARSE(&loose, "--criu", "x"), "--criu: not here") &&
	       refused(PARSE(&loose, "--bundle"), "--bundle: DIR is missing");
}

static bool operands_are_counted(void)
{
	return refused(PARSE(&strict, "-a"), "CONTAINER is missing") &&
	       refused(PARSE(&strict, "web", "KILL", "more"), "unexpected 'more'");
}

static bool help_is_understood_everywhere(void)
{
	struct parsed p = PARSE(&strict, "--help");
	struct parsed q = PARSE(&strict, "-ah");

	return CHECK(p.r == OPT_HELP) && CHECK(q.r == OPT_HELP);
}

/* docker's -h is a name, of which --help must not be told. */
static bool a_row_of_ones_own_takes_the_letter_of_help(void)
{
	static const struct opt named[] = {
		OPT_STRING(struct args, bundle, "hostname", 'h', "NAME", "its name"),
		OPT_FLAG(struct args, tty, "tty", 't', "a terminal"),
	};
	static const struct opt_command run = {
		.name = "run", .operands = "COMMAND", .max_operands = 1, OPT_ROWS(named),
	};
	static const struct opt_command *const verbs[] = { &run };
	static const struct opt_program program = { &loose, verbs, 1, "list -q" };
	struct parsed p = PARSE(&run, "-th", "web"), q = PARSE(&run, "--help");
	auto_buf struct buf help = {}, zsh = {};
	struct err err = {};

	opt_format_help("prog", &run, &help);
	return CHECK(p.r == 0 && p.args.tty) && CHECK_STR(p.args.bundle, "web") &&
	       CHECK(q.r == OPT_HELP) && CHECK(strstr(buf_str(&help), "\n      --help ")) &&
	       CHECK(opt_format_completion(&program, "zsh", &zsh, &err) == 0) &&
	       CHECK(strstr(buf_str(&zsh), "'(- *)'--help'[show help]'"));
}

/* No text fills its array so far that the NUL is lost. */
static bool texts_end(void)
{
	auto_buf struct buf out = {};

	opt_format_help("prog", &strict, &out);
	return CHECK(strstr(buf_str(&out),
			    "Usage: prog strict [OPTION]... CONTAINER [SIGNAL]\n")) &&
	       CHECK(strstr(buf_str(&out), "  -b, --bundle DIR ")) &&
	       CHECK(strstr(buf_str(&out), "--rootless[=true|false|auto]")) &&
	       CHECK(!strstr(buf_str(&out), "criu"));
}

static bool completion_escapes_quotes(void)
{
	static const struct opt_command *const verbs[] = { &strict };
	static const struct opt_program program = { &loose, verbs, 1, "list -q" };
	auto_buf struct buf zsh = {}, fish = {};
	struct err err = {};

	return CHECK(opt_format_completion(&program, "zsh", &zsh, &err) == 0) &&
	       CHECK(strstr(buf_str(&zsh), "[the bundle'\\''s directory]")) &&
	       CHECK(opt_format_completion(&program, "fish", &fish, &err) == 0) &&
	       CHECK(strstr(buf_str(&fish), "'the bundle\\'s directory'")) &&
	       CHECK(opt_format_completion(&program, "ksh", &fish, &err) == -EINVAL);
}

int main(void)
{
	TEST(values_come_in_four_ways);
	TEST(flags_bundle_and_can_be_denied);
	TEST(lists_keep_their_order);
	TEST(numbers_are_strict);
	TEST(absence_is_not_zero);
	TEST(choices_count_from_one);
	TEST(a_value_that_may_be_absent_takes_only_its_own_words);
	TEST(options_stand_anywhere_but_after_two_dashes);
	TEST(what_follows_the_first_operand_is_the_commands);
	TEST(a_dash_alone_is_an_operand);
	TEST(what_is_unknown_is_named);
	TEST(operands_are_counted);
	TEST(help_is_understood_everywhere);
	TEST(a_row_of_ones_own_takes_the_letter_of_help);
	TEST(texts_end);
	TEST(completion_escapes_quotes);
	return tap_done();
}
