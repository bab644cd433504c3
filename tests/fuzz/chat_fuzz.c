/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_fuzz: what services send: the JSON of a chat model's answer, the words
 * of a refusal, the text that is to hold questions with answers, the events of
 * an answer that is streamed, and a reranking service's ranking.
 *
 * The first byte of an input says which of them the rest is.
 */
#include <math.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "chat/chat.h"
#include "chat/chat_int.h"
#include "chat/qa.h"
#include "net/service.h"
#include "rerank/rerank.h"

#define KEY "sk-4711-abcabcabcdef"
#define PIECE 6u /* of the key, which may not be seen */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text that somebody is shown: something, within its limit, one kind of
 * control character at most. */
static void
check_text(const char *text, size_t max, bool is_utf8)
{
	size_t i, len = strlen(text);

	ASSERT(len > 0 && len <= max);
	ASSERT(!is_utf8 || utf8_is_valid(text, len));
	for (i = 0; i < len; i++)
		ASSERT((unsigned char)text[i] >= 0x20 || text[i] == '\n' ||
		    text[i] == '\t');
	ASSERT(strchr(" \t\n", text[0]) == NULL);
	ASSERT(strchr(" \t\n", text[len - 1]) == NULL);
}

static void
try_pairs(const char *text, size_t len, bool is_cut)
{
	bool is_utf8 = utf8_is_valid(text, len);
	struct qa_pairs pairs;
	size_t i;

	if (memchr(text, '\0', len) != NULL)
		return;
	ASSERT(qa_parse(text, len, is_cut, &pairs) == 0);
	ASSERT(pairs.count <= QA_PAIRS_MAX);
	ASSERT(pairs.count == 0 || pairs.items != NULL);
	for (i = 0; i < pairs.count; i++) {
		check_text(pairs.items[i].question, QA_QUESTION_BYTES_MAX,
		    is_utf8);
		check_text(pairs.items[i].answer, QA_ANSWER_BYTES_MAX,
		    is_utf8);
	}
	qa_pairs_fini(&pairs);
}

static void
try_answer(const char *json, size_t len)
{
	struct chat_answer answer = {0};
	struct err_note note = {""};
	int err;

	err = chat_body_read(json, len, &answer, &note);
	ASSERT(err == 0 || err == ERR_UPSTREAM);
	if (err < 0) {
		ASSERT(answer.text == NULL && note.text[0] != '\0');
		return;
	}
	ASSERT(strlen(answer.text) == answer.len);
	ASSERT(utf8_is_valid(answer.text, answer.len));
	try_pairs(answer.text, answer.len, answer.is_cut);
	chat_answer_fini(&answer);
}

static void
try_refusal(const char *body, size_t len)
{
	char out[NET_REASON_SIZE], piece[PIECE + 1] = "";
	size_t i;

	net_reason_read(body, len, KEY, out);
	ASSERT(utf8_is_valid(out, strlen(out)));
	for (i = 0; out[i] != '\0'; i++)
		ASSERT((unsigned char)out[i] >= 0x20);
	for (i = 0; i + PIECE < sizeof(KEY); i++) {
		memcpy(piece, &KEY[i], PIECE);
		ASSERT(strstr(out, piece) == NULL);
	}
}

static int
on_piece(void *arg, const char *text, size_t len)
{
	ASSERT(len > 0 && utf8_is_valid(text, len));
	return buf_put(arg, text, len);
}

/* Returns what came of it; pieces gathers what was said meanwhile. */
static int
feed(const char *bytes, size_t len, size_t step, struct buf *pieces)
{
	struct chat_answer answer = {0};
	struct err_note note = {""};
	struct chat_feed one;
	size_t at, n;
	int err = 0;

	chat_feed_init(&one, on_piece, pieces);
	one.key = KEY;
	for (at = 0; at < len && err == 0; at += n) {
		n = len - at < step ? len - at : step;
		err = chat_feed_put(&one, bytes + at, n, &note);
	}
	if (err == 0)
		err = chat_feed_end(&one, &answer, &note);
	chat_feed_fini(&one);
	ASSERT(err == 0 || note.text[0] != '\0');
	if (err == 0)
		ASSERT(answer.len == pieces->len &&
		    strcmp(answer.text, buf_text(pieces)) == 0);
	chat_answer_fini(&answer);
	return err;
}

/* However the bytes come, the same is heard. */
static void
try_feed(const char *bytes, size_t len)
{
	struct buf whole, parts;
	int err;

	buf_init(&whole, CHAT_ANSWER_BYTES_MAX);
	buf_init(&parts, CHAT_ANSWER_BYTES_MAX);
	err = feed(bytes, len, len, &whole);
	ASSERT(err == 0 || err == ERR_UPSTREAM || err == ERR_CLOSED ||
	    err == ERR_TOO_BIG);
	ASSERT(feed(bytes, len, 3, &parts) == err);
	ASSERT(strcmp(buf_text(&whole), buf_text(&parts)) == 0);
	buf_fini(&whole);
	buf_fini(&parts);
}

static void
try_ranking(const char *json, size_t len)
{
	struct rerank_score scores[7];
	struct err_note note = {""};
	size_t i, known = 0;
	int err;

	err = rerank_body_read(json, len, 7, scores, &note);
	ASSERT(err == 0 || (err == ERR_UPSTREAM && note.text[0] != '\0'));
	for (i = 0; err == 0 && i < 7; i++) {
		ASSERT(isfinite(scores[i].score));
		known += scores[i].is_known;
	}
	ASSERT(err < 0 || known > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	/* Of its own size, so that one byte too far is seen. */
	text = mem_alloc(size - 1);
	ASSERT(text != NULL);
	memcpy(text, data + 1, size - 1);
	switch (data[0] % 6) {
	case 0:
		try_answer(text, size - 1);
		break;
	case 1:
		try_refusal(text, size - 1);
		break;
	case 2:
		try_pairs(text, size - 1, false);
		break;
	case 3:
		try_pairs(text, size - 1, true);
		break;
	case 4:
		try_feed(text, size - 1);
		break;
	case 5:
		try_ranking(text, size - 1);
		break;
	}
	mem_free(text);
	return 0;
}
