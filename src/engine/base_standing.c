/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "engine/kept.h"

/* Each is a look into an index or two, however many jobs and documents there
 * are. */
int
base_standing(struct store *reader, int64_t base_id,
    struct base_standing *ret_standing)
{
	struct base_standing standing;
	int err;

	memset(&standing, 0, sizeof(standing));
	err = store_job_newest_but(reader, base_id, JOB_KIND_KEPT,
	    &standing.given);
	standing.has_given = err == 0;
	if (err == 0 || err == ERR_NOT_FOUND)
		err = store_job_running(reader, base_id, JOB_KIND_KEEP,
		    &standing.run);
	if (err == ERR_NOT_FOUND)
		err = store_job_ended_last(reader, base_id, JOB_KIND_KEEP,
		    &standing.run);
	standing.has_run = err == 0;
	if (err == 0 || err == ERR_NOT_FOUND)
		err = store_documents_held(reader, base_id,
		    &standing.held_us);
	standing.has_held = standing.held_us != 0;
	if (err == 0)
		*ret_standing = standing;
	return err;
}
