#include "publish/domain_zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1800000000 /* 2027-01-15T08:00:00Z */
#define LATER (NOW + 86400)

static const char *const addresses[] = {"192.0.2.1", "2001:db8::1"};

static void each_state_has_its_records(void **state)
{
    static const struct row {
        enum ww_published_state state;
        const char *rua, *served, *shown, *record, *target;
        bool none, addresses;
        int64_t until;
        const char *text;
    } rows[] = {
        /* Nothing is served: what does no harm goes ahead. */
        {WW_PUBLISHED_DRAFT, "mailto:a@b.example", "", "", "", "", false, false, 0,
         "; mta-sts.example.com has to lead to the server that serves the policy: --target or --address puts "
         "its record "
         "here\n"
         "; not yet: _mta-sts.example.com TXT, for no policy is served\n"
         "_smtp._tls.example.com. 300 IN TXT \"v=TLSRPTv1; rua=mailto:a@b.example;\"\n"},
        {WW_PUBLISHED_TESTING, "", "1a", "", "", "host.example", false, false, 0,
         "; not yet: _mta-sts.example.com TXT, for the policy 1a was not seen at "
         "https://mta-sts.example.com\n"
         "mta-sts.example.com. 300 IN CNAME host.example.\n"},
        {WW_PUBLISHED_TESTING, "", "1a", "1a", "", "", false, true, 0,
         "mta-sts.example.com. 300 IN A 192.0.2.1\n"
         "mta-sts.example.com. 300 IN AAAA 2001:db8::1\n"
         "_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=1a;\"\n"},
        /* The next policy was not seen yet: the record of the one before stays. */
        {WW_PUBLISHED_CHANGING, "", "2b", "1a", "1a", "", false, false, 0,
         "; not yet: _mta-sts.example.com TXT, for the policy 2b was not seen at "
         "https://mta-sts.example.com; the one that "
         "is there stays until then\n"},
        {WW_PUBLISHED_ENFORCE, "", "2b", "2b", "2b", "", false, false, LATER,
         "_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=2b;\"\n"},
        /* Senders may have an older policy. */
        {WW_PUBLISHED_RETIRING, "", "3c", "3c", "2b", "", true, false, LATER,
         "; retiring: senders may have an older policy until 2027-01-16T08:00:00Z; nothing may be removed "
         "before\n"
         "_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=3c;\"\n"},
        {WW_PUBLISHED_RETIRING, "", "2b", "2b", "2b", "", false, false, NOW - 1,
         "_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=2b;\"\n"},
        /* They have forgotten it: the record goes, then the host. */
        {WW_PUBLISHED_RETIRING, "mailto:a@b.example", "3c", "3c", "3c", "", true, false, NOW,
         "; the records of mta-sts.example.com may go when that of _mta-sts is gone, and its TTL is over\n"
         "; _smtp._tls.example.com TXT may stay: reports tell of DANE, and of plain TLS, too\n"
         "; remove: _mta-sts.example.com. TXT\n"},
        {WW_PUBLISHED_RETIRING, "", "3c", "3c", "", "", true, false, NOW,
         "; remove: _mta-sts.example.com. TXT\n"
         "; remove: mta-sts.example.com. CNAME\n"
         "; remove: mta-sts.example.com. A\n"
         "; remove: mta-sts.example.com. AAAA\n"},
        {WW_PUBLISHED_GONE, "", "", "", "3c", "", false, false, 0,
         "; remove: _mta-sts.example.com. TXT\n"
         "; remove: mta-sts.example.com. CNAME\n"
         "; remove: mta-sts.example.com. A\n"
         "; remove: mta-sts.example.com. AAAA\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct ww_domain_zone in = {
            .now = NOW,
            .domain = "example.com",
            .state = r->state,
            .rua = r->rua,
            .served_id = r->served,
            .served_none = r->none,
            .binds_until = r->until,
            .shown_id = r->shown,
            .record_id = r->record,
            .ttl = 300,
            .target = r->target,
        };
        struct ww_domain_zone_room room;
        struct ww_zone zone;
        char text[4096];
        struct ww_buf b = ww_buf(text, sizeof text - 1);
        if (r->addresses) {
            in.ipv4[in.ipv4_count++] = addresses[0];
            in.ipv6[in.ipv6_count++] = addresses[1];
        }
        ww_domain_zone(&in, &room, &zone);
        ww_zone_put(&b, &zone, WW_ZONE_BIND);
        assert_false(b.failed);
        text[b.n] = '\0';
        assert_string_equal(text, r->text);
    }
}

/* The longest names and texts find room. */
static void what_is_long_is_whole(void **state)
{
    (void)state;
    char domain[WW_DNAME_SIZE - 16], rua[WW_PUBLISHED_RUA_SIZE], target[WW_DNAME_SIZE],
        text[WW_ZONE_TEXT_MAX];
    memset(domain, 'a', sizeof domain - 1);
    memset(rua, 'b', sizeof rua - 1);
    memset(target, 'c', sizeof target - 1);
    domain[sizeof domain - 1] = rua[sizeof rua - 1] = target[sizeof target - 1] = '\0';
    const struct ww_domain_zone in = {
        .domain = domain,
        .state = WW_PUBLISHED_ENFORCE,
        .rua = rua,
        .served_id = "12345678901234567890123456789012",
        .shown_id = "12345678901234567890123456789012",
        .record_id = "",
        .ttl = UINT32_MAX,
        .target = target,
    };
    struct ww_domain_zone_room room;
    struct ww_zone zone;
    ww_domain_zone(&in, &room, &zone);
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    ww_zone_put(&b, &zone, WW_ZONE_NSUPDATE);
    assert_false(b.failed);
    text[b.n] = '\0';
    assert_non_null(strstr(text, "id=12345678901234567890123456789012;\""));
    assert_int_equal(zone.count, 3);
    assert_int_equal(strlen(zone.changes[0].values[0]), strlen("v=TLSRPTv1; rua=;") + sizeof rua - 1);
    assert_int_equal(strlen(zone.changes[1].values[0]), sizeof target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_records),
        cmocka_unit_test(what_is_long_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
