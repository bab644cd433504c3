/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/fs.h"
#include "sys/process.h"

#define PROC_BYTES_MAX 4096u
/* Of /proc/self/stat: fields behind the name, which may hold anything. */
#define STAT_START 19 /* of them before the start's */

static double
clock_seconds(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0)
		return 0;
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* In seconds since 1970; 0: unknown. */
static double
start_read(void)
{
	uint64_t ticks = 0;
	double hz = (double)sysconf(_SC_CLK_TCK), begun = 0;
	const char *at;
	struct buf text;
	int i;

	buf_init(&text, PROC_BYTES_MAX);
	if (hz > 0 && fs_read_file("/proc/self/stat", &text, NULL) == 0) {
		at = strrchr(buf_text(&text), ')');
		for (i = 0; at != NULL && i <= STAT_START; i++) {
			at = strchr(at + 1, ' ');
		}
		if (at != NULL && sscanf(at, "%" SCNu64, &ticks) == 1)
			begun = clock_seconds(CLOCK_REALTIME) -
			    clock_seconds(CLOCK_BOOTTIME) +
			    (double)ticks / hz;
	}
	buf_fini(&text);
	return begun;
}

/* Worked out once: a clock that is set would move it. */
static double
start_seconds(void)
{
	static _Atomic double kept;
	double start = atomic_load(&kept), none = 0;

	if (start > 0)
		return start;
	start = start_read();
	if (!atomic_compare_exchange_strong(&kept, &none, start))
		start = none;
	return start;
}

static void
memory_read(struct process_stats *stats)
{
	uint64_t pages = 0, resident = 0, size;
	struct buf text;

	size = (uint64_t)sysconf(_SC_PAGESIZE);
	buf_init(&text, PROC_BYTES_MAX);
	if (fs_read_file("/proc/self/statm", &text, NULL) == 0 &&
	    sscanf(buf_text(&text), "%" SCNu64 " %" SCNu64, &pages,
		&resident) == 2) {
		stats->virtual_bytes = pages * size;
		stats->resident_bytes = resident * size;
	}
	buf_fini(&text);
}

static uint64_t
fds_count(void)
{
	const struct dirent *entry;
	uint64_t count = 0;
	DIR *dir;

	dir = opendir("/proc/self/fd");
	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	(void)closedir(dir);
	return count - 1; /* the one that it was read through */
}

void
process_stats(struct process_stats *ret_stats)
{
	struct rlimit limit;

	memset(ret_stats, 0, sizeof(*ret_stats));
	ret_stats->start_s = start_seconds();
	ret_stats->cpu_s = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
	memory_read(ret_stats);
	ret_stats->open_fds = fds_count();
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		ret_stats->max_fds = (uint64_t)limit.rlim_cur;
}

uint64_t
disk_free_bytes(const char *path)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0)
		return 0;
	return (uint64_t)fs.f_bavail * (uint64_t)fs.f_frsize;
}

uint64_t
disk_file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 ? 0 : (uint64_t)st.st_size;
}
