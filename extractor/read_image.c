/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PNG, JPEG and TIFF, by OCR.
 *
 * What an image says of its width and height is read here, before the
 * libraries make room for so many pixels.  The pages of a TIFF file form a
 * list; it is walked here as well, and each page is decoded by itself.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/ocr.h"

#define IMAGE_BYTES_MAX (256 * MIB)
#define IMAGE_PAGES_MAX 10000u

#define TIFF_ENTRY_SIZE 12u
#define TIFF_WIDTH 256u
#define TIFF_HEIGHT 257u
#define TIFF_SHORT 3u
#define TIFF_ORIENTATION 274u
#define JPEG_EXIF 0xE1u

struct image {
	const unsigned char *bytes;
	size_t len;
	struct emit *emit;
	struct err_note *note;
	uint64_t pixels; /* of all pages so far */
	unsigned turns;	 /* it has to be turned clockwise by, in quarters */
	bool is_little;
	bool has_text;
};

static uint32_t
get(const struct image *image, size_t at, unsigned size, bool is_little)
{
	const unsigned char *c = image->bytes + at;
	uint32_t value = 0;
	unsigned i;

	for (i = 0; i < size; i++)
		value = value << 8 | c[is_little ? size - 1 - i : i];
	return value;
}

static int
is_damaged(struct image *image, const char *what)
{
	return err_set(image->note, ERR_SYNTAX, "the image is damaged: %s",
	    what);
}

static int
check_size(struct image *image, uint32_t width, uint32_t height)
{
	if (width == 0 || height == 0)
		return is_damaged(image, "it has no size");
	if (width > OCR_SIDE_MAX || height > OCR_SIDE_MAX)
		return err_set(image->note, ERR_TOO_BIG,
		    "the image is %u by %u pixels, more than %u a side",
		    width, height, OCR_SIDE_MAX);
	image->pixels += (uint64_t)width * height;
	if (image->pixels > OCR_PIXELS_MAX)
		return err_set(image->note, ERR_TOO_BIG,
		    "the image has more than %llu pixels", OCR_PIXELS_MAX);
	return 0;
}

/* ---- one picture -------------------------------------------------------- */

static int
check_png(struct image *image)
{
	if (image->len < 33 || memcmp(image->bytes + 12, "IHDR", 4) != 0)
		return is_damaged(image, "it has no header");
	return check_size(image, get(image, 16, 4, false),
	    get(image, 20, 4, false));
}

/*
 * Cameras write pictures as the sensor is held, and how that was into a TIFF
 * directory: len bytes at offset at.  Mirrored ones are not a camera's.
 */
static unsigned
exif_turns(const struct image *image, size_t at, size_t len)
{
	bool is_little;
	uint32_t first;
	unsigned i, count;

	if (len < 16 || memcmp(image->bytes + at, "Exif\0\0", 6) != 0)
		return 0;
	at += 6;
	len -= 6;
	is_little = image->bytes[at] == 'I';
	first = get(image, at + 4, 4, is_little);
	if (first > len - 2)
		return 0;
	count = get(image, at + first, 2, is_little);
	if (count * TIFF_ENTRY_SIZE > len - first - 2)
		return 0;
	for (i = 0, at += first + 2; i < count; i++, at += TIFF_ENTRY_SIZE) {
		if (get(image, at, 2, is_little) != TIFF_ORIENTATION)
			continue;
		switch (get(image, at + 8, 2, is_little)) {
		case 3:
			return 2;
		case 6:
			return 1;
		case 8:
			return 3;
		default:
			return 0;
		}
	}
	return 0;
}

/* Segments up to the frame's header, which has the size. */
static int
check_jpeg(struct image *image)
{
	size_t at = 2;
	unsigned marker;
	uint32_t len;

	while (at + 4 <= image->len) {
		if (image->bytes[at] != 0xFF)
			return is_damaged(image, "a marker is missing");
		marker = image->bytes[at + 1];
		if (marker == 0xFF) { /* filled up */
			at++;
			continue;
		}
		at += 2;
		if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8))
			continue; /* without a length */
		len = get(image, at, 2, false);
		if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 &&
		    marker != 0xC8 && marker != 0xCC) {
			if (len < 8 || image->len - at < 7)
				break;
			return check_size(image, get(image, at + 5, 2, false),
			    get(image, at + 3, 2, false));
		}
		if (marker == 0xD9 || marker == 0xDA || len < 2 ||
		    len > image->len - at)
			break;
		if (marker == JPEG_EXIF && image->turns == 0)
			image->turns = exif_turns(image, at + 2, len - 2);
		at += len;
	}
	return is_damaged(image, "it has no header");
}

/* One page: its text, or none, or that it cannot be decoded. */
static int
image_page(struct image *image, size_t tiff_page, unsigned number)
{
	int err;

	image->emit->page = number;
	err = ocr_file(image->bytes, image->len, tiff_page, image->turns,
	    image->emit, image->note);
	if (err == 0)
		image->has_text = true;
	else if (err == ERR_NOT_FOUND)
		image->emit->pages_bare++;
	return err == ERR_NOT_FOUND ? 0 : err;
}

/* ---- TIFF --------------------------------------------------------------- */

/* The directory at offset at: checks its picture's size, sets *ret_next to
 * the offset of the next one, 0 behind the last. */
static int
check_tiff_page(struct image *image, size_t at, size_t *ret_next)
{
	bool is_little = image->is_little;
	uint32_t width = 0, height = 0, tag, value;
	unsigned i, count;
	size_t entry;

	if (at < 8 || image->len < 2 || at > image->len - 2)
		return is_damaged(image, "a page is missing");
	count = get(image, at, 2, is_little);
	at += 2;
	if (count == 0 || (size_t)count * TIFF_ENTRY_SIZE + 4 > image->len - at)
		return is_damaged(image, "a page is cut off");
	for (i = 0; i < count; i++) {
		entry = at + (size_t)i * TIFF_ENTRY_SIZE;
		tag = get(image, entry, 2, is_little);
		value = get(image, entry + 2, 2, is_little) == TIFF_SHORT
		    ? get(image, entry + 8, 2, is_little)
		    : get(image, entry + 8, 4, is_little);
		/* Should one be there twice, the larger one counts. */
		if (tag == TIFF_WIDTH && value > width)
			width = value;
		else if (tag == TIFF_HEIGHT && value > height)
			height = value;
	}
	*ret_next = get(image, at + (size_t)count * TIFF_ENTRY_SIZE, 4,
	    is_little);
	return check_size(image, width, height);
}

/* Pages that point backwards would go round for ever: the limits for pages
 * and pixels end that. */
static int
read_tiff(struct image *image)
{
	size_t at, next = 0;
	unsigned number;
	int err = 0;

	image->is_little = image->bytes[0] == 'I';
	at = get(image, 4, 4, image->is_little);
	for (number = 1; err == 0; number++) {
		if (number > IMAGE_PAGES_MAX)
			return err_set(image->note, ERR_TOO_BIG,
			    "the image has more than %u pages",
			    IMAGE_PAGES_MAX);
		err = check_tiff_page(image, at, &next);
		if (err == 0)
			err = image_page(image, at, number);
		if (err == 0)
			image->emit->pages = number;
		if (next == 0)
			break;
		at = next;
	}
	return err;
}

/* ---- files -------------------------------------------------------------- */

static int
image_read(struct image *image)
{
	int err;

	if (image->len < 16)
		return is_damaged(image, "it is cut off");
	if (image->bytes[0] == 'I' || image->bytes[0] == 'M')
		return read_tiff(image);
	err = image->bytes[0] == 0xFF ? check_jpeg(image) : check_png(image);
	if (err < 0)
		return err;
	image->emit->pages = 1;
	return image_page(image, 0, 1);
}

int
read_image(struct input *input, struct emit *emit, struct err_note *note)
{
	struct image image = {.emit = emit, .note = note};
	unsigned char *bytes;
	long len;
	int err;

	if (!ocr_is_on())
		return err_set(note, ERR_UNSUPPORTED,
		    "this type of file is not supported: an image "
		    "(turn on OCR to read it)");
	if (input->size > IMAGE_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the image file has more than %llu bytes",
		    (unsigned long long)IMAGE_BYTES_MAX);
	bytes = mem_alloc((size_t)input->size);
	if (bytes == NULL)
		return ERR_NOMEM;
	len = input_read_at(input, 0, bytes, (size_t)input->size);
	if (len < 0) {
		err = ERR_IO;
		goto out;
	}
	image.bytes = bytes;
	image.len = (size_t)len;
	err = image_read(&image);
	if (err == 0 && !image.has_text)
		err = err_set(note, ERR_NOT_FOUND,
		    "no text was recognised in the image");
out:
	mem_free(bytes);
	return err;
}
