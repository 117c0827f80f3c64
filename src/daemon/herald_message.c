#include "daemon/herald_message.h"

#include "base/hash.h"
#include "check/check.h"
#include "engine/report_alerts.h"
#include "proc/msg_publish.h"

#include <inttypes.h>
#include <stdlib.h>

/* So far away is the end of the certificate that a test alert speaks of: a week. */
#define TEST_END (7 * 24 * 3600)

static const struct ww_herald_words report_words[WW_REPORT_ALERTS] = {
    [WW_REPORT_FAILURE_RATE] =
        {
            .title = "Reports tell of more failures than usual",
            .why = "Senders could not have the TLS that the domain's policy promises them. Under an enforced "
                   "policy such mail waits, and in the end goes back.",
            .fix = "What failed most, and where, is said above; waxwing check looks at the domain from here, "
                   "and waxwing report stats shows all that senders say.",
            .source = "RFC 8460 section 4.3",
        },
    [WW_REPORT_FIRST_FAILURE] =
        {
            .title = "Mail was held back: a failure under an enforced policy",
            .why = "This sender keeps the mail, tries again, and gives up in the end. There was no such "
                   "failure for a week.",
            .fix = "Mend what failed at that host. If that takes long, publish mode: testing with a new id: "
                   "senders that have the old policy go by it until it expires.",
            .source = "RFC 8461 section 5",
            .once = true,
        },
    [WW_REPORT_SILENT] =
        {
            .title = "A sender has stopped reporting",
            .why = "Failures that it has now are not told. One that is silent may have had no mail for the "
                   "domain; many that are silent at once cannot reach it.",
            .fix = "See that the TLSRPT record still names an address that takes reports: waxwing check; and "
                   "whether any wait in waxwing report quarantine.",
            .source = "RFC 8460 section 3",
        },
    [WW_REPORT_NEW_RESULT] =
        {
            .title = "Reports tell of a kind of failure that was never there before",
            .why = "Something has changed, at the domain's hosts or at the sender.",
            .fix = "waxwing report show says which sessions failed so, and what is known that bears on it.",
            .source = "RFC 8460 section 4.3",
            .once = true,
        },
};

static const struct {
    const char *check;
    struct ww_herald_words words;
} publish_words[] = {
    {WW_PUBLISH_CERTIFICATE_END,
     {.title = "The policy host's certificate ends soon",
      .why = "Without a good one no sender gets the policy any more, and those that have it cannot hear of a "
             "change.",
      .fix = "waxwing publish show says why it was not renewed; where another program keeps it, have that "
             "renew it.",
      .source = "RFC 8461 section 3.3",
      .once = true}},
    {WW_PUBLISH_UNSEEN,
     {.title = "The policy that is published is not seen from outside",
      .why =
          "Senders do not get it either: new ones are not protected, and those that have an older one go by "
          "that until it expires.",
      .fix = "waxwing check says what stands in the way: DNS, the certificate, the web server, or an address "
             "that serves something else.",
      .source = "RFC 8461 section 3.3",
      .once = true}},
    {WW_PUBLISH_FOREIGN,
     {.title = "A policy that Waxwing does not publish is seen in the place of its own",
      .why = "Senders take it, and hold it for as long as it says: one of mode enforce makes them refuse "
             "each MX "
             "host that it does not name, long after it is gone.",
      .fix = "Find out who serves https://mta-sts.<domain>/.well-known/mta-sts.txt: another machine, an old "
             "file, "
             "or a stranger. Put the policy of waxwing publish show --policy there, or lead the name back.",
      .source = "RFC 8461 section 3.3",
      .once = true}},
    {WW_PUBLISH_REFUSED,
     {.title = "Senders refuse an MX host of the domain",
      .why =
          "They hold a policy of mode enforce that the host does not fulfil. Mail that has no other host to "
          "go to waits, and in the end goes back.",
      .fix =
          "Take the host out of the MX records until then, or give it a good certificate, whichever is said "
          "above; waxwing publish show says until when each policy binds.",
      .source = "RFC 8461 section 5",
      .once = true}},
    {WW_PUBLISH_REPORTED,
     {.title = "Mail to a domain that enforces its policy is refused",
      .why =
          "Mode enforce is on, and not all mail gets through: as others report it, or as the watch sees it.",
      .fix =
          "waxwing advise says what has to be mended, and whether to go back to testing until then: waxwing "
          "publish demote.",
      .source = "RFC 8461 section 5",
      .once = true}},
    {WW_PUBLISH_ROLLED_BACK,
     {.title = "The domain has gone back from enforce to testing",
      .why =
          "Reports or looks at its hosts have shown that mail would be refused. Until that is mended it is "
          "not protected.",
      .fix =
          "waxwing advise says what is wrong; once it is right, the domain goes to enforce again by itself.",
      .source = "RFC 8461 section 5",
      .once = true}},
};

static const struct ww_herald_words *find_publish_words(const char *check)
{
    for (size_t i = 0; i < sizeof publish_words / sizeof *publish_words; i++)
        if (strcmp(check, publish_words[i].check) == 0)
            return &publish_words[i].words;
    return NULL;
}

struct ww_herald_words ww_herald_words_of(const struct ww_msg_alert_item *item)
{
    static const struct ww_herald_words end = {
        .title = "A certificate nears its end",
        .why = "Once it has expired, senders that demand TLS hold the mail back.",
        .fix =
            "Renew the certificate, and have the server load it; find out why that did not happen by itself.",
        .source = "",
    };
    if (strcmp(item->check, WW_ALERT_CERTIFICATE) == 0)
        return end;
    enum ww_report_alert of_reports = ww_report_alert_find(item->check);
    if (of_reports != WW_REPORT_ALERTS)
        return report_words[of_reports];
    const struct ww_herald_words *of_publishing = find_publish_words(item->check);
    if (of_publishing != NULL)
        return *of_publishing;
    enum ww_check check = ww_check_find(item->check);
    if (check == WW_CHECKS)
        return (struct ww_herald_words){item->check, "", "", "", false};
    const struct ww_check_info *info = ww_check_info(check);
    return (struct ww_herald_words){info->title, info->why, info->fix, info->source, false};
}

const char *ww_herald_label(const struct ww_msg_alert_item *item)
{
    if (item->kind == WW_ALERT_CLEARED)
        return "CLEARED";
    if (item->severity == WW_SEVERITY_ERROR)
        return "ERROR";
    return item->severity == WW_SEVERITY_WARNING ? "WARNING" : "INFO";
}

/* Less is worse. */
static unsigned rank(const struct ww_msg_alert_item *item)
{
    return item->kind == WW_ALERT_CLEARED ? WW_SEVERITY_INFO + 1u : (unsigned)item->severity;
}

const struct ww_msg_alert_item *ww_herald_worst(const struct ww_msg_alert *alert)
{
    const struct ww_msg_alert_item *worst = &alert->items[0];
    for (unsigned i = 1; i < alert->count; i++) {
        if (rank(&alert->items[i]) < rank(worst))
            worst = &alert->items[i];
    }
    return worst;
}

static int by_rank(const void *a, const void *b)
{
    const struct ww_msg_alert *x = *(const struct ww_msg_alert *const *)a;
    const struct ww_msg_alert *y = *(const struct ww_msg_alert *const *)b;
    unsigned rank_x = rank(ww_herald_worst(x)), rank_y = rank(ww_herald_worst(y));
    if (rank_x != rank_y)
        return rank_x < rank_y ? -1 : 1;
    int names = strcmp(x->domain, y->domain);
    if (names != 0)
        return names;
    return x->number < y->number ? -1 : x->number > y->number;
}

void ww_herald_message_sort(struct ww_msg_alert **alerts, size_t count, char id[WW_HERALD_ID_SIZE])
{
    static const struct ww_hash_key no_key = {{0, 0}}; /* an id for people, and no secret */
    uint64_t mixed = 0;
    qsort(alerts, count, sizeof *alerts, by_rank);
    for (size_t i = 0; i < count; i++) {
        uint64_t part[3] = {mixed, alerts[i]->number, (uint64_t)alerts[i]->at};
        mixed = ww_hash(&no_key, part, sizeof part);
    }
    (void)snprintf(id, WW_HERALD_ID_SIZE, "%016" PRIx64, mixed);
}

size_t ww_herald_domains(const struct ww_herald_message *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++) {
        size_t k = 0;
        while (k < i && strcmp(m->alerts[k]->domain, m->alerts[i]->domain) != 0)
            k++;
        n += k == i;
    }
    return n;
}

static unsigned about(const struct ww_msg_alert_item *item)
{
    if (find_publish_words(item->check) != NULL)
        return WW_HERALD_PUBLISHED;
    return ww_report_alert_find(item->check) != WW_REPORT_ALERTS ? WW_HERALD_REPORTS : WW_HERALD_FINDINGS;
}

unsigned ww_herald_tells(const struct ww_herald_message *m)
{
    unsigned tells = 0;
    for (size_t i = 0; i < m->count; i++)
        for (unsigned k = 0; k < m->alerts[i]->count; k++)
            tells |= about(&m->alerts[i]->items[k]);
    return tells;
}

void ww_herald_test_alert(struct ww_msg_alert *alert, int64_t now)
{
    *alert = (struct ww_msg_alert){.at = now, .domain = "example.com", .errors = 1, .count = 1};
    struct ww_msg_alert_item *item = &alert->items[0];
    *item = (struct ww_msg_alert_item){
        .kind = WW_ALERT_EXPIRING,
        .severity = WW_SEVERITY_ERROR,
        .check = WW_ALERT_CERTIFICATE,
        .where = "mail.example.com [192.0.2.1]",
        .seen = "this is a test: a real alert says here what was seen",
        .since = now + TEST_END,
    };
}
