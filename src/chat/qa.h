/* SPDX-License-Identifier: Apache-2.0 */
/*
 * qa: pairs of question and answer, made from a text by a chat model.
 */
#ifndef CHAT_QA_H
#define CHAT_QA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct chat_client;
struct err_note;

struct qa_pair {
	char *question; /* neither is empty; lines end with \n */
	char *answer;
};

struct qa_pairs {
	struct qa_pair *items; /* NULL when there are none */
	size_t count;	       /* at most QA_PAIRS_MAX */
	/* Begun but not kept: without question or answer, over
	 * QA_QUESTION_BYTES_MAX or QA_ANSWER_BYTES_MAX, after QA_PAIRS_MAX,
	 * or the last one of an answer that was cut. */
	size_t dropped;
};

/*
 * Read the pairs out of a model's answer (UTF-8, no zeros).  "Q1:" and "A1:"
 * at the start of a line, in either case, also "Question 1:" and "Answer:",
 * with Markdown around and without numbers; "A1:" also in the question's line
 * and "Q2:" in that of the answer before.  is_cut: the answer ends early.
 * Rubbish gives count 0 and is no error.  Time is linear in len.  Pure.
 * Returns owned (qa_pairs_fini); ERR_NOMEM.
 */
int qa_parse(const char *text, size_t len, bool is_cut,
    struct qa_pairs *ret_pairs);
void qa_pairs_fini(struct qa_pairs *pairs);

/*
 * Let the model make pairs from len bytes of text, in language (its name in
 * English; NULL or "": the text's own).  A count of 0 means that the model
 * answered, but with nothing that is a pair; the caller has to tell that.
 * Returns owned (qa_pairs_fini).  Errors of chat_run(), and ERR_INVALID:
 * language is no name; ERR_TOO_BIG: text over QA_TEXT_BYTES_MAX.
 */
int qa_make(struct chat_client *client, const char *text, size_t len,
    const char *language, const atomic_bool *stop,
    struct qa_pairs *ret_pairs, struct err_note *note);

#endif
