/*
 * histogram.h - durations sorted into buckets, for everything that is measured in seconds.
 *
 * Who measures keeps the numbers (metrics.c for messages, dns/resolver.c for lookups);
 * metrics_text.c writes them, history.c and status_text.c ask for quantiles.
 */
#ifndef ASSAY_HISTOGRAM_H
#define ASSAY_HISTOGRAM_H

#include <stddef.h>

enum {
	HISTOGRAM_BOUNDS = 15,
	HISTOGRAM_BUCKETS = HISTOGRAM_BOUNDS + 1 /* the last has no upper bound */
};

struct histogram {
	unsigned long buckets[HISTOGRAM_BUCKETS]; /* each counted alone, not added up */
	unsigned long microseconds;               /* of all together */
};

/* Upper bounds in seconds, as numbers and as they are written. */
extern const double histogram_bounds[HISTOGRAM_BOUNDS];
extern const char *const histogram_bound_names[HISTOGRAM_BOUNDS];

/* Which bucket a duration belongs to: the first whose bound is not below it. */
size_t histogram_bucket(unsigned long microseconds);

/* How many there are in all. */
unsigned long histogram_count(const struct histogram *histogram);

/*
 * The duration in seconds that the given share (0 to 1) stays below, as far as the buckets tell: in
 * between their bounds it is spread evenly. 0 for an empty histogram; beyond the last bound that
 * bound.
 */
double histogram_quantile(const struct histogram *histogram, double share);

#endif
