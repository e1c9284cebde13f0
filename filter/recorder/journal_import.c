/*
 * journal_import.c - journal segments into the store. The recorder's writer thread calls
 * journal_import_run() again and again; before it stands recorder_add(), after it the store.
 *
 * Once anything went wrong, the store alone says where to continue in a segment: a commit that
 * failed may have happened, and a store that was deleted and created again has nothing.
 */
#include "recorder/journal_import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/log.h"

enum {
	BATCH = 4 * 1024 * 1024 /* octets read at once: one transaction */
};

struct journal_import {
	char *path;
	struct journal *journal;
	struct store *store; /* NULL: not open */
	struct tally tally;
	char *bytes;
	struct journal_import_counts counts;
};

struct journal_import *journal_import_new(const char *path, struct journal *journal, long period)
{
	struct journal_import *importer = calloc(1, sizeof *importer);

	if (importer == NULL)
		return NULL;
	importer->journal = journal;
	importer->tally.period = period;
	importer->path = strdup(path);
	importer->bytes = malloc(BATCH);
	if (importer->path != NULL && importer->bytes != NULL)
		return importer;
	journal_import_free(importer);
	return NULL;
}

void journal_import_free(struct journal_import *importer)
{
	if (importer == NULL)
		return;
	store_close(importer->store);
	tally_free(&importer->tally);
	free(importer->bytes);
	free(importer->path);
	free(importer);
}

const struct journal_import_counts *journal_import_count(const struct journal_import *importer)
{
	return &importer->counts;
}

static void forget_positions(struct journal_import *importer)
{
	struct segment *segment = NULL;

	while ((segment = journal_next(importer->journal, segment)) != NULL)
		journal_set_position(importer->journal, segment, -1, 0);
}

static enum store_outcome open_store(struct journal_import *importer, struct problem *problem)
{
	if (importer->store != NULL && !store_in_place(importer->store)) {
		log_warning(
		    "the report store %s was deleted or replaced; going on with what is there now",
		    importer->path);
		store_close(importer->store);
		importer->store = NULL;
	}
	if (importer->store != NULL)
		return STORE_DONE;
	forget_positions(importer);
	return store_open(importer->path, &importer->store, problem);
}

/* What a batch's bytes amount to. */
struct journal_import_scan {
	size_t used;           /* octets that need not be looked at again */
	unsigned long damaged; /* records */
	bool memory;           /* false: there was none left */
};

/*
 * One line at `at`, which is not an LF. Without an LF behind it (`ended` is false), it may be a
 * record that is being written at this moment: then it counts when it is whole, and otherwise
 * waits, unless `last` says that nothing more will come.
 */
static bool scan_line(struct journal_import *importer, const char *at, size_t length, bool ended,
                      bool last, struct journal_import_scan *scan)
{
	struct row_text record;

	if (row_text_read(at, length, &record))
		scan->memory = tally_add(&importer->tally, store_key(importer->store), &record);
	else if (ended || last)
		scan->damaged++;
	else
		return false;
	return scan->memory;
}

/* `last`: the segment's final end is in these bytes. */
static struct journal_import_scan scan_bytes(struct journal_import *importer, size_t length,
                                             bool last)
{
	const char *bytes = importer->bytes;
	struct journal_import_scan scan = {.memory = true};

	while (scan.used < length) {
		const char *at = bytes + scan.used;
		const char *end = memchr(at, '\n', length - scan.used);
		size_t line = end == NULL ? length - scan.used : (size_t)(end - at);

		/* longer than any record can be */
		bool too_long = end == NULL && line > ROW_TEXT_MAX;

		if (line > 0 &&
		    !scan_line(importer, at, line, end != NULL, last || too_long, &scan))
			break;
		scan.used += line + (end != NULL);
	}
	return scan;
}

static enum store_outcome record_batch(struct journal_import *importer, struct segment *segment,
                                       const struct journal_import_scan *scan,
                                       struct problem *problem)
{
	int64_t from = journal_position(segment);
	struct store_batch batch = {.journal = journal_segment_name(segment),
	                            .from = from,
	                            .to = from + (int64_t)scan->used,
	                            .tally = &importer->tally};
	struct store_skipped skipped;
	enum store_outcome outcome;

	invariant(from >= 0 && scan->used > 0);
	outcome = store_record(importer->store, &batch, &skipped, problem);
	if (outcome != STORE_DONE)
		return outcome;
	if (skipped.refused > 0)
		log_warning("%lu report rows do not fit into the report store %s and are in no "
		            "report, those of %s",
		            skipped.refused, importer->path, skipped.first.message);
	importer->counts.stored += importer->tally.messages - skipped.unreadable - skipped.refused;
	importer->counts.damaged += scan->damaged + skipped.unreadable;
	journal_set_position(importer->journal, segment, batch.to, importer->tally.messages);
	log_debug("report journal %s: octets %lld to %lld imported, %lu rows as %zu entries",
	          batch.journal, (long long)from, (long long)batch.to, importer->tally.messages,
	          importer->tally.count);
	return STORE_DONE;
}

static enum store_outcome find_position(struct journal_import *importer, struct segment *segment,
                                        struct problem *problem)
{
	enum store_outcome outcome;
	int64_t position;

	if (journal_position(segment) >= 0)
		return STORE_DONE;
	outcome =
	    store_position(importer->store, journal_segment_name(segment), &position, problem);
	if (outcome != STORE_DONE)
		return outcome;
	log_debug("report journal: segment %s is in the store up to octet %lld",
	          journal_segment_name(segment), (long long)position);
	journal_set_position(importer->journal, segment, position, 0);
	return outcome;
}

/* One batch. `more`: there may be another. */
static enum store_outcome import_batch(struct journal_import *importer, struct segment *segment,
                                       bool final, bool *more, struct problem *problem)
{
	ssize_t length = journal_read(segment, journal_position(segment), importer->bytes, BATCH);
	struct journal_import_scan scan;

	*more = false;
	if (length < 0) {
		problem_say(problem, "cannot read the journal segment %s: %s",
		            journal_segment_name(segment), strerror(errno));
		return STORE_BROKEN;
	}
	tally_clear(&importer->tally);
	scan = scan_bytes(importer, (size_t)length, final && length < BATCH);
	invariant(scan.used <= (size_t)length);
	if (!scan.memory) {
		problem_say(problem, "no memory to add up report rows");
		return STORE_BROKEN;
	}
	*more = length == BATCH && scan.used > 0;
	return scan.used > 0 ? record_batch(importer, segment, &scan, problem) : STORE_DONE;
}

/* First the file is deleted, then its position in the store: in the other order, a kill in between
 * would make all of it count again. In this order it leaves a line in the store under a name that
 * is never used again. */
static enum store_outcome drop_segment(struct journal_import *importer, struct segment *segment,
                                       struct problem *problem)
{
	char name[JOURNAL_NAME];

	memcpy(name, journal_segment_name(segment), strlen(journal_segment_name(segment)) + 1);
	if (journal_drop(importer->journal, segment)) {
		log_debug("report journal: segment %s is imported and deleted", name);
		return store_forget(importer->store, name, problem);
	}
	problem_say(problem, "cannot delete the imported journal segment %s: %s", name,
	            strerror(errno));
	return STORE_BROKEN;
}

static enum store_outcome import_segment(struct journal_import *importer, struct segment *segment,
                                         struct problem *problem)
{
	bool final = journal_is_final(importer->journal, segment);
	enum store_outcome outcome = find_position(importer, segment, problem);
	bool more = true;

	while (outcome == STORE_DONE && more)
		outcome = import_batch(importer, segment, final, &more, problem);
	if (outcome == STORE_DONE && final)
		outcome = drop_segment(importer, segment, problem);
	return outcome;
}

static enum store_outcome import_all(struct journal_import *importer, bool adopt,
                                     struct problem *problem)
{
	struct segment *segment = journal_next(importer->journal, NULL);
	enum store_outcome outcome = STORE_DONE;

	while (segment != NULL && outcome == STORE_DONE) {
		struct segment *next = journal_next(importer->journal, segment);

		outcome = import_segment(importer, segment, problem);
		segment = next;
	}
	while (adopt && outcome == STORE_DONE &&
	       (segment = journal_adopt(importer->journal)) != NULL)
		outcome = import_segment(importer, segment, problem);
	return outcome;
}

enum store_outcome journal_import_run(struct journal_import *importer, bool adopt,
                                      struct problem *problem)
{
	enum store_outcome outcome = open_store(importer, problem);

	if (outcome == STORE_DONE)
		outcome = import_all(importer, adopt, problem);
	if (outcome == STORE_DONE)
		return outcome;
	forget_positions(importer);
	/* a store that is locked or full stays open; after anything else it is opened again */
	if (outcome != STORE_LOCKED && outcome != STORE_FULL) {
		store_close(importer->store);
		importer->store = NULL;
	}
	return outcome;
}
