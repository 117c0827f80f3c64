/* The resolver here is a child process that answers each question as its case says. */
#include "cli/ask_ad.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define TYPE_NS 2
#define HEADER 12

enum { RESPONSE = 0x80, CUT = 0x02, AD = 0x20, SERVFAIL = 2, NXDOMAIN = 3 };

/* What the resolver does with questions; the second is answered well where the first is not heard. */
enum manner { ANSWERS, LOSES_THE_FIRST, LOSES_ALL, OTHER_ID_FIRST, OTHER_NAME, ECHOES, SCRAP_FIRST };

static const struct {
    const char *name;
    enum manner manner;
    uint8_t high, low; /* flags of the answer */
    const char *why;   /* a part of it, or NULL */
    unsigned rcode;
    bool vouched;
} cases[] = {
    {".", ANSWERS, RESPONSE, AD, NULL, 0, true},
    {".", ANSWERS, RESPONSE, 0x80, NULL, 0, false},
    {"good.example", ANSWERS, RESPONSE, 0x80 | AD, NULL, 0, true},
    {"good.example", ANSWERS, RESPONSE, SERVFAIL, NULL, SERVFAIL, false},
    {"good.example", ANSWERS, RESPONSE, NXDOMAIN | AD, NULL, NXDOMAIN, true},
    {"good.example", ANSWERS, RESPONSE | CUT, AD, "cut short", 0, true},
    {"good.example", LOSES_THE_FIRST, RESPONSE, AD, NULL, 0, true},
    {"good.example", OTHER_ID_FIRST, RESPONSE, 0, NULL, 0, false},
    {"good.example", SCRAP_FIRST, RESPONSE, 0, NULL, 0, false},
    {"good.example", LOSES_ALL, RESPONSE, AD, "in time", 0, false},
    {"good.example", OTHER_NAME, RESPONSE, AD, "in time", 0, false},
    {"good.example", ECHOES, 0, AD, "in time", 0, false},
};

/* A question as an answer without records, but for the OPT record, which nobody has to read. */
static void answer(int fd, const struct sockaddr_in *to, const uint8_t *question, size_t n, size_t i,
                   unsigned asked)
{
    uint8_t packet[512];
    memcpy(packet, question, n);
    packet[2] = cases[i].high;
    packet[3] = cases[i].low;
    if (cases[i].manner == LOSES_ALL || (cases[i].manner == LOSES_THE_FIRST && asked == 1))
        return;
    if (cases[i].manner == OTHER_NAME)
        packet[HEADER + 1]++;
    if (cases[i].manner == OTHER_ID_FIRST) {
        packet[0] ^= 1;
        packet[3] |= AD;
        (void)sendto(fd, packet, n, 0, (const struct sockaddr *)to, sizeof *to);
        packet[0] ^= 1;
        packet[3] = cases[i].low;
    }
    if (cases[i].manner == SCRAP_FIRST)
        for (size_t length = 0; length < HEADER; length++)
            (void)sendto(fd, packet, length, 0, (const struct sockaddr *)to, sizeof *to);
    (void)sendto(fd, packet, n, 0, (const struct sockaddr *)to, sizeof *to);
}

/* RD and AD, one question, one record of type OPT, whose last octets are DO and no option. */
static bool is_well_asked(const uint8_t *q, size_t n)
{
    static const uint8_t head[] = {0x01, AD, 0, 1, 0, 0, 0, 0, 0, 1};
    static const uint8_t tail[] = {0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0};
    return n > HEADER + sizeof tail && memcmp(q + 2, head, sizeof head) == 0 &&
           memcmp(q + n - sizeof tail, tail, sizeof tail) == 0;
}

static void resolve(int fd, size_t i)
{
    uint8_t question[512];
    struct sockaddr_in from;
    (void)alarm(60);
    for (unsigned asked = 1;; asked++) {
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(fd, question, sizeof question, 0, (struct sockaddr *)&from, &length);
        if (n > 0 && is_well_asked(question, (size_t)n))
            answer(fd, &from, question, (size_t)n, i, asked);
    }
}

static int listen_here(struct sockaddr_in *at)
{
    socklen_t length = sizeof *at;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (const struct sockaddr *)at, sizeof *at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)at, &length), 0);
    return fd;
}

static void hears_what_a_resolver_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sockaddr_in at;
        struct ww_ask_ad_reply reply;
        int fd = listen_here(&at);
        /* Whoever is to be heard has time; nobody waits for the others long. */
        bool silent = cases[i].why != NULL && strcmp(cases[i].why, "in time") == 0;
        unsigned patience = silent || cases[i].manner == LOSES_THE_FIRST ? 300 : 20000;
        pid_t child = fork();
        if (child == 0)
            resolve(fd, i);
        (void)close(fd);
        ww_ask_ad((const struct sockaddr *)&at, sizeof at, cases[i].name, TYPE_NS, patience, &reply);
        (void)kill(child, SIGKILL);
        (void)waitpid(child, NULL, 0);
        bool right = cases[i].why == NULL ? reply.why == NULL && reply.rcode == cases[i].rcode
                                          : reply.why != NULL && strstr(reply.why, cases[i].why) != NULL;
        if (!right || (reply.why == NULL && reply.vouched != cases[i].vouched))
            fail_msg("case %zu: %s, %u, %d", i, reply.why != NULL ? reply.why : "answered", reply.rcode,
                     reply.vouched);
    }
}

static void says_that_nobody_listens(void **state)
{
    (void)state;
    struct sockaddr_in at;
    struct ww_ask_ad_reply reply;
    (void)close(listen_here(&at));
    ww_ask_ad((const struct sockaddr *)&at, sizeof at, ".", TYPE_NS, 20000, &reply);
    assert_string_equal(reply.why, "Connection refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_what_a_resolver_says),
        cmocka_unit_test(says_that_nobody_listens),
    };
    return cmocka_run_group_tests_name("ask_ad", tests, NULL, NULL);
}
