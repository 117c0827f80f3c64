/* The parts of `waxwing lint`. Each returns an exit code. */
#ifndef WW_CLI_LINT_H
#define WW_CLI_LINT_H

#include "core/lint.h"

struct ww_lint_options {
    bool json;
    bool san; /* of `lint mx` */
};

/* The path is NULL for standard input. */
int ww_cli_lint_record(const struct ww_lint_options *options, const char *path);
int ww_cli_lint_tlsrpt_record(const struct ww_lint_options *options, const char *path);
int ww_cli_lint_policy(const struct ww_lint_options *options, const char *path);
int ww_cli_lint_report(const struct ww_lint_options *options, const char *path);
int ww_cli_lint_mx(const struct ww_lint_options *options, const char *pattern, const char *host);

/* The exit code of a verdict. */
int ww_lint_exit(enum ww_verdict verdict);

/* Writes a line of JSON and frees it; NULL: memory is out. Returns `status`, or the exit code of the failure.
 */
int ww_lint_print_json(char *json, int status);

/* Writes the verdict, without a line end. */
void ww_lint_print_verdict(enum ww_verdict verdict);

/* Writes how bad a finding is, without a line end. */
void ww_lint_print_severity(enum ww_severity severity);

/*
 * Writes one finding as a line, and on a terminal where it is in the input. `where` names the input, or is
 * NULL when there is only one.
 */
void ww_lint_print_finding(const struct ww_finding *finding, struct ww_slice input, const char *where);

/* Writes all of them, and how many were left out. */
void ww_lint_print_findings(const struct ww_findings *findings, struct ww_slice input);

#endif
