#include "report/dkim_verify.h"

#include "base/ascii.h"
#include "core/words.h"
#include "report/dkim_key.h"
#include "report/dkim_signature.h"
#include "report/dkim_tags.h"
#include "report/mail_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <gmime/gmime.h>
#include <opendkim/dkim.h>
#include <openssl/err.h>

/* Octets of a field: libopendkim has room for 65536 of what it makes of it. */
#define FIELD_MAX 60000
/* Octets that it is given at a time. */
#define CHUNK_SIZE ((size_t)64 * 1024)
/* It has room for so much of a key's record. */
#define RECORD_SIZE 1024

struct signature {
    struct ww_dkim_signature is;
    struct ww_slice whole;    /* its field */
    char record[RECORD_SIZE]; /* of its key, as libopendkim is told of it */
    struct ww_dkim_fact fact;
    bool judged; /* the fact is known */
};

struct verification {
    struct ww_slice mail;
    const struct ww_dkim_found_key *keys;
    size_t key_count;
    struct signature signatures[WW_DKIM_SIGNATURES_MAX];
    size_t count;
    const char *unusable; /* why none of them can be; NULL */
};

/* What libopendkim asks for and does not get: it calls other things by the same name. */
static bool memory_is_short;

static void *allocate(void *closure, size_t n)
{
    void *p = malloc(n > 0 ? n : 1);
    (void)closure;
    memory_is_short = memory_is_short || p == NULL;
    return p;
}

static void give_back(void *closure, void *p)
{
    (void)closure;
    free(p);
}

static void judge(struct signature *s, enum ww_dkim_result result, const char *detail)
{
    struct ww_buf b = ww_buf(s->fact.detail, sizeof s->fact.detail - 1);
    s->fact.result = result;
    ww_words_put_cut(&b, ww_slice_str(detail));
    s->fact.detail[b.n] = '\0';
    s->judged = true;
}

/* ---- Keys ---- */

static const struct ww_dkim_found_key *key_of(const struct verification *v, const char *name)
{
    for (size_t i = 0; i < v->key_count; i++)
        if (strcmp(v->keys[i].name, name) == 0)
            return &v->keys[i];
    return NULL;
}

/* s= (RFC 8460 section 3). */
static void judge_service(struct signature *s, struct ww_slice record)
{
    struct ww_slice service;
    char detail[WW_DKIM_DETAIL_SIZE];
    if (ww_dkim_tag_allows(record, "s", "tlsrpt", "*"))
        return;
    (void)ww_dkim_tag_find(record, "s", &service);
    (void)snprintf(detail, sizeof detail, "the key is not for reports (s=%.*s)",
                   service.n < 64 ? (int)service.n : 64, service.p);
    judge(s, WW_DKIM_NO_KEY, detail);
}

/* Without s=, of which libopendkim knows "email" alone, and without what it does not need. */
static void write_record(struct signature *s, struct ww_slice record, struct ww_slice p)
{
    struct ww_slice flags, flag;
    bool strict = false;
    if (ww_dkim_tag_find(record, "t", &flags))
        while (ww_dkim_word_next(&flags, &flag))
            strict = strict || ww_slice_is(flag, "s");
    int n =
        snprintf(s->record, sizeof s->record, "v=DKIM1; k=%s; %sp=%.*s", s->is.ed25519 ? "ed25519" : "rsa",
                 strict ? "t=s; " : "", p.n < RECORD_SIZE ? (int)p.n : RECORD_SIZE, p.p);
    if (n < 0 || n >= (int)sizeof s->record)
        judge(s, WW_DKIM_UNUSABLE, "the key is longer than others can check");
}

static void judge_record(struct signature *s, struct ww_slice record)
{
    struct ww_slice version, kind, p;
    if ((ww_dkim_tag_find(record, "v", &version) && !ww_slice_is(version, "DKIM1")) ||
        !ww_dkim_tag_find(record, "p", &p)) {
        judge(s, WW_DKIM_NO_KEY, "the record is that of no key");
        return;
    }
    if (!ww_dkim_tag_find(record, "k", &kind))
        kind = ww_slice_str("rsa");
    if (p.n == 0)
        judge(s, WW_DKIM_NO_KEY, "the key is revoked");
    else if (!ww_slice_is(kind, s->is.ed25519 ? "ed25519" : "rsa"))
        judge(s, WW_DKIM_NO_KEY, "the key is of another kind than the signature");
    else if (!ww_dkim_tag_allows(record, "h", "sha256", "sha256"))
        judge(s, WW_DKIM_NO_KEY, "the key is not for SHA-256 (h=)");
    else
        judge_service(s, record);
    if (!s->judged)
        write_record(s, record, p);
}

static void judge_key(const struct verification *v, struct signature *s)
{
    const struct ww_dkim_found_key *key = key_of(v, s->is.key);
    if (key == NULL || key->found == WW_DKIM_KEY_NOT_NOW)
        judge(s, WW_DKIM_NOT_NOW, "DNS gives no answer for the key");
    else if (key->found == WW_DKIM_KEY_ABSENT)
        judge(s, WW_DKIM_NO_KEY, "there is no key");
    else
        judge_record(s, key->record);
}

/* ---- What libopendkim computes ---- */

static bool is_of(DKIM_SIGINFO *info, const struct signature *s)
{
    const char *domain = (const char *)dkim_sig_getdomain(info);
    const char *selector = (const char *)dkim_sig_getselector(info);
    return domain != NULL && selector != NULL &&
           ww_dname_eq(ww_slice_str(domain), ww_slice_str(s->is.domain)) &&
           ww_is_nocase(ww_slice_str(selector), s->is.selector);
}

static DKIM_CBSTAT look_up(DKIM *dkim, DKIM_SIGINFO *info, u_char *buf, size_t size)
{
    const struct verification *v = dkim_get_user_context(dkim);
    for (size_t i = 0; i < v->count; i++) {
        const struct signature *s = &v->signatures[i];
        if (s->judged || !is_of(info, s))
            continue;
        int n = snprintf((char *)buf, size, "%s", s->record);
        return n > 0 && (size_t)n < size ? DKIM_CBSTAT_CONTINUE : DKIM_CBSTAT_NOTFOUND;
    }
    return DKIM_CBSTAT_NOTFOUND;
}

/* To make one reads /etc/resolv.conf, though nothing is looked up here. */
static DKIM_LIB *library(void)
{
    static DKIM_LIB *lib;
    if (lib == NULL) {
        u_int bits = WW_DKIM_RSA_BITS_MIN;
        DKIM_LIB *made = dkim_init(allocate, give_back);
        if (made != NULL && dkim_set_key_lookup(made, look_up) == DKIM_STAT_OK &&
            dkim_options(made, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits, sizeof bits) == DKIM_STAT_OK)
            lib = made;
        else if (made != NULL)
            dkim_close(made);
    }
    return lib;
}

/*
 * Times are judged already, by another clock than libopendkim would ask: it lets all pass that is within this
 * drift. It takes the drift from t= without a sign, so that more than t= would be a time far ahead.
 */
static bool set_drift(DKIM_LIB *lib, const struct verification *v)
{
    uint64_t drift = UINT64_C(1) << 40;
    for (size_t i = 0; i < v->count; i++) {
        int64_t made = v->signatures[i].is.made;
        if (!v->signatures[i].judged && made >= 0 && (uint64_t)made < drift)
            drift = (uint64_t)made;
    }
    return dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT, &drift, sizeof drift) == DKIM_STAT_OK;
}

/* Cuts off as much as has room, with CRLF where a line feed stood alone. The two are never torn apart. */
static size_t take_lines(struct ww_slice *rest, u_char *out, size_t size)
{
    size_t n = 0, i = 0;
    for (; i < rest->n && n + 2 < size; i++) {
        if (rest->p[i] == '\n')
            out[n++] = '\r';
        if (rest->p[i] == '\r' && i + 1 < rest->n && rest->p[i + 1] == '\n')
            continue;
        out[n++] = (u_char)rest->p[i];
    }
    *rest = ww_slice(rest->p + i, rest->n - i);
    return n;
}

static struct ww_slice without_line_end(struct ww_slice s)
{
    if (s.n > 0 && s.p[s.n - 1] == '\n')
        s.n--;
    if (s.n > 0 && s.p[s.n - 1] == '\r')
        s.n--;
    return s;
}

static bool is_to_be_computed(const struct verification *v, struct ww_slice field)
{
    for (size_t i = 0; i < v->count; i++)
        if (!v->signatures[i].judged && v->signatures[i].whole.p == field.p)
            return true;
    return false;
}

/* Of the signatures those alone about which it has to be asked. */
static DKIM_STAT give_mail(const struct verification *v, DKIM *dkim, u_char *chunk)
{
    struct ww_slice rest = v->mail;
    struct ww_mail_field field;
    DKIM_STAT status = DKIM_STAT_OK;
    while (status == DKIM_STAT_OK && ww_mail_field_next(&rest, &field)) {
        struct ww_slice text = without_line_end(field.whole);
        if (text.n > 0 && (!ww_is_nocase(field.name, "dkim-signature") || is_to_be_computed(v, field.whole)))
            status = dkim_header(dkim, chunk, take_lines(&text, chunk, CHUNK_SIZE));
    }
    if (status == DKIM_STAT_OK)
        status = dkim_eoh(dkim);
    /* A last line that does not end, ends for both canonicalizations (RFC 6376 section 3.4). */
    bool open = rest.n > 0 && rest.p[rest.n - 1] != '\n';
    while (status == DKIM_STAT_OK && rest.n > 0)
        status = dkim_body(dkim, chunk, take_lines(&rest, chunk, CHUNK_SIZE));
    if (status == DKIM_STAT_OK && open)
        status = dkim_body(dkim, (u_char *)memcpy(chunk, "\r\n", 2), 2);
    /* What it thinks of the mail as a whole is not asked. */
    if (status == DKIM_STAT_OK)
        (void)dkim_eom(dkim, NULL);
    return status;
}

static void judge_info(struct signature *s, DKIM_SIGINFO *info)
{
    const bool passed = (dkim_sig_getflags(info) & DKIM_SIGFLAG_PASSED) != 0;
    int error = dkim_sig_geterror(info);
    u_int bits = 0;
    (void)dkim_sig_getkeysize(info, &bits);
    const char *words = dkim_sig_geterrorstr(error);
    if (!is_of(info, s))
        judge(s, WW_DKIM_UNUSABLE, "it is read in two ways");
    else if (error == DKIM_SIGERROR_KEYTOOSMALL || (passed && !s->is.ed25519 && bits < WW_DKIM_RSA_BITS_MIN))
        judge(s, WW_DKIM_UNUSABLE, "the RSA key has fewer than 1024 bits");
    else if (passed && dkim_sig_getbh(info) == DKIM_SIGBH_MATCH && error == DKIM_SIGERROR_OK)
        judge(s, WW_DKIM_PASS, "");
    else if (dkim_sig_getbh(info) == DKIM_SIGBH_MISMATCH)
        judge(s, WW_DKIM_FAIL, "the body is not the one that was signed");
    else if (error == DKIM_SIGERROR_BADSIG)
        judge(s, WW_DKIM_FAIL, "the signature is not of this header, or not of this key");
    else if (error == DKIM_SIGERROR_KEYDECODE || error == DKIM_SIGERROR_DNSSYNTAX)
        judge(s, WW_DKIM_NO_KEY, "the key cannot be read");
    else
        judge(s, WW_DKIM_UNUSABLE, words != NULL ? words : "libopendkim does not say why");
}

static void judge_all(struct verification *v, DKIM *dkim, const char *otherwise)
{
    DKIM_SIGINFO **infos = NULL;
    int count = 0;
    size_t asked = 0, next = 0;
    for (size_t i = 0; i < v->count; i++)
        asked += !v->signatures[i].judged;
    bool told =
        otherwise == NULL && dkim_getsiglist(dkim, &infos, &count) == DKIM_STAT_OK && (size_t)count == asked;
    for (size_t i = 0; i < v->count; i++) {
        if (v->signatures[i].judged)
            continue;
        if (told)
            judge_info(&v->signatures[i], infos[next++]);
        else
            judge(&v->signatures[i], WW_DKIM_UNUSABLE, otherwise != NULL ? otherwise : "it cannot be read");
    }
}

/* False: memory is short. */
static bool compute(struct verification *v)
{
    DKIM_STAT status = DKIM_STAT_NORESOURCE;
    memory_is_short = false;
    DKIM_LIB *lib = library();
    u_char *chunk = malloc(CHUNK_SIZE);
    DKIM *dkim = lib != NULL && set_drift(lib, v) && chunk != NULL
                     ? dkim_verify(lib, (const u_char *)"report", NULL, &status)
                     : NULL;
    bool good = dkim != NULL && dkim_set_user_context(dkim, v) == DKIM_STAT_OK;
    if (good) {
        status = give_mail(v, dkim, chunk);
        good = !memory_is_short;
    }
    if (good) {
        const char *said = status == DKIM_STAT_OK ? NULL : dkim_geterror(dkim);
        judge_all(v, dkim, said != NULL || status == DKIM_STAT_OK ? said : dkim_getresultstr(status));
    }
    if (dkim != NULL)
        (void)dkim_free(dkim);
    free(chunk);
    ERR_clear_error();
    return good;
}

/* ---- The mail ---- */

/* A second one of these would have a reader see something else than what was signed. */
static const char *const only_once[] = {
    "from",
    "subject",
    "content-type",
    "content-transfer-encoding",
    "tls-report-domain",
    "tls-report-submitter",
};

static void look_at_header(struct verification *v, int64_t now)
{
    unsigned seen[sizeof only_once / sizeof *only_once] = {0};
    struct ww_slice rest = v->mail;
    struct ww_mail_field field;
    size_t fields = 0;
    while (ww_mail_field_next(&rest, &field)) {
        if (++fields > WW_MAIL_FIELDS_MAX || (size_t)(rest.p - v->mail.p) > WW_MAIL_HEADER_MAX)
            v->unusable = "the header of the mail is too long";
        if (field.whole.n > FIELD_MAX / 2)
            v->unusable = "a field of the header is too long";
        for (size_t i = 0; i < sizeof only_once / sizeof *only_once; i++)
            if (ww_is_nocase(field.name, only_once[i]) && ++seen[i] > 1)
                v->unusable = "a field that may be there once is there twice";
        if (v->count < WW_DKIM_SIGNATURES_MAX && ww_is_nocase(field.name, "dkim-signature")) {
            struct signature *s = &v->signatures[v->count++];
            s->whole = field.whole;
            ww_dkim_signature_read(field.value, now, &s->is);
        }
    }
}

/* Whether the domain is that of From, or above it; one with a single label is above too many. */
static bool is_aligned(const char *domain, const char *from)
{
    size_t n = strlen(domain), m = strlen(from);
    return strchr(domain, '.') != NULL && m >= n && strcmp(from + m - n, domain) == 0 &&
           (m == n || from[m - n - 1] == '.');
}

static void find_from(struct ww_slice mail, char domain[WW_DNAME_SIZE])
{
    char mailbox[WW_RECEIVED_NAME_MAX + 1];
    const char *at = ww_mail_from(mail, mailbox) ? strrchr(mailbox, '@') : NULL;
    if (at == NULL || ww_dname_canon(at + 1, strlen(at + 1), domain) != WW_OK)
        domain[0] = '\0';
}

/* How much it says. One that is aligned says more than another with which it shares the result. */
static int weight(const struct ww_dkim_fact *fact)
{
    static const int weights[] = {
        [WW_DKIM_NONE] = 0,    [WW_DKIM_UNUSABLE] = 1, [WW_DKIM_NO_KEY] = 2,
        [WW_DKIM_NOT_NOW] = 3, [WW_DKIM_FAIL] = 4,     [WW_DKIM_PASS] = 5,
    };
    return weights[fact->result] * 2 + fact->aligned;
}

enum ww_err ww_dkim_verify(struct ww_slice mail, const struct ww_dkim_found_key *keys, size_t key_count,
                           int64_t now, struct ww_dkim_fact *out)
{
    struct verification v = {.mail = ww_mail_without_from_line(mail), .keys = keys, .key_count = key_count};
    char from[WW_DNAME_SIZE];
    bool open = false;
    *out = (struct ww_dkim_fact){.result = WW_DKIM_NONE};
    look_at_header(&v, now);
    if (v.count == 0)
        return WW_OK;
    find_from(mail, from);
    for (size_t i = 0; i < v.count; i++) {
        struct signature *s = &v.signatures[i];
        memcpy(s->fact.domain, s->is.domain, sizeof s->fact.domain);
        memcpy(s->fact.selector, s->is.selector, sizeof s->fact.selector);
        s->fact.aligned = s->is.domain[0] != '\0' && is_aligned(s->is.domain, from);
        if (s->is.unusable != NULL || v.unusable != NULL)
            judge(s, WW_DKIM_UNUSABLE, s->is.unusable != NULL ? s->is.unusable : v.unusable);
        else
            judge_key(&v, s);
        open = open || !s->judged;
    }
    if (open && !compute(&v))
        return WW_E_NO_MEMORY;
    for (size_t i = 0; i < v.count; i++)
        if (weight(&v.signatures[i].fact) > weight(out))
            *out = v.signatures[i].fact;
    return WW_OK;
}

void ww_dkim_verify_init(void)
{
    g_mime_init();
    (void)library();
}
