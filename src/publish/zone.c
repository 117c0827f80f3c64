#include "publish/zone.h"

#include "core/publication.h"
#include "core/words.h"

#include <stdarg.h>
#include <stdio.h>

bool ww_zone_format_of(const char *name, enum ww_zone_format *out)
{
    static const char *const names[] = {"bind", "nsupdate", "json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum ww_zone_format)i;
            return true;
        }
    return false;
}

struct ww_dns_change *ww_zone_add(struct ww_zone *zone, const char *name, const char *type, uint32_t ttl)
{
    if (zone->count == WW_ZONE_CHANGES_MAX)
        return NULL;
    struct ww_dns_change *change = &zone->changes[zone->count++];
    *change = (struct ww_dns_change){.ttl = ttl};
    (void)snprintf(change->name, sizeof change->name, "%s", name);
    (void)snprintf(change->type, sizeof change->type, "%s", type);
    return change;
}

void ww_zone_note(struct ww_zone *zone, const char *format, ...)
{
    char text[WW_ZONE_NOTE_SIZE];
    va_list args;
    if (zone->note_count == WW_ZONE_NOTES_MAX)
        return;
    char *note = zone->notes[zone->note_count++];
    struct ww_buf b = ww_buf(note, WW_ZONE_NOTE_SIZE - 1);
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ww_words_put_cut(&b, ww_slice_str(text));
    note[b.n] = '\0';
}

static void put_value(struct ww_buf *b, const struct ww_dns_change *change, size_t i)
{
    if (strcmp(change->type, "TXT") == 0)
        ww_publication_put_strings(b, ww_slice_str(change->values[i]));
    else
        ww_buf_str(b, change->values[i]);
    ww_buf_char(b, '\n');
}

static void put_words(struct ww_buf *b, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        ww_buf_str(b, words[i]);
}

static void put_bind(struct ww_buf *b, const struct ww_dns_change *change)
{
    if (change->count == 0)
        put_words(b, (const char *const[]){"; remove: ", change->name, ". ", change->type, "\n"}, 5);
    for (size_t i = 0; i < change->count; i++) {
        put_words(b, (const char *const[]){change->name, ". "}, 2);
        ww_buf_decimal(b, change->ttl);
        put_words(b, (const char *const[]){" IN ", change->type, " "}, 3);
        put_value(b, change, i);
    }
}

/* Each of them is sent by itself: they may be of different zones. */
static void put_nsupdate(struct ww_buf *b, const struct ww_dns_change *change)
{
    put_words(b, (const char *const[]){"update delete ", change->name, ". ", change->type, "\n"}, 5);
    for (size_t i = 0; i < change->count; i++) {
        put_words(b, (const char *const[]){"update add ", change->name, ". "}, 3);
        ww_buf_decimal(b, change->ttl);
        put_words(b, (const char *const[]){" ", change->type, " "}, 3);
        put_value(b, change, i);
    }
    ww_buf_str(b, "send\n");
}

void ww_zone_put(struct ww_buf *b, const struct ww_zone *zone, enum ww_zone_format format)
{
    for (size_t i = 0; i < zone->note_count; i++)
        put_words(b, (const char *const[]){"; ", zone->notes[i], "\n"}, 3);
    for (size_t i = 0; i < zone->count; i++) {
        if (format == WW_ZONE_NSUPDATE)
            put_nsupdate(b, &zone->changes[i]);
        else
            put_bind(b, &zone->changes[i]);
    }
}

static json_t *record_json(const struct ww_dns_change *change)
{
    if (change->count == 0)
        return json_pack("{s:s, s:s}", "name", change->name, "type", change->type);
    json_t *values = json_array();
    for (size_t i = 0; i < change->count; i++)
        (void)json_array_append_new(values, json_string(change->values[i]));
    return json_pack("{s:s, s:s, s:I, s:o}", "name", change->name, "type", change->type, "ttl",
                     (json_int_t)change->ttl, "values", values);
}

json_t *ww_zone_json(const struct ww_zone *zone)
{
    json_t *records = json_array(), *remove = json_array(), *notes = json_array();
    for (size_t i = 0; i < zone->count; i++)
        (void)json_array_append_new(zone->changes[i].count > 0 ? records : remove,
                                    record_json(&zone->changes[i]));
    for (size_t i = 0; i < zone->note_count; i++)
        (void)json_array_append_new(notes, json_string(zone->notes[i]));
    return json_pack("{s:o, s:o, s:o}", "records", records, "remove", remove, "notes", notes);
}
