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
#include "rows/failure_text.h"
#include "store/store_failures.h"

enum {
	BATCH = 4 * 1024 * 1024 /* octets read at once: one transaction */
};

struct journal_import {
	char *path;
	struct journal *journal;
	struct store *store; /* NULL: not open */
	struct tally tally;
	struct store_failure *failures; /* of the batch; pointers into `bytes` */
	size_t failure_count, failure_room;
	char *bytes;
	struct journal_import_counts counts;
};

struct journal_import *journal_import_new(const char *path, struct journal *journal, long period)
{
	struct journal_import *import = calloc(1, sizeof *import);

	if (import == NULL)
		return NULL;
	import->journal = journal;
	import->tally.period = period;
	import->path = strdup(path);
	import->bytes = malloc(BATCH);
	if (import->path != NULL && import->bytes != NULL)
		return import;
	journal_import_free(import);
	return NULL;
}

void journal_import_free(struct journal_import *import)
{
	if (import == NULL)
		return;
	store_close(import->store);
	tally_free(&import->tally);
	free(import->failures);
	free(import->bytes);
	free(import->path);
	free(import);
}

const struct journal_import_counts *journal_import_count(const struct journal_import *import)
{
	return &import->counts;
}

static void forget_positions(struct journal_import *import)
{
	struct segment *segment = NULL;

	while ((segment = journal_next(import->journal, segment)) != NULL)
		journal_set_position(import->journal, segment, -1, 0);
}

static enum store_outcome open_store(struct journal_import *import, struct problem *problem)
{
	if (import->store != NULL && !store_in_place(import->store)) {
		log_warning(
		    "the report store %s was deleted or replaced; going on with what is there now",
		    import->path);
		store_close(import->store);
		import->store = NULL;
	}
	if (import->store != NULL)
		return STORE_DONE;
	forget_positions(import);
	return store_open(import->path, &import->store, problem);
}

/* What a batch's bytes amount to. */
struct journal_import_scan {
	size_t used;           /* octets that need not be looked at again */
	unsigned long damaged; /* records */
	bool memory;           /* false: there was none left */
};

static bool add_failure(struct journal_import *import, const char *at, size_t length)
{
	if (import->failure_count == import->failure_room) {
		size_t room = 2 * import->failure_room + 64;
		void *failures = realloc(import->failures, room * sizeof *import->failures);

		if (failures == NULL)
			return false;
		import->failures = failures;
		import->failure_room = room;
	}
	import->failures[import->failure_count++] = (struct store_failure){at, length};
	return true;
}

/*
 * One line at `at`, which is not an LF. Without an LF behind it (`ended` is false), it may be a
 * record that is being written at this moment: then it counts when it is whole, and otherwise
 * waits, unless `last` says that nothing more will come.
 */
static bool scan_line(struct journal_import *import, const char *at, size_t length, bool ended,
                      bool last, struct journal_import_scan *scan)
{
	struct row_text record;

	if (row_text_read(at, length, &record))
		scan->memory = tally_add(&import->tally, store_key(import->store), &record);
	else if (failure_text_check(at, length))
		scan->memory = add_failure(import, at, length);
	else if (ended || last)
		scan->damaged++;
	else
		return false;
	return scan->memory;
}

/* `last`: the segment's final end is in these bytes. */
static struct journal_import_scan scan_bytes(struct journal_import *import, size_t length,
                                             bool last)
{
	const char *bytes = import->bytes;
	struct journal_import_scan scan = {.memory = true};

	while (scan.used < length) {
		const char *at = bytes + scan.used;
		const char *end = memchr(at, '\n', length - scan.used);
		size_t line = end == NULL ? length - scan.used : (size_t)(end - at);

		/* longer than any record can be */
		bool too_long = end == NULL && line > ROW_TEXT_MAX;

		if (line > 0 && !scan_line(import, at, line, end != NULL, last || too_long, &scan))
			break;
		scan.used += line + (end != NULL);
	}
	return scan;
}

static enum store_outcome record_batch(struct journal_import *import, struct segment *segment,
                                       const struct journal_import_scan *scan,
                                       struct problem *problem)
{
	int64_t from = journal_position(segment);
	struct store_batch batch = {.journal = journal_segment_name(segment),
	                            .from = from,
	                            .to = from + (int64_t)scan->used,
	                            .tally = &import->tally,
	                            .failures = import->failures,
	                            .failure_count = import->failure_count};
	struct store_skipped skipped;
	enum store_outcome outcome;

	invariant(from >= 0 && scan->used > 0);
	outcome = store_record(import->store, &batch, &skipped, problem);
	if (outcome != STORE_DONE)
		return outcome;
	if (skipped.refused > 0)
		log_warning("%lu report rows do not fit into the report store %s and are in no "
		            "report, those of %s",
		            skipped.refused, import->path, skipped.first.message);
	import->counts.stored += import->tally.messages - skipped.unreadable - skipped.refused;
	import->counts.damaged += scan->damaged + skipped.unreadable;
	journal_set_position(import->journal, segment, batch.to,
	                     import->tally.messages + import->failure_count);
	log_debug("report journal %s: octets %lld to %lld imported, %lu rows as %zu entries",
	          batch.journal, (long long)from, (long long)batch.to, import->tally.messages,
	          import->tally.count);
	return STORE_DONE;
}

static enum store_outcome find_position(struct journal_import *import, struct segment *segment,
                                        struct problem *problem)
{
	enum store_outcome outcome;
	int64_t position;

	if (journal_position(segment) >= 0)
		return STORE_DONE;
	outcome = store_position(import->store, journal_segment_name(segment), &position, problem);
	if (outcome != STORE_DONE)
		return outcome;
	log_debug("report journal: segment %s is in the store up to octet %lld",
	          journal_segment_name(segment), (long long)position);
	journal_set_position(import->journal, segment, position, 0);
	return outcome;
}

/* One batch. `more`: there may be another. */
static enum store_outcome import_batch(struct journal_import *import, struct segment *segment,
                                       bool final, bool *more, struct problem *problem)
{
	ssize_t length = journal_read(segment, journal_position(segment), import->bytes, BATCH);
	struct journal_import_scan scan;

	*more = false;
	if (length < 0) {
		problem_say(problem, "cannot read the journal segment %s: %s",
		            journal_segment_name(segment), strerror(errno));
		return STORE_BROKEN;
	}
	tally_clear(&import->tally);
	import->failure_count = 0;
	scan = scan_bytes(import, (size_t)length, final && length < BATCH);
	invariant(scan.used <= (size_t)length);
	if (!scan.memory) {
		problem_say(problem, "no memory to add up report rows");
		return STORE_BROKEN;
	}
	*more = length == BATCH && scan.used > 0;
	return scan.used > 0 ? record_batch(import, segment, &scan, problem) : STORE_DONE;
}

/* First the file is deleted, then its position in the store: in the other order, a kill in between
 * would make all of it count again. In this order it leaves a line in the store under a name that
 * is never used again. */
static enum store_outcome drop_segment(struct journal_import *import, struct segment *segment,
                                       struct problem *problem)
{
	char name[JOURNAL_NAME];

	memcpy(name, journal_segment_name(segment), strlen(journal_segment_name(segment)) + 1);
	if (journal_drop(import->journal, segment)) {
		log_debug("report journal: segment %s is imported and deleted", name);
		return store_forget(import->store, name, problem);
	}
	problem_say(problem, "cannot delete the imported journal segment %s: %s", name,
	            strerror(errno));
	return STORE_BROKEN;
}

static enum store_outcome import_segment(struct journal_import *import, struct segment *segment,
                                         struct problem *problem)
{
	bool final = journal_is_final(import->journal, segment);
	enum store_outcome outcome = find_position(import, segment, problem);
	bool more = true;

	while (outcome == STORE_DONE && more)
		outcome = import_batch(import, segment, final, &more, problem);
	if (outcome == STORE_DONE && final)
		outcome = drop_segment(import, segment, problem);
	return outcome;
}

static enum store_outcome import_all(struct journal_import *import, bool adopt,
                                     struct problem *problem)
{
	struct segment *segment = journal_next(import->journal, NULL);
	enum store_outcome outcome = STORE_DONE;

	while (segment != NULL && outcome == STORE_DONE) {
		struct segment *next = journal_next(import->journal, segment);

		outcome = import_segment(import, segment, problem);
		segment = next;
	}
	while (adopt && outcome == STORE_DONE && (segment = journal_adopt(import->journal)) != NULL)
		outcome = import_segment(import, segment, problem);
	return outcome;
}

bool journal_import_key(struct journal_import *import, struct failure_key *key)
{
	struct problem problem;

	return import->store != NULL &&
	       store_failures_key(import->store, time(NULL), key, &problem) == STORE_DONE;
}

enum store_outcome journal_import_run(struct journal_import *import, bool adopt,
                                      struct problem *problem)
{
	enum store_outcome outcome = open_store(import, problem);

	if (outcome == STORE_DONE)
		outcome = import_all(import, adopt, problem);
	if (outcome == STORE_DONE)
		return outcome;
	forget_positions(import);
	/* a store that is locked or full stays open; after anything else it is opened again */
	if (outcome != STORE_LOCKED && outcome != STORE_FULL) {
		store_close(import->store);
		import->store = NULL;
	}
	return outcome;
}
