#include "base/time.h"
#include "codec/preload_json.h"

#include <stdlib.h>

/* JSON escapes at most double an octet but for controls, which take six. */
static void put_string(struct ww_buf *b, struct ww_slice text)
{
    static const char digits[] = "0123456789abcdef";
    ww_buf_char(b, '"');
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '"' || c == '\\') {
            ww_buf_char(b, '\\');
            ww_buf_char(b, c);
        } else if ((unsigned char)c < ' ' || c == 0x7f) {
            ww_buf_str(b, "\\u00");
            ww_buf_char(b, digits[c >> 4]);
            ww_buf_char(b, digits[c & 15]);
        } else {
            ww_buf_char(b, c);
        }
    }
    ww_buf_char(b, '"');
}

static void put_policy(struct ww_buf *b, const struct ww_preload_entry *entry)
{
    struct ww_slice pattern;
    size_t pos = 0;
    ww_buf_str(b, "{\"mode\": \"");
    ww_buf_str(b, ww_policy_mode_name(entry->mode));
    ww_buf_str(b, "\", \"mxs\": [");
    for (const char *between = ""; ww_preload_next_mx(entry, &pos, &pattern); between = ", ") {
        /* The form that every reader of the format knows. */
        size_t star = ww_slice_starts(pattern, "*.") ? 1 : 0;
        ww_buf_str(b, between);
        put_string(b, ww_slice(pattern.p + star, pattern.n - star));
    }
    ww_buf_str(b, "]}");
}

static void put_aliases(struct ww_buf *b, const struct ww_preload *list, bool *seen)
{
    const char *between = "\n    ";
    for (uint32_t i = 0; i < list->count; i++) {
        struct ww_preload_entry entry = ww_preload_at(list, i);
        if (entry.alias.n == 0 || seen[entry.policy])
            continue;
        seen[entry.policy] = true;
        ww_buf_str(b, between);
        put_string(b, entry.alias);
        ww_buf_str(b, ": ");
        put_policy(b, &entry);
        between = ",\n    ";
    }
}

static void put_domains(struct ww_buf *b, const struct ww_preload *list)
{
    const char *between = "\n    ";
    for (uint32_t i = 0; i < list->count; i++) {
        struct ww_preload_entry entry = ww_preload_at(list, i);
        ww_buf_str(b, between);
        put_string(b, entry.domain);
        ww_buf_str(b, ": ");
        if (entry.alias.n > 0) {
            ww_buf_str(b, "{\"policy-alias\": ");
            put_string(b, entry.alias);
            ww_buf_str(b, "}");
        } else {
            put_policy(b, &entry);
        }
        between = ",\n    ";
    }
}

static void put_list(struct ww_buf *b, const struct ww_preload *list, bool *seen)
{
    char time[WW_TIME_SIZE];
    ww_buf_str(b, "{\n  \"version\": \"0.1\",\n  \"timestamp\": \"");
    ww_time_format(list->timestamp, time);
    ww_buf_str(b, time);
    ww_buf_str(b, "\",\n  \"expires\": \"");
    ww_time_format(list->expires, time);
    ww_buf_str(b, time);
    if (list->author.n > 0) {
        ww_buf_str(b, "\",\n  \"author\": ");
        put_string(b, list->author);
    } else {
        ww_buf_char(b, '"');
    }
    ww_buf_str(b, ",\n  \"policy-aliases\": {");
    put_aliases(b, list, seen);
    ww_buf_str(b, "\n  },\n  \"policies\": {");
    put_domains(b, list);
    ww_buf_str(b, "\n  }\n}\n");
}

/* Octets that are enough. What many entries share is written once. */
static size_t room_for(const struct ww_preload *list, bool *seen)
{
    size_t n = 512 + 6 * list->author.n;
    for (uint32_t i = 0; i < list->count; i++) {
        struct ww_preload_entry entry = ww_preload_at(list, i);
        n += 64 + entry.domain.n + 6 * entry.alias.n;
        if (!seen[entry.policy])
            n += 64 + 6 * entry.alias.n + entry.mx.n + 4 * entry.mx_count;
        seen[entry.policy] = true;
    }
    return n;
}

char *ww_preload_json_write(const struct ww_preload *list, size_t *n)
{
    size_t seen_size = (size_t)list->policies + 1;
    bool *seen = calloc(seen_size, sizeof *seen);
    if (seen == NULL)
        return NULL;
    size_t cap = room_for(list, seen);
    memset(seen, 0, seen_size * sizeof *seen);
    char *text = malloc(cap);
    struct ww_buf b = ww_buf(text, text != NULL ? cap : 0);
    put_list(&b, list, seen);
    *n = b.n;
    ww_buf_char(&b, '\0');
    free(seen);
    if (b.failed) {
        free(text);
        text = NULL;
    }
    return text;
}
