#include "core/judge.h"

#include "core/mx_match.h"

static bool has_dns_name(const struct ww_seen_mx *mx, struct ww_slice reference)
{
    for (size_t i = 0; mx->has_certificate && i < mx->name_count; i++) {
        if (ww_san_match(mx->names[i], reference))
            return true;
    }
    return false;
}

/* An expired or untrusted certificate says nothing by its names, so they are looked at last. */
static enum ww_rule judge_pkix(const struct ww_seen_mx *mx)
{
    if (!mx->has_certificate)
        return WW_RULE_STS_NO_CERTIFICATE;
    switch (mx->status) {
    case WW_CERT_EXPIRED:
        return WW_RULE_STS_EXPIRED;
    case WW_CERT_UNTRUSTED:
        return WW_RULE_STS_UNTRUSTED;
    case WW_CERT_SELF_SIGNED:
        return WW_RULE_STS_SELF_SIGNED;
    case WW_CERT_OK:
        break;
    }
    return has_dns_name(mx, mx->host) ? WW_RULE_STS_HOLDS : WW_RULE_STS_NAME;
}

enum ww_rule ww_judge_sts_host(const struct ww_seen_mx *mx)
{
    if (!mx->starttls)
        return WW_RULE_STS_STARTTLS;
    if (!mx->handshake)
        return WW_RULE_STS_HANDSHAKE;
    if (mx->tls_version < WW_TLS_1_2)
        return WW_RULE_STS_VERSION;
    return judge_pkix(mx);
}

static enum ww_rule judge_sts(const struct ww_policy *policy, const struct ww_seen_mx *mx)
{
    return ww_mx_match_policy(policy, mx->host) ? ww_judge_sts_host(mx) : WW_RULE_STS_MX;
}

/* RFC 7672 section 3.2.3: other than in MTA-STS, the common name stands in where there is no dNSName. */
static bool is_for(const struct ww_seen_mx *mx, struct ww_slice reference)
{
    if (mx->has_certificate && mx->name_count == 0)
        return ww_san_match(mx->common_name, reference);
    return has_dns_name(mx, reference);
}

static enum ww_rule judge_trust_anchor(const struct ww_delivery *delivery, const struct ww_seen_mx *mx)
{
    if (mx->has_certificate && mx->status == WW_CERT_EXPIRED)
        return WW_RULE_DANE_TA_EXPIRED;
    struct ww_slice base = mx->tlsa_base.n > 0 ? mx->tlsa_base : mx->host;
    if (!is_for(mx, base) && !is_for(mx, delivery->next_hop))
        return WW_RULE_DANE_TA_NAME;
    return WW_RULE_DANE_TA_HOLDS;
}

/* A match by a record of another usage is none: the records were unusable. */
static bool is_usable(const struct ww_seen_mx *mx)
{
    return mx->dane == WW_DANE_SECURE_USABLE &&
           (!mx->tlsa_match || mx->tlsa_usage == WW_TLSA_DANE_EE || mx->tlsa_usage == WW_TLSA_DANE_TA);
}

static enum ww_rule judge_tlsa(const struct ww_delivery *delivery, const struct ww_seen_mx *mx)
{
    if (!is_usable(mx) && delivery->require_dane)
        return WW_RULE_DANE_REQUIRED;
    if (!mx->starttls)
        return WW_RULE_DANE_STARTTLS;
    if (!mx->handshake)
        return WW_RULE_DANE_HANDSHAKE;
    if (!is_usable(mx))
        return WW_RULE_DANE_ENCRYPTED;
    if (!mx->tlsa_match)
        return WW_RULE_DANE_NO_MATCH;
    return mx->tlsa_usage == WW_TLSA_DANE_EE ? WW_RULE_DANE_EE_HOLDS : judge_trust_anchor(delivery, mx);
}

static enum ww_rule judge_dane(const struct ww_delivery *delivery, const struct ww_seen_mx *mx)
{
    switch (mx->dane) {
    case WW_DANE_BOGUS:
        return WW_RULE_DANE_BOGUS;
    case WW_DANE_LOOKUP_FAILED:
        return WW_RULE_DANE_LOOKUP;
    case WW_DANE_SECURE_USABLE:
    case WW_DANE_SECURE_UNUSABLE:
        return judge_tlsa(delivery, mx);
    case WW_DANE_NONE:
    case WW_DANE_INSECURE:
        break;
    }
    return delivery->require_dane ? WW_RULE_DANE_REQUIRED : WW_RULE_DANE_ABSENT;
}

static bool fails(enum ww_rule rule)
{
    return ww_rule_result(rule) != WW_RESULT_NONE;
}

static void decide(struct ww_judgement *j, enum ww_action action, enum ww_policy_type type, enum ww_rule rule)
{
    j->action = action;
    j->policy_type = type;
    j->rule = rule;
    j->result = ww_rule_result(rule);
}

struct ww_judgement ww_judge(const struct ww_delivery *delivery, const struct ww_seen_mx *mx)
{
    const struct ww_policy *policy = delivery->sts.policy;
    struct ww_judgement j = {
        .dane = judge_dane(delivery, mx),
        .sts = policy != NULL ? judge_sts(policy, mx) : delivery->sts.without,
    };
    bool authenticated = j.dane == WW_RULE_DANE_EE_HOLDS || j.dane == WW_RULE_DANE_TA_HOLDS;
    bool forbidden = policy != NULL && policy->mode == WW_MODE_ENFORCE && fails(j.sts);
    if (fails(j.dane))
        decide(&j, WW_ACTION_SKIP, WW_POLICY_TYPE_TLSA, j.dane);
    else if (forbidden && !(authenticated && delivery->dane_suffices))
        decide(&j, WW_ACTION_SKIP, WW_POLICY_TYPE_STS, j.sts);
    else if (authenticated || (j.dane == WW_RULE_DANE_ENCRYPTED && policy == NULL))
        decide(&j, WW_ACTION_DELIVER, WW_POLICY_TYPE_TLSA, j.dane);
    else if (policy != NULL)
        decide(&j, WW_ACTION_DELIVER, WW_POLICY_TYPE_STS, j.sts);
    else
        decide(&j, WW_ACTION_DELIVER, WW_POLICY_TYPE_NONE, j.sts);
    return j;
}

const char *ww_action_name(enum ww_action action)
{
    return action == WW_ACTION_SKIP ? "skip" : "deliver";
}

const char *ww_judge_source(const struct ww_judgement *j)
{
    return ww_rule_source(j->rule);
}

static void put_sts(struct ww_buf *b, const struct ww_delivery *delivery, const struct ww_judgement *j)
{
    const char *policy = delivery->sts.cached ? "; the cached MTA-STS policy" : "; the MTA-STS policy";
    if (j->action == WW_ACTION_SKIP && !fails(j->dane) && j->dane != WW_RULE_DANE_ABSENT)
        ww_buf_str(b, "DANE is satisfied, but ");
    ww_buf_str(b, ww_rule_text(j->rule));
    ww_buf_str(b, policy);
    if (j->action == WW_ACTION_SKIP)
        ww_buf_str(b, " is enforced and forbids the delivery");
    else if (fails(j->rule))
        ww_buf_str(b, " is in testing mode, so this is reported and the mail delivered");
    else
        ww_buf_str(b, " is satisfied");
}

static void put_dane(struct ww_buf *b, const struct ww_delivery *delivery, const struct ww_judgement *j)
{
    ww_buf_str(b, ww_rule_text(j->rule));
    if (delivery->sts.policy == NULL)
        return;
    if (j->action == WW_ACTION_SKIP) {
        ww_buf_str(b, "; MTA-STS cannot make up for that");
    } else if (fails(j->sts)) {
        ww_buf_str(b, "; the MTA-STS policy fails beside it: ");
        ww_buf_str(b, ww_rule_text(j->sts));
    }
}

void ww_judge_put_why(struct ww_buf *b, const struct ww_delivery *delivery, const struct ww_judgement *j)
{
    switch (j->policy_type) {
    case WW_POLICY_TYPE_STS:
        put_sts(b, delivery, j);
        break;
    case WW_POLICY_TYPE_TLSA:
        put_dane(b, delivery, j);
        break;
    case WW_POLICY_TYPE_NONE:
        ww_buf_str(b, ww_rule_text(j->rule));
        ww_buf_str(b, "; TLS is used when it is offered");
        break;
    }
}
