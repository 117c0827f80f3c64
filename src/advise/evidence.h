/*
 * What is known of a domain whose policy is to be judged: how it was published over time, what an inspection
 * found, and what others have reported. Plain data that the caller has gathered; all of it is borrowed. Texts
 * of reports are strangers' words. Days are those of ww_day_of, times Unix seconds.
 */
#ifndef WW_ADVISE_EVIDENCE_H
#define WW_ADVISE_EVIDENCE_H

#include "core/policy.h"
#include "core/sts_record.h"

#include <stdint.h>

/* Looked back on so many days, at least so that the rules of advise.h have what they need. */
#define WW_EVIDENCE_DAYS_MIN 14
#define WW_EVIDENCE_DAYS_USUAL 30
#define WW_EVIDENCE_DAYS_MAX 366

#define WW_EVIDENCE_SENDERS_MAX 200
#define WW_EVIDENCE_USES_MAX 100
#define WW_EVIDENCE_CAUSES_MAX 200

/* A version of the policy: an id with a body. */
struct ww_evidence_version {
    char id[WW_STS_ID_MAX + 1];
    enum ww_policy_mode mode;
    bool has_policy; /* else its body was too long to be kept */
    struct ww_policy policy;
    int64_t first_seen, last_seen;
};

/* What a fault does to mail where enforce is on. */
enum ww_fault_kind {
    WW_FAULT_REFUSES, /* senders deliver no mail to that host, or to the domain */
    WW_FAULT_DANE,    /* the same, whatever the mode */
    WW_FAULT_POLICY,  /* senders cannot get the policy, or not the one that is meant */
    WW_FAULT_REPORTS, /* reports go astray */
    WW_FAULT_OTHER,
};

/* A finding of the inspector. */
struct ww_evidence_fault {
    enum ww_fault_kind kind;
    bool bad;          /* an error where enforce is on */
    const char *check; /* its id */
    const char *where; /* "mx1.example.com [192.0.2.1]" */
    const char *seen;  /* a sentence without a full stop */
    int64_t since;     /* 0: not known */
};

/* The last inspection. */
struct ww_evidence_look {
    bool looked;  /* else there was none, and the rest says nothing */
    bool watched; /* it is of the watch; else of whoever asks */
    int64_t at;
    const char *outlook; /* ww_outlook_name: "held", "testing" ... */
    const char *mode;    /* of the policy; "": none that is valid */
    const char *mx;      /* names of the MX hosts with a space between them; "": not known */
    const struct ww_evidence_fault *faults;
    size_t count;
};

/* What verified reports say of one day. */
struct ww_evidence_day {
    int64_t day;
    unsigned senders;
    int64_t success, failure; /* sessions, as everywhere */
};

struct ww_evidence_sender {
    const char *name;
    int64_t first_day, last_day;
    unsigned days; /* with reports */
    unsigned reports;
    int64_t success, failure;
};

/* A policy that senders say they used, in verified reports. */
struct ww_evidence_use {
    const char *type;         /* "sts", "tlsa", "no-policy-found", or what else a sender made up */
    struct ww_slice strings;  /* one a line */
    struct ww_slice mx_hosts; /* the same */
    int64_t first_day, last_day;
    unsigned senders;
    int64_t success, failure;
};

/* Failures of one kind at one host under one policy, in verified reports. */
struct ww_evidence_cause {
    size_t use;         /* in uses */
    const char *result; /* "": its senders do not say */
    const char *mx;     /* "": the same */
    const char *sender; /* one of them */
    unsigned senders;
    int64_t sessions;
    int64_t recent; /* of them in the last WW_ADVISE_QUIET_DAYS */
    int64_t first_day, last_day;
};

struct ww_evidence {
    const char *domain;
    int64_t now;
    unsigned days;                              /* looked back */
    const struct ww_evidence_version *versions; /* newest first */
    size_t version_count;
    struct ww_evidence_look look;
    const struct ww_evidence_day *day_list; /* those with reports, oldest first */
    size_t day_count;
    const struct ww_evidence_sender *senders;
    size_t sender_count; /* at most WW_EVIDENCE_SENDERS_MAX, as of the next ones theirs */
    const struct ww_evidence_use *uses;
    size_t use_count;
    const struct ww_evidence_cause *causes;
    size_t cause_count;
    uint64_t unverified; /* reports that do not count, as nobody knows who wrote them */
};

#endif
