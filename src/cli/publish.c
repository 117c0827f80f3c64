/* waxwing publish: looks up its command and runs it; and what they share. */
#include "cli/publish.h"

#include "base/time.h"
#include "cli/check_view.h"
#include "cli/subcommands.h"
#include "cli/when.h"
#include "codec/idn.h"

#include <stdio.h>
#include <string.h>

static const struct ww_subcommand commands[] = {
    {"wizard", "[DOMAIN]", "from nothing to a published policy, one question at a time",
     ww_cli_publish_wizard},
    {"add", "DOMAIN...", "manage a domain: look at its MX hosts, and propose a policy", ww_cli_publish_add},
    {"start", "DOMAIN...", "publish in mode testing", ww_cli_publish_start},
    {"promote", "DOMAIN...", "go on to mode enforce", ww_cli_publish_promote},
    {"demote", "DOMAIN...", "go back to mode testing", ww_cli_publish_demote},
    {"mx", "DOMAIN", "change the MX hosts of the policy", ww_cli_publish_mx},
    {"set", "DOMAIN...", "change how a domain is published", ww_cli_publish_set},
    {"retire", "DOMAIN...", "publish no more, once no sender holds a policy", ww_cli_publish_retire},
    {"stop", "DOMAIN...", "change nothing; what is served stays served", ww_cli_publish_stop},
    {"resume", "DOMAIN...", "go on", ww_cli_publish_resume},
    {"remove", "DOMAIN...", "forget a domain that is a draft or gone", ww_cli_publish_remove},
    {"status", "[DOMAIN...]", "how far it is, what is waited for and until when", ww_cli_publish_status},
    {"show", "DOMAIN...", "all that is known of a domain, and what was done", ww_cli_publish_show},
    {"list", "", "the domains, a row each", ww_cli_publish_list},
    {"zone", "DOMAIN", "its DNS records: for a zone file, nsupdate or other tools", ww_cli_publish_zone},
    {"tlsa", "HOST", "TLSA records of an MX host, and how to change its key", ww_cli_publish_tlsa},
    {"look", "DOMAIN", "look at a domain now, and do what is due", ww_cli_publish_look},
};

int ww_cli_publish(int argc, char **argv)
{
    static const struct ww_subcommands all = {
        "publish",
        "Begin with `waxwing publish wizard`. ",
        commands,
        sizeof commands / sizeof *commands,
    };
    return ww_subcommands_run(&all, argc, argv);
}

bool ww_publish_domain(const struct ww_publish_options *o, const char *text, char domain[WW_DNAME_SIZE])
{
    bool address = ww_dname_is_address(text, strlen(text));
    enum ww_err err = address ? WW_OK : ww_idn_to_domain(ww_slice_str(text), domain);
    if (address)
        ww_subcommand_complain(o->control.command, text, "this is an address; a mail domain is wanted");
    else if (err != WW_OK)
        ww_subcommand_complain(o->control.command, text, ww_err_message(err));
    return !address && err == WW_OK;
}

static void keep(void *ctx, const json_t *item)
{
    json_t **shown = ctx;
    json_decref(*shown);
    *shown = json_deep_copy(item);
}

static const char not_published[] =
    "it is not one of the domains that are published: `waxwing publish add` makes it one";

int ww_publish_fetch(const struct ww_publish_options *o, const char *domain, json_t **shown)
{
    struct ww_control_options control = o->control;
    *shown = NULL;
    control.about = domain;
    control.unknown = not_published;
    int status = ww_control_call(&control, "publish-show", json_pack("{s:s}", "domain", domain), keep, shown);
    if (status == WW_EXIT_OK && *shown == NULL) {
        ww_subcommand_complain(control.command, domain, "the daemon tells nothing of it");
        status = WW_EXIT_INTERNAL;
    }
    if (status != WW_EXIT_OK) {
        json_decref(*shown);
        *shown = NULL;
    }
    return status;
}

/* What came of a change is asked for by those who show it. */
static void pass(void *ctx, const json_t *item)
{
    (void)ctx;
    (void)item;
}

int ww_publish_ask(const struct ww_publish_options *o, const char *command, const char *domain,
                   const json_t *fields)
{
    struct ww_control_options control = o->control;
    json_t *request = fields != NULL ? json_deep_copy(fields) : json_object();
    control.about = domain;
    control.unknown = not_published;
    if (json_object_set_new(request, "domain", json_string(domain)) != 0) {
        json_decref(request);
        request = NULL;
    }
    return ww_control_call(&control, command, request, pass, NULL);
}

int64_t ww_publish_time(const json_t *json, const char *key)
{
    int64_t at = 0;
    return ww_time_parse(ww_slice_str(ww_view_text(json, key)), &at) ? at : 0;
}

void ww_publish_when(int64_t at, int64_t now, char out[WW_PUBLISH_WHEN_SIZE])
{
    char text[WW_TIME_SIZE], when[WW_WHEN_SIZE];
    if (at == 0) {
        (void)snprintf(out, WW_PUBLISH_WHEN_SIZE, "-");
        return;
    }
    ww_time_format(at, text);
    ww_when(at, now, when);
    (void)snprintf(out, WW_PUBLISH_WHEN_SIZE, "%s, %.10s %.5s UTC", when, text, text + 11);
}

void ww_publish_span(int64_t seconds, char out[WW_PUBLISH_SPAN_SIZE])
{
    char when[WW_WHEN_SIZE];
    ww_when(seconds > 0 ? seconds : 0, 0, when);
    (void)snprintf(out, WW_PUBLISH_SPAN_SIZE, "%s", seconds > 0 ? when + strlen("in ") : "0 s");
}

const json_t *ww_publish_current(const json_t *shown)
{
    size_t count = ww_view_size(shown, "served");
    const json_t *last = count > 0 ? ww_view_at(shown, "served", count - 1) : NULL;
    return last != NULL && !ww_publish_is_foreign(last) && ww_publish_time(last, "until") == 0 ? last : NULL;
}

bool ww_publish_is_foreign(const json_t *served)
{
    return json_is_true(json_object_get(served, "foreign"));
}

const json_t *ww_publish_shown_foreign(const json_t *shown)
{
    for (size_t i = 0; i < ww_view_size(shown, "served"); i++) {
        const json_t *served = ww_view_at(shown, "served", i);
        if (ww_publish_is_foreign(served) && ww_publish_time(served, "until") == 0)
            return served;
    }
    return NULL;
}
