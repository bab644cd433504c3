/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding data: they are kept, and become part of the graph when somebody asks
 * for that.  And changing one of them, which asks for it at once.
 */
#include <stdio.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_pieces.h"
#include "api/cognee/cognee_rule.h"
#include "api/cognee/cognee_run.h"
#include "http/http.h"
#include "store/store.h"

#define WORDS_SIZE 192u

/* ---- add ----------------------------------------------------------------- */

/* Of the original, whatever is wrong with a dataset is an error of its own. */
static int
add_broken(struct http_request *request, struct http_reply *reply, int err)
{
	if (err == ERR_NOT_FOUND)
		return cognee_broken(reply, 500, COGNEE_BROKEN,
		    COGNEE_NO_WRITE);
	return err == ERR_INVALID || err == ERR_TOO_BIG
	    ? cognee_broken(reply, 500, COGNEE_BROKEN,
		  err_words(&request->note, err))
	    : err;
}

static int
add_failed(struct http_reply *reply, struct store *reader,
    const struct job *job)
{
	struct buf words;
	int err;

	buf_init(&words, COGNEE_FAILURES_BYTES_MAX);
	err = cognee_put_failures(reader, job, &words);
	if (err == 0)
		err = cognee_broken(reply, 500, COGNEE_ERRORED_RUN,
		    buf_text(&words));
	buf_fini(&words);
	return err;
}

static int
add_write(struct http_request *request, struct http_reply *reply,
    const struct cognee_dataset *dataset, const struct job *job,
    bool is_background)
{
	struct store *reader;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	if (job->counts.failed > 0)
		err = add_failed(reply, reader, job);
	else
		err = cognee_write_info(http_reply_json(reply, 200), reader,
		    is_background ? COGNEE_INFO_STARTED
				  : COGNEE_INFO_COMPLETED,
		    dataset, &job->uuid, COGNEE_LIST_JOB);
	return http_end(request, reader, err);
}

static int
add(struct http_request *request, struct http_reply *reply,
    struct cognee_pieces *pieces)
{
	struct cognee_dataset dataset;
	struct job job;
	int err;

	if (!pieces->has_uuid && pieces->name == NULL)
		return cognee_broken(reply, 400, COGNEE_NO_NAME, NULL);
	err = cognee_pieces_dataset(request, pieces, &dataset);
	if (err == 0)
		err = cognee_pieces_keep(request, &dataset, pieces, &job);
	return err < 0 ? add_broken(request, reply, err)
		       : add_write(request, reply, &dataset, &job,
			     pieces->is_background);
}

int
cognee_add(struct http_request *request, struct http_reply *reply)
{
	struct cognee_pieces pieces;
	int err;

	err = cognee_pieces_read(request, reply, &pieces);
	if (err != 0)
		return err < 0 ? err : 0;
	err = add(request, reply, &pieces);
	cognee_pieces_fini(&pieces);
	return err;
}

int
cognee_add_text(struct http_request *request, struct http_reply *reply)
{
	struct cognee_pieces pieces;
	int err;

	err = cognee_pieces_of_texts(request, reply, &pieces);
	if (err != 0)
		return err < 0 ? err : 0;
	err = add(request, reply, &pieces);
	cognee_pieces_fini(&pieces);
	return err;
}

/* ---- update -------------------------------------------------------------- */

static int
need_uuid(struct http_request *request, struct http_reply *reply,
    const char *name, struct uuid *ret_uuid)
{
	bool has;

	if (cognee_query_uuid(request, reply, name, ret_uuid, &has) != 0)
		return 1;
	return has ? 0 : cognee_invalid(reply, "query", name, "missing",
				"Field required", NULL);
}

static int
no_target(struct http_reply *reply, const struct uuid *dataset,
    const struct uuid *data)
{
	char set[UUID_TEXT_SIZE], one[UUID_TEXT_SIZE], words[WORDS_SIZE];

	uuid_format(dataset, set);
	uuid_format(data, one);
	(void)snprintf(words, sizeof(words), "Data (%s) not found in dataset "
	    "(%s). [UpdateTargetNotFoundError]", one, set);
	return cognee_detail(reply, 404, words);
}

/* Give the document its new content, and index it.  1: the reply is
 * written. */
static int
update_start(struct http_request *request, struct http_reply *reply,
    const struct uuid *dataset, const struct uuid *data,
    struct cognee_pieces *pieces)
{
	const struct cognee_rule rule = {.prompt = NULL};
	struct cognee_runs *runs;
	struct cognee_run *run;
	struct store *reader;
	int64_t document_id;
	struct job job;
	int err;

	err = cognee_runs_new(request, 1, &runs);
	if (err == 0)
		err = http_reader(request, &reader);
	if (err < 0)
		return err;
	run = &runs->items[0];
	err = cognee_dataset_find(request, reader, dataset, COGNEE_WRITE,
	    &run->dataset);
	if (err == ERR_NOT_FOUND) {
		(void)cognee_denied(reply, "write");
		return 1;
	}
	if (err == 0)
		err = cognee_data_find(reader, &run->dataset, data,
		    &document_id);
	pieces->puts[0].document = data;
	if (err == 0)
		err = cognee_pieces_keep(request, &run->dataset, pieces,
		    &job);
	if (err == ERR_NOT_FOUND) {
		(void)no_target(reply, dataset, data);
		return 1;
	}
	if (err == 0)
		cognee_run_start(request, run, &rule);
	return err;
}

static int
update_read(struct http_request *request, struct http_reply *reply)
{
	struct cognee_pieces pieces;
	struct uuid dataset, data;
	int err;

	if (need_uuid(request, reply, "data_id", &data) != 0 ||
	    need_uuid(request, reply, "dataset_id", &dataset) != 0)
		return 1;
	err = cognee_pieces_read(request, reply, &pieces);
	if (err != 0)
		return err;
	if (pieces.count != 1)
		err = cognee_invalid(reply, "body", "data",
		    pieces.count == 0 ? "missing" : "too_long",
		    pieces.count == 0 ? "Field required"
				      : "One data item takes one file", NULL);
	else
		err = update_start(request, reply, &dataset, &data, &pieces);
	cognee_pieces_fini(&pieces);
	return err;
}

int
cognee_update(struct http_request *request, struct http_reply *reply)
{
	int err = 0;

	if (cognee_runs_of(request) == NULL)
		err = update_read(request, reply);
	if (err == 0)
		return cognee_runs_answer(request, reply, 500);
	if (err == ERR_INVALID || err == ERR_TOO_BIG || err == ERR_CONFLICT)
		return cognee_broken(reply, 500, COGNEE_BROKEN,
		    err_words(&request->note, err));
	return err < 0 ? err : 0;
}
