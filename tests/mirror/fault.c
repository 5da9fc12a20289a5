/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Preloaded into the program under test: counts the calls that change what is on the disk, and at
 * the one that UC_FAULT_AT names either ends the process as kill -9 does, or begins to answer that
 * the disk is full.
 *
 *   UC_FAULT_AT     number of the call, from 1; 0 or nothing only counts
 *   UC_FAULT_MODE   `kill` (before the call), `torn` (in the middle of a write), or `full`
 *   UC_FAULT_COUNT  file that gets the number of calls when the process ends
 *
 * A write counts only on a regular file, so that standard output works to the end.
 */

/* otherwise the two names of each call below would be one */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FAULT_REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

/* the whole state of this library; it has no caller that could own it */
static unsigned long fault_calls;

static int
fault_is_mode(const char *mode)
{
	const char *value = getenv("UC_FAULT_MODE");

	return value != NULL && strcmp(value, mode) == 0;
}

static unsigned long
fault_get_at(void)
{
	const char *value = getenv("UC_FAULT_AT");

	return value != NULL ? strtoul(value, NULL, 10) : 0;
}

/* whether this call is the one, or for a full disk one after it that takes room */
static int
fault_hit(int takes_room)
{
	unsigned long at = fault_get_at();
	unsigned long number = __atomic_add_fetch(&fault_calls, 1, __ATOMIC_SEQ_CST);

	if (at == 0 || number < at)
		return 0;
	if (!fault_is_mode("full"))
		return number == at;
	if (takes_room)
		errno = ENOSPC;
	return takes_room;
}

static int
fault_before(int takes_room)
{
	if (!fault_hit(takes_room))
		return 0;
	if (!fault_is_mode("full"))
		raise(SIGKILL);
	return -1;
}

static int
fault_is_file(int fd)
{
	struct stat info;

	return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

static void __attribute__((destructor))
fault_report(void)
{
	const char *path = getenv("UC_FAULT_COUNT");
	FILE *file = path != NULL ? fopen(path, "we") : NULL;

	if (file == NULL)
		return;
	fprintf(file, "%lu\n", fault_calls);
	fclose(file);
}

ssize_t
write(int fd, const void *data, size_t size)
{
	if (fault_is_file(fd) && fault_hit(1)) {
		if (fault_is_mode("full"))
			return -1;
		if (fault_is_mode("torn"))
			(void)!FAULT_REAL(write)(fd, data, size / 2);
		raise(SIGKILL);
	}
	return FAULT_REAL(write)(fd, data, size);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	if (fault_is_file(fd) && fault_before(1) != 0)
		return -1;
	return FAULT_REAL(writev)(fd, parts, count);
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t offset)
{
	if (fault_hit(1)) {
		if (fault_is_mode("full"))
			return -1;
		if (fault_is_mode("torn"))
			(void)!FAULT_REAL(pwrite)(fd, data, size / 2, offset);
		raise(SIGKILL);
	}
	return FAULT_REAL(pwrite)(fd, data, size, offset);
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off_t offset)
{
	return pwrite(fd, data, size, offset);
}

int
fsync(int fd)
{
	return fault_before(0) != 0 ? -1 : FAULT_REAL(fsync)(fd);
}

int
fdatasync(int fd)
{
	return fault_before(0) != 0 ? -1 : FAULT_REAL(fdatasync)(fd);
}

int
rename(const char *from, const char *to)
{
	return fault_before(0) != 0 ? -1 : FAULT_REAL(rename)(from, to);
}

int
link(const char *from, const char *to)
{
	return fault_before(1) != 0 ? -1 : FAULT_REAL(link)(from, to);
}

int
symlink(const char *target, const char *path)
{
	return fault_before(1) != 0 ? -1 : FAULT_REAL(symlink)(target, path);
}

int
mkdir(const char *path, mode_t mode)
{
	return fault_before(1) != 0 ? -1 : FAULT_REAL(mkdir)(path, mode);
}

int
unlink(const char *path)
{
	return fault_before(0) != 0 ? -1 : FAULT_REAL(unlink)(path);
}

int
rmdir(const char *path)
{
	return fault_before(0) != 0 ? -1 : FAULT_REAL(rmdir)(path);
}

int
remove(const char *path)
{
	return fault_before(0) != 0 ? -1 : FAULT_REAL(remove)(path);
}

int
ftruncate(int fd, off_t size)
{
	return fault_before(0) != 0 ? -1 : FAULT_REAL(ftruncate)(fd, size);
}

int
ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}
