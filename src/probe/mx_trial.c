#include "probe/mx_trial.h"

#include "core/dname.h"
#include "core/words.h"
#include "probe/mx_prober.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

struct ww_mx_trial {
    enum ww_mx_trial_kind kind;
    struct ww_smtp_hello *hello;
    SSL *ssl; /* NULL: of those that only ask */
    struct ww_mx_trial_result result;
    ww_mx_trial_cb *cb;
    void *ctx;
};

/* What a trial asks with; those that shake hands stand for nothing. */
static const struct {
    uint16_t version;
    enum ww_tls_offer offer;
} asks[] = {
    [WW_MX_TRIAL_WEAK] = {WW_TLS_1_2, WW_TLS_OFFER_WEAK},
    [WW_MX_TRIAL_SECRECY] = {WW_TLS_1_2, WW_TLS_OFFER_SECRECY},
    [WW_MX_TRIAL_TLS_1_1] = {WW_TLS_1_1, WW_TLS_OFFER_COMMON},
    [WW_MX_TRIAL_TLS_1_0] = {WW_TLS_1_0, WW_TLS_OFFER_COMMON},
    [WW_MX_TRIAL_SSL_3] = {WW_SSL_3, WW_TLS_OFFER_COMMON},
};
_Static_assert(sizeof asks / sizeof *asks == WW_MX_TRIALS, "each has its place");

static void trial_free(struct ww_mx_trial *t)
{
    if (t->hello != NULL)
        ww_smtp_hello_cancel(t->hello);
    SSL_free(t->ssl);
    free(t);
}

/* Who hung up, or refused to go on, has not let in what was put there. */
static enum ww_mx_verdict judge_injection(const struct ww_smtp_hello_result *r)
{
    if (r->injected)
        return WW_MX_YES;
    return r->tls_err == WW_E_SMTP_TIMEOUT ? WW_MX_UNCLEAR : WW_MX_NO;
}

/* Whoever answers with another version than the one that was asked about has refused it. */
static bool has_taken(const struct ww_mx_trial *t, const struct ww_smtp_hello_result *r)
{
    if (t->kind == WW_MX_TRIAL_NO_SNI)
        return r->handshake;
    return r->answer.state == WW_TLS_HEARD_ACCEPTED &&
           (asks[t->kind].offer != WW_TLS_OFFER_COMMON || r->answer.version == asks[t->kind].version);
}

/* Only what has come to TLS, and was turned down there, is a no: a host that is busy says nothing by that. */
static enum ww_mx_verdict judge(const struct ww_mx_trial *t, const struct ww_smtp_hello_result *r)
{
    if (r->err != WW_OK || !r->starttls)
        return WW_MX_UNCLEAR;
    if (t->kind == WW_MX_TRIAL_INJECT)
        return judge_injection(r);
    if (has_taken(t, r))
        return WW_MX_YES;
    bool refused = r->tls_err == WW_E_SMTP_TLS || r->tls_err == WW_E_SMTP_PLAIN ||
                   (r->stage == WW_SMTP_SHAKE && r->tls_err == WW_E_SMTP_CLOSED);
    return refused || r->answer.state == WW_TLS_HEARD_ACCEPTED ? WW_MX_NO : WW_MX_UNCLEAR;
}

static void keep_first_name(void *ctx, struct ww_slice name)
{
    struct ww_buf *b = ctx;
    if (b->n == 0)
        ww_words_put_cut(b, name);
}

static void read_certificate(const SSL *ssl, struct ww_mx_trial_result *to)
{
    X509 *leaf = SSL_get0_peer_certificate(ssl);
    struct ww_origin_cert cert;
    struct ww_buf b = ww_buf(to->name, sizeof to->name - 1);
    to->has_certificate = leaf != NULL;
    if (leaf == NULL)
        return;
    ww_tls_leaf_read(leaf, &cert);
    memcpy(to->fingerprint, cert.fingerprint, sizeof to->fingerprint);
    ww_tls_leaf_dns_names(leaf, keep_first_name, &b);
    if (b.n == 0)
        ww_tls_leaf_common_name(leaf, &b);
    to->name[b.n] = '\0';
    ERR_clear_error();
}

static void on_hello(void *ctx, const struct ww_smtp_hello_result *r)
{
    struct ww_mx_trial *t = ctx;
    struct ww_mx_trial_result *to = &t->result;
    t->hello = NULL;
    to->verdict = judge(t, r);
    to->err = r->err != WW_OK ? r->err : r->tls_err;
    to->code = r->code;
    memcpy(to->detail, r->text, sizeof to->detail);
    if (r->handshake) {
        to->version = (uint16_t)SSL_version(t->ssl);
        read_certificate(t->ssl, to);
    } else if (to->verdict == WW_MX_YES) {
        to->version = r->answer.version;
        to->suite = r->answer.suite;
    }
    t->cb(t->ctx, to);
    trial_free(t);
}

static bool set_up(struct ww_mx_trial *t, SSL_CTX *ctx, const char *host)
{
    char name[WW_DNAME_SIZE]; /* OpenSSL takes no constant one */
    (void)snprintf(name, sizeof name, "%s", host);
    t->ssl = SSL_new(ctx);
    bool ok =
        t->ssl != NULL && (t->kind == WW_MX_TRIAL_NO_SNI || SSL_set_tlsext_host_name(t->ssl, name) == 1);
    ERR_clear_error();
    return ok;
}

struct ww_mx_trial *ww_mx_trial(struct ww_mx_prober *prober, enum ww_mx_trial_kind kind, const char *host,
                                const struct ww_addr *addr, unsigned deadline_ms, ww_mx_trial_cb *cb,
                                void *ctx)
{
    struct ww_mx_trial *t = calloc(1, sizeof *t);
    bool shakes = kind == WW_MX_TRIAL_NO_SNI || kind == WW_MX_TRIAL_INJECT;
    if (t == NULL)
        return NULL;
    t->kind = kind;
    t->cb = cb;
    t->ctx = ctx;
    if (!shakes || set_up(t, prober->ctx, host)) {
        const struct ww_smtp_ask ask = {asks[kind].version, asks[kind].offer, host};
        const struct ww_smtp_hello_options options = {
            .name = prober->helo[0] != '\0' ? prober->helo : NULL,
            .deadline_ms = deadline_ms,
            .tls = t->ssl,
            .inject = kind == WW_MX_TRIAL_INJECT,
            .ask = shakes ? NULL : &ask,
        };
        t->hello = ww_smtp_hello(prober->base, &options, addr, on_hello, t);
    }
    if (t->hello != NULL)
        return t;
    trial_free(t);
    return NULL;
}

void ww_mx_trial_cancel(struct ww_mx_trial *trial)
{
    trial_free(trial);
}
