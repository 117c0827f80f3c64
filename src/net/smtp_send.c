#include "net/smtp_send.h"

#include "core/smtp_reply.h"
#include "core/words.h"
#include "net/clock.h"
#include "net/https.h"
#include "net/tls_verify.h"

#include <curl/curl.h>
#include <stdio.h>

#define REFUSED 500

struct transaction {
    const struct ww_smtp_letter *letter;
    CURL *easy;
    struct curl_slist *resolve;
    int64_t deadline; /* ww_clock_us */
    size_t read;      /* of the text */
    struct ww_tls_fault fault;
    char command[5];   /* the last one begins so */
    char said[256];    /* the last reply that was none of success, */
    bool said_at_rcpt; /* and what it was to */
    char words[CURL_ERROR_SIZE];
};

#define SET(option, value) (curl_easy_setopt(t->easy, option, value) == CURLE_OK)

static size_t on_read(char *p, size_t size, size_t count, void *arg)
{
    struct transaction *t = arg;
    size_t n = t->letter->text.n - t->read;
    n = n < size * count ? n : size * count;
    memcpy(p, t->letter->text.p + t->read, n);
    t->read += n;
    return n;
}

/* Each line of each reply comes through here; libcurl ends a reply that has no end. */
static size_t on_reply(char *p, size_t size, size_t count, void *arg)
{
    struct transaction *t = arg;
    size_t n = size * count;
    struct ww_slice line = ww_slice(p, n);
    while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == '\n'))
        line.n--;
    bool parting = strcmp(t->command, "QUIT") == 0;
    if (line.n > 0 && (line.p[0] == '4' || line.p[0] == '5') && !parting) {
        struct ww_buf b = ww_buf(t->said, sizeof t->said - 1);
        ww_words_put_cut(&b, line);
        t->said[b.n] = '\0';
        t->said_at_rcpt = strcmp(t->command, "RCPT") == 0;
    }
    return n;
}

/* libcurl does not tell which command a reply was to, but shows what it sends. */
static int on_debug(CURL *easy, curl_infotype type, char *p, size_t n, void *arg)
{
    struct transaction *t = arg;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT)
        (void)snprintf(t->command, sizeof t->command, "%.*s", n < 4 ? (int)n : 4, p);
    return 0;
}

static CURLcode on_ssl_ctx(CURL *easy, void *ctx, void *arg)
{
    struct transaction *t = arg;
    (void)easy;
    return ww_tls_demand(ctx, t->letter->store, t->letter->host, &t->fault) == WW_OK
               ? CURLE_OK
               : CURLE_ABORTED_BY_CALLBACK;
}

static bool set_tls(struct transaction *t)
{
    if (t->letter->store == NULL)
        return SET(CURLOPT_USE_SSL, (long)CURLUSESSL_NONE);
    return SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) && SET(CURLOPT_CAINFO, NULL) &&
           SET(CURLOPT_CAPATH, NULL) && SET(CURLOPT_SSL_VERIFYPEER, 1L) && SET(CURLOPT_SSL_VERIFYHOST, 2L) &&
           SET(CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx) && SET(CURLOPT_SSL_CTX_DATA, t);
}

static bool give_addresses(struct transaction *t)
{
    char line[1024];
    struct ww_buf b = ww_buf(line, sizeof line);
    ww_buf_str(&b, t->letter->host);
    ww_buf_char(&b, ':');
    ww_buf_decimal(&b, t->letter->port);
    ww_buf_char(&b, ':');
    for (size_t i = 0; i < t->letter->addr_count && i < 8; i++) {
        char text[WW_ADDR_TEXT_SIZE];
        ww_addr_format(&t->letter->addrs[i], text);
        ww_buf_str(&b, i > 0 ? ",[" : "[");
        ww_buf_str(&b, text);
        ww_buf_char(&b, ']');
    }
    ww_buf_char(&b, '\0');
    t->resolve = b.failed ? NULL : curl_slist_append(NULL, line);
    return t->resolve != NULL && SET(CURLOPT_RESOLVE, t->resolve);
}

/* An address literal stands in brackets where it has colons. */
static bool set_url(struct transaction *t)
{
    char url[1024];
    bool brackets = strchr(t->letter->host, ':') != NULL;
    struct ww_buf b = ww_buf(url, sizeof url);
    ww_buf_str(&b, brackets ? "smtp://[" : "smtp://");
    ww_buf_str(&b, t->letter->host);
    ww_buf_str(&b, brackets ? "]:" : ":");
    ww_buf_decimal(&b, t->letter->port);
    ww_buf_char(&b, '/');
    ww_buf_str(&b, t->letter->helo);
    ww_buf_char(&b, '\0');
    return !b.failed && SET(CURLOPT_URL, url) && (brackets || give_addresses(t));
}

static bool prepare(struct transaction *t)
{
    t->easy = curl_easy_init();
    return t->easy != NULL && SET(CURLOPT_ERRORBUFFER, t->words) && SET(CURLOPT_PROTOCOLS_STR, "smtp") &&
           SET(CURLOPT_PROXY, "") && SET(CURLOPT_NOPROXY, "*") &&
           SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) && SET(CURLOPT_NOSIGNAL, 1L) &&
           SET(CURLOPT_UPLOAD, 1L) && SET(CURLOPT_READFUNCTION, on_read) && SET(CURLOPT_READDATA, t) &&
           SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->letter->text.n) &&
           SET(CURLOPT_HEADERFUNCTION, on_reply) && SET(CURLOPT_HEADERDATA, t) &&
           SET(CURLOPT_WRITEFUNCTION, on_reply) && SET(CURLOPT_WRITEDATA, t) &&
           SET(CURLOPT_DEBUGFUNCTION, on_debug) && SET(CURLOPT_DEBUGDATA, t) && SET(CURLOPT_VERBOSE, 1L) &&
           SET(CURLOPT_MAIL_FROM, t->letter->from) && set_url(t) && set_tls(t);
}

/* What was said is escaped already. */
static void describe(const struct transaction *t, CURLcode code, struct ww_smtp_sent *out)
{
    char words[CURL_ERROR_SIZE];
    struct ww_buf b = ww_buf(words, sizeof words - 1);
    const char *why = t->words[0] != '\0' ? t->words : curl_easy_strerror(code);
    if (t->fault.detail[0] != '\0')
        why = t->fault.detail;
    ww_words_put_cut(&b, ww_slice_str(why));
    words[b.n] = '\0';
    bool said = t->said[0] != '\0';
    (void)snprintf(out->detail, sizeof out->detail, "%s:%u%s%s", t->letter->host, t->letter->port,
                   said ? " said: " : ": ", said ? t->said : words);
}

static void send_to(struct transaction *t, size_t i, int64_t left_ms, struct ww_smtp_sent *out)
{
    struct curl_slist *to = curl_slist_append(NULL, t->letter->to[i]);
    long reply = 0;
    t->read = 0;
    t->said[0] = t->words[0] = t->command[0] = '\0';
    t->said_at_rcpt = false;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (to != NULL && SET(CURLOPT_MAIL_RCPT, to) && SET(CURLOPT_TIMEOUT_MS, (long)left_ms))
        code = curl_easy_perform(t->easy);
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &reply);
    if (code == CURLE_OK)
        out->accepted |= UINT32_C(1) << i;
    else
        describe(t, code, out);
    if (code != CURLE_OK && t->said[0] != '\0' && reply >= REFUSED)
        out->refused |= UINT32_C(1) << i;
    if ((out->refused & (UINT32_C(1) << i)) != 0 && t->said_at_rcpt &&
        ww_smtp_refuses_recipient(ww_slice_str(t->said)))
        out->unknown |= UINT32_C(1) << i;
    (void)SET(CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(to);
}

void ww_smtp_send(const struct ww_smtp_letter *letter, struct ww_smtp_sent *out)
{
    struct transaction t = {.letter = letter,
                            .deadline = ww_clock_us() + (int64_t)letter->deadline_ms * 1000};
    *out = (struct ww_smtp_sent){.accepted = 0};
    bool good = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && prepare(&t);
    for (size_t i = 0; good && i < letter->to_count && i < WW_SMTP_RECIPIENTS_MAX; i++) {
        int64_t left_ms = (t.deadline - ww_clock_us()) / 1000;
        if ((letter->skip & (UINT32_C(1) << i)) == 0 && left_ms > 0)
            send_to(&t, i, left_ms, out);
    }
    if (!good)
        (void)strcpy(out->detail, "out of memory");
    if (t.easy != NULL)
        curl_easy_cleanup(t.easy);
    curl_slist_free_all(t.resolve);
    curl_global_cleanup();
}
