/* SPDX-License-Identifier: Apache-2.0 */
#include "systemd/unit.h"

#include "tap.h"

static struct cg_systemd_request base = { .unit = (char *)"x.scope",
					  .slice = (char *)"a.slice",
					  .description = (char *)"container x",
					  .host_pid = 7 };

/* All properties as "NAME=value NAME=value ", of the update or, with `start`, of the start. */
static int build(const char *resources, bool unified, unsigned version, bool start,
		 struct buf *out)
{
	const struct unit_host host = { .version = version };
	struct cg_systemd_request request = base;
	auto_arena struct arena arena = {};
	struct unit_properties props;
	struct err err = {};
	int r = 0;

	request.unified = unified;
	if (resources)
		r = oci_resources_parse(resources, strlen(resources), &arena, &request.resources,
					&err);
	if (r == 0)
		r = start ? unit_properties_start(&request, &host, &arena, &props, &err)
			  : unit_properties_update(&request, &host, &arena, &props, &err);
	for (size_t i = 0; i < props.n && r == 0; i++) {
		buf_printf(out, "%s=", props.v[i].name);
		gvariant_format(props.v[i].value, out);
		buf_puts(out, " ");
	}
	if (r < 0)
		buf_puts(out, err.msg);
	return r;
}

static bool gives(const char *resources, bool unified, unsigned version, const char *want)
{
	auto_buf struct buf got = {};

	return CHECK(build(resources, unified, version, false, &got) == 0) &&
	       CHECK_STR(buf_str(&got), want);
}

static bool refuses(const char *resources, const char *words)
{
	auto_buf struct buf got = {};

	return CHECK(build(resources, true, 252, false, &got) < 0) &&
	       CHECK_STR(buf_str(&got), words);
}

static bool a_scope_is_delegated_and_accounted(void)
{
	auto_buf struct buf got = {};

	return CHECK(build(NULL, true, 252, true, &got) == 0) &&
	       CHECK(strncmp(buf_str(&got),
			     "Description='container x' Slice='a.slice' PIDs=[uint32 7] "
			     "Delegate=true DefaultDependencies=false CPUAccounting=true "
			     "MemoryAccounting=true IOAccounting=true TasksAccounting=true "
			     "DevicePolicy='strict' DeviceAllow=@a(ss) [] DeviceAllow=[(",
			     200) == 0);
}

static bool memory_limits_have_names_of_each_hierarchy(void)
{
	return gives("{\"memory\":{\"limit\":1000,\"reservation\":500,\"swap\":1500}}", true, 252,
		     "MemoryMax=uint64 1000 MemoryLow=uint64 500 MemorySwapMax=uint64 500 ") &&
	       gives("{\"memory\":{\"limit\":1000,\"reservation\":500,\"swap\":1500}}", false, 252,
		     "MemoryLimit=uint64 1000 ") &&
	       gives("{\"memory\":{\"limit\":-1,\"swap\":-1}}", true, 252,
		     "MemoryMax=uint64 18446744073709551615 "
		     "MemorySwapMax=uint64 18446744073709551615 ") &&
	       gives("{\"memory\":{\"limit\":1000,\"swap\":1000}}", true, 252,
		     "MemoryMax=uint64 1000 MemorySwapMax=uint64 0 ");
}

static bool cpu_quotas_are_whole_per_cents_rounded_up(void)
{
	return gives("{\"cpu\":{\"quota\":50000,\"period\":100000}}", true, 252,
		     "CPUQuotaPeriodUSec=uint64 100000 CPUQuotaPerSecUSec=uint64 500000 ") &&
	       gives("{\"cpu\":{\"quota\":33333}}", true, 252,
		     "CPUQuotaPerSecUSec=uint64 340000 ") &&
	       gives("{\"cpu\":{\"quota\":-1,\"period\":100000}}", true, 241,
		     "CPUQuotaPerSecUSec=uint64 18446744073709551615 ");
}

static bool cpu_weights_follow_the_hierarchy(void)
{
	return gives("{\"cpu\":{\"shares\":1024}}", true, 252, "CPUWeight=uint64 100 ") &&
	       gives("{\"cpu\":{\"shares\":1024}}", false, 252, "CPUShares=uint64 1024 ") &&
	       gives("{\"cpu\":{\"shares\":1024,\"idle\":1}}", true, 252, "CPUWeight=uint64 0 ") &&
	       gives("{\"cpu\":{\"shares\":1024,\"idle\":1}}", true, 251, "");
}

static bool cpu_lists_become_bytes(void)
{
	return gives("{\"cpu\":{\"cpus\":\"0-3,9\",\"mems\":\"0\"}}", true, 252,
		     "AllowedCPUs=[byte 15, byte 2] AllowedMemoryNodes=[byte 1] ") &&
	       gives("{\"cpu\":{\"cpus\":\"0-3,9\"}}", true, 243, "") &&
	       gives("{\"cpu\":{\"cpus\":\"0-3,9\"}}", false, 252, "");
}

static bool tasks_and_weights_of_io(void)
{
	return gives("{\"pids\":{\"limit\":10}}", true, 252, "TasksMax=uint64 10 ") &&
	       gives("{\"pids\":{\"limit\":0}}", true, 252, "TasksMax=uint64 1 ") &&
	       gives("{\"pids\":{\"limit\":-1}}", true, 252,
		     "TasksMax=uint64 18446744073709551615 ") &&
	       gives("{\"blockIO\":{\"weight\":10}}", true, 252, "IOWeight=uint64 1 ") &&
	       gives("{\"blockIO\":{\"weight\":10}}", false, 252, "BlockIOWeight=uint64 10 ");
}

static bool unified_files_that_have_a_property_are_told(void)
{
	return gives("{\"memory\":{\"limit\":5},\"unified\":{\"memory.max\":\"7\","
		     "\"memory.high\":\"max\",\"cpu.max\":\"20000 100000\",\"cpu.weight\":\"3\","
		     "\"pids.max\":\"9\",\"cpuset.cpus\":\"1\",\"io.max\":\"8:0 rbps=1\"}}",
		     true, 252,
		     "MemoryMax=uint64 7 MemoryHigh=uint64 18446744073709551615 "
		     "CPUQuotaPeriodUSec=uint64 100000 CPUQuotaPerSecUSec=uint64 200000 "
		     "CPUWeight=uint64 3 TasksMax=uint64 9 AllowedCPUs=[byte 2] ") &&
	       refuses("{\"unified\":{\"memory.max\":\"lots\"}}",
		       "unified: 'lots' is no value for memory.max");
}

static bool devices_are_told_where_systemd_can_hold_them(void)
{
	auto_buf struct buf got = {};

	return CHECK(build("{\"devices\":[{\"allow\":false,\"access\":\"rwm\"},{\"allow\":true,"
			   "\"type\":\"c\",\"major\":10,\"minor\":229,\"access\":\"rw\"},"
			   "{\"allow\":true,\"type\":\"b\",\"major\":8,\"access\":\"r\"}]}",
			   true, 252, false, &got) == 0) &&
	       CHECK(strstr(buf_str(&got), "DevicePolicy='strict' DeviceAllow=@a(ss) [] ")) &&
	       CHECK(strstr(buf_str(&got), "('/dev/char/10:229', 'rw')")) &&
	       CHECK(strstr(buf_str(&got), "('block-8', 'r')")) &&
	       CHECK(strstr(buf_str(&got), "('/dev/char/1:3', 'rwm')") ||
		     strstr(buf_str(&got), "('/dev/char/1:3', 'rw')"));
}

static bool devices_that_it_cannot_hold_are_left_to_us(void)
{
	return gives("{\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]}", true, 252,
		     "DevicePolicy='auto' DeviceAllow=@a(ss) [] ") &&
	       gives("{\"devices\":[{\"allow\":true,\"type\":\"c\",\"minor\":3,\"access\":\"r\"}]}",
		     true, 252, "DevicePolicy='auto' DeviceAllow=@a(ss) [] ");
}

static int annotate(const char *name, const char *value, struct buf *out)
{
	struct oci_pair pair = { (char *)name, (char *)value };
	int r;

	base.properties.v = &pair;
	base.properties.n = 1;
	r = build(NULL, true, 252, true, out);
	base.properties.n = 0;
	return r;
}

static bool annotations_become_properties(const char *name, const char *value, const char *want)
{
	auto_buf struct buf got = {};

	return CHECK(annotate(name, value, &got) == 0) &&
	       CHECK(strstr(buf_str(&got), want) != NULL);
}

static bool annotations_come_last_and_win(void)
{
	return annotations_become_properties("CollectMode", "'inactive-or-failed'",
					     " CollectMode='inactive-or-failed' ") &&
	       annotations_become_properties("TimeoutStopUSec", "uint64 123",
					     " TimeoutStopUSec=uint64 123 ") &&
	       annotations_become_properties("TimeoutStopSec", "1.5",
					     " TimeoutStopUSec=uint64 1500000 ") &&
	       annotations_become_properties("TimeoutStopSec", "uint64 2",
					     " TimeoutStopUSec=uint64 2000000 ") &&
	       annotations_become_properties("After", "['a.service']", " After=['a.service'] ") &&
	       annotations_become_properties("Delegate", "false", " Delegate=false ");
}

static bool annotations_that_are_none_are_refused(void)
{
	auto_buf struct buf a = {}, b = {}, c = {};

	return CHECK(annotate("Foo Bar", "true", &a) < 0) &&
	       CHECK_STR(buf_str(&a), "'Foo Bar' is no name of a property") &&
	       CHECK(annotate("CollectMode", "inactive", &b) < 0) &&
	       CHECK_STR(buf_str(&b),
			 "annotation org.systemd.property.CollectMode: 'inactive' is no "
			 "value as GVariant writes them") &&
	       CHECK(annotate("TimeoutStopSec", "'5'", &c) < 0) &&
	       CHECK_STR(buf_str(&c), "annotation org.systemd.property.TimeoutStopSec: ''5'' is no "
				      "number of seconds");
}

int main(void)
{
	TEST(a_scope_is_delegated_and_accounted);
	TEST(memory_limits_have_names_of_each_hierarchy);
	TEST(cpu_quotas_are_whole_per_cents_rounded_up);
	TEST(cpu_weights_follow_the_hierarchy);
	TEST(cpu_lists_become_bytes);
	TEST(tasks_and_weights_of_io);
	TEST(unified_files_that_have_a_property_are_told);
	TEST(devices_are_told_where_systemd_can_hold_them);
	TEST(devices_that_it_cannot_hold_are_left_to_us);
	TEST(annotations_come_last_and_win);
	TEST(annotations_that_are_none_are_refused);
	return tap_done();
}
