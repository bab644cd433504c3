/* SPDX-License-Identifier: Apache-2.0 */
/*
 * models: the services that the settings name, checked before anything
 * starts.
 */
#ifndef CMD_MODELS_H
#define CMD_MODELS_H

struct err_note;
struct settings;

struct models {
	const char *chat_url; /* the settings' own; NULL: no chat model */
	const char *chat_model;
	char *chat_key; /* NULL: none */
	const char *rerank_url; /* likewise; NULL: no reranking service */
	const char *rerank_model;
	char *rerank_key;
	const char *embedding_folder; /* NULL: no model in a folder */
	const char *embedding_url; /* likewise; NULL: no such service */
	const char *embedding_model;
	char *embedding_key;
};

/*
 * Take the services out of settings, which must outlive *ret_models, and
 * their keys out of their files.  ERR_INVALID names the setting and what is
 * wrong; ERR_NOMEM.  Freed with models_fini().
 */
int models_read(const struct settings *settings, struct models *ret_models,
    struct err_note *note);
void models_fini(struct models *models);

#endif
