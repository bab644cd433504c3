/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/webhook_int.h"

static void *
bytes_copy(const void *bytes, size_t len)
{
	void *copy;

	/* One more: none of no bytes is NULL. */
	copy = mem_alloc(len + 1);
	if (copy != NULL && len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

int
webhook_copy_take(void *arg, const struct webhook *webhook)
{
	struct webhook_copy *copy = arg;

	*copy = (struct webhook_copy){.row = *webhook,
	    .url = mem_strdup(webhook->url),
	    .description = mem_strdup(webhook->description),
	    .bases = mem_strdup(webhook->bases),
	    .settings = mem_strdup(webhook->settings),
	    .secret = bytes_copy(webhook->secret, webhook->secret_len)};
	if (webhook->old_secret != NULL)
		copy->old_secret = bytes_copy(webhook->old_secret,
		    webhook->old_secret_len);
	if (copy->url == NULL || copy->description == NULL ||
	    copy->bases == NULL || copy->settings == NULL ||
	    copy->secret == NULL ||
	    (webhook->old_secret != NULL && copy->old_secret == NULL)) {
		webhook_copy_fini(copy);
		return ERR_NOMEM;
	}
	copy->row.url = copy->url;
	copy->row.description = copy->description;
	copy->row.bases = copy->bases;
	copy->row.settings = copy->settings;
	copy->row.secret = copy->secret;
	copy->row.old_secret = copy->old_secret;
	return 0;
}

void
webhook_copy_fini(struct webhook_copy *copy)
{
	mem_free(copy->url);
	mem_free(copy->description);
	mem_free(copy->bases);
	mem_free(copy->settings);
	mem_free(copy->secret);
	mem_free(copy->old_secret);
	*copy = (struct webhook_copy){.url = NULL};
}
