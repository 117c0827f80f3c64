/* Making a tree (tree.h) of what `waxwing explain` tells. What is missing in the JSON counts as empty. */
#ifndef WW_CLI_EXPLAIN_TREE_H
#define WW_CLI_EXPLAIN_TREE_H

#include "cli/explain.h"

/* A string, "" when there is none; whether it is this one; a number, 0 when there is none. */
const char *ww_tree_text(const json_t *json, const char *key);
bool ww_tree_is(const json_t *json, const char *key, const char *value);
json_int_t ww_tree_number(const json_t *json, const char *key);

json_t *ww_tree_node(const char *head, const char *section);
/* These take over what they add. */
void ww_tree_note(json_t *node, const char *state, json_t *note);
void ww_tree_line(json_t *node, json_t *line);
void ww_tree_child(json_t *node, json_t *child);

/* "2026-11-29T08:00:00Z (in 5 min)"; and a line of that behind words, unless there is no time. */
json_t *ww_tree_time(const json_t *report, const char *time);
void ww_tree_line_time(json_t *node, const json_t *report, const char *words, const char *time);

/* Adds what "error" and "detail" say, with the section of the rule that was broken. */
void ww_tree_problem(json_t *node, const json_t *holder);

/*
 * The state of a node about a DNS answer; and its note: "2 records, secure, TTL 300", or with the only value
 * that there is (else NULL) in place of the number.
 */
const char *ww_tree_dnssec_state(const json_t *answer);
void ww_tree_answer(json_t *node, const json_t *answer, const char *one, const char *many, const char *value);

/* The branches of the two mechanisms. */
json_t *ww_tree_mta_sts(const json_t *report);
json_t *ww_tree_mx(const json_t *report);

#endif
