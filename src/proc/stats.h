/*
 * What one role process has counted: plain numbers, one array for all metrics (stats_table.h), of which a
 * role uses its own. Control asks for them (WW_ASK_STATS) and adds them up; nobody shares memory.
 */
#ifndef WW_PROC_STATS_H
#define WW_PROC_STATS_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "core/override.h"
#include "core/published.h"
#include "core/socketmap.h"
#include "core/tlsa.h"
#include "engine/anchors.h"
#include "engine/courier.h"
#include "engine/discovery.h"
#include "engine/herald.h"

enum ww_stat_kind {
    WW_STAT_COUNTER,
    WW_STAT_COUNTER_US, /* of microseconds, shown as seconds */
    WW_STAT_GAUGE,
    WW_STAT_HISTOGRAM, /* of microseconds, shown as seconds */
    WW_STAT_HIDDEN,    /* a gauge that is not shown as such */
};

/* The kinds of an answer. */
enum ww_stat_answer {
    WW_ANSWERED_SECURE,
    WW_ANSWERED_DANE_ONLY,
    WW_ANSWERED_DANE,
    WW_ANSWERED_TESTING, /* a testing policy, which demands nothing */
    WW_ANSWERED_ENCRYPT,
    WW_ANSWERED_MAY,
    WW_ANSWERED_NOTFOUND,
    WW_ANSWERED_TEMP,
    WW_ANSWERED_PERM,
    WW_ANSWERED_EXPLAINED,
    WW_ANSWERS,
};

/* Buckets by their upper end, in microseconds. A histogram has one value for each, one above, and the sum. */
#define WW_STAT_FAST_BUCKETS 12
#define WW_STAT_SLOW_BUCKETS 14
extern const uint32_t ww_stat_fast[WW_STAT_FAST_BUCKETS];
extern const uint32_t ww_stat_slow[WW_STAT_SLOW_BUCKETS];

/* The cache's classes (daemon/front_cache.h), in its order. */
#define WW_STAT_CLASSES 3

/* Of submissions (proc/msg_intake.h): enum ww_channel; enum ww_taken, and last that it may be tried again. */
#define WW_STAT_SUBMISSION_CHANNELS 3
#define WW_STAT_SUBMISSION_OUTCOMES 5
#define WW_STAT_SUBMISSION_LATER (WW_STAT_SUBMISSION_OUTCOMES - 1)

/* What the publisher has answered with. */
enum ww_stat_served {
    WW_PUBLISHED_POLICY,
    WW_PUBLISHED_CHALLENGE,
    WW_PUBLISHED_NOT_FOUND,
    WW_PUBLISHED_NO_METHOD,
    WW_PUBLISHED_MISDIRECTED, /* asked for another host than the handshake was */
    WW_PUBLISHED_ANSWERS,
};

enum ww_stat_shape {
    WW_STAT_SHAPE_NONE,
    WW_STAT_SHAPE_ROLE, /* one value, shown for each process with its name */
    WW_STAT_SHAPE_LOOKUP,
    WW_STAT_SHAPE_CLASS,
    WW_STAT_SHAPE_OVERRIDE,
    WW_STAT_SHAPE_OUTCOME,
    WW_STAT_SHAPE_DANE,
    WW_STAT_SHAPE_ERROR,
    WW_STAT_SHAPE_CHANNEL,
    WW_STAT_SHAPE_TRIED,      /* enum ww_target_outcome */
    WW_STAT_SHAPE_ANCHOR,     /* states of enum ww_anchor_state */
    WW_STAT_SHAPE_TAGS,       /* key tags, one more than each; 0 none */
    WW_STAT_SHAPE_REPORT,     /* states of enum ww_report_state */
    WW_STAT_SHAPE_TARGET,     /* states of enum ww_target_state */
    WW_STAT_SHAPE_SUBMISSION, /* channels, and of each the outcomes */
    WW_STAT_SHAPE_SERVED,     /* enum ww_stat_served */
    WW_STAT_SHAPE_PUBLISHED,  /* enum ww_published_state */
    WW_STAT_SHAPE_FAST,
    WW_STAT_SHAPE_SLOW,
};

#define WW_STAT_COUNT_NONE 1
#define WW_STAT_COUNT_ROLE 1
#define WW_STAT_COUNT_LOOKUP ((WW_MAP_UNKNOWN + 1) * WW_ANSWERS * 2)
#define WW_STAT_COUNT_CLASS WW_STAT_CLASSES
#define WW_STAT_COUNT_OVERRIDE WW_OVERRIDE_LEVELS
#define WW_STAT_COUNT_OUTCOME (WW_FOUND_WAITING + 1)
#define WW_STAT_COUNT_DANE WW_DANE_STATES
#define WW_STAT_COUNT_ERROR WW_ERR_COUNT
#define WW_STAT_COUNT_CHANNEL WW_HERALD_CHANNELS
#define WW_STAT_COUNT_TRIED WW_TRIED_OUTCOMES
#define WW_STAT_COUNT_ANCHOR WW_ANCHOR_STATES
#define WW_STAT_COUNT_TAGS 8
#define WW_STAT_COUNT_REPORT WW_REPORT_STATES
#define WW_STAT_COUNT_TARGET WW_TARGET_STATES
#define WW_STAT_COUNT_SUBMISSION (WW_STAT_SUBMISSION_CHANNELS * WW_STAT_SUBMISSION_OUTCOMES)
#define WW_STAT_COUNT_SERVED WW_PUBLISHED_ANSWERS
#define WW_STAT_COUNT_PUBLISHED (WW_PUBLISHED_GONE + 1)
#define WW_STAT_COUNT_FAST (WW_STAT_FAST_BUCKETS + 2)
#define WW_STAT_COUNT_SLOW (WW_STAT_SLOW_BUCKETS + 2)

/* Where a metric's values begin: WW_STAT_LOOKUPS, … */
enum ww_stat {
#define WW_STAT(id, name, kind, shape, help) \
    WW_STAT_##id, WW_STAT_##id##_END = WW_STAT_##id + WW_STAT_COUNT_##shape - 1,
#include "proc/stats_table.h"
#undef WW_STAT
    WW_STAT_VALUES
};

struct ww_stats {
    uint64_t process; /* a random number: another process, another number */
    uint64_t values[WW_STAT_VALUES];
};

struct ww_stat_family {
    enum ww_stat at;
    const char *name;
    enum ww_stat_kind kind;
    enum ww_stat_shape shape;
    const char *help;
    unsigned count; /* of values */
};

extern const struct ww_stat_family ww_stat_families[];
extern const unsigned ww_stat_family_count;

static inline void ww_stat_add(struct ww_stats *s, unsigned at, uint64_t n)
{
    s->values[at] += n;
}

static inline void ww_stat_set(struct ww_stats *s, unsigned at, uint64_t value)
{
    s->values[at] = value;
}

static inline unsigned ww_stat_lookup(enum ww_socketmap_map map, enum ww_stat_answer answer, bool waited)
{
    return WW_STAT_LOOKUPS + ((unsigned)map * WW_ANSWERS + answer) * 2 + waited;
}

static inline unsigned ww_stat_submission(unsigned channel, unsigned outcome)
{
    return WW_STAT_SUBMISSIONS + channel * WW_STAT_SUBMISSION_OUTCOMES + outcome;
}

/* Adds n observations of so many microseconds each to the histogram that begins at `at`. */
void ww_stat_observe_fast(struct ww_stats *s, unsigned at, uint64_t us, uint64_t n);
void ww_stat_observe_slow(struct ww_stats *s, unsigned at, uint64_t us);

/* The upper ends of a histogram's buckets. */
const uint32_t *ww_stat_buckets(const struct ww_stat_family *f, unsigned *count);

/*
 * The time, in microseconds, below which a part (0 to 1) of a histogram's observations lies: interpolated
 * inside of its bucket; the end of the last one for what is above. 0 without any.
 */
uint64_t ww_stat_quantile(const struct ww_stat_family *f, const struct ww_stats *s, double part);

/* The labels of value i of a family but those of a histogram, such as `error="dns-timeout"`; "" without. */
void ww_stat_labels(const struct ww_stat_family *f, unsigned i, struct ww_buf *b);

const char *ww_stat_answer_name(enum ww_stat_answer answer);
const char *ww_stat_class_name(unsigned class);
const char *ww_stat_served_name(enum ww_stat_served answer);

/* As the label `map` has it: the name of the map, or "line", "HTTP" and "other". */
const char *ww_stat_map_name(enum ww_socketmap_map map);

/* What it has counted (no gauge) is added to `sum`. */
void ww_stats_add(struct ww_stats *sum, const struct ww_stats *s);

/* As a message's payload: those that are not zero. The decoder fails with WW_E_MSG_MALFORMED. */
void ww_stats_put(struct ww_buf *b, const struct ww_stats *s);
WW_MUST_CHECK enum ww_err ww_stats_get(struct ww_cursor *c, struct ww_stats *s);

#endif
