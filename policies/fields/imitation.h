/*
 * imitation.h - text from a sender that reads like a result of this server.
 *
 * A reader that follows the grammar of RFC 8601 is not misled by "dmarc=pass" inside of a
 * quoted-string. Filters with regular expressions are, and people. So no text from
 * outside may hold NAME=VALUE with the name of a method or of a property.
 */
#ifndef ASSAY_IMITATION_H
#define ASSAY_IMITATION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Does an address hold the name of a method before a "=", or that of a property? "=" by itself is
 * common in local parts (bounce+anna=example.org@lists.example.com, SRS0=...). A method counts as a
 * word of its own, and at the end of one where the name of a result follows: "marc=example.org"
 * holds no result, "marc=pass" does.
 */
bool imitation_in_address(const char *address);

/* In a text for people: does the "=" at `equals` end a tag of one or two letters, as "t=y"? No name
 * of a method or of a property is as short. */
bool imitation_is_tag(const char *text, size_t equals);

#endif
