/*
 * row_fixture.c - see row_fixture.h.
 */
#include "row_fixture.h"

struct report_row row_fixture(void)
{
	return (struct report_row){.received = 1800000000,
	                           .policy_domain = "example.org",
	                           .p = "reject",
	                           .sp = "reject",
	                           .np = "reject",
	                           .adkim = "r",
	                           .aspf = "r",
	                           .fo = "0",
	                           .testing = "n",
	                           .psd = "u",
	                           .discovery = "treewalk",
	                           .rua = "mailto:reports@example.org",
	                           .record_error = "",
	                           .source = "192.0.2.1",
	                           .disposition = "pass",
	                           .dkim_aligned = "pass",
	                           .spf_aligned = "fail",
	                           .override_type = "",
	                           .override_comment = "",
	                           .action = "accept",
	                           .dmarc = "pass",
	                           .header_from = "example.org",
	                           .envelope_from = "bounce.example.net",
	                           .envelope_to = "example.com",
	                           .spf_domain = "bounce.example.net",
	                           .spf_scope = "mfrom",
	                           .spf_result = "pass",
	                           .spf_reason = "",
	                           .sealer = "",
	                           .sealer_outcome = ""};
}
