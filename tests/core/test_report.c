#include "core/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define BEGIN INT64_C(1795824000) /* 2026-11-28 */
#define END (BEGIN + WW_DAY_SECONDS - 1)

#define LABEL60 "aaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1"
#define LONGEST LABEL60 "." LABEL60 "." LABEL60 "." LABEL60 ".examples0" /* 253 octets */

#define IDS "2026-11-28.1.example.com.9f86d081884c7d65@reporter.example"

static const struct {
    const char *label;
    const char *contact;
    const char *domain;
    const char *id;
    const char *file_name; /* NULL: there is none */
    const char *subject;
} cases[] = {
    {"a day, to its last second", "tls@reporter.example", "example.com", IDS,
     "reporter.example!example.com!1795824000!1795910399!611281examplecom9f86d081884c7d65.json.gz",
     "Report Domain: example.com Submitter: reporter.example Report-ID: <" IDS ">"},
    {"a short id", "tls@reporter.example", "example.com", "7@a",
     "reporter.example!example.com!1795824000!1795910399!7.json.gz",
     "Report Domain: example.com Submitter: reporter.example Report-ID: <7@a>"},
    {"the last at sign ends the local part", "\"tls@x\"@reporter.example", "example.com", "7@a",
     "reporter.example!example.com!1795824000!1795910399!7.json.gz",
     "Report Domain: example.com Submitter: reporter.example Report-ID: <7@a>"},
    {"as long as may be", "tls@" LONGEST, LONGEST, "0123456789abcdefghijklmnopqrstuvwxyz@" LONGEST,
     LONGEST "!" LONGEST "!1795824000!1795910399!456789abcdefghijklmnopqrstuvwxyz.json.gz",
     "Report Domain: " LONGEST " Submitter: " LONGEST
     " Report-ID: <0123456789abcdefghijklmnopqrstuvwxyz@" LONGEST ">"},
    {"only letters and digits are unique in a file name", "tls@reporter.example", "example.com",
     "a!b/../c%d{e}@reporter.example", "reporter.example!example.com!1795824000!1795910399!abcde.json.gz",
     NULL},
    {"an id of other characters than atoms", "tls@reporter.example", "example.com",
     "a\r\nBcc: b\"/\xC3\xBC\\>@c", "reporter.example!example.com!1795824000!1795910399!aBccb.json.gz", NULL},
    {"an id without any", "tls@reporter.example", "example.com", "-@reporter.example",
     "reporter.example!example.com!1795824000!1795910399.json.gz",
     "Report Domain: example.com Submitter: reporter.example Report-ID: <-@reporter.example>"},
    {"no id", "tls@reporter.example", "example.com", "",
     "reporter.example!example.com!1795824000!1795910399.json.gz", NULL},
    {"no contact", "", "example.com", IDS, NULL, NULL},
    {"a contact without a domain", "root", "example.com", IDS, NULL, NULL},
    {"a submitter that is no name", "tls@reporter example", "example.com", IDS, NULL, NULL},
    {"a domain that is no name", "tls@reporter.example", "example.com\r\nBcc: x", IDS, NULL, NULL},
    {"a domain that is a path", "tls@reporter.example", "../example.com", IDS, NULL, NULL},
    {"no domain", "tls@reporter.example", "", IDS, NULL, NULL},
};

static void names_and_subjects(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct ww_report report = {.contact = cases[i].contact,
                                         .id = cases[i].id,
                                         .domain = cases[i].domain,
                                         .begin = BEGIN,
                                         .end = END};
        char name[WW_REPORT_FILE_NAME_SIZE], subject[WW_REPORT_SUBJECT_SIZE];
        bool named = ww_report_file_name(&report, name), told = ww_report_subject(&report, subject);
        if (named != (cases[i].file_name != NULL) || told != (cases[i].subject != NULL))
            print_error("%s\n", cases[i].label);
        assert_int_equal(named, cases[i].file_name != NULL);
        assert_int_equal(told, cases[i].subject != NULL);
        if (named)
            assert_string_equal(name, cases[i].file_name);
        if (told)
            assert_string_equal(subject, cases[i].subject);
    }
}

/* Two parts of one day have names of their own, however long the domain is. */
static void parts_have_names_of_their_own(void **state)
{
    (void)state;
    struct ww_report report = {
        .contact = "tls@reporter.example", .domain = LONGEST, .begin = BEGIN, .end = END};
    char first[WW_REPORT_FILE_NAME_SIZE], second[WW_REPORT_FILE_NAME_SIZE];
    report.id = "2026-11-28.1." LONGEST ".9f86d081884c7d65@reporter.example";
    assert_true(ww_report_file_name(&report, first));
    report.id = "2026-11-28.2." LONGEST ".60303ae22b998861@reporter.example";
    assert_true(ww_report_file_name(&report, second));
    assert_string_not_equal(first, second);
}

static void ids(void **state)
{
    (void)state;
    char longest[WW_REPORT_ID_SIZE + 1];
    static const struct {
        const char *id;
        bool good;
    } rows[] = {
        {IDS, true},
        {"a@b", true},
        {"!#$%&'*+-/=?^_`{|}~@x.y", true},
        {"a", false},
        {"@b", false},
        {"a@", false},
        {".a@b", false},
        {"a.@b", false},
        {"a..b@c", false},
        {"a@b.", false},
        {"a@b@c", false},
        {"a b@c", false},
        {"a@[192.0.2.1]", false},
        {"a<@b", false},
        {"a\n@b", false},
        {"\xC3\xBC@b", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (ww_report_id_check(rows[i].id) != rows[i].good)
            fail_msg("%s", rows[i].id);
    }
    memset(longest, 'a', sizeof longest);
    longest[1] = '@';
    longest[WW_REPORT_ID_SIZE - 1] = '\0';
    assert_true(ww_report_id_check(longest));
    longest[WW_REPORT_ID_SIZE - 1] = 'a';
    longest[WW_REPORT_ID_SIZE] = '\0';
    assert_false(ww_report_id_check(longest));
}

static void the_submitter_is_the_domain_of_the_contact(void **state)
{
    (void)state;
    assert_string_equal(ww_report_submitter("tls@reporter.example"), "reporter.example");
    assert_string_equal(ww_report_submitter("root"), "");
    assert_string_equal(ww_report_submitter(""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_subjects),
        cmocka_unit_test(parts_have_names_of_their_own),
        cmocka_unit_test(ids),
        cmocka_unit_test(the_submitter_is_the_domain_of_the_contact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
