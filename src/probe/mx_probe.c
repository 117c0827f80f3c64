#include "probe/mx_probe.h"

#include "net/clock.h"
#include "net/smtp_hello.h"
#include "net/tls_verify.h"
#include "probe/mx_prober.h"
#include "probe/mx_tls.h"

#include <stdlib.h>
#include <string.h>

struct ww_mx_probe {
    struct ww_mx_prober *prober;
    struct ww_smtp_hello *hello;
    struct ww_mx_tls tls;
    char host[WW_DNAME_SIZE];
    char base[WW_DNAME_SIZE];
    char next_hop[WW_DNAME_SIZE];
    struct ww_addr addrs[WW_MX_PROBE_ADDRS_MAX];
    size_t addr_count;
    size_t tried;
    int64_t until;           /* ww_clock_us */
    enum ww_smtp_stage best; /* how far the best of the addresses that failed has come */
    struct ww_buf failures;  /* what to say of them, into the result's detail */
    struct ww_mx_probe_result result;
    ww_mx_probe_cb *cb;
    void *ctx;
};

struct ww_mx_prober *ww_mx_prober_new(struct event_base *base, const struct ww_mx_probe_options *options,
                                      const char **detail)
{
    struct ww_mx_prober *prober = calloc(1, sizeof *prober);
    *detail = "out of memory";
    if (prober == NULL)
        return NULL;
    prober->base = base;
    prober->deadline_ms = options->deadline_ms;
    if (options->helo != NULL && strlen(options->helo) < sizeof prober->helo)
        memcpy(prober->helo, options->helo, strlen(options->helo) + 1);
    prober->ctx = ww_mx_tls_context();
    if (options->store != NULL && X509_STORE_up_ref(options->store) == 1)
        prober->store = options->store;
    else
        prober->store = ww_tls_store_new(options->ca_file);
    if (prober->store == NULL)
        *detail = "the file of trusted authorities cannot be read, or holds no certificate";
    if (prober->store != NULL && prober->ctx != NULL)
        return prober;
    ww_mx_prober_free(prober);
    return NULL;
}

void ww_mx_prober_free(struct ww_mx_prober *prober)
{
    if (prober == NULL)
        return;
    SSL_CTX_free(prober->ctx);
    X509_STORE_free(prober->store);
    free(prober);
}

static void probe_free(struct ww_mx_probe *p)
{
    if (p->hello != NULL)
        ww_smtp_hello_cancel(p->hello);
    ww_mx_tls_free(&p->tls);
    free(p);
}

/* The prober may be freed in the callback, so nothing of it may be in use by then. */
static void finish(struct ww_mx_probe *p)
{
    p->result.chain = p->tls.chain;
    p->tls.chain = NULL;
    ww_mx_tls_free(&p->tls);
    p->cb(p->ctx, &p->result);
    sk_X509_pop_free(p->result.chain, X509_free);
    probe_free(p);
}

static const char *when(enum ww_smtp_stage stage)
{
    switch (stage) {
    case WW_SMTP_CONNECTING:
        return "while connecting";
    case WW_SMTP_GREETING:
        return "before a greeting";
    case WW_SMTP_EHLO:
        return "after EHLO";
    case WW_SMTP_STARTTLS:
        return "after STARTTLS";
    case WW_SMTP_SHAKE:
        return "in the TLS handshake";
    case WW_SMTP_QUIT:
        break;
    }
    return "at the end";
}

/* More words to the message of an error. */
static void put_more(struct ww_buf *b, enum ww_err err, const struct ww_smtp_hello_result *r)
{
    switch ((int)err) {
    case WW_E_SMTP_REFUSED:
    case WW_E_SMTP_STARTTLS:
        ww_buf_decimal(b, r->code);
        ww_buf_char(b, ' ');
        ww_buf_str(b, r->text);
        break;
    case WW_E_SMTP_PLAIN:
    case WW_E_SMTP_TLS:
        ww_buf_str(b, r->text);
        break;
    case WW_E_SMTP_CONNECT:
        ww_buf_str(b, strerror(r->error));
        break;
    default:
        ww_buf_str(b, when(r->stage));
        ww_buf_str(b, r->error != 0 ? ": " : "");
        ww_buf_str(b, r->error != 0 ? strerror(r->error) : "");
        break;
    }
}

/* What many addresses come to may be too long: then the last of it is cut. */
static void keep_failure(struct ww_mx_probe *p, const struct ww_smtp_hello_result *r)
{
    char words[WW_ADDR_TEXT_SIZE + WW_MX_PROBE_DETAIL_SIZE];
    char address[WW_ADDR_TEXT_SIZE];
    struct ww_buf b = ww_buf(words, sizeof words);
    struct ww_mx_probe_result *result = &p->result;
    ww_addr_format(&p->addrs[p->tried - 1], address);
    ww_buf_str(&b, p->failures.n > 0 ? "; " : "");
    ww_buf_str(&b, address);
    ww_buf_str(&b, ": ");
    put_more(&b, r->err, r);
    for (size_t i = 0; i < b.n; i++)
        ww_buf_char(&p->failures, words[i]);
    result->detail[p->failures.n] = '\0';
    if (p->tried > 1 && r->stage < p->best)
        return;
    p->best = r->stage;
    result->err = r->err;
    result->stage = r->stage;
    result->error = r->error;
    result->addr = p->addrs[p->tried - 1];
    memcpy(result->said, r->text, sizeof result->said);
    result->smtp_code = r->code;
    result->us = r->us;
}

static void keep_seen(struct ww_mx_probe *p, const struct ww_smtp_hello_result *r)
{
    const struct ww_slice wanted[WW_MX_TLS_WANTED] = {ww_slice_str(p->host), ww_slice_str(p->base),
                                                      ww_slice_str(p->next_hop)};
    struct ww_mx_probe_result *result = &p->result;
    result->err = WW_OK;
    result->tls_err = r->tls_err;
    result->detail[0] = '\0';
    result->addr = p->addrs[p->tried - 1];
    result->us = r->us;
    result->smtp_code = r->code;
    result->stage = r->stage;
    result->error = 0;
    memcpy(result->said, r->text, sizeof result->said);
    memcpy(result->ehlo, r->ehlo, sizeof result->ehlo);
    result->from = r->from;
    result->starttls = r->starttls;
    result->handshake = r->handshake;
    if (r->handshake) {
        ww_mx_tls_read(&p->tls, p->prober->store, wanted, result);
    } else if (r->tls_err != WW_OK) {
        struct ww_buf b = ww_buf(result->detail, sizeof result->detail - 1);
        ww_buf_str(&b, ww_err_message(r->tls_err));
        ww_buf_str(&b, ": ");
        put_more(&b, r->tls_err, r);
        result->detail[b.n] = '\0';
    }
}

static void on_hello(void *ctx, const struct ww_smtp_hello_result *r);

/* An address that takes no connection may have its share of the time; one that does may have all of it. */
static enum ww_err try_next(struct ww_mx_probe *p)
{
    int64_t left_ms = (p->until - ww_clock_us()) / 1000;
    if (left_ms <= 0)
        return WW_E_SMTP_TIMEOUT;
    const struct ww_smtp_hello_options options = {
        .name = p->prober->helo[0] != '\0' ? p->prober->helo : NULL,
        .deadline_ms = (unsigned)left_ms,
        .connect_ms = (unsigned)(left_ms / (int64_t)(p->addr_count - p->tried)),
        .tls = p->tls.ssl,
    };
    p->hello = ww_smtp_hello(p->prober->base, &options, &p->addrs[p->tried++], on_hello, p);
    return p->hello != NULL ? WW_OK : WW_E_NO_MEMORY;
}

static void on_hello(void *ctx, const struct ww_smtp_hello_result *r)
{
    struct ww_mx_probe *p = ctx;
    p->hello = NULL;
    if (r->err == WW_OK) {
        keep_seen(p, r);
        finish(p);
        return;
    }
    keep_failure(p, r);
    if (p->tried == p->addr_count || try_next(p) != WW_OK)
        finish(p);
}

/* "" where there is none. False: no name is as long. */
static bool keep_domain(char to[WW_DNAME_SIZE], const char *name)
{
    size_t n = name != NULL ? strlen(name) : 0;
    if (n >= WW_DNAME_SIZE)
        return false;
    memcpy(to, n > 0 ? name : "", n + 1);
    return true;
}

static enum ww_err begin(struct ww_mx_probe *p, const struct ww_mx_probe_target *target)
{
    if (target->addr_count == 0)
        return WW_E_MX_NO_ADDRESS;
    if (!keep_domain(p->host, target->host) || !keep_domain(p->base, target->base) ||
        !keep_domain(p->next_hop, target->next_hop))
        return WW_E_DNAME_TOO_LONG;
    if (p->host[0] == '\0')
        return WW_E_DNAME_EMPTY;
    for (size_t i = 0; i < target->addr_count && i < WW_MX_PROBE_ADDRS_MAX; i++)
        p->addrs[p->addr_count++] = target->addrs[i];
    if (!ww_mx_tls_init(&p->tls, p->prober->ctx, target))
        return WW_E_NO_MEMORY;
    p->result.tlsa_readable = p->tls.readable;
    p->failures = ww_buf(p->result.detail, sizeof p->result.detail - 1);
    p->until = ww_clock_us() + (int64_t)p->prober->deadline_ms * 1000;
    return try_next(p);
}

struct ww_mx_probe *ww_mx_probe(struct ww_mx_prober *prober, const struct ww_mx_probe_target *target,
                                ww_mx_probe_cb *cb, void *ctx, enum ww_err *err)
{
    struct ww_mx_probe *p = calloc(1, sizeof *p);
    *err = WW_E_NO_MEMORY;
    if (p == NULL)
        return NULL;
    p->prober = prober;
    p->cb = cb;
    p->ctx = ctx;
    *err = begin(p, target);
    if (*err == WW_OK)
        return p;
    probe_free(p);
    return NULL;
}

void ww_mx_probe_cancel(struct ww_mx_probe *probe)
{
    probe_free(probe);
}

struct ww_seen_mx ww_mx_probe_seen(const struct ww_mx_probe_result *result, const char *host,
                                   enum ww_dane_state dane, struct ww_slice room[WW_MX_PROBE_NAMES_MAX])
{
    for (size_t i = 0; i < result->name_count; i++)
        room[i] = ww_slice_str(result->names[i]);
    return (struct ww_seen_mx){
        .host = ww_slice_str(host),
        .starttls = result->starttls,
        .handshake = result->handshake,
        .tls_version = result->tls_version,
        .has_certificate = result->has_certificate,
        .status = result->status,
        .names = room,
        .name_count = result->name_count,
        .common_name = ww_slice_str(result->common_name),
        .dane = dane,
        .tlsa_match = result->tlsa_match,
        .tlsa_usage = result->tlsa_usage,
    };
}
