/*
 * report_file.c - builds one report: rows from store_rows.c, XML by aggregate.c, compressed by
 * gzip.c. The sender and `assay report build` call it.
 */
#include "report/report_file.h"

#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "report/aggregate.h"
#include "report/destination.h"
#include "store/store_rows.h"

enum {
	/* With base64 that is a mail of 7 MB: what mail servers take as they are installed
	 * (10,240,000 octets by Postfix) less what others add on its way. */
	GZIP_MAX = 5000000,
	GZIP_MIN = 65536, /* where less is asked for, the report is not made smaller for it */
	/* Readers refuse files that grow too much when they are unpacked. */
	XML_MAX = 20000000,
	RECORDS_MAX = 20000,
	MAIL_OVERHEAD = 8192, /* header, signatures and text beside the file */
	LINE = 57,            /* octets of a file in a line of base64 ... */
	LINE_OCTETS = 78      /* ... and of that line in a mail, with CR LF */
};

/* How large a file is, or may get. */
struct report_file_size {
	size_t gzip, xml; /* octets */
	unsigned long records;
};

/* How much of the limit, in hundredths, is used up once the rows with this much detail are written:
 * where all whole rows fit, and where they do not. */
static const size_t all_whole[ROW_DETAILS] = {100, 100, 100, 100};
static const size_t in_steps[ROW_DETAILS] = {
    [ROW_WHOLE] = 50, [ROW_RELATED] = 70, [ROW_SOURCE] = 95, [ROW_REST] = 100};

/* What is written with each detail: found out by the first writing, kept to by the second. */
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
	enum row_detail detail; /* of the rows that are being written */
	unsigned long rows;     /* written with it so far */
	size_t xml;             /* octets so far */
	struct report_file_size limit;
	bool full;
};

static bool compress(const char *bytes, size_t length, void *context)
{
	struct report_file_building *building = context;

	building->xml += length;
	return gzip_add(building->file->gzip, bytes, length);
}

static bool is_full(const struct report_file_building *building)
{
	const struct report_file_size *limit = &building->limit;
	size_t share = building->shares[building->detail];

	invariant(share > 0 && share <= 100);
	return gzip_length(building->file->gzip) >= limit->gzip * share / 100 ||
	       building->xml >= limit->xml * share / 100 ||
	       building->file->records >= limit->records * share / 100;
}

/* What has the least detail is a few lines, whatever the store has, and is always written. */
static bool report_file_add_row(const struct report_row *row, unsigned long count, void *context)
{
	struct report_file_building *building = context;
	struct plan *plan = &building->plan;

	invariant(building->detail < ROW_DETAILS);
	if (building->detail != ROW_REST) {
		building->full = building->planned ? building->rows == plan->rows[building->detail]
		                                   : is_full(building);
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

static bool write_rows(struct report_file_building *building, struct problem *problem)
{
	building->full = true;
	for (enum row_detail detail = ROW_WHOLE; building->full && detail < ROW_DETAILS; detail++) {
		building->detail = detail;
		building->rows = 0;
		building->full = false;
		if (!store_rows_each(building->store, building->report->number, detail,
		                     building->plan.rows, report_file_add_row, building, problem))
			return false;
	}
	return true;
}

/* One writing of the whole file. */
static bool write_file(struct report_file_building *building, struct problem *problem)
{
	struct report_file *file = building->file;
	bool good = false, ended = false;

	*file = (struct report_file){.gzip = gzip_new(), .shortened = ""};
	building->xml = 0;
	building->aggregate =
	    file->gzip == NULL ? NULL : aggregate_begin(&building->head, compress, building);
	if (building->aggregate != NULL) {
		good = write_rows(building, problem);
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

static size_t gzip_limit(const struct outbox_report *report, struct arena *arena)
{
	size_t least = MAIL_OVERHEAD + (size_t)GZIP_MIN / LINE * LINE_OCTETS;
	size_t mail = destination_limit(arena, report->policy->rua, least);
	size_t limit;

	invariant(mail >= least);
	limit = (mail - MAIL_OVERHEAD) / LINE_OCTETS * LINE;
	return limit < GZIP_MAX ? limit : GZIP_MAX;
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
static bool write_within(struct report_file_building *building, size_t gzip,
                         struct problem *problem)
{
	building->limit =
	    (struct report_file_size){.gzip = gzip, .xml = XML_MAX, .records = RECORDS_MAX};
	building->shares = all_whole;
	for (;;) {
		bool stepwise = building->shares == in_steps;

		building->plan = (struct plan){.rows = {0}};
		if (!write_file(building, problem))
			return false;
		if ((building->file->length <= gzip && (stepwise || is_whole(&building->plan))) ||
		    building->limit.gzip == 0)
			return true;
		report_file_release(building->file);
		building->shares = in_steps;
		if (stepwise)
			building->limit.gzip =
			    building->limit.gzip > 4096 ? building->limit.gzip / 2 : 0;
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
	if (!write_within(&building, gzip_limit(report, arena), problem))
		return false;
	shortened = shortened_text(report, &building.plan, arena);
	if (shortened[0] == '\0')
		return true;
	/* the words stand before the rows that they are about: it is written once more */
	report_file_release(file);
	building.planned = true;
	building.head.error = arena_format(arena, "%s%s%s", record_error,
	                                   record_error[0] == '\0' ? "" : "; ", shortened);
	if (!write_file(&building, problem))
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
