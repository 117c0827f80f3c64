#include "net/dns_server.h"

#include "netns.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define SERVER "127.0.0.53"
#define DEADLINE_MS 10000
#define SHORT_MS 200

static struct event_base *base;

/* What a server does with a question, over UDP and over TCP. */
enum act {
    ANSWERS,
    REFUSES,
    CUTS,   /* TC */
    MIXES,  /* another id, then another name, then the answer */
    FLOODS, /* other ids without end */
    LOSES,  /* the first question */
    KEEPS_SILENT,
    HANGS_UP,       /* TCP: without an answer */
    DRIPS,          /* TCP: octet by octet */
    ANSWERS_OTHERS, /* TCP: another id */
};

struct script {
    enum act udp, tcp;
};

/* Turns a question into its answer: one TXT record "hi", with authority. */
static size_t answer(uint8_t *p, size_t n)
{
    static const uint8_t record[] = {0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 3, 2, 'h', 'i'};
    size_t end = 12;
    while (end < n && p[end] != 0)
        end += p[end] + 1u;
    end += 5;
    p[2] = 0x84;
    p[7] = 1;
    p[11] = 0;
    memcpy(p + end, record, sizeof record);
    return end + sizeof record;
}

static void reply_udp(int fd, enum act act, unsigned number, uint8_t *p, size_t n,
                      const struct sockaddr_storage *to, socklen_t size)
{
    const struct sockaddr *peer = (const struct sockaddr *)to;
    if (act == KEEPS_SILENT || (act == LOSES && number == 0))
        return;
    n = answer(p, n);
    if (act == REFUSES)
        p[3] = 5;
    if (act == CUTS)
        p[2] |= 2;
    if (act == MIXES || act == FLOODS) {
        p[0] ^= 1;
        for (int i = 0; i < (act == FLOODS ? 200 : 1); i++)
            (void)sendto(fd, p, n, 0, peer, size);
        p[0] ^= 1;
        p[13] ^= 1;
        (void)sendto(fd, p, n, 0, peer, size);
        p[13] ^= 1;
    }
    if (act != FLOODS)
        (void)sendto(fd, p, n, 0, peer, size);
}

static void serve_udp(int fd, enum act act)
{
    uint8_t packet[1024];
    for (unsigned number = 0;; number++) {
        struct sockaddr_storage from;
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &size);
        if (n > 12)
            reply_udp(fd, act, number, packet, (size_t)n, &from, size);
    }
}

static void reply_tcp(int fd, enum act act)
{
    uint8_t all[1024];
    if (recv(fd, all, 2, MSG_WAITALL) != 2 || all[1] < 12 || recv(fd, all + 2, all[1], MSG_WAITALL) != all[1])
        return;
    size_t n = answer(all + 2, all[1]);
    all[1] = (uint8_t)n;
    if (act == ANSWERS_OTHERS)
        all[2] ^= 1;
    if (act == DRIPS)
        for (size_t i = 0; i < n + 2; i++) {
            (void)send(fd, all + i, 1, MSG_NOSIGNAL);
            (void)usleep(100);
        }
    else if (act == KEEPS_SILENT)
        (void)recv(fd, all, 1, 0);
    else if (act != HANGS_UP)
        (void)send(fd, all, n + 2, MSG_NOSIGNAL);
}

static pid_t serve(const char *address, const struct script *s, int type)
{
    int listener = netns_listen(address, 53, type, 8);
    pid_t pid = netns_fork();
    if (pid == 0) {
        if (type == SOCK_DGRAM)
            serve_udp(listener, s->udp);
        for (;;) {
            int fd = accept(listener, NULL, NULL);
            reply_tcp(fd, s->tcp);
            (void)close(fd);
        }
    }
    (void)close(listener);
    return pid;
}

struct heard {
    unsigned calls;
    enum ww_err err;
    bool tcp, authoritative;
    unsigned rcode;
    char text[16];
};

static void on_reply(void *ctx, const struct ww_dns_server_reply *reply)
{
    struct heard *h = ctx;
    struct ww_dns_answer a = reply->answer;
    struct ww_dns_rr rr;
    size_t n = 0;
    h->calls++;
    h->err = reply->err;
    h->tcp = reply->tcp;
    h->rcode = a.rcode;
    h->authoritative = a.authoritative;
    if (reply->err == WW_OK && ww_dns_answer_next(&a, &rr) &&
        ww_dns_txt_join(rr.rdata, h->text, sizeof h->text - 1, &n) == WW_OK)
        h->text[n] = '\0';
}

static struct heard ask(const char *address, unsigned deadline_ms)
{
    const struct ww_dns_server_options options = {.base = base, .deadline_ms = deadline_ms};
    struct heard h = {.calls = 0};
    struct ww_addr to;
    enum ww_err err;
    assert_int_equal(ww_addr_parse(ww_slice_str(address), &to), WW_OK);
    struct ww_dns_server_query *q =
        ww_dns_server_ask(&options, &to, "_mta-sts.example", WW_DNS_TYPE_TXT, on_reply, &h, &err);
    if (q == NULL) {
        h.err = err;
        return h;
    }
    assert_int_equal(h.calls, 0);
    assert_int_equal(event_base_dispatch(base), 1);
    assert_int_equal(h.calls, 1);
    return h;
}

static void servers_are_asked(void **state)
{
    static const struct {
        const char *what;
        struct script script;
        unsigned deadline_ms;
        enum ww_err err;
        bool tcp;
        unsigned rcode;
    } cases[] = {
        {"answers", {ANSWERS, ANSWERS}, DEADLINE_MS, WW_OK, false, 0},
        {"refuses", {REFUSES, ANSWERS}, DEADLINE_MS, WW_OK, false, 5},
        {"strangers' answers are passed over", {MIXES, ANSWERS}, DEADLINE_MS, WW_OK, false, 0},
        {"but not for ever", {FLOODS, ANSWERS}, DEADLINE_MS, WW_E_DNS_MISMATCH, false, 0},
        {"a lost question is asked again", {LOSES, ANSWERS}, 3000, WW_OK, false, 0},
        {"silence", {KEEPS_SILENT, ANSWERS}, SHORT_MS, WW_E_DNS_TIMEOUT, false, 0},
        {"cut short", {CUTS, ANSWERS}, DEADLINE_MS, WW_OK, true, 0},
        {"in pieces", {CUTS, DRIPS}, DEADLINE_MS, WW_OK, true, 0},
        {"hangs up", {CUTS, HANGS_UP}, DEADLINE_MS, WW_E_DNS_UNREACHABLE, true, 0},
        {"silence over TCP", {CUTS, KEEPS_SILENT}, SHORT_MS, WW_E_DNS_TIMEOUT, true, 0},
        {"another's answer over TCP", {CUTS, ANSWERS_OTHERS}, DEADLINE_MS, WW_E_DNS_MISMATCH, true, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        pid_t udp = serve(SERVER, &cases[i].script, SOCK_DGRAM);
        pid_t tcp = serve(SERVER, &cases[i].script, SOCK_STREAM);
        struct heard h = ask(SERVER, cases[i].deadline_ms);
        netns_end(udp);
        netns_end(tcp);
        if (h.err != cases[i].err || h.tcp != cases[i].tcp)
            fail_msg("%s: %s, %d", cases[i].what, ww_err_id(h.err), h.tcp);
        if (h.err != WW_OK)
            continue;
        assert_int_equal(h.rcode, cases[i].rcode);
        assert_true(h.authoritative);
        if (h.rcode == 0)
            assert_string_equal(h.text, "hi");
    }
}

static void nobody_listens(void **state)
{
    static const struct script cuts = {CUTS, ANSWERS};
    (void)state;
    assert_int_equal(ask("127.0.0.54", DEADLINE_MS).err, WW_E_DNS_UNREACHABLE);
    assert_int_equal(ask("192.0.2.1", DEADLINE_MS).err, WW_E_DNS_NO_WAY); /* no route in this namespace */
    pid_t udp = serve(SERVER, &cuts, SOCK_DGRAM);
    assert_int_equal(ask(SERVER, DEADLINE_MS).err, WW_E_DNS_UNREACHABLE);
    netns_end(udp);
}

static void a_question_can_be_taken_back(void **state)
{
    const struct ww_dns_server_options options = {.base = base, .deadline_ms = SHORT_MS};
    struct ww_addr to;
    struct heard h = {.calls = 0};
    enum ww_err err;
    (void)state;
    static const struct script silent = {KEEPS_SILENT, ANSWERS};
    pid_t udp = serve(SERVER, &silent, SOCK_DGRAM);
    assert_int_equal(ww_addr_parse(ww_slice_str(SERVER), &to), WW_OK);
    struct ww_dns_server_query *q =
        ww_dns_server_ask(&options, &to, "example", WW_DNS_TYPE_TXT, on_reply, &h, &err);
    assert_non_null(q);
    ww_dns_server_cancel(q);
    assert_int_equal(event_base_dispatch(base), 1);
    assert_int_equal(h.calls, 0);
    assert_null(ww_dns_server_ask(&options, &to, "a..b", WW_DNS_TYPE_TXT, on_reply, &h, &err));
    assert_int_equal(err, WW_E_DNS_NAME);
    netns_end(udp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_are_asked),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(a_question_can_be_taken_back),
    };
    netns_enter();
    base = event_base_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    event_base_free(base);
    return failed;
}
