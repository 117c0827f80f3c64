#include "engine/postfix_results.h"

#include "base/ascii.h"
#include "base/buf.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* tlsproxy(8) is the one who says what is wrong with a certificate where connections are reused. */
#define PROXY_FAULTS 16

struct proxy_fault {
    char ip[WW_ADDR_TEXT_SIZE];
    char why[200];
};

struct ww_postfix_results {
    struct ww_postfix_process *processes[WW_POSTFIX_PROCESSES_MAX];
    size_t count;
    bool has_tls;
    struct proxy_fault faults[PROXY_FAULTS]; /* a ring */
    size_t next_fault;
};

/* One line while it is taken. */
struct turn {
    struct ww_postfix_process *p;
    const struct ww_postfix_says *says;
    int64_t time;
    ww_postfix_tell *tell;
    void *ctx;
};

struct ww_postfix_results *ww_postfix_results_new(void)
{
    return calloc(1, sizeof(struct ww_postfix_results));
}

void ww_postfix_results_free(struct ww_postfix_results *results)
{
    for (size_t i = 0; results != NULL && i < results->count; i++)
        free(results->processes[i]);
    free(results);
}

bool ww_postfix_results_has_tls(const struct ww_postfix_results *results)
{
    return results->has_tls;
}

void ww_postfix_results_set_tls(struct ww_postfix_results *results)
{
    results->has_tls = true;
}

const struct ww_postfix_process *ww_postfix_results_at(const struct ww_postfix_results *results, size_t i)
{
    return i < results->count ? results->processes[i] : NULL;
}

static void copy(char *out, size_t size, struct ww_slice text)
{
    size_t n = text.n < size ? text.n : size - 1;
    if (n > 0)
        memcpy(out, text.p, n);
    out[n] = '\0';
}

/* A text that was cut is the same as far as it goes. */
static bool is_copy(const char *kept, size_t size, struct ww_slice text)
{
    return ww_slice_is(ww_slice(text.p, text.n < size ? text.n : size - 1), kept);
}

static void forget(struct ww_postfix_results *results, size_t i)
{
    free(results->processes[i]);
    results->processes[i] = results->processes[--results->count];
}

static bool is_over(const struct ww_postfix_process *p, int64_t now)
{
    return now - p->seen > (p->open || p->waits > 0 ? WW_POSTFIX_SILENCE : WW_POSTFIX_IDLE);
}

/* Makes room for one more. */
static void forget_some(struct ww_postfix_results *results, int64_t now)
{
    size_t oldest = 0;
    for (size_t i = results->count; i-- > 0;) {
        if (is_over(results->processes[i], now))
            forget(results, i);
    }
    if (results->count < WW_POSTFIX_PROCESSES_MAX)
        return;
    for (size_t i = 1; i < results->count; i++) {
        if (results->processes[i]->seen < results->processes[oldest]->seen)
            oldest = i;
    }
    forget(results, oldest);
}

bool ww_postfix_results_add(struct ww_postfix_results *results, const struct ww_postfix_process *process)
{
    forget_some(results, process->seen);
    struct ww_postfix_process *p = malloc(sizeof *p);
    if (p == NULL)
        return false;
    *p = *process;
    results->processes[results->count++] = p;
    return true;
}

static struct ww_postfix_process *find(struct ww_postfix_results *results,
                                       const struct ww_postfix_heard *heard)
{
    for (size_t i = 0; i < results->count; i++) {
        struct ww_postfix_process *p = results->processes[i];
        if (p->pid == heard->pid && is_copy(p->host, sizeof p->host, heard->host) &&
            is_copy(p->tag, sizeof p->tag, heard->tag))
            return p;
    }
    return NULL;
}

static struct ww_postfix_process *find_or_add(struct ww_postfix_results *results,
                                              const struct ww_postfix_heard *heard)
{
    struct ww_postfix_process *p = find(results, heard);
    if (p != NULL)
        return p;
    struct ww_postfix_process fresh = {.pid = heard->pid, .seen = heard->time};
    copy(fresh.host, sizeof fresh.host, heard->host);
    copy(fresh.tag, sizeof fresh.tag, heard->tag);
    if (!ww_postfix_results_add(results, &fresh))
        return NULL;
    return results->processes[results->count - 1];
}

/* ---- what waits for a domain ---- */

/* An event to fill in, or NULL when too many wait. */
static struct ww_tls_result *wait_with(struct turn *t, struct ww_slice mx, struct ww_slice ip)
{
    if (t->p->waits == WW_POSTFIX_WAITING_MAX)
        return NULL;
    struct ww_tls_result *r = &t->p->waiting[t->p->waits++];
    *r = (struct ww_tls_result){.time = t->time, .mta = "postfix"};
    /* An MX host whose name or address is none stays without. */
    if (ww_tls_result_name_put(r->mx, mx) != WW_OK)
        r->mx[0] = '\0';
    if (ww_tls_result_ip_put(r->ip, ip) != WW_OK)
        r->ip[0] = '\0';
    return r;
}

static void set_policy(struct ww_tls_result *r, enum ww_policy_type policy)
{
    r->policy_known = true;
    r->policy = policy;
}

/* The session that is open has ended like this. */
static void close_session(struct turn *t, enum ww_postfix_why reason)
{
    struct ww_postfix_process *p = t->p;
    struct ww_tls_result *r = wait_with(t, ww_slice_str(p->mx), ww_slice_str(p->ip));
    bool dane = false;
    p->open = false;
    if (r == NULL)
        return;
    r->tls = p->tls;
    if (p->shaken) {
        r->type = WW_RESULT_VALIDATION_FAILURE;
        r->tls = WW_TLS_SEEN_NONE;
    } else if (reason == WW_POSTFIX_WHY_NOT_VERIFIED) {
        r->type = ww_postfix_certificate_fault(ww_slice_str(p->why), &dane);
    }
    if (dane)
        set_policy(r, WW_POLICY_TYPE_TLSA);
    /* Of a handshake there may be no more than a number. */
    if (r->type != WW_RESULT_NONE)
        ww_tls_result_text_put(r, ww_is_alpha(p->why[0]) ? ww_slice_str(p->why) : t->says->why);
}

/* A session without TLS, or one of which no line but this tells. */
static void tell_of_failure(struct turn *t, enum ww_result_type type, enum ww_tls_seen tls)
{
    struct ww_tls_result *r = wait_with(t, t->says->host, t->says->ip);
    if (r == NULL)
        return;
    r->type = type;
    r->tls = tls;
    if (!t->says->sent)
        ww_tls_result_text_put(r, t->says->why);
}

static void name_session(struct ww_slice queue_id, struct ww_tls_result *r)
{
    const struct ww_slice parts[] = {queue_id, ww_slice_str("/"), ww_slice_str(r->mx), ww_slice_str("/"),
                                     ww_slice_str(r->ip)};
    struct ww_buf b = ww_buf(r->session, sizeof r->session - 1);
    for (size_t i = 0; i < COUNT(parts); i++)
        ww_buf_slice(&b, parts[i]);
    r->session[b.n] = '\0';
}

static void tell_all(struct turn *t)
{
    struct ww_postfix_process *p = t->p;
    char domain[WW_DNAME_SIZE] = "";
    bool known = ww_tls_result_name_put(domain, t->says->domain) == WW_OK && domain[0] != '\0';
    for (size_t i = 0; known && i < p->waits; i++) {
        memcpy(p->waiting[i].domain, domain, sizeof domain);
        name_session(t->says->queue_id, &p->waiting[i]);
        t->tell(t->ctx, &p->waiting[i]);
    }
    p->waits = 0;
}

/* ---- lines ---- */

static bool is_ours(const struct ww_postfix_says *says)
{
    struct ww_addr addr;
    if (ww_addr_parse(says->ip, &addr) != WW_OK)
        return false;
    const char *special = ww_addr_special(&addr);
    return special == NULL || strcmp(special, "loopback") != 0;
}

static bool is_mail(const struct ww_postfix_says *says)
{
    return says->port == 25 && is_ours(says);
}

static void open_session(struct turn *t)
{
    struct ww_postfix_process *p = t->p;
    if (p->open)
        close_session(t, WW_POSTFIX_WHY_OTHER);
    p->open = true;
    p->shaken = false;
    p->tls = WW_TLS_SEEN_UNKNOWN;
    p->why[0] = '\0';
    copy(p->mx, sizeof p->mx, t->says->host);
    copy(p->ip, sizeof p->ip, t->says->ip);
}

static void hear_of_certificate(struct turn *t)
{
    struct ww_postfix_process *p = t->p;
    bool known = p->open && p->tls == WW_TLS_SEEN_UNKNOWN && is_copy(p->ip, sizeof p->ip, t->says->ip);
    if (!known)
        open_session(t);
    /* Of several complaints the last one is about the host's own certificate. */
    copy(p->why, sizeof p->why, t->says->why);
}

static void hear_of_handshake(struct turn *t)
{
    open_session(t);
    t->p->shaken = true;
    copy(t->p->why, sizeof t->p->why, t->says->why);
}

static void hear_of_proxy(struct ww_postfix_results *results, const struct ww_postfix_says *says)
{
    if (says->line != WW_POSTFIX_CERTIFICATE)
        return;
    struct proxy_fault *fault = &results->faults[results->next_fault++ % PROXY_FAULTS];
    copy(fault->ip, sizeof fault->ip, says->ip);
    copy(fault->why, sizeof fault->why, says->why);
}

static void ask_proxy(struct ww_postfix_results *results, struct ww_postfix_process *p)
{
    for (size_t i = 0; p->why[0] == '\0' && i < PROXY_FAULTS; i++) {
        struct proxy_fault *fault = &results->faults[i];
        if (strcmp(fault->ip, p->ip) != 0)
            continue;
        memcpy(p->why, fault->why, sizeof p->why);
        fault->ip[0] = '\0';
    }
}

static void hear_of_tls(struct ww_postfix_results *results, struct turn *t)
{
    struct ww_postfix_process *p = t->p;
    bool known = p->open && p->tls == WW_TLS_SEEN_UNKNOWN && is_copy(p->ip, sizeof p->ip, t->says->ip);
    if (!known)
        open_session(t);
    p->tls = t->says->tls;
    if (p->tls == WW_TLS_SEEN_UNTRUSTED)
        ask_proxy(results, p);
}

/* The same is said for each address of the host. */
static bool waits_already(const struct turn *t, enum ww_result_type type)
{
    for (size_t i = 0; i < t->p->waits; i++) {
        const struct ww_tls_result *r = &t->p->waiting[i];
        if (r->type == type && r->ip[0] == '\0' && ww_dname_eq(ww_slice_str(r->mx), t->says->host))
            return true;
    }
    return false;
}

static void hear_of_policy(struct turn *t, enum ww_result_type type, enum ww_policy_type policy)
{
    if (waits_already(t, type))
        return;
    struct ww_tls_result *r = wait_with(t, t->says->host, ww_slice(NULL, 0));
    if (r == NULL)
        return;
    r->type = type;
    set_policy(r, policy);
    ww_tls_result_text_put(
        r, t->says->why.n > 0 ? t->says->why : ww_slice_str("the MX host matches no pattern of the policy"));
}

static void hear_of_tlsa(struct turn *t)
{
    static const struct {
        enum ww_postfix_why why;
        enum ww_result_type type;
    } rows[] = {
        {WW_POSTFIX_WHY_TLSA_LOOKUP, WW_RESULT_DNSSEC_INVALID},
        {WW_POSTFIX_WHY_TLSA_NONE, WW_RESULT_DANE_REQUIRED},
        {WW_POSTFIX_WHY_TLSA_UNUSABLE, WW_RESULT_TLSA_INVALID},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].why == t->says->reason)
            hear_of_policy(t, rows[i].type, WW_POLICY_TYPE_TLSA);
    }
}

static bool was_told(const struct turn *t)
{
    const struct ww_postfix_process *p = t->p;
    return is_copy(p->told_queue, sizeof p->told_queue, t->says->queue_id) &&
           is_copy(p->told_ip, sizeof p->told_ip, t->says->ip);
}

static void mark_told(struct turn *t)
{
    copy(t->p->told_queue, sizeof t->p->told_queue, t->says->queue_id);
    copy(t->p->told_ip, sizeof t->p->told_ip, t->says->ip);
}

/* A session of which no line about TLS is left. */
static void hear_without_tls(const struct ww_postfix_results *results, struct turn *t)
{
    const struct ww_postfix_says *says = t->says;
    bool went_on = says->sent || says->reason == WW_POSTFIX_WHY_SAID;
    bool clear = says->reason == WW_POSTFIX_WHY_NOT_OFFERED || (went_on && results->has_tls);
    if (!is_ours(says) || was_told(t))
        return;
    if (clear)
        tell_of_failure(t, WW_RESULT_STARTTLS_NOT_SUPPORTED, WW_TLS_SEEN_NONE);
    else if (says->reason == WW_POSTFIX_WHY_NOT_VERIFIED || says->reason == WW_POSTFIX_WHY_HANDSHAKE)
        tell_of_failure(t, WW_RESULT_VALIDATION_FAILURE, WW_TLS_SEEN_UNKNOWN);
}

/* What a host has failed of is said without its name where the session was opened; elsewhere with it. */
static void hear_of_host(const struct ww_postfix_results *results, struct turn *t)
{
    const struct ww_postfix_says *says = t->says;
    struct ww_postfix_process *p = t->p;
    bool same = says->ip.n == 0 || is_copy(p->ip, sizeof p->ip, says->ip);
    bool ends = says->reason != WW_POSTFIX_WHY_OTHER;
    if (!(p->open && same && ends)) {
        if (ends)
            hear_without_tls(results, t);
        return;
    }
    /* Where TLS is no must, Postfix goes on with the same host in clear: that is told by the handshake that
     * failed. */
    if (p->shaken) {
        copy(p->told_queue, sizeof p->told_queue, says->queue_id);
        memcpy(p->told_ip, p->ip, sizeof p->told_ip);
    }
    close_session(t, says->reason);
}

static void hear_of_fate(const struct ww_postfix_results *results, struct turn *t)
{
    const struct ww_postfix_says *says = t->says;
    struct ww_postfix_process *p = t->p;
    bool same = is_copy(p->ip, sizeof p->ip, says->ip);
    if (p->open) {
        close_session(t, same ? says->reason : WW_POSTFIX_WHY_OTHER);
        if (same)
            mark_told(t);
    }
    if (!says->reused && is_mail(says))
        hear_without_tls(results, t);
    if (is_mail(says))
        mark_told(t);
    tell_all(t);
}

/* A further attempt of the message: what was told of it belongs to the one before. */
static void begin_attempt(struct ww_postfix_results *results, struct ww_slice queue_id)
{
    for (size_t i = 0; i < results->count; i++) {
        struct ww_postfix_process *p = results->processes[i];
        if (is_copy(p->told_queue, sizeof p->told_queue, queue_id))
            p->told_queue[0] = '\0';
    }
}

static void hear_process(struct ww_postfix_results *results, struct turn *t)
{
    const struct ww_postfix_says *says = t->says;
    switch (says->line) {
    case WW_POSTFIX_TLS_MADE:
        results->has_tls = true;
        if (is_mail(says))
            hear_of_tls(results, t);
        break;
    case WW_POSTFIX_CERTIFICATE:
        if (is_mail(says))
            hear_of_certificate(t);
        break;
    case WW_POSTFIX_SHAKE_FAILED:
        if (is_mail(says))
            hear_of_handshake(t);
        break;
    case WW_POSTFIX_NO_POLICY:
        hear_of_tlsa(t);
        break;
    case WW_POSTFIX_NO_PATTERN:
        hear_of_policy(t, WW_RESULT_VALIDATION_FAILURE, WW_POLICY_TYPE_STS);
        break;
    case WW_POSTFIX_GOES_ON:
        hear_of_host(results, t);
        break;
    case WW_POSTFIX_FATE:
        hear_of_fate(results, t);
        break;
    case WW_POSTFIX_NOTHING:
    case WW_POSTFIX_TLS_REUSED:
    case WW_POSTFIX_QUEUED:
    default:
        break;
    }
}

bool ww_postfix_results_take(struct ww_postfix_results *results, const struct ww_postfix_heard *heard,
                             ww_postfix_tell *tell, void *ctx)
{
    const struct ww_postfix_says *says = heard->says;
    enum ww_postfix_program program = ww_postfix_program(heard->tag);
    if (says->line == WW_POSTFIX_NOTHING)
        return true;
    if (program == WW_POSTFIX_TLSPROXY)
        hear_of_proxy(results, says);
    if (program == WW_POSTFIX_QMGR)
        begin_attempt(results, says->queue_id);
    if (program != WW_POSTFIX_SMTP)
        return true;
    struct turn t = {find_or_add(results, heard), says, heard->time, tell, ctx};
    if (t.p == NULL)
        return false;
    t.p->seen = heard->time;
    hear_process(results, &t);
    return true;
}
