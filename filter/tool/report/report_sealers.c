/*
 * report_sealers.c - the output of `assay report sealers`: who seals mail that fails DMARC here,
 * and what listing him in arc.trusted would change. report.c asks the store.
 */
#include "tool/report/report_print.h"

#include <stdio.h>

#include "base/domain.h"
#include "base/text.h"
#include "tool/common/fields_json.h"

static const struct field sealer_rows[] = {
    {FIELD(FIELD_TEXT, struct store_query_sealer, domain)},
    {FIELD(FIELD_NUMBER, struct store_query_sealer, messages)},
    {FIELD(FIELD_NUMBER, struct store_query_sealer, restored)},
    {FIELD(FIELD_NUMBER, struct store_query_sealer, would_restore)},
    {FIELD_AS("author_domains", FIELD_NUMBER, struct store_query_sealer, authors)},
    {FIELD_AS("last_seen", FIELD_NUMBER, struct store_query_sealer, last)},
    FIELD_END};

void report_print_sealers_begin(struct report_page *page)
{
	if (page->json)
		fputs("{\"sealers\":[", stdout);
}

static void print_sealer_json(struct report_page *page, const struct store_query_sealer *sealer)
{
	const struct fields_json writer = {.arena = page->arena, .compact = true};

	printf("%s%s", page->lines++ > 0 ? ",\n  " : "\n  ",
	       fields_json_line(&writer, sealer_rows, sealer));
}

void report_print_sealer(const struct store_query_sealer *sealer, void *context)
{
	struct report_page *page = context;

	arena_reset(page->arena);
	if (page->json) {
		print_sealer_json(page, sealer);
		return;
	}
	if (page->lines++ == 0)
		puts("    fail DMARC   restored  would be restored  author domains  sealer");
	printf("%14lu  %9lu  %17lu  %14lu  %s\n", sealer->messages, sealer->restored,
	       sealer->would_restore, sealer->authors,
	       text_printable(page->arena, sealer->domain, DOMAIN_MAX));
}

void report_print_sealers_end(struct report_page *page)
{
	if (page->json) {
		puts(page->lines > 0 ? "\n]}" : "]}");
		return;
	}
	if (page->lines == 0) {
		puts("No mail that failed DMARC had a chain of ARC that passes.");
		return;
	}
	puts("\nrestored: accepted, since arc.trusted lists the sealer; would be restored: if it "
	     "did.\nAnybody can seal, and say that everything passed: list only providers that you "
	     "know.");
}
