/*
 * results_field.h - the text of one Authentication-Results value: quoting, comments, folding (RFC
 * 8601 2.2).
 *
 * Whatever the arguments hold, the value stays one field with the results that were asked for: no
 * line end but a fold, no control character, no octet beyond ASCII, and no character that ends a
 * token outside of quotes.
 */
#ifndef ASSAY_RESULTS_FIELD_H
#define ASSAY_RESULTS_FIELD_H

#include "base/arena.h"

struct results_field;

struct results_field *results_field_begin(struct arena *arena, const char *authserv_id);

/* Begins a result. `method` and `result` are literals. */
void results_field_method(struct results_field *field, const char *method, const char *result);

/* Then, in this order and each as needed. In texts a few characters are replaced; a value stays as
 * it is, or is left out where field_text.h does not call it plain. */
void results_field_comment(struct results_field *field, const char *text);
void results_field_own_comment(struct results_field *field,
                               const char *text); /* nothing from outside */
void results_field_reason(struct results_field *field, const char *text);
void results_field_value(struct results_field *field, const char *property, const char *value);

/* An address or "@" and a domain: unquoted where it is one. */
void results_field_address(struct results_field *field, const char *property, const char *address);

/* In the field's arena. */
const char *results_field_format(struct results_field *field, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "none" where there was no result. */
const char *results_field_finish(struct results_field *field);

#endif
