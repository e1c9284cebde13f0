/*
 * received_spf_reader.h - which server a Received-SPF field (RFC 7208 9.1) claims to be from.
 */
#ifndef ASSAY_RECEIVED_SPF_READER_H
#define ASSAY_RECEIVED_SPF_READER_H

#include <stdbool.h>

#include "base/arena.h"

/*
 * Could a reader take this value, which came from outside, for our own? It could if it names this
 * server, in receiver= or anywhere else, or does not name exactly one receiver. Fields of earlier
 * servers, by RFC 7208 9.1 or by the looser grammar of common software, are recognized.
 */
bool received_spf_reader_is_forged(const char *value, const char *receiver, struct arena *arena);

#endif
