/*
 * metrics_text.c - writes the page /metrics from the facts and the table of metrics. Called by
 * monitoring/pages.c.
 */
#include "metrics/metrics_text.h"

#include "base/invariant.h"
#include "base/text.h"
#include "metrics/metrics_table.h"

enum {
	PAGE_MAX = 256 * 1024 /* ten times what it needs */
};

static const char *const kind_text[] = {
    [METRIC_COUNTER] = "counter", [METRIC_SECONDS] = "counter", [METRIC_GAUGE] = "gauge",
    [METRIC_AMOUNT] = "gauge",    [METRIC_AGE] = "gauge",       [METRIC_HISTOGRAM] = "histogram",
    [METRIC_DOMAINS] = "gauge",   [METRIC_BUILD] = "gauge"};

static size_t count_names(const char *const *names)
{
	size_t count = 0;

	while (names != NULL && names[count] != NULL)
		count++;
	return names == NULL ? 1 : count;
}

static double age(double now, double moment)
{
	return moment <= 0 || now < moment ? 0 : now - moment;
}

static void add_value(struct text *page, const struct metric *metric, const struct facts *facts,
                      size_t index)
{
	const char *member = (const char *)facts + metric->offset;
	const unsigned long *whole = (const void *)member;
	const double *real = (const void *)member;

	if (metric->kind == METRIC_COUNTER || metric->kind == METRIC_GAUGE ||
	    metric->kind == METRIC_BUILD)
		text_add_format(page, " %lu\n", whole[index]);
	else if (metric->kind == METRIC_AGE)
		text_add_format(page, " %.15g\n", age(facts->now, real[index]));
	else
		text_add_format(page, " %.15g\n", real[index]);
}

static void add_series(struct text *page, const struct metric *metric, const struct facts *facts,
                       size_t first, size_t second, size_t index)
{
	text_add(page, metric->name);
	if (metric->kind == METRIC_BUILD)
		text_add(page, "{version=\"" VERSION "\"}");
	if (metric->labels[0].name != NULL)
		text_add_format(page, "{%s=\"%s\"", metric->labels[0].name,
		                metric->labels[0].names[first]);
	if (metric->labels[1].name != NULL)
		text_add_format(page, ",%s=\"%s\"", metric->labels[1].name,
		                metric->labels[1].names[second]);
	if (metric->labels[0].name != NULL)
		text_add(page, "}");
	add_value(page, metric, facts, index);
}

static void add_all_series(struct text *page, const struct metric *metric,
                           const struct facts *facts)
{
	size_t outer = count_names(metric->labels[0].names),
	       inner = count_names(metric->labels[1].names);

	for (size_t first = 0; first < outer; first++)
		for (size_t second = 0; second < inner; second++)
			add_series(page, metric, facts, first, second, first * inner + second);
}

static void add_domains(struct text *page, const struct metric *metric, const struct facts *facts)
{
	for (size_t i = 0; i < facts->reported.domain_count; i++) {
		const struct facts_reported_domain *domain = &facts->reported.domains[i];
		const double *value = (const void *)((const char *)domain + metric->offset);

		text_add_format(page, "%s{domain=\"%s\"} %.15g\n", metric->name, domain->domain,
		                *value);
	}
}

static void add_histogram(struct text *page, const char *name, const struct histogram *histogram)
{
	unsigned long below = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += histogram->buckets[i];
		text_add_format(page, "%s_bucket{le=\"%s\"} %lu\n", name,
		                i < HISTOGRAM_BOUNDS ? histogram_bound_names[i] : "+Inf", below);
	}
	text_add_format(page, "%s_sum %.15g\n%s_count %lu\n", name,
	                (double)histogram->microseconds / 1e6, name, below);
}

const char *metrics_text(const struct facts *facts, struct arena *arena)
{
	struct text page;

	text_begin(&page, arena, PAGE_MAX);
	for (const struct metric *metric = metrics_table; metric->name != NULL; metric++) {
		invariant(metric->kind <= METRIC_BUILD && metric->offset < sizeof *facts);
		text_add_format(&page, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
		                metric->name, kind_text[metric->kind]);
		if (metric->kind == METRIC_HISTOGRAM)
			add_histogram(&page, metric->name,
			              (const void *)((const char *)facts + metric->offset));
		else if (metric->kind == METRIC_DOMAINS)
			add_domains(&page, metric, facts);
		else
			add_all_series(&page, metric, facts);
	}
	return page.bytes;
}
