/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several containers by one expression, for `kill` and `delete --regex`. The expression is an
 * extended one and is searched for in the id, as crun does: anchor it to mean the whole.
 */
#include "cli/oci/match.h"

#include <regex.h>

static int match_compile(const char *pattern, regex_t *ret_regex, struct err *err)
{
	char reason[128];
	int r = regcomp(ret_regex, pattern, REG_EXTENDED | REG_NOSUB);

	if (r == 0)
		return 0;
	(void)regerror(r, ret_regex, reason, sizeof(reason));
	return err_set(err, ERR_USAGE, EINVAL, "--regex: '%s': %s", pattern, reason);
}

static int act_on_matches(const struct call *call, const regex_t *regex, match_fn *act,
			  struct err *err)
{
	struct rt_state **states = NULL;
	size_t n = 0;
	int r, result;

	result = rt_list(call_rt(call), call->arena, &states, &n, err);
	if (result < 0)
		return result;
	for (size_t i = 0; i < n; i++) {
		struct err failure = {};

		if (regexec(regex, states[i]->id, 0, NULL, 0) != 0)
			continue;
		r = act(call, states[i]->id, &failure);
		if (r < 0 && result == 0) {
			*err = failure;
			result = err_wrap(err, "%s", states[i]->id);
		}
	}
	return result;
}

int match_each(const struct call *call, bool by_regex, match_fn *act, struct err *err)
{
	regex_t regex;
	int r;

	if (!by_regex)
		return act(call, call->operands[0], err);
	r = match_compile(call->operands[0], &regex, err);
	if (r < 0)
		return r;
	r = act_on_matches(call, &regex, act, err);
	regfree(&regex);
	return r;
}
