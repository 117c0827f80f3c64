/* One question over a socket, with a server that this test is itself: time passes only when it says so. */
#include "client/exchange.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define REQUEST "13:DECISION a.de,"
#define DEADLINE 1000

static struct {
    char folder[64];
    struct ww_address address;
    int listener;
    int peer; /* the server's end, or -1 */
    struct ww_exchange x;
} t;

static int setup(void **state)
{
    char text[96];
    const char *why;
    (void)state;
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-exchange-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(text, sizeof text, "unix:%s/socket", t.folder);
    assert_true(ww_address_parse(text, &t.address, &why));
    t.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(t.listener, (struct sockaddr *)&t.address.address, t.address.length), 0);
    assert_int_equal(listen(t.listener, 4), 0);
    t.peer = -1;
    ww_exchange_begin(&t.x, &t.address, -1, ww_slice_str(REQUEST), DEADLINE);
    return 0;
}

static int teardown(void **state)
{
    char path[96];
    (void)state;
    int fd = ww_exchange_end(&t.x);
    if (fd >= 0)
        close(fd);
    if (t.peer >= 0)
        close(t.peer);
    close(t.listener);
    (void)snprintf(path, sizeof path, "%s/socket", t.folder);
    unlink(path);
    rmdir(t.folder);
    return 0;
}

/* The server takes a connection and reads the request. */
static void take(void)
{
    char request[64];
    if (t.peer >= 0)
        close(t.peer);
    t.peer = accept(t.listener, NULL, NULL);
    assert_true(t.peer >= 0);
    ssize_t n = read(t.peer, request, sizeof request);
    assert_int_equal(n, strlen(REQUEST));
    assert_memory_equal(request, REQUEST, strlen(REQUEST));
}

static void say(const char *p, size_t n)
{
    assert_int_equal(write(t.peer, p, n), n);
}

static void hang_up(void)
{
    close(t.peer);
    t.peer = -1;
}

static void expect_end(enum ww_err err)
{
    assert_true(ww_exchange_step(&t.x, 1));
    if (t.x.err != err)
        fail_msg("%s", ww_err_id(t.x.err));
    assert_int_equal(ww_exchange_timeout(&t.x, 1), 0);
}

static void a_reply_in_pieces_is_whole(void **state)
{
    static const char reply[] = "10:OK v=1 x=y,";
    (void)state;
    assert_false(ww_exchange_step(&t.x, 0));
    assert_int_equal(ww_exchange_events(&t.x), POLLIN);
    assert_int_equal(ww_exchange_timeout(&t.x, 400), 600);
    take();
    for (size_t i = 0; i < sizeof reply - 1; i++) {
        assert_false(ww_exchange_step(&t.x, 1));
        say(reply + i, 1);
    }
    expect_end(WW_OK);
    assert_true(ww_slice_is(t.x.reply, "OK v=1 x=y"));
}

static void a_connection_serves_again(void **state)
{
    (void)state;
    (void)ww_exchange_step(&t.x, 0);
    take();
    say("2:OK,", 5);
    expect_end(WW_OK);
    int fd = ww_exchange_end(&t.x);
    assert_true(fd >= 0);
    ww_exchange_begin(&t.x, &t.address, fd, ww_slice_str(REQUEST), DEADLINE);
    assert_false(ww_exchange_step(&t.x, 1));
    char request[64];
    assert_int_equal(read(t.peer, request, sizeof request), strlen(REQUEST));
    say("3:yes,", 6);
    expect_end(WW_OK);
    assert_true(ww_slice_is(t.x.reply, "yes"));
}

static void an_idle_connection_that_was_closed_is_made_again(void **state)
{
    (void)state;
    (void)ww_exchange_step(&t.x, 0);
    take();
    say("2:OK,", 5);
    expect_end(WW_OK);
    int fd = ww_exchange_end(&t.x);
    hang_up();
    ww_exchange_begin(&t.x, &t.address, fd, ww_slice_str(REQUEST), DEADLINE);
    assert_false(ww_exchange_step(&t.x, 1));
    take();
    say("2:OK,", 5);
    expect_end(WW_OK);
}

static void a_second_break_is_the_end(void **state)
{
    (void)state;
    (void)ww_exchange_step(&t.x, 0);
    take();
    say("100:OK half of", 14);
    hang_up();
    assert_false(ww_exchange_step(&t.x, 1));
    take();
    hang_up();
    expect_end(WW_E_CLIENT_CLOSED);
    assert_int_equal(ww_exchange_end(&t.x), -1);
}

/* What came before the break must not be read together with what comes after it. */
static void half_a_reply_is_forgotten(void **state)
{
    (void)state;
    (void)ww_exchange_step(&t.x, 0);
    take();
    say("100:OK half of", 14);
    hang_up();
    assert_false(ww_exchange_step(&t.x, 1));
    take();
    say("2:OK,", 5);
    expect_end(WW_OK);
    assert_true(ww_slice_is(t.x.reply, "OK"));
}

static void nobody_listens(void **state)
{
    (void)state;
    close(t.listener);
    expect_end(WW_E_CLIENT_CONNECT);
    t.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void a_deadline_ends_what_hangs(void **state)
{
    (void)state;
    assert_false(ww_exchange_step(&t.x, 0));
    take();
    assert_false(ww_exchange_step(&t.x, DEADLINE - 1));
    assert_int_equal(ww_exchange_timeout(&t.x, DEADLINE - 1), 1);
    assert_int_equal(ww_exchange_timeout(&t.x, DEADLINE + 5), 0);
    assert_true(ww_exchange_step(&t.x, DEADLINE));
    assert_int_equal(t.x.err, WW_E_CLIENT_TIMEOUT);
}

static void what_speaks_otherwise_is_left(void **state)
{
    static const char *const replies[] = {
        "220 mail.example.com ESMTP\r\n", "100001:", "05:hello,", "2:OKx", "2:OK,2:OK,", ":,", "-1:,",
    };
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        (void)ww_exchange_step(&t.x, 0);
        take();
        say(replies[i], strlen(replies[i]));
        expect_end(WW_E_CLIENT_PROTOCOL);
        assert_int_equal(ww_exchange_end(&t.x), -1);
        ww_exchange_begin(&t.x, &t.address, -1, ww_slice_str(REQUEST), DEADLINE);
    }
}

static void the_longest_reply_fits_and_a_longer_one_is_not_read(void **state)
{
    (void)state;
    static char reply[100000 + 8];
    memset(reply, 'x', sizeof reply);
    memcpy(reply, "100000:", 7);
    reply[sizeof reply - 1] = ',';
    (void)ww_exchange_step(&t.x, 0);
    take();
    for (size_t sent = 0; sent < sizeof reply;) {
        ssize_t n = send(t.peer, reply + sent, sizeof reply - sent, MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        (void)ww_exchange_step(&t.x, 1);
    }
    expect_end(WW_OK);
    assert_int_equal(t.x.reply.n, 100000);
}

static void a_full_queue_is_tried_again_after_a_pause(void **state)
{
    (void)state;
    int fds[16];
    size_t n = 0;
    assert_int_equal(listen(t.listener, 0), 0);
    while (n < 16) {
        fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(fds[n++], (struct sockaddr *)&t.address.address, t.address.length) != 0)
            break;
    }
    assert_false(ww_exchange_step(&t.x, 0));
    assert_int_equal(t.x.fd, -1);
    assert_int_equal(ww_exchange_events(&t.x), 0);
    int pause = ww_exchange_timeout(&t.x, 0);
    assert_true(pause > 0 && pause < 100);
    for (size_t i = 0; i + 1 < n; i++)
        close(accept(t.listener, NULL, NULL));
    assert_false(ww_exchange_step(&t.x, pause - 1));
    assert_int_equal(t.x.fd, -1);
    assert_false(ww_exchange_step(&t.x, pause));
    take();
    say("2:OK,", 5);
    expect_end(WW_OK);
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_reply_in_pieces_is_whole),
        CASE(a_connection_serves_again),
        CASE(an_idle_connection_that_was_closed_is_made_again),
        CASE(a_second_break_is_the_end),
        CASE(half_a_reply_is_forgotten),
        CASE(nobody_listens),
        CASE(a_deadline_ends_what_hangs),
        CASE(what_speaks_otherwise_is_left),
        CASE(the_longest_reply_fits_and_a_longer_one_is_not_read),
        CASE(a_full_queue_is_tried_again_after_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
