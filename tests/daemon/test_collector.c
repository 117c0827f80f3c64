/*
 * The collector as a process of its own, killed at any moment, between a supervisor, a keeper and a front
 * that this test is: whatever `send` has taken, and every line that was answered, is folded exactly once.
 */
#include "daemon/collector_read.h"
#include "daemon/config_text.h"
#include "daemon/datagram_queue.h"
#include "daemon/role.h"
#include "fake_peer.h"
#include "proc/msg_report.h"
#include "proc/msg_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#define WAIT_MS 20000
#define RECORD "v=TLSRPTv1;rua=mailto:reports@example.com"
#define STS                                                                                      \
    "{\"policy-type\":2,\"policy-domain\":\"%s\",\"policy-string\":[\"version: STSv1\",\"mode: " \
    "enforce\",\"mx: mx.example.com\",\"max_age: 86400\"],\"mx-host\":[\"mx.example.com\"],"
#define GOOD "{\"dpv\":\"1\",\"d\":\"%s\",\"pr\":\"" RECORD "\",\"policies\":[" STS "\"t\":0,\"f\":0}]}"
#define FAILED                                                                                  \
    "{\"dpv\":\"1\",\"d\":\"%s\",\"pr\":\"" RECORD "\",\"policies\":[" STS                      \
    "\"failure-details\":[{\"c\":204,\"s\":\"192.0.2.1\",\"n\":\"mx.example.com\",\"h\":\"250 " \
    "mx.example.com\",\"r\":\"198.51.100.7\",\"f\":\"certificate has expired\"}],\"t\":1,\"f\":1}]}"

static struct {
    char folder[64];
    struct ww_listen {
        int fd;
        char path[108];
    } datagrams, lines;
    int journal, config;
    struct event_base *base;
    struct fake_peer supervisor, front, control;
    pid_t pid;
    /* the keeper */
    struct ww_chan *keeper;
    bool silent; /* it has trouble with its store */
    bool deaf;   /* it has folded, and is gone before it can say so */
    bool known;
    uint8_t id[WW_MSG_JOURNAL_ID_SIZE];
    uint64_t position;
    int64_t success, failure, sessions_by_us;
    unsigned folds, asks;
    char fold[WW_MSG_FOLD_MAX];
    size_t fold_n;
    int refuse; /* so many folds */
} t;

static void tell_position(const uint8_t *journal)
{
    struct ww_msg_folded m = {.known = t.known && memcmp(journal, t.id, sizeof t.id) == 0,
                              .position = t.position};
    char bytes[64];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    memcpy(m.journal, journal, sizeof m.journal);
    ww_msg_put_folded(&b, &m);
    assert_int_equal(ww_chan_send(t.keeper, WW_MSG_FOLDED, ww_slice(b.p, b.n), -1), WW_OK);
}

static void add_up(struct ww_slice items)
{
    static struct ww_msg_sessions one;
    struct ww_slice part;
    struct ww_cursor c = ww_cursor(items.p, items.n);
    while (ww_msg_next_part(&c, &part)) {
        assert_int_equal(ww_msg_get_sessions(part, &one), WW_OK);
        t.success += one.sessions.success + one.sessions.unverified;
        t.failure += one.sessions.failure;
        if (one.sessions.by_us)
            t.sessions_by_us += one.sessions.failure;
    }
    assert_false(c.failed);
}

static void fold(void)
{
    struct ww_msg_fold m;
    assert_int_equal(ww_msg_get_fold(ww_slice(t.fold, t.fold_n), &m), WW_OK);
    t.fold_n = 0;
    bool same = t.known && memcmp(m.journal, t.id, sizeof t.id) == 0;
    bool refused = (same && m.from != t.position) || t.refuse > 0;
    if (t.refuse > 0)
        t.refuse--;
    if (!refused) {
        add_up(m.items);
        memcpy(t.id, m.journal, sizeof t.id);
        t.known = true;
        t.position = m.to;
        t.folds++;
    }
    if (!t.deaf)
        tell_position(m.journal);
}

static void on_keeper_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_msg_fold_ask ask;
    struct ww_slice octets;
    bool last;
    (void)ctx, (void)chan;
    assert_int_equal(fd, -1);
    if (t.silent)
        return;
    if (type == WW_MSG_FOLD_ASK) {
        assert_int_equal(ww_msg_get_fold_ask(payload, &ask), WW_OK);
        t.asks++;
        tell_position(ask.journal);
        return;
    }
    assert_int_equal(type, WW_MSG_FOLD);
    assert_int_equal(ww_msg_get_piece(payload, &last, &octets), WW_OK);
    assert_true(octets.n <= sizeof t.fold - t.fold_n);
    memcpy(t.fold + t.fold_n, octets.p, octets.n);
    t.fold_n += octets.n;
    if (last)
        fold();
}

static void on_keeper_down(void *ctx, struct ww_chan *chan)
{
    (void)ctx;
    ww_chan_free(chan);
    t.keeper = NULL;
    t.fold_n = 0;
}

static void give(enum ww_msg_type type, const struct ww_buf *b, int fd)
{
    assert_int_equal(ww_chan_send(t.supervisor.chan, (uint16_t)type, ww_slice(b->p, b->n), fd), WW_OK);
}

static void give_peer(enum ww_role_kind kind, int fd)
{
    char bytes[32];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    const struct ww_msg_peer m = {.kind = kind, .count = 1};
    ww_msg_put_peer(&b, &m);
    give(WW_MSG_PEER, &b, fd);
    (void)close(fd);
}

static void new_keeper(void)
{
    static const struct ww_chan_handlers handlers = {on_keeper_message, on_keeper_down};
    int fds[2];
    ww_chan_free(t.keeper);
    t.fold_n = 0;
    assert_int_equal(ww_chan_pair(fds), WW_OK);
    t.keeper = ww_chan_new(t.base, fds[0], &handlers, NULL);
    assert_non_null(t.keeper);
    give_peer(WW_ROLE_KEEPER, fds[1]);
}

static void give_listener(enum ww_listen_purpose purpose, int fd)
{
    char bytes[256];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    struct ww_msg_listener m = {.purpose = purpose};
    (void)snprintf(m.name, sizeof m.name, "unix:%d", (int)purpose);
    ww_msg_put_listener(&b, &m);
    give(WW_MSG_LISTENER, &b, fd);
}

/* What the supervisor does with a role: its channel and its configuration, and no more. */
static void start(void)
{
    const struct ww_buf nothing = {.n = 0};
    int channel = fake_peer_open(&t.supervisor, t.base);
    t.pid = fork();
    assert_true(t.pid >= 0);
    if (t.pid == 0)
        _exit(ww_role_main(&ww_role_collector, 0, channel, dup(t.config)));
    (void)close(channel);
    new_keeper();
    give_peer(WW_ROLE_FRONT, fake_peer_open(&t.front, t.base));
    give_peer(WW_ROLE_CONTROL, fake_peer_open(&t.control, t.base));
    give(WW_MSG_JOURNAL, &nothing, t.journal);
    give_listener(WW_LISTEN_DATAGRAMS, t.datagrams.fd);
    give_listener(WW_LISTEN_LINES, t.lines.fd);
}

static void end(int number)
{
    int status;
    if (t.pid == 0)
        return;
    if (number == SIGKILL) {
        assert_int_equal(kill(t.pid, SIGKILL), 0);
    } else {
        const struct ww_buf nothing = {.n = 0};
        give(WW_MSG_STOP, &nothing, -1);
    }
    for (int64_t until = ww_clock_ms() + WAIT_MS; waitpid(t.pid, &status, WNOHANG) == 0;) {
        assert_true(ww_clock_ms() < until);
        test_settle(t.base);
        usleep(500);
    }
    t.pid = 0;
    if (number == 0)
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Runs the loop until what is wanted is there; that the role lives is part of it. */
static void wait_until(bool (*there)(void))
{
    for (int64_t until = ww_clock_ms() + WAIT_MS; !there();) {
        assert_true(ww_clock_ms() < until);
        assert_true(t.pid == 0 || waitpid(t.pid, NULL, WNOHANG) == 0);
        test_settle(t.base);
        usleep(500);
    }
}

static void listen_at(struct ww_listen *l, int type, const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", t.folder, name);
    (void)snprintf(l->path, sizeof l->path, "%s", at.sun_path);
    l->fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(l->fd >= 0 && bind(l->fd, (const struct sockaddr *)&at, sizeof at) == 0);
    assert_true(type == SOCK_DGRAM || listen(l->fd, 10) == 0);
}

static int connect_to(const struct ww_listen *l, int type)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", l->path);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at) == 0);
    return fd;
}

static int setup(void **state)
{
    static const char settings[] = "store = \"/nonexistent/waxwing.db\"\nconfine = false\n"
                                   "log_level = \"error\"\ncollect { recheck = \"10s\" }\n";
    struct ww_config_text text = {NULL, 0};
    char detail[256];
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    listen_at(&t.datagrams, SOCK_DGRAM, "tlsrpt");
    listen_at(&t.lines, SOCK_STREAM, "results");
    t.journal = ww_journal_memory(WW_JOURNAL_SIZE_MIN, detail, sizeof detail);
    assert_true(t.journal >= 0);
    assert_true(ww_config_text_add(&text, settings, sizeof settings - 1));
    t.config = ww_config_text_seal(&text);
    assert_true(t.config >= 0);
    ww_config_text_free(&text);
    t.base = event_base_new();
    assert_non_null(t.base);
    start();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    end(SIGKILL);
    fake_peer_close(&t.supervisor);
    fake_peer_close(&t.front);
    fake_peer_close(&t.control);
    ww_chan_free(t.keeper);
    event_base_free(t.base);
    (void)close(t.datagrams.fd);
    (void)close(t.lines.fd);
    (void)close(t.journal);
    (void)close(t.config);
    (void)unlink(t.datagrams.path);
    (void)unlink(t.lines.path);
    return rmdir(t.folder);
}

/* As a sender in a process of its own would; the loop runs meanwhile. Flags as of send(2). */
static bool send_datagram(const char *p, size_t n, int flags)
{
    int fd = connect_to(&t.datagrams, SOCK_DGRAM), size = 1 << 20;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    ssize_t sent;
    int64_t until = ww_clock_ms() + WAIT_MS;
    while ((sent = send(fd, p, n, flags | MSG_DONTWAIT)) < 0 && errno == EAGAIN &&
           (flags & MSG_DONTWAIT) == 0) {
        assert_true(ww_clock_ms() < until);
        test_settle(t.base);
        usleep(200);
    }
    (void)close(fd);
    return sent >= 0;
}

static void send_about(const char *domain, bool failed)
{
    char text[2048];
    int n = failed ? snprintf(text, sizeof text, FAILED, domain, domain)
                   : snprintf(text, sizeof text, GOOD, domain, domain);
    assert_true(send_datagram(text, (size_t)n, 0));
}

/* The answers to some lines. */
static void ask(const char *lines, char *answers, size_t size)
{
    int fd = connect_to(&t.lines, SOCK_STREAM);
    size_t n = 0;
    assert_int_equal(send(fd, lines, strlen(lines), MSG_NOSIGNAL), strlen(lines));
    (void)shutdown(fd, SHUT_WR);
    for (int64_t until = ww_clock_ms() + WAIT_MS;;) {
        ssize_t got = recv(fd, answers + n, size - 1 - n, MSG_DONTWAIT);
        assert_true(ww_clock_ms() < until);
        if (got == 0)
            break;
        n += got > 0 ? (size_t)got : 0;
        test_settle(t.base);
        usleep(got > 0 ? 0 : 200);
    }
    answers[n] = '\0';
    (void)close(fd);
}

static int64_t wanted_success, wanted_failure;

static bool has_all(void)
{
    return t.success >= wanted_success && t.failure >= wanted_failure;
}

/* All is there, and stays so. */
static void assert_sums(int64_t success, int64_t failure)
{
    wanted_success = success;
    wanted_failure = failure;
    wait_until(has_all);
    test_run_ms(t.base, 400);
    assert_int_equal(t.success, success);
    assert_int_equal(t.failure, failure);
}

static uint64_t counted(enum ww_stat at)
{
    struct ww_msg_ask m = {.number = 1, .what = WW_ASK_STATS};
    static struct ww_stats stats;
    static struct ww_slow_hosts slow;
    struct ww_msg_told told;
    char bytes[64];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    const struct fake_message *got;
    ww_msg_put_ask(&b, &m);
    fake_peer_send(&t.control, WW_MSG_ASK, &b);
    for (int64_t until = ww_clock_ms() + WAIT_MS; (got = fake_peer_next(&t.control)) == NULL;) {
        assert_true(ww_clock_ms() < until);
        test_settle(t.base);
        usleep(200);
    }
    assert_int_equal(ww_msg_get_told(got->payload, &told), WW_OK);
    assert_int_equal(ww_role_stats_get(told.payload, &stats, &slow), WW_OK);
    return stats.values[at];
}

static void datagrams_and_lines_are_folded(void **state)
{
    char answers[1024];
    (void)state;
    send_about("a.example", false);
    send_about("b.example", true);
    ask("waxwing-result 1 domain=a.example result=success mta=x session=1\n"
        "waxwing-result 1 domain=a.example result=nonsense\n"
        "waxwing-exim 1 event=tcp:close domain=b.example mx=mx.b.example tls=TLSv1.3 verified=1 qid=1\n"
        "waxwing-exim 1 event=msg:host:defer domain=b.example errno=99\n"
        "waxwing-result 1 domain=a.example result=certificate-expired mta=waxwing session=2\n",
        answers, sizeof answers);
    assert_string_equal(answers, "ok\nno a value is not one that its key may have\nok\nok\nok\n");
    assert_sums(3, 2);
    assert_int_equal(t.sessions_by_us, 0); /* whatever it says of itself */
    assert_int_equal(counted(WW_STAT_COLLECT_DATAGRAMS), 2);
    assert_int_equal(counted(WW_STAT_COLLECT_LINES), 3);
    assert_int_equal(counted(WW_STAT_COLLECT_REFUSED + WW_E_RESULT_VALUE), 1);
    assert_int_equal(counted(WW_STAT_COLLECT_LAG), 0);
}

static void a_failure_counts_before_a_success_over_a_restart(void **state)
{
    char answers[64];
    (void)state;
    ask("waxwing-result 1 domain=a.example result=success session=1\n", answers, sizeof answers);
    assert_sums(1, 0);
    for (int i = 0; i < 3; i++) {
        end(SIGKILL);
        start();
        test_run_ms(t.base, 50);
    }
    ask("waxwing-result 1 domain=a.example result=certificate-expired session=1\n", answers, sizeof answers);
    wanted_success = 0;
    wanted_failure = 1;
    wait_until(has_all);
    test_run_ms(t.base, 400);
    assert_int_equal(t.success, 0);
    assert_int_equal(t.failure, 1);
}

static void time_of_a_line_is_believed_within_bounds(void **state)
{
    static const struct {
        int64_t of, now, day;
    } cases[] = {
        {0, 100 * 86400, 100},
        {100 * 86400 - 1, 100 * 86400, 99},
        {98 * 86400, 100 * 86400, 98},
        {98 * 86400 - 1, 100 * 86400, 100},
        {100 * 86400 + 300, 100 * 86400, 100},
        {101 * 86400 + 299, 101 * 86400 - 1, 101},
        {101 * 86400 + 300, 101 * 86400 - 1, 100},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[128];
        struct ww_tls_result event;
        size_t offset;
        int n = snprintf(line, sizeof line, "waxwing-result 1 time=%jd domain=a.example result=success",
                         (intmax_t)cases[i].of);
        const struct ww_journal_record r = {
            .kind = WW_JOURNAL_LINE, .time = cases[i].now, .octets = ww_slice(line, (size_t)n)};
        assert_int_equal(ww_collector_read_line(&r, &event, &offset), WW_OK);
        if (ww_day_of(event.time) != cases[i].day)
            fail_msg("case %zu: %jd", i, (intmax_t)event.time);
    }
}

static void what_waxwing_has_seen_is_its_own(void **state)
{
    static const char line[] = "waxwing-result 1 domain=a.example result=sts-policy-fetch-error mta=waxwing";
    (void)state;
    struct ww_buf b = {.p = (char *)(uintptr_t)line, .n = sizeof line - 1};
    fake_peer_send(&t.front, WW_MSG_RESULT, &b);
    assert_sums(0, 1);
    assert_int_equal(t.sessions_by_us, 1);
}

static size_t open_files(void)
{
    char path[64];
    size_t n = 0;
    for (int fd = 0; fd < 256; fd++) {
        (void)snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)t.pid, fd);
        struct stat st;
        n += lstat(path, &st) == 0;
    }
    return n;
}

/* With a descriptor, as a stranger may. */
static void send_with_file(void)
{
    char text[] = "nonsense";
    union {
        struct cmsghdr head;
        char octets[CMSG_SPACE(sizeof(int))];
    } control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec from = {text, sizeof text};
    const struct msghdr m = {
        .msg_iov = &from, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int fd = connect_to(&t.datagrams, SOCK_DGRAM);
    memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    assert_true(sendmsg(fd, &m, 0) >= 0);
    (void)close(fd);
}

static void what_breaks_a_rule_is_counted(void **state)
{
    static char large[WW_DATAGRAM_MAX + 1000];
    static const struct {
        const char *text;
        enum ww_err err;
    } cases[] = {
        {"nonsense", WW_E_DATAGRAM_JSON},
        {"{\"dpv\":\"2\",\"d\":\"a.example\"}", WW_E_DATAGRAM_VERSION},
        {"{\"dpv\":\"1\"}", WW_E_DATAGRAM_MISSING},
        {"{\"dpv\":\"1\",\"d\":\"a.example\",\"policies\":[]}", WW_E_DATAGRAM_POLICIES},
        {"{\"dpv\":\"1\",\"d\":\"a.example\",\"pr\":\"v\",\"policies\":[{\"policy-type\":2,\"t\":4,\"f\":0}]"
         "}",
         WW_E_DATAGRAM_COUNT},
        {"", WW_E_DATAGRAM_JSON},
    };
    (void)state;
    memset(large, ' ', sizeof large);
    send_about("a.example", false);
    assert_sums(1, 0);
    size_t before = open_files();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(send_datagram(cases[i].text, strlen(cases[i].text), 0));
    assert_true(send_datagram(large, sizeof large, 0));
    for (int i = 0; i < 5; i++)
        send_with_file();
    send_about("a.example", true);
    assert_sums(1, 1);
    for (size_t i = 1; i + 1 < sizeof cases / sizeof *cases; i++)
        assert_int_equal(counted(WW_STAT_COLLECT_REFUSED + (unsigned)cases[i].err), 1);
    assert_int_equal(counted(WW_STAT_COLLECT_REFUSED + WW_E_DATAGRAM_JSON), 7);
    assert_int_equal(counted(WW_STAT_COLLECT_REFUSED + WW_E_TOO_LONG), 1);
    assert_int_equal(open_files(), before);
}

/* Nobody takes what is there: then senders have to wait, and lose nothing of what was taken. */
static void a_full_journal_stops_the_queues(void **state)
{
    char text[32 * 1024], answers[256];
    int64_t n = 0;
    (void)state;
    t.silent = true;
    new_keeper();
    int length = snprintf(text, sizeof text, GOOD, "a.example", "a.example");
    memset(text + length, ' ', sizeof text - (size_t)length);
    /* Until the journal is full, and then the queue. */
    for (bool taken = true; taken || counted(WW_STAT_COLLECT_FULL) == 0;) {
        taken = send_datagram(text, sizeof text, MSG_DONTWAIT);
        n += taken;
    }
    assert_in_range(n, 20, WW_JOURNAL_SIZE_MIN / sizeof text + ww_datagram_queue() + 2);
    assert_int_equal(counted(WW_STAT_COLLECT_FULL), 1);
    t.silent = false;
    new_keeper();
    ask("waxwing-result 1 domain=a.example result=success session=1\n", answers, sizeof answers);
    assert_string_equal(answers, "ok\n");
    assert_sums(n + 1, 0);
    send_about("a.example", false);
    assert_sums(n + 2, 0);
}

static bool has_folded(void)
{
    return t.folds > 0;
}

static void a_fold_counts_once_whoever_dies(void **state)
{
    (void)state;
    /* The keeper, between the store and its answer. */
    t.deaf = true;
    send_about("a.example", false);
    wait_until(has_folded);
    send_about("a.example", false);
    t.deaf = false;
    new_keeper();
    assert_sums(2, 0);
    /* The collector. */
    t.deaf = true;
    t.folds = 0;
    send_about("a.example", true);
    wait_until(has_folded);
    end(SIGKILL);
    t.deaf = false;
    start();
    send_about("a.example", true);
    assert_sums(2, 2);
    /* One that is refused is made anew. */
    t.refuse = 1;
    t.asks = 0;
    send_about("a.example", true);
    assert_sums(2, 3);
    assert_int_equal(t.refuse, 0);
    assert_int_equal(t.asks, 1);
}

/* As after a power loss: the journal on the disk is older than the store. */
static void a_store_that_knows_more_is_left_alone(void **state)
{
    uint8_t id[WW_MSG_JOURNAL_ID_SIZE];
    (void)state;
    send_about("a.example", false);
    assert_sums(1, 0);
    memcpy(id, t.id, sizeof id);
    end(SIGKILL);
    t.position += 1 << 20;
    start();
    send_about("a.example", false);
    assert_sums(2, 0);
    assert_memory_not_equal(id, t.id, sizeof id);
}

static void a_failed_domain_is_looked_up_once_in_a_while(void **state)
{
    const struct fake_message *m;
    struct ww_msg_domain domain;
    unsigned a = 0, all = 0;
    (void)state;
    for (int i = 0; i < 40; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%d.example", i);
        send_about("a.example", true);
        send_about(name, true);
        send_about("good.example", false);
    }
    assert_sums(40, 80);
    while ((m = fake_peer_next(&t.front)) != NULL) {
        assert_int_equal(m->type, WW_MSG_RECHECK);
        assert_int_equal(ww_msg_get_domain(m->payload, &domain), WW_OK);
        assert_string_not_equal(domain.domain, "good.example");
        a += strcmp(domain.domain, "a.example") == 0;
        all++;
    }
    assert_int_equal(a, 1);
    assert_in_range(all, 2, 41);
}

/* Senders of their own, in a process of its own: how many sends were taken, good and failed, comes through a
 * pipe. */
static pid_t start_sender(int count, int *result)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    *result = fds[0];
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0) {
        (void)close(fds[1]);
        return pid;
    }
    int64_t sums[2] = {0, 0};
    for (int i = 0; i < count; i++) {
        char text[2048], name[32];
        (void)snprintf(name, sizeof name, "%d.example", i % 7);
        int n = i % 3 == 0 ? snprintf(text, sizeof text, FAILED, name, name)
                           : snprintf(text, sizeof text, GOOD, name, name);
        int fd = connect_to(&t.datagrams, SOCK_DGRAM);
        sums[i % 3 == 0] += send(fd, text, (size_t)n, 0) == n;
        (void)close(fd);
        if (i % 20 == 0)
            usleep(1000);
    }
    (void)!write(fds[1], sums, sizeof sums);
    _exit(0);
}

#define KILLS 100

static void no_accepted_send_is_lost_by_kills(void **state)
{
    int result, status;
    unsigned seed = 7;
    int64_t sums[2];
    (void)state;
    pid_t sender = start_sender(60000, &result);
    for (int i = 0; i < KILLS; i++) {
        test_run_ms(t.base, 5 + rand_r(&seed) % 45);
        end(SIGKILL);
        if (i % 10 == 5)
            test_run_ms(t.base, 20); /* the queue fills */
        start();
    }
    /* As long as it takes a busy machine, while there is progress. */
    unsigned folds = t.folds;
    for (int64_t until = ww_clock_ms() + WAIT_MS; waitpid(sender, &status, WNOHANG) == 0;) {
        if (t.folds != folds)
            until = ww_clock_ms() + WAIT_MS;
        folds = t.folds;
        assert_true(ww_clock_ms() < until);
        test_settle(t.base);
        usleep(500);
    }
    assert_int_equal(read(result, sums, sizeof sums), sizeof sums);
    (void)close(result);
    assert_int_equal(sums[0] + sums[1], 60000);
    assert_sums(sums[0], sums[1]);
}

/* A mutation of one of the good ones. */
static size_t mutate(char *text, size_t size, unsigned *seed)
{
    int n = rand_r(seed) % 2 == 0 ? snprintf(text, size, GOOD, "a.example", "a.example")
                                  : snprintf(text, size, FAILED, "b.example", "b.example");
    size_t length = (size_t)n;
    for (int i = rand_r(seed) % 4; i > 0; i--) {
        size_t at = (size_t)rand_r(seed) % length;
        switch (rand_r(seed) % 4) {
        case 0:
            text[at] = (char)rand_r(seed);
            break;
        case 1:
            length = at + 1;
            break;
        case 2:
            memmove(text + at, text + at + 1, length - at - 1);
            length = length > 1 ? length - 1 : length;
            break;
        default:
            memmove(text + at + 1, text + at, length - at);
            length++;
            break;
        }
    }
    return length;
}

#define MUTATED 100000

static void mutated_datagrams_leave_it_alive(void **state)
{
    static struct ww_datagram d;
    char text[4096];
    size_t offset;
    unsigned seed = 1;
    int64_t success = 0, failure = 0;
    (void)state;
    int fd = connect_to(&t.datagrams, SOCK_DGRAM);
    for (int i = 0; i < MUTATED; i++) {
        size_t n = mutate(text, sizeof text, &seed);
        bool good = ww_datagram_parse(text, n, &d, &offset) == WW_OK;
        for (size_t k = 0; good && k < d.count; k++) {
            success += d.sessions[k].success + d.sessions[k].unverified;
            failure += d.sessions[k].failure;
        }
        while (send(fd, text, n, MSG_DONTWAIT) < 0) {
            assert_int_equal(errno, EAGAIN);
            test_settle(t.base);
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            (void)poll(&p, 1, 1);
        }
        if (i % 64 == 0)
            test_settle(t.base);
    }
    (void)close(fd);
    assert_true(success + failure > MUTATED / 5 && success + failure < MUTATED);
    assert_sums(success, failure);
    assert_int_equal(counted(WW_STAT_COLLECT_DATAGRAMS), MUTATED);
}

static void it_folds_before_it_ends(void **state)
{
    (void)state;
    test_run_ms(t.base, 100);
    for (int i = 0; i < 200; i++)
        send_about("a.example", false);
    end(0);
    test_settle(t.base);
    assert_int_equal(t.success, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_of_a_line_is_believed_within_bounds),
        cmocka_unit_test_setup_teardown(datagrams_and_lines_are_folded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_counts_before_a_success_over_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(what_waxwing_has_seen_is_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(what_breaks_a_rule_is_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_journal_stops_the_queues, setup, teardown),
        cmocka_unit_test_setup_teardown(a_fold_counts_once_whoever_dies, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_that_knows_more_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_domain_is_looked_up_once_in_a_while, setup, teardown),
        cmocka_unit_test_setup_teardown(it_folds_before_it_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(no_accepted_send_is_lost_by_kills, setup, teardown),
        cmocka_unit_test_setup_teardown(mutated_datagrams_leave_it_alive, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
