/* Waits while a domain is looked at. */
#include "cli/publish.h"

#include "cli/check_view.h"
#include "cli/show.h"
#include "daemon/clock.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define POLL_US 300000
/* What is due within so many seconds of a look is waited for, too. */
#define SOON 5

static volatile sig_atomic_t had_enough;

static void on_interrupt(int signal)
{
    (void)signal;
    had_enough = 1;
}

struct following {
    const char *domain;
    int64_t begin_ms;
    bool shown; /* something stands on the terminal */
    bool tell;
    char told[WW_PUBLISHED_WORDS_SIZE + 64]; /* last */
};

static void clear(struct following *f)
{
    if (f->shown)
        (void)fputs("\r\033[K", stderr);
    f->shown = false;
}

static void draw(struct following *f)
{
    if (!ww_show_is_terminal(stderr))
        return;
    f->shown = true;
    (void)fputs("\rlooking at ", stderr);
    ww_show_text(stderr, f->domain);
    (void)fprintf(stderr, ", %d s\033[K", (int)((ww_clock_ms() - f->begin_ms) / 1000));
    (void)fflush(stderr);
}

/* Each step once, on a line of its own. */
static void tell_step(struct following *f, const json_t *shown)
{
    char now[sizeof f->told];
    const char *waits = ww_view_text(shown, "waits");
    const char *trouble = ww_view_text(shown, "trouble");
    (void)snprintf(now, sizeof now, "%.20s: %s", ww_view_text(shown, "state"),
                   trouble[0] != '\0' ? trouble : waits);
    if (!f->tell || strcmp(now, f->told) == 0)
        return;
    clear(f);
    (void)snprintf(f->told, sizeof f->told, "%s", now);
    ww_show_text(stdout, now);
    (void)putchar('\n');
    (void)fflush(stdout);
}

bool ww_publish_is_answered(const json_t *shown)
{
    return ww_view_number(shown, "answered") >= ww_view_number(shown, "asked");
}

/* Whoever asked waits no longer: it was looked at, and nothing more is about to happen. */
static bool is_over(const json_t *shown)
{
    int64_t looked = ww_publish_time(shown, "looked_at"), next = ww_publish_time(shown, "next_at");
    if (!ww_publish_is_answered(shown) || json_is_true(json_object_get(shown, "tending")))
        return false;
    return json_is_true(json_object_get(shown, "needs_operator")) ||
           json_is_true(json_object_get(shown, "stopped")) || next == 0 || next > looked + SOON;
}

static int poll_once(const struct ww_publish_options *o, struct following *f, json_t **shown)
{
    json_t *now;
    int status = ww_publish_fetch(o, f->domain, &now);
    if (status != WW_EXIT_OK)
        return status;
    json_decref(*shown);
    *shown = now;
    return WW_EXIT_OK;
}

int ww_publish_follow(const struct ww_publish_options *o, const char *domain, uint64_t wait_ms, bool tell,
                      json_t **shown)
{
    struct sigaction action = {.sa_handler = on_interrupt}, former;
    struct following f = {.domain = domain, .begin_ms = ww_clock_ms(), .tell = tell};
    bool over = false;
    *shown = NULL;
    had_enough = 0;
    (void)sigaction(SIGINT, &action, &former);
    int status = poll_once(o, &f, shown);
    while (status == WW_EXIT_OK && had_enough == 0) {
        over = is_over(*shown);
        if (ww_publish_is_answered(*shown))
            tell_step(&f, *shown);
        if (over || (uint64_t)(ww_clock_ms() - f.begin_ms) >= wait_ms)
            break;
        draw(&f);
        (void)usleep(POLL_US);
        status = poll_once(o, &f, shown);
    }
    clear(&f);
    (void)sigaction(SIGINT, &former, NULL);
    return status == WW_EXIT_OK && !over ? WW_EXIT_TEMPORARY : status;
}
