/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upload: files of this machine sent to a server on another one.
 */
#ifndef CMD_UPLOAD_H
#define CMD_UPLOAD_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

struct client;
struct err_note;
struct folder_rule;

/*
 * Walk the rule's folders and POST what is found to path; each request makes
 * a job, which is appended to jobs.  One request unless there is more than
 * fits into one.  What cannot be read is told on standard error and left out.
 * ERR_NOT_FOUND: there was no file at all.
 */
int upload_send(struct client *client, const char *path,
    const struct folder_rule *rule, FILE *out, json_t *jobs,
    struct err_note *note);

#endif
