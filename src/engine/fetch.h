/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch: an item's content, where that lies somewhere else or is not what was
 * found.  Floor 4.
 */
#ifndef ENGINE_FETCH_H
#define ENGINE_FETCH_H

#include <stdbool.h>

struct err_note;
struct task;

/* Has its content to be fetched from its document's source?  What job its item
 * is of does not matter. */
bool task_is_remote(const struct task *task);

/*
 * The content of an item of a source as an open, unlinked file: sets task->fd
 * and returns 0, or STEP_ENDED, or an error.
 */
int task_fetch(struct task *task, struct err_note *note);

/*
 * task->fd is of a document of a source: where that is a page of the web, and
 * its source leaves elements out of its pages, it becomes that of the page
 * without them.
 */
int task_cut_page(struct task *task, struct err_note *note);

/* ---- what the files of fetching share ------------------------------------ */

/* What err, of the other side, means for the item: STEP_ENDED or an error. */
int fetch_judge(struct task *task, int err, struct err_note *note);

/* fetch_link.c: what lies at the item's own address, into fd, if it is not
 * what is indexed already: 0, STEP_ENDED or an error. */
int fetch_link(struct task *task, int fd, struct err_note *note);

#endif
