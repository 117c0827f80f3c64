#include "cli/check_list.h"

#include "check/report_json.h"
#include "cli/cli.h"
#include "cli/table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

int ww_check_list_table(void)
{
    static const struct ww_table_column columns[] = {
        {.heading = "ID"},
        {.heading = "SEVERITY"},
        {.heading = "OTHERWISE"},
        {.heading = "TITLE", .shortens = true},
        {.heading = "SOURCE", .shortens = true},
    };
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL)
        return WW_EXIT_INTERNAL;
    for (unsigned i = 0; i < WW_CHECKS; i++) {
        static const enum ww_table_colour colours[] = {
            [WW_SEVERITY_ERROR] = WW_TABLE_WRONG,
            [WW_SEVERITY_WARNING] = WW_TABLE_MIND,
            [WW_SEVERITY_INFO] = WW_TABLE_PLAIN,
        };
        const struct ww_check_info *info = ww_check_info((enum ww_check)i);
        const struct ww_table_cell cells[] = {
            {info->id, WW_TABLE_PLAIN},
            {ww_severity_name(info->severity), colours[info->severity]},
            {ww_severity_name(info->otherwise), colours[info->otherwise]},
            {info->title, WW_TABLE_PLAIN},
            {info->source, WW_TABLE_FAINT},
        };
        ww_table_add(table, cells);
    }
    bool printed = ww_table_print(table, stdout);
    ww_table_free(table);
    return printed ? WW_EXIT_OK : WW_EXIT_INTERNAL;
}

int ww_check_list_array(void)
{
    json_t *list = ww_check_list_json();
    int failed = json_dumpf(list, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII);
    (void)putchar('\n');
    json_decref(list);
    return failed == 0 ? WW_EXIT_OK : WW_EXIT_INTERNAL;
}

/* What would be markup. */
static void put(const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("\\`*_<>|[]", *text) != NULL)
            (void)putchar('\\');
        (void)putchar(*text);
    }
}

/* A title is a sentence: those of the linters begin in lower case. */
static void put_title(const char *title)
{
    (void)putchar(toupper((unsigned char)title[0]));
    put(title + 1);
}

static void put_check(const struct ww_check_info *info)
{
    (void)printf("### %s\n\n", info->id);
    put_title(info->title);
    (void)printf(".\n\n- Severity: %s", ww_severity_name(info->severity));
    if (info->otherwise != info->severity)
        (void)printf(" under mode enforce, else %s", ww_severity_name(info->otherwise));
    (void)fputs("\n- Why: ", stdout);
    put(info->why);
    (void)fputs("\n- What to do: ", stdout);
    put(info->fix);
    if (info->source[0] != '\0')
        (void)printf("\n- Source: %s", info->source);
    (void)fputs("\n\n", stdout);
}

int ww_check_list_markdown(void)
{
    (void)fputs(
        "# The checks of `waxwing check`\n\n"
        "Made by `make checks`. Each check has an id that never changes. How bad its\n"
        "finding is depends on the policy: under mode enforce a fault loses mail, under another one it "
        "loses\nprotection, or a report. [How to use it](check.md).\n\n",
        stdout);
    for (enum ww_check_area area = 0; area < WW_CHECK_AREAS; area++) {
        bool headed = false;
        for (unsigned i = 0; i < WW_CHECKS; i++) {
            const struct ww_check_info *info = ww_check_info((enum ww_check)i);
            if (info->area != area)
                continue;
            if (!headed)
                (void)printf("## %s\n\n", ww_check_area_name(area));
            headed = true;
            put_check(info);
        }
    }
    return WW_EXIT_OK;
}
