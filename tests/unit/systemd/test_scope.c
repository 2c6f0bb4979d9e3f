/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The systemd driver from end to end: cg_systemd_start executes tare-systemd, which speaks D-Bus
 * with a manager that this test plays, on a dbus-daemon of its own. The unit's name tells the
 * manager how to behave. What it was called with is written to a file.
 */
#include "rt/cg_systemd.h"

#include "base/cleanup.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>

#define OBJECT	"/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"

static char dir[] = "/tmp/tare-test-systemd.XXXXXX";
static char calls_path[64], config_path[64];
static pid_t daemon_pid, manager_pid;

/* ------------------------------------------------------------------------------- the manager */

static bool was_reset; /* in the manager's process */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void record(sd_bus_message *m)
{
	FILE *f = fopen(calls_path, "ae");

	if (!f)
		return;
	fprintf(f, "CALL %s\n", sd_bus_message_get_member(m));
	sd_bus_message_dump(m, f, 0);
	fclose(f);
	sd_bus_message_rewind(m, 1);
}

static int end_job(sd_bus *bus, const char *unit)
{
	/* A job of somebody else comes first. */
	sd_bus_emit_signal(bus, OBJECT, MANAGER, "JobRemoved", "uoss", 1, OBJECT "/job/1",
			   "other.scope", "failed");
	return sd_bus_emit_signal(bus, OBJECT, MANAGER, "JobRemoved", "uoss", 42, OBJECT "/job/42",
				  unit, begins(unit, "failed-") ? "failed" : "done");
}

static int on_job(sd_bus_message *m, void *data, sd_bus_error *error)
{
	sd_bus *bus = sd_bus_message_get_bus(m);
	const char *unit;
	int r;

	(void)data;
	record(m);
	r = sd_bus_message_read(m, "s", &unit);
	if (r < 0)
		return r;
	if (begins(unit, "denied-"))
		return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED,
					"Interactive authentication required.");
	if (begins(unit, "gone-"))
		return sd_bus_error_set(error, "org.freedesktop.systemd1.NoSuchUnit",
					"Unit gone-x.scope not loaded.");
	if (begins(unit, "taken-") && !was_reset)
		return sd_bus_error_set(error, "org.freedesktop.systemd1.UnitExists",
					"Unit taken-x.scope was already loaded.");
	if (begins(unit, "early-"))
		end_job(bus, unit);
	r = sd_bus_reply_method_return(m, "o", OBJECT "/job/42");
	if (!begins(unit, "early-"))
		end_job(bus, unit);
	return r;
}

static int on_plain(sd_bus_message *m, void *data, sd_bus_error *error)
{
	(void)data;
	(void)error;
	record(m);
	if (strcmp(sd_bus_message_get_member(m), "ResetFailedUnit") == 0)
		was_reset = true;
	return sd_bus_reply_method_return(m, NULL);
}

static int on_version(sd_bus *bus, const char *path, const char *interface, const char *property,
		      sd_bus_message *reply, void *data, sd_bus_error *error)
{
	(void)bus, (void)path, (void)interface, (void)property, (void)data, (void)error;
	return sd_bus_message_append(reply, "s", "252.39-1~deb12u2");
}

static int on_group(sd_bus *bus, const char *path, const char *interface, const char *property,
		    sd_bus_message *reply, void *data, sd_bus_error *error)
{
	(void)bus, (void)interface, (void)property, (void)data, (void)error;
	return sd_bus_message_append(reply, "s",
				     strstr(path, "dead") ? "" : "/machine.slice/the.scope");
}

static const sd_bus_vtable manager_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Subscribe", NULL, NULL, on_plain, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", on_job,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("StopUnit", "ss", "o", on_job, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("ResetFailedUnit", "s", NULL, on_plain, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("AttachProcessesToUnit", "ssau", NULL, on_plain, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("SetUnitProperties", "sba(sv)", NULL, on_plain, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("Version", "s", on_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_SIGNAL("JobRemoved", "uoss", 0),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable scope_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("ControlGroup", "s", on_group, 0, 0),
	SD_BUS_VTABLE_END,
};

static int on_find(sd_bus *bus, const char *path, const char *interface, void *data, void **found,
		   sd_bus_error *error)
{
	(void)bus, (void)path, (void)interface, (void)error;
	*found = data;
	return 1;
}

/* Plays systemd until it is killed; says on `ready_fd` that it can be called. */
_Noreturn static void play_manager(int ready_fd)
{
	sd_bus *bus = NULL;
	int r = sd_bus_open_system(&bus);

	if (r >= 0)
		r = sd_bus_add_object_vtable(bus, NULL, OBJECT, MANAGER, manager_table, NULL);
	if (r >= 0)
		r = sd_bus_add_fallback_vtable(bus, NULL, OBJECT "/unit",
					       "org.freedesktop.systemd1.Scope", scope_table,
					       on_find, NULL);
	if (r >= 0)
		r = sd_bus_request_name(bus, "org.freedesktop.systemd1", 0);
	if (r < 0 || write(ready_fd, "r", 1) != 1)
		_exit(1);
	while (r >= 0) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	}
	_exit(1);
}

/* ------------------------------------------------------------------------------ bringing it up */

static bool put_config(void)
{
	FILE *f = fopen(config_path, "we");

	if (!CHECK(f != NULL))
		return false;
	fprintf(f,
		"<busconfig><type>session</type><listen>unix:path=%s/bus</listen>"
		"<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
		"<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n", dir);
	return CHECK(fclose(f) == 0);
}

/* The daemon prints its address when it listens. */
static bool start_daemon(void)
{
	auto_close int read_fd = -1, write_fd = -1;
	char config[80], byte;
	int fds[2];

	if (!put_config() || !CHECK(pipe2(fds, 0) == 0))
		return false;
	read_fd = fds[0];
	write_fd = fds[1];
	(void)snprintf(config, sizeof(config), "--config-file=%s", config_path);
	fflush(stdout);
	daemon_pid = fork();
	if (daemon_pid == 0) {
		dup2(write_fd, STDOUT_FILENO);
		execlp("dbus-daemon", "dbus-daemon", config, "--nofork", "--print-address=1", NULL);
		_exit(127);
	}
	(void)close(take_fd(&write_fd));
	return read(read_fd, &byte, 1) == 1;
}

static bool start_manager(void)
{
	auto_close int read_fd = -1, write_fd = -1;
	char address[96], byte;
	int fds[2];

	(void)snprintf(address, sizeof(address), "unix:path=%s/bus", dir);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
	setenv("DBUS_SESSION_BUS_ADDRESS", address, 1);
	if (!CHECK(pipe2(fds, O_CLOEXEC) == 0))
		return false;
	read_fd = fds[0];
	write_fd = fds[1];
	fflush(stdout);
	manager_pid = fork();
	if (manager_pid == 0)
		play_manager(write_fd);
	(void)close(take_fd(&write_fd));
	return CHECK(read(read_fd, &byte, 1) == 1);
}

static void end(pid_t *pid)
{
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}

/* ------------------------------------------------------------------------------------ claims */

/* What the manager was called with since the last time, blanks and all but words dropped. */
static bool calls_hold(const char *const *wants, size_t n)
{
	auto_close int fd = open(calls_path, O_RDONLY | O_CLOEXEC);
	auto_buf struct buf calls = {};
	struct err err = {};
	bool ok = true;

	if (!CHECK(fd >= 0) || !CHECK(buf_read_fd(&calls, fd, 1 << 20, "calls", &err) == 0))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strstr(buf_str(&calls), wants[i])) {
			printf("# no \"%s\" in the calls:\n", wants[i]);
			ok = false;
		}
	for (char *line = strtok(calls.data, "\n"); line && !ok; line = strtok(NULL, "\n"))
		printf("# %s\n", line);
	unlink(calls_path);
	return ok;
}
#define CALLS_HOLD(...)                                                  \
	calls_hold((const char *const[]){ __VA_ARGS__ },                 \
		   sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static struct cg_systemd_scope scope_of(const char *unit)
{
	struct cg_systemd_scope scope = { .slice = "machine.slice" };

	(void)snprintf(scope.unit, sizeof(scope.unit), "%s", unit);
	return scope;
}

static int start(const char *unit, struct buf *path, struct err *err)
{
	struct oci_memory memory = { .limit = { true, 123456 } };
	struct oci_cpu cpu = { .cpus = (char *)"0-1" };
	struct oci_resources res = { .memory = &memory, .cpu = &cpu };
	struct oci_pair pairs[] = { { (char *)"org.systemd.property.After",
				      (char *)"['a.service', 'b.service']" },
				    { (char *)"org.example", (char *)"no business of theirs" } };
	const struct oci_pairs annotations = { pairs, 2 };
	const struct cg_systemd_start what = { .host_pid = 4711,
					       .id = "x",
					       .unified = true,
					       .resources = &res,
					       .annotations = &annotations };
	struct cg_systemd_scope scope = scope_of(unit);

	return cg_systemd_start(&scope, &what, path, err);
}

static bool a_scope_is_started_with_its_properties(void)
{
	auto_buf struct buf path = {};
	struct err err = {};

	if (!CHECK(start("ok-x.scope", &path, &err) == 0)) {
		printf("# %s\n", err.msg);
		return false;
	}
	return CHECK_STR(buf_str(&path), "/machine.slice/the.scope") &&
	       CALLS_HOLD("CALL Subscribe", "CALL StartTransientUnit", "STRING \"ok-x.scope\"",
			  "STRING \"fail\"", "STRING \"Slice\"", "STRING \"machine.slice\"",
			  "STRING \"PIDs\"", "UINT32 4711", "STRING \"Delegate\"",
			  "STRING \"MemoryMax\"", "UINT64 123456", "STRING \"AllowedCPUs\"",
			  "BYTE 3", "STRING \"DeviceAllow\"", "STRING \"/dev/char/1:3\"",
			  "STRING \"After\"", "STRING \"b.service\"", "STRING \"container x\"");
}

static bool a_job_that_ends_before_the_answer_is_not_missed(void)
{
	auto_buf struct buf path = {};
	struct err err = {};

	return CHECK(start("early-x.scope", &path, &err) == 0) &&
	       CHECK_STR(buf_str(&path), "/machine.slice/the.scope") && unlink(calls_path) == 0;
}

static bool fails(const char *unit, const char *words)
{
	auto_buf struct buf path = {};
	struct err err = {};

	return CHECK(start(unit, &path, &err) == -EIO) && CHECK(path.len == 0) &&
	       CHECK_STR(err.msg, words) && unlink(calls_path) == 0;
}

static bool failures_come_in_systemds_words(void)
{
	return fails("failed-x.scope",
		     "systemd: start failed-x.scope: the job ended with 'failed'") &&
	       fails("denied-x.scope",
		     "systemd: start denied-x.scope: Interactive authentication required.") &&
	       fails("dead-x.scope", "systemd: dead-x.scope has no control group: its process has "
				     "ended");
}

static bool the_remains_of_a_failed_unit_are_cleared(void)
{
	auto_buf struct buf path = {};
	struct err err = {};

	return CHECK(start("taken-x.scope", &path, &err) == 0) &&
	       CALLS_HOLD("CALL ResetFailedUnit", "STRING \"taken-x.scope\"");
}

static bool limits_are_changed_at_run_time(void)
{
	const struct cg_systemd_scope scope = scope_of("ok-x.scope");
	struct oci_pids pids = { .limit = { true, 77 } };
	struct oci_resources res = { .pids = &pids };
	struct err err = {};

	return CHECK(cg_systemd_update(&scope, true, &res, &err) == 0) &&
	       CALLS_HOLD("CALL SetUnitProperties", "STRING \"ok-x.scope\"", "BOOLEAN true",
			  "STRING \"TasksMax\"", "UINT64 77");
}

static bool a_process_is_added(void)
{
	const struct cg_systemd_scope scope = scope_of("ok-x.scope");
	struct err err = {};

	return CHECK(cg_systemd_attach(&scope, 4711, &err) == 0) &&
	       CALLS_HOLD("CALL AttachProcessesToUnit", "STRING \"ok-x.scope\"", "STRING \"\"",
			  "UINT32 4711");
}

static bool a_scope_is_stopped_and_forgotten(void)
{
	const struct cg_systemd_scope scope = scope_of("ok-x.scope");
	const struct cg_systemd_scope gone = scope_of("gone-x.scope");
	struct err err = {};

	return CHECK(cg_systemd_stop(&scope, &err) == 0) &&
	       CALLS_HOLD("CALL StopUnit", "STRING \"replace\"", "CALL ResetFailedUnit") &&
	       CHECK(cg_systemd_stop(&gone, &err) == 0) && unlink(calls_path) == 0;
}

static bool the_users_manager_is_asked_for_users(void)
{
	struct cg_systemd_scope scope = scope_of("ok-x.scope");
	struct err err = {};

	scope.user = true;
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", 1);
	return CHECK(cg_systemd_stop(&scope, &err) == 0) && unlink(calls_path) == 0;
}

static bool a_machine_without_a_bus_says_where_it_was_looked_for(void)
{
	const struct cg_systemd_scope scope = scope_of("ok-x.scope");
	struct err err = {};

	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", 1);
	return CHECK(cg_systemd_stop(&scope, &err) == -EIO) &&
	       CHECK_STR(err.msg,
			 "the systemd cgroup driver was asked for, but there is no D-Bus at "
			 "'unix:path=/nonexistent': no such file or directory");
}

static void clean(void)
{
	char path[64];

	end(&manager_pid);
	end(&daemon_pid);
	(void)snprintf(path, sizeof(path), "%s/bus", dir);
	unlink(path);
	unlink(calls_path);
	unlink(config_path);
	rmdir(dir);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(calls_path, sizeof(calls_path), "%s/calls", dir);
	(void)snprintf(config_path, sizeof(config_path), "%s/bus.conf", dir);
	if (!start_daemon()) {
		SKIP(a_scope_is_started_with_its_properties, "needs dbus-daemon");
		clean();
		return tap_done();
	}
	if (!start_manager()) {
		clean();
		return 1;
	}
	TEST(a_scope_is_started_with_its_properties);
	TEST(a_job_that_ends_before_the_answer_is_not_missed);
	TEST(failures_come_in_systemds_words);
	TEST(the_remains_of_a_failed_unit_are_cleared);
	TEST(limits_are_changed_at_run_time);
	TEST(a_process_is_added);
	TEST(a_scope_is_stopped_and_forgotten);
	TEST(the_users_manager_is_asked_for_users);
	if (access("/run/systemd/private", F_OK) == 0)
		SKIP(a_machine_without_a_bus_says_where_it_was_looked_for, "systemd runs here");
	else
		TEST(a_machine_without_a_bus_says_where_it_was_looked_for);
	clean();
	return tap_done();
}
