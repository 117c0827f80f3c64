#include "check/check.h"
#include "daemon/keeper_evidence_private.h"

static enum ww_fault_kind kind_of(enum ww_check check)
{
    if (check == WW_CHECK_HISTORY_WEAKER)
        return WW_FAULT_OTHER;
    switch (ww_check_info(check)->area) {
    case WW_CHECK_AREA_COVER:
    case WW_CHECK_AREA_MX:
        return WW_FAULT_REFUSES;
    case WW_CHECK_AREA_DANE:
        return WW_FAULT_DANE;
    case WW_CHECK_AREA_NAMES:
    case WW_CHECK_AREA_HOST:
    case WW_CHECK_AREA_POLICY:
    case WW_CHECK_AREA_HISTORY:
        return WW_FAULT_POLICY;
    case WW_CHECK_AREA_TLSRPT:
        return WW_FAULT_REPORTS;
    case WW_CHECK_AREAS:
        break;
    }
    return WW_FAULT_OTHER;
}

/* A domain in mode testing has its findings by the severity of that; what counts is what they will be. */
static void add_fault(struct ww_keeper_evidence *k, const char *check, const char *where, const char *seen,
                      int64_t since)
{
    enum ww_check known = ww_check_find(check);
    if (known == WW_CHECKS || k->e.look.count == WW_EVIDENCE_FAULTS_MAX)
        return;
    k->faults[k->e.look.count++] = (struct ww_evidence_fault){
        .kind = kind_of(known),
        .bad = ww_check_info(known)->severity == WW_SEVERITY_ERROR,
        .check = ww_check_info(known)->id,
        .where = ww_keeper_evidence_keep(k, ww_slice_str(where)),
        .seen = ww_keeper_evidence_keep(k, ww_slice_str(seen)),
        .since = since,
    };
}

/* What the last run has not found any more is kept for a while. */
static void on_finding(void *ctx, const struct ww_alert_state *s)
{
    struct ww_keeper_evidence *k = ctx;
    if (s->misses == 0)
        add_fault(k, s->check, s->where, s->seen, s->first_seen);
}

static enum ww_err take_watch(struct ww_keeper_evidence *k, struct ww_store *store, int64_t now)
{
    struct ww_watch watch;
    struct ww_evidence_look *look = &k->e.look;
    enum ww_err err = ww_watch_get(store, k->domain, &watch);
    if (err == WW_E_NOT_KNOWN)
        return WW_OK;
    if (err != WW_OK || watch.last.at < now - WW_EVIDENCE_LOOK_SECONDS)
        return err;
    look->looked = look->watched = true;
    look->at = watch.last.at;
    look->outlook = ww_keeper_evidence_keep(k, ww_slice_str(watch.last.outlook));
    look->mode = ww_keeper_evidence_keep(k, ww_slice_str(watch.last.mode));
    look->mx = ww_keeper_evidence_keep(k, ww_slice_str(watch.mx));
    return ww_watch_findings(store, k->domain, on_finding, k);
}

struct since {
    struct ww_evidence_fault *faults;
    size_t count;
};

static void on_since(void *ctx, const struct ww_alert_state *s)
{
    const struct since *since = ctx;
    for (size_t i = 0; i < since->count; i++)
        if (strcmp(since->faults[i].check, s->check) == 0 && strcmp(since->faults[i].where, s->where) == 0)
            since->faults[i].since = s->first_seen;
}

/* The watch, where there is one, knows since when. */
static enum ww_err take_asked(struct ww_keeper_evidence *k, struct ww_store *store,
                              const struct ww_msg_advise_ask *m)
{
    struct ww_evidence_look *look = &k->e.look;
    look->looked = true;
    look->at = m->at;
    look->outlook = ww_keeper_evidence_keep(k, ww_slice_str(m->outlook));
    look->mode = ww_keeper_evidence_keep(k, ww_slice_str(m->mode));
    look->mx = ww_keeper_evidence_keep(k, ww_slice_str(m->mx));
    for (size_t i = 0; i < m->count; i++)
        add_fault(k, m->faults[i].check, m->faults[i].where, m->faults[i].seen, 0);
    struct since since = {k->faults, look->count};
    return ww_watch_findings(store, k->domain, on_since, &since);
}

/* Whoever asks may have no way out: then what the watch has seen says more. */
enum ww_err ww_keeper_evidence_look(struct ww_keeper_evidence *k, struct ww_store *store,
                                    const struct ww_keeper_evidence_want *want)
{
    k->e.look = (struct ww_evidence_look){.outlook = "", .mode = "", .mx = "", .faults = k->faults};
    const struct ww_msg_advise_ask *m = want->asked != NULL && want->asked->looked ? want->asked : NULL;
    bool saw = m != NULL && (m->mode[0] != '\0' || strcmp(m->outlook, "unknown") != 0);
    enum ww_err err = saw ? WW_OK : take_watch(k, store, want->now);
    return m != NULL && err == WW_OK && !k->e.look.looked ? take_asked(k, store, m) : err;
}
