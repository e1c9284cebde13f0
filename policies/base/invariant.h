/*
 * invariant.h - what must be true where one part of the program hands over to another.
 *
 * `invariant(condition)` stands for what the caller has promised or a table guarantees, in every
 * build. If it is false, the program itself is wrong, and going on would judge mail by chance:
 * file, line and condition go to standard error (under systemd that is the journal), and the
 * process aborts; its supervisor starts it anew, and the mail server tries again.
 *
 * Nothing from outside may make one false: no octet of a sender or of a name server, no setting, no
 * file. Those get a result or an error.
 */
#ifndef ASSAY_INVARIANT_H
#define ASSAY_INVARIANT_H

#define invariant(condition)                                                                       \
	((condition) ? (void)0 : invariant_failed(__FILE__, __LINE__, #condition))

/* Never returns. From any thread. */
void invariant_failed(const char *file, int line, const char *condition)
    __attribute__((noreturn, cold));

#endif
