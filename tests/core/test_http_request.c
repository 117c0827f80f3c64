#include "core/http_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define S(text) text, sizeof(text) - 1
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: a\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST
#define END "\r\n"

static const struct {
    const char *in;
    size_t n;
    enum ww_http_cut result;
    unsigned status;
} cases[] = {
    {S(GET HOST END), WW_HTTP_WHOLE, 0},
    {S("GET / HTTP/1.0\r\n" END), WW_HTTP_WHOLE, 0},
    {S("\r\n\r\n" GET HOST END), WW_HTTP_WHOLE, 0},
    {S(GET "host:a" END END), WW_HTTP_WHOLE, 0},
    {S(GET HOST "X-Empty:\r\nX: \t a b \t\r\n" END), WW_HTTP_WHOLE, 0},
    {S(GET HOST "X: \x80\xff\r\n" END), WW_HTTP_WHOLE, 0},
    {S("M-SEARCH /a%00b?c=d?e HTTP/1.1\r\n" HOST END), WW_HTTP_WHOLE, 0},
    {S(POST "Content-Length: 3\r\n" END), WW_HTTP_WHOLE, 0},
    {S(POST "Content-Length: 999999999999999999\r\n" END), WW_HTTP_WHOLE, 0},

    {S(""), WW_HTTP_MORE, 0},
    {S("\r"), WW_HTTP_MORE, 0},
    {S("GET"), WW_HTTP_MORE, 0},
    {S(GET HOST), WW_HTTP_MORE, 0},
    {S(GET HOST "\r"), WW_HTTP_MORE, 0},

    /* not HTTP, or not this one */
    {S("\x16\x03\x01"), WW_HTTP_REFUSED, 400},
    {S("GET /\r\n"), WW_HTTP_REFUSED, 400},
    {S("PRI * HTTP/2.0\r\n"), WW_HTTP_REFUSED, 505},
    {S("GET / HTTP/1.10\r\n"), WW_HTTP_REFUSED, 505},
    {S("GET / http/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S("GET / HTTP/1.1 \r\n"), WW_HTTP_REFUSED, 505},
    {S(" GET / HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S("GET  / HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S("GET\t/ HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S("G(T / HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S("GET * HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S("GET http://a/ HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S("CONNECT a:1 HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S("GET /#a HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S("GET /\xc3\xa4 HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},

    /* line ends and control characters */
    {S("GET / HTTP/1.1\nHost: a\n\n"), WW_HTTP_REFUSED, 400},
    {S(GET "Host: a\n"), WW_HTTP_REFUSED, 400},
    {S(GET "Host: a\rX: b\r\n"), WW_HTTP_REFUSED, 400},
    {S(GET HOST "X: a\0b\r\n"), WW_HTTP_REFUSED, 400},
    {S("GET /\0 HTTP/1.1\r\n"), WW_HTTP_REFUSED, 400},
    {S(GET HOST "X: \x7f\r\n"), WW_HTTP_REFUSED, 400},
    {S(GET HOST "\r\r\n"), WW_HTTP_REFUSED, 400},

    /* headers */
    {S(GET END), WW_HTTP_REFUSED, 400},
    {S(GET HOST HOST END), WW_HTTP_REFUSED, 400},
    {S(GET "Host : a\r\n" END), WW_HTTP_REFUSED, 400},
    {S(GET " Host: a\r\n" END), WW_HTTP_REFUSED, 400},
    {S(GET HOST "X: a\r\n b\r\n" END), WW_HTTP_REFUSED, 400},
    {S(GET HOST "\tb\r\n" END), WW_HTTP_REFUSED, 400},
    {S(GET HOST ": a\r\n" END), WW_HTTP_REFUSED, 400},
    {S(GET HOST "X\r\n" END), WW_HTTP_REFUSED, 400},

    /* how long the body is */
    {S(POST "Content-Length: 3\r\nContent-Length: 3\r\n" END), WW_HTTP_REFUSED, 400},
    {S(POST "Content-Length: 3\r\ncontent-length: 5\r\n" END), WW_HTTP_REFUSED, 400},
    {S(POST "Content-Length: 3, 3\r\n" END), WW_HTTP_REFUSED, 400},
    {S(POST "Content-Length: +3\r\n" END), WW_HTTP_REFUSED, 400},
    {S(POST "Content-Length: -1\r\n" END), WW_HTTP_REFUSED, 400},
    {S(POST "Content-Length: 0x3\r\n" END), WW_HTTP_REFUSED, 400},
    {S(POST "Content-Length:\r\n" END), WW_HTTP_REFUSED, 400},
    {S(POST "Content-Length: 18446744073709551619\r\n" END), WW_HTTP_REFUSED, 400},
    {S(POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" END), WW_HTTP_REFUSED, 501},
    {S(POST "Transfer-Encoding: chunked\r\n" END), WW_HTTP_REFUSED, 501},
    {S(POST "transfer-encoding: xchunked\r\n" END), WW_HTTP_REFUSED, 501},
};

static void cuts_or_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_http_head head;
        size_t used = 0;
        enum ww_http_cut r = ww_http_head_cut(cases[i].in, cases[i].n, &head, &used);
        size_t wanted = r == WW_HTTP_WHOLE ? cases[i].n : 0;
        if (r != cases[i].result || head.status != cases[i].status || used != wanted)
            fail_msg("case %zu \"%s\": result %d, status %u, %zu octets used", i, cases[i].in, r, head.status,
                     used);
    }
}

static void asks_for_more_until_it_is_whole(void **state)
{
    static const char request[] = POST "Content-Length: 3\r\n" END;
    (void)state;
    for (size_t n = 0; n < sizeof request - 1; n++) {
        struct ww_http_head head;
        size_t used;
        assert_int_equal(ww_http_head_cut(request, n, &head, &used), WW_HTTP_MORE);
    }
}

static void reads_what_it_says(void **state)
{
    static const char request[] = "PUT /metrics?a=b&c HTTP/1.1\r\n" HOST "Content-Length: 42\r\n"
                                  "Connection: Upgrade, close\r\nEXPECT: 100-Continue\r\n" END "GET";
    (void)state;
    struct ww_http_head head;
    size_t used = 0;
    assert_int_equal(ww_http_head_cut(request, sizeof request - 1, &head, &used), WW_HTTP_WHOLE);
    assert_int_equal(used, sizeof request - 1 - 3);
    assert_true(ww_slice_is(head.method, "PUT"));
    assert_true(ww_slice_is(head.path, "/metrics"));
    assert_true(ww_slice_is(head.query, "a=b&c"));
    assert_int_equal(head.length, 42);
    assert_false(head.keep_alive);
    assert_true(head.expects_continue);
}

static void gives_headers_in_order(void **state)
{
    static const char request[] = GET HOST "X:  b c \r\nY:\r\n" END;
    static const char *const wanted[][2] = {{"Host", "a"}, {"X", "b c"}, {"Y", ""}};
    (void)state;
    struct ww_http_head head;
    struct ww_slice name, value;
    size_t used, pos = 0;
    assert_int_equal(ww_http_head_cut(request, sizeof request - 1, &head, &used), WW_HTTP_WHOLE);
    assert_true(head.keep_alive);
    for (size_t i = 0; i < COUNT(wanted); i++) {
        assert_true(ww_http_next_header(&head, &pos, &name, &value));
        assert_true(ww_slice_is(name, wanted[i][0]));
        assert_true(ww_slice_is(value, wanted[i][1]));
    }
    assert_false(ww_http_next_header(&head, &pos, &name, &value));
}

static void says_who_stays(void **state)
{
    static const struct {
        const char *request;
        bool stays;
    } stayers[] = {
        {GET HOST END, true},
        {GET HOST "Connection: keep-alive\r\n" END, true},
        {GET HOST "Connection: disclose\r\n" END, true},
        {GET HOST "Connection: close\r\n" END, false},
        {GET HOST "Connection: Close , x\r\n" END, false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n" END, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(stayers); i++) {
        struct ww_http_head head;
        size_t used;
        assert_int_equal(ww_http_head_cut(stayers[i].request, strlen(stayers[i].request), &head, &used),
                         WW_HTTP_WHOLE);
        if (head.keep_alive != stayers[i].stays)
            fail_msg("%s", stayers[i].request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_or_refuses),    cmocka_unit_test(asks_for_more_until_it_is_whole),
        cmocka_unit_test(reads_what_it_says), cmocka_unit_test(gives_headers_in_order),
        cmocka_unit_test(says_who_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
