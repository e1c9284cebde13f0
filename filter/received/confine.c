/*
 * confine.c - descriptors, rights and limits of a process that reads what strangers wrote.
 */
#include "received/confine.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	DESCRIPTORS_MAX = 65536,
	NICE = 10
};

static void close_between(unsigned first, unsigned last)
{
	if (first > last || close_range(first, last, 0) == 0)
		return;
	/* a kernel before 5.9 */
	for (unsigned file = first; file <= last && file < DESCRIPTORS_MAX; file++)
		close((int)file);
}

static void close_others(int one, int other)
{
	unsigned low = (unsigned)(one < other ? one : other);
	unsigned high = (unsigned)(one < other ? other : one);

	if (low > 0)
		close_between(0, low - 1);
	close_between(low + 1, high - 1);
	close_between(high + 1, ~0U);
}

/* What the process has mapped now; libraries and sanitizers take what they take. */
static rlim_t mapped_now(void)
{
	FILE *statm = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (statm == NULL)
		return 0;
	if (fscanf(statm, "%lu", &pages) != 1)
		pages = 0;
	fclose(statm);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static bool confine_limit(int what, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = {soft, hard};

	return setrlimit(what, &limit) == 0;
}

bool confine_process(int input, int output, const struct confine_limits *limits)
{
	rlim_t mapped = mapped_now();

	close_others(input, output);
	errno = 0;
	if (nice(NICE) == -1 && errno != 0)
		return false;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       (mapped == 0 || confine_limit(RLIMIT_AS, mapped + limits->memory_octets,
	                                     mapped + limits->memory_octets)) &&
	       confine_limit(RLIMIT_CPU, limits->cpu_seconds, limits->cpu_seconds + 1) &&
	       confine_limit(RLIMIT_FSIZE, 0, 0) && confine_limit(RLIMIT_NPROC, 0, 0) &&
	       confine_limit(RLIMIT_NOFILE, 0, 0) && confine_limit(RLIMIT_CORE, 0, 0) &&
	       confine_calls();
}
