/* waxwing publish list, status and show: the domains, a row each, or all that is known of one. */
#include "cli/check_view.h"
#include "cli/publish.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/table.h"
#include "cli/when.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <string.h>
#include <time.h>

static bool is_yes(const json_t *row, const char *key)
{
    return json_is_true(json_object_get(row, key));
}

static bool wants_attention(const json_t *row)
{
    return is_yes(row, "needs_operator") || ww_view_text(row, "trouble")[0] != '\0';
}

static enum ww_table_colour colour_of(const json_t *row)
{
    const char *state = ww_view_text(row, "state");
    if (ww_view_text(row, "trouble")[0] != '\0')
        return WW_TABLE_WRONG;
    if (is_yes(row, "needs_operator"))
        return WW_TABLE_MIND;
    if (strcmp(state, "enforce") == 0)
        return WW_TABLE_GOOD;
    return strcmp(state, "draft") == 0 || strcmp(state, "gone") == 0 ? WW_TABLE_FAINT : WW_TABLE_PLAIN;
}

/* How far it is, on a terminal; elsewhere when it is. */
static const char *write_time(const json_t *row, const char *key, char out[WW_WHEN_SIZE])
{
    int64_t at = ww_publish_time(row, key);
    if (at != 0 && ww_show_is_terminal(stdout))
        ww_when(at, time(NULL), out);
    else
        (void)snprintf(out, WW_WHEN_SIZE, "%.30s", at != 0 ? ww_view_text(row, key) : "-");
    return out;
}

struct listing {
    const struct ww_publish_options *o;
    struct ww_table *table;
    bool states; /* of status: what is waited for */
    size_t count;
    size_t attention;
};

static void add_status(struct listing *l, const json_t *row)
{
    const char *trouble = ww_view_text(row, "trouble"), *waits = ww_view_text(row, "waits");
    char until[WW_WHEN_SIZE];
    bool yours = is_yes(row, "needs_operator") || strcmp(ww_view_text(row, "goal"), "draft") == 0;
    const char *whose = trouble[0] != '\0' ? "trouble" : yours ? "you" : "waxwing";
    if (is_yes(row, "stopped"))
        whose = "stopped";
    const struct ww_table_cell cells[] = {
        {ww_view_text(row, "domain"), WW_TABLE_PLAIN},
        {ww_view_text(row, "state"), colour_of(row)},
        {ww_view_text(row, "goal"), WW_TABLE_PLAIN},
        {whose, colour_of(row)},
        {write_time(row, "until", until), WW_TABLE_PLAIN},
        {trouble[0] != '\0' ? trouble : waits, WW_TABLE_PLAIN},
    };
    ww_table_add(l->table, cells);
}

static void add_row(struct listing *l, const json_t *row)
{
    char max_age[WW_PUBLISH_SPAN_SIZE], next[WW_WHEN_SIZE];
    ww_publish_span(ww_view_number(row, "max_age"), max_age);
    const struct ww_table_cell cells[] = {
        {ww_view_text(row, "domain"), WW_TABLE_PLAIN},
        {ww_view_text(row, "state"), colour_of(row)},
        {ww_view_text(row, "goal"), WW_TABLE_PLAIN},
        {is_yes(row, "automatic") ? "yes" : "no", WW_TABLE_PLAIN},
        {ww_view_text(row, "mode"), WW_TABLE_PLAIN},
        {ww_view_text(row, "mode")[0] != '\0' ? max_age : "", WW_TABLE_PLAIN},
        {ww_view_text(row, "id"), WW_TABLE_FAINT},
        {ww_view_text(row, "host"), WW_TABLE_PLAIN},
        {ww_view_text(row, "dns"), WW_TABLE_PLAIN},
        {ww_view_text(row, "certificate"), WW_TABLE_PLAIN},
        {write_time(row, "next_at", next), WW_TABLE_PLAIN},
    };
    ww_table_add(l->table, cells);
}

static void on_row(void *ctx, const json_t *row)
{
    struct listing *l = ctx;
    if (json_object_get(row, "domain") == NULL)
        return;
    l->count++;
    l->attention += wants_attention(row);
    if (l->o->attention && !wants_attention(row))
        return;
    if (l->o->control.json)
        ww_control_print_json(NULL, row);
    else if (l->states)
        add_status(l, row);
    else
        add_row(l, row);
}

static void print_sum(const struct listing *l)
{
    if (l->count == 0)
        (void)puts("No domain is published. Begin with `waxwing publish wizard`.");
    else if (ww_show_is_terminal(stdout))
        (void)printf("\n%zu domain%s, %zu of which %s for you or %s trouble%s\n", l->count,
                     l->count == 1 ? "" : "s", l->attention, l->attention == 1 ? "waits" : "wait",
                     l->attention == 1 ? "has" : "have",
                     l->attention > 0 && !l->o->attention ? ": --attention shows these alone" : "");
}

static int list_all(const struct ww_publish_options *o, bool states)
{
    static const struct ww_table_column of_list[] = {
        {.heading = "DOMAIN"},
        {.heading = "STATE"},
        {.heading = "GOAL"},
        {.heading = "AUTOMATIC"},
        {.heading = "MODE"},
        {.heading = "MAX_AGE"},
        {.heading = "ID", .shortens = true},
        {.heading = "HOST"},
        {.heading = "DNS"},
        {.heading = "CERTIFICATE"},
        {.heading = "NEXT"},
    };
    static const struct ww_table_column of_status[] = {
        {.heading = "DOMAIN"}, {.heading = "STATE"}, {.heading = "GOAL"},
        {.heading = "TURN"},   {.heading = "UNTIL"}, {.heading = "WAITS FOR", .shortens = true, .share = 0.5},
    };
    struct listing l = {.o = o, .states = states};
    l.table = states ? ww_table_new(of_status, sizeof of_status / sizeof *of_status)
                     : ww_table_new(of_list, sizeof of_list / sizeof *of_list);
    int status = l.table != NULL ? ww_control_call(&o->control, "publish-list", json_object(), on_row, &l)
                                 : WW_EXIT_INTERNAL;
    if (status == WW_EXIT_OK && !o->control.json) {
        if (!ww_table_print(l.table, stdout))
            status = WW_EXIT_INTERNAL;
        print_sum(&l);
    }
    ww_table_free(l.table);
    return status;
}

static int show_one(const struct ww_publish_options *o, const char *text, bool whole, bool *begun)
{
    char domain[WW_DNAME_SIZE];
    json_t *shown;
    if (!ww_publish_domain(o, text, domain))
        return WW_EXIT_USAGE;
    int status = ww_publish_fetch(o, domain, &shown);
    struct ww_tree_style style = ww_tree_style(stdout);
    int64_t now = time(NULL);
    if (status == WW_EXIT_OK && o->policy) {
        status = ww_publish_print_policy(stdout, shown, 0, "\r\n") ? WW_EXIT_OK : WW_EXIT_NOT;
        if (status == WW_EXIT_NOT)
            ww_subcommand_complain(o->control.command, domain, "no policy is served, nor is to be yet");
    } else if (status == WW_EXIT_OK && o->control.json) {
        ww_control_print_json(NULL, shown);
    } else if (status == WW_EXIT_OK) {
        (void)fputs(*begun ? "\n" : "", stdout);
        *begun = true;
        ww_publish_print_status(stdout, shown, &style, now);
        ww_publish_print_hosts(stdout, shown, &style, now);
        if (whole)
            ww_publish_print_settings(stdout, shown, &style);
        if (o->log)
            ww_publish_print_log(stdout, shown, &style);
    }
    json_decref(shown);
    return status;
}

/* Each is shown, whatever has become of those before. */
static int show_each(const struct ww_publish_options *o, char **texts, int count, bool whole)
{
    bool begun = false;
    int status = WW_EXIT_OK;
    for (int i = 0; i < count; i++) {
        int one = show_one(o, texts[i], whole, &begun);
        status = one != WW_EXIT_OK ? one : status;
    }
    return status;
}

int ww_cli_publish_status(int argc, char **argv)
{
    static const struct ww_publish_command command = {
        .name = "publish status",
        .takes = WW_PUBLISH_TAKES_ATTENTION,
        .usage = "usage: waxwing publish status [--attention] [--json] [--config FILE | --socket ADDRESS]\n"
                 "                              [DOMAIN...]\n",
        .help =
            "Shows how far a domain is: what is in place, what is waited for and until when, which policies\n"
            "senders may still have, and what to do next. Without a domain, all of them in a table.\n"
            "\n"
            "  --attention       in the table, only those that wait for you or have trouble\n",
    };
    struct ww_publish_options o;
    int status = ww_publish_options_read(argc, argv, &command, &o);
    if (status < 0)
        status = argc > optind ? show_each(&o, argv + optind, argc - optind, false) : list_all(&o, true);
    ww_publish_options_free(&o);
    return status;
}

int ww_cli_publish_list(int argc, char **argv)
{
    static const struct ww_publish_command command = {
        .name = "publish list",
        .takes = WW_PUBLISH_TAKES_ATTENTION,
        .usage = "usage: waxwing publish list [--attention] [--json] [--config FILE | --socket ADDRESS]\n",
        .help = "Shows the domains that are managed, a row each, with what is served and how.\n"
                "\n"
                "  --attention       only those that wait for you or have trouble\n",
    };
    struct ww_publish_options o;
    int status = ww_publish_options_read(argc, argv, &command, &o);
    if (status < 0)
        status = argc > optind
                     ? ww_subcommand_usage(command.name, "it takes no argument: see `waxwing publish status`",
                                           command.usage)
                     : list_all(&o, false);
    ww_publish_options_free(&o);
    return status;
}

int ww_cli_publish_show(int argc, char **argv)
{
    static const struct ww_publish_command command = {
        .name = "publish show",
        .takes = WW_PUBLISH_TAKES_SHOWN,
        .usage =
            "usage: waxwing publish show [--log | --policy] [--json] [--config FILE | --socket ADDRESS]\n"
            "                            DOMAIN...\n",
        .help = "Shows all that is known of a domain: its status, and how it is set up.\n"
                "\n"
                "  --log             what was done and when, too\n"
                "  --policy          the policy alone, for a file\n",
    };
    struct ww_publish_options o;
    int status = ww_publish_options_read(argc, argv, &command, &o);
    if (status < 0 && argc == optind)
        status = ww_subcommand_usage(command.name, "say which domain", command.usage);
    if (status < 0)
        status = show_each(&o, argv + optind, argc - optind, true);
    ww_publish_options_free(&o);
    return status;
}
