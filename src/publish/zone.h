/*
 * DNS records that are to be there, and those that are to go, for whoever changes DNS: as lines of a zone
 * file, as a script for nsupdate(1), or as JSON for DNS-as-code tools. What must not be changed yet is said
 * in comments.
 *
 * The JSON has the shape of octoDNS's records, as a list: {"records": [{"name", "type", "ttl", "values"}],
 * "remove": [{"name", "type"}], "notes": [text]}. Names have no dot at their end; values are as in a zone
 * file, but those of TXT, which are whole texts without quotes.
 */
#ifndef WW_PUBLISH_ZONE_H
#define WW_PUBLISH_ZONE_H

#include "base/buf.h"
#include "publish/dns_update.h"

#include <jansson.h>

#define WW_ZONE_CHANGES_MAX 8
#define WW_ZONE_NOTES_MAX 6
#define WW_ZONE_NOTE_SIZE 512

/* Room for any of them as text. */
#define WW_ZONE_TEXT_MAX 32768

struct ww_zone {
    size_t count;
    struct ww_dns_change changes[WW_ZONE_CHANGES_MAX]; /* each replaces the records of its name and type */
    size_t note_count;
    char notes[WW_ZONE_NOTES_MAX][WW_ZONE_NOTE_SIZE]; /* printable ASCII, a line each */
};

enum ww_zone_format { WW_ZONE_BIND, WW_ZONE_NSUPDATE, WW_ZONE_JSON };
#define WW_ZONE_FORMATS "bind, nsupdate or json"

/* False: there is no such format. */
bool ww_zone_format_of(const char *name, enum ww_zone_format *out);

/* A further change, without values yet. NULL: there is no room. */
struct ww_dns_change *ww_zone_add(struct ww_zone *zone, const char *name, const char *type, uint32_t ttl);
/* What there is no room for is left out. */
void ww_zone_note(struct ww_zone *zone, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As text; not of JSON. */
void ww_zone_put(struct ww_buf *b, const struct ww_zone *zone, enum ww_zone_format format);
/* NULL: memory is short. */
json_t *ww_zone_json(const struct ww_zone *zone);

#endif
