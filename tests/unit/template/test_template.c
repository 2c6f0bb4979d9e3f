/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each row: a template, and what Go 1.24 prints of it.
 */
#include "tap.h"
#include "template/template.h"

static const char data[] =
	"{\"Name\":\"web\",\"N\":42,\"Big\":1099511627776,\"F\":2.5,\"Yes\":true,\"No\":false,"
	"\"Nil\":null,\"Empty\":\"\",\"List\":[\"a\",\"b\",\"c\"],\"Numbers\":[3,1,2],\"None\":[],"
	"\"Labels\":{\"b\":\"2\",\"a\":\"1\",\"a.b-c\":\"3\"},"
	"\"State\":{\"Status\":\"running\",\"Pid\":7,\"Deep\":{\"X\":1}},"
	"\"Mounts\":[{\"Source\":\"/a\",\"RW\":true},{\"Source\":\"/b\",\"RW\":false}]}";

struct row {
	const char *template, *want;
};

static const char *look_up(const void *object, const char *key, struct arena *arena)
{
	return arena_printf(arena, "%s of %s", key, (const char *)object);
}

static struct value *make_data(struct arena *arena)
{
	struct value *root = NULL, *label = value_new(arena, VALUE_LOOKUP);
	struct err err = {};

	if (value_parse(data, strlen(data), "Labels", arena, &root, &err) < 0)
		printf("# %s\n", err.msg);
	label->look_up = look_up;
	label->object = "it";
	label->is_hidden = true;
	value_add(root, "Label", label);
	return root;
}

static int run(const char *text, struct buf *out, struct err *err)
{
	auto_arena struct arena arena = {};
	struct template *template;
	int r = template_parse(text, &arena, &template, err);

	return r < 0 ? r : template_execute(template, make_data(&arena), &arena, out, err);
}

static bool prints(const struct row *rows, size_t n)
{
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		auto_buf struct buf out = {};
		struct err err = {};

		if (run(rows[i].template, &out, &err) < 0) {
			printf("# %s: %s\n", rows[i].template, err.msg);
			ok = false;
		} else if (!CHECK_STR(buf_str(&out), rows[i].want)) {
			printf("# it was %s\n", rows[i].template);
			ok = false;
		}
	}
	return ok;
}

#define PRINTS(...)                                                       \
	({                                                                \
		static const struct row rows_[] = { __VA_ARGS__ };        \
		prints(rows_, sizeof(rows_) / sizeof(rows_[0]));          \
	})

/* Each row: a template, and what is said of it. */
static bool refuses(const struct row *rows, size_t n)
{
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		auto_buf struct buf out = {};
		struct err err = {};
		int r = run(rows[i].template, &out, &err);

		if (r == 0)
			printf("# %s\n", rows[i].template);
		ok &= CHECK(r == -EINVAL) && CHECK(err.kind == ERR_USAGE) &&
		      CHECK_STR(err.msg, rows[i].want);
	}
	return ok;
}

#define REFUSES(...)                                                      \
	({                                                                \
		static const struct row rows_[] = { __VA_ARGS__ };        \
		refuses(rows_, sizeof(rows_) / sizeof(rows_[0]));         \
	})

/* ------------------------------------------------------------------------------- words */

static bool text_is_left_as_it_is(void)
{
	return PRINTS({ "", "" }, { "plain", "plain" }, { "a } b }} { c", "a } b }} { c" },
		      { "{{.Name}}", "web" }, { "<{{ .Name }}>", "<web>" },
		      { "a{{/* no\n}} */}}b", "ab" }, { "{{- /* x */ -}} a", "a" });
}

static bool blanks_are_trimmed_where_asked(void)
{
	return PRINTS({ "a {{- 1 -}} b", "a1b" }, { "a {{- 1}} b", "a1 b" },
		      { "a \n\t{{- 1 -}}\n \n b", "a1b" }, { "a {{-1}} b", "a -1 b" },
		      { "a {{- -1 -}} b", "a-1b" }, { "a {{-  /* x */ -}} b", "ab" },
		      { " {{- 1 -}} {{- 2 -}} ", "12" }, { "{{1 -}} ", "1" });
}

static bool literals_are_gos(void)
{
	return PRINTS({ "{{1}} {{-7}} {{+7}} {{0x1F}} {{0b101}} {{0o17}} {{017}} {{1_000}}",
			"1 -7 7 31 5 15 15 1000" },
		      { "{{1.5}} {{1e3}} {{.5}} {{1e21}} {{1e20}} {{1e-5}} {{0.0001}} {{100.0}}",
			"1.5 1000 0.5 1e+21 1e+20 1e-05 0.0001 100" },
		      { "{{\"a\\tb\\n\\x41\\101\\u00e9\\\"\"}}", "a\tb\nAA\xc3\xa9\"" },
		      { "{{`a\\tb`}}", "a\\tb" },
		      { "{{'a'}} {{'\\n'}} {{'\xc3\xa9'}}", "97 10 233" },
		      { "{{true}} {{false}}", "true false" },
		      { "{{-9223372036854775808}}", "-9223372036854775808" },
		      { "{{\"}}\"}}", "}}" });
}

/* ------------------------------------------------------------------------------- values */

static bool values_print_as_fmt_does(void)
{
	return PRINTS({ "{{.N}} {{.Big}} {{.F}} {{.Yes}} {{.No}} [{{.Empty}}]",
			"42 1099511627776 2.5 true false []" },
		      { "{{.List}} {{.Numbers}} {{.None}}", "[a b c] [3 1 2] []" },
		      { "{{.Labels}}", "map[a:1 a.b-c:3 b:2]" },
		      { "{{.Nil}} {{.Labels.none}}", "<nil> <no value>" },
		      { "{{.State}}", "{running 7 {1}}" },
		      { "{{.Mounts}}", "[{/a true} {/b false}]" });
}

static bool fields_are_followed(void)
{
	return PRINTS({ "{{.State.Deep.X}}", "1" }, { "{{ $.State.Status }}", "running" },
		      { "{{(.State).Status}}", "running" },
		      { "{{(index .Mounts 1).Source}}", "/b" },
		      { "{{.Labels.a}}{{.Labels.b}}", "12" },
		      { "{{.Labels.none.more}}", "<no value>" },
		      { "{{with .State}}{{.Pid}} {{$.Name}}{{end}}", "7 web" });
}

static bool a_lookup_is_called_with_its_key(void)
{
	return PRINTS({ "{{.Label \"x\"}}", "x of it" }, { "{{\"y\" | .Label}}", "y of it" },
		      { "{{upper (.Label \"x\")}}", "X OF IT" },
		      { "{{if eq (.Label \"x\") \"x of it\"}}yes{{end}}", "yes" }) &&
	       REFUSES({ "{{.Label}}",
			 "template: 1:3: '.Label' wants a key behind it: .Label \"key\"" },
		       { "{{.Label 1}}", "template: 1:3: a key is a string, not int" });
}

static bool variables_have_their_scope(void)
{
	return PRINTS({ "{{$x := .N}}{{$x}}", "42" }, { "{{$x := 1}}{{$x = 2}}{{$x}}", "2" },
		      { "{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2" },
		      { "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21" },
		      { "{{$x := 0}}{{range .Numbers}}{{$x = .}}{{end}}{{$x}}", "2" },
		      { "{{with $x := .State}}{{$x.Pid}}{{end}}", "7" },
		      { "{{$s := .State}}{{$s.Status}}", "running" }) &&
	       REFUSES({ "{{if true}}{{$x := 1}}{{end}}{{$x}}",
			 "template: 1:32: there is no variable '$x'" },
		       { "{{$x = 1}}", "template: 1:3: there is no variable '$x'" });
}

static bool pipes_hand_on_the_last_argument(void)
{
	return PRINTS({ "{{.Name | upper}}", "WEB" }, { "{{.Name | upper | lower}}", "web" },
		      { "{{.Name | printf \"%s-%s\" \"a\"}}", "a-web" },
		      { "{{\"%d\" | printf}}", "%!d(MISSING)" }, { "{{1 | eq 1}}", "true" },
		      { "{{.List | len | printf \"%03d\"}}", "003" },
		      { "{{(printf \"%d\" 3) | len}}", "1" });
}

/* ------------------------------------------------------------------------------- branches */

static bool if_chooses(void)
{
	return PRINTS({ "{{if .Yes}}a{{else}}b{{end}}", "a" },
		      { "{{if .No}}a{{else}}b{{end}}", "b" }, { "{{if .Empty}}a{{end}}", "" },
		      { "{{if .None}}a{{else if .List}}b{{else}}c{{end}}", "b" },
		      { "{{if .Nil}}a{{else if 0}}b{{else if .Labels.none}}c{{else}}d{{end}}",
			"d" },
		      { "{{if .State}}a{{end}}{{if .Labels}}b{{end}}{{if 0.0}}c{{end}}", "ab" });
}

static bool with_moves_the_dot(void)
{
	return PRINTS({ "{{with .Name}}<{{.}}>{{else}}none{{end}}", "<web>" },
		      { "{{with .Empty}}x{{else}}none {{.Name}}{{end}}", "none web" },
		      { "{{with .Empty}}x{{else with .N}}{{.}}{{else}}y{{end}}", "42" });
}

static bool range_goes_over_all(void)
{
	return PRINTS({ "{{range .List}}<{{.}}>{{end}}", "<a><b><c>" },
		      { "{{range $i, $e := .List}}{{$i}}{{$e}} {{end}}", "0a 1b 2c " },
		      { "{{range $e := .List}}{{$e}}{{end}}", "abc" },
		      { "{{range .None}}x{{else}}none{{end}}", "none" },
		      { "{{range .Nil}}x{{else}}none{{end}}", "none" },
		      { "{{range $k, $v := .Labels}}{{$k}}={{$v}},{{end}}", "a=1,a.b-c=3,b=2," },
		      { "{{range 3}}{{.}}{{end}}{{range 0}}x{{else}}!{{end}}", "012!" },
		      { "{{range $x := .None}}{{else}}{{$x}}{{end}}", "[]" },
		      { "{{range .Mounts}}{{.Source}}:{{if .RW}}rw{{else}}ro{{end}} {{end}}",
			"/a:rw /b:ro " },
		      { "{{range $i, $e := .List}}{{if $i}}, {{end}}{{$e}}{{end}}", "a, b, c" });
}

static bool loops_are_left_and_gone_on_with(void)
{
	return PRINTS({ "{{range .List}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a" },
		      { "{{range .List}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac" },
		      { "{{range 2}}{{range 3}}{{if eq . 1}}{{break}}{{end}}{{.}}{{end}};{{end}}",
			"0;0;" }) &&
	       REFUSES({ "{{break}}", "template: 1:3: there is no {{range}} around this" });
}

static bool templates_have_names(void)
{
	return PRINTS({ "{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" .Name}}", "<web>" },
		      { "{{template \"t\" 1}}{{define \"t\"}}{{$}}{{end}}", "1" },
		      { "{{define \"t\"}}{{.}}{{end}}{{template \"t\"}}", "<no value>" },
		      { "{{block \"b\" .N}}[{{.}}]{{end}}", "[42]" }) &&
	       REFUSES({ "{{template \"x\"}}", "template: 1:3: there is no template 'x'" },
		       { "{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}",
			 "template: 1:17: nested more than 200 deep" });
}

/* ------------------------------------------------------------------------------- functions */

static bool and_and_or_go_no_further_than_they_must(void)
{
	return PRINTS({ "{{and 1 2}} {{and 0 2}} {{or 0 2}} {{or 1 2}}", "2 0 2 1" },
		      { "{{and .No (index .List 9)}} {{or .Yes (index .List 9)}}", "false true" },
		      { "{{not .Yes}} {{not 0}}", "false true" },
		      { "{{if and (eq .N 42) (ne .Name \"x\")}}yes{{end}}", "yes" },
		      { "{{or .Empty \"none\"}}", "none" }, { "{{.Name | or .Empty}}", "web" });
}

static bool comparisons_are_of_one_type(void)
{
	return PRINTS({ "{{eq 1 1}} {{eq 1 2}} {{eq 1 2 3 1}} {{ne 1 2}}", "true false true true" },
		      { "{{eq .Name \"web\"}} {{eq .Yes true}} {{eq 1.5 1.5}}", "true true true" },
		      { "{{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge 2 2}}", "true true false true" },
		      { "{{lt \"a\" \"b\"}} {{gt 2.5 1.5}}", "true true" },
		      { "{{eq .Nil 1}} {{eq .Labels.none \"\"}} {{ne .Nil 1}}",
			"false false true" }) &&
	       REFUSES({ "{{eq .N \"42\"}}",
			"template: 1:3: eq: int and string can't be compared" },
		       { "{{lt 1 1.5}}", "template: 1:3: lt: int and float64 can't be compared" },
		       { "{{lt true false}}",
			"template: 1:3: lt: bool and bool can't be compared" },
		       { "{{eq 1}}", "template: 1:3: eq: wants at least 2 arguments, not 1" });
}

static bool index_len_and_slice_look_inside(void)
{
	return PRINTS({ "{{index .List 1}} {{index .Labels \"a.b-c\"}} {{index .Mounts 0 }}",
			"b 3 {/a true}" },
		      { "[{{index .Labels \"none\"}}]", "[]" }, { "{{index \"abc\" 1}}", "98" },
		      { "{{len .List}} {{len .Name}} {{len .Labels}} {{len .None}}", "3 3 3 0" },
		      { "{{slice .Name 1}} {{slice .Name 1 2}} {{slice .List 1 3}}", "eb e [b c]" },
		      { "{{slice .Name 0 3}}{{slice .None}}", "web[]" }) &&
	       REFUSES({ "{{index .List 3}}", "template: 1:3: index: there is no item 3" },
		       { "{{index .N 0}}", "template: 1:3: index: int has no items" },
		       { "{{len 3}}", "template: 1:3: len: int has no length" },
		       { "{{slice .Name 2 1}}", "template: 1:3: slice: it ends before it begins" },
		       { "{{slice .Name 0 9}}", "template: 1:3: slice: there is no item 9" });
}

static bool print_and_its_kin_print(void)
{
	return PRINTS({ "{{print 1 2}} {{print \"a\" \"b\"}} {{print \"a\" 1 2 \"b\"}}",
			"1 2 ab a1 2b" },
		      { "{{println 1 \"a\"}}", "1 a\n" }, { "{{print}}{{println}}", "\n" },
		      { "{{printf \"%s is %d\" .Name .N}}", "web is 42" },
		      { "{{print nil}} {{print .Labels.none}}", "<nil> <nil>" });
}

static bool text_is_escaped(void)
{
	return PRINTS({ "{{html \"<a href='x'>&\\\"\"}}",
			"&lt;a href=&#39;x&#39;&gt;&amp;&#34;" },
		      { "{{js \"it's <b>=\\\"\\n\\\\\"}}",
			"it\\'s \\u003Cb\\u003E\\u003D\\\"\\u000A\\\\" },
		      { "{{urlquery \"a b/\xc3\xa9&-_.~\"}}", "a+b%2F%C3%A9%26-_.~" },
		      { "{{html 1 2}} {{\"<\" | html}}", "1 2 &lt;" });
}

static bool dockers_functions_are_there(void)
{
	return PRINTS({ "{{json .Name}} {{json .List}} {{json .Labels}}",
			"\"web\" [\"a\",\"b\",\"c\"] {\"a\":\"1\",\"a.b-c\":\"3\",\"b\":\"2\"}" },
		      { "{{json .Nil}} {{json .F}} {{json .Yes}} {{json .Labels.none}} "
			"{{json \"<\"}}",
			"null 2.5 true null \"<\"" },
		      { "{{json .State}}",
			"{\"Status\":\"running\",\"Pid\":7,\"Deep\":{\"X\":1}}" },
		      { "{{join .List \"/\"}} [{{join .None \",\"}}]", "a/b/c []" },
		      { "{{split \"a,b,c\" \",\"}} {{split \"ab\" \"\"}} {{split \"\" \",\" | "
			"len}}",
			"[a b c] [a b] 1" },
		      { "{{index (split \"host:80\" \":\") 1}}", "80" },
		      { "{{lower \"ABC\"}} {{upper \"abc\"}} {{title \"the big-one\"}}",
			"abc ABC The Big-One" },
		      { "[{{pad .Name 2 3}}] [{{pad \"\" 2 3}}]", "[  web   ] []" },
		      { "{{truncate .Name 2}} {{truncate .Name 9}}", "we web" }) &&
	       REFUSES({ "{{upper 1}}",
			 "template: 1:3: upper: its argument 1 must be a string, not int" },
		       { "{{join .Name \",\"}}",
			 "template: 1:3: join: its argument 1 must be a list, not string" },
		       { "{{join .Numbers \",\"}}",
			 "template: 1:3: join: the list must be of strings, not of int" });
}

/* ------------------------------------------------------------------------------- mistakes */

static bool what_is_no_template_is_refused(void)
{
	return REFUSES(
		{ "{{", "template: 1:3: an action without its '}}'" },
		{ "a{{.Name}", "template: 1:9: this character has no meaning here" },
		{ "{{}}", "template: 1:3: a value is missing" },
		{ "{{nope .}}", "template: 1:3: there is no function 'nope'" },
		{ "x\n{{ $y }}", "template: 2:4: there is no variable '$y'" },
		{ "{{if}}{{end}}", "template: 1:5: a value is missing" },
		{ "{{if .Yes}}", "template: 1:3: there is no {{end}} to this" },
		{ "{{if .Yes}}{{else}}{{else}}{{end}}",
			"template: 1:3: there is no {{end}} to this" },
		{ "{{end}}", "template: 1:1: {{end}} without what it belongs to" },
		{ "{{(1}}", "template: 1:5: ')' is missing" },
		{ "{{1)}}", "template: 1:4: ')' where '}}' belongs" },
		{ "{{\"a}}", "template: 1:3: a quote without its end" },
		{ "{{\"\\q\"}}", "template: 1:3: \"\\q\" is no string that can be" },
		{ "{{1x}}", "template: 1:3: 1x is no number that can be" },
		{ "{{99999999999999999999}}",
		  "template: 1:3: 99999999999999999999 is no number that can be" },
		{ "{{/* a }}", "template: 1:1: a comment ends with '*/}}' or '*/ -}}'" },
		{ "{{.Labels.a-b}}", "template: 1:12: a name ends here; 'index' finds one that has "
				     "other characters" },
		{ "{{nil}}", "template: 1:3: nil is no command" },
		{ "{{1 2}}", "template: 1:3: '1' is no function, and takes nothing" },
		{ "{{.Name 2}}", "template: 1:3: '.Name' is no function, and takes nothing" },
		{ "{{1 | 2}}", "template: 1:7: '2' is no function, and takes nothing" },
		{ "{{$a, $b := .List}}", "template: 1:3: there is no variable '$a'" },
		{ "{{($x := 1)}}", "template: 1:4: there is no variable '$x'" });
}

static bool what_is_not_there_is_refused(void)
{
	return REFUSES({ "{{.Nope}}", "template: 1:3: there is no field 'Nope'" },
		       { "ab{{.State.Nope}}", "template: 1:11: there is no field 'Nope'" },
		       { "{{.Name.Nope}}", "template: 1:8: string has no field 'Nope'" },
		       { "{{.Nil.Nope}}",
			"template: 1:7: there is nothing that has a field 'Nope'" },
		       { "{{range .N}}{{.X}}{{end}}", "template: 1:15: int has no field 'X'" },
		       { "{{range .State}}{{end}}",
			 "template: 1:3: range: goes over a list, a map or a number, not struct" });
}

static bool an_unknown_field_lists_those_there_are(void)
{
	auto_buf struct buf out = {};
	struct err err = {};

	return CHECK(run("{{.State.Nope}}", &out, &err) == -EINVAL) &&
	       CHECK_STR(err.hint, "the fields are: Status, Pid, Deep");
}

static bool what_costs_too_much_ends(void)
{
	return REFUSES({ "{{range 1000000000}}{{end}}",
			 "template: 1:3: the template makes too much of too little" },
		       { "{{range 1000000}}{{printf \"%10000d\" 1}}{{end}}",
			 "template: 1:20: the template makes too much of too little" },
		       { "{{$x := \"aaaaaaaa\"}}{{range 100}}{{$x = print $x $x}}{{end}}",
			 "template: 1:41: the template makes too much of too little" });
}

static bool depth_is_bounded(void)
{
	auto_buf struct buf text = {}, out = {};
	struct err err = {};

	buf_puts(&text, "{{");
	for (int i = 0; i < 5000; i++)
		buf_puts(&text, "(");
	return CHECK(run(buf_str(&text), &out, &err) == -EINVAL) &&
	       CHECK(strstr(err.msg, "nested more than 100 deep"));
}

/* ------------------------------------------------------------------------------- heads */

static bool a_head_stays_what_it_is(void)
{
	static const char text[] = "{{upper .A}}|{{json .A}}|{{.A | lower}}|{{truncate .A 2}}|"
				   "{{pad .A 1 0}}|{{join .A \",\"}}|{{title .A}}|"
				   "{{split .A \"o\"}}";
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	struct value *heads = value_new(&arena, VALUE_RECORD);
	struct template *template;
	struct err err = {};

	value_add(heads, "A", value_string(&arena, "Col one"));
	return CHECK(template_parse(text, &arena, &template, &err) == 0) &&
	       CHECK(template_execute_head(template, heads, &arena, &out, &err) == 0) &&
	       CHECK_STR(buf_str(&out), "Col one|Col one|Col one|Col one| Col one|Col one|"
					"Col one|Col one");
}

int main(void)
{
	TEST(text_is_left_as_it_is);
	TEST(blanks_are_trimmed_where_asked);
	TEST(literals_are_gos);
	TEST(values_print_as_fmt_does);
	TEST(fields_are_followed);
	TEST(a_lookup_is_called_with_its_key);
	TEST(variables_have_their_scope);
	TEST(pipes_hand_on_the_last_argument);
	TEST(if_chooses);
	TEST(with_moves_the_dot);
	TEST(range_goes_over_all);
	TEST(loops_are_left_and_gone_on_with);
	TEST(templates_have_names);
	TEST(and_and_or_go_no_further_than_they_must);
	TEST(comparisons_are_of_one_type);
	TEST(index_len_and_slice_look_inside);
	TEST(print_and_its_kin_print);
	TEST(text_is_escaped);
	TEST(dockers_functions_are_there);
	TEST(what_is_no_template_is_refused);
	TEST(what_is_not_there_is_refused);
	TEST(an_unknown_field_lists_those_there_are);
	TEST(what_costs_too_much_ends);
	TEST(depth_is_bounded);
	TEST(a_head_stays_what_it_is);
	return tap_done();
}
