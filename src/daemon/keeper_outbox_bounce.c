/* A mail with a report was taken, and has come back. */
#include "core/report_message.h"
#include "core/rua.h"
#include "daemon/keeper_outbox_private.h"
#include "daemon/log.h"

#include <stdio.h>
#include <strings.h>

static const char bounced[] = "bounced: ";

const char *ww_keeper_bounce_name(enum ww_keeper_bounce what)
{
    static const char *const names[] = {
        [WW_BOUNCE_TAKEN] = "taken", [WW_BOUNCE_UNKNOWN] = "unknown",   [WW_BOUNCE_ELSEWHERE] = "elsewhere",
        [WW_BOUNCE_EARLY] = "early", [WW_BOUNCE_NOT_SENT] = "not-sent", [WW_BOUNCE_AGAIN] = "again",
    };
    return names[what];
}

/* The destination that the mail was for. */
static struct ww_outbox_target *find(struct ww_outbox_target *targets, size_t count,
                                     const struct ww_report_message *message, const char *recipient)
{
    for (size_t i = 0; i < count; i++) {
        struct ww_rua rua;
        if (ww_rua_parse(ww_slice_str(targets[i].uri), &rua) && rua.scheme == WW_RUA_MAILTO &&
            ww_report_message_is_to(message, rua.mailbox) && strcasecmp(rua.mailbox, recipient) == 0)
            return &targets[i];
    }
    return NULL;
}

/*
 * Our own mail server took the reports that came back, and those that will: what was accepted since counts
 * only as far as it has not come back.
 */
static enum ww_err judge(struct ww_store *store, const struct ww_outbox_target *t, int64_t now,
                         bool *suppressed)
{
    struct ww_outbox_destination d;
    unsigned in_a_row = 0;
    enum ww_err err = ww_outbox_destination(store, t->uri, &d);
    if (err == WW_OK)
        err = ww_outbox_refused_last(store, t->uri, WW_COURIER_REFUSALS, &in_a_row);
    if (err != WW_OK)
        return err;
    int64_t before = d.standing.suppressed_until;
    ww_courier_bounced(&d.standing, in_a_row, now);
    memcpy(d.uri, t->uri, sizeof d.uri);
    if (d.since == 0)
        d.since = now;
    *suppressed = d.standing.suppressed_until > now;
    if (d.standing.suppressed_until > before)
        ww_keeper_outbox_suppress(&d, t->detail, now);
    return ww_outbox_put_destination(store, &d);
}

static enum ww_err take(struct ww_store *store, struct ww_outbox_bounced *out,
                        struct ww_outbox_target *targets, size_t count, struct ww_outbox_target *t,
                        const char *words, int64_t now)
{
    t->at.state = WW_TARGET_REFUSED;
    t->at.due = 0;
    (void)snprintf(t->detail, sizeof t->detail, "%s%.256s", bounced, words);
    memcpy(out->uri, t->uri, sizeof out->uri);
    enum ww_err err = ww_outbox_put_target(store, out->report.number, t);
    if (err == WW_OK)
        err = judge(store, t, now, &out->suppressed);
    if (err != WW_OK || out->report.state != WW_REPORT_SENT)
        return err;
    ww_keeper_outbox_settle(&out->report, targets, count, now);
    return ww_outbox_set(store, &out->report);
}

static enum ww_err bounce(struct ww_store *store, const struct ww_msg_report_ask *m, int64_t now,
                          struct ww_outbox_bounced *out)
{
    struct ww_report_message message;
    struct ww_outbox_target targets[WW_OUTBOX_TARGETS_MAX];
    size_t count;
    out->what = WW_BOUNCE_UNKNOWN;
    if (!ww_report_message_parse(ww_slice_str(m->uri), &message))
        return WW_OK;
    enum ww_err err = ww_outbox_by_id(store, message.left, &out->report);
    if (err == WW_OK)
        err = ww_outbox_targets(store, out->report.number, targets, &count);
    if (err != WW_OK)
        return err == WW_E_NOT_KNOWN ? WW_OK : err;
    struct ww_outbox_target *t = find(targets, count, &message, m->who);
    if (t == NULL)
        out->what = WW_BOUNCE_ELSEWHERE;
    else if (t->at.state == WW_TARGET_REFUSED && strncmp(t->detail, bounced, strlen(bounced)) == 0)
        out->what = WW_BOUNCE_AGAIN;
    else if (t->at.state == WW_TARGET_WAITING)
        out->what = WW_BOUNCE_EARLY;
    else if (t->at.state != WW_TARGET_SENT)
        out->what = WW_BOUNCE_NOT_SENT;
    else
        out->what = WW_BOUNCE_TAKEN;
    return out->what == WW_BOUNCE_TAKEN ? take(store, out, targets, count, t, m->reason, now) : WW_OK;
}

enum ww_err ww_keeper_outbox_bounce(struct ww_store *store, const struct ww_msg_report_ask *m, int64_t now,
                                    struct ww_outbox_bounced *out)
{
    *out = (struct ww_outbox_bounced){.what = WW_BOUNCE_UNKNOWN};
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = bounce(store, m, now, out);
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    else if (out->what == WW_BOUNCE_TAKEN)
        ww_log_warning("report-bounced", "domain", out->report.domain, "report", out->report.id,
                       "destination", out->uri, "detail", m->reason);
    return err;
}
