/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passages in the order of the reranking service.
 */
#include <math.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/answer.h"
#include "engine/engine_int.h"
#include "rerank/rerank.h"

/* scores[0..count) from the service, NAN where it has none. */
static int
ask(struct engine *engine, const char *question,
    const struct passage *passages, size_t count, const atomic_bool *stop,
    double *scores, struct err_note *note)
{
	const struct rerank_config config = {.url = engine->rerank_url,
	    .model = engine->rerank_model, .key = engine->rerank_key,
	    .meter = &engine->counters.rerank};
	struct rerank_score told[RERANK_DOCUMENTS_MAX];
	struct rerank_text texts[RERANK_DOCUMENTS_MAX];
	struct rerank_client *client;
	size_t i;
	int err;

	for (i = 0; i < count; i++)
		texts[i] = (struct rerank_text){.text = passages[i].text,
		    .len = passages[i].len};
	err = rerank_client_new(&config, &client, note);
	if (err < 0)
		return err;
	err = rerank_run(client, question, texts, count, stop, told, note);
	rerank_client_free(client);
	for (i = 0; err == 0 && i < count; i++)
		if (told[i].is_known)
			scores[i] = told[i].score;
	return err;
}

/* Few: by insertion, which keeps the old order of equals. */
static void
order_make(const double *scores, size_t ranked, size_t count, size_t *order)
{
	size_t known = 0, i, at;

	for (i = 0; i < ranked; i++) {
		if (isnan(scores[i]))
			continue;
		for (at = known; at > 0 &&
		    scores[order[at - 1]] < scores[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
		known++;
	}
	for (i = 0; i < count; i++)
		if (isnan(scores[i]))
			order[known++] = i;
}

int
engine_rerank(struct engine *engine, const char *question,
    const struct passage *passages, size_t count, const atomic_bool *stop,
    double *ret_scores, size_t *ret_order)
{
	size_t ranked = count < RERANK_DOCUMENTS_MAX ? count
						     : RERANK_DOCUMENTS_MAX;
	struct err_note note = {""};
	double *scores;
	size_t i;
	int err = 0;

	if (!engine_has_rerank(engine))
		return ERR_UNSUPPORTED;
	scores = mem_array(count, sizeof(*scores));
	if (scores == NULL)
		return ERR_NOMEM;
	for (i = 0; i < count; i++)
		scores[i] = NAN;
	if (ranked > 0)
		err = ask(engine, question, passages, ranked, stop, scores,
		    &note);
	if (err == 0) {
		for (i = 0; i < count; i++)
			ret_scores[i] = scores[i];
		order_make(scores, ranked, count, ret_order);
	} else if (err != ERR_NOMEM && err != ERR_CANCELLED) {
		log_warn("the reranking service: %s", err_words(&note, err));
		err = ERR_UPSTREAM;
	}
	mem_free(scores);
	return err;
}
