/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes of data sources.  Adding one indexes nothing: a job is started
 * for that.  Another way of cutting takes effect with the next job, which sees
 * that the source's documents are not as they should be.
 */
#include <stdlib.h>
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_chunking.h"
#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_jobs.h"
#include "api/digitalocean/digitalocean_source.h"
#include "engine/sources.h"

/* ---- one in an answer --------------------------------------------------- */

struct writing {
	struct http_request *request;
	struct store *reader;
	struct jsonw *w;
};

static int
write_source(void *arg, const struct source *source)
{
	const struct writing *writing = arg;

	return do_write_source(writing->request, writing->reader, source,
	    writing->w);
}

static int
reply_source(struct http_request *request, struct http_reply *reply,
    const struct uuid *base_uuid, const struct uuid *uuid)
{
	struct writing writing = {.request = request};
	struct do_base base;
	int err;

	err = http_begin(request, &writing.reader);
	if (err < 0)
		return err;
	err = do_base_load(request, writing.reader, base_uuid, &base);
	if (err == 0) {
		writing.w = do_json(request, reply);
		jsonw_object(writing.w);
		jsonw_name(writing.w, "knowledge_base_data_source");
		err = store_source_find(writing.reader, base.id, uuid,
		    write_source, &writing);
		jsonw_object_end(writing.w);
		do_base_close(&base);
	}
	return http_end(request, writing.reader, err);
}

/* ---- adding ------------------------------------------------------------- */

/* Is there such a base? */
static int
check_base(struct http_request *request, const struct uuid *uuid)
{
	struct store *reader;
	struct do_base base;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = do_base_load(request, reader, uuid, &base);
	if (err == 0)
		do_base_close(&base);
	return err;
}

int
do_source_add(struct http_request *request, const struct uuid *base,
    const struct do_source_input *input, struct uuid *ret_source)
{
	const struct source_request source = {.kind = input->kind,
	    .name = input->name, .config = input->config,
	    .secret = input->secret, .settings = input->settings};
	int err;

	err = engine_source_add(request->engine, request->caller.account_id,
	    base, &source, ret_source, &request->note);
	/* The base was there a moment ago: what is not is an argument. */
	if (err == ERR_NOT_FOUND)
		err = err_set(&request->note, ERR_INVALID,
		    "nothing has been uploaded under this "
		    "stored_object_key");
	return err;
}

int
do_add_source(struct http_request *request, struct http_reply *reply)
{
	const struct uuid *base = &request->params[0].uuid;
	struct do_source_input input = {.name = NULL};
	struct uuid uuid;
	const json_t *body;
	int err;

	err = check_base(request, base);
	if (err == 0)
		err = do_body(request, &body);
	if (err == 0)
		err = do_source_read(body, &input, &request->note);
	if (err == 0)
		err = do_source_add(request, base, &input, &uuid);
	do_source_input_fini(&input);
	return err < 0 ? err : reply_source(request, reply, base, &uuid);
}

/* ---- listing ------------------------------------------------------------ */

static int
list(struct writing *writing, const struct do_base *base,
    const struct do_page *page, struct http_reply *reply)
{
	uint64_t total;
	int err;

	err = store_sources_count(writing->reader, base->id, &total);
	if (err < 0)
		return err;
	writing->w = do_json(writing->request, reply);
	jsonw_object(writing->w);
	jsonw_name(writing->w, "knowledge_base_data_sources");
	jsonw_array(writing->w);
	err = store_sources_page(writing->reader, base->id, page->offset,
	    page->limit, write_source, writing);
	jsonw_array_end(writing->w);
	do_page_write(writing->request, writing->w, page, total);
	jsonw_object_end(writing->w);
	return err;
}

int
do_list_sources(struct http_request *request, struct http_reply *reply)
{
	struct writing writing = {.request = request};
	struct do_base base;
	struct do_page page;
	int err;

	err = do_page_read(request, &page);
	if (err == 0)
		err = http_begin(request, &writing.reader);
	if (err < 0)
		return err;
	err = do_base_load(request, writing.reader,
	    &request->params[0].uuid, &base);
	if (err == 0) {
		err = list(&writing, &base, &page, reply);
		do_base_close(&base);
	}
	return http_end(request, writing.reader, err);
}

/* ---- changing ----------------------------------------------------------- */

/* A source's settings with what the body says of chunking. */
struct change {
	const json_t *body;
	struct err_note *note;
	char *settings; /* owned (free) */
};

static int
change_settings(void *arg, const struct source *source)
{
	struct change *change = arg;
	struct do_chunking chunking;
	json_t *settings, *own = NULL;
	int err;

	settings = json_loads(source->settings, 0, NULL);
	if (!json_is_object(settings)) {
		json_decref(settings);
		settings = json_object();
	}
	if (settings != NULL)
		own = do_settings(settings);
	if (own == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	do_chunking_load(own, &chunking);
	err = do_chunking_change(&chunking, change->body, change->note);
	if (err == 0)
		err = do_chunking_store(&chunking, settings, own);
	if (err == 0) {
		change->settings = json_dumps(settings, JSON_COMPACT);
		err = change->settings == NULL ? ERR_NOMEM : 0;
	}
out:
	json_decref(settings);
	return err;
}

static int
change_read(struct http_request *request, struct change *change)
{
	struct store *reader;
	struct do_base base;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = do_base_load(request, reader, &request->params[0].uuid,
		    &base);
	if (err < 0)
		return err;
	err = store_source_find(reader, base.id, &request->params[1].uuid,
	    change_settings, change);
	do_base_close(&base);
	return err;
}

int
do_update_source(struct http_request *request, struct http_reply *reply)
{
	const struct uuid *base = &request->params[0].uuid;
	const struct uuid *uuid = &request->params[1].uuid;
	struct change change = {.note = &request->note};
	struct source_request source = {.kind = SOURCE_UPLOAD};
	int err;

	err = do_body(request, &change.body);
	if (err == 0)
		err = change_read(request, &change);
	source.settings = change.settings;
	if (err == 0)
		err = engine_source_change(request->engine,
		    request->caller.account_id, base, uuid, &source,
		    &request->note);
	free(change.settings);
	return err < 0 ? err : reply_source(request, reply, base, uuid);
}

/* ---- deleting ----------------------------------------------------------- */

int
do_delete_source(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w;
	int err;

	err = engine_source_delete(request->engine,
	    request->caller.account_id, &request->params[0].uuid,
	    &request->params[1].uuid, &request->note);
	if (err == ERR_CONFLICT)
		return do_refuse(request, reply, 400, "failed_precondition",
		    "an indexing job is running on this data source; cancel "
		    "the job or wait for its end");
	if (err < 0)
		return err;
	w = do_json(request, reply);
	jsonw_object(w);
	jsonw_nstring(w, "data_source_uuid", request->params[1].text);
	jsonw_nstring(w, "knowledge_base_uuid", request->params[0].text);
	jsonw_object_end(w);
	return 0;
}
