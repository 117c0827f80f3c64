/*
 * Load that compares each answer: many connections that ask, and that may end at any moment.
 *
 * usage: hammer WHERE[,WHERE]... CONNECTIONS LOOKUPS RATE DROPS CASES
 *
 * WHERE is inet:PORT or unix:PATH. Ends after so many answers, or at SIGTERM. RATE is in look-ups a second, 0
 * for as fast as it goes. Of a thousand turns on a connection, DROPS end it: in the middle of a request or an
 * answer, half-closed, by a reset, or by bytes that are no request. CASES is a file of lines "ask", request
 * and answer, or "raw" and bytes that are no request, apart by tabs.
 *
 * Prints one line of name=number: answers; wrong ones; connections that the other side has ended without a
 * reason; those that were dropped here; milliseconds in all; the longest wait for the answers of one turn.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64, CONNECTIONS = 4000, WHERES = 4, CASES = 4096, AT_ONCE = 4, BUFFER = 16384, SHOWN = 5 };

enum how {
    HOW_WHOLE,        /* all answers are read, and the connection stays */
    HOW_HALF_REQUEST, /* from here on it ends */
    HOW_UNREAD,
    HOW_HALF_ANSWER,
    HOW_SHUT,
    HOW_SHUT_IN_REQUEST,
    HOW_RESET,
    HOW_RAW,
    HOWS,
};

struct text {
    char *p;
    size_t n;
};

static struct one_case {
    bool raw;
    struct text request; /* a whole netstring, or what is none */
    struct text answer;  /* a whole netstring */
} cases[CASES];
static size_t case_count, raw_count; /* the raw ones are the last */

static struct connection {
    int fd;
    enum how how;
    const struct one_case *asked[AT_ONCE];
    size_t asked_count, answered;
    bool idle;
    char in[BUFFER];
    size_t n;
    int64_t since;
} connections[CONNECTIONS];

static const char *wheres[WHERES];
static size_t where_count;
static int loop;
static size_t idle[CONNECTIONS];
static size_t idle_count;

static uint64_t begun, answers, wrong, lost, dropped;
static int64_t longest;
static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static uint32_t dice(uint32_t sides)
{
    static uint64_t state = 1;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((state >> 33) % sides);
}

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int connect_to(const char *where)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool is_unix = strncmp(where, "unix:", 5) == 0;
    int on = 1, fd = socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    if (is_unix)
        snprintf(un.sun_path, sizeof un.sun_path, "%s", where + 5);
    else
        in.sin_port = htons((uint16_t)strtoul(where + 5, NULL, 10));
    const struct sockaddr *to = is_unix ? (const void *)&un : (const void *)&in;
    if (fd < 0 || connect(fd, to, is_unix ? sizeof un : sizeof in) != 0)
        fail(where);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        fail("fcntl");
    return fd;
}

static void open_connection(size_t i)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    connections[i].fd = connect_to(wheres[i % where_count]);
    if (epoll_ctl(loop, EPOLL_CTL_ADD, connections[i].fd, &e) != 0)
        fail("epoll_ctl");
}

static void rest(struct connection *c)
{
    if (!c->idle)
        idle[idle_count++] = (size_t)(c - connections);
    c->idle = true;
}

static void reopen(struct connection *c)
{
    close(c->fd);
    open_connection((size_t)(c - connections));
    rest(c);
}

static void drop(struct connection *c)
{
    dropped++;
    reopen(c);
}

static void complain(const struct connection *c, const char *what)
{
    if (wrong + lost < SHOWN)
        fprintf(stderr, "%s (way %d, answer %zu of %zu): asked %s, got %.*s\n", what, (int)c->how,
                c->answered + 1, c->asked_count,
                c->asked_count > 0 ? c->asked[c->answered % AT_ONCE]->request.p : "nothing",
                (int)(c->n < 500 ? c->n : 500), c->in);
}

/* The requests, and of the last one half, or what is no request at all. */
static size_t write_turn(struct connection *c, char *out, uint32_t most)
{
    size_t n = 0;
    c->asked_count = c->how == HOW_WHOLE ? 1 + dice(most) : dice(most);
    if (c->how == HOW_UNREAD || c->how == HOW_HALF_ANSWER || c->how == HOW_SHUT)
        c->asked_count++;
    for (size_t i = 0; i < c->asked_count; i++) {
        c->asked[i] = &cases[dice((uint32_t)(case_count - raw_count))];
        memcpy(out + n, c->asked[i]->request.p, c->asked[i]->request.n);
        n += c->asked[i]->request.n;
    }
    const struct one_case *last = &cases[dice((uint32_t)(case_count - raw_count))];
    if (c->how == HOW_RAW && raw_count > 0)
        last = &cases[case_count - raw_count + dice((uint32_t)raw_count)];
    size_t part = last->raw ? last->request.n : 1 + dice((uint32_t)last->request.n - 1);
    if (c->how == HOW_HALF_REQUEST || c->how == HOW_SHUT_IN_REQUEST || c->how == HOW_RESET ||
        c->how == HOW_RAW) {
        memcpy(out + n, last->request.p, part);
        n += part;
    }
    return n;
}

static void begin_turn(struct connection *c, unsigned drops, bool one)
{
    static char out[BUFFER];
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    c->how = dice(1000) < drops ? (enum how)(1 + dice(HOWS - 1)) : HOW_WHOLE;
    c->n = c->answered = 0;
    c->idle = false;
    size_t n = write_turn(c, out, one ? 1 : AT_ONCE);
    c->since = now_us();
    begun += c->how == HOW_WHOLE ? c->asked_count : 0;
    if (n > 0 && send(c->fd, out, n, MSG_NOSIGNAL) != (ssize_t)n) {
        complain(c, "the connection takes no request");
        lost++;
        reopen(c);
        return;
    }
    if (c->how == HOW_SHUT || c->how == HOW_SHUT_IN_REQUEST)
        (void)shutdown(c->fd, SHUT_WR);
    if (c->how == HOW_RESET)
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (c->how == HOW_RESET || c->how == HOW_UNREAD || c->how == HOW_HALF_REQUEST)
        drop(c);
}

/* Takes the whole answers off the input; false when one is wrong. */
static bool compare(struct connection *c)
{
    size_t at = 0;
    while (c->answered < c->asked_count) {
        const struct text *wanted = &c->asked[c->answered]->answer;
        size_t there = c->n - at < wanted->n ? c->n - at : wanted->n;
        if (memcmp(c->in + at, wanted->p, there) != 0)
            return false;
        if (there < wanted->n)
            break;
        at += there;
        c->answered++;
        answers++;
    }
    c->n -= at;
    memmove(c->in, c->in + at, c->n);
    /* After the last there may be nothing more, but for words on what was no request. */
    return c->answered < c->asked_count || c->n == 0 || c->how == HOW_RAW;
}

static void end_turn(struct connection *c)
{
    int64_t took = now_us() - c->since;
    longest = took > longest ? took : longest;
    rest(c);
}

static void on_end(struct connection *c)
{
    bool all = c->answered == c->asked_count;
    if ((c->how == HOW_SHUT || c->how == HOW_SHUT_IN_REQUEST) && all) {
        drop(c);
        return;
    }
    if (c->how == HOW_RAW) {
        drop(c);
        return;
    }
    complain(c, "the connection was ended");
    lost++;
    reopen(c);
}

static void on_input(struct connection *c)
{
    size_t room = c->how == HOW_HALF_ANSWER ? 1 + dice(20) : sizeof c->in - c->n;
    ssize_t n = recv(c->fd, c->in + c->n, room, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        on_end(c);
        return;
    }
    c->n += (size_t)n;
    if (c->how == HOW_HALF_ANSWER) {
        drop(c);
    } else if (!compare(c)) {
        complain(c, "wrong answer");
        wrong++;
        reopen(c);
    } else if (c->how == HOW_WHOLE && c->answered == c->asked_count) {
        end_turn(c);
    }
}

/* "ask", request, answer; or "raw", bytes. */
static void read_case(char *line)
{
    struct one_case *c = &cases[case_count++];
    const char *kind = strsep(&line, "\t"), *request = strsep(&line, "\t"), *answer = line;
    c->raw = strcmp(kind, "raw") == 0;
    raw_count += c->raw;
    int n = c->raw ? asprintf(&c->request.p, "%s", request)
                   : asprintf(&c->request.p, "%zu:%s,", strlen(request), request);
    int m = c->raw ? 0 : asprintf(&c->answer.p, "%zu:%s,", strlen(answer), answer);
    if (n < 1 || m < 0 || n > BUFFER / (AT_ONCE + 2) || m > BUFFER / (AT_ONCE + 2) ||
        (!c->raw && raw_count > 0))
        fail("cases");
    c->request.n = (size_t)n;
    c->answer.n = (size_t)m;
}

static void read_cases(const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    if (f == NULL)
        fail(path);
    while (case_count < CASES && (n = getline(&line, &size, f)) > 0) {
        line[n - 1] = '\0';
        read_case(line);
    }
    free(line);
    fclose(f);
}

static void read_wheres(char *list)
{
    for (char *one; where_count < WHERES && (one = strsep(&list, ",")) != NULL;)
        wheres[where_count++] = one;
}

static void run(uint64_t lookups, uint64_t rate, unsigned drops)
{
    struct epoll_event events[EVENTS];
    int64_t start = now_us();
    while (!stopped && answers < lookups) {
        while (idle_count > 0 && (rate == 0 || begun < (uint64_t)(now_us() - start) * rate / 1000000))
            begin_turn(&connections[idle[--idle_count]], drops, rate > 0);
        int n = epoll_wait(loop, events, EVENTS, rate > 0 ? 1 : 1000);
        for (int i = 0; i < n; i++)
            on_input(&connections[events[i].data.u32]);
    }
    printf("answers=%llu wrong=%llu lost=%llu dropped=%llu ms=%lld longest_ms=%lld\n",
           (unsigned long long)answers, (unsigned long long)wrong, (unsigned long long)lost,
           (unsigned long long)dropped, (long long)(now_us() - start) / 1000, (long long)longest / 1000);
}

int main(int argc, char **argv)
{
    size_t count = argc == 7 ? strtoul(argv[2], NULL, 10) : 0;
    if (count == 0 || count > CONNECTIONS) {
        fprintf(stderr, "usage: hammer WHERE[,WHERE]... CONNECTIONS LOOKUPS RATE DROPS CASES\n");
        return 64;
    }
    signal(SIGTERM, on_signal);
    read_wheres(argv[1]);
    read_cases(argv[6]);
    loop = epoll_create1(0);
    if (loop < 0 || case_count == raw_count)
        fail("hammer");
    for (size_t i = 0; i < count; i++) {
        open_connection(i);
        rest(&connections[i]);
    }
    run(strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10), (unsigned)strtoul(argv[5], NULL, 10));
    return wrong + lost > 0;
}
