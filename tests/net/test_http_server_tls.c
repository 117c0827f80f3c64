/* The HTTP server over TLS, with OpenSSL's client against it; and what ww_tls_server_new makes of files. */
#include "net/http_server.h"
#include "net/tls_server.h"

#include "netns.h"
#include "pki.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define PORT 443
#define BIG ((size_t)4 << 20) /* more than the system queues for one connection */
#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST "\r\n"
#define CLOSE "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"
/* The deadline must not come while a test works on a slow machine, except where it is what is tested. */
#define PATIENT 60000

static const struct ww_http_limits usual = {.connections = 64,
                                            .per_address = 64,
                                            .deadline_ms = PATIENT,
                                            .idle_ms = PATIENT,
                                            .head_max = 1024,
                                            .body_max = BIG};

static struct pki *pki;
static char folder[] = "/tmp/waxwing-http-tls.XXXXXX";
static char certificate[64], key[64];

static void write_pem(SSL_CTX *ctx, const char *cert_file, const char *key_file)
{
    FILE *f = fopen(cert_file, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_X509(f, SSL_CTX_get0_certificate(ctx)), 1);
    STACK_OF(X509) *chain = NULL;
    SSL_CTX_get0_chain_certs(ctx, &chain);
    for (int i = 0; i < sk_X509_num(chain); i++)
        assert_int_equal(PEM_write_X509(f, sk_X509_value(chain, i)), 1);
    assert_int_equal(fclose(f), 0);
    f = fopen(key_file, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, SSL_CTX_get0_privatekey(ctx), NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(key_file, 0600), 0);
    SSL_CTX_free(ctx);
}

static int setup(void **state)
{
    char ca[64];
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(ca, sizeof ca, "%s/ca.pem", folder);
    (void)snprintf(certificate, sizeof certificate, "%s/cert.pem", folder);
    (void)snprintf(key, sizeof key, "%s/key.pem", folder);
    pki = pki_new(ca);
    write_pem(pki_server(pki, LEAF_CHAIN, "reports.example"), certificate, key);
    return 0;
}

static int teardown(void **state)
{
    char command[80];
    (void)state;
    pki_free(pki);
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    /* NOLINTNEXTLINE(cert-env33-c): the folder is one of the test's own */
    return system(command);
}

/* The server, in a process of its own. */

static char big[BIG];

static void handle(void *ctx, struct ww_http_exchange *x, const struct ww_http_request *r)
{
    (void)ctx;
    char peer[WW_ADDR_TEXT_SIZE];
    struct ww_slice body = ww_slice_str("hello");
    ww_addr_format(ww_http_exchange_peer(x), peer);
    if (ww_slice_is(r->head.path, "/big"))
        body = ww_slice(big, sizeof big);
    else if (ww_slice_is(r->head.path, "/echo"))
        body = r->body;
    else if (ww_slice_is(r->head.path, "/peer"))
        body = ww_slice_str(peer);
    const struct ww_http_response answer = {200, "text/plain", NULL, body};
    ww_http_answer(x, &answer);
}

static pid_t serve(const struct ww_http_limits *limits)
{
    struct ww_tls_server_seen seen;
    int fd = netns_listen("127.0.0.1", PORT, SOCK_STREAM, 4096);
    pid_t pid = netns_fork();
    if (pid == 0) {
        (void)signal(SIGPIPE, SIG_IGN);
        struct event_base *base = event_base_new();
        struct ww_http_server *server = ww_http_server_new(base, limits, handle, NULL);
        SSL_CTX *ctx = ww_tls_server_new(certificate, key, &seen);
        if (server == NULL || ctx == NULL || ww_http_server_listen_tls(server, "a", fd, ctx) != WW_OK)
            abort();
        SSL_CTX_free(ctx);
        memset(big, 'x', sizeof big);
        event_base_dispatch(base);
        _exit(1);
    }
    close(fd);
    return pid;
}

/* The client. */

static int reach_from(const char *source)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct sockaddr_in from = {.sin_family = AF_INET};
    const struct timeval patience = {.tv_sec = 60};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &to.sin_addr), 1);
    assert_int_equal(inet_pton(AF_INET, source, &from.sin_addr), 1);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static SSL_CTX *client(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    assert_non_null(ctx);
    assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), pki_ca(pki)), 1);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    return ctx;
}

/* A connection whose handshake is still to come. */
static SSL *open_from(SSL_CTX *ctx, const char *source)
{
    SSL *ssl = SSL_new(ctx);
    assert_non_null(ssl);
    assert_int_equal(SSL_set_fd(ssl, reach_from(source)), 1);
    return ssl;
}

static void put_away(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);
    SSL_free(ssl);
    close(fd);
}

static SSL *dial_from(SSL_CTX *ctx, const char *source)
{
    SSL *ssl = open_from(ctx, source);
    if (SSL_connect(ssl) != 1)
        fail_msg("handshake: %s", ERR_reason_error_string(ERR_get_error()));
    return ssl;
}

static SSL *dial(SSL_CTX *ctx)
{
    return dial_from(ctx, "127.0.0.1");
}

static void say(SSL *ssl, const char *text)
{
    if (SSL_write(ssl, text, (int)strlen(text)) != (int)strlen(text))
        fail_msg("said nothing: %s", ERR_reason_error_string(ERR_get_error()));
}

static size_t hear(SSL *ssl, char *all, size_t size)
{
    size_t n = 0;
    int got = 1;
    while (n + 1 < size && (got = SSL_read(ssl, all + n, (int)(size - 1 - n))) > 0)
        n += (size_t)got;
    all[n] = '\0';
    return n;
}

/* All until the server says that no more will come; how many answers are in it. */
static size_t hear_all(SSL *ssl, char *all, size_t size)
{
    size_t answers = 0;
    (void)hear(ssl, all, size);
    assert_true((SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0);
    for (const char *p = all; (p = strstr(p, "HTTP/1.1 200 ")) != NULL; p++)
        answers++;
    return answers;
}

static void hear_one(SSL *ssl, const char *ending)
{
    char all[2048];
    size_t n = 0;
    do {
        int got = SSL_read(ssl, all + n, (int)(sizeof all - 1 - n));
        if (got <= 0)
            fail_msg("heard nothing: %s", ERR_reason_error_string(ERR_get_error()));
        n += (size_t)got;
        all[n] = '\0';
    } while (n < strlen(ending) || strcmp(all + n - strlen(ending), ending) != 0);
}

/* Nothing of HTTP comes, and then the end. */
static bool is_closed(int fd)
{
    char all[4096];
    ssize_t got, n = 0;
    while ((got = recv(fd, all, sizeof all, 0)) > 0) {
        n += got;
        if (memmem(all, (size_t)got, "HTTP", 4) != NULL)
            return false;
    }
    return (got == 0 || errno == ECONNRESET) && n < 4096;
}

static const struct {
    const char *talk;
    size_t answers;
} talks[] = {
    {CLOSE, 1},
    {GET GET CLOSE, 3},
    {"HEAD / HTTP/1.1\r\n" HOST "\r\n" CLOSE, 2},
    {"PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabcde" CLOSE, 2},
    {"GET / HTTP/1.0\r\n\r\n", 1},
};

static void answers_over_each_version(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    char all[4096];
    (void)state;
    pid_t pid = serve(&usual);
    for (size_t v = 0; v < COUNT(versions); v++) {
        SSL_CTX *ctx = client();
        assert_int_equal(SSL_CTX_set_max_proto_version(ctx, versions[v]), 1);
        for (size_t i = 0; i < COUNT(talks) * 2; i++) {
            SSL *ssl = dial(ctx);
            const char *talk = talks[i / 2].talk;
            int first = i % 2 == 0 ? (int)strlen(talk) / 2 : 0; /* in two records, or in one */
            if (first > 0)
                assert_int_equal(SSL_write(ssl, talk, first), first);
            say(ssl, talk + first);
            assert_int_equal(SSL_version(ssl), versions[v]);
            if (hear_all(ssl, all, sizeof all) != talks[i / 2].answers)
                fail_msg("talk %zu: %s", i / 2, all);
            put_away(ssl);
        }
        SSL_CTX_free(ctx);
    }
    netns_end(pid);
}

/* One record holds more than the server reads at first; many hold more than a socket. */
static void takes_and_gives_much(void **state)
{
    static const size_t sizes[] = {1, 1000, 5000, 16000, 100000, BIG};
    static char body[BIG], all[BIG + 4096];
    (void)state;
    pid_t pid = serve(&usual);
    SSL_CTX *ctx = client();
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (char)('a' + i % 26);
    SSL *ssl = dial(ctx);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char head[128];
        (void)snprintf(head, sizeof head, "PUT /echo HTTP/1.1\r\n" HOST "%sContent-Length: %zu\r\n\r\n",
                       i + 1 == COUNT(sizes) ? "Connection: close\r\n" : "", sizes[i]);
        say(ssl, head);
        assert_int_equal(SSL_write(ssl, body, (int)sizes[i]), sizes[i]);
        if (i + 1 == COUNT(sizes))
            usleep(100000); /* the answer fills all that is between */
        size_t n = 0;
        const char *at = NULL;
        while (at == NULL || n - (size_t)(at - all) < sizes[i]) {
            int got = SSL_read(ssl, all + n, (int)(sizeof all - 1 - n));
            assert_true(got > 0);
            n += (size_t)got;
            all[n] = '\0';
            at = strstr(all, "\r\n\r\n");
            at = at != NULL ? at + 4 : NULL;
        }
        assert_memory_equal(at, body, sizes[i]);
    }
    assert_int_equal(SSL_read(ssl, all, sizeof all), 0);
    assert_true((SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0);
    put_away(ssl);
    SSL_CTX_free(ctx);
    netns_end(pid);
}

static void speaks_http_1_1_alone(void **state)
{
    static const struct {
        const char *offered;
        bool taken;
    } cases[] = {
        {"\x08http/1.1", true},
        {"\x02h2\x08http/1.1", true},
        {"\x02h2", false},
        {"\x08http/1.0", false},
    };
    (void)state;
    pid_t pid = serve(&usual);
    for (size_t i = 0; i < COUNT(cases); i++) {
        SSL_CTX *ctx = client();
        const unsigned char *chosen;
        unsigned n;
        SSL *ssl = open_from(ctx, "127.0.0.1");
        assert_int_equal(SSL_set_alpn_protos(ssl, (const unsigned char *)cases[i].offered,
                                             (unsigned)strlen(cases[i].offered)),
                         0);
        assert_int_equal(SSL_connect(ssl) == 1, cases[i].taken);
        SSL_get0_alpn_selected(ssl, &chosen, &n);
        assert_int_equal(n, cases[i].taken ? 8 : 0);
        ERR_clear_error();
        put_away(ssl);
        SSL_CTX_free(ctx);
    }
    netns_end(pid);
}

static void demands_tls_1_2(void **state)
{
    (void)state;
    pid_t pid = serve(&usual);
    SSL_CTX *ctx = client();
    SSL_CTX_set_security_level(ctx, 0);
    assert_int_equal(SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION), 1);
    SSL *ssl = open_from(ctx, "127.0.0.1");
    assert_int_not_equal(SSL_connect(ssl), 1);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
    put_away(ssl);
    SSL_CTX_free(ctx);
    netns_end(pid);
}

/* Of TLS 1.2; what TLS 1.3 has in its place is no burden. */
static void renegotiates_never(void **state)
{
    (void)state;
    pid_t pid = serve(&usual);
    SSL_CTX *ctx = client();
    assert_int_equal(SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION), 1);
    SSL *ssl = dial(ctx);
    assert_int_equal(SSL_renegotiate(ssl), 1);
    assert_int_not_equal(SSL_do_handshake(ssl), 1);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), SSL_R_NO_RENEGOTIATION);
    put_away(ssl);
    SSL_CTX_free(ctx);

    ctx = client();
    ssl = dial(ctx);
    assert_int_equal(SSL_version(ssl), TLS1_3_VERSION);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        say(ssl, GET);
        hear_one(ssl, "\r\n\r\nhello");
    }
    put_away(ssl);
    SSL_CTX_free(ctx);
    netns_end(pid);
}

static SSL_SESSION *session;

static int on_session(SSL *ssl, SSL_SESSION *fresh)
{
    (void)ssl;
    SSL_SESSION_free(session);
    session = fresh;
    return 1;
}

static void resumes_by_ticket(void **state)
{
    (void)state;
    pid_t pid = serve(&usual);
    SSL_CTX *ctx = client();
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, on_session);
    for (int i = 0; i < 2; i++) {
        SSL *ssl = open_from(ctx, "127.0.0.1");
        if (i == 1)
            assert_int_equal(SSL_set_session(ssl, session), 1);
        assert_int_equal(SSL_connect(ssl), 1);
        say(ssl, GET);
        hear_one(ssl, "\r\n\r\nhello");
        assert_int_equal(SSL_session_reused(ssl), i);
        (void)SSL_shutdown(ssl); /* a session that was cut off is not resumed */
        put_away(ssl);
        assert_non_null(session);
    }
    SSL_SESSION_free(session);
    SSL_CTX_free(ctx);
    netns_end(pid);
}

/* What comes as the first octets in place of a handshake, or begins one as if. */
static const struct {
    const char *p;
    size_t n;
} strange[] = {
    {GET, sizeof GET - 1},
    {"EHLO example.com\r\n", 18},
    {"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10}, /* a hello of one octet */
    {"\x15\x03\x01\x00\x02\x02\x28", 7},              /* an alert */
    {"\x17\x03\x03\x00\x02\x02\x28", 7},              /* data */
    {"\x80\x2e\x01\x00\x02", 5},                      /* SSL 2 */
};

static void closes_who_speaks_no_tls(void **state)
{
    (void)state;
    pid_t pid = serve(&usual);
    for (size_t i = 0; i < COUNT(strange); i++) {
        char padded[64] = "";
        memcpy(padded, strange[i].p, strange[i].n);
        int fd = reach_from("127.0.0.1");
        assert_int_equal(send(fd, padded, sizeof padded, MSG_NOSIGNAL), sizeof padded);
        if (!is_closed(fd))
            fail_msg("case %zu", i);
        close(fd);
    }
    netns_end(pid);
}

/* The octets of a hello, made by a client that is not connected. */
static size_t hello(char *out, size_t size)
{
    SSL_CTX *ctx = client();
    SSL *ssl = SSL_new(ctx);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    assert_int_not_equal(SSL_connect(ssl), 1);
    int n = BIO_read(SSL_get_wbio(ssl), out, (int)size);
    assert_true(n > 16);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ERR_clear_error();
    return (size_t)n;
}

/* The handshake, and each request, is over by the deadline, however it drips. */
static void ends_what_is_late(void **state)
{
    struct ww_http_limits limits = usual;
    char first[2048];
    limits.deadline_ms = 500;
    (void)state;
    size_t n = hello(first, sizeof first);
    pid_t pid = serve(&limits);
    SSL_CTX *ctx = client();
    SSL *shaken = dial(ctx);
    int silent = reach_from("127.0.0.1"), half = reach_from("127.0.0.1"), drip = reach_from("127.0.0.1");
    assert_int_equal(send(half, first, n, MSG_NOSIGNAL), n); /* and never the rest of the handshake */
    size_t sent = 0;
    struct pollfd ended = {.fd = drip, .events = POLLIN};
    while (sent + 1 < n && poll(&ended, 1, 20) == 0)
        sent += send(drip, first + sent, 1, MSG_NOSIGNAL) == 1;
    assert_true(sent > 3 && sent < 200);
    assert_true(is_closed(drip));
    assert_true(is_closed(silent));
    assert_true(is_closed(half));
    /* One that has done its handshake, and asks for nothing; then one that drips a request. */
    char all[16];
    assert_int_equal(SSL_read(shaken, all, sizeof all), 0);
    put_away(shaken);
    SSL *slow = dial(ctx);
    for (int i = 0; i < 200 && SSL_write(slow, i == 0 ? "G" : "a", 1) == 1; i++)
        usleep(20000);
    (void)hear(slow, all, sizeof all);
    assert_string_equal(all, "");
    ERR_clear_error();
    put_away(slow);
    close(silent);
    close(half);
    close(drip);
    SSL_CTX_free(ctx);
    netns_end(pid);
}

static void ends_who_is_idle(void **state)
{
    struct ww_http_limits limits = usual;
    char all[16];
    limits.idle_ms = 100;
    (void)state;
    pid_t pid = serve(&limits);
    SSL_CTX *ctx = client();
    SSL *ssl = dial(ctx);
    say(ssl, GET);
    hear_one(ssl, "\r\n\r\nhello");
    assert_int_equal(SSL_read(ssl, all, sizeof all), 0);
    assert_true((SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0);
    put_away(ssl);
    SSL_CTX_free(ctx);
    netns_end(pid);
}

static void caps_each_address(void **state)
{
    struct ww_http_limits limits = usual;
    limits.per_address = 2;
    SSL *held[2];
    (void)state;
    pid_t pid = serve(&limits);
    SSL_CTX *ctx = client();
    for (size_t i = 0; i < COUNT(held); i++)
        held[i] = dial(ctx);
    int more = reach_from("127.0.0.1");
    assert_true(is_closed(more));
    close(more);
    SSL *other = dial_from(ctx, "127.0.0.2");
    say(other, "GET /peer HTTP/1.1\r\n" HOST "\r\n");
    hear_one(other, "\r\n\r\n127.0.0.2");
    put_away(other);
    for (size_t i = 0; i < COUNT(held); i++) {
        say(held[i], GET);
        hear_one(held[i], "\r\n\r\nhello");
        put_away(held[i]);
    }
    SSL_CTX_free(ctx);
    netns_end(pid);
}

/* In the handshake, behind it, and while an answer is on its way. */
static void survives_who_goes_away(void **state)
{
    const struct linger reset = {.l_onoff = 1};
    char first[2048];
    (void)state;
    size_t n = hello(first, sizeof first);
    pid_t pid = serve(&usual);
    SSL_CTX *ctx = client();
    for (int i = 0; i < 60; i++) {
        int fd;
        if (i % 3 == 0) {
            fd = reach_from("127.0.0.1");
            assert_int_equal(send(fd, first, n, MSG_NOSIGNAL), n);
        } else {
            SSL *ssl = dial(ctx);
            if (i % 3 == 2)
                say(ssl, "GET /big HTTP/1.1\r\n" HOST "\r\n");
            fd = SSL_get_fd(ssl);
            SSL_free(ssl);
        }
        if (i % 2 == 0)
            assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
        close(fd);
    }
    SSL *ssl = dial(ctx);
    say(ssl, GET);
    hear_one(ssl, "\r\n\r\nhello");
    put_away(ssl);
    SSL_CTX_free(ctx);
    netns_end(pid);
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
}

static void says_why_not(void **state)
{
    char other_cert[64], other_key[64], locked[64], text[64], missing[64];
    struct ww_tls_server_seen seen;
    (void)state;
    (void)snprintf(other_cert, sizeof other_cert, "%s/other.pem", folder);
    (void)snprintf(other_key, sizeof other_key, "%s/other.key", folder);
    (void)snprintf(locked, sizeof locked, "%s/locked.key", folder);
    (void)snprintf(text, sizeof text, "%s/text.pem", folder);
    (void)snprintf(missing, sizeof missing, "%s/missing.pem", folder);
    SSL_CTX *rsa = pki_server(pki, LEAF_RSA, "reports.example");
    FILE *f = fopen(locked, "w");
    assert_int_equal(PEM_write_PrivateKey(f, SSL_CTX_get0_privatekey(rsa), EVP_aes_128_cbc(),
                                          (const unsigned char *)"secret", 6, NULL, NULL),
                     1);
    assert_int_equal(fclose(f), 0);
    SSL_CTX_free(rsa);
    write_pem(pki_server(pki, LEAF_GOOD, "other.example"), other_cert, other_key);
    write_file(text, "no PEM at all\n");
    const struct {
        const char *certificate, *key, *file, *why;
    } cases[] = {
        {missing, key, missing, "it cannot be read: No such file"},
        {certificate, missing, missing, "it cannot be read: No such file"},
        {folder, key, folder, "it cannot be read: Is a directory"},
        {text, key, text, "there is no certificate that can be used"},
        {key, key, key, "there is no certificate that can be used"},
        {certificate, text, text, "there is no key that can be used"},
        {certificate, certificate, certificate, "there is no key that can be used"},
        {certificate, other_key, other_key, "the key is not that of the certificate"},
        {certificate, locked, locked, "the key is locked by a passphrase"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char start[128];
        assert_null(ww_tls_server_new(cases[i].certificate, cases[i].key, &seen));
        (void)snprintf(start, sizeof start, "%s: %s", cases[i].file, cases[i].why);
        if (strncmp(seen.why, start, strlen(start)) != 0)
            fail_msg("case %zu: %s", i, seen.why);
        assert_int_equal(ERR_peek_error(), 0);
    }
}

static void tells_what_it_has_seen(void **state)
{
    struct ww_tls_server_seen seen;
    char old_cert[64], old_key[64];
    int64_t now = time(NULL);
    (void)state;
    SSL_CTX *ctx = ww_tls_server_new(certificate, key, &seen);
    assert_non_null(ctx);
    assert_string_equal(seen.why, "");
    assert_false(seen.key_open);
    assert_true(seen.not_before < now && now < seen.not_after);
    SSL_CTX_free(ctx);
    (void)snprintf(old_cert, sizeof old_cert, "%s/old.pem", folder);
    (void)snprintf(old_key, sizeof old_key, "%s/old.key", folder);
    write_pem(pki_server(pki, LEAF_EXPIRED, "reports.example"), old_cert, old_key);
    assert_int_equal(chmod(old_key, 0604), 0);
    ctx = ww_tls_server_new(old_cert, old_key, &seen);
    assert_non_null(ctx);
    assert_true(seen.key_open);
    assert_true(seen.not_after < now);
    SSL_CTX_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_over_each_version), cmocka_unit_test(takes_and_gives_much),
        cmocka_unit_test(speaks_http_1_1_alone),     cmocka_unit_test(demands_tls_1_2),
        cmocka_unit_test(renegotiates_never),        cmocka_unit_test(resumes_by_ticket),
        cmocka_unit_test(closes_who_speaks_no_tls),  cmocka_unit_test(ends_what_is_late),
        cmocka_unit_test(ends_who_is_idle),          cmocka_unit_test(caps_each_address),
        cmocka_unit_test(survives_who_goes_away),    cmocka_unit_test(says_why_not),
        cmocka_unit_test(tells_what_it_has_seen),
    };
    netns_enter();
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, setup, teardown);
}
