/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields: an instruction, which nobody sees, and its result, which is text.
 * They nest, and their parts are runs like any others, so that what is open is
 * a stack.
 */
#include <string.h>

#include "extractor/docx.h"
#include "extractor/xml.h"

static bool
is_page_number(const char *word)
{
	return strcmp(word, "PAGE") == 0 || strcmp(word, "NUMPAGES") == 0 ||
	    strcmp(word, "SECTION") == 0 || strcmp(word, "SECTIONPAGES") == 0;
}

void
docx_field(struct docx *docx, const struct xml_attributes *attributes)
{
	char type[16];
	unsigned top;

	(void)xml_attribute_copy(attributes, XML_NS_W, "fldCharType", type,
	    sizeof(type));
	if (strcmp(type, "begin") == 0) {
		docx->fields_open++;
		docx->choice = 0;
		docx->choices = 0;
		if (docx->fields_open <= DOCX_FIELDS_MAX)
			memset(&docx->fields[docx->fields_open - 1], 0,
			    sizeof(docx->fields[0]));
		return;
	}
	if (docx->fields_open == 0)
		return;
	top = docx->fields_open - 1;
	if (strcmp(type, "end") == 0) {
		docx->fields_open--;
	} else if (top < DOCX_FIELDS_MAX) {
		docx->fields[top].is_result = true;
		docx->fields[top].is_page_number =
		    is_page_number(docx->fields[top].words);
	}
}

/* The instruction is an attribute. */
void
docx_field_simple(struct docx *docx, const struct xml_attributes *attributes)
{
	char words[64], *word = words;

	(void)xml_attribute_copy(attributes, XML_NS_W, "instr", words,
	    sizeof(words));
	while (*word == ' ')
		word++;
	word[strcspn(word, " ")] = '\0';
	if (docx->is_in_header && is_page_number(word))
		docx->skip_depth = docx->depth;
}

/* The first word of a field's instruction, in whatever pieces. */
void
docx_field_instruction(struct docx *docx, const char *text, size_t len)
{
	char *words;
	size_t i, n;

	if (docx->fields_open == 0 || docx->fields_open > DOCX_FIELDS_MAX)
		return;
	words = docx->fields[docx->fields_open - 1].words;
	n = docx->fields[docx->fields_open - 1].len;
	for (i = 0; i < len && n + 1 < sizeof(docx->fields[0].words); i++) {
		if (text[i] == ' ' && n > 0) {
			n = sizeof(docx->fields[0].words) - 1;
		} else if (text[i] > ' ') {
			words[n++] = text[i];
			words[n] = '\0';
		}
	}
	docx->fields[docx->fields_open - 1].len = (uint8_t)n;
}

/* Is text here part of an instruction, or a header's page number? */
bool
docx_is_in_instruction(const struct docx *docx)
{
	unsigned i;

	for (i = 0; i < docx->fields_open && i < DOCX_FIELDS_MAX; i++)
		if (!docx->fields[i].is_result ||
		    (docx->is_in_header && docx->fields[i].is_page_number))
			return true;
	return false;
}

/* An instruction does not go on in the next paragraph: its field is damaged,
 * and must not hide the rest of the document. */
void
docx_fields_mend(struct docx *docx)
{
	unsigned i;

	for (i = 0; i < docx->fields_open && i < DOCX_FIELDS_MAX; i++)
		docx->fields[i].is_result = true;
}
