/*
 * received_spf_reader.h - whose is a Received-SPF field (RFC 7208 9.1) that a message brings along?
 */
#ifndef ASSAY_RECEIVED_SPF_READER_H
#define ASSAY_RECEIVED_SPF_READER_H

#include <stdbool.h>

#include "base/arena.h"

/*
 * Could a reader take this value, which came from outside, for our own? So it is where it names our
 * server, in receiver= or anywhere else, and where it does not name exactly one receiver. Fields of
 * servers that handed the message on, by RFC 7208 9.1 or by the sloppier grammar of common writers,
 * are told apart.
 */
bool received_spf_reader_is_forged(const char *value, const char *receiver, struct arena *arena);

#endif
