/*
 * mta.h - what the end of a message can ask of the mail server. milter.c implements it over
 * libmilter, `assay check` prints it, tests record it. Each returns false where the server refused.
 */
#ifndef ASSAY_MTA_H
#define ASSAY_MTA_H

#include <stdbool.h>
#include <stddef.h>

struct mta {
	void *context;
	/* `index` 1 is the first field of that name from the top; remove from the last to the first
	 */
	bool (*remove_header)(void *context, const char *name, unsigned index);
	/* above everything that is there; `value` folds with LF and white space */
	bool (*insert_header)(void *context, const char *name, const char *value);
	bool (*set_reply)(void *context, const char *code, const char *enhanced, const char *text);
	bool (*quarantine)(void *context, const char *reason);
	bool (*remove_recipient)(void *context, const char *recipient);
	bool (*add_recipient)(void *context, const char *recipient);
	/* An accepted message is taken and delivered to nobody. No server refuses that: it is an
	 * answer like the others. */
	void (*discard)(void *context);
	/* the queue id where the server knows it by now, else NULL */
	const char *(*queue_id)(void *context);
};

#endif
