/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is no name: kinds ("X is a software company"), and phrases behind an
 * article that a text repeats.
 */
#include "graph/extract_int.h"

#define KIND_WORDS_MAX 4u

void
extract_vote_kind(struct graph_extractor *x, const struct mention *mention,
    uint32_t roles)
{
	static const struct {
		uint32_t role;
		enum graph_type type;
	} kinds[] = {
		{ 1u << CUE_BIT_PERSON, GRAPH_PERSON },
		{ 1u << CUE_BIT_ORG, GRAPH_ORGANIZATION },
		{ 1u << CUE_BIT_PLACE, GRAPH_PLACE },
		{ 1u << CUE_BIT_EVENT, GRAPH_EVENT },
		{ 1u << CUE_BIT_WORK, GRAPH_WORK },
		{ 1u << CUE_BIT_PRODUCT, GRAPH_PRODUCT },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if ((roles & kinds[i].role) != 0) {
			extract_vote(x, mention, kinds[i].type, 12);
			return;
		}
	}
}

/* May the token be in the middle of what something is? */
static bool
is_kind_word(const struct graph_extractor *x, size_t at)
{
	const struct token *token = &x->scan.tokens[at];
	size_t words;

	return token->kind == TOKEN_WORD && token->owner == GRAPH_NONE &&
	    !token->is_stop && !token_has(token, SHAPE_ELIDED) &&
	    (token_is(token, CUE_PERSON | CUE_ORG) ||
		extract_label(x, at, at + 1, &words) == LABEL_NONE);
}

/* The words of a kind from at on: [*from, *to), with the head's roles. */
static bool
find_kind(const struct graph_extractor *x, size_t at, size_t *from,
    size_t *to, uint32_t *roles)
{
	const struct scan *scan = &x->scan;
	size_t i = at, k;

	while (i < scan->count && i < at + KIND_WORDS_MAX + 1 &&
	    is_kind_word(x, i)) {
		i++;
		/* German: the noun has the capital, and ends it. */
		if (scan->language == LANGUAGE_DE &&
		    token_has(&scan->tokens[i - 1], SHAPE_CAPITAL))
			break;
	}
	/* "a Polish physicist". */
	while (at + 1 < i && scan->language == LANGUAGE_EN &&
	    token_has(&scan->tokens[at], SHAPE_CAPITAL))
		at++;
	if ((scan->language == LANGUAGE_FR || scan->language == LANGUAGE_ES) &&
	    i > at + 2)
		i = at + 2;
	if (i == at || token_has(&scan->tokens[i - 1], SHAPE_OWNER) ||
	    (scan->language == LANGUAGE_DE &&
		!token_has(&scan->tokens[i - 1], SHAPE_CAPITAL)))
		return false;
	k = scan->language == LANGUAGE_FR || scan->language == LANGUAGE_ES ?
	    at : i - 1;
	*roles = scan->tokens[k].roles;
	for (; (*roles & (CUE_PERSON | CUE_ORG | CUE_PLACE | CUE_EVENT |
		CUE_WORK | CUE_PRODUCT)) == 0 && k + 1 < i; k++)
		*roles = scan->tokens[k + 1].roles;
	*from = at;
	*to = i;
	return true;
}

/* "X is a Y", "X, a Y", from the token behind X on: the relation is made
 * here. */
static int
put_kind(struct graph_extractor *x, const struct mention *subject, size_t at)
{
	const struct scan *scan = &x->scan;
	size_t from, to, start = subject == &x->subject ? 0 : subject->from;
	struct mention *kind;
	uint32_t roles;
	int err;

	if (at < scan->count && token_is_punct(&scan->tokens[at], ')'))
		at++;
	if (at + 2 >= scan->count || subject->is_sure ||
	    (!token_is(&scan->tokens[at], CUE_COPULA) &&
		!token_is_punct(&scan->tokens[at], ',')) ||
	    !token_is(&scan->tokens[at + 1], CUE_INDEF) ||
	    !find_kind(x, at + 2, &from, &to, &roles))
		return 0;
	err = extract_put(x, from, to, &kind);
	if (kind == NULL)
		return err;
	kind->is_phrase = true;
	extract_vote(x, kind, GRAPH_CONCEPT, 20);
	extract_vote_kind(x, subject, roles);
	return graph_build_relation(&x->build, subject->entity, kind->entity,
	    label_rows[LABEL_IS_A].shown, scan->tokens[start].start,
	    scan->tokens[to - 1].end);
}

/* The longest phrase at a place that the text repeats; 0: none. */
static size_t
repeated(struct graph_extractor *x, size_t at)
{
	const struct scan *scan = &x->scan;
	const struct token *token;
	const struct seen *seen;
	uint64_t phrase = 0;
	size_t i, best = 0;

	for (i = at; i < scan->count && i < at + PHRASE_MAX; i++) {
		token = &scan->tokens[i];
		if (token->kind != TOKEN_WORD || token->is_stop ||
		    token->owner != GRAPH_NONE ||
		    token_has(token, SHAPE_DIGIT | SHAPE_CODE | SHAPE_ELIDED))
			break;
		phrase = extract_phrase(phrase, token->hash);
		seen = extract_seen(x, phrase, false);
		if (seen == NULL || token->end - token->start < 3)
			continue;
		if (token_has(token, SHAPE_CAPITAL) &&
		    scan->language != LANGUAGE_DE)
			break;
		if (scan->language == LANGUAGE_DE &&
		    !token_has(token, SHAPE_CAPITAL))
			continue;
		if (seen->phrase >= (i > at ? PHRASE_ONCE_MORE : PHRASE_ALONE))
			best = i + 1 - at;
		if (token_has(token, SHAPE_CAPITAL | SHAPE_OWNER))
			break;
	}
	return best;
}

int
extract_phrases(struct graph_extractor *x)
{
	const struct scan *scan = &x->scan;
	struct mention *mention;
	size_t i, count = x->count, words;
	int err = 0;

	if (extract_pronoun(x, 0) == &x->subject &&
	    token_is(&scan->tokens[0], CUE_PRONOUN))
		err = put_kind(x, &x->subject, 1);
	for (i = 0; i < count && err == 0; i++)
		err = put_kind(x, &x->mentions[i], x->mentions[i].to);
	for (i = 0; i + 1 < scan->count && err == 0; i++) {
		if (scan->tokens[i].kind != TOKEN_WORD ||
		    !token_is(&scan->tokens[i], CUE_DET | CUE_INDEF))
			continue;
		words = repeated(x, i + 1);
		if (words == 0)
			continue;
		err = extract_put(x, i + 1, i + 1 + words, &mention);
		if (mention != NULL) {
			mention->is_phrase = true;
			extract_vote(x, mention, GRAPH_CONCEPT, 20);
		}
	}
	return err;
}
