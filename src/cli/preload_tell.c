/* What make says of the domains that it has looked at, and of its list. */
#include "base/time.h"
#include "cli/preload.h"
#include "cli/show.h"
#include "cli/table.h"

static const struct ww_table_column columns[] = {
    {.heading = "DOMAIN"},
    {.heading = "LEFT OUT BECAUSE"},
};

static void print_json(json_t *object)
{
    if (json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
        (void)putchar('\n');
    json_decref(object);
}

/* What comes from a file need not be UTF-8. */
static json_t *text_json(const char *text)
{
    json_t *json = text != NULL ? json_string(text) : NULL;
    return json != NULL ? json : json_null();
}

static void print_domain(const struct ww_preload_finding *f)
{
    print_json(json_pack("{s:o, s:b, s:o, s:b, s:b}", "domain", text_json(f->domain), "taken", f->taken,
                         "why", text_json(f->why), "temporary", f->temporary, "lost", f->lost));
}

bool ww_preload_tell_domains(const struct ww_preload_findings *all, bool json)
{
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; table != NULL && i < all->count; i++) {
        const struct ww_preload_finding *f = &all->found[i];
        enum ww_table_colour colour = f->temporary ? WW_TABLE_MIND : WW_TABLE_PLAIN;
        const struct ww_table_cell cells[] = {{f->domain, f->lost ? WW_TABLE_WRONG : WW_TABLE_PLAIN},
                                              {f->why, colour}};
        if (json)
            print_domain(f);
        else if (!f->taken)
            ww_table_add(table, cells);
    }
    bool good = table != NULL && ww_table_print(table, stdout);
    if (good && ww_table_rows(table) > 0)
        (void)putchar('\n');
    ww_table_free(table);
    return good;
}

static void print_list_json(const struct ww_preload_order *order, const struct ww_preload_sum *sum,
                            size_t left_out)
{
    char expires[WW_TIME_SIZE];
    ww_time_format(order->expires, expires);
    print_json(json_pack("{s:o, s:b, s:I, s:I, s:I, s:I, s:s, s:b}", "list", text_json(order->output),
                         "written", sum->written, "domains", (json_int_t)sum->taken, "left_out",
                         (json_int_t)left_out, "temporary", (json_int_t)sum->temporary, "lost",
                         (json_int_t)sum->lost, "expires", expires, "signed",
                         sum->written && order->key != NULL));
}

static void print_list(const struct ww_preload_order *order, const struct ww_preload_sum *sum,
                       size_t left_out)
{
    char expires[WW_TIME_SIZE];
    const char *output = order->output;
    ww_time_format(order->expires, expires);
    ww_show_text(stdout, output);
    if (sum->written)
        (void)printf(": %zu domain%s, expires %s", sum->taken, sum->taken == 1 ? "" : "s", expires);
    else
        (void)fputs(": not written", stdout);
    if (left_out > 0)
        (void)printf("; left out: %zu", left_out);
    if (sum->temporary > 0)
        (void)printf(", of which %zu could not be looked at now", sum->temporary);
    (void)putchar('\n');
    if (sum->lost > 0)
        (void)printf(
            "lost: %zu that the list before names, though no policy of theirs says that this is right%s\n",
            sum->lost, sum->written ? "" : "; look into it, or write the list with --drop-lost");
    if (!sum->written)
        return;
    ww_show_text(stdout, output);
    if (order->key != NULL)
        (void)fputs(".asc: its signature\n", stdout);
    else
        (void)fputs(": not signed; waxwingd takes no list without a signature: see --key\n", stdout);
}

void ww_preload_tell_list(const struct ww_preload_order *order, const struct ww_preload_sum *sum,
                          size_t left_out, bool json)
{
    if (json)
        print_list_json(order, sum, left_out);
    else
        print_list(order, sum, left_out);
}
