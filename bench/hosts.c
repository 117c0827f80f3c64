/*
 * The policy hosts of any number of domains: an HTTPS server that makes each name its own certificate when it
 * is asked for, and gives all of them the same policy. Making one is a tenth of what a hand-shake costs, and
 * needs no memory.
 *
 * usage: hosts WORKERS CA-FILE
 *
 * Listens on port 443 of all addresses. Writes the authority's certificate to CA-FILE, when it is ready.
 */
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 443
#define DAY (24L * 60 * 60)
#define POLICY                                                                                           \
    "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.mta.example\nmx: backupmx.example.com\n" \
    "max_age: 604800\n"

static EVP_PKEY *key; /* of all: what is verified is the signature of the authority */
static X509 *authority;

static bool set_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool ok = e != NULL && X509_add_ext(cert, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

/* NULL on failure. */
static X509 *certificate_new(const char *name, const X509_NAME *issuer, int nid, const char *extension)
{
    static long serial = 1;
    X509 *cert = X509_new();
    if (cert == NULL)
        return NULL;
    X509_NAME *subject = X509_get_subject_name(cert);
    bool ok = X509_set_version(cert, X509_VERSION_3) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) != NULL &&
              X509_gmtime_adj(X509_getm_notAfter(cert), 30 * DAY) != NULL &&
              X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1,
                                         0) == 1 &&
              X509_set_issuer_name(cert, issuer != NULL ? issuer : subject) == 1 &&
              X509_set_pubkey(cert, key) == 1 && set_extension(cert, nid, extension) &&
              X509_sign(cert, key, EVP_sha256()) > 0;
    if (ok)
        return cert;
    X509_free(cert);
    return NULL;
}

/* Called in each hand-shake: the certificate for the name that the client wants. */
static int on_certificate(SSL *ssl, void *arg)
{
    char names[300];
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    (void)arg;
    if (name == NULL || strlen(name) > 255)
        return 0;
    snprintf(names, sizeof names, "DNS:%s", name);
    X509 *cert =
        certificate_new("policy host", X509_get_subject_name(authority), NID_subject_alt_name, names);
    bool ok = cert != NULL && SSL_use_certificate(ssl, cert) == 1 && SSL_use_PrivateKey(ssl, key) == 1;
    X509_free(cert);
    return ok;
}

static void on_change(struct bufferevent *b, short what, void *arg)
{
    (void)arg;
    if ((what & BEV_EVENT_CONNECTED) != 0)
        return;
    bufferevent_free(b);
    ERR_clear_error();
}

static void on_readable(struct bufferevent *b, void *arg)
{
    (void)arg;
    struct evbuffer *in = bufferevent_get_input(b);
    if (evbuffer_search(in, "\r\n\r\n", 4, NULL).pos < 0)
        return;
    evbuffer_drain(in, evbuffer_get_length(in));
    evbuffer_add_printf(bufferevent_get_output(b),
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s",
                        sizeof POLICY - 1, POLICY);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int n,
                          void *arg)
{
    struct event_base *base = evconnlistener_get_base(listener);
    SSL *ssl = SSL_new(arg);
    struct bufferevent *b = NULL;
    (void)from, (void)n;
    if (ssl != NULL)
        b = bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (b == NULL) {
        SSL_free(ssl);
        close(fd);
        return;
    }
    bufferevent_openssl_set_allow_dirty_shutdown(b, 1);
    bufferevent_setcb(b, on_readable, NULL, on_change, NULL);
    bufferevent_enable(b, EV_READ | EV_WRITE);
}

static struct evconnlistener *listen_on(struct event_base *base, SSL_CTX *tls)
{
    const struct sockaddr_in6 any = {
        .sin6_family = AF_INET6, .sin6_port = htons(PORT), .sin6_addr = IN6ADDR_ANY_INIT};
    return evconnlistener_new_bind(base, on_connection, tls,
                                   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_REUSEABLE_PORT, 1024,
                                   (const struct sockaddr *)&any, sizeof any);
}

static int work(void)
{
    struct event_base *base = event_base_new();
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (base == NULL || tls == NULL)
        return 1;
    SSL_CTX_set_cert_cb(tls, on_certificate, NULL);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    if (listen_on(base, tls) == NULL) {
        perror("hosts: port 443");
        return 1;
    }
    return event_base_dispatch(base) == 0 ? 0 : 1;
}

static bool write_authority(const char *path)
{
    FILE *f = fopen(path, "w");
    bool ok = f != NULL && PEM_write_X509(f, authority) == 1;
    return f != NULL && fclose(f) == 0 && ok;
}

int main(int argc, char **argv)
{
    unsigned workers = argc == 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    if (workers == 0 || workers > 64) {
        fprintf(stderr, "usage: hosts WORKERS CA-FILE\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    key = EVP_EC_gen("P-256");
    authority =
        key != NULL ? certificate_new("Benchmark CA", NULL, NID_basic_constraints, "critical,CA:TRUE") : NULL;
    if (authority == NULL || !write_authority(argv[2])) {
        fprintf(stderr, "hosts: no authority in %s\n", argv[2]);
        return 1;
    }
    for (unsigned i = 1; i < workers; i++) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            break;
        }
    }
    return work();
}
