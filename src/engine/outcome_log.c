/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "engine/board.h"
#include "engine/engine_int.h"
#include "engine/outcome.h"
#include "model/job.h"

void
outcome_log(struct engine *engine, enum log_level level, const char *message,
    const struct item *item, const char *error)
{
	const struct job *job;
	struct uuid uuid;

	if (!log_is_on(level))
		return;
	job = board_own(engine->board, item->job_id);
	if (job == NULL) { /* deleted with its base */
		log_with(level, message, LOG_TEXT("error", error));
		return;
	}
	uuid = uuid_of_row(&job->uuid, (uint64_t)item->id);
	log_with(level, message, LOG_UUID("job", &job->uuid),
	    LOG_UUID("base", &job->base_uuid), LOG_UUID("item", &uuid),
	    LOG_TEXT("stage", item->stage == STAGE_NONE
		? NULL : stage_name(item->stage)),
	    LOG_TEXT("code", item->code == ITEM_CODE_NONE
		? NULL : item_code_name(item->code)),
	    LOG_TEXT("error", error));
}
