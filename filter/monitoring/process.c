/*
 * process.c - what the process uses: memory, files and processor time, from /proc and getrusage(2).
 * facts.c calls it.
 */
#include "monitoring/process.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static unsigned long resident_bytes(void)
{
	unsigned long all = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu %lu", &all, &resident) != 2)
		resident = 0;
	fclose(file);
	return resident * (unsigned long)sysconf(_SC_PAGESIZE);
}

static unsigned long open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned long count = 0;

	if (folder == NULL)
		return 0;
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count < 3 ? 0 : count - 3; /* without ".", ".." and the folder itself */
}

/* Field 22 of /proc/self/stat (proc(5)) has the start in ticks after the machine's. */
double process_started(void)
{
	char line[1024];
	unsigned long long ticks = 0;
	struct timespec now, up;
	FILE *file = fopen("/proc/self/stat", "re");
	const char *rest;

	if (file == NULL)
		return 0;
	rest = fgets(line, sizeof line, file) == NULL ? NULL : strrchr(line, ')');
	fclose(file);
	if (rest == NULL ||
	    sscanf(rest,
	           ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
	           "%llu",
	           &ticks) != 1)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9 +
	       (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

void process_measure(struct facts_process *process)
{
	struct rusage usage = {.ru_maxrss = 0};
	struct rlimit files = {.rlim_cur = 0};

	getrusage(RUSAGE_SELF, &usage);
	getrlimit(RLIMIT_NOFILE, &files);
	process->resident_bytes = resident_bytes();
	process->open_files = open_files();
	process->max_files = (unsigned long)files.rlim_cur;
	process->processor_seconds = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
}
