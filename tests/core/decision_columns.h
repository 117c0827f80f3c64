/* The columns of decision_space.csv, for those who decide by different doors and have to come to the same. */
#ifndef WW_TEST_DECISION_COLUMNS_H
#define WW_TEST_DECISION_COLUMNS_H

#include "space.h"

enum { POLICY, DANE, REQUIRED, SUFFICES, MX, TLS, SPAN };
enum { ACTION = SPAN, TYPE, RESULT, SECTION, END };

static const struct space_column columns[SPAN] = {
    [POLICY] = {"policy", {"enforce", "testing", "nothing"}},
    [DANE] = {"dane", {"none", "insecure", "bogus", "failed", "unusable", "pkix", "mismatch", "ee", "ta"}},
    [REQUIRED] = {"required", {"no", "yes"}},
    [SUFFICES] = {"suffices", {"no", "yes"}},
    [MX] = {"mx", {"in", "out"}},
    [TLS] = {"tls",
             {"good", "wildcard", "next-hop", "cn", "cn-beside", "wrong", "expired", "expired-wrong",
              "untrusted", "untrusted-wrong", "self", "self-wrong", "old", "old-expired", "no-cert",
              "handshake", "starttls"}},
};

#endif
