/* The commands of `waxwing preload`: one file each; and what they share. */
#ifndef WW_CLI_PRELOAD_H
#define WW_CLI_PRELOAD_H

#include "cli/input.h"
#include "core/preload.h"
#include "daemon/config.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Each gets its own name in argv[0] and returns an exit code. */
int ww_cli_preload_make(int argc, char **argv);
int ww_cli_preload_show(int argc, char **argv);
int ww_cli_preload_update(int argc, char **argv);
int ww_cli_preload_verify(int argc, char **argv);

/* A list of a file, and the bytes that were read. */
struct ww_preload_text {
    struct ww_input text;
    uint8_t *image;
    struct ww_preload list;
};

/*
 * Reads and compiles a file. When it cannot be read that has been said, and the exit code is returned. *err
 * is what is wrong with its text (WW_OK: out->list is there), and why tells the place. To be freed in any
 * case.
 */
int ww_preload_text_read(const char *path, struct ww_preload_text *out, enum ww_err *err, char *why);
void ww_preload_text_free(struct ww_preload_text *text);

/* Author, times and number of domains, for people; and as an object: {"author", "timestamp", "expires",
 * "expired", "domains"}. */
void ww_preload_print_head(FILE *to, const struct ww_preload *list, int64_t now);
json_t *ww_preload_head_json(const struct ww_preload *list, int64_t now);

/* What make takes a domain by. */
struct ww_preload_rules {
    const struct ww_config *config;
    uint32_t min_max_age; /* seconds */
};

/* What a look at a domain has come to. */
struct ww_preload_finding {
    char *domain; /* canonical; or as it was written, when it is no domain */
    bool taken;   /* the next two are of that */
    char *mx;     /* the patterns, an octet of length before each */
    size_t mx_n;  /* its octets */
    size_t mx_count;
    bool temporary; /* it may be another at another time */
    bool withdrawn; /* its policy, fetched now, says that it belongs on no list */
    bool lost;      /* neither taken nor withdrawn, and the list that is to be replaced names it */
    char *why;      /* why it was left out */
};

struct ww_preload_findings {
    struct ww_preload_finding *found;
    size_t count;
    size_t cap;
};

/* Adds a domain, copied, with a reason to leave it out (copied; NULL: none yet). False: memory is out. */
bool ww_preload_findings_add(struct ww_preload_findings *all, const char *domain, const char *why);
void ww_preload_findings_free(struct ww_preload_findings *all);

/*
 * Takes the names of a text: one a line, white space around it and what follows a `#` left out. What is no
 * domain name is added with the reason. Sorts all, and drops what is there twice. False: memory is out.
 */
bool ww_preload_names_take(struct ww_preload_findings *all, struct ww_slice text);
void ww_preload_names_sort(struct ww_preload_findings *all);

/*
 * Looks at record, policy and MX records of each domain that no reason leaves out yet, in processes of their
 * own, which give up their rights; shows how far it is. What cannot be found out is a finding, too. False:
 * nothing could be looked at, which was said.
 */
bool ww_preload_survey(struct ww_preload_findings *all, const struct ww_preload_rules *rules);

/* Adds the names that a list has. False: memory is out. */
bool ww_preload_names_take_list(struct ww_preload_findings *all, const struct ww_preload *list);

/* What make writes. */
struct ww_preload_order {
    const char *output; /* path; its signature stands beside it, with ".asc" behind */
    const char *key;    /* that signs, or NULL */
    const char *author; /* or NULL */
    int64_t now;
    int64_t expires;
};

/* What has become of all. */
struct ww_preload_sum {
    size_t taken;
    size_t temporary;
    size_t lost;
    bool written;
};

/* Tells people of those that were left out, and programs of all. False: memory is out. */
bool ww_preload_tell_domains(const struct ww_preload_findings *all, bool json);

/* Tells of the list as a whole. */
void ww_preload_tell_list(const struct ww_preload_order *order, const struct ww_preload_sum *sum,
                          size_t left_out, bool json);

/* Writes the list of all that were taken, sorted. Anything but WW_EXIT_OK was said. */
int ww_preload_publish(const struct ww_preload_findings *all, const struct ww_preload_order *order);

#endif
