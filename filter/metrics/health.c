/*
 * health.c - what /health answers (health.h says why). Called by pages.c, status_text.c and
 * warnings.c.
 */
#include "metrics/health.h"

bool health_is_good(const struct facts *facts, struct problem *problem)
{
	if (facts->stopping)
		return problem_say(
		    problem, "stopping: messages under way are finished, new ones are deferred");
	if (facts->dns.silent_seconds >= HEALTH_SILENT_S)
		return problem_say(
		    problem,
		    "no DNS lookup has been answered for %ld seconds; check that the name servers "
		    "work (setting \"resolver.servers\", or /etc/resolv.conf)",
		    facts->dns.silent_seconds);
	return true;
}
