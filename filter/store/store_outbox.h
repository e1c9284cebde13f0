/*
 * store_outbox.h - what is to be sent and what became of it: the part of the store's seam that the
 * sender uses (sender.h). The recorder goes on adding rows meanwhile.
 *
 * A report is taken once: from then on its rows are final, and its Report-ID, file name and content
 * stay what they are however often it is sent; rows that come late begin another report of the same
 * period.
 */
#ifndef ASSAY_STORE_OUTBOX_H
#define ASSAY_STORE_OUTBOX_H

#include "base/arena.h"
#include "rows/row.h"
#include "store/store.h"

/*
 * Opens an existing store for sending, and keeps other senders out for as long as it is open:
 * STORE_LOCKED where there is one. store_close() ends both.
 */
enum store_outcome store_outbox_open(const char *path, struct store **store,
                                     struct problem *problem);

enum outbox_delivery_state {
	OUTBOX_WAITING,
	OUTBOX_HANDING, /* was being submitted when the process ended: it may have gone out */
	OUTBOX_SENT,
	OUTBOX_REFUSED, /* nothing may be sent there: `text` says why */
	OUTBOX_GIVEN_UP
};
extern const char *const store_outbox_delivery_names[]; /* "waiting", ... */

struct outbox_delivery {
	int64_t number;  /* of the store */
	const char *uri; /* an entry of rua */
	enum outbox_delivery_state state;
	const char *addresses; /* where it went or is to go, commas between; "" not known yet */
	long attempts;
	time_t changed, next_attempt;
	const char *text; /* why it is not there yet */
};

enum outbox_state {
	OUTBOX_OPEN,
	OUTBOX_TAKEN,
	OUTBOX_DONE,   /* went to at least one address */
	OUTBOX_FAILED, /* given up */
	OUTBOX_NOBODY, /* nobody wants it, or there is nothing in it */
	OUTBOX_MANY,   /* beyond the ceiling of its organization (store_ceiling.h) */
	OUTBOX_OLD,    /* too old to be taken; open again where the clock comes back */
	OUTBOX_AHEAD /* its rows were dated while the clock was ahead; `taken` is when that was seen
	              */
};
extern const char
    *const store_outbox_names[]; /* "open", "taken", "sent", "failed", "nobody", ... */

struct outbox_report {
	int64_t number;
	enum outbox_state state;
	time_t begin, end, taken;
	const char *report_id, *file_name; /* "" before it is taken */
	const struct report_row *policy;   /* its members that are about the policy */
	unsigned long folded; /* messages whose rows the store has not whole (row_fold.h) */
	size_t delivery_count;
	struct outbox_delivery *deliveries;
};

/* What the times in the store are measured by. */
struct outbox_times {
	time_t now;
	bool clock_trusted; /* `now` may be believed (store_clock.h) */
	time_t oldest; /* an open report whose period ended before this is not taken any more */
	time_t ended;  /* one whose period ended at this moment or before is */
	time_t next_latest; /* no time to try again can be later, unless the clock was ahead */
};

/* How many reports of each kind were found. */
struct outbox_undated {
	unsigned long old, ahead;
};

/*
 * Sets aside the open reports that are too old, and by a trusted clock those of periods that have
 * not begun yet: their rows came while the clock was ahead, and no report has them later
 * either. Where the clock is not trusted, it may be behind, and they wait.
 */
bool store_outbox_set_aside(struct store *store, const struct outbox_times *times,
                            struct outbox_undated *undated, struct problem *problem);

/*
 * The numbers of the reports that something is to be done about, oldest first: open ones between
 * `oldest` and `ended` that are within the ceiling of their organization, and those whose time to
 * try again has come. Domains without a policy or without rua have none.
 */
bool store_outbox_due(struct store *store, const struct outbox_times *times, struct arena *arena,
                      size_t *count, const int64_t **reports, struct problem *problem);

/* The same of all reports that were not sent yet, however old, whose period ended at `ended` or
 * before. */
bool store_outbox_unsent(struct store *store, time_t ended, struct arena *arena, size_t *count,
                         const int64_t **reports, struct problem *problem);

/* Everything but rows and content, in the arena. */
bool store_outbox_read(struct store *store, int64_t number, struct arena *arena,
                       struct outbox_report *report, struct problem *problem);

/* Makes the report's rows final and notes what will be sent to whom: `report` with report_id,
 * file_name, taken and deliveries (their numbers are filled in). */
bool store_outbox_take(struct store *store, struct outbox_report *report, struct problem *problem);

/* What is attached to the mail. Reading gives memory for free(), or NULL with length 0 where none
 * is kept. */
bool store_outbox_keep(struct store *store, int64_t number, const unsigned char *bytes,
                       size_t length, struct problem *problem);
bool store_outbox_content(struct store *store, int64_t number, unsigned char **bytes,
                          size_t *length, struct problem *problem);

/* Notes a delivery's state, addresses, attempts, times and text. False: no other mail may be
 * handed over; on a full disk what became of this one is noted all the same. */
bool store_outbox_mark(struct store *store, const struct outbox_delivery *delivery,
                       struct problem *problem);

/* The report is done with; its content goes, and the deliveries that it is still waiting for. */
bool store_outbox_finish(struct store *store, int64_t number, enum outbox_state state,
                         const char *text, struct problem *problem);

#endif
