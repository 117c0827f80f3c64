/* A domain as the tests tell it: what it has published, what was found, who reports. */
#ifndef WW_TESTS_ADVISE_DOMAIN_H
#define WW_TESTS_ADVISE_DOMAIN_H

#include "advise/advise.h"
#include "core/sessions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define TODAY INT64_C(20786) /* 2026-11-29 */
#define NOW (TODAY * WW_DAY_SECONDS + 43200)
#define MX "mx1.example.com mx2.example.com mx3.example.com"

#define LINES(mode, ...) "version: STSv1\nmode: " mode "\n" __VA_ARGS__ "max_age: 604800\n"
#define TWO "mx: mx1.example.com\nmx: mx2.example.com\n"
#define THREE TWO "mx: mx3.example.com\n"

static inline struct ww_evidence_version version(const char *id, const char *body, int64_t first_day,
                                                 int64_t last_day)
{
    struct ww_evidence_version v = {.has_policy = true};
    size_t offset;
    (void)snprintf(v.id, sizeof v.id, "%s", id);
    assert_int_equal(ww_policy_parse(body, strlen(body), &v.policy, &offset), WW_OK);
    v.mode = v.policy.mode;
    v.first_seen = first_day * WW_DAY_SECONDS + 3600;
    v.last_seen = last_day * WW_DAY_SECONDS + 3600;
    return v;
}

#endif
