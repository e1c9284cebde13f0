/*
 * query_log.h - what the log says about the lookups of a message: a line for each question where
 * its way is shown, and why lookups failed.
 */
#ifndef ASSAY_QUERY_LOG_H
#define ASSAY_QUERY_LOG_H

#include "base/arena.h"
#include "services.h"

enum {
	QUERY_FAILURES_MAX = 3 /* that are kept */
};

/* A lookup that failed while somebody waited for it. */
struct query_failure {
	const char *name; /* as asked for, in internal form */
	enum record_type type;
	const char *why;
	enum lookup_fault fault;
};

/* The first few of a message. */
struct query_failures {
	struct query_failure items[QUERY_FAILURES_MAX];
	size_t count; /* of all, also of those that are not kept */
};

/* Copies the name into the arena; `answer` has to live as long. */
void query_log_note_failure(struct query_failures *failures, const char *name,
                            enum record_type type, const struct answer *answer,
                            struct arena *arena);

/* How a question was answered. */
struct query_log_answer {
	const char *name;
	enum record_type type;
	const struct answer *answer;
	double milliseconds;
	bool cached, prefetched;
	const char *purpose;
};
void query_log_answer(const struct services *services, const struct query_log_answer *answered);

/* A question that was not asked, or that nobody waits for any longer. */
void query_log_refusal(const struct services *services, const char *name, enum record_type type,
                       const char *purpose, const struct answer *answer);

#endif
