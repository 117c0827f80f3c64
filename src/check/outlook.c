#include "check/outlook.h"

#include <stdio.h>
#include <string.h>

const char *ww_outlook_name(enum ww_outlook_kind kind)
{
    static const char *const names[] = {
        [WW_OUTLOOK_UNKNOWN] = "unknown", [WW_OUTLOOK_NO_MAIL] = "no-mail",
        [WW_OUTLOOK_OPEN] = "open",       [WW_OUTLOOK_TESTING] = "testing",
        [WW_OUTLOOK_PARTLY] = "partly",   [WW_OUTLOOK_PROTECTED] = "protected",
        [WW_OUTLOOK_HELD] = "held",
    };
    _Static_assert(sizeof names / sizeof *names == WW_OUTLOOK_KINDS, "each has its name");
    return names[kind];
}

const struct ww_policy *ww_outlook_policy(const struct ww_sight *sight)
{
    bool announced = sight->names.looked && sight->names.record == WW_TXT_PRESENT;
    return announced && sight->has_policy && sight->policy.mode != WW_MODE_NONE ? &sight->policy : NULL;
}

/* DANE at a host needs secure MX records (RFC 7672 section 2.2.1); where nothing is validated here, it may be
 * that others see more. */
static enum ww_dane_state state_of(const struct ww_sight *sight, const struct ww_dane_host *host)
{
    if (!sight->survey.validating)
        return WW_DANE_INSECURE;
    switch (sight->survey.mx_dnssec) {
    case WW_DNSSEC_SECURE:
        return host->state;
    case WW_DNSSEC_BOGUS:
        return WW_DANE_BOGUS;
    case WW_DNSSEC_INSECURE:
    case WW_DNSSEC_UNKNOWN:
        break;
    }
    return WW_DANE_INSECURE;
}

static struct ww_delivery delivery_of(const struct ww_sight *sight)
{
    struct ww_delivery d = {.sts = {.policy = ww_outlook_policy(sight), .without = WW_RULE_NO_RECORD}};
    if (sight->names.looked && sight->names.record == WW_TXT_PRESENT)
        d.sts.without = sight->has_policy ? WW_RULE_MODE_NONE : WW_RULE_NO_POLICY;
    if (sight->survey.mx_dnssec == WW_DNSSEC_SECURE)
        d.next_hop = ww_slice_str(sight->domain);
    return d;
}

struct ww_judgement ww_outlook_judge(const struct ww_sight *sight, size_t index,
                                     const struct ww_mx_probe_result *result)
{
    const struct ww_dane_host *host = &sight->survey.hosts[index];
    const struct ww_delivery d = delivery_of(sight);
    const char *base = ww_dane_host_base(host);
    struct ww_slice names[WW_MX_PROBE_NAMES_MAX];
    struct ww_seen_mx seen = ww_mx_probe_seen(result, host->name, state_of(sight, host), names);
    seen.tlsa_base = ww_slice_str(base != NULL ? base : "");
    return ww_judge(&d, &seen);
}

static bool holds_by_dane(const struct ww_judgement *j)
{
    return j->dane == WW_RULE_DANE_EE_HOLDS || j->dane == WW_RULE_DANE_TA_HOLDS;
}

static bool is_authenticated(const struct ww_judgement *j, const struct ww_policy *policy)
{
    bool enforced = policy != NULL && policy->mode == WW_MODE_ENFORCE;
    return j->action == WW_ACTION_DELIVER && (holds_by_dane(j) || (enforced && j->sts == WW_RULE_STS_HOLDS));
}

/* A host that gets less is worse: nothing, then mail that anybody may read. */
static int rank(const struct ww_judgement *j, const struct ww_policy *policy)
{
    if (j->action == WW_ACTION_SKIP)
        return 2;
    return is_authenticated(j, policy) ? 0 : 1;
}

static void put_why(const struct ww_sight *sight, struct ww_outlook_host *out, const struct ww_addr *addr)
{
    const struct ww_delivery d = delivery_of(sight);
    char address[WW_ADDR_TEXT_SIZE];
    struct ww_buf b = ww_buf(out->why, sizeof out->why - 1);
    if (addr != NULL) {
        ww_addr_format(addr, address);
        ww_buf_str(&b, "at ");
        ww_buf_str(&b, address);
        ww_buf_str(&b, ": ");
    }
    ww_judge_put_why(&b, &d, &out->judgement);
    out->why[b.n] = '\0';
}

/* Nothing of it is looked at by a sender whose TLSA look-up fails. */
static void judge_unseen(const struct ww_sight *sight, size_t index, struct ww_outlook_host *out)
{
    const struct ww_dane_host *host = &sight->survey.hosts[index];
    enum ww_dane_state state = state_of(sight, host);
    static const struct ww_mx_probe_result nothing;
    if (host->no_address) {
        out->judged = true;
        out->judgement.action = WW_ACTION_SKIP;
        (void)snprintf(out->why, sizeof out->why, "%s", ww_err_message(WW_E_MX_NO_ADDRESS));
    } else if (state == WW_DANE_BOGUS || state == WW_DANE_LOOKUP_FAILED) {
        out->judged = true;
        out->judgement = ww_outlook_judge(sight, index, &nothing);
        put_why(sight, out, NULL);
    }
}

static void judge_host(const struct ww_sight *sight, size_t index, struct ww_outlook_host *out)
{
    const struct ww_policy *policy = ww_outlook_policy(sight);
    const struct ww_mx_sight *mx = sight->mx[index];
    const struct ww_addr *worst = NULL;
    bool differ = false;
    for (size_t i = 0; mx != NULL && i < mx->count; i++) {
        const struct ww_mx_address_sight *a = &mx->addresses[i];
        if (a->first.err != WW_OK)
            continue;
        struct ww_judgement j = ww_outlook_judge(sight, index, &a->first);
        int more = worst != NULL ? rank(&j, policy) - rank(&out->judgement, policy) : 1;
        differ = differ || (worst != NULL && more != 0);
        if (more > 0) {
            out->judgement = j;
            worst = &a->addr;
        }
    }
    if (worst == NULL) {
        judge_unseen(sight, index, out);
        return;
    }
    out->judged = true;
    out->authenticated = is_authenticated(&out->judgement, policy);
    put_why(sight, out, differ ? worst : NULL);
}

struct counts {
    size_t all, seen, skipped, authenticated, dane, without_address;
};

static struct counts count(const struct ww_sight *sight, const struct ww_outlook *o)
{
    struct counts n = {.all = sight->survey.count};
    for (size_t i = 0; i < n.all; i++) {
        n.seen += o->hosts[i].judged;
        n.skipped += o->hosts[i].judged && o->hosts[i].judgement.action == WW_ACTION_SKIP;
        n.authenticated += o->hosts[i].authenticated;
        n.dane += o->hosts[i].authenticated && holds_by_dane(&o->hosts[i].judgement);
        n.without_address += o->hosts[i].judged && sight->survey.hosts[i].no_address;
    }
    return n;
}

/* A record or a policy that was not looked for, or not in time, may be there. */
static bool is_policy_unknown(const struct ww_sight *sight)
{
    if (!sight->names.looked || sight->names.late)
        return true;
    return sight->names.record == WW_TXT_PRESENT && !sight->has_policy &&
           (!sight->host.looked || sight->host.late);
}

static enum ww_outlook_kind kind_of(const struct ww_sight *sight, const struct counts *n)
{
    const struct ww_policy *policy = ww_outlook_policy(sight);
    if (n->all > 0 && n->without_address == n->all)
        return WW_OUTLOOK_NO_MAIL;
    if (n->all > 0 && n->skipped == n->all)
        return WW_OUTLOOK_HELD;
    if (n->seen == 0 || (is_policy_unknown(sight) && n->authenticated < n->all))
        return WW_OUTLOOK_UNKNOWN;
    if (n->authenticated == n->seen && (n->seen == n->all || ww_sight_is_enforced(sight)))
        return WW_OUTLOOK_PROTECTED;
    if (n->skipped > 0 || n->authenticated > 0)
        return WW_OUTLOOK_PARTLY;
    return policy != NULL && policy->mode == WW_MODE_TESTING ? WW_OUTLOOK_TESTING : WW_OUTLOOK_OPEN;
}

static void put_partly(const struct counts *n, char *words, size_t size)
{
    size_t open = n->seen - n->skipped - n->authenticated;
    struct ww_buf b = ww_buf(words, size - 1);
    ww_buf_str(&b, "Of ");
    ww_buf_decimal(&b, n->all);
    ww_buf_str(&b, n->all == 1 ? " MX host " : " MX hosts ");
    ww_buf_decimal(&b, n->authenticated);
    ww_buf_str(&b, n->authenticated == 1 ? " gets" : " get");
    ww_buf_str(&b, " mail by verified TLS alone");
    if (open > 0) {
        ww_buf_str(&b, ", ");
        ww_buf_decimal(&b, open);
        ww_buf_str(&b, " by TLS as it comes");
    }
    if (n->skipped > 0) {
        ww_buf_str(&b, ", ");
        ww_buf_decimal(&b, n->skipped);
        ww_buf_str(&b, n->skipped == 1 ? " gets none" : " get none");
    }
    words[b.n] = '\0';
}

/* Of files, what would follow of the policy; its hosts are not seen. */
static const char *offline_words(const struct ww_sight *sight)
{
    if (!sight->has_policy)
        return "What senders will do is not known: there is no valid policy";
    if (sight->policy.mode == WW_MODE_ENFORCE)
        return "Once this is published, senders deliver by verified TLS alone";
    return sight->policy.mode == WW_MODE_TESTING
               ? "Once this is published, senders report what fails, and deliver all the same"
               : "Once this is published, senders use TLS as it comes: the policy opts out";
}

/* Many senders obey one of the two alone. */
static void put_protected(const struct ww_sight *sight, const struct counts *n, char *words, size_t size)
{
    bool enforced = ww_sight_is_enforced(sight);
    const char *who = !enforced ? "do DANE" : n->dane == n->all ? "obey MTA-STS or DANE" : "obey MTA-STS";
    const char *others =
        is_policy_unknown(sight) ? ". What others do is not known" : ". For others no policy is enforced";
    (void)snprintf(words, size,
                   "Senders that %s deliver by verified TLS alone; %zu of %zu MX hosts qualify%s", who,
                   n->authenticated, n->all, enforced ? "" : others);
}

static const char *unknown_words(const struct ww_sight *sight, const struct counts *n)
{
    if (sight->offline)
        return offline_words(sight);
    if (n->all == 0)
        return "What senders do could not be found out: the MX records are not known";
    if (n->seen > 0)
        return "What senders do could not be found out: the MTA-STS policy is not known";
    return ww_sight_is_enforced(sight)
               ? "Senders demand verified TLS; whether the MX hosts have it could not be seen"
               : "What senders do could not be found out: no MX host was seen";
}

static void put_words(const struct ww_sight *sight, const struct counts *n, struct ww_outlook *o)
{
    char *words = o->words;
    size_t size = sizeof o->words;
    size_t unseen = n->all - n->seen;
    switch (o->kind) {
    case WW_OUTLOOK_UNKNOWN:
        (void)snprintf(words, size, "%s", unknown_words(sight, n));
        break;
    case WW_OUTLOOK_NO_MAIL:
        (void)snprintf(words, size, "%s",
                       sight->survey.outcome == WW_MX_NULL
                           ? "Senders deliver nothing: the domain says that it takes no mail"
                       : n->without_address > 0 ? "Senders deliver nothing: no MX host has an address"
                                                : "Senders deliver nothing: the domain does not exist");
        break;
    case WW_OUTLOOK_OPEN:
        (void)snprintf(words, size,
                       "Senders use TLS as it comes: nothing demands it, and nobody verifies a certificate");
        break;
    case WW_OUTLOOK_TESTING:
        (void)snprintf(words, size,
                       "Senders report what fails under the policy, and deliver all the same: mode testing");
        break;
    case WW_OUTLOOK_PARTLY:
        put_partly(n, words, size);
        break;
    case WW_OUTLOOK_PROTECTED:
        put_protected(sight, n, words, size);
        break;
    case WW_OUTLOOK_HELD:
    case WW_OUTLOOK_KINDS:
        (void)snprintf(words, size, "Senders that obey MTA-STS and DANE deliver nothing: %s",
                       n->all == 0   ? "the MX records do not stand up to DNSSEC"
                       : n->all == 1 ? "the MX host does not qualify"
                                     : "no MX host qualifies");
        break;
    }
    size_t end = strlen(words);
    if (unseen > 0 && n->seen > 0)
        (void)snprintf(words + end, size - end, "; %zu could not be seen", unseen);
    end = strlen(words);
    (void)snprintf(words + end, size - end, ".");
}

void ww_outlook(const struct ww_sight *sight, struct ww_outlook *out)
{
    const struct ww_dane_survey *s = &sight->survey;
    *out = (struct ww_outlook){.kind = WW_OUTLOOK_UNKNOWN};
    if (sight->surveyed)
        for (size_t i = 0; i < s->count; i++)
            judge_host(sight, i, &out->hosts[i]);
    const struct counts n = sight->surveyed ? count(sight, out) : (struct counts){.all = 0};
    if (sight->surveyed && (s->outcome == WW_MX_NULL || s->outcome == WW_MX_NO_DOMAIN))
        out->kind = WW_OUTLOOK_NO_MAIL;
    else if (sight->surveyed && (s->why == WW_E_DNS_BOGUS || s->mx_dnssec == WW_DNSSEC_BOGUS))
        out->kind = WW_OUTLOOK_HELD;
    else if (sight->surveyed)
        out->kind = kind_of(sight, &n);
    put_words(sight, &n, out);
}
