/*
 * problem.c - why something could not be done, as a sentence. Called wherever settings, files or
 * libraries can fail.
 */
#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>

bool problem_say(struct problem *problem, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(problem->message, sizeof problem->message, format, arguments);
	va_end(arguments);
	return false;
}
