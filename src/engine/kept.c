/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contents that are kept: jobs that put them, and jobs that index them.
 *
 * A job that puts has ended with the transaction that makes it: its items are
 * final when they are made.  One that indexes looks for its documents itself
 * (scan_kept.c), and only when those of its kind that came before it have
 * ended: that is looked at when it is asked for, when the program starts, and
 * when one of them ends.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "engine/engine_int.h"
#include "engine/kept.h"
#include "engine/plan.h"
#include "engine/puts.h"
#include "engine/writer.h"
#include "source/folder.h"

/* A job's source names so many folders one by one (open.c). */
#define ROOTS_MAX 64u

/* ---- putting ------------------------------------------------------------- */

int
engine_job_keep(struct engine *engine, const struct job_request *request,
    struct put *list, size_t count, struct job *ret_job,
    struct err_note *note)
{
	struct puts puts = {.list = list, .count = count, .is_keep = true};
	struct job_request own = *request;
	size_t i;

	/* Nothing of the index is replaced. */
	own.keeps_replaced = false;
	for (i = 0; i < count; i++)
		if (list[i].upload == NULL)
			return err_set(note, ERR_INVALID,
			    "no content was given");
	return puts_run(engine, &own, JOB_KIND_KEEP, &puts, NULL, ret_job,
	    note);
}

struct newest {
	const uint8_t *content;
	bool is_same;
};

static int
newest_row(void *arg, const struct item_row *row)
{
	struct newest *newest = arg;

	newest->is_same = row->blob != NULL &&
	    memcmp(row->blob, newest->content, HASH_SIZE) == 0 &&
	    (row->item.state == ITEM_COMPLETED ||
		row->item.state == ITEM_SKIPPED);
	return 0;
}

/* Is that very content indexed?  What was changed by hand since has no hash of
 * its own any more: its newest item tells what it was made of. */
static int
is_indexed_so(struct store *store, const struct target *target,
    const uint8_t *content, bool *ret_is)
{
	struct newest newest = {.content = content};
	int err = 0;

	if (!target->is_edited)
		newest.is_same = memcmp(target->hash, content, HASH_SIZE) == 0;
	else if (!target->is_held && target->item_id != 0)
		err = store_item_get(store, target->item_id, newest_row,
		    &newest);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	*ret_is = target->is_indexed && newest.is_same;
	return 0;
}

static int
open_row(void *arg, const struct item_row *row)
{
	int64_t *open_id = arg;

	*open_id = row->item.id;
	return 0;
}

int
keep_look(struct write_tx *tx, const struct target *target,
    struct item_row *row, int64_t *ret_open_id)
{
	bool is_indexed = false;
	int64_t open_id = 0;
	int err;

	/* What was open with another content is cancelled already. */
	err = store_items_of_document(tx_store(tx), row->item.document_id, 1,
	    open_row, &open_id);
	if (err == 0)
		err = is_indexed_so(tx_store(tx), target, row->blob,
		    &is_indexed);
	if (err < 0)
		return err;
	row->item.code = is_indexed && open_id == 0 ? ITEM_CODE_UNCHANGED
						    : ITEM_CODE_KEPT;
	*ret_open_id = open_id;
	return 0;
}

int
keep_note(struct write_tx *tx, const struct item_row *row, int64_t open_id)
{
	/* A job has this very content in its hands. */
	if (open_id != 0)
		return store_document_newest(tx_store(tx),
		    row->item.document_id, open_id);
	if (row->item.code != ITEM_CODE_KEPT)
		return 0;
	return store_document_hold(tx_store(tx), row->item.document_id,
	    tx_now_us(tx));
}

/* ---- indexing ------------------------------------------------------------ */

static size_t
root_count(const struct engine *engine)
{
	return engine->folder_root_count < ROOTS_MAX
	    ? engine->folder_root_count : ROOTS_MAX;
}

bool
kept_may_read(const struct engine *engine, const char *uri)
{
	struct buf path;
	bool may;

	buf_init(&path, URI_BYTES_MAX);
	may = strncmp(uri, "file:", 5) == 0 &&
	    folder_path_of_uri(uri, &path) == 0 &&
	    folder_is_below((const char *const *)engine->folder_roots,
		root_count(engine), buf_text(&path));
	buf_fini(&path);
	return may;
}

/* Below which folders documents may be read in place again; what it does not
 * look at has not vanished. */
static int
kept_plan(struct engine *engine, struct plan *plan, struct job *ret_job,
    struct err_note *note)
{
	struct buf source;
	struct jsonw w;
	size_t i;
	int err;

	buf_init(&source, HTTP_JSON_BYTES_MAX);
	jsonw_init(&w, &source);
	jsonw_object(&w);
	jsonw_name(&w, "roots");
	jsonw_array(&w);
	for (i = 0; i < root_count(engine); i++)
		jsonw_string(&w, engine->folder_roots[i]);
	jsonw_array_end(&w);
	jsonw_name(&w, "is_retry");
	jsonw_bool(&w, true);
	jsonw_object_end(&w);
	plan->source = buf_text(&source);
	err = source.err < 0 ? source.err
			     : plan_run(engine, plan, ret_job, note);
	buf_fini(&source);
	return err;
}

int
engine_job_kept(struct engine *engine, const struct job_request *request,
    struct job *ret_job, struct err_note *note)
{
	struct plan plan = {.request = *request, .kind = JOB_KIND_KEPT,
	    .attempt = 1, .scan = SCAN_WAITING};

	return kept_plan(engine, &plan, ret_job, note);
}

int
kept_retry(struct engine *engine, const struct job *old,
    enum dialect dialect, struct job *ret_job, struct err_note *note)
{
	struct plan plan = {.request = {.account_id = old->account_id,
	    .base = old->base_uuid, .dialect = dialect, .form = old->form,
	    .keeps_replaced = old->keeps_replaced}, .kind = JOB_KIND_KEPT,
	    .attempt = old->attempt + 1, .scan = SCAN_WAITING};

	return kept_plan(engine, &plan, ret_job, note);
}

void
kept_wake_next(struct engine *engine, const struct job *ended)
{
	struct job next;
	int err;

	err = store_job_next(engine->store, ended->base_id, JOB_KIND_KEPT,
	    ended->id, &next);
	if (err == 0) {
		planner_wake(engine->planner, &next);
	} else if (err != ERR_NOT_FOUND) {
		log_with(LOG_WARN, "the next job of a base waits a moment",
		    LOG_UUID("base", &ended->base_uuid),
		    LOG_TEXT("error", err_text(err)));
		planner_missed(engine->planner);
	}
}
