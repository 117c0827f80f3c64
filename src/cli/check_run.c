#include "cli/check_run.h"

#include "cli/progress_hosts.h"
#include "cli/worker.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define TICK_MS 200

struct running {
    const struct ww_check_domains *domains;
    struct ww_worker worker;
    struct ww_progress_hosts *progress;
    json_t **reports; /* that came before their turn, by index */
    bool *failed;     /* the process could not inspect this one */
    size_t turn;      /* the next domain to be handed over */
    bool ended;       /* the process says that it has told all */
    char why[512];    /* that it gives for having failed, or "" */
    ww_check_came *came;
    void *ctx;
};

static const char *text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

static void hand_over(struct running *r, const json_t *report, const char *why)
{
    const char *domain = r->domains->names[r->turn++];
    ww_progress_hosts_clear(r->progress);
    r->came(r->ctx, domain, report, why);
}

/* Those whose turn it is. */
static void hand_over_ready(struct running *r)
{
    while (r->turn < r->domains->count) {
        json_t *report = r->reports[r->turn];
        if (report == NULL && !r->failed[r->turn])
            return;
        r->reports[r->turn] = NULL;
        hand_over(r, report, r->why);
        json_decref(report);
    }
}

/* What is told of a domain that nobody has asked for, or once more, counts for nothing. */
static void take_report(struct running *r, json_t *report)
{
    size_t i;
    if (!json_is_object(report) || !ww_check_domains_find(r->domains, text(report, "domain"), &i) ||
        i < r->turn || r->reports[i] != NULL || r->failed[i])
        return;
    r->reports[i] = json_incref(report);
    ww_progress_hosts_done(r->progress, r->domains->names[i]);
}

static void take_failure(struct running *r, const json_t *line)
{
    size_t i;
    if (r->why[0] == '\0')
        (void)snprintf(r->why, sizeof r->why, "%s", text(line, "failed"));
    if (ww_check_domains_find(r->domains, text(line, "domain"), &i) && r->reports[i] == NULL)
        r->failed[i] = true;
}

static void take(struct running *r, json_t *line)
{
    const json_t *step = json_object_get(line, "step");
    if (step != NULL)
        ww_progress_hosts_step(r->progress, text(step, "domain"), text(step, "part"), text(step, "name"),
                               json_is_true(json_object_get(step, "ended")));
    take_report(r, json_object_get(line, "report"));
    if (json_is_string(json_object_get(line, "failed")))
        take_failure(r, line);
    if (json_is_true(json_object_get(line, "end")))
        r->ended = true;
    json_decref(line);
}

static void read_all(struct running *r)
{
    while (r->worker.fd >= 0) {
        struct pollfd fd = {.fd = r->worker.fd, .events = POLLIN};
        json_t *line;
        if (poll(&fd, 1, TICK_MS) > 0)
            ww_worker_read(&r->worker);
        ww_worker_check(&r->worker);
        while ((line = ww_worker_next(&r->worker)) != NULL)
            take(r, line);
        hand_over_ready(r);
        ww_progress_hosts_draw(r->progress);
    }
}

/* Why reports are missing. */
static void find_why(struct running *r)
{
    int status = r->worker.status;
    if (r->worker.late)
        (void)snprintf(r->why, sizeof r->why,
                       "the process that inspects took too long, or told too much, and was ended");
    else if (WIFSIGNALED(status))
        (void)snprintf(r->why, sizeof r->why, "the process that inspects was ended by signal %d",
                       WTERMSIG(status));
    else if (r->why[0] == '\0')
        (void)snprintf(r->why, sizeof r->why, "%s",
                       r->ended ? "the process that inspects had no memory for its report"
                                : "the process that inspects has ended too early");
}

void ww_check_run(const struct ww_check_order *order, const struct ww_check_domains *domains,
                  ww_check_came *came, void *ctx)
{
    struct ww_check_order copy = *order;
    struct running r = {
        .domains = domains,
        .reports = calloc(domains->count, sizeof *r.reports),
        .failed = calloc(domains->count, sizeof *r.failed),
        .came = came,
        .ctx = ctx,
    };
    r.worker.fd = -1;
    if (r.reports != NULL && r.failed != NULL &&
        ww_worker_begin(&r.worker, ww_check_look, &copy, ww_check_look_deadline_ms(order),
                        ww_check_look_output_max(order))) {
        r.progress = ww_progress_hosts_new(domains->count);
        read_all(&r);
        ww_progress_hosts_free(r.progress);
        r.progress = NULL;
        find_why(&r);
    } else {
        (void)snprintf(r.why, sizeof r.why, "memory or processes are short");
    }
    while (r.turn < domains->count) {
        json_t *report = r.reports != NULL ? r.reports[r.turn] : NULL;
        hand_over(&r, report, r.why);
        json_decref(report);
    }
    ww_worker_free(&r.worker);
    free(r.reports);
    free(r.failed);
}
