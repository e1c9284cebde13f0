/*
 * source_services.c - see source_services.h.
 */
#include "received/source_services.h"

#include <stddef.h>

#include "base/domain.h"

const struct source_service source_services[] = {
    {"amazonses.com", "Amazon SES", TRADE_SENDER, NULL, {NULL, NULL}},
    {"sendgrid.net", "Twilio SendGrid", TRADE_SENDER, NULL, {NULL, NULL}},
    {"mcsv.net", "Mailchimp", TRADE_SENDER, NULL, {"k2 dkim2.mcsv.net", "k3 dkim3.mcsv.net"}},
    {"mcdlv.net", "Mailchimp", TRADE_SENDER, NULL, {"k2 dkim2.mcsv.net", "k3 dkim3.mcsv.net"}},
    {"rsgsv.net", "Mailchimp", TRADE_SENDER, NULL, {"k2 dkim2.mcsv.net", "k3 dkim3.mcsv.net"}},
    {"mandrillapp.com",
     "Mailchimp Transactional",
     TRADE_SENDER,
     NULL,
     {"mte1 dkim1.mandrillapp.com", "mte2 dkim2.mandrillapp.com"}},
    {"mailgun.org", "Mailgun", TRADE_SENDER, NULL, {NULL, NULL}},
    {"mailgun.net", "Mailgun", TRADE_SENDER, NULL, {NULL, NULL}},
    {"mtasv.net", "Postmark", TRADE_SENDER, NULL, {NULL, NULL}},
    {"postmarkapp.com", "Postmark", TRADE_SENDER, NULL, {NULL, NULL}},
    {"sparkpostmail.com", "SparkPost", TRADE_SENDER, NULL, {NULL, NULL}},
    {"mailjet.com", "Mailjet", TRADE_SENDER, NULL, {NULL, NULL}},
    {"sendinblue.com", "Brevo", TRADE_SENDER, NULL, {NULL, NULL}},
    {"brevo.com", "Brevo", TRADE_SENDER, NULL, {NULL, NULL}},
    {"hubspotemail.net", "HubSpot", TRADE_SENDER, NULL, {NULL, NULL}},
    {"exacttarget.com", "Salesforce Marketing Cloud", TRADE_SENDER, NULL, {NULL, NULL}},
    {"salesforce.com", "Salesforce", TRADE_SENDER, "_spf.salesforce.com", {NULL, NULL}},
    {"mktomail.com", "Adobe Marketo", TRADE_SENDER, NULL, {NULL, NULL}},
    {"constantcontact.com", "Constant Contact", TRADE_SENDER, NULL, {NULL, NULL}},
    {"ccsend.com", "Constant Contact", TRADE_SENDER, NULL, {NULL, NULL}},
    {"klaviyomail.com", "Klaviyo", TRADE_SENDER, NULL, {NULL, NULL}},
    {"createsend.com", "Campaign Monitor", TRADE_SENDER, NULL, {NULL, NULL}},
    {"zendesk.com",
     "Zendesk",
     TRADE_SENDER,
     "mail.zendesk.com",
     {"zendesk1 zendesk1._domainkey.zendesk.com", "zendesk2 zendesk2._domainkey.zendesk.com"}},
    {"freshdesk.com", "Freshdesk", TRADE_SENDER, "email.freshdesk.com", {NULL, NULL}},
    {"intercom-mail.com", "Intercom", TRADE_SENDER, NULL, {NULL, NULL}},
    {"mlsend.com", "MailerLite", TRADE_SENDER, NULL, {NULL, NULL}},
    {"getresponse-mail.com", "GetResponse", TRADE_SENDER, NULL, {NULL, NULL}},
    {"aweber.com", "AWeber", TRADE_SENDER, NULL, {NULL, NULL}},
    {"elasticemail.com", "Elastic Email", TRADE_SENDER, NULL, {NULL, NULL}},
    {"smtp2go.com", "SMTP2GO", TRADE_SENDER, NULL, {NULL, NULL}},
    {"crsend.com", "CleverReach", TRADE_SENDER, NULL, {NULL, NULL}},
    {"zcsend.net", "Zoho Campaigns", TRADE_SENDER, NULL, {NULL, NULL}},
    {"shopifyemail.com", "Shopify", TRADE_SENDER, NULL, {NULL, NULL}},
    {"docusign.net", "DocuSign", TRADE_SENDER, NULL, {NULL, NULL}},
    {"atlassian.net", "Atlassian", TRADE_SENDER, NULL, {NULL, NULL}},

    {"google.com", "Google", TRADE_MAILBOX, "_spf.google.com", {NULL, NULL}},
    {"outlook.com", "Microsoft 365", TRADE_MAILBOX, "spf.protection.outlook.com", {NULL, NULL}},
    {"onmicrosoft.com", "Microsoft 365", TRADE_MAILBOX, "spf.protection.outlook.com", {NULL, NULL}},
    {"yahoo.com", "Yahoo", TRADE_MAILBOX, NULL, {NULL, NULL}},
    {"icloud.com", "iCloud", TRADE_MAILBOX, "icloud.com", {NULL, NULL}},
    {"apple.com", "iCloud", TRADE_MAILBOX, "icloud.com", {NULL, NULL}},
    {"messagingengine.com", "Fastmail", TRADE_MAILBOX, "spf.messagingengine.com", {NULL, NULL}},
    {"zoho.com", "Zoho Mail", TRADE_MAILBOX, "zoho.com", {NULL, NULL}},
    {"zoho.eu", "Zoho Mail", TRADE_MAILBOX, "zoho.eu", {NULL, NULL}},
    {"protonmail.ch", "Proton Mail", TRADE_MAILBOX, "_spf.protonmail.ch", {NULL, NULL}},
    {"mailbox.org", "mailbox.org", TRADE_MAILBOX, "mailbox.org", {NULL, NULL}},
    {"migadu.com", "Migadu", TRADE_MAILBOX, "spf.migadu.com", {NULL, NULL}},
    {"gmx.net", "GMX", TRADE_MAILBOX, NULL, {NULL, NULL}},
    {"web.de", "WEB.DE", TRADE_MAILBOX, NULL, {NULL, NULL}},
    {"kundenserver.de", "IONOS", TRADE_MAILBOX, "_spf-eu.ionos.com", {NULL, NULL}},
    {"rzone.de", "STRATO", TRADE_MAILBOX, NULL, {NULL, NULL}},
    {"ovh.net", "OVHcloud", TRADE_MAILBOX, "mx.ovh.com", {NULL, NULL}},
    {"gandi.net", "Gandi", TRADE_MAILBOX, "_mailcust.gandi.net", {NULL, NULL}},
    {"infomaniak.ch", "Infomaniak", TRADE_MAILBOX, "spf.infomaniak.ch", {NULL, NULL}},
    {"secureserver.net", "GoDaddy", TRADE_MAILBOX, "secureserver.net", {NULL, NULL}},
    {"emailsrvr.com", "Rackspace Email", TRADE_MAILBOX, "emailsrvr.com", {NULL, NULL}},
    {"privateemail.com", "Namecheap", TRADE_MAILBOX, "spf.privateemail.com", {NULL, NULL}},
    {"yandex.net", "Yandex", TRADE_MAILBOX, "_spf.yandex.net", {NULL, NULL}},
    {"mail.ru", "Mail.ru", TRADE_MAILBOX, "_spf.mail.ru", {NULL, NULL}},
    {"qq.com", "Tencent QQ Mail", TRADE_MAILBOX, "spf.mail.qq.com", {NULL, NULL}},
    {"naver.com", "Naver", TRADE_MAILBOX, NULL, {NULL, NULL}},

    {"mimecast.com", "Mimecast", TRADE_GATEWAY, NULL, {NULL, NULL}},
    {"pphosted.com", "Proofpoint", TRADE_GATEWAY, NULL, {NULL, NULL}},
    {"messagelabs.com", "Symantec Email Security", TRADE_GATEWAY, NULL, {NULL, NULL}},
    {"barracudanetworks.com", "Barracuda", TRADE_GATEWAY, NULL, {NULL, NULL}},
    {"iphmx.com", "Cisco Secure Email", TRADE_GATEWAY, NULL, {NULL, NULL}},
    {"mailcontrol.com", "Forcepoint", TRADE_GATEWAY, NULL, {NULL, NULL}},
    {"hornetsecurity.com", "Hornetsecurity", TRADE_GATEWAY, NULL, {NULL, NULL}},
    {"antispamcloud.com", "SpamExperts", TRADE_GATEWAY, NULL, {NULL, NULL}},

    {"cloudflare-email.net", "Cloudflare Email Routing", TRADE_FORWARDER, NULL, {NULL, NULL}},
    {"forwardemail.net", "Forward Email", TRADE_FORWARDER, NULL, {NULL, NULL}},
    {"improvmx.com", "ImprovMX", TRADE_FORWARDER, NULL, {NULL, NULL}},
    {"simplelogin.co", "SimpleLogin", TRADE_FORWARDER, NULL, {NULL, NULL}},
    {"pobox.com", "Pobox", TRADE_FORWARDER, NULL, {NULL, NULL}},

    {"googlegroups.com", "Google Groups", TRADE_LIST, NULL, {NULL, NULL}},
    {"groups.io", "Groups.io", TRADE_LIST, NULL, {NULL, NULL}},
    {"freelists.org", "FreeLists", TRADE_LIST, NULL, {NULL, NULL}},
    {"ietf.org", "IETF lists", TRADE_LIST, NULL, {NULL, NULL}},
    {"debian.org", "Debian lists", TRADE_LIST, NULL, {NULL, NULL}},
    {"sourceforge.net", "SourceForge lists", TRADE_LIST, NULL, {NULL, NULL}},

    {.domain = NULL},
};

const struct source_service *source_services_find(const char *domain)
{
	for (const struct source_service *service = source_services; service->domain != NULL;
	     service++)
		if (domain_within(domain, service->domain))
			return service;
	return NULL;
}
