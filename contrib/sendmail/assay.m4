divert(-1)
dnl assay.m4 - attaches Assay to Sendmail; see README.md in this folder.
dnl
dnl     FEATURE(`assay')                                      the default socket, unix:/run/assay/assay.sock
dnl     FEATURE(`assay', `inet:8891@127.0.0.1')               as "listen" in assay.conf has it
dnl     FEATURE(`assay', `unix:/run/assay/assay.sock', `R')   what to do with mail while assayd is down:
dnl                                                           T defer (the default), R reject, O accept unjudged
dnl
dnl It belongs before the MAILER lines, and before every INPUT_MAIL_FILTER: Assay has to see a message as it came.
dnl (Sendmail takes # for no comment in m4; only dnl keeps the lines above from being carried out.)

divert(0)dnl
VERSIONID(`assay.m4')
divert(-1)

define(`_ASSAY_SOCKET_', ifelse(len(X`'_ARG_), `1', ``unix:/run/assay/assay.sock'', ``_ARG_''))
define(`_ASSAY_ABSENT_', ifelse(len(X`'_ARG2_), `1', ``T'', ``_ARG2_''))
ifelse(_ASSAY_ABSENT_, `T', `define(`_ASSAY_FLAG_', `` F=T,'')',
	_ASSAY_ABSENT_, `R', `define(`_ASSAY_FLAG_', `` F=R,'')',
	_ASSAY_ABSENT_, `O', `define(`_ASSAY_FLAG_', `')',
	`errprint(`*** ERROR: assay.m4: the third argument is T, R or O, not '_ASSAY_ABSENT_
)m4exit(1)')

dnl Assay answers each step at once but the last, at which it may wait for DNS (limits.message_ms, 20 s at most unless set).
INPUT_MAIL_FILTER(`assay', `S='_ASSAY_SOCKET_`,'_ASSAY_FLAG_` T=C:10s;S:30s;R:60s;E:5m')
