/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd answers a call to start or stop a unit at once, with the path of a job, and says later in
 * a signal how the job ended. The match for the signal is set before the call, so that it can't be
 * missed; a signal that overtakes the answer waits in the queue.
 */
#include "systemd/scope.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "systemd/unit.h"

#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define SERVICE	     "org.freedesktop.systemd1"
#define OBJECT	     "/org/freedesktop/systemd1"
#define MANAGER	     SERVICE ".Manager"
#define TIMEOUT_MS   30000
#define TIMEOUT_USEC (TIMEOUT_MS * UINT64_C(1000))

/* The end of a job, as its signal tells. */
struct job {
	char path[256];
	char result[64]; /* "" until it is known */
};

static void done_message(sd_bus_message **m)
{
	sd_bus_message_unref(*m);
}
#define auto_message auto_cleanup(done_message)

static void done_slot(sd_bus_slot **slot)
{
	sd_bus_slot_unref(*slot);
}

/* systemd's own words, or those of the errno. -EEXIST and -ENOENT are about the unit, since the
 * library does not know systemd's errors by name. */
static int refused(const sd_bus_error *bus_error, int r, const char *what, const char *unit,
		   struct err *err)
{
	if (!sd_bus_error_is_set(bus_error) || !bus_error->message)
		return err_sys(err, -r, "systemd: %s %.128s", what, unit);
	if (sd_bus_error_has_name(bus_error, SERVICE ".UnitExists"))
		r = -EEXIST;
	else if (sd_bus_error_has_name(bus_error, SERVICE ".NoSuchUnit"))
		r = -ENOENT;
	else if (r == -EEXIST || r == -ENOENT)
		r = -EIO;
	return err_set(err, ERR_SYSTEM, -r, "systemd: %s %.128s: %s", what, unit,
		       bus_error->message);
}

/* ---------------------------------------------------------------------------------- messages */

static int append_value(sd_bus_message *m, const struct gvariant *value);

static int append_items(sd_bus_message *m, const struct gvariant *value)
{
	char signature[GVARIANT_SIGNATURE_MAX];
	bool is_array = value->type == 'a';
	int r = gvariant_signature(value, signature);

	if (r < 0)
		return r;
	if (is_array) {
		r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, value->element);
	} else {
		/* A struct is opened by what stands between its parentheses. */
		signature[strlen(signature) - 1] = '\0';
		r = sd_bus_message_open_container(m, SD_BUS_TYPE_STRUCT, signature + 1);
	}
	for (const struct gvariant *item = value->first; item && r >= 0; item = item->next)
		r = append_value(m, item);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_value(sd_bus_message *m, const struct gvariant *value)
{
	const uint8_t byte = (uint8_t)value->natural;
	const uint16_t two = (uint16_t)value->natural;
	const uint32_t four = (uint32_t)value->natural;
	int boolean;

	switch (value->type) {
	case 'a':
	case '(':
		return append_items(m, value);
	case 'b':
		boolean = value->boolean;
		return sd_bus_message_append_basic(m, 'b', &boolean);
	case 'y':
		return sd_bus_message_append_basic(m, 'y', &byte);
	case 'n':
	case 'q':
		return sd_bus_message_append_basic(m, value->type, &two);
	case 'i':
	case 'u':
		return sd_bus_message_append_basic(m, value->type, &four);
	case 'x':
	case 't':
		return sd_bus_message_append_basic(m, value->type, &value->natural);
	case 'd':
		return sd_bus_message_append_basic(m, 'd', &value->real);
	default:
		return sd_bus_message_append_basic(m, value->type, value->string);
	}
}

static int append_property(sd_bus_message *m, const struct unit_property *property)
{
	char signature[GVARIANT_SIGNATURE_MAX];
	int r = gvariant_signature(property->value, signature);

	if (r >= 0)
		r = sd_bus_message_open_container(m, SD_BUS_TYPE_STRUCT, "sv");
	if (r >= 0)
		r = sd_bus_message_append_basic(m, 's', property->name);
	if (r >= 0)
		r = sd_bus_message_open_container(m, SD_BUS_TYPE_VARIANT, signature);
	if (r >= 0)
		r = append_value(m, property->value);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_properties(sd_bus_message *m, const struct unit_properties *props)
{
	int r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "(sv)");

	for (size_t i = 0; i < props->n && r >= 0; i++)
		r = append_property(m, &props->v[i]);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int new_call(struct manager *manager, const char *method, sd_bus_message **ret)
{
	return sd_bus_message_new_method_call(manager->bus, ret, SERVICE, OBJECT, MANAGER, method);
}

/* -------------------------------------------------------------------------------------- jobs */

static int on_job_removed(sd_bus_message *m, void *arg, sd_bus_error *bus_error)
{
	const char *path, *result;
	struct job *job = arg;
	uint32_t id;

	(void)bus_error;
	if (sd_bus_message_read(m, "uoss", &id, &path, NULL, &result) >= 0 &&
	    strcmp(path, job->path) == 0)
		(void)snprintf(job->result, sizeof(job->result), "%s", result);
	return 0;
}

/* Signals come only to those who subscribed; once is enough for whoever did already. */
static int subscribe(struct manager *manager, struct job *job, sd_bus_slot **ret_slot)
{
	auto_message sd_bus_message *answer = NULL;
	int r = sd_bus_match_signal(manager->bus, ret_slot, SERVICE, OBJECT, MANAGER, "JobRemoved",
				    on_job_removed, job);

	if (r < 0)
		return r;
	(void)sd_bus_call_method(manager->bus, SERVICE, OBJECT, MANAGER, "Subscribe", NULL, &answer,
				 NULL);
	return 0;
}

static int wait_for(struct manager *manager, struct job *job)
{
	int64_t end_ms = clock_ms() + TIMEOUT_MS, left_ms;
	int r;

	while (!job->result[0]) {
		r = sd_bus_process(manager->bus, NULL);
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		left_ms = end_ms - clock_ms();
		if (left_ms <= 0)
			return -ETIMEDOUT;
		r = sd_bus_wait(manager->bus, (uint64_t)left_ms * 1000);
		if (r < 0 && r != -EINTR)
			return r;
	}
	return 0;
}

/* Send `call`, whose answer is a job, and see the job to its end. */
static int run_job(struct manager *manager, sd_bus_message *call, const char *what,
		   const char *unit, struct err *err)
{
	auto_cleanup(sd_bus_error_free) sd_bus_error bus_error = SD_BUS_ERROR_NULL;
	auto_cleanup(done_slot) sd_bus_slot *slot = NULL;
	auto_message sd_bus_message *answer = NULL;
	struct job job = {};
	const char *path;
	int r = subscribe(manager, &job, &slot);

	if (r >= 0)
		r = sd_bus_call(manager->bus, call, TIMEOUT_USEC, &bus_error, &answer);
	if (r >= 0)
		r = sd_bus_message_read(answer, "o", &path);
	if (r >= 0) {
		(void)snprintf(job.path, sizeof(job.path), "%s", path);
		r = wait_for(manager, &job);
	}
	if (r < 0)
		return refused(&bus_error, r, what, unit, err);
	if (strcmp(job.result, "done") != 0)
		return err_set(err, ERR_SYSTEM, EIO, "systemd: %s %.128s: the job ended with '%s'",
			       what, unit, job.result);
	return 0;
}

/* A unit that failed is kept, under its name, until someone has looked at it. */
static void forget(struct manager *manager, const char *unit)
{
	auto_message sd_bus_message *answer = NULL;

	(void)sd_bus_call_method(manager->bus, SERVICE, OBJECT, MANAGER, "ResetFailedUnit", NULL,
				 &answer, "s", unit);
}

/* ------------------------------------------------------------------------------------- verbs */

static int start_call(struct manager *manager, const struct cg_systemd_request *request,
		      const struct unit_properties *props, struct err *err)
{
	auto_message sd_bus_message *call = NULL;
	int r = new_call(manager, "StartTransientUnit", &call);

	if (r >= 0)
		r = sd_bus_message_append(call, "ss", request->unit, "fail");
	if (r >= 0)
		r = append_properties(call, props);
	if (r >= 0)
		r = sd_bus_message_append(call, "a(sa(sv))", 0);
	if (r < 0)
		return err_sys(err, -r, "D-Bus: describe %.128s", request->unit);
	return run_job(manager, call, "start", request->unit, err);
}

static int read_control_group(struct manager *manager, const char *unit, struct buf *ret,
			      struct err *err)
{
	auto_cleanup(sd_bus_error_free) sd_bus_error bus_error = SD_BUS_ERROR_NULL;
	auto_free char *path = NULL;
	auto_free char *group = NULL;
	int r = sd_bus_path_encode(OBJECT "/unit", unit, &path);

	if (r >= 0)
		r = sd_bus_get_property_string(manager->bus, SERVICE, path, SERVICE ".Scope",
					       "ControlGroup", &bus_error, &group);
	if (r < 0)
		return refused(&bus_error, r, "find the control group of", unit, err);
	if (group[0] != '/')
		return err_set(err, ERR_SYSTEM, ESRCH,
			       "systemd: %.128s has no control group: its process has ended", unit);
	buf_puts(ret, group);
	return 0;
}

int scope_start(struct manager *manager, const struct cg_systemd_request *request,
		struct buf *ret_control_group, struct err *err)
{
	const struct unit_host host = { manager->version, manager->user };
	auto_arena struct arena arena = {};
	struct unit_properties props;
	int r = unit_properties_start(request, &host, &arena, &props, err);

	if (r < 0)
		return r;
	r = start_call(manager, request, &props, err);
	if (r == -EEXIST) {
		forget(manager, request->unit);
		r = start_call(manager, request, &props, err);
	}
	return r < 0 ? r : read_control_group(manager, request->unit, ret_control_group, err);
}

int scope_attach(struct manager *manager, const struct cg_systemd_request *request,
		 struct err *err)
{
	auto_cleanup(sd_bus_error_free) sd_bus_error bus_error = SD_BUS_ERROR_NULL;
	auto_message sd_bus_message *answer = NULL;
	int r = sd_bus_call_method(manager->bus, SERVICE, OBJECT, MANAGER, "AttachProcessesToUnit",
				   &bus_error, &answer, "ssau", request->unit, "", 1,
				   request->host_pid);

	return r < 0 ? refused(&bus_error, r, "add a process to", request->unit, err) : 0;
}

int scope_set(struct manager *manager, const struct cg_systemd_request *request, struct err *err)
{
	auto_cleanup(sd_bus_error_free) sd_bus_error bus_error = SD_BUS_ERROR_NULL;
	const struct unit_host host = { manager->version, manager->user };
	auto_message sd_bus_message *call = NULL, *answer = NULL;
	auto_arena struct arena arena = {};
	struct unit_properties props;
	int r = unit_properties_update(request, &host, &arena, &props, err);

	if (r < 0 || props.n == 0)
		return r;
	r = new_call(manager, "SetUnitProperties", &call);
	if (r >= 0)
		r = sd_bus_message_append(call, "sb", request->unit, 1);
	if (r >= 0)
		r = append_properties(call, &props);
	if (r >= 0)
		r = sd_bus_call(manager->bus, call, TIMEOUT_USEC, &bus_error, &answer);
	return r < 0 ? refused(&bus_error, r, "set properties of", request->unit, err) : 0;
}

int scope_stop(struct manager *manager, const char *unit, struct err *err)
{
	auto_message sd_bus_message *call = NULL;
	int r = new_call(manager, "StopUnit", &call);

	if (r >= 0)
		r = sd_bus_message_append(call, "ss", unit, "replace");
	if (r < 0)
		return err_sys(err, -r, "D-Bus: describe %.128s", unit);
	r = run_job(manager, call, "stop", unit, err);
	forget(manager, unit);
	return r == -ENOENT ? 0 : r;
}
