/* Whether what the steward asks for is due for a domain, by what the keeper has of it alone. */
#include "daemon/keeper_publish_private.h"
#include "daemon/steward_turn.h"

/* What changes records may change these. */
static const char *lacks_update(const struct ww_publish_known *known, const struct ww_config *config)
{
    const struct ww_published *d = &known->domain;
    if (d->dns != WW_DNS_BY_UPDATE)
        return "its records are changed by hand";
    if (config->publish_dns_count == 0)
        return "publish.dns_server is not set, so that Waxwing cannot change DNS";
    return d->stopped ? "it is stopped" : NULL;
}

static bool is_wanted(const struct ww_published *d)
{
    return d->goal == WW_GOAL_TESTING || d->goal == WW_GOAL_ENFORCE;
}

static const char *make_files(const struct ww_publish_known *known, struct ww_msg_order *out)
{
    const struct ww_served *served = ww_publish_known_served(known);
    out->tree = known->domain.host == WW_HOSTED_TREE;
    out->acme = out->tree && known->domain.certificate == WW_CERTIFICATE_ACME;
    if (served != NULL)
        out->text = served->body;
    else /* what we have not put there stays */
        out->gone = ww_published_first_own(known->served, known->served_count) < known->served_count;
    return NULL;
}

static const char *make_certificate(const struct ww_publish_known *known, const struct ww_config *config,
                                    struct ww_msg_order *out)
{
    const struct ww_published *d = &known->domain;
    out->tree = d->host == WW_HOSTED_TREE;
    if (d->certificate != WW_CERTIFICATE_ACME ||
        !(ww_steward_has_certificate(d) || ww_published_leads_here(d)))
        return "its certificate is kept by somebody else";
    if (config->publish_acme == NULL)
        return "publish.acme is not set, so that Waxwing cannot have certificates made";
    return d->state == WW_PUBLISHED_GONE && d->goal == WW_GOAL_RETIRE ? "it is published no more" : NULL;
}

static const char *make_record(const struct ww_publish_known *known, struct ww_msg_order *out)
{
    const struct ww_served *served = ww_publish_known_served(known);
    if (known->domain.goal == WW_GOAL_DRAFT)
        return "it is a draft";
    if (served == NULL)
        return "no policy is served that the record could lead to";
    out->text = ww_slice_str(served->id);
    return NULL;
}

/* A sender that still holds a policy looks for the record, to learn of the next one. */
static const char *make_no_record(const struct ww_publish_known *known, int64_t now)
{
    struct ww_served in_fact[WW_PUBLISHED_SERVED_MAX];
    const struct ww_served *served = ww_publish_known_served(known);
    struct ww_policy policy;
    size_t offset;
    if (known->domain.goal != WW_GOAL_RETIRE)
        return "it is not retired";
    if (served == NULL)
        return NULL;
    size_t count = ww_rollout_in_fact(&known->domain, known->served, known->served_count, in_fact);
    if (ww_policy_parse(served->body.p, served->body.n, &policy, &offset) != WW_OK ||
        policy.mode != WW_MODE_NONE || ww_rollout_binds_until(in_fact, count) > now)
        return "senders still hold its policy";
    return NULL;
}

static const char *make_tlsrpt(const struct ww_publish_known *known, struct ww_msg_order *out)
{
    out->text = ww_slice_str(known->domain.rua);
    return !is_wanted(&known->domain) || out->text.n == 0 ? "it wants no record for reports" : NULL;
}

const char *ww_publish_order_make(const struct ww_publish_known *known, const struct ww_config *config,
                                  int64_t now, enum ww_order what, struct ww_msg_order *out)
{
    const char *why = ww_order_label(what) != NULL ? lacks_update(known, config) : NULL;
    *out = (struct ww_msg_order){.what = what};
    memcpy(out->domain, known->domain.domain, sizeof out->domain);
    if (what == WW_ORDER_FILES)
        why = make_files(known, out);
    else if (what == WW_ORDER_CERTIFICATE)
        why = make_certificate(known, config, out);
    else if (why == NULL && what == WW_ORDER_RECORD)
        why = make_record(known, out);
    else if (why == NULL && what == WW_ORDER_NO_RECORD)
        why = make_no_record(known, now);
    else if (why == NULL && what == WW_ORDER_TLSRPT)
        why = make_tlsrpt(known, out);
    return why == NULL && !ww_order_check(out) ? "the clerk cannot do that for this domain" : why;
}
