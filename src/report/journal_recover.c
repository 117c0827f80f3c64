#include "report/journal_private.h"

/* The end of what is not zero in [from, to); from when all is. */
static uint64_t last_octet(const struct ww_journal *j, uint64_t from, uint64_t to)
{
    static const char zeros[4096];
    const char *p = ww_journal_at(j, from);
    size_t n = to - from;
    while (n >= sizeof zeros && memcmp(p + n - sizeof zeros, zeros, sizeof zeros) == 0)
        n -= sizeof zeros;
    while (n > 0 && p[n - 1] == 0)
        n--;
    return from + n;
}

/* Octets behind the last record: true when they have become one. */
static bool take_rest(struct ww_journal *j, uint64_t last, int64_t now,
                      bool (*complete)(struct ww_slice octets))
{
    const struct ww_journal_mark *there = (const void *)ww_journal_at(j, j->end);
    struct ww_journal_mark mark = {
        .kind = WW_JOURNAL_DATAGRAM, .time = now, .uid = (uid_t)-1, .flags = WW_JOURNAL_RECOVERED};
    uint64_t octets = j->end + sizeof mark;
    if (ww_journal_checks(j, j->end, ww_journal_limit(j))) {
        mark = *there; /* the commit word alone is missing */
    } else if (last <= octets || last - octets > UINT32_MAX ||
               !complete(ww_slice((const char *)(there + 1), last - octets))) {
        return false;
    } else {
        mark.length = (uint32_t)(last - octets);
    }
    ww_journal_mark(j, &mark);
    return true;
}

void ww_journal_recover(struct ww_journal *j, int64_t now, bool (*complete)(struct ww_slice octets))
{
    ww_journal_clean(j);
    uint64_t limit = ww_journal_limit(j);
    j->end = j->head->begin;
    for (; ww_journal_committed(j, j->end, limit); j->found.records++) {
        const struct ww_journal_mark *m = (const void *)ww_journal_at(j, j->end);
        j->end += ww_journal_step(m->length);
    }
    uint64_t last = last_octet(j, j->end, limit);
    if (last > j->end && take_rest(j, last, now, complete)) {
        j->found.records++;
        j->found.recovered++;
        /* A whole head may have something behind it only in a damaged file. */
        last = last_octet(j, j->end, limit);
    }
    if (last > j->end) {
        j->found.discarded = last - j->end;
        memset(ww_journal_at(j, j->end), 0, last - j->end);
    } /* Opened again before the store was heard, what came in meanwhile is still unknown to it. */
    if (j->head->found_end < j->head->begin || j->head->found_end > j->end || j->head->found_end == 0)
        j->head->found_end = j->end;
}
