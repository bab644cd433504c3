/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What endpoints were sent, what came of it, and sending it again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "api/captain/captain_webhook.h"
#include "base/stamp.h"
#include "sys/clock.h"

#define LIMIT_DEFAULT 25u
#define LIMIT_MAX 100u
#define RECOVER_US (7LL * 86400 * 1000000)

static const char no_message[] = "Webhook delivery not found";

int
captain_list_event_types(struct http_request *request,
    struct http_reply *reply)
{
	if (captain_is_member(request, reply))
		captain_write_event_types(http_reply_json(reply, 200));
	return 0;
}

/* ---- pages -------------------------------------------------------------- */

/* A cursor is the place of the last row shown, in 16 hexadecimal digits. */
#define CURSOR_LEN 16u

struct page {
	struct jsonw *w;
	struct engine *engine;
	struct webhook webhook; /* id and dialect alone */
	int64_t event_id;
	int64_t before, last;
	size_t limit, count;
	bool has_more;
};

static int
cursor_parse(const char *text, int64_t *ret_before)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t number = 0;
	const char *digit;
	size_t i;

	if (strlen(text) != CURSOR_LEN)
		return ERR_SYNTAX;
	for (i = 0; i < CURSOR_LEN; i++) {
		digit = strchr(digits, text[i]);
		if (digit == NULL)
			return ERR_SYNTAX;
		number = number << 4 | (uint64_t)(digit - digits);
	}
	if (number == 0 || number > INT64_MAX)
		return ERR_SYNTAX;
	*ret_before = (int64_t)number;
	return 0;
}

static int
webhook_take(void *arg, const struct webhook *webhook)
{
	struct page *page = arg;

	page->webhook.id = webhook->id;
	page->webhook.dialect = webhook->dialect;
	return 0;
}

/* The endpoint of the path, limit and cursor.  Returns 0; 1 when the reply is
 * written; or an error. */
static int
page_open(struct http_request *request, struct http_reply *reply,
    struct store **ret_reader, struct page *page)
{
	const char *cursor = http_query(request, "cursor");
	struct uuid uuid;
	uint64_t limit;
	int err;

	*page = (struct page){.engine = request->engine};
	if (!captain_endpoint_of(request, reply, &uuid) ||
	    captain_query_number(request, reply, "limit", 1, LIMIT_MAX,
		LIMIT_DEFAULT, &limit) != 0)
		return 1;
	page->limit = (size_t)limit;
	if (cursor != NULL && cursor_parse(cursor, &page->before) < 0) {
		(void)captain_refuse(reply, 400,
		    "cursor is not one that this list gave");
		return 1;
	}
	err = http_reader(request, ret_reader);
	if (err == 0)
		err = store_webhook_find(*ret_reader,
		    request->caller.account_id, &uuid, webhook_take, page);
	if (err != ERR_NOT_FOUND)
		return err;
	(void)captain_endpoint_problem(reply, err);
	return 1;
}

static void
page_begin(struct page *page, struct http_reply *reply, const char *name)
{
	page->w = http_reply_json(reply, 200);
	jsonw_object(page->w);
	jsonw_name(page->w, name);
	jsonw_array(page->w);
}

/* One row more than the limit tells that there is a next page. */
static bool
page_take(struct page *page, int64_t place)
{
	if (page->count == page->limit) {
		page->has_more = true;
		return false;
	}
	page->count++;
	page->last = place;
	return true;
}

static void
page_end(struct page *page)
{
	char cursor[CURSOR_LEN + 1];

	(void)snprintf(cursor, sizeof(cursor), "%016" PRIx64,
	    (uint64_t)page->last);
	jsonw_array_end(page->w);
	jsonw_nstring(page->w, "next_cursor", page->has_more ? cursor : NULL);
	jsonw_object_end(page->w);
}

static int
delivery_take(void *arg, const struct delivery *delivery,
    const struct event *event)
{
	struct page *page = arg;
	char name[EVENT_NAME_SIZE];

	if (!page_take(page, event->id))
		return 0;
	engine_event_name(page->engine, &page->webhook, event, name);
	captain_write_delivery(page->w, delivery, event, name);
	return 0;
}

int
captain_list_deliveries(struct http_request *request,
    struct http_reply *reply)
{
	struct store *reader;
	struct page page;
	int err;

	err = page_open(request, reply, &reader, &page);
	if (err != 0)
		return err < 0 ? err : 0;
	page_begin(&page, reply, "deliveries");
	err = store_deliveries_page(reader, page.webhook.id, page.before,
	    page.limit + 1, delivery_take, &page);
	page_end(&page);
	return err;
}

/* ---- attempts ----------------------------------------------------------- */

static int
event_take(void *arg, const struct event *event)
{
	struct page *page = arg;

	page->event_id = event->id;
	return 0;
}

static int
delivery_find(struct http_request *request, struct store *reader,
    struct page *page, struct delivery *ret_delivery)
{
	struct uuid uuid;
	int err;

	if (event_name_parse(request->params[1].text, &uuid) < 0)
		return ERR_NOT_FOUND;
	err = store_event_find(reader, request->caller.account_id, &uuid,
	    event_take, page);
	return err < 0 ? err
		       : store_delivery_find(reader, page->webhook.id,
			     page->event_id, ret_delivery);
}

static int
attempt_take(void *arg, const struct delivery_attempt *attempt)
{
	struct page *page = arg;

	if (page_take(page, attempt->seq))
		captain_write_attempt(page->w, attempt);
	return 0;
}

int
captain_list_attempts(struct http_request *request, struct http_reply *reply)
{
	struct delivery delivery;
	struct store *reader;
	struct page page;
	int err;

	err = page_open(request, reply, &reader, &page);
	if (err != 0)
		return err < 0 ? err : 0;
	err = delivery_find(request, reader, &page, &delivery);
	if (err < 0)
		return err == ERR_NOT_FOUND
		    ? captain_refuse(reply, 404, no_message)
		    : err;
	page_begin(&page, reply, "attempts");
	err = store_attempts_page(reader, delivery.id,
	    page.before > UINT32_MAX ? UINT32_MAX : (uint32_t)page.before,
	    page.limit + 1, attempt_take, &page);
	page_end(&page);
	return err;
}

/* ---- sending ------------------------------------------------------------ */

static int
reply_message(struct http_reply *reply, const char *name, const char *type)
{
	struct jsonw *w = http_reply_json(reply, 200);

	jsonw_object(w);
	jsonw_nstring(w, "message_id", name);
	jsonw_nstring(w, "event_id", name);
	if (type != NULL)
		jsonw_nstring(w, "event_type", type);
	jsonw_nstring(w, "status", captain_delivery_word(DELIVERY_DUE));
	jsonw_object_end(w);
	return 0;
}

/* An event's own name at the endpoint. */
struct naming {
	const struct engine *engine;
	struct page page;
	char name[EVENT_NAME_SIZE];
};

static int
naming_take(void *arg, const struct event *event)
{
	struct naming *naming = arg;

	engine_event_name(naming->engine, &naming->page.webhook, event,
	    naming->name);
	return 0;
}

static int
reply_event(struct http_request *request, struct http_reply *reply,
    const struct uuid *endpoint, const struct uuid *event, const char *type)
{
	struct naming naming = {.engine = request->engine};
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = store_webhook_find(reader, request->caller.account_id,
		    endpoint, webhook_take, &naming.page);
	if (err == 0)
		err = store_event_find(reader, request->caller.account_id,
		    event, naming_take, &naming);
	return err < 0 ? captain_endpoint_problem(reply, err)
		       : reply_message(reply, naming.name, type);
}

int
captain_test_endpoint(struct http_request *request, struct http_reply *reply)
{
	static const char *const words[] = {"job.completed",
	    "job.completed_with_errors", "job.failed", "job.cancelled", NULL};
	static const struct captain_field fields[] = {
	    {.name = "event_type", .type = CAPTAIN_TEXT, .words = words}};
	enum event_type type = EVENT_JOB_COMPLETED;
	struct uuid uuid, event;
	const json_t *body;
	int err;

	if (!captain_endpoint_of(request, reply, &uuid))
		return 0;
	err = captain_body(request, reply, fields, 1, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	(void)event_type_parse_name(captain_text(body, "event_type",
	    event_type_name(type)), &type);
	err = engine_webhook_test(request->engine,
	    request->caller.account_id, &uuid, type, &event, &request->note);
	if (err < 0)
		return captain_endpoint_problem(reply, err);
	return reply_event(request, reply, &uuid, &event,
	    event_type_name(type));
}

static int
nothing_take(void *arg, const struct webhook *webhook)
{
	(void)arg;
	(void)webhook;
	return 0;
}

/* Which of the two is not there? */
static int
resend_problem(struct http_request *request, struct http_reply *reply,
    const struct uuid *uuid, int err)
{
	struct store *reader;

	if (err == ERR_NOT_FOUND && http_reader(request, &reader) == 0 &&
	    store_webhook_find(reader, request->caller.account_id, uuid,
		nothing_take, NULL) == 0)
		return captain_refuse(reply, 404, no_message);
	return captain_endpoint_problem(reply, err);
}

int
captain_resend_delivery(struct http_request *request,
    struct http_reply *reply)
{
	struct uuid uuid, event;
	int err;

	if (!captain_endpoint_of(request, reply, &uuid))
		return 0;
	err = event_name_parse(request->params[1].text, &event);
	if (err < 0)
		return captain_refuse(reply, 404, no_message);
	err = engine_webhook_resend(request->engine,
	    request->caller.account_id, &uuid, &event, &request->note);
	if (err < 0)
		return resend_problem(request, reply, &uuid, err);
	return reply_event(request, reply, &uuid, &event, NULL);
}

int
captain_recover_endpoint(struct http_request *request,
    struct http_reply *reply)
{
	static const struct captain_field fields[] = {
	    {.name = "since", .type = CAPTAIN_TEXT, .is_required = true}};
	char id[CAPTAIN_ENDPOINT_SIZE];
	int64_t since_us, now_us = clock_wall_us();
	const json_t *body;
	struct uuid uuid;
	struct jsonw *w;
	uint64_t count;
	int err;

	if (!captain_endpoint_of(request, reply, &uuid))
		return 0;
	err = captain_body(request, reply, fields, 1, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	if (stamp_parse(captain_text(body, "since", ""), &since_us) < 0 ||
	    since_us > now_us || since_us < now_us - RECOVER_US) {
		(void)captain_invalid(reply, "body", "since",
		    "datetime_parsing", "Input should be an ISO 8601 time "
		    "within the last 7 days");
		return 0;
	}
	err = engine_webhook_recover(request->engine,
	    request->caller.account_id, &uuid, since_us, &count,
	    &request->note);
	if (err < 0)
		return captain_endpoint_problem(reply, err);
	captain_format_endpoint(&uuid, id);
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nstring(w, "endpoint_id", id);
	jsonw_ntime(w, "since", since_us);
	jsonw_nuint(w, "recovering", count);
	jsonw_object_end(w);
	return 0;
}
