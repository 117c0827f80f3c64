#include "daemon/herald_text.h"

#include "base/time.h"

#include <inttypes.h>
#include <string.h>

#define WIDTH 76
#define COLUMN 12

/* Words between spaces are never broken: an address in two parts is of no use. */
static void put_words(FILE *to, const char *text, size_t column)
{
    size_t at = column;
    while (*text != '\0') {
        size_t n = strcspn(text, " ");
        if (at > column && at + 1 + n > WIDTH) {
            (void)fprintf(to, "\n%*s", (int)column, "");
            at = column;
        } else if (at > column) {
            (void)fputc(' ', to);
            at++;
        }
        (void)fwrite(text, 1, n, to);
        at += n;
        text += n;
        text += strspn(text, " ");
    }
    (void)fputc('\n', to);
}

void ww_herald_put(FILE *to, const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    (void)fprintf(to, "  %-*s", COLUMN - 2, label);
    put_words(to, text, COLUMN);
}

void ww_herald_put_plain(FILE *to, const char *text)
{
    put_words(to, text, 0);
}

void ww_herald_when(int64_t at, int64_t now, char out[WW_HERALD_WHEN_SIZE])
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};
    char time[WW_TIME_SIZE];
    int64_t apart = at > now ? at - now : now - at;
    ww_time_format(at, time);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t count = apart / units[i].seconds;
        if (count == 0)
            continue;
        (void)snprintf(out, WW_HERALD_WHEN_SIZE, "%s (%s%" PRId64 " %s%s%s)", time, at > now ? "in " : "",
                       count, units[i].name, count > 1 ? "s" : "", at > now ? "" : " ago");
        return;
    }
    (void)snprintf(out, WW_HERALD_WHEN_SIZE, "%s (just now)", time);
}
