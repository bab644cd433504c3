/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a backup, which may be anybody's.
 *
 * It is read once, from its start to its end, in memory that does not depend
 * on it.  There is one right order of members, and uploads ascend: so nothing
 * can be there twice, and each name is known before it comes.  What SHA256SUMS
 * must say follows from what was read: its lines are hashed as members end, and
 * held against what it does say.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/stamp.h"
#include "engine/backup.h"
#include "engine/backup_tar.h"
#include "sys/sha256.h"

#define PARSE_BYTES (256 * KIB)
#define SUMS_FEW_MAX (4 * KIB)
#define NUMBER_MAX ((json_int_t)1 << 60)

struct parse {
	backup_read_fn *read;
	void *read_arg;
	const struct backup_sink *sink;
	struct err_note *note;
	struct backup_facts facts;
	struct sha256 *sha256;	/* of the member */
	struct sha256 *expected; /* of what SHA256SUMS must say */
	struct buf few;	/* its lines for what is no upload, for better words */
	uint8_t *bytes; /* PARSE_BYTES */
	char last[TAR_NAME_SIZE]; /* upload; "" none yet */
	uint64_t uploads, upload_bytes;
	uint64_t sums_bytes;
};

/* ---- bytes -------------------------------------------------------------- */

/* Exactly len bytes. */
static int
parse_get(struct parse *parse, void *bytes, size_t len)
{
	char *at = bytes;
	int64_t got;

	while (len > 0) {
		got = parse->read(parse->read_arg, at, len);
		if (got == 0)
			return err_set(parse->note, ERR_CORRUPT,
			    "the backup ends too early: a part of it is "
			    "missing");
		if (got < 0)
			return (int)got;
		at += got;
		len -= (size_t)got;
	}
	return 0;
}

/* What fills a member's last block: zeros, or it is not ours. */
static int
parse_padding(struct parse *parse, uint64_t bytes)
{
	static const char zeros[TAR_BLOCK];
	char block[TAR_BLOCK];
	size_t len = (size_t)tar_padding(bytes);
	int err;

	err = parse_get(parse, block, len);
	if (err < 0)
		return err;
	return memcmp(block, zeros, len) == 0
	    ? 0
	    : err_set(parse->note, ERR_SYNTAX,
		  "there is something between two members");
}

static int
parse_head(struct parse *parse, struct tar_member *ret_member)
{
	uint8_t block[TAR_BLOCK];
	uint64_t bytes = 0;
	bool has_size = false;
	int err, kind;

	for (;;) {
		err = parse_get(parse, block, sizeof(block));
		if (err < 0)
			return err;
		kind = tar_read_head(block, ret_member, parse->note);
		if (kind != TAR_SIZE)
			break;
		if (has_size || ret_member->bytes > TAR_BLOCK)
			return err_set(parse->note, ERR_SYNTAX,
			    "it holds a pax head that tells more than a size");
		err = parse_get(parse, block, sizeof(block));
		if (err == 0)
			err = tar_read_size((char *)block, ret_member->bytes,
			    &bytes, parse->note);
		if (err < 0)
			return err;
		has_size = true;
	}
	if (has_size && kind == TAR_FILE)
		ret_member->bytes = bytes;
	return kind;
}

static int
parse_wrong(struct parse *parse, const struct tar_member *member,
    const char *wanted)
{
	char name[TAR_NAME_SIZE];
	size_t i;

	/* It goes to a terminal. */
	for (i = 0; member->name[i] != '\0'; i++)
		name[i] = (unsigned char)member->name[i] < ' ' ||
			(unsigned char)member->name[i] > '~'
		    ? '?'
		    : member->name[i];
	name[i] = '\0';
	return err_set(parse->note, ERR_SYNTAX,
	    "it is no backup of Tidemark, or was made by others: \"%.99s\" "
	    "stands where %s is to be", name, wanted);
}

/* ---- the manifest -------------------------------------------------------- */

static int
manifest_number(struct parse *parse, const json_t *json, const char *name,
    uint64_t *ret_number)
{
	const json_t *member = json_object_get(json, name);
	json_int_t number = json_integer_value(member);

	if (!json_is_integer(member) || number < 0 || number > NUMBER_MAX)
		return err_set(parse->note, ERR_SYNTAX,
		    "the manifest's \"%s\" is not a number", name);
	*ret_number = (uint64_t)number;
	return 0;
}

static int
manifest_numbers(struct parse *parse, const json_t *json)
{
	struct backup_facts *facts = &parse->facts;
	uint64_t schema = 0, revision = 0, generation = 0;
	const struct {
		const char *name;
		uint64_t *to;
	} numbers[] = {
	    {"schema", &schema},
	    {"revision", &revision},
	    {"generation", &generation},
	    {"bases", &facts->bases},
	    {"documents", &facts->documents},
	    {"jobs", &facts->jobs},
	    {"store_bytes", &facts->store_bytes},
	    {"uploads", &facts->uploads},
	    {"upload_bytes", &facts->upload_bytes},
	    {"uploads_missing", &facts->uploads_missing},
	};
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < sizeof(numbers) / sizeof(numbers[0]);
	    i++)
		err = manifest_number(parse, json, numbers[i].name,
		    numbers[i].to);
	if (err < 0)
		return err;
	if (schema < 1 || schema > (uint64_t)store_schema_version())
		return err_set(parse->note, ERR_UNSUPPORTED, "the backup's "
		    "store has schema %llu, this program knows %d only: take "
		    "a newer one", (unsigned long long)schema,
		    store_schema_version());
	facts->schema = (int)schema;
	facts->revision = (int64_t)revision;
	facts->generation = (int64_t)generation;
	return 0;
}

static int
manifest_read(struct parse *parse, const json_t *json)
{
	struct backup_facts *facts = &parse->facts;
	const char *version = json_string_value(
	    json_object_get(json, "version"));
	const char *created = json_string_value(
	    json_object_get(json, "created_at"));
	uint64_t format = 0;
	int err;

	if (json_object_get(json, "tidemark_backup") == NULL)
		return err_set(parse->note, ERR_SYNTAX,
		    "it is no backup of Tidemark");
	err = manifest_number(parse, json, "tidemark_backup", &format);
	if (err < 0)
		return err;
	if (format != BACKUP_FORMAT)
		return err_set(parse->note, ERR_UNSUPPORTED, "the backup has "
		    "format %llu, this program knows %d only: take a newer "
		    "one", (unsigned long long)format, BACKUP_FORMAT);
	if (version == NULL || strlen(version) >= sizeof(facts->version) ||
	    created == NULL || stamp_parse(created, &facts->created_us) < 0)
		return err_set(parse->note, ERR_SYNTAX,
		    "the manifest does not say who made it, and when");
	(void)snprintf(facts->version, sizeof(facts->version), "%s",
	    version);
	facts->has_secret_key = json_is_true(
	    json_object_get(json, "secret_key"));
	facts->has_api_key = json_is_true(json_object_get(json, "api_key"));
	return manifest_numbers(parse, json);
}

/* ---- members ------------------------------------------------------------ */

static int
sum_note(struct parse *parse, const char *name, bool is_upload,
    char hex[SHA256_TEXT_SIZE])
{
	char line[SHA256_TEXT_SIZE + TAR_NAME_SIZE + 4];
	uint8_t hash[SHA256_SIZE];
	int len;

	sha256_end(parse->sha256, hash);
	sha256_format(hash, hex);
	len = snprintf(line, sizeof(line), "%s  %s\n", hex, name);
	sha256_add(parse->expected, line, (size_t)len);
	parse->sums_bytes += (uint64_t)len;
	return is_upload ? 0 : buf_put(&parse->few, line, (size_t)len);
}

/* The member's content, given to sink (NULL: to nobody) and to the sum. */
static int
parse_content(struct parse *parse, const struct tar_member *member,
    const struct backup_sink *sink)
{
	uint64_t left = member->bytes;
	size_t len;
	int err = 0;

	if (sink != NULL && sink->begin != NULL)
		err = sink->begin(sink->arg, member->name, member->bytes,
		    parse->note);
	while (err == 0 && left > 0) {
		len = left < PARSE_BYTES ? (size_t)left
					 : (size_t)PARSE_BYTES;
		err = parse_get(parse, parse->bytes, len);
		if (err < 0)
			break;
		sha256_add(parse->sha256, parse->bytes, len);
		if (sink != NULL && sink->write != NULL)
			err = sink->write(sink->arg, parse->bytes, len,
			    parse->note);
		left -= len;
	}
	if (err == 0)
		err = parse_padding(parse, member->bytes);
	if (err == 0 && sink != NULL && sink->end != NULL)
		err = sink->end(sink->arg, parse->note);
	return err;
}

static int
parse_manifest(struct parse *parse)
{
	char text[BACKUP_MANIFEST_BYTES_MAX], hex[SHA256_TEXT_SIZE];
	struct tar_member member;
	json_t *json;
	int kind, err;

	kind = parse_head(parse, &member);
	if (kind < 0)
		return kind;
	if (kind != TAR_FILE || strcmp(member.name, "manifest.json") != 0)
		return err_set(parse->note, ERR_SYNTAX,
		    "it is no backup of Tidemark: it does not begin with "
		    "manifest.json");
	if (member.bytes > sizeof(text))
		return err_set(parse->note, ERR_TOO_BIG,
		    "the manifest has more than %llu bytes",
		    BACKUP_MANIFEST_BYTES_MAX);
	err = parse_get(parse, text, (size_t)member.bytes);
	if (err == 0)
		err = parse_padding(parse, member.bytes);
	if (err < 0)
		return err;
	sha256_add(parse->sha256, text, (size_t)member.bytes);
	json = json_loadb(text, (size_t)member.bytes, JSON_REJECT_DUPLICATES,
	    NULL);
	err = json_is_object(json)
	    ? manifest_read(parse, json)
	    : err_set(parse->note, ERR_SYNTAX, "the manifest is not JSON");
	json_decref(json);
	return err < 0 ? err : sum_note(parse, member.name, false, hex);
}

/* The one file of that name, with so many bytes, or at most so many. */
static int
parse_file(struct parse *parse, const char *name, uint64_t low,
    uint64_t high)
{
	char hex[SHA256_TEXT_SIZE];
	struct tar_member member = {.uid = 0};
	int kind, err;

	kind = parse_head(parse, &member);
	if (kind < 0)
		return kind;
	if (kind != TAR_FILE || strcmp(member.name, name) != 0)
		return parse_wrong(parse, &member, name);
	if (member.bytes < low || member.bytes > high)
		return err_set(parse->note, ERR_CORRUPT,
		    "%s has another size than the manifest says", name);
	err = parse_content(parse, &member, parse->sink);
	return err < 0 ? err : sum_note(parse, name, false, hex);
}

/* "blobs/ab/cdef...", and nothing else. */
static bool
is_upload_name(const char *name)
{
	static const char digits[] = "0123456789abcdef";

	return strncmp(name, "blobs/", 6) == 0 && strlen(name) == 71 &&
	    strspn(name + 6, digits) == 2 && name[8] == '/' &&
	    strspn(name + 9, digits) == 62;
}

static int
parse_upload(struct parse *parse)
{
	char hex[SHA256_TEXT_SIZE];
	struct tar_member member = {.uid = 0};
	int kind, err;

	kind = parse_head(parse, &member);
	if (kind < 0)
		return kind;
	if (kind != TAR_FILE || !is_upload_name(member.name))
		return parse_wrong(parse, &member, "an upload");
	if (strcmp(member.name, parse->last) <= 0)
		return err_set(parse->note, ERR_SYNTAX,
		    "%s is there twice, or not in its place", member.name);
	if (member.bytes > parse->facts.upload_bytes - parse->upload_bytes)
		return err_set(parse->note, ERR_CORRUPT,
		    "the uploads have more bytes than the manifest says");
	memcpy(parse->last, member.name, sizeof(parse->last));
	parse->upload_bytes += member.bytes;
	err = parse_content(parse, &member, parse->sink);
	if (err == 0)
		err = sum_note(parse, member.name, true, hex);
	if (err == 0 && (strncmp(hex, member.name + 6, 2) != 0 ||
		strcmp(hex + 2, member.name + 9) != 0))
		err = err_set(parse->note, ERR_CORRUPT,
		    "%s is damaged: it is not what its name says",
		    member.name);
	return err;
}

/* Which of the few is it that differs?  Both are as long. */
static int
sums_differ(struct parse *parse, const char *few)
{
	const char *line = buf_text(&parse->few), *name, *end;
	size_t len;

	for (; *line != '\0'; line += len + 1, few += len + 1) {
		end = strchr(line, '\n');
		name = strchr(line, ' ') + 2;
		len = (size_t)(end - line);
		if (memcmp(line, few, len) != 0)
			return err_set(parse->note, ERR_CORRUPT,
			    "%.*s is damaged: its sum is another one",
			    (int)(end - name), name);
	}
	return err_set(parse->note, ERR_CORRUPT,
	    "SHA256SUMS does not fit what is in the backup");
}

static int
few_take(void *arg, const void *bytes, size_t len, struct err_note *note)
{
	struct buf *few = arg;
	size_t room = few->max - few->len;

	(void)note;
	return buf_put(few, bytes, len < room ? len : room);
}

static int
parse_sums(struct parse *parse)
{
	uint8_t hash[SHA256_SIZE], wanted[SHA256_SIZE];
	struct backup_sink sink = {.write = few_take};
	struct tar_member member = {.uid = 0};
	struct buf few;
	int kind, err;

	kind = parse_head(parse, &member);
	if (kind < 0)
		return kind;
	if (kind != TAR_FILE || strcmp(member.name, "SHA256SUMS") != 0)
		return parse_wrong(parse, &member, "SHA256SUMS");
	buf_init(&few, parse->few.len);
	sink.arg = &few;
	err = member.bytes == parse->sums_bytes
	    ? parse_content(parse, &member, &sink)
	    : err_set(parse->note, ERR_CORRUPT,
		  "SHA256SUMS does not fit what is in the backup");
	if (err == 0) {
		sha256_end(parse->sha256, hash);
		sha256_end(parse->expected, wanted);
		if (memcmp(hash, wanted, sizeof(hash)) != 0)
			err = sums_differ(parse, buf_text(&few));
	}
	buf_fini(&few);
	return err;
}

static int
parse_end(struct parse *parse)
{
	struct tar_member member = {.uid = 0};
	int kind = TAR_END, i;

	for (i = 0; i < 2 && kind == TAR_END; i++)
		kind = parse_head(parse, &member);
	if (kind < 0 || kind == TAR_END)
		return kind < 0 ? kind : 0;
	return parse_wrong(parse, &member, "the end");
}

static int
parse_all(struct parse *parse)
{
	const struct backup_facts *facts = &parse->facts;
	int err;

	err = parse_manifest(parse);
	if (err == 0 && parse->sink->facts != NULL)
		err = parse->sink->facts(parse->sink->arg, facts,
		    parse->note);
	if (err == 0)
		err = parse_file(parse, "tidemark.db", facts->store_bytes,
		    facts->store_bytes);
	if (err == 0 && facts->has_secret_key)
		err = parse_file(parse, "secret-key", 0,
		    BACKUP_KEY_BYTES_MAX);
	if (err == 0 && facts->has_api_key)
		err = parse_file(parse, "api-key", 0, BACKUP_KEY_BYTES_MAX);
	for (; err == 0 && parse->uploads < facts->uploads; parse->uploads++)
		err = parse_upload(parse);
	if (err == 0 && parse->upload_bytes != facts->upload_bytes)
		err = err_set(parse->note, ERR_CORRUPT,
		    "the uploads have fewer bytes than the manifest says");
	if (err == 0)
		err = parse_sums(parse);
	return err < 0 ? err : parse_end(parse);
}

int
backup_parse(backup_read_fn *read, void *read_arg,
    const struct backup_sink *sink, struct backup_facts *ret_facts,
    struct err_note *note)
{
	struct parse parse = {.read = read, .read_arg = read_arg,
	    .sink = sink, .note = note};
	int err = ERR_NOMEM;

	buf_init(&parse.few, SUMS_FEW_MAX);
	parse.bytes = mem_alloc(PARSE_BYTES);
	parse.sha256 = sha256_new();
	parse.expected = sha256_new();
	if (parse.bytes != NULL && parse.sha256 != NULL &&
	    parse.expected != NULL)
		err = parse_all(&parse);
	if (err == 0)
		*ret_facts = parse.facts;
	sha256_free(parse.sha256);
	sha256_free(parse.expected);
	mem_free(parse.bytes);
	buf_fini(&parse.few);
	return err;
}
