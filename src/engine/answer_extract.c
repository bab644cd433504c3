/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer without a model: sentences of the passages.  Each sentence is
 * worth what the question's words in it are worth, rare ones more than common
 * ones, and less the longer it is and the further down its passage stands.
 * The best one is taken, then its words count for less, so that the next one
 * says something else; as often as ANSWER_EXTRACT_SENTENCES.
 */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/answer.h"
#include "engine/terms.h"
#include "text/sentence.h"
#include "text/space.h"
#include "text/words_scan.h"

#define PASSAGES_MAX 20u
#define SENTENCES_MAX 2048u
#define SENTENCE_BYTES_MAX 600u
#define LEAD_SENTENCES 2u /* when none holds a word of the question */
#define REPEAT_WEIGHT 0.5 /* of a word that was answered to already */
#define WORTH_MIN 0.3	   /* of the best one's: less says nothing new */

_Static_assert(TERMS_MAX <= 64, "a set of terms is 64 bits");

struct sentence {
	const char *text;
	size_t len;
	size_t passage, words;
	uint64_t terms; /* of the question, that it holds */
	bool is_taken;
};

struct extract {
	const struct passage *passages;
	uint64_t hashes[TERMS_MAX];
	double weights[TERMS_MAX];
	size_t term_count;
	struct sentence *sentences;
	size_t count;
};

/* ---- sentences ----------------------------------------------------------- */

/* A line that was broken in the middle of a sentence goes on. */
static bool
is_wrapped(const char *text, size_t len, size_t at)
{
	unsigned char before, after;

	if (at == 0 || at + 1 >= len)
		return false;
	before = (unsigned char)text[at - 1];
	after = (unsigned char)text[at + 1];
	return (before == ',' || before >= 0x80 ||
		   (before >= 'a' && before <= 'z')) &&
	    after >= 'a' && after <= 'z';
}

/* Where the sentence that begins at text[at] ends, or its line. */
static size_t
sentence_end(const char *text, size_t len, size_t at)
{
	for (at++; at < len; at++) {
		if (text[at] == '\n' && !is_wrapped(text, len, at))
			break;
		if (((unsigned char)text[at] & 0xC0) != 0x80 &&
		    sentence_ends(text, len, at))
			break;
	}
	return at;
}

static void
sentence_read(const struct extract *extract, struct sentence *sentence)
{
	struct words_scan scan;
	uint64_t hash;
	size_t i;

	words_scan_init(&scan, sentence->text, sentence->len);
	while (words_scan_next(&scan)) {
		sentence->words++;
		hash = words_scan_hash(&scan);
		for (i = 0; i < extract->term_count; i++)
			if (extract->hashes[i] == hash)
				sentence->terms |= (uint64_t)1 << i;
	}
}

static void
passage_cut(struct extract *extract, size_t passage)
{
	const char *text = extract->passages[passage].text;
	size_t len = extract->passages[passage].len, at = 0, start, end;
	struct sentence *sentence;

	if (len > ANSWER_PASSAGE_BYTES_MAX)
		len = utf8_floor(text, len, ANSWER_PASSAGE_BYTES_MAX);
	for (; at < len && extract->count < SENTENCES_MAX; at = end) {
		end = sentence_end(text, len, at);
		start = at;
		at = end;
		space_trim(text, &start, &at);
		if (start >= at)
			continue;
		sentence = &extract->sentences[extract->count];
		*sentence = (struct sentence){.text = text + start,
		    .len = at - start, .passage = passage};
		sentence_read(extract, sentence);
		if (sentence->words > 0)
			extract->count++;
	}
}

/* ---- what they are worth ------------------------------------------------- */

static void
terms_weigh(struct extract *extract)
{
	size_t i, j, holders;

	for (i = 0; i < extract->term_count; i++) {
		holders = 0;
		for (j = 0; j < extract->count; j++)
			holders += extract->sentences[j].terms >> i & 1;
		extract->weights[i] = log(1 + (double)extract->count /
		    (double)(holders + 1));
	}
}

static double
worth_of(const struct extract *extract, const struct sentence *sentence)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < extract->term_count; i++)
		if ((sentence->terms >> i & 1) != 0)
			sum += extract->weights[i];
	return sum / sqrt((double)sentence->words + 8) /
	    (1 + 0.1 * (double)sentence->passage);
}

static struct sentence *
best_of(struct extract *extract, double *ret_worth)
{
	struct sentence *best = NULL;
	double worth;
	size_t i;

	*ret_worth = 0;
	for (i = 0; i < extract->count; i++) {
		if (extract->sentences[i].is_taken)
			continue;
		worth = worth_of(extract, &extract->sentences[i]);
		if (worth > *ret_worth) {
			*ret_worth = worth;
			best = &extract->sentences[i];
		}
	}
	return best;
}

static void
sentences_take(struct extract *extract)
{
	double first = 0, worth;
	struct sentence *best;
	size_t n, i;

	for (n = 0; n < ANSWER_EXTRACT_SENTENCES; n++) {
		best = best_of(extract, &worth);
		if (best == NULL || worth < WORTH_MIN * first)
			break;
		if (n == 0)
			first = worth;
		best->is_taken = true;
		for (i = 0; i < extract->term_count; i++)
			if ((best->terms >> i & 1) != 0)
				extract->weights[i] *= REPEAT_WEIGHT;
	}
	/* Passages may be near to the question without a word of it. */
	for (i = 0; n == 0 && i < LEAD_SENTENCES && i < extract->count; i++)
		extract->sentences[i].is_taken =
		    extract->sentences[i].passage == 0;
}

/* ---- the answer ---------------------------------------------------------- */

/* Lines become blanks; what is cut ends with an ellipsis. */
static void
put_sentence(struct buf *out, const struct sentence *sentence)
{
	size_t len = sentence->len, i;

	if (len > SENTENCE_BYTES_MAX)
		len = utf8_floor(sentence->text, len, SENTENCE_BYTES_MAX);
	for (i = 0; i < len; i++)
		(void)buf_putc(out, sentence->text[i] == '\n'
		    ? ' ' : sentence->text[i]);
	if (len < sentence->len)
		(void)buf_puts(out, "\xE2\x80\xA6");
}

/* Behind the last sentence of a passage in a row stands its name. */
static void
put_all(const struct extract *extract, struct buf *out)
{
	const struct sentence *sentence, *last = NULL;
	size_t i;

	for (i = 0; i < extract->count; i++) {
		sentence = &extract->sentences[i];
		if (!sentence->is_taken)
			continue;
		if (last != NULL && last->passage != sentence->passage)
			(void)buf_printf(out, " [%s]",
			    extract->passages[last->passage].name);
		if (last != NULL)
			(void)buf_putc(out, ' ');
		put_sentence(out, sentence);
		last = sentence;
	}
	if (last != NULL)
		(void)buf_printf(out, " [%s]",
		    extract->passages[last->passage].name);
}

int
answer_extract(const char *question, const struct passage *passages,
    size_t count, struct buf *out)
{
	struct extract extract = {.passages = passages};
	struct words_scan scan;
	struct terms *terms;
	size_t i;
	int err = ERR_NOMEM;

	terms = mem_alloc(sizeof(*terms));
	extract.sentences = mem_array(SENTENCES_MAX,
	    sizeof(*extract.sentences));
	if (terms == NULL || extract.sentences == NULL)
		goto out;
	terms_of_content(question, terms);
	for (i = 0; i < terms->count; i++) {
		words_scan_init(&scan, terms->list[i],
		    strlen(terms->list[i]));
		if (words_scan_next(&scan))
			extract.hashes[extract.term_count++] =
			    words_scan_hash(&scan);
	}
	for (i = 0; i < count && i < PASSAGES_MAX; i++)
		passage_cut(&extract, i);
	terms_weigh(&extract);
	sentences_take(&extract);
	put_all(&extract, out);
	err = out->err;
out:
	mem_free(terms);
	mem_free(extract.sentences);
	return err;
}
