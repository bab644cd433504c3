/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What type a name is of: each sign votes, strong ones more; the votes of all
 * mentions are summed up, so that one sentence that says what a thing is
 * counts for the whole text.
 */
#include "graph/extract_int.h"

struct sign {
	uint32_t role;
	enum graph_type type;
	uint32_t inside, beside; /* votes */
};

#define SIGN_COUNT 9u

static const struct sign signs[SIGN_COUNT] = {
	{ 1u << CUE_BIT_ORGEND, GRAPH_ORGANIZATION, 10, 0 },
	{ 1u << CUE_BIT_ORG, GRAPH_ORGANIZATION, 8, 6 },
	{ 1u << CUE_BIT_EVENT, GRAPH_EVENT, 9, 4 },
	{ 1u << CUE_BIT_PLACE, GRAPH_PLACE, 6, 6 },
	{ 1u << CUE_BIT_FORE, GRAPH_PLACE, 5, 0 },
	{ 1u << CUE_BIT_WORK, GRAPH_WORK, 5, 6 },
	{ 1u << CUE_BIT_PRODUCT, GRAPH_PRODUCT, 3, 6 },
	{ 1u << CUE_BIT_PERSON, GRAPH_PERSON, 1, 8 },
	{ 1u << CUE_BIT_THING, GRAPH_CONCEPT, 6, 0 },
};

static void
judge_inside(struct graph_extractor *x, const struct mention *mention,
    size_t *ret_words)
{
	const struct scan *scan = &x->scan;
	const struct token *token;
	uint32_t roles = 0;
	size_t i, words = 0;

	for (i = mention->from; i < mention->to; i++) {
		token = &scan->tokens[i];
		if (token_has(token, SHAPE_CAPITAL))
			words++;
		else if (token_is(token, CUE_PARTICLE) &&
		    scan->language == LANGUAGE_EN)
			extract_vote(x, mention, GRAPH_PERSON, 2);
		if (token_has(token, SHAPE_INITIAL))
			extract_vote(x, mention, GRAPH_PERSON, 5);
		if (token_has(token, SHAPE_CODE | SHAPE_DIGIT))
			extract_vote(x, mention, GRAPH_PRODUCT, 3);
		if (token->kind == TOKEN_NUMBER)
			extract_vote(x, mention, GRAPH_PRODUCT, 3);
		if (token_has(token, SHAPE_CAPITAL))
			roles |= i == mention->from || i + 1 == mention->to ?
				token->roles :
				token->roles & (CUE_ORG | CUE_EVENT);
		/* "saint" before, never at the end of a name. */
		if (i != mention->from)
			roles &= ~(i + 1 == mention->to &&
				    !token_is(&scan->tokens[mention->from],
					CUE_FORE) ? CUE_FORE : 0u);
	}
	for (i = 0; i < SIGN_COUNT; i++) {
		if ((roles & signs[i].role) != 0)
			extract_vote(x, mention, signs[i].type,
			    signs[i].inside);
	}
	*ret_words = words;
}

/* The words before a name: "the city of X", "in X", "physicist X". */
static void
judge_before(struct graph_extractor *x, const struct mention *mention,
    size_t words)
{
	const struct scan *scan = &x->scan;
	const struct token *token;
	size_t at = mention->from, i;

	if (at == 0)
		return;
	token = &scan->tokens[at - 1];
	if (token->kind != TOKEN_WORD)
		return;
	if (token_is(token, CUE_LOC) && words <= 2)
		extract_vote(x, mention, GRAPH_PLACE, 4);
	if (token_is(token, CUE_JOIN) && at > 1)
		token = &scan->tokens[at - 2];
	if (token->owner != GRAPH_NONE || token_is(token, CUE_STOP) ||
	    token_has(token, SHAPE_OWNER))
		return;
	for (i = 0; i < SIGN_COUNT; i++) {
		if ((token->roles & signs[i].role) == 0)
			continue;
		/* "the capital of X", "the president of X" speak of others. */
		if (token != &scan->tokens[at - 1] &&
		    (signs[i].type != GRAPH_PLACE ||
			scan->language == LANGUAGE_OTHER))
			continue;
		extract_vote(x, mention, signs[i].type, signs[i].beside);
	}
}

void
extract_judge(struct graph_extractor *x, struct mention *mention)
{
	const struct scan *scan = &x->scan;
	const struct token *first = &scan->tokens[mention->from];
	const struct token *next;
	size_t words, len = first->end - first->start;

	judge_inside(x, mention, &words);
	judge_before(x, mention, words);
	if (mention->to < scan->count) {
		next = &scan->tokens[mention->to];
		if (token_is(next, CUE_DOES))
			extract_vote(x, mention, GRAPH_PERSON, 4);
	}
	if (words == 1 && mention->to - mention->from == 1) {
		if (token_has(first, SHAPE_UPPER) &&
		    !token_has(first, SHAPE_DIGIT) && len <= 6)
			extract_vote(x, mention, GRAPH_ORGANIZATION, 2);
		else
			extract_vote(x, mention, GRAPH_CONCEPT, 1);
	} else if (words >= 2 && words <= 3) {
		extract_vote(x, mention, GRAPH_PERSON, 2);
	}
	mention->type =
	    graph_build_type(&x->build.entities[mention->entity]);
}
