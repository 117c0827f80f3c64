/* The parts of `waxwing generate`: what a domain is to publish, and how to serve it. */
#ifndef WW_CLI_GENERATE_H
#define WW_CLI_GENERATE_H

#include "core/publication.h"
#include "core/sts_record.h"
#include "daemon/config.h"

#include <jansson.h>

#define WW_GENERATE "generate"

#define WW_GENERATE_MX_MAX 32
#define WW_GENERATE_RUA_MAX 8

struct ww_generate {
    /* As given. */
    const char *config_path; /* or NULL */
    bool offline;            /* DNS is not asked */
    bool force;
    const char *root;         /* the folder that the policy host serves, or NULL */
    const char *certificates; /* the folder with its certificate and key, or NULL */
    /* Checked. */
    char domain[WW_DNAME_SIZE];
    enum ww_policy_mode mode;
    uint32_t max_age;
    char patterns[WW_GENERATE_MX_MAX][WW_DNAME_SIZE + 2];
    const char *mx[WW_GENERATE_MX_MAX]; /* into patterns */
    size_t mx_count;
    const char *rua[WW_GENERATE_RUA_MAX]; /* borrowed from the command line, or own_rua */
    size_t rua_count;
    char own_rua[WW_DNAME_SIZE + 32];
    char id[WW_STS_ID_MAX + 1];
    /* What came of it. */
    json_t *notes;      /* [text]: what was changed or taken for granted */
    json_t *warnings;   /* [text] */
    char refusal[1024]; /* "": none. What would break */
};

/* What was said, for people. */
void ww_generate_note(struct ww_generate *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ww_generate_warn(struct ww_generate *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The first one stands. */
void ww_generate_refuse(struct ww_generate *g, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes a pattern, or a host, as somebody has written it: in A-labels, without a root dot. Refuses what is
 * none. */
void ww_generate_take_mx(struct ww_generate *g, const char *text);
/* Takes a URI for reports, and refuses what senders cannot use. */
void ww_generate_take_rua(struct ww_generate *g, const char *text);
/* Takes an id, or makes one of the time when text is NULL. */
void ww_generate_take_id(struct ww_generate *g, const char *text, int64_t now);
/* Refuses a max_age that does harm. given: somebody has asked for it. */
void ww_generate_check_max_age(struct ww_generate *g, bool given);

/*
 * Looks DNS up: the MX records, which it compares with the patterns, or takes them for such where there are
 * none; and what is published now. Returns WW_EXIT_OK, or what went wrong, which was said.
 */
int ww_generate_look(struct ww_generate *g);

/* What a server needs; each text is whole, and ends with a line end. */
struct ww_generated {
    struct ww_publication publication;
    char policy[WW_PUBLICATION_TEXT_MAX];
    size_t policy_n;
    char record[WW_PUBLICATION_TEXT_MAX]; /* the values of the TXT records */
    char tlsrpt[WW_PUBLICATION_TEXT_MAX];
    char zone[2 * WW_PUBLICATION_TEXT_MAX];
    char nginx[4096];
    char caddy[4096];
    char apache[4096];
    char steps[8192];
};

/* False: it does not fit, or the strict parsers would not take it: *why (static) says so. */
bool ww_generate_make(const struct ww_generate *g, struct ww_generated *out, const char **why);

/* The TXT records: [{name, type, ttl, value}]; a new reference. */
json_t *ww_generate_records_json(const struct ww_generated *made);

/* Parts of it (generate_servers.c, generate_steps.c). */
void ww_generate_put_nginx(struct ww_buf *b, const struct ww_generate *g);
void ww_generate_put_caddy(struct ww_buf *b, const struct ww_generate *g);
void ww_generate_put_apache(struct ww_buf *b, const struct ww_generate *g);
void ww_generate_put_steps(struct ww_buf *b, const struct ww_generate *g);

/* Where the policy goes on its host: "DIR/.well-known/mta-sts.txt"; and the folder alone. */
void ww_generate_put_root(struct ww_buf *b, const struct ww_generate *g);

#define WW_GENERATE_FORMATS "all, policy, zone, nginx, caddy, apache, steps or json"

/* False: there is no such format. */
bool ww_generate_is_format(const char *format);
/* Prints one of them; NULL is "all". Returns an exit status. */
int ww_generate_print(const struct ww_generate *g, const struct ww_generated *made, const char *format);
/* Writes the files into a folder, which is made if need be. Returns an exit status. */
int ww_generate_write(const struct ww_generate *g, const struct ww_generated *made, const char *folder);

#endif
