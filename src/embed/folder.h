/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder: an embedder from a folder with a model, of whatever kind it is.
 *
 * Floor 3.
 */
#ifndef EMBED_FOLDER_H
#define EMBED_FOLDER_H

#include <stdbool.h>

struct embedder;
struct err_note;

enum folder_kind { FOLDER_STATIC, FOLDER_BERT };

/*
 * Open a folder as embed_static_new() or embed_bert_new() does: config.json, or
 * modules.json, says which of them.  is_int8 is refused for a static model.
 * Returns owned (embedder->close); errors as theirs.
 */
int embed_folder_new(const char *folder, bool is_int8,
    enum folder_kind *ret_kind, struct embedder **ret_embedder,
    struct err_note *note);

#endif
