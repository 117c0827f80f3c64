/* Questions to the operator. */
#include "cli/printing.h"
#include "cli/publish.h"
#include "cli/show.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LINE_SIZE 1024

/* A line of standard input without the white space around it. False: there is no more. */
static bool read_line(char out[LINE_SIZE])
{
    char line[LINE_SIZE];
    (void)fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) {
        (void)putchar('\n');
        return false;
    }
    size_t from = strspn(line, " \t\r\n"), n = strlen(line);
    while (n > from && strchr(" \t\r\n", line[n - 1]) != NULL)
        n--;
    memcpy(out, line + from, n - from);
    out[n - from] = '\0';
    if (isatty(STDIN_FILENO) != 1) { /* what was typed stands there already */
        ww_show_text(stdout, out);
        (void)putchar('\n');
    }
    return true;
}

static void put_question(const char *question, const char *hint)
{
    bool colour = ww_show_has_colour(stdout);
    (void)fputs(colour ? BOLD : "", stdout);
    ww_show_text(stdout, question);
    (void)fputs(colour ? PLAIN : "", stdout);
    if (hint[0] != '\0') {
        (void)fputs(" [", stdout);
        ww_show_text(stdout, hint);
        (void)putchar(']');
    }
    (void)putchar(' ');
}

bool ww_publish_ask_yes(const char *question, enum ww_publish_answer by_default, bool *yes)
{
    static const char *const hints[] = {
        [WW_PUBLISH_NO] = "y/N", [WW_PUBLISH_YES] = "Y/n", [WW_PUBLISH_SAY] = "y/n"};
    char answer[LINE_SIZE];
    for (;;) {
        put_question(question, hints[by_default]);
        if (!read_line(answer))
            return false;
        *yes = by_default == WW_PUBLISH_YES;
        if (answer[0] == '\0' && by_default != WW_PUBLISH_SAY)
            return true;
        *yes = strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
        if (*yes || strcasecmp(answer, "n") == 0 || strcasecmp(answer, "no") == 0)
            return true;
        (void)puts("Answer y or n.");
    }
}

bool ww_publish_ask_text(const char *question, const char *by_default, char *out, size_t size)
{
    char answer[LINE_SIZE];
    do {
        put_question(question, by_default);
        if (!read_line(answer))
            return false;
    } while (answer[0] == '\0' && by_default[0] == '\0');
    (void)snprintf(out, size, "%s", answer[0] != '\0' ? answer : by_default);
    return true;
}
