/*
 * settings_rows.c - the table of all settings. Rows of a module stand in that module; what belongs
 * to none stands here.
 */
#include "settings/settings_rows.h"

#include "settings/settings.h"

#define IN(member) offsetof(struct settings, member)

static const struct setting socket_rows[] = {
    {.name = "mode",
     .type = SETTING_STRING,
     .offset = offsetof(struct socket_settings, mode),
     .standard = "\"0660\"",
     .help = "Permissions of a unix socket, octal"},
    {.name = "group",
     .type = SETTING_STRING,
     .offset = offsetof(struct socket_settings, group),
     .standard = "\"\"",
     .help = "Group that owns a unix socket, the mail server's for instance; empty: the first "
             "group of `user`"},
    {.name = NULL},
};

static const struct setting_group socket_group = {"socket", socket_rows,
                                                  sizeof(struct socket_settings)};

static const struct setting network_rows[] = {
    {.name = "ours",
     .type = SETTING_NETWORKS,
     .offset = offsetof(struct network_settings, ours),
     .standard = "[ \"127.0.0.0/8\", \"::1/128\" ]",
     .help =
         "Mail from these networks is outbound, like that of authenticated clients: it is signed, "
         "not judged"},
    {.name = "forwarders",
     .type = SETTING_NETWORKS,
     .offset = offsetof(struct network_settings, forwarders),
     .standard = "[ ]",
     .help = "Mail from these networks is judged, but a DMARC failure is not enforced "
             "(trusted_forwarder)"},
    {.name = NULL},
};

static const struct setting_group network_group = {"networks", network_rows,
                                                   sizeof(struct network_settings)};

static const struct setting limit_rows[] = {
    {.name = "messages",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct limit_settings, messages),
     .standard = "200",
     .minimum = 1,
     .maximum = 10000,
     .help = "Messages under way at once; the server asks the sender of a further one to try again "
             "later. One client (IPv6: its /48) may have half of them, and while three quarters "
             "are taken one each, unless it is in networks.ours or networks.forwarders. Set it "
             "above the SMTP sessions that the mail server allows (Postfix: "
             "default_process_limit), and they cannot be used up"},
    {.name = "header_bytes",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct limit_settings, header_bytes),
     .standard = "1048576",
     .minimum = 16384,
     .maximum = 67108864,
     .help = "Octets of header fields that are read, each field counted with 32 more; mail from "
             "outside with more is rejected, and outbound mail if fields beyond it would have to "
             "be removed"},
    {.name = "recipients",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct limit_settings, recipients),
     .standard = "1000",
     .minimum = 1,
     .maximum = 100000,
     .help = "Recipients of a message that are kept for rules and reports; more are delivered, but "
             "not looked at"},
    {.name = "message_ms",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct limit_settings, message_ms),
     .standard = "20000",
     .minimum = 1000,
     .maximum = 240000,
     .help = "Milliseconds that one message may wait for DNS in all; Postfix gives up after 300 s"},
    {.name = "stop_seconds",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct limit_settings, stop_seconds),
     .standard = "30",
     .minimum = 0,
     .maximum = 600,
     .help = "Seconds that a stop waits for the messages under way"},
    {.name = NULL},
};

static const struct setting_group limit_group = {"limits", limit_rows,
                                                 sizeof(struct limit_settings)};

static const struct setting root_rows[] = {
    {.name = "authserv_id",
     .type = SETTING_STRING,
     .offset = IN(authserv_id),
     .standard = "\"\"",
     .help =
         "The name of this server in Authentication-Results, a domain name; empty: what the mail "
         "server calls itself (its macro j), else the full name of this host"},
    {.name = "listen",
     .type = SETTING_STRING,
     .offset = IN(listen),
     .standard = "\"unix:/run/assay/assay.sock\"",
     .help = "Where the mail server connects: unix:/PATH, inet:PORT@ADDRESS or "
             "inet6:PORT@[ADDRESS]. A port lets every user of the host have mail signed, and stop "
             "assayd with a malformed packet that libmilter does not survive; a UNIX socket, the "
             "default, lets in those alone that may open it"},
    {.name = "socket",
     .type = SETTING_GROUP,
     .offset = IN(socket),
     .group = &socket_group,
     .help = "Who may connect to a unix socket"},
    {.name = "user",
     .type = SETTING_STRING,
     .offset = IN(user),
     .standard = "\"assay\"",
     .help = "The user to run as when started by root"},
    {.name = "pid_file",
     .type = SETTING_STRING,
     .offset = IN(pid_file),
     .standard = "\"\"",
     .help = "File that holds the process id while the daemon runs; empty: none"},
    {.name = "log",
     .type = SETTING_GROUP,
     .offset = IN(log),
     .group = &log_settings_group,
     .help = "Where the log goes, and how much is logged"},
    {.name = "networks",
     .type = SETTING_GROUP,
     .offset = IN(networks),
     .group = &network_group,
     .help = "Clients whose mail is treated differently"},
    {.name = "resolver",
     .type = SETTING_GROUP,
     .offset = IN(resolver),
     .group = &resolver_settings_group,
     .help = "How names are looked up in the DNS"},
    {.name = "iprev",
     .type = SETTING_GROUP,
     .offset = IN(iprev),
     .group = &iprev_settings_group,
     .help = "Whether the client's address and its names agree, RFC 8601 3"},
    {.name = "spf",
     .type = SETTING_GROUP,
     .offset = IN(spf),
     .group = &spf_settings_group,
     .help = "Sender Policy Framework, RFC 7208"},
    {.name = "dkim",
     .type = SETTING_GROUP,
     .offset = IN(dkim),
     .group = &dkim_settings_group,
     .help = "Verification of DomainKeys Identified Mail signatures, RFC 6376"},
    {.name = "arc",
     .type = SETTING_GROUP,
     .offset = IN(arc),
     .group = &arc_settings_group,
     .help = "Authenticated Received Chain, RFC 8617: what earlier hops found out about a message"},
    {.name = "dmarc",
     .type = SETTING_GROUP,
     .offset = IN(dmarc),
     .group = &dmarc_settings_group,
     .help = "What becomes of mail that fails DMARC, RFC 9989"},
    {.name = "quarantine",
     .type = SETTING_GROUP,
     .offset = IN(quarantine),
     .group = &quarantine_settings_group,
     .help = "What quarantine means here"},
    {.name = "sign",
     .type = SETTING_LIST,
     .offset = IN(sign.entries),
     .group = &sign_settings_group,
     .help = "Whose mail is signed with which keys, RFC 6376: the first entry that fits and has a "
             "key applies"},
    {.name = "sign_line_limit",
     .type = SETTING_NUMBER,
     .offset = IN(sign.line_limit),
     .standard = "998",
     .minimum = 0,
     .maximum = 1048576,
     .help = "Octets after which Postfix breaks a line that it sends, its smtp_line_length_limit; "
             "what is signed is broken so too; 0 or 1: never"},
    {.name = "reports",
     .type = SETTING_GROUP,
     .offset = IN(reports),
     .group = &report_settings_group,
     .help = "Aggregate reports to the owners of author domains, RFC 9990"},
    {.name = "received",
     .type = SETTING_GROUP,
     .offset = IN(received),
     .group = &received_settings_group,
     .help = "Reports that others send about your domains, RFC 9990 and RFC 8460"},
    {.name = "web",
     .type = SETTING_GROUP,
     .offset = IN(web),
     .group = &web_settings_group,
     .help = "The page of assay web: who sends as your domains, and what to do about it"},
    {.name = "failures",
     .type = SETTING_GROUP,
     .offset = IN(failures),
     .group = &failure_settings_group,
     .help = "Reports on single messages that failed DMARC, RFC 9991; off unless agreed with"},
    {.name = "rules",
     .type = SETTING_LIST,
     .offset = IN(rules),
     .group = &rule_settings,
     .help = "The site's own exceptions: the first whose conditions all hold applies"},
    {.name = "limits",
     .type = SETTING_GROUP,
     .offset = IN(limits),
     .group = &limit_group,
     .help = "Limits on what mail can cost"},
    {.name = "metrics",
     .type = SETTING_GROUP,
     .offset = IN(metrics),
     .group = &metrics_settings_group,
     .help = "Monitoring the daemon"},
    {.name = NULL},
};

const struct setting_group settings_rows = {"", root_rows, sizeof(struct settings)};
