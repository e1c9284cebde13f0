/*
 * report_file.c - builds one report: rows from store_rows.c, XML by aggregate.c, compressed by
 * gzip.c. The sender and `assay report build` call it.
 */
#include "report/report_file.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "report/aggregate.h"
#include "report/destination.h"
#include "store/store_rows.h"

static bool compress(const char *bytes, size_t length, void *gzip)
{
	return gzip_add(gzip, bytes, length);
}

enum {
	/* With base64 that is a mail of 7 MB: what mail servers take as they are installed
	 * (10,240,000 octets by Postfix) less what others add on its way. */
	BUDGET = 5000000,
	BUDGET_MIN = 65536,   /* where less is asked for, the report is not made smaller for it */
	MAIL_OVERHEAD = 8192, /* header, signatures and text beside the file */
	LINE = 57,            /* octets of a file in a line of base64 ... */
	LINE_OCTETS = 78      /* ... and of that line in a mail, with CR LF */
};

/* How much of the budget, in hundredths, is used up once rows with this much detail have been told:
 * where all whole rows fit, and where they do not. */
static const size_t all_whole[ROW_DETAILS] = {100, 100, 100, 100};
static const size_t in_steps[ROW_DETAILS] = {
    [ROW_WHOLE] = 50, [ROW_RELATED] = 70, [ROW_SOURCE] = 95, [ROW_REST] = 100};

/* What is told with each detail: found out by the first writing, kept to by the second. */
struct plan {
	unsigned long rows[ROW_DETAILS], messages[ROW_DETAILS];
};

struct report_file_building {
	struct store *store;
	const struct outbox_report *report;
	struct aggregate_head head;
	struct report_file *file;
	struct aggregate *aggregate;
	struct plan plan;
	bool planned;
	const size_t *shares;
	enum row_detail detail; /* what is being told */
	unsigned long rows;     /* told with it so far */
	size_t octets;          /* where to stop, unless it is planned */
	bool full;
};

static bool report_file_add_row(const struct report_row *row, unsigned long count, void *with)
{
	struct report_file_building *building = with;
	struct plan *plan = &building->plan;

	if (building->detail != ROW_REST) {
		building->full = building->planned
		                     ? building->rows == plan->rows[building->detail]
		                     : gzip_length(building->file->gzip) >= building->octets;
		if (building->full)
			return false;
	}
	building->rows++;
	building->file->records++;
	building->file->messages += count;
	if (!building->planned) {
		plan->rows[building->detail]++;
		plan->messages[building->detail] += count;
	}
	return aggregate_add(building->aggregate, row, count);
}

static const char *report_file_organization(const struct report_settings *settings,
                                            struct arena *arena)
{
	return settings->organization[0] != '\0' ? settings->organization
	                                         : report_file_submitter(settings, arena);
}

static bool write_rows(struct report_file_building *building, size_t budget,
                       struct problem *problem)
{
	building->full = true;
	for (enum row_detail detail = ROW_WHOLE; building->full && detail < ROW_DETAILS; detail++) {
		building->detail = detail;
		building->rows = 0;
		building->octets = budget * building->shares[detail] / 100;
		building->full = false;
		if (!store_rows_each(building->store, building->report->number, detail,
		                     building->plan.rows, report_file_add_row, building, problem))
			return false;
	}
	return true;
}

/* One writing of the whole file. */
static bool write_file(struct report_file_building *building, size_t budget,
                       struct problem *problem)
{
	struct report_file *file = building->file;
	bool good = false, ended = false;

	*file = (struct report_file){.gzip = gzip_new(), .shortened = ""};
	building->aggregate =
	    file->gzip == NULL ? NULL : aggregate_begin(&building->head, compress, file->gzip);
	if (building->aggregate != NULL) {
		good = write_rows(building, budget, problem);
		ended = aggregate_end(building->aggregate);
	}
	if (good && ended && gzip_finish(file->gzip, &file->bytes, &file->length))
		return true;
	report_file_release(file);
	return false;
}

/* In words for the reader of the report and for our log; "" where nothing is left out. */
static const char *shortened_text(const struct outbox_report *report, const struct plan *plan,
                                  struct arena *arena)
{
	const unsigned long *messages = plan->messages;
	unsigned long shortened = messages[ROW_RELATED] + messages[ROW_SOURCE] + messages[ROW_REST];
	const char *folded = "", *large = "";

	if (report->folded > 0)
		folded = arena_format(
		    arena,
		    "%lu messages were counted with fewer details, since their rows differed "
		    "without end (" ROW_REST_SOURCE " stands for any source)",
		    report->folded);
	if (shortened > 0)
		large = arena_format(arena,
		                     "too large for a mail with all details: of %lu messages, %lu "
		                     "are told without names of "
		                     "other domains, %lu by source (IPv6: by /64) and outcome "
		                     "alone, and %lu under the "
		                     "source " ROW_REST_SOURCE,
		                     messages[ROW_WHOLE] + shortened, messages[ROW_RELATED],
		                     messages[ROW_SOURCE], messages[ROW_REST]);
	return arena_format(arena, "%s%s%s", large,
	                    large[0] == '\0' || folded[0] == '\0' ? "" : "; ", folded);
}

static size_t budget_of(const struct outbox_report *report, struct arena *arena)
{
	size_t least = MAIL_OVERHEAD + (size_t)BUDGET_MIN / LINE * LINE_OCTETS;
	size_t mail = destination_limit(arena, report->policy->rua, least);
	size_t budget = (mail - MAIL_OVERHEAD) / LINE_OCTETS * LINE;

	return budget < BUDGET ? budget : BUDGET;
}

static bool is_whole(const struct plan *plan)
{
	return plan->messages[ROW_RELATED] + plan->messages[ROW_SOURCE] +
	           plan->messages[ROW_REST] ==
	       0;
}

/* The compressor is behind by what it has not put out yet, and a row may be a large one: what comes
 * out too large is written again with less. Without any whole row it is a few lines, whatever the
 * store has. */
static bool write_within(struct report_file_building *building, size_t budget,
                         struct problem *problem)
{
	size_t octets = budget;

	building->shares = all_whole;
	for (;;) {
		bool stepwise = building->shares == in_steps;

		building->plan = (struct plan){.rows = {0}};
		if (!write_file(building, octets, problem))
			return false;
		if ((building->file->length <= budget && (stepwise || is_whole(&building->plan))) ||
		    octets == 0)
			return true;
		report_file_release(building->file);
		building->shares = in_steps;
		if (stepwise)
			octets = octets > 4096 ? octets / 2 : 0;
	}
}

bool report_file_build(struct store *store, const struct outbox_report *report,
                       const struct report_settings *settings, struct arena *arena,
                       struct report_file *file, struct problem *problem)
{
	const char *record_error = report->policy->record_error, *shortened;
	struct report_file_building building = {
	    .store = store,
	    .report = report,
	    .file = file,
	    .head = {.dialect = (enum report_dialect)settings->dialect,
	             .organization = report_file_organization(settings, arena),
	             .email = settings->email,
	             .contact = settings->contact,
	             .report_id = report->report_id,
	             .begin = report->begin,
	             .end = report->end,
	             .policy = report->policy,
	             .error = record_error}};

	problem_say(problem, "no memory to build the report on %s", report->policy->policy_domain);
	if (!write_within(&building, budget_of(report, arena), problem))
		return false;
	shortened = shortened_text(report, &building.plan, arena);
	if (shortened[0] == '\0')
		return true;
	/* the words stand before the rows that they are about: it is written once more */
	report_file_release(file);
	building.planned = true;
	building.head.error = arena_format(arena, "%s%s%s", record_error,
	                                   record_error[0] == '\0' ? "" : "; ", shortened);
	if (!write_file(&building, 0, problem))
		return false;
	file->shortened = shortened;
	return true;
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
static const char *file_text(const char *name, struct arena *arena)
{
	enum {
		NAME_MAX_OCTETS = 120
	};
	char *text = arena_copy(arena, name, strnlen(name, NAME_MAX_OCTETS));

	for (char *at = text; *at != '\0'; at++)
		if (!text_is_letter(*at) && !text_is_digit(*at) && strchr(".-_", *at) == NULL)
			*at = '_';
	return text;
}

const char *report_file_name(const struct outbox_report *report, const char *submitter,
                             const char *unique, struct arena *arena)
{
	return arena_format(arena, "%s!%s!%lld!%lld!%s.xml.gz", submitter,
	                    file_text(report->policy->policy_domain, arena),
	                    (long long)report->begin, (long long)report->end,
	                    file_text(unique, arena));
}
