/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/spec.h"
#include "tap.h"

#include <stdlib.h>

#define MINIMAL(process, more)                                                        \
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},\"process\":{" process "}," \
	"\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"}]" more "}}"
#define PROCESS "\"args\":[\"sh\"],\"cwd\":\"/\""

/* The error of parsing and validating `json`; "" when there is none. */
static const char *error_of(const char *json, size_t len)
{
	static struct err err;
	auto_arena struct arena arena = {};
	struct oci_spec *spec = NULL;

	err = (struct err){};
	if (oci_spec_parse(json, len, &arena, &spec, &err) == 0)
		(void)oci_spec_validate(spec, &err);
	return err.msg;
}

#define ERROR_OF(json) error_of(json, strlen(json))
#define REFUSED(json, words) CHECK_STR(ERROR_OF(json), words)

static bool minimal_config_is_read(void)
{
	static const char json[] = MINIMAL(PROCESS, ",\"resources\":{\"pids\":{\"limit\":0}}");
	auto_arena struct arena arena = {};
	struct oci_spec *spec = NULL;
	struct err err = {};

	return CHECK(oci_spec_parse(json, strlen(json), &arena, &spec, &err) == 0) &&
	       CHECK_STR(spec->root->path, "rootfs") && CHECK(spec->process->args.n == 1) &&
	       CHECK(spec->process->args.v[1] == NULL) &&
	       CHECK(oci_spec_find_ns(spec, NS_PID) != NULL) &&
	       CHECK(oci_spec_find_ns(spec, NS_NET) == NULL) &&
	       CHECK(spec->linux_->resources->pids->limit.is_set) &&
	       CHECK(!spec->linux_->resources->memory);
}

static bool errors_name_the_member(void)
{
	return REFUSED("{}", "ociVersion: is missing") &&
	       REFUSED(MINIMAL(PROCESS ",\"user\":{\"uid\":\"0\",\"gid\":0}", ""),
		       "process.user.uid: must be a whole number, not a string") &&
	       REFUSED(MINIMAL(PROCESS ",\"user\":{\"uid\":4294967296,\"gid\":0}", ""),
		       "process.user.uid: 4294967296 is out of range") &&
	       REFUSED(MINIMAL(PROCESS ",\"user\":{\"uid\":4294967295,\"gid\":0}", ""),
		       "process.user.uid: 4294967295 is out of range") &&
	       REFUSED(MINIMAL(PROCESS ",\"user\":{\"uid\":-1,\"gid\":0}", ""),
		       "process.user.uid: -1 is out of range") &&
	       REFUSED(MINIMAL("\"args\":[\"sh\",7],\"cwd\":\"/\"", ""),
		       "process.args[1]: must be a string, not a number") &&
	       REFUSED(MINIMAL("\"args\":[],\"cwd\":\"/\"", ""),
		       "process.args: must not be empty") &&
	       REFUSED(MINIMAL("\"args\":[\"sh\"],\"cwd\":\"tmp\"", ""),
		       "process.cwd: 'tmp' is not absolute") &&
	       REFUSED(MINIMAL(PROCESS, ",\"resources\":{\"memory\":{\"limit\":1.5}}"),
		       "linux.resources.memory.limit: must be a whole number, not a number with a "
		       "fraction");
}

static bool hostile_text_is_refused(void)
{
	static const char nul[] = "{\"ociVersion\":\"1.0\0\"}";

	return REFUSED("", "(line 1): the document ends early") &&
	       REFUSED("{\"a\":\n[1,", "a[1] (line 2): the document ends early") &&
	       REFUSED("{\"a\":1,\"b\":{\"c\":1,\"c\":2}}", "b.c (line 1): given twice") &&
	       REFUSED("{\"a\":\"x\\u0000y\"}", "a (line 1): a NUL in a string") &&
	       CHECK_STR(error_of(nul, sizeof(nul) - 1), "ociVersion (line 1): a NUL byte") &&
	       CHECK(strstr(ERROR_OF("{\"ociVersion\":\"\xff\"}"), "ociVersion (line 1): ")) &&
	       CHECK(strstr(ERROR_OF("{} x"), "(line 1): "));
}

static bool deep_nesting_is_refused(void)
{
	size_t len = 3 << 20;
	char *json = malloc(len + 1);
	bool ok;

	memset(json, '[', len);
	json[len] = '\0';
	ok = CHECK(strstr(ERROR_OF(json), "nested too deeply") != NULL);
	free(json);
	return ok;
}

static bool unlimited_rlimit_is_read_exactly(void)
{
	static const char json[] =
		MINIMAL(PROCESS ",\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"hard\":"
				"18446744073709551615,\"soft\":18446744073709551615}]", "");
	auto_arena struct arena arena = {};
	struct oci_spec *spec = NULL;
	struct err err = {};

	return CHECK(oci_spec_parse(json, strlen(json), &arena, &spec, &err) == 0) &&
	       CHECK(spec->process->rlimits.v[0].hard == UINT64_MAX) &&
	       REFUSED(MINIMAL(PROCESS ",\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"hard\":"
				       "18446744073709551616,\"soft\":0}]", ""),
		       "process.rlimits[0].hard (line 1): the number is out of range");
}

static bool rules_across_members_hold(void)
{
	return REFUSED(MINIMAL(PROCESS, ",\"uidMappings\":[{\"containerID\":0,\"hostID\":0,"
					"\"size\":1}]"),
		       "linux.uidMappings: need a user namespace in linux.namespaces") &&
	       REFUSED(MINIMAL(PROCESS, ",\"sysctl\":{\"kernel.panic\":\"1\"}"),
		       "linux.sysctl: 'kernel.panic' is not bound to a namespace: it would change "
		       "the whole machine") &&
	       REFUSED(MINIMAL(PROCESS, ",\"sysctl\":{\"net/ipv4/ip_forward\":\"1\"}"),
		       "linux.sysctl: 'net.ipv4.ip_forward' needs a network namespace of the "
		       "container's own");
}

static bool what_is_written_reads_back(void)
{
	static const char json[] = MINIMAL(
		PROCESS ",\"env\":[\"A=\\\"q\\\\\\n\"]",
		",\"sysctl\":{\"a\":\"b\"},\"rdma\":{},\"netDevices\":{\"eth0\":{\"name\":\"e\"}}");
	auto_arena struct arena arena = {};
	auto_buf struct buf once = {}, twice = {};
	struct oci_spec *spec = NULL;
	struct err err = {};

	if (!CHECK(oci_spec_parse(json, strlen(json), &arena, &spec, &err) == 0))
		return false;
	oci_spec_format(spec, &once);
	if (!CHECK(oci_spec_parse(once.data, once.len, &arena, &spec, &err) == 0))
		return false;
	oci_spec_format(spec, &twice);
	return CHECK_STR(twice.data, once.data) &&
	       CHECK(strstr(once.data, "\"eth0\":{\"name\":\"e\"}"));
}

int main(void)
{
	TEST(minimal_config_is_read);
	TEST(errors_name_the_member);
	TEST(hostile_text_is_refused);
	TEST(deep_nesting_is_refused);
	TEST(unlimited_rlimit_is_read_exactly);
	TEST(rules_across_members_hold);
	TEST(what_is_written_reads_back);
	return tap_done();
}
