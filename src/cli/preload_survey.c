/* Has domains looked at in processes of their own, some hundred at a time, and takes what these tell. */
#include "base/ascii.h"
#include "cli/preload_look.h"
#include "cli/progress.h"
#include "cli/subcommands.h"
#include "cli/worker.h"
#include "core/mx_match.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Domains of one process: what it tells is held in memory, and what goes wrong in it is lost. */
#define BATCH 512

#define TICK_MS 200

struct survey {
    struct ww_preload_finding *asked[BATCH];
    bool told[BATCH];
    struct ww_preload_looks looks;
    const char *domains[BATCH];
    struct ww_progress progress;
    uint64_t done;
    bool failed; /* nothing can be looked at */
};

/* The process has read what strangers wrote: what it tells is looked at as theirs. */
static bool take_mx(struct ww_preload_finding *f, const json_t *mx)
{
    size_t offset, room = 0;
    f->mx_count = json_array_size(mx);
    for (size_t i = 0; i < f->mx_count; i++) {
        struct ww_slice pattern = ww_slice_str("");
        const json_t *text = json_array_get(mx, i);
        if (json_is_string(text))
            pattern = ww_slice(json_string_value(text), json_string_length(text));
        if (ww_mx_pattern_check(pattern, &offset) != WW_OK)
            return false;
        room += 1 + pattern.n;
    }
    f->mx = malloc(room + 1);
    struct ww_buf b = ww_buf(f->mx, f->mx != NULL ? room : 0);
    for (size_t i = 0; i < f->mx_count; i++) {
        const json_t *text = json_array_get(mx, i);
        ww_buf_u8(&b, (uint8_t)json_string_length(text));
        for (size_t k = 0; k < json_string_length(text); k++)
            ww_buf_char(&b, ww_lower(json_string_value(text)[k]));
    }
    f->mx_n = b.n;
    return f->mx_count > 0 && f->mx_count <= WW_PRELOAD_MX_MAX && !b.failed;
}

static void take(struct survey *s, const json_t *line)
{
    const char *failed = json_string_value(json_object_get(line, "failed"));
    const char *why = json_string_value(json_object_get(line, "why"));
    /* A negative number is too large a one. */
    size_t index = (size_t)json_integer_value(json_object_get(line, "index"));
    if (failed != NULL && !s->failed) {
        ww_progress_clear(&s->progress);
        ww_subcommand_complain("preload make", "nothing can be looked at", failed);
        s->failed = true;
    }
    if (failed != NULL || index >= s->looks.count || s->told[index])
        return;
    struct ww_preload_finding *f = s->asked[index];
    s->told[index] = true;
    f->temporary = json_is_true(json_object_get(line, "temporary"));
    f->withdrawn = json_is_true(json_object_get(line, "withdrawn"));
    f->taken = json_is_true(json_object_get(line, "taken")) && take_mx(f, json_object_get(line, "mx"));
    if (!f->taken)
        f->why = strdup(why != NULL && why[0] != '\0' ? why : "its patterns cannot be used");
    s->done++;
}

static void wait_for(struct survey *s, struct ww_worker *worker)
{
    while (worker->fd >= 0) {
        struct pollfd fd = {.fd = worker->fd, .events = POLLIN};
        json_t *line;
        if (poll(&fd, 1, TICK_MS) > 0)
            ww_worker_read(worker);
        ww_worker_check(worker);
        while ((line = ww_worker_next(worker)) != NULL) {
            take(s, line);
            json_decref(line);
        }
        ww_progress_step(&s->progress, s->done);
    }
}

static void look_at_batch(struct survey *s)
{
    struct ww_worker worker;
    memset(s->told, 0, sizeof s->told);
    if (ww_worker_begin(&worker, ww_preload_look, &s->looks, ww_preload_look_deadline_ms(&s->looks),
                        ww_preload_look_output_max(&s->looks)))
        wait_for(s, &worker);
    for (size_t i = 0; i < s->looks.count; i++) {
        if (s->told[i])
            continue;
        s->asked[i]->temporary = true;
        s->asked[i]->why = strdup(worker.late ? "the look at it took too long" : "the look at it broke off");
    }
    ww_worker_free(&worker);
}

bool ww_preload_survey(struct ww_preload_findings *all, const struct ww_preload_rules *rules)
{
    struct survey *s = calloc(1, sizeof *s);
    size_t at = 0;
    if (s == NULL)
        return false;
    s->looks = (struct ww_preload_looks){.rules = rules, .domains = s->domains};
    ww_progress_begin(&s->progress, "domains", all->count);
    while (at < all->count && !s->failed) {
        for (s->looks.count = 0; at < all->count && s->looks.count < BATCH; at++) {
            if (all->found[at].why != NULL) {
                s->done++;
                continue;
            }
            s->asked[s->looks.count] = &all->found[at];
            s->domains[s->looks.count++] = all->found[at].domain;
        }
        if (s->looks.count > 0)
            look_at_batch(s);
    }
    ww_progress_clear(&s->progress);
    bool good = !s->failed;
    free(s);
    return good;
}
