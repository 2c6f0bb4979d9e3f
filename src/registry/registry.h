/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The client of the OCI distribution specification, and the one door to src/registry: what is at a
 * registry, what comes from it, what goes to it. It needs libcurl, so only a program below libexec
 * is linked with it.
 *
 *	REGISTRY_OPTIONS_NONE, registry_open
 *	registry_expand                     "busybox" -> docker.io/library/busybox
 *	registry_get_manifest               -> manifest_parse, manifest_choose
 *	registry_fetch_all                  blobs into descriptors, several at once
 *	registry_push_blobs, registry_push_manifest
 *
 * A registry is contacted by https. Plain http is only for those that registries.conf calls
 * insecure, and for this machine (localhost, 127.0.0.0/8), where it is what follows when https is
 * not spoken. Requests that a registry turns away for a while (429, 503), and connections that
 * break, are tried again, a bounded number of times. What arrives is never believed: a document or
 * a blob is compared with its digest and size before anybody is told that it is there.
 *
 * Errors a caller may act on: ERR_NOT_FOUND (the registry has no such thing), -EACCES (it wants
 * another login, and the hint says how), -ECANCELED (a progress function ended it), ERR_USAGE.
 * Everything else is ERR_SYSTEM: the network, or a registry that breaks the specification.
 *
 * Single-threaded: whoever has several threads uses one `struct registry` from one of them.
 */

#include "base/arena.h"
#include "base/err.h"
#include "image/descriptor.h"
#include "image/digest.h"
#include "image/reference.h"
#include "oci/types.h"

#include <stdbool.h>
#include <stdint.h>

enum registry_tls {
	REGISTRY_TLS_CONFIGURED, /* as registries.conf says for each registry */
	REGISTRY_TLS_VERIFY,     /* --tls-verify: insecure ones too */
	REGISTRY_TLS_INSECURE,   /* --tls-verify=false: whatever certificate, or plain http */
};

/* A name and its password, or an identity token of the authorization service. */
struct registry_login {
	char *user, *password; /* NULL: none */
	char *identity_token;  /* NULL: none */
};

/* All strings are borrowed until registry_close. NULL and 0: as usual. */
struct registry_options {
	const char *config_file; /* instead of registries.conf and its drop-ins */
	const char *auth_file;   /* --authfile: instead of those that are searched */
	const char *cert_dir;    /* --cert-dir: *.crt, *.cert and *.key, instead of certs.d */
	const struct registry_login *login; /* --creds: instead of what is in files */
	enum registry_tls tls;
	unsigned max_parallel;   /* transfers at once; 4 */
	unsigned stall_seconds;  /* without a byte, until a transfer is given up; 30 */
	unsigned max_attempts;   /* of a request that may succeed later; 5 */
	uint64_t chunk_bytes;    /* of a pushed blob in one request; 0: all of it, if that goes */
};

struct registry;

/* Reads the configuration. Nothing is contacted. */
int registry_open(const struct registry_options *options, struct registry **ret, struct err *err);
void registry_close(struct registry *registry);
static inline void registry_closep(struct registry **registry)
{
	registry_close(*registry);
}
#define auto_registry auto_cleanup(registry_closep)

/*
 * The whole names that `text` may stand for, the first to be tried first: itself, when it has a
 * host; else an alias, or one for each unqualified-search-registries of registries.conf; else
 * docker.io. There is at least one. They are for reference_parse.
 */
int registry_expand(const struct registry *registry, const char *text, struct arena *arena,
		    struct oci_strings *ret, struct err *err);

/* ------------------------------------------------------------------------------- pull */

/* A document as the registry served it. */
struct registry_manifest {
	char *media_type; /* without parameters; NULL: not said */
	struct digest digest;
	char *json;       /* NULL: only asked about */
	uint64_t size;
};

/*
 * The manifest or index that `reference` names: by its digest if it has one, else by its tag. Its
 * digest is computed, and is the one asked for. At most MANIFEST_MAX_BYTES.
 */
int registry_get_manifest(struct registry *registry, const struct reference *reference,
			  struct arena *arena, struct registry_manifest *ret, struct err *err);

/* The same without the document, where the registry can say: for "is there a newer one?". The
 * digest is the registry's claim. */
int registry_head_manifest(struct registry *registry, const struct reference *reference,
			   struct arena *arena, struct registry_manifest *ret, struct err *err);

/*
 * A blob on its way into a file. `fd` is open for reading and writing; what is in it already is
 * taken for the blob's beginning, is read once, and the transfer goes on from there.
 *
 * `progress` is called from within registry_fetch_all whenever `bytes` has changed; nobody else may
 * use the registry in it. Up to `bytes` the file can be read already, by an unpacker that verifies
 * what it unpacks. When `restarts` has grown the file began anew, at 0: what was read of it before
 * is worth nothing. When it is over, is_whole says that size and digest are the descriptor's.
 */
struct registry_fetch {
	const struct descriptor *what;
	int fd;
	bool (*progress)(const struct registry_fetch *fetch); /* NULL: nobody; false: end it all */
	void *data;           /* the caller's, for progress */

	uint64_t bytes;
	unsigned restarts;
	bool is_whole;
};

/*
 * Fetch `n` blobs of the repository of `reference`, the first ones first. 0: all are whole. At the
 * first that can't be had everything ends; what has come until then stays in the files, for the
 * next time.
 */
int registry_fetch_all(struct registry *registry, const struct reference *reference,
		       struct registry_fetch *fetches, size_t n, struct err *err);

/* The whole of a small blob (a config), at most `max_bytes`, in `arena`. */
int registry_get_blob(struct registry *registry, const struct reference *reference,
		      const struct descriptor *what, size_t max_bytes, struct arena *arena,
		      char **ret, struct err *err);

/* ------------------------------------------------------------------------------- push */

enum registry_outcome {
	REGISTRY_PENDING,  /* not there yet */
	REGISTRY_EXISTED,  /* it was there */
	REGISTRY_MOUNTED,  /* from mount_from, without a transfer */
	REGISTRY_UPLOADED,
};

/* A blob on its way to a registry. `fd` is read by pread(2). */
struct registry_push {
	const struct descriptor *what;
	int fd;
	const char *mount_from; /* path of another repository of that host which has it; or NULL */
	bool (*progress)(const struct registry_push *push); /* as of a fetch */
	void *data;

	uint64_t bytes; /* that were sent */
	enum registry_outcome outcome;
};

/* Put `n` blobs into the repository of `reference`. 0: all are there. */
int registry_push_blobs(struct registry *registry, const struct reference *reference,
			struct registry_push *pushes, size_t n, struct err *err);

/* Put a manifest there, whose blobs are: under its digest, or under the reference's tag as well.
 * Those that an index names come before it. */
int registry_push_manifest(struct registry *registry, const struct reference *reference,
			   const char *media_type, const char *json, size_t len,
			   struct err *err);

/* ------------------------------------------------------------------------------- catalogue */

/* The tags of the reference's repository, in the registry's order; at most `max`. */
int registry_list_tags(struct registry *registry, const struct reference *reference, size_t max,
		       struct arena *arena, struct oci_strings *ret, struct err *err);

struct registry_found {
	char *name;        /* as a person types it: "busybox", "localhost:5000/app" */
	char *description; /* NULL: the registry has none */
	int64_t stars;
	bool is_official;
};

struct registry_findings {
	struct registry_found *v;
	size_t n;
};

/* Repositories in whose names (at docker.io: or descriptions) `term` is; at most `max`. */
int registry_search(struct registry *registry, const char *host, const char *term, size_t max,
		    struct arena *arena, struct registry_findings *ret, struct err *err);

/* ------------------------------------------------------------------------------- logins */

/* See whether `host` lets that login in, and keep it where logins are kept. -EACCES: it does not,
 * and nothing was kept. An identity token may be kept instead of the password. */
int registry_log_in(struct registry *registry, const char *host,
		    const struct registry_login *login, struct err *err);

/* Forget it. ERR_NOT_FOUND: there was none. */
int registry_log_out(struct registry *registry, const char *host, struct err *err);

/* The login that is kept for `host` (`login --get-login`). ERR_NOT_FOUND. */
int registry_find_login(struct registry *registry, const char *host, struct arena *arena,
			struct registry_login *ret, struct err *err);
