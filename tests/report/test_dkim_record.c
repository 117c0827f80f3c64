#include "report/dkim_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct ww_dkim_public rsa = {.kind = WW_DKIM_RSA,
                                          .record = "v=DKIM1; k=rsa; s=tlsrpt; p=AbCd+/=="};
static const struct ww_dkim_public ed25519 = {.kind = WW_DKIM_ED25519,
                                              .record = "v=DKIM1; k=ed25519; s=tlsrpt; p=AbCd+/=="};

static void compares_records_with_a_key(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum ww_dkim_fit fit, fit_ed25519;
    } cases[] = {
        {"v=DKIM1; k=rsa; s=tlsrpt; p=AbCd+/==", WW_DKIM_FITS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; k=ed25519; s=tlsrpt; p=AbCd+/==", WW_DKIM_OTHER_KEY, WW_DKIM_FITS},
        {"p=AbCd+/==", WW_DKIM_FITS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1;p=AbCd+/==;", WW_DKIM_FITS, WW_DKIM_OTHER_KEY},
        {" v = DKIM1 ; p = Ab Cd\t+/ == ; ; n=a=b", WW_DKIM_FITS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; s=*; p=AbCd+/==", WW_DKIM_FITS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; s=email : tlsrpt; p=AbCd+/==", WW_DKIM_FITS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; s=tlsrpt:email; p=AbCd+/==", WW_DKIM_FITS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; s=email; p=AbCd+/==", WW_DKIM_NO_REPORTS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; s=tlsrpts; p=AbCd+/==", WW_DKIM_NO_REPORTS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; s=; p=AbCd+/==", WW_DKIM_NO_REPORTS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; h=sha1; p=AbCd+/==", WW_DKIM_NO_SHA256, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; h=sha1:sha256; p=AbCd+/==", WW_DKIM_FITS, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; k=rsa; p=AbCd+/=", WW_DKIM_OTHER_KEY, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; k=rsa; p=AbCd+/==A", WW_DKIM_OTHER_KEY, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; k=rsa; p=abcd+/==", WW_DKIM_OTHER_KEY, WW_DKIM_OTHER_KEY},
        {"v=DKIM1; k=rsa; p=", WW_DKIM_REVOKED, WW_DKIM_REVOKED},
        {"v=DKIM1; k=rsa; p= ;", WW_DKIM_REVOKED, WW_DKIM_REVOKED},
        {"v=DKIM2; p=AbCd+/==", WW_DKIM_NO_RECORD, WW_DKIM_NO_RECORD},
        {"v=DKIM1; k=rsa", WW_DKIM_NO_RECORD, WW_DKIM_NO_RECORD},
        {"v=spf1 -all", WW_DKIM_NO_RECORD, WW_DKIM_NO_RECORD},
        {"=;;==;p", WW_DKIM_NO_RECORD, WW_DKIM_NO_RECORD},
        {"", WW_DKIM_NO_RECORD, WW_DKIM_NO_RECORD},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_slice text = ww_slice_str(cases[i].text);
        if (ww_dkim_record_fit(text, &rsa) != cases[i].fit ||
            ww_dkim_record_fit(text, &ed25519) != cases[i].fit_ed25519)
            fail_msg("\"%s\": %d, %d", cases[i].text, (int)ww_dkim_record_fit(text, &rsa),
                     (int)ww_dkim_record_fit(text, &ed25519));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(compares_records_with_a_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
