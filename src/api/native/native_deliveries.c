/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What webhooks were told, and what came of it.
 */
#include "api/native/native_int.h"
#include "api/native/native_webhook_view.h"
#include "engine/webhooks.h"

/* What is needed of the webhook that the path names. */
struct place {
	struct http_request *request;
	struct native_list list;
	struct webhook webhook; /* id and dialect alone */
	int64_t event_id;
};

static int
on_webhook(void *arg, const struct webhook *webhook)
{
	struct place *place = arg;

	place->webhook.id = webhook->id;
	place->webhook.dialect = webhook->dialect;
	return 0;
}

static int
place_find(struct http_request *request, struct store *reader,
    struct place *place)
{
	int err;

	place->request = request;
	err = store_webhook_find(reader, request->caller.account_id,
	    &request->params[0].uuid, on_webhook, place);
	return err == ERR_NOT_FOUND ? native_missing(request, "webhook")
				    : err;
}

static int
on_event(void *arg, const struct event *event)
{
	struct place *place = arg;

	place->event_id = event->id;
	return 0;
}

/* The delivery of the event that the path's second parameter names. */
static int
delivery_find(struct http_request *request, struct store *reader,
    struct place *place, struct delivery *ret_delivery)
{
	struct uuid uuid;
	int err;

	err = event_name_parse(request->params[1].text, &uuid);
	if (err < 0)
		return native_missing(request, "event");
	err = store_event_find(reader, request->caller.account_id, &uuid,
	    on_event, place);
	if (err == 0)
		err = store_delivery_find(reader, place->webhook.id,
		    place->event_id, ret_delivery);
	return err == ERR_NOT_FOUND ? native_missing(request, "delivery")
				    : err;
}

static int
on_delivery(void *arg, const struct delivery *delivery,
    const struct event *event)
{
	struct place *place = arg;
	char name[EVENT_NAME_SIZE];

	if (!native_list_take(&place->list, event->id))
		return 0;
	engine_event_name(place->request->engine, &place->webhook, event,
	    name);
	native_view_delivery(place->list.w, delivery, event, name);
	return 0;
}

int
native_deliveries_list(struct http_request *request, struct http_reply *reply)
{
	struct place place;
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = place_find(request, reader, &place);
	if (err == 0)
		err = native_list_open(request, reply, 'w', place.webhook.id,
		    &place.list);
	if (err != 0)
		return err < 0 ? err : 0;
	native_list_begin(&place.list, reply, "deliveries");
	err = store_deliveries_page(reader, place.webhook.id,
	    place.list.position, place.list.limit + 1, on_delivery, &place);
	native_list_end(&place.list);
	return err;
}

static int
on_attempt(void *arg, const struct delivery_attempt *attempt)
{
	struct native_list *list = arg;

	if (native_list_take(list, attempt->seq))
		native_view_attempt(list->w, attempt);
	return 0;
}

int
native_attempts_list(struct http_request *request, struct http_reply *reply)
{
	struct delivery delivery;
	struct place place;
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = place_find(request, reader, &place);
	if (err == 0)
		err = delivery_find(request, reader, &place, &delivery);
	if (err == 0)
		err = native_list_open(request, reply, 'a', delivery.id,
		    &place.list);
	if (err != 0)
		return err < 0 ? err : 0;
	native_list_begin(&place.list, reply, "attempts");
	err = store_attempts_page(reader, delivery.id,
	    (uint32_t)place.list.position, place.list.limit + 1, on_attempt,
	    &place.list);
	native_list_end(&place.list);
	return err;
}

int
native_deliveries_resend(struct http_request *request,
    struct http_reply *reply)
{
	struct uuid event;
	struct jsonw *w;
	int err;

	if (event_name_parse(request->params[1].text, &event) < 0)
		return native_missing(request, "event");
	err = engine_webhook_resend(request->engine,
	    request->caller.account_id, &request->params[0].uuid, &event,
	    &request->note);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 202);
	jsonw_object(w);
	jsonw_nstring(w, "event_id", request->params[1].text);
	jsonw_object_end(w);
	return 0;
}
