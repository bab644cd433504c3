/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_file: the file that a backup is written into or read from, and how far
 * that is.
 */
#ifndef CMD_BACKUP_FILE_H
#define CMD_BACKUP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backup_facts;
struct err_note;

/* One line on a terminal, drawn over and over; nothing elsewhere. */
struct progress {
	const char *what; /* "backup" */
	uint64_t done, total; /* bytes; total 0: not known yet */
	int64_t begun_us, drawn_us;
	bool is_live, is_drawn;
};
void progress_begin(struct progress *progress, const char *what);
void progress_draw(struct progress *progress);
void progress_end(struct progress *progress); /* leaves nothing */

struct backup_file {
	const char *name; /* as it was given; "-": standard input or output */
	char *part;	  /* NAME.part, where it is written; NULL: none */
	int fd;
	int err; /* the first one, with words in note */
	struct err_note *note;
	struct progress progress;
};

/* NAME.part, mode 0600, or standard output, which must be no terminal.
 * ERR_BUSY: another process writes it. */
int backup_file_create(struct backup_file *file, const char *name,
    struct err_note *note);
/* For reading; "-": standard input. */
int backup_file_open(struct backup_file *file, const char *name,
    struct err_note *note);
/* Write; an error is also kept in the file. */
int backup_file_write(void *arg, const void *bytes, size_t len);
/* A backup_read_fn of a struct backup_file. */
int64_t backup_file_read(void *arg, void *bytes, size_t size);
/* Flush it, read it back and hold it against its sums, and give it its name.
 * Of standard output nothing can be read back: *ret_is_checked is false. */
int backup_file_finish(struct backup_file *file,
    struct backup_facts *ret_facts, bool *ret_is_checked,
    struct err_note *note);
/* Close it; what has not got its name goes. */
void backup_file_close(struct backup_file *file);

/* "12.3 MB" */
#define BYTES_TEXT_SIZE 24
void bytes_format(uint64_t bytes, char out[BYTES_TEXT_SIZE]);

/* What is in it, as a JSON object or a line for people; bytes 0: not known. */
void backup_facts_print(const char *name, const struct backup_facts *facts,
    uint64_t bytes, bool is_json);

#endif
