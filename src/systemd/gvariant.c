/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values with a type: making, naming and writing them. Reading their text is gvariant_text.c.
 */
#include "systemd/gvariant.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct gvariant *new_value(struct arena *arena, char type)
{
	struct gvariant *value = arena_new(arena, struct gvariant);

	value->type = type;
	return value;
}

struct gvariant *gvariant_bool(struct arena *arena, bool boolean)
{
	struct gvariant *value = new_value(arena, 'b');

	value->boolean = boolean;
	return value;
}

static struct gvariant *new_natural(struct arena *arena, char type, uint64_t natural)
{
	struct gvariant *value = new_value(arena, type);

	value->natural = natural;
	return value;
}

struct gvariant *gvariant_u64(struct arena *arena, uint64_t value)
{
	return new_natural(arena, 't', value);
}

struct gvariant *gvariant_u32(struct arena *arena, uint32_t value)
{
	return new_natural(arena, 'u', value);
}

struct gvariant *gvariant_byte(struct arena *arena, uint8_t value)
{
	return new_natural(arena, 'y', value);
}

struct gvariant *gvariant_string(struct arena *arena, const char *string)
{
	struct gvariant *value = new_value(arena, 's');

	value->string = arena_strdup(arena, string);
	return value;
}

struct gvariant *gvariant_array(struct arena *arena, const char *element)
{
	struct gvariant *value = new_value(arena, 'a');

	(void)snprintf(value->element, sizeof(value->element), "%s", element);
	return value;
}

struct gvariant *gvariant_tuple(struct arena *arena)
{
	return new_value(arena, '(');
}

void gvariant_add(struct gvariant *container, struct gvariant *item)
{
	if (container->last)
		container->last->next = item;
	else
		container->first = item;
	container->last = item;
}

static void sign(const struct gvariant *value, struct buf *out)
{
	if (value->type == 'a') {
		buf_printf(out, "a%s", value->element);
	} else if (value->type == '(') {
		buf_puts(out, "(");
		for (const struct gvariant *item = value->first; item; item = item->next)
			sign(item, out);
		buf_puts(out, ")");
	} else {
		buf_add(out, &value->type, 1);
	}
}

int gvariant_signature(const struct gvariant *value, char ret[GVARIANT_SIGNATURE_MAX])
{
	auto_buf struct buf text = {};

	sign(value, &text);
	if (text.len >= GVARIANT_SIGNATURE_MAX)
		return -E2BIG;
	memcpy(ret, buf_str(&text), text.len + 1);
	return 0;
}

static void format_items(const struct gvariant *value, char open, char close, struct buf *out)
{
	buf_add(out, &open, 1);
	for (const struct gvariant *item = value->first; item; item = item->next) {
		gvariant_format(item, out);
		if (item->next)
			buf_puts(out, ", ");
	}
	buf_add(out, &close, 1);
}

static void format_string(const char *string, struct buf *out)
{
	buf_puts(out, "'");
	for (; *string; string++) {
		if (*string == '\'' || *string == '\\')
			buf_puts(out, "\\");
		buf_add(out, string, 1);
	}
	buf_puts(out, "'");
}

void gvariant_format(const struct gvariant *value, struct buf *out)
{
	static const char *const words[128] = {
		['y'] = "byte ",  ['n'] = "int16 ", ['q'] = "uint16 ",	   ['u'] = "uint32 ",
		['x'] = "int64 ", ['t'] = "uint64 ", ['o'] = "objectpath ", ['g'] = "signature ",
	};

	if (words[(unsigned char)value->type & 127])
		buf_puts(out, words[(unsigned char)value->type & 127]);
	if (value->type == 'a' && !value->first)
		buf_printf(out, "@a%s ", value->element);
	if (value->type == 'b')
		buf_puts(out, value->boolean ? "true" : "false");
	else if (strchr("nix", value->type))
		buf_printf(out, "%" PRId64, value->number);
	else if (strchr("yqut", value->type))
		buf_printf(out, "%" PRIu64, value->natural);
	else if (value->type == 'd')
		buf_printf(out, "%.17g", value->real);
	else if (value->type == 'a')
		format_items(value, '[', ']', out);
	else if (value->type == '(')
		format_items(value, '(', ')', out);
	else
		format_string(value->string, out);
}
