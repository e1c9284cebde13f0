/*
 * web_settings.c - the rows of the settings group "web".
 */
#include "web/web_settings.h"

#define ROW(member) offsetof(struct web_settings, member)

static const struct setting web_rows[] = {
    {.name = "listen",
     .type = SETTING_STRING,
     .offset = ROW(listen),
     .standard = "\"inet:8893@127.0.0.1\"",
     .help = "Where assay web serves the page: unix:/PATH, inet:PORT@ADDRESS or "
             "inet6:PORT@[ADDRESS]. Whoever reaches it may read it; an address that other hosts "
             "reach needs web.trusted_proxy"},
    {.name = "trusted_proxy",
     .type = SETTING_NETWORKS,
     .offset = ROW(trusted_proxy),
     .standard = "[ ]",
     .help = "Addresses of the web servers that ask for the page on behalf of people who logged in "
             "there; besides them only this host itself is answered"},
    {.name = "hosts",
     .type = SETTING_STRINGS,
     .offset = ROW(hosts),
     .standard = "[ ]",
     .help = "Names of the page in browsers, such as \"mail.example.org\"; localhost and "
             "addresses are always right. Others are refused, so that no page elsewhere can read "
             "this one by a name of its own (DNS rebinding)"},
    {.name = NULL}};

const struct setting_group web_settings_group = {
    .name = "web", .rows = web_rows, .size = sizeof(struct web_settings)};
