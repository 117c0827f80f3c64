#include "core/dns_answer.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Pieces of packets. Names are at fixed places: the question's at 12, its "example" at 21; answers begin
 * at 34. */
#define HEADER(flags, answers, authority) "\x12\x34" flags "\0\1\0" answers "\0" authority "\0\0"
#define GOOD "\x81\x80"
#define NXDOMAIN "\x81\x83"
#define NAME "\x08_mta-sts\7example\0"
#define QUESTION NAME "\0\x10\0\1"
#define SAME "\xc0\x0c"
#define EXAMPLE "\xc0\x15"
#define TXT "\0\x10\0\1"
#define CNAME "\0\5\0\1"
#define SOA "\0\6\0\1"
#define RRSIG "\0\x2e\0\1"
#define TTL60 "\0\0\0\x3c"
#define TTL30 "\0\0\0\x1e"
#define TTL_NEGATIVE "\x80\0\0\x3c"
#define SOA_RDATA(minimum) "\0\x18" EXAMPLE EXAMPLE "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4" minimum
#define PACKET(bytes) .packet = (bytes), .n = sizeof(bytes) - 1

struct sample {
    const char *what;
    const char *packet;
    size_t n;
    enum ww_err err;
    unsigned rcode;
    size_t count;
    uint32_t ttl;
    uint32_t longest; /* 0: the same */
    const char *owner;
    const char *first; /* TXT */
};

static const struct sample samples[] = {
    {"one record", PACKET(HEADER(GOOD, "\1", "\0") QUESTION SAME TXT TTL60 "\0\3\2hi"), .count = 1, .ttl = 60,
     .owner = "_mta-sts.example", .first = "hi"},
    {"upper case in the answer",
     PACKET(HEADER(GOOD, "\1", "\0") QUESTION "\x08_MTA-STS\7Example\0" TXT TTL60 "\0\3\2hi"), .count = 1,
     .ttl = 60, .owner = "_mta-sts.example", .first = "hi"},
    {"two records, smallest TTL",
     PACKET(HEADER(GOOD, "\2", "\0") QUESTION SAME TXT TTL60 "\0\3\2hi" SAME TXT TTL30 "\0\2\1x"), .count = 2,
     .ttl = 30, .owner = "_mta-sts.example", .first = "hi"},
    {"two strings are joined", PACKET(HEADER(GOOD, "\1", "\0") QUESTION SAME TXT TTL60 "\0\6\2hi\2ho"),
     .count = 1, .ttl = 60, .owner = "_mta-sts.example", .first = "hiho"},
    {"an empty string is one", PACKET(HEADER(GOOD, "\1", "\0") QUESTION SAME TXT TTL60 "\0\1\0"), .count = 1,
     .ttl = 60, .owner = "_mta-sts.example", .first = ""},
    {"signatures and other names are passed over",
     PACKET(HEADER(GOOD, "\3", "\0") QUESTION SAME RRSIG TTL30 "\0\2\1x" EXAMPLE TXT TTL30
                                                               "\0\2\1x" SAME TXT TTL60 "\0\3\2hi"),
     .count = 1, .ttl = 60, .owner = "_mta-sts.example", .first = "hi"},
    {"another class is passed over",
     PACKET(HEADER(GOOD, "\1", "\0") QUESTION SAME "\0\x10\0\3" TTL60 "\0\3\2hi"),
     .owner = "_mta-sts.example"},
    {"a TTL with the top bit set is 0",
     PACKET(HEADER(GOOD, "\1", "\0") QUESTION SAME TXT TTL_NEGATIVE "\0\3\2hi"), .count = 1, .ttl = 0,
     .owner = "_mta-sts.example", .first = "hi"},
    {"an alias",
     PACKET(HEADER(GOOD, "\2", "\0") QUESTION SAME CNAME TTL30 "\0\4\1a" EXAMPLE "\1a" EXAMPLE TXT TTL60
                                                               "\0\3\2hi"),
     .count = 1, .ttl = 30, .longest = 60, .owner = "a.example", .first = "hi"},
    {"aliases in any order",
     PACKET(HEADER(GOOD, "\3", "\0") QUESTION "\1b" EXAMPLE TXT TTL60 "\0\3\2hi"
                                              "\1a" EXAMPLE CNAME TTL30 "\0\4\1b" EXAMPLE SAME CNAME TTL60
                                              "\0\4\1A" EXAMPLE),
     .count = 1, .ttl = 30, .longest = 60, .owner = "b.example", .first = "hi"},
    {"an alias that leads nowhere",
     PACKET(HEADER(NXDOMAIN, "\1", "\1") QUESTION SAME CNAME TTL60
            "\0\4\1a" EXAMPLE EXAMPLE SOA TTL60 SOA_RDATA(TTL30)),
     .rcode = 3, .ttl = 30, .owner = "a.example"},
    {"an alias to itself", PACKET(HEADER(GOOD, "\1", "\0") QUESTION SAME CNAME TTL60 "\0\2" SAME),
     .err = WW_E_DNS_ALIASES},
    {"an alias of strange octets",
     PACKET(HEADER(GOOD, "\1", "\0") QUESTION SAME CNAME TTL60 "\0\7\5a.\\ \xff\0"),
     .owner = "a\\.\\\\\\032\\255"},
    {"an alias with octets behind its name",
     PACKET(HEADER(GOOD, "\1", "\0") QUESTION SAME CNAME TTL60 "\0\3\0xx"), .err = WW_E_DNS_MALFORMED},
    {"no such name", PACKET(HEADER(NXDOMAIN, "\0", "\1") QUESTION EXAMPLE SOA TTL60 SOA_RDATA(TTL30)),
     .rcode = 3, .ttl = 30, .owner = "_mta-sts.example"},
    {"no such record: the SOA's own TTL is smaller",
     PACKET(HEADER(GOOD, "\0", "\2") QUESTION EXAMPLE RRSIG TTL30 "\0\0" EXAMPLE SOA TTL30 SOA_RDATA(TTL60)),
     .ttl = 30, .owner = "_mta-sts.example"},
    {"nothing at all is not to be kept", PACKET(HEADER(GOOD, "\0", "\0") QUESTION),
     .owner = "_mta-sts.example"},
    {"a SOA that is too short",
     PACKET(HEADER(GOOD, "\0", "\1") QUESTION EXAMPLE SOA TTL60 "\0\6" EXAMPLE EXAMPLE "\0\1"),
     .err = WW_E_DNS_MALFORMED},
    {"an error code", PACKET(HEADER("\x81\x85", "\0", "\0") QUESTION), .rcode = 5,
     .owner = "_mta-sts.example"},
    {"a question", PACKET(HEADER("\x01\x00", "\0", "\0") QUESTION), .err = WW_E_DNS_MALFORMED},
    {"another operation", PACKET(HEADER("\xa1\x80", "\0", "\0") QUESTION), .err = WW_E_DNS_MALFORMED},
    {"cut short by the server", PACKET(HEADER("\x83\x80", "\0", "\0") QUESTION), .err = WW_E_DNS_CUT},
    {"another name", PACKET(HEADER(GOOD, "\0", "\0") "\x08_mta-stz\7example\0" TXT),
     .err = WW_E_DNS_MISMATCH},
    {"another type", PACKET(HEADER(GOOD, "\0", "\0") NAME "\0\1\0\1"), .err = WW_E_DNS_MISMATCH},
    {"another class", PACKET(HEADER(GOOD, "\0", "\0") NAME "\0\x10\0\3"), .err = WW_E_DNS_MISMATCH},
    {"no question", PACKET("\x12\x34" GOOD "\0\0\0\0\0\0\0\0"), .err = WW_E_DNS_MALFORMED},
    {"half a header", PACKET("\x12\x34" GOOD), .err = WW_E_DNS_MALFORMED},
    {"nothing", PACKET(""), .err = WW_E_DNS_MALFORMED},
    {"fewer records than promised", PACKET(HEADER(GOOD, "\2", "\0") QUESTION SAME TXT TTL60 "\0\3\2hi"),
     .err = WW_E_DNS_MALFORMED},
    {"RDATA over the end", PACKET(HEADER(GOOD, "\1", "\0") QUESTION SAME TXT TTL60 "\0\4\2hi"),
     .err = WW_E_DNS_MALFORMED},
    {"a pointer to itself", PACKET(HEADER(GOOD, "\1", "\0") QUESTION "\xc0\x22" TXT TTL60 "\0\3\2hi"),
     .err = WW_E_DNS_MALFORMED},
    {"a pointer forwards", PACKET(HEADER(GOOD, "\1", "\0") QUESTION "\xc0\x24" TXT TTL60 "\0\3\2hi"),
     .err = WW_E_DNS_MALFORMED},
    {"a pointer beyond the end", PACKET(HEADER(GOOD, "\1", "\0") QUESTION "\xff\xff" TXT TTL60 "\0\3\2hi"),
     .err = WW_E_DNS_MALFORMED},
    {"labels in a circle", PACKET(HEADER(GOOD, "\1", "\0") QUESTION "\1a\xc0\x22" TXT TTL60 "\0\3\2hi"),
     .err = WW_E_DNS_MALFORMED},
    {"half a pointer", PACKET(HEADER(GOOD, "\1", "\0") QUESTION "\xc0"), .err = WW_E_DNS_MALFORMED},
    {"a label type of old",
     PACKET(HEADER(GOOD, "\1", "\0") QUESTION "\x41"
                                              "a\0" TXT TTL60 "\0\3\2hi"),
     .err = WW_E_DNS_MALFORMED},
};

static void first_text(struct ww_dns_answer *a, const struct sample *s)
{
    struct ww_dns_rr rr;
    char text[256];
    size_t n = 0;
    size_t count = 0;
    while (ww_dns_answer_next(a, &rr)) {
        assert_int_equal(ww_dns_txt_join(rr.rdata, text, sizeof text, &n), WW_OK);
        assert_ptr_equal(rr.rdata.p, s->packet + rr.rdata_at);
        if (count++ == 0 && !ww_slice_is(ww_slice(text, n), s->first))
            fail_msg("%s: %.*s", s->what, (int)n, text);
    }
    assert_int_equal(count, s->count);
}

static void answers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        const struct sample *s = &samples[i];
        struct ww_dns_answer a;
        enum ww_err err = ww_dns_answer_open(&a, s->packet, s->n, "_mta-sts.example", WW_DNS_TYPE_TXT);
        if (err != s->err)
            fail_msg("%s: %s", s->what, ww_err_id(err));
        if (err == WW_OK && (a.rcode != s->rcode || a.count != s->count || a.ttl != s->ttl))
            fail_msg("%s: rcode %u count %zu ttl %u", s->what, a.rcode, a.count, a.ttl);
        if (err == WW_OK && s->count > 0 && a.longest_ttl != (s->longest > 0 ? s->longest : s->ttl))
            fail_msg("%s: longest ttl %u", s->what, a.longest_ttl);
        if (err == WW_OK)
            assert_string_equal(a.owner, s->owner);
        first_text(&a, s);
    }
}

/* A chain of aliases l0 -> l1 -> …, with one TXT record at its end. */
static size_t chain(char *packet, size_t cap, unsigned aliases)
{
    struct ww_buf b = ww_buf(packet, cap);
    ww_buf_bytes(&b, HEADER(GOOD, "\0", "\0"), 12);
    packet[7] = (char)(aliases + 1);
    ww_buf_bytes(&b, "\2aa\0" TXT, 8);
    for (unsigned i = 0; i < aliases; i++) {
        char rr[] = "\2aa\0" CNAME TTL60 "\0\4\2aa\0";
        rr[2] = (char)('a' + i);
        rr[16] = (char)('a' + i + 1);
        ww_buf_bytes(&b, rr, sizeof rr - 1);
    }
    char rr[] = "\2aa\0" TXT TTL60 "\0\3\2hi";
    rr[2] = (char)('a' + aliases);
    ww_buf_bytes(&b, rr, sizeof rr - 1);
    assert_false(b.failed);
    return b.n;
}

static void sixteen_aliases_are_followed(void **state)
{
    char packet[1024];
    struct ww_dns_answer a;
    (void)state;
    size_t n = chain(packet, sizeof packet, 16);
    assert_int_equal(ww_dns_answer_open(&a, packet, n, "aa.", WW_DNS_TYPE_TXT), WW_OK);
    assert_int_equal(a.count, 1);
    assert_string_equal(a.owner, "aq");
    n = chain(packet, sizeof packet, 17);
    assert_int_equal(ww_dns_answer_open(&a, packet, n, "aa", WW_DNS_TYPE_TXT), WW_E_DNS_ALIASES);
}

static void the_longest_name_is_read(void **state)
{
    char packet[512];
    char qname[256];
    struct ww_buf b = ww_buf(packet, sizeof packet);
    struct ww_buf q = ww_buf(qname, sizeof qname);
    struct ww_dns_answer a;
    (void)state;
    ww_buf_bytes(&b, HEADER(GOOD, "\0", "\0"), 12);
    for (int i = 0; i < 4; i++) {
        int length = i < 3 ? 63 : 61;
        ww_buf_u8(&b, (uint8_t)length);
        for (int k = 0; k < length; k++) {
            ww_buf_char(&b, 'X');
            ww_buf_char(&q, 'x');
        }
        ww_buf_char(&q, i < 3 ? '.' : '\0');
    }
    ww_buf_bytes(&b, "\0" TXT, 5);
    assert_int_equal(ww_dns_answer_open(&a, packet, b.n, qname, WW_DNS_TYPE_TXT), WW_OK);
    assert_string_equal(a.owner, qname);

    /* One octet more in the last label is one more than a name may have. */
    packet[12 + 3 * 64] = 62;
    memmove(packet + 12 + 3 * 64 + 2, packet + 12 + 3 * 64 + 1, 61 + 5);
    packet[12 + 3 * 64 + 1] = 'X';
    assert_int_equal(ww_dns_answer_open(&a, packet, b.n + 1, qname, WW_DNS_TYPE_TXT), WW_E_DNS_MALFORMED);
}

static void aliases_and_zones_are_told(void **state)
{
    static const char aliased[] = HEADER(GOOD, "\2", "\0") QUESTION SAME CNAME TTL30
        "\0\4\1a" EXAMPLE "\1a" EXAMPLE CNAME TTL30 "\0\4\1b" EXAMPLE;
    static const char none[] = HEADER("\x85\x83", "\0", "\2") QUESTION SAME RRSIG TTL30
        "\0\1x" EXAMPLE SOA TTL60 SOA_RDATA("\0\0\0\5");
    static const struct {
        const char *owner, *target;
    } cases[] = {{"_mta-sts.example", "a.example"}, {"a.example", "b.example"}, {"b.example", NULL}};
    char name[WW_DNS_NAME_TEXT_SIZE];
    struct ww_dns_answer a;
    (void)state;
    assert_int_equal(ww_dns_answer_open(&a, aliased, sizeof aliased - 1, "_mta-sts.example", WW_DNS_TYPE_TXT),
                     WW_OK);
    assert_false(a.authoritative);
    assert_false(ww_dns_answer_zone(&a, name));
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(ww_dns_answer_alias(&a, cases[i].owner, name), cases[i].target != NULL);
        if (cases[i].target != NULL)
            assert_string_equal(name, cases[i].target);
    }
    assert_int_equal(ww_dns_answer_open(&a, none, sizeof none - 1, "_mta-sts.example", WW_DNS_TYPE_TXT),
                     WW_OK);
    assert_true(a.authoritative);
    assert_true(ww_dns_answer_zone(&a, name));
    assert_string_equal(name, "example");
    assert_false(ww_dns_answer_alias(&a, "_mta-sts.example", name));
}

static void the_root_can_be_asked(void **state)
{
    static const char packet[] = HEADER(GOOD, "\0", "\0") "\0" SOA;
    struct ww_dns_answer a;
    (void)state;
    assert_int_equal(ww_dns_answer_open(&a, packet, sizeof packet - 1, ".", WW_DNS_TYPE_SOA), WW_OK);
    assert_string_equal(a.owner, "");
}

static void character_strings_are_joined(void **state)
{
    static const struct {
        struct ww_slice rdata;
        size_t cap;
        enum ww_err err;
        const char *text;
    } cases[] = {
        {{"\2hi\3you", 7}, 5, WW_OK, "hiyou"},
        {{"\2hi\3you", 7}, 4, WW_E_TOO_LONG, NULL},
        {{"\0\0\1x", 4}, 5, WW_OK, "x"},
        {{"\0", 1}, 0, WW_OK, ""},
        {{"", 0}, 5, WW_E_DNS_MALFORMED, NULL},
        {{"\3hi", 3}, 5, WW_E_DNS_MALFORMED, NULL},
        {{"\2hi\1", 4}, 5, WW_E_DNS_MALFORMED, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[8];
        size_t n = 0;
        assert_int_equal(ww_dns_txt_join(cases[i].rdata, out, cases[i].cap, &n), cases[i].err);
        if (cases[i].err == WW_OK)
            assert_true(ww_slice_is(ww_slice(out, n), cases[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_read),         cmocka_unit_test(sixteen_aliases_are_followed),
        cmocka_unit_test(the_longest_name_is_read), cmocka_unit_test(aliases_and_zones_are_told),
        cmocka_unit_test(the_root_can_be_asked),    cmocka_unit_test(character_strings_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
