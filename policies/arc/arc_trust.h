/*
 * arc_trust.h - what a listed sealer found, and whether it restores a message that fails DMARC here
 * (RFC 8617 7.2; README.md of this folder has the rules).
 */
#ifndef ASSAY_ARC_TRUST_H
#define ASSAY_ARC_TRUST_H

#include "base/arena.h"
#include "base/setting.h"
#include "finding.h"
#include "services.h"

/*
 * Fills in `trusted` of the sets, trusted_by, restored, restored_set, would_restore and
 * remote_address, which are empty before. `trusted` has names in internal form, "*.example.org" for
 * all below one. Nothing is restored unless the chain passes, DMARC fails, and From names exactly
 * one author. Compares organizational domains by dmarc->organizations, at most a few times a
 * message; a lookup that fails restores nothing. `services` is for the debug log, and may be NULL.
 * What it keeps is in the arena; time is linear in the length of the fields.
 */
void arc_trust_judge(struct arc_finding *arc, const struct strings *trusted,
                     const struct dmarc_finding *dmarc, const struct services *services,
                     struct arena *arena);

#endif
