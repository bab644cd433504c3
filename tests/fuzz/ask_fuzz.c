/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask_fuzz: a query, and behind its first line feed a text that it is matched
 * with.  The answer is that of a matcher that compares words one by one.
 */
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "search/ask.h"
#include "search/ask_match.h"

#define TERMS_SEEN 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct ask_word terms[TERMS_SEEN];
	size_t count;
};

static int
see(void *arg, const char *term, size_t len, size_t start, size_t end)
{
	struct seen *seen = arg;
	struct ask_word *word = &seen->terms[seen->count];

	(void)start;
	(void)end;
	memcpy(word->text, term, len);
	word->len = (uint8_t)len;
	return ++seen->count == TERMS_SEEN;
}

static bool
is_word(const struct ask_clause *clause, size_t place,
    const struct ask_word *word, const struct ask_word *term)
{
	if (word->len == term->len)
		return memcmp(word->text, term->text, word->len) == 0;
	if (!word->is_single || term->len < word->len)
		return false;
	return (place == 0 && memcmp(term->text + term->len - word->len,
	    word->text, word->len) == 0) ||
	    (place + 1 == clause->count &&
		memcmp(term->text, word->text, word->len) == 0);
}

static bool
is_there(const struct ask *ask, const struct ask_clause *clause,
    const struct seen *seen)
{
	size_t at, i;

	for (at = 0; at + clause->count <= seen->count; at++) {
		for (i = 0; i < clause->count; i++)
			if (!is_word(clause, i, &ask->words[clause->first + i],
				&seen->terms[at + i]))
				break;
		if (i == clause->count)
			return true;
	}
	return false;
}

static void
try_match(const struct ask *ask, const char *text, size_t len)
{
	static struct ask_match match;
	static struct seen seen;
	const struct ask_clause *clause;
	bool is_held = true;
	size_t i;

	seen.count = 0;
	if (!utf8_is_valid(text, len) ||
	    words_each(text, len, see, &seen) != 0)
		return;
	for (i = 0; i < ask->clause_count; i++) {
		clause = &ask->clauses[i];
		if (ask_field_level(clause->field) == ASK_OF_SEGMENT &&
		    ((clause->field == ASK_TEXT ||
			 clause->field == ASK_ANYWHERE) &&
			is_there(ask, clause, &seen)) == clause->is_excluded)
			is_held = false;
	}
	ask_match_init(&match, ask);
	ask_match_begin(&match);
	ask_match_put(&match, ASK_TEXT, text, len);
	ASSERT(ask_match_holds(&match, ASK_OF_SEGMENT) == is_held);
}

static void
check(const struct ask *ask, size_t len)
{
	const struct ask_clause *clause;
	size_t i, words = 0;

	ASSERT(ask->clause_count <= ASK_CLAUSES_MAX);
	ASSERT(ask->word_count <= ASK_WORDS_MAX);
	ASSERT(strlen(ask->sought) <= len);
	for (i = 0; i < ask->clause_count; i++) {
		clause = &ask->clauses[i];
		ASSERT(clause->field < ASK_FIELDS);
		ASSERT(clause->first == words);
		ASSERT(clause->count >= 1 &&
		    clause->count <= ASK_PHRASE_WORDS_MAX);
		words += clause->count;
	}
	ASSERT(words == ask->word_count);
	for (i = 0; i < words; i++)
		ASSERT(ask->words[i].len >= 1 &&
		    ask->words[i].len <= WORD_BYTES_MAX &&
		    utf8_is_valid(ask->words[i].text, ask->words[i].len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end;
	struct ask *ask;
	size_t len;

	end = size == 0 ? NULL : memchr(data, '\n', size);
	len = end == NULL ? size : (size_t)(end - text);
	ask = ask_new(text, len);
	if (ask == NULL)
		return 0;
	if (memchr(text, '\0', len) == NULL)
		check(ask, len);
	if (utf8_is_valid(text, len))
		ASSERT(utf8_is_valid(ask->sought, strlen(ask->sought)));
	else
		ASSERT(ask->clause_count == 0);
	if (end != NULL && ask->clause_count > 0)
		try_match(ask, end + 1, size - len - 1);
	ask_free(ask);
	return 0;
}
