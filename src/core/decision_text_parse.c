#include "core/decision_text.h"

#include "base/ascii.h"
#include "base/time.h"
#include "core/mx_match.h"
#include "core/sts_record.h"

struct word {
    struct ww_slice key;
    struct ww_slice value; /* without quotes */
};

enum key {
    KEY_VERSION,
    KEY_DOMAIN,
    KEY_LEVEL,
    KEY_WITHHELD,
    KEY_MODE,
    KEY_ID,
    KEY_EXPIRES,
    KEY_SOURCE,
    KEY_OVERRIDE,
    KEY_UNTIL,
    KEY_DANE,
    KEY_HOST,
    KEY_MORE,
    KEY_CONFLICT,
    KEY_SECTION,
    KEY_WHY,
    KEY_MX,
    KEY_TEST,
    KEYS,
};

static const char *const key_names[KEYS] = {
    [KEY_VERSION] = "v",
    [KEY_DOMAIN] = "domain",
    [KEY_LEVEL] = "level",
    [KEY_WITHHELD] = "withheld",
    [KEY_MODE] = "mode",
    [KEY_ID] = "id",
    [KEY_EXPIRES] = "expires",
    [KEY_SOURCE] = "source",
    [KEY_OVERRIDE] = "override",
    [KEY_UNTIL] = "until",
    [KEY_DANE] = "dane",
    [KEY_HOST] = "host",
    [KEY_MORE] = "more",
    [KEY_CONFLICT] = "conflict",
    [KEY_SECTION] = "section",
    [KEY_WHY] = "why",
    [KEY_MX] = "mx",
    [KEY_TEST] = "test",
};

#define SEEN(seen, key) (((seen) >> (key)) & 1u)

static bool is_key_char(char c)
{
    return (c >= 'a' && c <= 'z') || c == '-';
}

/* The octets that one character of a value takes; 0: it may not stand there. */
static size_t value_step(const char *p, size_t n, bool quoted)
{
    if (p[0] == ' ')
        return quoted ? 1 : 0;
    if (p[0] != '\\')
        return ww_is_vchar(p[0]) && p[0] != '"' ? 1 : 0;
    if (n < 4 || !ww_is_digit(p[1]) || !ww_is_digit(p[2]) || !ww_is_digit(p[3]))
        return 0;
    return (p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0') <= 255 ? 4 : 0;
}

static bool cut_value(struct ww_slice text, size_t *at, struct ww_slice *value)
{
    bool quoted = *at < text.n && text.p[*at] == '"';
    size_t start = *at += quoted;
    while (*at < text.n && text.p[*at] != (quoted ? '"' : ' ')) {
        size_t step = value_step(text.p + *at, text.n - *at, quoted);
        if (step == 0)
            return false;
        *at += step;
    }
    *value = ww_slice(text.p + start, *at - start);
    if (quoted && *at == text.n)
        return false;
    *at += quoted;
    return value->n > 0;
}

/* The word at *at, and on to the next; false when it is none, with *at at the fault. */
static bool cut_word(struct ww_slice text, size_t *at, struct word *word)
{
    size_t start = *at;
    while (*at < text.n && is_key_char(text.p[*at]))
        (*at)++;
    word->key = ww_slice(text.p + start, *at - start);
    if (word->key.n == 0 || *at == text.n || text.p[*at] != '=')
        return false;
    (*at)++;
    if (!cut_value(text, at, &word->value))
        return false;
    if (*at == text.n)
        return true;
    if (text.p[*at] != ' ' || *at + 1 == text.n)
        return false;
    (*at)++;
    return true;
}

static enum key key_of(struct ww_slice name)
{
    unsigned key = 0;
    while (key < KEYS && !ww_slice_is(name, key_names[key]))
        key++;
    return (enum key)key;
}

static bool read_level(struct ww_slice value, enum ww_level *out)
{
    for (unsigned level = WW_LEVEL_NONE; level <= WW_LEVEL_DANE_ONLY; level++) {
        *out = (enum ww_level)level;
        if (ww_slice_is(value, ww_level_name(*out)))
            return true;
    }
    return false;
}

static bool read_mode(struct ww_slice value, enum ww_policy_mode *out)
{
    for (unsigned mode = WW_MODE_NONE; mode <= WW_MODE_ENFORCE; mode++) {
        *out = (enum ww_policy_mode)mode;
        if (ww_slice_is(value, ww_policy_mode_name(*out)))
            return true;
    }
    return false;
}

static bool read_source(struct ww_slice value, enum ww_decision_source *out)
{
    for (unsigned source = 0; source < WW_SOURCES; source++) {
        *out = (enum ww_decision_source)source;
        if (ww_slice_is(value, ww_decision_source_name(*out)))
            return true;
    }
    return false;
}

static bool read_mx_state(struct ww_slice value, enum ww_domain_mx *out)
{
    for (unsigned mx = 0; mx < WW_DOMAIN_MX_STATES; mx++) {
        *out = (enum ww_domain_mx)mx;
        if (ww_slice_is(value, ww_domain_mx_name(*out)))
            return true;
    }
    return false;
}

static bool is_canonical(struct ww_slice name)
{
    char canonical[WW_DNAME_SIZE];
    return ww_dname_canon(name.p, name.n, canonical) == WW_OK && ww_slice_is(name, canonical);
}

/* "mx.example.net/secure-usable" */
static bool read_host(struct ww_slice value, struct ww_slice *host, enum ww_dane_state *dane)
{
    const char *slash = memchr(value.p, '/', value.n);
    if (slash == NULL)
        return false;
    *host = ww_slice(value.p, (size_t)(slash - value.p));
    struct ww_slice state = ww_slice(slash + 1, value.n - host->n - 1);
    for (unsigned i = 0; i < WW_DANE_STATES; i++) {
        *dane = (enum ww_dane_state)i;
        if (ww_slice_is(state, ww_dane_state_name(*dane)))
            return is_canonical(*host);
    }
    return false;
}

static bool take_repeated(enum key key, struct ww_slice value, struct ww_decision_text *out)
{
    struct ww_slice host;
    enum ww_dane_state dane;
    size_t offset;
    if (key == KEY_HOST)
        return out->host_count++ < WW_DANE_HOSTS_MAX && read_host(value, &host, &dane);
    out->mx_count++;
    out->mx_testing = key == KEY_TEST;
    return ww_mx_pattern_check(value, &offset) == WW_OK;
}

static bool take_word(enum key key, struct ww_slice value, struct ww_decision_text *out)
{
    switch (key) {
    case KEY_DOMAIN:
        out->domain = value;
        return is_canonical(value);
    case KEY_LEVEL:
        return read_level(value, &out->level);
    case KEY_WITHHELD:
        out->dry_run = true;
        return read_level(value, &out->withheld);
    case KEY_MODE:
        out->has_policy = true;
        return read_mode(value, &out->mode);
    case KEY_ID:
        out->id = value;
        return value.n <= WW_STS_ID_MAX;
    case KEY_EXPIRES:
        return ww_time_parse(value, &out->expires);
    case KEY_SOURCE:
        return read_source(value, &out->source);
    case KEY_OVERRIDE:
        out->overridden = true;
        return ww_override_level_parse(value, &out->override) == WW_OK;
    case KEY_UNTIL:
        return ww_time_parse(value, &out->until);
    case KEY_DANE:
        out->has_dane = true;
        return read_mx_state(value, &out->dane);
    case KEY_MORE:
        out->more_hosts = true;
        return ww_slice_is(value, "yes");
    case KEY_CONFLICT:
        out->suffices = true;
        return ww_slice_is(value, "dane");
    case KEY_SECTION:
        out->section = value;
        return true;
    case KEY_WHY:
        out->why = value;
        return true;
    case KEY_HOST:
    case KEY_MX:
    case KEY_TEST:
        return take_repeated(key, value, out);
    case KEY_VERSION:
    case KEYS:
        break;
    }
    return key == KEYS;
}

/* What belongs together is there together, and nothing that is demanded can be overlooked. */
static bool is_whole(const struct ww_decision_text *t, unsigned seen)
{
    const unsigned wanted = 1u << KEY_DOMAIN | 1u << KEY_LEVEL | 1u << KEY_SOURCE;
    if ((seen & wanted) != wanted)
        return false;
    if (SEEN(seen, KEY_MX) && (SEEN(seen, KEY_TEST) || !ww_level_demands(t->level)))
        return false;
    if (SEEN(seen, KEY_TEST) && t->level == WW_LEVEL_SECURE)
        return false;
    if (t->dry_run && t->level != WW_LEVEL_NONE)
        return false;
    if (SEEN(seen, KEY_HOST) && !(t->has_dane && t->dane == WW_DOMAIN_MX_SECURE))
        return false;
    /* A preload list expires as well, be it that an order of the operator's is about what it says. */
    bool expires = t->has_policy || t->source == WW_SOURCE_PRELOAD || t->overridden;
    return (t->has_policy || !SEEN(seen, KEY_ID)) && (expires || !SEEN(seen, KEY_EXPIRES));
}

enum ww_err ww_decision_text_parse(const char *p, size_t n, struct ww_decision_text *out, size_t *offset)
{
    struct word word;
    size_t at = 0;
    unsigned seen = 0;
    *out = (struct ww_decision_text){.text = ww_slice(p, n)};
    *offset = 0;
    if (n > WW_DECISION_TEXT_MAX || n == 0 || !cut_word(out->text, &at, &word) ||
        key_of(word.key) != KEY_VERSION)
        return WW_E_DECISION_TEXT;
    if (!ww_slice_is(word.value, "1"))
        return WW_E_DECISION_VERSION;
    while (at < n) {
        *offset = at;
        if (!cut_word(out->text, &at, &word)) {
            *offset = at;
            return WW_E_DECISION_TEXT;
        }
        enum key key = key_of(word.key);
        bool again = key == KEY_HOST || key == KEY_MX || key == KEY_TEST || key == KEYS;
        if ((!again && SEEN(seen, key)) || !take_word(key, word.value, out))
            return WW_E_DECISION_TEXT;
        if (key != KEYS)
            seen |= 1u << key;
    }
    *offset = n;
    return is_whole(out, seen) ? WW_OK : WW_E_DECISION_TEXT;
}

static bool next_of(const struct ww_decision_text *text, size_t *pos, enum key key, struct ww_slice *value)
{
    struct word word;
    while (*pos < text->text.n && cut_word(text->text, pos, &word)) {
        *value = word.value;
        if (ww_slice_is(word.key, key_names[key]))
            return true;
    }
    return false;
}

bool ww_decision_text_next_mx(const struct ww_decision_text *text, size_t *pos, struct ww_slice *pattern)
{
    return next_of(text, pos, text->mx_testing ? KEY_TEST : KEY_MX, pattern);
}

bool ww_decision_text_next_host(const struct ww_decision_text *text, size_t *pos, struct ww_slice *host,
                                enum ww_dane_state *dane)
{
    struct ww_slice value;
    return next_of(text, pos, KEY_HOST, &value) && read_host(value, host, dane);
}

void ww_decision_text_plain(struct ww_buf *b, struct ww_slice value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\\' && i + 3 < value.n) {
            c = (char)((value.p[i + 1] - '0') * 100 + (value.p[i + 2] - '0') * 10 + (value.p[i + 3] - '0'));
            i += 3;
        }
        ww_buf_char(b, c);
    }
}
