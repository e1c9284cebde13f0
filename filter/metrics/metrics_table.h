/*
 * metrics_table.h - the table of all metrics: name, kind, help, labels, and the member of struct
 * facts. /metrics is written from it; a test compares contrib/prometheus/README.md, the dashboard
 * and the alerts with it.
 *
 * Names follow the conventions of Prometheus: base units, _total for what only grows. Values of
 * labels are from fixed lists or from the settings: nothing that a sender chooses becomes one.
 */
#ifndef ASSAY_METRICS_TABLE_H
#define ASSAY_METRICS_TABLE_H

#include <stddef.h>

enum metric_kind {
	METRIC_COUNTER,   /* unsigned long */
	METRIC_SECONDS,   /* a counter that is a double */
	METRIC_GAUGE,     /* unsigned long */
	METRIC_AMOUNT,    /* a gauge that is a double */
	METRIC_AGE,       /* a gauge: seconds since the time that a double has; 0 for none */
	METRIC_HISTOGRAM, /* struct histogram */
	METRIC_DOMAINS,   /* a double of each of facts.received.domains, which are the label */
	METRIC_BUILD      /* 1, with the version as a label */
};

enum {
	METRIC_LABELS = 2
};

struct metric {
	const char *name; /* NULL ends the table */
	enum metric_kind kind;
	/* In struct facts: a number for each combination of labels, in an array whose last index is
	 * the last label. */
	size_t offset;
	const char *help;
	struct {
		const char *name;         /* NULL: no label, or no further one */
		const char *const *names; /* of its values, ends with NULL */
	} labels[METRIC_LABELS];
};

extern const struct metric metrics_table[];

#endif
