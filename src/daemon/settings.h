/* The table of all settings: name, kind of value, range, default, and the place in struct ww_config. */
#ifndef WW_DAEMON_SETTINGS_H
#define WW_DAEMON_SETTINGS_H

#include "daemon/config.h"

enum ww_setting_kind {
    WW_SETTING_MILLISECONDS, /* a duration in an unsigned */
    WW_SETTING_SECONDS,      /* a duration in an int64_t */
    WW_SETTING_NUMBER,       /* unsigned */
    WW_SETTING_SIZE,         /* size_t */
    WW_SETTING_BYTES,        /* a number of octets in a size_t */
    WW_SETTING_MODE,         /* mode_t */
    WW_SETTING_FLAG,         /* one of two words in a bool */
    WW_SETTING_CHOICE,       /* one of several words in an enum */
    WW_SETTING_NAME,         /* from here on strings; this one is not empty */
    WW_SETTING_STRING,       /* any string, or empty: NULL */
    WW_SETTING_PATH,         /* an absolute path, or empty: NULL */
    WW_SETTING_SOURCE,       /* an absolute path or an https: URL, or empty: NULL */
    WW_SETTING_UNIX,         /* a Unix socket to listen on, or empty: NULL */
    WW_SETTING_SERVER,       /* a string "host:port" */
    WW_SETTING_MAILBOX,      /* a mail address, or empty: NULL */
    WW_SETTING_WEBHOOK,      /* a URL to post to, or the absolute path of a file with one, or empty: NULL */
    WW_SETTING_LISTENERS,    /* from here on lists: strings, ended by NULL */
    WW_SETTING_MAILBOXES,    /* the same of mail addresses, with their count */
    WW_SETTING_DOMAINS,      /* the same of domain names, without: canonical (core/dname.h) */
    WW_SETTING_ADDRESSES,    /* struct ww_addr */
    WW_SETTING_PREFIXES,     /* struct ww_prefix */
};

struct ww_setting {
    const char *section; /* "" outside of sections */
    const char *name;
    enum ww_setting_kind kind;
    const char *standard;     /* the default, as it would stand in a file */
    uint64_t min, max;        /* of numbers; of durations in milliseconds */
    const char *const *words; /* ended by NULL */
    bool local;               /* listeners that only this machine may reach */
    bool unix_only;           /* listeners that are Unix sockets */
    size_t at;                /* offset in struct ww_config */
    size_t count_at;          /* the same of a list's count */
};

/* There are never more. */
#define WW_SETTINGS_MAX 160

extern const struct ww_setting ww_settings[];
extern const size_t ww_setting_count;

bool ww_setting_is_list(const struct ww_setting *s);

/* An https: URL without a port, a user or a literal address: what a list can be fetched from. */
bool ww_setting_is_url(const char *text);

/* Checks one value; false: why says what is wanted. */
bool ww_setting_check(const struct ww_setting *s, const char *text, char *why, size_t why_size);

/* Stores checked values (one, unless it is a list). False: out of memory. */
bool ww_setting_store(const struct ww_setting *s, const char *const *texts, size_t count,
                      struct ww_config *config);

/* The same value in both. */
bool ww_setting_equal(const struct ww_setting *s, const struct ww_config *a, const struct ww_config *b);

/* Frees what ww_setting_store has allocated. */
void ww_setting_clear(const struct ww_setting *s, struct ww_config *config);

#endif
