#include "cli/doctor.h"
#include "cli/show.h"

#include <stdio.h>
#include <string.h>

#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

/* Where what is long goes on. */
#define ID_COLUMNS 20

static const char *text(const json_t *finding, const char *key)
{
    const char *s = json_string_value(json_object_get(finding, key));
    return s != NULL ? s : "";
}

static const char *colour(const char *status)
{
    if (strcmp(status, "ok") == 0)
        return GREEN;
    if (strcmp(status, "warn") == 0)
        return YELLOW;
    return strcmp(status, "fail") == 0 ? RED : "";
}

static void put(const char *s)
{
    ww_show_columns(stdout, s, strlen(s));
}

static void put_lines(const json_t *lines, int indent)
{
    const json_t *line;
    size_t i;
    json_array_foreach(lines, i, line)
    {
        const char *s = json_string_value(line);
        (void)printf("%*s", indent, "");
        put(s != NULL ? s : "");
        (void)putchar('\n');
    }
}

void ww_doctor_print(const json_t *finding)
{
    bool coloured = ww_show_has_colour(stdout);
    const char *status = text(finding, "status");
    (void)printf("%s%-4s%s  %-*s ", coloured ? colour(status) : "", status, coloured ? PLAIN : "", ID_COLUMNS,
                 text(finding, "id"));
    if (text(finding, "subject")[0] != '\0') {
        put(text(finding, "subject"));
        (void)fputs(": ", stdout);
    }
    put(text(finding, "seen"));
    (void)putchar('\n');
    put_lines(json_object_get(finding, "what_to_do"), 8);
    put_lines(json_object_get(finding, "commands"), 12);
}
