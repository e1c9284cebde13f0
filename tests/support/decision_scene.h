/*
 * decision_scene.h - everything that the decision depends on, for tests: a message from outside
 * whose author domain is example.org, with findings that say nothing yet.
 */
#ifndef ASSAY_DECISION_SCENE_H
#define ASSAY_DECISION_SCENE_H

#include "decision/decision.h"

struct decision_scene {
	struct spf_settings spf;
	struct dmarc_settings dmarc;
	struct quarantine_settings quarantine;
	struct decision_settings settings;
	struct header headers[2];
	struct message message;
	struct findings findings;
	struct rule_match rule;
	struct arena *arena;
};

/* Change what matters; the caller frees the arena. */
struct decision_scene decision_scene_make(void);

struct verdict decision_scene_decide(struct decision_scene *scene);

#endif
