/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit: counts again from rows and index what is otherwise only kept in
 * step, and says where the two differ.  In one snapshot, so that work going on
 * does not look like a difference.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine_int.h"

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
	audit->totals.jobs++;
	audit->totals.items += again.counts.total;
	return err;
}

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
