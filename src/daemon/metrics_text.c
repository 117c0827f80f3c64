#include "daemon/metrics_text.h"

#define LABELS_SIZE 256

static void head(struct ww_buf *b, const char *name, const char *type, const char *help)
{
    bool total = strcmp(type, "counter") == 0;
    const char *const parts[] = {"# HELP ",   name, total ? "_total " : " ", help,
                                 "\n# TYPE ", name, total ? "_total " : " ", type,
                                 "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ww_buf_str(b, parts[i]);
}

/* Name, suffix, labels in braces, and the space before the value. */
static void series(struct ww_buf *b, const char *name, const char *suffix, struct ww_slice labels)
{
    ww_buf_str(b, name);
    ww_buf_str(b, suffix);
    if (labels.n > 0) {
        ww_buf_char(b, '{');
        ww_buf_slice(b, labels);
        ww_buf_char(b, '}');
    }
    ww_buf_char(b, ' ');
}

static void value(struct ww_buf *b, uint64_t v)
{
    ww_buf_decimal(b, v);
    ww_buf_char(b, '\n');
}

/* Microseconds as seconds, without zeros at the end. */
static void seconds(struct ww_buf *b, uint64_t us)
{
    char digits[] = ".000000";
    unsigned fraction = (unsigned)(us % 1000000);
    size_t n = 0;
    ww_buf_decimal(b, us / 1000000);
    for (size_t i = 6; i > 0; i--, fraction /= 10) {
        digits[i] = (char)('0' + fraction % 10);
        if (n == 0 && digits[i] != '0')
            n = i + 1;
    }
    ww_buf_bytes(b, digits, n);
}

static void histogram(struct ww_buf *b, const struct ww_stat_family *f, const struct ww_stats *s)
{
    unsigned count;
    const uint32_t *ends = ww_stat_buckets(f, &count);
    uint64_t total = 0;
    for (unsigned i = 0; i <= count; i++) {
        char text[32];
        struct ww_buf le = ww_buf(text, sizeof text);
        ww_buf_str(&le, "le=\"");
        if (i < count)
            seconds(&le, ends[i]);
        else
            ww_buf_str(&le, "+Inf");
        ww_buf_char(&le, '"');
        total += s->values[f->at + i];
        series(b, f->name, "_bucket", ww_slice(text, le.n));
        value(b, total);
    }
    series(b, f->name, "_sum", ww_slice("", 0));
    seconds(b, s->values[f->at + count + 1]);
    ww_buf_char(b, '\n');
    series(b, f->name, "_count", ww_slice("", 0));
    value(b, total);
}

static void simple(struct ww_buf *b, const struct ww_stat_family *f, const struct ww_stats *s)
{
    for (unsigned i = 0; i < f->count; i++) {
        char text[LABELS_SIZE];
        struct ww_buf labels = ww_buf(text, sizeof text);
        uint64_t v = s->values[f->at + i];
        if (v == 0 && f->shape == WW_STAT_SHAPE_ERROR)
            continue;
        ww_stat_labels(f, i, &labels);
        series(b, f->name, f->kind == WW_STAT_COUNTER ? "_total" : "", ww_slice(text, labels.n));
        value(b, v);
    }
}

static struct ww_slice role_label(enum ww_role_kind kind, unsigned index, char text[LABELS_SIZE])
{
    char name[WW_ROLE_NAME_SIZE];
    struct ww_buf b = ww_buf(text, LABELS_SIZE);
    ww_role_name(kind, index, name);
    ww_buf_str(&b, "role=\"");
    ww_buf_str(&b, name);
    ww_buf_char(&b, '"');
    return ww_slice(text, b.n);
}

/* Only those that resolvers have are left out for the others. */
static bool has(enum ww_role_kind kind, const struct ww_stat_family *f)
{
    return kind == WW_ROLE_RESOLVER || f->at == WW_STAT_CPU || f->at == WW_STAT_MEMORY;
}

static void for_each_role(struct ww_buf *b, const struct ww_stat_family *f,
                          const struct ww_control_stats *stats, const struct ww_msg_roles *status)
{
    for (unsigned i = 0; i < status->count; i++) {
        const struct ww_role_status *r = &status->roles[i];
        const struct ww_counted *c = ww_control_stats_of(stats, r->kind, r->index);
        char text[LABELS_SIZE];
        if (c == NULL || !has(r->kind, f))
            continue;
        uint64_t v = c->now.values[f->at];
        series(b, f->name, f->kind == WW_STAT_GAUGE ? "" : "_total", role_label(r->kind, r->index, text));
        if (f->kind == WW_STAT_COUNTER_US) {
            seconds(b, v + c->past.values[f->at]);
            ww_buf_char(b, '\n');
        } else {
            value(b, v);
        }
    }
}

static void family(struct ww_buf *b, const struct ww_stat_family *f, const struct ww_stats *sum,
                   const struct ww_control_stats *stats, const struct ww_msg_roles *status)
{
    static const char *const types[] = {
        [WW_STAT_COUNTER] = "counter",
        [WW_STAT_COUNTER_US] = "counter",
        [WW_STAT_GAUGE] = "gauge",
        [WW_STAT_HISTOGRAM] = "histogram",
    };
    if (f->kind == WW_STAT_HIDDEN)
        return;
    head(b, f->name, types[f->kind], f->help);
    if (f->shape == WW_STAT_SHAPE_ROLE)
        for_each_role(b, f, stats, status);
    else if (f->kind == WW_STAT_HISTOGRAM)
        histogram(b, f, sum);
    else
        simple(b, f, sum);
}

static uint64_t is_up(const struct ww_role_status *r, const struct ww_control_stats *stats)
{
    const struct ww_counted *c = ww_control_stats_of(stats, r->kind, r->index);
    return r->ready && c != NULL && c->up;
}

static uint64_t restarts(const struct ww_role_status *r, const struct ww_control_stats *stats)
{
    (void)stats;
    return r->restarts;
}

static uint64_t since(const struct ww_role_status *r, const struct ww_control_stats *stats)
{
    (void)stats;
    return (uint64_t)r->since;
}

static void roles(struct ww_buf *b, const struct ww_control_stats *stats, const struct ww_msg_roles *status)
{
    static const struct {
        const char *name, *type, *help;
        uint64_t (*value)(const struct ww_role_status *r, const struct ww_control_stats *stats);
    } about[] = {
        {"waxwing_role_up", "gauge",
         "1 when the process is ready and has answered; else its values are the last known.", is_up},
        {"waxwing_role_restarts", "counter", "How often the process has ended, or was replaced.", restarts},
        {"waxwing_role_start_time_seconds", "gauge", "Start of the process, in Unix time.", since},
    };
    for (size_t i = 0; i < sizeof about / sizeof *about; i++) {
        head(b, about[i].name, about[i].type, about[i].help);
        for (unsigned j = 0; j < status->count; j++) {
            const struct ww_role_status *r = &status->roles[j];
            char text[LABELS_SIZE];
            series(b, about[i].name, about[i].type[0] == 'c' ? "_total" : "",
                   role_label(r->kind, r->index, text));
            value(b, about[i].value(r, stats));
        }
    }
}

void ww_metrics_text(struct ww_buf *b, const struct ww_control_stats *stats,
                     const struct ww_msg_roles *status)
{
    static struct ww_stats sum;
    head(b, "waxwing_build_info", "gauge", "The version that runs; always 1.");
    series(b, "waxwing_build_info", "", ww_slice_str("version=\"" WW_VERSION "\""));
    value(b, 1);
    head(b, "waxwing_start_time_seconds", "gauge", "Start of the daemon, in Unix time.");
    series(b, "waxwing_start_time_seconds", "", ww_slice("", 0));
    value(b, (uint64_t)status->since);
    roles(b, stats, status);
    ww_control_stats_sum(stats, &sum);
    for (unsigned i = 0; i < ww_stat_family_count; i++)
        family(b, &ww_stat_families[i], &sum, stats, status);
}
