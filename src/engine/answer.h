/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer: a question is answered from passages that were found for it, and
 * passages are put in the order of a reranking service.
 *
 * Floor 4.  Both ask other services and take as long as those do: no thread
 * that others need may call them.  What the services say wrong is logged, and
 * told to the caller as a word, not as a sentence: it is the operator's
 * business, not the client's.
 */
#ifndef ENGINE_ANSWER_H
#define ENGINE_ANSWER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "chat/chat.h"

struct buf;
struct engine;
struct err_note;

struct passage {
	const char *name; /* of its document: what an answer cites */
	const char *text; /* UTF-8 */
	size_t len;
};

struct answer_request {
	const char *question;
	const struct passage *passages; /* best first */
	size_t count;
	/* What the asker wants of the answer (its tone, its form); NULL:
	 * nothing.  At most ANSWER_WISH_BYTES_MAX are taken. */
	const char *wish;
	/* true breaks it off; NULL: nobody does */
	const atomic_bool *stop;
	/* Is given the text as it comes; NULL: it is wanted whole. */
	chat_piece_fn *fn;
	void *arg;
};
#define ANSWER_WISH_BYTES_MAX (16 * KIB)
#define ANSWER_PASSAGES_BYTES_MAX (96 * KIB) /* that a model is shown */
#define ANSWER_PASSAGE_BYTES_MAX (8 * KIB)   /* of one of them */
#define ANSWER_EXTRACT_SENTENCES 5u

/* Who wrote an answer. */
enum answer_maker {
	ANSWER_BY_MODEL,
	ANSWER_BY_EXTRACT, /* there is no model: sentences of the passages */
	/* The model failed before it said anything: likewise. */
	ANSWER_BY_EXTRACT_AFTER_FAILURE,
	ANSWER_BY_NOBODY,  /* there are no passages; the text is empty */
};

struct answer {
	char *text; /* UTF-8, terminated */
	size_t len;
	enum answer_maker maker;
	bool is_cut; /* the model ran into a limit before its end */
	struct chat_usage usage;
};

/*
 * Answer.  With a chat model it is asked to answer from the passages alone
 * and to cite them by name; without one, or when it fails before its first
 * word, the answer is made of the sentences that answer best, which is
 * deterministic.  The answer is the caller's to free (answer_fini).
 *
 *	ERR_CANCELLED	*stop became true
 *	ERR_UPSTREAM	the model failed after fn had a part of its text
 *	ERR_NOMEM; what fn says
 */
int engine_answer(struct engine *engine, const struct answer_request *request,
    struct answer *ret_answer);
void answer_fini(struct answer *answer);

/* The sentences of passages that hold most of the question's words, at most
 * ANSWER_EXTRACT_SENTENCES, in the order of the passages; appended to out.
 * Passages without such a sentence give the beginning of the first one.
 * Pure; ERR_NOMEM, ERR_TOO_BIG. */
int answer_extract(const char *question, const struct passage *passages,
    size_t count, struct buf *out);

/* The question as a model is asked it: what it is to do, and what it is to do
 * it with.  Pure; the errors are in the bufs. */
void answer_prompt(const struct answer_request *request, struct buf *system,
    struct buf *user);

/*
 * Let the reranking service say how well each passage answers: scores[i] is
 * that of passages[i], NAN where it said nothing, and ret_order[0..count) are
 * their places, best first; those without a score follow in their old order.
 * Only the first RERANK_DOCUMENTS_MAX are shown to it.  ERR_UNSUPPORTED: there
 * is no service; ERR_UPSTREAM: it failed; ERR_CANCELLED, ERR_NOMEM.
 */
int engine_rerank(struct engine *engine, const char *question,
    const struct passage *passages, size_t count, const atomic_bool *stop,
    double *ret_scores, size_t *ret_order);

#endif
