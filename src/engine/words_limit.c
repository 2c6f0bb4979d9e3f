/* SPDX-License-Identifier: Apache-2.0 */
/* The words for limits: --ulimit, --cpus, and those of devices. Sizes are base/num.h's. */
#include "engine/words.h"

#include "base/num.h"
#include "oci/list.h"
#include "sys/rlimit.h"

#include <ctype.h>
#include <string.h>

#define NANO_DIGITS 9
#define MIN_WEIGHT  10
#define MAX_WEIGHT  1000

static int parse_value(const char *word, int64_t *ret, struct err *err)
{
	if (strcmp(word, "unlimited") == 0) {
		*ret = -1;
		return 0;
	}
	if (num_parse_i64(word, ret) < 0 || *ret < -1)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is neither a number nor -1", word);
	return 0;
}

static int check_name(const char *name, struct err *err)
{
	struct rlimit_value ignored;
	char type[32] = "RLIMIT_";
	size_t len = strlen(type);

	for (; islower((unsigned char)*name) && len < sizeof(type) - 1; name++)
		type[len++] = (char)toupper((unsigned char)*name);
	if (*name || rlimit_parse(type, 0, 0, &ignored, err) < 0)
		return err_set(err, ERR_USAGE, EINVAL, "there is no such limit");
	return 0;
}

static int parse_values(struct config_ulimit *limit, const char *soft, struct arena *arena,
			struct err *err)
{
	const char *colon = strchrnul(soft, ':');
	int r = parse_value(arena_strndup(arena, soft, (size_t)(colon - soft)), &limit->soft, err);

	limit->hard = limit->soft;
	if (r == 0 && *colon)
		r = parse_value(colon + 1, &limit->hard, err);
	if (r < 0)
		return r;
	if (limit->hard >= 0 && (limit->soft < 0 || limit->soft > limit->hard))
		return err_set(err, ERR_USAGE, EINVAL, "the soft limit is above the hard one");
	return 0;
}

int ulimit_add(struct config *config, const char *word, struct arena *arena, struct err *err)
{
	const char *equals = strchr(word, '=');
	struct config_ulimit limit = {}, *place = NULL;
	int r;

	if (!equals)
		return err_set(err, ERR_USAGE, EINVAL, "is not of the form NAME=SOFT[:HARD]");
	limit.name = arena_strndup(arena, word, (size_t)(equals - word));
	r = check_name(limit.name, err);
	if (r == 0)
		r = parse_values(&limit, equals + 1, arena, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < config->ulimits.n && !place; i++)
		if (strcmp(config->ulimits.v[i].name, limit.name) == 0)
			place = &config->ulimits.v[i];
	if (!place)
		place = list_add(&config->ulimits, arena);
	*place = limit;
	return 0;
}

/* "1.5": what is finer than a billionth does not count. */
int cpus_parse(const char *word, int64_t *ret_nano_cpus, struct err *err)
{
	size_t whole = strspn(word, "0123456789"), fraction = 0;
	const char *digits = word + whole;
	int64_t nanos = 0;

	if (*digits == '.')
		fraction = strspn(++digits, "0123456789");
	if (whole + fraction == 0 || whole > NANO_DIGITS || digits[fraction])
		return err_set(err, ERR_USAGE, EINVAL, "is not a number of processors");
	for (size_t i = 0; i < whole; i++)
		nanos = 10 * nanos + (word[i] - '0');
	for (size_t i = 0; i < NANO_DIGITS; i++)
		nanos = 10 * nanos + (i < fraction ? digits[i] - '0' : 0);
	*ret_nano_cpus = nanos;
	return 0;
}

/* ------------------------------------------------------------------------------- devices */

/* What is said of the number; as a sentence that begins with it. */
static const char *const number_words[] = {
	[DEVICE_WEIGHT] = "is no weight between 10 and 1000",
	[DEVICE_BYTES] = "is no number of bytes a second, as 10m",
	[DEVICE_OPERATIONS] = "is no number of operations a second",
};

static bool parse_number(const char *word, enum device_number number, int64_t *ret)
{
	int r = number == DEVICE_BYTES ? num_parse_size(word, ret) : num_parse_i64(word, ret);

	if (r < 0)
		return false;
	return number == DEVICE_WEIGHT ? *ret >= MIN_WEIGHT && *ret <= MAX_WEIGHT : *ret > 0;
}

int device_limit_add(struct config_device_limits *limits, enum device_number number,
		     const char *word, struct arena *arena, struct err *err)
{
	const char *colon = strrchr(word, ':');
	struct config_device_limit limit, *place = NULL;

	if (word[0] != '/' || !colon)
		return err_set(err, ERR_USAGE, EINVAL, "is not of the form /dev/NAME:%s",
			       number == DEVICE_WEIGHT ? "WEIGHT" : "RATE");
	if (!parse_number(colon + 1, number, &limit.value))
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' %s", colon + 1,
			       number_words[number]);
	limit.path = arena_strndup(arena, word, (size_t)(colon - word));
	for (size_t i = 0; i < limits->n && !place; i++)
		if (strcmp(limits->v[i].path, limit.path) == 0)
			place = &limits->v[i];
	if (!place)
		place = list_add(limits, arena);
	*place = limit;
	return 0;
}
