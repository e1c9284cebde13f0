/*
 * sign_choice.h - which entries of "sign" sign a message, by its authors and its login; or why none
 * does.
 */
#ifndef ASSAY_SIGN_CHOICE_H
#define ASSAY_SIGN_CHOICE_H

#include "finding.h"
#include "message.h"
#include "services.h"
#include "sign/sign.h"

enum {
	SIGN_CHOICE_MAX = 16 /* entries that sign one message */
};

/* An entry that signs the message, and its keys. */
struct sign_chosen {
	const struct sign_entry *entry;
	const struct signing_keys *keys;
	size_t body; /* for sign.c: its hash among those of the body */
};

struct sign_choice {
	size_t count; /* 0: nothing is signed, for the reason */
	struct sign_chosen entries[SIGN_CHOICE_MAX];
	enum unsigned_kind kind;
	const char *reason;
};

/*
 * `author` is AUTHOR_ONE. A message is signed by the first entry that covers its author and has
 * keys for it, and by those below it as long as they continue. `services` is for the debug log, and
 * may be NULL. The result is in the arena, or lives as long as the settings.
 */
void sign_choice_make(struct sign_choice *choice, const struct sign_settings *settings,
                      const struct message *message, const struct author *author,
                      const struct services *services, struct arena *arena);

#endif
