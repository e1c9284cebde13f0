/*
 * report_file.c - builds one report: rows from store_rows.c, XML by aggregate.c, compressed by gzip.c. The
 * sender and `assay report build` call it.
 */
#include "report/report_file.h"

#include <string.h>

#include "domain.h"
#include "report/aggregate.h"
#include "report/store_rows.h"
#include "text.h"

static bool compress(const char *bytes, size_t length, void *gzip)
{
	return gzip_add(gzip, bytes, length);
}

struct building {
	struct aggregate *aggregate;
	struct report_file *file;
};

static bool add_row(const struct report_row *row, unsigned long count, void *with)
{
	struct building *building = with;

	building->file->records++;
	building->file->messages += count;
	return aggregate_add(building->aggregate, row, count);
}

static const char *organization(const struct report_settings *settings, struct arena *arena)
{
	return settings->organization[0] != '\0' ? settings->organization
	                                         : report_file_submitter(settings, arena);
}

bool report_file_build(struct store *store, const struct outbox_report *report,
                       const struct report_settings *settings, struct report_file *file,
                       struct problem *problem)
{
	struct arena *arena = arena_new();
	const struct aggregate_head head = {.dialect = (enum report_dialect)settings->dialect,
	                                    .organization = organization(settings, arena),
	                                    .email = settings->email,
	                                    .contact = settings->contact,
	                                    .report_id = report->report_id,
	                                    .begin = report->begin,
	                                    .end = report->end,
	                                    .policy = report->policy};
	struct building building = {.file = file};
	bool good = false, ended = false;

	problem_say(problem, "no memory to build the report on %s", report->policy->policy_domain);
	*file = (struct report_file){.gzip = gzip_new()};
	building.aggregate = file->gzip == NULL ? NULL : aggregate_begin(&head, compress, file->gzip);
	if (building.aggregate != NULL) {
		good = store_rows_each(store, report->number, add_row, &building, problem);
		ended = aggregate_end(building.aggregate);
	}
	arena_free(arena);
	if (good && ended && gzip_finish(file->gzip, &file->bytes, &file->length))
		return true;
	file->too_large = file->gzip != NULL && gzip_too_large(file->gzip);
	if (file->too_large)
		return true;
	report_file_release(file);
	return false;
}

void report_file_release(struct report_file *file)
{
	gzip_free(file->gzip);
	*file = (struct report_file){0};
}

const char *report_file_submitter(const struct report_settings *settings, struct arena *arena)
{
	const char *at = strrchr(settings->email, '@');
	const char *domain = at == NULL ? NULL : domain_normalize(arena, at + 1, strlen(at + 1));

	return domain == NULL ? "" : domain;
}

/* For a name of a file: what else may stand in a domain from the store is no letter of one. */
static const char *file_words(const char *name, struct arena *arena)
{
	enum {
		NAME_MAX_OCTETS = 120
	};
	char *words = arena_copy(arena, name, strnlen(name, NAME_MAX_OCTETS));

	for (char *at = words; *at != '\0'; at++)
		if (!text_is_letter(*at) && !text_is_digit(*at) && strchr(".-_", *at) == NULL)
			*at = '_';
	return words;
}

const char *report_file_name(const struct outbox_report *report, const char *submitter, const char *unique,
                             struct arena *arena)
{
	return arena_format(arena, "%s!%s!%lld!%lld!%s.xml.gz", submitter,
	                    file_words(report->policy->policy_domain, arena), (long long)report->begin,
	                    (long long)report->end, file_words(unique, arena));
}
