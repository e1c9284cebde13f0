/*
 * syscalls_seccomp.c - the system calls that the reader may make, by libseccomp. A call that is not
 * here ends the process.
 */
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "received/syscalls.h"

static const int calls_allowed[] = {
    SCMP_SYS(read),         SCMP_SYS(write),         SCMP_SYS(readv),
    SCMP_SYS(writev),       SCMP_SYS(lseek),         SCMP_SYS(close),
    SCMP_SYS(munmap),       SCMP_SYS(mremap),        SCMP_SYS(madvise),
    SCMP_SYS(brk),          SCMP_SYS(futex),         SCMP_SYS(exit),
    SCMP_SYS(exit_group),   SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
    SCMP_SYS(time),         SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction), SCMP_SYS(getpid),        SCMP_SYS(gettid),
    SCMP_SYS(getrandom),    SCMP_SYS(sched_yield),   SCMP_SYS(restart_syscall),
    SCMP_SYS(sigaltstack)};

/* What libraries try and can do without: a locale, a converter, the name of the machine. */
static const int calls_denied[] = {
    SCMP_SYS(open),      SCMP_SYS(openat),     SCMP_SYS(stat),       SCMP_SYS(fstat),
    SCMP_SYS(lstat),     SCMP_SYS(newfstatat), SCMP_SYS(statx),      SCMP_SYS(access),
    SCMP_SYS(faccessat), SCMP_SYS(readlink),   SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
    SCMP_SYS(ioctl),     SCMP_SYS(fcntl),      SCMP_SYS(uname),      SCMP_SYS(sysinfo),
    SCMP_SYS(prctl),     SCMP_SYS(prlimit64),  SCMP_SYS(getrlimit)};

static bool add_rules(scmp_filter_ctx filter)
{
	int status = 0;

	for (size_t i = 0; i < sizeof calls_allowed / sizeof calls_allowed[0]; i++)
		status |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls_allowed[i], 0);
	for (size_t i = 0; i < sizeof calls_denied / sizeof calls_denied[0]; i++)
		status |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), calls_denied[i], 0);
	/* memory that can be run is not made */
	status |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	                           SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	status |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	                           SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* abort() */
	status |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	                           SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	return status == 0;
}

bool syscalls_confine(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool good = filter != NULL && add_rules(filter) && seccomp_load(filter) == 0;

	seccomp_release(filter);
	return good;
}

const char *syscalls_kind(void)
{
	return "seccomp";
}
