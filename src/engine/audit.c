/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit: counts again from rows and index what is otherwise only kept in
 * step, and says where the two differ.  In one snapshot, so that work going on
 * does not look like a difference.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "store/store_source.h"

struct audit {
	struct store *reader;
	struct audit_totals totals;
	difference_fn *fn;
	void *arg;
	struct base base;
};

static int
audit_compare(struct audit *audit, const char *what, const struct uuid *where,
    uint64_t stored, uint64_t counted)
{
	struct difference difference;

	if (stored == counted)
		return 0;
	memset(&difference, 0, sizeof(difference));
	(void)snprintf(difference.what, sizeof(difference.what), "%s", what);
	uuid_format(where, difference.where);
	difference.stored = stored;
	difference.counted = counted;
	return audit->fn(audit->arg, &difference);
}

/* ---- shares of sources --------------------------------------------------- */

/* A job's shares as they are stored and as its items say, by source. */
struct audit_shares {
	struct share *stored, *counted;
	size_t count, size;
	uint64_t strays; /* items of a source that has no share */
};

static int
audit_share_take(void *arg, const struct share *share)
{
	struct audit_shares *shares = arg;
	struct share *list;
	size_t size;

	if (shares->count == shares->size) {
		size = shares->size == 0 ? 16 : shares->size * 2;
		list = mem_resize(shares->stored, size, sizeof(*list));
		if (list == NULL)
			return ERR_NOMEM;
		shares->stored = list;
		shares->size = size;
	}
	shares->stored[shares->count++] = *share;
	return 0;
}

static int
share_order(const void *key, const void *element)
{
	const int64_t *source_id = key;
	const struct share *share = element;

	return *source_id < share->source_id ? -1
					     : *source_id > share->source_id;
}

static int
audit_share_item(void *arg, const struct item_row *row)
{
	struct audit_shares *shares = arg;
	struct share *share = NULL;

	if (row->item.source_id == 0)
		return 0;
	if (shares->count > 0)
		share = bsearch(&row->item.source_id, shares->stored,
		    shares->count, sizeof(*share), share_order);
	if (share == NULL)
		shares->strays++;
	else
		share_count(&shares->counted[share - shares->stored], NULL,
		    &row->item);
	return 0;
}

static int
audit_share(struct audit *audit, const struct share *stored,
    const struct share *counted)
{
	static const struct {
		const char *name;
		size_t offset;
	} members[] = {
	    {"share.total", offsetof(struct share, counts.total)},
	    {"share.queued", offsetof(struct share, counts.queued)},
	    {"share.processing", offsetof(struct share, counts.processing)},
	    {"share.completed", offsetof(struct share, counts.completed)},
	    {"share.failed", offsetof(struct share, counts.failed)},
	    {"share.skipped", offsetof(struct share, counts.skipped)},
	    {"share.cancelled", offsetof(struct share, counts.cancelled)},
	    {"share.unchanged", offsetof(struct share, unchanged)},
	    {"share.empty", offsetof(struct share, empty)},
	    {"share.bytes_total", offsetof(struct share, bytes_total)},
	    {"share.bytes_completed",
		offsetof(struct share, bytes_completed)},
	};
	uint64_t a, b;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < sizeof(members) / sizeof(members[0]);
	    i++) {
		memcpy(&a, (const char *)stored + members[i].offset,
		    sizeof(a));
		memcpy(&b, (const char *)counted + members[i].offset,
		    sizeof(b));
		err = audit_compare(audit, members[i].name,
		    &stored->source_uuid, a, b);
	}
	return err;
}

/* What items do not say again: then the shares together are the job. */
static int
audit_share_sums(struct audit *audit, const struct job *job,
    const struct audit_shares *shares)
{
	struct share sum;
	size_t i;
	int err;

	memset(&sum, 0, sizeof(sum));
	for (i = 0; i < shares->count; i++)
		share_sum(&sum, &shares->stored[i]);
	err = audit_compare(audit, "shares.total", &job->uuid,
	    job->counts.total, sum.counts.total);
	if (err == 0)
		err = audit_compare(audit, "shares.removed", &job->uuid,
		    job->removed, sum.removed);
	if (err == 0)
		err = audit_compare(audit, "shares.characters", &job->uuid,
		    job->characters, sum.characters);
	return err;
}

static int
audit_shares(struct audit *audit, const struct job *job)
{
	struct item_filter filter = {.job_id = job->id, .limit = UINT32_MAX};
	struct audit_shares shares = {.count = 0};
	size_t i;
	int err;

	err = store_shares_each(audit->reader, job->id, audit_share_take,
	    &shares);
	if (err < 0)
		goto out;
	shares.counted = mem_array(shares.count + 1, sizeof(struct share));
	if (shares.counted == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	memset(shares.counted, 0,
	    (shares.count + 1) * sizeof(struct share));
	err = store_items_each(audit->reader, &filter, audit_share_item,
	    &shares);
	if (err == 0)
		err = audit_compare(audit, "share.strays", &job->uuid, 0,
		    shares.strays);
	for (i = 0; err == 0 && i < shares.count; i++)
		err = audit_share(audit, &shares.stored[i],
		    &shares.counted[i]);
	if (err == 0)
		err = audit_share_sums(audit, job, &shares);
out:
	mem_free(shares.stored);
	mem_free(shares.counted);
	return err;
}

/* ---- jobs ---------------------------------------------------------------- */

static int
audit_job(void *arg, const struct job *job)
{
	static const struct {
		const char *name;
		size_t offset;
	} members[] = {
	    {"job.total", offsetof(struct job, counts.total)},
	    {"job.queued", offsetof(struct job, counts.queued)},
	    {"job.processing", offsetof(struct job, counts.processing)},
	    {"job.completed", offsetof(struct job, counts.completed)},
	    {"job.failed", offsetof(struct job, counts.failed)},
	    {"job.skipped", offsetof(struct job, counts.skipped)},
	    {"job.cancelled", offsetof(struct job, counts.cancelled)},
	    {"job.bytes_total", offsetof(struct job, bytes_total)},
	    {"job.bytes_done", offsetof(struct job, bytes_done)},
	    {"job.segments_total", offsetof(struct job, segments_total)},
	    {"job.segments_completed",
		offsetof(struct job, segments_completed)},
	};
	struct audit *audit = arg;
	uint64_t stored, counted;
	struct job again;
	size_t i;
	int err;

	err = store_items_recount(audit->reader, job->id, &again);
	for (i = 0; err == 0 && i < sizeof(members) / sizeof(members[0]);
	    i++) {
		memcpy(&stored, (const char *)job + members[i].offset,
		    sizeof(stored));
		memcpy(&counted, (const char *)&again + members[i].offset,
		    sizeof(counted));
		err = audit_compare(audit, members[i].name, &job->uuid,
		    stored, counted);
	}
	if (err == 0 && job_kind_has_shares(job->kind))
		err = audit_shares(audit, job);
	audit->totals.jobs++;
	audit->totals.items += again.counts.total;
	return err;
}

/* ---- the index ---------------------------------------------------------- */

static int
audit_base_take(void *arg, const struct base *base)
{
	struct audit *audit = arg;

	audit->base = *base;
	return 0;
}

static int
audit_index(struct audit *audit)
{
	const struct index_totals *t = &audit->totals.index;
	const struct uuid *where = &audit->base.uuid;
	int err;

	err = store_audit_base(audit->reader, audit->base.id,
	    &audit->totals.index);
	if (err == 0)
		err = audit_compare(audit, "base.documents", where,
		    audit->base.documents, t->documents);
	if (err == 0)
		err = audit_compare(audit, "base.segments", where,
		    audit->base.segments, t->segments);
	if (err == 0)
		err = audit_compare(audit, "base.characters", where,
		    audit->base.characters, t->characters);
	if (err == 0)
		err = audit_compare(audit, "revisions.segments", where,
		    t->promised, t->segments);
	if (err == 0)
		err = audit_compare(audit, "index.postings", where,
		    t->promised_postings, t->postings);
	if (err == 0)
		err = audit_compare(audit, "index.vectors", where,
		    t->promised_vectors, t->vectors);
	if (err == 0)
		err = audit_compare(audit, "revisions.kept", where,
		    t->promised_kept, t->kept);
	if (err == 0)
		err = audit_compare(audit, "graph.strays", where, 0,
		    t->graph_strays);
	return err;
}

int
engine_audit(struct engine *engine, struct store *reader, int64_t account_id,
    const struct uuid *base, struct audit_totals *ret_totals,
    difference_fn *fn, void *arg, struct err_note *note)
{
	struct audit audit = {.reader = reader, .fn = fn, .arg = arg};
	struct job_filter filter = {.account_id = account_id,
	    .limit = UINT32_MAX};
	int err;

	(void)engine;
	err = store_begin(reader, note);
	if (err < 0)
		return err;
	err = store_base_find(reader, account_id, base, NULL,
	    audit_base_take, &audit);
	if (err < 0)
		(void)err_set(note, err, "there is no such base");
	if (err == 0)
		err = audit_index(&audit);
	filter.base_id = audit.base.id;
	if (err == 0)
		err = store_jobs_each(reader, &filter, audit_job, &audit);
	store_end(reader);
	if (err == 0)
		*ret_totals = audit.totals;
	return err;
}
