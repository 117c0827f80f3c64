#include "base/time.h"
#include "daemon/herald_message.h"
#include "daemon/herald_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

/* Up to so many domains a mail shows each finding of each; of more it is a digest, by finding. */
#define FULL_MAX 3
/* In a digest: places that are named of one finding, and domains at its end. */
#define PLACES_MAX 5
#define NAMES_MAX 100

static const char *kind_words(const struct ww_msg_alert_item *item)
{
    static const char *const words[WW_ALERT_KINDS] = {
        [WW_ALERT_APPEARED] = ", new",  [WW_ALERT_WORSENED] = ", worse than before", [WW_ALERT_CLEARED] = "",
        [WW_ALERT_EXPIRING] = ", soon", [WW_ALERT_REMINDER] = ", still so",
    };
    return words[item->kind];
}

static size_t items_of(const struct ww_herald_message *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++)
        n += m->alerts[i]->count + (size_t)m->alerts[i]->left_out;
    return n;
}

void ww_herald_subject(const struct ww_herald_message *m, char out[WW_HERALD_SUBJECT_SIZE])
{
    const struct ww_msg_alert_item *worst = ww_herald_worst(m->alerts[0]);
    size_t domains = ww_herald_domains(m);
    char more[40] = "";
    if (domains > 1)
        (void)snprintf(more, sizeof more, ", and %zu more domain%s", domains - 1, domains > 2 ? "s" : "");
    else if (items_of(m) > 1)
        (void)snprintf(more, sizeof more, ", and %zu more", items_of(m) - 1);
    int room = WW_HERALD_SUBJECT_SIZE - 1 - (int)strlen(more);
    int n = snprintf(out, (size_t)room + 1, "%s%s %s: %s", m->test ? "TEST " : "", ww_herald_label(worst),
                     m->alerts[0]->domain, ww_herald_words_of(worst).title);
    if (n > room) {
        n = room;
        (void)memcpy(out + room - 3, "...", 3);
    }
    (void)snprintf(out + n, WW_HERALD_SUBJECT_SIZE - (size_t)n, "%s", more);
}

static void put_heading(FILE *to, const struct ww_msg_alert_item *item, const char *behind)
{
    char line[512];
    (void)snprintf(line, sizeof line, "[%s%s] %s%s", ww_herald_label(item), kind_words(item),
                   ww_herald_words_of(item).title, behind);
    ww_herald_put_plain(to, line);
}

static void put_advice(FILE *to, const struct ww_msg_alert_item *item)
{
    struct ww_herald_words words = ww_herald_words_of(item);
    if (item->kind == WW_ALERT_CLEARED)
        return;
    ww_herald_put(to, "why", words.why);
    ww_herald_put(to, "to do", words.fix);
}

static void put_item(FILE *to, const struct ww_herald_message *m, const struct ww_msg_alert *alert,
                     const struct ww_msg_alert_item *item)
{
    char when[WW_HERALD_WHEN_SIZE], line[512];
    put_heading(to, item, "");
    ww_herald_put(to, "where", item->where);
    ww_herald_put(to, item->kind == WW_ALERT_CLEARED ? "was seen" : "seen", item->seen);
    ww_herald_when(item->since, m->now, when);
    ww_herald_put(to, strcmp(item->check, WW_ALERT_CERTIFICATE) == 0 ? "ends" : "since", when);
    put_advice(to, item);
    (void)snprintf(line, sizeof line, "waxwing watch ack %s %s", alert->domain, item->check);
    if (item->kind != WW_ALERT_CLEARED && !ww_herald_words_of(item).once)
        ww_herald_put(to, "silence", line);
    (void)fputc('\n', to);
}

static void put_domain(FILE *to, const struct ww_herald_message *m, const struct ww_msg_alert *alert)
{
    char line[640], rule[sizeof line];
    int n = snprintf(line, sizeof line, "%s%s%s%s: ", alert->domain, alert->group[0] != '\0' ? " (" : "",
                     alert->group, alert->group[0] != '\0' ? ")" : "");
    (void)snprintf(line + n, sizeof line - (size_t)n, "%u error%s and %u warning%s now", alert->errors,
                   alert->errors == 1 ? "" : "s", alert->warnings, alert->warnings == 1 ? "" : "s");
    size_t width = strlen(line) < 76 ? strlen(line) : 76;
    memset(rule, '-', width);
    rule[width] = '\0';
    (void)fprintf(to, "%s\n%s\n\n", line, rule);
    for (unsigned i = 0; i < alert->count; i++)
        put_item(to, m, alert, &alert->items[i]);
    if (alert->left_out > 0)
        (void)fprintf(to, "And %u more: waxwing watch show %s\n\n", alert->left_out, alert->domain);
}

/* One item in a digest. */
struct entry {
    const struct ww_msg_alert *alert;
    const struct ww_msg_alert_item *item;
};

static unsigned rank(const struct entry *e)
{
    return e->item->kind == WW_ALERT_CLEARED ? WW_ALERT_KINDS + 8u : (unsigned)e->item->severity;
}

static bool is_same(const struct entry *a, const struct entry *b)
{
    return a->item->kind == b->item->kind && rank(a) == rank(b) &&
           strcmp(a->item->check, b->item->check) == 0;
}

static int by_finding(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (rank(x) != rank(y))
        return rank(x) < rank(y) ? -1 : 1;
    int order = strcmp(x->item->check, y->item->check);
    if (order == 0)
        order = (int)x->item->kind - (int)y->item->kind;
    if (order == 0)
        order = strcmp(x->alert->domain, y->alert->domain);
    return order;
}

/* Entries of one finding, in the order of their domains. */
static void put_finding(FILE *to, const struct entry *entries, size_t count)
{
    char behind[48], place[WW_DNAME_SIZE + WW_ALERT_WHERE_SIZE + 4];
    size_t domains = 0;
    for (size_t i = 0; i < count; i++)
        domains += i == 0 || strcmp(entries[i].alert->domain, entries[i - 1].alert->domain) != 0;
    (void)snprintf(behind, sizeof behind, ": %zu domain%s", domains, domains == 1 ? "" : "s");
    put_heading(to, entries->item, behind);
    for (size_t i = 0; i < count && i < PLACES_MAX; i++) {
        (void)snprintf(place, sizeof place, "%s: %s", entries[i].alert->domain, entries[i].item->where);
        ww_herald_put(to, i == 0 ? "where" : "", place);
    }
    if (count > PLACES_MAX)
        (void)fprintf(to, "  %-10sand %zu more\n", "", count - PLACES_MAX);
    put_advice(to, entries->item);
    (void)fputc('\n', to);
}

static void put_names(FILE *to, const struct ww_herald_message *m)
{
    char *names = NULL;
    size_t n = 0, shown = m->count < NAMES_MAX ? m->count : NAMES_MAX;
    FILE *line = open_memstream(&names, &n);
    if (line == NULL)
        return;
    for (size_t i = 0; i < shown; i++)
        (void)fprintf(line, "%s%s", m->alerts[i]->domain, i + 1 < shown ? ", " : "");
    if (shown < m->count)
        (void)fprintf(line, " and %zu more", m->count - shown);
    if (fclose(line) == 0)
        ww_herald_put(to, "domains", names);
    free(names);
}

static void put_digest(FILE *to, const struct ww_herald_message *m)
{
    size_t count = 0;
    struct entry *entries = calloc(m->count * WW_MSG_ALERT_ITEMS_MAX, sizeof *entries);
    if (entries == NULL)
        return;
    for (size_t i = 0; i < m->count; i++) {
        for (unsigned k = 0; k < m->alerts[i]->count; k++)
            entries[count++] = (struct entry){m->alerts[i], &m->alerts[i]->items[k]};
    }
    qsort(entries, count, sizeof *entries, by_finding);
    (void)fprintf(to, "News of %zu domains, the worst first.\n\n", ww_herald_domains(m));
    for (size_t i = 0, n; i < count; i += n) {
        for (n = 1; i + n < count && is_same(&entries[i], &entries[i + n]);)
            n++;
        put_finding(to, &entries[i], n);
    }
    put_names(to, m);
    (void)fputc('\n', to);
    free(entries);
}

void ww_herald_body(const struct ww_herald_message *m, FILE *to)
{
    if (m->test)
        (void)fputs("This is a test, sent by `waxwing watch test-alert`: nothing has happened.\n"
                    "An alert looks like this:\n\n",
                    to);
    if (m->count > FULL_MAX)
        put_digest(to, m);
    for (size_t i = 0; m->count <= FULL_MAX && i < m->count; i++)
        put_domain(to, m, m->alerts[i]);
    const char *domain = m->count == 1 ? m->alerts[0]->domain : "DOMAIN";
    unsigned tells = ww_herald_tells(m);
    if ((tells & WW_HERALD_FINDINGS) != 0)
        (void)fprintf(to,
                      "All that is known of a domain, and the changes of its policy:\n"
                      "  waxwing watch show %s\n",
                      domain);
    if ((tells & WW_HERALD_REPORTS) != 0)
        (void)fprintf(to,
                      "What reports say of a domain, and whether it may enforce its policy:\n"
                      "  waxwing advise %s\n",
                      domain);
    if ((tells & WW_HERALD_PUBLISHED) != 0)
        (void)fprintf(to,
                      "What is published of a domain, what is waited for, and what senders hold:\n"
                      "  waxwing publish show %s\n",
                      domain);
    if ((tells & ~(unsigned)WW_HERALD_PUBLISHED) != 0)
        (void)fprintf(to,
                      "To be told no more of a finding until it gets worse or has cleared:\n"
                      "  waxwing watch ack %s CHECK\n",
                      domain);
    (void)fprintf(to, "\n-- \nWaxwing " WW_VERSION " on %s, alert %s\n", m->host, m->id);
}

/* Folded at a space where it is longer than what a line should be (RFC 5322 section 2.2.3). */
static void put_subject(FILE *to, const char *subject)
{
    size_t at = strlen("Subject: [waxwing]");
    (void)fputs("Subject: [waxwing]", to);
    while (*subject != '\0') {
        size_t n = strcspn(subject, " ");
        bool fold = at + 1 + n > 76 && at > 1;
        (void)fprintf(to, "%s %.*s", fold ? "\n" : "", (int)n, subject);
        at = (fold ? 0 : at) + 1 + n;
        subject += n;
        subject += strspn(subject, " ");
    }
    (void)fputc('\n', to);
}

static void put_header(FILE *to, const struct ww_herald_message *m, const char *from,
                       const char *const *recipients, size_t count)
{
    char date[64], subject[WW_HERALD_SUBJECT_SIZE];
    struct tm tm;
    time_t now = (time_t)m->now;
    if (gmtime_r(&now, &tm) == NULL || strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &tm) == 0)
        date[0] = '\0';
    ww_herald_subject(m, subject);
    (void)fprintf(to, "Date: %s\nFrom: Waxwing <%s>\nTo: ", date, from);
    for (size_t i = 0; i < count; i++)
        (void)fprintf(to, "%s%s", i > 0 ? ",\n " : "", recipients[i]);
    (void)fputc('\n', to);
    put_subject(to, subject);
    (void)fprintf(to,
                  "Message-ID: <%s.waxwing@%s>\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
                  "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n",
                  m->id, m->host);
}

/* Lines of LF to lines of CRLF. */
static char *with_crlf(const char *text, size_t size, size_t *n)
{
    char *out = malloc(size * 2 + 1);
    *n = 0;
    for (size_t i = 0; out != NULL && i < size; i++) {
        if (text[i] == '\n')
            out[(*n)++] = '\r';
        out[(*n)++] = text[i];
    }
    return out;
}

char *ww_herald_mail(const struct ww_herald_message *m, const char *from, const char *const *to,
                     size_t to_count, size_t *n)
{
    char *text = NULL, *mail = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    put_header(out, m, from, to, to_count);
    ww_herald_body(m, out);
    bool good = ferror(out) == 0;
    if (fclose(out) == 0 && good)
        mail = with_crlf(text, size, n);
    free(text);
    return mail;
}
