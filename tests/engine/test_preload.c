#include "engine/preload.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define NOW INT64_C(1000000)
#define DAY INT64_C(86400)
#define NONE INT64_C(-1)

static const struct {
    const char *what;
    int64_t timestamp, expires;
    int64_t kept; /* its timestamp, or NONE */
    int64_t kept_expires;
    enum ww_preload_verdict verdict;
    enum ww_err why;
} cases[] = {
    {"the first one", NOW - 10, NOW + 10, NONE, 0, WW_PRELOAD_TAKE, WW_OK},
    {"a later one", NOW - 10, NOW + 10, NOW - 11, NOW + 5, WW_PRELOAD_TAKE, WW_OK},
    {"a later one that expires earlier", NOW - 10, NOW + 10, NOW - 11, NOW + 500, WW_PRELOAD_TAKE, WW_OK},
    {"a later one after an expired one", NOW - 10, NOW + 10, NOW - 11, NOW - 1, WW_PRELOAD_TAKE, WW_OK},
    {"the same", NOW - 10, NOW + 10, NOW - 10, NOW + 10, WW_PRELOAD_SAME, WW_OK},
    {"the same time, another end", NOW - 10, NOW + 99, NOW - 10, NOW + 10, WW_PRELOAD_SAME, WW_OK},
    {"an older one", NOW - 10, NOW + 10, NOW - 9, NOW + 10, WW_PRELOAD_REFUSE, WW_E_PRELOAD_OLDER},
    {"an older one after an expired one", NOW - 10, NOW + 10, NOW - 9, NOW - 1, WW_PRELOAD_REFUSE,
     WW_E_PRELOAD_OLDER},
    {"expires now", NOW - 10, NOW, NONE, 0, WW_PRELOAD_REFUSE, WW_E_PRELOAD_EXPIRED},
    {"expires in a second", NOW - 10, NOW + 1, NONE, 0, WW_PRELOAD_TAKE, WW_OK},
    {"the kept one, which has expired", NOW - 10, NOW, NOW - 10, NOW, WW_PRELOAD_REFUSE,
     WW_E_PRELOAD_EXPIRED},
    {"an older one, which has expired", NOW - 10, NOW, NOW - 5, NOW + 9, WW_PRELOAD_REFUSE,
     WW_E_PRELOAD_EXPIRED},
    {"a day ahead", NOW + DAY, NOW + 2 * DAY, NONE, 0, WW_PRELOAD_TAKE, WW_OK},
    {"more than a day ahead", NOW + DAY + 1, NOW + 2 * DAY, NONE, 0, WW_PRELOAD_REFUSE, WW_E_PRELOAD_FUTURE},
    {"more than a day ahead, and older", NOW + DAY + 1, NOW + 2 * DAY, NOW + 9 * DAY, NOW + 10 * DAY,
     WW_PRELOAD_REFUSE, WW_E_PRELOAD_FUTURE},
    {"expires before it was made", NOW - 10, NOW - 11, NONE, 0, WW_PRELOAD_REFUSE, WW_E_PRELOAD_TIMES},
    {"expires when it was made", NOW + 10, NOW + 10, NONE, 0, WW_PRELOAD_REFUSE, WW_E_PRELOAD_TIMES},
};

static void lists_are_taken_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_preload candidate = {.timestamp = cases[i].timestamp, .expires = cases[i].expires};
        struct ww_preload kept = {.timestamp = cases[i].kept, .expires = cases[i].kept_expires};
        enum ww_err why = WW_E_NO_MEMORY;
        enum ww_preload_verdict verdict =
            ww_preload_decide(&candidate, cases[i].kept != NONE ? &kept : NULL, NOW, &why);
        if (verdict != cases[i].verdict || why != cases[i].why)
            fail_msg("%s: %d, %s", cases[i].what, verdict, ww_err_id(why));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_taken_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
