/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types_tbl: what an entity can be.
 *
 * In order: where a text speaks as much for one type as for another, the one
 * that stands first is taken.  Values may be stored: append, never renumber.
 */
/* clang-format off */
/*         name         value  as shown */
GRAPH_TYPE(PERSON,          1, "Person")
GRAPH_TYPE(ORGANIZATION,    2, "Organization")
GRAPH_TYPE(PLACE,           3, "Place")
GRAPH_TYPE(DATE,            4, "Date")
GRAPH_TYPE(AMOUNT,          5, "Amount")
GRAPH_TYPE(EVENT,           6, "Event")
GRAPH_TYPE(WORK,            7, "Work")
GRAPH_TYPE(PRODUCT,         8, "Product")
GRAPH_TYPE(IDENTIFIER,      9, "Identifier")
GRAPH_TYPE(CONCEPT,        10, "Concept")
/* clang-format on */
#undef GRAPH_TYPE
