/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes of indexing jobs.
 *
 * Ids are opaque to clients and come with all sorts of characters in them,
 * also quotes: what is no uuid is no job.
 */
#include <string.h>

#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_view.h"

int
do_get_job(struct http_request *request, struct http_reply *reply)
{
	const char *text = request->params[0].text;
	struct store *reader;
	struct uuid uuid;
	struct jsonw *w;
	struct job job;
	int err;

	if (uuid_parse(text, strlen(text), &uuid) < 0)
		return ERR_NOT_FOUND;
	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	err = engine_job_get(request->engine, reader,
	    request->caller.account_id, &uuid, &job);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_name(w, "job");
	do_write_job(w, &job);
	jsonw_object_end(w);
	http_reply_keep_job(reply, &job);
	return 0;
}
