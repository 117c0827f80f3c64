/*
 * Core's matcher of certificate names is for linting and findings; on real connections OpenSSL decides. Here
 * both get the same names and hosts, and have to agree.
 */
#include "core/mx_match.h"

#include <openssl/x509v3.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const names[] = {
    "mail.example.com",
    "MAIL.Example.COM",
    "*.example.com",
    "*.EXAMPLE.com",
    "*.com",
    "*",
    "*.",
    "*.*.com",
    "*.*.example.com",
    "mail.*.com",
    "m*.example.com",
    "*l.example.com",
    "m*l.example.com",
    "**.example.com",
    ".example.com",
    "mail.example.com.",
    "*.example.com.",
    "*.a.example.com",
    "xn--*.example.com",
    "*.xn--bcher-kva.example",
    "*-a.example.com",
    "example.com",
    "localhost",
    "*..com",
    "xn--bcher-kva.example.com",
    "*.example.com.evil",
    "-.example.com",
    "*.-.com",
    "a*.*.com",
    "*.example.*",
};

static const char *const hosts[] = {
    "mail.example.com",   "example.com",
    "a.mail.example.com", "com",
    "MAIL.example.com",   "xn--bcher-kva.example.com",
    "a.example.com",      "b.a.example.com",
    "ml.example.com",     "x.xn--bcher-kva.example",
    "localhost",          "x-a.example.com",
    "mailexample.com",
};

static X509 *certificate_for(const char *name)
{
    X509 *cert = X509_new();
    GENERAL_NAMES *list = GENERAL_NAMES_new();
    GENERAL_NAME *entry = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    assert_true(cert != NULL && list != NULL && entry != NULL && text != NULL);
    assert_int_equal(ASN1_STRING_set(text, name, (int)strlen(name)), 1);
    GENERAL_NAME_set0_value(entry, GEN_DNS, text);
    assert_true(sk_GENERAL_NAME_push(list, entry) > 0);
    assert_int_equal(X509_add1_ext_i2d(cert, NID_subject_alt_name, list, 0, 0), 1);
    GENERAL_NAMES_free(list);
    return cert;
}

static void agrees_with_openssl(void **state)
{
    (void)state;
    const unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    size_t matches = 0;
    for (size_t i = 0; i < COUNT(names); i++) {
        X509 *cert = certificate_for(names[i]);
        for (size_t j = 0; j < COUNT(hosts); j++) {
            bool theirs = X509_check_host(cert, hosts[j], 0, flags, NULL) == 1;
            bool ours = ww_san_match(ww_slice_str(names[i]), ww_slice_str(hosts[j]));
            if (ours != theirs)
                fail_msg("dNSName %s, host %s: ours %d, OpenSSL's %d", names[i], hosts[j], ours, theirs);
            matches += ours ? 1 : 0;
        }
        X509_free(cert);
    }
    assert_true(matches > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_openssl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
