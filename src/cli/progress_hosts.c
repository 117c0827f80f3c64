#include "cli/progress_hosts.h"

#include "cli/show.h"
#include "cli/tree.h"
#include "daemon/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define PAUSE_MS 100

/* Lines that are drawn; parts that are remembered of all subjects together. */
#define LINES_MAX 10
#define PARTS_MAX 4096

#define TEXT_SIZE 256

struct part {
    TAILQ_ENTRY(part) entry;
    int64_t begun;
    int64_t ended; /* 0: not yet */
    char what[TEXT_SIZE];
};

struct subject {
    TAILQ_ENTRY(subject) entry;
    TAILQ_HEAD(, part) parts;
    int64_t begun;
    char name[TEXT_SIZE];
};

struct ww_progress_hosts {
    TAILQ_HEAD(, subject) subjects; /* that are under way, the oldest first */
    size_t of;
    size_t done;
    size_t parts;
    unsigned lines; /* that stand on the screen */
    unsigned width;
    bool colour;
    int64_t begun;
    int64_t drawn_at;
};

struct ww_progress_hosts *ww_progress_hosts_new(size_t of)
{
    const char *term = getenv("TERM");
    const struct ww_tree_style style = ww_tree_style(stderr);
    if (style.width == 0 || term == NULL || strcmp(term, "dumb") == 0)
        return NULL;
    struct ww_progress_hosts *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    TAILQ_INIT(&p->subjects);
    p->of = of;
    p->width = style.width;
    p->colour = style.colour;
    p->begun = ww_clock_ms();
    return p;
}

static void part_free(struct ww_progress_hosts *p, struct subject *s, struct part *part)
{
    TAILQ_REMOVE(&s->parts, part, entry);
    p->parts--;
    free(part);
}

static void subject_free(struct ww_progress_hosts *p, struct subject *s)
{
    struct part *part;
    while ((part = TAILQ_FIRST(&s->parts)) != NULL)
        part_free(p, s, part);
    TAILQ_REMOVE(&p->subjects, s, entry);
    free(s);
}

void ww_progress_hosts_free(struct ww_progress_hosts *progress)
{
    struct subject *s;
    if (progress == NULL)
        return;
    ww_progress_hosts_clear(progress);
    while ((s = TAILQ_FIRST(&progress->subjects)) != NULL)
        subject_free(progress, s);
    free(progress);
}

static struct subject *find(struct ww_progress_hosts *p, const char *name)
{
    struct subject *s;
    TAILQ_FOREACH(s, &p->subjects, entry)
    if (strncmp(s->name, name, TEXT_SIZE - 1) == 0)
        return s;
    return NULL;
}

static struct subject *enter(struct ww_progress_hosts *p, const char *name)
{
    struct subject *s = find(p, name);
    if (s != NULL || p->parts >= PARTS_MAX)
        return s;
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    TAILQ_INIT(&s->parts);
    s->begun = ww_clock_ms();
    (void)snprintf(s->name, sizeof s->name, "%s", name);
    TAILQ_INSERT_TAIL(&p->subjects, s, entry);
    return s;
}

static void begin(struct ww_progress_hosts *p, struct subject *s, const char *what)
{
    struct part *part = p->parts < PARTS_MAX ? calloc(1, sizeof *part) : NULL;
    if (part == NULL)
        return;
    part->begun = ww_clock_ms();
    (void)snprintf(part->what, sizeof part->what, "%s", what);
    TAILQ_INSERT_TAIL(&s->parts, part, entry);
    p->parts++;
}

/* Of several subjects only that counts what is under way. */
static void end(struct ww_progress_hosts *p, struct subject *s, const char *what)
{
    struct part *part;
    TAILQ_FOREACH(part, &s->parts, entry)
    {
        if (part->ended != 0 || strcmp(part->what, what) != 0)
            continue;
        part->ended = ww_clock_ms();
        if (p->of > 1)
            part_free(p, s, part);
        return;
    }
}

void ww_progress_hosts_step(struct ww_progress_hosts *progress, const char *subject, const char *part,
                            const char *name, bool ended)
{
    char what[TEXT_SIZE];
    struct subject *s = progress != NULL ? enter(progress, subject) : NULL;
    if (s == NULL)
        return;
    (void)snprintf(what, sizeof what, "%s%s%s", part, name[0] != '\0' ? " " : "", name);
    if (ended)
        end(progress, s, what);
    else
        begin(progress, s, what);
}

void ww_progress_hosts_done(struct ww_progress_hosts *progress, const char *subject)
{
    if (progress == NULL)
        return;
    struct subject *s = find(progress, subject);
    progress->done++;
    if (s != NULL)
        subject_free(progress, s);
}

static const char *paint(const struct ww_progress_hosts *p, const char *colour)
{
    return p->colour ? colour : "";
}

/* A line is never wider than the terminal, or going up again would miss it. */
static void put_line(struct ww_progress_hosts *p, const char *colour, const char *text)
{
    size_t n = strlen(text);
    (void)fputs(paint(p, colour), stderr);
    ww_show_columns(stderr, text, n < p->width ? n : p->width - 1);
    (void)fprintf(stderr, "%s\033[K\n", paint(p, "\033[0m"));
    p->lines++;
}

static unsigned long seconds(int64_t ms)
{
    return (unsigned long)(ms > 0 ? ms / 1000 : 0);
}

static void draw_parts(struct ww_progress_hosts *p, const struct subject *s, int64_t now)
{
    char line[3 * TEXT_SIZE];
    const struct part *part;
    size_t left_out = 0;
    (void)snprintf(line, sizeof line, "%s  %lu s", s->name, seconds(now - s->begun));
    put_line(p, "\033[1m", line);
    TAILQ_FOREACH(part, &s->parts, entry)
    {
        if (p->lines == LINES_MAX) {
            left_out++;
            continue;
        }
        int64_t end = part->ended != 0 ? part->ended : now;
        (void)snprintf(line, sizeof line, "  %-4s %s  %lu.%lu s", part->ended != 0 ? "done" : "...",
                       part->what, seconds(end - part->begun),
                       (unsigned long)(end - part->begun) % 1000 / 100);
        put_line(p, part->ended != 0 ? "\033[32m" : "\033[33m", line);
    }
    if (left_out > 0) {
        (void)snprintf(line, sizeof line, "  and %zu more", left_out);
        put_line(p, "\033[90m", line);
    }
}

/* "MX host a, MX host b": what of it goes on. */
static void put_parts(FILE *f, const struct subject *s)
{
    const struct part *part;
    const char *comma = "";
    TAILQ_FOREACH(part, &s->parts, entry)
    {
        (void)fprintf(f, "%s%s", comma, part->what);
        comma = ", ";
    }
}

static void draw_subjects(struct ww_progress_hosts *p, int64_t now)
{
    char line[3 * TEXT_SIZE];
    const struct subject *s;
    size_t left_out = 0;
    (void)snprintf(line, sizeof line, "%zu of %zu domains inspected  %lu s", p->done, p->of,
                   seconds(now - p->begun));
    put_line(p, "\033[1m", line);
    TAILQ_FOREACH(s, &p->subjects, entry)
    {
        if (p->lines == LINES_MAX) {
            left_out++;
            continue;
        }
        FILE *f = fmemopen(line, sizeof line, "w");
        if (f == NULL)
            return;
        (void)fprintf(f, "  %-24s %2lu s  ", s->name, seconds(now - s->begun));
        put_parts(f, s);
        (void)fclose(f);
        line[sizeof line - 1] = '\0';
        put_line(p, "\033[33m", line);
    }
    if (left_out > 0) {
        (void)snprintf(line, sizeof line, "  and %zu more", left_out);
        put_line(p, "\033[90m", line);
    }
}

void ww_progress_hosts_draw(struct ww_progress_hosts *progress)
{
    int64_t now = ww_clock_ms();
    if (progress == NULL || (progress->drawn_at != 0 && now - progress->drawn_at < PAUSE_MS))
        return;
    const struct subject *only = TAILQ_FIRST(&progress->subjects);
    if (progress->of == 1 && only == NULL)
        return;
    ww_progress_hosts_clear(progress);
    progress->drawn_at = now;
    if (progress->of == 1)
        draw_parts(progress, only, now);
    else
        draw_subjects(progress, now);
    (void)fflush(stderr);
}

void ww_progress_hosts_clear(struct ww_progress_hosts *progress)
{
    if (progress == NULL || progress->lines == 0)
        return;
    (void)fprintf(stderr, "\033[%uA\033[J", progress->lines);
    (void)fflush(stderr);
    progress->lines = 0;
}
