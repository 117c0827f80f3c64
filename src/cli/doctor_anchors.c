#include "cli/doctor_anchors.h"

#include "base/time.h"

#include <stdio.h>
#include <time.h>

/* The keeper looks at the root's keys every half month at the least. */
#define LONG_AGO ((int64_t)45 * 24 * 3600)

#define DNS_ROOT_DATA "The package dns-root-data brings them up to date:"

static const char *words_of(const struct ww_trust *trust, char *out, size_t size)
{
    static const char *const from[WW_ANCHOR_SOURCES] = {
        [WW_ANCHORS_BUILT_IN] = "which this version came with",
        [WW_ANCHORS_SYSTEM] = "the system's",
        [WW_ANCHORS_FILE] = "from dns.trust_anchor",
        [WW_ANCHORS_KEPT] = "kept up to date by RFC 5011",
    };
    char tags[128];
    struct ww_buf b = ww_buf(tags, sizeof tags - 1);
    ww_trust_put_tags(&b, trust);
    tags[b.n] = '\0';
    (void)snprintf(out, size, "%s, %s", tags, from[trust->source]);
    return out;
}

static void tell_passed_over(struct ww_doctor *d, const struct ww_trust *trust, const char *words)
{
    ww_doctor_tell(d, WW_CHECK_DNS_ANCHORS, WW_FINDING_WARN, NULL,
                   "%s; the root's keys in use are others: %s", trust->passed_over, words);
    ww_doctor_advise(
        d, "Where that is a matter of rights, ask as root. Else see what has changed the file; waxwingd "
           "writes its own anew once the root's keys are confirmed.");
}

static void tell_revoked(struct ww_doctor *d, const struct ww_trust *trust)
{
    ww_doctor_tell(d, WW_CHECK_DNS_ANCHORS, WW_FINDING_FAIL, NULL,
                   "%s; nothing validates until there are others", trust->passed_over);
    ww_doctor_advise(
        d, "Let dns.trust_anchor name a file with the root's keys of today, or leave it out. " DNS_ROOT_DATA);
    ww_doctor_command(d, "apt install dns-root-data && systemctl restart waxwingd");
}

bool ww_doctor_anchors(struct ww_doctor *d, struct ww_trust *trust)
{
    char why[sizeof trust->path + 512], words[256], when[WW_TIME_SIZE];
    if (!ww_trust_load(trust, d->config, ww_anchor_system_files, why, sizeof why)) {
        ww_doctor_tell(d, WW_CHECK_DNS_ANCHORS, WW_FINDING_FAIL, NULL, "no trust anchors: %s", why);
        ww_doctor_advise(d, "Without them waxwingd does not start. " DNS_ROOT_DATA);
        ww_doctor_command(d, "apt install dns-root-data");
        return false;
    }
    (void)words_of(trust, words, sizeof words);
    ww_time_format(trust->confirmed, when);
    bool stale = trust->confirmed != 0 && (int64_t)time(NULL) - trust->confirmed > LONG_AGO;
    if (trust->tag_count == 0) {
        tell_revoked(d, trust);
    } else if (trust->passed_over[0] != '\0') {
        tell_passed_over(d, trust, words);
    } else if (stale) {
        ww_doctor_tell(d, WW_CHECK_DNS_ANCHORS, WW_FINDING_WARN, NULL,
                       "the root's keys are %s; they were confirmed last at %s, which is long ago", words,
                       when);
        ww_doctor_command(d, "journalctl -u waxwingd | grep anchors-");
    } else {
        ww_doctor_tell(d, WW_CHECK_DNS_ANCHORS, WW_FINDING_OK, NULL, "the root's keys are %s%s%s", words,
                       trust->confirmed != 0 ? "; confirmed at " : "; not confirmed here yet",
                       trust->confirmed != 0 ? when : "");
    }
    return true;
}

void ww_doctor_anchors_misfit(struct ww_doctor *d, const struct ww_trust *trust, const char *detail)
{
    char words[256];
    ww_doctor_tell(
        d, WW_CHECK_DNS, WW_FINDING_FAIL, NULL,
        "DNSSEC gets through, but the root's signatures do not fit the keys that are trusted (%s), so "
        "that nothing is known of DANE: %s",
        words_of(trust, words, sizeof words), detail);
    ww_doctor_advise(
        d, "A clock that is wrong by days does this, see clock-offset, and so does somebody on the way "
           "who forges DNS.");
    if (trust->source == WW_ANCHORS_FILE) {
        ww_doctor_advise(d,
                         "Else leave dns.trust_anchor out, or let its file have the root's keys of today:");
        ww_doctor_command(d, "dig +dnssec . DNSKEY");
    } else {
        ww_doctor_advise(d,
                         "Else the root's keys may have changed while this machine was off. " DNS_ROOT_DATA);
        ww_doctor_command(d, "apt install dns-root-data && systemctl restart waxwingd");
    }
}
