/* Reports of others in the store: what counts once, what takes whose place, sums, age, and how much a day may
 * have. */
#include "received_fixture.h"

#include <sqlite3.h>

static void a_report_is_kept_as_it_is(void **state)
{
    struct made m = make("Sender Inc.", "id-1", DAY);
    struct ww_received_facts f;
    (void)state;
    add_policy(&m, "sts", "example.com", 10, 2);
    add_failure(&m, "certificate-expired", "mx1.example.com", 2);
    m.facts.verified = true;
    m.facts.dkim = (struct ww_dkim_fact){WW_DKIM_PASS, "sender.example", "s1", true, ""};
    ww_deviations_add(&m.facts.deviations, WW_E_GZIP, WW_SEVERITY_WARNING, "policies[0].summary count");
    ww_deviations_add(&m.facts.deviations, WW_E_GZIP, WW_SEVERITY_WARNING, "x");
    ww_deviations_add(&m.facts.deviations, WW_E_DKIM_KEY, WW_SEVERITY_INFO, "");
    (void)snprintf(m.facts.sender, sizeof m.facts.sender, "sender.example");
    uint64_t number = put_new(&m);
    reopen();
    assert_int_equal(ww_received_get(store, number, &f), WW_OK);
    assert_string_equal(f.domain, "example.com");
    assert_string_equal(f.sender, "sender.example");
    assert_true(f.verified);
    assert_string_equal(f.organization, "Sender Inc.");
    assert_string_equal(f.contact, "tls@sender.example");
    assert_string_equal(f.report_id, "id-1");
    assert_int_equal(f.begin, DAY * WW_DAY_SECONDS);
    assert_int_equal(f.end, (DAY + 1) * WW_DAY_SECONDS - 1);
    assert_string_equal(f.peer, "192.0.2.1");
    assert_int_equal(f.came_at, NOW);
    assert_int_equal(f.dkim.result, WW_DKIM_PASS);
    assert_true(f.dkim.aligned);
    assert_string_equal(f.dkim.selector, "s1");
    assert_int_equal(f.policies, 1);
    assert_int_equal(f.success, 10);
    assert_int_equal(f.failure, 2);
    assert_int_equal(f.content_n, 7);
    assert_int_equal(f.deviations.count, 2);
    assert_int_equal(f.deviations.list[0].rule, WW_E_GZIP);
    assert_int_equal(f.deviations.list[0].count, 2);
    assert_string_equal(f.deviations.list[0].at, "policies[0].summary count");
    assert_string_equal(f.deviations.list[1].at, "");
    assert_int_equal(f.deviations.list[1].severity, WW_SEVERITY_INFO);
    assert_string_equal(content(number), "content");
    assert_string_equal(rows(number, "", 0, 10),
                        "example.com 0 sts example.com [version: STSv1\n] [] 10/2 certificate-expired "
                        "mx1.example.com 2; ");
    assert_int_equal(ww_received_get(store, number + 1, &f), WW_E_NOT_KNOWN);
    assert_int_equal(ww_received_content(store, number + 1, on_content, NULL), WW_E_NOT_KNOWN);
}

/* Each row: what is there, what comes, and what becomes of it. */
static void what_came_before_counts_once(void **state)
{
    static const struct {
        const char *sender; /* NULL: not verified */
        const char *organization, *id;
        int64_t day;
        const char *domain;
    } first = {NULL, "Sender", "id", DAY, "example.com"},
      signed_first = {"sender.example", "Sender", "id", DAY, "example.com"};
    static const struct {
        bool after_signed;
        const char *sender, *organization, *id;
        int64_t day;
        const char *domain;
        enum ww_received_fate fate;
        int left; /* reports of example.com's range */
    } cases[] = {
        {false, NULL, "Sender", "id", DAY, "example.com", WW_RECEIVED_AGAIN, 1},
        {false, NULL, "SENDER", "id", DAY, "example.com", WW_RECEIVED_AGAIN, 1},
        {false, NULL, "Other", "id", DAY, "example.com", WW_RECEIVED_NEW, 2},
        {false, NULL, "Sender", "other", DAY, "example.com", WW_RECEIVED_NEW, 2},
        {false, NULL, "Sender", "id", DAY + 1, "example.com", WW_RECEIVED_NEW, 2},
        {false, NULL, "Sender", "id", DAY, "example.net", WW_RECEIVED_NEW, 2},
        {false, "sender.example", "sender", "id", DAY, "example.com", WW_RECEIVED_NEW, 1},
        {false, "sender.example", "Other", "id", DAY, "example.com", WW_RECEIVED_NEW, 2},
        {false, "sender.example", "Sender", "id", DAY + 1, "example.com", WW_RECEIVED_NEW, 2},
        {true, NULL, "Sender", "id", DAY, "example.com", WW_RECEIVED_AGAIN, 1},
        {true, NULL, "Other", "id", DAY, "example.com", WW_RECEIVED_NEW, 2},
        {true, "sender.example", "Sender", "id", DAY, "example.com", WW_RECEIVED_AGAIN, 1},
        {true, "sender.example", "Another name", "id", DAY, "example.com", WW_RECEIVED_AGAIN, 1},
        {true, "evil.example", "Sender", "id", DAY, "example.com", WW_RECEIVED_NEW, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *signer = cases[i].after_signed ? signed_first.sender : NULL;
        struct made a = make(first.organization, first.id, first.day);
        struct made b = make(cases[i].organization, cases[i].id, cases[i].day);
        uint64_t number;
        add_policy(&a, "sts", first.domain, 5, 1);
        add_failure(&a, "certificate-expired", "mx.example.com", 1);
        add_policy(&b, "sts", cases[i].domain, 7, 2);
        sign(&a, signer);
        sign(&b, cases[i].sender);
        uint64_t old = put_new(&a);
        assert_int_equal(put(&b, &number), cases[i].fate);
        if (cases[i].fate == WW_RECEIVED_AGAIN)
            assert_int_equal(number, old);
        assert_int_equal(count("SELECT count(*) FROM received"), cases[i].left);
        assert_int_equal(count("SELECT count(*) FROM received_domain"), cases[i].left);
        assert_int_equal(count("SELECT sum(reports) FROM received_day"), cases[i].left);
        assert_sums_fit();
        clear();
    }
}

static void only_some_domains_may_be_new(void **state)
{
    struct made a = make("Sender", "id", DAY), b = make("Sender", "id", DAY);
    struct ww_received_facts f;
    uint64_t number;
    (void)state;
    add_policy(&a, "sts", "a.example", 1, 0);
    add_policy(&a, "sts", "b.example", 10, 0);
    add_policy(&a, "sts", "b.example", 100, 1);
    uint64_t first = put_new(&a);
    add_policy(&b, "sts", "b.example", 1000, 0);
    add_policy(&b, "sts", "c.example", 2000, 0);
    sign(&b, "sender.example");
    assert_int_equal(put(&b, &number), WW_RECEIVED_NEW);
    assert_int_equal(ww_received_get(store, first, &f), WW_OK); /* b.example is not its any more */
    assert_int_equal(f.policies, 1);
    assert_int_equal(f.success, 1);
    assert_int_equal(f.failure, 0);
    assert_string_equal(rows(first, "", 0, 10), "a.example 0 sts a.example [version: STSv1\n] [] 1/0; ");
    assert_int_equal(count("SELECT success FROM received_day WHERE domain = 'b.example'"), 1000);
    assert_sums_fit();
    assert_int_equal(ww_received_remove(store, number), WW_OK);
    assert_int_equal(ww_received_remove(store, first), WW_OK);
    assert_int_equal(ww_received_remove(store, first), WW_E_NOT_KNOWN);
    assert_int_equal(
        count("SELECT (SELECT count(*) FROM received_policy) + (SELECT count(*) FROM received_day)"
              " + (SELECT count(*) FROM received_sender) + (SELECT count(*) FROM received_pair)"
              " + (SELECT count(*) FROM received_failure)"),
        0);
}

static void recipient_domains_are_found(void **state)
{
    struct made m = make("Sender", "id", DAY);
    (void)state;
    add_policy(&m, "tlsa", "mx1.example.net", 1, 0);
    add_policy(&m, "no-policy-found", "", 2, 0);
    add_policy(&m, "sts", "example.com", 4, 0);
    uint64_t number = put_new(&m);
    assert_int_equal(count("SELECT success FROM received_day WHERE domain = 'example.com'"), 7);
    assert_int_equal(ww_received_remove(store, number), WW_OK);
    m.new.about = "example.org";
    (void)put_new(&m);
    assert_int_equal(count("SELECT success FROM received_day WHERE domain = 'example.org'"), 3);
    assert_int_equal(count("SELECT success FROM received_day WHERE domain = 'example.com'"), 4);
    assert_int_equal(count("SELECT count(*) FROM received WHERE domain = 'example.org'"), 1);
}

static void other_domains_are_not_kept(void **state)
{
    char com[] = "example.com", net[] = "example.net";
    char *const domains[] = {com, net, NULL};
    struct made m = make("Sender", "id", DAY), other = make("Sender", "id", DAY);
    struct ww_received_facts f;
    uint64_t number;
    (void)state;
    add_policy(&m, "sts", "example.org", 1, 0);
    add_policy(&m, "sts", "example.net", 2, 0);
    add_policy(&m, "sts", "www.example.com", 4, 0);
    m.new.domains = other.new.domains = domains;
    number = put_new(&m);
    assert_int_equal(ww_received_get(store, number, &f), WW_OK);
    assert_int_equal(f.policies, 1);
    assert_string_equal(f.domain, "example.net");
    assert_int_equal(count("SELECT count(*) FROM received_day"), 1);
    add_policy(&other, "sts", "example.org", 1, 0);
    assert_int_equal(put(&other, &number), WW_RECEIVED_OTHERS);
    assert_int_equal(number, 0);
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const char *const names[] = {"Example.com", "example.com.", "a..b", "a b", "-"};
    static const int64_t times[] = {-1, INT64_MAX, INT64_MIN, INT64_C(253402300800)};
    enum ww_received_fate fate;
    uint64_t number;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct made m = make("Sender", "id", DAY);
        add_policy(&m, "sts", names[i], 1, 0);
        bind(&m);
        assert_int_equal(ww_received_put(store, &m.new, &fate, &number), WW_E_MSG_MALFORMED);
    }
    for (size_t i = 0; i < 2 * sizeof times / sizeof *times; i++) {
        struct made m = make("Sender", "id", DAY);
        add_policy(&m, "sts", "example.com", 1, 0);
        *(i % 2 == 0 ? &m.report.begin : &m.report.end) = times[i / 2];
        bind(&m);
        assert_int_equal(ww_received_put(store, &m.new, &fate, &number), WW_E_MSG_MALFORMED);
    }
    assert_int_equal(count("SELECT count(*) FROM received"), 0);
}

static void absurd_counts_do_no_harm(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        char id[8];
        (void)snprintf(id, sizeof id, "%d", i);
        struct made m = make("Sender", id, DAY);
        add_policy(&m, "sts", "example.com", INT64_MAX - 1, 1);
        add_policy(&m, "sts", "example.com", INT64_MAX, INT64_MAX);
        add_failure(&m, "certificate-expired", "mx.example.com", INT64_MAX);
        (void)put_new(&m);
    }
    assert_int_equal(count("SELECT success FROM received_day"), 20 * WW_RECEIVED_SESSIONS_MAX);
    assert_string_equal(sums(WW_RECEIVED_SUMS_RESULT, ""),
                        "certificate-expired 21990232555520/0 1 1 20500; ");
    assert_int_equal(
        count(
            "UPDATE received_day SET success = 9223372036854775807, failure = 9007199254740990 RETURNING 1"),
        1);
    assert_string_equal(sums(WW_RECEIVED_SUMS_DOMAIN, ""),
                        "example.com 20 9007199254740991/9007199254740990 0/0 1 1; ");
}

static void a_day_has_so_much_room(void **state)
{
    struct made a = make("Sender", "a", DAY), b = make("Sender", "b", DAY);
    struct ww_received_quarantine q = {.mail = true, .size = 5};
    enum ww_received_fate fate;
    uint64_t number, again;
    (void)state;
    add_policy(&a, "sts", "example.com", 1, 0);
    add_policy(&b, "sts", "example.com", 1, 0);
    a.new.octets = 60;
    b.new.octets = 41;
    a.new.per_day = b.new.per_day = 100;
    (void)put_new(&a);
    bind(&b);
    assert_int_equal(ww_received_put(store, &b.new, &fate, &number), WW_E_RECEIVED_TODAY);
    assert_int_equal(count("SELECT count(*) FROM received"), 1);
    assert_int_equal(put(&a, &number), WW_RECEIVED_AGAIN); /* it costs nothing */
    b.new.octets = 40;
    assert_int_equal(ww_received_put(store, &b.new, &fate, &number), WW_OK);
    q.facts.came_at = NOW;
    assert_int_equal(
        ww_received_quarantine_put(store, &q, ww_slice_str("octets"), ww_slice_str("packed"), 100, &number),
        WW_E_RECEIVED_TODAY);
    q.facts.came_at = NOW + WW_DAY_SECONDS;
    assert_int_equal(
        ww_received_quarantine_put(store, &q, ww_slice_str("octets"), ww_slice_str("packed"), 100, &number),
        WW_OK);
    assert_int_equal(
        ww_received_quarantine_put(store, &q, ww_slice_str("octets"), ww_slice_str("packed"), 0, &again),
        WW_OK);
    assert_int_equal(number, again);
    assert_int_equal(ww_received_quarantine_find(store, ww_slice_str("octets"), &again), WW_OK);
    assert_int_equal(number, again);
    assert_int_equal(ww_received_quarantine_find(store, ww_slice_str("others"), &again), WW_OK);
    assert_int_equal(again, 0);
    assert_int_equal(count("SELECT octets FROM received_volume WHERE reports = 2"), 100);
}

static void quarantine_keeps_what_came(void **state)
{
    struct ww_received_quarantine q = {.mail = true, .size = 9}, out;
    uint64_t numbers[3], removed;
    (void)state;
    q.facts = make("Sender", "id", DAY).facts;
    q.facts.dkim = (struct ww_dkim_fact){.result = WW_DKIM_FAIL, .domain = "sender.example"};
    (void)snprintf(q.facts.organization, sizeof q.facts.organization, "Sender");
    ww_deviations_add(&q.facts.deviations, WW_E_GZIP, WW_SEVERITY_ERROR, "octet 7");
    for (int i = 0; i < 3; i++) {
        char octets[16];
        (void)snprintf(octets, sizeof octets, "octets %d", i);
        assert_int_equal(ww_received_quarantine_put(store, &q, ww_slice_str(octets), ww_slice_str("packed"),
                                                    1000, &numbers[i]),
                         WW_OK);
    }
    assert_int_equal(ww_received_quarantine_get(store, numbers[0], &out), WW_OK);
    assert_string_equal(out.facts.organization, "Sender");
    assert_string_equal(out.facts.mail_from, "noreply@sender.example");
    assert_int_equal(out.facts.dkim.result, WW_DKIM_FAIL);
    assert_true(out.mail);
    assert_int_equal(out.size, 9);
    assert_string_equal(out.facts.deviations.list[0].at, "octet 7");
    assert_int_equal(ww_received_quarantine_octets(store, numbers[0], on_content, NULL), WW_OK);
    assert_int_equal(ww_received_quarantine_get(store, 99, &out), WW_E_NOT_KNOWN);
    assert_string_equal(quarantined(0, 2), "3 2 ");
    assert_string_equal(quarantined(2, 2), "1 ");
    assert_int_equal(ww_received_quarantine_remove(store, numbers[1], 1, &removed), WW_OK);
    assert_int_equal(ww_received_quarantine_remove(store, numbers[1], 1, &removed), WW_E_NOT_KNOWN);
    assert_int_equal(ww_received_quarantine_remove(store, 0, 1, &removed), WW_OK);
    assert_int_equal(removed, 1);
    assert_int_equal(ww_received_quarantine_remove(store, 0, 100, &removed), WW_OK);
    assert_int_equal(removed, 1);
    assert_string_equal(quarantined(0, 9), "");
    assert_int_equal(count("SELECT quarantined FROM received_volume"), 0);
}

static void lists_find_what_is_wanted(void **state)
{
    uint64_t next;
    (void)state;
    put_simple("Alpha", "1", DAY, "a.example", "");
    put_simple("Beta", "2", DAY + 1, "b.example", "certificate-expired");
    put_simple("alpha", "3", DAY + 2, "b.example", "");
    put_simple("Beta", "4", DAY + 3, "a.example", "starttls-not-supported");
    struct ww_received_filter f = {.domain = "", .sender = "", .result = "", .end_day = DAY + 100};
    assert_string_equal(list(&f, 0, 10, &next), "4 3 2 1 ");
    assert_int_equal(next, 0);
    assert_string_equal(list(&f, 0, 3, &next), "4 3 2 ");
    assert_int_equal(next, 2);
    assert_string_equal(list(&f, 2, 3, &next), "1 ");
    f.sender = "alpha";
    assert_string_equal(list(&f, 0, 10, &next), "3 1 ");
    f.domain = "b.example";
    assert_string_equal(list(&f, 0, 10, &next), "3 ");
    f.sender = "";
    f.failed = true;
    assert_string_equal(list(&f, 0, 10, &next), "2 ");
    f.domain = "";
    assert_string_equal(list(&f, 0, 10, &next), "4 2 ");
    f.result = "certificate-expired";
    assert_string_equal(list(&f, 0, 10, &next), "2 ");
    f.domain = "a.example";
    assert_string_equal(list(&f, 0, 10, &next), "");
    f = (struct ww_received_filter){
        .domain = "", .sender = "", .result = "", .first_day = DAY + 1, .end_day = DAY + 3};
    assert_string_equal(list(&f, 0, 10, &next), "3 2 ");
    assert_string_equal(list_up(&f), "2 3 ");
    f.domain = "b.example";
    assert_string_equal(list_up(&f), "2 3 ");
}

static void a_long_list_goes_in_steps(void **state)
{
    struct ww_received_filter f = {.domain = "", .sender = "alpha", .result = "", .end_day = DAY + 100};
    uint64_t next;
    (void)state;
    put_simple("Alpha", "1", DAY, "a.example", "");
    put_simple("Beta", "2", DAY, "a.example", "");
    assert_int_equal(count("UPDATE received SET number = 50001 WHERE number = 2 RETURNING 1"), 1);
    assert_string_equal(list(&f, 0, 10, &next), "");
    assert_true(next > 1 && next < 50001);
    assert_string_equal(list(&f, next, 10, &next), "");
    assert_string_equal(list(&f, next, 10, &next), "1 ");
    assert_int_equal(next, 0);
    f.sender = "beta";
    assert_string_equal(list_up(&f), "50001 ");
}

static void sums_are_those_of_the_reports(void **state)
{
    struct made m = make("Gamma", "9", DAY);
    (void)state;
    put_simple("Alpha", "1", DAY, "a.example", "");
    put_simple("Beta", "2", DAY, "a.example", "certificate-expired");
    put_simple("Alpha", "3", DAY + 1, "b.example", "certificate-expired");
    put_simple("Alpha", "4", DAY + 5, "b.example", "sts-webpki-invalid");
    add_policy(&m, "sts", "a.example", 100, 1);
    add_failure(&m, "certificate-expired", "mx2.example", 1);
    sign(&m, "gamma.example");
    (void)put_new(&m);
    assert_string_equal(sums(WW_RECEIVED_SUMS_DAY, ""),
                        "20505 1 10/3 0/0 1 1; 20501 1 10/3 0/0 1 1; 20500 3 120/4 100/1 3 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_DAY, "domain=b.example"),
                        "20505 1 10/3 0/0 1 1; 20501 1 10/3 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_DAY, "sender=alpha"),
                        "20505 1 10/3 0/0 1 1; 20501 1 10/3 0/0 1 1; 20500 1 10/0 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_DAY, "sender=alpha domain=a.example"),
                        "20500 1 10/0 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_DOMAIN, ""),
                        "a.example 3 120/4 100/1 3 1; b.example 2 20/6 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_DOMAIN, "domain=b.example"), "b.example 2 20/6 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_DOMAIN, "domain=c.example"), "");
    assert_string_equal(sums(WW_RECEIVED_SUMS_DOMAIN, "sender=alpha"),
                        "b.example 2 20/6 0/0 1 1; a.example 1 10/0 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_DOMAIN, "sender=alpha domain=b.example"),
                        "b.example 2 20/6 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_SENDER, ""),
                        "gamma.example 1 100/1 100/1 1 1; alpha 3 30/6 0/0 1 2; beta 1 10/3 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_SENDER, "sender=alpha"), "alpha 3 30/6 0/0 1 2; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_SENDER, "domain=b.example"), "alpha 2 20/6 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_SENDER, "sender=alpha domain=b.example"),
                        "alpha 2 20/6 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_RESULT, ""),
                        "certificate-expired 7/1 3 2 20501; sts-webpki-invalid 3/0 1 1 20505; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_RESULT, "domain=a.example"),
                        "certificate-expired 4/1 2 1 20500; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_RESULT, "sender=beta"), "certificate-expired 3/0 1 1 20500; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_MX, ""),
                        "mx1.example 9/0 2 2 20505; mx2.example 1/1 1 1 20500; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_MX, "result=certificate-expired domain=b.example"),
                        "mx1.example 3/0 1 1 20501; ");
    max_sums = 1;
    assert_string_equal(sums(WW_RECEIVED_SUMS_DAY, ""), "20505 1 10/3 0/0 1 1; ");
    assert_string_equal(sums(WW_RECEIVED_SUMS_SENDER, ""), "gamma.example 1 100/1 100/1 1 1; ");
    max_sums = 100;
    end_day = DAY + 2;
    assert_string_equal(sums(WW_RECEIVED_SUMS_DOMAIN, "sender=alpha"),
                        "b.example 1 10/3 0/0 1 1; a.example 1 10/0 0/0 1 1; ");
    end_day = DAY;
    assert_string_equal(sums(WW_RECEIVED_SUMS_SENDER, ""), "");
    end_day = DAY + 100;
}

static void rows_come_in_pages(void **state)
{
    struct made m = make("Sender", "id", DAY);
    char all[4096] = "";
    (void)state;
    for (int i = 0; i < 3; i++) {
        add_policy(&m, "sts", i == 1 ? "b.example" : "a.example", i, 2);
        add_failure(&m, "certificate-expired", "mx1.example", 1);
        add_failure(&m, "certificate-expired", "mx2.example", 1);
    }
    uint64_t number = put_new(&m);
    for (uint64_t skip = 0; skip < 8; skip++) {
        size_t n = strlen(all);
        (void)snprintf(all + n, sizeof all - n, "%s", rows(number, "", skip, 1));
    }
    assert_string_equal(all, rows(number, "", 0, 100));
    assert_non_null(
        strstr(all, "a.example 2 sts a.example [version: STSv1\n] [] 2/2 certificate-expired mx1"));
    assert_null(strstr(rows(number, "b.example", 0, 100), "a.example"));
}

static void age_ends_it(void **state)
{
    const struct ww_received_ages none = {0, 0, 0};
    struct ww_received_ages before = {NOW, NOW + 1, NOW};
    struct ww_received_quarantine q = {.size = 1};
    struct ww_received_counts counts;
    uint64_t number;
    bool more;
    (void)state;
    for (int i = 0; i < 5; i++) {
        char id[8];
        (void)snprintf(id, sizeof id, "%d", i);
        put_simple("Sender", id, DAY, "example.com", "certificate-expired");
    }
    q.facts.came_at = NOW;
    assert_int_equal(
        ww_received_quarantine_put(store, &q, ww_slice_str("octets"), ww_slice_str("packed"), 1000, &number),
        WW_OK);
    assert_int_equal(ww_received_purge(store, &none, 10, &more), WW_OK);
    assert_false(more);
    assert_int_equal(ww_received_purge(store, &before, 3, &more), WW_OK);
    assert_true(more);
    assert_int_equal(count("SELECT count(*) FROM received WHERE content IS NULL"), 3);
    assert_int_equal(ww_received_purge(store, &before, 3, &more), WW_OK);
    assert_false(more);
    assert_int_equal(count("SELECT count(*) FROM received WHERE content IS NULL"), 5);
    assert_int_equal(ww_received_count(store, ww_day_of(NOW), &counts), WW_OK);
    assert_int_equal(counts.reports, 5);
    assert_int_equal(counts.quarantined, 1);
    assert_true(counts.octets > 50);
    before = (struct ww_received_ages){NOW + 100 * WW_DAY_SECONDS, NOW, NOW + 100 * WW_DAY_SECONDS};
    assert_int_equal(ww_received_purge(store, &before, 3, &more), WW_OK);
    assert_true(more);
    assert_int_equal(count("SELECT count(*) FROM received"), 2);
    assert_int_equal(ww_received_purge(store, &before, 3, &more), WW_OK);
    assert_int_equal(
        count("SELECT (SELECT count(*) FROM received) + (SELECT count(*) FROM received_domain)"
              " + (SELECT count(*) FROM received_day) + (SELECT count(*) FROM received_sender)"
              " + (SELECT count(*) FROM received_pair) + (SELECT count(*) FROM received_policy)"
              " + (SELECT count(*) FROM received_failure) + (SELECT count(*) FROM received_strings)"
              " + (SELECT count(*) FROM quarantine) + (SELECT count(*) FROM received_volume)"),
        0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_report_is_kept_as_it_is),    TEST(what_came_before_counts_once),
        TEST(only_some_domains_may_be_new), TEST(recipient_domains_are_found),
        TEST(other_domains_are_not_kept),   TEST(what_makes_no_sense_is_refused),
        TEST(absurd_counts_do_no_harm),     TEST(a_day_has_so_much_room),
        TEST(quarantine_keeps_what_came),   TEST(lists_find_what_is_wanted),
        TEST(a_long_list_goes_in_steps),    TEST(sums_are_those_of_the_reports),
        TEST(rows_come_in_pages),           TEST(age_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
