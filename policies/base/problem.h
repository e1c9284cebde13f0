/*
 * problem.h - why something could not be done, for the person who has to fix it.
 *
 * A function that can fail for a reason that people need to know takes a struct problem and
 * returns false (or NULL). The message is one sentence without a final full stop: what is wrong,
 * where (file and line, name of the setting), what to do. The caller only adds its own context in
 * front.
 */
#ifndef ASSAY_PROBLEM_H
#define ASSAY_PROBLEM_H

#include <stdbool.h>

struct problem {
	char message[1024]; /* NUL-terminated; cut where longer */
};

/* Fills in the message, and returns false so that a failing function can end in `return
 * problem_say(...)`. */
bool problem_say(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
