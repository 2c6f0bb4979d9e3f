/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Furnishing the child's new namespaces from outside: its ids, mounts mapped by them, network
 * interfaces, the systemd scope, the group of Intel RDT.
 */
#include "rt/furnish.h"

#include "base/cleanup.h"
#include "rt/plan_idmap.h"
#include "rt/plan_process.h"
#include "rt/sync.h"
#include "sys/netdev.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static bool has_new_userns(const struct birth *b)
{
	const struct oci_namespace *ns = oci_spec_find_ns(b->spec, NS_USER);

	return ns && !ns->path;
}

/* Are the cgroups made while the child is on its way? (Ask before they are made.) */
static bool is_cgroup_late(const struct birth *b)
{
	return b->wants_cgroup && !b->c.has_cgroup;
}

/* A setting of an interface: "net.ipv6.conf.eth0.accept_ra", with dots or with slashes. */
static bool is_of_interface(const char *key)
{
	return strncmp(key, "net", 3) == 0 && (strstr(key, "conf") || strstr(key, "neigh"));
}

bool furnish_network_is_first(const struct birth *b)
{
	const struct oci_pairs *sysctl = &b->spec->linux_->sysctl;

	for (size_t i = 0; b->create->on_network && i < sysctl->n; i++)
		if (is_of_interface(sysctl->v[i].key))
			return true;
	return false;
}

bool furnish_is_needed(const struct birth *b)
{
	return has_new_userns(b) || b->plan.idmapped || b->spec->linux_->net_devices.n ||
	       is_cgroup_late(b) || furnish_network_is_first(b);
}

struct idmap furnish_idmap(const struct oci_id_mappings *mappings, struct arena *arena)
{
	struct idmap_range *ranges = arena_array(arena, struct idmap_range, mappings->n);

	for (size_t i = 0; i < mappings->n; i++)
		ranges[i] = (struct idmap_range){ .inside = mappings->v[i].container_id,
						  .outside = mappings->v[i].host_id,
						  .size = mappings->v[i].size };
	return (struct idmap){ .ranges = ranges, .n = mappings->n };
}

static int write_maps(struct birth *b, struct err *err)
{
	struct idmap uids = furnish_idmap(&b->spec->linux_->uid_mappings, &b->c.arena);
	struct idmap gids = furnish_idmap(&b->spec->linux_->gid_mappings, &b->c.arena);
	int r = idmap_write(b->c.proc_fd, b->host_pid, &uids, &gids, err);

	return r < 0 ? err_wrap(err, "linux.uidMappings") : 0;
}

/* The child's namespace of one kind, by its process: also when it joined it by a path. */
static int open_child_ns(const struct birth *b, enum ns_kind kind, int *ret_fd, struct err *err)
{
	char path[48];

	(void)snprintf(path, sizeof(path), "%d/ns/%s", (int)b->host_pid, ns_types[kind].proc_name);
	*ret_fd = openat(b->c.proc_fd, path, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open the container's %s namespace",
				     ns_types[kind].oci_name)
			   : 0;
}

static int map_mounts(struct birth *b, struct err *err)
{
	auto_close int userns_fd = -1;
	int r = 0;

	if (!b->plan.idmapped)
		return 0;
	if (b->plan.in_userns)
		r = open_child_ns(b, NS_USER, &userns_fd, err);
	return r < 0 ? r : plan_idmap_apply(&b->plan, b->c.proc_fd, userns_fd, err);
}

/* The child may not have joined yet what is joined by a path. */
static int open_net_ns(const struct birth *b, int *ret_fd, struct err *err)
{
	const struct oci_namespace *net = oci_spec_find_ns(b->spec, NS_NET);

	if (!net->path)
		return open_child_ns(b, NS_NET, ret_fd, err);
	*ret_fd = open(net->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open '%s'", net->path) : 0;
}

static int move_net_devices(struct birth *b, struct err *err)
{
	auto_close int net_fd = -1;
	int r;

	if (!b->spec->linux_->net_devices.n)
		return 0;
	r = open_net_ns(b, &net_fd, err);
	for (size_t i = 0; i < b->spec->linux_->net_devices.n && r == 0; i++) {
		const struct oci_net_device *dev = &b->spec->linux_->net_devices.v[i];

		r = netdev_move(dev->host_name, net_fd, dev->name, err);
		if (r < 0)
			return err_wrap(err, "linux.netDevices.%s", dev->host_name);
	}
	return r;
}

struct resctrl_group furnish_rdt(const struct oci_intel_rdt *rdt, const char *id)
{
	return (struct resctrl_group){
		.clos_id = rdt->clos_id,
		.container_id = id,
		.l3_cache_schema = rdt->l3_cache_schema,
		.mem_bw_schema = rdt->mem_bw_schema,
		.schemata = rdt->schemata.v,
		.n_schemata = rdt->schemata.n,
		.monitor = rdt->enable_monitoring.value,
	};
}

/* What was made is written down before anything else can fail. */
static int join_rdt(struct birth *b, struct err *err)
{
	const struct oci_intel_rdt *rdt = b->spec->linux_->intel_rdt;
	auto_close int root_fd = -1;
	struct resctrl_group group;
	struct resctrl_made made;
	int r;

	if (!rdt)
		return 0;
	group = furnish_rdt(rdt, b->create->id);
	r = resctrl_open(&root_fd, err);
	if (r == 0)
		r = resctrl_create(root_fd, &group, &made, err);
	if (r < 0)
		return err_wrap(err, "linux.intelRdt");
	b->record.made_rdt_class = made.clos;
	b->record.made_rdt_monitor = made.monitor;
	r = record_write(&b->c.dir, &b->record, err);
	return r < 0 ? r : resctrl_add_pid(root_fd, &group, b->host_pid, err);
}

/* Descriptors that the child gets with ENTER. */
struct cargo {
	uint32_t cgroups; /* bit i: the i-th hierarchy */
	int fds[CHILD_CGROUP_FDS];
	size_t n;
};

static void unload(struct cargo *cargo)
{
	for (size_t i = 0; i < cargo->n; i++)
		(void)close(cargo->fds[i]);
}

static int load_trees(const struct cgroup_hierarchy *hierarchies, size_t n, struct cargo *cargo,
		      struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		int fd;

		if (hierarchies[i].dir_fd < 0)
			continue;
		fd = mount_clone(hierarchies[i].dir_fd, "", false);
		if (fd < 0)
			return err_sys(err, -fd, "clone the cgroup '%s'",
				       hierarchies[i].mount_name);
		cargo->fds[cargo->n++] = fd;
	}
	return 0;
}

static int load_cgroups(struct birth *b, struct cargo *cargo, struct err *err)
{
	struct cgroup_hierarchy hierarchies[CGROUPFS_TREES_MAX];
	int n, r;

	if (!is_cgroup_late(b))
		return 0;
	r = birth_make_cgroup(b, err);
	if (r < 0)
		return r;
	/* A limit that only the v2 tree of a hybrid machine knows: there the child is moved. */
	if (cgroup_v2_fd(&b->c.cg) >= 0 && !b->record.systemd_unit)
		r = cgroup_add_pid(&b->c.cg, b->host_pid, err);
	if (r < 0)
		return r;
	n = cgroup_open_tasks(&b->c.cg, cargo->fds, CGROUPFS_TREES_MAX, err);
	if (n < 0)
		return n;
	cargo->n = (size_t)n;
	n = (int)cgroup_hierarchies(&b->c.cg, hierarchies);
	for (int i = 0; i < n; i++)
		cargo->cgroups |= (uint32_t)(hierarchies[i].dir_fd >= 0 && !hierarchies[i].v2) << i;
	return b->plan.is_privileged ? load_trees(hierarchies, (size_t)n, cargo, err) : 0;
}

static int enter(struct birth *b, struct err *err)
{
	struct cargo cargo = {};
	int r = load_cgroups(b, &cargo, err), sent = 0;

	if (r == 0 && b->enter->needed)
		sent = sync_send_enter(b->sync_fd, cargo.cgroups, cargo.fds, cargo.n);
	/* A child that died meanwhile has sent us why. */
	if (sent == -EPIPE || sent == -ECONNRESET)
		r = sync_wait(b->sync_fd, SYNC_READY, NULL, err);
	else if (sent < 0)
		r = err_sys(err, -sent, "let the container's first process go on");
	unload(&cargo);
	return r;
}

/* A namespace that is joined has been furnished by whoever made it. */
static int open_new_net(const struct birth *b, int *ret_fd, struct err *err)
{
	const struct oci_namespace *net = oci_spec_find_ns(b->spec, NS_NET);

	if (!b->create->on_network || !net || net->path)
		return 0;
	return open_child_ns(b, NS_NET, ret_fd, err);
}

static int furnish_network(struct birth *b, int net_fd, struct err *err)
{
	return net_fd < 0 ? 0 : b->create->on_network(net_fd, b->create->on_network_arg, err);
}

/* The child goes on with its mounts meanwhile, unless it is to find its interfaces. */
static int enter_and_furnish_network(struct birth *b, struct err *err)
{
	bool is_first = furnish_network_is_first(b);
	auto_close int net_fd = -1;
	int r = open_new_net(b, &net_fd, err);

	if (r == 0 && is_first)
		r = furnish_network(b, net_fd, err);
	if (r == 0)
		r = enter(b, err);
	if (r == 0 && !is_first)
		r = furnish_network(b, net_fd, err);
	return r;
}

int furnish(struct birth *b, struct err *err)
{
	int r = 0;

	if (has_new_userns(b))
		r = write_maps(b, err);
	if (r == 0)
		r = map_mounts(b, err);
	if (r == 0)
		r = move_net_devices(b, err);
	if (r == 0)
		r = join_rdt(b, err);
	if (r == 0)
		r = plan_process_set_oom_score(b->spec->process, b->c.proc_fd, b->host_pid, err);
	return r < 0 ? r : enter_and_furnish_network(b, err);
}
