/* waxwing report outbox preview --mail: the mail that a report goes out as. */
#include "base/time.h"
#include "cli/cache.h"
#include "cli/load.h"
#include "cli/report.h"
#include "cli/subcommands.h"
#include "codec/gzip.h"
#include "daemon/courier_send.h"
#include "daemon/own_name.h"
#include "report/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int complain(const struct ww_report_options *o, const char *why)
{
    ww_subcommand_complain(o->control.command, o->control.about, why);
    return WW_EXIT_NOT;
}

/* The first mailbox that it goes to. */
static bool find_to(const struct ww_report_options *o, const struct ww_config *config, const json_t *report,
                    struct ww_rua *out)
{
    const char *address = o->to != NULL ? o->to : config->report_redirect;
    char uri[WW_MAILBOX_MAX + 16];
    const json_t *d;
    size_t i;
    if (address != NULL)
        return snprintf(uri, sizeof uri, "mailto:%s", address) < (int)sizeof uri &&
               ww_rua_parse(ww_slice_str(uri), out);
    json_array_foreach(json_object_get(report, "destinations"), i, d)
    {
        if (ww_rua_parse(ww_slice_str(ww_cache_text(d, "uri")), out) && out->scheme == WW_RUA_MAILTO)
            return true;
    }
    return false;
}

static bool fill(struct ww_msg_report *m, const json_t *report, const struct ww_config *config)
{
    const char *contact = ww_cache_text(report, "contact"),
               *organization = ww_cache_text(report, "organization");
    char day[WW_TIME_SIZE];
    if (contact[0] == '\0')
        contact = config->report_contact;
    if (contact == NULL)
        return false;
    if (organization[0] == '\0')
        organization =
            config->report_organization != NULL ? config->report_organization : ww_report_submitter(contact);
    (void)snprintf(day, sizeof day, "%.10sT00:00:00Z", ww_cache_text(report, "day"));
    *m = (struct ww_msg_report){.success = (uint64_t)ww_cache_number(report, "success"),
                                .failure = (uint64_t)ww_cache_number(report, "failure")};
    if (!ww_time_parse(ww_slice_str(day), &m->begin))
        return false;
    m->end = m->begin + WW_DAY_SECONDS - 1;
    (void)snprintf(m->domain, sizeof m->domain, "%s", ww_cache_text(report, "domain"));
    (void)snprintf(m->id, sizeof m->id, "%s", ww_cache_text(report, "id"));
    (void)snprintf(m->contact, sizeof m->contact, "%s", contact);
    (void)snprintf(m->organization, sizeof m->organization, "%s", organization);
    return true;
}

/* Without a signature where the key is not to be had: that is said. */
static char *write_mail(const struct ww_report_options *o, struct ww_config *config,
                        struct ww_courier_task *task, size_t *n)
{
    struct ww_courier_sent sent = {.detail = ""};
    char *mail = ww_courier_write(task, n, &sent);
    char *key = config->report_dkim_key;
    if (mail == NULL && key != NULL) {
        (void)complain(o, sent.detail);
        (void)complain(o, "the mail is shown without its signature");
        config->report_dkim_key = NULL;
        mail = ww_courier_write(task, n, &sent);
        config->report_dkim_key = key;
    }
    if (mail == NULL)
        (void)complain(o, sent.detail);
    return mail;
}

static int print_mail(const struct ww_report_options *o, struct ww_config *config, const json_t *report,
                      struct ww_slice text)
{
    struct ww_msg_report m;
    struct ww_rua rua;
    char host[WW_DNAME_SIZE];
    size_t n;
    struct ww_courier_task task = {
        .config = config, .report = &m, .rua = &rua, .host = host, .now = (int64_t)time(NULL)};
    if (!fill(&m, report, config))
        return complain(o, "report.contact is not set: nobody sends it");
    if (!find_to(o, config, report, &rua))
        return complain(o, "it is not known yet which address it goes to, if any: --to ADDRESS names one");
    if (!ww_own_name(host))
        (void)strcpy(host, "localhost");
    char *content = ww_gzip(text, &n);
    if (content == NULL)
        return WW_EXIT_INTERNAL;
    m.content = ww_slice(content, n);
    ww_report_mail_init();
    char *mail = write_mail(o, config, &task, &n);
    if (mail != NULL)
        (void)fwrite(mail, 1, n, stdout);
    free(content);
    int status = mail != NULL ? WW_EXIT_OK : WW_EXIT_NOT;
    free(mail);
    return status;
}

int ww_report_print_mail(const struct ww_report_options *o, const json_t *report, struct ww_slice text)
{
    struct ww_config *config = NULL;
    int status = ww_cli_load_config(o->control.command, o->control.config_path, &config);
    if (status == WW_EXIT_OK)
        status = print_mail(o, config, report, text);
    ww_config_free(config);
    return status;
}
