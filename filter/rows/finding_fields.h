/*
 * finding_fields.h - what was found about a message, and what follows from it, as rows of fields
 * (base/field.h). The keys are those of `assay check --json`: a contract with scripts.
 */
#ifndef ASSAY_FINDING_FIELDS_H
#define ASSAY_FINDING_FIELDS_H

#include "base/field.h"

/* Of struct findings. Those of author and dmarc count from there too: some of their members mean
 * something only where the message was judged. */
extern const struct field finding_fields_author[], finding_fields_dmarc[];

extern const struct field finding_fields_iprev[];     /* of struct iprev_finding */
extern const struct field finding_fields_spf[];       /* of struct spf_finding */
extern const struct field finding_fields_signature[]; /* of struct dkim_signature */
extern const struct field finding_fields_arc[];       /* of struct arc_finding */
extern const struct field finding_fields_sign[];      /* of struct sign_finding */
extern const struct field finding_fields_seal[];      /* of struct seal_finding */
extern const struct field finding_fields_step[];      /* of struct walk_step */
extern const struct field finding_fields_row[];       /* of struct report_row */

/* The rows of struct query_session_query (dns/query_session.h), for tables of those who know it. */
#define FINDING_FIELDS_QUERY                                                                       \
	{FIELD(FIELD_TEXT, struct query_session_query, name)},                                     \
	    {FIELD(FIELD_NAME, struct query_session_query, type), .names = record_type_names},     \
	    {FIELD(FIELD_NAME, struct query_session_query, status), .names = lookup_names},        \
	{                                                                                          \
		FIELD_AS("ms", FIELD_DECIMAL, struct query_session_query, milliseconds)            \
	}

#endif
