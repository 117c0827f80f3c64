/* What the commands of `waxwing publish` share. */
#ifndef WW_CLI_PUBLISH_H
#define WW_CLI_PUBLISH_H

#include "cli/control.h"
#include "cli/generate.h"
#include "cli/tree.h"
#include "core/dname.h"
#include "core/published.h"

#include <stdint.h>

/* Which options a command takes besides those of all that talk to the daemon. */
enum {
    WW_PUBLISH_TAKES_MX = 1 << 0,       /* --mx, --accept-mx */
    WW_PUBLISH_TAKES_SETTINGS = 1 << 1, /* --rua, --max-age, --automatic, --host, --dns, --certificate */
    WW_PUBLISH_TAKES_HOSTS = 1 << 2,    /* --add, --drop, --set, --accept */
    WW_PUBLISH_TAKES_FORCE = 1 << 3,
    WW_PUBLISH_TAKES_WAIT = 1 << 4,  /* --wait, --no-wait */
    WW_PUBLISH_TAKES_SHOWN = 1 << 5, /* --log, --policy */
    WW_PUBLISH_TAKES_ATTENTION = 1 << 6,
};

struct ww_publish_options {
    struct ww_control_options control;
    json_t *wanted;   /* what publish-add and publish-change are to be told, besides the domain; owned */
    bool accept;      /* the MX hosts that are seen become those of the policy */
    bool log;         /* what was done is shown, too */
    bool policy;      /* the policy is shown, and nothing else */
    bool attention;   /* only domains that wait for the operator, or have trouble */
    bool says_wait;   /* wait_ms was given */
    uint64_t wait_ms; /* for the next look; 0: not at all */
    struct ww_generate
        *checked; /* what reads patterns and URIs, and has the words for what is wrong; owned */
};

/* What a command says of itself; static. */
struct ww_publish_command {
    const char *name; /* "publish add" */
    unsigned takes;
    const char *usage;
    const char *help; /* about, before the options that are not its own */
};

/* -1: go on, with the arguments from optind on; else the exit status. To be freed in any case. */
int ww_publish_options_read(int argc, char **argv, const struct ww_publish_command *command,
                            struct ww_publish_options *out);
void ww_publish_options_free(struct ww_publish_options *o);

/* The canonical name of an argument. False: it is none, which was said. */
bool ww_publish_domain(const struct ww_publish_options *o, const char *text, char domain[WW_DNAME_SIZE]);

/* An address for reports is added to those of "rua". NULL, or what is wrong with it (in o->checked). */
const char *ww_publish_take_rua(struct ww_publish_options *o, const char *text);
/* A pattern is added to a list of o->wanted. The same. */
const char *ww_publish_take_mx(struct ww_publish_options *o, const char *key, const char *text);
/* "here", "tree", "elsewhere" or "mirror=DOMAIN". NULL, or what is wrong. */
const char *ww_publish_take_host(struct ww_publish_options *o, const char *text);

/* The configuration, unless the daemon was named by its socket (NULL then); its user frees it.
 * WW_EXIT_CONFIG: it publishes nothing, and what to do was said. */
int ww_publish_ready(const struct ww_publish_options *o, struct ww_config **config);

/* Who serves a policy where nobody says; config may be NULL, here and below: it is not known. */
const char *ww_publish_usual_host(const struct ww_config *config);
/* Sets host, dns and certificate where they are not set, as waxwingd is set up. */
void ww_publish_fill(const struct ww_config *config, json_t *wanted);
/* Why waxwingd cannot do what is wanted, and what to set; NULL: it can. */
const char *ww_publish_lack(const struct ww_config *config, const json_t *wanted);

/* All that the daemon knows of a domain, as publish-show tells it: a new reference, NULL unless WW_EXIT_OK.
 */
int ww_publish_fetch(const struct ww_publish_options *o, const char *domain, json_t **shown);

/* Asks for a change of one domain; the fields (borrowed; NULL: none) go with it. */
int ww_publish_ask(const struct ww_publish_options *o, const char *command, const char *domain,
                   const json_t *fields);

/* It was looked at since the last change, and since somebody asked for that. */
bool ww_publish_is_answered(const json_t *shown);

/*
 * Waits until it was looked at for all that has been asked of it, and nothing is due at once, for so long at
 * the most; says on a terminal that it does, and with tell each step on standard
 * output. *shown: what is known then; a new reference. WW_EXIT_TEMPORARY: it was not looked at in time, or
 * the user has had enough (*shown may be there all the same); that was not said.
 */
int ww_publish_follow(const struct ww_publish_options *o, const char *domain, uint64_t wait_ms, bool tell,
                      json_t **shown);

/* A time of an object; 0: there is none. */
int64_t ww_publish_time(const json_t *json, const char *key);

/* "in 2 d 21 h, 2026-12-03 10:00 UTC"; "-" for 0. */
#define WW_PUBLISH_WHEN_SIZE 64
void ww_publish_when(int64_t at, int64_t now, char out[WW_PUBLISH_WHEN_SIZE]);

/* "30 d", of seconds. */
#define WW_PUBLISH_SPAN_SIZE 32
void ww_publish_span(int64_t seconds, char out[WW_PUBLISH_SPAN_SIZE]);

/* The policy of ours that is served now; NULL: none. Borrowed. */
const json_t *ww_publish_current(const json_t *shown);
/* That of somebody else which is seen instead; NULL: none. Borrowed. */
const json_t *ww_publish_shown_foreign(const json_t *shown);
/* Of a policy, or a refusal. */
bool ww_publish_is_foreign(const json_t *served);

/* The lines of a text, each set in so far and ended so. */
void ww_publish_print_lines(FILE *to, const char *text, unsigned indent, const char *end);
/* The policy that is served now, or is to be: the same. False: there is none. */
bool ww_publish_print_policy(FILE *to, const json_t *shown, unsigned indent, const char *end);

/* The steps of a domain, and where it stands; what was set; what was done. */
void ww_publish_print_status(FILE *to, const json_t *shown, const struct ww_tree_style *style, int64_t now);
/* Only what is waited for, what went wrong, and what to do next. */
void ww_publish_print_now(FILE *to, const json_t *shown, const struct ww_tree_style *style, int64_t now);
void ww_publish_print_settings(FILE *to, const json_t *shown, const struct ww_tree_style *style);
void ww_publish_print_log(FILE *to, const json_t *shown, const struct ww_tree_style *style);
/* Its hosts, the policies that senders may have, and who would refuse whom. */
void ww_publish_print_hosts(FILE *to, const json_t *shown, const struct ww_tree_style *style, int64_t now);

/* The goal of a domain that begins: one that is automatic goes on to enforce by itself. */
const char *ww_publish_first_goal(const json_t *shown);

/* What to do next, as a command or a sentence. */
#define WW_PUBLISH_NEXT_SIZE 1024
void ww_publish_next(const json_t *shown, char out[WW_PUBLISH_NEXT_SIZE]);

/*
 * What would be published of a domain with the MX hosts that were seen: an object {mx, policy, records,
 * breaks:
 * [{host, why}], hosts}; a new reference. NULL: it cannot be made, and why (static) says why not.
 */
json_t *ww_publish_propose(const json_t *shown, int64_t now, const char **why);
void ww_publish_print_proposal(FILE *to, const json_t *shown, const json_t *proposal,
                               const struct ww_tree_style *style);

/* The patterns that were proposed become those of the domain, if it was not changed since. */
int ww_publish_accept(const struct ww_publish_options *o, const json_t *shown, const json_t *proposal);

enum ww_publish_answer { WW_PUBLISH_NO, WW_PUBLISH_YES, WW_PUBLISH_SAY }; /* SAY: Enter is no answer */

/* Asks on the terminal, or whatever standard input is. False: there is no answer. */
bool ww_publish_ask_yes(const char *question, enum ww_publish_answer by_default, bool *yes);
/* The answer, or by_default where it is empty; "": an empty one is none. */
bool ww_publish_ask_text(const char *question, const char *by_default, char *out, size_t size);

/* Each gets its own name in argv[0] and returns an exit code. */
int ww_cli_publish_add(int argc, char **argv);
int ww_cli_publish_demote(int argc, char **argv);
int ww_cli_publish_list(int argc, char **argv);
int ww_cli_publish_look(int argc, char **argv);
int ww_cli_publish_mx(int argc, char **argv);
int ww_cli_publish_promote(int argc, char **argv);
int ww_cli_publish_remove(int argc, char **argv);
int ww_cli_publish_resume(int argc, char **argv);
int ww_cli_publish_retire(int argc, char **argv);
int ww_cli_publish_set(int argc, char **argv);
int ww_cli_publish_show(int argc, char **argv);
int ww_cli_publish_start(int argc, char **argv);
int ww_cli_publish_status(int argc, char **argv);
int ww_cli_publish_stop(int argc, char **argv);
int ww_cli_publish_tlsa(int argc, char **argv);
int ww_cli_publish_wizard(int argc, char **argv);
int ww_cli_publish_zone(int argc, char **argv);

#endif
