/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts go out in requests of so many texts and tokens.  Tokens are counted by
 * the service only, so they are estimated by bytes, rather too many than too
 * few: a request that is too large is refused, and then halved.
 *
 * A refusal (400, 413, 422) may be about one text of many, or about how many
 * there are: the request is halved until one text is left, which is then the
 * one that was refused.  Where both halves go through, it was the number, and
 * later requests have as few.  A failure that may be the texts' own doing (the
 * service broke down over them, or took too long) is told from an outage by a
 * request that no service has trouble with.
 */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "embed/openai.h"
#include "embed/openai_int.h"
#include "net/meter.h"
#include "net/net.h"
#include "net/service.h"

#define PATH "/embeddings"
#define NAME_SIZE (NET_MODEL_BYTES_MAX + 32)
/* An answer has a head and a tail, and each of its entries some words. */
#define AROUND_BYTES (16 * KIB)
#define ENTRY_BYTES 256u

struct openai {
	struct embedder embedder; /* the first member */
	char name[NAME_SIZE];
	size_t asked_dimensions; /* 0: as many as there are */
	size_t bytes_max;	 /* of texts in one request */
	atomic_size_t texts_max;
	unsigned awaited_ms;
	struct gate gate;
	_Atomic uint64_t requests, failures, texts, tokens;
	struct net_meter *meter; /* NULL: nobody counts */
};

/* One request that is to be made of some texts. */
struct asking {
	struct openai *openai;
	struct embed_call *call;
	const struct embed_text *texts;
	size_t count;
	size_t dimensions; /* 0: to be learnt */
	float *vectors;
	struct err_note *note;
	/* Of a failure: half of the texts may be better off. */
	bool is_of_texts;
	size_t refused; /* count: not known */
};

static struct openai *
openai_of(struct embedder *self)
{
	return (struct openai *)self;
}

/* ---- one request ------------------------------------------------------- */

static void
body_write(const struct asking *asking, const char *model, struct buf *out)
{
	struct jsonw w;
	size_t i;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_nstring(&w, "model", model);
	jsonw_name(&w, "input");
	jsonw_array(&w);
	for (i = 0; i < asking->count; i++)
		jsonw_stringn(&w, asking->texts[i].text,
		    asking->texts[i].len);
	jsonw_array_end(&w);
	if (asking->openai->asked_dimensions > 0)
		jsonw_nint(&w, "dimensions",
		    (int64_t)asking->openai->asked_dimensions);
	jsonw_object_end(&w);
}

static size_t
answer_bytes_max(const struct asking *asking)
{
	size_t dimensions = asking->dimensions == 0 ? DIMENSIONS_MAX
						    : asking->dimensions;

	return AROUND_BYTES + asking->count *
	    (ENTRY_BYTES + dimensions * EMBED_NUMBER_BYTES_MAX);
}

static int
answer_read(struct asking *asking, const struct net_answer *answer)
{
	struct openai *openai = asking->openai;
	uint64_t tokens = 0;
	int err;

	err = openai_body_read(buf_text(&answer->body), answer->body.len,
	    asking->count, &asking->dimensions, asking->vectors, &tokens,
	    &asking->refused, asking->note);
	/* NaN, which is no JSON, may be of any of them. */
	asking->is_of_texts = err == ERR_INVALID &&
	    asking->refused == asking->count;
	if (err == 0) {
		atomic_fetch_add(&openai->texts, asking->count);
		atomic_fetch_add(&openai->tokens, tokens);
		asking->call->tokens += tokens;
	}
	return err;
}

/* Is it about this request, and not about whoever asks? */
static bool
is_status_of_texts(unsigned status)
{
	return status == 400 || status == 413 || status == 422 ||
	    status == 500;
}

static int
answer_judge(struct asking *asking, const struct net_answer *answer,
    const struct net_service *service)
{
	int err;

	if (answer->status >= 200 && answer->status < 300) {
		err = answer_read(asking, answer);
	} else {
		err = net_service_refusal(answer, &answer->body,
		    service->bearer, asking->note);
		asking->is_of_texts = is_status_of_texts(answer->status);
	}
	if (err < 0 && err != ERR_NOMEM)
		err = net_service_wrap(service, err, asking->note);
	return err;
}

static int
place_ask(struct asking *asking, const struct net_service *service,
    int64_t *ret_retry_after_s)
{
	struct openai *openai = asking->openai;
	struct net_service_post post;
	struct net_answer answer = {.retry_after_s = -1};
	struct buf body;
	int64_t begun_us;
	uint64_t tokens;
	int err;

	buf_init(&body, EMBED_BODY_BYTES_MAX);
	body_write(asking, service->model, &body);
	if (body.err < 0) {
		asking->is_of_texts = body.err == ERR_TOO_BIG;
		err = body.err == ERR_NOMEM ? ERR_NOMEM
		    : err_set(asking->note, ERR_TOO_BIG,
			"the text is too long to be sent");
		goto out;
	}
	net_service_post(service, &body, "application/json",
	    answer_bytes_max(asking), asking->call->stop, &post);
	if (asking->call->is_awaited) {
		post.request.limits.connect_ms = openai->awaited_ms;
		post.request.limits.stall_ms = openai->awaited_ms;
		post.request.limits.total_ms = openai->awaited_ms;
	}
	atomic_fetch_add(&openai->requests, 1);
	tokens = asking->call->tokens;
	begun_us = net_meter_begin(openai->meter);
	err = net_run(service->net, &post.request, &answer, asking->note);
	if (err == 0) {
		*ret_retry_after_s = answer.retry_after_s;
		err = answer_judge(asking, &answer, service);
	} else if (err == ERR_TOO_BIG) {
		/* Vectors that long are none of ours. */
		err = ERR_INVALID;
	} else {
		asking->is_of_texts = err == ERR_TIMEOUT;
	}
	net_meter_end(openai->meter, begun_us, err,
	    asking->call->tokens - tokens);
out:
	if (err < 0 && err != ERR_CANCELLED)
		atomic_fetch_add(&openai->failures, 1);
	net_answer_fini(&answer);
	buf_fini(&body);
	return err;
}

/* Does it answer when it is asked for next to nothing? */
static bool
is_well(const struct asking *asking, const struct net_service *service)
{
	static const struct embed_text text = {"a", 1};
	struct embed_call call = {.stop = asking->call->stop,
	    .is_awaited = true};
	struct asking probe = {.openai = asking->openai, .call = &call,
	    .texts = &text, .count = 1};
	int64_t retry_after_s = -1;
	bool is_well;

	probe.vectors = mem_array(DIMENSIONS_MAX, sizeof(*probe.vectors));
	is_well = probe.vectors != NULL &&
	    place_ask(&probe, service, &retry_after_s) == 0;
	asking->call->tokens += call.tokens;
	mem_free(probe.vectors);
	return is_well;
}

/* Make the request, and tell the gate how it went. */
static int
ask_once(struct asking *asking)
{
	struct gate *gate = &asking->openai->gate;
	struct embed_call *call = asking->call;
	struct place *place;
	int64_t retry_after_s = -1;
	int err;

	asking->is_of_texts = false;
	asking->refused = asking->count;
	err = gate_enter(gate, call, &place, asking->note);
	if (err < 0)
		return err;
	err = place_ask(asking, &place->service, &retry_after_s);
	if (err == ERR_CANCELLED || err == ERR_NOMEM) {
		gate_leave(gate, place);
		return err;
	}
	if (err == 0 || err_class(err) == ERR_CLASS_PERMANENT ||
	    (asking->is_of_texts && !call->is_awaited &&
		is_well(asking, &place->service)))
		gate_good(gate, call);
	else if (call->stop == NULL || !atomic_load(call->stop))
		gate_failed(gate, call, retry_after_s, err, asking->note);
	gate_leave(gate, place);
	return err;
}

/* ---- many texts -------------------------------------------------------- */

/* All of them in one request, or, where that may help, in smaller ones: as deep
 * as EMBED_TEXTS_MAX can be halved. */
static int
ask_split(struct asking *asking)
{
	struct openai *openai = asking->openai;
	size_t first, size = (asking->count + 1) / 2;
	struct asking half;
	int err;

	err = ask_once(asking);
	if (err == 0 || !asking->is_of_texts || asking->call->is_outage)
		return err;
	if (asking->count == 1) {
		asking->refused = 0;
		return err;
	}
	for (first = 0, err = 0; err == 0 && first < asking->count;
	    first += half.count) {
		half = *asking;
		half.texts += first;
		half.vectors += first * asking->dimensions;
		half.count = asking->count - first < size
		    ? asking->count - first : size;
		err = ask_split(&half);
		if (err < 0 && half.refused < half.count)
			asking->refused = first + half.refused;
	}
	/* It was not one of them, but all of them together. */
	if (err == 0 && size < atomic_load(&openai->texts_max))
		atomic_store(&openai->texts_max, size);
	return err;
}

/* How many of the texts go into the next request. */
static size_t
request_size(const struct openai *openai, const struct embed_text *texts,
    size_t count)
{
	size_t texts_max = atomic_load(&openai->texts_max), bytes = 0, i;

	for (i = 0; i < count && i < texts_max; i++) {
		bytes += texts[i].len;
		if (i > 0 && bytes > openai->bytes_max)
			break;
	}
	return i;
}

static int
openai_ask(struct embedder *self, struct embed_call *call,
    const struct embed_text *texts, size_t count, float *vectors,
    struct err_note *note)
{
	struct openai *openai = openai_of(self);
	struct asking asking = {.openai = openai, .call = call,
	    .dimensions = self->dimensions, .note = note};
	size_t first;
	int err = 0;

	ASSERT(asking.dimensions > 0);
	call->is_outage = false;
	call->wait_us = 0;
	call->refused = count;
	for (first = 0; err == 0 && first < count; first += asking.count) {
		asking.texts = texts + first;
		asking.count = request_size(openai, texts + first,
		    count - first);
		asking.vectors = vectors + first * asking.dimensions;
		err = ask_split(&asking);
		if (err < 0 && asking.refused < asking.count)
			call->refused = first + asking.refused;
	}
	return err;
}

static int
openai_run(struct embedder *self, const struct embed_text *texts,
    size_t count, float *vectors, struct err_note *note)
{
	struct embed_call call = {.stop = NULL};

	return openai_ask(self, &call, texts, count, vectors, note);
}

/* Several may learn the same at once, which does no harm. */
static int
openai_learn(struct embedder *self, struct embed_call *call,
    struct err_note *note)
{
	static const struct embed_text text = {"a", 1};
	struct asking asking = {.openai = openai_of(self), .call = call,
	    .texts = &text, .count = 1, .note = note};
	size_t unknown = 0;
	int err;

	call->is_outage = false;
	call->wait_us = 0;
	call->refused = 1;
	asking.vectors = mem_array(DIMENSIONS_MAX, sizeof(*asking.vectors));
	if (asking.vectors == NULL)
		return ERR_NOMEM;
	err = ask_once(&asking);
	if (err == 0)
		(void)atomic_compare_exchange_strong(&self->dimensions,
		    &unknown, asking.dimensions);
	mem_free(asking.vectors);
	return err;
}

static void
openai_stats(struct embedder *self, struct embed_stats *ret_stats)
{
	struct openai *openai = openai_of(self);

	ret_stats->requests = atomic_load(&openai->requests);
	ret_stats->failures = atomic_load(&openai->failures);
	ret_stats->texts = atomic_load(&openai->texts);
	ret_stats->tokens = atomic_load(&openai->tokens);
	gate_stats(&openai->gate, ret_stats);
}

/* ---- making one -------------------------------------------------------- */

static void
openai_close(struct embedder *self)
{
	struct openai *openai = openai_of(self);

	gate_close(&openai->gate);
	mem_free(openai);
}

static int
config_check(const struct openai_config *config, struct err_note *note)
{
	if (config->dimensions > DIMENSIONS_MAX)
		return err_set(note, ERR_INVALID,
		    "there are at most %u dimensions", DIMENSIONS_MAX);
	if (config->concurrency > EMBED_CONCURRENCY_MAX)
		return err_set(note, ERR_INVALID,
		    "there are at most %u requests at once",
		    EMBED_CONCURRENCY_MAX);
	if (config->texts_max > EMBED_TEXTS_MAX ||
	    config->tokens_max > EMBED_TOKENS_MAX)
		return err_set(note, ERR_INVALID,
		    "a request has at most %u texts and %u tokens",
		    EMBED_TEXTS_MAX, EMBED_TOKENS_MAX);
	return 0;
}

static void
openai_set(struct openai *openai, const struct openai_config *config)
{
	size_t texts_max = config->texts_max == 0 ? EMBED_TEXTS
						  : config->texts_max;
	size_t tokens_max = config->tokens_max == 0 ? EMBED_TOKENS
						    : config->tokens_max;

	if (config->dimensions == 0)
		(void)snprintf(openai->name, sizeof(openai->name),
		    "openai %s", config->model);
	else
		(void)snprintf(openai->name, sizeof(openai->name),
		    "openai %s %zu", config->model, config->dimensions);
	openai->asked_dimensions = config->dimensions;
	openai->bytes_max = tokens_max * EMBED_TOKEN_BYTES;
	atomic_store(&openai->texts_max, texts_max);
	openai->awaited_ms = config->awaited_ms == 0 ? EMBED_AWAITED_MS
						     : config->awaited_ms;
	openai->meter = config->meter;
	openai->embedder.name = openai->name;
	openai->embedder.dimensions = config->dimensions;
	openai->embedder.texts_best = texts_max;
	openai->embedder.bytes_best = openai->bytes_max;
	openai->embedder.run = openai_run;
	openai->embedder.ask = openai_ask;
	openai->embedder.learn = openai_learn;
	openai->embedder.stats = openai_stats;
	openai->embedder.close = openai_close;
}

int
embed_openai_new(const struct openai_config *config,
    struct embedder **ret_embedder, struct err_note *note)
{
	const struct net_service_config service = {.url = config->url,
	    .path = PATH, .model = config->model, .key = config->key,
	    .timeout_ms = config->timeout_ms == 0 ? EMBED_TIMEOUT_MS
						  : config->timeout_ms};
	struct openai *openai;
	int err;

	err = config_check(config, note);
	if (err < 0)
		return err;
	openai = mem_zalloc(sizeof(*openai));
	if (openai == NULL)
		return ERR_NOMEM;
	openai_set(openai, config);
	err = gate_open(&openai->gate, &service,
	    config->concurrency == 0 ? EMBED_CONCURRENCY
				     : config->concurrency, note);
	if (err < 0)
		openai_close(&openai->embedder);
	else
		*ret_embedder = &openai->embedder;
	return err;
}
