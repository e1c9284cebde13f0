/*
 * gzip.h - bytes compressed as they come (RFC 1952), into memory. The same bytes give the same
 * result: no time, no name is in it.
 */
#ifndef ASSAY_GZIP_H
#define ASSAY_GZIP_H

#include <stdbool.h>
#include <stddef.h>

struct gzip;

struct gzip *gzip_new(void); /* NULL: no memory */
void gzip_free(struct gzip *gzip);

/* False: no memory, or the result is too large. */
bool gzip_add(struct gzip *gzip, const char *bytes, size_t length);

/* The last word; the result belongs to the gzip. */
bool gzip_finish(struct gzip *gzip, const unsigned char **bytes, size_t *length);

/* How many octets there are so far; some more are on their way. */
size_t gzip_length(const struct gzip *gzip);

/* The version of zlib that runs. */
void gzip_version(char *text, size_t room);

#endif
