#include "daemon/steward_turn.h"

#include "core/publication.h"
#include "core/words.h"
#include "daemon/steward_faults.h"
#include "daemon/steward_handover.h"
#include "publish/certificate_time.h"

#include <stdio.h>

/* From one look to the next: while something is to be seen soon, after something has failed; seconds. */
#define SOON 10
#define FAILED 60
#define SELDOM 3600
/* A policy that is published no more needs no care. */
#define GONE_SECONDS 86400

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void say(char out[WW_PUBLISHED_WORDS_SIZE], const char *before, const char *text)
{
    struct ww_buf b = ww_buf(out, WW_PUBLISHED_WORDS_SIZE - 1);
    ww_buf_str(&b, before);
    ww_words_put_cut(&b, ww_slice_str(text));
    out[b.n] = '\0';
}

bool ww_steward_has_certificate(const struct ww_published *domain)
{
    return ww_published_is_here(domain) ||
           (domain->host == WW_HOSTED_TREE && domain->certificate == WW_CERTIFICATE_ACME);
}

/* ---- What the keeper is told whatever comes ---- */

static void begin(const struct ww_msg_tend *tend, struct ww_steward_turn *out)
{
    memset(out, 0, sizeof *out);
    out->tended.domain = tend->domain;
    out->tended.mx_count = tend->mx_count;
    memcpy(out->tended.mx, tend->mx, tend->mx_count * sizeof *tend->mx);
    out->tended.domain.trouble[0] = '\0';
    (void)snprintf(out->host, sizeof out->host, "mta-sts.%s", tend->domain.domain);
}

static void take_certificate(const struct ww_steward_in *in, struct ww_published *domain)
{
    int64_t seen = ww_sight_policy_host_end(in->sight);
    if (ww_steward_has_certificate(domain))
        domain->certificate_until = in->certificate.until;
    else if (seen != 0)
        domain->certificate_until = seen;
}

static bool certificate_is_good(const struct ww_steward_in *in)
{
    return !ww_steward_has_certificate(&in->tend->domain) ||
           in->certificate.until - in->now >= WW_STEWARD_CERTIFICATE_LEAST;
}

/* What was served, as it is known after this look. */
static size_t take_policies(const struct ww_msg_tend *tend, const struct ww_steward_facts *facts, int64_t now,
                            struct ww_served served[WW_PUBLISHED_SERVED_MAX])
{
    memcpy(served, tend->served, tend->served_count * sizeof *served);
    if (facts->foreign.body.n > 0)
        return ww_rollout_saw(served, tend->served_count, &facts->foreign, now);
    return facts->shown ? ww_rollout_saw(served, tend->served_count, NULL, now) : tend->served_count;
}

/* The look is over before the keeper is told. */
static void keep_foreign(const struct ww_steward_facts *facts, struct ww_steward_turn *out)
{
    const struct ww_slice body = facts->foreign.body;
    if (body.n > 0)
        memcpy(out->foreign, body.p, body.n);
    out->tended.foreign = ww_slice(out->foreign, body.n);
    memcpy(out->tended.foreign_id, facts->foreign.id, sizeof out->tended.foreign_id);
}

/* A state lasts from when it was first seen; max_age has grown when a longer one is served. */
static void take_plan(const struct ww_rollout_plan *plan, int64_t now, struct ww_published *domain)
{
    if (domain->state != plan->state || domain->state_since == 0) {
        domain->state = plan->state;
        domain->state_since = now;
    }
    if (plan->bad)
        domain->bad_at = now;
    if (plan->bad_why[0] != '\0')
        memcpy(domain->bad_why, plan->bad_why, sizeof domain->bad_why);
    domain->until = plan->until;
    domain->needs_operator = plan->needs_operator;
    memcpy(domain->waits, plan->waits, sizeof domain->waits);
}

/* ---- Its steps ---- */

static uint32_t max_age_of(const struct ww_served *served)
{
    struct ww_policy policy;
    size_t offset;
    if (served == NULL || ww_policy_parse(served->body.p, served->body.n, &policy, &offset) != WW_OK ||
        policy.mode != WW_MODE_ENFORCE)
        return 0;
    return policy.max_age;
}

static void do_serve(const struct ww_steward_in *in, const struct ww_rollout_plan *plan,
                     struct ww_steward_turn *out)
{
    const char *mx[WW_PUBLISHED_MX_MAX];
    struct ww_published *domain = &out->tended.domain;
    struct ww_buf b = ww_buf(out->body, sizeof out->body);
    const struct ww_publication p = {.domain = domain->domain,
                                     .mode = plan->mode,
                                     .max_age = plan->max_age,
                                     .mx = mx,
                                     .mx_count = plan->mx_count};
    for (size_t i = 0; i < plan->mx_count; i++)
        mx[i] = plan->mx[i];
    ww_publication_put_policy(&b, &p);
    if (b.failed || b.n == 0) {
        say(domain->trouble, "", "the policy is longer than a policy may be");
        return;
    }
    out->tended.what = WW_TENDED_SERVE;
    out->tended.body = ww_slice(b.p, b.n);
    if (plan->mode == WW_MODE_ENFORCE &&
        plan->max_age > max_age_of(ww_published_own(in->tend->served, in->tend->served_count)))
        domain->grown_at = in->now;
}

/* What is elsewhere is over when nobody shows it any more. */
static void do_unserve(const struct ww_steward_in *in, struct ww_steward_turn *out)
{
    const struct ww_host_sight *host = &in->sight->host;
    bool may_be_there = !host->looked || host->late || host->body.p != NULL;
    struct ww_published *domain = &out->tended.domain;
    if (domain->host == WW_HOSTED_ELSEWHERE && may_be_there && !ww_published_leads_here(domain))
        return;
    out->tended.what = WW_TENDED_UNSERVE;
    domain->needs_operator = false;
}

static void do_certificate(const struct ww_steward_in *in, struct ww_steward_turn *out)
{
    struct ww_published *domain = &out->tended.domain;
    if (domain->certificate == WW_CERTIFICATE_ACME && in->config->publish_acme != NULL) {
        out->work = WW_ORDER_CERTIFICATE;
        return;
    }
    domain->needs_operator = true;
    struct ww_buf b = ww_buf(domain->waits, sizeof domain->waits - 1);
    b.n = strlen(domain->waits);
    if (domain->certificate == WW_CERTIFICATE_ACME) {
        ww_buf_str(&b, ": set publish.acme, or have it kept in files");
    } else {
        ww_buf_str(&b, ": put it into ");
        ww_words_put_cut(&b, ww_slice_str(in->config->publish_folder));
        ww_buf_str(&b, "/certificates/");
        ww_words_put_domain(&b, ww_slice_str(out->host));
        ww_buf_str(&b, "/fullchain.pem, and its key into privkey.pem there");
    }
    domain->waits[b.n] = '\0';
}

/* rua is a list as in the record. */
static void put_tlsrpt(struct ww_buf *b, const char *rua)
{
    const struct ww_publication p = {.rua = &rua, .rua_count = 1};
    ww_publication_put_tlsrpt(b, &p);
}

static void put_record(struct ww_buf *b, const struct ww_served *served)
{
    const struct ww_publication p = {.id = served->id};
    ww_publication_put_record(b, &p);
}

static void say_line(const struct ww_steward_in *in, const char *label, struct ww_slice value,
                     struct ww_published *domain)
{
    char line[WW_PUBLISHED_WORDS_SIZE - 48];
    struct ww_buf b = ww_buf(line, sizeof line - 1);
    const struct ww_publication p = {.domain = domain->domain, .ttl = (uint32_t)in->config->publish_dns_ttl};
    ww_publication_put_txt(&b, label, &p, value);
    line[b.failed || b.n == 0 ? 0 : b.n - 1] = '\0';
    if (line[0] != '\0')
        say(domain->waits, "this record has to be in the zone: ", line);
}

/* By hand, the operator is told the record as it stands in a zone file. */
static void say_record(const struct ww_steward_in *in, enum ww_rollout_step step, struct ww_published *domain)
{
    char value[WW_PUBLISHED_RUA_SIZE + 32];
    const char *label = step == WW_ROLLOUT_TLSRPT ? "_smtp._tls" : "_mta-sts";
    const struct ww_served *served = ww_published_own(in->tend->served, in->tend->served_count);
    struct ww_buf b = ww_buf(value, sizeof value);
    if (step == WW_ROLLOUT_TLSRPT)
        put_tlsrpt(&b, domain->rua);
    else if (step == WW_ROLLOUT_RECORD && served != NULL)
        put_record(&b, served);
    domain->needs_operator = true;
    if (b.n > 0)
        say_line(in, label, ww_slice(b.p, b.n), domain);
    if (domain->dns == WW_DNS_BY_UPDATE)
        say(domain->trouble, "", "publish.dns_server is not set, so that Waxwing cannot change DNS");
}

static void do_record(const struct ww_steward_in *in, enum ww_rollout_step step, struct ww_steward_turn *out)
{
    struct ww_published *domain = &out->tended.domain;
    if (domain->dns != WW_DNS_BY_UPDATE || in->config->publish_dns_count == 0)
        say_record(in, step, domain);
    else if (step == WW_ROLLOUT_TLSRPT)
        out->work = WW_ORDER_TLSRPT;
    else
        out->work = step == WW_ROLLOUT_RECORD ? WW_ORDER_RECORD : WW_ORDER_NO_RECORD;
}

static void do_step(const struct ww_steward_in *in, const struct ww_rollout_plan *plan,
                    struct ww_steward_turn *out)
{
    switch (plan->step) {
    case WW_ROLLOUT_CERTIFICATE:
        do_certificate(in, out);
        break;
    case WW_ROLLOUT_SERVE:
        do_serve(in, plan, out);
        break;
    case WW_ROLLOUT_UNSERVE:
        do_unserve(in, out);
        break;
    case WW_ROLLOUT_RECORD:
    case WW_ROLLOUT_TLSRPT:
    case WW_ROLLOUT_UNRECORD:
        do_record(in, plan->step, out);
        break;
    case WW_ROLLOUT_LOOK:
    case WW_ROLLOUT_SHOWN:
    case WW_ROLLOUT_WAIT:
    case WW_ROLLOUT_OPERATOR:
    case WW_ROLLOUT_IDLE:
        break;
    }
}

/* On time, whatever else there is to do. */
static void renew(const struct ww_steward_in *in, struct ww_steward_turn *out)
{
    const struct ww_published *d = &out->tended.domain;
    const struct ww_steward_certificate *c = &in->certificate;
    bool needs_one = ww_steward_has_certificate(d) || ww_published_leads_here(d);
    if (!needs_one || d->certificate != WW_CERTIFICATE_ACME || c->until == 0 ||
        d->state == WW_PUBLISHED_GONE || in->config->publish_acme == NULL)
        return;
    int64_t at = ww_certificate_renew_at(c->from, c->until);
    if (at > in->now) {
        out->tended.domain.next_at = sooner(d->next_at, at);
    } else if (out->work == WW_ORDER_NONE) {
        out->work = WW_ORDER_CERTIFICATE;
        out->renews = true;
    }
}

/* ---- When it is looked at again ---- */

static int64_t next_look(const struct ww_steward_in *in, const struct ww_rollout_plan *plan,
                         const struct ww_steward_turn *out)
{
    int64_t interval = in->config->publish_interval;
    int64_t soon = ww_patience_seconds(out->before, SOON, sooner(SELDOM, interval));
    switch (plan->step) {
    case WW_ROLLOUT_LOOK:
    case WW_ROLLOUT_SHOWN:
    case WW_ROLLOUT_RECORD:
    case WW_ROLLOUT_TLSRPT:
    case WW_ROLLOUT_UNRECORD:
    case WW_ROLLOUT_CERTIFICATE:
    case WW_ROLLOUT_SERVE:
    case WW_ROLLOUT_UNSERVE:
        return in->now + soon;
    case WW_ROLLOUT_WAIT:
    case WW_ROLLOUT_OPERATOR:
    case WW_ROLLOUT_IDLE:
        break;
    }
    if (plan->state == WW_PUBLISHED_GONE)
        return in->now + GONE_SECONDS;
    return plan->until > in->now ? sooner(plan->until, in->now + interval) : in->now + interval;
}

void ww_steward_turn(const struct ww_steward_in *in, struct ww_patience *patience,
                     struct ww_steward_turn *out)
{
    const struct ww_msg_tend *tend = in->tend;
    struct ww_published *domain = &out->tended.domain;
    struct ww_steward_facts facts;
    struct ww_rollout_plan plan;
    struct ww_served served[WW_PUBLISHED_SERVED_MAX];
    begin(tend, out);
    const struct ww_steward_seen seen = {.at = in->now,
                                         .sight = in->sight,
                                         .said = in->said,
                                         .served = tend->served,
                                         .served_count = tend->served_count};
    ww_steward_facts(&seen, domain, out->tended.mx, &out->tended.mx_count, &facts);
    take_certificate(in, domain);
    keep_foreign(&facts, out);
    ww_steward_handover(&in->sight->host, &in->certificate, in->config->publish_https[0] != NULL, in->now,
                        domain);
    const struct ww_rollout rollout = {
        .now = in->now,
        .domain = domain,
        .served = served,
        .served_count = take_policies(tend, &facts, in->now, served),
        .mx = out->tended.mx,
        .mx_count = out->tended.mx_count,
        .facts = facts.complete,
        .mx_authentic = facts.mx_authentic,
        .certificate_good = certificate_is_good(in),
        .rua_seen = facts.rua,
        .evidence = tend->evidence,
        .evidence_why = tend->evidence_why,
        .mirrored = in->mirrored,
    };
    ww_rollout_plan(&rollout, &plan);
    take_plan(&plan, in->now, domain);
    say(domain->trouble, "", in->trouble[0] != '\0' ? in->trouble : facts.why);
    if (domain->trouble[0] == '\0' && ww_steward_is_replaced(&rollout))
        say(domain->trouble, "in the place of ours a policy of somebody else is seen at ", out->host);
    out->before = ww_patience_again(patience, domain->domain, plan.step);
    do_step(in, &plan, out);
    domain->next_at = next_look(in, &plan, out);
    renew(in, out);
    out->tended.done_something = out->tended.what != WW_TENDED_NOTHING && out->before == 0;
    ww_steward_faults(&rollout, in, &out->tended);
}

void ww_steward_turn_worked(struct ww_steward_turn *turn, int64_t now, bool good, const char *detail)
{
    struct ww_published *domain = &turn->tended.domain;
    if (good) {
        turn->tended.done_something = turn->tended.done_something || (turn->before == 0 && !turn->renews);
        if (turn->work == WW_ORDER_CERTIFICATE) /* what has failed for long goes on soon */
            domain->next_at = sooner(domain->next_at, now + FAILED);
        return;
    }
    say(domain->trouble,
        turn->work == WW_ORDER_CERTIFICATE ? "the certificate could not be had: "
                                           : "DNS could not be changed: ",
        detail);
    int64_t again = now + ww_patience_seconds(turn->before, FAILED, SELDOM);
    domain->next_at = turn->renews ? sooner(domain->next_at, now + SELDOM) : again;
}
