/* What a command line has asked for: converted where that is safe, refused where it would break. */
#include "base/time.h"
#include "cli/generate.h"
#include "codec/idn.h"
#include "core/mx_match.h"
#include "core/uri.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DAY 86400u

static void add_words(json_t *list, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static void add_words(json_t *list, const char *format, va_list arguments)
{
    char words[1024];
    (void)vsnprintf(words, sizeof words, format, arguments);
    json_t *text = json_string(words);
    (void)json_array_append_new(list, text != NULL ? text : json_string("(no UTF-8)"));
}

void ww_generate_note(struct ww_generate *g, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_words(g->notes, format, arguments);
    va_end(arguments);
}

void ww_generate_warn(struct ww_generate *g, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_words(g->warnings, format, arguments);
    va_end(arguments);
}

void ww_generate_refuse(struct ww_generate *g, const char *format, ...)
{
    va_list arguments;
    if (g->refusal[0] != '\0')
        return;
    va_start(arguments, format);
    (void)vsnprintf(g->refusal, sizeof g->refusal, format, arguments);
    va_end(arguments);
}

static bool is_known(const struct ww_generate *g, const char *pattern)
{
    bool known = false;
    for (size_t i = 0; i < g->mx_count; i++)
        known = known || strcmp(g->mx[i], pattern) == 0;
    return known;
}

void ww_generate_take_mx(struct ww_generate *g, const char *text)
{
    bool wildcard = strncmp(text, "*.", 2) == 0;
    const char *name = wildcard ? text + 2 : text;
    char domain[WW_DNAME_SIZE], pattern[WW_DNAME_SIZE + 2];
    size_t offset;
    if (name[0] == '.') {
        ww_generate_refuse(g, "--mx %s: a leading dot is of the drafts; write *%s", text, text);
        return;
    }
    if (ww_dname_is_address(name, strlen(name))) {
        ww_generate_refuse(g, "--mx %s: this is an address; a policy holds names of MX hosts", text);
        return;
    }
    enum ww_err err = ww_idn_to_domain(ww_slice_str(name), domain);
    (void)snprintf(pattern, sizeof pattern, "%s%s", wildcard ? "*." : "", err == WW_OK ? domain : "");
    if (err == WW_OK)
        err = ww_mx_pattern_check(ww_slice_str(pattern), &offset);
    if (err != WW_OK) {
        ww_generate_refuse(g, "--mx %s: %s", text, ww_err_message(err));
        return;
    }
    if (strcasecmp(pattern, text) != 0)
        ww_generate_note(g, "--mx %s is written as %s", text, pattern);
    if (is_known(g, pattern))
        return;
    if (g->mx_count == WW_GENERATE_MX_MAX) {
        ww_generate_refuse(g, "more than %d mx patterns", WW_GENERATE_MX_MAX);
        return;
    }
    memcpy(g->patterns[g->mx_count], pattern, sizeof pattern);
    g->mx[g->mx_count] = g->patterns[g->mx_count];
    g->mx_count++;
}

/* The text with what would end a URI of the list written as its octet. */
static void put_encoded(struct ww_buf *b, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *text != '\0'; text++) {
        if (strchr("!,;", *text) != NULL) {
            ww_buf_char(b, '%');
            ww_buf_char(b, digits[(unsigned char)*text >> 4]);
            ww_buf_char(b, digits[(unsigned char)*text & 15]);
        } else {
            ww_buf_char(b, *text);
        }
    }
}

static bool is_address(struct ww_slice path)
{
    const char *at = memchr(path.p, '@', path.n);
    return at != NULL && at > path.p && at + 1 < path.p + path.n;
}

void ww_generate_take_rua(struct ww_generate *g, const char *text)
{
    struct ww_uri uri;
    size_t offset, n = strlen(text);
    char encoded[512];
    struct ww_buf b = ww_buf(encoded, sizeof encoded - 1);
    bool mail = strncasecmp(text, "mailto:", 7) == 0;
    put_encoded(&b, text);
    encoded[b.n] = '\0';
    if (g->rua_count == WW_GENERATE_RUA_MAX)
        ww_generate_refuse(g, "more than %d destinations of reports", WW_GENERATE_RUA_MAX);
    else if (!mail && strncasecmp(text, "https:", 6) != 0)
        ww_generate_refuse(g, "--rua %s: senders report to mailto: and https: alone%s%s", text,
                           strchr(text, '@') != NULL ? "; write mailto:" : "",
                           strchr(text, '@') != NULL ? text : "");
    else if (strpbrk(text, "!,;") != NULL)
        ww_generate_refuse(
            g, "--rua %s: an exclamation point, a comma or a semicolon ends a URI of the list; write %s",
            text, encoded);
    else if (ww_uri_parse(text, n, &uri, &offset) != WW_OK)
        ww_generate_refuse(g, "--rua %s: this is no URI at octet %zu", text, offset);
    else if (mail ? !is_address(uri.path) : uri.host.n == 0)
        ww_generate_refuse(g, "--rua %s: %s is missing", text, mail ? "an address" : "a host");
    else
        g->rua[g->rua_count++] = text;
}

static bool is_id(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (isalnum((unsigned char)text[i]) == 0)
            return false;
    return n >= 1 && n <= WW_STS_ID_MAX;
}

void ww_generate_take_id(struct ww_generate *g, const char *text, int64_t now)
{
    char time[WW_TIME_SIZE];
    size_t n = 0;
    if (text != NULL) {
        if (is_id(text))
            (void)snprintf(g->id, sizeof g->id, "%s", text);
        else
            ww_generate_refuse(g, "--id %s: an id is of 1 to 32 letters and digits", text);
        return;
    }
    ww_time_format(now, time);
    for (const char *p = time; *p != '\0'; p++)
        if (isalnum((unsigned char)*p) != 0)
            g->id[n++] = *p;
    g->id[n] = '\0';
}

void ww_generate_check_max_age(struct ww_generate *g, bool given)
{
    if (!given)
        g->max_age = g->mode == WW_MODE_ENFORCE ? 30 * DAY : 14 * DAY;
    if (g->max_age > WW_POLICY_MAX_AGE_MAX)
        ww_generate_refuse(g, "--max-age: above %u seconds, about a year, a policy is invalid",
                           WW_POLICY_MAX_AGE_MAX);
    else if (g->mode == WW_MODE_ENFORCE && g->max_age < DAY && !g->force)
        ww_generate_refuse(g,
                           "--max-age: below one day, whoever blocks the policy for that long is rid of it; "
                           "--force generates it all the same");
    else if (g->mode == WW_MODE_ENFORCE && g->max_age < 14 * DAY)
        ww_generate_warn(g, "max_age is below 14 days: for mode enforce weeks or more are expected");
}
