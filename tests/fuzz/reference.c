/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of an image. Taken, it is written in full and in short, and both are read as the same
 * name; nothing in it can leave a directory or a URL's path.
 */
#include "image/reference.h"

#include "fuzz.h"

static void claim_reads_back(const struct reference *ref, const char *text, struct arena *arena)
{
	struct reference again;
	struct err err = {};

	CLAIM(reference_parse(text, arena, &again, &err) == 0);
	CLAIM(strcmp(again.host, ref->host) == 0 && strcmp(again.path, ref->path) == 0);
	CLAIM(!again.tag == !ref->tag && (!ref->tag || strcmp(again.tag, ref->tag) == 0));
	CLAIM(digest_is_equal(&again.digest, &ref->digest));
}

static void claim_harmless(const struct reference *ref)
{
	static const char path[] = "abcdefghijklmnopqrstuvwxyz0123456789/._-";

	CLAIM(strlen(ref->host) + 1 + strlen(ref->path) <= REFERENCE_NAME_MAX);
	CLAIM(ref->path[0] && ref->path[0] != '/' && ref->path[0] != '.');
	CLAIM(ref->path[strspn(ref->path, path)] == '\0');
	CLAIM(!strstr(ref->path, "..") && !strstr(ref->path, "//") && !strstr(ref->path, "/."));
	CLAIM(ref->host[0] && !strpbrk(ref->host, "/@%?# \\"));
	CLAIM(!ref->tag || (ref->tag[0] && strlen(ref->tag) <= REFERENCE_TAG_MAX));
	CLAIM(!ref->tag || !strpbrk(ref->tag, "/@:%?# \\"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *text = input_text(&in);
	auto_arena struct arena arena = {};
	struct reference ref;
	struct err err = {};
	int r = reference_parse(text, &arena, &ref, &err);

	if (r != 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return 0;
	}
	claim_harmless(&ref);
	claim_reads_back(&ref, reference_format(&ref, &arena), &arena);
	claim_reads_back(&ref, reference_familiar(&ref, &arena), &arena);
	return 0;
}
