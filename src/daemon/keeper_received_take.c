/* What the intake gives, taken down. */
#include "base/ascii.h"
#include "codec/gzip.h"
#include "daemon/keeper_received_private.h"
#include "daemon/log.h"

#include <stdio.h>
#include <stdlib.h>

#define UNKNOWN "unknown"

/* What strangers hand in leaves some of a day to who is known: of per_day, for what cannot be read, and for
 * what nobody vouches for. */
#define UNREAD_OF(per_day) ((int64_t)((per_day) / 2))
#define UNVERIFIED_OF(per_day) ((int64_t)((per_day) / 4 * 3))

struct taking {
    struct ww_store *store;
    const struct ww_config *config;
    struct ww_msg_take take;
    struct ww_msg_decoded decoded;
    const struct ww_received *report; /* or NULL */
    size_t octets;                    /* that it counts for */
    struct ww_msg_taken *taken;
};

static void copy(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text);
}

void ww_keeper_received_sender(const struct ww_msg_take *take, const struct ww_msg_mail_facts *mail,
                               struct ww_slice organization, char out[WW_RECEIVED_NAME_MAX + 1],
                               bool *verified)
{
    const struct ww_dkim_fact *dkim = &mail->dkim;
    *verified = take->mail && take->channel != WW_CHANNEL_HTTPS && dkim->result == WW_DKIM_PASS &&
                dkim->aligned && dkim->domain[0] != '\0';
    if (*verified)
        copy(out, WW_RECEIVED_NAME_MAX + 1, dkim->domain);
    else if (organization.n > 0)
        ww_received_name_key(organization, out);
    else if (mail->submitter[0] != '\0')
        ww_received_name_key(ww_slice_str(mail->submitter), out);
    else
        copy(out, WW_RECEIVED_NAME_MAX + 1, UNKNOWN);
}

static void fill_facts(const struct taking *t, struct ww_received_facts *f)
{
    const struct ww_msg_mail_facts *mail = &t->decoded.mail;
    *f = (struct ww_received_facts){.channel = t->take.channel,
                                    .came_at = t->take.came_at,
                                    .dkim = mail->dkim,
                                    .deviations = t->decoded.deviations};
    copy(f->submitter, sizeof f->submitter, mail->submitter);
    copy(f->mail_from, sizeof f->mail_from, mail->from);
    copy(f->message_id, sizeof f->message_id, mail->message_id);
    copy(f->peer, sizeof f->peer, t->take.peer);
}

static enum ww_err take_report(struct taking *t)
{
    static const enum ww_taken fates[] = {[WW_RECEIVED_NEW] = WW_TAKEN_NEW,
                                          [WW_RECEIVED_AGAIN] = WW_TAKEN_AGAIN,
                                          [WW_RECEIVED_OTHERS] = WW_TAKEN_NOT_OURS};
    struct ww_received_facts facts;
    struct ww_received_new new = {
        .report = t->report,
        .facts = &facts,
        .about = t->decoded.mail.about,
        .content = t->decoded.content,
        .domains = t->config->intake_domains,
        .octets = (int64_t)t->octets,
        .per_day = (int64_t)t->config->intake_per_day,
    };
    enum ww_received_fate fate;
    fill_facts(t, &facts);
    ww_keeper_received_sender(&t->take, &t->decoded.mail, t->report->organization, facts.sender,
                              &facts.verified);
    if (!facts.verified)
        new.per_day = UNVERIFIED_OF(t->config->intake_per_day);
    enum ww_err err = ww_received_put(t->store, &new, &fate, &t->taken->number);
    t->taken->taken = fates[fate];
    return err;
}

static bool is_ours(const struct ww_config *config, const char *domain)
{
    char *const *names = config->intake_domains;
    if (names == NULL || names[0] == NULL)
        return true;
    for (; *names != NULL; names++)
        if (strcmp(*names, domain) == 0)
            return true;
    return false;
}

/* Of what could not be read: the domain that it is about, as far as anybody can say; ours first. */
static const char *find_domain(const struct taking *t)
{
    const char *found = t->decoded.mail.about;
    for (size_t i = 0; t->report != NULL && i < t->report->count; i++) {
        const char *domain = ww_received_domain_by(&t->report->policies[i], t->decoded.mail.about);
        if (found[0] == '\0' || (!is_ours(t->config, found) && domain[0] != '\0'))
            found = domain;
    }
    return found;
}

static enum ww_err keep_octets(struct taking *t, const struct ww_received_quarantine *item)
{
    const int64_t per_day = UNREAD_OF(t->config->intake_per_day);
    size_t n;
    enum ww_err err = ww_received_quarantine_find(t->store, t->take.octets, &t->taken->number);
    if (err != WW_OK || t->taken->number != 0)
        return err;
    /* Packing takes its time: a day that is full is told at once. */
    err = ww_received_has_room(t->store, t->take.came_at, 1, per_day);
    if (err != WW_OK)
        return err;
    char *packed = ww_gzip_fast(t->take.octets, &n);
    err = packed != NULL ? ww_received_quarantine_put(t->store, item, t->take.octets, ww_slice(packed, n),
                                                      per_day, &t->taken->number)
                         : WW_E_NO_MEMORY;
    free(packed);
    return err;
}

static void copy_name(char out[WW_RECEIVED_NAME_MAX + 1], struct ww_slice name)
{
    copy(out, WW_RECEIVED_NAME_MAX + 1, "");
    if (name.n > 0 && name.n <= WW_RECEIVED_NAME_MAX)
        (void)snprintf(out, WW_RECEIVED_NAME_MAX + 1, "%.*s", (int)name.n, name.p);
}

static enum ww_err quarantine(struct taking *t, const struct ww_deviation *why)
{
    struct ww_received_quarantine item = {.mail = t->take.mail, .size = t->take.octets.n};
    const char *domain = find_domain(t);
    if (t->take.octets.n == 0)
        return WW_E_MSG_MALFORMED;
    t->taken->why = why->rule;
    copy(t->taken->at, sizeof t->taken->at, why->at);
    if (domain[0] != '\0' && !is_ours(t->config, domain)) {
        t->taken->taken = WW_TAKEN_NOT_OURS;
        return WW_OK;
    }
    t->taken->taken = WW_TAKEN_QUARANTINED;
    fill_facts(t, &item.facts);
    copy(item.facts.domain, sizeof item.facts.domain, domain);
    if (t->report != NULL) {
        copy_name(item.facts.organization, t->report->organization);
        copy_name(item.facts.report_id, t->report->report_id);
    }
    return keep_octets(t, &item);
}

/* What the decoder has made of it, if it lived to tell. */
static enum ww_err take_decoded(struct taking *t, struct ww_slice payload)
{
    enum ww_err err = ww_msg_get_decoded(payload, &t->decoded);
    if (err != WW_OK || t->decoded.stage != WW_DECODE_WHOLE)
        return WW_E_MSG_MALFORMED;
    const struct ww_deviation *why = ww_deviations_error(&t->decoded.deviations);
    struct ww_received *report =
        t->decoded.report.n > 0 ? ww_msg_get_received(t->decoded.report, &err) : NULL;
    if (report == NULL && (err != WW_OK || why == NULL))
        return err == WW_E_NO_MEMORY ? err : WW_E_MSG_MALFORMED;
    t->report = report;
    t->octets = t->decoded.report.n + t->decoded.content.n;
    err = why == NULL ? take_report(t) : quarantine(t, why);
    free(report);
    return err;
}

static enum ww_err take_one(struct ww_store *store, const struct ww_config *config,
                            struct ww_received_waiting *w)
{
    static struct taking t;
    t = (struct taking){.store = store, .config = config, .taken = &w->taken};
    enum ww_err err = ww_msg_get_take(ww_slice(w->octets, w->n), &t.take);
    w->taken = (struct ww_msg_taken){.job = t.take.job};
    if (err != WW_OK)
        return err;
    if (t.take.decoded.n > 0)
        return take_decoded(&t, t.take.decoded);
    ww_deviations_add(&t.decoded.deviations, WW_E_REPORT_DECODER_DIED, WW_SEVERITY_ERROR, "");
    return quarantine(&t, &t.decoded.deviations.list[0]);
}

/* Faults of what was given, not of the store: the others go on. */
static bool is_its_own(enum ww_err err)
{
    return err == WW_E_MSG_MALFORMED || err == WW_E_NO_MEMORY || err == WW_E_RECEIVED_TODAY ||
           err == WW_E_STORE_FAILED;
}

/* All or nothing of one. */
static enum ww_err take_apart(struct ww_store *store, const struct ww_config *config,
                              struct ww_received_waiting *w)
{
    enum ww_err err = ww_received_save(store);
    if (err != WW_OK)
        return err;
    w->taken.err = take_one(store, config, w);
    err = w->taken.err;
    if (err != WW_OK) {
        w->taken = (struct ww_msg_taken){.job = w->taken.job, .err = err};
        enum ww_err back = ww_received_save_back(store);
        return is_its_own(err) ? back : err;
    }
    return ww_received_save_done(store);
}

enum ww_err ww_keeper_received_take(struct ww_store *store, const struct ww_config *config,
                                    struct ww_received_waiting *waiting, size_t count)
{
    enum ww_err err = ww_store_begin(store);
    for (size_t i = 0; err == WW_OK && i < count; i++)
        err = take_apart(store, config, &waiting[i]);
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    return err;
}
