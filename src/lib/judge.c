#include "core/judge.h"
#include "lib/lib.h"

#include <stdlib.h>

_Static_assert(WAXWING_WHY_SIZE > WW_JUDGE_WHY_MAX, "a reason fits");

/* What one delivery is judged by, with the memory behind it. */
struct bench {
    struct ww_delivery delivery;
    struct ww_seen_mx mx;
    struct ww_policy policy;
    char host[WW_DNAME_SIZE];
    char *body;
    struct ww_slice *names;
};

/* The patterns as a policy: what the rules are about. */
static enum ww_err make_policy(struct bench *bench, const struct waxwing_decision *d)
{
    static const char head[] = "version: STSv1\nmax_age: 1\nmode: ";
    const struct ww_decision_text *t = &d->read;
    size_t size = sizeof head + sizeof "enforce\n" + 2 * t->text.n + sizeof bench->host + sizeof "mx: \n";
    bench->body = malloc(size);
    if (bench->body == NULL)
        return WW_E_NO_MEMORY;
    struct ww_buf b = ww_buf(bench->body, size);
    ww_buf_str(&b, head);
    ww_buf_str(&b, t->mx_testing ? "testing\n" : "enforce\n");
    for (size_t i = 0; i <= t->mx_count; i++) {
        /* Without any, the name that counts is that of the host. */
        const char *mx = i < t->mx_count ? d->mx[i] : bench->host;
        if (i == t->mx_count && i > 0)
            break;
        ww_buf_str(&b, "mx: ");
        ww_buf_str(&b, mx);
        ww_buf_char(&b, '\n');
    }
    size_t offset;
    enum ww_err err = b.failed ? WW_E_TOO_LONG : ww_policy_parse(b.p, b.n, &bench->policy, &offset);
    bench->delivery.sts.policy = err == WW_OK ? &bench->policy : NULL;
    return err;
}

static struct ww_slice slice_of(const char *s)
{
    return s != NULL ? ww_slice_str(s) : ww_slice(NULL, 0);
}

static enum ww_dane_state state_of(const struct waxwing_decision *d, const struct waxwing_seen *seen)
{
    if (ww_lib_decision_ordered(d) || d->read.dry_run)
        return WW_DANE_NONE;
    if (seen->dane != WAXWING_DANE_UNKNOWN)
        return ww_lib_dane(seen->dane);
    return ww_lib_decision_dane(d, ww_slice_str(seen->host));
}

static enum ww_err take_seen(struct bench *bench, const struct waxwing_decision *d,
                             const struct waxwing_seen *seen)
{
    enum ww_err err = ww_dname_canon(seen->host, strlen(seen->host), bench->host);
    if (err != WW_OK)
        return err;
    bench->names = calloc(seen->name_count + 1, sizeof *bench->names);
    if (bench->names == NULL)
        return WW_E_NO_MEMORY;
    for (size_t i = 0; i < seen->name_count; i++)
        bench->names[i] = slice_of(seen->names[i]);
    bool known = seen->certificate >= WAXWING_CERTIFICATE_TRUSTED &&
                 seen->certificate <= WAXWING_CERTIFICATE_SELF_SIGNED;
    bench->mx = (struct ww_seen_mx){
        .host = ww_slice_str(bench->host),
        .tlsa_base = slice_of(seen->tlsa_base),
        .starttls = seen->starttls != 0,
        .handshake = seen->handshake != 0,
        .tls_version = seen->tls_version <= UINT16_MAX ? (uint16_t)seen->tls_version : 0,
        .has_certificate = seen->certificate != WAXWING_CERTIFICATE_NONE,
        .status = known ? (enum ww_cert_status)(seen->certificate - WAXWING_CERTIFICATE_TRUSTED)
                        : WW_CERT_UNTRUSTED,
        .names = bench->names,
        .name_count = seen->name_count,
        .common_name = slice_of(seen->common_name),
        .dane = state_of(d, seen),
        .tlsa_match = seen->tlsa_match != 0,
        .tlsa_usage = seen->tlsa_usage <= UINT8_MAX ? (uint8_t)seen->tlsa_usage : UINT8_MAX,
    };
    return WW_OK;
}

static void tell(struct waxwing_judgement *j, enum waxwing_action action, const char *section,
                 const char *why)
{
    j->action = action;
    j->section = section;
    struct ww_buf b = ww_buf(j->why, sizeof j->why - 1);
    ww_buf_slice(&b, ww_slice(why, strnlen(why, sizeof j->why - 1)));
    j->why[b.n] = '\0';
}

static void tell_judged(struct waxwing_judgement *j, const struct ww_delivery *delivery,
                        const struct ww_judgement *judged)
{
    struct ww_buf b = ww_buf(j->why, sizeof j->why - 1);
    ww_judge_put_why(&b, delivery, judged);
    j->why[b.n] = '\0';
    j->action = judged->action == WW_ACTION_DELIVER ? WAXWING_DELIVER : WAXWING_SKIP;
    j->policy_type = (enum waxwing_policy_type)judged->policy_type;
    j->result = (enum waxwing_result)judged->result;
    j->section = ww_judge_source(judged);
}

/* Level encrypt: TLS is what must be, whatever else was found. */
static void demand_tls(struct waxwing_judgement *j, const struct waxwing_decision *d,
                       const struct ww_seen_mx *mx)
{
    if (mx->starttls && mx->handshake)
        return;
    enum ww_rule rule = mx->starttls ? WW_RULE_STS_HANDSHAKE : WW_RULE_STS_STARTTLS;
    tell(j, WAXWING_SKIP, d->section, ww_rule_text(rule));
    j->result = (enum waxwing_result)ww_rule_result(rule);
}

static enum ww_err judge(struct bench *bench, const struct waxwing_decision *d,
                         const struct waxwing_seen *seen, struct waxwing_judgement *j)
{
    const struct ww_decision_text *t = &d->read;
    enum ww_err err = take_seen(bench, d, seen);
    if (err == WW_OK && (t->mx_count > 0 || t->level == WW_LEVEL_SECURE))
        err = make_policy(bench, d);
    if (err != WW_OK)
        return err;
    bench->delivery.sts.without = WW_RULE_NO_POLICY;
    bench->delivery.dane_suffices = t->suffices;
    if (t->has_dane && t->dane == WW_DOMAIN_MX_SECURE)
        bench->delivery.next_hop = ww_slice_str(d->domain);
    const struct ww_judgement judged = ww_judge(&bench->delivery, &bench->mx);
    tell_judged(j, &bench->delivery, &judged);
    /* Patterns of a preload list, or of the operator's order, are none that a report could name. */
    if (judged.policy_type == WW_POLICY_TYPE_STS && !t->has_policy)
        j->policy_type = WAXWING_POLICY_TYPE_NONE;
    if (judged.policy_type == WW_POLICY_TYPE_NONE && judged.action == WW_ACTION_DELIVER)
        tell(j, WAXWING_DELIVER, d->section, d->why);
    if (j->action == WAXWING_DELIVER && t->level == WW_LEVEL_ENCRYPT)
        demand_tls(j, d, &bench->mx);
    return WW_OK;
}

/* As much of it as the caller has room for. */
static void give(const struct waxwing_judgement *j, struct waxwing_judgement *theirs)
{
    size_t n = theirs->size < sizeof *j ? theirs->size : sizeof *j;
    if (n > sizeof j->size)
        memcpy((char *)theirs + sizeof j->size, (const char *)j + sizeof j->size, n - sizeof j->size);
}

enum waxwing_action waxwing_judge(const struct waxwing_decision *decision, const struct waxwing_seen *seen,
                                  struct waxwing_judgement *judgement)
{
    struct waxwing_judgement j = {.size = sizeof j, .section = ""};
    struct waxwing_seen own;
    struct bench bench = {.body = NULL};
    enum ww_err err = WW_E_ARGUMENT;
    if (decision->read.level == WW_LEVEL_HOLD) {
        tell(&j, WAXWING_SKIP, decision->section, decision->why);
        err = WW_OK;
    } else if (ww_lib_take(&own, sizeof own, seen) && own.host != NULL &&
               (own.name_count == 0 || own.names != NULL)) {
        err = judge(&bench, decision, &own, &j);
    }
    if (err != WW_OK)
        tell(&j, WAXWING_SKIP, ww_err_source(err), ww_err_message(err));
    free(bench.names);
    free(bench.body);
    if (judgement != NULL)
        give(&j, judgement);
    return j.action;
}
