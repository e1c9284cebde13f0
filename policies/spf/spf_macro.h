/*
 * spf_macro.h - macro-strings of RFC 7208 7: their grammar, and their expansion into a domain name
 * or an explanation.
 *
 * Nothing here allocates, so that prefetching can expand on the resolver's thread. The time is
 * linear in what is read; a budget of work limits what many macros with long values can cost.
 */
#ifndef ASSAY_SPF_MACRO_H
#define ASSAY_SPF_MACRO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/domain.h"
#include "spf/spf_request.h"

enum {
	/* octets that the expansions of one evaluation may read and write */
	SPF_MACRO_WORK = 1 << 20,
	SPF_EXPLANATION_MAX = 2048
};

enum spf_macro_place {
	SPF_MACRO_IN_RECORD,     /* no space, none of c, r, t */
	SPF_MACRO_IN_EXPLANATION /* the text that exp= leads to */
};

/* What a macro-string uses. */
struct spf_macro_use {
	bool any;            /* a percent sign at all */
	bool validated_name; /* %{p} */
	bool local_part;     /* %{s}, %{l} */
	bool message; /* a macro other than %{d} and %{o}: its value depends on the message */
	/* where the text after the last macro-expand begins; the length if none follows */
	size_t literal_from;
	size_t wrong_at; /* the first octet that cannot be part of a macro-string */
};

/* Is the text a macro-string? */
bool spf_macro_check(const char *text, size_t length, enum spf_macro_place place,
                     struct spf_macro_use *use);

/* What macros stand for besides the request. */
struct spf_macro_values {
	const struct spf_request *request;
	const char *domain;    /* %{d}: whose record it is */
	const char *validated; /* %{p}; may be NULL where the text does not use it */
	/* what is left of SPF_MACRO_WORK; if it is 0 afterwards, the result must not be used */
	size_t *work;
};

/*
 * Expands a domain-spec that passed spf_macro_check(): lower case, without trailing dot, left
 * labels dropped down to DOMAIN_MAX (7.3). False if the result is not a name that could be looked
 * up: an empty or overlong label (RFC 7208 4.8), an octet that is not printable ASCII, %{s} or
 * %{l} of a local part that is not ASCII.
 */
bool spf_macro_name(const struct spf_macro_values *values, const char *spec, size_t length,
                    char name[DOMAIN_MAX + 1]);

/* The explanation as printable ASCII, cut at SPF_EXPLANATION_MAX; other octets from the sender
 * become "?". */
void spf_macro_explanation(const struct spf_macro_values *values, const char *text, size_t length,
                           char explanation[SPF_EXPLANATION_MAX + 1]);

#endif
