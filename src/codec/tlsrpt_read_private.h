/* The reader of the reports of others in its parts. */
#ifndef WW_CODEC_TLSRPT_READ_PRIVATE_H
#define WW_CODEC_TLSRPT_READ_PRIVATE_H

#include "base/buf.h"
#include "codec/tlsrpt_read.h"

#include <jansson.h>

/* One more than places are deep: policies[3].failure-details[7].receiving-mx-hostname[0] */
#define WW_TLSRPT_STEPS 8

/* A key, or where that is NULL an index. */
struct ww_tlsrpt_step {
    const char *key;
    size_t index;
};

struct ww_tlsrpt_reading {
    struct ww_deviations *deviations;
    struct ww_tlsrpt_step steps[WW_TLSRPT_STEPS]; /* to the value that is being read */
    size_t depth;
    struct ww_buf text; /* room for all texts that are kept: as many octets as the JSON has */
    struct ww_received report;
    struct ww_received_policy *policies;
    struct ww_received_detail *details;
    size_t detail_count;
    int64_t detail_sessions;           /* of all details: that they can be added up later on */
    struct ww_received_policy *policy; /* the one that is being read */
    struct ww_received_detail *detail; /* and its failure */
    bool no_memory;
};

/* ---- places and deviations: tlsrpt_read_note.c ---- */

void ww_tlsrpt_enter(struct ww_tlsrpt_reading *r, const char *key);
void ww_tlsrpt_enter_at(struct ww_tlsrpt_reading *r, size_t index);
void ww_tlsrpt_leave(struct ww_tlsrpt_reading *r);

/* At the value that is being read. */
void ww_tlsrpt_error(struct ww_tlsrpt_reading *r, enum ww_err rule);
void ww_tlsrpt_warn(struct ww_tlsrpt_reading *r, enum ww_err rule);
void ww_tlsrpt_info(struct ww_tlsrpt_reading *r, enum ww_err rule);

/* ---- objects by their members: tlsrpt_read_note.c ---- */

struct ww_tlsrpt_field {
    const char *key;
    /* The value is that of the key, and the place is its own. NULL: it is taken elsewhere. */
    void (*take)(struct ww_tlsrpt_reading *r, json_t *value);
};

/* Takes the members that are there; those that no field names are ignored, and noted. Gives a bit for each
 * field that was there and not null. */
unsigned ww_tlsrpt_take(struct ww_tlsrpt_reading *r, json_t *object, const struct ww_tlsrpt_field *fields,
                        size_t count);

/* Notes the absence of a key. */
void ww_tlsrpt_missing(struct ww_tlsrpt_reading *r, const char *key, enum ww_err rule,
                       enum ww_severity severity);

/* ---- texts: tlsrpt_read_text.c ---- */

/* A text without control characters and without blanks around it; empty where there is none. */
struct ww_slice ww_tlsrpt_text(struct ww_tlsrpt_reading *r, const json_t *value, size_t max);

/* The same in lower case. */
struct ww_slice ww_tlsrpt_word(struct ww_tlsrpt_reading *r, const json_t *value);

/* The strings of a list, each of them one line or several. if_string: what is noted where it is one string.
 * nested: it may hold a JSON list as text. */
struct ww_slice ww_tlsrpt_lines(struct ww_tlsrpt_reading *r, const json_t *value, size_t max,
                                enum ww_err if_string, bool nested);

/* ---- counts and dates: tlsrpt_read_count.c, tlsrpt_read_time.c ---- */

/* The member of an object. Below 0 never: what is no count is an error, and 0. */
int64_t ww_tlsrpt_count(struct ww_tlsrpt_reading *r, const json_t *object, const char *key);

/* Adds n, which is not negative; an error when the sum is too large, and then it stays as it is. */
void ww_tlsrpt_add(struct ww_tlsrpt_reading *r, int64_t *sum, int64_t n);

/* Of "date-range". */
void ww_tlsrpt_range(struct ww_tlsrpt_reading *r, json_t *range);

/* ---- policies: tlsrpt_read_policy.c, tlsrpt_read_detail.c ---- */

/* The elements of a list of objects; *one for an object in its place, whose count is 1 then. Null or another
 * type is an empty one, and is not noted here. */
size_t ww_tlsrpt_list_size(const json_t *list);
json_t *ww_tlsrpt_list_at(json_t *list, size_t i);

/* One of "policies", into r->policy. */
void ww_tlsrpt_policy(struct ww_tlsrpt_reading *r, json_t *entry);

/* "failure-details", into r->policy. */
void ww_tlsrpt_details(struct ww_tlsrpt_reading *r, json_t *list);

#endif
