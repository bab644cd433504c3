/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few functions of Tesseract's and Leptonica's C interfaces that are
 * needed are declared here, for the versions that the file names stand for:
 * neither is needed to build the program.
 *
 * A picture's text comes paragraph by paragraph.  What Tesseract itself has
 * no confidence in is left out: in photographs it sees words everywhere.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/ocr.h"

#define OCR_TESSERACT "libtesseract.so.5"
#define OCR_LEPTONICA "liblept.so.5"

/* More than a page of a book in fine print needs: only time is lost. */
#define OCR_PIXELS_ENOUGH 36000000.0f

/* Of a paragraph, in percent. */
#define OCR_CONFIDENCE_MIN 35.0f

/* Tesseract's numbers. */
#define OCR_ENGINE_LSTM 1
#define OCR_MODE_AUTO 3
#define OCR_LEVEL_PARAGRAPH 1

/* Leptonica's. */
#define OCR_SEVERITY_NONE 6

struct Pix;

typedef bool ocr_cancel_fn(void *arg, int words);

static struct {
	void *(*create)(void);
	void (*destroy)(void *api);
	int (*init)(void *api, const char *folder, const char *languages,
	    int engine);
	void (*set_mode)(void *api, int mode);
	void (*set_gray)(void *api, const unsigned char *pixels, int width,
	    int height, int pixel_bytes, int row_bytes);
	void (*set_pix)(void *api, struct Pix *pix);
	int (*recognize)(void *api, void *monitor);
	void *(*get_iterator)(void *api);
	void (*clear)(void *api);
	void *(*new_monitor)(void);
	void (*set_cancel)(void *monitor, ocr_cancel_fn *fn);
	void (*set_cancel_arg)(void *monitor, void *arg);
	int (*next)(void *iterator, int level);
	char *(*text)(const void *iterator, int level);
	float (*confidence)(const void *iterator, int level);
	void (*free_iterator)(void *iterator);
	void (*free_text)(const char *text);
	struct Pix *(*decode)(const unsigned char *bytes, size_t len);
	struct Pix *(*decode_tiff)(const unsigned char *bytes, size_t len,
	    size_t *page);
	int (*size)(const struct Pix *pix, int *width, int *height,
	    int *depth);
	struct Pix *(*turn)(struct Pix *pix, int turns);
	struct Pix *(*scale)(struct Pix *pix, float x, float y);
	void (*free_pix)(struct Pix **pix);
	int (*say)(int severity);
} ocr;

static const struct {
	const char *name;
	size_t at;
	bool is_leptonica;
} ocr_names[] = {
#define TESSERACT(member, name) {name, offsetof(__typeof__(ocr), member), false}
#define LEPTONICA(member, name) {name, offsetof(__typeof__(ocr), member), true}
    TESSERACT(create, "TessBaseAPICreate"),
    TESSERACT(destroy, "TessBaseAPIDelete"),
    TESSERACT(init, "TessBaseAPIInit2"),
    TESSERACT(set_mode, "TessBaseAPISetPageSegMode"),
    TESSERACT(set_gray, "TessBaseAPISetImage"),
    TESSERACT(set_pix, "TessBaseAPISetImage2"),
    TESSERACT(recognize, "TessBaseAPIRecognize"),
    TESSERACT(get_iterator, "TessBaseAPIGetIterator"),
    TESSERACT(clear, "TessBaseAPIClear"),
    TESSERACT(new_monitor, "TessMonitorCreate"),
    TESSERACT(set_cancel, "TessMonitorSetCancelFunc"),
    TESSERACT(set_cancel_arg, "TessMonitorSetCancelThis"),
    TESSERACT(next, "TessResultIteratorNext"),
    TESSERACT(text, "TessResultIteratorGetUTF8Text"),
    TESSERACT(confidence, "TessResultIteratorConfidence"),
    TESSERACT(free_iterator, "TessResultIteratorDelete"),
    TESSERACT(free_text, "TessDeleteText"),
    LEPTONICA(decode, "pixReadMem"),
    LEPTONICA(decode_tiff, "pixReadMemFromMultipageTiff"),
    LEPTONICA(size, "pixGetDimensions"),
    LEPTONICA(turn, "pixRotateOrth"),
    LEPTONICA(scale, "pixScale"),
    LEPTONICA(free_pix, "pixDestroy"),
    LEPTONICA(say, "setMsgSeverity"),
};

static void *ocr_api, *ocr_monitor;

/* ---- loading ------------------------------------------------------------ */

static int
ocr_load(struct err_note *note)
{
	void *tesseract, *leptonica, *function;
	size_t i;

	/* Threads cannot be started in the sandbox; its constructor reads
	 * this when the library is loaded. */
	if (setenv("OMP_THREAD_LIMIT", "1", 1) < 0)
		return ERR_NOMEM;
	tesseract = dlopen(OCR_TESSERACT, RTLD_NOW | RTLD_LOCAL);
	leptonica = dlopen(OCR_LEPTONICA, RTLD_NOW | RTLD_LOCAL);
	if (tesseract == NULL || leptonica == NULL)
		return err_set(note, ERR_UNSUPPORTED,
		    "OCR is off: Tesseract 5 is not installed");
	for (i = 0; i < sizeof(ocr_names) / sizeof(ocr_names[0]); i++) {
		function = dlsym(ocr_names[i].is_leptonica ? leptonica
							   : tesseract,
		    ocr_names[i].name);
		if (function == NULL)
			return err_set(note, ERR_UNSUPPORTED,
			    "OCR is off: this Tesseract has no %s",
			    ocr_names[i].name);
		memcpy((char *)&ocr + ocr_names[i].at, &function,
		    sizeof(function));
	}
	return 0;
}

/* Words take a while each: the server is told that there is life. */
static bool
ocr_cancel(void *arg, int words)
{
	(void)words;
	return arg != NULL && emit_alive(arg) < 0;
}

int
ocr_init(const char *languages, struct err_note *note)
{
	void *api;
	int err;

	err = ocr_load(note);
	if (err < 0)
		return err;
	(void)ocr.say(OCR_SEVERITY_NONE);
	api = ocr.create();
	if (ocr.init(api, NULL, languages, OCR_ENGINE_LSTM) != 0) {
		ocr.destroy(api);
		return err_set(note, ERR_UNSUPPORTED,
		    "OCR is off: Tesseract cannot read its data for \"%.60s\"",
		    languages);
	}
	ocr.set_mode(api, OCR_MODE_AUTO);
	ocr_monitor = ocr.new_monitor();
	ocr.set_cancel(ocr_monitor, ocr_cancel);
	ocr_api = api;
	return 0;
}

void
ocr_hush(void)
{
#ifndef SANITIZED
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* it is only noise */
	(void)dup2(fd, STDERR_FILENO);
	(void)close(fd);
#endif
}

bool
ocr_is_on(void)
{
	return ocr_api != NULL;
}

/* ---- text --------------------------------------------------------------- */

/* Scripts that are written without spaces; Korean is not among them. */
static bool
is_spaceless(uint32_t c)
{
	return c != UTF8_BAD && ((c >= 0x2E80 && c < 0xAC00) ||
		(c >= 0xF900 && c < 0xFB00) || (c >= 0xFE30 && c < 0xFE50) ||
		(c >= 0xFF00 && c < 0xFF66) || (c >= 0x20000 && c < 0x30000) ||
		(c >= 0x0E00 && c < 0x0F00));
}

static uint32_t
last_character(const char *text, size_t len)
{
	size_t at, step;

	for (at = len; at > 0 && len - at < 4;)
		if (((unsigned char)text[--at] & 0xC0) != 0x80)
			return utf8_decode(text + at, len - at, &step);
	return UTF8_BAD;
}

static bool
is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

/* One line of a paragraph; what is between it and the next one. */
static void
put_line(struct emit *emit, const char *line, size_t len, const char *next,
    size_t next_len)
{
	size_t step;

	if (len > 1 && next_len > 0 && line[len - 1] == '-' &&
	    is_letter((unsigned char)line[len - 2]) && *next >= 'a' &&
	    *next <= 'z') {
		(void)emit_words(emit, line, len - 1);
		return;
	}
	(void)emit_words(emit, line, len);
	if (next_len > 0 && !(is_spaceless(last_character(line, len)) &&
		is_spaceless(utf8_decode(next, next_len, &step))))
		(void)emit_words(emit, " ", 1);
}

static bool
has_letters(const char *text)
{
	for (; *text != '\0'; text++)
		if (is_letter((unsigned char)*text) ||
		    (*text >= '0' && *text <= '9'))
			return true;
	return false;
}

/* True when something was emitted. */
static bool
put_paragraph(struct emit *emit, const char *text, float confidence)
{
	const char *end;
	size_t len, next;

	if (confidence < OCR_CONFIDENCE_MIN || !has_letters(text) ||
	    !utf8_is_valid(text, strlen(text)))
		return false;
	(void)emit_open(emit, BLOCK_PARAGRAPH, 0); /* errors stick */
	for (; *text != '\0'; text = end) {
		len = strcspn(text, "\n");
		end = text + len + strspn(text + len, "\n");
		next = strcspn(end, "\n");
		put_line(emit, text, len, end, next);
	}
	(void)emit_close(emit);
	return true;
}

/* The picture was set: read and forget it. */
static int
ocr_read(struct emit *emit, struct err_note *note)
{
	void *iterator = NULL;
	char *text;
	bool is_found = false;

	ocr.set_cancel_arg(ocr_monitor, emit);
	if (ocr.recognize(ocr_api, ocr_monitor) == 0)
		iterator = ocr.get_iterator(ocr_api);
	if (iterator != NULL) {
		do {
			text = ocr.text(iterator, OCR_LEVEL_PARAGRAPH);
			if (text == NULL)
				continue;
			if (put_paragraph(emit, text, ocr.confidence(iterator,
				OCR_LEVEL_PARAGRAPH)))
				is_found = true;
			ocr.free_text(text);
		} while (emit->err == 0 &&
		    ocr.next(iterator, OCR_LEVEL_PARAGRAPH));
		ocr.free_iterator(iterator);
	}
	ocr.set_cancel_arg(ocr_monitor, NULL);
	ocr.clear(ocr_api);
	if (emit->err < 0)
		return emit->err;
	return is_found ? 0
			: err_set(note, ERR_NOT_FOUND,
			      "no text was recognised in the image");
}

int
ocr_gray(const unsigned char *pixels, unsigned width, unsigned height,
    unsigned stride, struct emit *emit, struct err_note *note)
{
	if (!ocr_is_on())
		return err_set(note, ERR_UNSUPPORTED, "OCR is off");
	if (width > OCR_SIDE_MAX || height > OCR_SIDE_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the picture has more than %u pixels a side",
		    OCR_SIDE_MAX);
	if (width == 0 || height == 0 || stride < width)
		return ERR_NOT_FOUND;
	(void)emit_alive(emit); /* sticks */
	ocr.set_gray(ocr_api, pixels, (int)width, (int)height, 1, (int)stride);
	return ocr_read(emit, note);
}

/* Put other, unless there is none, in the place of *pix. */
static void
pix_replace(struct Pix **pix, struct Pix *other)
{
	if (other == NULL)
		return;
	ocr.free_pix(pix);
	*pix = other;
}

static void
pix_reduce(struct Pix **pix)
{
	int width, height, depth;
	float pixels, factor;

	if (ocr.size(*pix, &width, &height, &depth) != 0)
		return;
	pixels = (float)width * (float)height;
	if (pixels <= OCR_PIXELS_ENOUGH)
		return;
	factor = sqrtf(OCR_PIXELS_ENOUGH / pixels);
	pix_replace(pix, ocr.scale(*pix, factor, factor));
}

int
ocr_file(const void *bytes, size_t len, size_t page, unsigned turns,
    struct emit *emit, struct err_note *note)
{
	struct Pix *pix;

	if (!ocr_is_on())
		return err_set(note, ERR_UNSUPPORTED, "OCR is off");
	(void)emit_alive(emit); /* sticks */
	pix = page == 0 ? ocr.decode(bytes, len)
			: ocr.decode_tiff(bytes, len, &page);
	if (pix == NULL)
		return err_set(note, ERR_SYNTAX, "the image is damaged");
	pix_reduce(&pix);
	if (turns != 0)
		pix_replace(&pix, ocr.turn(pix, (int)turns));
	ocr.set_pix(ocr_api, pix);
	ocr.free_pix(&pix); /* Tesseract has a reference of its own */
	(void)emit_alive(emit);
	return ocr_read(emit, note);
}
