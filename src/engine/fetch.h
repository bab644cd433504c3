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

#endif
