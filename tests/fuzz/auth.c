/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.json. A login is found for a repository, or none, or the file is refused; what is found has
 * all that it needs to have.
 */
#include "registry/auth_file.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *json = input_text(&in), *path = input_text(&in);
	auto_arena struct arena arena = {};
	struct registry_login login = {};
	const char *helper = NULL;
	struct err err = {};
	int r = auth_find_in(json, strlen(json), "docker.io", path, &arena, &login, &err);

	CLAIM(r <= 1);
	if (r < 0)
		claim_refused(r, EINVAL, ERR_USAGE, &err);
	CLAIM((r == 1) == (login.identity_token || (login.user && login.password)));
	r = auth_helper_of(json, strlen(json), "docker.io", &arena, &helper, &err);
	CLAIM(r <= 0 && (r == 0 || !helper));
	return 0;
}
