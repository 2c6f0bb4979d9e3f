/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation. What /proc/PID/exe opens is the path (mount and dentry) that the kernel
 * keeps for the process. If that mount is read-only, and belongs to no namespace, nobody can write
 * the file through it or make it writable again. Others get there by executing themselves a second
 * time from such a mount, or from a copy in memory, which costs half a millisecond. Here the
 * running process moves house:
 *
 *	1. clone the mount of the executable, detached and read-only;
 *	2. map the same pages of the same file, now through the clone, over the running text (the
 *	   bytes are identical, the page cache is shared, nothing is read or copied); copy the few
 *	   written pages to anonymous memory of the same address;
 *	3. no mapping refers to the old path now, so PR_SET_MM_MAP may name the clone as the
 *	   process's executable.
 *
 * That costs a tenth of a millisecond. The other fields of PR_SET_MM_MAP are informative, except
 * brk; they get values that the kernel accepts, and the words of the command line stay.
 */
#include "sys/selfexe.h"

#include "base/cleanup.h"
#include "sys/mount.h"

#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/mount.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

extern const char __ehdr_start[] __attribute__((visibility("hidden")));

int selfexe_path(char *buf, unsigned long size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);

	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return (unsigned long)n == size - 1 ? -ENAMETOOLONG : 0;
}

bool selfexe_is_writable(void)
{
	return access("/proc/self/exe", W_OK) == 0;
}

bool selfexe_is_supported(void)
{
	unsigned size = 0;

	return getauxval(AT_BASE) == 0 && prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0) == 0 &&
	       size == sizeof(struct prctl_mm_map);
}

/* Exchange a written segment for an anonymous copy. */
static int remap_copy(uintptr_t start, size_t len)
{
	void *copy = mmap(NULL, len, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (copy == MAP_FAILED)
		return -errno;
	memcpy(copy, (void *)start, len);
	if (mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)start) == MAP_FAILED)
		return -errno;
	return 0;
}

static int remap_segment(const ElfW(Phdr) *header, int exe_fd)
{
	uintptr_t page = getauxval(AT_PAGESZ), base = (uintptr_t)__ehdr_start;
	uintptr_t start = (base + header->p_vaddr) & ~(page - 1);
	uintptr_t end = (base + header->p_vaddr + header->p_filesz + page - 1) & ~(page - 1);
	int prot = PROT_READ | (header->p_flags & PF_X ? PROT_EXEC : 0);
	off_t offset = (off_t)(header->p_offset & ~(page - 1));

	if (header->p_flags & PF_W)
		return remap_copy(start, end - start);
	if (mmap((void *)start, end - start, prot, MAP_PRIVATE | MAP_FIXED, exe_fd, offset) ==
	    MAP_FAILED)
		return -errno;
	return 0;
}

/* Where `ps` looks for our command line: where the kernel put it, if that is still there. */
static void keep_words(struct prctl_mm_map *map)
{
	uintptr_t args = (uintptr_t)program_invocation_name;
	uintptr_t end = getauxval(AT_EXECFN);
	uintptr_t env = environ && environ[0] ? (uintptr_t)environ[0] : end;

	if (args >= env || env > end)
		return;
	map->arg_start = args;
	map->arg_end = map->env_start = env;
	map->env_end = end;
}

static int set_executable(int exe_fd)
{
	uintptr_t base = (uintptr_t)__ehdr_start, page = getauxval(AT_PAGESZ);
	uintptr_t brk = (uintptr_t)sbrk(0), stack = (uintptr_t)&base;
	struct prctl_mm_map map = {
		.start_code = base,  .end_code = base + page, .start_data = base,
		.end_data = base + page, .start_brk = brk,    .brk = brk,
		.start_stack = stack,	 .arg_start = stack,  .arg_end = stack + 1,
		.env_start = stack,	 .env_end = stack + 1, .exe_fd = (unsigned)exe_fd,
	};

	keep_words(&map);
	return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0) < 0 ? -errno : 0;
}

/* The link leads to a mount of the namespace that we were started in, which can't be cloned from
 * another; in a copy of that namespace the same path leads to the same file. */
static int clone_executable(const char *exe_path)
{
	char path[PATH_MAX];
	int fd = mount_clone(AT_FDCWD, exe_path ? exe_path : "/proc/self/exe", false), r;

	if (fd != -EINVAL || exe_path)
		return fd;
	r = selfexe_path(path, sizeof(path));
	return r < 0 ? r : mount_clone(AT_FDCWD, path, false);
}

int selfexe_open(const char *exe_path)
{
	static const struct mount_change read_only = { .set = MOUNT_ATTR_RDONLY };
	auto_close int tree_fd = clone_executable(exe_path);
	auto_close int exe_fd = -1;
	struct stat ours, theirs;
	char path[40];
	int r;

	if (tree_fd < 0)
		return tree_fd;
	r = mount_change(tree_fd, &read_only, false);
	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", tree_fd);
	exe_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (exe_fd < 0 || stat("/proc/self/exe", &ours) < 0 || fstat(exe_fd, &theirs) < 0)
		return -errno;
	if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
		return -ESTALE;
	return take_fd(&exe_fd);
}

int selfexe_adopt(int exe_fd)
{
	const ElfW(Phdr) *headers = (const void *)getauxval(AT_PHDR);
	unsigned long n = getauxval(AT_PHNUM);
	int r = 0;

	for (unsigned long i = 0; i < n && r == 0; i++)
		if (headers[i].p_type == PT_LOAD)
			r = remap_segment(&headers[i], exe_fd);
	return r == 0 ? set_executable(exe_fd) : r;
}

/* A file on a mount of its own, without a namespace, has the path "/". */
static bool is_out_of_reach(void)
{
	char path[8];
	struct statvfs fs;

	return selfexe_path(path, sizeof(path)) == 0 && strcmp(path, "/") == 0 &&
	       statvfs("/proc/self/exe", &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

int selfexe_execute_again(char *const argv[])
{
	auto_close int exe_fd = -1;

	if (selfexe_is_supported() || is_out_of_reach())
		return 0;
	exe_fd = selfexe_open(NULL);
	if (exe_fd < 0)
		return exe_fd;
	(void)fexecve(exe_fd, argv, environ);
	return -errno;
}
