/*
 * The limit that the inspector is held against: a bare loop that does, for the same domains, as many DNS
 * questions (through libunbound, validated), HTTPS GETs and SMTP conversations with STARTTLS (both through
 * libcurl, each with a handshake of its own) as the inspector was seen to do. It judges nothing, keeps
 * nothing and shares nothing. Frozen.
 *
 * usage: check FLIGHTS DNS-SERVER TRUST-ANCHOR CA-FILE DOMAINS QUESTIONS GETS MAILS MX-HOSTS
 *
 * QUESTIONS and GETS are of all domains together, and so are MAILS, which go to MX-HOSTS hosts in turn: all
 * are spread over the domains evenly. Prints one line: domains a second, CPU in microseconds a domain,
 * failures.
 */
#include <curl/curl.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unbound-event.h>
#include <unbound.h>

enum { FLIGHTS = 1000 };

static struct flight {
    unsigned domain;
    unsigned questions; /* that were asked, and those that wait for an answer */
    unsigned waiting;
    unsigned gets, mails; /* done */
    struct event *next;   /* libunbound and libcurl must not be called while they call */
    struct curl_slist *resolve;
} flights[FLIGHTS];

static struct event_base *base;
static struct ub_ctx *dns;
static CURLM *multi;
static struct event *timer;
static const char *ca_file;
static unsigned domains, next_domain, flying, failures, mx_hosts;
static unsigned questions, gets, mails; /* of all */

static void die(const char *why)
{
    fprintf(stderr, "check: %s\n", why);
    exit(1);
}

/* Of so many in all, those of one domain. */
static unsigned share(unsigned all, unsigned domain)
{
    unsigned long long n = all;
    return (unsigned)(n * (domain + 1) / domains - n * domain / domains);
}

/* DNS: names that there are, of the kinds that the inspector asks for, then names that there are not. */

static void on_answer(void *arg, int rcode, void *packet, int n, int security, char *why, int limited)
{
    struct flight *f = arg;
    (void)packet, (void)why, (void)limited;
    failures += (rcode != 0 && rcode != 3) || n == 0 || security != 2; /* 2: secure */
    if (--f->waiting == 0)
        event_active(f->next, EV_TIMEOUT, 0);
}

static void ask(struct flight *f)
{
    static const struct {
        const char *before;
        int type;
    } kinds[] = {{"_mta-sts.", 16}, {"mta-sts.", 1}, {"mta-sts.", 28}, {"", 15}, {"_smtp._tls.", 16},
                 {"", 2},           {"", 6},         {"", 43},         {"", 1},  {"", 28},
                 {"_mta-sts.", 5},  {"mta-sts.", 5}, {"mta-sts.", 16}};
    const unsigned known = sizeof kinds / sizeof *kinds;
    unsigned count = share(questions, f->domain);
    f->waiting = 1; /* not done before all are asked */
    for (unsigned i = 0; i < count; i++) {
        char name[96];
        snprintf(name, sizeof name, i < known ? "%sd%u.example" : "%sq%u.d%u.example",
                 i < known ? kinds[i].before : "", i < known ? f->domain : i, f->domain);
        f->waiting++;
        if (ub_resolve_event(dns, name, i < known ? kinds[i].type : 1, 1, f, on_answer, NULL) != 0)
            die("libunbound takes no more questions");
    }
    f->questions = count;
    if (--f->waiting == 0)
        event_active(f->next, EV_TIMEOUT, 0);
}

/* HTTPS and SMTP */

static size_t on_body(char *p, size_t size, size_t count, void *arg)
{
    (void)p, (void)arg;
    return size * count;
}

static void transfer(struct flight *f, const char *url, const char *resolve)
{
    CURL *easy = curl_easy_init();
    f->resolve = curl_slist_append(NULL, resolve);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, f->resolve);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, f);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 20000L);
    if (strncmp(url, "smtp:", 5) == 0) {
        curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L); /* the inspector judges afterwards */
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "NOOP");
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    if (curl_multi_add_handle(multi, easy) != CURLM_OK)
        die("libcurl takes no more transfers");
}

static void get(struct flight *f)
{
    char url[128], resolve[256];
    unsigned d = f->domain;
    snprintf(url, sizeof url, "https://mta-sts.d%u.example/.well-known/mta-sts.txt", d);
    if (f->gets % 2 == 0)
        snprintf(resolve, sizeof resolve, "mta-sts.d%u.example:443:198.19.%u.%u", d, d >> 8 & 255, d & 255);
    else
        snprintf(resolve, sizeof resolve, "mta-sts.d%u.example:443:[2001:2::1:%x:%x]", d, d >> 16,
                 d & 0xffff);
    f->gets++;
    transfer(f, url, resolve);
}

static void converse(struct flight *f)
{
    static unsigned turn;
    char url[128], resolve[256];
    unsigned host = turn / 2 % mx_hosts;
    snprintf(url, sizeof url, "smtp://mx%u.mta.example:25/check.example", host);
    if (turn++ % 2 == 0)
        snprintf(resolve, sizeof resolve, "mx%u.mta.example:25:198.18.1.%u", host, host + 1);
    else
        snprintf(resolve, sizeof resolve, "mx%u.mta.example:25:[2001:2::3:%x]", host, host + 1);
    f->mails++;
    transfer(f, url, resolve);
}

static void begin(struct flight *f)
{
    if (next_domain == domains) {
        if (flying == 0)
            event_base_loopbreak(base);
        return;
    }
    *f = (struct flight){.domain = next_domain++, .next = f->next};
    flying++;
    ask(f);
}

static void on_next(evutil_socket_t fd, short what, void *arg)
{
    struct flight *f = arg;
    (void)fd, (void)what;
    if (f->gets < share(gets, f->domain)) {
        get(f);
    } else if (f->mails < share(mails, f->domain)) {
        converse(f);
    } else {
        flying--;
        begin(f);
    }
}

static void collect(void)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(multi, &left)) != NULL) {
        struct flight *f = NULL;
        CURL *easy = m->easy_handle;
        failures += m->data.result != CURLE_OK;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &f);
        curl_multi_remove_handle(multi, easy);
        curl_easy_cleanup(easy);
        curl_slist_free_all(f->resolve);
        event_active(f->next, EV_TIMEOUT, 0);
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

static void open_all(const char *server, const char *trust_anchor)
{
    base = event_base_new();
    dns = base != NULL ? ub_ctx_create_event(base) : NULL;
    multi = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_multi_init() : NULL;
    timer = base != NULL ? evtimer_new(base, on_timer, NULL) : NULL;
    if (dns == NULL || multi == NULL || timer == NULL || ub_ctx_set_fwd(dns, server) != 0 ||
        ub_ctx_add_ta_file(dns, trust_anchor) != 0)
        die("libunbound or libcurl cannot be set up");
    (void)ub_ctx_set_option(dns, "do-not-query-localhost:", "no");
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned number(const char *text)
{
    return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    struct rusage used;
    if (argc != 10)
        die("usage: check FLIGHTS DNS-SERVER TRUST-ANCHOR CA-FILE DOMAINS QUESTIONS GETS MAILS MX-HOSTS");
    unsigned count = number(argv[1]);
    ca_file = argv[4];
    domains = number(argv[5]);
    questions = number(argv[6]);
    gets = number(argv[7]);
    mails = number(argv[8]);
    mx_hosts = number(argv[9]);
    if (count < 1 || count > FLIGHTS || domains < 1 || mx_hosts < 1)
        die("a number is out of range");
    open_all(argv[2], argv[3]);
    double began = now();
    for (unsigned i = 0; i < count; i++) {
        flights[i].next = event_new(base, -1, 0, on_next, &flights[i]);
        begin(&flights[i]);
    }
    if (flying > 0)
        event_base_dispatch(base);
    double seconds = now() - began;
    getrusage(RUSAGE_SELF, &used);
    double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
                 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    printf("%.1f %.1f %u\n", domains / seconds, cpu / domains, failures);
    return 0;
}
