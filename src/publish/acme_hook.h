/*
 * The program's other self: uacme calls it for each challenge, as `PROGRAM begin|done|failed TYPE HOST TOKEN
 * AUTHORIZATION`. It answers the kind of challenge that was asked for, and declines others.
 */
#ifndef WW_PUBLISH_ACME_HOOK_H
#define WW_PUBLISH_ACME_HOOK_H

/* What it is told by the environment: where challenges lie, of which type they are to be and for which host.
 */
#define WW_ACME_HOOK_FOLDER "WAXWING_ACME_CHALLENGES"
#define WW_ACME_HOOK_TYPE "WAXWING_ACME_TYPE"
#define WW_ACME_HOOK_HOST "WAXWING_ACME_HOST"

/* The exit status of the program when it was called for that; -1: it was not. Called first of all by a main
 * that may be it. Says on standard error what went wrong. */
int ww_acme_hook(int argc, char **argv);

#endif
