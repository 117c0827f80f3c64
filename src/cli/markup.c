#include "cli/markup.h"

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void ww_markup_put(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *entity = entity_of(*text);
        if (entity != NULL)
            (void)fputs(entity, to);
        else
            (void)fputc(*text == '\n' || (*text >= ' ' && *text <= '~') ? *text : '?', to);
    }
}
