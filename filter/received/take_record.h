/*
 * take_record.h - what the texts of an aggregate report mean, record by record: between
 * take_aggregate.c, which finds them, and the wire.
 */
#ifndef ASSAY_TAKE_RECORD_H
#define ASSAY_TAKE_RECORD_H

#include "received/take_parts.h"

/* The texts of a report, of a record, and of parts of it, cleaned; NULL: not there. */
struct aggregate_texts {
	const char *organization, *email, *report_id, *begin, *end, *generator;
	const char *domain, *p, *sp, *np, *adkim, *aspf, *pct, *fo, *testing, *discovery;
	const char *source, *count, *disposition, *dkim, *spf;
	const char *reason, *comment, *header_from, *envelope_from, *envelope_to;
	const char *spf_domain, *spf_scope, *spf_result;
	const char *dkim_domain, *dkim_selector, *dkim_result;
};

/* What is wrong with records, or with the whole: said once, with a number where it is one. */
enum aggregate_repair {
	REPAIR_SOURCE,
	REPAIR_COUNT,
	REPAIR_COUNT_LARGE,
	REPAIR_HARDFAIL,
	REPAIR_CASE,
	REPAIR_REASON,
	REPAIR_DISPOSITION,
	REPAIR_DOMAIN,
	REPAIR_SIGNATURES,
	REPAIR_TEXT,
	REPAIRS
};

/* One report, as far as it was read. */
struct take_record {
	struct take *take;
	struct arena *arena; /* of the record; reset with each one */
	struct aggregate_texts texts;
	unsigned long wrong[REPAIRS]; /* how often */
	size_t signature_count;
	struct received_signature signatures[WIRE_SIGNATURES_MAX];
};

/* Forgets the record, and what belongs to it in the texts. */
void take_record_clear(struct take_record *record);

/* A reason, or a dkim element, is over. `mixed` is text that stands in the reason itself. */
void take_record_reason(struct take_record *record, const char *mixed);
void take_record_signature(struct take_record *record);

/* Writes the record with its signatures. False: it is left out. */
bool take_record_write(struct take_record *record);

/* Says what was wrong with all records. */
void take_record_repairs(const struct take_record *record, unsigned *repairs);

#endif
