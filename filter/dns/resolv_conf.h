/*
 * resolv_conf.h - /etc/resolv.conf: does it name a server, and did it change?
 *
 * A host that gets its name servers after the daemon has started, or other ones, writes them there.
 * One thread uses a struct.
 */
#ifndef ASSAY_RESOLV_CONF_H
#define ASSAY_RESOLV_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct resolv_conf {
	struct stat seen;   /* all zero: the file did not exist */
	int64_t checked_ms; /* by cache_now() */
};

bool resolv_conf_has_server(void);

/* Remembers the file as it is now. */
void resolv_conf_begin(struct resolv_conf *file);

/* Is it another file, or has it another content, than when it was last remembered? Looks at most
 * once a second, and remembers what it saw. */
bool resolv_conf_changed(struct resolv_conf *file, int64_t now_ms);

#endif
