/*
 * health.c - what /health answers (health.h has the reasons). Called by pages.c and status_text.c.
 */
#include "metrics/health.h"

bool health_is_good(const struct facts *facts, struct problem *problem)
{
	if (facts->stopping)
		return problem_say(problem,
		                   "stopping: the messages under way are finished, new ones are "
		                   "asked to come again");
	if (facts->dns.silent_seconds >= HEALTH_SILENT_S)
		return problem_say(
		    problem,
		    "no DNS lookup has been answered for %ld seconds; see whether the name "
		    "servers work (setting \"resolver.servers\", or /etc/resolv.conf)",
		    facts->dns.silent_seconds);
	return true;
}
