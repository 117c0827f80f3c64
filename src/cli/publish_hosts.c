/* What stands behind the state of a published domain: hosts, policies that senders may have, settings, log.
 */
#include "base/time.h"
#include "cli/check_view.h"
#include "cli/printing.h"
#include "cli/publish.h"
#include "cli/table.h"

#include <string.h>

static struct printing printing_on(FILE *to, const struct ww_tree_style *style)
{
    unsigned width = style->width < WIDTH_MAX ? style->width : WIDTH_MAX;
    return (struct printing){.wrap = {.to = to, .width = width}, .colour = style->colour};
}

static void draw(struct printing *p, struct ww_table *table, const char *heading)
{
    if (table != NULL && ww_table_rows(table) > 0) {
        put_heading(p, heading);
        (void)ww_table_draw(table, p->wrap.to, p->wrap.width, p->colour);
    }
    ww_table_free(table);
}

static const char *presence_of(const json_t *host, int64_t now, char out[WW_PUBLISH_WHEN_SIZE + 16],
                               enum ww_table_colour *colour)
{
    char when[WW_PUBLISH_WHEN_SIZE];
    int64_t gone = ww_publish_time(host, "gone_at"), seen = ww_publish_time(host, "seen_at");
    ww_publish_when(gone, now, when);
    *colour = gone != 0 || seen == 0 ? WW_TABLE_FAINT : WW_TABLE_PLAIN;
    if (seen == 0)
        return "not yet";
    if (gone == 0)
        return "yes";
    (void)snprintf(out, WW_PUBLISH_WHEN_SIZE + 16, "left %s", when);
    return out;
}

/* What an operator may do with it, or should know. */
static void write_note(const json_t *host, int64_t now, char *out, size_t size)
{
    int64_t enter = ww_publish_time(host, "may_enter_at"), leave = ww_publish_time(host, "may_leave_at");
    const char *why = ww_view_text(host, "why");
    bool there = ww_publish_time(host, "seen_at") != 0 && ww_publish_time(host, "gone_at") == 0;
    char when[WW_PUBLISH_WHEN_SIZE];
    out[0] = '\0';
    ww_publish_when(leave > now ? leave : enter, now, when);
    if (why[0] != '\0')
        (void)snprintf(out, size, "%s", why);
    else if (leave > now)
        (void)snprintf(out, size, "leaves the policy %s", when);
    else if (!there && enter > now)
        (void)snprintf(out, size, "may come %s", when);
    else if (!there)
        (void)snprintf(out, size, enter != 0 ? "may come now" : "may not come yet");
}

static void add_host(struct ww_table *table, const json_t *host, int64_t now)
{
    const char *tls = ww_view_text(host, "tls");
    char presence[WW_PUBLISH_WHEN_SIZE + 16], note[WW_PUBLISHED_WORDS_SIZE + WW_PUBLISH_WHEN_SIZE];
    enum ww_table_colour colour, tls_colour = WW_TABLE_FAINT;
    const char *there = presence_of(host, now, presence, &colour);
    write_note(host, now, note, sizeof note);
    if (strcmp(tls, "good") == 0)
        tls_colour = WW_TABLE_GOOD;
    else if (strcmp(tls, "bad") == 0)
        tls_colour = WW_TABLE_WRONG;
    const struct ww_table_cell cells[] = {
        {ww_view_text(host, "name"), WW_TABLE_PLAIN},
        {there, colour},
        {tls, tls_colour},
        {note, tls_colour == WW_TABLE_WRONG ? WW_TABLE_WRONG : WW_TABLE_PLAIN},
    };
    ww_table_add(table, cells);
}

static void put_host_table(struct printing *p, const json_t *shown, int64_t now)
{
    static const struct ww_table_column columns[] = {{.heading = "HOST"},
                                                     {.heading = "IN THE MX RECORDS"},
                                                     {.heading = "TLS"},
                                                     {.heading = "NOTE", .shortens = true}};
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; table != NULL && i < ww_view_size(shown, "hosts"); i++)
        add_host(table, ww_view_at(shown, "hosts", i), now);
    draw(p, table, "MX hosts");
}

static void write_patterns(const json_t *json, const char *key, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < ww_view_size(json, key) && n < size; i++) {
        const char *pattern = json_string_value(ww_view_at(json, key, i));
        n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 ? " " : "", pattern != NULL ? pattern : "");
    }
}

/* Until when senders may have it: of one that is served no more nobody knows before the next was seen. */
static void write_bound(int64_t until, int64_t binds, bool foreign, int64_t now,
                        char out[WW_PUBLISH_WHEN_SIZE])
{
    if (until == 0)
        (void)snprintf(out, WW_PUBLISH_WHEN_SIZE, foreign ? "ours was seen, and longer" : "it is served");
    else if (binds == 0)
        (void)snprintf(out, WW_PUBLISH_WHEN_SIZE, "the next one was seen, and longer");
    else
        ww_publish_when(binds, now, out);
}

/* What binds nobody any more is of no interest. */
static void add_policy(struct ww_table *table, const json_t *served, int64_t now)
{
    int64_t until = ww_publish_time(served, "until"), binds = ww_publish_time(served, "binds_until");
    char since[WW_PUBLISH_WHEN_SIZE], bound[WW_PUBLISH_WHEN_SIZE], span[WW_PUBLISH_SPAN_SIZE],
        mx[WW_DNAME_SIZE * 4];
    bool foreign = ww_publish_is_foreign(served);
    if (until != 0 && binds != 0 && binds <= now)
        return;
    ww_publish_when(ww_publish_time(served, "since"), now, since);
    write_bound(until, binds, foreign, now, bound);
    ww_publish_span(ww_view_number(served, "max_age"), span);
    write_patterns(served, "mx", mx, sizeof mx);
    enum ww_table_colour colour = until == 0 ? WW_TABLE_PLAIN : WW_TABLE_FAINT;
    const struct ww_table_cell cells[] = {
        {ww_view_text(served, "mode"), colour},
        {span, colour},
        {since, colour},
        {bound, colour},
        {mx, colour},
        {foreign ? "somebody else's" : "ours", foreign ? WW_TABLE_MIND : colour},
    };
    ww_table_add(table, cells);
}

static bool has_foreign(const json_t *shown)
{
    return ww_view_size(shown, "served") > 0 && ww_publish_is_foreign(ww_view_at(shown, "served", 0));
}

static void put_policies(struct printing *p, const json_t *shown, int64_t now)
{
    static const struct ww_table_column columns[] = {{.heading = "MODE"},
                                                     {.heading = "MAX_AGE"},
                                                     {.heading = "SERVED SINCE"},
                                                     {.heading = "SENDERS MAY HAVE IT UNTIL"},
                                                     {.heading = "MX", .shortens = true},
                                                     {.heading = "WHOSE"}};
    size_t count = sizeof columns / sizeof *columns - (has_foreign(shown) ? 0 : 1);
    struct ww_table *table = ww_table_new(columns, count);
    for (size_t i = 0; table != NULL && i < ww_view_size(shown, "served"); i++)
        add_policy(table, ww_view_at(shown, "served", i), now);
    draw(p, table, "Policies that senders may have");
}

static void put_refusals(struct printing *p, const json_t *shown, int64_t now)
{
    if (ww_view_size(shown, "refusals") == 0)
        return;
    put_heading(p, "Senders that would refuse a host");
    for (size_t i = 0; i < ww_view_size(shown, "refusals"); i++) {
        const json_t *r = ww_view_at(shown, "refusals", i);
        char when[WW_PUBLISH_WHEN_SIZE], text[WW_DNAME_SIZE + WW_PUBLISH_WHEN_SIZE + 128];
        int64_t until = ww_publish_time(r, "until");
        const char *id = ww_view_text(r, "id");
        bool foreign = ww_publish_is_foreign(r);
        ww_publish_when(until, now, when);
        (void)snprintf(text, sizeof text, "%.255s is refused by those that hold %s%s%.32s; over %s",
                       ww_view_text(r, "host"), foreign ? "somebody else's policy" : "policy",
                       id[0] != '\0' ? " " : "", id,
                       until != 0 ? when : "when it was seen for the last time, and its max_age later");
        begin(p, INDENT);
        put_in(p, colours[WW_VIEW_BAD], text);
        end(p);
    }
}

void ww_publish_print_hosts(FILE *to, const json_t *shown, const struct ww_tree_style *style, int64_t now)
{
    struct printing p = printing_on(to, style);
    put_host_table(&p, shown, now);
    put_policies(&p, shown, now);
    put_refusals(&p, shown, now);
}

static const char *word_of(const char *words[][2], const char *name)
{
    size_t i = 0;
    while (words[i][0] != NULL && strcmp(words[i][0], name) != 0)
        i++;
    return words[i][0] != NULL ? words[i][1] : name;
}

void ww_publish_print_settings(FILE *to, const json_t *shown, const struct ww_tree_style *style)
{
    static const char *hosts[][2] = {{"here", "waxwingd serves it"},
                                     {"tree", "a web server, from files that waxwingd writes"},
                                     {"elsewhere", "somebody else serves it"},
                                     {"mirror", "waxwingd serves it; it is the policy of"},
                                     {NULL, NULL}};
    static const char *dns[][2] = {
        {"hand", "changed by you"}, {"update", "changed by waxwingd"}, {NULL, NULL}};
    static const char *certificates[][2] = {
        {"files", "kept up to date by another program"}, {"acme", "got by waxwingd with ACME"}, {NULL, NULL}};
    struct printing p = printing_on(to, style);
    char text[WW_DNAME_SIZE * 6], span[WW_PUBLISH_SPAN_SIZE];
    const char *host = ww_view_text(shown, "host");
    bool ours = strcmp(host, "here") == 0 || strcmp(host, "mirror") == 0;
    put_heading(&p, "Settings");
    put_labelled(&p, INDENT, "goal       ", ww_view_text(shown, "goal"));
    put_labelled(&p, INDENT, "automatic  ",
                 json_is_true(json_object_get(shown, "automatic"))
                     ? "yes: to enforce, and back to testing, on evidence"
                     : "no: the operator promotes");
    write_patterns(shown, "mx_wanted", text, sizeof text);
    put_labelled(&p, INDENT, "mx         ", text[0] != '\0' ? text : "none yet");
    ww_publish_span(ww_view_number(shown, "max_age_wanted"), span);
    put_labelled(&p, INDENT, "max_age    ", ww_view_number(shown, "max_age_wanted") > 0 ? span : "");
    put_labelled(&p, INDENT, "reports    ", ww_view_text(shown, "rua"));
    (void)snprintf(text, sizeof text, "%s %.255s", word_of(hosts, host), ww_view_text(shown, "mirror"));
    put_labelled(&p, INDENT, "policy     ", text);
    put_labelled(&p, INDENT, "dns        ", word_of(dns, ww_view_text(shown, "dns")));
    if (ours)
        put_labelled(&p, INDENT, "certificate", word_of(certificates, ww_view_text(shown, "certificate")));
}

void ww_publish_print_log(FILE *to, const json_t *shown, const struct ww_tree_style *style)
{
    struct printing p = printing_on(to, style);
    put_heading(&p, "What was done");
    for (size_t i = 0; i < ww_view_size(shown, "log"); i++) {
        const json_t *entry = ww_view_at(shown, "log", i);
        char at[WW_TIME_SIZE], label[24];
        ww_time_format(ww_publish_time(entry, "at"), at); /* a label is written as it is */
        (void)snprintf(label, sizeof label, "%.10s %.5s", at, at + 11);
        put_labelled(&p, INDENT, label, ww_view_text(entry, "what"));
    }
    if (ww_view_size(shown, "log") == 0) {
        begin(&p, INDENT);
        ww_wrap_put(&p.wrap, "nothing yet");
        end(&p);
    }
}
