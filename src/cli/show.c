#include "cli/show.h"

#include "base/ascii.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void ww_show_safely(FILE *to, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\\')
            (void)fputs("\\\\", to);
        else if (p[i] == ' ' || ww_is_vchar(p[i]))
            (void)fputc(p[i], to);
        else
            (void)fprintf(to, "\\x%02x", (unsigned)(unsigned char)p[i]);
    }
}

void ww_show_text(FILE *to, const char *text)
{
    ww_show_safely(to, text, strlen(text));
}

void ww_show_columns(FILE *to, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = ww_is_wsp(p[i]) ? ' ' : p[i];
        (void)fputc(c == ' ' || ww_is_vchar(c) ? c : '?', to);
    }
}

bool ww_show_is_terminal(FILE *to)
{
    return isatty(fileno(to)) == 1;
}

bool ww_show_has_colour(FILE *to)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (no_colour != NULL && no_colour[0] != '\0')
        return false;
    return term != NULL && strcmp(term, "dumb") != 0 && ww_show_is_terminal(to);
}
