/*
 * wire.h - what the confined process says to the one that started it (reader.h): lines of texts
 * with tabs between, a letter first. The rows say once what a line holds; take_*.c write by them
 * and collect.c reads by them.
 *
 * Texts have no control characters, so tabs and line ends need no escapes; "" is NULL. Lines come
 * in this order: a mail's own facts, then of each report its records or policies, its repairs, and
 * its head, which ends it; between reports a reason for each part that could not be read; at last
 * the end, without which nothing counts.
 */
#ifndef ASSAY_WIRE_H
#define ASSAY_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WIRE_LINE_MAX = 65536, /* octets of a line */
	WIRE_SIGNATURES_MAX = 50,
	WIRE_POLICIES_MAX = 1000,  /* of a TLS report */
	WIRE_FAILURES_MAX = 10000, /* of a policy */
	WIRE_REPAIRS_MAX = 30
};

enum wire_letter {
	WIRE_MAIL = 'M',
	WIRE_RESULTS = 'A', /* one Authentication-Results value */
	WIRE_RECORD = 'R',
	WIRE_SIGNATURE = 'S', /* of the record before it */
	WIRE_POLICY = 'P',
	WIRE_FAILURE = 'F', /* of the policy before it */
	WIRE_REPAIR = 'N',
	WIRE_HEAD = 'H',
	WIRE_REASON = 'U',
	WIRE_DROP = 'D', /* the report under way is none: forget what came of it */
	WIRE_END = 'Z'
};

enum wire_type {
	WIRE_TEXT,
	WIRE_DOMAIN,  /* a text that is a domain in internal form */
	WIRE_ADDRESS, /* a text as address_print() writes it */
	WIRE_WORD,    /* a text that is one of `names` */
	WIRE_KIND,    /* enum received_kind */
	WIRE_NUMBER,  /* int64_t, `min` to `max` */
	WIRE_FLAG     /* bool */
};

struct wire_row {
	bool used; /* false ends the rows */
	enum wire_type type;
	bool needed; /* not NULL */
	size_t offset;
	const char *const *names;
	int64_t min, max;
};

/* A single text. */
struct wire_text {
	const char *text;
};

/* The rows of a line; NULL for a letter that none begins with. WIRE_MAIL: of struct reader_mail,
 * WIRE_HEAD: of struct received_report, WIRE_RECORD and others: of the structs of
 * received_report.h, else of struct wire_text. */
const struct wire_row *wire_rows(char letter);

/* Where the octets go. */
struct wire {
	void (*put)(void *context, const char *bytes, size_t length);
	void *context;
	size_t length;
	char waiting[WIRE_LINE_MAX];
};

/* A line is written as a whole; what the rows do not allow is an invariant. */
void wire_write(struct wire *wire, char letter, const void *object);
void wire_flush(struct wire *wire);

#endif
