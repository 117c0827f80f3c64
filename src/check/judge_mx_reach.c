#include "check/judge_mx.h"

#include "base/ascii.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How a connection failed. */
enum way { WAY_NONE, WAY_TIMEOUT, WAY_REFUSED, WAY_UNREACHABLE, WAYS };

/* What became of all connections over one family. */
struct tally {
    size_t connected;
    size_t failed[WAYS];
    size_t hosts; /* none of whose addresses of this family could be connected to */
    bool elsewhere;
};

static const char *const family_names[] = {[WW_MX_IPV6] = "IPv6", [WW_MX_IPV4] = "IPv4"};

static int family_of(const struct ww_mx_address_sight *a)
{
    return a->addr.length == 4 ? WW_MX_IPV4 : WW_MX_IPV6;
}

static bool is_connected(const struct ww_mx_probe_result *first)
{
    return first->err == WW_OK || first->stage != WW_SMTP_CONNECTING;
}

static enum way way_of(const struct ww_mx_probe_result *first)
{
    if (first->err == WW_E_SMTP_TIMEOUT || first->error == ETIMEDOUT)
        return WAY_TIMEOUT;
    return first->error == ECONNREFUSED || first->error == ECONNRESET ? WAY_REFUSED : WAY_UNREACHABLE;
}

static void count_host(const struct ww_mx_sight *mx, int family, struct tally *t)
{
    size_t failed = 0, connected = 0;
    for (size_t i = 0; i < mx->count; i++) {
        const struct ww_mx_address_sight *a = &mx->addresses[i];
        if (family_of(a) != family || !a->looked)
            continue;
        if (is_connected(&a->first)) {
            connected++;
        } else {
            failed++;
            t->failed[way_of(&a->first)]++;
        }
    }
    t->connected += connected;
    t->hosts += failed > 0 && connected == 0;
    t->elsewhere = t->elsewhere || mx->reached[family];
}

static bool works(const struct tally *t)
{
    return t->connected > 0 || t->elsewhere;
}

/*
 * Everything fails in one way, and nothing is known to work. Where the other family works, port 25 is open as
 * such: then one host that is down over this one is more likely its own fault. So is a single host that sends
 * a reset: what closes port 25 to everybody mostly says nothing, or that the network cannot be reached.
 */
static bool is_blocked(const struct tally *t, const struct tally *other)
{
    unsigned ways = 0;
    for (int way = 0; way < WAYS; way++)
        ways += t->failed[way] > 0;
    if (works(t) || ways != 1)
        return false;
    return t->hosts > 1 || (!works(other) && t->failed[WAY_REFUSED] == 0);
}

/* What is blocked over both families is one fault. */
static void tell_blocked(const struct ww_sight *sight, const struct ww_mx_our_side *ours,
                         const struct tally *t, struct ww_check_report *report)
{
    static const char *const words[] = {
        [WAY_TIMEOUT] = "no answer comes in time",
        [WAY_REFUSED] = "connections are refused",
        [WAY_UNREACHABLE] = "the network says that it cannot be reached",
    };
    char seen[256];
    size_t n = 0;
    for (int family = 0; family < WW_MX_FAMILIES; family++) {
        enum way way = WAY_TIMEOUT;
        while (way < WAY_UNREACHABLE && t[family].failed[way] == 0)
            way++;
        if (ours->blocked[family])
            n += (size_t)snprintf(seen + n, sizeof seen - n, "%sover %s %s, at %zu MX host%s",
                                  n > 0 ? "; " : "", family_names[family], words[way], t[family].hosts,
                                  t[family].hosts == 1 ? "" : "s");
    }
    if (n > 0)
        ww_check_found(report, WW_CHECK_OUR_PORT_25, sight->domain, "%s", seen);
}

/* The beginning of a word, in any case. */
static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; *at != '\0'; at++)
        if ((at == text || !ww_is_alpha(at[-1])) && strncasecmp(at, word, n) == 0)
            return true;
    return false;
}

bool ww_mx_is_listed(const struct ww_mx_probe_result *first)
{
    static const char *const words[] = {
        "spamhaus", "blocklist",    "block list", "block-list", "blacklist", "black list",
        "denylist", "dnsbl",        "rbl",        "spamcop",    "barracuda", "reputation",
        "blocked",  "block listed", "listed in",  "listed by",  "policy",    "banned",
    };
    if (first->err != WW_E_SMTP_REFUSED)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has_word(first->said, words[i]))
            return true;
    return false;
}

static bool tell_listed(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_mx_address_sight *first = NULL;
    const char *host = NULL;
    size_t others = 0;
    char where[WW_CHECK_WHERE_SIZE], address[WW_ADDR_TEXT_SIZE];
    for (size_t i = 0; i < sight->survey.count; i++) {
        const struct ww_mx_sight *mx = sight->mx[i];
        for (size_t k = 0; mx != NULL && k < mx->count; k++) {
            if (!mx->addresses[k].looked || !ww_mx_is_listed(&mx->addresses[k].first))
                continue;
            others += first != NULL;
            host = first != NULL ? host : mx->name;
            first = first != NULL ? first : &mx->addresses[k];
        }
    }
    if (first == NULL)
        return false;
    ww_addr_format(&first->addr, address);
    (void)snprintf(where, sizeof where, "%s [%s]", host, address);
    if (others > 0)
        ww_check_found(report, WW_CHECK_OUR_ADDRESS_LISTED, where, "it says: %u %s; %zu more say so",
                       first->first.smtp_code, first->first.said, others);
    else
        ww_check_found(report, WW_CHECK_OUR_ADDRESS_LISTED, where, "it says: %u %s", first->first.smtp_code,
                       first->first.said);
    return true;
}

struct ww_mx_our_side ww_judge_our_side(const struct ww_sight *sight, struct ww_check_report *report)
{
    struct ww_mx_our_side ours = {.listed = false};
    struct tally t[WW_MX_FAMILIES] = {{.connected = 0}};
    bool looked = false;
    for (size_t i = 0; i < sight->survey.count; i++)
        for (int family = 0; sight->mx[i] != NULL && family < WW_MX_FAMILIES; family++)
            count_host(sight->mx[i], family, &t[family]);
    for (int family = 0; family < WW_MX_FAMILIES; family++) {
        ours.blocked[family] = is_blocked(&t[family], &t[WW_MX_FAMILIES - 1 - family]);
        looked = looked || t[family].connected + t[family].hosts > 0;
    }
    if (looked) {
        ww_check_made(report, WW_CHECK_OUR_PORT_25);
        ww_check_made(report, WW_CHECK_OUR_ADDRESS_LISTED);
    }
    tell_blocked(sight, &ours, t, report);
    ours.listed = tell_listed(sight, report);
    return ours;
}

static void judge_no_address(const struct ww_mx_case *c)
{
    const struct ww_mx_sight *mx = c->mx;
    if (mx->err != WW_OK && mx->err != WW_E_MX_NO_ADDRESS && mx->err != WW_E_MX_ADDRESS_REFUSED) {
        ww_check_not_tested(c->report, WW_CHECK_MX_NO_ADDRESS,
                            "the addresses of an MX host could not be "
                            "looked up");
        ww_check_not_tested(c->report, WW_CHECK_MX_ADDRESS_REFUSED,
                            "the addresses of an MX host could not be "
                            "looked up");
        return;
    }
    if (mx->count == 0 && mx->err == WW_OK) /* it was not finished */
        return;
    ww_check_made(c->report, WW_CHECK_MX_NO_ADDRESS);
    ww_check_made(c->report, WW_CHECK_MX_ADDRESS_REFUSED);
    if (mx->err == WW_E_MX_NO_ADDRESS)
        ww_mx_gather(c->gather, WW_CHECK_MX_NO_ADDRESS, NULL, "there is no A and no AAAA record%s%s",
                     mx->detail[0] != '\0' ? ": " : "", mx->detail);
    else if (mx->err == WW_E_MX_ADDRESS_REFUSED)
        ww_mx_gather(c->gather, WW_CHECK_MX_ADDRESS_REFUSED, NULL, "%s", mx->detail);
    else if (mx->refused > 0)
        ww_mx_gather(c->gather, WW_CHECK_MX_ADDRESS_REFUSED, NULL,
                     "%zu of its addresses are special ones, beside %zu that are not", mx->refused,
                     mx->count);
}

static void judge_failure(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    const struct ww_mx_probe_result *first = &a->first;
    if (!is_connected(first)) {
        ww_check_made(c->report, WW_CHECK_MX_UNREACHABLE);
        ww_mx_gather(c->gather, WW_CHECK_MX_UNREACHABLE, &a->addr, "%s%s%s",
                     way_of(first) == WAY_TIMEOUT ? "no connection comes about in time"
                                                  : "it cannot be connected "
                                                    "to",
                     first->error != 0 ? ": " : "", first->error != 0 ? strerror(first->error) : "");
    } else if (first->err == WW_E_SMTP_REFUSED) {
        ww_check_made(c->report, WW_CHECK_MX_REFUSED);
        ww_mx_gather(c->gather, WW_CHECK_MX_REFUSED, &a->addr, "%s is answered: %u %s",
                     first->stage == WW_SMTP_GREETING ? "the connection" : "EHLO", first->smtp_code,
                     first->said);
    } else if (first->err == WW_E_SMTP_CLOSED || first->err == WW_E_SMTP_PROTOCOL) {
        ww_check_made(c->report, WW_CHECK_MX_REFUSED);
        ww_mx_gather(c->gather, WW_CHECK_MX_REFUSED, &a->addr, "%s %s", ww_err_message(first->err),
                     first->stage == WW_SMTP_GREETING ? "before a greeting" : "after EHLO");
    } else if (first->err == WW_E_SMTP_TIMEOUT) {
        ww_check_made(c->report, WW_CHECK_MX_UNREACHABLE);
        ww_mx_gather(c->gather, WW_CHECK_MX_UNREACHABLE, &a->addr,
                     "it takes the connection, and then does not %s in time",
                     first->stage == WW_SMTP_GREETING ? "greet" : "answer EHLO");
    }
}

void ww_judge_mx_reach(const struct ww_mx_case *c, const struct ww_mx_our_side *ours)
{
    judge_no_address(c);
    for (size_t i = 0; i < c->mx->count; i++) {
        const struct ww_mx_address_sight *a = &c->mx->addresses[i];
        if (a->no_route) {
            ww_mx_gather(c->gather, WW_CHECK_OUR_NO_ROUTE, &a->addr, "over %s there is no way there",
                         family_names[family_of(a)]);
            continue;
        }
        if (!a->looked)
            continue;
        ww_check_made(c->report, WW_CHECK_OUR_NO_ROUTE);
        if (a->first.err == WW_OK) {
            ww_check_made(c->report, WW_CHECK_MX_UNREACHABLE);
            ww_check_made(c->report, WW_CHECK_MX_REFUSED);
        } else if (!ww_mx_is_listed(&a->first) && (is_connected(&a->first) || !ours->blocked[family_of(a)])) {
            judge_failure(c, a);
        }
    }
}
