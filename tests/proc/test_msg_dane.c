/* Surveys for DANE as messages: there and back, and cut at every length. */
#include "proc/msg.h"
#include "proc/msg_dane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char bytes[WW_MSG_DANE_SURVEY_MAX];
static struct ww_dane_survey in, out;

static void fill_host(struct ww_dane_host *h, uint16_t preference)
{
    memset(h->name, 'h', sizeof h->name - 1);
    memset(h->alias, 'a', sizeof h->alias - 1);
    memset(h->detail, ' ', sizeof h->detail - 1);
    h->preference = preference;
    h->settled = true;
    h->no_address = preference % 2 == 0;
    h->state = WW_DANE_LOOKUP_FAILED;
    h->base = WW_DANE_ASK_TLSA;
    h->why = WW_E_DNS_TIMEOUT;
    for (uint32_t q = 0; q < WW_DANE_QUESTIONS; q++)
        h->answers[q] = (struct ww_dane_answer){.progress = WW_DANE_NO_ANSWER,
                                                .err = WW_E_DNS_BOGUS,
                                                .dnssec = WW_DNSSEC_BOGUS,
                                                .ttl = UINT32_MAX - q,
                                                .count = UINT16_MAX};
    h->record_count = WW_DANE_RECORDS_MAX;
    for (uint8_t i = 0; i < WW_DANE_RECORDS_MAX; i++) {
        struct ww_dane_record *r = &h->records[i];
        r->usage = i;
        r->selector = 255;
        r->matching = 2;
        r->unusable = WW_E_TLSA_USAGE;
        r->size = i % 2 == 0 ? UINT16_MAX : 32;
        memset(r->data, i, i % 2 == 0 ? sizeof r->data : 32);
    }
}

static void fill(void)
{
    memset(&in, 0, sizeof in);
    in.outcome = WW_MX_LISTED;
    in.mx_dnssec = WW_DNSSEC_SECURE;
    in.mx_ttl = UINT32_MAX;
    in.why = WW_E_DNS_SERVFAIL;
    memset(in.detail, '\1', sizeof in.detail - 1);
    in.validating = in.never_validated = in.more = true;
    in.lifetime = WW_DANE_LIFETIME_MAX;
    in.count = WW_DANE_HOSTS_MAX;
    for (size_t i = 0; i < in.count; i++)
        fill_host(&in.hosts[i], (uint16_t)i);
}

static struct ww_buf written(void)
{
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_msg_put_dane_survey(&b, &in);
    return b;
}

static void the_largest_arrives(void **state)
{
    (void)state;
    fill();
    struct ww_buf b = written();
    assert_false(b.failed);
    memset(&out, 0xff, sizeof out);
    assert_int_equal(ww_msg_get_dane_survey(ww_slice(b.p, b.n), &out), WW_OK);
    assert_int_equal(out.count, in.count);
    for (size_t i = 0; i < in.count; i++) {
        const struct ww_dane_host *a = &in.hosts[i], *z = &out.hosts[i];
        assert_int_equal(z->preference, i);
        assert_string_equal(z->name, a->name);
        assert_string_equal(z->alias, a->alias);
        assert_string_equal(z->detail, a->detail);
        assert_true(z->settled);
        assert_int_equal(z->no_address, a->no_address);
        assert_int_equal(z->state, a->state);
        assert_int_equal(z->base, a->base);
        assert_int_equal(z->why, a->why);
        assert_memory_equal(z->answers, a->answers, sizeof a->answers);
        assert_int_equal(z->record_count, a->record_count);
        for (size_t k = 0; k < a->record_count; k++) {
            assert_int_equal(z->records[k].usage, k);
            assert_int_equal(z->records[k].unusable, WW_E_TLSA_USAGE);
            assert_int_equal(z->records[k].size, a->records[k].size);
            assert_memory_equal(z->records[k].data, a->records[k].data, sizeof a->records[k].data);
        }
    }
    assert_int_equal(out.outcome, in.outcome);
    assert_int_equal(out.mx_dnssec, in.mx_dnssec);
    assert_int_equal(out.mx_ttl, in.mx_ttl);
    assert_int_equal(out.why, in.why);
    assert_string_equal(out.detail, in.detail);
    assert_true(out.validating && out.never_validated && out.more);
    assert_int_equal(out.lifetime, in.lifetime);
    for (size_t n = 0; n < b.n; n += n < 2000 ? 1 : 97)
        assert_int_equal(ww_msg_get_dane_survey(ww_slice(b.p, n), &out), WW_E_MSG_MALFORMED);
}

static void a_flights_survey_arrives(void **state)
{
    (void)state;
    static struct ww_msg_surveyed surveyed;
    static char space[WW_MSG_DANE_SURVEY_MAX + 8];
    fill();
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_surveyed(&b, UINT64_MAX - 7, &in);
    assert_false(b.failed);
    assert_int_equal(ww_msg_get_surveyed(ww_slice(b.p, b.n), &surveyed), WW_OK);
    assert_int_equal(surveyed.flight, UINT64_MAX - 7);
    assert_int_equal(surveyed.survey.count, in.count);
    assert_int_equal(ww_msg_get_surveyed(ww_slice(b.p, b.n - 1), &surveyed), WW_E_MSG_MALFORMED);
    assert_int_equal(ww_msg_get_surveyed(ww_slice(b.p, 7), &surveyed), WW_E_MSG_MALFORMED);
}

static void none_lives_longer_than_it_may(void **state)
{
    (void)state;
    fill();
    in.lifetime++;
    struct ww_buf b = written();
    assert_int_equal(ww_msg_get_dane_survey(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
}

static void hosts_that_are_not_settled_are_not_written(void **state)
{
    (void)state;
    fill();
    in.hosts[3].settled = false;
    assert_true(written().failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_arrives),
        cmocka_unit_test(a_flights_survey_arrives),
        cmocka_unit_test(none_lives_longer_than_it_may),
        cmocka_unit_test(hosts_that_are_not_settled_are_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
