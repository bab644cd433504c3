/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-sent events.  Nothing is queued for a client: a stream remembers the
 * revision it has come to, and after a commit reads from the store what is
 * above it.  A client that is slow, or away, gets the newest state of each
 * row once, instead of a backlog; its Last-Event-ID is good for ever.
 *
 * Jobs and items are read in order of revision from one snapshot and merged.
 * Each of the two is cut at BATCH rows: events go out up to the last revision
 * that both readings reach.
 */
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/mem.h"
#include "engine/board.h"

#define BATCH 200u

struct stream {
	int64_t account_id;
	struct caller caller;
	bool only_jobs; /* items are left out */
	bool is_one; /* of one job */
	struct uuid job;
	int64_t job_id;
	int64_t after_rev;
	bool is_new;	/* nothing was sent yet */
	bool shows_job; /* begin with the job as it is */
	bool is_ahead;	/* the client knows of more than there is */
};

struct event {
	int64_t rev;
	bool is_job;
	size_t start, len; /* in gathered.text */
};

/* One reading. */
struct gathered {
	struct engine *engine;
	struct store *reader;
	const struct stream *stream;
	struct buf text;
	struct event events[2 * BATCH];
	size_t count;
	size_t jobs, items; /* rows read */
	int64_t job_rev, item_rev; /* of the last row read */
	bool is_final;		   /* the stream's job is */
};

static void
gather(struct gathered *g, int64_t rev, bool is_job, size_t start)
{
	struct event *event = &g->events[g->count++];

	event->rev = rev;
	event->is_job = is_job;
	event->start = start;
	event->len = g->text.len - start;
}

static void
render_job(struct gathered *g, const struct job *row, struct buf *out)
{
	struct job_pace pace;
	struct job live;
	struct jsonw w;

	if (!job_state_is_final(row->state) &&
	    engine_job_get(g->engine, g->reader, g->stream->account_id,
	    &row->uuid, &live) == 0 && live.rev == row->rev)
		row = &live;
	engine_job_pace(g->engine, row, &pace);
	jsonw_init(&w, out);
	native_view_job(&w, row, &pace);
}

static int
on_job(void *arg, const struct job *row)
{
	struct gathered *g = arg;
	size_t start = g->text.len;

	render_job(g, row, &g->text);
	gather(g, row->rev, true, start);
	g->jobs++;
	g->job_rev = row->rev;
	return g->text.err;
}

static int
on_item(void *arg, const struct item_row *row)
{
	struct gathered *g = arg;
	size_t start = g->text.len;
	struct jsonw w;

	jsonw_init(&w, &g->text);
	native_view_item(&w, row);
	gather(g, row->item.rev, false, start);
	g->items++;
	g->item_rev = row->item.rev;
	return g->text.err;
}

static void
put_event(struct buf *out, int64_t rev, bool is_job, const char *data,
    size_t len)
{
	(void)buf_printf(out, "id: %lld\nevent: %s\ndata: ", (long long)rev,
	    is_job ? "job" : "item");
	/* JSON of ours has no line breaks in it. */
	(void)buf_put(out, data, len);
	(void)buf_puts(out, "\n\n");
}

/* The stream's one job: is there news of it, is it final? */
static int
gather_own_job(struct gathered *g)
{
	struct job job;
	int err;

	err = store_job_find(g->reader, g->stream->account_id,
	    &g->stream->job, &job);
	if (err < 0)
		return err;
	g->is_final = job_state_is_final(job.state);
	return job.rev > g->stream->after_rev ? on_job(g, &job) : 0;
}

/* Write what is sure to be complete, in order; where that ends. */
static int64_t
put_merged(struct gathered *g, struct buf *out)
{
	int64_t last = INT64_MAX, rev = g->stream->after_rev;
	size_t a = 0, b = g->jobs;
	const struct event *event;

	if (g->jobs == BATCH && g->job_rev < last)
		last = g->job_rev;
	if (g->items == BATCH && g->item_rev < last)
		last = g->item_rev;
	/* Jobs stand before items in events, each in order. */
	while (a < g->jobs || b < g->count) {
		if (b == g->count || (a < g->jobs &&
		    g->events[a].rev < g->events[b].rev))
			event = &g->events[a++];
		else
			event = &g->events[b++];
		if (event->rev > last)
			break;
		put_event(out, event->rev, event->is_job,
		    g->text.data + event->start, event->len);
		rev = event->rev;
	}
	return rev;
}

static int
gather_all(struct gathered *g)
{
	const struct stream *stream = g->stream;
	int err;

	err = stream->is_one ? gather_own_job(g)
	    : store_jobs_changed(g->reader, stream->account_id,
		stream->after_rev, BATCH, on_job, g);
	if (err < 0 || stream->only_jobs)
		return err;
	return store_items_changed(g->reader, stream->account_id,
	    stream->is_one ? stream->job_id : 0, stream->after_rev, BATCH,
	    on_item, g);
}

/* What a new client of one job's stream sees first. */
static int
put_state(struct gathered *g, struct buf *out)
{
	struct buf text;
	struct job job;
	int err;

	err = store_job_find(g->reader, g->stream->account_id,
	    &g->stream->job, &job);
	if (err < 0)
		return err;
	buf_init(&text, out->max);
	render_job(g, &job, &text);
	put_event(out, g->stream->after_rev, true, buf_text(&text), text.len);
	err = text.err;
	buf_fini(&text);
	return err;
}

/*
 * An id without data is no event, but what a client comes back with that has
 * seen none.  One that comes with more than there is has been here before the
 * store was put back to an older state: what it shows may never have been.
 */
static void
put_begin(const struct stream *stream, struct buf *out)
{
	(void)buf_puts(out, "retry: 2000\n");
	if (stream->is_ahead)
		(void)buf_printf(out, "id: %lld\nevent: reset\ndata: {}\n",
		    (long long)stream->after_rev);
	else if (!stream->is_one)
		(void)buf_printf(out, "id: %lld\n",
		    (long long)stream->after_rev);
	(void)buf_putc(out, '\n');
}

static int
fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out)
{
	struct stream *stream = state;
	int64_t rev = 0, generation, last;
	struct gathered *g;
	bool is_more = false;
	int err;

	/* A page that is left open outlives its session, or its key. */
	if (!engine_caller_stands(engine, &stream->caller))
		return HTTP_END;
	g = mem_zalloc(sizeof(*g));
	if (g == NULL)
		return ERR_NOMEM;
	g->engine = engine;
	g->reader = reader;
	g->stream = stream;
	buf_init(&g->text, out->max);
	err = store_begin(reader, NULL);
	if (err < 0)
		goto out;
	if (stream->is_new)
		put_begin(stream, out);
	if (stream->is_new && stream->shows_job)
		err = put_state(g, out);
	stream->is_new = false;
	if (err == 0)
		err = gather_all(g);
	if (err == 0)
		err = store_stamp(reader, &rev, &generation);
	store_end(reader);
	if (err < 0)
		goto out;
	last = put_merged(g, out);
	is_more = last > stream->after_rev &&
	    (g->jobs == BATCH || g->items == BATCH);
	stream->after_rev = last;
	board_wait(engine_board(engine), rev);
	err = is_more ? HTTP_MORE
	    : g->is_final ? HTTP_END : HTTP_WAIT;
out:
	/* The job was deleted with its base: no more will come. */
	if (err == ERR_NOT_FOUND)
		err = HTTP_END;
	buf_fini(&g->text);
	mem_free(g);
	return err;
}

static const struct http_stream_ops ops = {
    .fill = fill,
    .free = mem_free,
    .heartbeat = ": still here\n\n",
};

/* Where the client stopped; -1: it did not say. */
static int
last_event(struct http_request *request, int64_t *ret_rev)
{
	const char *text = http_header(request, "Last-Event-ID");
	int64_t rev = 0;

	if (text == NULL)
		text = http_query(request, "last_event_id");
	if (text == NULL) {
		*ret_rev = -1;
		return 0;
	}
	if (*text == '\0' || strspn(text, "0123456789") != strlen(text) ||
	    strlen(text) > 18)
		return err_set(&request->note, ERR_INVALID,
		    "Last-Event-ID must be the number of an event");
	for (; *text != '\0'; text++)
		rev = rev * 10 + (*text - '0');
	*ret_rev = rev;
	return 0;
}

static int
read_only(struct http_request *request, bool *ret_only_jobs)
{
	const char *only = http_query(request, "only");

	if (only != NULL && strcmp(only, "jobs") != 0)
		return err_set(&request->note, ERR_INVALID,
		    "only must be \"jobs\"");
	*ret_only_jobs = only != NULL;
	return 0;
}

static int
reply_stream(struct http_request *request, struct http_reply *reply,
    const struct job *job)
{
	struct stream *stream;
	bool only_jobs = false, is_ahead;
	int64_t rev = -1, newest;
	int err;

	err = last_event(request, &rev);
	if (err == 0)
		err = read_only(request, &only_jobs);
	if (err < 0)
		return err;
	stream = mem_zalloc(sizeof(*stream));
	if (stream == NULL)
		return ERR_NOMEM;
	stream->account_id = request->caller.account_id;
	stream->caller = request->caller;
	stream->only_jobs = only_jobs;
	newest = board_rev(engine_board(request->engine));
	is_ahead = rev > newest;
	if (is_ahead)
		rev = -1;
	stream->is_new = true;
	stream->is_ahead = is_ahead;
	stream->after_rev = rev;
	if (job != NULL) {
		stream->is_one = true;
		stream->job = job->uuid;
		stream->job_id = job->id;
		stream->shows_job = rev < 0;
		stream->after_rev = rev < 0 ? 0 : rev;
	} else if (rev < 0) {
		stream->after_rev = newest;
	}
	reply->content_type = "text/event-stream";
	http_reply_header(reply, "Cache-Control", "no-cache");
	/* nginx in front would hold events back otherwise. */
	http_reply_header(reply, "X-Accel-Buffering", "no");
	http_reply_stream(reply, &ops, stream);
	return 0;
}

int
native_jobs_events(struct http_request *request, struct http_reply *reply)
{
	struct job job;
	int err;

	err = native_job_find(request, &job);
	return err < 0 ? err : reply_stream(request, reply, &job);
}

int
native_events(struct http_request *request, struct http_reply *reply)
{
	return reply_stream(request, reply, NULL);
}
