/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream of GLib's over the input, with a window that moves.
 *
 * It says that it is a stream over memory, because Poppler copies the whole
 * of every stream that is neither that nor a local file before it begins.
 */
#include <gio/gio.h>
#include <string.h>

#include "base/mem.h"
#include "extractor/input.h"
#include "extractor/pdf.h"

/* Objects lie here and there: a larger one would mostly be copied in vain. */
#define PDF_WINDOW_SIZE ((size_t)(16 * KIB))

struct pdf_stream {
	GMemoryInputStream parent;
	struct input *input; /* borrowed */
	uint64_t at;	     /* of the next byte */
	uint64_t window_at;
	size_t window_len;
	char *window;
};

struct pdf_stream_class {
	GMemoryInputStreamClass parent;
};

static GType pdf_stream_type(void);

static struct pdf_stream *
stream_of(void *object)
{
	return G_TYPE_CHECK_INSTANCE_CAST(object, pdf_stream_type(),
	    struct pdf_stream);
}

/* A failed read looks like the end: Poppler then says that it is damaged. */
static gssize
stream_read(GInputStream *object, void *bytes, gsize len,
    GCancellable *cancellable, GError **error)
{
	struct pdf_stream *stream = stream_of(object);
	uint64_t offset;
	long n;

	(void)cancellable;
	(void)error;
	if (stream->at < stream->window_at ||
	    stream->at >= stream->window_at + stream->window_len) {
		/* Some of it behind: Poppler looks for things backwards. */
		offset = stream->at < PDF_WINDOW_SIZE / 4
		    ? 0
		    : stream->at - PDF_WINDOW_SIZE / 4;
		n = input_read_at(stream->input, offset, stream->window,
		    PDF_WINDOW_SIZE);
		stream->window_at = offset;
		stream->window_len = n < 0 ? 0 : (size_t)n;
		if (stream->at >= offset + stream->window_len)
			return 0;
	}
	offset = stream->at - stream->window_at;
	if (len > stream->window_len - offset)
		len = stream->window_len - (size_t)offset;
	memcpy(bytes, stream->window + offset, len);
	stream->at += len;
	return (gssize)len;
}

static gssize
stream_skip(GInputStream *object, gsize len, GCancellable *cancellable,
    GError **error)
{
	struct pdf_stream *stream = stream_of(object);
	uint64_t left;

	(void)cancellable;
	(void)error;
	left = stream->at < stream->input->size
	    ? stream->input->size - stream->at
	    : 0;
	if (len > left)
		len = (gsize)left;
	stream->at += len;
	return (gssize)len;
}

static goffset
stream_tell(GSeekable *object)
{
	return (goffset)stream_of(object)->at;
}

static gboolean
stream_can_seek(GSeekable *object)
{
	(void)object;
	return TRUE;
}

static gboolean
stream_seek(GSeekable *object, goffset offset, GSeekType type,
    GCancellable *cancellable, GError **error)
{
	struct pdf_stream *stream = stream_of(object);
	goffset from = 0, size = (goffset)stream->input->size;

	(void)cancellable;
	(void)error;
	if (type == G_SEEK_CUR)
		from = (goffset)stream->at;
	else if (type == G_SEEK_END)
		from = size;
	if (offset > size - from)
		offset = size - from;
	if (offset < -from)
		offset = -from;
	stream->at = (uint64_t)(from + offset);
	return TRUE;
}

static gboolean
stream_can_truncate(GSeekable *object)
{
	(void)object;
	return FALSE;
}

static gboolean
stream_truncate(GSeekable *object, goffset offset, GCancellable *cancellable,
    GError **error)
{
	(void)object;
	(void)offset;
	(void)cancellable;
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
	    "read only");
	return FALSE;
}

static void
stream_finalize(GObject *object)
{
	struct pdf_stream *stream = stream_of(object);
	GObjectClass *parent = g_type_class_peek(G_TYPE_MEMORY_INPUT_STREAM);

	mem_free(stream->window);
	parent->finalize(object);
}

static void
stream_class_init(gpointer class, gpointer data)
{
	(void)data;
	G_OBJECT_CLASS(class)->finalize = stream_finalize;
	G_INPUT_STREAM_CLASS(class)->read_fn = stream_read;
	G_INPUT_STREAM_CLASS(class)->skip = stream_skip;
}

static void
stream_seekable_init(gpointer interface, gpointer data)
{
	GSeekableIface *seekable = interface;

	(void)data;
	seekable->tell = stream_tell;
	seekable->can_seek = stream_can_seek;
	seekable->seek = stream_seek;
	seekable->can_truncate = stream_can_truncate;
	seekable->truncate_fn = stream_truncate;
}

static GType
pdf_stream_type(void)
{
	static GType type;
	static const GInterfaceInfo seekable = {
	    .interface_init = stream_seekable_init,
	};

	if (type == 0) {
		type = g_type_register_static_simple(
		    G_TYPE_MEMORY_INPUT_STREAM, "TidemarkPdfStream",
		    sizeof(struct pdf_stream_class), stream_class_init,
		    sizeof(struct pdf_stream), NULL, 0);
		g_type_add_interface_static(type, G_TYPE_SEEKABLE, &seekable);
	}
	return type;
}

GInputStream *
pdf_stream_new(struct input *input)
{
	struct pdf_stream *stream;
	char *window;

	window = mem_alloc(PDF_WINDOW_SIZE);
	if (window == NULL)
		return NULL;
	stream = g_object_new(pdf_stream_type(), NULL);
	stream->input = input;
	stream->window = window;
	return G_INPUT_STREAM(stream);
}
