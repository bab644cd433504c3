/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor: looks at an installation, with a server over it or without, and
 * changes nothing.
 *
 * The checks are the rows of doctor_tbl.h.  Each says what it found with
 * doctor_say(); none of them ends the others.
 */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "cmd/settings.h"

struct args;
struct json_t;
struct store_image;

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };

struct doctor {
	const struct args *args;
	struct settings settings; /* as far as they could be read */
	const char *config;	  /* the file; "": none */
	const char *data;	  /* the folder */
	const char *check;	  /* that is running: its name */
	bool has_settings;
	bool has_folder;	/* it is there */
	bool has_store;		/* and so is a store, which opens */
	struct stat folder;
	int lock;		/* taken by us; -1 */
	bool is_served;		/* another process has the lock... */
	long server_pid;	/* ...this one; 0: that is not known */
	struct store_image *image; /* NULL: there is none to look at */
	uint64_t store_bytes;
	unsigned counts[VERDICT_FAIL + 1];
	struct json_t *rows;	/* with --json; NULL: lines are printed */
};

/* What the running check found; remedy: what to do about it, NULL with
 * VERDICT_OK. */
void doctor_say(struct doctor *doctor, enum verdict verdict,
    const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* DIR/name of the data folder; ERR_TOO_BIG. */
int doctor_path(const struct doctor *doctor, const char *name,
    char out[URI_BYTES_MAX]);

/* A line of a file that begins with name, after it and what is blank; false:
 * there is none.  For files of /proc. */
#define DOCTOR_LINE_SIZE 512u
bool doctor_line(const char *path, const char *name,
    char out[DOCTOR_LINE_SIZE]);

#define CHECK(function, name, about)                                          \
	void doctor_##function(struct doctor *doctor);
#include "cmd/doctor_tbl.h"

#endif
