/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking for what of a base has not the vectors that it wants: a walk over its
 * documents, page by page, each of which is one operation of the writer.
 *
 * When all that was found is embedded it is looked for again: documents may
 * have been indexed or changed meanwhile, which was done with the embedder that
 * the base answers by.  When there is nothing left the base is turned to the
 * one that is wanted, in the transaction that has seen so; what failed is left,
 * and then the base goes on answering as it did.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/mirror.h"
#include "engine/scan_int.h"
#include "engine/writer.h"
#include "store/store_model.h"
#include "sys/crash.h"

#define EMBED_PAGE 128u

struct embed_page {
	struct scanner *scanner;
	int64_t job_id, base_id, last_id;
	int64_t ids[EMBED_PAGE];
	size_t count, planned;
	bool is_tail; /* the job has come to its last item once */
};

struct embed_plan {
	struct write_tx *tx;
	struct job *job;
	size_t planned;
};

static int
document_plan(void *arg, const struct document *document)
{
	struct embed_plan *plan = arg;
	struct item_row row;
	int err;

	memset(&row, 0, sizeof(row));
	row.uri = document->uri;
	row.name = document->name;
	row.is_aside = true;
	row.item.document_id = document->id;
	row.item.bytes = document->bytes;
	err = plan_item_add(plan->tx, plan->job, &row);
	plan->planned += err == 0;
	return err;
}

static int
page_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct embed_page *page = arg;
	struct embed_plan plan = {.tx = tx,
	    .job = tx_job(tx, page->job_id)};
	int64_t answering, wanted;
	size_t i;
	int err;

	(void)note;
	if (plan.job == NULL || plan.job->cancelled_us != 0)
		return ERR_CANCELLED;
	if (!page->is_tail)
		plan.job->scan = SCAN_RUNNING;
	err = store_base_embedders(tx_store(tx), page->base_id, &answering,
	    &wanted);
	for (i = 0; err == 0 && i < page->count; i++)
		err = store_documents_unembedded(tx_store(tx), page->base_id,
		    wanted, page->job_id, page->ids[i] - 1, 1, document_plan,
		    &plan);
	page->planned = plan.planned;
	return err;
}

static int
document_take(void *arg, const struct document *document)
{
	struct embed_page *page = arg;

	page->ids[page->count++] = document->id;
	page->last_id = document->id;
	return 0;
}

/* *ret_planned: how many items came of it. */
static int
embed_walk(struct scanner *scanner, const struct job *job, bool is_tail,
    uint64_t *ret_planned)
{
	struct embed_page page = {.scanner = scanner, .job_id = job->id,
	    .base_id = job->base_id, .is_tail = is_tail};
	int64_t answering, wanted;
	int err;

	*ret_planned = 0;
	do {
		if (atomic_load(&scanner->stop))
			return ERR_CANCELLED;
		page.count = 0;
		err = store_base_embedders(scanner->reader, job->base_id,
		    &answering, &wanted);
		if (err == 0)
			err = store_documents_unembedded(scanner->reader,
			    job->base_id, wanted, job->id, page.last_id,
			    EMBED_PAGE, document_take, &page);
		if (err == 0 && page.count > 0)
			err = writer_do_surely(scanner->engine->writer,
			    page_apply, &page, NULL);
		if (err == 0 && page.count > 0)
			*ret_planned += page.planned;
		CRASH_POINT("embed-page");
	} while (err == 0 && page.count == EMBED_PAGE);
	return err;
}

/* ---- the end ------------------------------------------------------------- */

struct embed_end {
	struct engine *engine;
	int64_t job_id, base_id;
	bool has_more; /* something came meanwhile */
};

static int
more_seen(void *arg, const struct document *document)
{
	struct embed_end *end = arg;

	(void)document;
	end->has_more = true;
	return 0;
}

/* Who had the base's vectors in memory had others. */
static void
base_turned(void *arg, int64_t base_id)
{
	struct engine *engine = arg;

	mirrors_forget(engine->mirrors, base_id);
	janitor_lost(engine->janitor);
}

static int
end_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct embed_end *end = arg;
	struct store *store = tx_store(tx);
	struct job *job = tx_job(tx, end->job_id);
	int64_t answering, wanted;
	bool lacks = false;
	int err;

	(void)note;
	end->has_more = false;
	if (job == NULL || !job_is_closing(job))
		return 0;
	err = store_base_embedders(store, end->base_id, &answering, &wanted);
	if (err == 0)
		err = store_base_lacks(store, end->base_id, wanted, &lacks);
	if (err == 0 && lacks)
		err = store_documents_unembedded(store, end->base_id, wanted,
		    end->job_id, 0, 1, more_seen, end);
	if (err < 0 || end->has_more)
		return err;
	if (!lacks && answering != wanted) {
		err = store_base_answer(store, end->base_id);
		if (err == 0)
			tx_on_commit(tx, base_turned, end->engine,
			    end->base_id);
	}
	if (err == 0)
		job->is_finalized = true;
	return err;
}

static int
embed_finish(struct scanner *scanner, const struct job *job)
{
	struct embed_end end = {.engine = scanner->engine,
	    .job_id = job->id, .base_id = job->base_id};
	uint64_t planned = 0;
	int err;

	do {
		err = embed_walk(scanner, job, true, &planned);
		/* There is work again; its end wakes this one. */
		if (err < 0 || planned > 0)
			return err;
		CRASH_POINT("embed-end");
		err = writer_do_surely(scanner->engine->writer, end_apply,
		    &end, NULL);
	} while (err == 0 && end.has_more && !atomic_load(&scanner->stop));
	return err;
}

int
scan_embed_look(struct scanner *scanner, const struct job *job,
    struct err_note *note)
{
	uint64_t planned;
	int err;

	(void)note;
	if (job_is_closing(job))
		return embed_finish(scanner, job);
	if (job->scan >= SCAN_DONE)
		return 0;
	err = embed_walk(scanner, job, false, &planned);
	return err < 0 ? err : scan_end(scanner, job->id, 0, NULL);
}
