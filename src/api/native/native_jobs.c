/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/limits.h"
#include "base/mem.h"

int
native_job_find(struct http_request *request, struct job *ret_job)
{
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = engine_job_get(request->engine, reader,
		    request->caller.account_id, &request->params[0].uuid,
		    ret_job);
	return err == ERR_NOT_FOUND ? native_missing(request, "job") : err;
}

int
native_jobs_get(struct http_request *request, struct http_reply *reply)
{
	uint64_t after, wait;
	struct job_pace pace;
	struct job job;
	int err;

	err = http_query_number(request, "after", 0, INT64_MAX, UINT64_MAX,
	    &after);
	if (err == 0)
		err = http_query_number(request, "wait", 0,
		    HTTP_WAIT_SECONDS_MAX, 0, &wait);
	if (err == 0)
		err = native_job_find(request, &job);
	if (err < 0)
		return err;
	if (after != UINT64_MAX && wait > 0 && job.rev <= (int64_t)after &&
	    !job_state_is_final(job.state) &&
	    http_reply_wait(request, reply, &job.uuid, (int64_t)after,
	    (int64_t)wait * 1000))
		return 0;
	if (http_reply_etag(request, reply, job.rev))
		return 0;
	engine_job_pace(request->engine, &job, &pace);
	native_view_job(http_reply_json(reply, 200), &job, &pace);
	http_reply_keep_job(reply, &job);
	return 0;
}

struct jobs_walk {
	struct http_request *request;
	struct store *reader;
	struct native_list list;
};

static int
on_job(void *arg, const struct job *row)
{
	struct jobs_walk *walk = arg;
	struct http_request *request = walk->request;
	struct job_pace pace;
	struct job live;

	if (!native_list_take(&walk->list, row->id))
		return 0;
	/* The board knows what it waits for; the row may be newer. */
	if (!job_state_is_final(row->state) &&
	    engine_job_get(request->engine, walk->reader,
	    request->caller.account_id, &row->uuid, &live) == 0 &&
	    live.rev >= row->rev)
		row = &live;
	engine_job_pace(request->engine, row, &pace);
	native_view_job(walk->list.w, row, &pace);
	return 0;
}

static int
job_states(struct http_request *request, uint32_t *ret_states)
{
	enum job_state state;
	const char *name;
	uint32_t states = 0;
	size_t at = 0;

	while ((name = http_query_next(request, "state", &at)) != NULL) {
		if (job_state_parse_name(name, &state) < 0)
			return err_set(&request->note, ERR_INVALID,
			    "a job has no state of that name");
		states |= UINT32_C(1) << state;
	}
	*ret_states = states;
	return 0;
}

int
native_jobs_list(struct http_request *request, struct http_reply *reply)
{
	struct job_filter filter = {
	    .account_id = request->caller.account_id};
	struct jobs_walk walk = {.request = request};
	struct native_base base;
	int err;

	err = job_states(request, &filter.states);
	if (err < 0)
		return err;
	err = native_list_open(request, reply, 'j', 0, &walk.list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_begin(request, &walk.reader);
	if (err < 0)
		return err;
	request->params[0].text = http_query(request, "base");
	if (request->params[0].text != NULL) {
		err = native_base_find(request, walk.reader, &base);
		if (err == 0)
			filter.base_id = base.id;
	}
	filter.before_id = walk.list.position;
	filter.limit = walk.list.limit + 1;
	native_list_begin(&walk.list, reply, "jobs");
	if (err == 0)
		err = store_jobs_each(walk.reader, &filter, on_job, &walk);
	native_list_end(&walk.list);
	return http_end(request, walk.reader, err);
}

static int
on_item(void *arg, const struct item_row *row)
{
	struct native_list *list = arg;

	if (native_list_take(list, row->item.seq))
		native_view_item(list->w, row);
	return 0;
}

/* How many items does the filter let through, if the job's counters say so?
 * The states of its steps are counted together. */
static bool
items_total(const struct job *job, const struct item_filter *filter,
    uint64_t *ret_total)
{
	const uint32_t steps = (UINT32_C(1) << ITEM_COMPLETED) -
	    (UINT32_C(1) << ITEM_EXTRACTING);
	const struct counts *counts = &job->counts;
	const struct {
		uint32_t states;
		uint64_t count;
	} parts[] = {
	    {UINT32_C(1) << ITEM_QUEUED, counts->queued},
	    {steps, counts->processing},
	    {UINT32_C(1) << ITEM_COMPLETED, counts->completed},
	    {UINT32_C(1) << ITEM_FAILED, counts->failed},
	    {UINT32_C(1) << ITEM_SKIPPED, counts->skipped},
	    {UINT32_C(1) << ITEM_CANCELLED, counts->cancelled},
	};
	uint64_t total = 0;

	if (filter->name != NULL)
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (filter->states != 0 &&
		    (filter->states & parts[i].states) == 0)
			continue;
		if (filter->states != 0 &&
		    (filter->states & parts[i].states) != parts[i].states)
			return false;
		total += parts[i].count;
	}
	*ret_total = total;
	return true;
}

/* Where the page begins: behind a cursor, or at a row of the list. */
static int
items_offset(struct http_request *request, uint32_t *ret_offset)
{
	uint64_t offset;
	int err;

	err = http_query_number(request, "offset", 0, UINT32_MAX, 0, &offset);
	if (err == 0 && http_query(request, "offset") != NULL &&
	    http_query(request, "cursor") != NULL)
		return err_set(&request->note, ERR_INVALID,
		    "a page begins at a cursor or at an offset, not both");
	if (err == 0)
		*ret_offset = (uint32_t)offset;
	return err;
}

int
native_jobs_items(struct http_request *request, struct http_reply *reply)
{
	struct item_filter filter = {.name = http_query(request, "q")};
	struct native_list list;
	struct store *reader;
	struct job job;
	int err;

	err = native_item_states(request, &filter.states);
	if (err == 0)
		err = items_offset(request, &filter.offset);
	if (err == 0)
		err = native_job_find(request, &job);
	if (err < 0)
		return err;
	err = native_list_open(request, reply, 'i', job.id, &list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	/* The row's counters are of the snapshot that the items are of. */
	err = store_job_find(reader, request->caller.account_id, &job.uuid,
	    &job);
	filter.job_id = job.id;
	filter.after_seq = (uint32_t)list.position;
	filter.limit = list.limit + 1;
	list.has_total = true;
	list.knows_total = items_total(&job, &filter, &list.total);
	native_list_begin(&list, reply, "items");
	if (err == 0)
		err = store_items_each(reader, &filter, on_item, &list);
	native_list_end(&list);
	return http_end(request, reader, err);
}

/* ---- orders ----------------------------------------------------------- */

static int
order(struct http_request *request, struct http_reply *reply,
    enum job_order what)
{
	struct job job;
	int err;

	err = engine_job_order(request->engine, request->caller.account_id,
	    &request->params[0].uuid, what, request->caller.label, &job,
	    &request->note);
	if (err == ERR_NOT_FOUND)
		return native_missing(request, "job");
	return err < 0 ? err : native_reply_job(request, reply, 200, &job);
}

int
native_jobs_cancel(struct http_request *request, struct http_reply *reply)
{
	return order(request, reply, JOB_ORDER_CANCEL);
}

int
native_jobs_pause(struct http_request *request, struct http_reply *reply)
{
	return order(request, reply, JOB_ORDER_PAUSE);
}

int
native_jobs_resume(struct http_request *request, struct http_reply *reply)
{
	return order(request, reply, JOB_ORDER_RESUME);
}

/* {"items": ["...", ...]} */
static int
retry_chosen(struct http_request *request, const json_t *list,
    struct job *ret_job)
{
	size_t i, count = json_array_size(list);
	struct uuid *items;
	const json_t *id;
	int err = 0;

	if (count > RETRY_ITEMS_MAX)
		return err_set(&request->note, ERR_INVALID,
		    "items has more than %u entries", RETRY_ITEMS_MAX);
	items = mem_array(count + 1, sizeof(*items));
	if (items == NULL)
		return ERR_NOMEM;
	for (i = 0; err == 0 && i < count; i++) {
		id = json_array_get(list, i);
		if (!json_is_string(id) ||
		    uuid_parse(json_string_value(id),
		    json_string_length(id), &items[i]) < 0)
			err = err_set(&request->note, ERR_INVALID,
			    "items must be ids of items");
	}
	if (err == 0)
		err = engine_job_retry_items(request->engine,
		    request->caller.account_id, &request->params[0].uuid,
		    items, count, DIALECT_NATIVE, ret_job, &request->note);
	mem_free(items);
	return err;
}

/* {"items": "failed"}, "all", or nothing. */
static int
retry_by_word(struct http_request *request, const json_t *object,
    struct job *ret_job)
{
	const char *items;
	int err;

	err = native_text(request, object, "items", &items);
	if (err < 0)
		return err;
	if (items != NULL && strcmp(items, "failed") != 0 &&
	    strcmp(items, "all") != 0)
		return err_set(&request->note, ERR_INVALID,
		    "items must be \"failed\", \"all\" or a list of ids");
	return engine_job_retry(request->engine, request->caller.account_id,
	    &request->params[0].uuid,
	    items != NULL && strcmp(items, "all") == 0, DIALECT_NATIVE,
	    ret_job, &request->note);
}

int
native_jobs_retry(struct http_request *request, struct http_reply *reply)
{
	const json_t *list;
	json_t *object;
	struct job job;
	int err;

	err = native_object(request, true, &object);
	if (err < 0)
		return err;
	list = json_object_get(object, "items");
	err = json_is_array(list) ? retry_chosen(request, list, &job)
				  : retry_by_word(request, object, &job);
	if (err == ERR_NOT_FOUND)
		return native_missing(request, "job");
	return err < 0 ? err : native_reply_job(request, reply, 202, &job);
}

/* ---- a folder --------------------------------------------------------- */

struct texts {
	const char **items; /* owned array of borrowed texts */
	size_t count;
};

/* A member that is a text or an array of them; absent is none. */
static int
read_texts(struct http_request *request, const json_t *object,
    const char *name, size_t max, struct texts *texts)
{
	const json_t *member = json_object_get(object, name), *item;
	size_t count = json_is_array(member) ? json_array_size(member) : 1;

	if (member == NULL || json_is_null(member))
		return 0;
	if (count > max)
		return err_set(&request->note, ERR_INVALID,
		    "%s has more than %zu entries", name, max);
	texts->items = mem_array(count, sizeof(*texts->items));
	if (texts->items == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		item = json_is_array(member) ? json_array_get(member, i)
					     : member;
		if (!json_is_string(item))
			return err_set(&request->note, ERR_INVALID,
			    "%s must be strings", name);
		texts->items[texts->count++] = json_string_value(item);
	}
	return 0;
}

static int
read_source(struct http_request *request, const json_t *body,
    struct texts *paths, struct texts *include, struct texts *exclude)
{
	const json_t *source = json_object_get(body, "source");
	const char *kind;
	int err;

	if (!json_is_object(source))
		return err_set(&request->note, ERR_INVALID,
		    "source must be an object");
	err = native_text(request, source, "kind", &kind);
	if (err == 0 && (kind == NULL || strcmp(kind, "folder") != 0))
		err = err_set(&request->note, ERR_INVALID,
		    "source.kind must be \"folder\"");
	if (err == 0)
		err = read_texts(request, source,
		    json_object_get(source, "paths") == NULL ? "path"
							     : "paths",
		    FOLDER_PATHS_MAX, paths);
	if (err == 0 && paths->count == 0)
		err = err_set(&request->note, ERR_INVALID,
		    "source.path is needed");
	if (err == 0)
		err = read_texts(request, source, "include", PATTERNS_MAX,
		    include);
	if (err == 0)
		err = read_texts(request, source, "exclude", PATTERNS_MAX,
		    exclude);
	return err;
}

int
native_jobs_create(struct http_request *request, struct http_reply *reply)
{
	struct texts paths = {NULL, 0}, include = {NULL, 0},
		     exclude = {NULL, 0};
	struct job_request order = {.account_id = request->caller.account_id,
	    .dialect = DIALECT_NATIVE};
	struct folder_source source;
	struct native_base base;
	json_t *body;
	struct job job;
	int err;

	err = native_base_of(request, &base);
	if (err == 0)
		err = native_object(request, false, &body);
	if (err == 0)
		err = read_source(request, body, &paths, &include, &exclude);
	if (err < 0)
		goto out;
	order.base = base.uuid;
	source = (struct folder_source){.paths = paths.items,
	    .path_count = paths.count, .include = include.items,
	    .include_count = include.count, .exclude = exclude.items,
	    .exclude_count = exclude.count};
	err = engine_job_folder(request->engine, &order, &source,
	    native_is_local(request), &job, &request->note);
	if (err == 0)
		err = native_reply_job(request, reply, 202, &job);
	else if (err == ERR_FORBIDDEN)
		err = native_error(request, reply, 403, "FORBIDDEN_PATH",
		    err_words(&request->note, err));
out:
	mem_free(paths.items);
	mem_free(include.items);
	mem_free(exclude.items);
	return err;
}
