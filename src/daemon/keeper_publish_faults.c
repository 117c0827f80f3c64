/* What is wrong with published domains becomes alerts: of each one, and one when it is over. */
#include "daemon/keeper_publish_private.h"
#include "daemon/log.h"
#include "store/store_watch.h"

struct telling {
    struct ww_keeper_publish *k;
    const char *domain;
    const char *group;
};

static void log_alert(const struct telling *t, enum ww_alert_kind kind, const struct ww_publish_fault *f)
{
    enum ww_log_level level = kind == WW_ALERT_CLEARED           ? WW_LOG_INFO
                              : f->severity == WW_SEVERITY_ERROR ? WW_LOG_ERROR
                                                                 : WW_LOG_WARNING;
    ww_log(level, "publish-alert", "domain", t->domain, "group",
           t->group[0] != '\0' ? t->group : (char *)NULL, "kind", ww_alert_kind_name(kind), "check", f->check,
           "where", f->where, "seen", f->seen, (char *)NULL);
}

static void tell(const struct telling *t, enum ww_alert_kind kind, const struct ww_publish_fault *f)
{
    struct ww_msg_alert *a = &t->k->alert;
    if (f->severity > (enum ww_severity)t->k->config->watch_alert_from)
        return;
    ww_stat_add(t->k->stats, WW_STAT_WATCH_ALERTS, 1);
    log_alert(t, kind, f);
    if (a->count == WW_MSG_ALERT_ITEMS_MAX) {
        a->left_out++;
        return;
    }
    struct ww_msg_alert_item *item = &a->items[a->count++];
    *item = (struct ww_msg_alert_item){.kind = kind, .severity = f->severity, .since = f->since};
    memcpy(item->check, f->check, sizeof item->check);
    memcpy(item->where, f->where, sizeof item->where);
    memcpy(item->seen, f->seen, sizeof item->seen);
}

static const struct ww_publish_fault *find(const struct ww_publish_fault *list, size_t count,
                                           const struct ww_publish_fault *f)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].check, f->check) == 0 && strcmp(list[i].where, f->where) == 0)
            return &list[i];
    return NULL;
}

/* Each check and place once. */
static size_t read_faults(const struct ww_msg_tended *m, int64_t now, struct ww_publish_fault *out)
{
    size_t count = 0;
    for (size_t i = 0; i < m->fault_count && count < WW_PUBLISH_FAULTS_MAX; i++) {
        struct ww_publish_fault *f = &out[count];
        *f = (struct ww_publish_fault){.severity = m->faults[i].severity, .since = now};
        memcpy(f->check, m->faults[i].check, sizeof f->check);
        memcpy(f->where, m->faults[i].where, sizeof f->where);
        memcpy(f->seen, m->faults[i].seen, sizeof f->seen);
        count += find(out, count, f) == NULL;
    }
    return count;
}

static void compare(const struct telling *t, const struct ww_publish_fault *before, size_t before_count,
                    struct ww_publish_fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct ww_publish_fault *old = find(before, before_count, &faults[i]);
        if (old != NULL)
            faults[i].since = old->since;
        if (old == NULL)
            tell(t, WW_ALERT_APPEARED, &faults[i]);
        else if (faults[i].severity < old->severity)
            tell(t, WW_ALERT_WORSENED, &faults[i]);
    }
    for (size_t i = 0; i < before_count; i++)
        if (find(faults, count, &before[i]) == NULL)
            tell(t, WW_ALERT_CLEARED, &before[i]);
}

static enum ww_err put_alert(struct ww_keeper_publish *k, struct ww_store *store)
{
    uint64_t number;
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    ww_msg_put_alert(&b, &k->alert);
    return b.failed ? WW_E_TOO_LONG
                    : ww_watch_put_alert(store, k->alert.domain, k->alert.at, ww_slice(b.p, b.n), &number);
}

enum ww_err ww_keeper_publish_faults(struct ww_keeper_publish *k, struct ww_store *store, const char *domain,
                                     const struct ww_msg_tended *m, int64_t now)
{
    struct ww_publish_fault before[WW_PUBLISH_FAULTS_MAX], faults[WW_PUBLISH_FAULTS_MAX];
    struct ww_watch watch = {.domain = ""};
    size_t before_count, count = read_faults(m, now, faults);
    k->alert.count = 0;
    enum ww_err err = ww_publish_faults(store, domain, before, &before_count);
    if (err != WW_OK || (count == 0 && before_count == 0))
        return err;
    err = ww_watch_get(store, domain, &watch);
    if (err != WW_OK && err != WW_E_NOT_KNOWN)
        return err;
    k->alert = (struct ww_msg_alert){.at = now};
    (void)snprintf(k->alert.domain, sizeof k->alert.domain, "%s", domain);
    if (err == WW_OK)
        memcpy(k->alert.group, watch.group, sizeof k->alert.group);
    for (size_t i = 0; i < count; i++) {
        k->alert.errors = (uint16_t)(k->alert.errors + (faults[i].severity == WW_SEVERITY_ERROR));
        k->alert.warnings = (uint16_t)(k->alert.warnings + (faults[i].severity == WW_SEVERITY_WARNING));
    }
    const struct telling t = {k, domain, k->alert.group};
    compare(&t, before, before_count, faults, count);
    err = ww_publish_put_faults(store, domain, faults, count);
    return err == WW_OK && k->alert.count > 0 ? put_alert(k, store) : err;
}
