/* SPDX-License-Identifier: Apache-2.0 */
#include <unicode/uchar.h>

#include "base/utf8.h"
#include "embed/tokenizer_int.h"

uint32_t
char_at_slow(const char *text, size_t len, size_t *ret_step)
{
	uint32_t c = utf8_decode(text, len, ret_step);

	return c == UTF8_BAD ? 0xFFFD : c;
}

unsigned
char_classes(uint32_t c)
{
	uint32_t mask = U_GET_GC_MASK((UChar32)c);
	unsigned classes = 0;

	if (u_isUWhiteSpace((UChar32)c))
		classes |= CHAR_SPACE;
	/* All of ASCII's signs are punctuation here, also "$" and "+". */
	if ((mask & U_GC_P_MASK) != 0 ||
	    (c < 0x80 && (mask & U_GC_S_MASK) != 0))
		classes |= CHAR_PUNCT;
	if ((mask & U_GC_L_MASK) != 0)
		classes |= CHAR_LETTER;
	if ((mask & U_GC_N_MASK) != 0)
		classes |= CHAR_NUMBER;
	if ((mask & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0 ||
	    u_hasBinaryProperty((UChar32)c, UCHAR_ALPHABETIC) ||
	    u_hasBinaryProperty((UChar32)c, UCHAR_JOIN_CONTROL))
		classes |= CHAR_WORD;
	return classes;
}
