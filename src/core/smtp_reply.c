#include "core/smtp_reply.h"

#include "base/ascii.h"

#define CODE_DIGITS 3

/* The length of the first line, its LF included; 0 when there is none yet. */
static size_t line_length(const char *p, size_t n)
{
    const char *end = n > 0 ? memchr(p, '\n', n) : NULL;
    return end != NULL ? (size_t)(end - p) + 1 : 0;
}

static struct ww_slice without_end(struct ww_slice line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\n')
        line.n--;
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

/* Code and separator of a line without its end; a code alone ends a reply as well. */
static bool read_code(struct ww_slice line, unsigned *code, bool *last)
{
    if (line.n < CODE_DIGITS || line.p[0] < '2' || line.p[0] > '5' || !ww_is_digit(line.p[1]) ||
        !ww_is_digit(line.p[2]))
        return false;
    *code =
        (unsigned)(line.p[0] - '0') * 100 + (unsigned)(line.p[1] - '0') * 10 + (unsigned)(line.p[2] - '0');
    char separator = line.n > CODE_DIGITS ? line.p[CODE_DIGITS] : ' ';
    *last = separator == ' ';
    return separator == ' ' || separator == '-';
}

/* What cannot become a line of a reply any more need not be waited for. */
static bool may_become_line(const char *p, size_t n)
{
    static const char lowest[] = "200";
    static const char highest[] = "599";
    if (n >= WW_SMTP_LINE_MAX)
        return false;
    for (size_t i = 0; i < n && i < CODE_DIGITS; i++)
        if (p[i] < lowest[i] || p[i] > highest[i])
            return false;
    return true;
}

enum ww_smtp_cut ww_smtp_reply_cut(const char *p, size_t n, struct ww_smtp_reply *reply, size_t *used)
{
    unsigned first = 0;
    size_t at = 0;
    for (;;) {
        unsigned code;
        bool last;
        size_t length = line_length(p + at, n - at);
        if (length == 0)
            return may_become_line(p + at, n - at) && n < WW_SMTP_REPLY_MAX ? WW_SMTP_MORE
                                                                            : WW_SMTP_MALFORMED;
        if (length > WW_SMTP_LINE_MAX || at + length > WW_SMTP_REPLY_MAX ||
            !read_code(without_end(ww_slice(p + at, length)), &code, &last) || (at > 0 && code != first))
            return WW_SMTP_MALFORMED;
        first = code;
        at += length;
        if (last)
            break;
    }
    reply->code = first;
    reply->lines = ww_slice(p, at);
    *used = at;
    return WW_SMTP_WHOLE;
}

bool ww_smtp_reply_line(struct ww_slice *lines, struct ww_slice *text)
{
    size_t length = line_length(lines->p, lines->n);
    if (length == 0)
        return false;
    *text = without_end(ww_slice(lines->p, length));
    size_t skip = text->n > CODE_DIGITS ? CODE_DIGITS + 1 : text->n;
    *text = ww_slice(text->p + skip, text->n - skip);
    *lines = ww_slice(lines->p + length, lines->n - length);
    return true;
}

bool ww_smtp_reply_offers(const struct ww_smtp_reply *reply, const char *keyword)
{
    struct ww_slice lines = reply->lines;
    struct ww_slice text;
    size_t n = strlen(keyword);
    bool greeting = true;
    while (ww_smtp_reply_line(&lines, &text)) {
        bool whole = text.n == n || (text.n > n && text.p[n] == ' ');
        if (!greeting && whole && ww_starts_nocase(text, keyword))
            return true;
        greeting = false;
    }
    return false;
}

/* The digits that text begins with, 1 to 3 of them, and taken off it; false without. */
static bool take_number(struct ww_slice *text, unsigned *number)
{
    size_t n = 0;
    *number = 0;
    for (; n < text->n && n < 3 && ww_is_digit(text->p[n]); n++)
        *number = *number * 10 + (unsigned)(text->p[n] - '0');
    *text = ww_slice(text->p + n, text->n - n);
    return n > 0;
}

static bool take_char(struct ww_slice *text, char c)
{
    bool is = text->n > 0 && text->p[0] == c;
    if (is)
        *text = ww_slice(text->p + 1, text->n - 1);
    return is;
}

bool ww_smtp_refuses_recipient(struct ww_slice line)
{
    enum { SOMEBODY = 0, SENDERS_SYNTAX = 7, SENDERS_SYSTEM = 8 };
    unsigned code, class, subject, detail;
    if (line.n < 3 || !take_number(&line, &code) || code < 500 || code > 599)
        return false;
    (void)(take_char(&line, ' ') || take_char(&line, '-'));
    if (take_number(&line, &class) && take_char(&line, '.') && take_number(&line, &subject) &&
        take_char(&line, '.') && take_number(&line, &detail))
        return class == 5 && ((subject == 1 && detail != SOMEBODY && detail != SENDERS_SYNTAX &&
                               detail != SENDERS_SYSTEM) ||
                              subject == 2 || subject == 4);
    return code == 550 || code == 551 || code == 553;
}
