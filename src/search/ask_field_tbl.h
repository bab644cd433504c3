/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask_field_tbl: what `field:` of a query may be, and of what it is.
 */
/* clang-format off */
/*        name     text       of what */
ASK_FIELD(TEXT,    "text",    ASK_OF_SEGMENT)
ASK_FIELD(SECTION, "section", ASK_OF_SEGMENT)  /* headings above it */
ASK_FIELD(KEYWORD, "keyword", ASK_OF_SEGMENT)  /* given to it by hand */
ASK_FIELD(NAME,    "name",    ASK_OF_DOCUMENT)
ASK_FIELD(TITLE,   "title",   ASK_OF_DOCUMENT) /* that its content says */
ASK_FIELD(TAG,     "tag",     ASK_OF_DOCUMENT) /* its keyphrases */
ASK_FIELD(URI,     "uri",     ASK_OF_DOCUMENT) /* its address */
/* clang-format on */
#undef ASK_FIELD
