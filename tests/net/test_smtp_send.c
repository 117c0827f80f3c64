#include "net/smtp_send.h"

#include "netns.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define SERVER "127.0.0.25"
#define PORT 2525
#define TEXT "Subject: x\r\n\r\n.a line that begins with a dot\r\n..\r\nthe end\r\n"

static char *heard; /* what the server was told, shared with its process */
#define HEARD_SIZE 16384

/* What it answers to lines that begin so; the first that fits. NULL as answer: it hangs up; "": silence. */
struct answer {
    const char *to;
    const char *say;
};

static const struct answer good[] = {
    {"greeting", "220 mx.example ESMTP\r\n"},
    {"EHLO", "250-mx.example\r\n250 PIPELINING\r\n"},
    {"DATA", "354 go on\r\n"},
    {"QUIT", "221 bye\r\n"},
    {"", "250 ok\r\n"},
};

static const char *find(const struct answer *answers, const char *line)
{
    for (size_t i = 0; i < 4; i++) {
        if (answers[i].to != NULL && strncmp(line, answers[i].to, strlen(answers[i].to)) == 0)
            return answers[i].say;
    }
    for (size_t i = 0; i < COUNT(good); i++) {
        if (strncmp(line, good[i].to, strlen(good[i].to)) == 0)
            return good[i].say;
    }
    return "";
}

static void put(FILE *f, const char *text)
{
    (void)fputs(text, f);
    (void)fflush(f);
}

static void play(int fd, const struct answer *answers)
{
    char line[512];
    bool data = false;
    FILE *f = fdopen(fd, "r+");
    if (f == NULL)
        return;
    const char *say = find(answers, "greeting");
    while (say != NULL) {
        put(f, say);
        while (strcmp(say, "endless") == 0 && ferror(f) == 0)
            put(f, "250-and so on, and so on, and so on\r\n");
        if (ferror(f) != 0 || fgets(line, sizeof line, f) == NULL)
            break;
        if (strlen(heard) + strlen(line) < HEARD_SIZE)
            (void)strcat(heard, line);
        bool ends = data && strcmp(line, ".\r\n") == 0;
        say = data ? (ends ? find(answers, ".") : "") : find(answers, line);
        data = (data && !ends) || (strncmp(line, "DATA", 4) == 0 && say != NULL && say[0] == '3');
    }
    (void)fclose(f);
}

static pid_t server(const struct answer *answers)
{
    int listener = netns_listen(SERVER, PORT, SOCK_STREAM, 8);
    pid_t pid = netns_fork();
    if (pid == 0) {
        (void)signal(SIGPIPE, SIG_IGN);
        for (;;)
            play(accept(listener, NULL, NULL), answers);
    }
    (void)close(listener);
    return pid;
}

static void send_mail(uint32_t skip, unsigned deadline_ms, struct ww_smtp_sent *sent)
{
    static const char *const to[] = {"a@example.com", "b@example.com"};
    struct ww_addr addr;
    assert_int_equal(ww_addr_parse(ww_slice_str(SERVER), &addr), WW_OK);
    const struct ww_smtp_letter letter = {
        .host = "mail.example",
        .addrs = &addr,
        .addr_count = 1,
        .port = PORT,
        .helo = "us.example",
        .from = "waxwing@us.example",
        .to = to,
        .to_count = COUNT(to),
        .skip = skip,
        .text = ww_slice(TEXT, strlen(TEXT)),
        .deadline_ms = deadline_ms,
    };
    heard[0] = '\0';
    ww_smtp_send(&letter, sent);
}

static const struct sample {
    const char *what;
    struct answer answers[4];
    unsigned accepted, refused, unknown;
    const char *says;
    unsigned deadline_ms;
} samples[] = {
    {"good", {{NULL, NULL}}, 3, 0, 0, "", 10000},
    {"one refused for good",
     {{"RCPT TO:<a@", "550 5.1.1 no such user\r\n"}},
     2,
     1,
     1,
     "said: 550 5.1.1 no such",
     10000},
    {"one refused for now",
     {{"RCPT TO:<b@", "450 4.2.0 greylisted\r\n"}},
     1,
     0,
     0,
     "said: 450 4.2.0 greylisted",
     10000},
    {"all refused", {{"RCPT", "550-no\r\n550 never\r\n"}}, 0, 3, 3, "said: 550 never", 10000},
    {"relaying denied", {{"RCPT", "554 5.7.1 Relay access denied\r\n"}}, 0, 3, 0, "Relay access", 10000},
    {"unknown, and a rude farewell",
     {{"RCPT TO:<b@", "553 no\r\n"}, {"QUIT", "500 what?\r\n"}},
     1,
     2,
     2,
     "said: 553 no",
     10000},
    {"no such words", {{"EHLO", "502 no\r\n"}, {"HELO", "550 no\r\n"}}, 0, 3, 0, "said: 550 no", 10000},
    {"text refused", {{"DATA", "550 no\r\n"}}, 0, 3, 0, "said: 550 no", 10000},
    {"sender refused", {{"MAIL", "553 who are you\r\n"}}, 0, 3, 0, "said: 553 who", 10000},
    {"busy", {{"greeting", "421 too many connections\r\n"}}, 0, 0, 0, "said: 421 too many", 10000},
    {"refused after the text", {{".", "554 5.7.1 spam\r\n"}}, 0, 3, 0, "said: 554 5.7.1 spam", 10000},
    {"hangs up after the text", {{".", NULL}}, 0, 0, 0, "mail.example:2525: ", 10000},
    {"hangs up at once", {{"greeting", NULL}}, 0, 0, 0, "mail.example:2525: ", 10000},
    {"no SMTP", {{"greeting", "SSH-2.0-OpenSSH_9.2\r\n"}}, 0, 0, 0, "mail.example:2525: ", 1000},
    {"silent", {{"RCPT", ""}}, 0, 0, 0, "mail.example:2525: Operation timed out", 500},
    {"strangers' words", {{"MAIL", "550 \x1b[31m\\\r\n"}}, 0, 3, 0, "550 \\027[31m\\092", 10000},
    {"replies without an end", {{"EHLO", "endless"}}, 0, 0, 0, "mail.example:2525: ", 10000},
};

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        const struct sample *s = &samples[i];
        struct ww_smtp_sent sent;
        pid_t pid = server(s->answers);
        send_mail(0, s->deadline_ms, &sent);
        netns_end(pid);
        if (sent.accepted != s->accepted || sent.refused != s->refused || sent.unknown != s->unknown ||
            strstr(sent.detail, s->says) == NULL || (s->says[0] == '\0') != (sent.detail[0] == '\0'))
            fail_msg("%s: accepted %u, refused %u, unknown %u: %s", s->what, sent.accepted, sent.refused,
                     sent.unknown, sent.detail);
    }
}

static void test_what_is_said(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "EHLO us.example\r\n", "MAIL FROM:<waxwing@us.example>", "RCPT TO:<b@example.com>\r\n",
        "\r\n..a line that begins with a dot\r\n...\r\n", "the end\r\n.\r\n"};
    static const struct answer answers[4];
    struct ww_smtp_sent sent;
    pid_t pid = server(answers);
    send_mail(1, 10000, &sent);
    netns_end(pid);
    assert_int_equal(sent.accepted, 2);
    for (size_t i = 0; i < COUNT(wanted); i++) {
        if (strstr(heard, wanted[i]) == NULL)
            fail_msg("not said: %s\nbut: %s", wanted[i], heard);
    }
    assert_null(strstr(heard, "a@example.com"));
}

static void test_nobody_listens(void **state)
{
    (void)state;
    struct ww_smtp_sent sent;
    send_mail(0, 2000, &sent);
    assert_int_equal(sent.accepted | sent.refused, 0);
    assert_non_null(strstr(sent.detail, "mail.example:2525: "));
}

int main(void)
{
    netns_enter();
    heard = mmap(NULL, HEARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_what_is_said),
        cmocka_unit_test(test_nobody_listens),
    };
    return heard == MAP_FAILED ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
