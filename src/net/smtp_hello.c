#include "net/smtp_hello.h"

#include "base/ascii.h"
#include "core/dname.h"
#include "core/smtp_reply.h"
#include "core/words.h"
#include "net/clock.h"
#include "net/tls_shake.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <sys/socket.h>

#define GREETING_CODE 220
#define EHLO_CODE 250
#define STARTTLS_CODE 220
#define QUIT_CODE 221

/* All is known by then, but who is hung up on without an answer writes that into a log. */
#define GOODBYE_MS 1000

/* What is taken of a peer from its 220 to STARTTLS on. A chain of certificates has at most 100 KiB to
 * OpenSSL. */
#define SHAKE_MAX ((size_t)256 * 1024)

struct ww_smtp_hello {
    struct bufferevent *be;
    struct event *end; /* the deadline; made active early when it has ended */
    int64_t begun;     /* ww_clock_us */
    int64_t deadline;
    int64_t connect_by;
    SSL *tls;     /* or NULL; borrowed */
    size_t heard; /* octets of TLS */
    bool inject;
    char inside[WW_SMTP_LINE_MAX]; /* what was said inside TLS; with inject alone */
    size_t inside_size;
    bool asks; /* with `ask`, whose name is ask_name */
    struct ww_smtp_ask ask;
    char ask_name[WW_DNAME_SIZE];
    char name[WW_DNAME_SIZE]; /* "": the address of our end */
    struct sockaddr_storage to;
    socklen_t to_size;
    struct ww_smtp_hello_result result;
    bool ended;
    ww_smtp_hello_cb *cb;
    void *ctx;
};

static void hello_free(struct ww_smtp_hello *h)
{
    if (h->be != NULL)
        bufferevent_free(h->be);
    if (h->end != NULL)
        event_free(h->end);
    free(h);
}

/* Who has answered EHLO has been seen, whatever becomes of TLS; and who was told QUIT has shown all. */
static void set_fault(struct ww_smtp_hello *h, enum ww_err err)
{
    struct ww_smtp_hello_result *r = &h->result;
    if (r->stage == WW_SMTP_STARTTLS || r->stage == WW_SMTP_SHAKE)
        r->tls_err = err;
    else if (r->stage != WW_SMTP_QUIT)
        r->err = err;
    if (r->us == 0)
        r->us = ww_clock_us() - h->begun;
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct ww_smtp_hello *h = arg;
    if (!h->ended)
        set_fault(h, WW_E_SMTP_TIMEOUT);
    struct ww_smtp_hello_result result = h->result;
    ww_smtp_hello_cb *cb = h->cb;
    void *ctx = h->ctx;
    hello_free(h);
    cb(ctx, &result);
}

/* The result is told from the loop: whoever hears it may free what is at work here. */
static void end(struct ww_smtp_hello *h, enum ww_err err)
{
    if (h->ended)
        return;
    h->ended = true;
    set_fault(h, err);
    (void)bufferevent_disable(h->be, EV_READ | EV_WRITE);
    event_active(h->end, EV_TIMEOUT, 0);
}

static void keep_own_address(struct ww_smtp_hello *h)
{
    struct sockaddr_storage own = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof own;
    struct ww_addr *addr = &h->result.from;
    (void)getsockname(bufferevent_getfd(h->be), (struct sockaddr *)&own, &size);
    if (own.ss_family == AF_INET6) {
        addr->length = 16;
        memcpy(addr->octets, &((const struct sockaddr_in6 *)(const void *)&own)->sin6_addr, 16);
    } else {
        addr->length = 4;
        memcpy(addr->octets, &((const struct sockaddr_in *)(const void *)&own)->sin_addr, 4);
    }
}

/* An address literal of our end of the connection (RFC 5321 section 4.1.3): always a valid name for EHLO. */
static void put_literal(struct ww_buf *b, const struct ww_addr *own)
{
    char text[WW_ADDR_TEXT_SIZE];
    ww_addr_format(own, text);
    ww_buf_str(b, own->length == 16 ? "[IPv6:" : "[");
    ww_buf_str(b, text);
    ww_buf_char(b, ']');
}

static bool say_ehlo(struct ww_smtp_hello *h)
{
    char line[WW_DNAME_SIZE + 16];
    struct ww_buf b = ww_buf(line, sizeof line);
    ww_buf_str(&b, "EHLO ");
    if (h->name[0] != '\0')
        ww_buf_str(&b, h->name);
    else
        put_literal(&b, &h->result.from);
    ww_buf_str(&b, "\r\n");
    return bufferevent_write(h->be, b.p, b.n) == 0;
}

static bool wait_until(struct ww_smtp_hello *h, int64_t until)
{
    int64_t us = until - ww_clock_us();
    if (us < 1)
        us = 1;
    const struct timeval left = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
    return evtimer_add(h->end, &left) == 0;
}

static void say(struct ww_smtp_hello *h, const char *text)
{
    if (bufferevent_write(h->be, text, strlen(text)) != 0)
        end(h, WW_E_NO_MEMORY);
}

/* That it goes no further is no fault: user_canceled, close_notify (RFC 5246 section 7.2). */
static void say_no_more(struct ww_smtp_hello *h)
{
    static const char alerts[] = "\x15\x03\x01\0\2\1\x5a\x15\x03\x01\0\2\1\0";
    if (bufferevent_write(h->be, alerts, sizeof alerts - 1) != 0)
        end(h, WW_OK);
}
static void say_goodbye(struct ww_smtp_hello *h)
{
    int64_t by = ww_clock_us() + (int64_t)GOODBYE_MS * 1000;
    h->result.us = ww_clock_us() - h->begun;
    h->result.stage = WW_SMTP_QUIT;
    if (h->result.answer.state == WW_TLS_HEARD_ACCEPTED)
        say_no_more(h);
    else if (!h->result.handshake)
        say(h, "QUIT\r\n");
    else if (!ww_tls_shake_say(h->tls, "QUIT\r\n", bufferevent_get_output(h->be)))
        end(h, WW_OK);
    if (by < h->deadline && !wait_until(h, by))
        end(h, WW_OK);
}

static void keep_text(struct ww_smtp_hello *h, struct ww_slice text)
{
    struct ww_buf b = ww_buf(h->result.text, sizeof h->result.text - 1);
    ww_words_put_cut(&b, text);
    h->result.text[b.n] = '\0';
}

/* TLS, if there is anything to begin it with and for. Nobody may say what was not asked for yet. */
static void offer(struct ww_smtp_hello *h, struct ww_slice rest)
{
    if (!h->result.starttls || (h->tls == NULL && !h->asks)) {
        say_goodbye(h);
        return;
    }
    h->result.stage = WW_SMTP_STARTTLS;
    if (rest.n > 0) {
        keep_text(h, rest);
        end(h, WW_E_SMTP_PLAIN);
    } else {
        say(h, h->inject ? "STARTTLS\r\nNOOP\r\n" : "STARTTLS\r\n");
    }
}

/* QUIT is answered with 221 once. Whoever answers something else first has taken in what came before TLS. */
static void hear_inside(struct ww_smtp_hello *h, struct evbuffer *in)
{
    struct ww_smtp_reply first, second;
    size_t used = 0;
    struct ww_buf b = ww_buf(h->inside + h->inside_size, sizeof h->inside - h->inside_size);
    if (!ww_tls_shake_hear(h->tls, in, &b))
        end(h, WW_OK);
    h->inside_size += b.n;
    if (ww_smtp_reply_cut(h->inside, h->inside_size, &first, &used) != WW_SMTP_WHOLE ||
        ww_smtp_reply_cut(h->inside + used, h->inside_size - used, &second, &used) != WW_SMTP_WHOLE)
        return;
    h->result.injected = first.code != QUIT_CODE;
    end(h, WW_OK);
}

static void ask(struct ww_smtp_hello *h)
{
    char hello[WW_TLS_HELLO_MAX];
    uint8_t random[WW_TLS_RANDOM_SIZE];
    struct ww_buf b = ww_buf(hello, sizeof hello);
    bool ok = RAND_bytes(random, sizeof random) == 1;
    ww_tls_hello_put(&b, h->ask.version, h->ask.offer, ww_slice_str(h->ask_name), random);
    h->result.stage = WW_SMTP_SHAKE;
    if (!ok || bufferevent_write(h->be, b.p, b.n) != 0)
        end(h, WW_E_NO_MEMORY);
}

static void hear_answer(struct ww_smtp_hello *h, struct evbuffer *in)
{
    struct ww_smtp_hello_result *r = &h->result;
    size_t n = evbuffer_get_length(in);
    const char *p = (const char *)evbuffer_pullup(in, -1);
    struct ww_buf b = ww_buf(r->text, sizeof r->text - 1);
    enum ww_tls_heard heard = ww_tls_answer_take(&r->answer, p, p != NULL ? n : 0);
    (void)evbuffer_drain(in, n);
    if (heard == WW_TLS_HEARD_ACCEPTED) {
        say_goodbye(h);
    } else if (heard != WW_TLS_HEARD_MORE) {
        ww_buf_str(&b, heard == WW_TLS_HEARD_ALERT ? "alert " : "no TLS");
        ww_buf_str(&b, heard == WW_TLS_HEARD_ALERT ? ww_tls_alert_name(r->answer.alert) : "");
        r->text[b.n] = '\0';
        end(h, WW_E_SMTP_TLS);
    }
}

static void shake(struct ww_smtp_hello *h)
{
    struct ww_smtp_hello_result *r = &h->result;
    struct evbuffer *in = bufferevent_get_input(h->be);
    struct ww_buf why = ww_buf(r->text, sizeof r->text - 1);
    h->heard += evbuffer_get_length(in);
    enum ww_tls_shake shaken = h->heard <= SHAKE_MAX
                                   ? ww_tls_shake(h->tls, in, bufferevent_get_output(h->be), &why)
                                   : WW_TLS_SHAKE_FAILED;
    if (shaken == WW_TLS_SHAKE_FAILED) {
        r->text[why.n] = '\0';
        end(h, WW_E_SMTP_TLS);
    } else if (shaken == WW_TLS_SHAKE_DONE) {
        r->handshake = true;
        say_goodbye(h);
        if (h->inject) /* what came with the end of the handshake is in OpenSSL's hands already */
            hear_inside(h, in);
    }
}

/* What came with the 220 was not encrypted, and would be taken for what was: nothing of it counts. */
static void take_go_ahead(struct ww_smtp_hello *h, struct ww_slice rest)
{
    if (h->result.code != STARTTLS_CODE) {
        h->result.tls_err = WW_E_SMTP_STARTTLS;
        say_goodbye(h);
    } else if (rest.n > 0) {
        keep_text(h, rest);
        end(h, WW_E_SMTP_PLAIN);
    } else if (h->asks) {
        ask(h);
    } else if (!ww_tls_shake_init(h->tls)) {
        end(h, WW_E_NO_MEMORY);
    } else {
        h->result.stage = WW_SMTP_SHAKE;
    }
}

static void take_reply(struct ww_smtp_hello *h, const struct ww_smtp_reply *reply, struct ww_slice rest)
{
    struct ww_smtp_hello_result *r = &h->result;
    struct ww_slice lines = reply->lines;
    struct ww_slice text = ww_slice("", 0);
    if (r->stage == WW_SMTP_QUIT) {
        end(h, WW_OK);
        return;
    }
    (void)ww_smtp_reply_line(&lines, &text);
    keep_text(h, text);
    r->code = reply->code;
    if (r->stage == WW_SMTP_STARTTLS) {
        take_go_ahead(h, rest);
    } else if (reply->code != (r->stage == WW_SMTP_GREETING ? GREETING_CODE : EHLO_CODE)) {
        end(h, WW_E_SMTP_REFUSED);
    } else if (r->stage == WW_SMTP_GREETING) {
        r->stage = WW_SMTP_EHLO;
        if (!say_ehlo(h))
            end(h, WW_E_NO_MEMORY);
    } else {
        r->starttls = ww_smtp_reply_offers(reply, "starttls");
        memcpy(r->ehlo, r->text, sizeof r->ehlo);
        offer(h, rest);
    }
}

/* False when there is no whole reply. */
static bool read_reply(struct ww_smtp_hello *h, struct evbuffer *in)
{
    struct ww_smtp_reply reply;
    size_t used = 0;
    size_t n = evbuffer_get_length(in);
    const char *p = (const char *)evbuffer_pullup(in, -1);
    enum ww_smtp_cut cut = p != NULL ? ww_smtp_reply_cut(p, n, &reply, &used) : WW_SMTP_MALFORMED;
    if (cut == WW_SMTP_WHOLE) {
        take_reply(h, &reply, ww_slice(p + used, n - used));
        (void)evbuffer_drain(in, used);
        if (h->result.stage == WW_SMTP_SHAKE && !h->asks)
            shake(h); /* it is for us to begin */
    } else if (cut == WW_SMTP_MALFORMED) {
        end(h, WW_E_SMTP_PROTOCOL);
    }
    return cut == WW_SMTP_WHOLE;
}

/* Text in place of the first octet of TLS, none of whose records begins so. */
static bool is_plain(struct ww_smtp_hello *h, struct evbuffer *in)
{
    char text[WW_SMTP_TEXT_SIZE];
    bool begins = h->heard == 0 && h->result.answer.heard == 0;
    ev_ssize_t n = begins ? evbuffer_copyout(in, text, sizeof text) : 0;
    if (n <= 0 || !ww_is_vchar(text[0]))
        return false;
    keep_text(h, ww_slice(text, (size_t)n));
    return true;
}

/* Nothing that comes after the handshake is of interest, but that it ends; and what was not asked for. */
static void hear_goodbye(struct ww_smtp_hello *h, struct evbuffer *in)
{
    h->heard += evbuffer_get_length(in);
    if (h->inject)
        hear_inside(h, in);
    (void)evbuffer_drain(in, evbuffer_get_length(in));
    if (h->heard > SHAKE_MAX)
        end(h, WW_OK);
}

static void on_readable(struct bufferevent *be, void *arg)
{
    struct ww_smtp_hello *h = arg;
    struct evbuffer *in = bufferevent_get_input(be);
    while (!h->ended && evbuffer_get_length(in) > 0) {
        if (h->result.handshake || h->result.answer.state == WW_TLS_HEARD_ACCEPTED) {
            hear_goodbye(h, in);
        } else if (h->result.stage == WW_SMTP_SHAKE) {
            if (is_plain(h, in))
                end(h, WW_E_SMTP_PLAIN);
            else if (h->asks)
                hear_answer(h, in);
            else
                shake(h);
        } else if (!read_reply(h, in)) {
            return;
        }
    }
}

static void on_event(struct bufferevent *be, short what, void *arg)
{
    (void)be;
    struct ww_smtp_hello *h = arg;
    struct ww_smtp_hello_result *r = &h->result;
    if ((what & BEV_EVENT_CONNECTED) != 0) {
        r->stage = WW_SMTP_GREETING;
        keep_own_address(h);
        if (!wait_until(h, h->deadline))
            end(h, WW_E_NO_MEMORY);
        return;
    }
    if ((what & BEV_EVENT_ERROR) != 0)
        r->error = EVUTIL_SOCKET_ERROR();
    end(h, r->stage == WW_SMTP_CONNECTING ? WW_E_SMTP_CONNECT : WW_E_SMTP_CLOSED);
}

static void fill_address(struct ww_smtp_hello *h, const struct ww_addr *to)
{
    if (to->length == 16) {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(WW_SMTP_PORT)};
        memcpy(&in6.sin6_addr, to->octets, 16);
        memcpy(&h->to, &in6, h->to_size = sizeof in6);
        return;
    }
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(WW_SMTP_PORT)};
    memcpy(&in.sin_addr, to->octets, 4);
    memcpy(&h->to, &in, h->to_size = sizeof in);
}

/* A failure to connect at once is told from the loop, as any other is. */
static bool begin(struct ww_smtp_hello *h)
{
    bufferevent_setcb(h->be, on_readable, NULL, on_event, h);
    bufferevent_setwatermark(h->be, EV_READ, 0, WW_SMTP_REPLY_MAX);
    if (!wait_until(h, h->connect_by) || bufferevent_enable(h->be, EV_READ | EV_WRITE) != 0)
        return false;
    errno = 0;
    if (bufferevent_socket_connect(h->be, (const struct sockaddr *)&h->to, (int)h->to_size) != 0 &&
        !h->ended) {
        h->result.error = errno;
        end(h, WW_E_SMTP_CONNECT);
    }
    return true;
}

struct ww_smtp_hello *ww_smtp_hello(struct event_base *base, const struct ww_smtp_hello_options *options,
                                    const struct ww_addr *to, ww_smtp_hello_cb *cb, void *ctx)
{
    struct ww_smtp_hello *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->cb = cb;
    h->ctx = ctx;
    h->tls = options->tls;
    h->inject = options->inject && options->tls != NULL;
    if (options->ask != NULL) {
        h->asks = true;
        h->ask = *options->ask;
        h->ask.name = NULL;
        if (strlen(options->ask->name) < sizeof h->ask_name)
            memcpy(h->ask_name, options->ask->name, strlen(options->ask->name) + 1);
    }
    h->begun = ww_clock_us();
    h->deadline = h->begun + (int64_t)options->deadline_ms * 1000;
    h->connect_by = h->deadline;
    if (options->connect_ms > 0 && options->connect_ms < options->deadline_ms)
        h->connect_by = h->begun + (int64_t)options->connect_ms * 1000;
    if (options->name != NULL && strlen(options->name) < sizeof h->name)
        memcpy(h->name, options->name, strlen(options->name) + 1);
    fill_address(h, to);
    h->end = evtimer_new(base, on_end, h);
    h->be = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    if (h->end != NULL && h->be != NULL && begin(h))
        return h;
    hello_free(h);
    return NULL;
}

void ww_smtp_hello_cancel(struct ww_smtp_hello *hello)
{
    hello_free(hello);
}
