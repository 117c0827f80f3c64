/*
 * What was seen of a domain before, as far as the history checks need it: from the store of a watched domain,
 * or from an earlier report (`waxwing check --against`). Plain data.
 */
#ifndef WW_CHECK_PAST_H
#define WW_CHECK_PAST_H

#include "core/dane_survey.h"
#include "core/policy_version.h"

#include <jansson.h>

struct ww_sight;

/* Of more versions the newest count. */
#define WW_PAST_VERSIONS_MAX 8

/* An id with a body, as both were published at some time. */
struct ww_past_version {
    char id[WW_STS_ID_MAX + 1];
    uint8_t hash[WW_VERSION_HASH_SIZE]; /* SHA-256 of the body */
    enum ww_policy_mode mode;
    uint32_t max_age;
    int64_t last_seen;
};

struct ww_past_mx {
    size_t count; /* 0: not known, or there were none */
    char names[WW_DANE_HOSTS_MAX][WW_DNAME_SIZE];
};

struct ww_past {
    size_t count;
    struct ww_past_version
        versions[WW_PAST_VERSIONS_MAX]; /* newest first; the present one may be among them */
    int64_t testing_since; /* the mode was testing in all that was seen from then on; 0: it was not */
    uint8_t mx_hash[WW_VERSION_HASH_SIZE]; /* of the body with which */
    struct ww_past_mx mx;                  /* these hosts were seen first */
};

/* SHA-256 of a body. False: libcrypto fails, which it does when memory is short. */
bool ww_past_hash(struct ww_slice body, uint8_t out[WW_VERSION_HASH_SIZE]);

/* The MX hosts in the order of their names, so that two sets can be compared. */
void ww_past_mx_of(const struct ww_sight *sight, struct ww_past_mx *out);
bool ww_past_mx_equal(const struct ww_past_mx *a, const struct ww_past_mx *b);

/*
 * What a later run needs of this one, as a report keeps it: {"id", "sha256", "mode", "max_age",
 * "testing_since", "mx": [names]}, of which all but mx are null without a record and a policy. NULL: memory
 * is short.
 */
json_t *ww_past_facts_json(const struct ww_sight *sight);

/* Reads a report (report_json.h) again. False: it is none, or not of this domain. */
bool ww_past_read(const json_t *report, const char *domain, struct ww_past *out);

#endif
