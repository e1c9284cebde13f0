/*
 * histogram.c - durations sorted into buckets. One set of bounds for all: from a message with
 * everything in the cache (half a millisecond) to the time that a message may wait for DNS.
 */
#include "base/histogram.h"

const double histogram_bounds[HISTOGRAM_BOUNDS] = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
const char *const histogram_bound_names[HISTOGRAM_BOUNDS] = {
    "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1",
    "0.25",   "0.5",   "1",      "2.5",   "5",    "10",    "30"};

static const unsigned long microsecond_bounds[HISTOGRAM_BOUNDS] = {
    500,    1000,   2500,    5000,    10000,   25000,    50000,   100000,
    250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000};

size_t histogram_bucket(unsigned long microseconds)
{
	size_t bucket = 0;

	while (bucket < HISTOGRAM_BOUNDS && microseconds > microsecond_bounds[bucket])
		bucket++;
	return bucket;
}

unsigned long histogram_count(const struct histogram *histogram)
{
	unsigned long count = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		count += histogram->buckets[i];
	return count;
}

double histogram_quantile(const struct histogram *histogram, double share)
{
	double rank = share * (double)histogram_count(histogram);
	double below = 0;

	if (rank <= 0)
		return 0;
	for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
		double here = (double)histogram->buckets[i];
		double lower = i == 0 ? 0 : histogram_bounds[i - 1];

		if (here > 0 && below + here >= rank)
			return lower + (histogram_bounds[i] - lower) * (rank - below) / here;
		below += here;
	}
	return histogram_bounds[HISTOGRAM_BOUNDS - 1];
}
