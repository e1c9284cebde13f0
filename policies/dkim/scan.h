/*
 * scan.h - finds the few octets of a body where something has to be done, sixteen octets at a time.
 * No state: any thread may call.
 */
#ifndef ASSAY_SCAN_H
#define ASSAY_SCAN_H

#include <stddef.h>

/* Where the first LF is that does not follow a CR, from `from` on (at least 1, so that there is an
 * octet before it); `length` if there is none. */
size_t scan_bare_feed(const unsigned char *bytes, size_t from, size_t length);

/*
 * How many octets from the first on stand in relaxed form as they are, whatever follows them, up to
 * one that has to be looked at: a tab, a blank or an LF before white space or a control character,
 * or the last octet. The first octet is text, and each LF follows a CR. A CRLF that has to be
 * looked at is not counted.
 */
size_t scan_relaxed(const unsigned char *bytes, size_t length);

#endif
