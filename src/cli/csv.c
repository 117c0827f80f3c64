#include "cli/csv.h"

#include "cli/show.h"

#include <string.h>

static void begin(struct ww_csv *csv)
{
    if (csv->begun)
        (void)fputc(',', csv->to);
    csv->begun = true;
}

static void put(struct ww_csv *csv, const char *p, size_t n)
{
    if (csv->safely)
        ww_show_safely(csv->to, p, n);
    else
        (void)fwrite(p, 1, n, csv->to);
}

static bool is_formula(const char *text, size_t n)
{
    return n > 0 && memchr("=+-@\t\r", text[0], 6) != NULL;
}

static bool wants_quotes(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memchr(",\"\r\n", text[i], 4) != NULL)
            return true;
    return n > 0 && (text[0] == ' ' || text[n - 1] == ' ');
}

void ww_csv_text(struct ww_csv *csv, const char *text, size_t n)
{
    bool quotes = wants_quotes(text, n);
    begin(csv);
    if (quotes)
        (void)fputc('"', csv->to);
    if (is_formula(text, n))
        (void)fputc('\'', csv->to);
    while (n > 0) {
        const char *quote = memchr(text, '"', n);
        size_t part = quote != NULL ? (size_t)(quote - text) + 1 : n;
        put(csv, text, part);
        if (quote != NULL)
            (void)fputc('"', csv->to);
        text += part;
        n -= part;
    }
    if (quotes)
        (void)fputc('"', csv->to);
}

void ww_csv_plain(struct ww_csv *csv, const char *text)
{
    begin(csv);
    (void)fputs(text, csv->to);
}

void ww_csv_end(struct ww_csv *csv)
{
    (void)fputs("\r\n", csv->to);
    csv->begun = false;
}
