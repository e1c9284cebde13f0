/*
 * review_arc.c - checks of the group "arc". Rows of the table in review.c.
 */
#include <string.h>

#include "base/domain.h"
#include "review/review_checks.h"

void review_arc_seal(struct review_run *run)
{
	static const char *const of_seals[] = {"arc.domain", "arc.keys", "arc.forward", "arc.lists",
	                                       NULL};
	static const char *const of_recipients[] = {"arc.forward", NULL};
	const struct arc_settings *arc = &run->settings->arc;

	if (arc->seal == ARC_SEAL_NEVER)
		review_run_no_effect(run, of_seals, "\"arc.seal\" is \"never\"");
	else if (arc->seal == ARC_SEAL_ALL)
		review_run_no_effect(run, of_recipients, "\"arc.seal\" is \"all\"");
	else if (arc->forward.count == 0)
		review_run_add(run, "arc.seal", PLACES_NO_ENTRY,
		               "setting \"arc.seal\" is \"forwarded\", and \"arc.forward\" names "
		               "nobody: nothing that comes in is sealed");
}

/* "*.com", "*.uk": whoever has a name there. */
void review_arc_trusted(struct review_run *run)
{
	const struct strings *trusted = &run->settings->arc.trusted;

	for (size_t i = 0; i < trusted->count; i++)
		if (strncmp(trusted->items[i], "*.", 2) == 0 &&
		    domain_labels(trusted->items[i] + 2) == 1)
			review_run_add(run, "arc.trusted", PLACES_NO_ENTRY,
			               "setting \"arc.trusted\" has \"%s\": everybody with a name "
			               "below it is believed, whatever he seals",
			               trusted->items[i]);
}
