#include "cli/doctor_postfix.h"

#include "base/buf.h"

#include <stdio.h>

static bool lacks_dnssec(struct ww_slice value)
{
    return !ww_slice_is(value, "dnssec");
}

static bool lacks_dns(struct ww_slice value)
{
    return !ww_postfix_lists(value, "dns");
}

static bool is_yes(struct ww_slice value)
{
    return ww_slice_is(value, "yes");
}

static bool adds_domains(struct ww_slice value)
{
    return ww_postfix_lists(value, "res_defnames") || ww_postfix_lists(value, "res_dnsrch");
}

/* With any of these Postfix does not look TLSA records up: it makes may of dane, and holds dane-only. */
static const struct {
    const char *name;
    bool (*hinders)(struct ww_slice value);
    const char *words;
    const char *right; /* the value to set */
} obstacles[] = {
    {"smtp_dns_support_level", lacks_dnssec, "smtp_dns_support_level is not dnssec", "dnssec"},
    {"smtp_host_lookup", lacks_dns, "smtp_host_lookup is without dns", "dns"},
    {"ignore_mx_lookup_error", is_yes, "ignore_mx_lookup_error is yes", "no"},
    {"smtp_dns_resolver_options", adds_domains, "smtp_dns_resolver_options completes names", ""},
};
#define OBSTACLES (sizeof obstacles / sizeof *obstacles)
#define TOO_OLD (1u << OBSTACLES)

/* A service that gets our answers. */
struct look {
    struct ww_doctor_postfix *p;
    struct ww_postfix_service service;
    const char *subject; /* NULL: the one that delivers by default */
    unsigned hindered;   /* a bit for each obstacle, and TOO_OLD */
    struct ww_slice level;
    const char *use; /* the setting dane, as configured */
};

enum verdict {
    DOES_AS_TOLD,
    DOES_BY_LEVEL,
    DOES_WITHOUT,
    CANNOT_AS_TOLD,
    CANNOT_BY_LEVEL,
    LEVEL_MISSING, /* dane = mta, but the level is not dane */
    LEFT_UNUSED,
    OVERRIDDEN, /* dane = off or blind, and the level is dane */
};

static struct look look_at(struct ww_doctor_postfix *p, struct ww_postfix_service service,
                           const char *subject)
{
    struct look l = {
        .p = p,
        .service = service,
        .subject = subject,
        .hindered = p->version < WW_POSTFIX_DANE ? TOO_OLD : 0,
        .level = ww_postfix_level(&p->conf, &service),
        .use = ww_dane_use_name(p->d->config->dane.use),
    };
    for (size_t i = 0; i < OBSTACLES; i++)
        if (obstacles[i].hinders(ww_postfix_of_service(&p->conf, &service, obstacles[i].name)))
            l.hindered |= 1u << i;
    return l;
}

static bool has_dane_level(const struct look *l)
{
    return ww_slice_is(l->level, "dane") || ww_slice_is(l->level, "dane-only");
}

static enum verdict judge(const struct look *l)
{
    enum ww_dane_use use = l->p->d->config->dane.use;
    bool told = use == WW_DANE_ON || use == WW_DANE_MTA;
    if (l->hindered != 0) {
        if (told)
            return CANNOT_AS_TOLD;
        return has_dane_level(l) ? CANNOT_BY_LEVEL : DOES_WITHOUT;
    }
    if (use == WW_DANE_ON)
        return DOES_AS_TOLD;
    if (use == WW_DANE_MTA)
        return has_dane_level(l) ? DOES_BY_LEVEL : LEVEL_MISSING;
    return has_dane_level(l) ? OVERRIDDEN : LEFT_UNUSED;
}

static const char *put_hindrance(const struct look *l, char *out, size_t size)
{
    struct ww_buf b = ww_buf(out, size - 1);
    if (l->hindered & TOO_OLD)
        ww_buf_str(&b, "Postfix knows DANE from 2.11 on");
    for (size_t i = 0; i < OBSTACLES && (l->hindered & TOO_OLD) == 0; i++) {
        if ((l->hindered & 1u << i) == 0)
            continue;
        ww_buf_str(&b, b.n > 0 ? ", and " : "");
        ww_buf_str(&b, obstacles[i].words);
    }
    out[b.n] = '\0';
    return out;
}

static void put_setting(struct ww_buf *b, const struct look *l, const char *name, const char *value)
{
    ww_buf_str(b, b->n > 0 ? " && " : "");
    bool own = ww_postfix_is_own(&l->p->conf, &l->service, name);
    if (own) {
        ww_buf_str(b, "postconf -P '");
        ww_buf_slice(b, l->service.name);
        ww_buf_char(b, '/');
        ww_buf_slice(b, l->service.type);
        ww_buf_char(b, '/');
    } else {
        ww_buf_str(b, "postconf -e '");
    }
    ww_buf_str(b, name);
    ww_buf_str(b, own ? "=" : " = ");
    ww_buf_str(b, value);
    ww_buf_char(b, '\'');
}

/* The one line that lets Postfix do DANE; none where no setting does. */
static void command_to_mend(const struct look *l)
{
    char line[512];
    struct ww_buf b = ww_buf(line, sizeof line - 1);
    if (l->hindered & TOO_OLD)
        return;
    for (size_t i = 0; i < OBSTACLES; i++)
        if (l->hindered & 1u << i)
            put_setting(&b, l, obstacles[i].name, obstacles[i].right);
    line[b.n] = '\0';
    ww_doctor_command(l->p->d, "%s && postfix reload", line);
}

static void command_to_set_level(const struct look *l)
{
    char line[256];
    struct ww_buf b = ww_buf(line, sizeof line - 1);
    put_setting(&b, l, "smtp_tls_security_level", "dane");
    line[b.n] = '\0';
    ww_doctor_command(l->p->d, "%s && postfix reload", line);
}

void ww_doctor_command_dane(struct ww_doctor *d, const char *use)
{
    ww_doctor_command(d, "echo 'dane = \"%s\"' >> %s && systemctl reload waxwingd", use, d->config_name);
}

static void tell_cannot(const struct look *l, enum verdict verdict)
{
    char words[256];
    struct ww_doctor *d = l->p->d;
    (void)put_hindrance(l, words, sizeof words);
    if (verdict == CANNOT_BY_LEVEL) {
        ww_doctor_tell(d, WW_CHECK_POSTFIX_DANE, WW_FINDING_FAIL, l->subject, "the level is %.*s, but %s: %s",
                       WW_SLICE_ARGS(l->level), words,
                       ww_slice_is(l->level, "dane") ? "it works as may" : "all mail is held");
        command_to_mend(l);
        return;
    }
    ww_doctor_tell(
        d, WW_CHECK_POSTFIX_DANE, WW_FINDING_FAIL, l->subject,
        "%s, so Postfix cannot do DANE: where Waxwing says dane-only the mail is held, dane works as may",
        words);
    if (l->hindered & TOO_OLD)
        ww_doctor_advise(d, "Let Waxwing answer without DANE:");
    else
        ww_doctor_advise(d,
                         "Let Postfix do DANE (postfix-resolver has to be well, too), or let Waxwing answer "
                         "without it. Either line does:");
    command_to_mend(l);
    ww_doctor_command_dane(d, "blind");
}

static void tell_warning(const struct look *l, enum verdict verdict)
{
    struct ww_doctor *d = l->p->d;
    if (verdict == LEVEL_MISSING) {
        ww_doctor_tell(
            d, WW_CHECK_POSTFIX_DANE, WW_FINDING_WARN, l->subject,
            "dane = \"mta\" leaves DANE to Postfix, whose smtp_tls_security_level is %.*s: it is not "
            "done where no policy is enforced",
            WW_SLICE_ARGS(l->level));
        ww_doctor_advise(d, "Let Postfix do it by itself, or let Waxwing tell it to. Either line does:");
        command_to_set_level(l);
    } else if (verdict == LEFT_UNUSED) {
        ww_doctor_tell(d, WW_CHECK_POSTFIX_DANE, WW_FINDING_WARN, l->subject,
                       "Postfix could do DANE, but with dane = \"%s\" nobody asks it to", l->use);
    } else {
        ww_doctor_tell(
            d, WW_CHECK_POSTFIX_DANE, WW_FINDING_WARN, l->subject,
            "the level is %.*s, but with dane = \"%s\" an enforced MTA-STS policy takes the place of "
            "DANE, which RFC 8461 section 2 forbids",
            WW_SLICE_ARGS(l->level), l->use);
    }
    ww_doctor_command_dane(d, "on");
}

static void tell(const struct look *l, enum verdict verdict)
{
    struct ww_doctor *d = l->p->d;
    switch (verdict) {
    case DOES_AS_TOLD:
        ww_doctor_tell(d, WW_CHECK_POSTFIX_DANE, WW_FINDING_OK, l->subject,
                       "Postfix can do DANE where Waxwing tells it to");
        return;
    case DOES_BY_LEVEL:
        ww_doctor_tell(d, WW_CHECK_POSTFIX_DANE, WW_FINDING_OK, l->subject,
                       "Postfix does DANE by itself, its level being %.*s", WW_SLICE_ARGS(l->level));
        return;
    case DOES_WITHOUT:
        ww_doctor_tell(d, WW_CHECK_POSTFIX_DANE, WW_FINDING_OK, l->subject,
                       "Postfix cannot do DANE, and with dane = \"%s\" it is not told to", l->use);
        return;
    case CANNOT_AS_TOLD:
    case CANNOT_BY_LEVEL:
        tell_cannot(l, verdict);
        return;
    case LEVEL_MISSING:
    case LEFT_UNUSED:
    case OVERRIDDEN:
        tell_warning(l, verdict);
        return;
    }
}

/* Services that ask us as the first one does, but differ from it in what matters here. */
static void tell_others(struct ww_doctor_postfix *p, const struct look *first)
{
    const char *rest = p->conf.services;
    struct ww_postfix_service service;
    struct ww_slice maps = ww_postfix_of_service(&p->conf, &p->smtp, "smtp_tls_policy_maps");
    while (ww_postfix_next_service(&p->conf, "smtp", &rest, &service)) {
        char name[128];
        (void)snprintf(name, sizeof name, "%.*s/%.*s", WW_SLICE_ARGS(service.name),
                       WW_SLICE_ARGS(service.type));
        struct look l = look_at(p, service, name);
        bool asks = ww_slice_eq(ww_postfix_of_service(&p->conf, &service, "smtp_tls_policy_maps"), maps);
        bool differs = l.hindered != first->hindered || judge(&l) != judge(first);
        if (asks && differs)
            tell(&l, judge(&l));
    }
}

bool ww_doctor_postfix_dane(struct ww_doctor_postfix *p)
{
    struct look first = look_at(p, p->smtp, NULL);
    enum verdict verdict = judge(&first);
    tell(&first, verdict);
    tell_others(p, &first);
    return verdict != DOES_WITHOUT && verdict != LEFT_UNUSED;
}
