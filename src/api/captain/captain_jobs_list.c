/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /v2/jobs: an account's jobs, newest first.
 *
 * What is asked for and cannot be, is not there: jobs of another environment
 * than the key's, of a collection that there is not, of syncs.  A status that
 * is none is a mistake, and told.
 */
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "api/captain/captain_view.h"
#include "store/store.h"

#define JOBS_LIMIT_DEFAULT 50u
#define JOBS_LIMIT_MAX 200u

struct list {
	struct job_filter filter;
	struct account account;
	const char *failures;
	bool is_empty; /* whatever there is */
	struct jsonw *w;
};

static int
put_row(void *arg, const struct job *job)
{
	const struct list *list = arg;

	captain_write_job_row(list->w, job,
	    environment_name(list->account.environment), list->failures);
	return 0;
}

/* 0, or 1 when the reply is written (422). */
static int
read_status(struct http_request *request, struct http_reply *reply,
    struct list *list)
{
	const char *status = http_query(request, "status");

	if (status == NULL || status[0] == '\0')
		return 0;
	list->filter.by_standing = true;
	if (captain_asked_states(status, &list->filter.states) < 0)
		return captain_invalid(reply, "query", "status", "enum",
		    "Input should be one of the words of the documentation");
	list->is_empty |= list->filter.states == 0;
	return 0;
}

static int
read_environment(struct http_request *request, struct http_reply *reply,
    struct list *list)
{
	const char *name = http_query(request, "job_environment");
	enum environment environment;

	if (name == NULL || name[0] == '\0')
		return 0;
	if (environment_parse(name, &environment) < 0)
		return captain_invalid(reply, "query", "job_environment",
		    "enum",
		    "Input should be 'development', 'staging' or "
		    "'production'");
	list->is_empty |= environment != list->account.environment;
	return 0;
}

static int
base_take(void *arg, const struct base *base)
{
	*(int64_t *)arg = base->id;
	return 0;
}

static int
find_collection(struct http_request *request, struct store *reader,
    struct list *list)
{
	const char *name = http_query(request, "collection");
	int err;

	if (name == NULL || name[0] == '\0')
		return 0;
	err = store_base_find(reader, list->account.id, NULL, name, base_take,
	    &list->filter.base_id);
	list->is_empty |= err == ERR_NOT_FOUND;
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
put_list(struct http_request *request, struct http_reply *reply,
    struct store *reader, struct list *list)
{
	uint64_t total = 0;
	int err;

	err = find_collection(request, reader, list);
	if (err == 0 && !list->is_empty)
		err = store_jobs_count(reader, &list->filter, &total);
	if (err < 0)
		return err;
	list->w = http_reply_json(reply, 200);
	jsonw_object(list->w);
	jsonw_name(list->w, "jobs");
	jsonw_array(list->w);
	if (total > list->filter.offset)
		err = store_jobs_each(reader, &list->filter, put_row, list);
	jsonw_array_end(list->w);
	jsonw_nuint(list->w, "total_count", total);
	jsonw_nuint(list->w, "limit", list->filter.limit);
	jsonw_nuint(list->w, "offset", list->filter.offset);
	jsonw_object_end(list->w);
	return err;
}

int
captain_list_jobs(struct http_request *request, struct http_reply *reply)
{
	const char *sync = http_query(request, "sync_id");
	struct list list = {.failures = http_failures_word(request)};
	uint64_t limit, offset;
	struct store *reader;
	int err;

	if (!captain_is_member(request, reply) ||
	    captain_query_number(request, reply, "limit", 1, JOBS_LIMIT_MAX,
		JOBS_LIMIT_DEFAULT, &limit) != 0 ||
	    captain_query_number(request, reply, "offset", 0, UINT32_MAX, 0,
		&offset) != 0)
		return 0;
	err = captain_account(request, &list.account);
	if (err < 0)
		return err;
	if (read_status(request, reply, &list) != 0 ||
	    read_environment(request, reply, &list) != 0)
		return 0;
	list.is_empty |= sync != NULL && sync[0] != '\0';
	list.filter.account_id = list.account.id;
	list.filter.limit = (size_t)limit;
	list.filter.offset = (size_t)offset;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = put_list(request, reply, reader, &list);
	return http_end(request, reader, err);
}
