/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/keyring.h"

#include "child.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>

static long describe_session(char *text, size_t len)
{
	return syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, len, 0);
}

static bool the_session_keyring_is_another_and_can_be_searched(void)
{
	char text[256] = "";

	return CHECK(keyring_join_session("tare-test-keyring") == 0) &&
	       CHECK(describe_session(text, sizeof(text)) > 0) &&
	       CHECK(strstr(text, ";3f1b0000;tare-test-keyring") != NULL);
}

static bool joining_twice_is_joining(void)
{
	return CHECK(keyring_join_session("tare-test-keyring") == 0) &&
	       CHECK(keyring_join_session("tare-test-keyring") == 0);
}

static long session_serial(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0, 0);
}

static bool a_second_process_joins_it_by_name(void)
{
	int fds[2];
	long serial = 0;

	if (!CHECK(keyring_join_session("tare-test-keyring-2") == 0) || pipe(fds) < 0)
		return false;
	if (fork() == 0) {
		(void)keyring_join_session("tare-test-other");
		if (keyring_join_session("tare-test-keyring-2") == 0)
			serial = session_serial();
		_exit(write(fds[1], &serial, sizeof(serial)) < 0);
	}
	return CHECK(read(fds[0], &serial, sizeof(serial)) == sizeof(serial)) &&
	       CHECK(serial == session_serial());
}

static bool have_keys(void)
{
	char text[256];

	return describe_session(text, sizeof(text)) >= 0 || errno == ENOKEY;
}

int main(void)
{
	if (!have_keys()) {
		SKIP(the_session_keyring_is_another_and_can_be_searched, "the kernel has no keys");
		return tap_done();
	}
	TEST_IN_CHILD(the_session_keyring_is_another_and_can_be_searched);
	TEST_IN_CHILD(joining_twice_is_joining);
	TEST_IN_CHILD(a_second_process_joins_it_by_name);
	return tap_done();
}
