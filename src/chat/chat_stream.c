/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer while it is being written.  Whether the service streams at all is
 * seen by the type of what it sends: one that does not know "stream" answers
 * as it always does, and a refusal is no stream either; both are gathered
 * whole.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/limits.h"
#include "chat/chat_int.h"
#include "net/meter.h"
#include "net/net.h"
#include "net/service.h"

#define EVENTS "text/event-stream"
/* Each word comes in some hundred bytes of JSON. */
#define STREAM_BYTES_MAX (16 * MIB)

struct hearing {
	struct chat_feed feed;
	struct buf whole; /* of what is no stream */
	struct err_note *note;
	bool is_stream;
};

static bool
is_good(const struct net_answer *head)
{
	return head->status >= 200 && head->status < 300;
}

static int
on_bytes(void *arg, const struct net_answer *head, const void *bytes,
    size_t len)
{
	struct hearing *hearing = arg;

	hearing->is_stream = is_good(head) &&
	    strncasecmp(head->content_type, EVENTS, strlen(EVENTS)) == 0;
	return hearing->is_stream
	    ? chat_feed_put(&hearing->feed, bytes, len, hearing->note)
	    : buf_put(&hearing->whole, bytes, len);
}

/* What was no stream is one piece. */
static int
whole_read(struct hearing *hearing, struct chat_answer *ret_answer,
    struct err_note *note)
{
	struct chat_answer answer = {0};
	int err;

	err = chat_body_read(buf_text(&hearing->whole), hearing->whole.len,
	    &answer, note);
	if (err == 0 && answer.len > 0)
		err = hearing->feed.fn(hearing->feed.arg, answer.text,
		    answer.len);
	if (err < 0) {
		chat_answer_fini(&answer);
		return err;
	}
	*ret_answer = answer;
	return 0;
}

static int
hearing_judge(struct chat_client *client, struct hearing *hearing,
    const struct net_answer *head, struct chat_answer *ret_answer,
    struct err_note *note)
{
	if (hearing->is_stream)
		return chat_feed_end(&hearing->feed, ret_answer, note);
	if (is_good(head))
		return whole_read(hearing, ret_answer, note);
	client->retry_after_s = head->retry_after_s;
	return net_service_refusal(head, &hearing->whole,
	    client->service.bearer, note);
}

int
chat_stream(struct chat_client *client, const struct chat_request *request,
    chat_piece_fn *fn, void *arg, struct chat_answer *ret_answer,
    struct err_note *note)
{
	struct net_service_post post;
	char host[NET_SERVICE_HOST_SIZE];
	struct err_note words = {""}; /* without the host */
	struct hearing hearing = {.note = &words};
	struct net_answer head = {0};
	struct buf body;
	int64_t begun_us;
	int err;

	client->retry_after_s = -1;
	chat_feed_init(&hearing.feed, fn, arg);
	hearing.feed.key = net_service_key(&client->service);
	buf_init(&hearing.whole, CHAT_ANSWER_BYTES_MAX);
	err = chat_question_write(client, request, true, &body, note);
	if (err < 0)
		goto out;
	net_service_post(&client->service, &body, EVENTS ", application/json",
	    STREAM_BYTES_MAX, request->stop, &post);
	begun_us = net_meter_begin(client->meter);
	err = net_stream(client->service.net, &post.request, on_bytes,
	    &hearing, &head, note);
	if (err == 0)
		err = hearing_judge(client, &hearing, &head, ret_answer,
		    &words);
	net_meter_end(client->meter, begun_us, err,
	    err == 0 ? ret_answer->usage.total : 0);
	if (err < 0 && words.text[0] != '\0') {
		net_service_host(client->service.url, host);
		(void)err_set(note, err, "%s: %s", host, words.text);
	}
out:
	net_answer_fini(&head);
	buf_fini(&hearing.whole);
	chat_feed_fini(&hearing.feed);
	buf_fini(&body);
	return err;
}
