#include "cli/wrap.h"

#include "cli/show.h"

#include <limits.h>
#include <string.h>

void ww_wrap_line(struct ww_wrap *wrap)
{
    (void)fprintf(wrap->to, "\n%*s", (int)wrap->indent, "");
    wrap->column = wrap->indent;
}

static unsigned room(const struct ww_wrap *w)
{
    if (w->width == 0)
        return UINT_MAX;
    return w->width > w->column ? w->width - w->column : 0;
}

static void put_word(struct ww_wrap *w, const char *word, size_t n)
{
    unsigned space = w->column > w->indent ? 1 : 0;
    if (space + n > room(w) && w->column > w->indent) {
        ww_wrap_line(w);
        space = 0;
    }
    (void)fprintf(w->to, "%*s", (int)space, "");
    w->column += space;
    while (n > 0) {
        size_t part = n < room(w) ? n : room(w);
        if (part == 0) /* the terminal is too narrow for anything */
            part = n;
        ww_show_columns(w->to, word, part);
        w->column += (unsigned)part;
        word += part;
        n -= part;
        if (n > 0)
            ww_wrap_line(w);
    }
}

void ww_wrap_put(struct ww_wrap *wrap, const char *text)
{
    text += strspn(text, " ");
    while (*text != '\0') {
        size_t n = strcspn(text, " ");
        put_word(wrap, text, n);
        text += n;
        text += strspn(text, " ");
    }
}
