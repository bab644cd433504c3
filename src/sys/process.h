/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process: what this process takes of its machine.  Floor 1.
 */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include <stdint.h>

struct process_stats {
	double start_s;	 /* when it began, since 1970 */
	double cpu_s;	 /* processor time of all its threads */
	uint64_t resident_bytes, virtual_bytes;
	uint64_t open_fds, max_fds;
};

/* From /proc; what cannot be read there is 0. */
void process_stats(struct process_stats *ret_stats);

/* Space on the file system that path is on, for who is not root; the size of a
 * file.  0: cannot be told. */
uint64_t disk_free_bytes(const char *path);
uint64_t disk_file_bytes(const char *path);

#endif
