/* What helps to judge a policy host: the same fault at several addresses is one finding. */
#ifndef WW_CHECK_HOST_FAULTS_H
#define WW_CHECK_HOST_FAULTS_H

#include "check/check.h"
#include "check/sight.h"

/* An address has at most three: certificate or status, type, cache, and what it serves. */
#define WW_HOST_FAULTS_MAX (4 * WW_ADDRESSES_MAX)

struct ww_host_faults {
    const struct ww_host_sight *host;
    const char *name; /* of the policy host */
    size_t count;
    struct ww_host_fault {
        enum ww_check check;
        uint32_t addresses; /* a bit for each that has it */
        char seen[WW_CHECK_SEEN_SIZE];
    } list[WW_HOST_FAULTS_MAX];
};
_Static_assert(WW_ADDRESSES_MAX <= 32, "a bit for each address");

/* Takes down that an address has a fault; the format gives what was seen. */
void ww_host_fault(struct ww_host_faults *faults, enum ww_check check, size_t address, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

/* Makes findings of them; each says as well which other address serves the policy all the same. */
void ww_host_faults_tell(const struct ww_host_faults *faults, struct ww_check_report *report);

/* The seconds of a header such as Age; -1: it is no number. */
int64_t ww_host_seconds(const char *value);

/* How long caches on the way may keep what has this Cache-Control, in seconds; 0: not at all, or unsaid. */
int64_t ww_host_cache_seconds(const char *cache_control);

/* judge_host_names.c: whether the policy host resolves, and to what. */
void ww_judge_host_names(const struct ww_sight *sight, const char *name, struct ww_check_report *report);

#endif
