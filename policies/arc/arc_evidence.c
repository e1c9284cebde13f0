/*
 * arc_evidence.c - reads the results of one ARC set for what they say about the author domain.
 * Called by arc_trust.c for sets whose sealer is believed; results_reader.c has the grammar.
 *
 * A field is believed as a whole: whoever says dmarc=fail does not say that the author sent the
 * message, whatever else passed.
 */
#include "arc/arc_evidence.h"

#include <string.h>

#include "base/address.h"
#include "base/domain.h"
#include "dmarc/alignment.h"
#include "dmarc/policy_record.h"
#include "fields/results_reader.h"

enum {
	DOMAINS_MAX = 20 /* of signatures and senders that are compared */
};

/* The property that each method is about. */
static const struct {
	const char *method, *property;
	enum arc_evidence evidence;
} subjects[] = {
    {"dmarc", "header.from", ARC_EVIDENCE_DMARC},
    {"dkim", "header.d", ARC_EVIDENCE_DKIM},
    {"spf", "smtp.mailfrom", ARC_EVIDENCE_SPF},
};

enum {
	SUBJECTS = sizeof subjects / sizeof subjects[0]
};

/* A domain that passed, and by what. */
struct arc_passed {
	enum arc_evidence evidence;
	const char *domain;
};

struct arc_evidence_reading {
	struct arena *arena;
	const char *author;
	/* the result that is being read: of which subject (SUBJECTS for none), what, about whom */
	size_t subject;
	const char *result, *domain;
	bool is_repeated; /* its property stands twice */
	bool is_against;
	size_t count;
	struct arc_passed passed[DOMAINS_MAX];
};

static const char *evidence_domain(struct arena *arena, const char *value)
{
	const char *at = strrchr(value, '@');
	const char *name = at == NULL ? value : at + 1;

	return domain_normalize(arena, name, strlen(name));
}

/* A failure that does not say about which domain is taken to be about this author. */
static void end_result(struct arc_evidence_reading *reading)
{
	bool is_dmarc = reading->subject < SUBJECTS &&
	                subjects[reading->subject].evidence == ARC_EVIDENCE_DMARC;
	bool other = reading->domain != NULL && !reading->is_repeated &&
	             !domain_equal(reading->domain, reading->author);

	if (reading->subject == SUBJECTS)
		return;
	if (is_dmarc && strcmp(reading->result, "fail") == 0 && !other)
		reading->is_against = true;
	if (strcmp(reading->result, "pass") == 0 && reading->domain != NULL &&
	    !reading->is_repeated && reading->count < DOMAINS_MAX)
		reading->passed[reading->count++] =
		    (struct arc_passed){subjects[reading->subject].evidence, reading->domain};
}

static void begin_result(void *context, const char *method, const char *result)
{
	struct arc_evidence_reading *reading = context;

	end_result(reading);
	reading->subject = 0;
	while (reading->subject < SUBJECTS &&
	       strcmp(subjects[reading->subject].method, method) != 0)
		reading->subject++;
	reading->result = result;
	reading->domain = NULL;
	reading->is_repeated = false;
}

static void read_subject(void *context, const char *name, const char *value)
{
	struct arc_evidence_reading *reading = context;

	if (reading->subject == SUBJECTS || strcmp(name, subjects[reading->subject].property) != 0)
		return;
	reading->is_repeated = reading->is_repeated || reading->domain != NULL;
	reading->domain = evidence_domain(reading->arena, value);
	if (reading->domain == NULL)
		reading->is_repeated = true;
}

static bool evidence_aligns(const struct arc_passed *passed, const struct dmarc_finding *dmarc,
                            unsigned *comparisons, struct arena *arena)
{
	bool strict = passed->evidence == ARC_EVIDENCE_DKIM ? dmarc->record->strict_dkim
	                                                    : dmarc->record->strict_spf;
	struct alignment alignment = {.domain = passed->domain, .strict = strict};

	if (domain_equal(passed->domain, dmarc->author.domain))
		return true;
	if (strict || dmarc->organizations == NULL || *comparisons == 0)
		return false;
	(*comparisons)--;
	return alignment_find(&alignment, dmarc->author.domain, dmarc->organizations, arena) ==
	       ALIGNMENT_YES;
}

/* The first that convinces, DMARC before the methods that it rests on. */
static enum arc_evidence weigh(const struct arc_evidence_reading *reading,
                               const struct dmarc_finding *dmarc, unsigned *comparisons)
{
	for (size_t subject = 0; subject < SUBJECTS; subject++)
		for (size_t i = 0; i < reading->count; i++) {
			const struct arc_passed *passed = &reading->passed[i];
			bool exact = domain_equal(passed->domain, reading->author);

			if (passed->evidence != subjects[subject].evidence)
				continue;
			if (exact || (passed->evidence != ARC_EVIDENCE_DMARC &&
			              evidence_aligns(passed, dmarc, comparisons, reading->arena)))
				return passed->evidence;
		}
	return ARC_EVIDENCE_NONE;
}

enum arc_evidence arc_evidence_of(const char *results, const struct dmarc_finding *dmarc,
                                  unsigned *comparisons, struct arena *arena)
{
	struct arc_evidence_reading *reading = arena_allocate(arena, sizeof *reading);
	const struct results_sink sink = {reading, begin_result, read_subject};
	bool readable;

	*reading = (struct arc_evidence_reading){
	    .arena = arena, .author = dmarc->author.domain, .subject = SUBJECTS};
	readable = results_reader_read(arena, results, &sink);
	end_result(reading);
	if (!readable || reading->is_against)
		return ARC_EVIDENCE_AGAINST;
	return weigh(reading, dmarc, comparisons);
}

struct arc_remote {
	struct address address;
	bool found;
};

static void skip_result(void *context, const char *method, const char *result)
{
	(void)context;
	(void)method;
	(void)result;
}

static void read_remote(void *context, const char *name, const char *value)
{
	struct arc_remote *remote = context;

	if (strcmp(name, "smtp.remote-ip") != 0 || remote->found)
		return;
	remote->found = address_parse(value, &remote->address);
}

const char *arc_evidence_remote(const char *results, struct arena *arena)
{
	struct arc_remote remote = {.found = false};
	const struct results_sink sink = {&remote, skip_result, read_remote};
	char text[ADDRESS_TEXT];

	if (!results_reader_read(arena, results, &sink) || !remote.found)
		return NULL;
	return arena_string(arena, address_print(&remote.address, text));
}
