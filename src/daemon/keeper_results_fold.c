#include "daemon/keeper_results_private.h"

#include "base/cursor.h"

/* Of the days that results may be of. */
struct days {
    int64_t oldest, today, latest;
};

/*
 * The clock may be wrong now, or was when the last results came: what either of them allows is taken. A day
 * that lies ahead of both is a liar's.
 */
static struct days days_at(int64_t now, const struct ww_results_position *before)
{
    int64_t today = ww_day_of(now);
    int64_t other = before != NULL && before->known ? ww_day_of(before->at) : today;
    return (struct days){(other < today ? other : today) - WW_RESULTS_DAYS_BACK, today,
                         (other > today ? other : today) + 1};
}

/* What was corrected was counted before. */
static uint64_t sessions_of(const struct ww_sessions *s)
{
    int64_t n = s->success + s->unverified + s->failure;
    return n > 0 ? (uint64_t)n : 0;
}

/* A second spelling would have a second report; and nothing else is a name in a mail. */
static bool is_canonical(const char *domain)
{
    char name[WW_DNAME_SIZE];
    return ww_dname_canon(domain, strlen(domain), name) == WW_OK && strcmp(name, domain) == 0;
}

static enum ww_err want_look(struct ww_results_folding *f, const struct ww_sessions *s, int64_t now)
{
    bool wanted = f->config->collect_look && !s->by_us && f->known.found && f->known.mode != WW_MODE_NONE;
    return wanted ? ww_results_want_look(f->store, s->domain, now) : WW_OK;
}

static enum ww_err take_item(struct ww_results_folding *f, const struct days *days, int64_t now,
                             struct ww_results_folded *out)
{
    struct ww_sessions *s = &f->item.sessions;
    bool listed;
    if (!is_canonical(s->domain) || s->day < days->oldest) {
        out->refused++;
        return WW_OK;
    }
    if (s->day > days->latest)
        s->day = days->today;
    enum ww_err err = ww_known_policy_get(f->store, s->domain, s->day * WW_DAY_SECONDS, &f->known);
    if (err == WW_OK)
        err = want_look(f, s, now);
    if (err == WW_OK)
        err = ww_known_policy_resolve(f->store, &f->known, s);
    if (err == WW_OK)
        err = ww_results_add(f->store, s, now, &listed);
    if (err == WW_E_TOO_LONG) {
        out->refused++;
        return WW_OK;
    }
    if (err != WW_OK)
        return err;
    out->sessions += sessions_of(s);
    out->unlisted += listed ? 0 : sessions_of(s);
    out->late |= s->day <= ww_results_last_over(now);
    return WW_OK;
}

static enum ww_err take_items(struct ww_results_folding *f, struct ww_slice items, const struct days *days,
                              int64_t now, struct ww_results_folded *out)
{
    struct ww_cursor c = ww_cursor(items.p, items.n);
    enum ww_err err = WW_OK;
    for (struct ww_slice part; err == WW_OK && ww_msg_next_part(&c, &part);) {
        if (ww_msg_get_sessions(part, &f->item) == WW_OK)
            err = take_item(f, days, now, out);
        else
            out->refused++;
    }
    out->refused += c.failed;
    return err;
}

static enum ww_err fold(struct ww_results_folding *f, const struct ww_msg_fold *m,
                        const struct ww_results_position *before, int64_t now, struct ww_results_folded *out)
{
    const struct days days = days_at(now, before);
    enum ww_err err = ww_store_begin(f->store);
    if (err == WW_OK)
        err = take_items(f, m->items, &days, now, out);
    if (err == WW_OK)
        err = ww_results_put_position(f->store, m->journal, m->to, now);
    return err == WW_OK ? ww_store_commit(f->store) : err;
}

enum ww_err ww_results_fold(struct ww_results_folding *f, const struct ww_msg_fold *m, int64_t now,
                            struct ww_msg_folded *answer, struct ww_results_folded *out)
{
    struct ww_results_position before;
    *out = (struct ww_results_folded){.sessions = 0};
    memcpy(answer->journal, m->journal, sizeof answer->journal);
    enum ww_err err = ww_results_position(f->store, m->journal, &before);
    if (err != WW_OK)
        return err;
    answer->known = true;
    answer->position = before.position;
    if (before.known && before.position != m->from)
        return WW_OK;
    err = fold(f, m, &before, now, out);
    if (err != WW_OK)
        ww_store_rollback(f->store);
    answer->position = m->to;
    return err;
}

/* One that has not asked for reports is not looked at for a day, however often it has mail. */
static enum ww_err fold_look(struct ww_results_folding *f, const struct ww_msg_looked *m, int64_t now,
                             struct ww_results_folded *out)
{
    struct ww_cursor c = ww_cursor(m->items.p, m->items.n);
    struct ww_sessions *s = &f->item.sessions;
    const struct days days = days_at(now, NULL);
    int64_t next = m->asked ? f->config->collect_look_interval : WW_DAY_SECONDS;
    enum ww_err err = ww_store_begin(f->store);
    for (struct ww_slice part; err == WW_OK && m->asked && ww_msg_next_part(&c, &part);) {
        if (ww_msg_get_sessions(part, &f->item) != WW_OK) {
            out->refused++;
            continue;
        }
        memcpy(s->domain, m->domain, sizeof s->domain);
        s->day = days.today;
        s->policy_known = s->by_us = true;
        err = take_item(f, &days, now, out);
    }
    if (err == WW_OK)
        err = ww_results_look_set_due(f->store, m->domain, now + next);
    return err == WW_OK ? ww_store_commit(f->store) : err;
}

enum ww_err ww_results_fold_look(struct ww_results_folding *f, const struct ww_msg_looked *m, int64_t now,
                                 struct ww_results_folded *out)
{
    *out = (struct ww_results_folded){.sessions = 0};
    enum ww_err err = fold_look(f, m, now, out);
    if (err != WW_OK)
        ww_store_rollback(f->store);
    return err;
}
