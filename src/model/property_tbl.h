/* SPDX-License-Identifier: Apache-2.0 */
/*
 * property_tbl: what documents say about themselves, beside title, language
 * and number of pages, which have places of their own.
 *
 * Values are sent by the extractor: append, never renumber.  The names are
 * keys of a document's metadata.
 */
/* clang-format off */
/*       id           value name           what it holds */
PROPERTY(AUTHOR,       1,   "author")      /* names, "; " between them */
PROPERTY(SUBJECT,      2,   "subject")
PROPERTY(KEYWORDS,     3,   "keywords")
PROPERTY(DESCRIPTION,  4,   "description")
PROPERTY(CATEGORY,     5,   "category")
PROPERTY(PUBLISHER,    6,   "publisher")
PROPERTY(GENERATOR,    7,   "generator")   /* the program that wrote it */
PROPERTY(CREATED,      8,   "created_at")  /* RFC 3339, UTC */
PROPERTY(MODIFIED,     9,   "modified_at") /* RFC 3339, UTC */
PROPERTY(FROM,        10,   "from")        /* of a mail */
PROPERTY(TO,          11,   "to")
PROPERTY(CC,          12,   "cc")
PROPERTY(SENT,        13,   "sent_at")     /* RFC 3339, UTC */
PROPERTY(MESSAGE_ID,  14,   "message_id")
/* clang-format on */
#undef PROPERTY
