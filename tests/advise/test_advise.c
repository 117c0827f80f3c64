#include "domain.h"

#include <string.h>

#define MX2 "mx2.example.com"
#define EXPIRED "the certificate ended on 2026-11-20"

static const struct ww_evidence_use uses[] = {
    {.type = "sts",
     .strings = {LINES("testing", THREE), sizeof LINES("testing", THREE) - 1},
     .first_day = TODAY - 1},
    {.type = "sts",
     .strings = {LINES("testing", TWO), sizeof LINES("testing", TWO) - 1},
     .first_day = TODAY - 1},
    {.type = "sts",
     .strings = {LINES("testing", "mx: evil.example\n"), sizeof LINES("testing", "mx: evil.example\n") - 1},
     .first_day = TODAY - 1},
    {.type = "tlsa", .first_day = TODAY - 1},
    {.type = "no-policy-found", .first_day = TODAY - 1},
    {.type = "sts",
     .strings = {LINES("enforce", THREE), sizeof LINES("enforce", THREE) - 1},
     .first_day = TODAY - 1},
};
enum { NOW_USED, OLD_USED, STRANGE_USED, DANE_USED, NONE_USED, ENFORCE_USED, USES };

struct failing {
    size_t use;
    const char *result, *mx;
    unsigned senders;
    int64_t recent;
    int64_t ago; /* days since the last */
    const char *sender;
};

struct scenario {
    const char *name;
    const char *mode;    /* of what is published */
    int64_t mode_days;   /* since */
    const char *outlook; /* NULL: nobody has looked */
    unsigned told;       /* of the last 14 days */
    unsigned senders;
    int64_t sessions; /* of each sender, on each day */
    struct failing failing[3];
    struct ww_evidence_fault fault;
    uint64_t unverified;
    bool blind;          /* who has looked has not seen the policy */
    int64_t silent_days; /* of the last sender */
    enum ww_advice_kind kind;
    const char *reasons; /* with a space on both sides; some of them */
    const char *not_there;
    int64_t until; /* days from today */
};

static const struct scenario scenarios[] = {
    {"all is well", "testing", 30, "testing", 14, 3, 1000, .kind = WW_ADVICE_ENFORCE,
     .reasons = " long-enough days quiet inspection-clean ", .not_there = "few-days"},
    {"exactly enough", "testing", 14, "testing", 10, 2, 1, .kind = WW_ADVICE_ENFORCE, .reasons = " days "},
    {"a day too early", "testing", 13, "testing", 14, 3, 1000, .kind = WW_ADVICE_WAIT,
     .reasons = " testing-short ", .until = 1},
    {"a day too few", "testing", 30, "testing", 9, 3, 1000, .kind = WW_ADVICE_WAIT, .reasons = " few-days ",
     .until = 2},
    {"one small sender", "testing", 30, "testing", 14, 1, 10, .kind = WW_ADVICE_WAIT,
     .reasons = " few-senders "},
    {"one large sender", "testing", 30, "testing", 14, 1, 100, .kind = WW_ADVICE_ENFORCE,
     .not_there = "few-senders"},
    {"nobody reports", "testing", 30, "testing", 0, 0, 0, .kind = WW_ADVICE_WAIT, .reasons = " no-reports "},
    {"what is not signed counts for nothing", "testing", 30, "testing", 0, 0, 0, .unverified = 500,
     .kind = WW_ADVICE_WAIT, .reasons = " no-reports not-counted "},
    {"nobody has looked", "testing", 30, NULL, 14, 3, 1000, .kind = WW_ADVICE_WAIT,
     .reasons = " not-inspected "},
    {"it could not be seen", "testing", 30, "unknown", 14, 3, 1000, .kind = WW_ADVICE_WAIT,
     .reasons = " not-seen "},
    {"nothing could be seen, but a policy is known", "testing", 30, "unknown", 14, 3, 1000,
     .kind = WW_ADVICE_WAIT, .reasons = " not-seen long-enough ", .blind = true},
    {"two see an expired certificate", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "certificate-expired", MX2, 2, 40, 1, "a.example"}}, .kind = WW_ADVICE_FIX,
     .reasons = " failures ", .not_there = "quiet"},
    {"the inspection sees it, and nobody else", "testing", 30, "testing", 14, 3, 1000,
     .fault = {WW_FAULT_REFUSES, true, "mx-expired", MX2 " [192.0.2.2]", EXPIRED, 0}, .kind = WW_ADVICE_FIX,
     .reasons = " inspection-refuses ", .not_there = "inspection-clean"},
    {"a warning breaks nothing", "testing", 30, "testing", 14, 3, 1000,
     .fault = {WW_FAULT_REFUSES, false, "mx-expires-soon", MX2, "it ends soon", 0}, .kind = WW_ADVICE_ENFORCE,
     .reasons = " inspection-clean "},
    {"senders cannot get the policy", "testing", 30, "testing", 14, 3, 1000,
     .fault = {WW_FAULT_POLICY, true, "host-cert-expired", "mta-sts.example.com", EXPIRED, 0},
     .kind = WW_ADVICE_FIX, .reasons = " policy-unusable "},
    {"the TLSRPT record is wrong", "testing", 30, "testing", 14, 3, 1000,
     .fault = {WW_FAULT_REPORTS, true, "tlsrpt-too-many", "_smtp._tls.example.com", "there are two", 0},
     .kind = WW_ADVICE_ENFORCE, .reasons = " reports-astray "},
    {"it was mended three days ago", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "certificate-expired", MX2, 2, 40, 3, "a.example"}}, .kind = WW_ADVICE_WAIT,
     .reasons = " not-quiet ", .not_there = "quiet", .until = 5},
    {"and eight days ago", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "certificate-expired", MX2, 2, 40, 8, "a.example"}}, .kind = WW_ADVICE_ENFORCE,
     .reasons = " over quiet "},
    {"and seven days ago", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "certificate-expired", MX2, 2, 40, 7, "a.example"}}, .kind = WW_ADVICE_WAIT,
     .reasons = " not-quiet ", .until = 1},
    {"an old policy that does not name the new host", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{OLD_USED, "certificate-host-mismatch", "mx3.example.com", 2, 400, 1, "a.example"}},
     .kind = WW_ADVICE_ENFORCE, .reasons = " stale quiet "},
    {"an old policy is no excuse for a host that it names", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{OLD_USED, "certificate-expired", MX2, 2, 400, 1, "a.example"}}, .kind = WW_ADVICE_FIX,
     .reasons = " failures "},
    {"a policy that nobody knows", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{STRANGE_USED, "validation-failure", "mx1.example.com", 2, 40, 1, "a.example"}},
     .kind = WW_ADVICE_FIX},
    {"a blip", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "validation-failure", MX2, 1, 20, 1, "a.example"}}, .kind = WW_ADVICE_ENFORCE,
     .reasons = " blip quiet "},
    {"too much for a blip", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "validation-failure", MX2, 1, 21, 1, "a.example"}}, .kind = WW_ADVICE_FIX},
    {"too many for a blip", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "validation-failure", MX2, 2, 2, 1, "a.example"}}, .kind = WW_ADVICE_FIX},
    {"no blip where the inspection sees it too", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "certificate-expired", MX2, 1, 2, 1, "a.example"}},
     .fault = {WW_FAULT_REFUSES, true, "mx-expired", MX2 " [192.0.2.2]", EXPIRED, 0}, .kind = WW_ADVICE_FIX,
     .reasons = " failures inspection-refuses "},
    {"no blip where nobody looked", "testing", 30, NULL, 14, 3, 1000,
     .failing = {{NOW_USED, "validation-failure", MX2, 1, 2, 1, "a.example"}}, .kind = WW_ADVICE_FIX},
    {"a host of somebody else, at one sender", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "certificate-host-mismatch", "mx.evil.example", 1, 400, 1, "a.example"}},
     .kind = WW_ADVICE_ENFORCE, .reasons = " stray "},
    {"a host of somebody else, at two", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NOW_USED, "certificate-host-mismatch", "mx.evil.example", 2, 400, 1, "a.example"}},
     .kind = WW_ADVICE_FIX},
    {"the policy could not be fetched", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{NONE_USED, "sts-policy-fetch-error", "", 3, 400, 1, "a.example"}},
     .kind = WW_ADVICE_ENFORCE, .reasons = " policy-not-got quiet "},
    {"DANE fails", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{DANE_USED, "tlsa-invalid", MX2, 2, 40, 1, "a.example"}}, .kind = WW_ADVICE_FIX},
    {"a sender fell silent", "testing", 30, "testing", 14, 3, 1000, .silent_days = 5,
     .kind = WW_ADVICE_ENFORCE, .reasons = " silent "},
    {"no policy", "", 0, "open", 14, 3, 1000, .kind = WW_ADVICE_PUBLISH, .reasons = " no-policy "},
    {"opted out", "none", 30, "open", 14, 3, 1000, .kind = WW_ADVICE_PUBLISH, .reasons = " opted-out "},
    {"a policy that cannot be fetched", "", 0, "open", 14, 3, 1000,
     .fault = {WW_FAULT_POLICY, true, "host-not-found", "mta-sts.example.com", "status 404", 0},
     .kind = WW_ADVICE_FIX, .reasons = " policy-unusable "},
    {"no mail", "", 0, "no-mail", 0, 0, 0, .kind = WW_ADVICE_KEEP, .reasons = " no-mail "},
    {"no domain", "", 0, "no-mail", 0, 0, 0,
     .fault = {WW_FAULT_POLICY, true, "record-no-domain", "example.com", "NXDOMAIN", 0},
     .kind = WW_ADVICE_FIX, .reasons = " no-domain ", .not_there = "no-mail"},
    {"enforced, and well", "enforce", 30, "protected", 14, 3, 1000, .kind = WW_ADVICE_KEEP,
     .reasons = " long-enough quiet "},
    {"enforced, and nobody reports", "enforce", 3, "protected", 0, 0, 0, .kind = WW_ADVICE_KEEP,
     .reasons = " no-reports "},
    {"enforced, and one host is broken", "enforce", 30, "partly", 14, 3, 1000,
     .fault = {WW_FAULT_REFUSES, true, "mx-expired", MX2 " [192.0.2.2]", EXPIRED, 0}, .kind = WW_ADVICE_FIX},
    {"enforced, and no host gets mail", "enforce", 30, "held", 14, 3, 1000,
     .fault = {WW_FAULT_REFUSES, true, "mx-expired", MX2 " [192.0.2.2]", EXPIRED, 0}, .kind = WW_ADVICE_BACK},
    {"enforced, and a hundredth is refused at all hosts", "enforce", 30, "protected", 14, 3, 1000,
     .failing = {{ENFORCE_USED, "certificate-expired", "mx1.example.com", 2, 100, 1, "a.example"},
                 {ENFORCE_USED, "certificate-expired", "mx2.example.com", 2, 100, 1, "a.example"},
                 {ENFORCE_USED, "certificate-expired", "mx3.example.com", 2, 10, 1, "a.example"}},
     .kind = WW_ADVICE_BACK},
    {"enforced, and less than that", "enforce", 30, "protected", 14, 3, 1000,
     .failing = {{ENFORCE_USED, "certificate-expired", "mx1.example.com", 2, 100, 1, "a.example"},
                 {ENFORCE_USED, "certificate-expired", "mx2.example.com", 2, 100, 1, "a.example"},
                 {ENFORCE_USED, "certificate-expired", "mx3.example.com", 2, 9, 1, "a.example"}},
     .kind = WW_ADVICE_FIX},
    {"enforced, and refused at a host that is not told", "enforce", 30, "protected", 14, 3, 1000,
     .failing = {{ENFORCE_USED, "certificate-expired", "", 2, 210, 1, "a.example"}}, .kind = WW_ADVICE_BACK},
    {"enforced, and refused where another host takes the mail", "enforce", 30, "protected", 14, 3, 1000,
     .failing = {{ENFORCE_USED, "certificate-expired", "mx1.example.com", 2, 900, 1, "a.example"},
                 {ENFORCE_USED, "certificate-expired", "mx2.example.com", 2, 900, 1, "a.example"}},
     .kind = WW_ADVICE_FIX},
    {"enforced, and the last host is refused by the inspection", "enforce", 30, "protected", 14, 3, 1000,
     .failing = {{ENFORCE_USED, "certificate-expired", "mx1.example.com", 2, 900, 1, "a.example"},
                 {ENFORCE_USED, "certificate-expired", "mx2.example.com", 2, 900, 1, "a.example"}},
     .fault = {WW_FAULT_REFUSES, true, "mx-expired", "mx3.example.com", EXPIRED, 0}, .kind = WW_ADVICE_BACK},
    {"enforced, and one sender's trouble", "enforce", 30, "protected", 14, 3, 1000,
     .failing = {{ENFORCE_USED, "certificate-expired", "", 1, 900, 1, "a.example"}}, .kind = WW_ADVICE_FIX},
    {"enforced, and two senders'", "enforce", 30, "protected", 14, 3, 1000,
     .failing = {{ENFORCE_USED, "certificate-expired", "mx1.example.com", 1, 900, 1, "a.example"},
                 {ENFORCE_USED, "certificate-expired", "mx2.example.com", 1, 900, 1, "b.example"},
                 {ENFORCE_USED, "certificate-expired", "mx3.example.com", 1, 900, 1, "a.example"}},
     .kind = WW_ADVICE_BACK},
    {"enforced, and DANE refuses: the mode changes nothing", "enforce", 30, "held", 14, 3, 1000,
     .failing = {{DANE_USED, "tlsa-invalid", "", 2, 900, 1, "a.example"}},
     .fault = {WW_FAULT_DANE, true, "dane-no-match", MX2, "none fits", 0}, .kind = WW_ADVICE_FIX,
     .reasons = " inspection-refuses "},
    {"enforced, and mended", "enforce", 30, "protected", 14, 3, 1000,
     .failing = {{ENFORCE_USED, "certificate-expired", "", 2, 900, 3, "a.example"}}, .kind = WW_ADVICE_KEEP},
    {"enforced, and DANE fails where there is little mail", "enforce", 30, "protected", 14, 3, 1,
     .failing = {{DANE_USED, "tlsa-invalid", "", 2, 5, 1, "a.example"}}, .kind = WW_ADVICE_FIX},
    {"an old policy is no excuse for a host that no policy names", "testing", 30, "testing", 14, 3, 1000,
     .failing = {{OLD_USED, "certificate-host-mismatch", "mx4.example.com", 2, 400, 1, "a.example"}},
     .kind = WW_ADVICE_FIX},
};

static struct {
    struct ww_evidence e;
    struct ww_evidence_version versions[3];
    struct ww_evidence_day days[14];
    struct ww_evidence_sender senders[8];
    struct ww_evidence_use uses[USES];
    struct ww_evidence_cause causes[3];
    struct ww_advice advice;
} t;

static void publish(const struct scenario *s)
{
    static const char *const bodies[] = {LINES("enforce", THREE), LINES("testing", THREE), LINES("none", "")};
    if (s->mode[0] == '\0')
        return;
    const char *body = bodies[s->mode[0] == 'e' ? 0 : s->mode[0] == 't' ? 1 : 2];
    t.versions[0] = version("new", body, 0, TODAY);
    t.versions[0].first_seen = NOW - s->mode_days * WW_DAY_SECONDS;
    t.versions[1] = version("between", s->mode[0] == 't' ? LINES("none", "") : LINES("testing", THREE),
                            TODAY - 60, TODAY - s->mode_days);
    t.versions[2] = version("old", LINES("testing", TWO), TODAY - 200, TODAY - 60);
    t.e.version_count = 3;
}

static void report(const struct scenario *s)
{
    for (unsigned i = 0; i < s->told; i++)
        t.days[i] = (struct ww_evidence_day){TODAY - (int64_t)s->told + i, s->senders,
                                             s->sessions * (int64_t)s->senders, 0};
    for (unsigned i = 0; i < s->senders; i++)
        t.senders[i] = (struct ww_evidence_sender){
            "a.example", TODAY - 14, TODAY - 1, s->told, s->told, s->sessions * s->told, 0};
    if (s->silent_days > 0)
        t.senders[s->senders - 1].last_day = TODAY - 1 - s->silent_days;
    t.e.day_count = s->told;
    t.e.sender_count = s->senders;
    memcpy(t.uses, uses, sizeof uses);
    t.e.use_count = USES;
    for (; t.e.cause_count < 3 && s->failing[t.e.cause_count].result != NULL; t.e.cause_count++) {
        const struct failing *f = &s->failing[t.e.cause_count];
        t.causes[t.e.cause_count] = (struct ww_evidence_cause){.use = f->use,
                                                               .result = f->result,
                                                               .mx = f->mx,
                                                               .sender = f->sender,
                                                               .senders = f->senders,
                                                               .sessions = f->recent,
                                                               .recent = f->recent,
                                                               .first_day = TODAY - 14,
                                                               .last_day = TODAY - f->ago};
    }
}

static void set_up(const struct scenario *s)
{
    memset(&t, 0, sizeof t);
    t.e = (struct ww_evidence){
        .domain = "example.com",
        .now = NOW,
        .days = 30,
        .versions = t.versions,
        .day_list = t.days,
        .senders = t.senders,
        .uses = t.uses,
        .causes = t.causes,
        .unverified = s->unverified,
        .look = {.looked = s->outlook != NULL,
                 .at = NOW,
                 .outlook = s->outlook != NULL ? s->outlook : "",
                 .mode = s->blind ? "" : s->mode,
                 .mx = MX,
                 .faults = &s->fault,
                 .count = s->fault.check != NULL},
    };
    publish(s);
    report(s);
}

static bool has_reason(const char *id, size_t n)
{
    for (size_t i = 0; i < t.advice.reason_count; i++)
        if (strlen(t.advice.reasons[i].id) == n && strncmp(t.advice.reasons[i].id, id, n) == 0)
            return true;
    return false;
}

static bool has_reasons(const char *ids)
{
    for (const char *p = ids + strspn(ids, " "); *p != '\0'; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        if (!has_reason(p, n))
            return false;
        p += n;
    }
    return true;
}

static void show(const struct scenario *s)
{
    print_message("%s: %s until %lld: %s\n", s->name, ww_advice_name(t.advice.kind),
                  (long long)(t.advice.until > 0 ? t.advice.until / WW_DAY_SECONDS - TODAY : 0),
                  t.advice.words);
    for (size_t i = 0; i < t.advice.reason_count; i++)
        print_message("    %s: %s\n", t.advice.reasons[i].id, t.advice.reasons[i].words);
}

static void advice_of_each(void **state)
{
    size_t wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        const struct scenario *s = &scenarios[i];
        set_up(s);
        ww_advise(&t.e, &t.advice);
        int64_t until = t.advice.until > 0 ? t.advice.until / WW_DAY_SECONDS - TODAY : 0;
        bool right = t.advice.kind == s->kind && until == s->until &&
                     (s->reasons == NULL || has_reasons(s->reasons)) &&
                     (s->not_there == NULL || !has_reason(s->not_there, strlen(s->not_there)));
        if (!right)
            show(s);
        wrong += !right;
        for (size_t k = 1; k < t.advice.reason_count; k++)
            assert_true(t.advice.reasons[k - 1].weight <= t.advice.reasons[k].weight);
        assert_non_null(strchr(t.advice.words, '.'));
    }
    assert_int_equal(wrong, 0);
}

static void what_breaks_is_listed(void **state)
{
    static const struct scenario s = {
        "",
        "testing",
        30,
        "testing",
        14,
        3,
        1000,
        .failing = {{NOW_USED, "certificate-expired", MX2, 2, 1234, 1, "a.example"},
                    {DANE_USED, "tlsa-invalid", "mx1.example.com", 1, 400, 1, "b.example"},
                    {NOW_USED, "certificate-expired", "mx1.example.com", 2, 40, 5, "a.example"}},
        .fault = {WW_FAULT_REFUSES, true, "mx-expired", MX2 " [192.0.2.2]", EXPIRED, NOW - 86400},
    };
    (void)state;
    set_up(&s);
    ww_advise(&t.e, &t.advice);
    const struct ww_advice_break *b = t.advice.breaks;
    assert_int_equal(t.advice.break_count, 3); /* what is over five days ago breaks nothing today */
    assert_false(b[0].reported);
    assert_string_equal(b[0].id, "mx-expired");
    assert_int_equal(b[0].since, NOW - 86400);
    assert_true(b[1].reported);
    assert_string_equal(b[1].words,
                        "the certificate had expired: 1,234 sessions in 7 days, told by 2 senders, the "
                        "last on 2026-11-28");
    assert_int_equal(b[2].verdict, WW_CAUSE_DANE);
    assert_non_null(strstr(b[2].words, "told by b.example"));
    assert_non_null(strstr(b[2].words, "DANE refuses these already"));
}

static void why_in_one_clause(void **state)
{
    static const struct {
        struct scenario s;
        const char *why;
    } cases[] = {
        {{"", "enforce", 30, "protected", 14, 3, 1000, .kind = WW_ADVICE_KEEP}, ""},
        {{"", "enforce", 30, "protected", 14, 3, 1000,
          .failing = {{NOW_USED, "starttls-not-supported", "mx1.example.com", 2, 7, 1, "a.example"},
                      {NOW_USED, "certificate-expired", MX2, 2, 1234, 1, "a.example"},
                      {DANE_USED, "tlsa-invalid", "mx1.example.com", 1, 4000, 1, "b.example"}},
          .fault = {WW_FAULT_REFUSES, true, "mx-expired", MX2 " [192.0.2.2]", EXPIRED, 0}},
         MX2 ": the certificate had expired: 1,234 sessions in 7 days, told by 2 senders, the last on "
             "2026-11-28, and 3 more"},
        {{"", "testing", 30, "testing", 14, 3, 1000,
          .failing = {{NOW_USED, "validation-failure", "", 2, 1, 1, "a.example"}}},
         "a host that is not named: the connection was not what the policy demands: 1 session in 7 days, "
         "told by 2 senders, the last on 2026-11-28"},
        {{"", "enforce", 30, "protected", 14, 3, 1000,
          .fault = {WW_FAULT_REFUSES, true, "mx-expired", MX2 " [192.0.2.2]", EXPIRED, 0}},
         MX2 " [192.0.2.2]: " EXPIRED},
    };
    char why[WW_ADVICE_WHY_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_up(&cases[i].s);
        ww_advise(&t.e, &t.advice);
        ww_advice_why(&t.advice, why);
        assert_string_equal(why, cases[i].why);
    }
    const struct ww_advice reason = {.reason_count = 1,
                                     .reasons = {{.weight = WW_WEIGHT_BAD, .words = "no such domain"}}};
    ww_advice_why(&reason, why);
    assert_string_equal(why, "no such domain");
}

static void too_many_faults_are_counted(void **state)
{
    static struct ww_evidence_fault faults[WW_ADVICE_BREAKS_MAX + 5];
    static const struct scenario s = {"", "testing", 30, "testing", 14, 3, 1000, .kind = WW_ADVICE_FIX};
    (void)state;
    set_up(&s);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        faults[i] = (struct ww_evidence_fault){WW_FAULT_REFUSES, true, "mx-expired", MX2, EXPIRED, 0};
    t.e.look.faults = faults;
    t.e.look.count = sizeof faults / sizeof *faults;
    ww_advise(&t.e, &t.advice);
    assert_int_equal(t.advice.break_count, WW_ADVICE_BREAKS_MAX);
    assert_int_equal(t.advice.breaks_left_out, 5);
}

/* What a sender used tells of the time before the history begins. */
static void mode_is_as_old_as_reports_say(void **state)
{
    static const struct scenario s = {"", "testing", 3, "testing", 14, 3, 1000, .kind = WW_ADVICE_ENFORCE};
    (void)state;
    set_up(&s);
    t.uses[NOW_USED].first_day = TODAY - 20;
    ww_advise(&t.e, &t.advice);
    assert_int_equal(t.advice.since, (TODAY - 20) * WW_DAY_SECONDS);
    assert_int_equal(t.advice.kind, WW_ADVICE_ENFORCE);
    t.uses[NOW_USED].first_day = TODAY - 1;
    t.uses[STRANGE_USED].first_day = TODAY - 20;
    ww_advise(&t.e, &t.advice);
    assert_int_equal(t.advice.kind, WW_ADVICE_WAIT);
}

static void nothing_is_known(void **state)
{
    static const struct scenario s = {"", "", 0, NULL, 0, 0, 0, .kind = WW_ADVICE_WAIT};
    (void)state;
    set_up(&s);
    ww_advise(&t.e, &t.advice);
    assert_int_equal(t.advice.kind, WW_ADVICE_WAIT);
    assert_true(has_reasons("not-seen"));
}

/* Today is not over: what was told of it is none of the days that are wanted. */
static void today_does_not_count(void **state)
{
    static const struct scenario s = {"", "testing", 30, "testing", 10, 3, 1000, .kind = WW_ADVICE_ENFORCE};
    (void)state;
    set_up(&s);
    assert_int_equal(ww_evidence_days_told(&t.e, WW_ADVISE_WINDOW_DAYS), 10);
    t.days[9].day = TODAY;
    assert_int_equal(ww_evidence_days_told(&t.e, WW_ADVISE_WINDOW_DAYS), 9);
}

static void silence(void **state)
{
    static const struct {
        unsigned days;
        int64_t first_ago, last_ago;
        bool silent;
    } cases[] = {
        {20, 22, 5, true},  {20, 22, 4, true}, {20, 22, 3, false}, {20, 25, 4, false},
        {4, 16, 12, false}, {5, 25, 16, true}, {5, 29, 5, false}, /* one a week has time */
        {5, 28, 4, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_evidence_sender s = {
            "a.example", TODAY - cases[i].first_ago, TODAY - cases[i].last_ago, cases[i].days, 1, 1, 0};
        if (ww_sender_is_silent(&s, TODAY) != cases[i].silent)
            fail_msg("case %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advice_of_each),
        cmocka_unit_test(what_breaks_is_listed),
        cmocka_unit_test(why_in_one_clause),
        cmocka_unit_test(too_many_faults_are_counted),
        cmocka_unit_test(mode_is_as_old_as_reports_say),
        cmocka_unit_test(nothing_is_known),
        cmocka_unit_test(today_does_not_count),
        cmocka_unit_test(silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
