#include "proc/stats.h"

#include "proc/msg_intake.h"

_Static_assert(WW_STAT_SUBMISSION_CHANNELS == WW_CHANNELS && WW_STAT_SUBMISSION_LATER == WW_TAKENS,
               "each channel and each outcome has a place");

const uint32_t ww_stat_fast[WW_STAT_FAST_BUCKETS] = {
    10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000,
};

const uint32_t ww_stat_slow[WW_STAT_SLOW_BUCKETS] = {
    1000,   2500,   5000,    10000,   25000,   50000,    100000,
    250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000,
};

const struct ww_stat_family ww_stat_families[] = {
#define WW_STAT(id, name, kind, shape, help) \
    {WW_STAT_##id, name, WW_STAT_##kind, WW_STAT_SHAPE_##shape, help, WW_STAT_COUNT_##shape},
#include "proc/stats_table.h"
#undef WW_STAT
};

const unsigned ww_stat_family_count = sizeof ww_stat_families / sizeof *ww_stat_families;

static void observe(struct ww_stats *s, unsigned at, const uint32_t *ends, unsigned count, uint64_t us,
                    uint64_t n)
{
    unsigned i = 0;
    while (i < count && us > ends[i])
        i++;
    s->values[at + i] += n;
    s->values[at + count + 1] += us * n;
}

void ww_stat_observe_fast(struct ww_stats *s, unsigned at, uint64_t us, uint64_t n)
{
    observe(s, at, ww_stat_fast, WW_STAT_FAST_BUCKETS, us, n);
}

void ww_stat_observe_slow(struct ww_stats *s, unsigned at, uint64_t us)
{
    observe(s, at, ww_stat_slow, WW_STAT_SLOW_BUCKETS, us, 1);
}

const uint32_t *ww_stat_buckets(const struct ww_stat_family *f, unsigned *count)
{
    bool fast = f->shape == WW_STAT_SHAPE_FAST;
    *count = fast ? WW_STAT_FAST_BUCKETS : WW_STAT_SLOW_BUCKETS;
    return fast ? ww_stat_fast : ww_stat_slow;
}

uint64_t ww_stat_quantile(const struct ww_stat_family *f, const struct ww_stats *s, double part)
{
    unsigned count;
    const uint32_t *ends = ww_stat_buckets(f, &count);
    const uint64_t *values = s->values + f->at;
    uint64_t total = 0, below = 0;
    for (unsigned i = 0; i <= count; i++)
        total += values[i];
    if (total == 0)
        return 0;
    double wanted = part * (double)total;
    for (unsigned i = 0; i < count; i++) {
        if (values[i] > 0 && (double)(below + values[i]) >= wanted) {
            uint32_t start = i > 0 ? ends[i - 1] : 0;
            return start + (uint64_t)((wanted - (double)below) / (double)values[i] * (ends[i] - start));
        }
        below += values[i];
    }
    return ends[count - 1];
}

const char *ww_stat_answer_name(enum ww_stat_answer answer)
{
    static const char *const names[WW_ANSWERS] = {
        [WW_ANSWERED_SECURE] = "secure",       [WW_ANSWERED_TESTING] = "testing",
        [WW_ANSWERED_DANE_ONLY] = "dane-only", [WW_ANSWERED_DANE] = "dane",
        [WW_ANSWERED_ENCRYPT] = "encrypt",     [WW_ANSWERED_MAY] = "may",
        [WW_ANSWERED_NOTFOUND] = "notfound",   [WW_ANSWERED_TEMP] = "temp",
        [WW_ANSWERED_PERM] = "perm",           [WW_ANSWERED_EXPLAINED] = "explained",
    };
    return names[answer];
}

const char *ww_stat_class_name(unsigned class)
{
    static const char *const names[WW_STAT_CLASSES] = {"none", "testing", "enforce"};
    return names[class];
}

const char *ww_stat_served_name(enum ww_stat_served answer)
{
    static const char *const names[WW_PUBLISHED_ANSWERS] = {
        [WW_PUBLISHED_POLICY] = "policy",           [WW_PUBLISHED_CHALLENGE] = "challenge",
        [WW_PUBLISHED_NOT_FOUND] = "not-found",     [WW_PUBLISHED_NO_METHOD] = "method",
        [WW_PUBLISHED_MISDIRECTED] = "misdirected",
    };
    return names[answer];
}

static void label(struct ww_buf *b, const char *name, const char *value)
{
    ww_buf_str(b, name);
    ww_buf_str(b, "=\"");
    ww_buf_str(b, value);
    ww_buf_char(b, '"');
}

const char *ww_stat_map_name(enum ww_socketmap_map map)
{
    static const char *const maps[] = {
        [WW_MAP_QUERY] = "QUERY",     [WW_MAP_QUERY_WITH_TLSRPT] = "QUERYwithTLSRPT",
        [WW_MAP_EXPLAIN] = "EXPLAIN", [WW_MAP_LINE] = "line",
        [WW_MAP_STS] = "sts",         [WW_MAP_STS_MX] = "stsmx",
        [WW_MAP_HTTP] = "HTTP",       [WW_MAP_DECISION] = "DECISION",
        [WW_MAP_UNKNOWN] = "other",
    };
    return maps[map];
}

static void lookup_labels(unsigned i, struct ww_buf *b)
{
    label(b, "map", ww_stat_map_name((enum ww_socketmap_map)(i / 2 / WW_ANSWERS)));
    label(b, ",answer", ww_stat_answer_name((enum ww_stat_answer)(i / 2 % WW_ANSWERS)));
    label(b, ",from", i % 2 == 0 ? "memory" : "network");
}

static void submission_labels(unsigned i, struct ww_buf *b)
{
    unsigned outcome = i % WW_STAT_SUBMISSION_OUTCOMES;
    label(b, "channel", ww_channel_name((enum ww_channel)(i / WW_STAT_SUBMISSION_OUTCOMES)));
    label(b, ",outcome",
          outcome < WW_STAT_SUBMISSION_LATER ? ww_taken_name((enum ww_taken)outcome) : "later");
}

void ww_stat_labels(const struct ww_stat_family *f, unsigned i, struct ww_buf *b)
{
    switch (f->shape) {
    case WW_STAT_SHAPE_LOOKUP:
        lookup_labels(i, b);
        break;
    case WW_STAT_SHAPE_CLASS:
        label(b, "policy", ww_stat_class_name(i));
        break;
    case WW_STAT_SHAPE_OVERRIDE:
        label(b, "level", ww_override_level_name((enum ww_override_level)i));
        break;
    case WW_STAT_SHAPE_DANE:
        label(b, "dane", ww_dane_state_name((enum ww_dane_state)i));
        break;
    case WW_STAT_SHAPE_OUTCOME:
        label(b, "outcome", ww_discovery_outcome_name((enum ww_discovery_outcome)i));
        break;
    case WW_STAT_SHAPE_ERROR:
        label(b, "error", ww_err_id((enum ww_err)i));
        break;
    case WW_STAT_SHAPE_SERVED:
        label(b, "answer", ww_stat_served_name((enum ww_stat_served)i));
        break;
    case WW_STAT_SHAPE_CHANNEL:
        label(b, "channel", ww_herald_channel_name((enum ww_herald_channel)i));
        break;
    case WW_STAT_SHAPE_TRIED:
        label(b, "outcome", ww_target_outcome_name((enum ww_target_outcome)i));
        break;
    case WW_STAT_SHAPE_ANCHOR:
        label(b, "state", ww_anchor_state_name((enum ww_anchor_state)i));
        break;
    case WW_STAT_SHAPE_REPORT:
        label(b, "state", ww_report_state_name((enum ww_report_state)i));
        break;
    case WW_STAT_SHAPE_TARGET:
        label(b, "state", ww_target_state_name((enum ww_target_state)i));
        break;
    case WW_STAT_SHAPE_PUBLISHED:
        label(b, "state", ww_published_state_name((enum ww_published_state)i));
        break;
    case WW_STAT_SHAPE_SUBMISSION:
        submission_labels(i, b);
        break;
    case WW_STAT_SHAPE_NONE:
    case WW_STAT_SHAPE_ROLE:
    case WW_STAT_SHAPE_TAGS:
    case WW_STAT_SHAPE_FAST:
    case WW_STAT_SHAPE_SLOW:
        break;
    }
}

void ww_stats_add(struct ww_stats *sum, const struct ww_stats *s)
{
    for (unsigned i = 0; i < ww_stat_family_count; i++) {
        const struct ww_stat_family *f = &ww_stat_families[i];
        if (f->kind == WW_STAT_GAUGE || f->kind == WW_STAT_HIDDEN)
            continue;
        for (unsigned at = f->at; at < f->at + f->count; at++)
            sum->values[at] += s->values[at];
    }
}

void ww_stats_put(struct ww_buf *b, const struct ww_stats *s)
{
    uint16_t count = 0;
    for (unsigned i = 0; i < WW_STAT_VALUES; i++)
        count = (uint16_t)(count + (s->values[i] != 0));
    ww_buf_u64(b, s->process);
    ww_buf_u16(b, count);
    for (unsigned i = 0; i < WW_STAT_VALUES; i++) {
        if (s->values[i] == 0)
            continue;
        ww_buf_u16(b, (uint16_t)i);
        ww_buf_u64(b, s->values[i]);
    }
}

enum ww_err ww_stats_get(struct ww_cursor *c, struct ww_stats *s)
{
    *s = (struct ww_stats){.process = ww_cursor_u64(c)};
    unsigned next = 0;
    for (unsigned count = ww_cursor_u16(c); count > 0 && !c->failed; count--) {
        unsigned at = ww_cursor_u16(c);
        uint64_t value = ww_cursor_u64(c);
        if (at < next || at >= WW_STAT_VALUES || value == 0) {
            c->failed = true;
            break;
        }
        s->values[at] = value;
        next = at + 1;
    }
    return c->failed ? WW_E_MSG_MALFORMED : WW_OK;
}
