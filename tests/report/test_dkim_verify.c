#include "report/dkim_verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOW 1795914000
#define FROM "From: Reports <tls@mail.reporter.example>\r\n"
#define SIGNATURE(tags) "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; bh=AAAA; b=AAAA; " tags "\r\n"
#define GOOD "d=reporter.example; s=s1; h=from:to"
#define BODY "Subject: x\r\n\r\nHello\r\n"

/* What is told without computing anything. */
static const struct {
    const char *what, *mail, *record; /* NULL: there is none; "?": nobody could say */
    enum ww_dkim_result result;
    bool aligned;
    const char *detail;
} cases[] = {
    {"no signature", FROM BODY, NULL, WW_DKIM_NONE, false, ""},
    {"a signature in the body", FROM "\r\n" SIGNATURE(GOOD), NULL, WW_DKIM_NONE, false, ""},
    {"no key", SIGNATURE(GOOD) FROM BODY, NULL, WW_DKIM_NO_KEY, true, "there is no key"},
    {"no answer", SIGNATURE(GOOD) FROM BODY, "?", WW_DKIM_NOT_NOW, true, "DNS gives no answer for the key"},
    {"revoked", SIGNATURE(GOOD) FROM BODY, "v=DKIM1; p=", WW_DKIM_NO_KEY, true, "the key is revoked"},
    {"no record of a key", SIGNATURE(GOOD) FROM BODY, "v=spf1 -all", WW_DKIM_NO_KEY, true,
     "the record is that of no key"},
    {"another version", SIGNATURE(GOOD) FROM BODY, "v=DKIM2; p=AAAA", WW_DKIM_NO_KEY, true,
     "the record is that of no key"},
    {"for mail alone", SIGNATURE(GOOD) FROM BODY, "v=DKIM1; s=email; p=AAAA", WW_DKIM_NO_KEY, true,
     "the key is not for reports (s=email)"},
    {"for mail alone, in words that steer", SIGNATURE(GOOD) FROM BODY, "s=\x1b[2J; p=AAAA", WW_DKIM_NO_KEY,
     true, "the key is not for reports (s=\\027[2J)"},
    {"of another kind", SIGNATURE(GOOD) FROM BODY, "k=ed25519; p=AAAA", WW_DKIM_NO_KEY, true,
     "the key is of another kind than the signature"},
    {"for SHA-1", SIGNATURE(GOOD) FROM BODY, "h=sha1; p=AAAA", WW_DKIM_NO_KEY, true,
     "the key is not for SHA-256 (h=)"},
    {"no key in it", SIGNATURE(GOOD) FROM BODY, "s=tlsrpt; p=AAAA", WW_DKIM_NO_KEY, true,
     "the key cannot be read"},
    {"for both", SIGNATURE(GOOD) FROM BODY, "s=email:tlsrpt; p=AAAA", WW_DKIM_NO_KEY, true,
     "the key cannot be read"},
    {"l=", SIGNATURE(GOOD "; l=5") FROM BODY, NULL, WW_DKIM_UNUSABLE, true,
     "a part of the body alone is signed (l=)"},
    {"L=", SIGNATURE(GOOD "; L=5") FROM BODY, NULL, WW_DKIM_UNUSABLE, true,
     "a part of the body alone is signed (l=)"},
    {"expired", SIGNATURE(GOOD "; x=1795913700") FROM BODY, NULL, WW_DKIM_UNUSABLE, true,
     "the signature has expired (x=)"},
    {"not expired yet", SIGNATURE(GOOD "; x=1795913701") FROM BODY, NULL, WW_DKIM_NO_KEY, true,
     "there is no key"},
    {"of the future", SIGNATURE(GOOD "; t=1795914301") FROM BODY, NULL, WW_DKIM_UNUSABLE, true,
     "the signature is of the future (t=)"},
    {"as late as clocks differ", SIGNATURE(GOOD "; t=1795914300") FROM BODY, NULL, WW_DKIM_NO_KEY, true,
     "there is no key"},
    {"expired before it was made", SIGNATURE(GOOD "; t=1795914000; x=1795913999") FROM BODY, NULL,
     WW_DKIM_UNUSABLE, true, "x= is before t="},
    {"no number", SIGNATURE(GOOD "; t=-1") FROM BODY, NULL, WW_DKIM_UNUSABLE, true, "t= is no time"},
    {"From is not signed", SIGNATURE("d=reporter.example; s=s1; h=to:subject:fromage") FROM BODY, NULL,
     WW_DKIM_UNUSABLE, true, "From is not signed"},
    {"SHA-1", "DKIM-Signature: v=1; a=rsa-sha1; bh=A; b=A; " GOOD "\r\n" FROM BODY, NULL, WW_DKIM_UNUSABLE,
     true, "a= is neither rsa-sha256 nor ed25519-sha256"},
    {"no version", "DKIM-Signature: a=rsa-sha256; bh=A; b=A; " GOOD "\r\n" FROM BODY, NULL, WW_DKIM_UNUSABLE,
     true, "v= is not 1"},
    {"d= twice", SIGNATURE(GOOD "; d=other.example") FROM BODY, NULL, WW_DKIM_UNUSABLE, true,
     "it is no list of tags"},
    {"D= too", SIGNATURE(GOOD "; D=other.example") FROM BODY, NULL, WW_DKIM_UNUSABLE, true,
     "it is no list of tags"},
    {"no list", SIGNATURE(GOOD "; what") FROM BODY, NULL, WW_DKIM_UNUSABLE, true, "it is no list of tags"},
    {"no domain", SIGNATURE("d=; s=s1; h=from") FROM BODY, NULL, WW_DKIM_UNUSABLE, false,
     "d= is no domain name"},
    {"no selector", SIGNATURE("d=reporter.example; s=a b; h=from") FROM BODY, NULL, WW_DKIM_UNUSABLE, true,
     "s= is no selector"},
    {"another domain", SIGNATURE("d=other.example; s=s1; h=from") FROM BODY, NULL, WW_DKIM_NO_KEY, false,
     "there is no key"},
    {"below From", SIGNATURE("d=a.mail.reporter.example; s=s1; h=from") FROM BODY, NULL, WW_DKIM_NO_KEY,
     false, "there is no key"},
    {"ends alike", SIGNATURE("d=porter.example; s=s1; h=from") FROM BODY, NULL, WW_DKIM_NO_KEY, false,
     "there is no key"},
    {"one label", SIGNATURE("d=example; s=s1; h=from") FROM BODY, NULL, WW_DKIM_NO_KEY, false,
     "there is no key"},
    {"several addresses", SIGNATURE(GOOD) "From: a@reporter.example, b@other.example\r\n" BODY, NULL,
     WW_DKIM_NO_KEY, false, "there is no key"},
    {"no From", SIGNATURE(GOOD) BODY, NULL, WW_DKIM_NO_KEY, false, "there is no key"},
    {"two From", SIGNATURE(GOOD) FROM FROM BODY, NULL, WW_DKIM_UNUSABLE, false,
     "a field that may be there once is there twice"},
    {"two Content-Type", SIGNATURE(GOOD) FROM "Content-Type: a/b\r\ncontent-type: a/b\r\n" BODY, NULL,
     WW_DKIM_UNUSABLE, true, "a field that may be there once is there twice"},
    {"the aligned one of two", SIGNATURE("d=other.example; s=s1; h=from") SIGNATURE(GOOD) FROM BODY, NULL,
     WW_DKIM_NO_KEY, true, "there is no key"},
};

static void told(const char *mail, const char *record, struct ww_dkim_fact *out)
{
    struct ww_dkim_key_names names;
    struct ww_dkim_found_key keys[WW_DKIM_SIGNATURES_MAX];
    ww_dkim_names_of(ww_slice_str(mail), &names);
    for (size_t i = 0; i < names.count; i++) {
        memcpy(keys[i].name, names.names[i], sizeof keys[i].name);
        keys[i].found = record == NULL             ? WW_DKIM_KEY_ABSENT
                        : strcmp(record, "?") == 0 ? WW_DKIM_KEY_NOT_NOW
                                                   : WW_DKIM_KEY_FOUND;
        keys[i].record = ww_slice_str(record != NULL ? record : "");
    }
    assert_int_equal(ww_dkim_verify(ww_slice_str(mail), keys, names.count, NOW, out), WW_OK);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_dkim_fact fact;
        told(cases[i].mail, cases[i].record, &fact);
        if (fact.result != cases[i].result || fact.aligned != cases[i].aligned ||
            strcmp(fact.detail, cases[i].detail) != 0)
            fail_msg("%s: %s%s: %s", cases[i].what, ww_dkim_result_name(fact.result),
                     fact.aligned ? " aligned" : "", fact.detail);
    }
}

static const struct {
    const char *mail;
    const char *names; /* each with a space behind it */
} names_cases[] = {
    {FROM BODY, ""},
    {SIGNATURE(GOOD) FROM BODY, "s1._domainkey.reporter.example "},
    {"dkim-signature :\r\n d =\r\n\tReporter.Example. ;s\r\n = 2026;\r\n",
     "2026._domainkey.reporter.example "},
    {"From x Sun Nov 29 10:00:00 2026\n" SIGNATURE("d=a.example; s=my_key.sub"),
     "my_key.sub._domainkey.a.example "},
    {SIGNATURE("d=a.example; s=b") SIGNATURE("d=a.example; s=b") SIGNATURE("d=A.example; s=B")
         SIGNATURE("d=c.example; s=d") SIGNATURE("d=e.example; s=f"),
     "b._domainkey.a.example d._domainkey.c.example "},
    {SIGNATURE("d=-a.example; s=b") SIGNATURE("d=a.example; s=b..c") SIGNATURE("s=b")
         SIGNATURE("d=192.0.2.1; s=b"),
     ""},
    {"DKIM-Signature", ""},
    {"DKIM-Signature:", ""},
    {"DKIM-Signatures: d=a.example; s=b\r\n", ""},
    {"\r\n" SIGNATURE(GOOD), ""},
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names_cases); i++) {
        struct ww_dkim_key_names names;
        char text[4 * WW_DNAME_SIZE + 8] = "";
        ww_dkim_names_of(ww_slice_str(names_cases[i].mail), &names);
        for (size_t j = 0; j < names.count; j++)
            (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", names.names[j]);
        assert_string_equal(text, names_cases[i].names);
    }
}

/* Neither is given to libopendkim, which would take all the time there is. */
static void test_endless_headers(void **state)
{
    enum { SIZE = 4 << 20 };
    char *mail = malloc(SIZE + 1);
    struct ww_dkim_fact fact;
    (void)state;
    assert_non_null(mail);
    int n = snprintf(mail, SIZE, SIGNATURE(GOOD) FROM "X: ");
    memset(mail + n, 'x', SIZE - (size_t)n);
    mail[SIZE] = '\0';
    told(mail, "p=AAAA", &fact);
    assert_int_equal(fact.result, WW_DKIM_UNUSABLE);
    for (int i = n; i < SIZE; i++)
        mail[i] = (i - n) % 4 == 0 ? '\n' : (i - n) % 4 == 1 ? 'Y' : (i - n) % 4 == 2 ? ':' : ' ';
    told(mail, "p=AAAA", &fact);
    assert_int_equal(fact.result, WW_DKIM_UNUSABLE);
    assert_string_equal(fact.detail, "the header of the mail is too long");
    free(mail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_endless_headers),
    };
    ww_dkim_verify_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
