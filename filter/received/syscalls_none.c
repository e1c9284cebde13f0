/*
 * syscalls_none.c - without libseccomp the limits of confine.c have to do.
 */
#include "received/syscalls.h"

bool syscalls_confine(void)
{
	return true;
}

const char *syscalls_kind(void)
{
	return "";
}
