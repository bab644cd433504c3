/* SPDX-License-Identifier: Apache-2.0 */
/*
 * labels_tbl: how two entities can be linked, beside "mentioned_with" and
 * what a text itself calls it ("capital_of").
 *
 * dated and placed: the label when the object is a date, or when it is only
 * the place of it ("founded in Berlin"); NULL: there is none.  Both are of
 * what is acted upon; a label that is not transitive acts upon its subject.
 * subject and object are the types that the label makes likely.
 */
/* clang-format off */
/*    name        as shown             dated          placed          transitive  subject       object */
LABEL(IS_A,       "is_a",              NULL,          NULL,           false,      CONCEPT,      CONCEPT)
LABEL(FOUNDED,    "founded",           "founded_on",  "founded_in",   true,       PERSON,       ORGANIZATION)
LABEL(ACQUIRED,   "acquired",          "acquired_on", NULL,           true,       ORGANIZATION, ORGANIZATION)
LABEL(MERGED,     "merged_with",       NULL,          NULL,           false,      ORGANIZATION, ORGANIZATION)
LABEL(OWNS,       "owns",              NULL,          NULL,           true,       ORGANIZATION, ORGANIZATION)
LABEL(WORKS_AT,   "works_at",          NULL,          NULL,           false,      PERSON,       ORGANIZATION)
LABEL(LEADS,      "leads",             NULL,          NULL,           true,       PERSON,       ORGANIZATION)
LABEL(STUDIED_AT, "studied_at",        NULL,          NULL,           false,      PERSON,       ORGANIZATION)
LABEL(LIVES_IN,   "lives_in",          NULL,          NULL,           false,      PERSON,       PLACE)
LABEL(BORN,       "born_in",           "born_on",     "born_in",      false,      PERSON,       PLACE)
LABEL(DIED,       "died_in",           "died_on",     "died_in",      false,      PERSON,       PLACE)
LABEL(LOCATED,    "located_in",        NULL,          "located_in",   false,      CONCEPT,      PLACE)
LABEL(HELD,       "held_in",           "held_on",     "held_in",      false,      EVENT,        PLACE)
LABEL(MARRIED,    "married_to",        "married_on",  NULL,           false,      PERSON,       PERSON)
LABEL(WROTE,      "created",           "created_on",  NULL,           true,       PERSON,       WORK)
LABEL(MADE,       "developed",         "developed_on", "developed_in", true,      ORGANIZATION, PRODUCT)
LABEL(DISCOVERED, "discovered",        "discovered_on", "discovered_in", true,    PERSON,       CONCEPT)
LABEL(WON,        "received",          NULL,          NULL,           false,      PERSON,       CONCEPT)
LABEL(PART_OF,    "part_of",           NULL,          NULL,           false,      CONCEPT,      CONCEPT)
LABEL(MEMBER_OF,  "member_of",         NULL,          NULL,           false,      CONCEPT,      ORGANIZATION)
LABEL(MET,        "met",               NULL,          NULL,           false,      PERSON,       PERSON)
/* clang-format on */
#undef LABEL
