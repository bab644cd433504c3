/* SPDX-License-Identifier: Apache-2.0 */
/* How a job's scan ends, and what is told of one that failed. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine_int.h"
#include "engine/scan_int.h"
#include "engine/writer.h"

enum item_code
scan_code_of(int err)
{
	switch ((enum err)err) {
	case ERR_NOT_FOUND:
		return ITEM_CODE_SOURCE_NOT_FOUND;
	case ERR_FORBIDDEN:
	case ERR_UNAUTHORIZED:
		return ITEM_CODE_SOURCE_ACCESS_DENIED;
	case ERR_INVALID:
	case ERR_SYNTAX:
	case ERR_UNSUPPORTED:
		return ITEM_CODE_INVALID_SETTINGS;
	case ERR_BUSY:
	case ERR_UPSTREAM:
	case ERR_TIMEOUT:
	case ERR_CLOSED:
	case ERR_TOO_BIG:
		return ITEM_CODE_FETCH_FAILED;
	case ERR_NOMEM:
	case ERR_IO:
	case ERR_STORAGE_FULL:
	case ERR_EXISTS:
	case ERR_CONFLICT:
	case ERR_CORRUPT:
	case ERR_UNREADABLE:
	case ERR_CANCELLED:
	case ERR_INTERNAL:
		break;
	}
	return ITEM_CODE_INTERNAL_ERROR;
}

struct end {
	int64_t job_id;
	enum item_code code;
	char message[256];
};

static int
end_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct end *end = arg;
	struct job *job = tx_job(tx, end->job_id);

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	job->scan = end->code == ITEM_CODE_NONE ? SCAN_DONE : SCAN_FAILED;
	if (end->code != ITEM_CODE_NONE) {
		job->code = end->code;
		memcpy(job->message, end->message, sizeof(job->message));
		/* Items found before the walk broke off are still done. */
		job->is_finalized =
		    job->counts.queued + job->counts.processing == 0;
	}
	return 0;
}

int
scan_end(struct scanner *scanner, int64_t job_id, int err,
    const struct err_note *note)
{
	struct end end = {.job_id = job_id};

	if (err < 0) {
		end.code = scan_code_of(err);
		(void)snprintf(end.message, sizeof(end.message), "%s",
		    err_words(note, err));
	}
	return writer_do_surely(scanner->engine->writer, end_apply, &end,
	    NULL);
}

static int
finish_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const int64_t *job_id = arg;
	struct job *job = tx_job(tx, *job_id);

	(void)note;
	if (job != NULL && job_is_closing(job))
		job->is_finalized = true;
	return 0;
}

int
scan_finish(struct scanner *scanner, const struct job *job)
{
	int64_t job_id = job->id;

	return writer_do_surely(scanner->engine->writer, finish_apply, &job_id,
	    NULL);
}
