/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The small languages of docker's options, the same on a command line and in the Engine API: what
 * one word of them means for a struct config. They open no file. An error (ERR_USAGE) is the reason
 * alone: who calls knows how the word was given, and puts "--volume 'WORD'" in front.
 */

#include "engine/config.h"

/* ------------------------------------------------------------------------------- mounts */

/* -v SOURCE:TARGET[:OPTION,...], a bind. Named volumes are refused. */
int volume_parse(const char *word, struct arena *arena, struct config_mount *ret, struct err *err);

/* --mount type=bind|tmpfs|image,src=,dst=,... a record of comma-separated values, which may be
 * quoted. */
int mount_parse(const char *word, struct arena *arena, struct config_mount *ret, struct err *err);

/* --tmpfs TARGET[:OPTION,...] */
int tmpfs_parse(const char *word, struct arena *arena, struct config_mount *ret, struct err *err);

/* The same path without "." and "..", "//" and a final "/", by its letters alone; in `arena`. */
char *path_clean(const char *path, struct arena *arena);

/* ------------------------------------------------------------------------------- environment */

/*
 * -e NAME=VALUE, or NAME alone for the value that it has in our own environment; where it has none,
 * nothing is set. A name that is set already gets the new value in its old place.
 */
int env_add(struct oci_strings *env, const char *word, struct arena *arena, struct err *err);

/* The text of an --env-file: a variable a line, in the same forms; "#" begins a comment. */
int env_add_text(struct oci_strings *env, const char *text, size_t len, struct arena *arena,
		 struct err *err);

/* Is NAME=VALUE, or NAME, one that the container's own words unset? */
bool env_is_unset(const struct config *config, const char *variable);

/* --label NAME[=VALUE]; so are annotations. */
int label_add(struct oci_pairs *labels, const char *word, struct arena *arena, struct err *err);

/* The text of a --label-file: a label a line; "#" begins a comment. */
int label_add_text(struct oci_pairs *labels, const char *text, size_t len, struct arena *arena,
		   struct err *err);

/* --sysctl NAME=VALUE, the name with dots or slashes */
int sysctl_add(struct oci_pairs *sysctls, const char *word, struct arena *arena, struct err *err);

/* --umask 027 */
int umask_parse(const char *word, struct oci_u64 *ret, struct err *err);

/* --tz ZONE, as below /usr/share/zoneinfo, or "local": a bind over /etc/localtime. */
int timezone_parse(const char *word, struct arena *arena, struct config_mount *ret,
		   struct err *err);

/* ------------------------------------------------------------------------------- limits */

/* --ulimit NAME=SOFT[:HARD]; -1 is none. One for a name that was given replaces it. */
int ulimit_add(struct config *config, const char *word, struct arena *arena, struct err *err);

/* --cpus 1.5 */
int cpus_parse(const char *word, int64_t *ret_nano_cpus, struct err *err);

/* --blkio-weight-device PATH:WEIGHT, and --device-read-bps PATH:RATE and its like: how the number
 * behind the last colon is written. One for a path that was given replaces it. */
enum device_number { DEVICE_WEIGHT, DEVICE_BYTES, DEVICE_OPERATIONS };
int device_limit_add(struct config_device_limits *limits, enum device_number number,
		     const char *word, struct arena *arena, struct err *err);

/* ------------------------------------------------------------------------------- log */

/* --log-driver json-file|none */
int log_driver_parse(const char *word, struct arena *arena, struct config *config, struct err *err);

/* --log-opt NAME=VALUE of json-file: max-size, max-file, labels, env. */
int log_opt_add(struct config *config, const char *word, struct arena *arena, struct err *err);

/* ------------------------------------------------------------------------------- devices */

/* --device SOURCE[:TARGET][:ACCESS] */
int device_parse(const char *word, struct arena *arena, struct config_device *ret, struct err *err);

/* --device-cgroup-rule 'c 13:* rwm' */
int device_rule_parse(const char *word, struct arena *arena, struct config_device_rule *ret,
		      struct err *err);

/* ------------------------------------------------------------------------------- security */

/* --security-opt NAME[=VALUE]; of seccomp the value is the profile itself, "builtin" or
 * "unconfined". */
int security_opt_add(struct config *config, const char *word, struct arena *arena, struct err *err);
