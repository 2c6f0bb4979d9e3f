/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A word is a mode, or a network with fields. Podman's fields stand behind a colon, docker's word
 * is fields only, one of which is the name; one table knows both. Each field has a row with what it
 * sets and how its value is checked; the options outside of the word go the same way, so that they
 * are checked alike.
 */
#include "net/wish.h"

#include "base/ip.h"
#include "net/mac.h"
#include "oci/list.h"

#include <ctype.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* ------------------------------------------------------------------------------- values */

/* Checks a value and gives it back as it is kept. */
typedef int check_fn(const char *value, struct arena *arena, char **ret, struct err *err);

static int check_address(const char *value, int family, struct arena *arena, char **ret,
			 struct err *err)
{
	char text[IP_BYTES];
	struct ip ip;

	if (ip_parse(value, &ip, err) < 0 || ip.family != family)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no %s address", value,
			       family == AF_INET ? "IPv4" : "IPv6");
	*ret = arena_strdup(arena, ip_format(&ip, text));
	return 0;
}

static int check_ip(const char *value, struct arena *arena, char **ret, struct err *err)
{
	return check_address(value, AF_INET, arena, ret, err);
}

static int check_ip6(const char *value, struct arena *arena, char **ret, struct err *err)
{
	return check_address(value, AF_INET6, arena, ret, err);
}

static int check_mac(const char *value, struct arena *arena, char **ret, struct err *err)
{
	char text[MAC_BYTES];
	struct mac mac;
	int r = mac_parse(value, &mac, err);

	if (r == 0)
		*ret = arena_strdup(arena, mac_format(&mac, text));
	return r;
}

/* What the kernel takes, but for its templates ("eth%d"), and the one that is always there. */
static int check_interface(const char *value, struct arena *arena, char **ret, struct err *err)
{
	size_t len = strlen(value);
	bool is_sound = len > 0 && len < IFNAMSIZ && strcmp(value, ".") != 0 &&
			strcmp(value, "..") != 0 && strcmp(value, "lo") != 0;

	for (size_t i = 0; i < len && is_sound; i++)
		is_sound = isgraph((unsigned char)value[i]) && !strchr("/:%", value[i]);
	if (!is_sound)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.64s' is no name that an interface can have", value);
	*ret = arena_strdup(arena, value);
	return 0;
}

static int check_word(const char *value, size_t max, const char *what, struct err *err)
{
	size_t len = strlen(value);

	if (len == 0 || len > max || strspn(value, LETTERS "_.-") != len ||
	    strspn(value, LETTERS "_") == 0)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no %s", value, what);
	return 0;
}

static int check_alias(const char *value, struct arena *arena, char **ret, struct err *err)
{
	int r = check_word(value, 253, "name that others could find it by", err);

	if (r == 0)
		*ret = arena_strdup(arena, value);
	return r;
}

static int check_name(const char *value, struct arena *arena, char **ret, struct err *err)
{
	int r = check_word(value, 253, "name of a network", err);

	if (r == 0)
		*ret = arena_strdup(arena, strcmp(value, "default") ? value : WISH_DEFAULT_NETWORK);
	return r;
}

/* ------------------------------------------------------------------------------- fields */

#define OF(member) offsetof(struct wish_network, member)

static const struct field {
	const char *name;
	const char *option; /* of the command line, that says the same */
	size_t offset;      /* of the char *, or of aliases */
	check_fn *check;    /* NULL: it is not there yet */
} fields[] = {
	{ "name", NULL, OF(name), check_name },
	{ "alias", "--network-alias", OF(aliases), check_alias },
	{ "ip", "--ip", OF(ip), check_ip },
	{ "ip6", "--ip6", OF(ip6), check_ip6 },
	{ "mac", "--mac-address", OF(mac), check_mac },
	{ "mac-address", NULL, OF(mac), check_mac },
	{ "interface_name", NULL, OF(interface_name), check_interface },
	{ "host_interface_name", NULL, OF(host_interface_name), check_interface },
	{ "gw-priority", NULL, 0, NULL },
	{ "link-local-ip", NULL, 0, NULL },
	{ "driver-opt", NULL, 0, NULL },
};

/* Docker's word for interface_name. */
#define IFNAME_OPTION "driver-opt=com.docker.network.endpoint.ifname="

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

static int set_field(const struct field *field, const char *value, struct wish_network *net,
		     struct arena *arena, struct err *err)
{
	char **at = (char **)(void *)((char *)net + field->offset);
	char *kept;
	int r;

	if (!field->check)
		return err_set(err, ERR_USAGE, ENOTSUP, "%s is not there yet", field->name);
	r = field->check(value, arena, &kept, err);
	if (r < 0)
		return r;
	if (field->offset == OF(aliases)) {
		if (!strings_have(&net->aliases, kept))
			strings_add(&net->aliases, arena, kept);
		return 0;
	}
	if (*at)
		return err_set(err, ERR_USAGE, EINVAL, "is given twice");
	*at = kept;
	return 0;
}

static int take_field(const char *text, struct wish_network *net, struct arena *arena,
		      struct err *err)
{
	const char *equals;
	size_t len, i = 0;
	int r;

	if (strncmp(text, IFNAME_OPTION, strlen(IFNAME_OPTION)) == 0)
		text += strlen("driver-opt=com.docker.network.endpoint.");
	equals = strchrnul(text, '=');
	len = (size_t)(equals - text);
	if (len == strlen("ifname") && memcmp(text, "ifname", len) == 0 && *equals) {
		text = "interface_name";
		len = strlen(text);
	}
	while (i < N_FIELDS &&
	       (strlen(fields[i].name) != len || memcmp(fields[i].name, text, len) != 0))
		i++;
	if (i == N_FIELDS)
		return err_set(err, ERR_USAGE, EINVAL, "there is no option '%.*s'",
			       (int)(len < 64 ? len : 64), text);
	if (!*equals)
		return err_set(err, ERR_USAGE, EINVAL, "%s: the value is missing", fields[i].name);
	r = set_field(&fields[i], equals + 1, net, arena, err);
	return r == -EINVAL ? err_wrap(err, "%s", fields[i].name) : r;
}

static int take_fields(const char *text, struct wish_network *net, struct arena *arena,
		       struct err *err)
{
	int r = 0;

	while (r == 0 && text) {
		size_t len = strcspn(text, ",");

		r = take_field(arena_strndup(arena, text, len), net, arena, err);
		text = text[len] ? text + len + 1 : NULL;
	}
	return r;
}

/* ------------------------------------------------------------------------------- modes */

enum target { NO_TARGET, TARGET_NAME, TARGET_PATH, REFUSED };

static const struct mode {
	const char *word;
	enum wish_mode mode;
	enum target target;
} modes[] = {
	{ "none", WISH_NONE, NO_TARGET },
	{ "host", WISH_HOST, NO_TARGET },
	{ "private", WISH_PRIVATE, NO_TARGET },
	{ "container", WISH_CONTAINER, TARGET_NAME },
	{ "ns", WISH_NS, TARGET_PATH },
	{ "slirp4netns", WISH_PRIVATE, REFUSED },
	{ "pasta", WISH_PRIVATE, REFUSED },
};

static const struct mode *find_mode(const char *word)
{
	size_t len = strcspn(word, ":");

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strlen(modes[i].word) == len && memcmp(modes[i].word, word, len) == 0)
			return &modes[i];
	return NULL;
}

static int take_mode(const struct mode *mode, const char *word, struct arena *arena,
		     struct wish *wish, struct err *err)
{
	const char *colon = strchr(word, ':'), *target = colon ? colon + 1 : "";

	if (mode->target == REFUSED)
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "rootless networking is not there yet, and it is only for that");
	if (mode->target == NO_TARGET && colon)
		return err_set(err, ERR_USAGE, EINVAL, "'%s' takes no options", mode->word);
	if (mode->target == TARGET_NAME && !*target)
		return err_set(err, ERR_USAGE, EINVAL, "the container is missing");
	if (mode->target == TARGET_PATH && *target != '/')
		return err_set(err, ERR_USAGE, EINVAL, "the path is not absolute");
	wish->mode = mode->mode;
	wish->target = mode->target == NO_TARGET ? NULL : arena_strdup(arena, target);
	return 0;
}

/* ------------------------------------------------------------------------------- words */

/* Docker's long form has a '=' before anything else that divides. */
static bool is_fields_only(const char *word)
{
	return word[strcspn(word, "=:,")] == '=';
}

static int take_network(const char *word, struct arena *arena, struct wish_network *net,
			struct err *err)
{
	const char *colon = strchr(word, ':');
	size_t len = colon ? (size_t)(colon - word) : strlen(word);
	int r;

	if (is_fields_only(word)) {
		r = take_fields(word, net, arena, err);
		if (r == 0 && !net->name)
			r = err_set(err, ERR_USAGE, EINVAL, "name is missing");
		return r;
	}
	r = check_name(arena_strndup(arena, word, len), arena, &net->name, err);
	return r < 0 || !colon ? r : take_fields(colon + 1, net, arena, err);
}

static bool is_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static int check_network(const struct wish *wish, const struct wish_network *net, struct err *err)
{
	for (size_t i = 0; i < wish->networks.n; i++) {
		const struct wish_network *other = &wish->networks.v[i];

		if (is_same(net->name, other->name))
			return err_set(err, ERR_USAGE, EINVAL, "the network '%s' is given twice",
				       net->name);
		if (is_same(net->interface_name, other->interface_name))
			return err_set(err, ERR_USAGE, EINVAL,
				       "the networks '%s' and '%s' want the same interface '%s'",
				       other->name, net->name, net->interface_name);
	}
	return 0;
}

/* A word is a mode, if its name is one; docker's "name=host" is "host". */
static int take_word(const char *word, struct arena *arena, struct wish *wish, struct err *err)
{
	const bool is_named = strncmp(word, "name=", 5) == 0 && !strchr(word, ',');
	const struct mode *mode = find_mode(is_named ? word + 5 : word);
	struct wish_network net = {};
	int r;

	if (mode)
		return take_mode(mode, is_named ? word + 5 : word, arena, wish, err);
	r = take_network(word, arena, &net, err);
	if (r == 0 && find_mode(net.name))
		r = err_set(err, ERR_USAGE, EINVAL, "'%s' takes no options", net.name);
	if (r == 0)
		r = check_network(wish, &net, err);
	if (r == 0)
		wish->networks.v[wish->networks.n++] = net;
	return r;
}

/* A mode that is no network stands alone. */
static int check_alone(const struct oci_strings *words, struct err *err)
{
	for (size_t i = 0; words->n > 1 && i < words->n; i++)
		if (find_mode(words->v[i]))
			return err_set(err, ERR_USAGE, EINVAL,
				       "'%.128s' cannot be combined with '%.128s'", words->v[i],
				       words->v[i == 0]);
	return 0;
}

int wish_parse(const struct oci_strings *words, struct arena *arena, struct wish *ret,
	       struct err *err)
{
	struct wish wish = { .networks.v = arena_array(arena, struct wish_network, words->n + 1) };
	int r = 0;

	for (size_t i = 0; i < words->n && r == 0; i++) {
		r = take_word(words->v[i], arena, &wish, err);
		if (r < 0)
			err_wrap(err, "--network '%.128s'", words->v[i]);
	}
	if (r == 0) {
		r = check_alone(words, err);
		if (r < 0)
			err_wrap(err, "--network");
	}
	if (r < 0)
		return r;
	if (words->n == 0)
		wish.networks.v[wish.networks.n++].name = arena_strdup(arena, WISH_DEFAULT_NETWORK);
	*ret = wish;
	return 0;
}

/* ------------------------------------------------------------------------------- options */

static const char *mode_word(enum wish_mode mode)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (modes[i].mode == mode)
			return modes[i].word;
	return "?";
}

static int apply_value(const struct wish *wish, const struct field *field, const char *value,
		       struct arena *arena, struct err *err)
{
	struct wish_network *net = wish->networks.v;
	char *const *at = (char *const *)(const void *)((const char *)net + field->offset);

	if (wish->mode != WISH_NETWORKS)
		return err_set(err, ERR_USAGE, EINVAL, "%s cannot be combined with --network %s",
			       field->option, mode_word(wish->mode));
	if (wish->networks.n != 1)
		return err_set(err, ERR_USAGE, EINVAL,
			       "%s is for one network, and there are '%s' and '%s'", field->option,
			       net[0].name, net[1].name);
	if (field->offset != OF(aliases) && *at)
		return err_set(err, ERR_USAGE, EINVAL,
			       "%s '%.64s': the network '%s' has %s '%s' already", field->option,
			       value, net->name, field->name, *at);
	if (set_field(field, value, net, arena, err) < 0)
		return err_wrap(err, "%s", field->option);
	return 0;
}

int wish_apply(struct wish *wish, const struct wish_network *given, struct arena *arena,
	       struct err *err)
{
	struct wish changed = *wish;
	int r = 0;

	changed.networks.v = arena_array(arena, struct wish_network, wish->networks.n + 1);
	if (wish->networks.n)
		memcpy(changed.networks.v, wish->networks.v,
		       wish->networks.n * sizeof(*wish->networks.v));
	for (size_t i = 0; i < N_FIELDS && r == 0; i++) {
		const void *at = (const char *)given + fields[i].offset;
		const struct oci_strings *aliases = at;
		char *const *value = at;

		if (!fields[i].option)
			continue;
		if (fields[i].offset != OF(aliases)) {
			r = *value ? apply_value(&changed, &fields[i], *value, arena, err) : 0;
			continue;
		}
		for (size_t k = 0; k < aliases->n && r == 0; k++)
			r = apply_value(&changed, &fields[i], aliases->v[k], arena, err);
	}
	if (r == 0)
		*wish = changed;
	return r;
}
