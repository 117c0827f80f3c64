/* One MX host in a few words (check/mx_json.c). */
#include "cli/check_view.h"
#include "codec/json_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY 86400

/* A certificate that ends so soon is worth a look. */
#define SOON_DAYS 14

/* From bad to good. */
static const struct tls {
    const char *version; /* as in JSON, and for people */
    enum ww_view_state state;
} versions[] = {
    {"fails", WW_VIEW_BAD},   {"SSL 3", WW_VIEW_BAD},    {"TLS 1.0", WW_VIEW_BAD},
    {"TLS 1.1", WW_VIEW_BAD}, {"TLS 1.2", WW_VIEW_GOOD}, {"TLS 1.3", WW_VIEW_GOOD},
};

#define VERSIONS (sizeof versions / sizeof versions[0])

static const json_t *hosts(const json_t *report)
{
    return json_object_get(report, "mx");
}

size_t ww_view_host_count(const json_t *report)
{
    return ww_view_size(hosts(report), "hosts");
}

/* What was seen on an address; NULL: it was not reached. */
static const json_t *seen_at(const json_t *host, size_t i)
{
    const json_t *seen = ww_view_at(host, "addresses", i);
    return json_is_true(json_object_get(seen, "reached")) ? seen : NULL;
}

/* The index of what it negotiates, the first one where that is nothing. */
static size_t version_of(const json_t *seen)
{
    const char *version = ww_view_text(seen, "tls_version");
    size_t i = VERSIONS - 1;
    while (i > 0 && strcmp(versions[i].version, version) != 0)
        i--;
    return json_is_true(json_object_get(seen, "handshake")) ? i : 0;
}

/* The worst of its addresses counts. */
static void see_tls(const json_t *host, struct ww_view_host *out)
{
    size_t worst = VERSIONS;
    bool without = false;
    for (size_t i = 0; i < ww_view_size(host, "addresses"); i++) {
        const json_t *seen = seen_at(host, i);
        if (seen == NULL)
            continue;
        without = without || !json_is_true(json_object_get(seen, "starttls"));
        size_t version = version_of(seen);
        worst = version < worst ? version : worst;
    }
    out->tls_state = worst < VERSIONS ? versions[worst].state : WW_VIEW_FAINT;
    const char *words = worst < VERSIONS ? versions[worst].version : "not seen";
    (void)snprintf(out->tls, sizeof out->tls, "%s", without ? "no STARTTLS" : words);
}

/* The certificate that ends first. */
static void see_expiry(const json_t *report, const json_t *host, struct ww_view_host *out)
{
    int64_t at = ww_json_time_of(report, "at");
    int64_t first = 0;
    const char *words = "";
    for (size_t i = 0; i < ww_view_size(host, "addresses"); i++) {
        const json_t *certificate = json_object_get(seen_at(host, i), "certificate");
        int64_t end = ww_json_time_of(certificate, "not_after");
        if (end == 0 || (first != 0 && end >= first))
            continue;
        first = end;
        words = ww_view_text(certificate, "not_after");
    }
    out->expires_state = WW_VIEW_FAINT;
    (void)snprintf(out->expires, sizeof out->expires, "-");
    if (first == 0)
        return;
    int64_t days = (first - at) / DAY;
    out->expires_state = first <= at ? WW_VIEW_BAD : days < SOON_DAYS ? WW_VIEW_MIND : WW_VIEW_GOOD;
    if (first <= at)
        (void)snprintf(out->expires, sizeof out->expires, "%.10s, expired", words);
    else
        (void)snprintf(out->expires, sizeof out->expires, "%.10s, %" PRId64 " d", words, days);
}

static void see_dane(const json_t *host, struct ww_view_host *out)
{
    static const struct {
        const char *state;
        const char *words;
        enum ww_view_state colour;
    } states[] = {
        {"none", "none", WW_VIEW_FAINT},         {"insecure", "no DNSSEC", WW_VIEW_FAINT},
        {"secure-usable", "TLSA", WW_VIEW_GOOD}, {"secure-unusable", "TLSA unusable", WW_VIEW_MIND},
        {"bogus", "bogus", WW_VIEW_BAD},         {"lookup-failed", "look-up failed", WW_VIEW_MIND},
    };
    const char *state = ww_view_text(json_object_get(host, "dane"), "state");
    bool mismatch = false;
    out->dane_state = WW_VIEW_FAINT;
    (void)snprintf(out->dane, sizeof out->dane, "%s", state[0] != '\0' ? "?" : "-");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(states[i].state, state) != 0)
            continue;
        out->dane_state = states[i].colour;
        (void)snprintf(out->dane, sizeof out->dane, "%s", states[i].words);
    }
    for (size_t i = 0; i < ww_view_size(host, "addresses"); i++) {
        const json_t *seen = seen_at(host, i);
        mismatch = mismatch || (json_is_true(json_object_get(seen, "handshake")) &&
                                json_is_false(json_object_get(seen, "tlsa_match")));
    }
    if (!mismatch || strcmp(state, "secure-usable") != 0)
        return;
    out->dane_state = WW_VIEW_BAD;
    (void)snprintf(out->dane, sizeof out->dane, "TLSA mismatch");
}

static void see_verdict(const json_t *outlook, struct ww_view_host *out)
{
    const char *action = ww_view_text(outlook, "action");
    bool verified = json_is_true(json_object_get(outlook, "authenticated"));
    out->why = ww_view_text(outlook, "why");
    out->verdict = "not judged";
    out->verdict_state = WW_VIEW_FAINT;
    if (strcmp(action, "deliver") == 0) {
        out->verdict = verified ? "deliver verified" : "deliver unverified";
        out->verdict_state = verified ? WW_VIEW_GOOD : WW_VIEW_MIND;
    } else if (strcmp(action, "skip") == 0) {
        out->verdict = "do not deliver";
        out->verdict_state = WW_VIEW_BAD;
    }
}

void ww_view_host(const json_t *report, size_t index, struct ww_view_host *out)
{
    const json_t *host = ww_view_at(hosts(report), "hosts", index);
    *out = (struct ww_view_host){.name = ww_view_text(host, "name")};
    if (json_is_integer(json_object_get(host, "preference")))
        (void)snprintf(out->preference, sizeof out->preference, "%d",
                       (int)ww_view_number(host, "preference"));
    see_tls(host, out);
    see_expiry(report, host, out);
    see_dane(host, out);
    see_verdict(json_object_get(host, "outlook"), out);
}
