#include "engine/tlsa_rollover.h"

#include <stdio.h>

static bool has(const struct ww_tlsa_rollover *in, const uint8_t *key)
{
    for (size_t i = 0; key != NULL && i < in->published_count; i++) {
        const struct ww_tlsa *t = &in->published[i];
        if (t->usage == WW_TLSA_DANE_EE && t->selector == WW_TLSA_SELECTOR_SPKI &&
            t->matching == WW_TLSA_SHA256 && t->data.n == WW_TLSA_KEY_SIZE &&
            memcmp(t->data.p, key, WW_TLSA_KEY_SIZE) == 0)
            return true;
    }
    return false;
}

static void set(struct ww_tlsa_plan *out, enum ww_tlsa_step step, const char *words)
{
    out->step = step;
    (void)snprintf(out->words, sizeof out->words, "%s", words);
}

/* What DNS says, before anything can be said of keys. False: nothing can. */
static bool judge_dns(const struct ww_tlsa_rollover *in, struct ww_tlsa_plan *out)
{
    switch (in->dns) {
    case WW_DANE_LOOKUP_FAILED:
        set(out, WW_TLSA_UNCLEAR,
            "the TLSA records cannot be looked up now: senders with DANE hold the mail, too");
        return false;
    case WW_DANE_BOGUS:
        set(out, WW_TLSA_REPAIR,
            "the answer does not stand up to DNSSEC: senders with DANE hold the mail; mend the "
            "signatures of the zone first");
        return false;
    case WW_DANE_INSECURE:
        set(out, WW_TLSA_SIGN,
            "the zone of the host is not signed, so that no sender takes its TLSA records for "
            "anything: sign it with DNSSEC, and have its DS record put into the zone above");
        return false;
    case WW_DANE_NONE:
    case WW_DANE_SECURE_USABLE:
    case WW_DANE_SECURE_UNUSABLE:
    default:
        return true;
    }
}

static void judge_refused(const struct ww_tlsa_rollover *in, struct ww_tlsa_plan *out)
{
    const struct ww_tlsa_shown *s = &in->shown;
    if (s->other > 0)
        set(out, WW_TLSA_REPAIR,
            "senders with DANE refuse the host now: it shows a key that no record has, and "
            "that is none of those given; let it show the current key again");
    else if (s->next > 0 && !out->has_next && out->has_current)
        set(out, WW_TLSA_REPAIR,
            "senders with DANE refuse the host now: it shows the next key, whose record is not "
            "there yet; let it show the current key again, until both records have been "
            "there for their TTL");
    else
        set(out, WW_TLSA_REPAIR,
            "senders with DANE refuse the host now: no record has the key that it shows; "
            "publish this one at once");
}

/* All of its addresses that were seen show the current key. */
static void judge_before(const struct ww_tlsa_rollover *in, struct ww_tlsa_plan *out)
{
    if (in->next == NULL) {
        set(out, WW_TLSA_DONE, "the host shows the current key, and its record is published");
    } else if (in->since > 0 && in->since + in->ttl <= in->now) {
        set(out, WW_TLSA_SWITCH,
            "both records have been published for longer than their TTL: the host may show the "
            "next key");
    } else {
        out->until = (in->since > 0 ? in->since : in->now) + in->ttl;
        set(out, WW_TLSA_WAIT,
            in->since > 0
                ? "both records are published, but caches may still have those from before: do not show "
                  "the next key yet"
                : "both records are published; how long ago is not known, and caches may have those from "
                  "before for one TTL from now at the most: do not show the next key before (--since TIME "
                  "says when they were published)");
    }
}

static void judge_keys(const struct ww_tlsa_rollover *in, struct ww_tlsa_plan *out)
{
    const struct ww_tlsa_shown *s = &in->shown;
    bool seen = s->current + s->next > 0;
    bool after = in->next != NULL && s->next > 0 && s->current == 0;
    if (s->other > 0) {
        set(out, WW_TLSA_OTHER_KEY,
            "the host shows a key that is none of those given: records of these alone would have "
            "its mail refused; give the certificate that it shows");
        out->want_current = out->has_current;
        out->want_next = out->has_next;
    } else if (!seen && !out->has_current && !out->has_next) {
        set(out, WW_TLSA_UNCLEAR,
            "what key the host shows could not be seen; were it another one, records of these keys would "
            "have its mail "
            "refused");
    } else if ((out->want_next && !out->has_next) || (!out->has_current && !after)) {
        set(out, WW_TLSA_PUBLISH,
            in->next != NULL ? "publish the records of both keys, and leave the key of the host as "
                               "it is"
                             : "publish the record of the current key");
    } else if (!seen) {
        set(out, WW_TLSA_UNCLEAR, "the records are published; what key the host shows could not be seen");
    } else if (after && out->has_current) {
        out->want_current = s->unknown > 0;
        if (s->unknown > 0)
            set(out, WW_TLSA_FINISH,
                "the host shows the next key where it could be seen, but not all of its addresses "
                "could: look again before the old record goes");
        else
            set(out, WW_TLSA_RETIRE,
                "the host shows the next key: remove the record of the old one, as soon as you "
                "are sure not to go back to it");
    } else if (after) {
        out->want_current = false;
        set(out, WW_TLSA_DONE, "the host shows the next key, and its record alone is published");
    } else if (s->next > 0) {
        set(out, WW_TLSA_FINISH,
            "some addresses of the host show the next key, others the old one: bring it to all "
            "of them, and leave both records until then");
    } else {
        judge_before(in, out);
    }
}

void ww_tlsa_rollover_plan(const struct ww_tlsa_rollover *in, struct ww_tlsa_plan *out)
{
    *out = (struct ww_tlsa_plan){
        .has_current = has(in, in->current),
        .has_next = has(in, in->next),
        .want_current = true,
        .want_next = in->next != NULL,
    };
    if (!judge_dns(in, out))
        return;
    if (in->shown.refused > 0)
        judge_refused(in, out);
    else
        judge_keys(in, out);
}

const char *ww_tlsa_step_name(enum ww_tlsa_step step)
{
    static const char *const names[WW_TLSA_STEPS] = {
        [WW_TLSA_UNCLEAR] = "unclear",     [WW_TLSA_SIGN] = "sign",       [WW_TLSA_REPAIR] = "repair",
        [WW_TLSA_OTHER_KEY] = "other-key", [WW_TLSA_PUBLISH] = "publish", [WW_TLSA_WAIT] = "wait",
        [WW_TLSA_SWITCH] = "switch",       [WW_TLSA_FINISH] = "finish",   [WW_TLSA_RETIRE] = "retire",
        [WW_TLSA_DONE] = "done",
    };
    return names[step];
}
