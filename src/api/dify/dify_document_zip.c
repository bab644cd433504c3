/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several documents' uploads as one ZIP archive (APPNOTE 6.3), made while it
 * is sent: nothing of it lies on disk, and memory holds one piece.
 *
 *	for each: local header, name, bytes as they are (method 0)
 *	for each: central header, name
 *	end of the central directory
 *
 * The checksum stands before the bytes, where readers that do not seek look
 * for it, so each upload is read twice.  All of them are shorter than 4 GiB:
 * no field needs its ZIP64 form.
 */
#include <string.h>

#include "api/dify/dify_document_raw.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "http/content.h"
#include "sys/fs.h"

#define ZIP_BYTES_MAX (1 * GIB) /* of all uploads of one archive */
#define PIECE_BYTES (64 * KIB)
#define ZIP_LOCAL 0x04034b50u
#define ZIP_CENTRAL 0x02014b50u
#define ZIP_END 0x06054b50u
#define ZIP_VERSION 20u
#define ZIP_IS_UTF8 0x0800u
/* 1980-01-01: the first day that the format has. */
#define ZIP_DATE 0x0021u
#define NAME_BYTES_MAX_ZIP 900u

struct zip_entry {
	char *name; /* within the archive, each once */
	uint8_t hash[HASH_SIZE];
	uint32_t crc, size, at; /* set when its header is written */
};

struct zip {
	struct zip_entry entries[DIFY_IDS_MAX];
	size_t count;
	uint32_t crcs[256];
	/* How far it is: */
	size_t entry;
	struct http_content content; /* of an entry that is open */
	bool is_open;
	uint64_t sent;	  /* of the entry's bytes */
	uint64_t written; /* of the archive */
};

/* ---- numbers ------------------------------------------------------------ */

static void
put16(struct buf *out, unsigned value)
{
	(void)buf_putc(out, (char)(value & 255));
	(void)buf_putc(out, (char)(value >> 8 & 255));
}

static void
put32(struct buf *out, uint32_t value)
{
	put16(out, value & 0xFFFF);
	put16(out, value >> 16);
}

static void
crc_table(uint32_t crcs[256])
{
	uint32_t i, crc;
	int bit;

	for (i = 0; i < 256; i++) {
		crc = i;
		for (bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
		crcs[i] = crc;
	}
}

static uint32_t
crc_add(const uint32_t crcs[256], uint32_t crc, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		crc = crcs[(crc ^ (unsigned char)bytes[i]) & 255] ^ (crc >> 8);
	return crc;
}

/* ---- pieces ------------------------------------------------------------- */

/* Append the next piece of the open upload to out. */
static int
zip_read(struct zip *zip, uint64_t at, struct buf *out, size_t *ret_len)
{
	uint64_t left = zip->content.bytes - at;
	size_t len = left < PIECE_BYTES ? (size_t)left : (size_t)PIECE_BYTES;
	int err;

	*ret_len = len;
	err = buf_reserve(out, len);
	if (err == 0)
		err = fs_read_at(zip->content.fd, out->data + out->len, len,
		    at);
	if (err < 0)
		return err;
	out->len += len;
	out->data[out->len] = '\0';
	return 0;
}

static int
zip_sum(struct zip *zip, struct zip_entry *entry)
{
	uint32_t crc = 0xFFFFFFFFu;
	struct buf piece;
	uint64_t at = 0;
	size_t len;
	int err = 0;

	buf_init(&piece, PIECE_BYTES + 1);
	while (err == 0 && at < zip->content.bytes) {
		buf_clear(&piece);
		err = zip_read(zip, at, &piece, &len);
		if (err == 0) {
			crc = crc_add(zip->crcs, crc, piece.data, len);
			at += len;
		}
	}
	buf_fini(&piece);
	entry->crc = crc ^ 0xFFFFFFFFu;
	entry->size = (uint32_t)zip->content.bytes;
	return err;
}

/* What both headers of an entry have in common. */
static void
zip_facts(const struct zip_entry *entry, struct buf *out)
{
	put16(out, ZIP_VERSION);
	put16(out, ZIP_IS_UTF8);
	put16(out, 0); /* stored */
	put16(out, 0); /* midnight */
	put16(out, ZIP_DATE);
	put32(out, entry->crc);
	put32(out, entry->size);
	put32(out, entry->size);
	put16(out, (unsigned)strlen(entry->name));
	put16(out, 0);
}

static int
zip_begin_entry(struct zip *zip, struct engine *engine,
    struct store *reader, struct buf *out)
{
	struct zip_entry *entry = &zip->entries[zip->entry];
	int err;

	err = http_content_of_blob(engine, reader, entry->hash, &zip->content,
	    NULL);
	if (err < 0)
		return err;
	zip->is_open = true;
	zip->sent = 0;
	err = zip_sum(zip, entry);
	if (err < 0)
		return err;
	entry->at = (uint32_t)zip->written;
	put32(out, ZIP_LOCAL);
	zip_facts(entry, out);
	return buf_puts(out, entry->name);
}

static int
zip_end(struct zip *zip, struct buf *out)
{
	uint32_t from = (uint32_t)zip->written;
	size_t i, start = out->len;

	for (i = 0; i < zip->count; i++) {
		put32(out, ZIP_CENTRAL);
		put16(out, ZIP_VERSION);
		zip_facts(&zip->entries[i], out);
		put16(out, 0); /* comment */
		put16(out, 0); /* disk */
		put16(out, 0);
		put32(out, 0);
		put32(out, zip->entries[i].at);
		(void)buf_puts(out, zip->entries[i].name);
	}
	i = out->len - start;
	put32(out, ZIP_END);
	put16(out, 0);
	put16(out, 0);
	put16(out, (unsigned)zip->count);
	put16(out, (unsigned)zip->count);
	put32(out, (uint32_t)i);
	put32(out, from);
	put16(out, 0);
	return out->err < 0 ? out->err : HTTP_END;
}

static int
zip_fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out)
{
	struct zip *zip = state;
	size_t start = out->len, len;
	int err;

	if (zip->entry == zip->count)
		return zip_end(zip, out);
	if (!zip->is_open)
		err = zip_begin_entry(zip, engine, reader, out);
	else
		err = 0;
	if (err == 0 && zip->sent < zip->content.bytes) {
		err = zip_read(zip, zip->sent, out, &len);
		zip->sent += len;
	}
	if (err < 0)
		return err;
	zip->written += out->len - start;
	if (zip->sent == zip->content.bytes) {
		http_content_close(&zip->content);
		zip->is_open = false;
		zip->entry++;
	}
	return HTTP_MORE;
}

static void
zip_free(void *state)
{
	struct zip *zip = state;
	size_t i;

	if (zip == NULL)
		return;
	if (zip->is_open)
		http_content_close(&zip->content);
	for (i = 0; i < zip->count; i++)
		mem_free(zip->entries[i].name);
	mem_free(zip);
}

static const struct http_stream_ops zip_ops = {
    .fill = zip_fill,
    .free = zip_free,
    .heartbeat = NULL,
};

/* ---- what is in it ------------------------------------------------------ */

static bool
zip_has(const struct zip *zip, const char *name)
{
	size_t i;

	for (i = 0; i < zip->count; i++)
		if (strcmp(zip->entries[i].name, name) == 0)
			return true;
	return false;
}

/* The document's name without what would be a folder; the nth of a name gets
 * " (n)" before its ending.  NULL: no memory. */
static char *
zip_name(const struct zip *zip, const char *name)
{
	char plain[NAME_BYTES_MAX_ZIP + 1], tried[NAME_BYTES_MAX_ZIP + 32];
	size_t len = utf8_floor(name, strlen(name), NAME_BYTES_MAX_ZIP), i;
	const char *dot;
	unsigned n;
	int stem;

	for (i = 0; i < len; i++)
		plain[i] = strchr("/\\:", name[i]) != NULL ? '_' : name[i];
	plain[len] = '\0';
	if (len == 0 || strspn(plain, ".") == len)
		(void)snprintf(plain, sizeof(plain), "document");
	if (!zip_has(zip, plain))
		return mem_strdup(plain);
	dot = strrchr(plain, '.');
	stem = dot == NULL ? (int)strlen(plain) : (int)(dot - plain);
	for (n = 1; n <= DIFY_IDS_MAX; n++) {
		(void)snprintf(tried, sizeof(tried), "%.*s (%u)%s", stem,
		    plain, n, dot == NULL ? "" : dot);
		if (!zip_has(zip, tried))
			break;
	}
	return mem_strdup(tried);
}

static int
zip_add(struct zip *zip, struct http_request *request, struct store *reader,
    const struct dify_document *document, uint64_t *bytes)
{
	struct zip_entry *entry = &zip->entries[zip->count];
	struct http_content content;
	const uint8_t *hash;
	int err;

	if (!dify_document_blob(document, &hash))
		return ERR_NOT_FOUND;
	err = http_content_of_blob(request->engine, reader, hash, &content,
	    &request->note);
	if (err < 0)
		return err;
	*bytes += content.bytes;
	http_content_close(&content);
	if (*bytes > ZIP_BYTES_MAX)
		return ERR_TOO_BIG;
	memcpy(entry->hash, hash, HASH_SIZE);
	entry->name = zip_name(zip, document->row.name);
	if (entry->name == NULL)
		return ERR_NOMEM;
	zip->count++;
	return 0;
}

static int
zip_gather(struct http_request *request, struct http_reply *reply,
    struct store *reader, struct zip *zip)
{
	struct uuid ids[DIFY_IDS_MAX];
	struct dify_document document;
	struct dify_dataset dataset;
	uint64_t bytes = 0;
	size_t i, count;
	int err;

	err = dify_dataset_open(request, reader, &dataset);
	if (err < 0)
		return err;
	err = dify_document_ids(request, reply, false, ids, &count);
	for (i = 0; err == 0 && i < count; i++) {
		err = dify_document_open(reader, &dataset, &ids[i], &document);
		if (err < 0)
			break;
		err = zip_add(zip, request, reader, &document, &bytes);
		dify_document_close(&document);
	}
	dify_dataset_close(&dataset);
	if (err == ERR_NOT_FOUND)
		err = dify_missing(request, "Document not found.");
	return err;
}

int
dify_get_zip(struct http_request *request, struct http_reply *reply)
{
	struct zip *zip = mem_zalloc(sizeof(*zip));
	struct store *reader;
	int err;

	if (zip == NULL)
		return ERR_NOMEM;
	crc_table(zip->crcs);
	err = http_begin(request, &reader);
	if (err == 0) {
		err = zip_gather(request, reply, reader, zip);
		err = http_end(request, reader, err);
	}
	if (err == ERR_TOO_BIG)
		(void)dify_refuse(reply, 413, "file_too_large",
		    "The documents are too large for one archive.");
	if (err != 0) {
		zip_free(zip);
		return err < 0 && err != ERR_TOO_BIG ? err : 0;
	}
	http_reply_header(reply, "Content-Disposition",
	    "attachment; filename=\"documents.zip\"");
	http_reply_header(reply, "Content-Type", "application/zip");
	reply->content_type = NULL;
	http_reply_stream(reply, &zip_ops, zip);
	return 0;
}
