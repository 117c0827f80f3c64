#include "check/sts_told.h"

#include "base/ascii.h"
#include "base/time.h"

#include <string.h>

bool ww_sts_wants_session(const struct ww_policy *policy, const struct ww_sts_host *host)
{
    return policy->mode == WW_MODE_TESTING && host->named;
}

/* A data: URI (RFC 2397) of plain text: what is not unreserved (RFC 3986 section 2.3) is a percent sign and
 * two digits. */
static void put_percent(struct ww_buf *b, const char *words)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *words != '\0'; words++) {
        unsigned char c = (unsigned char)*words;
        if (ww_is_alnum((char)c) || strchr("-._~", c) != NULL) {
            ww_buf_char(b, (char)c);
            continue;
        }
        ww_buf_char(b, '%');
        ww_buf_char(b, digits[c >> 4]);
        ww_buf_char(b, digits[c & 15]);
    }
}

static struct ww_slice info_of(char room[WW_SESSIONS_TEXT_MAX], const char *before, int64_t at,
                               const char *behind)
{
    char when[WW_TIME_SIZE];
    struct ww_buf b = ww_buf(room, WW_SESSIONS_TEXT_MAX);
    ww_time_format(at, when);
    ww_buf_str(&b, "data:,");
    put_percent(&b, before);
    put_percent(&b, when);
    put_percent(&b, behind);
    return ww_slice(b.p, b.n);
}

static void add_failure(const struct ww_sts_seen *seen, const struct ww_sts_host *host,
                        struct ww_sts_told *out)
{
    struct ww_sessions *s = &out->sessions;
    char *room = out->info[s->detail_count];
    struct ww_sessions_detail *d = &out->details[s->detail_count++];
    const struct ww_mx_session *session = &host->session;
    *d = (struct ww_sessions_detail){.receiving_mx = ww_slice_str(host->name), .count = 1};
    s->failure++;
    if (!host->named) {
        d->type = WW_RESULT_VALIDATION_FAILURE;
        d->reason = ww_slice_str("MX host is not in the policy");
        d->info = info_of(room, "Not a delivery: Waxwing compared MX records and policy itself on ", seen->at,
                          ". Where the policy is enforced, senders skip this host.");
        return;
    }
    d->type = ww_rule_result(session->rule);
    d->reason = ww_slice_str(session->reason);
    d->sending_ip = ww_slice_str(session->from);
    d->receiving_ip = ww_slice_str(session->ip);
    d->helo = ww_slice_str(session->helo);
    d->info = info_of(room, "Not a delivery: Waxwing opened this session itself on ", session->at,
                      ", as the policy is in mode testing. No mail was sent.");
}

bool ww_sts_tell(const struct ww_sts_seen *seen, struct ww_sts_told *out)
{
    struct ww_sessions *s = &out->sessions;
    struct ww_buf strings = ww_buf(out->strings, sizeof out->strings);
    struct ww_buf mx_hosts = ww_buf(out->mx_hosts, sizeof out->mx_hosts);
    *s = (struct ww_sessions){
        .day = ww_day_of(seen->at),
        .record = seen->record,
        .policy_known = true,
        .by_us = true,
        .policy = {.type = WW_POLICY_TYPE_STS},
        .details = out->details,
    };
    memcpy(s->domain, seen->domain, sizeof s->domain);
    memcpy(s->policy.domain, seen->domain, sizeof s->policy.domain);
    ww_sessions_put_strings(&strings, seen->policy);
    ww_sessions_put_mx_hosts(&mx_hosts, seen->policy);
    s->policy.strings = ww_slice(strings.p, strings.n);
    s->policy.mx_hosts = ww_slice(mx_hosts.p, mx_hosts.n);
    for (size_t i = 0; i < seen->count; i++) {
        const struct ww_sts_host *host = &seen->hosts[i];
        if (host->named && !host->session.reached)
            continue;
        if (host->named && ww_rule_result(host->session.rule) == WW_RESULT_NONE)
            s->success++;
        else
            add_failure(seen, host, out);
    }
    return s->success + s->failure > 0;
}
