/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/filter.h"

#include "tap.h"

#define ID_A "abcdef012345" "abcdef012345abcdef012345abcdef012345abcdef012345abcd"

static const char config_text[] =
	"{\"id\":\"" ID_A "\",\"name\":\"shop_web.1\","
	"\"created\":\"2026-11-23T21:14:30.046172000Z\",\"image\":\"debian:12\","
	"\"command\":[\"/bin/sleep\",\"1000\"],\"network\":\"back\","
	"\"networks\":[{\"name\":\"back\"},{\"name\":\"front\"}],"
	"\"publish\":[\"8080:80\",\"9000-9010:90-100/udp\"],\"expose\":[\"443\"],"
	"\"mounts\":[{\"type\":\"bind\",\"source\":\"/srv/data\",\"target\":\"/data\"},"
	"{\"type\":\"tmpfs\",\"target\":\"/scratch\"}],\"volumes\":[\"/var/lib/db\"],"
	"\"labels\":{\"tier\":\"web\",\"empty\":\"\",\"a\":\"x=y\"}}";
static struct net_record *record; /* what it has now */
static const struct engine engine = { .root = "/nonexistent" };

/* 1, 0 or a negative errno; the words end with NULL. */
static int wants_all(const char *const *words, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_filter struct filter filter = FILTER_NONE;
	struct opt_strings list = { (const char **)(uintptr_t)words, 0 };
	struct status status = { .kind = STATUS_EXITED, .exit_code = 3 };
	struct engine_container container = { .status = &status, .net = record };
	int r = config_parse(config_text, strlen(config_text), &arena, &container.config, err);

	while (words[list.n])
		list.n++;
	if (r == 0)
		r = filter_parse(&engine, &list, &arena, &filter, err);
	return r < 0 ? r : filter_matches(&filter, &container);
}

#define WANTS(...) ({                                                 \
	struct err err_ = {};                                         \
	const char *const words_[] = { __VA_ARGS__, NULL };           \
	wants_all(words_, &err_);                                     \
})

static bool says(const char *word, const char *words)
{
	struct err err = {};

	return CHECK(wants_all((const char *const[]){ word, NULL }, &err) == -EINVAL) &&
	       CHECK(err.kind == ERR_USAGE) && CHECK_STR(err.msg, words);
}

static bool ids_and_names_are_patterns(void)
{
	return CHECK(WANTS("id=abc") == 1) && CHECK(WANTS("id=" ID_A) == 1) &&
	       CHECK(WANTS("id=^bcd") == 0) && CHECK(WANTS("name=web") == 1) &&
	       CHECK(WANTS("name=^shop_.*[0-9]$") == 1) && CHECK(WANTS("name=^web") == 0) &&
	       CHECK(WANTS("name=^/shop_web") == 1) && CHECK(WANTS("name=^(a|shop)_") == 1);
}

static bool values_of_a_key_are_alternatives(void)
{
	return CHECK(WANTS("name=none", "name=web") == 1) &&
	       CHECK(WANTS("exited=0", "exited=3") == 1) && CHECK(WANTS("exited=0") == 0);
}

static bool different_keys_must_all_hold(void)
{
	return CHECK(WANTS("name=web", "exited=3", "id=abc") == 1) &&
	       CHECK(WANTS("name=web", "exited=4", "id=abc") == 0);
}

static bool labels_must_all_be_there(void)
{
	return CHECK(WANTS("label=tier") == 1) && CHECK(WANTS("label=tier=web") == 1) &&
	       CHECK(WANTS("label=tier=db") == 0) && CHECK(WANTS("label=tie") == 0) &&
	       CHECK(WANTS("label=empty=") == 1) && CHECK(WANTS("label=a=x=y") == 1) &&
	       CHECK(WANTS("label=tier", "label=empty") == 1) &&
	       CHECK(WANTS("label=tier", "label=other") == 0);
}

static bool a_label_can_be_unwanted(void)
{
	return CHECK(WANTS("label!=tier") == 0) && CHECK(WANTS("label!=other") == 1) &&
	       CHECK(WANTS("label!=tier=db") == 1) && CHECK(WANTS("label=tier", "label!=x") == 1);
}

static bool statuses_are_by_name(void)
{
	return CHECK(WANTS("status=exited") == 1) && CHECK(WANTS("status=stopped") == 1) &&
	       CHECK(WANTS("status=running") == 0) && CHECK(WANTS("status=dead") == 0) &&
	       CHECK(WANTS("status=running", "status=exited") == 1) &&
	       says("status=gone", "--filter 'status=gone': it is not created, running, paused, "
				   "restarting, removing, exited or dead");
}

static bool the_statuses_asked_for_are_told(void)
{
	static const char *words[] = { "status=running", "status=paused", "name=x" };
	auto_arena struct arena arena = {};
	auto_filter struct filter some = FILTER_NONE, none = FILTER_NONE;
	const struct opt_strings all = { words, 3 }, last = { words + 2, 1 };
	struct err err = {};

	return CHECK(filter_parse(&engine, &all, &arena, &some, &err) == 0) &&
	       CHECK(filter_kinds(&some, 0) == (1U << STATUS_RUNNING | 1U << STATUS_PAUSED)) &&
	       CHECK(filter_parse(&engine, &last, &arena, &none, &err) == 0) &&
	       CHECK(filter_kinds(&none, 5) == 5);
}

static bool until_is_a_moment(void)
{
	return CHECK(WANTS("until=2026-11-23T21:14:31Z") == 1) &&
	       CHECK(WANTS("until=2026-11-23T21:14:30Z") == 0) &&
	       CHECK(WANTS("until=4102444800") == 1) && CHECK(WANTS("until=never") == -EINVAL);
}

static bool an_image_that_is_gone_is_known_by_its_name(void)
{
	return CHECK(WANTS("ancestor=debian:12") == 1) && CHECK(WANTS("ancestor=debian") == 0);
}

static bool volumes_are_places_or_sources(void)
{
	return CHECK(WANTS("volume=/data") == 1) && CHECK(WANTS("volume=/srv/data") == 1) &&
	       CHECK(WANTS("volume=/var/lib/db") == 1) && CHECK(WANTS("volume=/srv") == 0);
}

static bool what_does_not_exist_here_is_absent(void)
{
	return CHECK(WANTS("health=none") == 1) && CHECK(WANTS("health=healthy") == 0) &&
	       CHECK(WANTS("pod=p") == 0) && CHECK(WANTS("is-task=false") == 1) &&
	       CHECK(WANTS("is-task=true") == 0) && CHECK(WANTS("restart-policy=no") == 1) &&
	       CHECK(WANTS("restart-policy=always") == 0) &&
	       CHECK(WANTS("should-start-on-boot=false") == 1) &&
	       CHECK(WANTS("isolation=default") == 1);
}

static bool what_else_there_is(void)
{
	return CHECK(WANTS("command=sleep$") == 1) && CHECK(WANTS("command=1000") == 0);
}

static bool networks_are_by_name(void)
{
	return CHECK(WANTS("network=back") == 1) && CHECK(WANTS("network=front") == 1) &&
	       CHECK(WANTS("network=bac") == 0) && CHECK(WANTS("network=none") == 0);
}

/* What it has now counts, and then its id too. */
static bool networks_of_one_that_runs_are_those_it_has(void)
{
	struct net_endpoint side = { .network = (char *)"side",
				     .network_id = (char *)"0123456789abcdef" };
	struct net_record net = { .endpoints = { &side, 1 } };

	record = &net;
	return CHECK(WANTS("network=side") == 1) && CHECK(WANTS("network=back") == 0) &&
	       CHECK(WANTS("network=front") == 0) && CHECK(WANTS("network=0123456789ab") == 1) &&
	       CHECK(WANTS("network=0123456789a") == 0) &&
	       CHECK(WANTS("network=123456789abc") == 0);
}

static bool ports_are_the_containers(void)
{
	return CHECK(WANTS("publish=80") == 1) && CHECK(WANTS("publish=8080") == 0) &&
	       CHECK(WANTS("publish=80/udp") == 0) && CHECK(WANTS("publish=95/udp") == 1) &&
	       CHECK(WANTS("publish=1-85/tcp") == 1) && CHECK(WANTS("publish=81-89") == 0) &&
	       CHECK(WANTS("publish=443") == 0) && CHECK(WANTS("expose=443/tcp") == 1) &&
	       CHECK(WANTS("expose=80") == 1) && CHECK(WANTS("expose=444") == 0);
}

static bool a_bad_value_is_told(void)
{
	return says("exited=many", "--filter 'exited=many': it is no exit status") &&
	       says("health=fine", "--filter 'health=fine': it is none of none, starting, healthy, "
				   "unhealthy") &&
	       says("publish=http", "--filter 'publish=http': it is not PORT[-PORT][/PROTOCOL]") &&
	       says("is-task=2", "--filter 'is-task=2': it is neither true nor false") &&
	       CHECK(WANTS("name=(") == -EINVAL) && CHECK(WANTS("since=nobody") == -ENOENT);
}

static bool an_unknown_key_is_told_with_all_there_are(void)
{
	return says("colour=red",
		    "--filter 'colour=red': it is KEY=VALUE, and KEY one of id, name, label, "
		    "label!, status, exited, ancestor, before, since, until, volume, network, "
		    "command, publish, expose, health, pod, restart-policy, should-start-on-boot, "
		    "is-task and isolation") &&
	       CHECK(WANTS("name") == -EINVAL) && CHECK(WANTS("") == -EINVAL);
}

static bool no_filter_wants_everything(void)
{
	return CHECK(WANTS(NULL) == 1);
}

int main(void)
{
	TEST(ids_and_names_are_patterns);
	TEST(values_of_a_key_are_alternatives);
	TEST(different_keys_must_all_hold);
	TEST(labels_must_all_be_there);
	TEST(a_label_can_be_unwanted);
	TEST(statuses_are_by_name);
	TEST(the_statuses_asked_for_are_told);
	TEST(until_is_a_moment);
	TEST(an_image_that_is_gone_is_known_by_its_name);
	TEST(volumes_are_places_or_sources);
	TEST(what_does_not_exist_here_is_absent);
	TEST(what_else_there_is);
	TEST(networks_are_by_name);
	TEST(networks_of_one_that_runs_are_those_it_has);
	TEST(ports_are_the_containers);
	TEST(a_bad_value_is_told);
	TEST(an_unknown_key_is_told_with_all_there_are);
	TEST(no_filter_wants_everything);
	return tap_done();
}
