#include "daemon/config_scan.h"

#include <string.h>

struct scan {
    char *p;
    size_t n;
    size_t i;
    unsigned line;
    unsigned depth;
    unsigned opened; /* line of the outermost open brace */
    const char *what;
};

static bool at(const struct scan *s, const char *word)
{
    size_t len = strlen(word);
    return len <= s->n - s->i && memcmp(s->p + s->i, word, len) == 0;
}

static void blank(struct scan *s, size_t count)
{
    memset(s->p + s->i, ' ', count);
    s->i += count;
}

static void blank_line_comment(struct scan *s)
{
    while (s->i < s->n && s->p[s->i] != '\n')
        blank(s, 1);
}

static void blank_block_comment(struct scan *s)
{
    unsigned start = s->line;
    while (s->i < s->n && !at(s, "*/")) {
        if (s->p[s->i] == '\n') {
            s->line++;
            s->i++;
        } else {
            blank(s, 1);
        }
    }
    if (s->i < s->n) {
        blank(s, 2);
        return;
    }
    s->line = start;
    s->what = "this comment does not end";
}

static const char no_variables[] = "variables of the environment are not read here: write the value itself";

static void skip_string(struct scan *s)
{
    char quote = s->p[s->i++];
    while (s->i < s->n && s->p[s->i] != quote && s->p[s->i] != '\n') {
        if (quote == '"' && at(s, "${")) {
            s->what = no_variables;
            return;
        }
        bool escape = s->p[s->i] == '\\' && s->i + 1 < s->n && s->p[s->i + 1] != '\n';
        s->i += escape ? 2 : 1;
    }
    if (s->i < s->n && s->p[s->i] == quote)
        s->i++;
    else
        s->what = "this string does not end on its line";
}

static void step(struct scan *s)
{
    char c = s->p[s->i];
    if (c == '#' || at(s, "//")) {
        blank_line_comment(s);
        return;
    }
    if (at(s, "/*")) {
        blank_block_comment(s);
        return;
    }
    if (c == '"' || c == '\'') {
        skip_string(s);
        return;
    }
    if (at(s, "${"))
        s->what = no_variables;
    else if (c == '*' || c == '|')
        s->what = "this character stands only between quotation marks";
    else if (c == '}' && s->depth == 0)
        s->what = "there is no { before this }";
    else if (c == '\n')
        s->line++;
    else if (c == '{' && s->depth++ == 0)
        s->opened = s->line;
    else if (c == '}')
        s->depth--;
    s->i++;
}

/* Leaves s->line at the first control byte. */
static void refuse_controls(struct scan *s)
{
    for (size_t i = 0; i < s->n; i++) {
        unsigned char c = (unsigned char)s->p[i];
        if (c < ' ' && c != '\t' && c != '\n' && c != '\r') {
            s->what = "control characters are not allowed";
            return;
        }
        if (c == '\n')
            s->line++;
    }
    s->line = 1;
}

bool ww_config_scan(char *text, size_t n, struct ww_config_fault *fault)
{
    struct scan s = {.p = text, .n = n, .line = 1};
    refuse_controls(&s);
    while (s.i < n && s.what == NULL)
        step(&s);
    if (s.what == NULL && s.depth > 0) {
        s.line = s.opened;
        s.what = "the } to this { is missing";
    }
    fault->line = s.line;
    fault->what = s.what;
    return s.what == NULL;
}
