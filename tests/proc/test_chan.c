#include "proc/chan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEPT = 8 };

/* One end, and what has happened to it. */
struct end {
    struct ww_chan *chan;
    unsigned messages;
    unsigned downs;
    unsigned drains;
    uint16_t last_type;
    size_t last_size;
    char first_byte;
    int fds[KEPT];
    unsigned fd_count;
    unsigned free_at; /* the handler frees the channel at this message */
};

struct both {
    struct event_base *base;
    struct end a;
    struct end b;
};

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct end *e = ctx;
    assert_ptr_equal(chan, e->chan);
    e->messages++;
    e->last_type = type;
    e->last_size = payload.n;
    e->first_byte = payload.n > 0 ? payload.p[0] : '\0';
    if (fd >= 0 && e->fd_count < KEPT)
        e->fds[e->fd_count++] = fd;
    if (e->free_at == e->messages) {
        ww_chan_free(chan);
        e->chan = NULL;
    }
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct end *e = ctx;
    e->downs++;
    ww_chan_free(chan);
    e->chan = NULL;
}

static void on_drained(void *ctx, struct ww_chan *chan)
{
    struct end *e = ctx;
    (void)chan;
    e->drains++;
}

static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};

static int setup(void **state)
{
    static struct both t;
    int fds[2];
    memset(&t, 0, sizeof t);
    t.base = event_base_new();
    assert_int_equal(ww_chan_pair(fds), WW_OK);
    t.a.chan = ww_chan_new(t.base, fds[0], &handlers, &t.a);
    t.b.chan = ww_chan_new(t.base, fds[1], &handlers, &t.b);
    assert_non_null(t.a.chan);
    assert_non_null(t.b.chan);
    *state = &t;
    return 0;
}

static int teardown(void **state)
{
    struct both *t = *state;
    ww_chan_free(t->a.chan);
    ww_chan_free(t->b.chan);
    event_base_free(t->base);
    return 0;
}

static void turn(struct both *t, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        assert_true(event_base_loop(t->base, EVLOOP_NONBLOCK) >= 0);
}

/* With a raw socket for one end, to send what no channel would. */
static int raw_end(struct both *t)
{
    int fds[2];
    ww_chan_free(t->b.chan);
    memset(&t->b, 0, sizeof t->b);
    turn(t, 1); /* the other end closes */
    assert_int_equal(ww_chan_pair(fds), WW_OK);
    t->b.chan = ww_chan_new(t->base, fds[1], &handlers, &t->b);
    assert_non_null(t->b.chan);
    return fds[0];
}

static int open_fds(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void sizes(void **state)
{
    static const struct {
        size_t n;
        enum ww_err err;
    } cases[] = {
        {0, WW_OK},
        {1, WW_OK},
        {65536, WW_OK},
        {WW_CHAN_MESSAGE_MAX - 4, WW_OK},
        {WW_CHAN_MESSAGE_MAX - 3, WW_E_TOO_LONG},
    };
    struct both *t = *state;
    static char bytes[WW_CHAN_MESSAGE_MAX];
    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned before = t->b.messages;
        assert_int_equal(ww_chan_send(t->a.chan, (uint16_t)(i + 7), ww_slice(bytes, cases[i].n), -1),
                         cases[i].err);
        turn(t, 2);
        if (cases[i].err != WW_OK) {
            assert_int_equal(t->b.messages, before);
            continue;
        }
        assert_int_equal(t->b.messages, before + 1);
        assert_int_equal(t->b.last_size, cases[i].n);
        assert_int_equal(t->b.last_type, i + 7);
    }
    assert_int_equal(t->b.downs, 0);
}

static void descriptor_arrives(void **state)
{
    struct both *t = *state;
    int pipe_fds[2];
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    assert_int_equal(ww_chan_send(t->a.chan, 1, ww_slice_str("fd"), pipe_fds[1]), WW_OK);
    close(pipe_fds[1]);
    turn(t, 2);
    assert_int_equal(t->b.fd_count, 1);
    assert_true(fcntl(t->b.fds[0], F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(t->b.fds[0], "!", 1), 1);
    char c = '\0';
    assert_int_equal(read(pipe_fds[0], &c, 1), 1);
    assert_int_equal(c, '!');
    close(t->b.fds[0]);
    close(pipe_fds[0]);
}

/* More than the socket takes: they wait in the queue, descriptor and order included. */
static void queue_keeps_order(void **state)
{
    struct both *t = *state;
    enum { COUNT = 100 };
    static char bytes[65536];
    int before = open_fds();
    ww_chan_on_drained(t->a.chan, on_drained);
    for (int i = 0; i < COUNT; i++) {
        memset(bytes, i, sizeof bytes);
        int fd = i == COUNT - 1 ? STDERR_FILENO : -1;
        assert_int_equal(ww_chan_send(t->a.chan, (uint16_t)i, ww_slice(bytes, sizeof bytes), fd), WW_OK);
    }
    assert_true(ww_chan_queued(t->a.chan) > 0);
    for (int i = 0; i < 500 && t->b.messages < COUNT; i++) {
        turn(t, 1);
        if (t->b.messages > 0)
            assert_int_equal(t->b.first_byte, t->b.messages - 1);
    }
    assert_int_equal(t->b.messages, COUNT);
    assert_int_equal(t->b.last_type, COUNT - 1);
    assert_int_equal(ww_chan_queued(t->a.chan), 0);
    assert_int_equal(t->a.drains, 1);
    assert_int_equal(t->b.fd_count, 1);
    close(t->b.fds[0]);
    assert_int_equal(open_fds(), before);
}

static void queue_has_a_cap(void **state)
{
    struct both *t = *state;
    static char bytes[65536];
    enum ww_err err = WW_OK;
    int sent = 0;
    while (err == WW_OK && sent < 2000) {
        err = ww_chan_send(t->a.chan, 1, ww_slice(bytes, sizeof bytes), -1);
        sent += err == WW_OK;
    }
    assert_int_equal(err, WW_E_CHAN_FULL);
    assert_in_range(ww_chan_queued(t->a.chan), 63u << 20, 64u << 20);
    /* What was taken still arrives. */
    for (int i = 0; i < 5000 && t->b.messages < (unsigned)sent; i++)
        turn(t, 1);
    assert_int_equal(t->b.messages, sent);
}

/* A turn of the loop reads a bounded number, so that others get theirs. */
static void reading_is_fair(void **state)
{
    struct both *t = *state;
    for (int i = 0; i < 200; i++)
        assert_int_equal(ww_chan_send(t->a.chan, 1, ww_slice_str("x"), -1), WW_OK);
    assert_true(event_base_loop(t->base, EVLOOP_ONCE | EVLOOP_NONBLOCK) >= 0);
    assert_in_range(t->b.messages, 1, 64);
    turn(t, 10);
    assert_int_equal(t->b.messages, 200);
}

/* What a peer has sent before its end is read before the end is told. */
static void last_words_are_heard(void **state)
{
    struct both *t = *state;
    assert_int_equal(ww_chan_send(t->b.chan, 1, ww_slice_str("unread"), -1), WW_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ww_chan_send(t->a.chan, 1, ww_slice_str("x"), -1), WW_OK);
    ww_chan_free(t->a.chan);
    t->a.chan = NULL;
    turn(t, 3);
    assert_int_equal(t->b.messages, 3);
    assert_int_equal(t->b.downs, 1);
}

static void sending_to_nobody(void **state)
{
    struct both *t = *state;
    ww_chan_free(t->a.chan);
    t->a.chan = NULL;
    assert_int_equal(ww_chan_send(t->b.chan, 1, ww_slice_str("x"), -1), WW_E_CHAN_DOWN);
    assert_int_equal(ww_chan_send(t->b.chan, 1, ww_slice_str("x"), -1), WW_E_CHAN_DOWN);
    assert_int_equal(t->b.downs, 0); /* told by the loop, never from within a send */
    turn(t, 2);
    assert_int_equal(t->b.downs, 1);
}

static void freed_in_its_handler(void **state)
{
    struct both *t = *state;
    t->b.free_at = 2;
    for (int i = 0; i < 5; i++)
        (void)!ww_chan_send(t->a.chan, 1, ww_slice_str("x"), -1);
    turn(t, 3);
    assert_int_equal(t->b.messages, 2);
    assert_null(t->b.chan);
    assert_int_equal(t->b.downs, 0);
    assert_int_equal(t->a.downs, 1);
}

static void broken_framing(void **state)
{
    struct both *t = *state;
    static char huge[WW_CHAN_MESSAGE_MAX + 1] = {0, WW_CHAN_VERSION, 0, 1};
    const struct {
        const char *p;
        size_t n;
    } cases[] = {
        {"\0", 1},           /* shorter than a header */
        {"\0\1\0", 3},       /* the same */
        {"\0\2\0\1", 4},     /* another version */
        {"\1\0\0\1", 4},     /* the same, in the wrong byte order */
        {huge, sizeof huge}, /* longer than the longest */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int raw = raw_end(t);
        assert_int_equal(send(raw, cases[i].p, cases[i].n, 0), (ssize_t)cases[i].n);
        turn(t, 2);
        assert_int_equal(t->b.messages, 0);
        assert_int_equal(t->b.downs, 1);
        close(raw);
    }
}

static void send_fds(int raw, const void *p, size_t n, int count)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(8 * sizeof(int))];
    } control;
    char copy[16];
    memcpy(copy, p, n);
    struct iovec part = {copy, n};
    memset(&control, 0, sizeof control);
    size_t size = (size_t)count * sizeof(int);
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(size)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(size);
    for (int i = 0; i < count; i++) {
        int fd = STDERR_FILENO;
        memcpy(CMSG_DATA(c) + (size_t)i * sizeof fd, &fd, sizeof fd);
    }
    assert_int_equal(sendmsg(raw, &m, 0), (ssize_t)n);
}

/* Whatever is wrong with a message, its descriptors do not stay open. */
static void no_descriptor_is_lost(void **state)
{
    struct both *t = *state;
    static const struct {
        char bytes[4];
        size_t n;
        int fds;
        unsigned messages;
    } cases[] = {
        {{0, WW_CHAN_VERSION, 0, 1}, 4, 1, 1},
        {{0, WW_CHAN_VERSION, 0, 1}, 4, 2, 0}, /* fits into the padding */
        {{0, WW_CHAN_VERSION, 0, 1}, 4, 5, 0}, /* truncated */
        {{0, 9, 0, 1}, 4, 1, 0},
        {{0}, 1, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int raw = raw_end(t);
        int before = open_fds();
        send_fds(raw, cases[i].bytes, cases[i].n, cases[i].fds);
        turn(t, 2);
        assert_int_equal(t->b.messages, cases[i].messages);
        assert_int_equal(t->b.downs, cases[i].messages == 0);
        if (t->b.fd_count > 0)
            close(t->b.fds[0]);
        /* a channel that is down has closed its own */
        assert_int_equal(open_fds(), before - (t->b.downs > 0 ? 1 : 0));
        close(raw);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(sizes),
        TEST(descriptor_arrives),
        TEST(queue_keeps_order),
        TEST(queue_has_a_cap),
        TEST(reading_is_fair),
        TEST(last_words_are_heard),
        TEST(sending_to_nobody),
        TEST(freed_in_its_handler),
        TEST(broken_framing),
        TEST(no_descriptor_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
