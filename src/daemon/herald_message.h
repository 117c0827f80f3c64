/*
 * What is said of alerts, for a person and for a program. One message is made of some alerts, which may be of
 * many domains; it is bounded however many there are.
 */
#ifndef WW_DAEMON_HERALD_MESSAGE_H
#define WW_DAEMON_HERALD_MESSAGE_H

#include "proc/msg_watch.h"

#include <jansson.h>
#include <stdio.h>

#define WW_HERALD_ID_SIZE 17

struct ww_herald_message {
    struct ww_msg_alert *const *alerts; /* ww_herald_message_sort puts them into their order */
    size_t count;                       /* at least one */
    char id[WW_HERALD_ID_SIZE];         /* hexadecimal: the same alerts, the same id */
    int64_t now;                        /* Unix seconds */
    const char *host;                   /* the name of this machine */
    bool test; /* nothing has happened: somebody wants to see whether alerts arrive */
};

/* What is known of a check by its id, of a certificate's end, or of what reports say; of an id that this
 * version does not know, the id and nothing else. */
struct ww_herald_words {
    const char *title;
    const char *why;
    const char *fix;
    const char *source;
    bool once; /* nobody is reminded of it */
};
struct ww_herald_words ww_herald_words_of(const struct ww_msg_alert_item *item);

/* The worst first, those that have cleared last; and the id of the message made of them. */
void ww_herald_message_sort(struct ww_msg_alert **alerts, size_t count, char id[WW_HERALD_ID_SIZE]);

/* The worst of an alert's items: not one that has cleared, if there is another. */
const struct ww_msg_alert_item *ww_herald_worst(const struct ww_msg_alert *alert);

/* How many domains it is about. */
size_t ww_herald_domains(const struct ww_herald_message *m);

/* What is told of, by bits: what an inspection has found, what reports of others say, what is published. */
enum ww_herald_about {
    WW_HERALD_FINDINGS = 1 << 0,
    WW_HERALD_REPORTS = 1 << 1,
    WW_HERALD_PUBLISHED = 1 << 2
};
unsigned ww_herald_tells(const struct ww_herald_message *m);

/* "ERROR", "WARNING", "INFO"; "CLEARED" of what has. */
const char *ww_herald_label(const struct ww_msg_alert_item *item);

/* One line that says the worst of it, of WW_HERALD_SUBJECT_SIZE at most. */
#define WW_HERALD_SUBJECT_SIZE 161
void ww_herald_subject(const struct ww_herald_message *m, char out[WW_HERALD_SUBJECT_SIZE]);

/* The body of a mail: lines that end in LF, of 78 characters at most but for long words. */
void ww_herald_body(const struct ww_herald_message *m, FILE *to);

/*
 * The whole mail (RFC 5322), lines ended by CRLF; allocated, with its length in *n. to[] stands in its
 * header. NULL: memory is short.
 */
char *ww_herald_mail(const struct ww_herald_message *m, const char *from, const char *const *to,
                     size_t to_count, size_t *n);

/* docs/schema/alert-v1.json, on one line; allocated, with its length in *n. NULL: memory is short. */
char *ww_herald_json(const struct ww_herald_message *m, size_t *n);

/* The alert that `waxwing watch test-alert` sends. */
void ww_herald_test_alert(struct ww_msg_alert *alert, int64_t now);

#endif
