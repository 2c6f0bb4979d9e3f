/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A template, and after "%" what it is of, as JSON. Whatever both are, it ends soon, has made no
 * more than it may, and an error has its place.
 */
#include "template/template.h"

#include "fuzz.h"

#define MAX_OUT (TEMPLATE_MAX_WORK + (1 << 20)) /* the last step may go over it */

static void claim_error(int r, const struct err *err)
{
	claim_refused(r, EINVAL, ERR_USAGE, err);
	CLAIM(strncmp(err->msg, "template: ", 10) == 0);
}

static void execute(const struct template *template, const char *json, size_t len)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {}, head = {};
	struct value *dot = NULL;
	struct err err = {};
	int r = value_parse(json, len, "M", &arena, &dot, &err);

	if (r < 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return;
	}
	r = template_execute(template, dot, &arena, &out, &err);
	if (r < 0)
		claim_error(r, &err);
	CLAIM(r <= 0 && out.len <= MAX_OUT);
	r = template_execute_head(template, dot, &arena, &head, &err);
	CLAIM(r <= 0 && head.len <= MAX_OUT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_arena struct arena arena = {};
	auto_free char *text = input_text(&in);
	struct template *template = NULL;
	struct err err = {};
	size_t len;
	auto_free char *json = input_bytes(&in, &len);
	int r = template_parse(text, &arena, &template, &err);

	if (r < 0)
		claim_error(r, &err);
	else
		execute(template, json, len);
	return 0;
}
