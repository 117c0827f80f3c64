#include "daemon/log.h"

#include "base/time.h"
#include "daemon/clock.h"
#include "daemon/log_limit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A line is one write of at most PIPE_BUF octets, so that roles that share a pipe never mix theirs. */
#define LINE_SIZE 4096
#define LINE_ROOM (LINE_SIZE - 16) /* the rest is kept for what closes a line that was cut */

struct line {
    char p[LINE_SIZE];
    size_t n;
    bool json;
    bool full;
};

static struct {
    const char *role;
    enum ww_log_level level;
    enum ww_log_format format;
    bool numbers; /* the level as a number in front: for the journal, in any format */
    struct ww_log_limit limit;
} sink = {.role = "waxwing", .level = WW_LOG_INFO, .format = WW_LOG_TEXT};

static const char *const level_names[] = {
    [WW_LOG_ERROR] = "error",
    [WW_LOG_WARNING] = "warning",
    [WW_LOG_INFO] = "info",
    [WW_LOG_DEBUG] = "debug",
};

/* Of syslog(3). */
static const char level_numbers[] = {
    [WW_LOG_ERROR] = '3',
    [WW_LOG_WARNING] = '4',
    [WW_LOG_INFO] = '6',
    [WW_LOG_DEBUG] = '7',
};

/* The variable says "device:inode" of what stderr was when we were started; it may be another by now. */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat st;
    char own[48];
    if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
        return false;
    snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return strcmp(own, stream) == 0;
}

void ww_log_open(const char *role, enum ww_log_level level, enum ww_log_format format)
{
    bool journal = is_journal();
    sink.role = role;
    sink.level = level;
    sink.format = format != WW_LOG_AUTO ? format : journal ? WW_LOG_JOURNAL : WW_LOG_TEXT;
    sink.numbers = journal || sink.format == WW_LOG_JOURNAL;
}

static void put(struct line *l, const char *p, size_t n)
{
    if (l->full || l->n + n > LINE_ROOM) {
        l->full = true;
        return;
    }
    memcpy(l->p + l->n, p, n);
    l->n += n;
}

static void put_str(struct line *l, const char *s)
{
    put(l, s, strlen(s));
}

/* What closes a line has its place kept. */
static void put_tail(struct line *l, const char *s)
{
    size_t n = strlen(s);
    if (n <= LINE_SIZE - l->n) {
        memcpy(l->p + l->n, s, n);
        l->n += n;
    }
}

/* Everything but printable ASCII is spelled out: no value can end a line or steer a terminal. */
static void put_escaped(struct line *l, const char *s)
{
    static const char digits[] = "0123456789abcdef";
    for (; *s != '\0'; s++) {
        unsigned char ch = (unsigned char)*s;
        char unit[6];
        size_t n = 0;
        if (ch == '"' || ch == '\\') {
            unit[n++] = '\\';
            unit[n++] = (char)ch;
        } else if (ch >= 0x20 && ch < 0x7f) {
            unit[n++] = (char)ch;
        } else {
            unit[n++] = '\\';
            unit[n++] = l->json ? 'u' : 'x';
            if (l->json) {
                unit[n++] = '0';
                unit[n++] = '0';
            }
            unit[n++] = digits[ch >> 4];
            unit[n++] = digits[ch & 15];
        }
        put(l, unit, n);
    }
}

static bool is_bare(const char *s)
{
    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++)
        if (*s <= ' ' || *s >= 0x7f || *s == '"' || *s == '\\' || *s == '=')
            return false;
    return true;
}

static void put_pair(struct line *l, const char *key, const char *value)
{
    if (l->full)
        return;
    size_t start = l->n;
    bool quoted = l->json || !is_bare(value) || l->n + strlen(key) + strlen(value) + 2 > LINE_ROOM;
    put_str(l, l->json ? ",\"" : " ");
    put_str(l, key);
    put_str(l, l->json ? "\":" : "=");
    if (quoted)
        put_str(l, "\"");
    if (l->full) { /* half a key would be no JSON */
        l->n = start;
        return;
    }
    put_escaped(l, value);
    if (quoted)
        put_tail(l, l->full ? "...\"" : "\"");
}

static void put_head(struct line *l, enum ww_log_level level, const char *event)
{
    char stamp[WW_TIME_SIZE];
    const char number[] = {'<', level_numbers[level], '>'};
    ww_time_format((int64_t)time(NULL), stamp);
    if (sink.numbers)
        put(l, number, sizeof number);
    if (l->json) {
        put_str(l, "{\"time\":\"");
        put_str(l, stamp);
        put_str(l, "\"");
        put_pair(l, "role", sink.role);
        put_pair(l, "level", level_names[level]);
        put_pair(l, "event", event);
        return;
    }
    const char *const words[] = {stamp, sink.role, level_names[level], event};
    size_t first = sink.format == WW_LOG_JOURNAL ? 1 : 0;
    for (size_t i = first; i < sizeof words / sizeof *words; i++) {
        if (i > first)
            put_str(l, " ");
        put_str(l, words[i]);
    }
}

static void write_line(enum ww_log_level level, const char *event, va_list ap)
{
    struct line l = {.n = 0, .json = sink.format == WW_LOG_JSON, .full = false};
    put_head(&l, level, event);
    const char *key;
    while ((key = va_arg(ap, const char *)) != NULL) {
        const char *value = va_arg(ap, const char *);
        if (value != NULL)
            put_pair(&l, key, value);
    }
    put_tail(&l, l.json ? "}\n" : "\n");
    /* A log that cannot be written has nobody to tell. */
    ssize_t written = write(STDERR_FILENO, l.p, l.n);
    (void)written;
}

__attribute__((sentinel)) static void write_pairs(enum ww_log_level level, const char *event, ...)
{
    va_list ap;
    va_start(ap, event);
    write_line(level, event, ap);
    va_end(ap);
}

void ww_log_flush(bool all)
{
    struct ww_log_event over;
    char count[24];
    while (ww_log_limit_over(&sink.limit, ww_clock_ms(), all, &over)) {
        snprintf(count, sizeof count, "%" PRIu64, over.suppressed);
        write_pairs((enum ww_log_level)over.level, "log-suppressed", "of", over.event, "count", count,
                    (char *)NULL);
    }
}

bool ww_log(enum ww_log_level level, const char *event, ...)
{
    if (level > sink.level)
        return true;
    if (level != WW_LOG_DEBUG) {
        ww_log_flush(false);
        if (!ww_log_limit_take(&sink.limit, event, level, ww_clock_ms()))
            return false;
    }
    va_list ap;
    va_start(ap, event);
    write_line(level, event, ap);
    va_end(ap);
    return true;
}
