/* The commands of `waxwing results`: one file each; and what they share. */
#ifndef WW_CLI_RESULTS_H
#define WW_CLI_RESULTS_H

#include "core/tls_result.h"

/* Each gets its own name in argv[0] and returns an exit code. */
int ww_cli_results_follow(int argc, char **argv);
int ww_cli_results_listen(int argc, char **argv);
int ww_cli_results_read(int argc, char **argv);

/* From then on SIGTERM and SIGINT only make ww_results_told_to_end true, and end a wait. */
void ww_results_heed_signals(void);
bool ww_results_told_to_end(void);

/* One event on standard output, as a line of the protocol or as JSON. */
void ww_results_print_line(const struct ww_tls_result *event);
void ww_results_print_json(const struct ww_tls_result *event);

/* The same as it comes, for the reader of a terminal. */
void ww_results_print_words(const struct ww_tls_result *event);

#endif
