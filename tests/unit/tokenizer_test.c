/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "embed/tokenizer.h"
#include "sys/fs.h"

static char path[] = "/tmp/tokenizer-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	return close(mkstemp(path));
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static int
open_json(const char *json, struct tokenizer **ret_tokenizer,
    struct err_note *note)
{
	assert_int_equal(fs_replace(path, json, strlen(json), 0600, NULL), 0);
	return tokenizer_open(path, ret_tokenizer, note);
}

static struct tokenizer *
opened(const char *json)
{
	struct tokenizer *tokenizer = NULL;
	struct err_note note = { .text = "" };

	if (open_json(json, &tokenizer, &note) < 0)
		fail_msg("%s", note.text);
	return tokenizer;
}

static void
refused(const char *json, int err, const char *words)
{
	struct tokenizer *tokenizer = NULL;
	struct err_note note = { .text = "" };

	assert_int_equal(open_json(json, &tokenizer, &note), err);
	if (strstr(note.text, words) == NULL)
		fail_msg("%s", note.text);
}

/* The tokens of text as "1 2 3". */
static void
expect(const struct tokenizer *tokenizer, const char *text, bool with_special,
    size_t max, const char *wanted)
{
	static struct tokens tokens;
	struct buf out;
	size_t i;
	int round;

	/* The second time out of the cache. */
	for (round = 0; round < 2; round++) {
		tokens.count = 0;
		assert_int_equal(tokenizer_run(tokenizer, text, strlen(text),
			with_special, max, &tokens), 0);
		buf_init(&out, 4096);
		for (i = 0; i < tokens.count; i++)
			(void)buf_printf(&out, i == 0 ? "%u" : " %u",
			    tokens.ids[i]);
		assert_string_equal(buf_text(&out), wanted);
		buf_fini(&out);
	}
	tokens_fini(&tokens);
}

#define BERT_VOCAB                                                            \
	"{\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,\"the\":4,"          \
	"\"cat\":5,\"##s\":6,\"un\":7,\"##aff\":8,\"##able\":9,\",\":10,"      \
	"\"!\":11,\"\xE4\xB8\xAD\":12,\"cafe\":13,\"[\":14,\"]\":15,"          \
	"\"sep\":16,\"$\":17}"

static const char wordpiece[] = "{\"version\":\"1.0\",\"truncation\":null,"
    "\"padding\":null,\"added_tokens\":[{\"id\":3,\"content\":\"[SEP]\","
    "\"special\":true,\"normalized\":false}],\"normalizer\":{\"type\":"
    "\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true,"
    "\"strip_accents\":null,\"lowercase\":true},\"pre_tokenizer\":{\"type\":"
    "\"BertPreTokenizer\"},\"post_processor\":{\"type\":"
    "\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"[CLS]\","
    "\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},"
    "{\"SpecialToken\":{\"id\":\"[SEP]\",\"type_id\":0}}],\"special_tokens\":"
    "{\"[CLS]\":{\"id\":\"[CLS]\",\"ids\":[2],\"tokens\":[\"[CLS]\"]},"
    "\"[SEP]\":{\"id\":\"[SEP]\",\"ids\":[3],\"tokens\":[\"[SEP]\"]}}},"
    "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\","
    "\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":10,"
    "\"vocab\":" BERT_VOCAB "}}";

static void
test_wordpiece(void **state)
{
	struct tokenizer *t = opened(wordpiece);
	uint32_t id;

	(void)state;
	assert_int_equal(tokenizer_size(t), 18);
	assert_string_equal(tokenizer_model(t), "WordPiece");
	assert_int_equal(tokenizer_find(t, "[CLS]", &id), 0);
	assert_int_equal(id, 2);
	assert_int_equal(tokenizer_find(t, "dog", &id), ERR_NOT_FOUND);
	assert_int_equal(tokenizer_unknown(t, &id), 0);
	assert_int_equal(id, 1);
	expect(t, "", false, 0, "");
	expect(t, " \n\t", true, 0, "2 3");
	expect(t, "The cats, unaffable!", false, 0, "4 5 6 10 7 8 9 11");
	/* Accents as one character, and as a mark behind it. */
	expect(t, "Caf\xC3\xA9 cafe\xCC\x81", false, 0, "13 13");
	expect(t, "\xE4\xB8\xAD\xE4\xB8\xADthe", false, 0, "12 12 4");
	/* Unknown as a whole, although it begins well; too long. */
	expect(t, "catx thecatthecat $", false, 0, "1 1 17");
	/* Control characters go, other blanks are blanks. */
	expect(t, "c\x01" "at\xC2\xA0the\xE2\x80\x8B", false, 0, "5 4");
	/* What is special is not read from a text. */
	expect(t, "[SEP]", false, 0, "14 16 15");
	expect(t, "the cats the cats", true, 5, "2 4 5 6 3");
	expect(t, "the cats the cats", true, 4, "2 4 5 3");
	expect(t, "the", true, 1, "2 3");
	tokenizer_free(t);
	tokenizer_free(NULL);
}

#define BPE_MODEL                                                             \
	"\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,"     \
	"\"continuing_subword_prefix\":\"\",\"end_of_word_suffix\":\"\","      \
	"\"fuse_unk\":false,\"vocab\":{\"h\":0,\"e\":1,\"l\":2,\"o\":3,"       \
	"\"w\":4,\"r\":5,\"d\":6,\"\xC4\xA0\":7,\"he\":8,\"ll\":9,"            \
	"\"hell\":10,\"hello\":11,\"\xC4\xA0w\":12,\"or\":13,"                 \
	"\"\xC4\xA0wor\":14,\"ld\":15,\"\xC4\xA0world\":16,\"'\":17,"          \
	"\"'ll\":18,\"\xC4\x8A\":19,\"1\":20,\"!\":21,\"\xC3\x83\":22,"        \
	"\"\xC2\xA9\":23,\"lo\":24},\"merges\":[\"h e\",\"l l\","              \
	"[\"he\",\"ll\"],\"hell o\",\"\xC4\xA0 w\",\"o r\","                   \
	"\"\xC4\xA0w or\",\"l d\",\"\xC4\xA0wor ld\",\"' ll\",\"l o\"]}"

static void
test_bpe(void **state)
{
	struct tokenizer *t = opened("{\"pre_tokenizer\":{\"type\":"
	    "\"ByteLevel\",\"add_prefix_space\":false},\"post_processor\":{"
	    "\"type\":\"RobertaProcessing\",\"sep\":[\"e\",1],\"cls\":"
	    "[\"h\",0]}," BPE_MODEL "}");
	uint32_t id;

	(void)state;
	assert_int_equal(tokenizer_size(t), 25);
	assert_string_equal(tokenizer_model(t), "BPE");
	assert_int_equal(tokenizer_unknown(t, &id), ERR_NOT_FOUND);
	expect(t, "hello world", false, 0, "11 16");
	expect(t, "hello world", true, 0, "0 11 16 1");
	/* "l l" ranks before "l o": of llo, ll is one. */
	expect(t, "llo", false, 0, "9 3");
	expect(t, "lo", false, 0, "24");
	/* Pieces end before endings, numbers and signs. */
	expect(t, "he'll", false, 0, "8 18");
	expect(t, "he1!", false, 0, "8 20 21");
	expect(t, "!'ll", false, 0, "21 17 9");
	/* Of three blanks the last belongs to the word. */
	expect(t, "he   world", false, 0, "8 7 7 16");
	expect(t, "he  ", false, 0, "8 7 7");
	expect(t, "he\nworld", false, 0, "8 19 4 13 15");
	/* Two bytes; one without a letter in the vocabulary is passed over. */
	expect(t, "\xC3\xA9", false, 0, "22 23");
	expect(t, "hxe", false, 0, "8");
	tokenizer_free(t);
	t = opened("{\"pre_tokenizer\":{\"type\":\"ByteLevel\"}," BPE_MODEL
	    "}");
	expect(t, "world", false, 0, "16");
	expect(t, " world", false, 0, "16");
	tokenizer_free(t);
}

static void
test_bpe_bytes(void **state)
{
	struct tokenizer *t;
	struct buf json;
	unsigned i;

	/* Of the kind of SentencePiece: a mark for blanks, bytes for what is
	 * unknown. */
	(void)state;
	buf_init(&json, 1 << 16);
	(void)buf_puts(&json, "{\"normalizer\":{\"type\":\"Sequence\","
	    "\"normalizers\":[{\"type\":\"Prepend\",\"prepend\":\"_\"},"
	    "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},"
	    "\"content\":\"_\"}]},\"model\":{\"type\":\"BPE\",\"fuse_unk\":"
	    "true,\"unk_token\":\"<unk>\",\"byte_fallback\":true,\"vocab\":"
	    "{\"<unk>\":256,\"_\":257,\"a\":258,\"_a\":259");
	for (i = 0; i < 256; i++)
		(void)buf_printf(&json, ",\"<0x%02X>\":%u", i, i);
	(void)buf_puts(&json, "},\"merges\":[\"_ a\"]}}");
	t = opened(buf_text(&json));
	expect(t, "a aa", false, 0, "259 259 258");
	expect(t, "\xC3\xA9", false, 0, "257 195 169");
	tokenizer_free(t);
	buf_fini(&json);
}

#define UNIGRAM_MODEL                                                         \
	"\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":["             \
	"[\"<unk>\",0],[\"\xE2\x96\x81\",-2],[\"\xE2\x96\x81he\",-3],"         \
	"[\"llo\",-3],[\"l\",-4.5],[\"o\",-4],[\"\xE2\x96\x81hello\",-7],"     \
	"[\"h\",-5],[\"e\",-5]]}"

static void
test_unigram(void **state)
{
	struct tokenizer *t = opened("{\"normalizer\":{\"type\":"
	    "\"Precompiled\",\"precompiled_charsmap\":\"\"},"
	    "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":"
	    "\"\xE2\x96\x81\",\"prepend_scheme\":\"always\",\"split\":true},"
	    "\"post_processor\":null," UNIGRAM_MODEL "}");

	(void)state;
	assert_int_equal(tokenizer_size(t), 9);
	assert_string_equal(tokenizer_model(t), "Unigram");
	/* -3 -3 is more than -7, which is more than -2 -5 -5 -3. */
	expect(t, "hello", false, 0, "2 3");
	expect(t, "hello hello", false, 0, "2 3 2 3");
	expect(t, "  o", false, 0, "1 1 5");
	/* Neighbours that are unknown are one. */
	expect(t, "hzzo", false, 0, "1 7 0 5");
	expect(t, "zzz z", false, 0, "1 0 1 0");
	/* A full-width letter is the letter. */
	expect(t, "\xEF\xBD\x88" "ello\tl", false, 0, "2 3 1 4");
	tokenizer_free(t);
	t = opened("{\"pre_tokenizer\":{\"type\":\"Metaspace\","
	    "\"prepend_scheme\":\"never\",\"split\":false}," UNIGRAM_MODEL
	    "}");
	expect(t, "hello hello", false, 0, "7 8 3 2 3");
	tokenizer_free(t);
}

/* One token for a letter: what comes out shows how a text was cut. */
static void
cut(const char *steps, const char *text, const char *wanted)
{
	struct tokenizer *t;
	struct buf json;

	buf_init(&json, 1 << 16);
	(void)buf_printf(&json, "{%s,\"model\":{\"type\":\"WordPiece\","
	    "\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"a\":1,\"b\":2,\"ab\":3,"
	    "\"-\":4,\"--\":5,\"-a\":6,\"a-\":7,\"1\":8,\"11\":9,\"A\":10,"
	    "\" \":11,\"a b\":12,\"\xC3\xA4\":13,\"a-b\":14,\"_\":15}}}",
	    steps);
	t = opened(buf_text(&json));
	expect(t, text, false, 0, wanted);
	tokenizer_free(t);
	buf_fini(&json);
}

#define SPLITS(type) "\"pre_tokenizer\":{\"type\":" type "}"
#define NORMS(type) "\"normalizer\":{\"type\":" type "}"
#define DASH(behavior)                                                        \
	SPLITS("\"Split\",\"pattern\":{\"String\":\"-\"},\"behavior\":"        \
	    "\"" behavior "\",\"invert\":false")

static void
test_steps(void **state)
{
	(void)state;
	cut(SPLITS("\"Whitespace\""), "ab--a b", "3 5 1 2");
	cut(SPLITS("\"WhitespaceSplit\""), " a-b  ab ", "14 3");
	cut(SPLITS("\"Punctuation\""), "a--b", "1 4 4 2");
	cut(SPLITS("\"Digits\",\"individual_digits\":true"), "a11b",
	    "1 8 8 2");
	cut(SPLITS("\"Digits\",\"individual_digits\":false"), "a11b",
	    "1 9 2");
	cut(DASH("Removed"), "-a--b-", "1 2");
	cut(DASH("Isolated"), "-a--b", "4 1 4 4 2");
	cut(DASH("Contiguous"), "-a--b", "4 1 5 2");
	cut(DASH("MergedWithPrevious"), "-a--b", "4 7 4 2");
	cut(DASH("MergedWithNext"), "a--ab-", "1 4 0 4");
	cut(SPLITS("\"Sequence\",\"pretokenizers\":[{\"type\":"
	    "\"WhitespaceSplit\"},{\"type\":\"Punctuation\"}]"), "a- b",
	    "1 4 2");
	cut(NORMS("\"Lowercase\""), "A", "1");
	cut(NORMS("\"NFC\""), "a\xCC\x88", "13");
	cut(NORMS("\"Sequence\",\"normalizers\":[{\"type\":\"NFD\"},"
	    "{\"type\":\"StripAccents\"}]"), "\xC3\xA4", "1");
	cut(NORMS("\"NFKD\""), "\xEF\xBD\x81", "1");
	cut(NORMS("\"NFKC\""), "\xEF\xBD\x81", "1");
	cut(NORMS("\"Strip\",\"strip_left\":true,\"strip_right\":true"),
	    "  a b\n", "12");
	cut(NORMS("\"Strip\",\"strip_left\":true,\"strip_right\":true"),
	    "  ", "");
	cut(NORMS("\"Replace\",\"pattern\":{\"String\":\"xx\"},\"content\":"
	    "\"a\""), "xxx", "0");
	cut(NORMS("\"Replace\",\"pattern\":{\"String\":\"xx\"},\"content\":"
	    "\"a\""), "xx", "1");
	cut(NORMS("\"Replace\",\"pattern\":{\"Regex\":\"\\\\s+\"},"
	    "\"content\":\" \""), "a\n\n b", "12");
	cut(NORMS("\"Replace\",\"pattern\":{\"Regex\":\" {2,}\"},"
	    "\"content\":\" \""), "a   b", "12");
	cut("\"added_tokens\":[{\"id\":20,\"content\":\"<x>\",\"special\":"
	    "false},{\"id\":21,\"content\":\"<x><x>\",\"special\":false}]",
	    "a<x>b<x><x>", "1 20 2 21");
}

static void
test_refused(void **state)
{
	struct buf deep;
	int i;

	(void)state;
	refused("", ERR_SYNTAX, "line 1");
	refused("{}", ERR_SYNTAX, "no model");
	refused("{\"model\":{\"type\":\"WordLevel\"}}", ERR_UNSUPPORTED,
	    "the model \"WordLevel\"");
	refused("{\"normalizer\":{\"type\":\"Nmt\"}," UNIGRAM_MODEL "}",
	    ERR_UNSUPPORTED, "the normalizer \"Nmt\"");
	refused("{\"normalizer\":{\"type\":\"Replace\",\"content\":\"\","
		"\"pattern\":{\"Regex\":\"x+\"}}," UNIGRAM_MODEL "}",
	    ERR_UNSUPPORTED, "the expression \"x+\"");
	refused("{\"pre_tokenizer\":{\"type\":\"UnicodeScripts\"},"
		UNIGRAM_MODEL "}", ERR_UNSUPPORTED, "UnicodeScripts");
	refused("{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":"
		"{\"Regex\":\"a\"}}," UNIGRAM_MODEL "}", ERR_UNSUPPORTED,
	    "expression");
	refused("{\"post_processor\":{\"type\":\"X\"}," UNIGRAM_MODEL "}",
	    ERR_UNSUPPORTED, "post-processor");
	refused("{\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":"
		"[\"a\",99],\"sep\":[\"b\",1]}," UNIGRAM_MODEL "}",
	    ERR_SYNTAX, "post-processor");
	refused("{\"added_tokens\":[{\"id\":1,\"content\":\"x\","
		"\"single_word\":true}]," UNIGRAM_MODEL "}", ERR_UNSUPPORTED,
	    "added token");
	refused("{\"added_tokens\":[{\"id\":-1,\"content\":\"x\"}],"
		UNIGRAM_MODEL "}", ERR_SYNTAX, "added token");
	refused("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":"
		"[\"a b\"]}}", ERR_SYNTAX, "merge 0");
	refused("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":"
		"[\"a a\"]}}", ERR_SYNTAX, "merge 0");
	refused("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":"
		"[3]}}", ERR_SYNTAX, "merge 0");
	refused("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}",
	    ERR_SYNTAX, "merges");
	refused("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":4000000000},"
		"\"merges\":[]}}", ERR_TOO_BIG, "number");
	refused("{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":-1}}}",
	    ERR_TOO_BIG, "number");
	refused("{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":1},"
		"\"max_input_chars_per_word\":-1}}", ERR_TOO_BIG, "max_");
	refused("{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":1},"
		"\"unk_token\":\"b\"}}", ERR_SYNTAX, "unk_token");
	refused("{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\"]]}}",
	    ERR_SYNTAX, "token 0");
	refused("{\"model\":{\"type\":\"Unigram\",\"unk_id\":1,\"vocab\":"
		"[[\"a\",0]]}}", ERR_SYNTAX, "unk_id");
	buf_init(&deep, 1 << 20);
	(void)buf_puts(&deep, "{\"normalizer\":");
	for (i = 0; i < 20; i++)
		(void)buf_puts(&deep, "{\"type\":\"Sequence\","
		    "\"normalizers\":[");
	(void)buf_puts(&deep, "{\"type\":\"NFC\"}");
	for (i = 0; i < 20; i++)
		(void)buf_puts(&deep, "]}");
	(void)buf_puts(&deep, "," UNIGRAM_MODEL "}");
	refused(buf_text(&deep), ERR_TOO_BIG, "normalizers");
	buf_clear(&deep);
	for (i = 0; i < 100000; i++)
		(void)buf_putc(&deep, '[');
	refused(buf_text(&deep), ERR_SYNTAX, "depth");
	buf_fini(&deep);
}

/* Far more values than any file has; a parser would take gigabytes. */
static void
test_crowded(void **state)
{
	static char json[9000002];
	size_t i;

	(void)state;
	json[0] = '[';
	for (i = 1; i + 2 < sizeof(json); i += 2)
		memcpy(json + i, "1,", 2);
	json[i] = '\0';
	refused(json, ERR_TOO_BIG, "values");
}

/* A million letters without a border: each model stays near-linear. */
static void
test_long_words(void **state)
{
	static char text[1 << 20];
	struct tokens tokens = { .ids = NULL };
	struct tokenizer *t;

	(void)state;
	memset(text, 'a', sizeof(text));
	t = opened("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"aa\":1,"
		   "\"aaaa\":2,\"aaa\":3},\"merges\":[\"a a\",\"aa aa\","
		   "\"aa a\"]}}");
	assert_int_equal(tokenizer_run(t, text, sizeof(text), false, 0,
		&tokens), 0);
	assert_int_equal(tokens.count, sizeof(text) / 4);
	assert_int_equal(tokens.ids[7], 2);
	tokenizer_free(t);
	tokens.count = 0;
	t = opened("{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\",-1],"
		   "[\"aa\",-1.5],[\"aaa\",-2.9]]}}");
	assert_int_equal(tokenizer_run(t, text, sizeof(text), false, 0,
		&tokens), 0);
	assert_int_equal(tokens.count, sizeof(text) / 2);
	assert_int_equal(tokens.ids[7], 1);
	tokenizer_free(t);
	tokens.count = 0;
	t = opened("{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"u\","
		   "\"vocab\":{\"u\":0,\"a\":1,\"##a\":2}}}");
	assert_int_equal(tokenizer_run(t, text, sizeof(text), false, 0,
		&tokens), 0);
	assert_int_equal(tokens.count, 1);
	assert_int_equal(tokens.ids[0], 0);
	tokenizer_free(t);
	tokens_fini(&tokens);
}

/* Text of any bytes, and files with any byte changed. */
static void
test_any(void **state)
{
	const char *const files[] = { wordpiece, "{\"pre_tokenizer\":{"
	    "\"type\":\"ByteLevel\"}," BPE_MODEL "}", "{\"normalizer\":{"
	    "\"type\":\"Precompiled\"},\"pre_tokenizer\":{\"type\":"
	    "\"Metaspace\"}," UNIGRAM_MODEL "}" };
	struct tokens tokens = { .ids = NULL };
	struct tokenizer *t;
	char json[4096], text[256];
	uint32_t random = 5;
	size_t round, len, i;

	(void)state;
	for (round = 0; round < 3000; round++) {
		len = strlen(files[round % 3]);
		memcpy(json, files[round % 3], len + 1);
		for (i = 0; round > 300 && i < 1 + round % 4; i++) {
			random = random * 1664525u + 1013904223u;
			json[(random >> 8) % len] =
			    " \"0,:]}a"[(random >> 24) % 8];
		}
		if (open_json(json, &t, NULL) < 0)
			continue;
		for (i = 0; i < sizeof(text); i++) {
			random = random * 1664525u + 1013904223u;
			text[i] = (char)(random >> 24);
		}
		tokens.count = 0;
		assert_int_equal(tokenizer_run(t, text, sizeof(text), true,
			round % 50, &tokens), 0);
		for (i = 0; i < tokens.count; i++)
			assert_true(tokens.ids[i] < tokenizer_size(t));
		tokenizer_free(t);
	}
	tokens_fini(&tokens);
}

static void
test_memory(void **state)
{
	struct tokens tokens = { .ids = NULL };
	struct tokenizer *t = NULL;
	unsigned long nth;
	int err;

	(void)state;
	assert_int_equal(fs_replace(path, wordpiece, strlen(wordpiece), 0600,
		NULL), 0);
	for (nth = 1; nth < 1000; nth++) {
		mem_fail_at(nth);
		err = tokenizer_open(path, &t, NULL);
		mem_fail_at(0);
		if (err == 0)
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	assert_in_range(nth, 2, 999);
	for (nth = 1; nth < 1000; nth++) {
		mem_fail_at(nth);
		err = tokenizer_run(t, "Caf\xC3\xA9 unaffable", 15, true, 0,
		    &tokens);
		mem_fail_at(0);
		tokens_fini(&tokens);
		if (err == 0)
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	assert_in_range(nth, 2, 999);
	tokenizer_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wordpiece),
		cmocka_unit_test(test_bpe),
		cmocka_unit_test(test_bpe_bytes),
		cmocka_unit_test(test_unigram),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_crowded),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
