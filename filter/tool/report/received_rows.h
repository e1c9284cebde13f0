/*
 * received_rows.h - reports of others for scripts: JSON by the rows of field.h, and CSV.
 */
#ifndef ASSAY_RECEIVED_ROWS_H
#define ASSAY_RECEIVED_ROWS_H

#include "received/readiness.h"
#include "received/sources.h"
#include "tool/report/received_view.h"

/* A domain with what `assay report received` says of it. */
struct received_rows_domain {
	struct received_day total;
	struct readiness readiness;
	const char *policy;
};

struct received_rows {
	int64_t since, before;
	size_t domain_count;
	const struct received_rows_domain *domains;
	const struct received_days *days;
	const struct received_reporters *reporters;
	const struct received_tls *tls;
};

/* All of them end in a line feed. The arena is for the text alone. */
void received_rows_json(const struct received_rows *rows, struct arena *arena);
void received_rows_csv(const struct received_days *days);
void received_rows_sources_json(const struct sources *sources, struct arena *arena);
void received_rows_sources_csv(const struct sources *sources);

#endif
