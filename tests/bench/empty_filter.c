/*
 * empty_filter.c - the least that a filter on libmilter can do: it negotiates as Assay does, takes
 * every step and inserts one field. What it costs is the floor of all filters on libmilter.
 *
 *     tests/bench/empty_filter SOCKET        unix:PATH or inet:PORT@HOST
 */
#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static char result_name[] = "Authentication-Results";
static char result_value[] = " mx.example.net;\n"
                             "\tdmarc=pass header.from=example.org policy.dmarc=reject;\n"
                             "\tdkim=pass header.d=example.org header.s=s1 header.b=QUJDREVG;\n"
                             "\tspf=pass smtp.mailfrom=anna@example.org";
static char connect_macros[] = "v", mail_macros[] = "i {auth_authen}", end_macros[] = "i";

static sfsistat on_negotiate(SMFICTX *context, unsigned long actions, unsigned long steps,
                             unsigned long f2, unsigned long f3, unsigned long *our_actions,
                             unsigned long *our_steps, unsigned long *our_f2, unsigned long *our_f3)
{
	(void)f2;
	(void)f3;
	*our_actions = actions & (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_ADDRCPT |
	                          SMFIF_DELRCPT | SMFIF_SETSYMLIST);
	*our_steps =
	    steps & (SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_SKIP | SMFIP_HDR_LEADSPC |
	             SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH);
	*our_f2 = *our_f3 = 0;
	smfi_setsymlist(context, SMFIM_CONNECT, connect_macros);
	smfi_setsymlist(context, SMFIM_ENVFROM, mail_macros);
	smfi_setsymlist(context, SMFIM_EOM, end_macros);
	return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address)
{
	(void)context;
	(void)name;
	(void)address;
	return SMFIS_NOREPLY;
}

static sfsistat on_helo(SMFICTX *context, char *helo)
{
	(void)context;
	(void)helo;
	return SMFIS_NOREPLY;
}

static sfsistat on_mail(SMFICTX *context, char **arguments)
{
	(void)context;
	(void)arguments;
	return SMFIS_CONTINUE;
}

static sfsistat on_recipient(SMFICTX *context, char **arguments)
{
	(void)context;
	(void)arguments;
	return SMFIS_NOREPLY;
}

static sfsistat on_header(SMFICTX *context, char *name, char *value)
{
	(void)context;
	(void)name;
	(void)value;
	return SMFIS_NOREPLY;
}

static sfsistat on_end_of_headers(SMFICTX *context)
{
	(void)context;
	return SMFIS_NOREPLY;
}

static sfsistat on_body(SMFICTX *context, unsigned char *bytes, size_t length)
{
	(void)context;
	(void)bytes;
	(void)length;
	return SMFIS_CONTINUE;
}

static sfsistat on_end_of_message(SMFICTX *context)
{
	return smfi_insheader(context, 0, result_name, result_value) == MI_SUCCESS ? SMFIS_CONTINUE
	                                                                           : SMFIS_TEMPFAIL;
}

int main(int argc, char **argv)
{
	char name[] = "empty";
	struct smfiDesc description = {
	    .xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_ADDRCPT |
	                  SMFIF_DELRCPT | SMFIF_SETSYMLIST,
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_mail,
	    .xxfi_envrcpt = on_recipient,
	    .xxfi_header = on_header,
	    .xxfi_eoh = on_end_of_headers,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_end_of_message,
	    .xxfi_negotiate = on_negotiate,
	};

	if (argc != 2) {
		fprintf(stderr, "usage: empty_filter SOCKET\n");
		return EX_USAGE;
	}
	smfi_register(description);
	smfi_setbacklog(SOMAXCONN);
	if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_opensocket(true) != MI_SUCCESS) {
		perror(argv[1]);
		return EX_OSERR;
	}
	return smfi_main() == MI_SUCCESS ? 0 : EX_SOFTWARE;
}
