#include "check/judges.h"

#include "names_made.h"

#include "core/dns_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define RECORD "v=STSv1; id=1;"

static const enum ww_check all[] = {
#define WW_CHECK(name, ...) WW_CHECK_##name,
#define WW_CHECK_RULE(name, ...) WW_CHECK_##name,
#include "check/table_names.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
};

static struct ww_check_report judge(struct ww_sight *sight)
{
    struct ww_check_report report = {.enforced = true};
    made_read(sight);
    ww_judge_names(sight, &report);
    return report;
}

static void a_good_domain_passes_every_check(void **state)
{
    (void)state;
    struct ww_sight *sight = made_sight();
    struct ww_check_report report = judge(sight);
    for (size_t i = 0; i < COUNT(all); i++)
        if (report.states[all[i]] != WW_CHECK_SILENT)
            fail_msg("%s: %d", ww_check_info(all[i])->id, report.states[all[i]]);
    assert_string_equal(made_ids(&report), "");
    ww_sight_free(sight);
}

struct place {
    enum ww_names_text which;
    const char *texts[3];
};

static void what_stands_where_is_judged(void **state)
{
    static const struct {
        struct place places[3];
        bool no_policy;
        const char *ids;
    } cases[] = {
        {{{WW_NAMES_STS, {"v=STSv1; id=1-2"}}}, false, "sts-id"},
        {{{WW_NAMES_STS, {RECORD, "v=STSv1; id=2;"}}}, false, "sts-multiple"},
        {{{WW_NAMES_STS, {"V=STSv1; id=1"}}}, false, "sts-version"},
        {{{WW_NAMES_STS, {"v=STSv1;"}}}, false, "sts-id-missing"},
        {{{WW_NAMES_STS, {"v=STSv1 id=1;"}}}, false, "sts-delimiter"},
        {{{WW_NAMES_STS, {RECORD, "v=spf1 -all"}}}, false, "sts-unrelated"},
        {{{WW_NAMES_STS, {"v=spf1 -all"}}}, false, "sts-unrelated"},
        {{{WW_NAMES_STS, {RECORD " x=y"}}}, false, "sts-extension"},
        {{{WW_NAMES_STS, {NULL}}}, true, "sts-none"},
        {{{WW_NAMES_STS, {NULL}}}, false, "policy-without-record"},
        /* One fault, one finding: the record is there, but elsewhere. */
        {{{WW_NAMES_STS, {NULL}}, {WW_NAMES_APEX, {RECORD}}}, false, "record-at-apex"},
        {{{WW_NAMES_STS, {NULL}}, {WW_NAMES_STS_UNDERSCORE, {RECORD}}}, false, "record-wrong-label"},
        {{{WW_NAMES_STS, {NULL}}, {WW_NAMES_STS_HOST, {RECORD}}}, true, "record-wrong-label"},
        {{{WW_NAMES_APEX, {"v=spf1 -all", RECORD}}}, false, "record-stray"},
        {{{WW_NAMES_STS_HOST, {RECORD}}}, false, "record-stray"},
        {{{WW_NAMES_STS, {"v=spf1 -all"}}, {WW_NAMES_SIBLING, {"v=spf1 -all"}}}, false, "record-wildcard"},
        {{{WW_NAMES_STS, {RECORD}}, {WW_NAMES_SIBLING, {RECORD}}}, false, "record-wildcard"},
        /* It is not there where it is; and it explains what stands at other names. */
        {{{WW_NAMES_SIBLING, {"v=spf1 -all"}}}, false, ""},
        {{{WW_NAMES_STS, {RECORD}}, {WW_NAMES_SIBLING, {RECORD}}, {WW_NAMES_STS_HOST, {RECORD}}},
         false,
         "record-wildcard"},
        {{{WW_NAMES_STS_UNDERSCORE, {"v=spf1 -all"}}}, false, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = made_sight();
        for (size_t k = 0; k < COUNT(cases[i].places); k++)
            if (k == 0 || cases[i].places[k].texts[0] != NULL)
                made_texts(sight, cases[i].places[k].which, cases[i].places[k].texts);
        if (cases[i].no_policy)
            made_no_policy(sight);
        struct ww_check_report report = judge(sight);
        const char *ids = made_ids(&report);
        if (strcmp(ids, cases[i].ids) != 0)
            fail_msg("case %zu: \"%s\", not \"%s\"", i, ids, cases[i].ids);
        ww_sight_free(sight);
    }
}

/* ---- Faults that are a field or two ---- */

static void no_txt(struct ww_sight *s)
{
    made_text(s, WW_NAMES_STS, NULL);
    made_no_policy(s);
    s->names.texts[WW_NAMES_STS].nxdomain = false;
}

static void dangling(struct ww_sight *s)
{
    made_text(s, WW_NAMES_STS, NULL);
    s->names.texts[WW_NAMES_STS].alias_count = 1;
    s->names.texts[WW_NAMES_STS].aliases[0] = strdup("gone.example");
}

static void aliases(struct ww_sight *s, size_t count)
{
    struct ww_name_texts *t = &s->names.texts[WW_NAMES_STS];
    for (t->alias_count = 0; t->alias_count < count; t->alias_count++)
        t->aliases[t->alias_count] = strdup("a.example");
}

static void five_aliases(struct ww_sight *s)
{
    aliases(s, 5);
}

static void six_aliases(struct ww_sight *s)
{
    aliases(s, 6);
}

static void no_domain(struct ww_sight *s)
{
    s->names.above[1].nxdomain = true;
    made_text(s, WW_NAMES_STS, NULL);
}

static void times_out(struct ww_sight *s)
{
    made_text(s, WW_NAMES_STS, NULL);
    s->names.texts[WW_NAMES_STS].err = WW_E_DNS_TIMEOUT;
}

static void is_busy(struct ww_sight *s)
{
    made_text(s, WW_NAMES_STS, NULL);
    s->names.texts[WW_NAMES_STS].err = WW_E_DNS_BUSY;
}

static void nothing_resolves(struct ww_sight *s)
{
    times_out(s);
    s->names.above[0].err = s->names.above[1].err = WW_E_DNS_SERVFAIL;
    s->names.above[0].dnssec = s->names.above[1].dnssec = WW_DNSSEC_UNKNOWN;
}

static void bogus_zone(struct ww_sight *s)
{
    times_out(s);
    s->names.texts[WW_NAMES_STS].err = WW_E_DNS_BOGUS;
    for (size_t i = 0; i < WW_NAMES_ZONES; i++)
        s->names.zones[i].err = WW_E_DNS_BOGUS;
    s->names.above[1].err = WW_E_DNS_BOGUS;
    s->names.above[1].dnssec = WW_DNSSEC_BOGUS;
}

static void bogus_record(struct ww_sight *s)
{
    times_out(s);
    s->names.texts[WW_NAMES_STS].err = WW_E_DNS_BOGUS;
}

static void unsigned_zone(struct ww_sight *s)
{
    s->names.above[1].dnssec = WW_DNSSEC_INSECURE;
    for (size_t i = 0; i < WW_NAMES_ZONES; i++)
        s->names.zones[i].dnssec = WW_DNSSEC_INSECURE;
}

static void not_validating(struct ww_sight *s)
{
    s->names.above[0].dnssec = s->names.above[1].dnssec = WW_DNSSEC_UNKNOWN;
}

static void delegated(struct ww_sight *s)
{
    s->names.zones[WW_NAMES_ZONE_RECORD].cut = true;
}

static void hosted_policy(struct ww_sight *s)
{
    s->names.zones[WW_NAMES_ZONE_HOST].alias = true;
    strcpy(s->names.zones[WW_NAMES_ZONE_HOST].zone, "p.example");
}

static void hosted_policy_alone(struct ww_sight *s)
{
    hosted_policy(s);
    made_text(s, WW_NAMES_STS, NULL);
}

static void hosted_record(struct ww_sight *s)
{
    s->names.zones[WW_NAMES_ZONE_RECORD].alias = true;
    strcpy(s->names.zones[WW_NAMES_ZONE_RECORD].zone, "p.example");
}

static void hosted_record_alone(struct ww_sight *s)
{
    hosted_record(s);
    s->names.zones[WW_NAMES_ZONE_HOST].nxdomain = true;
    made_no_policy(s);
}

static void own_alias(struct ww_sight *s)
{
    s->names.zones[WW_NAMES_ZONE_RECORD].alias = true;
}

static void both_delegated(struct ww_sight *s)
{
    s->names.zones[WW_NAMES_ZONE_RECORD].cut = s->names.zones[WW_NAMES_ZONE_HOST].cut = true;
}

static void half_delegated(struct ww_sight *s)
{
    s->names.zones[WW_NAMES_ZONE_HOST].cut = true;
    made_text(s, WW_NAMES_STS, NULL);
}

static void other_half_delegated(struct ww_sight *s)
{
    s->names.zones[WW_NAMES_ZONE_RECORD].cut = s->names.zones[WW_NAMES_ZONE_HOST].nxdomain = true;
    made_no_policy(s);
}

static void other_id(struct ww_sight *s)
{
    s->names.servers[1].id[0] = '2';
}

static void no_record_there(struct ww_sight *s)
{
    s->names.servers[1].presence = WW_TXT_ABSENT;
}

static void silent_server(struct ww_sight *s)
{
    s->names.servers[1].err = WW_E_DNS_TIMEOUT;
    s->names.servers[1].id[0] = '2';
}

static void lame_server(struct ww_sight *s)
{
    s->names.servers[1].rcode = WW_DNS_REFUSED;
    s->names.servers[1].authoritative = false;
}

static void no_authority(struct ww_sight *s)
{
    s->names.servers[1].authoritative = false;
}

static void no_way(struct ww_sight *s)
{
    s->names.servers[1].err = WW_E_DNS_NO_WAY;
}

static void all_silent(struct ww_sight *s)
{
    s->names.servers[0].err = s->names.servers[1].err = WW_E_DNS_TIMEOUT;
}

static void long_ttl(struct ww_sight *s)
{
    s->names.servers[0].ttl = 86401;
}

static void day_ttl(struct ww_sight *s)
{
    s->names.servers[0].ttl = 86400;
}

static void no_host(struct ww_sight *s)
{
    s->names.zones[WW_NAMES_ZONE_HOST].nxdomain = true;
    made_no_policy(s);
}

static void too_many(struct ww_sight *s)
{
    for (int i = 0; i <= WW_NAME_TEXTS_MAX; i++)
        assert_true(ww_name_texts_add(&s->names.texts[WW_NAMES_STS], ww_slice_str("x")));
}

static void before_publication(struct ww_sight *s)
{
    s->offline = true;
    s->names.above_count = s->names.server_count = 0;
    for (size_t i = 0; i < WW_NAMES_ZONES; i++)
        s->names.zones[i].ended = false;
}

static void faults_are_found_once(void **state)
{
    static const struct {
        const char *what;
        void (*change)(struct ww_sight *s);
        const char *ids;
        enum ww_check not_tested; /* or 0: of no interest */
    } cases[] = {
        {"no TXT", no_txt, "record-no-txt", 0},
        {"dangling", dangling, "record-alias-dangling", 0},
        {"five aliases", five_aliases, "", 0},
        {"six aliases", six_aliases, "record-alias-depth", 0},
        {"no domain", no_domain, "record-no-domain", 0},
        {"times out", times_out, "record-lookup-failed", WW_CHECK_STS_ID},
        {"busy", is_busy, "", WW_CHECK_RECORD_LOOKUP_FAILED},
        {"nothing resolves", nothing_resolves, "", WW_CHECK_RECORD_LOOKUP_FAILED},
        {"bogus zone", bogus_zone, "record-dnssec-bogus", WW_CHECK_STS_ID},
        {"bogus record", bogus_record, "record-dnssec-bogus", WW_CHECK_STS_ID},
        {"unsigned zone", unsigned_zone, "record-dnssec-absent", 0},
        {"not validating", not_validating, "", WW_CHECK_RECORD_DNSSEC_BOGUS},
        {"split", delegated, "record-split-delegation", 0},
        {"both delegated", both_delegated, "", 0},
        {"hosted policy", hosted_policy, "", 0},
        {"hosted policy alone", hosted_policy_alone, "record-half-delegated", 0},
        {"hosted record", hosted_record, "record-split-delegation", 0},
        {"hosted record alone", hosted_record_alone, "record-half-delegated", 0},
        {"own alias", own_alias, "", 0},
        {"half", half_delegated, "record-half-delegated", 0},
        {"other half", other_half_delegated, "record-half-delegated", 0},
        {"other id", other_id, "record-servers-disagree", 0},
        {"no record there", no_record_there, "record-servers-disagree", 0},
        {"silent server", silent_server, "record-server-silent", 0},
        {"lame server", lame_server, "record-server-silent", 0},
        {"no authority", no_authority, "record-server-silent", 0},
        {"no way", no_way, "", 0},
        {"all silent", all_silent, "", WW_CHECK_RECORD_SERVER_SILENT},
        {"long TTL", long_ttl, "record-ttl-long", 0},
        {"a day's TTL", day_ttl, "", 0},
        {"no host", no_host, "record-without-policy", 0},
        {"too many", too_many, "record-too-many", 0},
        {"before publication", before_publication, "", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = made_sight();
        cases[i].change(sight);
        struct ww_check_report report = judge(sight);
        enum ww_check_state left = report.states[cases[i].not_tested];
        const char *ids = made_ids(&report);
        if (strcmp(ids, cases[i].ids) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, ids, cases[i].ids);
        if (cases[i].not_tested != 0 && left != WW_CHECK_NOT_TESTED)
            fail_msg("%s: %s is in state %d", cases[i].what, ww_check_info(cases[i].not_tested)->id, left);
        ww_sight_free(sight);
    }
}

static void what_is_late_is_not_tested(void **state)
{
    (void)state;
    struct ww_sight *sight = made_sight();
    sight->names.late = true;
    made_text(sight, WW_NAMES_STS, NULL);
    sight->names.texts[WW_NAMES_STS].ended = false;
    sight->names.server_count = 0;
    struct ww_check_report report = judge(sight);
    assert_int_equal(report.states[WW_CHECK_STS_NONE], WW_CHECK_NOT_TESTED);
    assert_int_equal(report.states[WW_CHECK_RECORD_LOOKUP_FAILED], WW_CHECK_NOT_TESTED);
    assert_string_equal(made_ids(&report), "");
    sight->names.looked = false;
    report = judge(sight);
    assert_int_equal(report.states[WW_CHECK_STS_NONE], WW_CHECK_NOT_MADE);
    ww_sight_free(sight);
}

static void strangers_texts_are_escaped_and_cut(void **state)
{
    (void)state;
    char text[2000];
    struct ww_sight *sight = made_sight();
    memset(text, '\x1b', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text, "v=STSv1; id=", 12);
    made_text(sight, WW_NAMES_STS, text);
    struct ww_check_report report = judge(sight);
    assert_true(report.count > 0);
    assert_null(strchr(report.findings[0].seen, '\x1b'));
    assert_non_null(strstr(report.findings[0].seen, "v=STSv1; id=\\027\\027"));
    ww_check_report_clear(&report);
    ww_sight_free(sight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_domain_passes_every_check),
        cmocka_unit_test(what_stands_where_is_judged),
        cmocka_unit_test(faults_are_found_once),
        cmocka_unit_test(what_is_late_is_not_tested),
        cmocka_unit_test(strangers_texts_are_escaped_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
