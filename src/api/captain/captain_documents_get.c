/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET .../documents/{}: a document with all of its chunks, made page by page
 * while it is sent, however many they are.
 *
 * All chunks are of one revision, the one that was live when the answer began:
 * where it is replaced, or deleted, before its last chunk is sent, the
 * connection is broken off, so that the client sees that something is missing.
 */
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_document.h"
#include "api/captain/captain_int.h"
#include "base/mem.h"
#include "store/store.h"

#define PIECE_SEGMENTS 128u
#define PIECE_BYTES 65536u /* no more segments after so many */
#define PIECE_FULL 1	   /* ends the walk */
#define HEAD_BYTES_MAX (1 * MIB)

struct stream {
	int64_t document_id, revision_id;
	char id[UUID_TEXT_SIZE];
	bool has_regions;
	struct buf head; /* up to the chunks; empty once it is sent */
	bool has_head;
	uint32_t next, sent, count; /* of chunks: ordinal, how many, of all */
};

struct piece {
	struct stream *stream;
	struct buf *out;
	uint32_t segments;
};

static int
put_chunk(void *arg, const struct segment *segment)
{
	struct piece *piece = arg;
	struct stream *stream = piece->stream;
	struct jsonw w;

	if (segment->revision_id != stream->revision_id)
		return ERR_CONFLICT;
	if (stream->sent > 0)
		(void)buf_putc(piece->out, ',');
	jsonw_init(&w, piece->out);
	captain_write_chunk(&w, segment, stream->id, stream->has_regions);
	stream->next = segment->ordinal + 1;
	stream->sent++;
	piece->segments++;
	if (piece->out->err < 0)
		return piece->out->err;
	return piece->out->len >= PIECE_BYTES ? PIECE_FULL : 0;
}

static int
stream_fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out)
{
	struct stream *stream = state;
	struct piece piece = {.stream = stream, .out = out};
	int err;

	(void)engine;
	if (!stream->has_head) {
		(void)buf_put(out, stream->head.data, stream->head.len);
		stream->has_head = true;
		buf_fini(&stream->head);
	}
	err = store_segments_each(reader, stream->document_id, stream->next,
	    PIECE_SEGMENTS, put_chunk, &piece);
	if (err < 0)
		return err;
	if (err == PIECE_FULL || piece.segments == PIECE_SEGMENTS)
		return HTTP_MORE;
	if (stream->sent != stream->count)
		return ERR_CONFLICT;
	(void)buf_puts(out, "]}");
	return HTTP_END;
}

static void
stream_free(void *state)
{
	struct stream *stream = state;

	buf_fini(&stream->head);
	mem_free(stream);
}

/* ---- what comes before the chunks ---------------------------------------- */

struct opening {
	struct stream *stream;
	const struct captain_base *base;
	const struct uuid *uuid;
	const char *organization;
};

static int
opening_take(void *arg, const struct document *document)
{
	struct opening *opening = arg;
	struct stream *stream = opening->stream;
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	struct jsonw w;

	if (document->base_id != opening->base->id ||
	    !uuid_is_equal(&uuid, opening->uuid))
		return ERR_NOT_FOUND;
	stream->document_id = document->id;
	stream->revision_id = document->revision_id;
	stream->count = document->segments;
	captain_document_id(document, stream->id);
	jsonw_init(&w, &stream->head);
	captain_write_document(&w, document, opening->base,
	    opening->organization);
	jsonw_name(&w, "chunks");
	jsonw_array(&w);
	return stream->head.err;
}

static int
opening_read(struct http_request *request, const struct captain_base *base,
    struct stream *stream)
{
	const char *id = request->params[1].text;
	char organization[UUID_TEXT_SIZE];
	struct account account;
	struct store *reader;
	struct uuid uuid;
	struct opening opening = {stream, base, &uuid, organization};
	int err;

	if (uuid_parse(id, strlen(id), &uuid) < 0)
		return ERR_NOT_FOUND;
	err = captain_account(request, &account);
	if (err == 0)
		err = http_reader(request, &reader);
	if (err < 0)
		return err;
	uuid_format(&account.organization, organization);
	return store_document_get(reader, (int64_t)uuid_row(&uuid),
	    opening_take, &opening);
}

int
captain_get_document(struct http_request *request, struct http_reply *reply)
{
	static const struct http_stream_ops ops = {.fill = stream_fill,
	    .free = stream_free};
	struct captain_base base;
	struct stream *stream;
	bool has_regions;
	int err;

	err = captain_base(request, reply, &base);
	if (err == 0)
		err = captain_query_bool(request, reply, "include_bbox",
		    false, &has_regions);
	if (err != 0)
		return err < 0 ? err : 0;
	stream = mem_zalloc(sizeof(*stream));
	if (stream == NULL)
		return ERR_NOMEM;
	buf_init(&stream->head, HEAD_BYTES_MAX);
	stream->has_regions = has_regions;
	err = opening_read(request, &base, stream);
	if (err < 0) {
		stream_free(stream);
		return err == ERR_NOT_FOUND
		    ? captain_refuse(reply, 404, "Document not found")
		    : err;
	}
	reply->content_type = "application/json";
	http_reply_stream(reply, &ops, stream);
	return 0;
}
