#include "daemon/herald_message.h"

#include "daemon/herald_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOW INT64_C(1796000000) /* 2026-11-30T00:53:20Z */
#define MANY 500

static struct ww_msg_alert alerts[MANY];
static struct ww_msg_alert *order[MANY];

static struct ww_msg_alert *put_alert(size_t i, const char *domain, const char *check,
                                      enum ww_alert_kind kind, enum ww_severity severity)
{
    struct ww_msg_alert *a = &alerts[i];
    *a = (struct ww_msg_alert){.number = i + 1, .at = NOW - 60, .errors = 1, .warnings = 2, .count = 1};
    struct ww_msg_alert_item *item = &a->items[0];
    *item = (struct ww_msg_alert_item){.kind = kind, .severity = severity, .since = NOW - 3 * 86400};
    (void)snprintf(a->domain, sizeof a->domain, "%s", domain);
    (void)snprintf(item->check, sizeof item->check, "%s", check);
    (void)snprintf(item->where, sizeof item->where, "mx1.%s [192.0.2.1]", domain);
    (void)snprintf(item->seen, sizeof item->seen, "the value was seen");
    order[i] = a;
    return a;
}

static struct ww_herald_message message(size_t count)
{
    struct ww_herald_message m = {.alerts = order, .count = count, .now = NOW, .host = "mail.example.net"};
    ww_herald_message_sort(order, count, m.id);
    return m;
}

static char *mail_of(const struct ww_herald_message *m)
{
    static const char *const to[] = {"a@example.net", "b@example.net"};
    size_t n = 0;
    char *mail = ww_herald_mail(m, "waxwing@example.net", to, COUNT(to), &n);
    assert_non_null(mail);
    mail = realloc(mail, n + 1);
    assert_non_null(mail);
    mail[n] = '\0';
    return mail;
}

static void assert_has(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL)
        fail_msg("there is no \"%s\" in:\n%s", wanted, text);
}

/* RFC 5322 section 2.1: CRLF alone ends a line, no line is longer than 998, and all of it is ASCII. */
static void assert_well_formed(const char *mail)
{
    size_t line = 0;
    for (const char *p = mail; *p != '\0'; p++) {
        bool crlf = p[0] == '\r' && p[1] == '\n';
        assert_true(crlf || (*p >= ' ' && *p <= '~') || (*p == '\n' && p > mail && p[-1] == '\r'));
        line = *p == '\n' ? 0 : line + 1;
        assert_true(line <= 998);
    }
    assert_int_equal(line, 0);
    assert_non_null(strstr(mail, "\r\n\r\n"));
}

static void test_mail_of_one(void **state)
{
    static const char *const wanted[] = {
        "Date: Mon, 30 Nov 2026 00:53:20 +0000\r\n",
        "From: Waxwing <waxwing@example.net>\r\nTo: a@example.net,\r\n b@example.net\r\n",
        "Subject: [waxwing] WARNING example.com: A certificate nears its end\r\n",
        ".waxwing@mail.example.net>\r\nAuto-Submitted: auto-generated\r\n",
        "\r\n\r\nexample.com (acme): 1 error and 2 warnings now\r\n---",
        "[WARNING, soon] A certificate nears its end\r\n",
        "  where     mx1.example.com [192.0.2.1]\r\n",
        "  seen      the value was seen\r\n",
        "  ends      2026-12-06T00:53:20Z (in 6 days)\r\n",
        "  to do     Renew the certificate",
        "  silence   waxwing watch ack example.com certificate-end\r\n",
        "  waxwing watch show example.com\r\n",
    };
    (void)state;
    struct ww_msg_alert *a =
        put_alert(0, "example.com", WW_ALERT_CERTIFICATE, WW_ALERT_EXPIRING, WW_SEVERITY_WARNING);
    (void)strcpy(a->group, "acme");
    a->items[0].since = NOW + 6 * 86400;
    struct ww_herald_message m = message(1);
    char *mail = mail_of(&m);
    for (size_t i = 0; i < COUNT(wanted); i++)
        assert_has(mail, wanted[i]);
    assert_well_formed(mail);
    free(mail);
}

static void test_cleared_needs_no_advice(void **state)
{
    (void)state;
    put_alert(0, "example.com", WW_ALERT_CERTIFICATE, WW_ALERT_CLEARED, WW_SEVERITY_ERROR);
    struct ww_herald_message m = message(1);
    char *mail = mail_of(&m);
    assert_has(mail, "Subject: [waxwing] CLEARED example.com: ");
    assert_has(mail, "[CLEARED] ");
    assert_null(strstr(mail, "to do"));
    assert_null(strstr(mail, "silence"));
    free(mail);
}

static void test_mail_of_reports(void **state)
{
    static const struct {
        const char *check;
        enum ww_alert_kind kind;
        const char *has[6];
        const char *has_not[3];
    } cases[] = {
        {"report-failure-rate",
         WW_ALERT_APPEARED,
         {"Subject: [waxwing] WARNING example.com: Reports tell of more failures than\r\n usual\r\n",
          "[WARNING, new] Reports tell", "  silence   waxwing watch ack example.com report-failure-rate\r\n",
          "  waxwing advise example.com\r\n"},
         {"waxwing watch show"}},
        {"report-failure-rate", WW_ALERT_REMINDER, {"[WARNING, still so] "}, {NULL}},
        {"report-first-failure", WW_ALERT_APPEARED, {"Mail was held back", "testing"}, {"silence"}},
        {"report-new-result", WW_ALERT_APPEARED, {"never there before"}, {"silence"}},
        {"report-silent", WW_ALERT_APPEARED, {"has stopped reporting", "silence"}, {NULL}},
        {"report-silent", WW_ALERT_CLEARED, {"[CLEARED] A sender", "  was seen"}, {"silence", "to do"}},
        {"mx-expired", WW_ALERT_APPEARED, {"  waxwing watch show example.com\r\n"}, {"advise", "publish"}},
        {"publish-certificate-end",
         WW_ALERT_APPEARED,
         {"certificate ends soon", "  waxwing publish show example.com\r\n"},
         {"silence", "waxwing watch", "advise"}},
        {"publish-foreign", WW_ALERT_APPEARED, {"does not publish", "--policy"}, {"silence"}},
        {"publish-unseen", WW_ALERT_APPEARED, {"not seen from outside", "waxwing check"}, {"silence"}},
        {"publish-refused", WW_ALERT_CLEARED, {"[CLEARED] Senders refuse an MX host"}, {"to do"}},
        {"publish-reported",
         WW_ALERT_APPEARED,
         {"enforces its policy is refused", "waxwing advise", "publish demote"},
         {"silence"}},
        {"publish-rolled-back",
         WW_ALERT_APPEARED,
         {"from enforce to testing", "waxwing advise"},
         {"silence"}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        put_alert(0, "example.com", cases[i].check, cases[i].kind, WW_SEVERITY_WARNING);
        struct ww_herald_message m = message(1);
        char *mail = mail_of(&m);
        for (size_t k = 0; cases[i].has[k] != NULL; k++)
            assert_has(mail, cases[i].has[k]);
        for (size_t k = 0; k < 3 && cases[i].has_not[k] != NULL; k++)
            if (strstr(mail, cases[i].has_not[k]) != NULL)
                fail_msg("there is \"%s\" in:\n%s", cases[i].has_not[k], mail);
        assert_well_formed(mail);
        free(mail);
    }
}

static void test_worst_goes_first(void **state)
{
    (void)state;
    put_alert(0, "a.example", "x-check", WW_ALERT_CLEARED, WW_SEVERITY_ERROR);
    put_alert(1, "b.example", "x-check", WW_ALERT_APPEARED, WW_SEVERITY_WARNING);
    put_alert(2, "c.example", "y-check", WW_ALERT_WORSENED, WW_SEVERITY_ERROR);
    struct ww_herald_message m = message(3);
    char subject[WW_HERALD_SUBJECT_SIZE], first[WW_HERALD_ID_SIZE];
    ww_herald_subject(&m, subject);
    assert_string_equal(subject, "ERROR c.example: y-check, and 2 more domains");
    assert_string_equal(m.alerts[1]->domain, "b.example");
    assert_string_equal(m.alerts[2]->domain, "a.example");
    memcpy(first, m.id, sizeof first);
    struct ww_msg_alert *swap = order[0];
    order[0] = order[2];
    order[2] = swap;
    assert_string_equal(message(3).id, first); /* the same alerts, the same id */
    assert_string_not_equal(message(2).id, first);
}

static void test_storm_is_a_digest(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        char domain[64];
        (void)snprintf(domain, sizeof domain, "customer%03zu.example", i);
        struct ww_msg_alert *a = put_alert(i, domain, "x-check", WW_ALERT_APPEARED, WW_SEVERITY_ERROR);
        a->items[1] = a->items[0];
        (void)strcpy(a->items[1].check, WW_ALERT_CERTIFICATE);
        a->items[1].severity = WW_SEVERITY_WARNING;
        a->count = i % 2 == 0 ? 2 : 1;
    }
    struct ww_herald_message m = message(MANY);
    char *mail = mail_of(&m);
    assert_has(mail, "Subject: [waxwing] ERROR customer000.example: x-check, and 499 more domains\r\n");
    assert_has(mail, "News of 500 domains, the worst first.\r\n");
    assert_has(mail, "[ERROR, new] x-check: 500 domains\r\n");
    assert_has(mail, "[WARNING, new] A certificate nears its end: 250 domains\r\n");
    assert_has(mail,
               "customer004.example: mx1.customer004.example [192.0.2.1]\r\n            and 495 more\r\n");
    assert_has(mail, " and 400 more\r\n");
    assert_true(strlen(mail) < 8192);
    assert_well_formed(mail);
    free(mail);
}

static void test_json(void **state)
{
    (void)state;
    put_alert(0, "example.com", WW_ALERT_CERTIFICATE, WW_ALERT_EXPIRING, WW_SEVERITY_ERROR);
    struct ww_herald_message m = message(1);
    size_t n = 0;
    char *text = ww_herald_json(&m, &n);
    assert_int_equal(strlen(text), n);
    json_t *json = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    const char *domain, *check, *severity, *id, *shown, *ends;
    json_t *since;
    assert_int_equal(json_unpack(json, "{s:s, s:s, s:s, s:[{s:s, s:n, s:[{s:s, s:o, s:s}]}]}", "severity",
                                 &severity, "id", &id, "text", &shown, "alerts", "domain", &domain, "group",
                                 "items", "check", &check, "since", &since, "ends", &ends),
                     0);
    assert_string_equal(severity, "error");
    assert_string_equal(id, m.id);
    assert_string_equal(domain, "example.com");
    assert_string_equal(check, "certificate-end");
    assert_true(json_is_null(since));
    assert_string_equal(ends, "2026-11-27T00:53:20Z");
    assert_has(shown, "ERROR example.com: A certificate nears its end");
    json_decref(json);
    free(text);
}

static void test_json_is_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        struct ww_msg_alert *a = put_alert(i, "example.com", "x", WW_ALERT_APPEARED, WW_SEVERITY_INFO);
        a->count = WW_MSG_ALERT_ITEMS_MAX;
        for (size_t k = 1; k < a->count; k++)
            a->items[k] = a->items[0];
    }
    struct ww_herald_message m = message(MANY);
    size_t n = 0;
    char *text = ww_herald_json(&m, &n);
    json_t *json = json_loadb(text, n, 0, NULL);
    size_t listed = json_array_size(json_object_get(json, "alerts"));
    assert_in_range(n, 512 * 1024, 640 * 1024);
    assert_int_equal(listed + (size_t)json_integer_value(json_object_get(json, "left_out")), MANY);
    assert_in_range(listed, 1, MANY - 1);
    json_decref(json);
    free(text);
}

static void test_when(void **state)
{
    static const struct {
        int64_t apart;
        const char *words;
    } cases[] = {{0, "(just now)"},        {-59, "(just now)"},   {-60, "(1 minute ago)"},
                 {-7200, "(2 hours ago)"}, {86400, "(in 1 day)"}, {-172800, "(2 days ago)"},
                 {3599, "(in 59 minutes)"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char when[WW_HERALD_WHEN_SIZE];
        ww_herald_when(NOW + cases[i].apart, NOW, when);
        assert_has(when, cases[i].words);
    }
}

static void test_test_alert(void **state)
{
    (void)state;
    ww_herald_test_alert(&alerts[0], NOW);
    order[0] = &alerts[0];
    struct ww_herald_message m = message(1);
    m.test = true;
    char *mail = mail_of(&m);
    assert_has(mail, "Subject: [waxwing] TEST ");
    assert_has(mail, "nothing has happened");
    assert_well_formed(mail);
    free(mail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mail_of_one),       cmocka_unit_test(test_cleared_needs_no_advice),
        cmocka_unit_test(test_mail_of_reports),   cmocka_unit_test(test_worst_goes_first),
        cmocka_unit_test(test_storm_is_a_digest), cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_is_bounded),   cmocka_unit_test(test_when),
        cmocka_unit_test(test_test_alert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
