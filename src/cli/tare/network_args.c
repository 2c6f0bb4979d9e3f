/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the options for networks to a configuration. Of a list each word is parsed, and the error
 * says which option it was given with.
 */
#include "cli/tare/network_args.h"

#include "engine/words_network.h"
#include "oci/list.h"

static char *copy(struct arena *arena, const char *word)
{
	return word ? arena_strdup(arena, word) : NULL;
}

static struct oci_strings copy_list(struct arena *arena, const struct opt_strings *words)
{
	struct oci_strings list = {};

	for (size_t i = 0; i < words->n; i++)
		strings_add(&list, arena, arena_strdup(arena, words->v[i]));
	return list;
}

static int take_networks(const struct network_args *args, struct arena *arena,
			 struct config *config, struct err *err)
{
	const struct oci_strings words = copy_list(arena, &args->networks);
	const struct wish_network given = {
		.aliases = copy_list(arena, &args->aliases),
		.ip = copy(arena, args->ip),
		.ip6 = copy(arena, args->ip6),
		.mac = copy(arena, args->mac),
	};

	return network_add(config, &words, &given, WISH_DEFAULT_NETWORK, arena, err);
}

static int take_lists(const struct network_args *args, struct arena *arena, struct config *config,
		      struct err *err)
{
	const struct {
		const char *option;
		const struct opt_strings *words;
		int (*add)(struct config *config, const char *word, struct arena *arena,
			   struct err *err);
	} lists[] = {
		{ "--publish", &args->publish, publish_add },
		{ "--expose", &args->expose, expose_add },
		{ "--dns", &args->dns, dns_add },
		{ "--dns-search", &args->dns_search, dns_search_add },
		{ "--dns-option", &args->dns_options, dns_option_add },
		{ "--add-host", &args->add_hosts, add_host_add },
	};

	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++)
		for (size_t i = 0; i < lists[k].words->n; i++)
			if (lists[k].add(config, lists[k].words->v[i], arena, err) < 0)
				return err_wrap(err, "%s", lists[k].option);
	return 0;
}

int network_args_fill(const struct network_args *args, struct arena *arena, struct config *config,
		      struct err *err)
{
	int r = take_networks(args, arena, config, err);

	if (r == 0)
		r = take_lists(args, arena, config, err);
	if (r < 0)
		return r;
	config->publish_all = args->publish_all;
	config->no_hosts = args->no_hosts;
	return network_words_check(config, arena, err);
}
