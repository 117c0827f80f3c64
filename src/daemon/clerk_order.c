#include "daemon/clerk_order.h"

#include "daemon/job.h"
#include "daemon/role.h"
#include "publish/acme.h"
#include "publish/certificate.h"
#include "publish/dns_update.h"
#include "publish/place.h"
#include "publish/tree_conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* So long each may take; the job ends by itself before. */
#define SHORT_MS 20000u
#define ISSUE_MS 180000u
#define DEADLINE_MS 20000u

_Static_assert(sizeof(struct ww_msg_order_done) <= PIPE_BUF, "a job's result is written whole");

struct task {
    const struct ww_config *config;
    const struct ww_msg_order *order;
    char host[WW_DNAME_SIZE + 8]; /* the policy host */
};

struct ww_clerk_order {
    struct ww_job *job;
    uint64_t number;
    enum ww_order what;
    char domain[WW_DNAME_SIZE];
    ww_clerk_order_cb *cb;
    void *ctx;
};

/* ---- In its process ---- */

/* Its web server has the certificates; NULL: it knows where. */
static bool put_conf(const struct task *task, char detail[WW_TREE_DETAIL_SIZE])
{
    const struct ww_config *c = task->config;
    const char *certificates = c->publish_tree_certificates;
    char own[PATH_MAX];
    if (task->order->acme) {
        if (!ww_place(own, c->publish_folder, "certificates"))
            return false;
        certificates = own;
    }
    return ww_tree_conf_put(c->publish_tree, task->host, certificates, detail);
}

/* What is served lies there; what is served no more does not. The files of a host that is another's by now
 * are kept as long as they are there: somebody may still be led to them. */
static void see_to_tree(const struct task *task, char detail[WW_TREE_DETAIL_SIZE])
{
    const char *tree = task->config->publish_tree;
    const struct ww_msg_order *o = task->order;
    if (!o->tree && (tree == NULL || !ww_tree_has(tree, task->host)))
        return;
    if (tree == NULL)
        (void)snprintf(detail, WW_TREE_DETAIL_SIZE,
                       "publish.tree is not set: there is no place for the policy");
    else if (o->text.n > 0)
        (void)(ww_tree_put(tree, task->host, o->text, detail) && (!o->tree || put_conf(task, detail)));
    else if (o->gone)
        (void)(ww_tree_conf_remove(tree, task->host, detail) && ww_tree_remove(tree, task->host, detail));
}

static void see_to_files(const struct task *task, struct ww_msg_order_done *out)
{
    const struct ww_config *c = task->config;
    struct ww_certificate_span span;
    char detail[WW_TREE_DETAIL_SIZE] = "";
    see_to_tree(task, detail);
    if (ww_certificate_span(c->publish_folder, task->host, &span)) {
        out->from = span.not_before;
        out->until = span.not_after;
    }
    out->seen = true;
    out->good = detail[0] == '\0';
    ww_job_say(out->detail, sizeof out->detail, "%s", detail);
}

static void update(const struct task *task, struct ww_msg_order_done *out)
{
    const struct ww_config *c = task->config;
    struct ww_tsig_key key;
    struct ww_dns_change change = {.type = "TXT", .ttl = (uint32_t)c->publish_dns_ttl};
    char value[WW_PUBLISHED_RUA_SIZE + 32] = "", detail[WW_DNS_UPDATE_DETAIL_SIZE] = "";
    int n = snprintf(change.name, sizeof change.name, "%s.%s", ww_order_label(task->order->what),
                     task->order->domain);
    bool good = n < (int)sizeof change.name && ww_order_value(task->order, value, sizeof value);
    change.values[0] = value;
    change.count = value[0] != '\0';
    if (good)
        good = c->publish_dns_key == NULL || ww_tsig_key_read(c->publish_dns_key, &key, detail);
    if (good)
        good = ww_role_keep_connect(c, WW_ROLE_CLERK, detail, sizeof detail);
    out->good = good && ww_dns_update(&c->publish_dns[0], c->publish_dns_key != NULL ? &key : NULL, &change,
                                      SHORT_MS, detail);
    ww_job_say(out->detail, sizeof out->detail, "%s", out->good ? "" : detail);
}

/* Where nobody listens for http-01, the publisher answers by TLS. */
static void issue(const struct task *task, struct ww_msg_order_done *out)
{
    const struct ww_config *c = task->config;
    const struct ww_acme acme = {
        .folder = c->publish_folder,
        .directory = c->publish_acme,
        .contact = c->publish_acme_contact,
        .tls_alpn = !task->order->tree && c->publish_http[0] == NULL,
    };
    char detail[WW_ACME_DETAIL_SIZE] = "";
    out->good = ww_acme_issue(&acme, task->host, ISSUE_MS, detail);
    ww_job_say(out->detail, sizeof out->detail, "%s", out->good ? "" : detail);
}

static void work(void *ctx, void *result)
{
    const struct task *task = ctx;
    if (task->order->what == WW_ORDER_FILES)
        see_to_files(task, result);
    else if (task->order->what == WW_ORDER_CERTIFICATE)
        issue(task, result);
    else
        update(task, result);
}

/* ---- In the clerk ---- */

static void log_done(const struct ww_clerk_order *o, const struct ww_msg_order_done *done)
{
    const char *label = ww_order_label(o->what);
    char name[WW_DNAME_SIZE + 16];
    (void)snprintf(name, sizeof name, "%s.%s", label != NULL ? label : "mta-sts", o->domain);
    if (o->what == WW_ORDER_CERTIFICATE && done->good)
        ww_log_info("certificate-made", "domain", o->domain, "host", name);
    else if (o->what == WW_ORDER_CERTIFICATE)
        ww_log_warning("certificate-failed", "domain", o->domain, "host", name, "detail", done->detail);
    else if (label != NULL && done->good)
        ww_log_info("dns-changed", "domain", o->domain, "name", name);
    else if (label != NULL)
        ww_log_warning("dns-change-failed", "domain", o->domain, "name", name, "detail", done->detail);
}

static void on_done(void *ctx, const void *result)
{
    struct ww_clerk_order *o = ctx;
    struct ww_msg_order_done done = {.detail = "the process that was to do it has died, or hung"};
    ww_clerk_order_cb *cb = o->cb;
    void *cb_ctx = o->ctx;
    if (result != NULL)
        done = *(const struct ww_msg_order_done *)result;
    done.number = o->number;
    done.detail[sizeof done.detail - 1] = '\0';
    log_done(o, &done);
    free(o);
    cb(cb_ctx, &done);
}

static const char *lacks(const struct ww_config *config, const struct ww_msg_order *order)
{
    if (!ww_order_check(order))
        return "the order is none that can be carried out";
    if (order->what == WW_ORDER_CERTIFICATE && config->publish_acme == NULL)
        return "publish.acme is not set, so that Waxwing cannot have certificates made";
    if (ww_order_label(order->what) != NULL && config->publish_dns_count == 0)
        return "publish.dns_server is not set, so that Waxwing cannot change DNS";
    return NULL;
}

struct ww_clerk_order *ww_clerk_order_begin(struct event_base *base, const struct ww_config *config,
                                            const struct ww_msg_order *order, ww_clerk_order_cb *cb,
                                            void *ctx, const char **why)
{
    struct task task = {.config = config, .order = order}; /* the new process has it as it is now */
    *why = lacks(config, order);
    struct ww_clerk_order *o = *why == NULL ? calloc(1, sizeof *o) : NULL;
    if (o != NULL) {
        (void)snprintf(task.host, sizeof task.host, "mta-sts.%s", order->domain);
        memcpy(o->domain, order->domain, sizeof o->domain);
        o->number = order->number;
        o->what = order->what;
        o->cb = cb;
        o->ctx = ctx;
        const struct ww_job_what what = {
            .run = work,
            .run_ctx = &task,
            .result_size = sizeof(struct ww_msg_order_done),
            .deadline_ms = DEADLINE_MS + (order->what == WW_ORDER_CERTIFICATE ? ISSUE_MS : SHORT_MS),
            .done = on_done,
            .done_ctx = o,
        };
        o->job = ww_job_begin(base, &what);
        if (o->job != NULL)
            return o;
        free(o);
    }
    if (*why == NULL)
        *why = "processes or memory are short";
    return NULL;
}

void ww_clerk_order_cancel(struct ww_clerk_order *order)
{
    if (order == NULL)
        return;
    ww_job_cancel(order->job);
    free(order);
}
