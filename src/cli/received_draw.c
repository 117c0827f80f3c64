/* Statistics of reports of others: as bars on a terminal, as a table elsewhere. */
#include "base/time.h"
#include "cli/bars.h"
#include "cli/cache.h"
#include "cli/received_stats.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/wrap.h"
#include "core/sessions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CELLS 5
#define CELLS_MIN 2
#define CELL_SIZE 24
#define LABEL_MIN 10
#define BAR_MIN 8
/* Wider is not easier to read. */
#define WIDTH_MAX 140
/* A longer run of days without a report is told in short. */
#define GAP_MAX 3
#define SENDERS_NAMED 4
#define FAINT "\033[90m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

struct layout {
    FILE *to;
    const struct ww_received_drawing *drawing;
    const char *const *headings; /* CELLS of them; NULL: none */
    unsigned label;
    unsigned cells[CELLS];
    size_t shown; /* of them, from the left: as many as a narrow terminal has room for */
    struct ww_bars bars;
};

static unsigned width_of(const struct ww_received_drawing *d)
{
    return d->style.width < WIDTH_MAX ? d->style.width : WIDTH_MAX;
}

static bool is_of_failures(const char *by)
{
    return strcmp(by, "result") == 0 || strcmp(by, "mx") == 0;
}

static uint64_t count_of(const json_t *row, const char *key)
{
    json_int_t n = ww_cache_number(row, key);
    return n > 0 ? (uint64_t)n : 0;
}

static uint64_t good_of(const json_t *row)
{
    return count_of(row, "success");
}

static uint64_t bad_of(const struct ww_received_drawing *d, const json_t *row)
{
    return count_of(row, is_of_failures(d->by) ? "sessions" : "failure");
}

static void write_share(uint64_t part, uint64_t whole, char out[CELL_SIZE])
{
    double share = whole > 0 ? 100.0 * (double)part / (double)whole : 0;
    if (part > 0 && share < 0.05)
        (void)snprintf(out, CELL_SIZE, "<0.1 %%");
    else
        (void)snprintf(out, CELL_SIZE, part < whole && share >= 99.95 ? ">99.9 %%" : "%.1f %%", share);
}

static void write_number(const json_t *row, const char *key, char out[CELL_SIZE])
{
    (void)snprintf(out, CELL_SIZE, "%" PRIu64, count_of(row, key));
}

static const char *const headings_of_sessions[CELLS] = {"OK", "FAILED", "RATE", "REPORTS", "SENDERS"};
static const char *const headings_of_senders[CELLS] = {"OK", "FAILED", "RATE", "REPORTS", "DOMAINS"};
static const char *const headings_of_failures[CELLS] = {"FAILED", "VERIFIED", "SENDERS", "DOMAINS", "LAST"};

static void write_cells(const struct ww_received_drawing *d, const json_t *row, char out[CELLS][CELL_SIZE])
{
    if (is_of_failures(d->by)) {
        write_number(row, "sessions", out[0]);
        write_number(row, "verified_sessions", out[1]);
        write_number(row, "senders", out[2]);
        write_number(row, "domains", out[3]);
        (void)snprintf(out[4], CELL_SIZE, "%.10s", ww_cache_text(row, "last"));
        return;
    }
    write_number(row, "success", out[0]);
    write_number(row, "failure", out[1]);
    write_share(bad_of(d, row), good_of(row) + bad_of(d, row), out[2]);
    write_number(row, "reports", out[3]);
    write_number(row, strcmp(d->by, "sender") == 0 ? "domains" : "senders", out[4]);
}

static void colour(const struct layout *l, const char *sequence)
{
    if (l->drawing->style.colour)
        (void)fputs(sequence, l->to);
}

static void put_label(const struct layout *l, const char *text)
{
    size_t n = strlen(text);
    if (n > l->label && l->label > 3) {
        ww_show_columns(l->to, text, l->label - 3);
        (void)fputs("...", l->to);
    } else {
        ww_show_columns(l->to, text, n);
        (void)fprintf(l->to, "%*s", n < l->label ? (int)(l->label - n) : 0, "");
    }
    (void)fputs("  ", l->to);
}

static void put_cells(const struct layout *l, const char *const texts[CELLS], size_t wrong)
{
    for (size_t i = 0; i < l->shown; i++) {
        size_t n = strlen(texts[i]);
        (void)fprintf(l->to, "%*s", (int)(2 + (n < l->cells[i] ? l->cells[i] - n : 0)), "");
        colour(l, i == wrong ? RED : "");
        ww_show_columns(l->to, texts[i], n);
        colour(l, i == wrong ? PLAIN : "");
    }
    (void)fputc('\n', l->to);
}

static void put_row(const struct layout *l, const json_t *row)
{
    char cells[CELLS][CELL_SIZE];
    const char *texts[CELLS];
    uint64_t bad = bad_of(l->drawing, row);
    write_cells(l->drawing, row, cells);
    for (size_t i = 0; i < CELLS; i++)
        texts[i] = cells[i];
    put_label(l, ww_cache_text(row, "key"));
    ww_bars_put(l->to, &l->bars, good_of(row), bad);
    put_cells(l, texts, bad == 0 ? CELLS : is_of_failures(l->drawing->by) ? 0 : 1);
}

static void put_headings(const struct layout *l)
{
    char label[16];
    size_t n = strlen(l->drawing->by);
    for (size_t i = 0; i <= n && i < sizeof label; i++)
        label[i] = l->drawing->by[i] >= 'a' ? (char)(l->drawing->by[i] - ('a' - 'A')) : l->drawing->by[i];
    put_label(l, label);
    (void)fprintf(l->to, "%*s", (int)l->bars.width, "");
    put_cells(l, l->headings, CELLS);
}

static void put_gap(const struct layout *l, int64_t day, const char *words)
{
    char text[WW_TIME_SIZE];
    ww_time_format(day * WW_DAY_SECONDS, text);
    text[10] = '\0';
    colour(l, FAINT);
    put_label(l, day < 0 ? "   ..." : text);
    (void)fputs(words, l->to);
    colour(l, PLAIN);
    (void)fputc('\n', l->to);
}

/* Days without a report: from first on, before next. */
static void put_gaps(const struct layout *l, int64_t first, int64_t next)
{
    char words[64];
    int64_t today = l->drawing->today;
    /* Reports of a day come in the course of the next one. */
    int64_t late = next < today - 1 ? next : today - 1;
    if (late - first > GAP_MAX) {
        (void)snprintf(words, sizeof words, "and on %" PRId64 " days more", late - first - 2);
        put_gap(l, first, "no report");
        put_gap(l, -1, words);
        put_gap(l, late - 1, "no report");
        first = late;
    }
    for (; first < next; first++)
        put_gap(l, first, first >= today - 1 ? "no report yet" : "no report");
}

static bool day_of(const json_t *row, int64_t *day)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.10sT00:00:00Z", ww_cache_text(row, "key"));
    if (!ww_time_parse(ww_slice_str(text), day))
        return false;
    *day = ww_day_of(*day);
    return true;
}

static void put_days(const struct layout *l, const json_t *rows)
{
    int64_t next = l->drawing->first, day;
    const json_t *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        if (!day_of(row, &day))
            continue;
        put_gaps(l, next, day);
        put_row(l, row);
        next = day + 1;
    }
    put_gaps(l, next, l->drawing->last + 1);
}

/* The numbers that matter least go first, then the ends of long names. */
static void fit(struct layout *l)
{
    unsigned width = width_of(l->drawing);
    unsigned label = width * 3 / 10 > LABEL_MIN ? width * 3 / 10 : LABEL_MIN;
    unsigned used = 2;
    l->label = l->label < label ? l->label : label;
    for (size_t c = 0; c < CELLS; c++)
        used += 2 + l->cells[c];
    for (l->shown = CELLS; l->shown > CELLS_MIN && used + l->label + BAR_MIN > width; l->shown--)
        used -= 2 + l->cells[l->shown - 1];
    l->bars.width = width > used + l->label + BAR_MIN ? width - used - l->label : BAR_MIN;
}

static void measure(struct layout *l, const json_t *rows)
{
    char cells[CELLS][CELL_SIZE];
    const json_t *row;
    size_t i;
    l->label = LABEL_MIN;
    for (size_t c = 0; c < CELLS; c++)
        l->cells[c] = (unsigned)strlen(l->headings[c]);
    json_array_foreach(rows, i, row)
    {
        uint64_t all = good_of(row) + bad_of(l->drawing, row);
        size_t n = strlen(ww_cache_text(row, "key"));
        write_cells(l->drawing, row, cells);
        l->bars.most = all > l->bars.most ? all : l->bars.most;
        l->label = n > l->label ? (unsigned)n : l->label;
        for (size_t c = 0; c < CELLS; c++)
            l->cells[c] = strlen(cells[c]) > l->cells[c] ? (unsigned)strlen(cells[c]) : l->cells[c];
    }
    fit(l);
}

static bool print_lines(FILE *to, const struct ww_received_drawing *d, const json_t *rows)
{
    static const struct ww_table_column of_sessions[] = {{.heading = "KEY"},
                                                         {.heading = "OK"},
                                                         {.heading = "FAILED"},
                                                         {.heading = "REPORTS"},
                                                         {.heading = "SENDERS"},
                                                         {.heading = "VERIFIED OK"},
                                                         {.heading = "VERIFIED FAILED"}};
    static const char *const keys_of_sessions[] = {"success", "failure",          "reports",
                                                   "senders", "verified_success", "verified_failure"};
    static const struct ww_table_column of_failures[] = {{.heading = "KEY"},      {.heading = "FAILED"},
                                                         {.heading = "VERIFIED"}, {.heading = "SENDERS"},
                                                         {.heading = "DOMAINS"},  {.heading = "LAST"}};
    static const char *const keys_of_failures[] = {"sessions", "verified_sessions", "senders", "domains"};
    bool failures = is_of_failures(d->by);
    size_t columns =
        failures ? sizeof of_failures / sizeof *of_failures : sizeof of_sessions / sizeof *of_sessions;
    size_t numbers = failures ? sizeof keys_of_failures / sizeof *keys_of_failures
                              : sizeof keys_of_sessions / sizeof *keys_of_sessions;
    struct ww_table *table = ww_table_new(failures ? of_failures : of_sessions, columns);
    const json_t *row;
    size_t i;
    if (table == NULL)
        return false;
    json_array_foreach(rows, i, row)
    {
        char texts[8][CELL_SIZE];
        struct ww_table_cell cells[8] = {{ww_cache_text(row, "key"), WW_TABLE_PLAIN}};
        for (size_t n = 0; n < numbers; n++) {
            write_number(row, (failures ? keys_of_failures : keys_of_sessions)[n], texts[n]);
            cells[n + 1].text = texts[n];
        }
        (void)snprintf(texts[numbers], CELL_SIZE, "%.10s", ww_cache_text(row, "last"));
        if (failures)
            cells[numbers + 1].text = texts[numbers];
        ww_table_add(table, cells);
    }
    bool good = ww_table_print(table, to);
    ww_table_free(table);
    return good;
}

/* Days in their order, all else by how much there is of it. */
static int compare(const void *a, const void *b, void *drawn)
{
    const char *by = *(const char **)drawn;
    const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
    const char *key = is_of_failures(by) ? "sessions" : "success";
    uint64_t l = count_of(left, key) + count_of(left, "failure");
    uint64_t r = count_of(right, key) + count_of(right, "failure");
    if (strcmp(by, "day") == 0 || l == r)
        return strcmp(ww_cache_text(left, "key"), ww_cache_text(right, "key"));
    return l < r ? 1 : -1;
}

static bool sort(json_t *rows, const char *by)
{
    size_t n = json_array_size(rows);
    json_t **list = calloc(n + 1, sizeof *list);
    if (list == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        list[i] = json_incref(json_array_get(rows, i));
    qsort_r(list, n, sizeof *list, compare, (void *)&by);
    for (size_t i = 0; i < n; i++)
        (void)json_array_set_new(rows, i, list[i]);
    free(list);
    return true;
}

bool ww_received_draw(FILE *to, const struct ww_received_drawing *drawing, json_t *rows)
{
    struct layout l = {
        .to = to,
        .drawing = drawing,
        .headings = is_of_failures(drawing->by)          ? headings_of_failures
                    : strcmp(drawing->by, "sender") == 0 ? headings_of_senders
                                                         : headings_of_sessions,
        .bars = {.blocks = drawing->style.boxes, .colour = drawing->style.colour},
    };
    const json_t *row;
    size_t i;
    if (!sort(rows, drawing->by))
        return false;
    if (drawing->style.width == 0)
        return print_lines(to, drawing, rows);
    measure(&l, rows);
    put_headings(&l);
    if (strcmp(drawing->by, "day") == 0) {
        put_days(&l, rows);
        return true;
    }
    json_array_foreach(rows, i, row)
    {
        put_row(&l, row);
    }
    return true;
}

struct totals {
    uint64_t reports, good, bad, verified;
};

static struct totals sum(const json_t *rows)
{
    struct totals t = {0};
    const json_t *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        t.reports += count_of(row, "reports");
        t.good += count_of(row, "success");
        t.bad += count_of(row, "failure");
        t.verified += count_of(row, "verified_success") + count_of(row, "verified_failure");
    }
    return t;
}

static void put_senders(struct ww_wrap *w, const json_t *senders)
{
    char text[512], share[CELL_SIZE];
    size_t n = json_array_size(senders);
    for (size_t i = 0; i < n && i < SENDERS_NAMED; i++) {
        const json_t *row = json_array_get(senders, i);
        uint64_t good = good_of(row), bad = count_of(row, "failure"), reports = count_of(row, "reports");
        write_share(bad, good + bad, share);
        (void)snprintf(text, sizeof text, "%.255s (%" PRIu64 " report%s, %" PRIu64 " session%s, %s failed)%s",
                       ww_cache_text(row, "key"), reports, reports == 1 ? "" : "s", good + bad,
                       good + bad == 1 ? "" : "s", share, i + 1 < n ? "," : "");
        ww_wrap_put(w, text);
    }
    if (n > SENDERS_NAMED) {
        (void)snprintf(text, sizeof text, "and %zu more: see --by sender", n - SENDERS_NAMED);
        ww_wrap_put(w, text);
    }
}

void ww_received_draw_totals(FILE *to, const struct ww_received_drawing *drawing, const json_t *rows,
                             json_t *senders)
{
    struct ww_wrap w = {.to = to, .width = width_of(drawing), .indent = 10};
    struct totals t = sum(rows);
    char text[256], share[CELL_SIZE];
    if (is_of_failures(drawing->by) || !sort(senders, "sender"))
        return;
    write_share(t.bad, t.good + t.bad, share);
    (void)snprintf(text, sizeof text,
                   "%" PRIu64 " session%s in %" PRIu64 " report%s: %" PRIu64 " went well, %" PRIu64
                   " failed (%s).",
                   t.good + t.bad, t.good + t.bad == 1 ? "" : "s", t.reports, t.reports == 1 ? "" : "s",
                   t.good, t.bad, share);
    (void)fprintf(to, "\n%-10s", "Total");
    w.column = w.indent;
    ww_wrap_put(&w, text);
    if (t.verified < t.good + t.bad) {
        write_share(t.verified, t.good + t.bad, share);
        (void)snprintf(text, sizeof text, "%s of them are from senders that a DKIM signature vouches for.",
                       t.verified > 0 ? share : "None");
        ww_wrap_put(&w, text);
    }
    (void)fprintf(to, "\n%-10s", "Senders");
    w.column = w.indent;
    put_senders(&w, senders);
    (void)fputc('\n', to);
}
