/*
 * xml_text.h - outside text made legal for XML 1.0: what the grammar has no place for becomes "?".
 */
#ifndef ASSAY_XML_TEXT_H
#define ASSAY_XML_TEXT_H

#include "base/arena.h"

/*
 * The string itself where it is well-formed UTF-8 of characters that XML 1.0 knows (its production
 * Char), else a copy in which every other octet is "?". CR does not count as one: readers turn it
 * into LF. Escaping of markup is the writer's.
 */
const char *xml_text_legal(struct arena *arena, const char *string);

#endif
