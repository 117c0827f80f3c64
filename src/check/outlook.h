/*
 * What senders will do: for each MX host by the decision code of the daemon (core/judge.h), and for the
 * domain as a whole. For senders that obey MTA-STS and DANE, and have nothing cached.
 */
#ifndef WW_CHECK_OUTLOOK_H
#define WW_CHECK_OUTLOOK_H

#include "check/sight.h"
#include "core/judge.h"

enum ww_outlook_kind {
    WW_OUTLOOK_UNKNOWN,   /* it could not be found out */
    WW_OUTLOOK_NO_MAIL,   /* the domain takes none, or does not exist */
    WW_OUTLOOK_OPEN,      /* nothing is demanded: TLS as it comes */
    WW_OUTLOOK_TESTING,   /* a policy in mode testing: the same, with reports */
    WW_OUTLOOK_PARTLY,    /* authenticated TLS is demanded at some hosts, or not all hosts would get mail */
    WW_OUTLOOK_PROTECTED, /* mail flows, by authenticated TLS alone */
    WW_OUTLOOK_HELD,      /* no host would get mail from such a sender */
    WW_OUTLOOK_KINDS,
};

struct ww_outlook_host {
    bool judged; /* it was seen, or senders need not see it: its TLSA look-up fails, or it has no address */
    bool authenticated;            /* mail goes to it, by authenticated TLS alone */
    struct ww_judgement judgement; /* of several addresses, the worst */
    char why[WW_JUDGE_WHY_MAX + WW_ADDR_TEXT_SIZE];
};

struct ww_outlook {
    enum ww_outlook_kind kind;
    char words[256];                                 /* a sentence for people */
    struct ww_outlook_host hosts[WW_DANE_HOSTS_MAX]; /* as survey.hosts */
};

/* The policy that senders obey, of mode enforce or testing; NULL: none that is known. */
const struct ww_policy *ww_outlook_policy(const struct ww_sight *sight);

/* What they make of one address of survey.hosts[index]; the result's err is WW_OK. */
struct ww_judgement ww_outlook_judge(const struct ww_sight *sight, size_t index,
                                     const struct ww_mx_probe_result *result);

void ww_outlook(const struct ww_sight *sight, struct ww_outlook *out);

/* "unknown", "no-mail", "open", "testing", "partly", "protected" or "held". */
const char *ww_outlook_name(enum ww_outlook_kind kind);

#endif
