/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ooxml: what Word, PowerPoint and Excel packages have in common: the main
 * part, relations between parts, properties, and documents inside.
 */
#ifndef EXTRACTOR_OOXML_H
#define EXTRACTOR_OOXML_H

#include <stdbool.h>
#include <stddef.h>

struct emit;
struct err_note;
struct package;

/* Room for the name of a part and its terminating zero; a longer one is no
 * name that a program wrote. */
#define OOXML_NAME_SIZE 512u
#define OOXML_RELATIONS_MAX 200000u /* of one part */

/*
 * One relation.  type is the last component of the type's address, such as
 * "slide".  target is the name of a part, without a slash in front and with
 * every ".." resolved (none leads out of the package; the part may still be
 * missing), or as it stands when it is_external.  All are valid for the call
 * only.  A negative return stops.
 */
typedef int ooxml_relation_fn(void *arg, const char *id, const char *type,
    const char *target, bool is_external);

/*
 * The relations of part ("" is the package itself) in the order of their
 * list.  A part without a list has none: 0.  ERR_SYNTAX: the list is damaged;
 * ERR_TOO_BIG: more than OOXML_RELATIONS_MAX; what fn returned.
 */
int ooxml_relations_each(struct package *package, const char *part,
    ooxml_relation_fn *fn, void *arg, struct err_note *note);

/*
 * The name of the main part (the document, the presentation, the workbook),
 * which is there.  Packages whose labels are lost are searched for the usual
 * names.  ERR_SYNTAX: it has none.
 */
int ooxml_main_part(struct package *package, char *out, size_t size,
    struct err_note *note);

/* Emit what the package says of itself.  Missing and damaged parts are no
 * error; ERR_NOMEM or emit->err. */
int ooxml_properties(struct package *package, struct emit *emit,
    struct err_note *note);

/* A number that docProps/app.xml has, such as "Pages" or "Slides"; -1. */
long ooxml_app_number(struct package *package, const char *name);

/*
 * Emit the documents that are stored below folder ("word/embeddings/").  What
 * cannot be unpacked becomes a member with the reason.  Nothing when members
 * are not wanted.  emit->err, or ERR_NOMEM.  (ooxml_member.c)
 */
int ooxml_members(struct package *package, const char *folder,
    struct emit *emit, struct err_note *note);

/* One of them: the document in a compound file, or else the part. */
int ooxml_embedded(struct package *package, long index, struct emit *emit,
    struct err_note *note);

/* One part as it is, under the last component of its name, or under called
 * when that is not NULL. */
int ooxml_member(struct package *package, long index, const char *called,
    struct emit *emit, struct err_note *note);

#endif
