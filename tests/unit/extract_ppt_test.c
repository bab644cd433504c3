/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binary presentations: one that LibreOffice wrote, and records made by hand
 * for what it does not write and for hostile files.
 */
#include "extract_compound.h"

#define CONTAINER 15u
#define SLIDES_MAX 4u

/* ---- presentations made by hand ------------------------------------------ */

struct show {
	struct buf out, user;
	uint32_t offsets[SLIDES_MAX + 1]; /* of the document and the slides */
	uint32_t slides;
	uint32_t edit;
};

static uint32_t
begin(struct show *show, unsigned version, unsigned instance, unsigned type)
{
	put_16(&show->out, instance << 4 | version);
	put_16(&show->out, type);
	put_32(&show->out, 0);
	return (uint32_t)show->out.len;
}

static void
end(struct show *show, uint32_t at)
{
	uint32_t len = (uint32_t)show->out.len - at;

	memcpy(show->out.data + at - 4, &len, sizeof(len));
}

static void
text_head(struct show *show, uint32_t type)
{
	uint32_t at = begin(show, 0, 0, 0x0F9F);

	put_32(&show->out, type);
	end(show, at);
}

static void
text(struct show *show, uint32_t type, const char *words)
{
	uint32_t at;

	text_head(show, type);
	at = begin(show, 0, 0, 0x0FA8);
	(void)buf_puts(&show->out, words);
	end(show, at);
}

/* The document; its outline has a title and a body for each slide. */
static void
show_init(struct show *show, uint32_t slides)
{
	uint32_t document, list, at, i;

	memset(show, 0, sizeof(*show));
	buf_init(&show->out, 64 * MIB);
	buf_init(&show->user, 4096);
	show->slides = slides;
	document = begin(show, CONTAINER, 0, 0x03E8);
	list = begin(show, CONTAINER, 0, 0x0FF0);
	for (i = 0; i < slides; i++) {
		at = begin(show, 0, 0, 0x03F3);
		put_32(&show->out, i + 2);
		put_32(&show->out, 0);
		put_32(&show->out, 2);
		put_32(&show->out, 256 + i);
		put_32(&show->out, 0);
		end(show, at);
		text(show, 0, "Title");
		text(show, 1, "one\rtwo\vlines");
	}
	end(show, list);
	end(show, document);
}

static void
text_ref(struct show *show, uint32_t index)
{
	uint32_t shape = begin(show, CONTAINER, 0, 0xF004);
	uint32_t box = begin(show, CONTAINER, 0, 0xF00D);
	uint32_t at = begin(show, 0, 0, 0x0F9E);

	put_32(&show->out, index);
	end(show, at);
	end(show, box);
	end(show, shape);
}

static uint32_t
slide_begin(struct show *show, uint32_t number)
{
	uint32_t slide, at, i;

	show->offsets[number] = (uint32_t)show->out.len;
	slide = begin(show, CONTAINER, 0, 0x03EE);
	at = begin(show, 2, 0, 0x03EF);
	for (i = 0; i < 6; i++)
		put_32(&show->out, 0);
	end(show, at);
	return slide;
}

/* The directory, the edit and the stream that points to it. */
static void
show_end(struct show *show, uint32_t edit_before, uint32_t token)
{
	uint32_t list = (uint32_t)show->out.len, at, i;

	at = begin(show, 0, 0, 0x1772);
	put_32(&show->out, 1 | (show->slides + 1) << 20);
	for (i = 0; i <= show->slides; i++)
		put_32(&show->out, show->offsets[i]);
	end(show, at);
	show->edit = (uint32_t)show->out.len;
	at = begin(show, 0, 0, 0x0FF5);
	put_32(&show->out, 256);
	put_32(&show->out, 0x03000000);
	put_32(&show->out, edit_before);
	put_32(&show->out, list);
	put_32(&show->out, 1);
	put_32(&show->out, 9);
	put_32(&show->out, 0);
	end(show, at);
	buf_clear(&show->user);
	put_32(&show->user, 0x0FF60000);
	put_32(&show->user, 12);
	put_32(&show->user, 20);
	put_32(&show->user, token);
	put_32(&show->user, show->edit);
}

static void
show_file(struct show *show, struct buf *ret_file)
{
	struct compound_stream streams[] = {
	    {"Current User", show->user.data, show->user.len},
	    {"PowerPoint Document", show->out.data, show->out.len},
	};

	compound(streams, 2, ret_file);
	buf_fini(&show->out);
	buf_fini(&show->user);
}

static void
check_show(struct show *show, const char *wanted)
{
	struct buf file;

	show_file(show, &file);
	check_bytes("a.ppt", file.data, file.len, NULL, wanted);
	check_media_type("a.bin", file.data, file.len,
	    "application/vnd.ms-powerpoint");
	buf_fini(&file);
}

static void
check_show_code(struct show *show, enum item_code code, const char *words)
{
	struct buf file;

	show_file(show, &file);
	check_code("a.ppt", file.data, file.len, code, words);
	buf_fini(&file);
}

#define TOKEN 0xE391C05Fu

/* ---- what is read -------------------------------------------------------- */

static void
test_tides(void **state)
{
	struct got got;
	struct buf file;

	(void)state;
	check_fixture("ppt/tides.ppt", "Tides and tables",
	    "k|author|Ada Lund\n"
	    "h1@1|Tides of the north\n"
	    "p@1|A talk by\nAda Lund\n"
	    "p@1|Harbour board\n"
	    "p@1|Notes: Greet everybody.\n"
	    "p@1|Then begin.\n"
	    "h1@2|What moves the water\n"
	    "p@2|Floating label\n"
	    "l1@2|The moon\nl1@2|The sun\nl2@2|at half the force\n"
	    "l2@2|seen twice\nl3@2|a year\nl1@2|Wind\n"
	    "p@2|Comment by Bo Holm: Check the depth\n"
	    "h1@3|Slide 3\n"
	    "t@3|Port: Esbjerg; High: 1.9 m; Low: 0.1 m\n"
	    "t@3|Port: Ribe; Low: 0.3 m\n"
	    "h1@4|Many scripts\n"
	    "l1@4|Гавань закрыта\nl1@4|Το λιμάνι\nl1@4|الميناء مغلق\n"
	    "l1@4|הנמל סגור\nl1@4|बंदरगाह बंद है\nl1@4|港口已关闭\n"
	    "l1@4|港は閉まっています\nl1@4|항구가 닫혔다\n"
	    "l1@4|\U0001F6A2 ship \U00020BB7\nl1@4|Ærøskøbing – naïve\n"
	    "h1@5|Not shown\n"
	    "p@5|but there\n");
	load_fixture("ppt/tides.ppt", &file);
	read_bytes("tides.ppt", file.data, file.len, &got);
	assert_int_equal(got.result.pages, 6);
	buf_fini(&got.text);
	buf_fini(&file);
}

/* Texts of the outline, and one that no shape asks for. */
static void
test_outline(void **state)
{
	struct show show;
	uint32_t slide, shape, box, at;

	(void)state;
	show_init(&show, 2);
	slide = slide_begin(&show, 1);
	text_ref(&show, 1);
	text_ref(&show, 0);
	text_ref(&show, 1);
	shape = begin(&show, CONTAINER, 0, 0xF004);
	box = begin(&show, CONTAINER, 0, 0xF00D);
	text(&show, 4, "Page * of");
	at = begin(&show, 0, 0, 0x0FD8);
	put_32(&show.out, 5);
	end(&show, at);
	end(&show, box);
	end(&show, shape);
	end(&show, slide);
	slide = slide_begin(&show, 2);
	end(&show, slide);
	show_end(&show, 0, TOKEN);
	check_show(&show,
	    "h1@1|Title\nl1@1|one\nl1@1|two\nlines\np@1|Page  of\n"
	    "h1@2|Title\nl1@2|one\nl1@2|two\nlines\n");
}

/* The later of two edits counts; the slides it does not name are those of the
 * one before. */
static void
test_edits(void **state)
{
	struct show show;
	uint32_t slide, before;

	(void)state;
	show_init(&show, 2);
	slide = slide_begin(&show, 1);
	text(&show, 4, "old");
	end(&show, slide);
	slide = slide_begin(&show, 2);
	text(&show, 4, "kept");
	end(&show, slide);
	show_end(&show, 0, TOKEN);
	before = show.edit;
	slide = slide_begin(&show, 1);
	text(&show, 4, "new");
	end(&show, slide);
	show.slides = 1;
	show_end(&show, before, TOKEN);
	check_show(&show,
	    "h1@1|Title\np@1|new\nl1@1|one\nl1@1|two\nlines\n"
	    "h1@2|Title\np@2|kept\nl1@2|one\nl1@2|two\nlines\n");
}

/* Without the way in, the last edit of the stream is looked for; without any,
 * the slides as they come. */
static void
test_fallback(void **state)
{
	struct show show;
	uint32_t slide;

	(void)state;
	show_init(&show, 1);
	slide = slide_begin(&show, 1);
	text(&show, 4, "found");
	end(&show, slide);
	show_end(&show, 0, TOKEN);
	memset(show.user.data, 0, show.user.len);
	check_show(&show,
	    "h1@1|Title\np@1|found\nl1@1|one\nl1@1|two\nlines\n");

	show_init(&show, 0);
	buf_clear(&show.out);
	slide = slide_begin(&show, 1);
	text(&show, 0, "A title");
	text(&show, 4, "found");
	end(&show, slide);
	memset(show.offsets, 0xEE, sizeof(show.offsets));
	show_end(&show, 0, TOKEN);
	check_show(&show, "h1@1|A title\np@1|found\n");
}

static uint32_t
adler32(const void *bytes, size_t len)
{
	const unsigned char *c = bytes;
	uint32_t a = 1, b = 0;

	for (; len > 0; len--) {
		a = (a + *c++) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

/* An embedded document, packed by zlib (one block, as it is) or not at all. */
static void
check_object(bool is_packed)
{
	static const char words[] = "words of a document";
	struct compound_stream stream = {"WordDocument", words,
	    sizeof(words)};
	struct buf inner, wanted;
	struct show show;
	uint32_t document, list, at, sum;

	compound(&stream, 1, &inner);
	show_init(&show, 1);
	buf_clear(&show.out);
	document = begin(&show, CONTAINER, 0, 0x03E8);
	list = begin(&show, CONTAINER, 1, 0x0409);
	at = begin(&show, CONTAINER, 0, 0x0FCC);
	put_32(&show.out, 0x0FC30001);
	put_32(&show.out, 24);
	put_f64(&show.out, 0);
	put_f64(&show.out, 0);
	put_32(&show.out, 2);
	put_32(&show.out, 0);
	end(&show, at);
	end(&show, list);
	end(&show, document);
	show.offsets[1] = (uint32_t)show.out.len;
	at = begin(&show, 0, is_packed, 0x1011);
	if (is_packed) {
		put_32(&show.out, (uint32_t)inner.len);
		(void)buf_put(&show.out, "\x78\x01\x01", 3);
		put_16(&show.out, (unsigned)inner.len);
		put_16(&show.out, ~(unsigned)inner.len & 0xFFFF);
	}
	(void)buf_put(&show.out, inner.data, inner.len);
	sum = htobe32(adler32(inner.data, inner.len));
	if (is_packed)
		(void)buf_put(&show.out, &sum, sizeof(sum));
	end(&show, at);
	show_end(&show, 0, TOKEN);
	buf_init(&wanted, 4096);
	(void)buf_puts(&wanted, "m|object 1|");
	for (at = 0; at < 60; at++)
		(void)buf_putc(&wanted, inner.data[at] >= ' ' &&
			inner.data[at] < 0x7F ? inner.data[at] : '.');
	(void)buf_printf(&wanted, "|%zu|%s\n", inner.len,
	    item_code_name(ITEM_CODE_NONE));
	check_show(&show, buf_text(&wanted));
	buf_fini(&wanted);
	buf_fini(&inner);
}

static void
test_object(void **state)
{
	(void)state;
	check_object(false);
	check_object(true);
}

/* ---- what is not --------------------------------------------------------- */

static void
test_refused(void **state)
{
	struct show show;

	(void)state;
	show_init(&show, 0);
	show_end(&show, 0, 0xF3D1C4DFu);
	check_show_code(&show, ITEM_CODE_ENCRYPTED_DOCUMENT, "password");

	show_init(&show, 0);
	buf_clear(&show.out);
	(void)buf_puts(&show.out, "these are no records at all, are they?");
	check_show_code(&show, ITEM_CODE_EXTRACTION_FAILED, "no slides");
}

/* One slide again and again, and an edit that comes before itself. */
static void
test_hostile(void **state)
{
	struct show show;
	uint32_t slide, depth, at[100];
	size_t i;

	(void)state;
	show_init(&show, SLIDES_MAX);
	slide = slide_begin(&show, 1);
	for (i = 0; i < 200; i++)
		text(&show, 4, "the same in all of them");
	end(&show, slide);
	for (i = 2; i <= SLIDES_MAX; i++)
		show.offsets[i] = show.offsets[1];
	show_end(&show, 0, TOKEN);
	check_show_code(&show, ITEM_CODE_EXTRACTION_FAILED,
	    "lie upon each other");

	show_init(&show, 1);
	slide = slide_begin(&show, 1);
	end(&show, slide);
	show_end(&show, 0, TOKEN);
	memcpy(show.out.data + show.edit + 16, &show.edit, 4);
	check_show(&show, "h1@1|Title\nl1@1|one\nl1@1|two\nlines\n");

	show_init(&show, 1);
	slide = slide_begin(&show, 1);
	for (depth = 0; depth < 100; depth++)
		at[depth] = begin(&show, CONTAINER, 0, 0xF003);
	while (depth > 0)
		end(&show, at[--depth]);
	end(&show, slide);
	show_end(&show, 0, TOKEN);
	check_show_code(&show, ITEM_CODE_EXTRACTION_LIMIT, "nested");

	/* A record that is longer than the slide it is in. */
	show_init(&show, 1);
	slide = slide_begin(&show, 1);
	at[0] = begin(&show, CONTAINER, 0, 0x040C);
	end(&show, slide);
	show_end(&show, 0, TOKEN);
	memcpy(show.out.data + at[0] - 4, "\x40\0\0\0", 4);
	check_show_code(&show, ITEM_CODE_EXTRACTION_FAILED, "slide 1");
}

static void
test_damaged(void **state)
{
	struct buf file;

	(void)state;
	load_fixture("ppt/tides.ppt", &file);
	check_damaged("a.ppt", &file, 131);
	buf_fini(&file);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tides),
	    cmocka_unit_test(test_outline),
	    cmocka_unit_test(test_edits),
	    cmocka_unit_test(test_fallback),
	    cmocka_unit_test(test_object),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
