/*
 * The parts of `waxwing doctor`. Its checks come in groups. Each group runs in a process of its own, all at
 * the same time, and is ended at its deadline: nothing that a check runs into, be it a file system or a
 * server, holds up the others.
 */
#ifndef WW_CLI_DOCTOR_H
#define WW_CLI_DOCTOR_H

#include "daemon/config.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define WW_CHECK(name, id, source) WW_CHECK_##name,
enum ww_check {
#include "cli/doctor_checks.h"
    WW_CHECK_COUNT
};
#undef WW_CHECK

/* From the best to the worst. */
enum ww_finding {
    WW_FINDING_OK,
    WW_FINDING_SKIP, /* could not be looked at, or does not concern this machine */
    WW_FINDING_WARN, /* works, but not as well as it could, or not for long */
    WW_FINDING_FAIL,
    WW_FINDING_COUNT,
};

/* "ok", "skip", "warn" or "fail". */
const char *ww_finding_name(enum ww_finding finding);
const char *ww_check_id(enum ww_check check);

/* What the checks know. All is borrowed as long as they run. */
struct ww_doctor {
    const struct ww_config *config; /* NULL: it cannot be read, see config_fault */
    const char *config_name;        /* its file */
    const char *config_fault;       /* lines, or NULL */
    const char *const *domains;     /* whom to talk to; NULL-terminated, canonical */
    bool domain_given;              /* the operator has named it */
    int out;                        /* where the findings go */
    json_t *pending;                /* the one that may still get advice, or NULL */
};

/*
 * Tells what a check has found; subject says which of several things it was (a listener, a domain), or is
 * NULL. What comes from outside may be in it: printing makes it harmless.
 */
void ww_doctor_tell(struct ww_doctor *d, enum ww_check check, enum ww_finding finding, const char *subject,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Adds a sentence on what to do to what was told last; or a command to that end, which can be pasted. */
void ww_doctor_advise(struct ww_doctor *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ww_doctor_command(struct ww_doctor *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Nothing more comes. */
void ww_doctor_told(struct ww_doctor *d);

/* A group of checks. */
struct ww_doctor_group {
    const char *name; /* what it looks at, in words */
    void (*run)(struct ww_doctor *d);
    unsigned deadline_s;
};

extern const struct ww_doctor_group ww_doctor_groups[];
extern const size_t ww_doctor_group_count;

void ww_doctor_config(struct ww_doctor *d);
void ww_doctor_daemon(struct ww_doctor *d);
void ww_doctor_postfix(struct ww_doctor *d);
void ww_doctor_dns(struct ww_doctor *d);
void ww_doctor_https(struct ww_doctor *d);
void ww_doctor_smtp(struct ww_doctor *d);
void ww_doctor_clock(struct ww_doctor *d);
void ww_doctor_store(struct ww_doctor *d);
void ww_doctor_reports(struct ww_doctor *d);
void ww_doctor_intake(struct ww_doctor *d);
void ww_doctor_system(struct ww_doctor *d);

/*
 * Runs all groups, or without a configuration the first alone, with progress on standard error if that is a
 * terminal. Each finding is handed to cb, in the order of the groups, as soon as those before are through.
 * False: memory or processes are short.
 */
typedef void ww_doctor_finding_cb(void *ctx, json_t *finding);
bool ww_doctor_run(struct ww_doctor *d, ww_doctor_finding_cb *cb, void *ctx);

/* Writes a finding for people to standard output. */
void ww_doctor_print(const json_t *finding);

#endif
