#include "core/mbox.h"

#include "base/ascii.h"

static struct ww_slice next_word(struct ww_slice *rest)
{
    size_t i = 0;
    while (i < rest->n && (ww_is_wsp(rest->p[i]) || rest->p[i] == '\r' || rest->p[i] == '\n'))
        i++;
    size_t n = 0;
    while (i + n < rest->n && (unsigned char)rest->p[i + n] > ' ')
        n++;
    struct ww_slice word = ww_slice(rest->p + i, n);
    /* A control character stops it for good: that is no line of an mbox. */
    *rest = n > 0 ? ww_slice(rest->p + i + n, rest->n - i - n) : ww_slice(rest->p, 0);
    return word;
}

static bool are_digits(struct ww_slice s, size_t least, size_t most)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ww_is_digit(s.p[i]))
            return false;
    return s.n >= least && s.n <= most;
}

static bool is_month(struct ww_slice s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (size_t i = 0; s.n == 3 && i + 3 < sizeof months; i += 3)
        if (memcmp(s.p, months + i, 3) == 0)
            return true;
    return false;
}

/* "22:23", "22:23:14" */
static bool is_time(struct ww_slice s)
{
    return (s.n == 5 || (s.n == 8 && s.p[5] == ':' && are_digits(ww_slice(s.p + 6, 2), 2, 2))) &&
           s.p[2] == ':' && are_digits(ww_slice(s.p, 2), 2, 2) && are_digits(ww_slice(s.p + 3, 2), 2, 2);
}

bool ww_mbox_is_separator(struct ww_slice line)
{
    struct ww_slice before = ww_slice("", 0), last = before, word;
    bool timed = false;
    if (!ww_slice_starts(line, "From "))
        return false;
    line = ww_slice(line.p + 5, line.n - 5);
    while ((word = next_word(&line)).n > 0) {
        if (timed && are_digits(word, 4, 4))
            return true;
        timed = timed || (is_time(word) && are_digits(last, 1, 2) && is_month(before));
        before = last;
        last = word;
    }
    return false;
}

bool ww_mbox_is_quoted(struct ww_slice line)
{
    size_t i = 0;
    while (i < line.n && line.p[i] == '>')
        i++;
    return i > 0 && ww_slice_starts(ww_slice(line.p + i, line.n - i), "From ");
}
