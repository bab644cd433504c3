/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run that is subscribed to: a WebSocket that is told how the run is at once,
 * then whenever that changes, and closed when it has ended.
 *
 *	{"pipeline_run_id", "status", "progress", "payload", "is_cut", "error"}
 *
 * The states are the board's, so any number of clients may listen to one run,
 * also to one that ended long ago, or that goes on after a restart.  The
 * payload is the original's whole graph; it comes with the last text, as it
 * would be the same in all others: what is indexed becomes part of it.
 *
 * Everybody's handshake is answered, as in the original.  Who has no session
 * and no key, whose run it is not, and what is no run, look alike: 1008.  Who
 * loses the right to read the dataset is told so too, and nothing any more.
 */
#include <stdio.h>

#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_graph_view.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_run.h"
#include "api/cognee/cognee_view.h"
#include "base/mem.h"
#include "store/store.h"

#define CLOSE_NORMAL 1000u
#define CLOSE_POLICY 1008u
#define WHY_BYTES_MAX 256u /* why an id is none; nobody is told */

enum status { UNTOLD, STARTED, YIELD, COMPLETED, ERRORED };

static const char *const statuses[] = {
    [STARTED] = "PipelineRunStarted",
    [YIELD] = "PipelineRunYield",
    [COMPLETED] = "PipelineRunCompleted",
    [ERRORED] = "PipelineRunErrored",
};

/* What is told of a run that goes on. */
struct told {
	enum status status;
	uint64_t done, total;
	enum stage stage;
	uint32_t percent_hundredths;
};

struct subscription {
	int64_t account_id; /* the dataset's */
	int64_t caller_id;  /* the account that listens */
	struct uuid dataset, run;
	struct told told; /* last */
};

/* How much of a graph is sent: the first of these that fits into a text. */
static const struct graph_wish wishes[] = {
    {.nodes_max = 2000, .edges_max = 4000, .with_texts = true},
    {.nodes_max = 2000, .edges_max = 4000},
    {.nodes_max = 200, .edges_max = 400},
};

/* ---- texts -------------------------------------------------------------- */

static enum status
status_of(const struct job *job)
{
	enum cognee_pipeline pipeline = COGNEE_COGNIFY_PIPELINE;

	if (!cognee_has_run(job, pipeline))
		pipeline = COGNEE_ADD_PIPELINE;
	if (!job_state_is_final(job->state))
		return job->counts.completed > 0 ? YIELD : STARTED;
	return cognee_word_of(job, pipeline) == COGNEE_COMPLETED ? COMPLETED
								 : ERRORED;
}

static struct told
told_of(const struct job *job)
{
	const struct counts *counts = &job->counts;

	return (struct told){.status = status_of(job),
	    .done = counts->completed + counts->failed + counts->skipped +
		counts->cancelled,
	    .total = counts->total,
	    .stage = job_stage(job),
	    .percent_hundredths = job->percent_hundredths};
}

/* A job changes in more ways than are told. */
static bool
told_is_same(const struct told *a, const struct told *b)
{
	return a->status == b->status && a->done == b->done &&
	    a->total == b->total && a->stage == b->stage &&
	    a->percent_hundredths == b->percent_hundredths;
}

/* As in GET /datasets/status/progress, and how far that is. */
static void
put_progress(struct jsonw *w, const struct told *told)
{
	jsonw_name(w, "progress");
	jsonw_object(w);
	jsonw_nuint(w, "completed_items", told->done);
	jsonw_nuint(w, "total_items", told->total);
	jsonw_nstring(w, "current_stage",
	    told->stage == STAGE_NONE ? NULL : stage_name(told->stage));
	jsonw_nreal(w, "percent", (double)told->percent_hundredths / 100, 2);
	jsonw_object_end(w);
}

/* graph NULL: there is none to be sent; is_cut: because it is too large. */
static void
put_payload(struct jsonw *w, const struct base_graph *graph, bool is_cut)
{
	jsonw_name(w, "payload");
	if (graph != NULL) {
		cognee_write_graph(w, graph);
	} else {
		jsonw_object(w);
		jsonw_name(w, "nodes");
		jsonw_array(w);
		jsonw_array_end(w);
		jsonw_name(w, "edges");
		jsonw_array(w);
		jsonw_array_end(w);
		jsonw_object_end(w);
	}
	jsonw_nbool(w, "is_cut", is_cut || (graph != NULL && graph->is_cut));
}

/* One text; error: "" none. */
static int
put_text(struct buf *out, const struct job *job, const char *error,
    const struct base_graph *graph, bool is_cut)
{
	struct told told = told_of(job);
	char id[UUID_TEXT_SIZE];
	struct jsonw w;

	buf_clear(out);
	jsonw_init(&w, out);
	uuid_format(&job->uuid, id);
	jsonw_object(&w);
	jsonw_nstring(&w, "pipeline_run_id", id);
	jsonw_nstring(&w, "status", statuses[told.status]);
	put_progress(&w, &told);
	put_payload(&w, graph, is_cut);
	jsonw_nstring(&w, "error", error[0] == '\0' ? NULL : error);
	jsonw_object_end(&w);
	return out->err;
}

/* The last text with so much of the graph; ERR_TOO_BIG: it does not fit. */
static int
put_graph(struct engine *engine, struct store *reader, int64_t account_id,
    const struct graph_wish *wish, const struct job *job, const char *error,
    struct buf *out)
{
	struct base_graph graph;
	bool is_cut;
	int err;

	err = engine_graph(engine, reader, account_id, &job->base_uuid, wish,
	    &graph, NULL);
	if (err < 0)
		return err;
	/* What was left out on purpose counts, too. */
	is_cut = wish != wishes;
	err = put_text(out, job, error, &graph, is_cut);
	base_graph_fini(&graph);
	return err;
}

static int
put_last(struct engine *engine, struct store *reader, int64_t account_id,
    const struct job *job, struct buf *out)
{
	struct buf error;
	size_t i;
	int err;

	buf_init(&error, COGNEE_FAILURES_BYTES_MAX);
	err = cognee_put_failures(reader, job, &error);
	/* What fits of it stands. */
	if (err == ERR_TOO_BIG)
		err = 0;
	for (i = 0; err == 0; i++) {
		if (i == sizeof(wishes) / sizeof(wishes[0])) {
			err = put_text(out, job, buf_text(&error), NULL,
			    true);
			break;
		}
		err = put_graph(engine, reader, account_id, &wishes[i], job,
		    buf_text(&error), out);
		if (err != ERR_TOO_BIG)
			break;
		err = 0;
	}
	buf_fini(&error);
	return err;
}

/* ---- the socket ---------------------------------------------------------- */

static int
subscription_end(struct http_socket_end *end, unsigned code,
    const char *reason)
{
	end->code = code;
	(void)snprintf(end->reason, sizeof(end->reason), "%s", reason);
	return HTTP_END;
}

static int
subscription_fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out, struct http_socket_end *ret_end)
{
	struct subscription *subscription = state;
	struct granted granted = {.rights = 0};
	struct told told;
	struct job job;
	int err;

	err = engine_job_get(engine, reader, subscription->account_id,
	    &subscription->run, &job);
	if (err == ERR_NOT_FOUND)
		return subscription_end(ret_end, CLOSE_NORMAL,
		    "The run is gone, as its dataset is.");
	if (err < 0)
		return err;
	err = store_granted_find(reader, subscription->caller_id,
	    &subscription->dataset, &granted);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	if ((granted.rights & COGNEE_READ) == 0)
		return subscription_end(ret_end, CLOSE_POLICY,
		    "Unauthorized");
	told = told_of(&job);
	if (told_is_same(&told, &subscription->told))
		return HTTP_WAIT;
	subscription->told = told;
	if (!job_state_is_final(job.state)) {
		err = put_text(out, &job, "", NULL, false);
		return err < 0 ? err : HTTP_WAIT;
	}
	err = put_last(engine, reader, subscription->account_id, &job, out);
	if (err == ERR_NOT_FOUND)
		return subscription_end(ret_end, CLOSE_NORMAL,
		    "The run is gone, as its dataset is.");
	return err < 0 ? err : subscription_end(ret_end, CLOSE_NORMAL, "");
}

static const struct http_socket_ops subscription_ops = {
    .fill = subscription_fill, .free = mem_free};

/* The run that the path names, and whose it is.  ERR_NOT_FOUND: it is none, or
 * not for the caller. */
static int
find_run(struct http_request *request, struct subscription *found)
{
	struct cognee_dataset dataset;
	struct store *reader;
	struct uuid uuid;
	struct job job;
	struct buf why;
	int err;

	buf_init(&why, WHY_BYTES_MAX);
	err = cognee_parse_uuid(request->params[0].text, &uuid, &why);
	buf_fini(&why);
	if (err < 0)
		return ERR_NOT_FOUND;
	err = http_reader(request, &reader);
	/* Of whatever account: the dataset says who may see it. */
	if (err == 0)
		err = store_job_find(reader, 0, &uuid, &job);
	if (err == 0)
		err = cognee_dataset_find(request, reader, &job.base_uuid,
		    COGNEE_READ, &dataset);
	if (err < 0)
		return err;
	found->run = uuid;
	found->dataset = dataset.uuid;
	found->account_id = dataset.account_id;
	found->caller_id = request->caller.account_id;
	return 0;
}

int
cognee_subscribe(struct http_request *request, struct http_reply *reply)
{
	struct subscription found = {.told = {.status = UNTOLD}}, *subscription;
	int err;

	err = http_authenticate(request);
	if (err == 0)
		err = find_run(request, &found);
	if (err == ERR_UNAUTHORIZED || err == ERR_FORBIDDEN ||
	    err == ERR_NOT_FOUND)
		return http_reply_socket_end(request, reply, CLOSE_POLICY,
		    "Unauthorized");
	if (err < 0)
		return err;
	subscription = mem_alloc(sizeof(*subscription));
	if (subscription == NULL)
		return ERR_NOMEM;
	*subscription = found;
	return http_reply_socket(request, reply, &subscription_ops,
	    subscription);
}
