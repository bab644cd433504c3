/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index: files and folders of this machine into a base.
 */
#ifndef CMD_INDEX_H
#define CMD_INDEX_H

#include <jansson.h>
#include <stdio.h>

struct args;
struct client;
struct err_note;

/*
 * Make the base when it is missing, and start a job over args' words (files
 * and folders): in place where the server may read them itself, else they are
 * sent, and out shows how far that is.  Jobs are appended to jobs: one, or
 * more where so much had to be sent.  ERR_INVALID: a path that is not there.
 */
int index_start(struct client *client, const struct args *args,
    const char *base, FILE *out, json_t *jobs, struct err_note *note);

#endif
