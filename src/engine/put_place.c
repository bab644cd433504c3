/* SPDX-License-Identifier: Apache-2.0 */
/* Puts before their transaction: checks, and addresses. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_int.h"
#include "engine/puts.h"
#include "sys/rng.h"
#include "sys/sha256.h"

static int
name_check(const char *name, struct err_note *note)
{
	size_t i, len = strlen(name);

	if (len == 0)
		return err_set(note, ERR_INVALID, "a document needs a name");
	if (len > UPLOAD_NAME_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "a document's name has more than %u bytes",
		    UPLOAD_NAME_BYTES_MAX);
	if (!utf8_is_valid(name, len))
		return err_set(note, ERR_INVALID, "the name is not UTF-8");
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7F)
			return err_set(note, ERR_INVALID,
			    "a name may not hold control characters");
	return 0;
}

static int
object_check(const char *text, const char *what, struct err_note *note)
{
	json_t *json;
	bool is_object;

	if (text == NULL)
		return 0;
	if (strlen(text) > METADATA_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG, "the %s have more than %llu "
		    "bytes", what, METADATA_BYTES_MAX);
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	is_object = json_is_object(json);
	json_decref(json);
	return is_object ? 0
			 : err_set(note, ERR_INVALID, "the %s must be an "
			       "object", what);
}

static int
put_check(const struct put *put, struct err_note *note)
{
	int err = 0;

	if (put->upload == NULL && put->document == NULL)
		return err_set(note, ERR_INVALID,
		    "neither content nor a document was given");
	if (put->name != NULL)
		err = name_check(put->name, note);
	if (err == 0 && put->is_numbered &&
	    (put->document != NULL || put->is_new || put->name == NULL ||
		strchr(put->name, '#') == NULL))
		err = err_set(note, ERR_INVALID,
		    "only a new document's name with a '#' gets a number");
	if (err == 0 && put->by_content &&
	    (put->upload == NULL || put->is_new || put->is_numbered))
		err = err_set(note, ERR_INVALID, "only what is given now can "
		    "be known by its content, and by nothing else");
	if (err == 0)
		err = object_check(put->metadata, "metadata", note);
	if (err == 0)
		err = object_check(put->settings, "settings", note);
	return err;
}

/* "text:///name" */
static int
uri_put(enum job_kind kind, const char *name, struct buf *out)
{
	(void)buf_puts(out, kind == JOB_KIND_TEXT ? "text:" : "upload:");
	return upload_uri(name, out);
}

/* "content:///hash" */
static int
uri_content(const struct put *put, char **ret_uri)
{
	static const char scheme[] = "content:///";
	char uri[sizeof(scheme) + SHA256_TEXT_SIZE];

	memcpy(uri, scheme, sizeof(scheme));
	sha256_format(upload_hash(put->upload), uri + sizeof(scheme) - 1);
	*ret_uri = mem_strdup(uri);
	return *ret_uri == NULL ? ERR_NOMEM : 0;
}

/* And for a document of its own a part that no other has. */
static int
place_uri(const struct put *put, enum job_kind kind, struct place *place)
{
	char name[UPLOAD_NAME_BYTES_MAX + 1], id[UUID_TEXT_SIZE];
	struct uuid uuid;
	struct buf uri;
	int err;

	if (put->by_content)
		return uri_content(put, &place->uri);
	if (put->document != NULL || put->is_numbered)
		return 0;
	if (put->name == NULL || upload_name_clean(put->name, name) < 0)
		(void)snprintf(name, sizeof(name), "%s",
		    upload_name(put->upload));
	buf_init(&uri, URI_BYTES_MAX);
	err = uri_put(kind, name, &uri);
	if (err == 0 && put->is_new) {
		uuid = rng_uuid();
		uuid_format(&uuid, id);
		err = buf_printf(&uri, "?id=%s", id);
	}
	place->uri = err < 0 ? NULL : buf_take(&uri);
	buf_fini(&uri);
	return err < 0 ? err : place->uri == NULL ? ERR_NOMEM : 0;
}

static int
place_order(const void *a, const void *b)
{
	const struct place *left = *(const struct place *const *)a;
	const struct place *right = *(const struct place *const *)b;
	int order = strcmp(left->uri, right->uri);

	if (order != 0)
		return order;
	return left < right ? -1 : left > right;
}

/* The nth document of the same name in one request gets an address of its own:
 * none of them may get lost. */
static int
place_number(struct place *place, unsigned n)
{
	struct buf uri;

	buf_init(&uri, URI_BYTES_MAX);
	(void)buf_printf(&uri, "%s?copy=%u", place->uri, n);
	mem_free(place->uri);
	place->uri = buf_take(&uri);
	buf_fini(&uri);
	return place->uri == NULL ? ERR_NOMEM : 0;
}

/* Sorted, because a request may bring ten thousand of one name. */
static int
places_number(struct puts *puts)
{
	struct place **order;
	size_t i, n = 0, first = 0;
	int err = 0;

	if (puts->count == 1)
		return 0;
	order = mem_array(puts->count, sizeof(struct place *));
	if (order == NULL)
		return ERR_NOMEM;
	for (i = 0; i < puts->count; i++)
		if (puts->places[i].uri != NULL && !puts->list[i].by_content)
			order[n++] = &puts->places[i];
	if (n > 0)
		qsort(order, n, sizeof(struct place *), place_order);
	for (i = 1; err == 0 && i < n; i++) {
		if (strcmp(order[i]->uri, order[first]->uri) != 0)
			first = i;
		else
			err = place_number(order[i],
			    (unsigned)(i - first) + 1);
	}
	mem_free(order);
	return err;
}

/* ---- numbered names ------------------------------------------------------ */

#define PLACE_NUMBER_MAX (1ULL << 40)

struct numbered {
	struct store *store;
	int64_t base_id;
	enum job_kind kind;
	const char *pattern; /* a name with a '#' in it */
	struct buf name, uri; /* with the number that was looked at last */
};

static int
numbered_there(void *arg, const struct document *document)
{
	(void)arg;
	(void)document;
	return 0;
}

/* Is there a document of the name with that number?  0, 1, or an error. */
static int
numbered_look(struct numbered *numbered, uint64_t number)
{
	const char *sign = strchr(numbered->pattern, '#');
	int err;

	buf_clear(&numbered->name);
	buf_clear(&numbered->uri);
	err = buf_printf(&numbered->name, "%.*s%llu%s",
	    (int)(sign - numbered->pattern), numbered->pattern,
	    (unsigned long long)number, sign + 1);
	if (err == 0)
		err = uri_put(numbered->kind, buf_text(&numbered->name),
		    &numbered->uri);
	if (err == 0)
		err = store_document_find(numbered->store, numbered->base_id,
		    buf_text(&numbered->uri), numbered_there, NULL);
	return err == 0 ? 1 : err == ERR_NOT_FOUND ? 0 : err;
}

/*
 * A number that is free, beside one that is not: doubled until a free one is
 * met, then halved, so that many documents cost few looks.
 */
static int
numbered_find(struct numbered *numbered)
{
	uint64_t taken = 0, open = 1, middle;
	int is = 1;

	for (; is == 1; open *= 2) {
		if (open > PLACE_NUMBER_MAX)
			return ERR_TOO_BIG;
		is = numbered_look(numbered, open);
		if (is == 0)
			break;
		taken = open;
	}
	while (is >= 0 && open - taken > 1) {
		middle = taken + (open - taken) / 2;
		is = numbered_look(numbered, middle);
		if (is == 1)
			taken = middle;
		else
			open = middle;
	}
	if (is >= 0)
		is = numbered_look(numbered, open);
	return is < 0 ? is : 0;
}

int
place_find_number(struct store *store, int64_t base_id,
    const struct put *put, enum job_kind kind, struct place *place)
{
	struct numbered numbered = {.store = store, .base_id = base_id,
	    .kind = kind, .pattern = put->name};
	int err;

	if (!put->is_numbered)
		return 0;
	/* The transaction may be applied again. */
	mem_free(place->name);
	mem_free(place->uri);
	place->name = place->uri = NULL;
	buf_init(&numbered.name, UPLOAD_NAME_BYTES_MAX);
	buf_init(&numbered.uri, URI_BYTES_MAX);
	err = numbered_find(&numbered);
	if (err == 0) {
		place->name = buf_take(&numbered.name);
		place->uri = buf_take(&numbered.uri);
		if (place->name == NULL || place->uri == NULL)
			err = ERR_NOMEM;
	}
	buf_fini(&numbered.name);
	buf_fini(&numbered.uri);
	return err;
}

void
places_free(struct puts *puts)
{
	size_t i;

	for (i = 0; puts->places != NULL && i < puts->count; i++) {
		mem_free(puts->places[i].uri);
		mem_free(puts->places[i].name);
	}
	mem_free(puts->places);
}

int
places_make(struct puts *puts, enum job_kind kind, struct err_note *note)
{
	size_t i;
	int err = 0;

	puts->places = mem_array(puts->count, sizeof(*puts->places));
	if (puts->places == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	memset(puts->places, 0, puts->count * sizeof(*puts->places));
	for (i = 0; err == 0 && i < puts->count; i++) {
		err = put_check(&puts->list[i], note);
		if (err < 0) {
			err_wrap(note, "documents[%zu]", i);
			return err;
		}
		err = place_uri(&puts->list[i], kind, &puts->places[i]);
	}
	if (err == 0)
		err = places_number(puts);
	return err < 0 ? err_set(note, err, "%s", err_text(err)) : 0;
}
