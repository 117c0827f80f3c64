#include "core/mx_shared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static void wildcards_of_providers(void **state)
{
    static const struct {
        const char *pattern;
        bool shared;
    } cases[] = {
        {"*.mail.protection.outlook.com", true},
        {"*.MAIL.protection.outlook.com", true},
        {"example-com.mail.protection.outlook.com", false}, /* one customer's own host */
        {"*.x.mail.protection.outlook.com", false},
        {"*.google.com", true},
        {"*.aspmx.l.google.com", false}, /* Google's own, the same for everybody */
        {"*.o-v1.mx.microsoft", true},
        {"*.mx.microsoft", true},
        {"*.notmx.microsoft", false},
        {"*.us-east-1.amazonaws.com", true},
        {"*.example.com", false},
        {"*.com", false},
        {"*.", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if ((ww_mx_shared(ww_slice_str(cases[i].pattern)) != NULL) != cases[i].shared)
            fail_msg("%s", cases[i].pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wildcards_of_providers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
