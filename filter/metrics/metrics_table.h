/*
 * metrics_table.h - the one table of all metrics: names, kinds, help, labels, and where the number
 * stands in struct facts. /metrics is written from it; contrib/prometheus/README.md and the
 * dashboard are compared with that.
 *
 * Names follow the conventions of Prometheus: base units, _total for what only grows. Labels have
 * words from a fixed list: nothing that a sender chooses becomes one.
 */
#ifndef ASSAY_METRICS_TABLE_H
#define ASSAY_METRICS_TABLE_H

#include <stddef.h>

enum metric_kind {
	METRIC_COUNTER, /* unsigned long */
	METRIC_SECONDS, /* a counter that is a double */
	METRIC_GAUGE,   /* unsigned long */
	METRIC_AMOUNT,  /* a gauge that is a double */
	METRIC_AGE, /* a gauge: seconds since the moment that a double tells; 0 where there is none
	             */
	METRIC_HISTOGRAM, /* struct histogram */
	METRIC_BUILD      /* 1, with the version as a label */
};

enum {
	METRIC_LABELS = 2
};

struct metric {
	const char *name; /* NULL ends the table */
	enum metric_kind kind;
	size_t offset; /* in struct facts: one number for each combination of labels, the last
	                  varies first */
	const char *help;
	struct {
		const char *name; /* NULL: no (further) label */
		const char *const *names;
	} labels[METRIC_LABELS];
};

extern const struct metric metrics_table[];

#endif
