#include "cli/query.h"
#include "cli/show.h"
#include "core/dname.h"

#include <stdio.h>
#include <string.h>

/* More than this is for programs: --json has it. */
#define PATTERNS_SHOWN 20
#define REPLY_SHOWN 600

static const char *text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

static bool is(const json_t *json, const char *key, const char *value)
{
    return strcmp(text(json, key), value) == 0;
}

static const json_t *override_of(const json_t *json)
{
    const json_t *override = json_object_get(json, "override");
    return json_is_object(override) ? override : NULL;
}

static bool is_overridden(const json_t *json)
{
    return json_is_true(json_object_get(override_of(json), "applied"));
}

const char *ww_query_demand(const json_t *json)
{
    if (is(json, "level", "secure"))
        return "TLS with a valid certificate for a listed MX host, or no delivery";
    if (is(json, "level", "encrypt"))
        return "TLS, whatever the certificate, or no delivery";
    if (is(json, "level", "dane-only"))
        return "TLS with a certificate that matches the TLSA records (DANE), or no delivery";
    if (is(json, "level", "dane"))
        return "what the TLSA records of each MX host ask (DANE)";
    if (is(json, "level", "may"))
        return "no demand: TLS when it is offered, whatever the certificate";
    if (is(json, "level", "none") && is_overridden(json))
        return "no demand: an override has switched it off";
    if (is(json, "level", "testing"))
        return "no demand yet: the domain is testing its policy";
    if (is(json, "level", "hold"))
        return "no delivery for now";
    if (is(json_object_get(json, "preload"), "mode", "testing"))
        return "no demand yet: the preload list has it in testing";
    return is(json, "mode", "none") ? "no demand: its policy says none"
                                    : "no demand: no MTA-STS policy is known";
}

/* Green: protected; yellow: not yet, or not now; nothing for no demand. */
static const char *colour(const json_t *json)
{
    if (!ww_show_has_colour(stdout) || is(json, "level", "none"))
        return "";
    bool is_protected =
        is(json, "level", "secure") || is(json, "level", "encrypt") || is(json, "level", "dane-only");
    return is_protected ? "\033[32m" : "\033[33m";
}

static const struct outcome {
    const char *name;
    const char *words;
    const char *advice; /* NULL: nothing to do */
} outcomes[] = {
    {"policy", "the policy was fetched", NULL},
    {"unchanged", "the record still has the same id", NULL},
    {"no-record", "the domain has no MTA-STS record", NULL},
    {"record-invalid", "the MTA-STS record is invalid",
     "the domain's administrator has to mend it; waxwing lint record says what is wrong"},
    {"dns-failure", "the record could not be looked up",
     "it is tried again by itself; if all domains fail, look at this machine's DNS"},
    {"fetch-failure", "the policy could not be fetched",
     "the domain's administrator has to mend the policy host; it is tried again by itself"},
    {"policy-invalid", "the policy is invalid",
     "the domain's administrator has to mend it; waxwing lint policy says what is wrong"},
    {"waiting", "the policy could not be fetched a short while ago", "it is tried again in some minutes"},
};

static const struct outcome *outcome_named(const char *name)
{
    static const struct outcome looking = {"", "no answer yet", "the daemon is still looking: ask again"};
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (strcmp(name, outcomes[i].name) == 0)
            return &outcomes[i];
    return &looking;
}

const char *ww_query_outcome_words(const char *outcome)
{
    return outcome_named(outcome)->words;
}

struct word {
    const char *name;
    const char *words;
};

static const char *words_of(const struct word *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i].name) == 0)
            return list[i].words;
    return name;
}

const char *ww_query_dane_words(const char *state)
{
    static const struct word states[] = {
        {"none", "no TLSA records"},
        {"insecure", "no DANE: not signed all the way"},
        {"secure-usable", "usable TLSA records"},
        {"secure-unusable", "TLSA records, none of them usable"},
        {"bogus", "does not stand up to DNSSEC"},
        {"lookup-failed", "the look-up failed"},
    };
    return words_of(states, sizeof states / sizeof states[0], state);
}

/* ww_domain_mx_name, for people. */
static const char *mx_words(const char *state)
{
    static const struct word states[] = {
        {"secure", "validated by DNSSEC"},
        {"insecure", "not signed: no DANE"},
        {"bogus", "do not stand up to DNSSEC"},
        {"failed", "could not be looked up"},
        {"null", "none: no host takes mail for it"},
        {"no-dnssec", "not validated: DNSSEC does not get through to this machine"},
    };
    return words_of(states, sizeof states / sizeof states[0], state);
}

static void line(const char *label, const char *value)
{
    size_t n = strlen(value);
    while (n > 0 && value[n - 1] == ' ') /* as of "NOTFOUND " */
        n--;
    if (n == 0)
        return;
    printf("  %-12s ", label);
    ww_show_safely(stdout, value, n < REPLY_SHOWN ? n : REPLY_SHOWN);
    (void)puts(n > REPLY_SHOWN ? " ... (--json shows more)" : "");
}

static void print_policy(const json_t *json)
{
    const json_t *mx = json_object_get(json, "mx");
    size_t count = json_array_size(mx);
    if (text(json, "mode")[0] == '\0')
        return;
    line("mode", text(json, "mode"));
    line("id", text(json, "id"));
    for (size_t i = 0; i < count && i < PATTERNS_SHOWN; i++) {
        const char *pattern = json_string_value(json_array_get(mx, i));
        line(i == 0 ? "mx" : "", pattern != NULL ? pattern : "");
    }
    if (count > PATTERNS_SHOWN)
        printf("  %-12s %zu more (--json shows them)\n", "", count - PATTERNS_SHOWN);
    line("fetched", text(json, "fetched"));
    line("valid until", text(json, "expires"));
}

/* True when nothing was looked for, since an override says it all. */
static bool needs_no_policy(const json_t *json)
{
    return is_overridden(json) && is(json, "last", "");
}

static void print_override(const json_t *json)
{
    const json_t *override = override_of(json);
    const json_t *mx = json_object_get(override, "mx");
    if (override == NULL)
        return;
    line("override", text(override, "level"));
    line("", is_overridden(json) ? "" : "it changes nothing here");
    line("  of key", text(override, "key"));
    line("  set", is(override, "source", "configuration") ? "in the configuration" : text(override, "set"));
    line("  by", text(override, "who"));
    line("  until", text(override, "until"));
    line("  reason", text(override, "reason"));
    for (size_t i = 0; i < json_array_size(mx) && i < PATTERNS_SHOWN; i++) {
        const char *pattern = json_string_value(json_array_get(mx, i));
        line(i == 0 ? "  mx" : "", pattern != NULL ? pattern : "");
    }
}

/* MX hosts that have TLSA records, or may have. */
static bool is_under_dane(const json_t *host)
{
    return !is(host, "dane", "none") && !is(host, "dane", "insecure");
}

/* In short: `waxwing explain` has all of it. */
static void print_dane(const json_t *json)
{
    const json_t *dane = json_object_get(json, "dane");
    const json_t *hosts = json_object_get(dane, "hosts");
    size_t under = 0;
    for (size_t i = 0; i < json_array_size(hosts); i++)
        under += is_under_dane(json_array_get(hosts, i));
    line("MX records", mx_words(text(dane, "mx")));
    for (size_t i = 0; under > 0 && i < json_array_size(hosts) && i < PATTERNS_SHOWN; i++) {
        const json_t *host = json_array_get(hosts, i);
        char words[WW_DNAME_SIZE + 64];
        (void)snprintf(words, sizeof words, "%s: %s", text(host, "host"),
                       ww_query_dane_words(text(host, "dane")));
        line(i == 0 ? "  hosts" : "", words);
    }
    line("  until", text(dane, "until"));
}

void ww_query_print_preload(const json_t *json)
{
    const json_t *preload = json_object_get(json, "preload");
    const json_t *mx = json_object_get(preload, "mx");
    if (!json_is_object(preload))
        return;
    line("preload list", text(preload, "mode"));
    line("", json_is_true(json_object_get(preload, "counts")) ? "it counts: no MTA-STS policy is in force"
                                                              : "it does not count beside an MTA-STS policy");
    for (size_t i = 0; i < json_array_size(mx) && i < PATTERNS_SHOWN; i++) {
        const char *pattern = json_string_value(json_array_get(mx, i));
        line(i == 0 ? "  mx" : "", pattern != NULL ? pattern : "");
    }
    line("  alias", text(preload, "alias"));
    line("  until", text(preload, "expires"));
}

static void print_reason(const json_t *json)
{
    line("why", text(json, "why"));
    line("by", text(json, "section"));
}

static void print_answers(const char *label, const json_t *answers)
{
    line(label, text(answers, "QUERY"));
    if (strcmp(text(answers, "QUERYwithTLSRPT"), text(answers, "QUERY")) != 0)
        line("with TLSRPT", text(answers, "QUERYwithTLSRPT"));
}

static const char *source(const json_t *json)
{
    if (is(json, "source", "preload"))
        return "the daemon's preload list";
    if (is(json, "source", "cache"))
        return "the daemon's cache";
    return is(json, "source", "live") ? "the daemon, looked up now" : "looked up now, without a daemon";
}

void ww_query_print(const json_t *json)
{
    const struct outcome *last = outcome_named(text(json, "last"));
    ww_show_safely(stdout, text(json, "domain"), strlen(text(json, "domain")));
    printf(": %s%s%s\n", colour(json), ww_query_demand(json), ww_show_has_colour(stdout) ? "\033[0m" : "");
    print_reason(json);
    print_override(json);
    print_policy(json);
    ww_query_print_preload(json);
    print_dane(json);
    line("from", source(json));
    line("last check", text(json, "checked"));
    if (!needs_no_policy(json)) {
        line("found", last->words);
        line("problem", text(json, "detail"));
        line("what to do", last->advice != NULL ? last->advice : "");
    }
    line("next check", text(json, "next_check"));
    print_answers("Postfix gets", json_object_get(json, "postfix"));
    if (json_is_true(json_object_get(json, "dry_run"))) {
        line("dry run", "it is on: without it, Postfix would get");
        print_answers("", json_object_get(json, "would_answer"));
    }
}

bool ww_query_is_temporary(const json_t *json)
{
    if (is(json, "level", "hold"))
        return true;
    return !needs_no_policy(json) && text(json, "mode")[0] == '\0' &&
           (is(json, "last", "") || is(json, "last", "dns-failure") || is(json, "last", "fetch-failure") ||
            is(json, "last", "waiting"));
}
