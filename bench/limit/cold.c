/*
 * The limit that look-ups of unknown domains are held against: a bare loop that asks the same DNS questions,
 * validated, through libunbound (TXT, then A and AAAA of the policy host; meanwhile MX, then A and AAAA of
 * the MX host, then TLSA), and does the same GET through libcurl, with the same verification. It reads names
 * and addresses, but no policy and no TLSA record, keeps nothing and answers nobody. Frozen.
 *
 * usage: cold PROCESSES FLIGHTS DNS-SERVER TRUST-ANCHOR CA-FILE DOMAINS
 *
 * The processes share out flights and domains; all begin together once they are set up. Prints one line:
 * domains a second, CPU in microseconds a domain, domains without a policy.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unbound-event.h>
#include <unbound.h>
#include <unistd.h>

enum { A = 1, MX = 15, TXT = 16, AAAA = 28, TLSA = 52, FLIGHTS = 1000, PROCESSES = 64, NAME = 300 };

struct flight;

/* Questions of which each needs the answers to those before. */
struct way {
    struct flight *flight;
    struct event *next; /* libunbound must not be asked while it answers */
    unsigned step;
    int answers; /* of the questions that are on */
    char host[NAME];
    char addresses[2][INET6_ADDRSTRLEN];
};

static struct flight {
    struct way policy;
    struct way dane;
    int ways; /* of these two, those that go on */
    bool failed;
    struct curl_slist *resolve;
} flights[FLIGHTS];

static struct event_base *base;
static struct ub_ctx *dns;
static CURLM *multi;
static struct event *timer;
static X509_STORE *store;

static unsigned next_domain;
static unsigned step;
static unsigned end;
static unsigned failures;
static unsigned flying;

static void die(const char *why)
{
    fprintf(stderr, "cold: %s\n", why);
    exit(1);
}

static void begin(struct flight *f);

/* One way has ended. */
static void finish(struct flight *f)
{
    if (--f->ways > 0)
        return;
    failures += f->failed;
    flying--;
    begin(f);
}

/* Policy */

static CURLcode on_tls(CURL *easy, void *ctx, void *arg)
{
    const struct flight *f = arg;
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    (void)easy;
    SSL_CTX_set1_cert_store(ctx, store);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                               X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(param, f->policy.host, 0) == 1 ? CURLE_OK : CURLE_ABORTED_BY_CALLBACK;
}

static size_t on_body(char *p, size_t size, size_t count, void *arg)
{
    (void)p, (void)arg;
    return size * count;
}

static void get_policy(struct flight *f)
{
    char text[NAME + 200];
    const struct way *w = &f->policy;
    CURL *easy = curl_easy_init();
    snprintf(text, sizeof text, "%s:443:[%s],[%s]", w->host, w->addresses[0], w->addresses[1]);
    f->resolve = curl_slist_append(NULL, text);
    snprintf(text, sizeof text, "https://%s/.well-known/mta-sts.txt", w->host);
    curl_easy_setopt(easy, CURLOPT_URL, text);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, f->resolve);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, f);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, f);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10000L);
    if (curl_multi_add_handle(multi, easy) != CURLM_OK)
        die("libcurl takes no more transfers");
}

static void collect(void)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(multi, &left)) != NULL) {
        struct flight *f = NULL;
        long status = 0;
        CURLcode code = m->data.result;
        CURL *easy = m->easy_handle;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &f);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        f->failed |= code != CURLE_OK || status != 200;
        curl_multi_remove_handle(multi, easy);
        curl_easy_cleanup(easy);
        curl_slist_free_all(f->resolve);
        finish(f);
    }
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
    int running;
    (void)arg;
    curl_multi_socket_action(multi, fd,
                             ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
                                 ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0),
                             &running);
    collect();
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    int running;
    (void)fd, (void)what, (void)arg;
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect();
}

static int set_timer(CURLM *m, long ms, void *arg)
{
    struct timeval tv = {ms / 1000, ms % 1000 * 1000};
    (void)m, (void)arg;
    return ms < 0 ? evtimer_del(timer) : evtimer_add(timer, &tv);
}

static int watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *watched)
{
    struct event *event = NULL;
    (void)easy, (void)arg;
    if (watched != NULL)
        event_free(watched);
    if (what != CURL_POLL_REMOVE) {
        short flags = (short)(EV_PERSIST | (what != CURL_POLL_OUT ? EV_READ : 0) |
                              (what != CURL_POLL_IN ? EV_WRITE : 0));
        event = event_new(base, fd, flags, on_socket, NULL);
        event_add(event, NULL);
    }
    curl_multi_assign(multi, fd, event);
    return 0;
}

/* DNS */

/* Behind a name; NULL when it does not end. */
static const uint8_t *skip_name(const uint8_t *p, const uint8_t *e)
{
    while (p < e && *p != 0 && *p < 0xc0)
        p += *p + 1;
    return p < e ? p + (*p == 0 ? 1 : 2) : NULL;
}

/* The data of the first record of this type and size; NULL: there is none. */
static const uint8_t *find(const uint8_t *p, int n, int type, int size)
{
    const uint8_t *e = p + n;
    const uint8_t *r = n > 12 ? skip_name(p + 12, e) : NULL;
    int count = n > 12 ? p[6] << 8 | p[7] : 0;
    for (r = r != NULL ? r + 4 : NULL; count > 0 && r != NULL; count--) {
        r = skip_name(r, e);
        if (r == NULL || e - r < 10)
            return NULL;
        int length = r[8] << 8 | r[9];
        if ((r[0] << 8 | r[1]) == type && (size == 0 || length == size) && e - r - 10 >= length)
            return r + 10;
        r += 10 + length;
    }
    return NULL;
}

/* The name that stands at `at`. */
static void read_name(const uint8_t *p, int n, int at, char name[NAME])
{
    int used = 0;
    for (int labels = 0; at + 1 < n && p[at] != 0 && labels < 128; labels++) {
        int length = p[at];
        if (length >= 0xc0) {
            at = (length & 0x3f) << 8 | p[at + 1];
            continue;
        }
        if (at + 1 + length > n || used + length + 1 >= NAME)
            break;
        memcpy(name + used, p + at + 1, (size_t)length);
        used += length;
        name[used++] = '.';
        at += 1 + length;
    }
    name[used] = '\0';
}

static void answered(struct way *w)
{
    if (--w->answers == 0)
        event_active(w->next, EV_TIMEOUT, 0);
}

/* n is 0 when there is no secure answer. */
static void take(struct way *w, int type, const uint8_t *packet, int n)
{
    const uint8_t *data = find(packet, n, type, type == A ? 4 : type == AAAA ? 16 : 0);
    if (n == 0 || (data == NULL && type != TLSA))
        w->flight->failed = true;
    else if (type == MX)
        read_name(packet, n, (int)(data - packet) + 2, w->host);
    else if (type == A || type == AAAA)
        inet_ntop(type == A ? AF_INET : AF_INET6, data, w->addresses[type == A], INET6_ADDRSTRLEN);
    answered(w);
}

#define ON_ANSWER(name, type)                                                                         \
    static void name(void *arg, int rcode, void *packet, int n, int security, char *why, int limited) \
    {                                                                                                 \
        (void)rcode, (void)why, (void)limited;                                                        \
        take(arg, type, packet, security == 2 ? n : 0); /* 2: secure */                               \
    }
ON_ANSWER(on_mx, MX)
ON_ANSWER(on_txt, TXT)
ON_ANSWER(on_a, A)
ON_ANSWER(on_aaaa, AAAA)
ON_ANSWER(on_tlsa, TLSA)

static void ask(struct way *w, const char *name, int type, ub_event_callback_type cb)
{
    w->answers++;
    if (ub_resolve_event(dns, name, type, 1, w, cb, NULL) != 0)
        die("libunbound takes no more questions");
}

static void ask_addresses(struct way *w)
{
    w->answers = 1; /* not done before both are asked */
    ask(w, w->host, AAAA, on_aaaa);
    ask(w, w->host, A, on_a);
    answered(w);
}

/* These two go on when all that was asked is answered. */
static void on_policy_next(evutil_socket_t fd, short what, void *arg)
{
    struct way *w = arg;
    (void)fd, (void)what;
    if (w->flight->failed)
        finish(w->flight);
    else if (w->step++ == 0)
        ask_addresses(w);
    else
        get_policy(w->flight);
}

static void on_dane_next(evutil_socket_t fd, short what, void *arg)
{
    struct way *w = arg;
    char name[NAME + 16];
    (void)fd, (void)what;
    if (w->flight->failed || w->step == 2) {
        finish(w->flight);
    } else if (w->step++ == 0) {
        ask_addresses(w);
    } else {
        snprintf(name, sizeof name, "_25._tcp.%s", w->host);
        ask(w, name, TLSA, on_tlsa);
    }
}

static void begin(struct flight *f)
{
    char name[64];
    unsigned domain = next_domain;
    if (domain >= end) {
        if (flying == 0)
            event_base_loopbreak(base);
        return;
    }
    next_domain += step;
    flying++;
    f->failed = false;
    f->ways = 2;
    f->policy.step = f->dane.step = 0;
    snprintf(f->policy.host, sizeof f->policy.host, "mta-sts.d%u.example", domain);
    snprintf(name, sizeof name, "d%u.example", domain);
    ask(&f->dane, name, MX, on_mx);
    snprintf(name, sizeof name, "_mta-sts.d%u.example", domain);
    ask(&f->policy, name, TXT, on_txt);
}

static void start(struct flight *f)
{
    f->policy.flight = f->dane.flight = f;
    f->policy.next = evtimer_new(base, on_policy_next, &f->policy);
    f->dane.next = evtimer_new(base, on_dane_next, &f->dane);
    begin(f);
}

static void set_up(const char *server, const char *anchor, const char *ca_file)
{
    static const char *const options[][2] = {
        {"module-config:", "validator iterator"},
        {"do-not-query-localhost:", "no"},
        {"outgoing-range:", "4096"},
        {"num-queries-per-thread:", "4096"},
        {"msg-cache-size:", "16m"},
        {"rrset-cache-size:", "32m"},
        {"key-cache-size:", "8m"},
    };
    base = event_base_new();
    dns = ub_ctx_create_event(base);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (ub_ctx_set_option(dns, options[i][0], options[i][1]) != 0)
            die(options[i][0]);
    if (ub_ctx_set_fwd(dns, server) != 0 || ub_ctx_add_ta_file(dns, anchor) != 0)
        die("libunbound takes neither server nor trust anchor");
    store = X509_STORE_new();
    if (X509_STORE_load_file(store, ca_file) != 1)
        die(ca_file);
    multi = curl_multi_init();
    timer = evtimer_new(base, on_timer, NULL);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
}

static double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

struct result {
    double cpu;
    unsigned failures;
};

/* Says on `done` that it is ready, begins when `go` is closed, and tells the result. */
static int work(unsigned count, int go, int done)
{
    char octet = 0;
    if (write(done, &octet, 1) != 1 || read(go, &octet, 1) != 0)
        return 1;
    double cpu = cpu_seconds();
    for (unsigned i = 0; i < count; i++)
        start(&flights[i]);
    event_base_dispatch(base);
    const struct result r = {cpu_seconds() - cpu, failures};
    return write(done, &r, sizeof r) == sizeof r ? 0 : 1;
}

static int supervise(unsigned processes, unsigned domains, int go, int done)
{
    struct result sum = {0, 0};
    char octet;
    for (unsigned i = 0; i < processes; i++)
        if (read(done, &octet, 1) != 1)
            return 1;
    double start = now_seconds();
    close(go);
    for (unsigned i = 0; i < processes; i++) {
        struct result r;
        if (read(done, &r, sizeof r) != sizeof r)
            return 1;
        sum.cpu += r.cpu;
        sum.failures += r.failures;
    }
    printf("%.0f %.1f %u\n", domains / (now_seconds() - start), sum.cpu / domains * 1e6, sum.failures);
    return 0;
}

int main(int argc, char **argv)
{
    int go[2];
    int done[2];
    unsigned processes = argc == 7 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    unsigned count = argc == 7 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    if (processes == 0 || processes > PROCESSES || count < processes || count > FLIGHTS) {
        fprintf(stderr, "usage: cold PROCESSES FLIGHTS DNS-SERVER TRUST-ANCHOR CA-FILE DOMAINS\n");
        return 64;
    }
    end = (unsigned)strtoul(argv[6], NULL, 10);
    step = processes;
    if (pipe(go) != 0 || pipe(done) != 0)
        return 1;
    for (unsigned i = 0; i < processes; i++) {
        if (fork() != 0)
            continue;
        close(go[1]);
        close(done[0]);
        next_domain = i;
        set_up(argv[3], argv[4], argv[5]);
        return work(count / processes + (i < count % processes), go[0], done[1]);
    }
    close(done[1]);
    return supervise(processes, end, go[1], done[0]);
}
