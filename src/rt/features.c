/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this runtime can do, as the document of features.md and features-linux.md. It speaks of the
 * runtime, not of the machine: only the seccomp flags are asked of the kernel, as the specification
 * wants both lists.
 */
#include "rt/rt.h"

#include "rt/seccomp.h"
#include "sys/caps.h"
#include "sys/ns.h"
#include "sys/seccomp.h"

#include <string.h>

#define SPEC_OLDEST "1.0.0"
#define SPEC_NEWEST "1.3.0"

static const char hooks[] =
	"prestart createRuntime createContainer startContainer poststart poststop";

static const char mount_options[] =
	"async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud mand "
	"noatime nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime "
	"nosuid nosymfollow private ratime rbind rdev rdiratime relatime remount rexec ridmap "
	"rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro "
	"rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw "
	"shared silent slave strictatime suid symfollow sync tmpcopyup unbindable";

static const struct {
	const char *name;
	unsigned flag;
} seccomp_flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};
#define N_SECCOMP_FLAGS (sizeof(seccomp_flags) / sizeof(seccomp_flags[0]))

/* ------------------------------------------------------------------------------- writing */

struct document {
	struct buf *out;
	int depth;
	bool is_first; /* nothing was written yet at this depth */
};

static void begin_line(struct document *doc)
{
	buf_puts(doc->out, doc->is_first ? "\n" : ",\n");
	for (int i = 0; i < doc->depth; i++)
		buf_puts(doc->out, "\t");
	doc->is_first = false;
}

static void begin(struct document *doc, const char *name, const char *bracket)
{
	begin_line(doc);
	buf_printf(doc->out, "\"%s\": %s", name, bracket);
	doc->depth++;
	doc->is_first = true;
}

static void end(struct document *doc, const char *bracket)
{
	doc->depth--;
	doc->is_first = true;
	buf_puts(doc->out, "\n");
	for (int i = 0; i < doc->depth; i++)
		buf_puts(doc->out, "\t");
	buf_puts(doc->out, bracket);
	doc->is_first = false;
}

static void add_string(struct document *doc, const char *name, const char *value)
{
	begin_line(doc);
	buf_printf(doc->out, "\"%s\": \"%s\"", name, value);
}

static void add_bool(struct document *doc, const char *name, bool value)
{
	begin_line(doc);
	buf_printf(doc->out, "\"%s\": %s", name, value ? "true" : "false");
}

static void add_item(struct document *doc, const char *word, size_t len)
{
	begin_line(doc);
	buf_printf(doc->out, "\"%.*s\"", (int)len, word);
}

static void add_words(struct document *doc, const char *name, const char *words)
{
	begin(doc, name, "[");
	while (*words) {
		size_t len = strcspn(words, " ");

		add_item(doc, words, len);
		words += len + (words[len] == ' ');
	}
	end(doc, "]");
}

/* An array that ends with NULL. */
static void add_names(struct document *doc, const char *name, const char *const *names)
{
	begin(doc, name, "[");
	for (; *names; names++)
		add_item(doc, *names, strlen(*names));
	end(doc, "]");
}

static void add_enabled(struct document *doc, const char *name)
{
	begin(doc, name, "{");
	add_bool(doc, "enabled", true);
	end(doc, "}");
}

/* ------------------------------------------------------------------------------- the document */

static void add_namespaces(struct document *doc)
{
	begin(doc, "namespaces", "[");
	for (int i = 0; i < NS_KIND_MAX_; i++)
		add_item(doc, ns_types[i].oci_name, strlen(ns_types[i].oci_name));
	end(doc, "]");
}

static void add_capabilities(struct document *doc)
{
	const char *name;

	begin(doc, "capabilities", "[");
	for (unsigned i = 0; (name = caps_name(i)); i++)
		add_item(doc, name, strlen(name));
	end(doc, "]");
}

static void add_cgroup(struct document *doc)
{
	begin(doc, "cgroup", "{");
	add_bool(doc, "v1", true);
	add_bool(doc, "v2", true);
	add_bool(doc, "systemd", true);
	add_bool(doc, "systemdUser", true);
	add_bool(doc, "rdma", true);
	end(doc, "}");
}

static void add_seccomp(struct document *doc)
{
	begin(doc, "seccomp", "{");
	add_bool(doc, "enabled", true);
	add_names(doc, "actions", seccomp_action_names);
	add_names(doc, "operators", seccomp_operator_names);
	add_names(doc, "archs", seccomp_arch_names);
	add_names(doc, "knownFlags", seccomp_flag_names);
	begin(doc, "supportedFlags", "[");
	for (size_t i = 0; i < N_SECCOMP_FLAGS; i++)
		if (seccomp_has_flag(seccomp_flags[i].flag))
			add_item(doc, seccomp_flags[i].name, strlen(seccomp_flags[i].name));
	end(doc, "]");
	end(doc, "}");
}

static void add_intel_rdt(struct document *doc)
{
	begin(doc, "intelRdt", "{");
	add_bool(doc, "enabled", true);
	add_bool(doc, "schemata", true);
	add_bool(doc, "monitoring", true);
	end(doc, "}");
}

static void add_memory_policy(struct document *doc)
{
	begin(doc, "memoryPolicy", "{");
	add_words(doc, "modes",
		  "MPOL_DEFAULT MPOL_PREFERRED MPOL_BIND MPOL_INTERLEAVE MPOL_LOCAL "
		  "MPOL_PREFERRED_MANY MPOL_WEIGHTED_INTERLEAVE");
	add_words(doc, "flags", "MPOL_F_STATIC_NODES MPOL_F_RELATIVE_NODES MPOL_F_NUMA_BALANCING");
	end(doc, "}");
}

static void add_linux(struct document *doc)
{
	begin(doc, "linux", "{");
	add_namespaces(doc);
	add_capabilities(doc);
	add_cgroup(doc);
	add_seccomp(doc);
	add_enabled(doc, "apparmor");
	add_enabled(doc, "selinux");
	add_intel_rdt(doc);
	add_memory_policy(doc);
	begin(doc, "mountExtensions", "{");
	add_enabled(doc, "idmap");
	end(doc, "}");
	add_enabled(doc, "netDevices");
	end(doc, "}");
}

int rt_features_format(struct buf *out, struct err *err)
{
	struct document doc = { .out = out, .depth = 1, .is_first = true };

	(void)err;
	buf_puts(out, "{");
	add_string(&doc, "ociVersionMin", SPEC_OLDEST);
	add_string(&doc, "ociVersionMax", SPEC_NEWEST);
	add_words(&doc, "hooks", hooks);
	add_words(&doc, "mountOptions", mount_options);
	add_linux(&doc);
	begin(&doc, "annotations", "{");
	add_string(&doc, "dev.tare.version", TARE_VERSION);
	end(&doc, "}");
	add_words(&doc, "potentiallyUnsafeConfigAnnotations", "org.systemd.property.");
	buf_puts(out, "\n}\n");
	return 0;
}
