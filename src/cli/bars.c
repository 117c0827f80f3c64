#include "cli/bars.h"

#define GREEN "\033[32m"
#define RED "\033[31m"
#define PLAIN "\033[0m"
#define EIGHTHS 8

static const char *const parts[EIGHTHS] = {"",
                                           "\xe2\x96\x8f",
                                           "\xe2\x96\x8e",
                                           "\xe2\x96\x8d",
                                           "\xe2\x96\x8c",
                                           "\xe2\x96\x8b",
                                           "\xe2\x96\x8a",
                                           "\xe2\x96\x89"};
static const char full_block[] = "\xe2\x96\x88";
static const char shaded_block[] = "\xe2\x96\x93"; /* tells failures apart where red and green look alike */

/* In eighths of a column. Sums of sessions may be large: no integer holds the product. */
static unsigned length_of(const struct ww_bars *bars, uint64_t n)
{
    double eighths = bars->most > 0 ? (double)n / (double)bars->most * bars->width * EIGHTHS : 0;
    unsigned length = eighths < bars->width * EIGHTHS ? (unsigned)(eighths + 0.5) : bars->width * EIGHTHS;
    return n > 0 && bars->most > 0 && bars->width > 0 && length == 0 ? 1 : length;
}

static void repeat(FILE *to, const char *text, unsigned n)
{
    while (n-- > 0)
        (void)fputs(text, to);
}

static void begin(FILE *to, const struct ww_bars *bars, const char *colour)
{
    if (bars->colour)
        (void)fputs(colour, to);
}

/* Returns the columns that it takes. whole: it is followed by another one. */
static unsigned put_good(FILE *to, const struct ww_bars *bars, unsigned eighths, bool whole)
{
    unsigned columns = eighths / EIGHTHS, rest = eighths % EIGHTHS;
    if (whole || !bars->blocks) {
        columns += rest >= EIGHTHS / 2 || (columns == 0 && rest > 0);
        rest = 0;
    }
    begin(to, bars, GREEN);
    repeat(to, bars->blocks ? full_block : "#", columns);
    (void)fputs(parts[rest], to);
    begin(to, bars, PLAIN);
    return columns + (rest > 0);
}

void ww_bars_put(FILE *to, const struct ww_bars *bars, uint64_t good, uint64_t bad)
{
    unsigned failed = (length_of(bars, bad) + EIGHTHS - 1) / EIGHTHS;
    unsigned fine = length_of(bars, good);
    unsigned room = bars->width > failed ? (bars->width - failed) * EIGHTHS : 0;
    unsigned used = fine > 0 ? put_good(to, bars, fine < room ? fine : room, failed > 0) : 0;
    if (failed > 0) {
        begin(to, bars, RED);
        repeat(to, bars->blocks ? shaded_block : "x", failed);
        begin(to, bars, PLAIN);
    }
    (void)fprintf(to, "%*s", (int)(used + failed < bars->width ? bars->width - used - failed : 0), "");
}
