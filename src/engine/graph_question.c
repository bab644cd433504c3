/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a question may name.  Windows of one to six words are looked at from
 * left to right, at each word the widest first: "Marie Curie" is asked for
 * before "Marie".  A window is tried as its words stand, and with what stands
 * around them up to the next space ("C++", ".NET"), but for signs that belong
 * to the sentence.
 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "engine/graph_int.h"
#include "graph/graph.h"
#include "text/words.h"

#define WINDOW_WORDS_MAX 6u
#define QUESTION_WORDS_MAX 256u /* what comes behind them is not looked at */

struct span {
	size_t start, end;
};

struct words {
	const char *text;
	size_t len;
	struct span list[QUESTION_WORDS_MAX];
	size_t count;
};

static int
word_take(void *arg, const char *term, size_t len, size_t start, size_t end)
{
	struct words *words = arg;

	(void)term;
	(void)len;
	words->list[words->count++] = (struct span){start, end};
	return words->count == QUESTION_WORDS_MAX;
}

static bool
is_space(char c)
{
	return isspace((unsigned char)c) != 0;
}

/* Is it a sign of the sentence, and not of a name? */
static bool
is_of_sentence(char c)
{
	return c != '\0' && strchr("?!,;:\"'()[]{}<>`", c) != NULL;
}

/* Up to spaces, without signs of the sentence at either end. */
static struct span
span_widen(const struct words *words, struct span span)
{
	struct span wide = span;

	while (wide.start > 0 && !is_space(words->text[wide.start - 1]))
		wide.start--;
	while (wide.end < words->len && !is_space(words->text[wide.end]))
		wide.end++;
	while (wide.start < span.start &&
	    is_of_sentence(words->text[wide.start]))
		wide.start++;
	while (wide.end > span.end &&
	    is_of_sentence(words->text[wide.end - 1]))
		wide.end--;
	return wide;
}

static int
span_try(const struct words *words, struct span span, graph_key_fn *fn,
    void *arg)
{
	char key[GRAPH_KEY_BYTES_MAX + 1];
	size_t len;

	if (span.end - span.start > GRAPH_NAME_BYTES_MAX)
		return 0;
	len = graph_key(words->text + span.start, span.end - span.start, key);
	if (len == 0)
		return 0;
	key[len] = '\0';
	return fn(arg, key);
}

/* "Curie's": the word before the apostrophe is a word of its own already. */
static int
window_try(const struct words *words, size_t first, size_t last,
    graph_key_fn *fn, void *arg)
{
	const struct span span = {words->list[first].start,
	    words->list[last].end};
	struct span wide;
	int got;

	if (span.end <= span.start)
		return 0;
	wide = span_widen(words, span);
	got = span_try(words, span, fn, arg);
	if (got == 0 && (wide.start != span.start || wide.end != span.end))
		got = span_try(words, wide, fn, arg);
	return got;
}

int
graph_question_keys(const char *question, graph_key_fn *fn, void *arg)
{
	struct words words = {.text = question, .len = strlen(question)};
	size_t i, n;
	int got;

	if (!utf8_is_valid(question, words.len))
		return 0;
	(void)words_each(question, words.len, word_take, &words);
	for (i = 0; i < words.count;) {
		got = 0;
		n = words.count - i;
		if (n > WINDOW_WORDS_MAX)
			n = WINDOW_WORDS_MAX;
		for (; got == 0 && n > 0; n--)
			got = window_try(&words, i, i + n - 1, fn, arg);
		if (got < 0)
			return got;
		/* The loop went one below the width that was found. */
		i += got > 0 ? n + 1 : 1;
	}
	return 0;
}
