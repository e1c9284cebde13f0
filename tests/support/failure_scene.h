/*
 * failure_scene.h - a message that failed DMARC for example.org, and the report that is made of it.
 */
#ifndef ASSAY_FAILURE_SCENE_H
#define ASSAY_FAILURE_SCENE_H

#include "dmarc/policy_record.h"
#include "rows/failure.h"

enum {
	FAILURE_SCENE_HEADERS = 160
};

struct failure_scene {
	struct arena *arena;
	struct header headers[FAILURE_SCENE_HEADERS];
	struct message message;
	struct findings findings;
	struct policy_record record;
	struct verdict verdict;
	struct dkim_signature signature;
	struct strings domains;
	struct networks ours;
	struct failure_key key;
};

/* For cmocka; the state is a struct failure_scene. Change what matters. */
int failure_scene_set_up(void **state);
int failure_scene_tear_down(void **state);

void failure_scene_add(struct failure_scene *scene, const char *name, const char *value);

/* The report, as a record and as a mail of no signature. */
const struct failure *failure_scene_make(struct failure_scene *scene);
const char *failure_scene_mail(struct failure_scene *scene, unsigned long incidents);

#endif
